//: run {file} {port}
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::ExitCode;

fn reply(mut client: TcpStream) -> io::Result<()> {
    let mut buffer = [0; 1024];
    let length = client.read(&mut buffer)?;
    client.write_all(&[b"OK...", &buffer[..length]].concat())
}

fn main() -> ExitCode {
    let port = std::env::args().nth(1).and_then(|port| port.parse().ok()).unwrap_or(8888);
    let server = match TcpListener::bind(("127.0.0.1", port)) {
        Ok(server) => server,
        Err(error) => {
            eprintln!("port {port}: {error}");
            return ExitCode::FAILURE;
        }
    };
    for client in server.incoming() {
        if let Err(error) = client.and_then(reply) {
            eprintln!("client: {error}");
        }
    }
    ExitCode::SUCCESS
}
