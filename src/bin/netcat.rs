//! netcat: a keyboard and a screen for any socket.
//!
//! Run:   cargo run --bin netcat -- -l -v 9000          (in one terminal)
//! Then:  cargo run --bin netcat -- localhost 9000      (in another)
//! See:   what is typed in one terminal appear in the other
//!
//! Two threads work at the same time: one sends what comes from standard input, the other shows
//! what comes from the socket. They tell the first thread, which decides when it is over.

use std::borrow::Cow;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, UdpSocket};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use socket_labs::bytes::printable;
use socket_labs::cli::{Families, arguments, seconds};
use socket_labs::clients::try_again_after;
use socket_labs::console::show;
use socket_labs::error::{Failure, OrCannot, Tcp, Udp, finish};
use socket_labs::names::{Family, address_of, addresses};
use socket_labs::{complain, note};
use socket2::{Domain, Socket, Type};

/// The most that one read() or recv() takes. No datagram is longer.
const BUFFER: usize = 65_536;

/// The largest datagram: 65,535 bytes less the IPv4 header (20) and the UDP header (8).
const LARGEST_DATAGRAM: usize = 65_507;

/// The port of lab 5's server, where no port is given.
const LAB_5: u16 = 8888;

/// How long to wait for a name and a connection, and after the last datagram.
const PATIENCE: Duration = Duration::from_secs(5);

/// When the peer has closed, the input at hand is still sent. An input that is silent for so long
/// is a person at a keyboard, and netcat leaves.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// Sends what is typed through a socket, and shows what comes back.
///
/// Over TCP the end of the input (Ctrl-D; on Windows Ctrl-Z, ENTER) ends our side, and netcat leaves
/// when the peer closes.
/// Over UDP what one read() brings is one datagram: a line from a keyboard, its line end included,
/// and from a pipe or a file what is there, at most 65,507 bytes. There is no end to wait for, and
/// netcat leaves when the input has ended and nothing has come for the time of --timeout.
///
/// Example: netcat -C example.com 80
///          GET / HTTP/1.1
///          Host: example.com
///          (and an empty line)
#[derive(Parser)]
#[command(name = env!("CARGO_BIN_NAME"), version, verbatim_doc_comment)]
struct Args {
    /// Name or address of the server, with -l the address to listen on; may be left out
    /// [default: localhost, with -l 127.0.0.1]
    host: Option<String>,

    /// Its port; with -l, 0 lets the system choose a free one [default: 8888]
    port: Option<String>,

    /// Listen, and talk with the first client that comes
    #[arg(short, long)]
    listen: bool,

    /// With -l, the address to listen on; '' or 0.0.0.0 means every interface of this machine
    #[arg(long = "host", value_name = "ADDRESS", requires = "listen", conflicts_with = "port")]
    own_address: Option<String>,

    /// UDP in place of TCP
    #[arg(short, long)]
    udp: bool,

    /// Send CR LF where the input has LF, as the text protocols of the internet want it
    #[arg(short = 'C', long)]
    crlf: bool,

    /// Say on standard error who is connected
    #[arg(short, long)]
    verbose: bool,

    #[command(flatten)]
    families: Families,

    /// Longest wait for the name and for the connection, in seconds. Where it is given, also the
    /// longest silence of an open connection; without it, that may be silent for ever [default: 5]
    #[arg(short = 'w', long, value_name = "SECONDS", value_parser = seconds)]
    timeout: Option<Duration>,
}

/// What the two threads tell the first one.
enum Event {
    /// There is input, and it is now being sent.
    Input,
    /// It is sent.
    Sent,
    /// The input has ended.
    InputEnd,
    /// Something came from the peer, and was shown.
    Received,
    /// The peer has closed its side; over UDP that never comes.
    PeerEnd,
    CannotSend(Failure),
    CannotReceive(Failure),
}

fn main() -> ExitCode {
    finish(run(&arguments()))
}

fn run(args: &Args) -> anyhow::Result<()> {
    let (host, port) = host_and_port(args);
    let wait = args.timeout.unwrap_or(PATIENCE);
    let mut targets = addresses(&host, port, args.families.family(), wait)?;
    if args.udp {
        // Over UDP nobody can tell which address of a name has a server: IPv4 goes first.
        targets.sort_by_key(SocketAddr::is_ipv6);
        let socket = match args.listen {
            true => take_first_sender(targets[0], args)?,
            false => try_each(&targets, args, udp_connect)?,
        };
        exchange_datagrams(socket, args)
    } else {
        let (socket, peer) = match args.listen {
            true => take_first_client(targets[0], args)?,
            false => try_each(&targets, args, |target| tcp_connect(target, wait))?,
        };
        exchange_streams(socket, peer, args)
    }
}

