//! What can be wrong with a message.

use std::error::Error;
use std::fmt;
use std::io;

use super::{MAX_FIELDS, MAX_REQUEST_LINE};

/// What is wrong with a message. Its `Display` is the end of a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HttpError {
    /// The request line is longer than [`MAX_REQUEST_LINE`].
    TargetTooLong,
    /// A line of the head is longer than so many bytes.
    LineTooLong(usize),
    /// The head is longer than so many bytes.
    HeadTooLong(usize),
    /// The head has more fields than [`MAX_FIELDS`].
    TooManyFields,
    /// The first line is not `METHOD TARGET VERSION` (RFC 9112, section 3).
    RequestLine,
    /// The first line is not `VERSION STATUS REASON` (RFC 9112, section 4): this is not HTTP.
    StatusLine,
    /// HTTP, but not of version 1.
    Version,
    /// A line is not `NAME: VALUE` (RFC 9112, section 5), or has a control character.
    Field,
    /// No `Host`, more than one, or one that is no name (RFC 9112, section 3.2).
    Host,
    /// The path of the target does not start with `/`, or is badly escaped.
    Path,
    /// A `Content-Length` that is not one number below 2⁶⁴ (RFC 9112, section 6.3).
    Length,
    /// A space before the colon of `Content-Length` or `Transfer-Encoding`, or a control character
    /// in them: one program would read it, and another would not (RFC 9112, section 5.1).
    LengthField,
    /// `Content-Length` and `Transfer-Encoding` in one request: somebody may be cheating.
    TwoLengths,
    /// A transfer coding other than `chunked` (RFC 9112, section 6.1).
    Coding,
    /// The chunked coding is broken (RFC 9112, section 7.1).
    Chunk,
    /// More interim answers (1xx) than anybody needs.
    Interim,
    /// The stream ended before anything came.
    Nothing,
    /// The stream ended before the body did; so many bytes are missing, if that is known.
    CutShort(Option<u64>),
}

impl HttpError {
    /// The status with which a server answers a request that has this error.
    pub fn status(&self) -> u16 {
        match self {
            HttpError::TargetTooLong => 414,
            HttpError::LineTooLong(_) | HttpError::HeadTooLong(_) | HttpError::TooManyFields => 431,
            HttpError::Version => 505,
            HttpError::Coding => 501,
            _ => 400,
        }
    }
}

impl fmt::Display for HttpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HttpError::TargetTooLong => {
                write!(f, "the request line is longer than {MAX_REQUEST_LINE} bytes")
            }
            HttpError::LineTooLong(most) => {
                write!(f, "a line of the head is longer than {most} bytes")
            }
            HttpError::HeadTooLong(most) => write!(f, "the head is longer than {most} bytes"),
            HttpError::TooManyFields => {
                write!(f, "the head has more than {MAX_FIELDS} header fields")
            }
            HttpError::RequestLine => {
                f.write_str("the first line is not METHOD TARGET VERSION, as in GET / HTTP/1.1")
            }
            HttpError::StatusLine => f.write_str("it is not HTTP"),
            HttpError::Version => f.write_str("it is not HTTP version 1"),
            HttpError::Field => f.write_str("a header line is not NAME: VALUE"),
            HttpError::Host => f.write_str("HTTP/1.1 needs exactly one Host header, with a name"),
            HttpError::Path => f.write_str("the path is not /PATH, or %XX in it is broken"),
            HttpError::Length => f.write_str("its Content-Length is not a number of bytes"),
            HttpError::LengthField => f.write_str(
                "its Content-Length or Transfer-Encoding has a space or a control character too many",
            ),
            HttpError::TwoLengths => {
                f.write_str("it has both a Content-Length and a Transfer-Encoding")
            }
            HttpError::Coding => f.write_str("its Transfer-Encoding is not chunked"),
            HttpError::Chunk => f.write_str("its chunked body is broken"),
            HttpError::Interim => f.write_str("it keeps saying that the answer is still to come"),
            HttpError::Nothing => f.write_str("the other side closed and sent nothing"),
            HttpError::CutShort(Some(missing)) => {
                write!(f, "the body was cut short, {missing} bytes are missing")
            }
            HttpError::CutShort(None) => f.write_str("it was cut short"),
        }
    }
}

impl Error for HttpError {}

impl From<HttpError> for io::Error {
    fn from(error: HttpError) -> io::Error {
        io::Error::new(io::ErrorKind::InvalidData, error)
    }
}
