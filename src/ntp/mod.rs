//! NTP, the Network Time Protocol: the header of RFC 5905, section 7.3, and what it means.
//!
//! This room is handed bytes and times. It knows no socket and no clock.

mod fields;
mod reply;
mod timestamp;

pub use fields::fields;
pub use reply::{Rejected, check};
pub use timestamp::{Short, Timestamp};

/// The size of the header, in bytes. Extension fields and a MAC may follow it.
pub const HEADER: usize = 48;

/// Mode 1: a peer that wants the time of another and offers its own.
pub const SYMMETRIC_ACTIVE: u8 = 1;
/// Mode 2: the answer to mode 1.
pub const SYMMETRIC_PASSIVE: u8 = 2;
/// Mode 3: a client asks.
pub const CLIENT: u8 = 3;
/// Mode 4: a server answers.
pub const SERVER: u8 = 4;

/// The leap indicator of a clock that is not synchronized.
pub const UNSYNCHRONIZED: u8 = 3;

/// The root distance, in seconds, from which a server is of no use: RFC 5905's MAXDISP (section 7.2).
pub const MOST_DISTANCE: f64 = 16.0;

/// The header of an NTP packet. All fields are big-endian.
///
/// ```text
/// offset  0               1               2               3
///      0 |LI | VN  |Mode |    Stratum    |     Poll      |   Precision   |
///      4 |                          Root delay                           |
///      8 |                        Root dispersion                        |
///     12 |                         Reference ID                          |
///     16 |                                                               |
///        +                   Reference timestamp (64)                    +
///     24 |                                                               |
///        +                    Origin timestamp (64)                      +
///     32 |                                                               |
///        +                    Receive timestamp (64)                     +
///     40 |                                                               |
///        +                    Transmit timestamp (64)                    +
///     48
/// ```
///
/// Source: RFC 5905, section 7.3, figure 8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Packet {
    /// Leap indicator, 2 bits: 0 no warning, 1 or 2 a leap second comes, 3 not synchronized.
    pub leap: u8,
    /// Version number, 3 bits: 4 today; 1 to 3 have the same header.
    pub version: u8,
    /// Mode, 3 bits: 3 client, 4 server.
    pub mode: u8,
    /// How far the clock is from a reference clock: 1 has one itself, 2 to 15 ask a server of the
    /// stratum below, 16 is not synchronized; 0 is a kiss-o'-death (section 7.4).
    pub stratum: u8,
    /// Longest time between two requests, as a power of two in seconds.
    pub poll: i8,
    /// How fine the sender's clock is, as a power of two in seconds.
    pub precision: i8,
    /// Round-trip delay to the reference clock.
    pub root_delay: Short,
    /// How wrong the reference clock may be, all in all.
    pub root_dispersion: Short,
    /// Where the time comes from: four letters at stratum 1, an IPv4 address or a hash above it, a
    /// kiss code at stratum 0.
    pub reference_id: [u8; 4],
    /// When the sender's clock was last set or corrected.
    pub reference: Timestamp,
    /// In an answer: the transmit timestamp of the request, as it was.
    pub origin: Timestamp,
    /// In an answer: when the request arrived (T2).
    pub receive: Timestamp,
    /// When this packet left its sender (T3 in an answer).
    pub transmit: Timestamp,
}

impl Packet {
    /// Reads the header from the first 48 bytes of a datagram. What follows them is not looked at.
    ///
    /// # Errors
    ///
    /// [`Rejected::Short`] for fewer than 48 bytes. Every other sequence of bytes is a header,
    /// though [`check`] may find that it is no good answer.
    pub fn parse(bytes: &[u8]) -> Result<Packet, Rejected> {
        let Some(header) = bytes.first_chunk::<HEADER>() else {
            return Err(Rejected::Short(bytes.len()));
        };
        let mut rest = header.as_slice();
        let [first, stratum, poll, precision] = take(&mut rest);
        Ok(Packet {
            leap: first >> 6,
            version: first >> 3 & 0b111,
            mode: first & 0b111,
            stratum,
            poll: poll.cast_signed(),
            precision: precision.cast_signed(),
            root_delay: Short(u32::from_be_bytes(take(&mut rest))),
            root_dispersion: Short(u32::from_be_bytes(take(&mut rest))),
            reference_id: take(&mut rest),
            reference: Timestamp(u64::from_be_bytes(take(&mut rest))),
            origin: Timestamp(u64::from_be_bytes(take(&mut rest))),
            receive: Timestamp(u64::from_be_bytes(take(&mut rest))),
            transmit: Timestamp(u64::from_be_bytes(take(&mut rest))),
        })
    }

    /// How wrong the sender's clock may be, in seconds: half the delay to the reference clock, and
    /// its dispersion (RFC 5905, appendix A.5.1.1).
    pub fn root_distance(&self) -> f64 {
        self.root_delay.seconds() / 2.0 + self.root_dispersion.seconds()
    }

    /// Whether the clock was set after the packet was sent, which cannot be. A reference timestamp of
    /// zero means "unknown".
    fn is_set_later(&self) -> bool {
        self.reference != Timestamp::ZERO && self.transmit.since(self.reference) < 0.0
    }

    /// The header as 48 bytes. Of `leap`, `version` and `mode` the low 2, 3 and 3 bits are taken.
    pub fn emit(&self) -> [u8; HEADER] {
        let first = self.leap << 6 | (self.version & 0b111) << 3 | self.mode & 0b111;
        let mut bytes = [0; HEADER];
        let mut rest = bytes.as_mut_slice();
        put(
            &mut rest,
            [first, self.stratum, self.poll.cast_unsigned(), self.precision.cast_unsigned()],
        );
        put(&mut rest, self.root_delay.0.to_be_bytes());
        put(&mut rest, self.root_dispersion.0.to_be_bytes());
        put(&mut rest, self.reference_id);
        put(&mut rest, self.reference.0.to_be_bytes());
        put(&mut rest, self.origin.0.to_be_bytes());
        put(&mut rest, self.receive.0.to_be_bytes());
        put(&mut rest, self.transmit.0.to_be_bytes());
        bytes
    }
}

/// Takes the next bytes. Behind the end there are only zeros; a header is never that short.
fn take<const SIZE: usize>(rest: &mut &[u8]) -> [u8; SIZE] {
    let Some((field, behind)) = rest.split_first_chunk() else {
        return [0; SIZE];
    };
    *rest = behind;
    *field
}

/// Puts the next bytes. Behind the end there is no room; a header is never that long.
fn put<const SIZE: usize>(rest: &mut &mut [u8], field: [u8; SIZE]) {
    if let Some((place, behind)) = std::mem::take(rest).split_first_chunk_mut() {
        *place = field;
        *rest = behind;
    }
}

#[cfg(test)]
mod tests;
