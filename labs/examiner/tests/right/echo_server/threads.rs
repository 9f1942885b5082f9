//! A thread for each client, with the standard library alone. The port of the lab is in the program.
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

fn echo(mut client: TcpStream) -> io::Result<()> {
    let mut buffer = [0; 512];
    loop {
        match client.read(&mut buffer)? {
            0 => return Ok(()),
            length => client.write_all(&buffer[..length])?,
        }
    }
}

fn main() -> io::Result<()> {
    let listener = TcpListener::bind("0.0.0.0:65432")?;
    for client in listener.incoming().flatten() {
        thread::spawn(move || {
            if let Err(error) = echo(client) {
                eprintln!("{error}");
            }
        });
    }
    Ok(())
}
