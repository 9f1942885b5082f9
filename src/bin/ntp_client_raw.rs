//! ntp_client_raw: asks a time server, with a request of 48 bytes built by hand.
//!
//! Run:   cargo run --bin ntp_client_raw
//! Then:  cargo run --bin ntp_client_raw -- 127.0.0.1 --port 11123        (asks ntp_server)
//! See:   a table of the request, a table of the response, and
//!        T1 2026-11-21 04:20:31.687041 UTC  request sent, by our clock
//!        Offset: +0.000231 s
//!
//! `ntp_client` leaves all this to a library.

use std::hash::{BuildHasher, RandomState};
use std::net::{SocketAddr, UdpSocket};
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use anyhow::Context;
use clap::Parser;
use socket_labs::bytes::annotated;
use socket_labs::cli::{Families, Patience, arguments, server_port};
use socket_labs::error::{Failure, OrCannot, Udp, finish};
use socket_labs::names::left;
use socket_labs::ntp::{MOST_DISTANCE, Rejected, Short, Timestamp, fields};
use socket_labs::practice::{self, Mark, Server, ntp};
use socket_labs::{complain, date, say};
use socket2::{Domain, Socket, Type};

/// The size of an NTP header. More may follow it in a response.
const HEADER: usize = 48;

/// The largest datagram: 65,535 bytes less the IPv4 header (20) and the UDP header (8).
const LARGEST_DATAGRAM: usize = 65_507;

/// A clock that is read twice within so many seconds may show the same time: RFC 5905's precision.
const PRECISION: f64 = 1e-6;

/// Asks a time server without a library: 48 bytes out, 48 bytes back, sendto() and recvfrom().
///
/// Example: ntp_client_raw 127.0.0.1 --port 11123
#[derive(Parser)]
#[command(name = env!("CARGO_BIN_NAME"), version, verbatim_doc_comment)]
struct Args {
    /// The server; without it pool.ntp.org, or a practice server where that is out of reach
    server: Option<String>,

    /// Port of the server
    #[arg(long, default_value_t = 123, value_parser = server_port())]
    port: u16,

    /// Never ask the practice server
    #[arg(long)]
    online: bool,

    #[command(flatten)]
    families: Families,

    #[command(flatten)]
    patience: Patience,
}

/// What came back, and when by our clock.
struct Exchange {
    reply: Vec<u8>,
    sent: Timestamp,
    received: Timestamp,
}

fn main() -> ExitCode {
    finish(run(&arguments()))
}

fn run(args: &Args) -> anyhow::Result<()> {
    let default = ("pool.ntp.org", args.port);
    let named = args.server.as_deref();
    practice::ask(named, default, args.online, start_practice_server, |server| {
        let (family, timeout) = (args.families.family(), args.patience.timeout);
        ntp::ask_in_turn(server, family, timeout, |address, wait| ask(address, wait, server))
    })
}

/// A time server inside this program, for where the network is missing.
fn start_practice_server() -> anyhow::Result<SocketAddr> {
    let any_port = SocketAddr::from(([127, 0, 0, 1], 0));
    let socket = UdpSocket::bind(any_port).or_cannot("bind", Udp(any_port))?;
    let address = socket.local_addr().or_cannot("ask for the address of", "the socket")?;
    thread::Builder::new()
        .spawn(move || ntp::serve(&socket, ntp::SKEW, |_| ()))
        .or_cannot("start", "the thread of the practice server")?;
    Ok(address)
}

