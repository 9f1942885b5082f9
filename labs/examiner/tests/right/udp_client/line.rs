//: run {file} {host}:{port}
//! A line that is typed is sent with its line end.

use std::io::{self, Write};
use std::net::{SocketAddr, UdpSocket};
use std::process::ExitCode;
use std::time::{Duration, Instant};
use std::{env, error};

fn ask(server: SocketAddr) -> Result<(), Box<dyn error::Error>> {
    let mut sentence = String::new();
    print!("> ");
    io::stdout().flush()?;
    io::stdin().read_line(&mut sentence)?;
    let socket = UdpSocket::bind("0.0.0.0:0")?;
    socket.send_to(sentence.as_bytes(), server)?;
    let deadline = Instant::now() + Duration::from_secs(2);
    let mut buffer = vec![0; 65_536];
    loop {
        let left = deadline.checked_duration_since(Instant::now()).filter(|left| !left.is_zero());
        socket.set_read_timeout(Some(left.ok_or("no answer")?))?;
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
