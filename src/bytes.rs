//! Pictures of bytes: escaped text, and tables that say what each byte of a packet means.

mod hidden;

use std::fmt::Write;
use std::ops::Range;

pub use hidden::is_hidden;

/// Bytes as one line of text: printable UTF-8 as it is, everything else escaped.
///
/// `\r`, `\n`, `\t` and `\0` get these short forms; other control characters and bytes that are
/// not UTF-8 become `\xff`; characters that show nothing themselves, or change how the text around
/// them looks, become `\u{202e}` (see [`is_hidden`]). The result never moves a terminal's cursor,
/// and nothing in it hides, whatever a stranger sent.
///
/// Some visible text has such characters in it: the joiners of `👩‍🚀` and the variation selector of
/// `❤️` are escaped too, and what they join is shown piece by piece.
pub fn printable(bytes: &[u8]) -> String {
    let mut line = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        chunk.valid().chars().for_each(|c| push_printable(&mut line, c));
        chunk.invalid().iter().for_each(|byte| push_escape(&mut line, *byte));
    }
    line
}

/// As [`printable`], but line ends and tabs stay as they are: text of several lines.
pub fn printable_lines(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\n' | '\t' => text.push(c),
                _ => push_printable(&mut text, c),
            }
        }
        chunk.invalid().iter().for_each(|byte| push_escape(&mut text, *byte));
    }
    text
}

fn push_printable(line: &mut String, c: char) {
    match c {
        ' '..='~' => line.push(c), // ASCII, which is most of what arrives
        '\r' => line.push_str("\\r"),
        '\n' => line.push_str("\\n"),
        '\t' => line.push_str("\\t"),
        '\0' => line.push_str("\\0"),
        c if c.is_ascii_control() => push_escape(line, c as u8),
        c if is_hidden(c) => line.extend(c.escape_unicode()),
        c => line.push(c),
    }
}

/// A text as a string of JSON, in its double quotes (RFC 8259, section 7).
///
/// Every reader of JSON gets the same text back. What must not reach a terminal is escaped, as in
/// [`printable`]: every character that [`is_hidden`].
pub fn json_string(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    json.push('"');
    for c in text.chars() {
        match c {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            // Four digits are one unit of UTF-16: a character above U+FFFF takes two.
            c if is_hidden(c) => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(json, "\\u{unit:04x}");
                }
            }
            c => json.push(c),
        }
    }
    json.push('"');
    json
}

fn push_escape(line: &mut String, byte: u8) {
    line.push_str("\\x");
    push_hex(line, byte);
}

fn push_hex(line: &mut String, byte: u8) {
    for digit in [byte >> 4, byte & 0xf] {
        line.push(char::from_digit(digit.into(), 16).unwrap_or('?'));
    }
}

/// Bytes as two hexadecimal digits each, with a space between: `1b 00 ff`.
pub fn hex(bytes: &[u8]) -> String {
    let mut line = String::with_capacity(bytes.len() * 3);
    for (i, byte) in bytes.iter().enumerate() {
        if i > 0 {
            line.push(' ');
        }
        push_hex(&mut line, *byte);
    }
    line
}

/// One field of a packet: where it stands, what it is called, what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The bytes that the field occupies, counted from the start of the packet.
    pub range: Range<usize>,
    /// Its name in the protocol's own document.
    pub name: &'static str,
    /// Its value in words.
    pub meaning: String,
}

impl Field {
    /// A field over the given bytes.
    pub fn new(range: Range<usize>, name: &'static str, meaning: impl Into<String>) -> Field {
        Field { range, name, meaning: meaning.into() }
    }
}

/// How many bytes of a field one line of the table shows.
const BYTES_A_LINE: usize = 8;

