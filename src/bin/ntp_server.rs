//! ntp_server: a practice time server, whose clock is wrong by a known time.
//!
//! Run:   cargo run --bin ntp_server
//! Then:  cargo run --bin ntp_client -- 127.0.0.1 --port 11123        (in another terminal)
//! See:   The server is ready to receive on 127.0.0.1:11123
//!        Its clock is 2.5 s ahead of this machine's
//!        Answered 127.0.0.1 port 40123
//!
//! How it answers is in `practice::ntp`: the clients start the same server inside themselves where
//! the network is missing.

use std::net::{SocketAddr, UdpSocket};
use std::process::ExitCode;

use clap::Parser;
use socket_labs::cli::{Listen, arguments};
use socket_labs::console::Tally;
use socket_labs::error::{OrCannot, Udp, complain_of, finish};
use socket_labs::practice::ntp::{Event, SKEW, describe, serve};
use socket_labs::{complain, say};
use socket2::{Domain, Socket, Type};

/// Answers NTP clients with this machine's time plus a skew, by the rules of RFC 4330.
///
/// Example: ntp_server --port 11123 --skew -0.25
#[derive(Parser)]
#[command(name = env!("CARGO_BIN_NAME"), version, verbatim_doc_comment)]
struct Args {
    #[command(flatten)]
    listen: Listen<11123>,

    /// How far its clock is ahead of this machine's, in seconds; behind it if negative
    #[arg(long, value_name = "SECONDS", default_value_t = SKEW, allow_hyphen_values = true, value_parser = skew)]
    skew: f64,
}

fn main() -> ExitCode {
    finish(run(&arguments()))
}

fn run(args: &Args) -> anyhow::Result<()> {
    let address = args.listen.address()?;
    let socket = open(address)?;
    let bound = socket.local_addr().or_cannot("ask for the address of", "the socket")?;
    let answers = Tally::until_ctrl_c("Requests answered")?;
    say!("The server is ready to receive on {bound}");
    say!("Its clock is {}", describe(args.skew));

    let broken = serve(&socket, args.skew, |event| match event {
        Event::Answered(client) => {
            answers.add_one();
            say!("Answered {} port {}", client.ip(), client.port());
        }
        Event::Ignored(sender, why) => {
            complain!("note: ignored a datagram from {sender}: {why}");
        }
        Event::Trouble(error) => complain_of(&error),
    });
    Err(broken.into())
}

/// A UDP socket with an address of its own: socket() and bind().
fn open(address: SocketAddr) -> anyhow::Result<UdpSocket> {
    let socket =
        Socket::new(Domain::IPV4, Type::DGRAM, None).or_cannot("create", "a UDP socket")?;
    socket.bind(&address.into()).or_cannot("bind", Udp(address))?;
    Ok(socket.into()) // the same socket, as std's type: its recv_from() takes a plain buffer
}

/// A skew for the command line. Thirty years are enough to see what happens in 2036.
fn skew(text: &str) -> Result<f64, String> {
    const MOST: f64 = 1e9;
    match text.parse::<f64>() {
        Ok(seconds) if seconds.abs() <= MOST => Ok(seconds),
        Ok(_) => Err("a skew is at most 1000000000 seconds, ahead or behind".into()),
        Err(_) => Err("not a number of seconds".into()),
    }
}
