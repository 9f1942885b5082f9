//! The datagram of lab 7, in which a Mandela peer sends its quote: bytes and values.
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +---------------------------------------------------------------+
//! |              Adler-32 of every byte after this field          |   0
//! +---------------------------------------------------------------+
//! |                                                               |   4
//! +        unix timestamp, whole seconds, when it was sent        +
//! |                                                               |   8
//! +---------------------------------------------------------------+
//! |            IPv4 address that the sender listens on            |  12
//! +-------------------------------+-------------------------------+
//! |      UDP port that it listens on                              |  16
//! +-------------------------------+                               +
//! |              the quote, UTF-8, to the end of the datagram     |  18
//! ```
//!
//! All fields are big-endian. The quote has 0 to 65,489 bytes and no end mark: a datagram has a
//! length of its own. The checksum is the one of zlib (RFC 1950, section 8.2).
//!
//! The program `mandela` lays these bytes out by hand, because that is its lesson. This room does the
//! same for whoever examines it.

mod bookkeeping;

use std::error::Error;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::ops::Range;
use std::str::Utf8Error;

use adler::adler32_slice;

use crate::bytes::{Field, json_string};

pub use crate::complaints::Complaints;
pub use bookkeeping::{MOST_SOURCES, Sources};

/// The default quote, 61 bytes, its double quotes included. With it a datagram has 79 bytes.
pub const QUOTE: &str = "\"It always seems impossible until it's done\" - Nelson Mandela";

/// The bytes of the four fields before the quote: the smallest datagram.
pub const HEADER: usize = 18;

/// The bytes of the largest datagram: 65,535 less the IPv4 header (20) and the UDP header (8).
pub const LARGEST_DATAGRAM: usize = 65_507;

/// The bytes of the longest quote.
pub const LONGEST_QUOTE: usize = LARGEST_DATAGRAM - HEADER;

const CHECKSUM: Range<usize> = 0..4;
const TIMESTAMP: Range<usize> = 4..12;
const ADDRESS: Range<usize> = 12..16;
const PORT: Range<usize> = 16..18;

/// What a datagram says. The checksum is no field here: `emit` computes it and `parse` checks it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Datagram<'a> {
    /// When it was sent: whole seconds since 1970-01-01 00:00 UTC, by the sender's clock.
    pub timestamp: u64,
    /// The IPv4 address that the sender listens on. It is the sender's word: the address that the
    /// datagram really came from is known from recvfrom().
    pub address: Ipv4Addr,
    /// The UDP port that the sender listens on.
    pub port: u16,
    /// The quote, at most [`LONGEST_QUOTE`] bytes. A stranger wrote it: escape it before printing.
    pub quote: &'a str,
}

impl<'a> Datagram<'a> {
    /// Takes the bytes of one datagram apart. The quote is borrowed from them.
    ///
    /// # Errors
    ///
    /// The [`Fault`] that comes first: the size, then the checksum, then the UTF-8 of the quote.
    pub fn parse(bytes: &'a [u8]) -> Result<Datagram<'a>, Fault> {
        check_size(bytes.len())?;
        let number = |place: Range<usize>| {
            bytes[place].iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
        };
        let (found, expected) = (number(CHECKSUM) as u32, adler32_slice(&bytes[CHECKSUM.end..]));
        match str::from_utf8(&bytes[HEADER..]) {
            _ if found != expected => Err(Fault::Checksum { expected, found }),
            Err(error) => Err(Fault::in_quote(error)),
            Ok(quote) => Ok(Datagram {
                timestamp: number(TIMESTAMP),
                address: Ipv4Addr::from_bits(number(ADDRESS) as u32),
                port: number(PORT) as u16,
                quote,
            }),
        }
    }

    /// The bytes of the datagram, 18 and those of the quote.
    ///
    /// # Errors
    ///
    /// [`Fault::TooLong`]: the quote is longer than [`LONGEST_QUOTE`] bytes.
    pub fn emit(&self) -> Result<Vec<u8>, Fault> {
        check_quote(self.quote)?;
        let (timestamp, port) = (self.timestamp.to_be_bytes(), self.port.to_be_bytes());
        let address = self.address.octets();
        let summed = [&timestamp[..], &address, &port, self.quote.as_bytes()].concat();
        Ok([&adler32_slice(&summed).to_be_bytes(), &summed[..]].concat())
    }
}

/// Why bytes are not a datagram of this protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Fewer bytes than the [`HEADER`] has.
    TooShort {
        /// How many there are.
        size: usize,
    },
    /// More bytes than the [`LARGEST_DATAGRAM`] has.
    TooLong {
        /// How many there are.
        size: usize,
    },
    /// Something was changed on the way, or the sender does not compute Adler-32.
    Checksum {
        /// The Adler-32 of the bytes after the checksum.
        expected: u32,
        /// The checksum in the datagram.
        found: u32,
    },
    /// The quote is not UTF-8 (RFC 3629).
    NotUtf8 {
        /// The first byte that is not, counted from the start of the datagram.
        offset: usize,
    },
}

