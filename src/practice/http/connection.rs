//! One connection: its requests, one after the other, and how it is closed.

use std::io::{self, Read};
use std::net::{Shutdown, SocketAddr};
use std::time::{Duration, Instant};

use socket2::Socket;

use super::Site;
use super::page::Page;
use super::sending::send;
use crate::bytes::printable;
use crate::error::{Failure, OrCannot, Tcp, is_timeout};
use crate::http::{Framing, HttpError, Pending, Request};
use crate::names::left;

/// How many requests one connection may bring; the last answer says `Connection: close`.
pub const REQUESTS_A_CONNECTION: u32 = 100;

/// The methods that are not allowed here. They have a meaning in HTTP (RFC 9110, section 9.3; RFC
/// 5789), and their names are in capitals. Any other method is unknown.
const METHODS: [&str; 7] = ["POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"];

/// How long, and for how many bytes, a client that is sent away is still listened to.
const GOODBYE: Duration = Duration::from_secs(2);
const GOODBYE_BYTES: usize = 16 << 20;

/// What a client did in the time that it had.
enum Arrived {
    Request(Request),
    Wrong(HttpError),
    /// It closed its side before a request was whole.
    End,
    Late,
}

/// One client.
struct Connection<'a> {
    client: &'a Socket,
    peer: SocketAddr,
    pending: Pending,
    buffer: Vec<u8>,
}

/// Answers the requests of one client until it leaves, or has been idle for so long.
///
/// A request must be whole within the idle time, however slowly its bytes come. `log` is called
/// with a line for each answer: the request line escaped for the terminal, the status, the number
/// of bytes of the body. How long the client may take to read is the socket's write timeout.
///
/// # Errors
///
/// The client reset the connection, or stopped reading.
pub fn serve(
    client: &Socket,
    peer: SocketAddr,
    site: &Site,
    idle: Duration,
    mut log: impl FnMut(String),
) -> Result<(), Failure> {
    let mut connection = Connection::new(client, peer);
    for turn in 1..=REQUESTS_A_CONNECTION {
        let arrived = connection.next_request(Instant::now() + idle)?;
        let nothing = connection.pending.is_blank();
        let (what, page, request) = match arrived {
            Arrived::Request(request) => (line_of(&request), answer(site, &request), Some(request)),
            Arrived::Wrong(error) => (error.to_string(), problem(error), None),
            // A client that will ask no more leaves without a word, and is left so.
            Arrived::End if nothing => break,
            Arrived::Late if nothing && turn > 1 => break,
            Arrived::End => ("it ended too early".into(), too_short(), None),
            Arrived::Late => ("it came too slowly".into(), too_late(idle), None),
        };
        // After a request that was not understood, nobody knows where the next one starts.
        let stays = turn < REQUESTS_A_CONNECTION && request.as_ref().is_some_and(another_may_come);
        let status = page.status;
        let length = connection.send(page, request.as_ref(), stays)?;
        log(format!("{what}: {status}, {length} bytes"));
        if !stays {
            break;
        }
    }
    connection.say_goodbye();
    Ok(())
}

/// Tells a client for whom there is no room that it may come again: 503.
///
/// # Errors
///
/// The client reset the connection.
pub fn refuse(client: &Socket, peer: SocketAddr, sentence: &str) -> Result<(), Failure> {
    let mut connection = Connection::new(client, peer);
    connection.send(Page::problem(503, sentence.trim_end()), None, false)?;
    connection.say_goodbye();
    Ok(())
}

/// Whether the next request can be on the same connection: the client wants it, and this request
/// has no body, which would have to be read first.
fn another_may_come(request: &Request) -> bool {
    let no_body = [Ok(Framing::None), Ok(Framing::Length(0))];
    request.keeps_alive() && no_body.contains(&request.framing())
}

/// The request line, quoted, for the terminal.
fn line_of(request: &Request) -> String {
    let (method, target, minor) = (&request.method, &request.target, request.minor);
    let line = format!("\"{method} {target} HTTP/1.{minor}\"");
    printable(line.as_bytes())
}

fn answer(site: &Site, request: &Request) -> Page {
    if let Err(error) = request.framing() {
        return problem(error);
    }
    match &request.method[..] {
        "GET" | "HEAD" if !site.is_for(request) => {
            Page::problem(421, "This server is for this machine: ask for localhost or 127.0.0.1.")
        }
        "GET" | "HEAD" => request.path().map_or_else(problem, |path| site.page(&path)),
        method if METHODS.contains(&method) => {
            let mut page = Page::problem(405, "This server allows GET and HEAD.");
            page.headers.push(("Allow", "GET, HEAD".to_string()));
            page
        }
        _ => Page::problem(501, "This server does not know that method."),
    }
}

fn problem(error: HttpError) -> Page {
    let sentence = format!("The request was not understood: {error}.");
    Page::problem(error.status(), &sentence)
}

fn too_short() -> Page {
    Page::problem(400, "The request ended before the empty line.")
}

fn too_late(idle: Duration) -> Page {
    let sentence = format!("No whole request came within {} s.", idle.as_secs_f64());
    Page::problem(408, &sentence)
}

impl Connection<'_> {
    fn new(client: &Socket, peer: SocketAddr) -> Connection<'_> {
        Connection { client, peer, pending: Pending::default(), buffer: vec![0; 8192] }
    }

    fn next_request(&mut self, deadline: Instant) -> Result<Arrived, Failure> {
        loop {
            match self.pending.take_request() {
                Ok(Some(request)) => return Ok(Arrived::Request(request)),
                Ok(None) => {}
                Err(error) => return Ok(Arrived::Wrong(error)),
            }
            match self.receive(deadline) {
                Ok(0) => return Ok(Arrived::End),
                Ok(length) => self.pending.push(&self.buffer[..length]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if is_timeout(error.kind()) => return Ok(Arrived::Late),
                Err(error) => return Err(error).or_cannot("receive from", Tcp(self.peer)),
            }
        }
    }

    fn receive(&mut self, deadline: Instant) -> io::Result<usize> {
        self.client.set_read_timeout(Some(left(deadline)?))?;
        let mut client = self.client;
        client.read(&mut self.buffer)
    }

    fn send(&mut self, page: Page, request: Option<&Request>, stays: bool) -> Result<u64, Failure> {
        send(self.client, page, request, stays).or_cannot("send to", Tcp(self.peer))
    }

    /// Closes so that the client still gets the last answer. A close with bytes unread sends RST,
    /// which would overtake it: so FIN first, and then what the client still says is read, for a
    /// bounded time.
    fn say_goodbye(mut self) {
        if self.client.shutdown(Shutdown::Write).is_err() {
            return;
        }
        let deadline = Instant::now() + GOODBYE;
        let mut heard = 0;
        while heard < GOODBYE_BYTES {
            match self.receive(deadline) {
                Ok(0) => return,
                Ok(length) => heard += length,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return,
            }
        }
    }
}
