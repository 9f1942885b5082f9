//! http_get: gets a page, and knows where it ends.
//!
//! Run:   cargo run --bin http_get
//! Then:  cargo run --bin http_get -- -v www.google.com
//! See:   > GET / HTTP/1.1
//!        < HTTP/1.1 200 OK
//!
//! `http_04_send` and `http_05_receive` do this by hand. What they leave out is taken from the
//! library's room `http`: the head of a response, and the three ways in which a body can end (a
//! length, chunks, the end of the stream).

use std::fs::File;
use std::io::{Error, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use socket_labs::bytes::printable;
use socket_labs::cli::{Families, Patience, arguments, seconds};
use socket_labs::clients::send_all_before;
use socket_labs::console::{show, show_rest};
use socket_labs::error::{Failure, OrCannot, Tcp, finish};
use socket_labs::http::{Body, Framing, HttpError, Pending, Request, Response, Url};
use socket_labs::names::{addresses, left};
use socket_labs::note;
use socket_labs::practice::{self, Server, ask};
use socket2::{Domain, Socket, Type};

/// The page to get where none is named.
const PAGE: &str = "http://www.google.com/";

/// The most redirects that are followed, and the most interim answers (1xx) that are skipped.
const MAX_REDIRECTS: usize = 10;
const MAX_INTERIM: usize = 100;

/// The largest page where nothing else is said: 1 GiB. A page without an end would fill the disk.
const MAX_SIZE: u64 = 1 << 30;

/// How early a wait may end, by the clock of the system.
const TICK: Duration = Duration::from_millis(20);

/// How much one recv() may bring.
const BUFFER: usize = 65_536;

/// Gets a page over plain http, as curl does: the body on standard output.
///
/// Example: http_get -v --location localhost:8080/moved
#[derive(Parser)]
#[command(name = env!("CARGO_BIN_NAME"), version, verbatim_doc_comment)]
struct Args {
    /// The page to get; without it, the front page of www.google.com
    url: Option<Url>,

    /// Show the conversation on standard error: `>` sent, `<` received, `*` what happens
    #[arg(short, long)]
    verbose: bool,

    /// Show the head of the response too, before the body
    #[arg(short, long)]
    include: bool,

    /// Write to this file and not to standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// A status of 400 or more is an error, and its body is not shown
    #[arg(short, long)]
    fail: bool,

    /// Follow the server to where the page has moved, up to 10 times
    #[arg(short = 'L', long)]
    location: bool,

    /// Largest page, in bytes; a larger one is an error
    #[arg(long, value_name = "BYTES", default_value_t = MAX_SIZE)]
    max_size: u64,

    /// Longest time for all of it, redirects too, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "86400", value_parser = seconds)]
    max_time: Duration,

    #[command(flatten)]
    families: Families,

    #[command(flatten)]
    patience: Patience,

    /// Where www.google.com is out of reach, do not ask the practice server
    #[arg(long)]
    online: bool,
}

/// A connection, and the bytes that came over it and are not used yet.
struct Connection {
    socket: Socket,
    address: SocketAddr,
    pending: Pending,
}

fn main() -> ExitCode {
    finish(run(&arguments()))
}

fn run(args: &Args) -> anyhow::Result<()> {
    let end = Instant::now() + args.max_time;
    let url = match &args.url {
        Some(url) => url.clone(),
        None => PAGE.parse()?,
    };
    let got = get(url.clone(), args, end);
    // The last wait was as long as what was left of the time, so that nothing is left of it now.
    let is_late = |failure: &Failure| failure.is_timeout() && end <= Instant::now() + TICK;
    if got.as_ref().is_err_and(|error| error.downcast_ref().is_some_and(is_late)) {
        let most = args.max_time.as_secs_f64();
        let late = Error::other(format!("it took longer than the {most} s of --max-time"));
        return Err(late).or_cannot("get", url.to_string())?;
    }
    got
}

/// Gets the page, wherever it has moved to, and writes it out. All of it must be done by the end.
fn get(mut url: Url, args: &Args, end: Instant) -> anyhow::Result<()> {
    let named = args.url.as_ref().map(Url::host);
    let default = (url.host(), url.port());
    let (server, mut connection) = ask(named, default, args.online, practice_server, |server| {
        Ok((server.clone(), connect(server, args, end)?))
    })?;
    let mut output = Output { path: args.output.as_deref(), file: None };
    for redirects in 0.. {
        let (response, head) = converse(&mut connection, &url, args, end)?;
        if args.include && !(args.fail && response.status >= 400) {
            output.write(&head)?;
        }
        let Some(next) = moved(&response, &url, args)? else {
            let length = deliver(connection, &response, &url, &mut output, args, end)?;
            if server.practice.is_some() {
                show_rest();
                note!("note: status {}, {length} bytes{}", response.status, server.mark());
            }
            break;
        };
        if redirects == MAX_REDIRECTS {
            let endless = format!("it moved more than {MAX_REDIRECTS} times, at last to {next}");
            return Err(Error::other(endless)).or_cannot("get", "the page")?;
        }
        url = next;
        verbose(args, format!("* The page has moved to {url}"));
        let same = (url.host(), url.port()) == (&server.name, server.port);
        connection = connect(&if same { server.clone() } else { named_in(&url) }, args, end)?;
    }
    Ok(())
}

/// Connects to the server: every address that its name has is tried, one after the other.
fn connect(server: &Server, args: &Args, end: Instant) -> Result<Connection, Failure> {
    let deadline = end.min(Instant::now() + args.patience.timeout);
    let found = match server.practice {
        Some(address) => vec![address],
        None => {
            let wait = left(deadline).or_cannot("resolve", &server.name)?;
            addresses(&server.name, server.port, args.families.family(), wait)?
        }
    };
    let mut failed = Failure::timeout("connect to", &server.name);
    for (i, &address) in found.iter().enumerate() {
        verbose(args, format!("*   Trying {address}..."));
        let family = Domain::for_address(address);
        let socket = Socket::new(family, Type::STREAM, None).or_cannot("create", "a TCP socket")?;
        // The time is shared out, so that one silent address leaves some of it for the others.
        let share = (found.len() - i) as u32;
        let wait = left(deadline).or_cannot("connect to", Tcp(address))? / share;
        match socket.connect_timeout(&address.into(), wait).or_cannot("connect to", Tcp(address)) {
            Ok(()) => {
                let (name, mark) = (&server.name, server.mark());
                verbose(args, format!("* Connected to {name} on {address}{mark}"));
                return Ok(Connection { socket, address, pending: Pending::default() });
            }
            Err(error) => failed = error,
        }
        verbose(args, format!("* {failed}"));
    }
    Err(failed)
}

/// Sends the request and receives the head of the response, parsed and as it came. The request must
/// be gone and the whole head be here within the timeout.
fn converse(
    connection: &mut Connection,
    url: &Url,
    args: &Args,
    end: Instant,
) -> Result<(Response, Vec<u8>), Failure> {
    let Connection { socket, address, pending } = connection;
    let (server, deadline) = (*address, end.min(Instant::now() + args.patience.timeout));
    let request = Request::get(url).emit();
    verbose_lines(args, b'>', &request);
    send_all_before(socket, &request, deadline).or_cannot("send to", Tcp(server))?;

    let mut interim = 0;
    let mut buffer = vec![0; BUFFER];
    loop {
        while let Some((response, head)) = understood(server, pending.take_response())? {
            verbose_lines(args, b'<', &head);
            if response.status >= 200 {
                return Ok((response, head));
            }
            interim += 1; // "100 Continue" and its like: the real answer is still to come
            if interim > MAX_INTERIM {
                return understood(server, Err(HttpError::Interim));
            }
        }
        let received = receive(socket, server, &mut buffer, deadline);
        let part = (!pending.is_blank()).then_some("a part of the head came");
        match received.map_err(|failure| stalled(failure, server, part))? {
            0 if pending.is_blank() => return understood(server, Err(HttpError::Nothing)),
            0 => return understood(server, Err(HttpError::CutShort(None))),
            length => pending.push(&buffer[..length]),
        }
    }
}

/// Receives the body and writes it out as it comes. Returns its length in bytes.
fn deliver(
    connection: Connection,
    response: &Response,
    url: &Url,
    output: &mut Output<'_>,
    args: &Args,
    end: Instant,
) -> Result<u64, Failure> {
    let Connection { mut socket, address: server, mut pending } = connection;
    if args.fail && response.status >= 400 {
        let status = [response.status.to_string().as_bytes(), b" ", &response.reason].concat();
        let answer = format!("the server answered {}", printable(&status).trim_end());
        return Err(Error::other(answer)).or_cannot("get", url.to_string());
    }
    let framing = understood(server, response.framing("GET"))?;
    let too_large = || {
        let more = format!("the page is larger than the {} bytes of --max-size", args.max_size);
        Err(Error::other(more)).or_cannot("get", url.to_string())
    };
    if matches!(framing, Framing::Length(length) if length > args.max_size) {
        return too_large(); // and nothing of it is written
    }
    let (mut body, mut total) = (Body::new(framing), 0);
    let mut arrived = pending.take_rest(); // the start of the body came along with the head
    output.write(b"")?; // an empty page makes a file too
    loop {
        let mut rest = &arrived[..];
        while let Some(content) = understood(server, body.next(&mut rest))? {
            total += content.len() as u64;
            if total > args.max_size {
                return too_large();
            }
            output.write(content)?;
        }
        if body.is_complete() {
            break;
        }
        arrived.resize(BUFFER, 0);
        // How long a page takes depends on its size. But no single wait is longer than the timeout.
        let deadline = end.min(Instant::now() + args.patience.timeout);
        let length = receive(&mut socket, server, &mut arrived, deadline)
            .map_err(|failure| stalled(failure, server, Some("no more of the page came")))?;
        arrived.truncate(length);
        if length == 0 {
            understood(server, body.end())?;
            break;
        }
    }
    verbose(args, format!("* The body is complete: {total} bytes"));
    Ok(total)
}

/// One recv() that ends by the deadline, made again where a signal came in between.
fn receive(
    socket: &mut Socket,
    server: SocketAddr,
    buffer: &mut [u8],
    deadline: Instant,
) -> Result<usize, Failure> {
    loop {
        let wait = left(deadline).or_cannot("receive from", Tcp(server))?;
        socket.set_read_timeout(Some(wait)).or_cannot("set the timeout for", Tcp(server))?;
        match socket.read(buffer) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            received => return received.or_cannot("receive from", Tcp(server)),
        }
    }
}

