//! The URLs of http (RFC 3986; RFC 9110, section 4.2.1), with zones in IPv6 addresses (RFC 6874).

use std::error::Error;
use std::fmt;
use std::str::FromStr;

use super::percent::{escaped, percent_decoded, percent_encoded};

/// The longest URL: 64 KiB. A page that moves can grow the next URL each time.
const LONGEST: usize = 65_536;

const TOO_LONG: UrlError = UrlError("a URL longer than 64 KiB is not taken");

/// The port of http where the URL names none.
const HTTP: u16 = 80;

/// An http URL: `http://host:port/path?query`.
///
/// An IPv6 address may have a zone: `http://[fe80::1%25eth0]/`. An address that begins with `fe80:`
/// is the same on every network, so the zone says by which interface of *this* machine the host is
/// reached (RFC 4007). It means nothing to the server, and is not in `Host`.
///
/// None of its parts has a space, a control character or a byte that is not ASCII, so each can go
/// into the head of a request as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Url {
    host: String,
    port: u16,
    pub(super) target: String,
}

/// What is wrong with a URL, as a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UrlError(&'static str);

impl fmt::Display for UrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Error for UrlError {}

impl Url {
    /// Reads a URL. `http://` may be left out, as curl allows it; a fragment is dropped.
    ///
    /// # Errors
    ///
    /// Another scheme (https too), a user name, no host, a port out of 1 to 65,535, a control
    /// character.
    pub fn parse(text: &str) -> Result<Url, UrlError> {
        match text.split_once("://") {
            Some((scheme, rest)) if is_scheme(scheme) => {
                only_http(scheme)?;
                Url::of_authority(rest)
            }
            _ => Url::of_authority(text),
        }
    }

    /// The host: a name or an address, an IPv6 one without its brackets and with its zone as
    /// `getaddrinfo()` takes it, `fe80::1%eth0`.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, 80 where none was named.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What is asked for: the path, and the query if there is one. It starts with `/`.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// The value of `Host`: the host without its zone, and the port where it is not 80.
    pub fn authority(&self) -> String {
        let address = self.host.split('%').next().unwrap_or_default();
        self.with_port(address)
    }

    /// The host as a URL has it, and the port where it is not 80.
    fn with_port(&self, host: &str) -> String {
        let host = if host.contains(':') { format!("[{host}]") } else { host.to_string() };
        match self.port {
            HTTP => host,
            port => format!("{host}:{port}"),
        }
    }

    /// What stands behind `http://`.
    pub(super) fn of_authority(rest: &str) -> Result<Url, UrlError> {
        if rest.len() > LONGEST {
            return Err(TOO_LONG);
        }
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, target) = rest.split_at(end);
        if authority.contains('@') {
            return Err(UrlError("a URL with a user name is not taken"));
        }
        let (host, port) = match authority.strip_prefix('[') {
            Some(six) => six.split_once(']').ok_or(BAD_HOST)?,
            None => authority.split_at(authority.find(':').unwrap_or(authority.len())),
        };
        let is_six = authority.starts_with('[');
        let (address, zone) = match host.split_once('%') {
            Some((address, zone)) if is_six => (address, format!("%{}", zone_of(zone)?)),
            _ => (host, String::new()),
        };
        check_host(address, is_six)?;
        let target = target.split('#').next().unwrap_or_default();
        let slash = if target.starts_with('/') { "" } else { "/" };
        Ok(Url {
            host: format!("{address}{zone}"),
            port: port_of(port)?,
            target: target_of(&format!("{slash}{target}"))?,
        })
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = match self.host.split_once('%') {
            Some((address, zone)) => {
                self.with_port(&format!("{address}%25{}", percent_encoded(zone.as_bytes())))
            }
            None => self.authority(),
        };
        write!(f, "http://{host}{}", self.target)
    }
}

impl FromStr for Url {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Url, UrlError> {
        Url::parse(text)
    }
}

pub(super) const NO_HOST: UrlError = UrlError("a URL is http://HOST/PATH: the host is missing");
const BAD_HOST: UrlError = UrlError("a host is a name of ASCII letters, an IPv4 address or [IPv6]");

const BAD_ZONE: UrlError =
    UrlError("behind the % of an IPv6 address is the name or number of an interface");

pub(super) fn is_scheme(text: &str) -> bool {
    let rest = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(rest)
}