fn exchange_streams(socket: Socket, peer: SocketAddr, args: &Args) -> anyhow::Result<()> {
    say_connected(args, peer);
    let (tell, told) = sync_channel(16);
    let (socket, crlf) = (Arc::new(socket), args.crlf);
    let same = socket.clone();
    start(&tell, Event::CannotSend, move |tell| send_stream(&same, peer, crlf, tell))?;
    start(&tell, Event::CannotReceive, move |tell| show_stream(&socket, peer, tell))?;
    wait_for_the_end(&told, peer, args.timeout)?;
    Ok(())
}

fn exchange_datagrams(socket: UdpSocket, args: &Args) -> anyhow::Result<()> {
    let peer = socket.peer_addr().or_cannot("ask for the peer of", "the socket")?;
    say_connected(args, peer);
    let (tell, told) = sync_channel(16);
    let (socket, crlf) = (Arc::new(socket), args.crlf);
    let same = socket.clone();
    start(&tell, Event::CannotSend, move |tell| send_datagrams(&same, peer, crlf, tell))?;
    start(&tell, Event::CannotReceive, move |tell| show_datagrams(&socket, peer, tell))?;
    wait_for_silence(&told, peer, args.timeout)?;
    Ok(())
}

/// One argument alone is the port.
fn host_and_port(args: &Args) -> (String, u16) {
    let (host, port) = match (&args.host, &args.port) {
        (Some(port), None) => (None, Some(port)),
        (host, port) => (host.as_deref(), port.as_ref()),
    };
    let lowest = if args.listen { 0 } else { 1 };
    let port = match port.map(|text| (text, text.parse())) {
        None => LAB_5,
        Some((text, Ok(port))) if port >= lowest && !text.starts_with('+') => port,
        Some((text, _)) => {
            let text = printable(text.as_bytes());
            let wrong = format!("invalid value '{text}' for '[PORT]': not in {lowest}..=65535");
            Args::command().bin_name("netcat").error(ErrorKind::ValueValidation, wrong).exit()
        }
    };
    let host = match (host.or(args.own_address.as_deref()), args.families.family()) {
        (None, _) if !args.listen => "localhost",
        (None, Family::V6) => "::1",
        (None, _) => "127.0.0.1",
        (Some(""), Family::V6) if args.listen => "::",
        (Some(""), _) if args.listen => "0.0.0.0",
        (Some(host), _) => host,
    };
    (host.to_string(), port)
}

/// The first of a name's addresses that works. Only the last one's failure is an error.
fn try_each<T>(
    targets: &[SocketAddr],
    args: &Args,
    attempt: impl Fn(SocketAddr) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let last = targets.len() - 1; // a name has at least one address
    for &target in &targets[..last] {
        match attempt(target) {
            Err(failure) if args.verbose => note!("{failure}; trying the next address"),
            Err(_) => {}
            connected => return connected,
        }
    }
    attempt(targets[last])
}

fn tcp_connect(target: SocketAddr, wait: Duration) -> Result<(Socket, SocketAddr), Failure> {
    let socket = Socket::new(Domain::for_address(target), Type::STREAM, None)
        .or_cannot("create", "a TCP socket")?;
    socket.connect_timeout(&target.into(), wait).or_cannot("connect to", Tcp(target))?;
    Ok((socket, target))
}

/// Nothing is sent by the connect() of UDP. The system notes the peer, and from then on passes on
/// its datagrams only, and its refusals.
fn udp_connect(target: SocketAddr) -> Result<UdpSocket, Failure> {
    let socket = Socket::new(Domain::for_address(target), Type::DGRAM, None)
        .or_cannot("create", "a UDP socket")?;
    socket.connect(&target.into()).or_cannot("connect to", Udp(target))?;
    Ok(socket.into())
}

