//! http_server: a practice web server, for the pages under one folder.
//!
//! Run:   cargo run --bin http_server
//! Then:  cargo run --bin http_get -- -v localhost:8080        (in another terminal)
//! See:   The web server is ready on 127.0.0.1:8080
//!        127.0.0.1:50312 "GET / HTTP/1.1": 200, 1057 bytes
//!
//! Built like `server_05_threads`: a thread for each client. What HTTP says on the connection is in
//! the library's room `practice::http`, and the bytes of HTTP are in its room `http`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread;

use clap::Parser;
use socket_labs::cli::{Crowd, Listen, arguments};
use socket_labs::clients::{STACK, Seat, Seats, try_again_after};
use socket_labs::console::Tally;
use socket_labs::error::{Failure, OrCannot, Tcp, complain_of, finish};
use socket_labs::names::address_of;
use socket_labs::practice::http::{Site, refuse, serve};
use socket_labs::{complain, say};
use socket2::{Domain, Socket, Type};

/// How many clients the system may hold ready until accept() takes them.
const BACKLOG: i32 = 1024;

/// How many clients at once are told that the server is full. A refusal over HTTP takes a moment,
/// because the client is still sending its request; one client more is closed without a word.
const REFUSALS: u32 = 32;

/// Answers GET and HEAD for the files under one folder, and for nothing above it.
///
/// Example: http_server --port 8080 --root .
#[derive(Parser)]
#[command(name = env!("CARGO_BIN_NAME"), version, verbatim_doc_comment)]
struct Args {
    #[command(flatten)]
    listen: Listen<8080>,

    /// The folder to show; without it, a few built-in pages and nothing of this machine
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,

    #[command(flatten)]
    crowd: Crowd,
}

fn main() -> ExitCode {
    finish(run(&arguments()))
}

fn run(args: &Args) -> anyhow::Result<()> {
    let address = args.listen.address()?;
    let site = match &args.root {
        Some(folder) => Site::folder(folder, address.ip())?,
        None => Site::built_in(),
    };
    let listener = open(address)?;
    let bound =
        address_of(&listener.local_addr().or_cannot("ask for the address of", "the socket")?);
    let accepted = Tally::until_ctrl_c("Clients accepted")?;
    say!("The web server is ready on {bound}");

    let seats = Seats::new(args.crowd.max_clients);
    let refusals = Seats::new(REFUSALS);
    loop {
        let (client, peer) = match listener.accept() {
            Ok((client, peer)) => (client, address_of(&peer)),
            Err(error) => {
                try_again_after(error).or_cannot("accept on", Tcp(bound))?;
                continue;
            }
        };
        let started = match (seats.take(), refusals.take()) {
            (Some(seat), _) => {
                let (site, crowd) = (site.clone(), args.crowd);
                in_thread(peer, seat, move || talk(client, peer, &site, crowd))
                    .map(|()| accepted.add_one())
            }
            (None, seat) => {
                complain!("Refused {peer}: the server is full");
                let Some(seat) = seat else { continue };
                let (crowd, sentence) = (args.crowd, seats.refusal());
                in_thread(peer, seat, move || send_away(client, peer, crowd, &sentence))
            }
        };
        if let Err(error) = started {
            complain_of(&error);
        }
    }
}

/// A TCP socket that waits for clients: socket(), bind() and listen().
fn open(address: SocketAddr) -> anyhow::Result<Socket> {
    let socket =
        Socket::new(Domain::IPV4, Type::STREAM, None).or_cannot("create", "a TCP socket")?;
    #[cfg(unix)] // Windows has no need of it, and would let a second server share the port
    socket.set_reuse_address(true).or_cannot("set SO_REUSEADDR on", "the socket")?;
    socket.bind(&address.into()).or_cannot("bind", Tcp(address))?;
    socket.listen(BACKLOG).or_cannot("listen on", Tcp(address))?;
    Ok(socket)
}

/// Starts a thread for this client, and returns at once. The seat is free again when it ends.
fn in_thread(
    peer: SocketAddr,
    seat: Seat,
    talk: impl FnOnce() -> Result<(), Failure> + Send + 'static,
) -> Result<(), Failure> {
    let serve = move || {
        let _seat = seat; // dropped, and so free again, when this thread ends
        if let Err(error) = talk() {
            complain_of(&error);
        }
    };
    let started = thread::Builder::new().stack_size(STACK).spawn(serve);
    started.map(drop).or_cannot("start a thread for", Tcp(peer))
}

/// Answers the requests of one client. Each must be whole within `idle`.
fn talk(client: Socket, peer: SocketAddr, site: &Site, crowd: Crowd) -> Result<(), Failure> {
    client.set_write_timeout(Some(crowd.stall)).or_cannot("set the timeout for", Tcp(peer))?;
    // The end of a page goes out at once, and does not wait for more to fill a packet.
    client.set_tcp_nodelay(true).or_cannot("set TCP_NODELAY for", Tcp(peer))?;
    serve(&client, peer, site, crowd.idle, |line| say!("{peer} {line}"))
}

/// Tells one client that the server is full.
fn send_away(
    client: Socket,
    peer: SocketAddr,
    crowd: Crowd,
    sentence: &str,
) -> Result<(), Failure> {
    client.set_write_timeout(Some(crowd.stall)).or_cannot("set the timeout for", Tcp(peer))?;
    refuse(&client, peer, sentence)
}
