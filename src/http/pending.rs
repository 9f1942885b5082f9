//! The bytes of a stream that have arrived and are not used yet.

use super::{HttpError, Request, Response};

/// The bytes of a stream that have arrived and are not used yet.
///
/// The caller reads from its socket, pushes what came, and asks for a head; `None` means: read
/// more. It keeps at most twice the longest head, and what was pushed last.
#[derive(Debug, Clone, Default)]
pub struct Pending {
    bytes: Vec<u8>,
    /// What has come since the last look. Without this, a stranger who sends one byte at a time
    /// would have the whole head parsed for each of them.
    news: News,
    /// Whether nothing but CRs has come since the last line end.
    line_is_empty: bool,
    /// How many bytes there were at the last look, which saw that the limits were kept.
    looked_at: usize,
}

/// What the bytes that have come can mean for the head.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum News {
    #[default]
    Nothing,
    /// A line is whole. The head of a request has few lines, so each can be looked at.
    Line,
    /// There is an empty line, which may end the head, or so much more that a limit may be broken.
    Much,
}

impl Pending {
    /// Puts bytes behind the others.
    pub fn push(&mut self, arrived: &[u8]) {
        self.bytes.extend_from_slice(arrived);
        if self.bytes.len() >= 2 * self.looked_at {
            self.news = News::Much;
        }
        for byte in arrived {
            match byte {
                b'\n' => {
                    let news = if self.line_is_empty { News::Much } else { News::Line };
                    self.news = self.news.max(news);
                    self.line_is_empty = true;
                }
                b'\r' => {}
                _ => self.line_is_empty = false,
            }
        }
    }

    /// Whether there is nothing but line ends: no message has begun.
    pub fn is_blank(&self) -> bool {
        self.bytes.iter().all(|byte| b"\r\n".contains(byte))
    }

    /// Takes the request that stands in front.
    ///
    /// # Errors
    ///
    /// As [`Request::parse`].
    pub fn take_request(&mut self) -> Result<Option<Request>, HttpError> {
        let found = self.take(News::Line, Request::parse)?;
        Ok(found.map(|(request, _)| request))
    }

    /// Takes the response that stands in front, with its head as it came.
    ///
    /// # Errors
    ///
    /// As [`Response::parse`].
    pub fn take_response(&mut self) -> Result<Option<(Response, Vec<u8>)>, HttpError> {
        self.take(News::Much, Response::parse)
    }

    /// Takes everything: what stands behind the head is the start of the body.
    pub fn take_rest(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }

    fn take<T>(
        &mut self,
        enough: News,
        parse: impl Fn(&[u8]) -> Result<Option<(T, usize)>, HttpError>,
    ) -> Result<Option<(T, Vec<u8>)>, HttpError> {
        if self.news < enough {
            return Ok(None);
        }
        self.news = News::Nothing;
        self.looked_at = self.bytes.len();
        let Some((found, length)) = parse(&self.bytes)? else {
            return Ok(None);
        };
        let rest = self.bytes.split_off(length);
        let head = std::mem::replace(&mut self.bytes, rest);
        (self.news, self.looked_at) = (News::Much, 0); // the next head may be here already
        Ok(Some((found, head)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TWO: &[u8] = b"GET /1 HTTP/1.1\r\nHost: a\r\n\r\nHEAD /2 HTTP/1.1\r\nHost: b\r\n\r\nrest";

    proptest! {
        #[test]
        fn two_requests_in_pieces_of_any_size_are_two_requests(size in 1usize..90) {
            let (mut pending, mut found) = (Pending::default(), Vec::new());
            for piece in TWO.chunks(size) {
                pending.push(piece);
                while let Some(request) = pending.take_request().unwrap() {
                    found.push(request.target);
                }
            }
            prop_assert_eq!(found, ["/1", "/2"]);
            prop_assert_eq!(pending.take_rest(), b"rest");
        }
    }

    const ODD: &[u8] = b"HTTP/1.1 100 Continue\n\nHTTP/1.1 200 OK\r\r\nA: b\r\n c\r\r\n\r\r\nrest";

    proptest! {
        #[test]
        fn two_responses_in_pieces_of_any_size_are_two_responses(size in 1usize..70) {
            let (mut pending, mut found) = (Pending::default(), Vec::new());
            for piece in ODD.chunks(size) {
                pending.push(piece);
                while found.len() < 2
                    && let Some((response, head)) = pending.take_response().unwrap()
                {
                    found.push((response.status, head.len()));
                }
            }
            prop_assert_eq!(found, [(100, 23), (200, 32)]);
            prop_assert_eq!(pending.take_rest(), b"rest");
        }
    }

    #[test]
    fn a_response_that_comes_line_by_line_is_looked_at_a_few_times() {
        let mut pending = Pending::default();
        pending.push(b"HTTP/1.1 200 OK\r\n");
        let mut looks = 0;
        for _ in 0..10_000 {
            pending.push(b"A: b\r\n");
            looks += usize::from(pending.news == News::Much);
            assert_eq!(pending.take_response(), Ok(None));
        }
        assert!(looks < 20, "{looks}");
        pending.push(b"\r\n");
        let (response, head) = pending.take_response().unwrap().unwrap();
        assert_eq!((response.headers.iter().count(), head.len()), (10_000, 60_019));
    }

    #[test]
    fn a_stream_without_line_ends_is_refused_in_time() {
        let mut pending = Pending::default();
        let error = (0..100).find_map(|_| {
            pending.push(&[b'x'; 1000]);
            pending.take_request().err()
        });
        assert_eq!(error, Some(HttpError::RequestLine));
        assert!(pending.bytes.len() < 20_000);
    }

    #[test]
    fn another_protocol_is_known_before_a_line_end_has_come() {
        let mut pending = Pending::default();
        pending.push(b"\x15");
        assert_eq!(pending.take_response(), Err(HttpError::StatusLine));
        let mut pending = Pending::default();
        let error = b"HTTX/1.1".iter().find_map(|byte| {
            pending.push(&[*byte]);
            pending.take_response().err()
        });
        assert_eq!(error, Some(HttpError::StatusLine));
    }
}
