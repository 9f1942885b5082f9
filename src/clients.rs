//! What every server of many clients needs: seats, whom to answer, and what to do when accept()
//! fails.

use std::collections::HashMap;
use std::io::{self, Write};
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use socket2::Socket;

use crate::complain;
use crate::error::{Errno, Failure, Udp, is_passing};
use crate::names::left;

/// How long a server waits for a client to take what is sent to it, where nothing else is said. A
/// client that has stopped reading fills the buffers between them; then it is let go.
pub const WRITE_PATIENCE: Duration = Duration::from_secs(30);

/// The stack of a thread that serves one client: 64 KiB. The big buffers are on the heap, and the
/// page tables of ten thousand 2 MiB stacks would cost more than the clients themselves.
pub const STACK: usize = 64 * 1024;

/// sendall() with an end: sends all of the bytes, or gives up when the client has not taken them
/// within the socket's write timeout.
///
/// `write_all()` alone would go on for ever with a client that takes a little now and then, because
/// the write timeout (SO_SNDTIMEO) starts anew for each part that was taken.
///
/// # Errors
///
/// Those of send(); `TimedOut` when the time is up and only a part was taken, at the latest after
/// three times the timeout.
pub fn send_all(mut client: &Socket, bytes: &[u8]) -> io::Result<()> {
    let (mut rest, mut started) = (bytes, None);
    while !rest.is_empty() {
        match client.write(rest) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(length) if length == rest.len() => return Ok(()), // the usual case, in one go
            Ok(length) => rest = &rest[length..],
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        let started = *started.get_or_insert_with(Instant::now);
        if started.elapsed() >= client.write_timeout()?.unwrap_or(WRITE_PATIENCE) {
            return Err(io::ErrorKind::TimedOut.into());
        }
    }
    Ok(())
}

