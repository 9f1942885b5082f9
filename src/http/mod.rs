//! HTTP/1.1 as bytes: requests, responses, bodies, URLs and dates. No sockets, no clock, no printing.
//!
//! ```text
//! GET /hello.txt HTTP/1.1\r\n       HTTP/1.1 200 OK\r\n          the first line
//! Host: example.com\r\n             Content-Length: 5\r\n        header fields, one a line
//! \r\n                              \r\n                         an empty line ends the head
//!                                   hello                        the body, if there is one
//! ```
//!
//! TCP brings a message in pieces of any size, so "not enough bytes yet" is `Ok(None)` and no
//! error. What a stranger sends is bounded: see [`MAX_HEAD`], [`MAX_LINE`], [`MAX_FIELDS`] and
//! [`MAX_RESPONSE_HEAD`].
//!
//! Requests are read to the letter, because a request that two servers understand in two ways is a
//! way to attack the second one. Responses are read as curl and browsers read them, because real
//! servers send much that the standard forbids; only what says how long the body is must be right.
//!
//! Sources: RFC 9110 (what messages mean), RFC 9112 (how they look on the wire), RFC 3986 (URLs).

mod body;
mod chunked;
mod date;
mod error;
mod head;
mod pending;
mod percent;
mod reference;
mod request;
mod response;
mod url;

pub use body::{Body, Framing};
pub use chunked::{LAST_CHUNK, chunk};
pub use date::imf_fixdate;
pub use error::HttpError;
pub use head::{Headers, MAX_FIELDS, MAX_HEAD, MAX_LINE, MAX_REQUEST_LINE, MAX_RESPONSE_HEAD};
pub use pending::Pending;
pub use percent::{percent_decoded, percent_encoded};
pub use request::Request;
pub use response::{Response, reason};
pub use url::{Url, UrlError};