pub(super) fn only_http(scheme: &str) -> Result<(), UrlError> {
    match scheme.to_ascii_lowercase().as_str() {
        "http" => Ok(()),
        "https" => Err(UrlError(
            "this program speaks plain http only: https needs TLS, which is not part of this course",
        )),
        _ => Err(UrlError("this program speaks http only")),
    }
}

fn check_host(host: &str, is_six: bool) -> Result<(), UrlError> {
    let six = |b: u8| b.is_ascii_hexdigit() || b":.".contains(&b);
    let name = |b: u8| b.is_ascii_alphanumeric() || b"-._".contains(&b);
    match host {
        "" => Err(NO_HOST),
        _ if is_six && host.contains(':') && host.bytes().all(six) => Ok(()),
        _ if !is_six && host.bytes().all(name) => Ok(()),
        _ => Err(BAD_HOST),
    }
}

/// What stands behind the `%` in the brackets, decoded. RFC 6874 writes that `%` as `%25`; people
/// leave the 25 out, and curl understands both.
fn zone_of(text: &str) -> Result<String, UrlError> {
    let text = text.strip_prefix("25").filter(|zone| !zone.is_empty()).unwrap_or(text);
    let zone = percent_decoded(text).and_then(|zone| String::from_utf8(zone).ok());
    let plain = |b: u8| b.is_ascii_graphic() && !b"%/[]".contains(&b);
    zone.filter(|zone| !zone.is_empty() && zone.bytes().all(plain)).ok_or(BAD_ZONE)
}

/// `:8080`; nothing, or a colon alone, is port 80.
fn port_of(text: &str) -> Result<u16, UrlError> {
    let digits = match text.strip_prefix(':') {
        Some(digits) => digits,
        None if text.is_empty() => "",
        None => return Err(BAD_HOST),
    };
    match digits.parse() {
        _ if digits.is_empty() => Ok(HTTP),
        Ok(port) if port > 0 && !digits.starts_with('+') => Ok(port),
        _ => Err(UrlError("a port is 1 to 65535")),
    }
}