/// Asks the server at this address, waits for it at most so long, and shows what came of it.
fn ask(address: SocketAddr, wait: Duration, server: &Server) -> anyhow::Result<()> {
    let mark = server.mark();
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, None)
        .or_cannot("create", "a UDP socket")?;
    let socket = UdpSocket::from(socket); // the same socket, as std's type

    // Random, so that nobody who has not seen the request can answer it; and the server need not
    // know what our clock shows. The real time of sending, T1, stays with us.
    let transmit = RandomState::new().hash_one(SystemTime::now());
    let request = build_request(transmit);
    show(&format!("Request to {address}"), mark, &request, transmit);

    let exchange = exchange(&socket, address, &request, Instant::now() + wait)?;
    let reply = &exchange.reply;
    show(&format!("Response from {address}"), mark, reply, transmit);
    check(reply, transmit).with_context(|| format!("cannot use the response of {address}"))?;

    let (t1, t2) = (exchange.sent, timestamp_at(reply, 32));
    let (t3, t4) = (timestamp_at(reply, 40), exchange.received);
    let (offset, delay) = offset_and_delay(t1, t2, t3, t4);
    say!("T1 {t1}  request sent, by our clock{mark}");
    say!("T2 {t2}  request received, by the server's clock{mark}");
    say!("T3 {t3}  response sent, by the server's clock{mark}");
    say!("T4 {t4}  response received, by our clock{mark}");
    say!("Time: {}{mark}", date::ctime(t3.unix().0));
    say!("Offset: {offset:+.6} s{mark}");
    say!("Round-trip delay: {delay:.6} s{mark}");
    if server.practice.is_some() {
        let skew = ntp::describe(ntp::SKEW);
        say!("The server's clock is {skew}, on purpose{mark}");
    }
    Ok(())
}

/// The 48 bytes of a client's request, with this transmit timestamp (RFC 5905, section 7.3).
fn build_request(transmit: u64) -> [u8; HEADER] {
    // GAP 1: all bytes are zero, but for the first and the last eight. The first holds three
    // fields: the leap indicator 0 (2 bits), the version 4 (3 bits), the mode 3, "client" (3 bits).
    // The last eight are the transmit timestamp, big-endian.
    let mut request = [0; HEADER];
    request[0] = (4 << 3) | 3; // the two bits of the leap indicator stay 0
    request[40..48].copy_from_slice(&transmit.to_be_bytes());
    request
    // END GAP
}

/// Sends the request and waits for the response, with the time of each by our clock.
fn exchange(
    socket: &UdpSocket,
    server: SocketAddr,
    request: &[u8],
    deadline: Instant,
) -> Result<Exchange, Failure> {
    // GAP 2: take the time, with `Timestamp::at(SystemTime::now())`, and send; wait for a datagram
    // until the deadline and take the time again. Anyone can send to this socket: say so when a
    // datagram comes from another address or port than the server's, and go on waiting. Go on too
    // where the origin (at byte 24) is not our transmit timestamp (at byte 40): a forger can write
    // the server's address, but has not seen our request. If nothing better comes, return the last
    // of these: `check` tells what is wrong with it.
    let mut buffer = vec![0; LARGEST_DATAGRAM];
    let sent = Timestamp::at(SystemTime::now());
    socket.send_to(request, server).or_cannot("send to", Udp(server))?;
    let mut last = Err(ntp::no_response(server));
    while let Ok(wait) = left(deadline) {
        socket.set_read_timeout(Some(wait)).or_cannot("set the timeout of", "the socket")?;
        match socket.recv_from(&mut buffer).or_cannot("receive from", Udp(server)) {
            Ok((length, sender)) if same(sender, server) => {
                let received = Timestamp::at(SystemTime::now());
                let reply = buffer[..length].to_vec();
                let is_ours = reply.get(24..32) == request.get(40..48);
                last = Ok(Exchange { reply, sent, received });
                if is_ours {
                    break;
                }
                complain!("note: a datagram from {sender} does not answer our request");
            }
            Ok((_, stranger)) => {
                complain!("note: rejected a datagram from {stranger}: wrong source")
            }
            Err(error) if error.is_timeout() => {}
            Err(error) if error.is_interruption() => {} // a signal came in between
            Err(error) => return Err(error),
        }
    }
    last
    // END GAP
}

