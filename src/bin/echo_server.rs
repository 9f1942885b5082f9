//! echo_server: sends every byte of every client back to it, in order.
//!
//! Run:   cargo run --bin echo_server
//! Then:  cargo run --bin echo_client -- "Hello, world"        (in another terminal)
//! See:   The echo server is ready on 127.0.0.1:65432
//!        Connected with 127.0.0.1:50312
//!
//! Built like `server_05_threads`: a thread for each client.

use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::thread;

use clap::Parser;
use socket_labs::cli::{Crowd, Families, Listen, arguments};
use socket_labs::clients::{STACK, Seat, Seats, send_all, try_again_after};
use socket_labs::console::Tally;
use socket_labs::error::{Failure, OrCannot, Tcp, complain_of, finish};
use socket_labs::names::address_of;
use socket_labs::{complain, say};
use socket2::{Domain, Socket, Type};

/// How many clients the system may hold ready until accept() takes them.
const BACKLOG: i32 = 1024;

/// How much one recv() may bring, at first and at most. Bigger pieces mean fewer system calls, so a
/// client that fills its buffer gets a bigger one. Most clients send little, and they cost little:
/// ten thousand of them are served with 100 MB.
const FIRST_BUFFER: usize = 1024;
const LARGEST_BUFFER: usize = 64 * 1024;

/// Sends every byte of every client back, until the client ends its stream.
///
/// Example: echo_server --port 65432
#[derive(Parser)]
#[command(name = env!("CARGO_BIN_NAME"), version, verbatim_doc_comment)]
struct Args {
    #[command(flatten)]
    listen: Listen<65432>,

    #[command(flatten)]
    families: Families,

    #[command(flatten)]
    crowd: Crowd,
}

fn main() -> ExitCode {
    finish(run(&arguments()))
}

fn run(args: &Args) -> anyhow::Result<()> {
    let address = args.listen.address_of(args.families.family())?;
    let listener = open(address)?;
    let bound =
        address_of(&listener.local_addr().or_cannot("ask for the address of", "the socket")?);
    let accepted = Tally::until_ctrl_c("Clients accepted")?;
    say!("The echo server is ready on {bound}");

    let seats = Seats::new(args.crowd.max_clients);
    loop {
        let (client, peer) = match listener.accept() {
            Ok((client, peer)) => (client, address_of(&peer)),
            Err(error) => {
                try_again_after(error).or_cannot("accept on", Tcp(bound))?;
                continue;
            }
        };
        let Some(seat) = seats.take() else {
            refuse(client, peer, &seats);
            continue;
        };
        accepted.add_one();
        say!("Connected with {peer}");
        if let Err(error) = serve_in_thread(client, peer, args.crowd, seat) {
            complain_of(&error);
        }
    }
}

/// A TCP socket that waits for clients: socket(), bind() and listen().
fn open(address: SocketAddr) -> anyhow::Result<Socket> {
    let family = Domain::for_address(address);
    let socket = Socket::new(family, Type::STREAM, None).or_cannot("create", "a TCP socket")?;
    #[cfg(unix)] // Windows has no need of it, and would let a second server share the port
    socket.set_reuse_address(true).or_cannot("set SO_REUSEADDR on", "the socket")?;
    // An echo goes out at once, and does not wait for more bytes to fill a packet. The sockets of
    // the clients inherit this option from the one that listens.
    socket.set_tcp_nodelay(true).or_cannot("set TCP_NODELAY on", "the socket")?;
    socket.bind(&address.into()).or_cannot("bind", Tcp(address))?;
    socket.listen(BACKLOG).or_cannot("listen on", Tcp(address))?;
    Ok(socket)
}

/// Starts a thread that echoes to this client, and returns at once. The seat goes with the client:
/// it is free again when the thread ends.
fn serve_in_thread(
    client: Socket,
    peer: SocketAddr,
    crowd: Crowd,
    seat: Seat,
) -> Result<(), Failure> {
    let serve = move || {
        let _seat = seat; // dropped, and so free again, when this thread ends
        if let Err(error) = echo(client, peer, crowd) {
            complain_of(&error);
        }
    };
    let thread = thread::Builder::new().stack_size(STACK);
    thread.spawn(serve).or_cannot("start a thread for", Tcp(peer))?;
    Ok(())
}

/// Sends every byte back until the client ends its stream, then closes this side too. A client
/// that is silent, or does not read, is let go after a time.
fn echo(mut client: Socket, peer: SocketAddr, crowd: Crowd) -> Result<(), Failure> {
    // GAP 1: send every byte back until the client ends its stream. Wait no longer than `idle` for
    // the next bytes, and no longer than `stall` for the client to take what is sent.
    client.set_read_timeout(Some(crowd.idle)).or_cannot("set the timeout for", Tcp(peer))?;
    client.set_write_timeout(Some(crowd.stall)).or_cannot("set the timeout for", Tcp(peer))?;

    let mut buffer = vec![0; FIRST_BUFFER];
    loop {
        let length = match client.read(&mut buffer) {
            Ok(0) => return Ok(()), // end of stream: all that came has been sent back
            Ok(length) => length,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error).or_cannot("receive from", Tcp(peer)),
        };
        send_all(&client, &buffer[..length]).or_cannot("send to", Tcp(peer))?;
        if length == buffer.len() {
            buffer.resize(LARGEST_BUFFER.min(2 * length), 0); // there may be much more
        }
    }
    // END GAP
}

/// Tells a client that the server is full, and closes. The buffers of a new connection are empty,
/// so that one line never makes the server wait.
fn refuse(mut client: Socket, peer: SocketAddr, seats: &Seats) {
    complain!("Refused {peer}: the server is full");
    let _ = client.write_all(seats.refusal().as_bytes()); // it may have gone already
}
