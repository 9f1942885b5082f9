//! What the steps of lab 3 share: the examiner as a time server, and what a client makes of it.
//!
//! The time that the examiner tells is drawn, far from now: no clock shows it. Every instant in a
//! packet is therefore the same in each run with the same seed.

pub mod bad;
pub mod hints;
pub mod printed;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, SystemTime};

use socket_labs::bytes::annotated;
use socket_labs::ntp::{CLIENT, HEADER, Packet, SERVER, Short, Timestamp, fields};

use crate::exam::program::Program;
use crate::exam::transcript::count;
use crate::exam::udp::Peer;
use crate::exam::{Outcome, Scene, Trouble, Way, wrong};

/// The name that the course's clients ask where they are told none.
const DEFAULT_SERVER: &str = "pool.ntp.org";

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
        }
        TimeServer::at(scene, ip)
    }

    /// The same, and the program is told a name.
    pub fn open_with_name(scene: &mut Scene) -> Outcome<TimeServer> {
        let ip = scene.loopback_address();
        scene.give("host", DEFAULT_SERVER);
        scene.names(&[(ip.into(), DEFAULT_SERVER)])?;
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

    /// Answers a request.
    pub fn answers(&self, request: &Request, answer: &Packet) -> Outcome {
        self.peer.send(&answer.emit(), request.client)
    }
}

impl Request {
    /// The datagram itself.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
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

/// 48 bytes, mode 3, version 3 or 4; where `leap` is, with the leap indicator 0.
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
    if !matches!(version, 3 | 4) {
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

/// A transmit timestamp that is not zero, and another one in the next request.
pub fn transmit_timestamp(scene: &mut Scene) -> Outcome {
    let server = TimeServer::open(scene)?;
    let mut seen = Vec::new();
    for _ in 0..2 {
        let program = scene.start()?;
        let request = server.asked(&program)?;
        let transmit = request.packet.transmit;
        if transmit == Timestamp::ZERO {
            let sentence = "The transmit timestamp is zero: the client cannot tell an answer to its request \
                 from any other datagram.";
            return Err(request.wrong_field(sentence));
        }
        if seen.contains(&transmit) {
            let sentence = "Two requests have the same transmit timestamp: everybody knows it.";
            return Err(request.wrong_field(sentence));
        }
        seen.push(transmit);
        let answer = request.answer(2, a_time(scene));
        server.answers(&request, &answer)?;
        program.wait()?;
    }
    Ok(())
}