/// A packet as a table, one line a field: offset, field, hex, meaning.
///
/// ```text
/// offset  field               hex                      meaning
///      0  leap, version, mode 23                       LI 0, version 4, mode 3 (client)
///     40  transmit timestamp  e9 3c 7a 10 8f 5c 28 f6  2024-01-01 12:00:00.56 UTC
/// ```
///
/// A field longer than eight bytes goes on in the next line. A field that ends behind the packet
/// is shown as far as the packet goes.
pub fn annotated(packet: &[u8], fields: &[Field]) -> String {
    let width = fields.iter().map(|field| field.name.len()).max().unwrap_or(0).max("field".len());
    let mut table = format!("offset  {:width$}  {:23}  meaning\n", "field", "hex");
    for field in fields {
        let start = field.range.start.min(packet.len());
        let end = field.range.end.clamp(start, packet.len());
        let mut lines = packet[start..end].chunks(BYTES_A_LINE);
        let first = hex(lines.next().unwrap_or_default());
        let meaning = printable(field.meaning.as_bytes());
        let (name, offset) = (field.name, field.range.start);
        let line = format!("{offset:6}  {name:width$}  {first:23}  {meaning}");
        table.push_str(line.trim_end());
        table.push('\n');
        for (i, more) in lines.enumerate() {
            let offset = start + (i + 1) * BYTES_A_LINE;
            // Writing to a String cannot fail.
            let _ = writeln!(table, "{offset:6}  {:width$}  {}", "", hex(more));
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn printable_shows_line_ends_control_bytes_and_bad_utf8() {
        assert_eq!(printable(b"GET / HTTP/1.1\r\n"), "GET / HTTP/1.1\\r\\n");
        assert_eq!(printable(b"\x1b[2J\x00\x7f\xff"), "\\x1b[2J\\0\\x7f\\xff");
        assert_eq!(printable("señor 漢字".as_bytes()), "señor 漢字");
        assert_eq!(printable("\u{9b}31m\u{202e}".as_bytes()), "\\u{9b}31m\\u{202e}");
        assert_eq!(
            printable("a\u{200b}\u{2028}\u{e0041}b".as_bytes()),
            "a\\u{200b}\\u{2028}\\u{e0041}b"
        );
    }

    #[test]
    fn printable_lines_keeps_the_lines() {
        assert_eq!(printable_lines(b"a\tb\nc\r\n\x1b"), "a\tb\nc\\r\n\\x1b");
    }

    #[test]
    fn json_strings_escape_quotes_backslashes_and_what_drives_a_terminal() {
        assert_eq!(json_string("a \"b\" \\ señor 漢字"), r#""a \"b\" \\ señor 漢字""#);
        assert_eq!(json_string("\u{1b}[2J\n\0\u{7f}"), r#""\u001b[2J\u000a\u0000\u007f""#);
        assert_eq!(json_string("\u{9b}\u{202e}"), r#""\u009b\u202e""#);
        assert_eq!(json_string("\u{2028}\u{e0041}"), r#""\u2028\udb40\udc41""#);
    }

    #[test]
    fn a_table_has_one_line_a_field_and_wraps_long_ones() {
        let packet: Vec<u8> = (0..12).collect();
        let fields = [Field::new(0..2, "port", "1"), Field::new(2..12, "address", "ten bytes")];
        let expected = "\
offset  field    hex                      meaning
     0  port     00 01                    1
     2  address  02 03 04 05 06 07 08 09  ten bytes
    10           0a 0b
";
        assert_eq!(annotated(&packet, &fields), expected);
    }

    proptest! {
        #[test]
        fn no_bytes_reach_the_terminal_as_control_characters(bytes: Vec<u8>) {
            prop_assert!(!printable(&bytes).chars().any(is_hidden));
            let lines = printable_lines(&bytes);
            prop_assert!(!lines.chars().any(|c| is_hidden(c) && c != '\n' && c != '\t'));
        }

        #[test]
        fn a_table_is_drawn_for_fields_that_do_not_fit(
            packet: Vec<u8>, start in 0usize..90, size in 0usize..90
        ) {
            annotated(&packet, &[Field::new(start..start + size, "field", "?")]);
        }
    }
}
