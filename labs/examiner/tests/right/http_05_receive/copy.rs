//: run {file} {host} {port}
// Lets the library read to the end.
use std::io::{Write, copy, stdout};
use std::net::TcpStream;
use std::time::Duration;

fn get(host: &str, port: &str) -> std::io::Result<u64> {
    let mut stream = TcpStream::connect(format!("{host}:{port}"))?;
    stream.set_read_timeout(Some(Duration::from_secs(1)))?;
    write!(stream, "GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")?;
    copy(&mut stream, &mut stdout())
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match get(&arguments[1], &arguments[2]) {
        Ok(length) => eprintln!("{length} bytes"),
        Err(error) => {
            eprintln!("{}: {error}", arguments[1]);
            std::process::exit(1);
        }
    }
}
