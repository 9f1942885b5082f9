//! Requests (RFC 9112, section 3).

use super::head::{self, Head, Headers, MAX_REQUEST_LINE, Rules, is_token};
use super::percent::escaped;
use super::{Framing, HttpError, Url, percent_decoded};

/// The most bytes of empty lines in front of a request.
const MAX_EMPTY: usize = 16;

/// The head of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// `GET`, `HEAD`, …: a token of RFC 9110, section 5.6.2, with its case.
    pub method: String,
    /// What is asked for, as it stands in the request line: `/path?query`, visible ASCII only.
    pub target: String,
    /// The digit behind `HTTP/1.`
    pub minor: u8,
    /// The header fields.
    pub headers: Headers,
}

impl Request {
    /// A GET of the URL, for one connection: `Host` and `Connection: close`.
    pub fn get(url: &Url) -> Request {
        let mut headers = Headers::default();
        headers.add("Host", url.authority());
        let user_agent = concat!("socket-labs/", env!("CARGO_PKG_VERSION"));
        headers.add("User-Agent", user_agent);
        headers.add("Accept", "*/*");
        headers.add("Connection", "close");
        Request { method: "GET".into(), target: url.target().into(), minor: 1, headers }
    }

    /// The head as bytes, with the empty line at its end.
    pub fn emit(&self) -> Vec<u8> {
        let (method, target, minor) = (&self.method, &self.target, self.minor);
        let mut head = format!("{method} {target} HTTP/1.{minor}\r\n").into_bytes();
        self.headers.emit(&mut head);
        head
    }

    /// The request at the start of these bytes, and the length of its head; `None` when there are
    /// not enough bytes yet. A few empty lines before it are skipped (RFC 9112, section 2.2).
    ///
    /// Bytes of the target that are not ASCII are taken as if they had been percent-encoded.
    ///
    /// # Errors
    ///
    /// What is wrong; [`HttpError::status`] is the answer to it.
    pub fn parse(bytes: &[u8]) -> Result<Option<(Request, usize)>, HttpError> {
        let empty = empty_lines(bytes);
        if empty > MAX_EMPTY {
            return Err(HttpError::RequestLine);
        }
        let bytes = &bytes[empty..];
        let Head { lines, length } = match head::whole(bytes, &Rules::REQUEST) {
            Ok(Some(found)) => found,
            Ok(None) => return Ok(None),
            Err(HttpError::LineTooLong(most)) => return Err(too_long(bytes, most)),
            Err(error) => return Err(error),
        };
        let (method, target, minor) = request_line(lines[0])?;
        let headers = Headers::parse(&lines[1..])?;
        check_host(&headers, minor)?;
        let request = Request { method, target, minor, headers };
        Ok(Some((request, empty + length)))
    }

    /// The path of the target, decoded: `/a b` for `/a%20b?query` and for `http://host/a%20b`.
    ///
    /// # Errors
    ///
    /// [`HttpError::Path`] where there is none, a `%XX` is broken, or it has a NUL byte.
    pub fn path(&self) -> Result<Vec<u8>, HttpError> {
        let target = match self.absolute_target() {
            Some(rest) => rest.find(['/', '?']).map_or("/", |start| &rest[start..]),
            None => &self.target,
        };
        let path = target.split(['?', '#']).next().unwrap_or_default();
        let path = if path.is_empty() && target.starts_with('?') { "/" } else { path };
        match percent_decoded(path) {
            Some(decoded) if path.starts_with('/') && !decoded.contains(&0) => Ok(decoded),
            _ => Err(HttpError::Path),
        }
    }

    /// The hosts that this request is for, without their ports: that of `Host`, and that of a target
    /// in the absolute form. `None` stands for a host that no URL can have.
    pub fn hosts(&self) -> impl Iterator<Item = Option<String>> {
        let fields = self.headers.all("Host").map(|field| str::from_utf8(field).ok());
        let named = fields.chain(self.absolute_target().map(Some));
        named.map(|text| Url::parse(text?).ok().map(|url| url.host().to_string()))
    }

    /// What stands behind `http://` where the target is in the absolute form, which a server must
    /// understand: RFC 9112, section 3.2.2.
    fn absolute_target(&self) -> Option<&str> {
        let (scheme, rest) = self.target.split_once("://")?;
        scheme.eq_ignore_ascii_case("http").then_some(rest)
    }

