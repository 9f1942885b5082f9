//: run {file} {port}
use std::io::{self, Read, Write};
use std::net::TcpListener;
use std::process::ExitCode;

fn serve(port: u16) -> io::Result<usize> {
    let (mut client, peer) = TcpListener::bind(("127.0.0.1", port))?.accept()?; // sets SO_REUSEADDR
    println!("connected: {peer}");
    let mut buffer = [0; 4096];
    let length = client.read(&mut buffer)?;
    client.write_all(&buffer[..length])?;
    Ok(length)
}

fn main() -> ExitCode {
    let port = std::env::args().nth(1).and_then(|port| port.parse().ok()).unwrap_or(8888);
    match serve(port) {
        Ok(length) => println!("{length} bytes"),
        Err(error) => {
            eprintln!("port {port}: {error}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
