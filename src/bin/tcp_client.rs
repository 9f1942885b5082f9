//! tcp_client: connects, sends one sentence, and reads the answer until the server closes.
//!
//! Run:   cargo run --bin tcp_server        (in one terminal)
//! Then:  cargo run --bin tcp_client        (in another)
//! See:   My address is 127.0.0.1:50312
//!        Received message from 127.0.0.1 port 12000
//!        HELLO

use std::io::Read;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use socket_labs::bytes::printable;
use socket_labs::cli::{Connect, arguments};
use socket_labs::clients::send_all_before;
use socket_labs::console::ask;
use socket_labs::error::{Failure, OrCannot, Tcp, finish};
use socket_labs::names::{address_of, left};
use socket_labs::say;
use socket2::{Domain, Socket, Type};

/// The longest sentence: as much as `tcp_server` takes with one recv().
const LONGEST_SENTENCE: usize = 65_536;

/// The longest answer that is kept, 1 MiB: a stranger must not fill this machine's memory.
const LONGEST_ANSWER: usize = 1 << 20;

/// Sends one sentence over a connection and prints the answer: connect(), sendall(), recv().
///
/// Example: tcp_client --port 12000 "a sentence in lower case"
#[derive(Parser)]
#[command(name = env!("CARGO_BIN_NAME"), version, verbatim_doc_comment)]
struct Args {
    #[command(flatten)]
    server: Connect<12000>,

    /// The sentence to send; without it the program asks
    message: Option<String>,
}

fn main() -> ExitCode {
    finish(run(&arguments()))
}

fn run(args: &Args) -> anyhow::Result<()> {
    let server = args.server.address()?;
    let timeout = args.server.patience.timeout;
    let message = match &args.message {
        Some(message) => message.clone().into_bytes(),
        None => ask("Input lowercase sentence: ", LONGEST_SENTENCE + 1)?,
    };
    if message.is_empty() {
        anyhow::bail!(
            "nothing to send: TCP has no empty messages, so the server would go on waiting"
        );
    }
    if message.len() > LONGEST_SENTENCE {
        anyhow::bail!("the sentence is longer than {LONGEST_SENTENCE} bytes");
    }
    let socket =
        Socket::new(Domain::IPV4, Type::STREAM, None).or_cannot("create", "a TCP socket")?;
    socket
        .connect_timeout(&server.into(), timeout)
        .or_cannot("connect to", Tcp(server))
        .map_err(|error| error.start_first("tcp_server"))?;
    let mine = socket.local_addr().or_cannot("ask for the address of", "the socket")?;
    say!("My address is {}", address_of(&mine));

    let answer = exchange(socket, server, &message, Instant::now() + timeout)?;
    say!("Received message from {} port {}", server.ip(), server.port());
    say!("{}", printable(&answer));
    Ok(())
}

fn exchange(
    mut socket: Socket,
    server: SocketAddr,
    message: &[u8],
    deadline: Instant,
) -> Result<Vec<u8>, Failure> {
    // GAP 1: send the whole message, then read until the server closes, and return all that came.
    // One recv() may bring a part only: TCP is a stream of bytes. Be done before the deadline,
    // however slowly they come: see `too_slow()`. More than LONGEST_ANSWER is an error, `too_long()`.
    send_all_before(&socket, message, deadline).or_cannot("send to", Tcp(server))?;

    let mut answer = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let wait = left(deadline).map_err(|_| too_slow(server, answer.len()))?;
        socket.set_read_timeout(Some(wait)).or_cannot("set the timeout for", Tcp(server))?;
        match socket.read(&mut buffer).or_cannot("receive from", Tcp(server)) {
            Ok(0) => return Ok(answer), // end of stream: the server has closed
            Ok(length) => answer.extend_from_slice(&buffer[..length]),
            Err(error) if error.is_interruption() => {} // a signal came in between
            Err(error) if error.is_timeout() && !answer.is_empty() => {
                return Err(too_slow(server, answer.len()));
            }
            Err(error) => return Err(error),
        }
        if answer.len() > LONGEST_ANSWER {
            return Err(Failure::new("receive from", Tcp(server), &too_long()));
        }
    }
    // END GAP
}

/// The server has answered, and has not closed in time: there may be more to come.
fn too_slow(server: SocketAddr, came: usize) -> Failure {
    let bytes = if came == 1 { "byte" } else { "bytes" };
    Failure::too_slow(Tcp(server), format!("{came} {bytes} came, and no end of the stream"))
}

fn too_long() -> std::io::Error {
    std::io::Error::other(format!("the answer is longer than {LONGEST_ANSWER} bytes"))
}
