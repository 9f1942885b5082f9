//! Whether an answer may be believed.

use std::fmt;

use super::fields::{kiss_code, mode_name};
use super::{HEADER, MOST_DISTANCE, Packet, SERVER, Timestamp, UNSYNCHRONIZED};

/// Why an answer is not used, as the sentence that a student reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejected {
    /// So many bytes, and a header has 48.
    Short(usize),
    /// This version, and NTP's are 1 to 4.
    Version(u8),
    /// This mode, and a server's answer has 4.
    Mode(u8),
    /// Its origin is not the transmit timestamp of our request. It answers another request, or it
    /// comes from somebody who has not seen ours.
    Origin,
    /// Stratum 0: a kiss-o'-death, with this code (RFC 5905, section 7.4).
    Kiss([u8; 4]),
    /// Leap indicator 3: the server does not know the time.
    Unsynchronized,
    /// This stratum, and the highest of a server that knows the time is 15.
    Stratum(u8),
    /// The transmit timestamp is zero, which means "unknown".
    NoTime,
    /// The reference timestamp is after the transmit timestamp.
    Reference,
    /// The root distance is [`MOST_DISTANCE`] or more.
    Distance,
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Rejected::Short(size) => {
                write!(f, "it has {size} bytes, and an NTP header has {HEADER}")
            }
            Rejected::Version(version) => {
                write!(f, "its version is {version}, and NTP's are 1 to 4")
            }
            Rejected::Mode(mode) => {
                let name = mode_name(*mode);
                write!(f, "its mode is {mode} ({name}), and a server's is 4")
            }
            Rejected::Origin => f.write_str(
                "its origin is not our transmit timestamp, so it does not answer our request",
            ),
            Rejected::Kiss(code) => {
                write!(f, "its stratum is 0, {}", kiss_code(*code))
            }
            Rejected::Unsynchronized => {
                f.write_str("its leap indicator is 3, so the server's clock is not synchronized")
            }
            Rejected::Stratum(stratum) => {
                write!(f, "its stratum is {stratum}, and a synchronized server's is 1 to 15")
            }
            Rejected::NoTime => f.write_str("its transmit timestamp is zero, so it tells no time"),
            Rejected::Reference => f.write_str(
                "its clock was set at a time that is still to come: the reference timestamp is after \
                 the transmit timestamp",
            ),
            Rejected::Distance => write!(
                f,
                "the server may be wrong by {MOST_DISTANCE} s or more, as it says itself (half the root \
                 delay and the root dispersion)"
            ),
        }
    }
}

impl std::error::Error for Rejected {}

/// Reads the answer to a request that had this transmit timestamp, and checks it as RFC 5905
/// (section 8 and appendix A.5.1) and RFC 4330 (section 5) ask of a client.
///
/// Extension fields and a MAC behind the header are allowed and not looked at. A kiss-o'-death
/// has leap indicator 3 as well: its stratum is looked at first, because its code says more.
///
/// # Errors
///
/// The first reason found, in the order of [`Rejected`].
pub fn check(reply: &[u8], transmit: Timestamp) -> Result<Packet, Rejected> {
    let packet = Packet::parse(reply)?;
    match packet {
        Packet { version, .. } if !(1..=4).contains(&version) => Err(Rejected::Version(version)),
        Packet { mode, .. } if mode != SERVER => Err(Rejected::Mode(mode)),
        Packet { origin, .. } if origin != transmit => Err(Rejected::Origin),
        Packet { stratum: 0, .. } => Err(Rejected::Kiss(packet.reference_id)),
        Packet { leap, .. } if leap == UNSYNCHRONIZED => Err(Rejected::Unsynchronized),
        Packet { stratum, .. } if stratum > 15 => Err(Rejected::Stratum(stratum)),
        _ if packet.transmit == Timestamp::ZERO => Err(Rejected::NoTime),
        _ if packet.is_set_later() => Err(Rejected::Reference),
        _ if packet.root_distance() >= MOST_DISTANCE => Err(Rejected::Distance),
        _ => Ok(packet),
    }
}
