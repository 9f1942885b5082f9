//! What the steps of lab 3 share: the examiner as a time server, and what a client makes of it.
//!
//! The time that the examiner tells is drawn, far from now: no clock shows it. Every instant in a
//! packet is therefore the same in each run with the same seed.

pub mod bad;
pub mod hints;
pub mod printed;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::mpsc::{self, TryRecvError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use socket_labs::bytes::annotated;
use socket_labs::ntp::{CLIENT, HEADER, Packet, SERVER, Short, Timestamp, fields};

use crate::exam::program::Program;
use crate::exam::tcp::SLICE;
use crate::exam::transcript::count;
use crate::exam::udp::Peer;
use crate::exam::{Outcome, Scene, Trouble, Way, wrong};

/// The name that the course's clients ask where they are told none.
const DEFAULT_SERVER: &str = "pool.ntp.org";

/// The zone of the default name: every name in it leads to the same place.
const POOL: &str = "pool.ntp.org";

/// The most requests of one program that are answered.
const MOST_REQUESTS: usize = 64;

/// So long the clock that a client is told stands, in seconds: the requests of one client then get
/// the same instant, which a check may look for.
const STANDS: f64 = 0.2;

/// Unix seconds of 1990-01-01 and 2020-01-01: the times that are told.
const PAST: (u64, u64) = (631_152_000, 1_577_836_800);

/// The examiner as a time server.
pub struct TimeServer {
    peer: Peer,
    address: SocketAddr,
}

/// What a client asked.
pub struct Request {
    bytes: Vec<u8>,
    packet: Packet,
    client: SocketAddr,
    at: Timestamp,
}

impl TimeServer {
    /// A server at an address that nobody could guess: the program is told it, or finds it behind
    /// the default name.
    pub fn open(scene: &mut Scene) -> Outcome<TimeServer> {
        let ip = scene.loopback_address();
        if scene.takes("host") {
            scene.give("host", ip.to_string());
        } else {
            scene.names(&[(ip.into(), DEFAULT_SERVER)])?;
            scene.names_below(POOL, ip)?;
        }
        TimeServer::at(scene, ip)
    }

    /// The same, and the program is told a name.
    pub fn open_with_name(scene: &mut Scene) -> Outcome<TimeServer> {
        let ip = scene.loopback_address();
        scene.give("host", DEFAULT_SERVER);
        scene.names(&[(ip.into(), DEFAULT_SERVER)])?;
        scene.names_below(POOL, ip)?;
        TimeServer::at(scene, ip)
    }

    fn at(scene: &mut Scene, ip: Ipv4Addr) -> Outcome<TimeServer> {
        let address = SocketAddr::new(ip.into(), scene.port());
        Ok(TimeServer { peer: scene.udp_peer("server", address)?, address })
    }

    /// The address that the program asks.
    pub fn ip(&self) -> IpAddr {
        self.address.ip()
    }

    /// The program's next request.
    pub fn asked(&self, program: &Program) -> Outcome<Request> {
        let (bytes, client) = self.peer.receive_from(program)?;
        Request::of(bytes, client)
    }

    /// Answers every other request of the program while something else is done: a client may ask
    /// several times, and take the best of the answers.
    pub fn meanwhile<T>(
        &self,
        mut answer: impl FnMut(&Request) -> Outcome + Send,
        other: impl FnOnce() -> T,
    ) -> T {
        thread::scope(|scope| {
            // Where this is dropped, the thread ends.
            let (_goes_on, ends) = mpsc::channel::<()>();
            scope.spawn(move || {
                let mut left = MOST_REQUESTS;
                while left > 0 && ends.try_recv() == Err(TryRecvError::Empty) {
                    let Ok(Some((bytes, client))) = self.peer.receive_within(SLICE) else {
                        continue;
                    };
                    // What is no request, and what cannot be answered, other checks judge.
                    let _ = Request::of(bytes, client).and_then(|request| answer(&request));
                    left -= 1;
                }
            });
            other()
        })
    }

    /// Answers a request.
    pub fn answers(&self, request: &Request, answer: &Packet) -> Outcome {
        self.peer.send(&answer.emit(), request.client)
    }
}

impl Request {
    fn of(bytes: Vec<u8>, client: SocketAddr) -> Outcome<Request> {
        let at = Timestamp::at(SystemTime::now());
        match Packet::parse(&bytes) {
            Ok(packet) => Ok(Request { bytes, packet, client, at }),
            Err(_) => {
                let size = count(bytes.len(), "byte");
                let sentence = format!("The request has {size}; an NTP header has {HEADER}.");
                Err(wrong(Way::Missing, sentence).with_fields(table(&bytes)))
            }
        }
    }

    /// A field of the request is wrong.
    fn wrong_field(&self, sentence: impl Into<String>) -> Trouble {
        wrong(Way::WrongField, sentence).with_fields(table(&self.bytes))
    }

