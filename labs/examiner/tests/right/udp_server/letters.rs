//: run {file} {port}
//! Letters of every language in capitals, and the bytes that are no letters as they are.

use std::net::UdpSocket;
use std::{env, process};

fn capitals(mut bytes: &[u8]) -> Vec<u8> {
    let mut answer = Vec::new();
    while !bytes.is_empty() {
        let chunk = bytes.utf8_chunks().next().unwrap();
        answer.extend(chunk.valid().to_uppercase().bytes());
        answer.extend(chunk.invalid());
        bytes = &bytes[chunk.valid().len() + chunk.invalid().len()..];
    }
    answer
}

fn main() {
    let port: u16 = env::args().nth(1).and_then(|port| port.parse().ok()).unwrap_or(12000);
    let socket = UdpSocket::bind(("127.0.0.1", port)).unwrap_or_else(|error| {
        eprintln!("port {port}: {error}");
        process::exit(1);
    });
    let mut buffer = vec![0; 65536];
    loop {
        match socket.recv_from(&mut buffer) {
            Ok((length, client)) => {
                println!("{client}");
                if let Err(error) = socket.send_to(&capitals(&buffer[..length]), client) {
                    eprintln!("{client}: {error}");
                }
            }
            Err(error) => eprintln!("{error}"),
        }
    }
}
