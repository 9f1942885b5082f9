//! The arguments of calls, as strace writes them: descriptors, addresses, strings, structures.

use socket_labs::bytes::printable;

/// A descriptor, `3<TCP:[127.0.0.1:50312->127.0.0.1:12000]>`: its number, and what strace says of it.
pub fn descriptor(argument: &str) -> Option<(i32, &str)> {
    let (number, note) = argument.split_once('<').unwrap_or((argument, ""));
    Some((number.parse().ok()?, note.strip_suffix('>').unwrap_or(note)))
}

/// What strace says of a socket: its protocol and, as far as known, its own address and the other
/// side's. `None` where the descriptor is no socket.
pub fn socket_note(note: &str) -> Option<(&str, Option<&str>, Option<&str>)> {
    let (protocol, rest) = note.split_once(":[")?;
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if protocol.is_empty() || !protocol.bytes().all(is_word) {
        return None;
    }
    let inside = rest.strip_suffix(']')?;
    let is_address = |text: &&str| text.contains(':');
    match inside.split_once("->") {
        Some((local, peer)) => Some((protocol, Some(local), Some(peer))),
        None => Some((protocol, Some(inside).filter(is_address), None)),
    }
}

/// An address in words, `127.0.0.1:12000`, `[::1]:80`, `a socket file /run/x`; `None` for `NULL`
/// and for a pointer that strace did not follow.
pub fn address(argument: &str) -> Option<String> {
    let family = after(argument, "sa_family=")?;
    let ip = || strings(argument).into_iter().next().map(|text| text.printable());
    match family {
        _ if family.starts_with("AF_INET6") => {
            Some(format!("[{}]:{}", ip()?, port(argument, "sin6_port=htons(")?))
        }
        _ if family.starts_with("AF_INET") => {
            Some(format!("{}:{}", ip()?, port(argument, "sin_port=htons(")?))
        }
        _ if family.starts_with("AF_UNIX") || family.starts_with("AF_LOCAL") => {
            Some(ip().map_or("no name".into(), |path| format!("the file {path}")))
        }
        _ if family.starts_with("AF_UNSPEC") => Some("no address".into()),
        _ => Some(family.split([',', '}']).next()?.to_string()),
    }
}

fn port(argument: &str, before: &str) -> Option<u16> {
    number(after(argument, before)?)?.try_into().ok()
}

/// What stands behind these words.
pub fn after<'a>(text: &'a str, words: &str) -> Option<&'a str> {
    text.find(words).map(|start| &text[start + words.len()..])
}

/// The number that a text begins with.
pub fn number(text: &str) -> Option<i64> {
    let is_number = |c: char| c.is_ascii_digit() || c == '-';
    text[..text.find(|c| !is_number(c)).unwrap_or(text.len())].parse().ok()
}

/// The bytes between two quotes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Text {
    /// The bytes, as far as strace shows them.
    pub bytes: Vec<u8>,
}

impl Text {
    fn printable(&self) -> String {
        printable(&self.bytes)
    }
}

/// All strings of an argument, with strace's escapes undone: `"a\r\n\0\377"`.
pub fn strings(argument: &str) -> Vec<Text> {
    let (mut found, mut bytes) = (Vec::new(), argument.bytes().peekable());
    while bytes.by_ref().any(|byte| byte == b'"') {
        let mut text = Text::default();
        while let Some(byte) = bytes.next().filter(|byte| *byte != b'"') {
            if byte != b'\\' {
                text.bytes.push(byte);
                continue;
            }
            let Some(escape) = bytes.next() else { break };
            text.bytes.push(match escape {
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                b'v' => 0x0b,
                b'f' => 0x0c,
                b'x' => {
                    let digits = [bytes.next(), bytes.next()].map(|digit| digit.unwrap_or(b'0'));
                    digits.iter().fold(0, |sum, digit| {
                        sum << 4 | (*digit as char).to_digit(16).unwrap_or(0) as u8
                    })
                }
                b'0'..=b'7' => {
                    let mut value = u32::from(escape - b'0');
                    for _ in 0..2 {
                        match bytes.next_if(|byte| matches!(byte, b'0'..=b'7')) {
                            Some(digit) => value = value * 8 + u32::from(digit - b'0'),
                            None => break,
                        }
                    }
                    value as u8
                }
                other => other,
            });
        }
        found.push(text);
    }
    found
}

/// The bytes that a call carries, all parts of an `iovec` together: the strings behind `iov_base=`,
/// or the whole argument where it is one string.
pub fn data(argument: &str) -> Vec<u8> {
    if argument.starts_with('"') {
        return strings(argument).into_iter().next().unwrap_or_default().bytes;
    }
    let parts = argument.split("iov_base=").skip(1).filter(|part| part.starts_with('"'));
    parts.filter_map(|part| strings(part).into_iter().next()).flat_map(|text| text.bytes).collect()
}

/// How many bytes an `iovec` has room for.
pub fn room(argument: &str) -> i64 {
    let parts = argument.split("iov_len=").skip(1).filter_map(number);
    parts.fold(0, i64::saturating_add) // the program may ask for more than there can be
}

/// A time in seconds: the 16 bytes of a `struct timeval` of a 64-bit machine, or its fields.
pub fn timeval(argument: &str) -> Option<f64> {
    if let Some(seconds) = after(argument, "tv_sec=").and_then(number) {
        let parts = [("tv_usec=", 1e6), ("tv_nsec=", 1e9)].into_iter();
        let part = |(name, unit)| Some(number(after(argument, name)?)? as f64 / unit);
        return Some(seconds as f64 + parts.filter_map(part).sum::<f64>());
    }
    let bytes = strings(argument).into_iter().next()?.bytes;
    let (seconds, rest) = bytes.split_first_chunk::<8>()?;
    let micros = rest.first_chunk::<8>()?;
    Some(i64::from_ne_bytes(*seconds) as f64 + i64::from_ne_bytes(*micros) as f64 / 1e6)
}
