//! The chunked coding (RFC 9112, section 7.1): a body whose length is not known beforehand.
//!
//! ```text
//! 5\r\n           the size of the chunk in hexadecimal, then perhaps blanks and ;extension
//! hello\r\n       so many bytes
//! 0\r\n           the last chunk has size 0
//! Trailer: x\r\n  perhaps header fields
//! \r\n            the end
//! ```

use super::body::take;
use super::{HttpError, MAX_HEAD};

/// The most bytes of the extensions of one chunk, and of the blanks before them. All trailers together have at most [`MAX_HEAD`].
const MAX_EXTENSION: usize = 1_024;

/// What ends a chunked body that has no trailers.
pub const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

/// The content as one chunk. Nothing for no content, because a chunk of size 0 is the last one.
pub fn chunk(content: &[u8]) -> Vec<u8> {
    if content.is_empty() {
        return Vec::new();
    }
    let mut chunk = format!("{:x}\r\n", content.len()).into_bytes();
    chunk.extend_from_slice(content);
    chunk.extend_from_slice(b"\r\n");
    chunk
}

/// A decoder that is given the bytes as they come, and keeps none of them.
#[derive(Debug, Clone, Default)]
pub(super) struct Chunks {
    at: At,
    /// The size of this chunk, and later how much of it is still to come.
    size: u64,
    /// Bytes in this part so far: digits, extension or trailers.
    count: usize,
}

/// What the next byte belongs to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum At {
    #[default]
    Size,
    Blank,
    Extension,
    SizeEnd,
    Data,
    DataCr,
    DataLf,
    TrailerStart,
    Trailer,
    TrailerLf,
    LastLf,
    Complete,
}

impl Chunks {
    pub(super) fn is_complete(&self) -> bool {
        self.at == At::Complete
    }

    pub(super) fn next<'a>(
        &mut self,
        arrived: &mut &'a [u8],
    ) -> Result<Option<&'a [u8]>, HttpError> {
        while self.at != At::Complete {
            if self.at == At::Data {
                let piece = take(arrived, &mut self.size);
                if self.size == 0 {
                    self.at = At::DataCr;
                }
                return Ok((!piece.is_empty()).then_some(piece));
            }
            let Some((&byte, rest)) = arrived.split_first() else {
                break;
            };
            *arrived = rest;
            self.at = self.after(byte)?;
        }
        Ok(None)
    }

    /// One byte that is not content.
    fn after(&mut self, byte: u8) -> Result<At, HttpError> {
        let next = match (self.at, byte) {
            (At::Size, b'\r') if self.count > 0 => At::SizeEnd,
            (At::Size, b';') if self.count > 0 => self.begin(At::Extension),
            (At::Size, b' ' | b'\t') if self.count > 0 => self.begin(At::Blank),
            (At::Size, digit) => {
                self.add_digit(digit)?;
                At::Size
            }
            // Blanks may stand before the `;` of an extension (section 7.1.1). Without one they are
            // against the grammar, but old servers pad a size with them, and it can mean nothing
            // else. Anything else behind the size could be a part of it to another program.
            (At::Blank, b';') => self.begin(At::Extension),
            (At::Blank | At::Extension, b'\r') => At::SizeEnd,
            (At::SizeEnd, b'\n') => {
                self.count = 0;
                if self.size == 0 { At::TrailerStart } else { At::Data }
            }
            (At::DataCr, b'\r') => At::DataLf,
            (At::DataLf, b'\n') => At::Size,
            (At::TrailerStart, b'\r') => At::LastLf,
            (At::Trailer, b'\r') => At::TrailerLf,
            (At::TrailerLf, b'\n') => At::TrailerStart,
            (At::LastLf, b'\n') => At::Complete,
            (At::Blank, b' ' | b'\t') if self.count < MAX_EXTENSION => {
                self.count += 1;
                At::Blank
            }
            (At::Extension, byte) if byte != b'\n' && self.count < MAX_EXTENSION => {
                self.count += 1;
                At::Extension
            }
            // Trailers are header fields that came late. They are read and dropped.
            (At::TrailerStart | At::Trailer, byte) if byte != b'\n' && self.count < MAX_HEAD => {
                self.count += 1;
                At::Trailer
            }
            _ => return Err(HttpError::Chunk),
        };
        Ok(next)
    }

    /// A new part, of which nothing has come yet.
    fn begin(&mut self, part: At) -> At {
        self.count = 0;
        part
    }

    /// At most 16 digits: more could overflow.
    fn add_digit(&mut self, digit: u8) -> Result<(), HttpError> {
        let value = char::from(digit).to_digit(16).ok_or(HttpError::Chunk)?;
        if self.count == 16 {
            return Err(HttpError::Chunk);
        }
        self.count += 1;
        self.size = self.size << 4 | u64::from(value);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(wire: &[u8]) -> Result<(Vec<u8>, bool, usize), HttpError> {
        let (mut chunks, mut rest, mut content) = (Chunks::default(), wire, Vec::new());
        while let Some(piece) = chunks.next(&mut rest)? {
            content.extend_from_slice(piece);
        }
        Ok((content, chunks.is_complete(), rest.len()))
    }

    #[test]
    fn sizes_are_hexadecimal_and_extensions_and_trailers_are_skipped() {
        let wire =
            b"5 \t;a\r\nhello\r\nB;name=\"v\";x\r\n, my world\n\r\n00 \r\nSum: 1\r\nB: c\r\n\r\nnext";
        let content = b"hello, my world\n".to_vec();
        assert_eq!(decoded(wire), Ok((content, true, 4)));
    }

    #[test]
    fn the_example_of_the_standard_is_emitted_and_decoded() {
        let wire = [chunk(b"Wiki"), chunk(b"pedia"), LAST_CHUNK.to_vec()].concat();
        assert_eq!(wire, b"4\r\nWiki\r\n5\r\npedia\r\n0\r\n\r\n");
        assert_eq!(decoded(&wire), Ok((b"Wikipedia".to_vec(), true, 0)));
    }

    #[test]
    fn broken_chunks_are_refused() {
        for wire in [
            "\r\n",
            ";x\r\n",
            "-1\r\n",
            "0x5\r\n",
            "g\r\n",
            "5\nhello",
            "5 garbage\r\nhello\r\n",
            "5 6\r\nhello\r\n",
            "5\t5;x\r\nhello\r\n",
            " 5\r\nhello\r\n",
            "5 \nhello",
            "0 A\r\n\r\n",
            "5\r\nhelloXX",
            "5\r\nhello\n",
            "5\r\r\n",
            "0\r\n\n",
            "0\r\nA: b\n",
            "12345678901234567\r\n",
        ] {
            assert_eq!(decoded(wire.as_bytes()), Err(HttpError::Chunk), "{wire:?}");
        }
    }

    #[test]
    fn a_size_up_to_64_bits_does_not_overflow() {
        let huge = b"ffffffffffffffff\r\nabc";
        assert_eq!(decoded(huge), Ok((b"abc".to_vec(), false, 0)));
    }

    #[test]
    fn endless_extensions_and_trailers_are_refused() {
        let extension = [b"5;", &[b'x'; MAX_EXTENSION + 1][..]].concat();
        assert_eq!(decoded(&extension), Err(HttpError::Chunk));
        let blanks = [b"5", &[b' '; MAX_EXTENSION + 2][..]].concat();
        assert_eq!(decoded(&blanks), Err(HttpError::Chunk));
        let trailers = [b"0\r\n", &b"a: b\r\n".repeat(MAX_HEAD / 2)[..]].concat();
        assert_eq!(decoded(&trailers), Err(HttpError::Chunk));
    }
}