fn take_first_client(own: SocketAddr, args: &Args) -> Result<(Socket, SocketAddr), Failure> {
    let listener = Socket::new(Domain::for_address(own), Type::STREAM, None)
        .or_cannot("create", "a TCP socket")?;
    if cfg!(unix) {
        // So that a second run can have the port at once. (Windows would allow a port to be stolen.)
        listener.set_reuse_address(true).or_cannot("set SO_REUSEADDR on", "the socket")?;
    }
    listener.bind(&own.into()).or_cannot("bind", Tcp(own))?;
    listener.listen(1).or_cannot("listen on", Tcp(own))?;
    let bound = listener.local_addr().or_cannot("ask for the address of", "the socket")?;
    let bound = address_of(&bound);
    say_listening(args, own, bound);
    loop {
        match listener.accept() {
            Ok((client, peer)) => return Ok((client, address_of(&peer))),
            Err(error) => try_again_after(error).or_cannot("accept on", Tcp(bound))?,
        }
    }
}

/// UDP has no accept(): the first one who sends something becomes the peer.
fn take_first_sender(own: SocketAddr, args: &Args) -> Result<UdpSocket, Failure> {
    let socket = Socket::new(Domain::for_address(own), Type::DGRAM, None)
        .or_cannot("create", "a UDP socket")?;
    socket.bind(&own.into()).or_cannot("bind", Udp(own))?;
    let socket = UdpSocket::from(socket);
    let bound = socket.local_addr().or_cannot("ask for the address of", "the socket")?;
    say_listening(args, own, bound);
    // peek: the datagram stays where it is, for the thread that shows them all.
    let mut buffer = vec![0; BUFFER];
    loop {
        let (_, peer) =
            again(|| socket.peek_from(&mut buffer)).or_cannot("receive on", Udp(bound))?;
        // A datagram can name port 0 as its sender, and nobody can be answered there. Linux's
        // connect() takes it, and the socket has no peer.
        let connected = match peer.port() {
            0 => Err(io::Error::other("nobody can have port 0")),
            _ => socket.connect(peer),
        };
        match connected.or_cannot("connect to", Udp(peer)) {
            Ok(()) => return Ok(socket),
            Err(error) => complain!("note: ignored a datagram from {peer}: {error}"),
        }
        // Take it away, and wait for the next.
        again(|| socket.recv_from(&mut buffer)).or_cannot("receive on", Udp(bound))?;
    }
}

fn say_listening(args: &Args, own: SocketAddr, bound: SocketAddr) {
    if !own.ip().is_loopback() {
        note!("note: {} is not loopback: reachable from the whole network", own.ip());
    }
    if args.verbose || own.port() == 0 {
        note!("Listening on {bound}");
    }
}

fn say_connected(args: &Args, peer: SocketAddr) {
    if args.verbose {
        let what = if args.listen { "Connection from" } else { "Connected to" };
        note!("{what} {peer}");
    }
}

/// A thread that works until its last event, or until a failure, which it tells as `failed`.
fn start(
    tell: &SyncSender<Event>,
    failed: fn(Failure) -> Event,
    work: impl FnOnce(&SyncSender<Event>) -> Result<Event, Failure> + Send + 'static,
) -> Result<(), Failure> {
    let tell = tell.clone();
    let all = move || tell.send(work(&tell).unwrap_or_else(failed));
    thread::Builder::new().spawn(all).or_cannot("start", "a thread")?;
    Ok(())
}

/// TCP, there: the input until its end, and then FIN. The peer can still answer.
fn send_stream(
    mut socket: &Socket,
    peer: SocketAddr,
    crlf: bool,
    tell: &SyncSender<Event>,
) -> Result<Event, Failure> {
    let (mut input, mut buffer, mut last) = (io::stdin().lock(), vec![0; BUFFER], 0);
    loop {
        let length = again(|| input.read(&mut buffer)).or_cannot("read", "standard input")?;
        if length == 0 {
            let _ = socket.shutdown(Shutdown::Write); // no FIN where the connection is gone already
            return Ok(Event::InputEnd);
        }
        let _ = tell.send(Event::Input);
        let bytes = line_ends(&buffer[..length], crlf, &mut last);
        socket.write_all(&bytes).or_cannot("send to", Tcp(peer))?;
        let _ = tell.send(Event::Sent);
    }
}

/// TCP, back: what the peer sends, until it closes.
fn show_stream(
    mut socket: &Socket,
    peer: SocketAddr,
    tell: &SyncSender<Event>,
) -> Result<Event, Failure> {
    let mut buffer = vec![0; BUFFER];
    loop {
        let length = again(|| socket.read(&mut buffer)).or_cannot("receive from", Tcp(peer))?;
        if length == 0 {
            return Ok(Event::PeerEnd);
        }
        show(&buffer[..length])?;
        let _ = tell.send(Event::Received);
    }
}

