//! Percent-encoding (RFC 3986, section 2.1): `%20` is the byte 0x20.

use std::fmt::Write;

/// The bytes behind the text, or `None` where a `%` has no two hexadecimal digits behind it.
///
/// A `+` stays a `+`: it means a space in forms only.
pub fn percent_decoded(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, behind)) = rest.split_first() {
        rest = behind;
        if first != b'%' {
            bytes.push(first);
            continue;
        }
        let (digits, behind) = rest.split_at_checked(2)?;
        bytes.push(hex_digit(digits[0])? << 4 | hex_digit(digits[1])?);
        rest = behind;
    }
    Some(bytes)
}

/// Any bytes as one segment of a path: all but letters, digits and `-._~` as `%XX`.
pub fn percent_encoded(segment: &[u8]) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    escaped(segment, plain)
}

/// The bytes that are not plain as `%XX`.
pub(super) fn escaped(bytes: &[u8], plain: impl Fn(u8) -> bool) -> String {
    let mut text = String::with_capacity(bytes.len());
    for &byte in bytes {
        if plain(byte) {
            text.push(byte.into());
        } else {
            let _ = write!(text, "%{byte:02X}"); // writing to a String cannot fail
        }
    }
    text
}

fn hex_digit(digit: u8) -> Option<u8> {
    let value = char::from(digit).to_digit(16)?;
    u8::try_from(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn broken_escapes_are_refused() {
        assert_eq!(percent_decoded("a%20%c3%B1+"), Some(b"a \xc3\xb1+".into()));
        for broken in ["%", "%4", "%zz", "%+1", "%%41"] {
            assert_eq!(percent_decoded(broken), None, "{broken}");
        }
    }

    proptest! {
        #[test]
        fn what_was_encoded_is_decoded(bytes: Vec<u8>) {
            prop_assert_eq!(percent_decoded(&percent_encoded(&bytes)), Some(bytes));
        }

        #[test]
        fn no_text_makes_decoding_panic(text: String) {
            percent_decoded(&text);
        }
    }
}
