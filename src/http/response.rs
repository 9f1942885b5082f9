//! Responses (RFC 9112, section 4).

use super::head::{self, Head, Headers, Rules, is_bad, trimmed};
use super::request::version_of;
use super::{Framing, HttpError};

/// The head of a response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The digit behind `HTTP/1.`
    pub minor: u8,
    /// The status: three digits, 100 to 999 (RFC 9110, section 15).
    pub status: u16,
    /// What is said about the status, for people; often empty, and not always UTF-8.
    pub reason: Vec<u8>,
    /// The header fields.
    pub headers: Headers,
}

impl Response {
    /// A response of HTTP/1.1 with this status, its usual reason, and no header fields yet.
    pub fn new(status: u16) -> Response {
        Response { minor: 1, status, reason: reason(status).into(), headers: Headers::default() }
    }

    /// The head as bytes, with the empty line at its end.
    pub fn emit(&self) -> Vec<u8> {
        let mut head = format!("HTTP/1.{} {:03} ", self.minor, self.status).into_bytes();
        head.extend_from_slice(&self.reason);
        head.extend_from_slice(b"\r\n");
        self.headers.emit(&mut head);
        head
    }

    /// The response at the start of these bytes, and the length of its head; `None` when there are
    /// not enough bytes yet.
    ///
    /// It is read as curl and browsers read it. Of what the standard forbids, much is understood:
    /// header fields of any names, on several lines, with spaces before the colon or control
    /// characters; several spaces in the status line, or none behind the status. But whatever says
    /// how long the body is must be right.
    ///
    /// # Errors
    ///
    /// What is wrong with it. [`HttpError::StatusLine`], as soon as it is certain, means that this
    /// is another protocol.
    pub fn parse(bytes: &[u8]) -> Result<Option<(Response, usize)>, HttpError> {
        let start = &bytes[..bytes.len().min(5)];
        if !b"HTTP/".starts_with(&start.to_ascii_uppercase()) {
            return Err(HttpError::StatusLine);
        }
        let Some(Head { lines, length }) = head::whole(bytes, &Rules::RESPONSE)? else {
            return Ok(None);
        };
        let (minor, status, reason) = status_line(lines[0])?;
        let headers = Headers::parse_leniently(&lines[1..])?;
        let response = Response { minor, status, reason, headers };
        Ok(Some((response, length)))
    }

    /// How the body of this response is delimited. The answer to `HEAD` has none.
    ///
    /// # Errors
    ///
    /// A length that is no number, or a coding that is not known.
    pub fn framing(&self, method: &str) -> Result<Framing, HttpError> {
        match self.status {
            _ if method == "HEAD" => Ok(Framing::None),
            100..=199 | 204 | 304 => Ok(Framing::None),
            _ => Framing::of_response(&self.headers),
        }
    }
}

/// The version, the status of three digits, and what is behind it.
fn status_line(line: &[u8]) -> Result<(u8, u16, Vec<u8>), HttpError> {
    let space = line.iter().position(|b| *b == b' ').ok_or(HttpError::StatusLine)?;
    let version = line[..space].to_ascii_uppercase();
    let minor = version_of(&version).ok_or(HttpError::StatusLine)??;
    let [a @ b'1'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9', behind @ ..] = trimmed(&line[space..])
    else {
        return Err(HttpError::StatusLine);
    };
    if behind.first().is_some_and(u8::is_ascii_digit) {
        return Err(HttpError::StatusLine);
    }
    let status = [a, b, c].iter().fold(0, |n, d| n * 10 + u16::from(*d - b'0'));
    let mut reason = behind.strip_prefix(b" ").unwrap_or(behind).to_vec();
    reason.iter_mut().filter(|b| is_bad(**b)).for_each(|b| *b = b' ');
    let spaces = reason.iter().rev().take_while(|b| b" \t".contains(b)).count();
    reason.truncate(reason.len() - spaces);
    Ok((minor, status, reason))
}

/// The usual reason of a status (RFC 9110, section 15); empty for one that is not used here.
pub fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        301 => "Moved Permanently",
        302 => "Found",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        414 => "URI Too Long",
        421 => "Misdirected Request",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        505 => "HTTP Version Not Supported",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_response_of_python_is_understood_and_emitted_again() {
        let bytes = b"HTTP/1.0 200 OK\r\nServer: SimpleHTTP/0.6 Python/3.11.7\r\n\
                      Content-Length: 5\r\n\r\nhello";
        let (response, length) = Response::parse(bytes).unwrap().unwrap();
        assert_eq!(&bytes[length..], b"hello");
        assert_eq!((response.minor, response.status), (0, 200));
        assert_eq!(response.framing("GET"), Ok(Framing::Length(5)));
        assert_eq!(response.framing("HEAD"), Ok(Framing::None));
        assert_eq!(response.emit(), bytes[..length]);
    }

    #[test]
    fn the_reason_may_be_missing_or_strange() {
        let status = |text: &[u8]| Ok(Response::parse(text)?.expect("a whole head").0.status);
        assert_eq!(status(b"HTTP/1.1 200\r\n\r\n"), Ok(200));
        assert_eq!(status(b"HTTP/1.1 404 \xff  x\r\n\r\n"), Ok(404));
        for odd in ["HTTP/1.1  200 OK", "http/1.0 200", "HTTP/1.1 200OK", "HTTP/1.1   200   OK  "] {
            assert_eq!(status(format!("{odd}\n\n").as_bytes()), Ok(200), "{odd}");
        }
        for wrong in ["HTTP/1.1 20 x", "HTTP/1.1 099 x", "HTTP/1.1", "HTTP/1.1 2000", "HTTP/1.1200"]
        {
            let text = format!("{wrong}\r\n\r\n");
            assert_eq!(status(text.as_bytes()), Err(HttpError::StatusLine));
        }
        assert_eq!(status(b"HTTP/2 200\r\n\r\n"), Err(HttpError::Version));
        let odd = Response::parse(b"HTTP/1.1 404 a\x1b[2J\r \r\n\r\n").unwrap().unwrap().0;
        assert_eq!(odd.reason, b"a [2J", "control characters are spaces, as in a value");
    }

    #[test]
    fn another_protocol_is_known_by_its_first_bytes() {
        for other in [&b"\x15\x03\x01\x00\x02"[..], b"SSH-2.0", b"HTML"] {
            assert_eq!(Response::parse(other), Err(HttpError::StatusLine));
        }
        assert_eq!(Response::parse(b"HTT"), Ok(None));
    }

    #[test]
    fn some_answers_have_no_body_whatever_they_say() {
        for status in [100, 103, 204, 304] {
            let mut response = Response::new(status);
            response.headers.add("Content-Length", "10");
            assert_eq!(response.framing("GET"), Ok(Framing::None));
        }
        assert_eq!(Response::new(200).framing("GET"), Ok(Framing::UntilClose));
    }

    proptest! {
        #[test]
        fn any_bytes_never_panic(bytes: Vec<u8>) {
            let _ = Response::parse(&bytes);
            let _ = Response::parse(&[b"HTTP/1.1 200 OK\r\n", &bytes[..]].concat());
        }

        #[test]
        fn emitted_responses_parse_back(status in 100u16..1000, value: Vec<u8>, tail: Vec<u8>) {
            let mut response = Response::new(status);
            response.headers.add("X-Any", value);
            let mut bytes = response.emit();
            let head = bytes.len();
            bytes.extend(&tail);
            prop_assert_eq!(Response::parse(&bytes), Ok(Some((response, head))));
        }
    }
}
