//! udp_echo_server: sends each datagram back to where it came from.
//!
//! Run:   cargo run --bin udp_echo_server
//! Then:  cargo run --bin udp_echo_client -- "Hello, world"        (in another terminal)
//! See:   The echo server is ready on 127.0.0.1:65432
//!
//! A warning from history: two UDP echo servers that are made to talk to each other never stop. One
//! datagram with a forged sender is enough. That is why no such server is found on the internet any
//! more, why this one keeps to loopback unless told otherwise, and why it has a limit: `AnswerLimit`
//! leaves out its own address, a sender that wants too many answers a second, and for a second one
//! that has asked for a minute without a pause.

use std::net::{SocketAddr, UdpSocket};
use std::process::ExitCode;

use clap::Parser;
use socket_labs::cli::{Families, Listen, arguments};
use socket_labs::clients::{AnswerLimit, MOST_ANSWERS};
use socket_labs::console::Tally;
use socket_labs::error::{Failure, OrCannot, Udp, complain_of, finish};
use socket_labs::say;
use socket2::{Domain, Socket, Type};

/// The largest datagram: 65,535 bytes less the IPv4 header (20) and the UDP header (8). Over IPv6
/// it is 65,527 bytes, because its header is not counted.
const LARGEST_DATAGRAM: usize = 65_527;

/// Sends each datagram back to where it came from: recvfrom(), sendto().
///
/// Example: udp_echo_server --port 65432
#[derive(Parser)]
#[command(name = env!("CARGO_BIN_NAME"), version, verbatim_doc_comment)]
struct Args {
    #[command(flatten)]
    listen: Listen<65432>,

    #[command(flatten)]
    families: Families,

    /// Most answers a second to one client (its address and port); the rest is dropped
    #[arg(long, value_name = "N", default_value_t = MOST_ANSWERS, value_parser = clap::value_parser!(u32).range(1..))]
    rate: u32,
}

fn main() -> ExitCode {
    finish(run(&arguments()))
}

fn run(args: &Args) -> anyhow::Result<()> {
    let address = args.listen.address_of(args.families.family())?;
    let socket = open(address)?;
    let bound = socket.local_addr().or_cannot("ask for the address of", "the socket")?;
    let echoes = Tally::until_ctrl_c("Datagrams sent back")?;
    say!("The echo server is ready on {bound}");

    let mut limit = AnswerLimit::new(bound, args.rate);
    let mut buffer = vec![0; LARGEST_DATAGRAM];
    loop {
        match echo_one(&socket, bound, &mut limit, &mut buffer) {
            Ok(()) => echoes.add_one(),
            // What one datagram met on its way is no reason to leave the other clients alone.
            Err(error) if error.is_passing() => complain_of(&error),
            Err(error) => return Err(error.into()),
        }
    }
}

/// A UDP socket with an address of its own: socket() and bind().
fn open(address: SocketAddr) -> anyhow::Result<UdpSocket> {
    let family = Domain::for_address(address);
    let socket = Socket::new(family, Type::DGRAM, None).or_cannot("create", "a UDP socket")?;
    socket.bind(&address.into()).or_cannot("bind", Udp(address))?;
    Ok(socket.into()) // the same socket, as std's type: its recv_from() takes a plain buffer
}

fn echo_one(
    socket: &UdpSocket,
    bound: SocketAddr,
    limit: &mut AnswerLimit,
    buffer: &mut [u8],
) -> Result<(), Failure> {
    // GAP 1: receive one datagram and send exactly its bytes back to where it came from.
    // `limit.check(client)?` leaves out another server: two that answer each other never stop.
    let (length, client) = socket.recv_from(buffer).or_cannot("receive on", Udp(bound))?;
    limit.check(client)?;
    socket.send_to(&buffer[..length], client).or_cannot("send to", Udp(client))?;
    Ok(())
    // END GAP
}
