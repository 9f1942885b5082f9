//: run {file} {host} {port}
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

fn connect(host: &str, port: u16) -> std::io::Result<TcpStream> {
    let mut found = (host, port).to_socket_addrs()?;
    let address = found.find(|address| address.is_ipv4()).ok_or(std::io::ErrorKind::NotFound)?;
    TcpStream::connect_timeout(&address, Duration::from_secs(1))
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let port = arguments[2].parse().expect("a port");
    match connect(&arguments[1], port).and_then(|stream| stream.peer_addr()) {
        Ok(peer) => println!("conectado a {peer}"),
        Err(error) => {
            println!("sin conexión: {error}");
            std::process::exit(1);
        }
    }
}