/// UDP, there: what one read() of the input brings is a datagram. A terminal hands over one line at a
/// time; a pipe, what was written to it.
fn send_datagrams(
    socket: &UdpSocket,
    peer: SocketAddr,
    crlf: bool,
    tell: &SyncSender<Event>,
) -> Result<Event, Failure> {
    // Where each byte may get a CR in front, half of it has to fit.
    let longest = if crlf { LARGEST_DATAGRAM / 2 } else { LARGEST_DATAGRAM };
    let (mut input, mut buffer, mut last) = (io::stdin().lock(), vec![0; longest], 0);
    loop {
        let length = again(|| input.read(&mut buffer)).or_cannot("read", "standard input")?;
        if length == 0 {
            return Ok(Event::InputEnd);
        }
        let datagram = line_ends(&buffer[..length], crlf, &mut last);
        again(|| socket.send(&datagram)).or_cannot("send to", Udp(peer))?;
        let _ = tell.send(Event::Sent);
    }
}

/// UDP, back: every datagram of the peer. Those of others may be waiting since before connect().
fn show_datagrams(
    socket: &UdpSocket,
    peer: SocketAddr,
    tell: &SyncSender<Event>,
) -> Result<Event, Failure> {
    let mut buffer = vec![0; BUFFER];
    loop {
        let (length, sender) =
            again(|| socket.recv_from(&mut buffer)).or_cannot("receive from", Udp(peer))?;
        if sender == peer {
            show(&buffer[..length])?;
            let _ = tell.send(Event::Received);
        }
    }
}

/// A TCP conversation is over when the peer has closed and the input at hand is sent.
fn wait_for_the_end(
    told: &Receiver<Event>,
    peer: SocketAddr,
    longest_silence: Option<Duration>,
) -> Result<(), Failure> {
    let (mut sending, mut input_ended, mut peer_ended, mut failed) = (false, false, false, None);
    while !(peer_ended && (input_ended || failed.is_some())) {
        let leaving = (peer_ended && !sending) || failed.is_some();
        let wait = if leaving { LAST_WORDS } else { longest_silence.unwrap_or(Duration::MAX) };
        match told.recv_timeout(wait) {
            Ok(Event::Input) => sending = true,
            Ok(Event::Sent) => sending = false,
            Ok(Event::InputEnd) => input_ended = true,
            Ok(Event::Received) => {}
            Ok(Event::PeerEnd) => peer_ended = true,
            // What the peer said before it closed is shown first.
            Ok(Event::CannotSend(failure)) => failed = Some(failure),
            Ok(Event::CannotReceive(failure)) => return Err(failure),
            Err(_) if leaving => break,
            Err(_) => return Err(Failure::timeout("hear from", Tcp(peer))),
        }
    }
    failed.map_or(Ok(()), Err)
}

/// A UDP conversation has no end: it is over when the input has ended and nothing comes any more.
fn wait_for_silence(
    told: &Receiver<Event>,
    peer: SocketAddr,
    longest_silence: Option<Duration>,
) -> Result<(), Failure> {
    let (mut wait, mut input_ended) = (longest_silence.unwrap_or(Duration::MAX), false);
    loop {
        match told.recv_timeout(wait) {
            Ok(Event::InputEnd) => {
                input_ended = true;
                wait = longest_silence.unwrap_or(PATIENCE);
            }
            Ok(Event::CannotSend(failure) | Event::CannotReceive(failure)) => return Err(failure),
            Ok(_) => {}
            Err(_) if input_ended => return Ok(()),
            Err(_) => return Err(Failure::timeout("hear from", Udp(peer))),
        }
    }
}

/// The bytes as they are, or with CR before each LF that has none. `last` is the byte before them.
fn line_ends<'a>(bytes: &'a [u8], crlf: bool, last: &mut u8) -> Cow<'a, [u8]> {
    if !crlf {
        return bytes.into();
    }
    let mut with_cr = Vec::with_capacity(bytes.len() + 64);
    for &byte in bytes {
        if byte == b'\n' && *last != b'\r' {
            with_cr.push(b'\r');
        }
        with_cr.push(byte);
        *last = byte;
    }
    with_cr.into()
}

/// Does a call again that a signal has interrupted (EINTR).
fn again<T>(mut call: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match call() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}
