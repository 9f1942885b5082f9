//! The standard library: one thread for the keyboard, one for the socket.
//: run {file} {options} --host {host} --port {port} -w {timeout}

use std::io::{self, BufRead, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream, ToSocketAddrs, UdpSocket};
use std::process::exit;
use std::thread;
use std::time::Duration;

fn main() {
    let (mut listening, mut udp, mut crlf) = (false, false, false);
    let (mut host, mut port, mut wait) = ("127.0.0.1".to_string(), 8888, 5.0);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "-l" => listening = true,
            "-u" => udp = true,
            "-C" => crlf = true,
            "--host" => host = arguments.next().unwrap(),
            "--port" => port = arguments.next().unwrap().parse().unwrap(),
            _ => wait = arguments.next().unwrap().parse().unwrap(),
        }
    }
    let done = match (udp, listening) {
        (true, listening) => datagrams(&host, port, listening),
        (false, true) => listen(&host, port).and_then(|stream| talk(stream, crlf)),
        (false, false) => connect(&host, port, wait).and_then(|stream| talk(stream, crlf)),
    };
    if let Err(error) = done {
        eprintln!("netcat: {error}");
        exit(1);
    }
    exit(0); // although a thread may still read
}

fn listen(host: &str, port: u16) -> io::Result<TcpStream> {
    Ok(TcpListener::bind((host, port))?.accept()?.0)
}

fn connect(host: &str, port: u16, wait: f64) -> io::Result<TcpStream> {
    let mut failed = io::Error::other("no address");
    for address in (host, port).to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, Duration::from_secs_f64(wait)) {
            Ok(stream) => return Ok(stream),
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

fn talk(mut stream: TcpStream, crlf: bool) -> io::Result<()> {
    let mut sending = stream.try_clone()?;
    thread::spawn(move || {
        let mut buffer = [0; 8192];
        while let Ok(length @ 1..) = io::stdin().read(&mut buffer) {
            let mut data = Vec::new();
            for &byte in &buffer[..length] {
                if crlf && byte == b'\n' {
                    data.push(b'\r');
                }
                data.push(byte);
            }
            if sending.write_all(&data).is_err() {
                return;
            }
        }
        let _ = sending.shutdown(Shutdown::Write);
    });
    let mut buffer = [0; 8192];
    loop {
        match stream.read(&mut buffer)? {
            0 => return Ok(()),
            length => show(&buffer[..length])?,
        }
    }
}

fn datagrams(host: &str, port: u16, listening: bool) -> io::Result<()> {
    let mut buffer = vec![0; 65536];
    let socket = UdpSocket::bind(if listening { (host, port) } else { ("0.0.0.0", 0) })?;
    if listening {
        let (_, peer) = socket.peek_from(&mut buffer)?;
        socket.connect(peer)?;
    } else {
        socket.connect((host, port))?;
    }
    let sending = socket.try_clone()?;
    thread::spawn(move || {
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            let _ = sending.send(line.as_bytes()); // the line without its end
        }
    });
    loop {
        let length = socket.recv(&mut buffer)?;
        show(&buffer[..length])?;
    }
}

fn show(data: &[u8]) -> io::Result<()> {
    io::stdout().write_all(data)?;
    io::stdout().flush()
}
