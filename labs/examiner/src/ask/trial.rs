//! One run of an experiment: its sockets, its record, and what it may ask of this machine.

use std::fmt::Display;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::thread;
use std::time::{Duration, Instant};

use socket_labs::socket_table::{self, Row, State};
use socket2::{Domain, Socket, Type};

use super::observation::{Fact, Observation, Stopped, What};
use super::record::Record;
use super::{Outcome, PATIENCE, Question, Sock, Stop};

/// One run of an experiment.
pub struct Trial {
    record: Record,
    lanes: &'static [&'static str],
    facts: Vec<Fact>,
    private: bool,
}

impl Trial {
    pub(super) fn new(question: &Question, private: bool) -> Trial {
        Trial { record: Record::new(private), lanes: question.lanes, facts: Vec::new(), private }
    }

    /// What was observed, with how it ended.
    pub(super) fn finish(self, outcome: Outcome) -> Observation {
        let stopped = outcome.err().map(|stop| match stop {
            Stop::CannotRun(reason) => Stopped::CannotRun(reason),
            Stop::Broke(reason) => Stopped::Broke(reason),
        });
        let (events, packets, milliseconds) = self.record.finish(self.lanes);
        Observation {
            private: self.private,
            lanes: self.lanes.iter().map(|lane| lane.to_string()).collect(),
            events,
            packets,
            facts: self.facts,
            stopped,
            milliseconds,
        }
    }

    /// Whether the network is this experiment's own.
    pub fn is_private(&self) -> bool {
        self.private
    }

    /// An address of 127.0.0.1 where nobody is, neither with TCP nor with UDP. In a network of its
    /// own it has the port of the lab; in the shared one, one that is free.
    ///
    /// # Errors
    ///
    /// No free port is found.
    pub fn address(&self, port: u16) -> io::Result<SocketAddr> {
        let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
        if self.private {
            return Ok(SocketAddr::new(loopback, port));
        }
        free_port().map(|port| SocketAddr::new(loopback, port))
    }

    /// A new TCP socket over IPv4, whose calls are written down in the column of this name.
    ///
    /// # Errors
    ///
    /// The system gives none.
    pub fn tcp(&self, who: &'static str) -> io::Result<Sock> {
        self.socket(who, Domain::IPV4, Type::STREAM)
    }

    /// A new UDP socket over IPv4, whose calls are written down in the column of this name.
    ///
    /// # Errors
    ///
    /// The system gives none.
    pub fn udp(&self, who: &'static str) -> io::Result<Sock> {
        self.socket(who, Domain::IPV4, Type::DGRAM)
    }

    /// A new socket of any family and kind.
    ///
    /// # Errors
    ///
    /// The system gives none, for example of IPv6.
    pub fn socket(&self, who: &'static str, domain: Domain, kind: Type) -> io::Result<Sock> {
        debug_assert!(self.lanes.contains(&who), "no column is named {who}");
        Sock::new(who, domain, kind, self.record.clone())
    }

    /// Writes down a call that is no method of a [`Sock`].
    ///
    /// # Errors
    ///
    /// Those of the call.
    pub fn call<T>(
        &self,
        who: &'static str,
        call: impl Into<String>,
        make: impl FnOnce() -> io::Result<T>,
        shown: impl FnOnce(&T) -> String,
    ) -> io::Result<T> {
        self.record.call(who, call.into(), make, shown)
    }

    /// Does something of which no call and no packet is written down: what was shown once already.
    pub fn quietly<T>(&self, act: impl FnOnce(&Trial) -> T) -> T {
        self.record.quiet(true);
        let done = act(self);
        self.record.quiet(false);
        done
    }

    /// Writes down a sentence.
    pub fn note(&self, text: impl Into<String>) {
        self.record.add(What::Note { text: text.into() });
    }

    /// States what was observed. The same name may be stated once.
    pub fn fact(&mut self, name: &str, value: impl Display) {
        debug_assert!(self.facts.iter().all(|fact| fact.name != name), "{name} is stated twice");
        self.facts.push(Fact { name: name.into(), value: value.to_string() });
    }

    /// The rows of the socket table that `keep` says yes to; they are written down. Empty where
    /// this system does not give its table.
    pub fn table(&self, keep: impl Fn(&Row) -> bool) -> Vec<Row> {
        let mut rows = socket_table::read_some(keep).unwrap_or_default();
        rows.sort_by_key(|row| (row.state != Some(State::Listen), row.protocol, row.local.port()));
        let shown = rows.iter().map(shown_row).collect();
        self.record.add(What::Table { rows: shown });
        rows
    }

    /// Whether the socket table has a row that `wanted` says yes to. Nothing is written down.
    pub fn has(&self, wanted: impl Fn(&Row) -> bool) -> bool {
        socket_table::read_some(wanted).is_ok_and(|rows| !rows.is_empty())
    }

    /// Waits until something is so, at most [`PATIENCE`]. Tells whether it came to be.
    pub fn until(&self, mut is_so: impl FnMut() -> bool) -> bool {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if is_so() {
                return true;
            }
            if Instant::now() >= deadline {
                return false;
            }
            thread::park_timeout(Duration::from_millis(2));
        }
    }

    /// Waits until the socket table has a row that `wanted` says yes to. Tells whether it came to be.
    pub fn until_table(&self, wanted: impl Fn(&Row) -> bool) -> bool {
        self.until(|| self.has(&wanted))
    }
}

/// `tcp  127.0.0.1:12000        0.0.0.0:*              LISTEN       recv-q 0`
fn shown_row(row: &Row) -> String {
    let remote = match row.remote {
        Some(remote) if remote.port() == 0 => "*".to_string(),
        Some(remote) => remote.to_string(),
        None => "?".to_string(),
    };
    let state = row.state.map_or("", |state| state.name());
    let queue = row.receive_queue.map_or(String::new(), |bytes| bytes.to_string());
    format!(
        "{:3}  {queue:>6}  {:<22} {remote:<22} {state}",
        row.protocol.to_string(),
        row.local.to_string()
    )
}

/// A port that both protocols have free on every address, below those that systems give out
/// themselves (32,768 on Linux, 49,152 elsewhere): nobody else gets it by chance.
fn free_port() -> io::Result<u16> {
    use std::hash::{BuildHasher, RandomState};
    let random = RandomState::new();
    for attempt in 0..200_u32 {
        let port = 12_000 + (random.hash_one(attempt) % 20_000) as u16;
        let both = [Ipv4Addr::LOCALHOST, Ipv4Addr::UNSPECIFIED].iter().all(|ip| {
            let place = SocketAddr::from((*ip, port));
            is_free(Type::STREAM, place) && is_free(Type::DGRAM, place)
        });
        if both {
            return Ok(port);
        }
    }
    Err(io::ErrorKind::AddrInUse.into())
}

/// Whether a socket without SO_REUSEADDR can be bound there. (std's TcpListener has the option, so it
/// does not mind TIME_WAIT; an experiment does.)
fn is_free(kind: Type, place: SocketAddr) -> bool {
    let socket = Socket::new(Domain::IPV4, kind, None);
    socket.and_then(|socket| socket.bind(&place.into())).is_ok()
}