/// A target of visible ASCII: spaces, letters of other scripts and what RFC 3986 does not allow
/// are percent-encoded.
pub(super) fn target_of(text: &str) -> Result<String, UrlError> {
    if text.contains(char::is_control) {
        return Err(UrlError("a URL has no control characters: write %0D for a carriage return"));
    }
    let plain = |byte: u8| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte);
    let target = escaped(text.as_bytes(), plain);
    if target.len() <= LONGEST { Ok(target) } else { Err(TOO_LONG) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_url_has_a_host_a_port_and_a_target() {
        for (text, host, port, target) in [
            ("http://www.google.com/", "www.google.com", 80, "/"),
            ("http://www.google.com", "www.google.com", 80, "/"),
            ("HTTP://h:8080/a/b?c=d#e", "h", 8080, "/a/b?c=d"),
            ("http://h?q", "h", 80, "/?q"),
            ("http://h#f", "h", 80, "/"),
            ("http://h:/x", "h", 80, "/x"),
            ("http://[::1]:81/x", "::1", 81, "/x"),
            ("localhost:8080/x", "localhost", 8080, "/x"),
            ("127.0.0.1", "127.0.0.1", 80, "/"),
            ("h/?u=http://x", "h", 80, "/?u=http://x"),
            ("http://h/a b/ñ\"", "h", 80, "/a%20b/%C3%B1%22"),
            ("http://h/%41%", "h", 80, "/%41%"),
        ] {
            let url = Url::parse(text).unwrap();
            assert_eq!((url.host(), url.port(), url.target()), (host, port, target), "{text}");
        }
    }

    #[test]
    fn the_host_header_has_the_port_only_where_it_is_not_80() {
        let authority = |text| Url::parse(text).unwrap().authority();
        assert_eq!(authority("http://h:80/"), "h");
        assert_eq!(authority("http://h:81/"), "h:81");
        assert_eq!(authority("http://[::1]/"), "[::1]");
        assert_eq!(authority("http://[::1]:81/"), "[::1]:81");
    }

    #[test]
    fn a_zone_is_for_this_machine_and_not_for_the_server() {
        for (text, host, authority, shown) in [
            ("[fe80::1%25lo]:81/x", "fe80::1%lo", "[fe80::1]:81", "[fe80::1%25lo]:81/x"),
            ("[fe80::1%lo]", "fe80::1%lo", "[fe80::1]", "[fe80::1%25lo]/"),
            ("[fe80::1%3]", "fe80::1%3", "[fe80::1]", "[fe80::1%253]/"),
            ("[fe80::1%25]", "fe80::1%25", "[fe80::1]", "[fe80::1%2525]/"),
            ("[fe80::1%2525]", "fe80::1%25", "[fe80::1]", "[fe80::1%2525]/"),
            ("[fe80::1%25eth0.5]", "fe80::1%eth0.5", "[fe80::1]", "[fe80::1%25eth0.5]/"),
            ("[fe80::1%25a%3Ab]", "fe80::1%a:b", "[fe80::1]", "[fe80::1%25a%3Ab]/"),
        ] {
            let url = Url::parse(&format!("http://{text}")).unwrap();
            assert_eq!((url.host(), &url.authority()[..]), (host, authority), "{text}");
            assert_eq!(url.to_string(), format!("http://{shown}"));
        }
    }

    #[test]
    fn a_url_has_an_end() {
        let of = |target: &str, times| Url::parse(&format!("http://h/{}", target.repeat(times)));
        let longest = of("x", LONGEST - 3).unwrap();
        assert_eq!(of("x", LONGEST - 1), Err(TOO_LONG));
        assert_eq!(of("ñ", LONGEST / 6 + 1), Err(TOO_LONG), "as it is sent, each takes six");
        assert_eq!(Url::parse(&"h".repeat(LONGEST + 1)), Err(TOO_LONG));
        assert!(longest.join("?q").is_ok());
        assert_eq!(longest.join("?query"), Err(TOO_LONG));
        assert_eq!(longest.join(b"\xff".repeat(290_000)), Err(TOO_LONG));
    }

    #[test]
    fn what_this_client_cannot_ask_is_refused_with_a_sentence() {
        for (text, part) in [
            ("https://h/", "plain http only"),
            ("ftp://h/", "http only"),
            ("http://", "host is missing"),
            ("", "host is missing"),
            ("http:///path", "host is missing"),
            ("http://me:secret@h/", "user name"),
            ("http://h:0/", "1 to 65535"),
            ("http://h:65536/", "1 to 65535"),
            ("http://h:+80/", "1 to 65535"),
            ("http://h:8x/", "1 to 65535"),
            ("http://a b/", "a host is"),
            ("http://ñ/", "a host is"),
            ("http://[::1/", "a host is"),
            ("http://[::1]x/", "a host is"),
            ("http://[h]/", "a host is"),
            ("http://[fe80::1%]/", "of an interface"),
            ("http://[fe80::1%25%]/", "of an interface"),
            ("http://[fe80::1%25%00]/", "of an interface"),
            ("http://[fe80::1%25%0d%0aX]/", "of an interface"),
            ("http://[fe80::1%25a%25b]/", "of an interface"),
            ("http://[fe80::1%25a b]/", "of an interface"),
            ("http://[fe80::1%25ñ]/", "of an interface"),
            ("http://[fe80::1%25x@y]/", "user name"),
            ("http://[%25lo]/", "host is missing"),
            ("http://[h%25lo]/", "a host is"),
            ("http://h%25lo/", "a host is"),
            ("http://h/\r\nX: y", "control characters"),
            ("http://h\r\nX: y/", "a host is"),
        ] {
            let error = Url::parse(text).unwrap_err().to_string();
            assert!(error.contains(part), "{text:?}: {error}");
        }
    }

    proptest! {
        #[test]
        fn any_text_never_panics_and_what_it_gives_is_clean(
            text in "(http://|//|/|\\.\\.|:|\\[|\\]|\\?|#|@|h|%25|%|\\[::1%25|.){0,12}", reference: String
        ) {
            let Ok(url) = Url::parse(&text) else { return Ok(()) };
            for url in [Some(url.clone()), url.join(&reference).ok(), url.join(&text).ok()] {
                let Some(url) = url else { continue };
                prop_assert!(url.target().starts_with('/'));
                let shown = url.to_string();
                prop_assert!(shown.bytes().all(|b| b.is_ascii_graphic()), "{}", shown);
                prop_assert_eq!(Url::parse(&shown), Ok(url));
            }
        }
    }
}
