//! The head of a message: its lines, and its header fields (RFC 9112, sections 2 and 5).

use super::HttpError;

/// The longest head that is read: 64 KiB, line ends included.
pub const MAX_HEAD: usize = 65_536;

/// The longest line of a head: 16 KiB, without its line end.
pub const MAX_LINE: usize = 16_384;

/// The most header fields in a head.
pub const MAX_FIELDS: usize = 100;

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

    /// Reads the lines behind the first one.
    pub(super) fn parse(lines: &[&[u8]]) -> Result<Headers, HttpError> {
        let field = |line: &&[u8]| {
            let colon = line.iter().position(|b| *b == b':');
            let (name, value) = line.split_at(colon.ok_or(HttpError::Field)?);
            let value = trimmed(&value[1..]);
            if !is_token(name) || value.iter().any(|b| is_bad(*b)) {
                return Err(HttpError::Field);
            }
            let name = String::from_utf8_lossy(name).into_owned();
            Ok((name, value.to_vec()))
        };
        Ok(Headers(lines.iter().map(field).collect::<Result<_, _>>()?))
    }
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
/// people type. `first_line` is the most bytes that the first line may have.
pub(super) fn whole(bytes: &[u8], first_line: usize) -> Result<Option<Head<'_>>, HttpError> {
    let (mut lines, mut start) = (Vec::new(), 0);
    loop {
        let rest = &bytes[start..];
        let longest = if lines.is_empty() { first_line } else { MAX_LINE };
        let end = rest.iter().position(|b| *b == b'\n');
        let line = without_cr(&rest[..end.unwrap_or(rest.len())]);
        if line.len() > longest {
            return Err(HttpError::LineTooLong);
        }
        let Some(end) = end else {
            return Ok(None); // and what there is keeps within the limits
        };
        start += end + 1;
        if start > MAX_HEAD {
            return Err(HttpError::HeadTooLong);
        }
        if line.is_empty() && !lines.is_empty() {
            return Ok(Some(Head { lines, length: start }));
        }
        lines.push(line);
        if lines.len() > 1 + MAX_FIELDS {
            return Err(HttpError::TooManyFields);
        }
    }
}

fn without_cr(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
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
            assert_eq!(whole(&head[..end], 100), Ok(None), "{end}");
        }
        let found = whole(head, 100).unwrap().unwrap();
        assert_eq!(found.lines, [&b"GET / HTTP/1.1"[..], b"Host: a"]);
        assert_eq!(&head[found.length..], b"body");
    }

    #[test]
    fn every_limit_holds_before_the_line_end_has_come() {
        let long = [b'a'; MAX_LINE + 1];
        assert_eq!(whole(&long, MAX_LINE), Err(HttpError::LineTooLong));
        assert_eq!(whole(&long[1..], MAX_LINE), Ok(None));
        let fields = b"a: b\r\n".repeat(MAX_FIELDS + 2);
        assert_eq!(whole(&fields, 100), Err(HttpError::TooManyFields));
        let line = [&[b'a'; MAX_LINE][..], b"\r\n"].concat();
        assert_eq!(whole(&line.repeat(4), MAX_LINE), Err(HttpError::HeadTooLong));
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

    #[test]
    fn a_value_cannot_bring_a_line_of_its_own() {
        let mut headers = Headers::default();
        headers.add("Location", "/x\r\nSet-Cookie: evil");
        assert_eq!(headers.get("location"), Some(&b"/x  Set-Cookie: evil"[..]));
    }
}
