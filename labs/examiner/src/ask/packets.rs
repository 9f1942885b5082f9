//! The packets of an experiment, as they arrive at the loopback interface of its own network.
//!
//! A packet socket of Linux (packet(7)) gets a copy of every packet of one kind. It needs a right that
//! an ordinary user has only in a network of their own, so elsewhere no packets are seen.

use std::collections::BTreeSet;
use std::io::{self, Read};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use socket_labs::socket_table::Protocol;
use socket2::Socket;

/// A socket's address, as packets name it.
pub type Place = (Protocol, SocketAddr);

/// A packet that was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    /// Where it came from. For an ICMP message, the place that it complains about.
    pub from: Place,
    /// Where it goes.
    pub to: Place,
    /// What it is.
    pub kind: Kind,
}

/// The kinds of packets that are told apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A signal of TCP: `SYN`, `SYN, ACK`, `ACK`, `FIN`, `RST`. With its sequence number.
    Signal(&'static str, u32),
    /// Bytes of a TCP stream.
    Data(Vec<u8>),
    /// A UDP datagram.
    Datagram(Vec<u8>),
    /// ICMP: nobody has a socket there.
    Unreachable,
}

/// Copies of the packets that arrive.
pub struct Capture {
    sockets: Vec<Socket>,
    /// SYNs that were seen, so that a repeated one can be told.
    seen: BTreeSet<(Place, Place, &'static str, u32)>,
    /// Who waits for the last part of a handshake.
    greeted: BTreeSet<(Place, Place)>,
    buffer: Vec<u8>,
}

impl Capture {
    /// Begins to capture. `None` where this is not allowed.
    pub fn start() -> Option<Capture> {
        let sockets: Vec<Socket> = kinds().filter_map(|kind| open(kind).ok()).collect();
        let (seen, greeted) = (BTreeSet::new(), BTreeSet::new());
        (!sockets.is_empty()).then(|| Capture { sockets, seen, greeted, buffer: vec![0; 70_000] })
    }

    /// The packets that came since the last time, each with the words that name it. An ACK is left
    /// out but where it ends a handshake: there is one for nearly everything.
    pub fn take(&mut self) -> Vec<(Packet, &'static str)> {
        let mut packets = Vec::new();
        for i in 0..self.sockets.len() {
            while let Ok(length) = self.sockets[i].read(&mut self.buffer) {
                if let Some(packet) = parse(&self.buffer[..length]) {
                    packets.extend(self.remark(&packet).map(|remark| (packet, remark)));
                }
            }
        }
        packets
    }

    /// What is to be said about it: `again`, or nothing; `None` leaves it out.
    fn remark(&mut self, packet: &Packet) -> Option<&'static str> {
        let Kind::Signal(name, number) = packet.kind else { return Some("") };
        let (from, to) = (packet.from, packet.to);
        match name {
            "SYN" | "SYN, ACK" => {
                if name == "SYN, ACK" {
                    self.greeted.insert((to, from));
                }
                Some(if self.seen.insert((from, to, name, number)) { "" } else { "again" })
            }
            "ACK" => self.greeted.remove(&(from, to)).then_some(""),
            _ => Some(""),
        }
    }
}

/// Two: those of IPv6 and those of IPv4 (`ETH_P_IPV6`, `ETH_P_IP`).
#[cfg(target_os = "linux")]
fn kinds() -> impl Iterator<Item = u16> {
    [0x86dd, 0x0800].into_iter()
}

#[cfg(not(target_os = "linux"))]
fn kinds() -> impl Iterator<Item = u16> {
    std::iter::empty()
}

