//: run {file} {host} {port} {timeout} {message}
//! The standard library alone.
use std::env;
use std::io::Error;
use std::net::{SocketAddr, UdpSocket};
use std::process::ExitCode;
use std::time::{Duration, Instant};

fn echo(arguments: &[String]) -> Result<Vec<u8>, Error> {
    let [_, host, port, timeout, message] = arguments else {
        return Err(Error::other("HOST PORT SECONDS MESSAGE"));
    };
    let server: SocketAddr = format!("{host}:{port}").parse().map_err(Error::other)?;
    let wait = Duration::from_secs_f64(timeout.parse().map_err(Error::other)?);
    let socket = UdpSocket::bind("0.0.0.0:0")?;
    socket.send_to(message.as_bytes(), server)?;
    let deadline = Instant::now() + wait;
    let mut buffer = vec![0; 65_536];
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        socket.set_read_timeout(Some(left.max(Duration::from_millis(1))))?;
        let (length, sender) = socket.recv_from(&mut buffer)?;
        if sender == server {
            buffer.truncate(length);
            return Ok(buffer);
        }
    }
}

fn main() -> ExitCode {
    match echo(&env::args().collect::<Vec<_>>()) {
        Ok(echo) => {
            println!("Received: {}", String::from_utf8_lossy(&echo));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("no echo: {error}");
            ExitCode::FAILURE
        }
    }
}
