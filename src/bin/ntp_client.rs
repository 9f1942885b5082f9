//! ntp_client: asks a time server what time it is, through the sntpc library.
//!
//! Run:   cargo run --bin ntp_client
//! Then:  cargo run --bin ntp_client -- 127.0.0.1 --port 11123        (asks ntp_server)
//! See:   Time: Sat Nov 21 04:20:31 2026
//!        Offset: +0.000231 s
//!
//! What the library does here, `ntp_client_raw` does by hand.

use std::cell::Cell;
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, anyhow};
use clap::Parser;
use sntpc::{
    KissOfDeathCode, NtpContext, NtpResult, NtpTimestampGenerator, NtpUdpSocket,
    fraction_to_microseconds, sync::get_time,
};
use socket_labs::cli::{Families, Patience, arguments, server_port};
use socket_labs::error::{Failure, OrCannot, Udp, finish};
use socket_labs::ntp::{Rejected, Timestamp};
use socket_labs::practice::{self, Server, ntp};
use socket_labs::{date, say};
use socket2::{Domain, Socket, Type};

/// Asks a time server through a library: the time, and how far this machine's clock is off.
///
/// Example: ntp_client 127.0.0.1 --port 11123 --json
#[derive(Parser)]
#[command(name = env!("CARGO_BIN_NAME"), version, verbatim_doc_comment)]
struct Args {
    /// The server; without it pool.ntp.org, or a practice server where that is out of reach
    server: Option<String>,

    /// Port of the server
    #[arg(long, default_value_t = 123, value_parser = server_port())]
    port: u16,

    /// Print one JSON object
    #[arg(long)]
    json: bool,

    /// Never ask the practice server
    #[arg(long)]
    online: bool,

    #[command(flatten)]
    families: Families,

    #[command(flatten)]
    patience: Patience,
}

fn main() -> ExitCode {
    finish(run(&arguments()))
}