    /// A good answer of a server whose clock shows this time.
    pub fn answer(&self, stratum: u8, time: Timestamp) -> Packet {
        Packet {
            leap: 0,
            version: self.packet.version,
            mode: SERVER,
            stratum,
            poll: self.packet.poll,
            precision: -20,
            root_delay: Short(0x0000_0180),
            root_dispersion: Short(0x0000_00c0),
            reference_id: [203, 0, 113, 1 + stratum],
            reference: time.plus(-16.0),
            origin: self.packet.transmit,
            receive: time,
            transmit: time,
        }
    }
}

/// A packet, field by field, as narrow as a story.
pub fn table(bytes: &[u8]) -> String {
    let mut fields = fields(bytes);
    if let Ok(Packet { leap, version, mode, .. }) = Packet::parse(bytes) {
        for field in &mut fields {
            match field.range.start {
                0 => field.meaning = format!("LI {leap}, version {version}, mode {mode}"),
                16..HEADER => field.meaning = field.meaning.chars().take(23).collect(),
                _ => {}
            }
        }
    }
    annotated(bytes, &fields)
}

/// A server's clock, which showed this time then.
#[derive(Clone, Copy)]
pub struct Clock {
    time: Timestamp,
    then: Instant,
}

impl Clock {
    /// A clock that shows this time now.
    pub fn at(time: Timestamp) -> Clock {
        Clock { time, then: Instant::now() }
    }

    /// What it shows now. For a moment it stands.
    pub fn now(self) -> Timestamp {
        match self.then.elapsed().as_secs_f64() {
            ..STANDS => self.time,
            passed => self.time.plus(passed),
        }
    }
}

/// A time that no clock shows. Its fraction is one that every way to read it reads alike.
pub fn a_time(scene: &mut Scene) -> Timestamp {
    let fraction = scene.number(1 << 28, 0x5800_0000);
    a_time_of(scene, PAST, fraction)
}

fn a_time_of(scene: &mut Scene, (low, high): (u64, u64), fraction: u64) -> Timestamp {
    let since_1970 = Duration::from_secs(scene.number(low, high));
    let Timestamp(whole) = Timestamp::at(SystemTime::UNIX_EPOCH + since_1970);
    Timestamp(whole | fraction)
}

/// 48 bytes, mode 3, version 2 to 4; where `leap` is, with the leap indicator 0.
pub fn request(scene: &mut Scene, leap: Option<u8>) -> Outcome {
    let server = TimeServer::open(scene)?;
    let program = scene.start()?;
    let request = server.asked(&program)?;
    let Packet { leap: found, version, mode, .. } = request.packet;
    if request.bytes.len() > HEADER {
        let size = count(request.bytes.len(), "byte");
        let sentence = format!("The request has {size}, and a request has {HEADER}.");
        return Err(wrong(Way::Extra, sentence).with_fields(table(&request.bytes)));
    }
    if mode != CLIENT {
        return Err(request.wrong_field(format!("The mode is {mode}, and a client's is 3.")));
    }
    if !matches!(version, 2..=4) {
        let sentence = format!("The version is {version}, and it should be 4 (or 3).");
        return Err(request.wrong_field(sentence));
    }
    match leap {
        Some(leap) if leap != found => {
            let sentence = format!("The leap indicator is {found}, and it should be {leap}.");
            Err(request.wrong_field(sentence))
        }
        _ => Ok(()),
    }
}

/// Version 2 is answered too, and nobody should ask with it: it is of 1989.
pub fn version(scene: &mut Scene) -> Outcome {
    let server = TimeServer::open(scene)?;
    let program = scene.start()?;
    let request = server.asked(&program)?;
    match request.packet.version {
        3 | 4 => Ok(()),
        old => Err(request.wrong_field(format!("The version is {old}, and today's is 4."))),
    }
}

/// A transmit timestamp that is not zero, and another one in the next request.
pub fn transmit_timestamp(scene: &mut Scene) -> Outcome {
    let server = TimeServer::open(scene)?;
    let mut seen = Vec::new();
    for _ in 0..2 {
        let program = scene.start()?;
        let first = server.asked(&program)?;
        if first.packet.transmit == Timestamp::ZERO {
            let sentence = "The transmit timestamp is zero: the client cannot tell an answer to its request \
                 from any other datagram.";
            return Err(first.wrong_field(sentence));
        }
        let clock = Clock::at(a_time(scene));
        server.answers(&first, &first.answer(2, clock.now()))?;
        let mut others = Vec::new();
        server.meanwhile(
            |request| {
                server.answers(request, &request.answer(2, clock.now()))?;
                others.push((request.packet.transmit, request.bytes.clone()));
                Ok(())
            },
            || program.wait(),
        )?;
        seen.push((first.packet.transmit, first.bytes));
        seen.extend(others);
    }
    let is_again = |number: &usize| {
        let (transmit, _) = &seen[*number];
        seen[..*number].iter().any(|(before, _)| before == transmit)
    };
    let Some(again) = (0..seen.len()).find(is_again) else { return Ok(()) };
    let sentence = "Two requests have the same transmit timestamp: everybody knows it.";
    Err(wrong(Way::WrongField, sentence).with_fields(table(&seen[again].1)))
}