/// Whether a response may be believed; if not, why (RFC 5905, section 8).
fn check(reply: &[u8], transmit: u64) -> Result<(), Rejected> {
    // GAP 3: reject a response that is shorter than a header; whose version is not 1 to 4; whose
    // mode is not 4, "server"; whose origin timestamp is not our transmit timestamp; whose stratum
    // is 0 (the reference ID is then the kiss code) or above 15; whose leap indicator is 3, "not
    // synchronized"; whose transmit timestamp is zero, "unknown", or before the reference timestamp
    // (where that is known); or whose root distance is 16 s or more. The names of `Rejected`, in
    // this order: `Short(length)`, `Version(version)`, `Mode(mode)`, `Origin`, `Kiss([u8; 4])`,
    // `Stratum(stratum)`, `Unsynchronized`, `NoTime`, `Reference`, `Distance`.
    if reply.len() < HEADER {
        return Err(Rejected::Short(reply.len()));
    }
    let (leap, version, mode) = (reply[0] >> 6, reply[0] >> 3 & 0b111, reply[0] & 0b111);
    let stratum = reply[1];
    if !(1..=4).contains(&version) {
        return Err(Rejected::Version(version));
    }
    if mode != 4 {
        return Err(Rejected::Mode(mode));
    }
    if timestamp_at(reply, 24) != Timestamp(transmit) {
        return Err(Rejected::Origin);
    }
    if stratum == 0 {
        return Err(Rejected::Kiss([reply[12], reply[13], reply[14], reply[15]]));
    }
    if leap == 3 {
        return Err(Rejected::Unsynchronized);
    }
    if stratum > 15 {
        return Err(Rejected::Stratum(stratum));
    }
    let (reference, transmit) = (timestamp_at(reply, 16), timestamp_at(reply, 40));
    if transmit == Timestamp::ZERO {
        return Err(Rejected::NoTime);
    }
    if reference != Timestamp::ZERO && transmit.since(reference) < 0.0 {
        return Err(Rejected::Reference);
    }
    // How wrong the server may be: half the delay to the reference clock, and its dispersion.
    let (delay, dispersion) = (short_at(reply, 4), short_at(reply, 8));
    if delay / 2.0 + dispersion >= MOST_DISTANCE {
        return Err(Rejected::Distance);
    }
    Ok(())
    // END GAP
}

/// How far our clock is behind the server's, and how long the two datagrams were on their way, in
/// seconds (RFC 5905, section 8).
fn offset_and_delay(t1: Timestamp, t2: Timestamp, t3: Timestamp, t4: Timestamp) -> (f64, f64) {
    // GAP 4: the offset is the mean of T2 - T1 and T3 - T4. The delay is the time from T1 to T4
    // less the time from T2 to T3, and at least the PRECISION. `t2.since(t1)` is T2 - T1.
    let offset = (t2.since(t1) + t3.since(t4)) / 2.0;
    let delay = t4.since(t1) - t3.since(t2);
    (offset, delay.max(PRECISION))
    // END GAP
}

/// The timestamp that starts at this byte: the most significant byte comes first.
fn timestamp_at(packet: &[u8], start: usize) -> Timestamp {
    let bytes = packet.iter().skip(start).take(8);
    Timestamp(bytes.fold(0, |all, byte| all << 8 | u64::from(*byte)))
}

/// The duration that starts at this byte, in seconds: 16 bits of them, then 16 bits of their fraction.
fn short_at(packet: &[u8], start: usize) -> f64 {
    let bytes = packet.iter().skip(start).take(4);
    Short(bytes.fold(0, |all, byte| all << 8 | u32::from(*byte))).seconds()
}

fn same(sender: SocketAddr, server: SocketAddr) -> bool {
    (sender.ip(), sender.port()) == (server.ip(), server.port())
}

/// Prints a packet as a table. Our random number is no time, on its way out and back.
fn show(title: &str, mark: Mark, packet: &[u8], transmit: u64) {
    let mut fields = fields(packet);
    for field in &mut fields {
        if packet.get(field.range.clone()) == Some(&transmit.to_be_bytes()) {
            field.meaning = "our random number, not a time".into();
        }
    }
    say!("{title}, {} bytes{mark}", packet.len());
    say!("{}", annotated(packet, &fields));
}