#[cfg(target_os = "linux")]
fn open(kind: u16) -> io::Result<Socket> {
    use socket2::{Domain, Protocol, Type};
    let kind = Protocol::from(i32::from(kind.to_be()));
    let socket = Socket::new(Domain::PACKET, Type::DGRAM, Some(kind))?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

#[cfg(not(target_os = "linux"))]
fn open(_: u16) -> io::Result<Socket> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Protocol numbers of the IP header (RFC 5237).
const ICMP: u8 = 1;
const TCP: u8 = 6;
const UDP: u8 = 17;
const ICMPV6: u8 = 58;

/// Reads an IP packet (RFC 791, RFC 8200) with TCP (RFC 9293), UDP (RFC 768) or ICMP (RFC 792, RFC
/// 4443) in it. `None` for all else, and for what is cut short.
pub fn parse(packet: &[u8]) -> Option<Packet> {
    let (protocol, ips, body) = unwrap_ip(packet)?;
    let unreachable = [(ICMP, 3, 3), (ICMPV6, 1, 4)]; // type and code: port unreachable
    if protocol == ICMP || protocol == ICMPV6 {
        let (kind, code) = (*body.first()?, *body.get(1)?);
        if !unreachable.contains(&(protocol, kind, code)) {
            return None;
        }
        // Behind eight bytes stands the beginning of the packet that it is about.
        let (protocol, ips, body) = unwrap_ip(body.get(8..)?)?;
        let (from, to) = places(protocol, ips, body)?;
        return Some(Packet { from: to, to: from, kind: Kind::Unreachable });
    }
    let (from, to) = places(protocol, ips, body)?;
    let kind =
        if protocol == UDP { Kind::Datagram(body.get(8..)?.to_vec()) } else { segment(body)? };
    Some(Packet { from, to, kind })
}

/// The protocol in an IP packet, its two addresses, and what it carries.
fn unwrap_ip(packet: &[u8]) -> Option<(u8, [IpAddr; 2], &[u8])> {
    if packet.first()? >> 4 == 4 {
        let header = header_of(packet[0] & 0xf)?;
        let four = |at: usize| <[u8; 4]>::try_from(packet.get(at..at + 4)?).ok();
        let ips = [12, 16].map(four);
        let ips = [Ipv4Addr::from(ips[0]?), Ipv4Addr::from(ips[1]?)].map(IpAddr::V4);
        return Some((*packet.get(9)?, ips, packet.get(header..)?));
    }
    let sixteen = |at: usize| <[u8; 16]>::try_from(packet.get(at..at + 16)?).ok();
    let ips = [8, 24].map(sixteen);
    let ips = [Ipv6Addr::from(ips[0]?), Ipv6Addr::from(ips[1]?)].map(IpAddr::V6);
    Some((*packet.get(6)?, ips, packet.get(40..)?))
}

/// Both protocols begin with the port of the sender and the port of the receiver.
fn places(protocol: u8, [from, to]: [IpAddr; 2], body: &[u8]) -> Option<(Place, Place)> {
    let protocol = match protocol {
        TCP => Protocol::Tcp,
        UDP => Protocol::Udp,
        _ => return None,
    };
    let port = |at: usize| Some(u16::from_be_bytes(body.get(at..at + 2)?.try_into().ok()?));
    let place = |ip, port| (protocol, SocketAddr::new(ip, port));
    Some((place(from, port(0)?), place(to, port(2)?)))
}

/// The bytes of a header whose length is told in words of four bytes: 20 at least, of IPv4 and of TCP.
fn header_of(words: u8) -> Option<usize> {
    (words >= 5).then_some(usize::from(words) * 4)
}

fn segment(segment: &[u8]) -> Option<Kind> {
    let number = u32::from_be_bytes(segment.get(4..8)?.try_into().ok()?);
    let header = header_of(segment.get(12)? >> 4)?;
    let (data, flags) = (segment.get(header..)?, *segment.get(13)?);
    let has = |bit: u8| flags & bit != 0;
    let (fin, syn, rst, ack) = (has(1), has(2), has(4), has(16));
    Some(match () {
        () if rst => Kind::Signal("RST", number),
        () if syn && ack => Kind::Signal("SYN, ACK", number),
        () if syn => Kind::Signal("SYN", number),
        () if !data.is_empty() => Kind::Data(data.to_vec()),
        () if fin => Kind::Signal("FIN", number),
        () => Kind::Signal("ACK", number),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `SYN` from 127.0.0.1 port 40000 to 127.0.0.1 port 12000: an IPv4 header and a TCP header.
    fn syn() -> Vec<u8> {
        let mut packet =
            vec![0x45, 0, 0, 40, 0, 0, 0, 0, 64, TCP, 0, 0, 127, 0, 0, 1, 127, 0, 0, 1];
        packet.extend([0x9c, 0x40, 0x2e, 0xe0, 0, 0, 0, 7, 0, 0, 0, 0, 0x50, 2, 0, 0, 0, 0, 0, 0]);
        packet
    }

    fn place(protocol: Protocol, port: u16) -> Place {
        (protocol, SocketAddr::new(Ipv4Addr::LOCALHOST.into(), port))
    }

    #[test]
    fn a_segment_is_named_by_its_flags() {
        let (from, to) = (place(Protocol::Tcp, 40000), place(Protocol::Tcp, 12000));
        for (flags, kind) in
            [(2, "SYN"), (0x12, "SYN, ACK"), (0x10, "ACK"), (0x11, "FIN"), (0x14, "RST")]
        {
            let mut packet = syn();
            packet[33] = flags;
            assert_eq!(parse(&packet), Some(Packet { from, to, kind: Kind::Signal(kind, 7) }));
        }
        let mut packet = syn();
        packet[33] = 0x18;
        packet.extend(b"hello");
        assert_eq!(parse(&packet).unwrap().kind, Kind::Data(b"hello".to_vec()));
    }

    #[test]
    fn an_icmp_message_comes_from_the_place_that_it_is_about() {
        let mut datagram = syn();
        datagram[9] = UDP;
        let mut packet =
            vec![0x45, 0, 0, 0, 0, 0, 0, 0, 64, ICMP, 0, 0, 127, 0, 0, 1, 127, 0, 0, 1];
        packet.extend([3, 3, 0, 0, 0, 0, 0, 0]);
        packet.extend(datagram);
        let (from, to) = (place(Protocol::Udp, 12000), place(Protocol::Udp, 40000));
        assert_eq!(parse(&packet), Some(Packet { from, to, kind: Kind::Unreachable }));
    }

    #[test]
    fn what_is_cut_short_is_no_packet() {
        let packet = syn();
        for end in 0..packet.len() {
            assert_eq!(parse(&packet[..end]), None, "{end}");
        }
        let mut six = vec![0x60; 60];
        six[6] = 99; // an unknown protocol
        assert_eq!(parse(&six), None);
    }
}
