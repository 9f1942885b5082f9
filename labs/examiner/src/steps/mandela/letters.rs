//! The datagrams of the examinations: how they are made, shown and looked at; and the peer.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, SystemTime};

use socket_labs::mandela::{Datagram, Fault};
use socket_labs::socket_table::Protocol;

use crate::exam::program::until;
use crate::exam::scene::{LOOPBACK, Server};
use crate::exam::transcript::count;
use crate::exam::udp::Peer;
use crate::exam::{Outcome, PATIENCE, Scene, Trouble, Way, wrong};

/// The peer of a program that cannot be told one.
const PEER: SocketAddr = SocketAddr::new(IpAddr::V4(LOOPBACK), 5006);

/// The seconds between two datagrams where the program can be told: whole, for those who read it as
/// a whole number.
const INTERVAL: &str = "1";

/// Puts in all words of the command, and returns the peer that the program is to send to.
pub fn prepare(scene: &mut Scene) -> Outcome<Peer> {
    let address = peer_address(scene);
    prepare_with(scene, address)
}

/// As [`prepare`], with this peer.
pub fn prepare_with(scene: &mut Scene, address: SocketAddr) -> Outcome<Peer> {
    one_peer(scene)?;
    give_peer(scene, address);
    Ok(scene.udp_peer("peer", address)?.shown_as(picture))
}

/// Puts in the words of the command but that of the peer, of which there is one at most.
pub fn one_peer(scene: &mut Scene) -> Outcome {
    give_words(scene)?;
    scene.give("second_peer", "127.0.0.1:9");
    scene.without_option("second_peer");
    Ok(())
}

/// Puts in the words of the command but those of the peers.
pub fn give_words(scene: &mut Scene) -> Outcome {
    let quote = scene.sentence();
    scene.give("quote", quote);
    scene.give("interval", INTERVAL);
    if scene.is_private() {
        // As on Debian: a program that asks for the address of its own name gets this one.
        let name = fs::read_to_string("/proc/sys/kernel/hostname")?;
        scene.names(&[(Ipv4Addr::new(127, 0, 1, 1).into(), name.trim())])?;
    }
    Ok(())
}

/// Tells the program its peer, in one word or in two.
pub fn give_peer(scene: &mut Scene, address: SocketAddr) {
    scene.give("peer", address.to_string());
    scene.give("peer_host", address.ip().to_string());
    scene.give("peer_port", address.port().to_string());
}

/// Whether the program can be told its peer.
pub fn takes_a_peer(scene: &Scene) -> bool {
    scene.takes("peer") || scene.takes("peer_host") && scene.takes("peer_port")
}

/// An address that nobody could guess, where the program can be told it.
pub fn peer_address(scene: &mut Scene) -> SocketAddr {
    if takes_a_peer(scene) { stranger(scene) } else { PEER }
}

/// An address of loopback with a port that the program does not have.
fn stranger(scene: &mut Scene) -> SocketAddr {
    let ip = scene.loopback_address().into();
    let mut port = scene.free_port();
    while port == scene.port() {
        port = scene.free_port();
    }
    SocketAddr::new(ip, port)
}

/// Starts the program with one peer, and waits until it is bound.
pub fn begin(scene: &mut Scene) -> Outcome<(Server, Peer)> {
    let peer = prepare(scene)?;
    Ok((scene.udp_server()?, peer))
}

/// Where the program's socket is: its address may be 0.0.0.0.
pub fn bound(scene: &Scene) -> Outcome<SocketAddr> {
    let rows =
        scene.sockets(|row| row.protocol == Protocol::Udp && row.local.port() == scene.port());
    let row = rows.first().ok_or_else(|| Trouble::Examiner("the socket is gone".into()))?;
    Ok(row.local)
}

/// The next datagram that the program sends to a peer.
///
/// # Errors
///
/// [`Way::Ended`], [`Way::Silent`].
pub fn sent_by(server: &Server, peer: &Peer) -> Outcome<Vec<u8>> {
    let came = until(PATIENCE, || match peer.receive_within(Duration::from_millis(15)) {
        Ok(None) => server.program.still_runs("before its datagram came").err().map(Err),
        Ok(Some((bytes, _))) => Some(Ok(bytes)),
        Err(trouble) => Some(Err(trouble)),
    });
    came.unwrap_or_else(|| {
        let wait = PATIENCE.as_secs();
        Err(wrong(Way::Silent, format!("{wait} s long, the program sent nothing to its peer.")))
    })
}

