//! http_01 = socket()
//!
//! A socket of the internet (IPv4), for a stream of bytes (TCP). Nothing is sent: a socket is a
//! number that the system gave us, and nobody else has heard of it yet.
//!
//! Run:   cargo run --bin http_01_socket
//! See:   Socket created

use std::process::ExitCode;

use clap::Parser;
use socket_labs::cli::arguments;
use socket_labs::error::{OrCannot, finish};
use socket_labs::say;
use socket2::{Domain, Socket, Type};

/// Creates a TCP socket, and no more: socket().
///
/// Example: http_01_socket
#[derive(Parser)]
#[command(name = env!("CARGO_BIN_NAME"), version, verbatim_doc_comment)]
struct Args {}

fn main() -> ExitCode {
    finish(run(&arguments()))
}

fn run(_: &Args) -> anyhow::Result<()> {
    let _socket =
        Socket::new(Domain::IPV4, Type::STREAM, None).or_cannot("create", "a TCP socket")?;
    say!("Socket created");
    Ok(()) // the socket goes out of scope here, and that closes it
}
