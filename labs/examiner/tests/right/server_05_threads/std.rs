//: run {file} {port}
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::ExitCode;
use std::thread;

fn talk(mut client: TcpStream) -> io::Result<()> {
    client.write_all(b"Welcome to the server. Type something and hit enter\n")?;
    let mut buffer = [0; 1024];
    loop {
        let length = client.read(&mut buffer)?;
        if length == 0 {
            return Ok(());
        }
        client.write_all(&[b"OK...", &buffer[..length]].concat())?;
    }
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
    for client in server.incoming().flatten() {
        thread::spawn(|| {
            if let Err(error) = talk(client) {
                eprintln!("client: {error}");
            }
        });
    }
    ExitCode::SUCCESS
}
