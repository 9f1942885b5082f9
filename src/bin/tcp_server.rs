//! tcp_server: takes one client after the other, and answers a sentence in upper case.
//!
//! Run:   cargo run --bin tcp_server
//! Then:  cargo run --bin tcp_client        (in another terminal)
//! See:   The server is ready to receive on 127.0.0.1:12000
//!        Connected with 127.0.0.1:50312
//!
//! A client that connects and says nothing keeps all the others waiting. `server_05_threads` shows
//! the way out.

use std::io::Read;
use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Parser;
use socket_labs::cli::{Listen, arguments};
use socket_labs::clients::{WRITE_PATIENCE, send_all, try_again_after};
use socket_labs::console::Tally;
use socket_labs::error::{Failure, OrCannot, Tcp, complain_of, finish};
use socket_labs::names::address_of;
use socket_labs::say;
use socket2::{Domain, Socket, Type};

/// How many clients the system may hold ready until accept() takes them.
const BACKLOG: i32 = 10;

/// The most that one recv() takes. A sentence is what the first recv() brings.
const LONGEST_SENTENCE: usize = 65_536;

/// Answers one sentence a client in upper case: bind(), listen(), accept(), recv(), sendall().
///
/// Example: tcp_server --port 12000
#[derive(Parser)]
#[command(name = env!("CARGO_BIN_NAME"), version, verbatim_doc_comment)]
struct Args {
    #[command(flatten)]
    listen: Listen<12000>,
}

fn main() -> ExitCode {
    finish(run(&arguments()))
}

fn run(args: &Args) -> anyhow::Result<()> {
    let address = args.listen.address()?;
    let listener = open(address)?;
    let bound =
        address_of(&listener.local_addr().or_cannot("ask for the address of", "the socket")?);
    let served = Tally::until_ctrl_c("Clients served")?;
    say!("The server is ready to receive on {bound}");

    loop {
        let (client, peer) = match listener.accept() {
            Ok((client, peer)) => (client, address_of(&peer)),
            Err(error) => {
                try_again_after(error).or_cannot("accept on", Tcp(bound))?;
                continue;
            }
        };
        say!("Connected with {peer}");
        match answer(client, peer) {
            Ok(()) => served.add_one(),
            Err(error) => complain_of(&error), // this client's trouble, not the next one's
        }
    }
}

/// A TCP socket that waits for clients: socket(), bind() and listen().
fn open(address: SocketAddr) -> anyhow::Result<Socket> {
    let socket =
        Socket::new(Domain::IPV4, Type::STREAM, None).or_cannot("create", "a TCP socket")?;
    socket.bind(&address.into()).or_cannot("bind", Tcp(address))?;
    socket.listen(BACKLOG).or_cannot("listen on", Tcp(address))?;
    Ok(socket)
}

fn answer(mut client: Socket, peer: SocketAddr) -> Result<(), Failure> {
    // GAP 1: read once from the client, send back in upper case what came, all of it, and close.
    // A client that never takes its answer must not hold the server: wait no longer than
    // WRITE_PATIENCE.
    client.set_write_timeout(Some(WRITE_PATIENCE)).or_cannot("set the timeout for", Tcp(peer))?;
    let mut buffer = vec![0; LONGEST_SENTENCE];
    let length = client.read(&mut buffer).or_cannot("receive from", Tcp(peer))?;
    let answer = buffer[..length].to_ascii_uppercase();
    send_all(&client, &answer).or_cannot("send to", Tcp(peer))?;
    Ok(()) // the socket goes out of scope here, and that closes the connection
    // END GAP
}
