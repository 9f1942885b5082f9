//! server_01 = socket() + bind()
//!
//! A server begins with an address: bind() ties the socket to one, so that clients can find it.
//! Nobody can connect yet: the socket is bound, but it does not listen.
//!
//! Run:   cargo run --bin server_01_bind
//! See:   Socket created
//!        Socket bound to 127.0.0.1:8888

use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Parser;
use socket_labs::cli::{Listen, arguments};
use socket_labs::error::{OrCannot, Tcp, finish};
use socket_labs::names::address_of;
use socket_labs::say;
use socket2::{Domain, Socket, Type};

/// Gives a socket an address and ends: socket(), bind().
///
/// Example: server_01_bind --port 8888
#[derive(Parser)]
#[command(name = env!("CARGO_BIN_NAME"), version, verbatim_doc_comment)]
struct Args {
    #[command(flatten)]
    listen: Listen<8888>,
}

fn main() -> ExitCode {
    finish(run(&arguments()))
}

fn run(args: &Args) -> anyhow::Result<()> {
    let address = args.listen.address()?;
    open(address)?;
    Ok(())
}

/// A TCP socket with an address of its own.
fn open(address: SocketAddr) -> anyhow::Result<Socket> {
    let socket =
        Socket::new(Domain::IPV4, Type::STREAM, None).or_cannot("create", "a TCP socket")?;
    say!("Socket created");
    socket.bind(&address.into()).or_cannot("bind", Tcp(address))?;
    let bound = socket.local_addr().or_cannot("ask for the address of", "the socket")?;
    say!("Socket bound to {}", address_of(&bound));
    Ok(socket)
}
