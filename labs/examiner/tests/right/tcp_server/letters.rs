//: run {file} {host} {port}
//! Letters of every language in capitals, and the bytes that are no letters as they are.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::{env, process};

fn capitals(mut bytes: &[u8]) -> Vec<u8> {
    let mut answer = Vec::new();
    while let Some(chunk) = bytes.utf8_chunks().next() {
        answer.extend(chunk.valid().to_uppercase().bytes());
        answer.extend(chunk.invalid());
        bytes = &bytes[chunk.valid().len() + chunk.invalid().len()..];
    }
    answer
}

fn serve((mut client, peer): (TcpStream, SocketAddr)) -> io::Result<()> {
    println!("{peer}");
    let mut buffer = [0; 10_000];
    let length = client.read(&mut buffer)?;
    client.write_all(&capitals(&buffer[..length]))
}

fn main() {
    let words: Vec<String> = env::args().collect();
    let listener = TcpListener::bind(words[1..].join(":")).unwrap_or_else(|error| {
        eprintln!("cannot listen: {error}");
        process::exit(1);
    });
    loop {
        if let Err(error) = listener.accept().and_then(serve) {
            eprintln!("{error}");
        }
    }
}