    /// How the body of this request is delimited.
    ///
    /// # Errors
    ///
    /// A length that is no number, or two ways of saying the length.
    pub fn framing(&self) -> Result<Framing, HttpError> {
        Framing::of_request(&self.headers)
    }

    /// Whether the client will use the connection again (RFC 9112, section 9.3).
    pub fn keeps_alive(&self) -> bool {
        self.minor >= 1 && !self.headers.has("Connection", "close")
    }
}

/// How many bytes of empty lines stand in front.
fn empty_lines(bytes: &[u8]) -> usize {
    let mut rest = bytes;
    while let [b'\r', b'\n', behind @ ..] | [b'\n', behind @ ..] = rest {
        rest = behind;
    }
    bytes.len() - rest.len()
}

/// A line that is too long is blamed on the target where it is the first one and has a target.
fn too_long(bytes: &[u8], most: usize) -> HttpError {
    let first = &bytes[..bytes.len().min(MAX_REQUEST_LINE)];
    if first.contains(&b'\n') {
        HttpError::LineTooLong(most)
    } else if first.contains(&b' ') {
        HttpError::TargetTooLong
    } else {
        HttpError::RequestLine
    }
}

fn request_line(line: &[u8]) -> Result<(String, String, u8), HttpError> {
    let words: Vec<&[u8]> = line.split(|b| *b == b' ').collect();
    let [method, target, version] = words[..] else {
        return Err(HttpError::RequestLine);
    };
    if !is_token(method) || target.is_empty() || target.iter().any(u8::is_ascii_control) {
        return Err(HttpError::RequestLine);
    }
    let minor = version_of(version).ok_or(HttpError::RequestLine)??;
    let method = String::from_utf8_lossy(method).into_owned();
    Ok((method, escaped(target, |byte| byte.is_ascii()), minor))
}

/// The minor version of `HTTP/1.x`; `None` where it is no version at all.
pub(super) fn version_of(word: &[u8]) -> Option<Result<u8, HttpError>> {
    match word.strip_prefix(b"HTTP/")? {
        [b'1', b'.', minor @ b'0'..=b'9'] => Some(Ok(minor - b'0')),
        [b'0'..=b'9', b'.', b'0'..=b'9'] | [b'2'..=b'9'] => Some(Err(HttpError::Version)),
        _ => None,
    }
}

