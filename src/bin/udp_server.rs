//! udp_server: answers every datagram with the same text in upper case.
//!
//! Run:   cargo run --bin udp_server
//! Then:  cargo run --bin udp_client        (in another terminal)
//! See:   The server is ready to receive on 127.0.0.1:12000
//!        Message received from 127.0.0.1 port 51000

use std::net::{SocketAddr, UdpSocket};
use std::process::ExitCode;

use clap::Parser;
use socket_labs::cli::{Listen, arguments};
use socket_labs::clients::{AnswerLimit, MOST_ANSWERS};
use socket_labs::console::Tally;
use socket_labs::error::{Failure, OrCannot, Udp, complain_of, finish};
use socket_labs::say;
use socket2::{Domain, Socket, Type};

/// The largest datagram: 65,535 bytes less the IPv4 header (20) and the UDP header (8).
const LARGEST_DATAGRAM: usize = 65_507;

/// Answers every datagram with its text in upper case: bind(), then recvfrom() and sendto().
///
/// Example: udp_server --port 12000
#[derive(Parser)]
#[command(name = env!("CARGO_BIN_NAME"), version, verbatim_doc_comment)]
struct Args {
    #[command(flatten)]
    listen: Listen<12000>,
}

fn main() -> ExitCode {
    finish(run(&arguments()))
}

fn run(args: &Args) -> anyhow::Result<()> {
    let address = args.listen.address()?;
    let socket = open(address)?;
    let bound = socket.local_addr().or_cannot("ask for the address of", "the socket")?;
    let answers = Tally::until_ctrl_c("Datagrams answered")?;
    say!("The server is ready to receive on {bound}");

    let mut limit = AnswerLimit::new(bound, MOST_ANSWERS);
    let mut buffer = vec![0; LARGEST_DATAGRAM];
    loop {
        match answer_one(&socket, bound, &mut limit, &mut buffer) {
            Ok(client) => {
                answers.add_one();
                say!("Message received from {} port {}", client.ip(), client.port());
            }
            // What one datagram met on its way is no reason to leave the other clients alone.
            Err(error) if error.is_passing() => complain_of(&error),
            Err(error) => return Err(error.into()),
        }
    }
}

/// A UDP socket with an address of its own: socket() and bind().
fn open(address: SocketAddr) -> anyhow::Result<UdpSocket> {
    let socket =
        Socket::new(Domain::IPV4, Type::DGRAM, None).or_cannot("create", "a UDP socket")?;
    socket.bind(&address.into()).or_cannot("bind", Udp(address))?;
    Ok(socket.into()) // the same socket, as std's type: its recv_from() takes a plain buffer
}

fn answer_one(
    socket: &UdpSocket,
    bound: SocketAddr,
    limit: &mut AnswerLimit,
    buffer: &mut [u8],
) -> Result<SocketAddr, Failure> {
    // GAP 1: receive one datagram, send it back in upper case to where it came from, and return
    // the address of that client. Only the bytes that arrived count, not the rest of the buffer.
    // `limit.check(client)?` leaves out another server: two that answer each other never stop.
    let (length, client) = socket.recv_from(buffer).or_cannot("receive on", Udp(bound))?;
    limit.check(client)?;
    let answer = buffer[..length].to_ascii_uppercase();
    socket.send_to(&answer, client).or_cannot("send to", Udp(client))?;
    Ok(client)
    // END GAP
}
