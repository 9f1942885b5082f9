//: run {file} --port={port}
//! The standard library alone.
use std::net::UdpSocket;
use std::{env, io};

fn main() -> io::Result<()> {
    let port = env::args().nth(1).and_then(|argument| argument.split('=').nth(1)?.parse().ok());
    let socket = UdpSocket::bind(("127.0.0.1", port.unwrap_or(65432)))?;
    let mut buffer = vec![0; 65_507];
    loop {
        match socket.recv_from(&mut buffer) {
            Ok((length, client)) => {
                println!("{client}: {length}");
                if let Err(error) = socket.send_to(&buffer[..length], client) {
                    eprintln!("{client}: {error}");
                }
            }
            Err(error) => eprintln!("{error}"),
        }
    }
}