// --- what the examiner sends

/// Another peer, of which the program has not heard.
pub struct Sender {
    socket: Peer,
    address: SocketAddr,
    /// How old its datagrams are, in seconds; a number that is neither a count nor part of an
    /// address.
    pub age: u64,
}

impl Sender {
    /// At a new address.
    pub fn new(scene: &mut Scene, who: &str) -> Outcome<Sender> {
        let address = stranger(scene);
        Sender::at(scene, who, address)
    }

    /// At the same address as another one, with a port of its own.
    pub fn beside(scene: &mut Scene, who: &str, other: &Sender) -> Outcome<Sender> {
        let mut address = stranger(scene);
        address.set_ip(other.address.ip());
        Sender::at(scene, who, address)
    }

    fn at(scene: &mut Scene, who: &str, address: SocketAddr) -> Outcome<Sender> {
        let socket = scene.udp_peer(who, address)?.shown_as(picture);
        Ok(Sender { socket, address, age: scene.number(300, 900) })
    }

    /// Its IPv4 address.
    pub fn ip(&self) -> Ipv4Addr {
        match self.address.ip() {
            IpAddr::V4(ip) => ip,
            IpAddr::V6(_) => LOOPBACK, // no peer has one
        }
    }

    /// Its socket.
    pub fn socket(&self) -> &Peer {
        &self.socket
    }

    /// A datagram as it sends them.
    pub fn letter<'a>(&self, quote: &'a str) -> Datagram<'a> {
        let timestamp = steady_time() - self.age;
        Datagram { timestamp, address: self.ip(), port: self.address.port(), quote }
    }

    /// Sends a good datagram.
    pub fn sends(&self, server: &Server, letter: &Datagram) -> Outcome {
        self.sends_bytes(server, &bytes(letter)?)
    }

    /// Sends any bytes.
    pub fn sends_bytes(&self, server: &Server, bytes: &[u8]) -> Outcome {
        self.socket.send(bytes, server.address)
    }
}

/// The bytes of a datagram.
pub fn bytes(letter: &Datagram) -> Outcome<Vec<u8>> {
    letter.emit().map_err(|fault| Trouble::Examiner(fault.to_string()))
}

/// Puts the right checksum before these bytes.
pub fn with_checksum(summed: &[u8]) -> Vec<u8> {
    [&adler::adler32_slice(summed).to_be_bytes()[..], summed].concat()
}

/// The unix time in seconds.
pub fn unix_time() -> u64 {
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since_1970.map_or(0, |time| time.as_secs())
}

/// The unix time, at a moment at which the program sees the same one, and for a while after it. At
/// the beginning of a second, C's time() may still tell the one before.
fn steady_time() -> u64 {
    until(Duration::from_secs(1), || {
        let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).ok()?;
        (50..700).contains(&since_1970.subsec_millis()).then_some(())
    });
    unix_time()
}

// --- what the ladder shows

/// A datagram in a few words: `437 s old, from 127.4.5.6:5005: "abc"`.
pub fn picture(bytes: &[u8]) -> String {
    let size = count(bytes.len(), "byte");
    let letter = match Datagram::parse(bytes) {
        Ok(letter) => letter,
        Err(Fault::Checksum { .. }) => {
            return format!("{size}, the checksum is wrong");
        }
        Err(Fault::NotUtf8 { offset }) => {
            return format!("{size}, not UTF-8 at byte {offset}");
        }
        Err(Fault::TooShort { .. }) => return format!("{size}, too short"),
        Err(fault) => return fault.to_string(),
    };
    let Datagram { timestamp, address, port, quote } = letter;
    let age = i128::from(unix_time()) - i128::from(timestamp);
    let when = match age {
        -2..=2 => "new".into(),
        3..1_000_000 => format!("{age} s old"),
        -1_000_000..-2 => format!("{} s ahead", -age),
        _ => "of another time".into(),
    };
    format!("{when}, {address}:{port}, \"{quote}\"")
}
