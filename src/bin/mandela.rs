//! mandela: sends a quote to its peers every two seconds, and shows the quotes that arrive.
//!
//! Run:   cargo run --bin mandela -- --peer 127.0.0.1:5006
//! Then:  cargo run --bin mandela -- --port 5006 --peer 127.0.0.1:5005      (in another terminal)
//! See:   Listening on 127.0.0.1:5005
//!        "It always seems impossible until it's done" - Nelson Mandela
//!          sent 0 s ago from 127.0.0.1, datagram 1 from there
//!
//! Client and server at once: one thread sends, one receives, and both use the same socket. The
//! bytes are laid out by hand; the library's room `mandela` has a picture of them.

use std::io::ErrorKind::Interrupted;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::process::{self, ExitCode};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use adler::adler32_slice;
use anyhow::Context;
use clap::{Parser, value_parser};
use socket_labs::bytes::printable;
use socket_labs::cli::{Listen, arguments, host_and_port, seconds};
use socket_labs::console::at_ctrl_c;
use socket_labs::error::{Failure, OrCannot, Udp, complain_of, finish, report};
use socket_labs::mandela::{self, Complaints, Datagram, Fault, QUOTE, Sources};
use socket_labs::names::{Family, address_of, addresses};
use socket_labs::{note, say};
use socket2::{Domain, Socket, Type};

/// The largest datagram: 65,535 bytes less the IPv4 header (20) and the UDP header (8).
const LARGEST_DATAGRAM: usize = 65_507;

/// How long to look for the address of a peer.
const LOOKUP: Duration = Duration::from_secs(5);

/// What this peer has done so far. Both threads add to it, and Ctrl-C shows it.
static SENT: AtomicU64 = AtomicU64::new(0);
static GOOD: AtomicU64 = AtomicU64::new(0);
static BAD: AtomicU64 = AtomicU64::new(0);

/// Client and server at once: fields in network byte order, a checksum, a schedule, two threads.
///
/// Example: mandela --port 5005 --peer 127.0.0.1:5006
#[derive(Parser, Clone)]
#[command(name = env!("CARGO_BIN_NAME"), version, verbatim_doc_comment)]
struct Args {
    #[command(flatten)]
    listen: Listen<5005>,

    /// A peer to send to; may be given several times. Without it the program only listens
    #[arg(long = "peer", value_name = "HOST:PORT", value_parser = host_and_port)]
    peers: Vec<(String, u16)>,

    /// Seconds from one datagram to the next
    #[arg(long, value_name = "SECONDS", default_value = "2", value_parser = seconds)]
    interval: Duration,

    /// Send so many datagrams to each peer, listen for one more interval, and end
    #[arg(long, value_name = "N", requires = "peers", value_parser = value_parser!(u64).range(1..))]
    count: Option<u64>,

    /// What to send, at most 65,489 bytes
    #[arg(long, value_name = "TEXT", default_value = QUOTE)]
    quote: String,

    /// Print what arrives as JSON, one object a line, and all else on standard error
    #[arg(long)]
    json: bool,

    /// Count what arrives, and do not print it
    #[arg(long, conflicts_with = "json")]
    quiet: bool,
}

fn main() -> ExitCode {
    finish(run(&arguments()))
}

fn run(args: &Args) -> anyhow::Result<()> {
    mandela::check_quote(&args.quote).context("cannot send the datagram")?;
    let mut peers = Vec::new();
    for (host, port) in &args.peers {
        peers.push(addresses(host, *port, Family::V4, LOOKUP)?[0]);
    }
    let socket = open(args.listen.address()?)?;
    let bound = socket.local_addr().or_cannot("ask for the address of", "the socket")?;
    let json = args.json;
    at_ctrl_c(move || tell(json, format!("\nStopped by Ctrl-C. {}", summary())))?;
    tell(json, format!("Listening on {bound}"));
    note!("note: times are in whole seconds, and negative where the sender's clock is ahead");
    if peers.is_empty() {
        note!("note: without --peer this program sends nothing, and listens until Ctrl-C");
    } else {
        for peer in &peers {
            note!("note: sending to {peer}, every {} s", args.interval.as_secs_f64());
        }
        let socket = socket.try_clone().or_cannot("duplicate", "the socket")?;
        let args = args.clone();
        let send = move || {
            send_every(&socket, &peers, &args);
            tell(json, format!("Done. {}", summary()));
            // The other thread would receive for ever.
            process::exit(if SENT.load(Relaxed) > 0 { 0 } else { 1 });
        };
        thread::Builder::new().spawn(send).or_cannot("start", "the thread that sends")?;
    }
    receive_for_ever(&socket, bound, args)?;
    Ok(())
}

