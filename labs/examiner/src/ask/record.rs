//! What is written down while an experiment runs: calls, and the packets between them.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use socket_labs::socket_table::Protocol;
use socket2::{Socket, Type};

use super::observation::{Event, What};
use super::packets::{Capture, Kind, Packet, Place};
use super::sock::{name_of, text};
use crate::exam::transcript::count;

/// How often the packets are looked at while no call begins or ends.
const PAUSE: Duration = Duration::from_millis(2);

/// More packets than these are not written down.
const MOST: usize = 120;

/// The record. Clones share one, so that threads can write.
#[derive(Clone)]
pub struct Record(Arc<Mutex<Notes>>);

struct Notes {
    started: Instant,
    events: Vec<Event>,
    calls: usize,
    packets: usize,
    capture: Option<Capture>,
    /// Whether nothing is written down for now.
    quiet: bool,
    sockets: Vec<(&'static str, Weak<Socket>)>,
    /// Who has, or had, which place.
    owners: BTreeMap<Place, &'static str>,
    /// The last event, where it is data: from where to where, and in how many packets.
    data: Option<(Place, Place, usize)>,
}

impl Record {
    /// An empty record, whose time begins now. In a network of its own it has the packets too.
    pub fn new(private: bool) -> Record {
        let record = Record(Arc::new(Mutex::new(Notes {
            started: Instant::now(),
            events: Vec::new(),
            calls: 0,
            packets: 0,
            capture: if private { Capture::start() } else { None },
            quiet: false,
            sockets: Vec::new(),
            owners: BTreeMap::new(),
            data: None,
        })));
        if record.lock().capture.is_some() {
            let notes = Arc::downgrade(&record.0);
            thread::spawn(move || {
                while let Some(notes) = notes.upgrade() {
                    notes.lock().unwrap_or_else(PoisonError::into_inner).take_packets();
                    drop(notes);
                    thread::park_timeout(PAUSE);
                }
            });
        }
        record
    }

    fn lock(&self) -> MutexGuard<'_, Notes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes down what happened now, behind the packets that came before it.
    pub fn add(&self, what: What) {
        self.lock().add(what);
    }

    /// Writes nothing down from now on, or everything again.
    pub fn quiet(&self, quiet: bool) {
        let mut notes = self.lock();
        notes.take_packets();
        notes.quiet = quiet;
        notes.data = None;
    }

    /// Remembers whose socket it is, so that its packets are known by its address.
    pub fn owns(&self, who: &'static str, socket: &Arc<Socket>) {
        self.lock().sockets.push((who, Arc::downgrade(socket)));
    }

    /// Makes a call and writes it down, before and after.
    pub fn call<T>(
        &self,
        who: &str,
        call: String,
        make: impl FnOnce() -> io::Result<T>,
        shown: impl FnOnce(&T) -> String,
    ) -> io::Result<T> {
        let id = {
            let mut notes = self.lock();
            notes.calls += 1;
            let id = notes.calls;
            notes.add(What::Call { who: who.into(), call, id });
            id
        };
        let made = make();
        let result = made.as_ref().map_or_else(name_of, shown);
        self.add(What::Result { who: who.into(), result, failed: made.is_err(), id });
        made
    }

    /// All that was written down, and how many milliseconds it took. Who is nobody yet is one of
    /// these.
    pub fn finish(&self, lanes: &[&'static str]) -> (Vec<Event>, bool, u64) {
        let mut notes = self.lock();
        notes.take_packets();
        let mut events = std::mem::take(&mut notes.events);
        // What comes after the last word is only the sockets being closed.
        let is_said = |event: &Event| !matches!(event.what, What::Packet { .. });
        events.truncate(events.iter().rposition(is_said).map_or(0, |last| last + 1));
        for event in &mut events {
            if let What::Packet { from, to, .. } = &mut event.what {
                // A place where nobody is yet is the place of whoever comes later, or of the other.
                let peers = [to.clone(), from.clone()];
                for (place, peer) in [from, to].into_iter().zip(peers) {
                    if let Some(owner) = notes.later(place) {
                        *place = owner.into();
                    } else if !lanes.contains(&place.as_str()) {
                        let other = lanes.iter().rev().find(|lane| **lane != peer);
                        *place = other.map_or(peer, |lane| lane.to_string());
                    }
                }
            }
        }
        (events, notes.capture.is_some(), notes.started.elapsed().as_millis() as u64)
    }
}

impl Notes {
    fn add(&mut self, what: What) {
        self.take_packets();
        self.push(what);
        self.data = None;
    }

