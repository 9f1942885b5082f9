//! udp_echo_client: sends one datagram to an echo server and prints what comes back.
//!
//! Run:   cargo run --bin udp_echo_server                      (in one terminal)
//! Then:  cargo run --bin udp_echo_client -- "Hello, world"    (in another)
//! See:   Received: Hello, world

use std::net::{SocketAddr, UdpSocket};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use socket_labs::bytes::printable;
use socket_labs::cli::{Connect, Families, arguments};
use socket_labs::console::ask;
use socket_labs::error::{Failure, OrCannot, Udp, finish};
use socket_labs::names::left;
use socket_labs::{complain, note, say};
use socket2::{Domain, Socket, Type};

/// The largest datagram: 65,535 bytes less the IPv4 header (20) and the UDP header (8). Over IPv6
/// it is 65,527 bytes, because its header is not counted.
const LARGEST_DATAGRAM: usize = 65_527;

/// Sends one datagram to an echo server and prints what comes back: sendto(), recvfrom().
///
/// Example: udp_echo_client --port 65432 "Hello, world"
#[derive(Parser)]
#[command(name = env!("CARGO_BIN_NAME"), version, verbatim_doc_comment)]
struct Args {
    #[command(flatten)]
    server: Connect<65432>,

    #[command(flatten)]
    families: Families,

    /// The message to send; without it the program asks
    message: Option<String>,
}

fn main() -> ExitCode {
    finish(run(&arguments()))
}

fn run(args: &Args) -> anyhow::Result<()> {
    let message = match &args.message {
        Some(message) => message.clone().into_bytes(),
        None => ask("Message: ", LARGEST_DATAGRAM + 1)?,
    };
    let deadline = Instant::now() + args.server.patience.timeout;
    let mut servers = args.server.addresses(args.families.family())?;
    // UDP cannot find out which address has a server, other than by waiting: IPv4 goes first.
    servers.sort_by_key(SocketAddr::is_ipv6);
    for (i, &server) in servers.iter().enumerate() {
        // What is left of the time is shared by the addresses that have not been tried.
        let untried = (servers.len() - i) as u32;
        let wait = left(deadline).map_err(|_| no_answer(server))? / untried;
        match echo(server, &message, wait) {
            Ok(answer) => {
                say!("Received: {}", printable(&answer));
                break;
            }
            Err(error) if i + 1 < servers.len() => note!("note: {error}; trying the next address"),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Sends the message and waits for the datagram that comes back from the same server.
fn echo(server: SocketAddr, message: &[u8], timeout: Duration) -> Result<Vec<u8>, Failure> {
    let family = Domain::for_address(server);
    let socket = Socket::new(family, Type::DGRAM, None).or_cannot("create", "a UDP socket")?;
    let socket = UdpSocket::from(socket);
    socket.send_to(message, server).or_cannot("send to", Udp(server))?;

    let deadline = Instant::now() + timeout;
    let mut buffer = vec![0; LARGEST_DATAGRAM];
    loop {
        let wait = left(deadline).map_err(|_| no_answer(server))?;
        socket.set_read_timeout(Some(wait)).or_cannot("set the timeout of", "the socket")?;
        match socket.recv_from(&mut buffer).or_cannot("receive from", Udp(server)) {
            Ok((length, sender)) if sender == server => return Ok(buffer[..length].to_vec()),
            Ok((_, stranger)) => {
                complain!("note: ignored a datagram from {stranger}, which is not {server}")
            }
            Err(error) if error.is_timeout() => return Err(no_answer(server)),
            Err(error) if error.is_interruption() => {} // a signal came in between
            Err(error) => return Err(error),
        }
    }
}

/// A datagram that nobody waits for is lost in silence: all that a client notices is the time.
fn no_answer(server: SocketAddr) -> Failure {
    Failure::timeout("receive from", Udp(server)).with_hint(
        "nobody may be listening there: start udp_echo_server first, or check the address and port",
    )
}
