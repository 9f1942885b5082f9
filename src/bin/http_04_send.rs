//! http_04 = http_03 + sendall()
//!
//! New here: `request`, `send`. Changed: `run`.
//!
//! A request is text: a line that says what is wanted, header lines, an empty line. Each line ends
//! with CR LF, which is shown as `\r\n`.
//!
//! Run:   cargo run --bin http_04_send
//! See:   Socket connected to www.google.com on ip 142.250.78.100
//!        Message sent successfully
//!        GET / HTTP/1.1\r\n
//!        Host: www.google.com\r\n
//!        Connection: close\r\n
//!        \r\n

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use socket_labs::bytes::printable;
use socket_labs::cli::{Patience, arguments, server_port};
use socket_labs::error::{Failure, OrCannot, Tcp, finish};
use socket_labs::practice::{self, Server, ask};
use socket_labs::say;
use socket2::{Domain, Socket, Type};

/// The server to ask where none is named.
const HOST: &str = "www.google.com";

/// Sends a request for the page `/` of a web server: sendall().
///
/// Example: http_04_send www.google.com --port 80
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
    say!("Message sent successfully{}", server.mark());
    for line in request.split_inclusive('\n') {
        say!("{}", printable(line.as_bytes()));
    }
    Ok(())
}

/// Goes as far towards the server as this stage does: the connected socket, and to whom. A socket
/// whose connect() failed is used up, so each server that is tried gets a new one.
fn reach(server: &Server, timeout: Duration) -> anyhow::Result<(Socket, SocketAddr)> {
    let mark = server.mark(); // " (practice server)" where it is that one
    let socket =
        Socket::new(Domain::IPV4, Type::STREAM, None).or_cannot("create", "a TCP socket")?;
    say!("Socket created{mark}");
    let address = find(server, timeout)?;
    say!("IP address of {} is {}{mark}", server.name, address.ip());
    connect(&socket, address, timeout)?;
    say!("Socket connected to {} on ip {}{mark}", server.name, address.ip());
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
    // GAP 1: a request of HTTP/1.1 for the page `/`. It needs a Host line with the server's name,
    // and its port where that is not 80 (RFC 9112, section 3.2); and a Connection line that asks
    // the server to close when it has answered.
    let host = match server.port {
        80 => server.name.clone(),
        port => format!("{}:{port}", server.name),
    };
    format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
    // END GAP
}

/// Sends all bytes of the message.
fn send(
    socket: &mut Socket,
    server: SocketAddr,
    message: &[u8],
    timeout: Duration,
) -> Result<(), Failure> {
    // GAP 2: send the whole message; one send() may take a part of it only. Wait no longer than
    // the timeout for a server that does not read.
    socket.set_write_timeout(Some(timeout)).or_cannot("set the timeout for", Tcp(server))?;
    socket.write_all(message).or_cannot("send to", Tcp(server))
    // END GAP
}

/// Starts the practice web server in a thread of this process, on a free port.
fn practice_server() -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).or_cannot("bind", "127.0.0.1")?;
    Ok(practice::http::start(listener)?)
}
