//! What each byte of an NTP packet means, for a table of the packet.

use std::net::Ipv4Addr;

use super::{HEADER, Packet};
use crate::bytes::{Field, printable};

/// How many of the bytes behind the header a table shows.
const SHOWN_BEHIND: usize = 32;

/// The fields of a packet with their meaning, for [`annotated`](crate::bytes::annotated).
///
/// A packet of fewer than 48 bytes is one field. Of what follows the header the first 32 bytes
/// are shown.
pub fn fields(bytes: &[u8]) -> Vec<Field> {
    let Ok(packet) = Packet::parse(bytes) else {
        let what = format!("{} bytes, and a header has {HEADER}", bytes.len());
        return vec![Field::new(0..bytes.len(), "too short", what)];
    };
    let first = format!(
        "LI {} ({}), version {}, mode {} ({})",
        packet.leap,
        leap_name(packet.leap),
        packet.version,
        packet.mode,
        mode_name(packet.mode)
    );
    let mut fields = vec![
        Field::new(0..1, "leap, version, mode", first),
        Field::new(1..2, "stratum", stratum(packet.stratum)),
        Field::new(2..3, "poll", power_of_two(packet.poll)),
        Field::new(3..4, "precision", power_of_two(packet.precision)),
        Field::new(4..8, "root delay", packet.root_delay.to_string()),
        Field::new(8..12, "root dispersion", packet.root_dispersion.to_string()),
        Field::new(12..16, "reference ID", reference_id(&packet)),
        Field::new(16..24, "reference timestamp", packet.reference.to_string()),
        Field::new(24..32, "origin timestamp", packet.origin.to_string()),
        Field::new(32..40, "receive timestamp", packet.receive.to_string()),
        Field::new(40..48, "transmit timestamp", packet.transmit.to_string()),
    ];
    let behind = bytes.len() - HEADER;
    if behind > 0 {
        let shown = HEADER..HEADER + behind.min(SHOWN_BEHIND);
        let what = format!("{behind} bytes, not read here");
        fields.push(Field::new(shown, "extensions, MAC", what));
    }
    fields
}

/// RFC 5905, figure 9.
fn leap_name(leap: u8) -> &'static str {
    match leap {
        0 => "no warning",
        1 => "the last minute of the day has 61 s",
        2 => "the last minute of the day has 59 s",
        _ => "not synchronized",
    }
}

/// RFC 5905, figure 10.
pub(super) fn mode_name(mode: u8) -> &'static str {
    match mode {
        1 => "symmetric active",
        2 => "symmetric passive",
        3 => "client",
        4 => "server",
        5 => "broadcast",
        6 => "control message",
        _ => "reserved",
    }
}

/// RFC 5905, figure 11.
fn stratum(stratum: u8) -> String {
    let name = match stratum {
        0 => "unspecified",
        1 => "has a reference clock itself",
        2..=15 => "asks other servers",
        16 => "not synchronized",
        _ => "reserved",
    };
    format!("{stratum} ({name})")
}

fn power_of_two(exponent: i8) -> String {
    let seconds = 2f64.powi(exponent.into());
    let size = match exponent {
        32.. => return format!("2^{exponent} s"),
        0..32 => format!("{seconds} s"),
        -9..0 => format!("{:.1} ms", seconds * 1e3),
        -19..-9 => format!("{:.1} µs", seconds * 1e6),
        _ => format!("{:.1} ns", seconds * 1e9),
    };
    format!("2^{exponent} s = {size}")
}

/// RFC 5905, section 7.3: what it is depends on the stratum.
fn reference_id(packet: &Packet) -> String {
    let id = packet.reference_id;
    match packet.stratum {
        _ if id == [0; 4] => "not set".into(),
        0 => kiss_code(id),
        1 => {
            let letters = id.split(|byte| *byte == 0).next();
            printable(letters.unwrap_or_default()) // shorter names end with zeros
        }
        _ => format!("{}, or a hash", Ipv4Addr::from(id)),
    }
}

/// A kiss code and what it asks of the client. Source: RFC 5905, section 7.4, figure 13.
pub(super) fn kiss_code(code: [u8; 4]) -> String {
    let meaning = match &code {
        [0, 0, 0, 0] => return "without a kiss code".into(),
        b"DENY" | b"RSTR" => "the server does not serve us: do not ask it again",
        b"RATE" => "we ask too often: wait longer between two requests",
        b"INIT" | b"STEP" => "the server does not know the time yet",
        b"AUTH" | b"CRYP" | b"NKEY" => "the server wants a key that we do not have",
        _ => "the server does not give us the time",
    };
    format!("kiss code {} ({meaning})", printable(&code))
}
