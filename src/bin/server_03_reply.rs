//! server_03 = server_02 + recv(1024), sendall()
//!
//! New here: `reply`. Changed: `run`, `open`.
//!
//! The server reads once and sends what it read back as it is. It also sets SO_REUSEADDR, so that
//! it can be started again at once: without it, bind() fails for a minute after the server has
//! closed a connection (TIME_WAIT).
//!
//! Run:   cargo run --bin server_03_reply
//! Then:  cargo run --bin netcat -- localhost 8888        (in another terminal; type a line)
//! See:   Connected with 127.0.0.1:50312

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Parser;
use socket_labs::cli::{Listen, arguments};
use socket_labs::console::on_ctrl_c;
use socket_labs::error::{Failure, OrCannot, Tcp, finish};
use socket_labs::names::address_of;
use socket_labs::say;
use socket2::{Domain, Socket, Type};

/// How many clients the system may hold ready until accept() takes them.
const BACKLOG: i32 = 10;

/// Sends one client's first bytes back and ends: recv(), sendall().
///
/// Example: server_03_reply --port 8888
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
    on_ctrl_c(|| "No client was served.")?;
    say!("Socket now listening");

    let (client, peer) = listener.accept().or_cannot("accept on", Tcp(address))?;
    let peer = address_of(&peer);
    say!("Connected with {peer}");
    reply(client, peer)?;
    Ok(())
}

/// A TCP socket with an address of its own, which may be taken again at once.
fn open(address: SocketAddr) -> anyhow::Result<Socket> {
    let socket =
        Socket::new(Domain::IPV4, Type::STREAM, None).or_cannot("create", "a TCP socket")?;
    say!("Socket created");
    #[cfg(unix)] // Windows has no need of it, and would let a second server share the port
    socket.set_reuse_address(true).or_cannot("set SO_REUSEADDR on", "the socket")?;
    socket.bind(&address.into()).or_cannot("bind", Tcp(address))?;
    let bound = socket.local_addr().or_cannot("ask for the address of", "the socket")?;
    say!("Socket bound to {}", address_of(&bound));
    Ok(socket)
}

/// Reads once, at most 1,024 bytes, and sends them back. The client may have sent more: what one
/// recv() returns is not "the message", it is what has arrived.
fn reply(mut client: Socket, peer: SocketAddr) -> Result<(), Failure> {
    let mut buffer = [0; 1024];
    let length = client.read(&mut buffer).or_cannot("receive from", Tcp(peer))?;
    client.write_all(&buffer[..length]).or_cannot("send to", Tcp(peer))?;
    Ok(()) // the socket goes out of scope here, and that closes the connection
}