/// The failure of a server that has sent a part and not the rest: it is slow, and not silent.
fn stalled(failure: Failure, server: SocketAddr, part: Option<&str>) -> Failure {
    match part {
        Some(part) if failure.is_timeout() => Failure::too_slow(Tcp(server), part),
        _ => failure,
    }
}

/// Where the page has moved to, if it has, and if the server is to be followed.
fn moved(response: &Response, url: &Url, args: &Args) -> Result<Option<Url>, Failure> {
    let location = response.headers.get("Location");
    match (response.status, location) {
        (301 | 302 | 303 | 307 | 308, Some(location)) if args.location => {
            let to = printable(location);
            url.join(location).map(Some).map_err(Error::other).or_cannot("follow the page to", to)
        }
        _ => Ok(None),
    }
}

/// The server of a page that the user did not name: never a practice server.
fn named_in(url: &Url) -> Server {
    Server { name: url.host().to_string(), port: url.port(), practice: None }
}

/// What the library made of the bytes; where that is an error, it becomes a sentence.
fn understood<T>(server: SocketAddr, result: Result<T, HttpError>) -> Result<T, Failure> {
    result.map_err(|error| {
        let failure = Failure::new("understand the answer of", Tcp(server), &error.into());
        match error {
            HttpError::StatusLine | HttpError::Nothing => {
                failure.with_hint("is it a web server, and is this its port for plain http?")
            }
            _ => failure,
        }
    })
}

/// Where the page goes: standard output, or a file, which is made when the page is there.
struct Output<'a> {
    path: Option<&'a Path>,
    file: Option<File>,
}

impl Output<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let Some(path) = self.path else {
            return show(bytes);
        };
        let name = path.display().to_string();
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(File::create(path).or_cannot("create", &name)?),
        };
        file.write_all(bytes).or_cannot("write to", name)
    }
}

fn verbose(args: &Args, line: impl AsRef<[u8]>) {
    if args.verbose {
        note!("{}", printable(line.as_ref()));
    }
}

/// The head of a message, line by line, with a mark in front that says which way it went.
fn verbose_lines(args: &Args, mark: u8, head: &[u8]) {
    for line in head.split_inclusive(|byte| *byte == b'\n') {
        let text = [&[mark, b' '], line.trim_ascii_end()].concat();
        verbose(args, text.trim_ascii_end());
    }
}

/// Starts the practice web server in a thread of this process, on a free port.
fn practice_server() -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).or_cannot("bind", "127.0.0.1")?;
    Ok(practice::http::start(listener)?)
}
