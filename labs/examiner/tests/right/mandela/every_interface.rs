//! Bound to every interface. It sends from a socket of its own, so the source port is not the one
//! that it listens on.
//: run {file} {port} {peer_host} {peer_port} {quote}
use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::time::{Duration, SystemTime};
use std::{env, process, thread};

const LONGEST_QUOTE: usize = 65_507 - 18;

fn main() {
    let arguments: Vec<String> = env::args().collect();
    let port: u16 = arguments[1].parse().expect("a port");
    let peer = format!("{}:{}", arguments[2], arguments[3]).parse().expect("a peer");
    let quote = arguments[4].clone();
    if quote.len() > LONGEST_QUOTE {
        eprintln!("the quote has {} bytes: too many for a datagram", quote.len());
        process::exit(1);
    }
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, port)).unwrap_or_else(|error| {
        eprintln!("cannot listen on port {port}: {error}");
        process::exit(1);
    });
    thread::spawn(move || send_for_ever(peer, port, &quote));
    receive_for_ever(&socket);
}

fn adler32(bytes: &[u8]) -> u32 {
    let (a, b) = bytes.iter().fold((1, 0), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    b << 16 | a
}

fn now() -> i128 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |time| time.as_secs().into())
}

fn send_for_ever(peer: SocketAddr, port: u16, quote: &str) {
    loop {
        if let Err(error) = send(peer, port, quote) {
            eprintln!("cannot send: {error}");
        }
        thread::sleep(Duration::from_secs(2));
    }
}

fn send(peer: SocketAddr, port: u16, quote: &str) -> std::io::Result<()> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
    socket.connect(peer)?;
    let mut rest = (now() as u64).to_be_bytes().to_vec();
    if let IpAddr::V4(address) = socket.local_addr()?.ip() {
        rest.extend(address.octets());
    }
    rest.extend(port.to_be_bytes());
    rest.extend(quote.as_bytes());
    socket.send(&[&adler32(&rest).to_be_bytes()[..], &rest].concat()).map(drop)
}

fn receive_for_ever(socket: &UdpSocket) {
    let mut counts: HashMap<IpAddr, u32> = HashMap::new();
    let mut buffer = [0; 65_507];
    loop {
        let (length, source) = match socket.recv_from(&mut buffer) {
            Ok(arrived) => arrived,
            Err(error) => {
                eprintln!("cannot receive: {error}");
                continue;
            }
        };
        let Some((sent, address, quote)) = take_apart(&buffer[..length]) else {
            eprintln!("a bad datagram from {source}");
            continue;
        };
        let count = counts.entry(source.ip()).or_default();
        *count += 1;
        println!("[{} × {count}, {} s] {quote}", source.ip(), now() - i128::from(sent));
        if source.ip() != address {
            println!("    it calls itself {address}");
        }
    }
}

fn take_apart(bytes: &[u8]) -> Option<(u64, Ipv4Addr, &str)> {
    let (checksum, rest) = bytes.split_first_chunk()?;
    let (sent, behind) = rest.split_first_chunk()?;
    let (address, behind) = behind.split_first_chunk::<4>()?;
    let (_port, quote) = behind.split_first_chunk::<2>()?;
    if u32::from_be_bytes(*checksum) != adler32(rest) {
        return None;
    }
    Some((u64::from_be_bytes(*sent), Ipv4Addr::from(*address), std::str::from_utf8(quote).ok()?))
}