/// A UDP socket with an address of its own: socket() and bind().
fn open(address: SocketAddr) -> anyhow::Result<UdpSocket> {
    let socket =
        Socket::new(Domain::IPV4, Type::DGRAM, None).or_cannot("create", "a UDP socket")?;
    socket.bind(&address.into()).or_cannot("bind", Udp(address))?;
    Ok(socket.into()) // the same socket, as std's type: its recv_from() takes a plain buffer
}

/// The bytes of a datagram.
fn pack(datagram: &Datagram) -> Vec<u8> {
    // GAP 1: lay out the datagram, every number big-endian: Adler-32 of all the bytes that follow
    // it (4 bytes), timestamp (8), IPv4 address (4), port (2), quote (the rest).
    let mut bytes = vec![0; 4]; // the place of the checksum
    bytes.extend_from_slice(&datagram.timestamp.to_be_bytes());
    bytes.extend_from_slice(&datagram.address.octets());
    bytes.extend_from_slice(&datagram.port.to_be_bytes());
    bytes.extend_from_slice(datagram.quote.as_bytes());
    let checksum = adler32_slice(&bytes[4..]);
    bytes[..4].copy_from_slice(&checksum.to_be_bytes());
    bytes
    // END GAP
}

/// The datagram in these bytes, or what is wrong with them.
fn unpack(bytes: &[u8]) -> Result<Datagram<'_>, Fault> {
    // GAP 2: take a datagram apart. Anyone can send anything here: refuse what is too short, what
    // does not match its checksum, and a quote that is not UTF-8.
    let too_short = Fault::TooShort { size: bytes.len() };
    let (checksum, summed) = bytes.split_first_chunk().ok_or(too_short)?;
    let (timestamp, rest) = summed.split_first_chunk().ok_or(too_short)?;
    let (address, rest) = rest.split_first_chunk::<4>().ok_or(too_short)?;
    let (port, quote) = rest.split_first_chunk().ok_or(too_short)?;
    let (found, expected) = (u32::from_be_bytes(*checksum), adler32_slice(summed));
    if found != expected {
        return Err(Fault::Checksum { expected, found });
    }
    Ok(Datagram {
        timestamp: u64::from_be_bytes(*timestamp),
        address: Ipv4Addr::from(*address),
        port: u16::from_be_bytes(*port),
        quote: str::from_utf8(quote).map_err(Fault::in_quote)?,
    })
    // END GAP
}

/// Sends one datagram to every peer, waits for the interval, and so on: `--count` times or for
/// ever. [`send_one`] and [`wait_until`] are ready to use; [`SENT`] counts what was sent.
fn send_every(socket: &UdpSocket, peers: &[SocketAddr], args: &Args) {
    // GAP 3: send and wait. The next time is counted from the last one and not from now, so that
    // the schedule does not drift; times that were missed are left out. A peer that cannot be
    // reached is reported, and the others get their datagrams.
    let mut next = Instant::now();
    for _ in 0..args.count.unwrap_or(u64::MAX) {
        for peer in peers {
            match send_one(socket, *peer, &args.quote) {
                Ok(()) => _ = SENT.fetch_add(1, Relaxed),
                Err(error) => report(&error),
            }
        }
        // Where the program was stopped for a while, the times that it missed are left out.
        while next <= Instant::now() {
            next += args.interval;
        }
        wait_until(next);
    }
    // END GAP
}

/// Sends one datagram to one peer.
fn send_one(socket: &UdpSocket, peer: SocketAddr, quote: &str) -> Result<(), Failure> {
    let (address, port) = address_towards(peer, socket)?;
    let datagram = Datagram { timestamp: unix_time(), address, port, quote };
    socket.send_to(&pack(&datagram), peer).or_cannot("send to", Udp(peer))?;
    Ok(())
}

