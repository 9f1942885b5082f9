//! The head of a message: its lines, and its header fields (RFC 9112, sections 2 and 5).

use super::HttpError;

/// The longest head of a request that is read: 64 KiB, line ends included.
pub const MAX_HEAD: usize = 65_536;

/// The longest line of a request's head: 16 KiB, without its line end.
pub const MAX_LINE: usize = 16_384;

/// The most header fields in the head of a request.
pub const MAX_FIELDS: usize = 100;

/// The longest head of a response that is read: 300 KiB, line ends included, as much as curl takes.
/// Within it a line may be of any length, and there may be any number of fields.
pub const MAX_RESPONSE_HEAD: usize = 307_200;

/// The longest request line that is read: 8,192 bytes, as RFC 9112, section 3, asks for.
pub const MAX_REQUEST_LINE: usize = 8_192;

/// What a head may be like.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules {
    /// The most bytes of the first line and of each other line, without their ends.
    first_line: usize,
    line: usize,
    /// The most bytes of the whole head.
    head: usize,
    /// The most header fields.
    fields: usize,
    /// Whether several CRs may stand before an LF. A CGI program on Windows that writes CR LF to a
    /// standard output in text mode sends such line ends.
    many_crs: bool,
}

impl Rules {
    /// For the server: anybody may send it requests, and none needs more than this.
    pub(super) const REQUEST: Rules = Rules {
        first_line: MAX_REQUEST_LINE,
        line: MAX_LINE,
        head: MAX_HEAD,
        fields: MAX_FIELDS,
        many_crs: false,
    };

    /// For the client: the user wants the page, however odd its head is.
    pub(super) const RESPONSE: Rules = Rules {
        first_line: MAX_RESPONSE_HEAD,
        line: MAX_RESPONSE_HEAD,
        head: MAX_RESPONSE_HEAD,
        fields: MAX_RESPONSE_HEAD,
        many_crs: true,
    };
}

/// The header fields of a message, in their order. Names are compared without regard to case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers(Vec<(String, Vec<u8>)>);

impl Headers {
    /// Puts a field behind the others.
    ///
    /// A control character in the value becomes a space (RFC 9110, section 5.5), so that no value
    /// can smuggle in a line of its own.
    pub fn add(&mut self, name: &'static str, value: impl AsRef<[u8]>) {
        let safe = |byte: &u8| if is_bad(*byte) { b' ' } else { *byte };
        let value: Vec<u8> = value.as_ref().iter().map(safe).collect();
        self.0.push((name.to_string(), trimmed(&value).to_vec()));
    }

