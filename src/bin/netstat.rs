//! netstat: the sockets of this machine, and the programs that have them.
//!
//! Run:   cargo run --bin netstat
//! Then:  cargo run --bin netstat -- --listening --tcp
//! See:   Proto Recv-Q Send-Q Local Address   Foreign Address State  PID/Program name
//!        tcp        0      0 127.0.0.1:12000 0.0.0.0:*       LISTEN 4711/tcp_server
//!
//! No socket is opened here. On Linux the table is a text that the kernel writes when it is read:
//! `cat /proc/net/tcp`. How to read it is a lesson of its own, in `src/socket_table/linux.rs`.

use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Parser;
use socket_labs::bytes::{json_string, printable};
use socket_labs::cli::{arguments, server_port};
use socket_labs::error::{Failure, OrCannot, finish};
use socket_labs::say;
use socket_labs::socket_table::{self, Protocol, Row, State};

/// Shows the sockets of this machine, as the classic netstat does.
///
/// Recv-Q: bytes that came and that the program has not read yet; of a listening socket, the
/// connections that wait for accept(). Send-Q: bytes that the peer has not acknowledged yet.
/// `0.0.0.0` and `[::]` are every address of this machine; * is any port. - is what the system does
/// not tell; the programs of other users it tells only to the administrator.
///
/// Example: netstat --port 12000
#[derive(Parser)]
#[command(name = env!("CARGO_BIN_NAME"), version, verbatim_doc_comment)]
struct Args {
    /// Only sockets with this port, their own or their peer's
    #[arg(long, value_parser = server_port())]
    port: Option<u16>,

    /// Only sockets that wait for clients
    #[arg(long, short)]
    listening: bool,

    /// Only TCP
    #[arg(long, short)]
    tcp: bool,

    /// Only UDP
    #[arg(long, short)]
    udp: bool,

    /// One object of JSON a line
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    finish(run(&arguments()))
}

fn run(args: &Args) -> anyhow::Result<()> {
    let wanted = |row: &Row| is_wanted(args, row);
    let rows = socket_table::read_some(wanted).or_cannot("read", "the socket table")?;
    if let (Some(port), []) = (args.port, &rows[..]) {
        return Err(nobody_has(port).into());
    }
    if !args.json {
        let which = if args.listening { "only servers" } else { "servers and established" };
        say!("Active Internet connections ({which})");
        say!(
            "Proto Recv-Q Send-Q {:23} {:23} {:11} PID/Program name",
            "Local Address",
            "Foreign Address",
            "State"
        );
    }
    for row in &rows {
        if args.json {
            say!("{}", as_json(row));
        } else {
            say!("{}", as_line(row));
        }
    }
    Ok(())
}

fn is_wanted(args: &Args, row: &Row) -> bool {
    let protocol = match row.protocol {
        Protocol::Tcp => args.tcp || !args.udp,
        Protocol::Udp => args.udp || !args.tcp,
    };
    let port = args.port.is_none_or(|port| {
        row.local.port() == port || peer(row).is_some_and(|peer| peer.port() == port)
    });
    // UDP has no LISTEN: a socket without a peer takes datagrams from everybody.
    let listening = match row.protocol {
        Protocol::Tcp => row.state == Some(State::Listen),
        Protocol::Udp => peer(row).is_none(),
    };
    protocol && port && (listening || !args.listening)
}

/// The address of the other side, if there is one.
fn peer(row: &Row) -> Option<SocketAddr> {
    row.remote.filter(|remote| remote.port() != 0)
}

fn nobody_has(port: u16) -> Failure {
    let nobody = std::io::Error::other("no socket of this kind has it");
    Failure::new("find", format!("port {port}"), &nobody).with_hint(
        "is the server running? The ports of TCP and UDP are separate, and a container has \
         a table of its own",
    )
}

/// `tcp6` is TCP over IPv6.
fn name(row: &Row) -> String {
    let version = if row.local.is_ipv6() { "6" } else { "" };
    format!("{}{version}", row.protocol)
}

fn as_line(row: &Row) -> String {
    let number = |queue: Option<u64>| queue.map_or("-".into(), |bytes| bytes.to_string());
    format!(
        "{:5} {:>6} {:>6} {:23} {:23} {:11} {}",
        name(row),
        number(row.receive_queue),
        number(row.send_queue),
        with_star(row.local),
        row.remote.map_or("-".into(), with_star),
        row.state.map_or("", State::name),
        match &row.owner {
            Some(owner) => format!("{}/{}", owner.pid, printable(owner.program.as_bytes())),
            None => "-".into(),
        }
    )
}

/// Port 0 in the table stands for no port: `0.0.0.0:*`.
fn with_star(address: SocketAddr) -> String {
    let text = address.to_string();
    match text.strip_suffix(":0") {
        Some(ip) => format!("{ip}:*"),
        None => text,
    }
}

/// `null` is what the system does not tell, and what is not there.
fn as_json(row: &Row) -> String {
    let number = |number: Option<u64>| number.map_or("null".into(), |number| number.to_string());
    let text = |text: Option<&str>| text.map_or("null".into(), json_string);
    let ip = |address: Option<SocketAddr>| {
        address.map_or("null".into(), |address| json_string(&address.ip().to_string()))
    };
    let port = |address: Option<SocketAddr>| number(address.map(|address| address.port().into()));
    let owner = row.owner.as_ref();
    format!(
        "{{\"proto\":{},\"recv_q\":{},\"send_q\":{},\"local_address\":{},\"local_port\":{},\
         \"remote_address\":{},\"remote_port\":{},\"state\":{},\"pid\":{},\"program\":{}}}",
        json_string(&name(row)),
        number(row.receive_queue),
        number(row.send_queue),
        ip(Some(row.local)),
        port(Some(row.local)),
        ip(peer(row)),
        port(peer(row)),
        text(row.state.map(State::name)),
        number(owner.map(|owner| owner.pid.into())),
        text(owner.map(|owner| owner.program.as_str())),
    )
}
