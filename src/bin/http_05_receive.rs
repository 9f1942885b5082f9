//! http_05 = http_04 + recv() until the end of the stream
//!
//! New here: `receive`. Changed: `run`, `reach`.
//!
//! One recv() brings what has arrived: a part of the response, and rarely all of it. Only the end
//! of the stream says that it is whole, and only because the request asked the server to close.
//! `http_get` shows how a client knows the end without that. Standard output belongs to the
//! response now, so what the stages before have to say goes to standard error.
//!
//! Run:   cargo run --bin http_05_receive
//! See:   Received 1418 bytes
//!        HTTP/1.1 200 OK
//!        Content-Type: text/html; charset=ISO-8859-1

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use socket_labs::bytes::printable;
use socket_labs::cli::{Patience, arguments, server_port};
use socket_labs::console::show;
use socket_labs::error::{Failure, OrCannot, Tcp, finish};
use socket_labs::http::HttpError;
use socket_labs::names::left;
use socket_labs::note;
use socket_labs::practice::{self, Server, ask};
use socket2::{Domain, Socket, Type};

/// The server to ask where none is named.
const HOST: &str = "www.google.com";

/// Receives the response of a web server, whole and byte by byte: recv() until the end.
///
/// Example: http_05_receive www.google.com > response.txt
#[derive(Parser)]
#[command(name = env!("CARGO_BIN_NAME"), version, verbatim_doc_comment)]
struct Args {
    /// Name or IPv4 address of a web server [default: www.google.com]
    host: Option<String>,

    /// Port of the server
    #[arg(long, default_value_t = 80, value_parser = server_port())]
    port: u16,

    #[command(flatten)]
    patience: Patience,

    /// Where www.google.com is out of reach, do not ask the practice server
    #[arg(long)]
    online: bool,
}

fn main() -> ExitCode {
    finish(run(&arguments()))
}

fn run(args: &Args) -> anyhow::Result<()> {
    let (named, default) = (args.host.as_deref(), (HOST, args.port));
    let timeout = args.patience.timeout;
    let (server, mut socket, address) =
        ask(named, default, args.online, practice_server, |server| {
            let (socket, address) = reach(server, timeout)?;
            Ok((server.clone(), socket, address))
        })?;
    let request = request(&server);
    send(&mut socket, address, request.as_bytes(), timeout)?;
    note!("Message sent successfully{}", server.mark());
    for line in request.split_inclusive('\n') {
        note!("{}", printable(line.as_bytes()));
    }

    let mut start = Vec::new();
    let mut came = 0;
    let received = receive(&mut socket, address, Instant::now() + timeout, &mut |piece| {
        note!("Received {} bytes{}", piece.len(), server.mark());
        start.extend_from_slice(&piece[..piece.len().min(5 - start.len())]);
        came += piece.len();
        show(piece)
    });
    received.map_err(|failure| match failure.is_timeout() && came > 0 {
        true => Failure::too_slow(Tcp(address), format!("{came} bytes came, and no end")),
        false => failure,
    })?;
    let wrong = match &start[..] {
        b"HTTP/" => return Ok(()),
        b"" => HttpError::Nothing,
        _ => HttpError::StatusLine,
    };
    let failure = Failure::new("understand", Tcp(address), &wrong.into());
    Err(failure.with_hint("is it a web server, and is this its port for plain http?").into())
}

/// Goes as far towards the server as this stage does: the connected socket, and to whom. A socket
/// whose connect() failed is used up, so each server that is tried gets a new one.
fn reach(server: &Server, timeout: Duration) -> anyhow::Result<(Socket, SocketAddr)> {
    let mark = server.mark(); // " (practice server)" where it is that one
    let socket =
        Socket::new(Domain::IPV4, Type::STREAM, None).or_cannot("create", "a TCP socket")?;
    note!("Socket created{mark}");
    let address = find(server, timeout)?;
    note!("IP address of {} is {}{mark}", server.name, address.ip());
    connect(&socket, address, timeout)?;
    note!("Socket connected to {} on ip {}{mark}", server.name, address.ip());
    Ok((socket, address))
}

/// The address and port of the server: looked up, or known where it is the practice server.
fn find(server: &Server, timeout: Duration) -> Result<SocketAddr, Failure> {
    match server.practice {
        Some(address) => Ok(address),
        None => Ok(SocketAddr::from((resolve(&server.name, timeout)?, server.port))),
    }
}

/// The first IPv4 address of a name, found within the timeout.
fn resolve(name: &str, timeout: Duration) -> Result<Ipv4Addr, Failure> {
    let asked = name.to_string();
    let lookup = move || {
        let hints = dns_lookup::AddrInfoHints {
            address: dns_lookup::AddrFamily::Inet.into(), // IPv4 only
            socktype: dns_lookup::SockType::Stream.into(), // TCP only
            ..Default::default()
        };
        let found = dns_lookup::getaddrinfo(Some(&asked), None, Some(hints))?;
        Ok(found.collect::<std::io::Result<Vec<_>>>()?)
    };
    let found = socket_labs::names::within(timeout, name, lookup)?;
    let first = found.iter().find_map(|info| match info.sockaddr {
        SocketAddr::V4(address) => Some(*address.ip()),
        SocketAddr::V6(_) => None,
    });
    first.ok_or_else(|| std::io::Error::other("it has no IPv4 address")).or_cannot("resolve", name)
}

/// Connects the socket, or says why it cannot be within the timeout.
fn connect(socket: &Socket, server: SocketAddr, timeout: Duration) -> Result<(), Failure> {
    socket.connect_timeout(&server.into(), timeout).or_cannot("connect to", Tcp(server))
}

/// The request for the page `/` of this server.
fn request(server: &Server) -> String {
    let host = match server.port {
        80 => server.name.clone(),
        port => format!("{}:{port}", server.name),
    };
    format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
}

/// Sends all bytes of the message.
fn send(
    socket: &mut Socket,
    server: SocketAddr,
    message: &[u8],
    timeout: Duration,
) -> Result<(), Failure> {
    socket.set_write_timeout(Some(timeout)).or_cannot("set the timeout for", Tcp(server))?;
    socket.write_all(message).or_cannot("send to", Tcp(server))
}

/// Receives the whole response, and gives each piece to take() as it comes.
fn receive(
    socket: &mut Socket,
    server: SocketAddr,
    deadline: Instant,
    take: &mut dyn FnMut(&[u8]) -> Result<(), Failure>,
) -> Result<(), Failure> {
    // GAP 1: receive until the server ends the stream, and give every piece to take() as it came.
    // The whole response must be here before the deadline.
    let mut buffer = vec![0; 16_384];
    loop {
        let wait = left(deadline).or_cannot("receive from", Tcp(server))?;
        socket.set_read_timeout(Some(wait)).or_cannot("set the timeout for", Tcp(server))?;
        match socket.read(&mut buffer).or_cannot("receive from", Tcp(server)) {
            Ok(0) => return Ok(()), // end of stream: the server has closed
            Ok(length) => take(&buffer[..length])?,
            Err(error) if error.is_interruption() => {} // a signal came in between
            Err(error) => return Err(error),
        }
    }
    // END GAP
}

/// Starts the practice web server in a thread of this process, on a free port.
fn practice_server() -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).or_cannot("bind", "127.0.0.1")?;
    Ok(practice::http::start(listener)?)
}
