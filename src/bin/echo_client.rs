//! echo_client: sends a message to an echo server and prints it as it comes back, in small pieces.
//!
//! Run:   cargo run --bin echo_server                          (in one terminal)
//! Then:  cargo run --bin echo_client -- "Hello, echo server!"  (in another)
//! See:   Received: Hello, echo serv
//!        Received: er!
//!        Closing connection to the server

use std::io::{self, Read};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use socket_labs::bytes::printable;
use socket_labs::cli::{Connect, Families, arguments};
use socket_labs::clients::send_all_before;
use socket_labs::console::ask;
use socket_labs::error::{Failure, OrCannot, Tcp, finish};
use socket_labs::names::left;
use socket_labs::{note, say};
use socket2::{Domain, Socket, Type};

/// The longest message: 64 KiB, which the buffers of two sockets hold on every system of this
/// course. A longer one would have to be sent and received at the same time, or both sides could
/// wait for each other for ever.
const LONGEST_MESSAGE: usize = 64 * 1024;

/// How much one recv() may bring: so little that even a short message comes in several pieces.
const PIECE: usize = 16;

/// Sends a message to an echo server and prints it as it comes back, at most 16 bytes at a time.
///
/// Example: echo_client --port 65432 "Hello, world"
#[derive(Parser)]
#[command(name = env!("CARGO_BIN_NAME"), version, verbatim_doc_comment)]
struct Args {
    #[command(flatten)]
    server: Connect<65432>,

    #[command(flatten)]
    families: Families,

    /// The message to send; without it the program asks
    message: Option<String>,
}

fn main() -> ExitCode {
    finish(run(&arguments()))
}

fn run(args: &Args) -> anyhow::Result<()> {
    let message = match &args.message {
        Some(message) => message.clone().into_bytes(),
        None => ask("Message: ", LONGEST_MESSAGE + 1)?,
    };
    if message.len() > LONGEST_MESSAGE {
        anyhow::bail!("the message is longer than {LONGEST_MESSAGE} bytes");
    }
    let timeout = args.server.patience.timeout;
    let servers = args.server.addresses(args.families.family())?;
    let (socket, server) = connect(&servers, timeout)?;
    echo(socket, server, &message, Instant::now() + timeout)?;
    Ok(())
}

/// Tries one address after the other; the first that answers is the server.
fn connect(servers: &[SocketAddr], timeout: Duration) -> anyhow::Result<(Socket, SocketAddr)> {
    let deadline = Instant::now() + timeout;
    let mut refused = anyhow::anyhow!("there is no address to connect to");
    for (i, &server) in servers.iter().enumerate() {
        // What is left of the time is shared by the addresses that have not been tried.
        let untried = (servers.len() - i) as u32;
        let wait = left(deadline).or_cannot("connect to", Tcp(server))? / untried;
        let family = Domain::for_address(server);
        let socket = Socket::new(family, Type::STREAM, None).or_cannot("create", "a TCP socket")?;
        match socket.connect_timeout(&server.into(), wait).or_cannot("connect to", Tcp(server)) {
            Ok(()) => return Ok((socket, server)),
            Err(error) if i + 1 < servers.len() => note!("note: {error}; trying the next address"),
            Err(error) => refused = error.start_first("echo_server").into(),
        }
    }
    Err(refused)
}

fn echo(
    mut socket: Socket,
    server: SocketAddr,
    message: &[u8],
    deadline: Instant,
) -> Result<(), Failure> {
    // GAP 1: send the whole message, then receive at most PIECE bytes at a time. Print `Received: `
    // and the piece each time, until as many bytes came back as went out, and then `Closing
    // connection to the server`. A server that closes early is an error, see `missing()`, and so is
    // one that has not sent all before the deadline, however slowly it comes: see `too_slow()`.
    send_all_before(&socket, message, deadline).or_cannot("send to", Tcp(server))?;

    let mut received = 0;
    let mut piece = [0; PIECE];
    while received < message.len() {
        let wait = left(deadline).map_err(|_| too_slow(server, received, message.len()))?;
        socket.set_read_timeout(Some(wait)).or_cannot("set the timeout for", Tcp(server))?;
        match socket.read(&mut piece).or_cannot("receive from", Tcp(server)) {
            Ok(0) => return Err(missing(server, message.len() - received)),
            Ok(length) => {
                say!("Received: {}", printable(&piece[..length]));
                if !message[received..].starts_with(&piece[..length]) {
                    note!("note: that is not what was sent");
                }
                received += length;
            }
            Err(error) if error.is_interruption() => {} // a signal came in between
            Err(error) if error.is_timeout() && received > 0 => {
                return Err(too_slow(server, received, message.len()));
            }
            Err(error) => return Err(error),
        }
    }
    say!("Closing connection to the server");
    Ok(()) // the socket goes out of scope here, and that closes the connection
    // END GAP
}

/// The server has ended its stream before it sent everything back.
fn missing(server: SocketAddr, bytes: usize) -> Failure {
    let are = if bytes == 1 { "byte is" } else { "bytes are" };
    let early = format!("the server closed early, {bytes} {are} missing");
    Failure::new("receive from", Tcp(server), &io::Error::other(early))
}

/// The server has answered, but not all of it in time.
fn too_slow(server: SocketAddr, received: usize, all: usize) -> Failure {
    Failure::too_slow(Tcp(server), format!("{received} of {all} bytes came back"))
}