/// The address and port that this socket listens on, as that peer has to know them.
fn address_towards(peer: SocketAddr, socket: &UdpSocket) -> Result<(Ipv4Addr, u16), Failure> {
    let mut mine = socket.local_addr().or_cannot("ask for the address of", "the socket")?;
    if mine.ip().is_unspecified() {
        // Bound to every interface: which one leads there? connect() on a UDP socket sends nothing.
        // The system looks up the route and gives the socket the address at our end of it.
        let probe =
            Socket::new(Domain::IPV4, Type::DGRAM, None).or_cannot("create", "a UDP socket")?;
        probe.connect(&peer.into()).or_cannot("find a way to", Udp(peer))?;
        let local = probe.local_addr().or_cannot("ask for the address of", "the socket")?;
        mine.set_ip(address_of(&local).ip());
    }
    match mine.ip() {
        IpAddr::V4(address) => Ok((address, mine.port())),
        IpAddr::V6(_) => Ok((Ipv4Addr::UNSPECIFIED, 0)), // never of an IPv4 socket
    }
}

/// Receives datagrams, shows the good ones, and reports the bad ones. [`show`] is ready to use, and
/// so are [`Sources`] and [`Complaints`] of the library; [`GOOD`] and [`BAD`] count what came.
fn receive_for_ever(socket: &UdpSocket, bound: SocketAddr, args: &Args) -> Result<(), Failure> {
    // GAP 4: receive and show, with how many datagrams that IPv4 address has sent. A bad datagram
    // is reported and never shown. Strangers send here: remember a bounded number of sources, and
    // let a flood of bad datagrams be one report a second.
    let mut sources = Sources::none();
    let mut complaints = Complaints::none();
    let mut buffer = vec![0; LARGEST_DATAGRAM];
    let second = Duration::from_secs(1);
    socket.set_read_timeout(Some(second)).or_cannot("set the timeout of", "the socket")?;
    loop {
        if let Some((number, (from, fault))) = complaints.due(Instant::now) {
            note!("bad datagrams ignored: {number}, the last one from {from}: {fault}");
        }
        let arrived = socket.recv_from(&mut buffer).or_cannot("receive on", Udp(bound));
        let (length, from) = match arrived {
            Ok(length_and_source) => length_and_source,
            // Nothing arrived, or Ctrl-C: a wait with a timeout is ended by it.
            Err(error) if error.is_timeout() || error.kind() == Interrupted => continue,
            Err(error) if error.is_passing() => {
                complain_of(&error);
                continue;
            }
            Err(error) => return Err(error),
        };
        match unpack(&buffer[..length]) {
            Ok(datagram) => {
                GOOD.fetch_add(1, Relaxed);
                show(&datagram, from, sources.count(from.ip()), args);
            }
            Err(fault) => {
                BAD.fetch_add(1, Relaxed);
                complaints.add((from, fault));
            }
        }
    }
    // END GAP
}

/// Prints a datagram, of which `times` have come from its IPv4 address by now.
fn show(datagram: &Datagram, from: SocketAddr, times: u64, args: &Args) {
    if args.quiet {
        return;
    }
    let source = from.ip();
    let elapsed = i128::from(unix_time()) - i128::from(datagram.timestamp);
    if args.json {
        say!("{}", mandela::json(datagram, from, elapsed, times));
        return;
    }
    let claimed = match datagram.address {
        address if source == address => String::new(),
        address => format!(" (it says {address})"),
    };
    say!(
        "{}\n  sent {elapsed} s ago from {source}{claimed}, datagram {times} from there",
        printable(datagram.quote.as_bytes())
    );
}

/// Whole seconds since 1970-01-01 00:00 UTC; 0 where the clock is set before that.
fn unix_time() -> u64 {
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since_1970.map_or(0, |time| time.as_secs())
}

/// park_timeout() may come back early, so this looks at the clock again.
fn wait_until(time: Instant) {
    while let Some(left) = time.checked_duration_since(Instant::now()) {
        thread::park_timeout(left);
    }
}

fn summary() -> String {
    let [sent, good, bad] = [&SENT, &GOOD, &BAD].map(|number| number.load(Relaxed));
    format!("Datagrams sent: {sent}, received: {good} good, {bad} bad")
}

/// With `--json`, standard output is for the objects only.
fn tell(json: bool, line: String) {
    if json { note!("{line}") } else { say!("{line}") }
}
