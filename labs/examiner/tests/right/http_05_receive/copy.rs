//: run {file} {host} {port}
// Lets the library read to the end, in a thread for which it does not wait longer than 3 seconds.
use std::io::{Write, copy, stdout};
use std::net::TcpStream;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

fn get(host: &str, port: &str) -> std::io::Result<u64> {
    let mut stream = TcpStream::connect(format!("{host}:{port}"))?;
    write!(stream, "GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")?;
    copy(&mut stream, &mut stdout())
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let (host, port) = (arguments[1].clone(), arguments[2].clone());
    let (tell, told) = mpsc::channel();
    thread::spawn(move || tell.send(get(&host, &port)));
    let why = match told.recv_timeout(Duration::from_secs(3)) {
        Ok(Ok(length)) => return eprintln!("{length} bytes"),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "it takes too long".to_string(),
    };
    eprintln!("{}: {why}", arguments[1]);
    std::process::exit(1);
}
