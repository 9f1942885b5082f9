//! server_04 = server_03 + the infinite loop
//!
//! New here: nothing. Changed: `run`, `reply`.
//!
//! One client after the other, for ever, and each answer now begins with `OK...`. A client that
//! connects and says nothing keeps all the others waiting: `server_05_threads` mends that.
//!
//! Run:   cargo run --bin server_04_loop
//! Then:  cargo run --bin netcat -- localhost 8888        (in another terminal; type a line)
//! See:   Connected with 127.0.0.1:50312

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Parser;
use socket_labs::cli::{Listen, arguments};
use socket_labs::clients::try_again_after;
use socket_labs::console::Tally;
use socket_labs::error::{Failure, OrCannot, Tcp, complain_of, finish};
use socket_labs::names::address_of;
use socket_labs::say;
use socket2::{Domain, Socket, Type};

/// How many clients the system may hold ready until accept() takes them.
const BACKLOG: i32 = 10;

/// Answers one client after the other, for ever: the loop around accept().
///
/// Example: server_04_loop --port 8888
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
    let served = Tally::until_ctrl_c("Clients served")?;
    say!("Socket now listening");

    loop {
        let (client, peer) = match listener.accept() {
            Ok((client, peer)) => (client, address_of(&peer)),
            Err(error) => {
                try_again_after(error).or_cannot("accept on", Tcp(address))?;
                continue;
            }
        };
        say!("Connected with {peer}");
        match reply(client, peer) {
            Ok(()) => served.add_one(),
            Err(error) => complain_of(&error), // this client's trouble, not the next one's
        }
    }
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

/// Reads once, at most 1,024 bytes, and answers `OK...` and the same bytes. A client that closes
/// without a word gets no answer.
fn reply(mut client: Socket, peer: SocketAddr) -> Result<(), Failure> {
    let mut buffer = [0; 1024];
    let length = client.read(&mut buffer).or_cannot("receive from", Tcp(peer))?;
    if length > 0 {
        let answer = [b"OK...", &buffer[..length]].concat();
        client.write_all(&answer).or_cannot("send to", Tcp(peer))?;
    }
    Ok(()) // the socket goes out of scope here, and that closes the connection
}