impl Fault {
    /// The fault of a quote that is not UTF-8.
    pub fn in_quote(error: Utf8Error) -> Fault {
        Fault::NotUtf8 { offset: HEADER + error.valid_up_to() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::TooShort { size } => {
                write!(f, "too short, {size} bytes where {HEADER} is the least")
            }
            Fault::TooLong { size } => write!(
                f,
                "too long, {size} bytes where {LARGEST_DATAGRAM} is the most that UDP over IPv4 carries"
            ),
            Fault::Checksum { expected, found } => write!(
                f,
                "the checksum is {found:#010x}, but the bytes after it make {expected:#010x}"
            ),
            Fault::NotUtf8 { offset } => write!(f, "the quote is not UTF-8 at byte {offset}"),
        }
    }
}

impl Error for Fault {}

/// Whether a datagram with this quote can be sent.
///
/// # Errors
///
/// [`Fault::TooLong`]: the quote is longer than [`LONGEST_QUOTE`] bytes.
pub fn check_quote(quote: &str) -> Result<(), Fault> {
    check_size(HEADER + quote.len())
}

fn check_size(size: usize) -> Result<(), Fault> {
    match size {
        ..HEADER => Err(Fault::TooShort { size }),
        HEADER..=LARGEST_DATAGRAM => Ok(()),
        _ => Err(Fault::TooLong { size }),
    }
}

/// The fields of a datagram for [`annotated`](crate::bytes::annotated), each with its meaning.
///
/// It takes any bytes, because a wrong datagram is the one worth looking at: a field that is cut
/// off says so, and a wrong checksum stands beside the right one.
pub fn fields(bytes: &[u8]) -> Vec<Field> {
    let quote = HEADER..bytes.len().max(HEADER);
    vec![
        Field::new(CHECKSUM, "checksum", checksum_in_words(bytes)),
        Field::new(TIMESTAMP, "timestamp", {
            whole(bytes, TIMESTAMP).map_or_else(cut_off, |bytes| {
                let seconds = u64::from_be_bytes(bytes);
                format!("{seconds} seconds after 1970-01-01 00:00 UTC")
            })
        }),
        Field::new(ADDRESS, "address", {
            whole::<4>(bytes, ADDRESS)
                .map_or_else(cut_off, |bytes| Ipv4Addr::from(bytes).to_string())
        }),
        Field::new(PORT, "port", {
            whole(bytes, PORT).map_or_else(cut_off, |bytes| u16::from_be_bytes(bytes).to_string())
        }),
        Field::new(quote.clone(), "quote", {
            let quote = bytes.get(quote).unwrap_or_default();
            String::from_utf8(quote.to_vec()).unwrap_or_else(|_| "not UTF-8".into())
        }),
    ]
}

/// A datagram that has arrived, as one object of JSON in one line without its line end.
///
/// `source` is where it came from, `elapsed` the seconds since it was sent by the two clocks, and
/// `times` how many datagrams have come from that IPv4 address.
pub fn json(datagram: &Datagram, source: SocketAddr, elapsed: i128, times: u64) -> String {
    let Datagram { timestamp, address, port, quote } = datagram;
    let (quote, ip, source_port) = (json_string(quote), source.ip(), source.port());
    format!(
        "{{\"quote\":{quote},\"timestamp\":{timestamp},\"elapsed\":{elapsed},\
         \"source\":\"{ip}\",\"source_port\":{source_port},\
         \"address\":\"{address}\",\"port\":{port},\"times\":{times}}}"
    )
}

fn checksum_in_words(bytes: &[u8]) -> String {
    let Some((found, summed)) = bytes.split_first_chunk() else {
        return cut_off();
    };
    let (found, expected) = (u32::from_be_bytes(*found), adler32_slice(summed));
    if found == expected {
        format!("{found:#010x}, right")
    } else {
        format!("{found:#010x}, wrong: the bytes after it make {expected:#010x}")
    }
}

/// The bytes of a field, if all of them are there.
fn whole<const SIZE: usize>(bytes: &[u8], range: Range<usize>) -> Option<[u8; SIZE]> {
    bytes.get(range)?.try_into().ok()
}

fn cut_off() -> String {
    "cut off: the datagram ends before".into()
}

#[cfg(test)]
mod tests;