fn run(args: &Args) -> anyhow::Result<()> {
    let default = ("pool.ntp.org", args.port);
    let named = args.server.as_deref();
    practice::ask(named, default, args.online, start_practice_server, |server| {
        let (family, timeout) = (args.families.family(), args.patience.timeout);
        ntp::ask_in_turn(server, family, timeout, |address, wait| {
            let result = ask(address, wait)?;
            match args.json {
                true => say!("{}", json(server, address, &result)),
                false => show(server, address, &result),
            }
            Ok(())
        })
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

/// Asks the server at this address, and waits for it at most so long.
fn ask(server: SocketAddr, wait: Duration) -> anyhow::Result<NtpResult> {
    let socket = Socket::new(Domain::for_address(server), Type::DGRAM, None)
        .or_cannot("create", "a UDP socket")?;
    // No packet goes out here: connect() on a UDP socket only notes the address. From now on the
    // system drops what others send to this socket, and reports a refusal (ICMP) to it.
    socket.connect(&server.into()).or_cannot("connect to", Udp(server))?;
    let wire = Wire::new(socket.into(), server, Instant::now() + wait);
    let answer = get_time(server, &wire, NtpContext::new(Clock(Timestamp::ZERO)));
    if let Some(failure) = wire.trouble.take() {
        return Err(failure.into());
    }
    answer
        .map_err(|error| anyhow!(sentence(error)))
        .with_context(|| format!("cannot use the response of {server}"))
}

/// The socket that sntpc sends and receives through.
///
/// The one of sntpc-net-std says "network error" for whatever goes wrong. This one keeps the
/// error, so that a timeout can be told from a refusal.
struct Wire {
    socket: UdpSocket,
    server: SocketAddr,
    deadline: Instant,
    /// The last 8 bytes of the request: its transmit timestamp.
    transmit: Cell<[u8; 8]>,
    trouble: Cell<Option<Failure>>,
}

impl Wire {
    fn new(socket: UdpSocket, server: SocketAddr, deadline: Instant) -> Wire {
        Wire { socket, server, deadline, transmit: Cell::default(), trouble: Cell::default() }
    }

    fn keep<T>(&self, verb: &str, result: io::Result<T>) -> sntpc::Result<T> {
        result.or_cannot(verb, Udp(self.server)).map_err(|failure| {
            self.trouble.set(Some(match failure.is_timeout() {
                true => ntp::no_response(self.server),
                false => failure,
            }));
            sntpc::Error::Network
        })
    }
}

impl NtpUdpSocket for Wire {
    async fn send_to(&self, request: &[u8], _: SocketAddr) -> sntpc::Result<usize> {
        self.transmit.set(request.last_chunk().copied().unwrap_or_default());
        self.keep("send to", self.socket.send(request))
    }

    async fn recv_from(&self, reply: &mut [u8]) -> sntpc::Result<(usize, SocketAddr)> {
        // sntpc hands over 48 bytes. More may come, and Windows calls that an error.
        let mut datagram = [0; 1024];
        let transmit = self.transmit.get();
        let received = ntp::receive(&self.socket, transmit, self.deadline, &mut datagram);
        let length = self.keep("receive from", received)?;
        let length = length.min(reply.len());
        reply[..length].copy_from_slice(&datagram[..length]);
        Ok((length, self.server))
    }
}

/// This machine's clock, for the library. Its own panics where the clock shows a time before 1970.
#[derive(Clone, Copy)]
struct Clock(Timestamp);

impl NtpTimestampGenerator for Clock {
    fn init(&mut self) {
        self.0 = Timestamp::at(SystemTime::now());
    }

    /// NTP's seconds start again every 2³² s, so a time and the one so much later are the same to it.
    fn timestamp_sec(&self) -> u64 {
        self.0.unix().0.rem_euclid(1 << 32).cast_unsigned()
    }

    fn timestamp_subsec_micros(&self) -> u32 {
        self.0.unix().1 / 1_000
    }
}

/// sntpc's errors have no words of their own.
fn sentence(error: sntpc::Error) -> String {
    use sntpc::Error::*;
    match error {
        KissOfDeath(KissOfDeathCode::Experimental(code)) => Rejected::Kiss(code).to_string(),
        KissOfDeath(code) => {
            let code = code.as_str().as_bytes().try_into();
            Rejected::Kiss(code.unwrap_or_default()).to_string()
        }
        IncorrectOriginTimestamp => Rejected::Origin.to_string(),
        UnsynchronizedClock => Rejected::Unsynchronized.to_string(),
        InvalidTimestamp => Rejected::NoTime.to_string(),
        IncorrectPayload => "it is shorter than an NTP header, 48 bytes".into(),
        IncorrectMode => "its mode is not 4, a server's".into(),
        IncorrectStratumHeaders => {
            "its stratum is above 15, so the server is not synchronized".into()
        }
        IncorrectResponseVersion => "its version is not one from 1 to 4".into(),
        ExcessiveRootDistance => Rejected::Distance.to_string(),
        BackwardReferenceTimestamp => Rejected::Reference.to_string(),
        _ => "it does not keep to the rules of NTP".into(),
    }
}

fn show(server: &Server, address: SocketAddr, result: &NtpResult) {
    let mark = server.mark();
    say!("Time: {}{mark}", ctime(result));
    say!("Offset: {:+.6} s{mark}", offset(result));
    say!("Round-trip delay: {:.6} s{mark}", delay(result));
    say!("Stratum: {}{mark}", result.stratum());
    say!("Server: {} port {}{mark}", address.ip(), address.port());
    if server.practice.is_some() {
        let skew = ntp::describe(ntp::SKEW);
        say!("The server's clock is {skew}, on purpose{mark}");
    }
}

/// One JSON object. Its two texts, a date and an address, have no character that JSON escapes.
fn json(server: &Server, address: SocketAddr, result: &NtpResult) -> String {
    let practice = match server.practice {
        Some(_) => format!(r#"true,"practice_skew":{}"#, ntp::SKEW),
        None => "false".into(),
    };
    format!(
        r#"{{"time":"{}","unix":{}.{:06},"offset":{:.6},"delay":{:.6},"stratum":{},"server":"{}","port":{},"practice_server":{practice}}}"#,
        ctime(result),
        unix(result),
        fraction_to_microseconds(result.sec_fraction()),
        offset(result),
        delay(result),
        result.stratum(),
        address.ip(),
        address.port(),
    )
}

/// The server's time when it sent its response.
fn ctime(result: &NtpResult) -> String {
    date::ctime(unix(result))
}

/// The same in seconds from 1970. The library takes the era that is nearest to our clock; where that
/// is wrong by decades, only a `Timestamp` knows the right one.
fn unix(result: &NtpResult) -> i64 {
    Timestamp::at(UNIX_EPOCH + Duration::from_secs(result.sec())).unix().0
}

/// sntpc counts microseconds; these are seconds.
fn offset(result: &NtpResult) -> f64 {
    result.offset() as f64 / 1e6
}

fn delay(result: &NtpResult) -> f64 {
    result.roundtrip() as f64 / 1e6
}
