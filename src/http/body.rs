//! Where a body ends (RFC 9112, section 6), and its content piece by piece.

use super::chunked::Chunks;
use super::{Headers, HttpError};

/// How the end of a body is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// There is no body.
    None,
    /// `Content-Length`: so many bytes.
    Length(u64),
    /// `Transfer-Encoding: chunked`: each chunk says its size, and one of size 0 is the last.
    Chunked,
    /// The body ends where the stream ends.
    UntilClose,
}

impl Framing {
    /// RFC 9112, section 6.3, for a request: without a length it has no body, and whatever is
    /// ambiguous is refused.
    pub(super) fn of_request(headers: &Headers) -> Result<Framing, HttpError> {
        let length = content_length(headers)?;
        if headers.get("Transfer-Encoding").is_none() {
            return Ok(length.map_or(Framing::None, Framing::Length));
        }
        if length.is_some() {
            return Err(HttpError::TwoLengths);
        }
        only_chunked(headers)
    }

    /// RFC 9112, section 6.3, for a response that has a body: `Transfer-Encoding` goes before
    /// `Content-Length`, and without either the body ends with the stream.
    ///
    /// `identity` means that nothing was done to the body. It was a coding until RFC 7230, and
    /// servers still send it.
    pub(super) fn of_response(headers: &Headers) -> Result<Framing, HttpError> {
        let named: Vec<&[u8]> = headers.list("Transfer-Encoding").collect();
        let codes = |coding: &&&[u8]| !coding.eq_ignore_ascii_case(b"identity");
        let coded: Vec<&&[u8]> = named.iter().filter(codes).collect();
        match coded[..] {
            [one] if one.eq_ignore_ascii_case(b"chunked") => Ok(Framing::Chunked),
            [] if !named.is_empty() || headers.get("Transfer-Encoding").is_none() => {
                let length = content_length(headers)?;
                Ok(length.map_or(Framing::UntilClose, Framing::Length))
            }
            _ => Err(HttpError::Coding),
        }
    }
}

fn only_chunked(headers: &Headers) -> Result<Framing, HttpError> {
    let mut codings = headers.list("Transfer-Encoding");
    match (codings.next(), codings.next()) {
        (Some(one), None) if one.eq_ignore_ascii_case(b"chunked") => Ok(Framing::Chunked),
        _ => Err(HttpError::Coding),
    }
}

/// One number, or the same number several times.
fn content_length(headers: &Headers) -> Result<Option<u64>, HttpError> {
    let mut length = None;
    for value in headers.all("Content-Length") {
        for part in value.split(|b| *b == b',') {
            let number = decimal(super::head::trimmed(part)).ok_or(HttpError::Length)?;
            if length.is_some_and(|length| length != number) {
                return Err(HttpError::Length);
            }
            length = Some(number);
        }
    }
    Ok(length)
}

fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u64, |number, digit| {
        let digit = char::from(*digit).to_digit(10)?;
        number.checked_mul(10)?.checked_add(digit.into())
    })
}

/// A body while it arrives. It keeps none of it.
#[derive(Debug, Clone)]
pub struct Body(State);

#[derive(Debug, Clone)]
enum State {
    Left(u64),
    Chunks(Chunks),
    UntilClose,
}

impl Body {
    /// A body of which nothing has arrived yet.
    pub fn new(framing: Framing) -> Body {
        Body(match framing {
            Framing::None => State::Left(0),
            Framing::Length(length) => State::Left(length),
            Framing::Chunked => State::Chunks(Chunks::default()),
            Framing::UntilClose => State::UntilClose,
        })
    }

    /// Takes bytes from the front of `arrived` and gives the next piece of the content, which is
    /// never empty. `None`: all of `arrived` is used, or the body is complete.
    ///
    /// # Errors
    ///
    /// [`HttpError::Chunk`]
    pub fn next<'a>(&mut self, arrived: &mut &'a [u8]) -> Result<Option<&'a [u8]>, HttpError> {
        let piece = match &mut self.0 {
            State::Left(left) => take(arrived, left),
            State::Chunks(chunks) => return chunks.next(arrived),
            State::UntilClose => take(arrived, &mut u64::MAX.clone()),
        };
        Ok((!piece.is_empty()).then_some(piece))
    }

    /// Whether nothing more belongs to it. A body that ends with the stream is never complete
    /// before that.
    pub fn is_complete(&self) -> bool {
        match &self.0 {
            State::Left(left) => *left == 0,
            State::Chunks(chunks) => chunks.is_complete(),
            State::UntilClose => false,
        }
    }

    /// The stream has ended.
    ///
    /// # Errors
    ///
    /// [`HttpError::CutShort`] where the body had not.
    pub fn end(&self) -> Result<(), HttpError> {
        match &self.0 {
            State::Left(0) | State::UntilClose => Ok(()),
            State::Left(missing) => Err(HttpError::CutShort(Some(*missing))),
            State::Chunks(chunks) if chunks.is_complete() => Ok(()),
            State::Chunks(_) => Err(HttpError::CutShort(None)),
        }
    }
}

/// Takes at most `left` bytes from the front, and counts them.
pub(super) fn take<'a>(arrived: &mut &'a [u8], left: &mut u64) -> &'a [u8] {
    let most = usize::try_from(*left).unwrap_or(usize::MAX);
    let (piece, rest) = arrived.split_at(most.min(arrived.len()));
    *left -= piece.len() as u64;
    *arrived = rest;
    piece
}