    fn push(&mut self, what: What) {
        if self.quiet {
            return;
        }
        self.events.push(Event { at: self.started.elapsed(), what });
    }

    /// Writes down the packets that came since the last time.
    fn take_packets(&mut self) {
        let Some(capture) = &mut self.capture else { return };
        let packets = capture.take();
        if packets.is_empty() {
            return;
        }
        self.look_who_is_where();
        for (packet, remark) in packets {
            self.packet(&packet, remark);
        }
    }

    fn packet(&mut self, packet: &Packet, remark: &str) {
        if self.quiet {
            return;
        }
        let (from, to) = (packet.from, packet.to);
        let label = match &packet.kind {
            Kind::Signal(name, _) if remark.is_empty() => name.to_string(),
            Kind::Signal(name, _) => format!("{name} {remark}"),
            Kind::Unreachable => "ICMP port unreachable".into(),
            Kind::Datagram(bytes) => match bytes.len() {
                ..15 => format!("datagram {}", text(bytes)),
                length => format!("datagram of {}", count(length, "byte")),
            },
            Kind::Data(bytes) => {
                // What belongs together is one arrow: a megabyte would be hundreds.
                if let Some((of, at, number)) = &mut self.data
                    && (*of, *at) == (from, to)
                    && let Some(Event { what: What::Packet { label, .. }, .. }) =
                        self.events.last_mut()
                {
                    *number += 1;
                    *label = format!("data, {}", count(*number, "packet"));
                    return;
                }
                match bytes.len() {
                    ..20 => text(bytes),
                    length => count(length, "byte"),
                }
            }
        };
        self.packets += 1;
        if self.packets > MOST {
            return;
        }
        let name = |place: Place| match self.owner(place) {
            Some(owner) => owner.to_string(),
            None => format!("{} {}", place.0, place.1), // as `later` reads it
        };
        self.push(What::Packet { from: name(from), to: name(to), label });
        self.data = matches!(packet.kind, Kind::Data(_)).then_some((from, to, 1));
    }

    /// Asks every open socket for its address.
    fn look_who_is_where(&mut self) {
        self.sockets.retain(|(_, socket)| socket.strong_count() > 0);
        for (who, socket) in &self.sockets {
            let place = socket.upgrade().and_then(|socket| place_of(&socket));
            self.owners.extend(place.map(|place| (place, *who)));
        }
    }

    /// Who has this place, perhaps with a socket for all addresses.
    fn owner(&self, (protocol, address): Place) -> Option<&'static str> {
        let any = SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), address.port());
        let owners = &self.owners;
        owners.get(&(protocol, address)).or_else(|| owners.get(&(protocol, any))).copied()
    }

    /// Who got a place after the packet was seen.
    fn later(&self, place: &str) -> Option<&'static str> {
        let (protocol, address) = place.split_once(' ')?;
        let protocol = match protocol {
            "tcp" => Protocol::Tcp,
            "udp" => Protocol::Udp,
            _ => return None,
        };
        self.owner((protocol, address.parse().ok()?))
    }
}

/// The address of a socket that has one. The address of all addresses is that of IPv4.
fn place_of(socket: &Socket) -> Option<Place> {
    let protocol = match socket.r#type().ok()? {
        Type::STREAM => Protocol::Tcp,
        _ => Protocol::Udp,
    };
    let address = socket.local_addr().ok()?.as_socket().filter(|address| address.port() != 0)?;
    let any = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    let ip = if address.ip().is_unspecified() { any } else { address.ip() };
    Some((protocol, SocketAddr::new(ip, address.port())))
}
