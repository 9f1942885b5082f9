//! What every server of many clients needs: seats, whom to answer, and what to do when accept()
//! fails.

use std::hash::{BuildHasher, RandomState};
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

/// The most answers a second that one client gets of a UDP server, where nothing else is said.
pub const MOST_ANSWERS: u32 = 1_000;

/// A sender that is not heard for so long has paused.
const PAUSE: Duration = Duration::from_secs(1);

/// How long a sender is answered that never pauses. Then it gets no answer for as long as a pause.
const LONGEST_RUN: Duration = Duration::from_secs(60);

/// Senders share so many places, because a forger has as many addresses as he likes.
const PLACES: usize = 4_096;

/// Whom a UDP server answers, and how often: so that two servers that answer everything do not keep
/// each other busy forever.
///
/// UDP believes what a datagram says of its sender. One with a forged sender, the address of another
/// server or of this one, starts an exchange that no client ends. (CERT CA-1996-01, "UDP Port
/// Denial-of-Service Attack"; RFC 862 and RFC 864 describe the two services.) What comes from the
/// server's own address is no question. Another sender, an address and a port, is left without an
/// answer in two cases:
///
/// - It had as many answers as the limit allows within a second: no person needs so many. On
///   loopback that ends such an exchange at once.
/// - It asked for a minute and never paused for a second. On a longer way an exchange makes fewer
///   rounds a second than the limit. It ends when for one second nothing is sent back, if a datagram
///   takes less than that to the other server and back.
///
/// Senders are counted in a table of fixed size, each at a random place. Two clients that meet at one
/// are counted as one; so are the many of a forger, who thereby gets no more answers.
#[derive(Debug)]
pub struct AnswerLimit {
    bound: SocketAddr,
    most: u32,
    place: RandomState,
    heard: Vec<Option<Heard>>,
}

impl AnswerLimit {
    /// For a server at this address: at most so many answers a second to each sender.
    pub fn new(bound: SocketAddr, most: u32) -> AnswerLimit {
        AnswerLimit { bound, most, place: RandomState::new(), heard: vec![None; PLACES] }
    }

    /// Whether to answer a datagram of this sender; counts it.
    ///
    /// # Errors
    ///
    /// Why not. It is the trouble of that sender, and a server goes on after it.
    pub fn check(&mut self, sender: SocketAddr) -> Result<(), Failure> {
        self.check_at(Instant::now(), sender)
    }

    fn check_at(&mut self, now: Instant, sender: SocketAddr) -> Result<(), Failure> {
        let place = self.place.hash_one(sender) as usize % PLACES;
        let refusal = match is_own(sender, self.bound) {
            true => Some("it is this server's own address".into()),
            false => self.heard[place].get_or_insert(Heard::first(now)).again(now, self.most),
        };
        let Some(why) = refusal else { return Ok(()) };
        Err(Failure::new("send an answer to", Udp(sender), &io::Error::other(why)).with_hint(
            "two servers that answer each other would never stop; is the sender forged?",
        ))
    }
}

/// What an [`AnswerLimit`] knows of a sender.
#[derive(Debug, Clone, Copy)]
struct Heard {
    /// The first datagram after a pause.
    since: Instant,
    last: Instant,
    /// When the second began in which the answers are counted.
    second: Instant,
    answered: u32,
}

impl Heard {
    fn first(now: Instant) -> Heard {
        Heard { since: now, last: now, second: now, answered: 0 }
    }

    /// Counts a datagram, and says why it gets no answer, if so.
    fn again(&mut self, now: Instant, most: u32) -> Option<String> {
        if now - self.last >= PAUSE || now - self.since >= LONGEST_RUN + PAUSE {
            *self = Heard::first(now);
        }
        self.last = now;
        if now - self.since >= LONGEST_RUN {
            let seconds = LONGEST_RUN.as_secs();
            return Some(format!("it has asked for {seconds} seconds without a pause"));
        }
        if now - self.second >= Duration::from_secs(1) {
            (self.second, self.answered) = (now, 0);
        }
        if self.answered >= most {
            return Some(format!("it has had {most} answers within a second"));
        }
        self.answered += 1;
        None
    }
}

