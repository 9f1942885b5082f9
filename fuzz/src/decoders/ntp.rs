use std::net::SocketAddr;

use sntpc::sync::get_time;
use sntpc::{NtpContext, NtpTimestampGenerator, NtpUdpSocket};
use socket_labs::bytes::annotated;
use socket_labs::ntp::{HEADER, Packet, SERVER, Timestamp, UNSYNCHRONIZED, check, fields};
use socket_labs::practice::ntp::answer;

use super::{assert_lines, assert_one_line, is_drawn};

/// A datagram that is an NTP packet, perhaps: as an answer to us, as a request, as a table.
pub fn ntp(data: &[u8]) {
    let Ok(packet) = Packet::parse(data) else {
        assert!(data.len() < HEADER);
        assert_lines(&annotated(data, &fields(data)));
        return;
    };
    assert_eq!(packet.emit(), data[..HEADER]);
    assert_eq!(Packet::parse(&packet.emit()), Ok(packet));

    // The answer to a request of ours, and to another one.
    check_answer(data, packet.origin);
    check_answer(data, Timestamp(packet.origin.0 ^ 1));
    agrees_with_sntpc(packet);

    // The same packet as a request.
    let received = packet.receive;
    match answer(data, received) {
        Ok(reply) => {
            assert_eq!((reply.origin, reply.receive), (packet.transmit, received));
            assert_eq!(reply.version, packet.version);
            assert!((1..=4).contains(&reply.version));
            let reply = Packet { transmit: received, ..reply };
            // What answers a server is no request, so two servers never keep each other busy.
            assert!(answer(&reply.emit(), received).is_err());
        }
        Err(why) => assert_one_line(&why.to_string()),
    }

    let (seconds, nanoseconds) = packet.transmit.unix();
    assert!(nanoseconds < 1_000_000_000 && (-61_505_152..4_233_462_144).contains(&seconds));
    let apart = packet.transmit.since(packet.receive);
    assert!(apart.abs() <= 2_147_483_648.0, "{apart}");

    if !is_drawn(data) {
        return;
    }
    let table = annotated(data, &fields(data));
    assert_lines(&table);
    assert!(table.lines().count() <= 1 + 11 + 4 && table.len() < 2_000);
}

fn check_answer(data: &[u8], transmit: Timestamp) {
    let ours = check(data, transmit);
    match ours {
        Ok(packet) => {
            assert_eq!((packet.mode, packet.origin), (SERVER, transmit));
            assert!((1..=4).contains(&packet.version));
            assert!((1..16).contains(&packet.stratum) && packet.leap != UNSYNCHRONIZED);
            assert_ne!(packet.transmit, Timestamp::ZERO);
        }
        Err(why) => assert_one_line(&why.to_string()),
    }
}

/// sntpc believes the answers that we believe, where they have the transmit timestamp of its request.
fn agrees_with_sntpc(packet: Packet) {
    let clock = Clock((packet.receive.0 >> 32) as u32);
    if clock.now().unix().0 < 0 {
        return; // sntpc counts from 1970
    }
    let answer = Packet { origin: clock.now(), ..packet }.emit();
    let server = SocketAddr::from(([127, 0, 0, 1], 123));
    let theirs = get_time(server, &Wire { reply: &answer, server }, NtpContext::new(clock));
    let ours = check(&answer, clock.now()).is_ok();
    // Half of all time away, a reference timestamp is as much before the packet as it is after it.
    let is_both = packet.reference.0.wrapping_sub(packet.transmit.0) == 1 << 63;
    assert!(theirs.is_ok() == ours || is_both, "sntpc: {theirs:?}, here: {ours}");
}

/// A clock that shows this whole second: the upper half of a timestamp.
#[derive(Clone, Copy)]
struct Clock(u32);

impl Clock {
    fn now(self) -> Timestamp {
        Timestamp(u64::from(self.0) << 32)
    }
}

impl NtpTimestampGenerator for Clock {
    fn init(&mut self) {}

    fn timestamp_sec(&self) -> u64 {
        self.now().unix().0 as u64
    }

    fn timestamp_subsec_micros(&self) -> u32 {
        0
    }
}

/// A network on which this is the answer.
struct Wire<'a> {
    reply: &'a [u8],
    server: SocketAddr,
}

impl NtpUdpSocket for Wire<'_> {
    async fn send_to(&self, request: &[u8], _: SocketAddr) -> sntpc::Result<usize> {
        Ok(request.len())
    }

    async fn recv_from(&self, buffer: &mut [u8]) -> sntpc::Result<(usize, SocketAddr)> {
        let length = self.reply.len().min(buffer.len());
        buffer[..length].copy_from_slice(&self.reply[..length]);
        Ok((length, self.server))
    }
}
