//! One function for each decoder of the course. Each takes any bytes, and panics where the decoder
//! breaks a promise: it panics itself, takes more than it should, gives something back that drives a
//! terminal, gives another result when the same bytes come in other pieces, or disagrees with
//! another implementation.

use socket_labs::bytes::is_hidden;

mod files;
mod http;
mod mandela;
mod names;
mod ntp;
mod packets;
mod strace;
mod text;
mod url;

pub use files::{progress, results, submission};
pub use http::{http_body, http_chunked, http_request, http_response};
pub use mandela::mandela;
pub use names::{names, ps, socket_table};
pub use ntp::ntp;
pub use packets::packets;
pub use strace::strace;
pub use text::{percent, text};
pub use url::url;

/// A decoder, by the name of its fuzz target and of the folder of its seeds.
pub struct Decoder {
    pub name: &'static str,
    pub check: fn(&[u8]),
}

/// All of them.
pub const ALL: &[Decoder] = &[
    Decoder { name: "http_body", check: http_body },
    Decoder { name: "http_chunked", check: http_chunked },
    Decoder { name: "http_request", check: http_request },
    Decoder { name: "http_response", check: http_response },
    Decoder { name: "mandela", check: mandela },
    Decoder { name: "names", check: names },
    Decoder { name: "ntp", check: ntp },
    Decoder { name: "packets", check: packets },
    Decoder { name: "percent", check: percent },
    Decoder { name: "progress", check: progress },
    Decoder { name: "ps", check: ps },
    Decoder { name: "results", check: results },
    Decoder { name: "socket_table", check: socket_table },
    Decoder { name: "strace", check: strace },
    Decoder { name: "submission", check: submission },
    Decoder { name: "text", check: text },
    Decoder { name: "url", check: url },
];

/// Nothing of this moves a cursor, ends a line, hides, or turns the direction of the text.
pub(crate) fn assert_one_line(text: &str) {
    let bad = text.chars().find(|c| is_hidden(*c));
    assert_eq!(bad, None, "in {text:?}");
}

/// As [`assert_one_line`], but line ends and tabs may be in it.
pub(crate) fn assert_lines(text: &str) {
    let bad = text.chars().find(|c| is_hidden(*c) && !matches!(c, '\n' | '\t'));
    assert_eq!(bad, None, "in {text:?}");
}

/// Whether a packet is drawn as a table too, one of eight: that takes ten times as long as all else.
pub(crate) fn is_drawn(data: &[u8]) -> bool {
    choice(data, 8) == 0
}

/// A number below `end` (0 for an end of 0) that depends on all of the bytes: a choice that the same
/// input always makes the same way.
pub(crate) fn choice(data: &[u8], end: usize) -> usize {
    let hash = data.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3)
    });
    (hash >> 32) as usize % end.max(1)
}
