//! http_02 = http_01 + getaddrinfo()
//!
//! New here: `reach`, `find`, `resolve`, `practice_server`. Changed: `run`.
//!
//! People use names, sockets use addresses. Where the network is missing, the practice web server
//! in this same process stands in for www.google.com, in all stages from here on.
//!
//! Run:   cargo run --bin http_02_resolve
//! See:   Socket created
//!        IP address of www.google.com is 142.250.78.100

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use socket_labs::cli::{Patience, arguments, server_port};
use socket_labs::error::{Failure, OrCannot, finish};
use socket_labs::practice::{self, Server, ask};
use socket_labs::say;
use socket2::{Domain, Socket, Type};

/// The server to ask where none is named.
const HOST: &str = "www.google.com";

/// Finds the IPv4 address behind a name: getaddrinfo().
///
/// Example: http_02_resolve www.google.com
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
    ask(named, default, args.online, practice_server, |server| {
        reach(server, args.patience.timeout)
    })?;
    Ok(())
}

/// Goes as far towards the server as this stage does.
fn reach(server: &Server, timeout: Duration) -> anyhow::Result<()> {
    let mark = server.mark(); // " (practice server)" where it is that one
    let _socket =
        Socket::new(Domain::IPV4, Type::STREAM, None).or_cannot("create", "a TCP socket")?;
    say!("Socket created{mark}");
    let address = find(server, timeout)?;
    say!("IP address of {} is {}{mark}", server.name, address.ip());
    Ok(())
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
    // GAP 1: ask the system for the addresses of the name with getaddrinfo(), and return the first
    // IPv4 address. The system may wait for its name server longer than the timeout, and cannot be
    // interrupted: let `socket_labs::names::within` do the lookup.
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
    // END GAP
}

/// Starts the practice web server in a thread of this process, on a free port.
fn practice_server() -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).or_cannot("bind", "127.0.0.1")?;
    Ok(practice::http::start(listener)?)
}
