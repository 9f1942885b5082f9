//! server_05 = server_04 + a thread for each client
//!
//! New here: `serve_in_thread`, `talk`, `refuse`. Changed: `run`. Gone: `reply`.
//!
//! Many clients at once, and none waits for another. What every such server needs beside threads
//! is in the library's room `clients`: a limit on how many (`Seats`), what to do when accept()
//! fails, and a sendall() that does not wait for ever (`send_all`). Each client is greeted, and
//! answered until it closes.
//!
//! Run:   cargo run --bin server_05_threads
//! Then:  cargo run --bin netcat -- localhost 8888        (in two other terminals, at once)
//! See:   Connected with 127.0.0.1:50312
//!        Connected with 127.0.0.1:50314

use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::thread;

use clap::Parser;
use socket_labs::cli::{Crowd, Listen, arguments};
use socket_labs::clients::{STACK, Seat, Seats, send_all, try_again_after};
use socket_labs::console::Tally;
use socket_labs::error::{Failure, OrCannot, Tcp, complain_of, finish};
use socket_labs::names::address_of;
use socket_labs::{complain, say};
use socket2::{Domain, Socket, Type};

/// How many clients the system may hold ready until accept() takes them.
const BACKLOG: i32 = 10;

/// Talks to many clients at once: a thread for each.
///
/// Example: server_05_threads --port 8888 --max-clients 100
#[derive(Parser)]
#[command(name = env!("CARGO_BIN_NAME"), version, verbatim_doc_comment)]
struct Args {
    #[command(flatten)]
    listen: Listen<8888>,

    #[command(flatten)]
    crowd: Crowd,
}

fn main() -> ExitCode {
    finish(run(&arguments()))
}

fn run(args: &Args) -> anyhow::Result<()> {
    let address = args.listen.address()?;
    let listener = open(address)?;
    listener.listen(BACKLOG).or_cannot("listen on", Tcp(address))?;
    let accepted = Tally::until_ctrl_c("Clients accepted")?;
    say!("Socket now listening");

    let seats = Seats::new(args.crowd.max_clients);
    loop {
        let (client, peer) = match listener.accept() {
            Ok((client, peer)) => (client, address_of(&peer)),
            Err(error) => {
                try_again_after(error).or_cannot("accept on", Tcp(address))?;
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

/// Starts a thread that talks to this client, and returns at once. The seat goes with the client:
/// it is free again when the thread ends.
fn serve_in_thread(
    client: Socket,
    peer: SocketAddr,
    crowd: Crowd,
    seat: Seat,
) -> Result<(), Failure> {
    // GAP 1: start a thread that calls talk() and reports its error, if it has one. Keep the seat
    // until the talk is over. A thread that cannot be started is an error, not a panic.
    let serve = move || {
        let _seat = seat; // dropped, and so free again, when this thread ends
        if let Err(error) = talk(client, peer, crowd) {
            complain_of(&error);
        }
    };
    let thread = thread::Builder::new().stack_size(STACK);
    thread.spawn(serve).or_cannot("start a thread for", Tcp(peer))?;
    Ok(())
    // END GAP
}

/// Greets a client, then answers `OK...` and the same bytes to each thing that it sends, until it
/// closes. A client that is silent, or does not read, is let go after a time.
fn talk(mut client: Socket, peer: SocketAddr, crowd: Crowd) -> Result<(), Failure> {
    // GAP 2: send the welcome line, "Welcome to the server. Type something and hit enter" and a
    // line end. Then answer each thing read until the client closes. Wait no longer than `idle` for
    // the next thing, and no longer than `stall` for the client to take an answer.
    client.set_read_timeout(Some(crowd.idle)).or_cannot("set the timeout for", Tcp(peer))?;
    client.set_write_timeout(Some(crowd.stall)).or_cannot("set the timeout for", Tcp(peer))?;
    let welcome = b"Welcome to the server. Type something and hit enter\n";
    send_all(&client, welcome).or_cannot("send to", Tcp(peer))?;

    let mut buffer = [0; 1024];
    loop {
        let length = match client.read(&mut buffer) {
            Ok(0) => return Ok(()), // end of stream: the client has closed
            Ok(length) => length,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error).or_cannot("receive from", Tcp(peer)),
        };
        let answer = [b"OK...", &buffer[..length]].concat();
        send_all(&client, &answer).or_cannot("send to", Tcp(peer))?;
    }
    // END GAP
}

/// Tells a client that the server is full, and closes. The buffers of a new connection are empty,
/// so that one line never makes the server wait.
fn refuse(mut client: Socket, peer: SocketAddr, seats: &Seats) {
    complain!("Refused {peer}: the server is full");
    let _ = client.write_all(seats.refusal().as_bytes()); // it may have gone already
}
