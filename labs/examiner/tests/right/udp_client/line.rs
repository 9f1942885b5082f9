//: run {file} {host}:{port}
//! A line that is typed is sent with its line end.

use std::io::{self, Write};
use std::net::{SocketAddr, UdpSocket};
use std::process::ExitCode;
use std::time::Duration;
use std::{env, error};

fn ask(server: SocketAddr) -> Result<(), Box<dyn error::Error>> {
    let mut sentence = String::new();
    print!("> ");
    io::stdout().flush()?;
    io::stdin().read_line(&mut sentence)?;
    let socket = UdpSocket::bind("0.0.0.0:0")?;
    socket.set_read_timeout(Some(Duration::from_secs(2)))?;
    socket.send_to(sentence.as_bytes(), server)?;
    let mut buffer = vec![0; 65_536];
    loop {
        let (length, from) = socket.recv_from(&mut buffer)?;
        if from == server {
            println!("{from}\n{}", String::from_utf8_lossy(&buffer[..length]));
            return Ok(());
        }
    }
}

fn main() -> ExitCode {
    let server = env::args().nth(1).and_then(|server| server.parse().ok());
    match server.ok_or("no server".into()).and_then(ask) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("it did not work: {error}");
            ExitCode::FAILURE
        }
    }
}
