//: run {file} --bind 127.0.0.1:{port}

use std::net::UdpSocket;
use std::process::ExitCode;
use std::{env, io};

fn serve(address: &str) -> io::Result<()> {
    let socket = UdpSocket::bind(address)?;
    let mut buffer = [0; 65_507];
    let (length, client) = socket.recv_from(&mut buffer)?;
    socket.send_to(b"Message received.", client)?;
    println!("{client}: {}", buffer[..length].escape_ascii());
    Ok(())
}

fn main() -> ExitCode {
    let address = env::args().nth(2).unwrap_or_else(|| "127.0.0.1:12000".into());
    match serve(&address) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{address}: {error}");
            ExitCode::FAILURE
        }
    }
}