/// Whether a sender is the server itself. A server on every interface has each address of this
/// machine: one that bind() takes. Where bind() fails for another reason, such as too many open
/// files, the sender may be the server.
fn is_own(mut sender: SocketAddr, bound: SocketAddr) -> bool {
    if sender.port() != bound.port() || !bound.ip().is_unspecified() {
        return (sender.ip(), sender.port()) == (bound.ip(), bound.port());
    }
    sender.set_port(0); // any that is free; the zone of a link-local address stays
    !matches!(UdpSocket::bind(sender), Err(error) if error.kind() == io::ErrorKind::AddrNotAvailable)
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
    use std::collections::VecDeque;

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
        let start = Instant::now();
        let mut limit = AnswerLimit::new(of("127.0.0.1:7"), 3);
        let one = of("127.0.0.1:8");
        assert!((0..3).all(|_| limit.check_at(start, one).is_ok()));
        assert!(limit.check_at(start, one).unwrap_err().is_passing());
        // Of a hundred others, few are at the same place.
        let other = (100..200).map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
        let answered = other.filter(|other| limit.check_at(start, *other).is_ok()).count();
        assert!(answered > 90, "{answered}");
        assert!(limit.check_at(start + Duration::from_secs(1), one).is_ok());
    }

    #[test]
    fn a_flood_of_senders_leaves_the_table_as_small_as_it_is_and_the_limit_where_it_is() {
        let mut limit = AnswerLimit::new(of("127.0.0.1:7"), 3);
        let (size, now) = (limit.heard.capacity(), Instant::now());
        let all = (0..20_000u32).map(|number| SocketAddr::from((number.to_be_bytes(), 8)));
        let answered = all.filter(|sender| limit.check_at(now, *sender).is_ok()).count();
        assert!(answered <= 3 * PLACES, "{answered}");
        assert_eq!(limit.heard.capacity(), size);
        assert!((0..9).filter(|_| limit.check_at(now, of("127.0.0.1:9")).is_ok()).count() <= 3);
    }

    #[test]
    fn a_sender_that_pauses_now_and_then_is_always_answered() {
        let start = Instant::now();
        let mut limit = AnswerLimit::new(of("127.0.0.1:7"), 3);
        for minute in 0..10 {
            for half in 0..118 {
                let now = start + Duration::from_millis(60_000 * minute + 500 * half);
                assert!(limit.check_at(now, of("127.0.0.1:8")).is_ok(), "{minute} {half}");
            }
        }
    }

    /// Two servers, and datagrams between them that take a while: when the last one of them arrives.
    fn exchange(datagrams: u64, way: Duration) -> Option<Duration> {
        let start = Instant::now();
        let servers = [of("192.0.2.1:7"), of("192.0.2.2:7")];
        let mut limits = servers.map(|server| AnswerLimit::new(server, MOST_ANSWERS));
        let first = |number| (start + way.mul_f64(number as f64 / datagrams as f64), 0);
        let mut under_way: VecDeque<_> = (0..datagrams).map(first).collect();
        let mut now = start;
        while let Some((arrived, server)) = under_way.pop_front() {
            now = arrived;
            if now - start > 10 * LONGEST_RUN {
                return None;
            }
            if limits[server].check_at(now, servers[1 - server]).is_ok() {
                under_way.push_back((now + way, 1 - server));
            }
        }
        Some(now - start)
    }

    #[test]
    fn two_servers_that_answer_each_other_stop_however_long_the_way_between_them_is() {
        for way in [0, 1, 2, 20, 100, 400].map(Duration::from_millis) {
            for datagrams in [1, 7, 100] {
                let lasted = exchange(datagrams, way.max(Duration::from_micros(20)));
                let soon = lasted.is_some_and(|lasted| lasted < LONGEST_RUN + 2 * PAUSE);
                assert!(soon, "{datagrams} datagrams, {way:?}: {lasted:?}");
            }
        }
    }

    #[test]
    fn a_broken_listener_is_an_error_and_a_lost_client_is_not() {
        use io::ErrorKind::*;
        assert!(try_again_after(ConnectionAborted.into()).is_ok());
        assert!(try_again_after(Interrupted.into()).is_ok());
        assert!(try_again_after(InvalidInput.into()).is_err());
    }
}
