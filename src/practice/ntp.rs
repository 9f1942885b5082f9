//! The practice NTP server: this machine's clock, deliberately wrong by a known time.
//!
//! It answers by the rules of RFC 4330, section 6. It is handed a bound socket.

use std::fmt;
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant, SystemTime};

use super::Server;
use crate::error::{Failure, OrCannot, Udp, is_timeout};
use crate::names::{Family, addresses, left, reachable};
use crate::ntp::{
    CLIENT, Packet, Rejected, SERVER, SYMMETRIC_ACTIVE, SYMMETRIC_PASSIVE, Timestamp,
};
use crate::{complain, note};

/// How far the practice clock is ahead, in seconds, where nobody chose another number.
pub const SKEW: f64 = 2.5;

/// The skew in words: `2.5 s ahead of this machine's`.
pub fn describe(skew: f64) -> String {
    let side = if skew < 0.0 { "behind" } else { "ahead of" };
    format!("{} s {side} this machine's", skew.abs())
}

/// The server says that it has a reference clock itself, named LOCL: "uncalibrated local clock"
/// (RFC 4330, section 4, figure 2).
const STRATUM: u8 = 1;
const REFERENCE_ID: [u8; 4] = *b"LOCL";

/// What the server's timestamps are good for: 2⁻²⁰ s, about a microsecond.
const PRECISION: i8 = -20;

/// The largest datagram: 65,535 bytes less the IPv4 header (20) and the UDP header (8). Windows
/// reports an error for a datagram that is larger than the buffer.
const LARGEST_DATAGRAM: usize = 65_507;

/// What the server did with one datagram.
#[derive(Debug)]
pub enum Event {
    /// Answered this client.
    Answered(SocketAddr),
    /// Left what came from this address without an answer.
    Ignored(SocketAddr, Ignored),
    /// Could not receive or send; goes on.
    Trouble(Failure),
}

/// Why a datagram gets no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ignored {
    /// So many bytes, and a header has 48.
    Short(usize),
    /// This version, and NTP's are 1 to 4.
    Version(u8),
    /// This mode, and a request has mode 3 (client) or 1 (symmetric active). No answer has one of
    /// these modes, so two servers never keep each other busy.
    Mode(u8),
}

impl fmt::Display for Ignored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ignored::Short(size) => Rejected::Short(*size).fmt(f),
            Ignored::Version(version) => Rejected::Version(*version).fmt(f),
            Ignored::Mode(mode) => write!(f, "its mode is {mode}, and a client's is 3"),
        }
    }
}

/// Answers requests for ever, with the time of this machine plus `skew` seconds.
///
/// `tell` hears of every datagram. No datagram and no client ends the server. Returns only when
/// the socket itself is broken.
pub fn serve(socket: &UdpSocket, skew: f64, mut tell: impl FnMut(Event)) -> Failure {
    let clock = || Timestamp::at(SystemTime::now()).plus(skew);
    let mut buffer = vec![0; LARGEST_DATAGRAM];
    loop {
        let event = match answer_one(socket, &mut buffer, clock) {
            Ok(event) => event,
            Err(error) if error.is_passing() => Event::Trouble(error),
            Err(error) => return error,
        };
        tell(event);
    }
}

fn answer_one(
    socket: &UdpSocket,
    buffer: &mut [u8],
    clock: impl Fn() -> Timestamp,
) -> Result<Event, Failure> {
    let (length, client) =
        socket.recv_from(buffer).or_cannot("receive on", "the server's socket")?;
    let received = clock();
    let mut answer = match answer(&buffer[..length], received) {
        Ok(answer) => answer,
        Err(why) => return Ok(Event::Ignored(client, why)),
    };
    answer.transmit = clock(); // as late as possible
    socket.send_to(&answer.emit(), client).or_cannot("send to", Udp(client))?;
    Ok(Event::Answered(client))
}

/// The answer to a request that arrived at this time, all but its transmit timestamp.
///
/// It has 48 bytes and so is never longer than the request. What follows the request's header is
/// not looked at.
///
/// # Errors
///
/// Why the request gets no answer.
///
/// Source: RFC 4330, section 6: version, poll and transmit timestamp are copied; mode 3 is
/// answered with 4 and mode 1 with 2; "for any other value in the Mode field, the request is
/// discarded".
pub fn answer(request: &[u8], received: Timestamp) -> Result<Packet, Ignored> {
    let request = Packet::parse(request).map_err(|_| Ignored::Short(request.len()))?;
    if !(1..=4).contains(&request.version) {
        return Err(Ignored::Version(request.version));
    }
    let mode = match request.mode {
        CLIENT => SERVER,
        SYMMETRIC_ACTIVE => SYMMETRIC_PASSIVE,
        mode => return Err(Ignored::Mode(mode)),
    };
    Ok(Packet {
        version: request.version,
        mode,
        stratum: STRATUM,
        poll: request.poll,
        precision: PRECISION,
        reference_id: REFERENCE_ID,
        reference: received,
        origin: request.transmit,
        receive: received,
        ..Packet::default()
    })
}