#[cfg(test)]
mod tests {
    use super::super::{LAST_CHUNK, chunk};
    use super::*;
    use proptest::prelude::*;

    fn headers(name: &'static str, values: &[&str]) -> Headers {
        let mut headers = Headers::default();
        values.iter().for_each(|value| headers.add(name, value));
        headers
    }

    #[test]
    fn a_length_is_one_number() {
        let length = |values: &[&str]| Framing::of_response(&headers("Content-Length", values));
        assert_eq!(length(&["5"]), Ok(Framing::Length(5)));
        assert_eq!(length(&["5, 5", "5"]), Ok(Framing::Length(5)));
        let most = u64::MAX.to_string();
        assert_eq!(length(&[&most]), Ok(Framing::Length(u64::MAX)));
        for wrong in ["", "+5", "-1", "5x", "0x5", "18446744073709551616", "5,6", "5,", "5 5"] {
            assert_eq!(length(&[wrong]), Err(HttpError::Length), "{wrong}");
        }
    }

    #[test]
    fn chunked_goes_before_the_length_and_other_codings_are_refused() {
        let mut both = headers("Transfer-Encoding", &["Chunked"]);
        both.add("Content-Length", "5");
        assert_eq!(Framing::of_response(&both), Ok(Framing::Chunked));
        for wrong in [
            "gzip",
            "gzip, chunked",
            "chunked, chunked",
            "",
            ",",
            "identity, gzip",
            "chunked;x",
            "identity chunked",
        ] {
            let framing = Framing::of_response(&headers("Transfer-Encoding", &[wrong]));
            assert_eq!(framing, Err(HttpError::Coding), "{wrong}");
        }
    }

    #[test]
    fn identity_is_no_coding_in_a_response_and_refused_in_a_request() {
        let mut identity = headers("Transfer-Encoding", &["Identity"]);
        assert_eq!(Framing::of_response(&identity), Ok(Framing::UntilClose));
        assert_eq!(Framing::of_request(&identity), Err(HttpError::Coding));
        identity.add("Content-Length", "5");
        assert_eq!(Framing::of_response(&identity), Ok(Framing::Length(5)));
        assert_eq!(Framing::of_request(&identity), Err(HttpError::TwoLengths));
        for both in ["identity, chunked", "chunked, identity"] {
            let framing = Framing::of_response(&headers("Transfer-Encoding", &[both]));
            assert_eq!(framing, Ok(Framing::Chunked), "{both}");
        }
    }

    #[test]
    fn a_body_with_a_length_leaves_what_is_behind_it() {
        let mut body = Body::new(Framing::Length(5));
        let mut arrived = &b"hello, world"[..];
        assert_eq!(body.next(&mut arrived), Ok(Some(&b"hello"[..])));
        assert_eq!(body.next(&mut arrived), Ok(None));
        assert!(body.is_complete());
        assert_eq!(arrived, b", world");
    }

    #[test]
    fn a_short_body_says_how_many_bytes_are_missing() {
        let mut body = Body::new(Framing::Length(5));
        body.next(&mut &b"he"[..]).unwrap();
        assert_eq!(body.end(), Err(HttpError::CutShort(Some(3))));
        let chunks = Body::new(Framing::Chunked);
        assert_eq!(chunks.end(), Err(HttpError::CutShort(None)));
        assert_eq!(Body::new(Framing::UntilClose).end(), Ok(()));
    }

    /// All content of a body that arrives in these pieces.
    fn decoded<'a>(
        framing: Framing,
        pieces: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<(Vec<u8>, bool), HttpError> {
        let (mut body, mut content) = (Body::new(framing), Vec::new());
        for mut piece in pieces {
            while let Some(part) = body.next(&mut piece)? {
                content.extend_from_slice(part);
            }
        }
        Ok((content, body.end().is_ok()))
    }

    proptest! {
        #[test]
        fn a_body_split_anywhere_decodes_the_same(
            parts: Vec<Vec<u8>>, size in 1usize..20, trailers in "(A: b\r\n){0,3}"
        ) {
            let mut wire: Vec<u8> = parts.iter().flat_map(|part| chunk(part)).collect();
            let last = LAST_CHUNK.len() - 2; // trailers stand before the last line end
            wire.extend_from_slice(&LAST_CHUNK[..last]);
            wire.extend_from_slice(trailers.as_bytes());
            wire.extend_from_slice(b"\r\n");
            let content = parts.concat();
            let whole = decoded(Framing::Chunked, [&wire[..]]);
            prop_assert_eq!(&whole, &Ok((content.clone(), true)));
            prop_assert_eq!(decoded(Framing::Chunked, wire.chunks(size)), whole);

            let framing = Framing::Length(content.len() as u64);
            let expected = Ok((content.clone(), true));
            prop_assert_eq!(&decoded(framing, content.chunks(size)), &expected);
            prop_assert_eq!(&decoded(Framing::UntilClose, content.chunks(size)), &expected);
        }

        #[test]
        fn any_bytes_never_panic_and_any_split_gives_the_same(
            wire in prop::collection::vec(prop_oneof![
                any::<u8>(), prop::sample::select(&b"\r\n0123abF; \t"[..])
            ], 0..60),
            size in 1usize..10,
        ) {
            let whole = decoded(Framing::Chunked, [&wire[..]]);
            prop_assert_eq!(decoded(Framing::Chunked, wire.chunks(size)), whole);
        }
    }
}