fn check_host(headers: &Headers, minor: u8) -> Result<(), HttpError> {
    let allowed = |b: &u8| b.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:[]%".contains(b);
    let hosts: Vec<&[u8]> = headers.all("Host").collect();
    match hosts[..] {
        [host] if host.iter().all(allowed) => Ok(()),
        [] if minor == 0 => Ok(()),
        _ => Err(HttpError::Host),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parsed(text: &str) -> Result<Request, HttpError> {
        Ok(Request::parse(text.as_bytes())?.expect("a whole head").0)
    }

    #[test]
    fn a_request_that_curl_sends_is_understood() {
        let bytes = b"GET /a?b HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nUser-Agent: curl/7.88.1\r\n\
                      Accept: */*\r\n\r\nGET";
        let (request, length) = Request::parse(bytes).unwrap().unwrap();
        assert_eq!(&bytes[length..], b"GET");
        assert_eq!((&request.method[..], &request.target[..], request.minor), ("GET", "/a?b", 1));
        assert_eq!(request.headers.get("host"), Some(&b"127.0.0.1:8080"[..]));
        assert!(request.keeps_alive());
        assert_eq!(request.framing(), Ok(Framing::None));
    }

    #[test]
    fn what_a_person_types_is_understood() {
        let request = parsed("\r\n\nGET / HTTP/1.1\nHost: example.com\n\n").unwrap();
        assert_eq!(request.target, "/");
        assert!(!parsed("GET / HTTP/1.0\n\n").unwrap().keeps_alive());
    }

    #[test]
    fn each_wrong_request_has_its_status() {
        let long = "x".repeat(MAX_REQUEST_LINE);
        let fields = "a: b\r\n".repeat(200);
        for (status, text) in [
            (400, "GET /\r\n\r\n"),
            (400, &"\r\n".repeat(9)),
            (400, "GET  / HTTP/1.1\r\nHost: a\r\n\r\n"),
            (400, "G@T / HTTP/1.1\r\nHost: a\r\n\r\n"),
            (400, "GET /\t HTTP/1.1\r\nHost: a\r\n\r\n"),
            (400, "GET / HTTP/1.x\r\nHost: a\r\n\r\n"),
            (400, "GET / HTTP/1.1\r\n\r\n"),
            (400, "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"),
            (400, "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
            (400, "GET / HTTP/1.1\r\nHost: a\r\n b: c\r\n\r\n"),
            (505, "GET / HTTP/2.0\r\nHost: a\r\n\r\n"),
            (505, "GET / HTTP/0.9\r\n\r\n"),
            (414, &format!("GET /{long} HTTP/1.1\r\n")),
            (400, &long.repeat(2)),
            (431, &format!("GET / HTTP/1.1\r\nA: {long}{long}\r\n")),
            (431, &format!("GET / HTTP/1.1\r\n{fields}")),
        ] {
            let error = parsed(text).unwrap_err();
            assert_eq!(error.status(), status, "{text:.60}: {error}");
        }
    }

    #[test]
    fn paths_are_decoded_and_the_query_is_left_out() {
        let path = |target: &str| {
            let text = format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n");
            parsed(&text).unwrap().path()
        };
        assert_eq!(path("/a%20b?c"), Ok(b"/a b".into()));
        assert_eq!(path("/ñ"), Ok("/ñ".into()));
        assert_eq!(path("http://host"), Ok(b"/".into()));
        assert_eq!(path("HTTP://host/x?y"), Ok(b"/x".into()));
        assert_eq!(path("/x://y"), Ok(b"/x://y".into()));
        assert_eq!(path("?q"), Ok(b"/".into()));
        for wrong in ["*", "host:80", "/%", "/%zz", "/%00", "%2f", "https://host/"] {
            assert_eq!(path(wrong), Err(HttpError::Path), "{wrong}");
        }
    }

    #[test]
    fn a_request_is_for_the_hosts_of_its_field_and_of_its_target() {
        let hosts = |target: &str, host: &str| {
            let request = parsed(&format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n"));
            request.unwrap().hosts().map(Option::unwrap_or_default).collect::<Vec<_>>()
        };
        assert_eq!(hosts("/x://y", "localhost:8080"), ["localhost"]);
        assert_eq!(hosts("/", "[::1]:81"), ["::1"]);
        assert_eq!(hosts("HTTP://other:80/x", "a"), ["a", "other"]);
        assert_eq!(hosts("http://me@other/", ""), ["", ""]);
        assert_eq!(parsed("GET / HTTP/1.0\r\n\r\n").unwrap().hosts().count(), 0);
    }

    #[test]
    fn a_body_with_two_lengths_is_refused() {
        let framing = |fields: &str| {
            let text = format!("POST / HTTP/1.1\r\nHost: a\r\n{fields}\r\n\r\n");
            parsed(&text).unwrap().framing()
        };
        assert_eq!(framing("Content-Length: 5"), Ok(Framing::Length(5)));
        assert_eq!(framing("Transfer-Encoding: chunked"), Ok(Framing::Chunked));
        let both = "Content-Length: 5\r\nTransfer-Encoding: chunked";
        assert_eq!(framing(both), Err(HttpError::TwoLengths));
        let two = "Content-Length: 5\r\nContent-Length: 6";
        assert_eq!(framing(two), Err(HttpError::Length));
        let unknown = "Transfer-Encoding: chunked, gzip";
        assert_eq!(framing(unknown), Err(HttpError::Coding));
    }

    proptest! {
        #[test]
        fn any_bytes_never_panic(bytes: Vec<u8>) {
            let _ = Request::parse(&bytes);
        }

        #[test]
        fn almost_a_request_never_panics(text in "(GET|\r\n| |/|HTTP/1.1|Host: a|%|:|\\?|.){0,12}") {
            if let Ok(Some((request, _))) = Request::parse(text.as_bytes()) {
                let _ = request.path();
                let _ = request.framing();
            }
        }

        #[test]
        fn emitted_requests_parse_back(
            path in ".{0,40}", host in "[a-z0-9.-]{1,20}", port in 1u16.., tail: Vec<u8>
        ) {
            let Ok(url) = Url::parse(&format!("http://{host}:{port}/{path}")) else {
                return Ok(()); // the path had a control character
            };
            let request = Request::get(&url);
            let mut bytes = request.emit();
            let head = bytes.len();
            bytes.extend(&tail);
            prop_assert_eq!(Request::parse(&bytes), Ok(Some((request, head))));
            prop_assert_eq!(Request::parse(&bytes[..head - 1]), Ok(None));
        }
    }
}