    /// The value of the first field with this name.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        let mut fields = self.iter();
        fields.find_map(|(found, value)| found.eq_ignore_ascii_case(name).then_some(value))
    }

    /// The values of all fields with this name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        let same = move |(found, _): &(&str, _)| found.eq_ignore_ascii_case(name);
        self.iter().filter(same).map(|(_, value)| value)
    }

    /// The elements of a field that is a list, over all its lines: `a, b` (RFC 9110, section 5.6.1).
    pub fn list<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        let parts = self.all(name).flat_map(|value| value.split(|b| *b == b','));
        parts.map(trimmed).filter(|part| !part.is_empty())
    }

    /// Whether a list field has this element: `Connection: keep-alive, close` has `close`.
    pub fn has(&self, name: &str, element: &str) -> bool {
        self.list(name).any(|part| part.eq_ignore_ascii_case(element.as_bytes()))
    }

    /// Each field as name and value.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().map(|(name, value)| (&name[..], &value[..]))
    }

    /// Writes the fields and the empty line behind them.
    pub(super) fn emit(&self, out: &mut Vec<u8>) {
        for (name, value) in self.iter() {
            out.extend_from_slice(name.as_bytes());
            out.extend_from_slice(b": ");
            out.extend_from_slice(value);
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(b"\r\n");
    }

    /// Reads the lines of a request behind the first one. Whatever two programs could read in two
    /// ways is refused, because somebody may be hiding a second request in it.
    pub(super) fn parse(lines: &[&[u8]]) -> Result<Headers, HttpError> {
        let field = |line: &&[u8]| {
            let (name, value) = name_and_value(line)?;
            let value = trimmed(value);
            if !is_token(name) || value.iter().any(|b| is_bad(*b)) {
                return Err(HttpError::Field);
            }
            let name = String::from_utf8_lossy(name).into_owned();
            Ok((name, value.to_vec()))
        };
        Ok(Headers(lines.iter().map(field).collect::<Result<_, _>>()?))
    }

    /// Reads the lines of a response behind the first one. Servers send much that the standard
    /// forbids, and the user wants the page:
    ///
    /// - a line that begins with a space or tab goes on with the one before it (RFC 9112, section
    ///   5.2);
    /// - a name may have any bytes; spaces between it and the colon are dropped (section 5.1);
    /// - a control character in a value becomes a space (RFC 9110, section 5.5).
    ///
    /// Refused are a line without a colon, a NUL, and all of this in the fields that say how long
    /// the body is.
    pub(super) fn parse_leniently(lines: &[&[u8]]) -> Result<Headers, HttpError> {
        let mut unfolded: Vec<(&[u8], Vec<u8>)> = Vec::new();
        for line in lines {
            match line {
                _ if line.contains(&0) => return Err(HttpError::Field),
                [b' ' | b'\t', ..] => {
                    let (_, value) = unfolded.last_mut().ok_or(HttpError::Field)?;
                    value.push(b' ');
                    value.extend_from_slice(trimmed(line));
                }
                _ => {
                    let (name, value) = name_and_value(line)?;
                    unfolded.push((name, trimmed(value).to_vec()));
                }
            }
        }
        let field = |(name, mut value): (&[u8], Vec<u8>)| {
            let is_odd = !is_token(name) || value.iter().any(|b| is_bad(*b));
            if is_odd && says_the_length(name) {
                return Err(HttpError::LengthField);
            }
            value.iter_mut().filter(|b| is_bad(**b)).for_each(|b| *b = b' ');
            let name = String::from_utf8_lossy(name.trim_ascii_end()).into_owned();
            Ok((name, trimmed(&value).to_vec()))
        };
        Ok(Headers(unfolded.into_iter().map(field).collect::<Result<_, _>>()?))
    }
}

fn name_and_value(line: &[u8]) -> Result<(&[u8], &[u8]), HttpError> {
    let colon = line.iter().position(|b| *b == b':').ok_or(HttpError::Field)?;
    Ok((&line[..colon], &line[colon + 1..]))
}

/// Whether a program could take this for the name of a field that says how long the body is, with
/// spaces and control characters in it or without.
fn says_the_length(name: &[u8]) -> bool {
    let visible: Vec<u8> = name.iter().copied().filter(u8::is_ascii_graphic).collect();
    let fields: [&[u8]; 2] = [b"Content-Length", b"Transfer-Encoding"];
    fields.iter().any(|field| visible.eq_ignore_ascii_case(field))
}

/// A whole head: its lines without their ends, and how many bytes it has with the empty line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Head<'a> {
    pub(super) lines: Vec<&'a [u8]>,
    pub(super) length: usize,
}

/// The head at the start of these bytes; `None` when its end has not come yet.
///
/// Lines end with CR LF; an LF alone is taken too (RFC 9112, section 2.2), because it is what
/// people type.
pub(super) fn whole<'a>(bytes: &'a [u8], rules: &Rules) -> Result<Option<Head<'a>>, HttpError> {
    let (mut lines, mut start) = (Vec::new(), 0);
    loop {
        let rest = &bytes[start..];
        let longest = if lines.is_empty() { rules.first_line } else { rules.line };
        let end = rest.iter().position(|b| *b == b'\n');
        let line = without_cr(&rest[..end.unwrap_or(rest.len())], rules.many_crs);
        if line.len() > longest {
            return Err(HttpError::LineTooLong(longest));
        }
        start += end.map_or(rest.len(), |end| end + 1);
        if start > rules.head {
            return Err(HttpError::HeadTooLong(rules.head));
        }
        if end.is_none() {
            return Ok(None); // and what there is keeps within the limits
        }
        if line.is_empty() && !lines.is_empty() {
            return Ok(Some(Head { lines, length: start }));
        }
        lines.push(line);
        if lines.len() > 1 + rules.fields {
            return Err(HttpError::TooManyFields);
        }
    }
}

