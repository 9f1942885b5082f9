//! server_02 = server_01 + listen(), accept()
//!
//! New here: nothing. Changed: `run`.
//!
//! listen() turns the socket into one that takes connections; accept() waits for a client and
//! returns a *second* socket, the one that leads to this client.
//!
//! Run:   cargo run --bin server_02_accept
//! Then:  cargo run --bin netcat -- localhost 8888        (in another terminal)
//! See:   Socket now listening
//!        Connected with 127.0.0.1:50312

use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Parser;
use socket_labs::cli::{Listen, arguments};
use socket_labs::console::on_ctrl_c;
use socket_labs::error::{OrCannot, Tcp, finish};
use socket_labs::names::address_of;
use socket_labs::say;
use socket2::{Domain, Socket, Type};

/// How many clients the system may hold ready until accept() takes them.
const BACKLOG: i32 = 10;

/// Waits for one client and ends: listen(), accept().
///
/// Example: server_02_accept --port 8888
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
    let listener = open(address)?;
    listener.listen(BACKLOG).or_cannot("listen on", Tcp(address))?;
    on_ctrl_c(|| "No client came.")?;
    say!("Socket now listening");

    let (_client, peer) = listener.accept().or_cannot("accept on", Tcp(address))?;
    say!("Connected with {}", address_of(&peer));
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