/// What both clients do with a server of several addresses: ask one after the other, until one
/// gives the time.
///
/// `ask` gets an address and how long to wait for it. The whole takes no longer than `timeout`, the
/// lookup of the name included: the time that is left is shared by the addresses that are left.
///
/// # Errors
///
/// The name cannot be resolved; or what `ask` answers for the last address. Its errors for the
/// others are notes on standard error.
pub fn ask_in_turn<T>(
    server: &Server,
    family: Family,
    timeout: Duration,
    ask: impl Fn(SocketAddr, Duration) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let deadline = Instant::now() + timeout;
    let all = match server.practice {
        Some(address) => vec![address],
        None => addresses(&server.name, server.port, family, timeout)?,
    };
    let mut untried = all.len() as u32; // at least 1, and far from 2³²
    for address in all.into_iter().map(reachable) {
        let share = left(deadline).map_err(|_| no_response(address))? / untried;
        untried -= 1;
        match ask(address, share.max(Duration::from_millis(1))) {
            Err(error) if untried > 0 => note!("note: {error:#}: trying the next address"),
            answer => return answer,
        }
    }
    Err(Failure::timeout("resolve", server.name.as_str()).into())
}

/// Waits until the deadline for the answer to the request that had this transmit timestamp, and
/// returns its length.
///
/// Whoever has not seen the request cannot know that number, and can still write the server's address
/// into a datagram. One without the number is passed over, so that it does not end the wait for the
/// true answer (RFC 5905, section 8). Where that does not come, the last such datagram is the answer:
/// what is wrong with it is the client's to say.
///
/// # Errors
///
/// Those of recv() on the connected socket; a timeout if nothing came at all.
pub fn receive(
    socket: &UdpSocket,
    transmit: [u8; 8],
    deadline: Instant,
    datagram: &mut [u8],
) -> io::Result<usize> {
    let mut last = None;
    loop {
        let received = left(deadline).and_then(|wait| {
            socket.set_read_timeout(Some(wait))?;
            socket.recv(datagram)
        });
        match (received, last) {
            (Ok(length), _) if datagram[..length].get(24..32) == Some(&transmit) => {
                return Ok(length);
            }
            (Ok(length), _) => {
                complain!("note: a datagram from the server does not answer our request");
                last = Some(length);
            }
            (Err(error), Some(length)) if is_timeout(error.kind()) => return Ok(length),
            (Err(error), _) if error.kind() == io::ErrorKind::Interrupted => {} // a signal
            (Err(error), _) => return Err(error),
        }
    }
}

/// No answer in time. A datagram that nobody waits for is lost in silence: all that a client
/// notices is the time.
pub fn no_response(server: SocketAddr) -> Failure {
    Failure::timeout("receive from", Udp(server)).with_hint(format!(
        "no NTP server may be listening there, or a firewall may drop what goes to UDP port {}",
        server.port()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ntp::check;
    use proptest::prelude::*;

    const RECEIVED: Timestamp = Timestamp(0xeeab_9a8f_afe9_3e2f);

    fn request(version: u8, mode: u8) -> Packet {
        Packet {
            version,
            mode,
            poll: 6,
            transmit: Timestamp(0x0123_4567_89ab_cdef),
            ..Packet::default()
        }
    }

    #[test]
    fn the_answer_keeps_the_rules_of_rfc_4330() {
        for version in 1..=4 {
            let request = request(version, CLIENT);
            let mut answer = answer(&request.emit(), RECEIVED).unwrap();
            answer.transmit = RECEIVED.plus(1e-6);
            assert_eq!((answer.leap, answer.version, answer.mode), (0, version, 4));
            assert_eq!((answer.stratum, answer.poll), (1, 6));
            assert_eq!(answer.origin, request.transmit);
            assert_eq!(answer.receive, RECEIVED);
            assert_eq!(check(&answer.emit(), request.transmit), Ok(answer));
        }
    }

    #[test]
    fn only_requests_are_answered() {
        let of = |version, mode| answer(&request(version, mode).emit(), RECEIVED);
        assert_eq!(of(4, SYMMETRIC_ACTIVE).unwrap().mode, SYMMETRIC_PASSIVE);
        for mode in [0, 2, 4, 5, 6, 7] {
            assert_eq!(of(4, mode), Err(Ignored::Mode(mode)));
        }
        for version in [0, 5, 6, 7] {
            assert_eq!(of(version, CLIENT), Err(Ignored::Version(version)));
        }
        assert_eq!(answer(&request(4, CLIENT).emit()[..47], RECEIVED), Err(Ignored::Short(47)));
    }

    proptest! {
        #[test]
        fn no_datagram_panics_and_no_answer_is_answered(
            bytes in proptest::collection::vec(any::<u8>(), 0..100)
        ) {
            if let Ok(first) = answer(&bytes, RECEIVED) {
                prop_assert!(bytes.len() >= first.emit().len());
                prop_assert!(answer(&first.emit(), RECEIVED).is_err());
            }
        }
    }
}