fn without_cr(mut line: &[u8], many: bool) -> &[u8] {
    while let Some(shorter) = line.strip_suffix(b"\r") {
        line = shorter;
        if !many {
            break;
        }
    }
    line
}

/// Without the spaces and tabs around it.
pub(super) fn trimmed(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}

/// A method or a field's name: RFC 9110, section 5.6.2.
pub(super) fn is_token(bytes: &[u8]) -> bool {
    let allowed = |b: &u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(b);
    !bytes.is_empty() && bytes.iter().all(allowed)
}

/// A byte that no value may have: a control character other than the tab.
fn is_bad(byte: u8) -> bool {
    byte.is_ascii_control() && byte != b'\t'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_head_is_an_empty_line_and_not_enough_bytes_is_no_error() {
        let head = b"GET / HTTP/1.1\r\nHost: a\r\n\r\nbody";
        for end in 0..head.len() - 5 {
            assert_eq!(whole(&head[..end], &Rules::REQUEST), Ok(None), "{end}");
        }
        let found = whole(head, &Rules::REQUEST).unwrap().unwrap();
        assert_eq!(found.lines, [&b"GET / HTTP/1.1"[..], b"Host: a"]);
        assert_eq!(&head[found.length..], b"body");
    }

    #[test]
    fn every_limit_holds_before_the_line_end_has_come() {
        let request = |bytes: &[u8]| whole(bytes, &Rules::REQUEST).map(|head| head.is_some());
        let first = [b'a'; MAX_REQUEST_LINE + 1];
        assert_eq!(request(&first), Err(HttpError::LineTooLong(MAX_REQUEST_LINE)));
        assert_eq!(request(&first[1..]), Ok(false));
        let long = [&b"a\n"[..], &[b'a'; MAX_LINE + 1]].concat();
        assert_eq!(request(&long), Err(HttpError::LineTooLong(MAX_LINE)));
        assert_eq!(request(&long[..long.len() - 1]), Ok(false));
        let fields = b"a: b\r\n".repeat(MAX_FIELDS + 2);
        assert_eq!(request(&fields), Err(HttpError::TooManyFields));
        let lines = [b"a\n", &[&[b'a'; MAX_LINE][..], b"\r\n"].concat().repeat(4)[..]].concat();
        assert_eq!(request(&lines), Err(HttpError::HeadTooLong(MAX_HEAD)));
    }

    #[test]
    fn the_head_of_a_response_is_limited_as_a_whole() {
        let response = |bytes: &[u8]| whole(bytes, &Rules::RESPONSE).map(|head| head.is_some());
        let too_long = Err(HttpError::HeadTooLong(MAX_RESPONSE_HEAD));
        for piece in [&b"x"[..], b"a\n", b"Set-Cookie: a=b\r\n"] {
            let mut head = [b"HTTP/1.1 200 OK\n", &piece.repeat(MAX_RESPONSE_HEAD)[..]].concat();
            assert_eq!(response(&head[..MAX_RESPONSE_HEAD + 1]), too_long, "{piece:?}");
            head.truncate(MAX_RESPONSE_HEAD);
            assert_eq!(response(&head), Ok(false), "{piece:?}");
            head.truncate(MAX_RESPONSE_HEAD - 2);
            head.extend(b"\n\n");
            assert_eq!(response(&head), Ok(true), "{piece:?}");
        }
    }

    #[test]
    fn names_have_no_case_and_lists_go_over_several_lines() {
        let lines: [&[u8]; 3] = [b"Connection: Keep-Alive", b"connection:  x ,close", b"A: "];
        let headers = Headers::parse(&lines).unwrap();
        assert!(headers.has("CONNECTION", "close"));
        assert!(headers.has("connection", "keep-alive"));
        assert_eq!(headers.get("a"), Some(&b""[..]));
        assert_eq!(headers.get("b"), None);
    }

    #[test]
    fn a_line_that_could_hide_another_is_refused() {
        for line in ["", "no colon", "Na me: x", "Host : a", " folded: x", ": x"] {
            assert_eq!(Headers::parse(&[line.as_bytes()]), Err(HttpError::Field));
        }
        for line in [&b"a: b\rc"[..], b"a: \0", b"a: \x1b[2J"] {
            assert_eq!(Headers::parse(&[line]), Err(HttpError::Field));
        }
    }

    /// The fields as `name=value` lines.
    fn leniently(head: &[u8]) -> Result<Vec<String>, HttpError> {
        let lines = whole(head, &Rules::RESPONSE)?.expect("a whole head").lines;
        let headers = Headers::parse_leniently(&lines[1..])?;
        let text = |(name, value): (&str, &[u8])| format!("{name}={}", value.escape_ascii());
        Ok(headers.iter().map(text).collect())
    }

    #[test]
    fn what_real_servers_send_is_read() {
        for (lines, fields) in [
            ("PHP Warning: in x.php on line 3\r\n", &["PHP Warning=in x.php on line 3"][..]),
            ("ETag: a\r\n b\r\nB: c\r\n", &["ETag=a b", "B=c"]),
            ("A:\r\n\t b \r\n \t c\r\n \r\n", &["A=b c"]),
            ("X-A : b\r\nX-B\t: c\r\n", &["X-A=b", "X-B=c"]),
            ("A: a\u{1}b\u{1b}[2J\r\nB: a\rb\r\n", &["A=a b [2J", "B=a b"]),
            ("A: \t\r\n:x\r\n:status: 200\r\n", &["A=", "=x", "=status: 200"]),
            ("A: b\r\r\nB: c\n\r\r\n", &["A=b", "B=c"]),
            ("A: caf\u{e9}\r\n", &["A=caf\\xc3\\xa9"]),
            (
                "Content-Length: 6 \r\nTransfer-Encoding:\r\n chunked\r\n",
                &["Content-Length=6", "Transfer-Encoding=chunked"],
            ),
        ] {
            let head = format!("HTTP/1.1 200 OK\r\n{lines}\r\n");
            assert_eq!(leniently(head.as_bytes()).unwrap(), fields, "{lines:?}");
        }
    }

    #[test]
    fn what_a_response_may_not_have_is_refused() {
        let refused = |line: &str| {
            let head = format!("HTTP/1.1 200 OK\r\n{line}\r\n\r\n");
            leniently(head.as_bytes()).unwrap_err()
        };
        for line in
            ["no colon", " folded: with nothing before it", "A: \0", "A\0: b", "A: b\r\n c\0d"]
        {
            assert_eq!(refused(line), HttpError::Field, "{line:?}");
        }
        for line in [
            "Content-Length : 6",
            "content-length\t: 6",
            "\u{1}Content-Length: 6",
            "Content-Length\u{7f}: 6",
            "Content- Length: 6",
            "Content-Length: 6\u{1}",
            "Content-Length: \r6",
            "Content-Length: 6\r\n \u{1}",
            "Transfer-Encoding : chunked",
            "\rTransfer-Encoding: chunked",
            "Transfer-Encoding: chunked\u{b}",
        ] {
            assert_eq!(refused(line), HttpError::LengthField, "{line:?}");
        }
    }

    #[test]
    fn a_value_cannot_bring_a_line_of_its_own() {
        let mut headers = Headers::default();
        headers.add("Location", "/x\r\nSet-Cookie: evil");
        assert_eq!(headers.get("location"), Some(&b"/x  Set-Cookie: evil"[..]));
    }
}
