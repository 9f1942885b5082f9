//! udp_client: sends one sentence as a datagram and prints the answer.
//!
//! Run:   cargo run --bin udp_server        (in one terminal)
//! Then:  cargo run --bin udp_client        (in another)
//! See:   Received message from 127.0.0.1 port 12000
//!        HELLO

use std::net::{SocketAddr, UdpSocket};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use socket_labs::bytes::printable;
use socket_labs::cli::{Connect, arguments};
use socket_labs::console::ask;
use socket_labs::error::{Failure, OrCannot, Udp, finish};
use socket_labs::names::left;
use socket_labs::{complain, say};
use socket2::{Domain, Socket, Type};

/// The largest datagram: 65,535 bytes less the IPv4 header (20) and the UDP header (8).
const LARGEST_DATAGRAM: usize = 65_507;

/// Sends one sentence as a datagram and prints the answer: sendto(), recvfrom().
///
/// Example: udp_client --port 12000 "a sentence in lower case"
#[derive(Parser)]
#[command(name = env!("CARGO_BIN_NAME"), version, verbatim_doc_comment)]
struct Args {
    #[command(flatten)]
    server: Connect<12000>,

    /// The sentence to send; without it the program asks
    message: Option<String>,
}

fn main() -> ExitCode {
    finish(run(&arguments()))
}

fn run(args: &Args) -> anyhow::Result<()> {
    let server = args.server.address()?;
    let message = match &args.message {
        Some(message) => message.clone().into_bytes(),
        None => ask("Input lowercase sentence: ", LARGEST_DATAGRAM + 1)?,
    };
    // No bind(): at the first send the system gives the socket a free port, the ephemeral port.
    let socket =
        Socket::new(Domain::IPV4, Type::DGRAM, None).or_cannot("create", "a UDP socket")?;
    let socket = UdpSocket::from(socket); // the same socket, as std's type
    let answer = exchange(&socket, server, &message, args.server.patience.timeout)?;
    say!("Received message from {} port {}", server.ip(), server.port());
    say!("{}", printable(&answer));
    Ok(())
}

fn exchange(
    socket: &UdpSocket,
    server: SocketAddr,
    message: &[u8],
    timeout: Duration,
) -> Result<Vec<u8>, Failure> {
    // GAP 1: send the message to the server, and return the datagram that the server answers. Wait
    // no longer than the timeout. Anyone can send to this socket: what is not from the server is
    // not the answer, and must not prolong the wait.
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
    // END GAP
}

/// A datagram that nobody waits for is lost in silence: all that a client notices is the time.
fn no_answer(server: SocketAddr) -> Failure {
    Failure::timeout("receive from", Udp(server))
        .with_hint("nobody may be listening there: start udp_server or udp_receipt_server first, or check the address")
}