/// As [`send_all`], for a client: all of the bytes are sent before the deadline.
///
/// # Errors
///
/// Those of send(); `TimedOut` when the time is up.
pub fn send_all_before(mut server: &Socket, bytes: &[u8], deadline: Instant) -> io::Result<()> {
    let mut rest = bytes;
    while !rest.is_empty() {
        server.set_write_timeout(Some(left(deadline)?))?;
        match server.write(rest) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(length) => rest = &rest[length..],
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// The places of a server: as many clients at once as there are seats.
#[derive(Debug, Clone)]
pub struct Seats {
    taken: Arc<AtomicU32>,
    all: u32,
}

/// A taken seat. Dropping it makes it free again, however the client's thread ends.
#[derive(Debug)]
pub struct Seat(Arc<AtomicU32>);

impl Seats {
    /// A server with so many seats, all of them free.
    pub fn new(all: u32) -> Seats {
        Seats { taken: Arc::default(), all }
    }

    /// Takes a free seat, or `None` when the server is full.
    pub fn take(&self) -> Option<Seat> {
        let one_more = |taken| (taken < self.all).then_some(taken + 1);
        self.taken.fetch_update(Ordering::AcqRel, Ordering::Acquire, one_more).ok()?;
        Some(Seat(self.taken.clone()))
    }

    /// The line for a client that found no seat.
    pub fn refusal(&self) -> String {
        let clients = if self.all == 1 { "client" } else { "clients" };
        format!(
            "The server is full: it serves {} {clients} at a time. Try again later.\n",
            self.all
        )
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// The most answers a second that one address gets of a UDP server, where nothing else is said.
pub const MOST_ANSWERS: u32 = 1_000;

/// How many addresses are counted within a second.
const MOST_SENDERS: usize = 1_000;

/// Whom a UDP server answers, and how often: so that two servers that answer everything do not keep
/// each other busy forever.
///
/// UDP believes what a datagram says of its sender. One with a forged sender, the address of another
/// server or of this one, starts an exchange that no client ends. (CERT CA-1996-01, "UDP Port
/// Denial-of-Service Attack"; RFC 862 and RFC 864 describe the two services.) What comes from the
/// server's own address is no question. From another address more than the limit within a second is
/// left without an answer: no person needs so many, and one datagram that is not answered ends such
/// an exchange.
#[derive(Debug)]
pub struct AnswerLimit {
    bound: SocketAddr,
    most: u32,
    second: Instant,
    answered: HashMap<SocketAddr, u32>,
}

impl AnswerLimit {
    /// For a server at this address: at most so many answers a second to each sender.
    pub fn new(bound: SocketAddr, most: u32) -> AnswerLimit {
        AnswerLimit { bound, most, second: Instant::now(), answered: HashMap::new() }
    }

    /// Whether to answer a datagram of this sender; counts it.
    ///
    /// # Errors
    ///
    /// Why not. It is the trouble of that sender, and a server goes on after it.
    pub fn check(&mut self, sender: SocketAddr) -> Result<(), Failure> {
        let refuse = |why: String| {
            Err(Failure::new("send an answer to", Udp(sender), &io::Error::other(why)).with_hint(
                "two servers that answer each other would never stop; is the sender forged?",
            ))
        };
        if is_own(sender, self.bound) {
            return refuse("it is this server's own address".into());
        }
        if self.second.elapsed() >= Duration::from_secs(1) {
            self.second = Instant::now();
            self.answered.clear();
        }
        match self.answered.get_mut(&sender) {
            Some(answered) if *answered >= self.most => {
                return refuse(format!("it has had {} answers within a second", self.most));
            }
            Some(answered) => *answered += 1,
            // The table has an end, because a sender can be forged; who is not in it is answered.
            None => {
                if self.answered.len() < MOST_SENDERS {
                    self.answered.insert(sender, 1);
                }
            }
        }
        Ok(())
    }
}

/// Whether a sender is the server itself. A server on every interface has each address of this
/// machine: one that bind() takes.
fn is_own(sender: SocketAddr, bound: SocketAddr) -> bool {
    sender.port() == bound.port()
        && (sender.ip() == bound.ip()
            || (bound.ip().is_unspecified() && UdpSocket::bind((sender.ip(), 0)).is_ok()))
}

/// After a failed accept(): returns when it is time to try again.
///
/// A client that gave up (`ECONNABORTED`) or a signal (`EINTR`) costs nothing. When there are no
/// more file descriptors (`EMFILE`) or no memory, the next accept() would fail at once too, so this
/// waits a tenth of a second, in which a client may leave, and says so at most once a second.
///
/// # Errors
///
/// The error itself, if it is one of the listening socket and trying again cannot help.
pub fn try_again_after(error: io::Error) -> io::Result<()> {
    let name = Errno::of(&error).map_or("", |errno| errno.name);
    if !["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"].contains(&name) {
        return if is_passing(&error) { Ok(()) } else { Err(error) };
    }
    let text = Errno::of(&error).map_or("", |errno| errno.text);
    complain!("cannot accept the next client yet: {text} ({name})");
    thread::park_timeout(Duration::from_millis(100));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::is_timeout;

    #[test]
    fn a_seat_given_back_can_be_taken_again() {
        let seats = Seats::new(2);
        let (first, second) = (seats.take().unwrap(), seats.take().unwrap());
        assert!(seats.take().is_none());
        drop(first);
        let third = seats.take().unwrap();
        assert!(seats.take().is_none());
        drop((second, third));
    }

    #[test]
    fn a_server_that_takes_a_little_now_and_then_does_not_move_the_deadline() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let own = Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
        own.set_send_buffer_size(4_096).unwrap();
        own.connect(&listener.local_addr().unwrap().into()).unwrap();
        let (mut server, _) = listener.accept().unwrap();
        let slow = thread::spawn(move || {
            let mut piece = vec![0; 65_536];
            while io::Read::read(&mut server, &mut piece).unwrap() > 0 {
                thread::park_timeout(Duration::from_millis(10));
            }
        });
        let begin = Instant::now();
        let deadline = begin + Duration::from_millis(300);
        // As long as the server reads, each send() takes something: 64 GiB would take hours.
        let bytes = vec![b'x'; 1 << 26];
        let sent = (0..1_024).try_for_each(|_| send_all_before(&own, &bytes, deadline));
        assert!(is_timeout(sent.unwrap_err().kind()));
        assert!(begin.elapsed() >= Duration::from_millis(280));
        assert!(begin.elapsed() < Duration::from_secs(30));
        drop(own);
        slow.join().unwrap();
    }

    fn of(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[test]
    fn what_comes_from_ones_own_address_is_not_answered() {
        let refuses = |bound, sender| AnswerLimit::new(of(bound), 9).check(of(sender)).is_err();
        assert!(refuses("127.0.0.1:7", "127.0.0.1:7"));
        assert!(!refuses("127.0.0.1:7", "127.0.0.1:8"));
        assert!(!refuses("127.0.0.1:7", "192.0.2.1:7"));
        // On every interface, any address of this machine is one's own.
        assert!(refuses("0.0.0.0:7", "127.0.0.1:7"));
        assert!(!refuses("0.0.0.0:7", "127.0.0.1:8"));
        assert!(!refuses("0.0.0.0:7", "192.0.2.1:7"), "another machine, from the same port");
        let own = AnswerLimit::new(of("127.0.0.1:7"), 9).check(of("127.0.0.1:7")).unwrap_err();
        assert!(own.is_passing());
        let sentence = "cannot send an answer to 127.0.0.1:7: it is this server's own address";
        assert_eq!(own.to_string(), sentence);
    }

    #[test]
    fn each_sender_has_a_limit_of_its_own_and_a_new_one_every_second() {
        let mut limit = AnswerLimit::new(of("127.0.0.1:7"), 3);
        let (one, other) = (of("127.0.0.1:8"), of("127.0.0.1:9"));
        assert!((0..3).all(|_| limit.check(one).is_ok()));
        assert!(limit.check(one).unwrap_err().is_passing());
        assert!(limit.check(other).is_ok());
        limit.second -= Duration::from_secs(1);
        assert!(limit.check(one).is_ok());
    }

    #[test]
    fn a_flood_of_senders_leaves_the_table_as_small_as_it_is() {
        let mut limit = AnswerLimit::new(of("127.0.0.1:7"), 3);
        for number in 0..5_000u32 {
            assert!(limit.check(SocketAddr::from((number.to_be_bytes(), 8))).is_ok());
        }
        assert!(limit.answered.len() <= MOST_SENDERS);
    }

    #[test]
    fn a_broken_listener_is_an_error_and_a_lost_client_is_not() {
        use io::ErrorKind::*;
        assert!(try_again_after(ConnectionAborted.into()).is_ok());
        assert!(try_again_after(Interrupted.into()).is_ok());
        assert!(try_again_after(InvalidInput.into()).is_err());
    }
}
