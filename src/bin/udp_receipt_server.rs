//! udp_receipt_server: takes one datagram, sends one receipt, and ends.
//!
//! Run:   cargo run --bin udp_receipt_server
//! Then:  cargo run --bin udp_client -- "a message"        (in another terminal)
//! See:   Server received: a message
//!        Message from ('127.0.0.1', 51000)

use std::net::{SocketAddr, UdpSocket};
use std::process::ExitCode;

use clap::Parser;
use socket_labs::bytes::printable;
use socket_labs::cli::{Listen, arguments};
use socket_labs::console::on_ctrl_c;
use socket_labs::error::{Failure, OrCannot, Udp, complain_of, finish};
use socket_labs::say;
use socket2::{Domain, Socket, Type};

/// The largest datagram: 65,535 bytes less the IPv4 header (20) and the UDP header (8).
const LARGEST_DATAGRAM: usize = 65_507;

/// Takes one datagram and answers it with a receipt: bind(), recvfrom(), sendto().
///
/// Example: udp_receipt_server --port 12000
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
    on_ctrl_c(|| "No receipt was sent.")?;
    say!("Waiting for one datagram on {bound}");

    loop {
        match give_receipt(&socket, bound) {
            // Somebody whom no receipt can reach, such as port 0, does not keep the next from his.
            Err(error) if error.is_passing() => complain_of(&error),
            done_or_broken => return Ok(done_or_broken?),
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

fn give_receipt(socket: &UdpSocket, bound: SocketAddr) -> Result<(), Failure> {
    let mut buffer = vec![0; LARGEST_DATAGRAM];
    let (length, client) = socket.recv_from(&mut buffer).or_cannot("receive on", Udp(bound))?;
    socket.send_to(b"Message received.", client).or_cannot("send to", Udp(client))?;
    say!("Server received: {}", printable(&buffer[..length]));
    say!("Message from ('{}', {})", client.ip(), client.port());
    Ok(())
}
