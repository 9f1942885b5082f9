use std::fmt::Debug;

use socket_labs::http::{
    Body, Framing, Headers, HttpError, LAST_CHUNK, MAX_FIELDS, MAX_HEAD, MAX_RESPONSE_HEAD,
    Pending, Request, Response, chunk,
};

use super::{assert_one_line, choice};

/// The head of a request.
pub fn http_request(data: &[u8]) {
    let found = Request::parse(data);
    let take = |pending: &mut Pending| pending.take_request();
    heads(data, 2 * MAX_HEAD, &found, Request::parse, take);
    request_of_httparse(data, &found);
    let Ok(Some((request, length))) = found else { return };
    assert!(request.target.bytes().all(|byte| byte.is_ascii_graphic()));
    let emitted = request.emit();
    assert!(emitted.len() <= 3 * length + 400);
    if emitted.len() <= length {
        assert_eq!(Request::parse(&emitted), Ok(Some((request.clone(), emitted.len()))));
    }
    if let Ok(path) = request.path() {
        assert!(path.starts_with(b"/") && !path.contains(&0));
    }
    let _ = (request.framing(), request.keeps_alive());
    assert!(request.headers.iter().count() <= data.len());
}

/// The head of a response.
pub fn http_response(data: &[u8]) {
    let found = Response::parse(data);
    let take = |pending: &mut Pending| Ok(pending.take_response()?.map(|(response, _)| response));
    heads(data, MAX_RESPONSE_HEAD, &found, Response::parse, take);
    response_of_httparse(data, &found);
    let Ok(Some((response, length))) = found else { return };
    assert!((100..1000).contains(&response.status));
    let emitted = response.emit();
    assert!(emitted.len() <= length + 400 + data.len());
    if emitted.len() <= length {
        assert_eq!(Response::parse(&emitted), Ok(Some((response.clone(), emitted.len()))));
    }
    for method in ["GET", "HEAD"] {
        let _ = response.framing(method);
    }
    assert_eq!(response.framing("HEAD"), Ok(Framing::None));
}

type Found<T> = Result<Option<(T, usize)>, HttpError>;

/// What holds for the heads of both kinds of messages.
fn heads<T: PartialEq + Debug + Clone>(
    data: &[u8],
    longest: usize,
    found: &Found<T>,
    parse: fn(&[u8]) -> Found<T>,
    take: impl Fn(&mut Pending) -> Result<Option<T>, HttpError>,
) {
    match found {
        Ok(Some((_, length))) => {
            assert!((1..=data.len().min(longest)).contains(length));
            // What follows the head, and what of it has not come yet, changes nothing.
            assert_eq!(&parse(&data[..*length]), found);
            for part in [length - 1, choice(data, *length)] {
                assert_eq!(parse(&data[..part]), Ok(None), "{part} of {length} bytes");
            }
        }
        Ok(None) => assert!(data.len() <= longest, "{} bytes and no end", data.len()),
        Err(error) => {
            assert_one_line(&error.to_string());
            assert!(matches!(error.status(), 400 | 414 | 431 | 501 | 505));
            let more = [data, b"\r\n\r\n"].concat();
            assert!(parse(&more).is_err(), "what is wrong stays wrong");
        }
    }
    // The same bytes in pieces.
    let mut pending = Pending::default();
    let mut in_pieces = Ok(None);
    let size = 1 + choice(data, data.len().min(1_500));
    for piece in data.chunks(size) {
        pending.push(piece);
        in_pieces = take(&mut pending);
        if in_pieces != Ok(None) {
            break;
        }
    }
    match (found, in_pieces) {
        (Ok(Some((at_once, _))), Ok(Some(in_pieces))) => assert_eq!(*at_once, in_pieces),
        (Ok(None), Ok(None)) | (Err(_), Err(_)) => {}
        // Whether the limits are kept is seen only when there is more to see.
        (Err(_), Ok(None)) => {}
        (at_once, in_pieces) => panic!("{at_once:?} at once, {in_pieces:?} in pieces of {size}"),
    }
}

/// More fields than we take, so that it is we who find them too many.
const ROOM: usize = MAX_FIELDS + 20;

/// httparse takes what we take, and finds the same in it. What it takes more, we refuse by a rule that
/// it leaves to others: the `Host`, and the sizes.
fn request_of_httparse(data: &[u8], ours: &Found<Request>) {
    let mut fields = [httparse::EMPTY_HEADER; ROOM];
    let mut theirs = httparse::Request::new(&mut fields);
    match (theirs.parse(data), ours) {
        (Ok(httparse::Status::Complete(length)), Ok(Some((request, ours)))) => {
            assert_eq!(length, *ours);
            assert_eq!(theirs.method, Some(&request.method[..]));
            assert_eq!(theirs.version, Some(request.minor));
            let target = theirs.path.unwrap_or_default();
            assert!(!target.is_ascii() || target == request.target);
            assert!(same_fields(theirs.headers, &request.headers));
        }
        (Ok(httparse::Status::Partial), Ok(None)) => {}
        // It sees as soon as possible what is wrong, we when the head is complete.
        (Err(_), Ok(None) | Err(_)) => {}
        // It knows HTTP/1.0 and HTTP/1.1 alone, and no target that is not UTF-8.
        (Err(httparse::Error::Version), Ok(Some((request, _)))) => assert!(request.minor > 1),
        (Err(httparse::Error::Token), Ok(Some((request, _)))) => {
            assert!(request.target.contains('%'));
        }
        (Ok(_), Err(error)) => {
            let rules = [HttpError::Host, HttpError::TooManyFields, HttpError::RequestLine];
            assert!(rules.contains(error) || is_size(error), "{error:?}");
            // Of request lines, it takes those that stand behind many empty lines.
            let is_blank = data.iter().take(17).all(|byte| b"\r\n".contains(byte));
            assert!(*error != HttpError::RequestLine || is_blank);
        }
        (theirs, ours) => panic!("httparse: {theirs:?}, here: {ours:?}"),
    }
}

/// We take what httparse takes when it is strict, and find the same in it, up to our sizes. Where its
/// first line is right, it takes what we take when it is lenient.
fn response_of_httparse(data: &[u8], ours: &Found<Response>) {
    let mut fields = [httparse::EMPTY_HEADER; ROOM];
    let mut theirs = httparse::Response::new(&mut fields);
    match (theirs.parse(data), ours) {
        (Ok(httparse::Status::Complete(length)), Ok(Some((response, ours)))) => {
            assert_eq!(length, *ours);
            assert_eq!(theirs.version, Some(response.minor));
            assert_eq!(theirs.code, Some(response.status));
            let reason = theirs.reason.unwrap_or_default(); // empty where it is not ASCII
            assert!(reason.is_empty() || reason.trim_end().as_bytes() == response.reason);
            assert!(same_fields(theirs.headers, &response.headers));
        }
        // A response begins with HTTP/, not with an empty line, and its status with 1 to 9.
        (Ok(httparse::Status::Complete(_)), Err(HttpError::StatusLine)) => {
            assert!(!data.starts_with(b"HTTP/") || theirs.code < Some(100));
        }
        (Ok(httparse::Status::Complete(_)), Err(error)) => assert!(is_size(error), "{error:?}"),
        (Ok(httparse::Status::Complete(length)), Ok(None)) => {
            panic!("httparse takes {length} bytes")
        }
        (_, Ok(Some((response, length)))) => leniently(&data[..*length], response),
        _ => {}
    }
}

fn leniently(head: &[u8], response: &Response) {
    let first = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let first = first.strip_suffix(b"\r").unwrap_or(first);
    let is_text = |byte: &u8| byte.is_ascii_graphic() || *byte == b' ';
    let start = format!("HTTP/1.{} {}", response.minor, response.status);
    let is_right = response.minor < 2
        && first.iter().all(is_text)
        && first.strip_prefix(start.as_bytes()).is_some_and(|rest| matches!(rest, [] | [b' ', ..]));
    // A CR ends a line to httparse, or is wrong; to us it is a control character within it.
    let lone_cr = head.windows(2).any(|two| two[0] == b'\r' && two[1] != b'\n');
    if !is_right || lone_cr {
        return;
    }
    let mut fields = [httparse::EMPTY_HEADER; ROOM];
    let mut theirs = httparse::Response::new(&mut fields);
    let parsed = httparse::ParserConfig::default()
        .allow_spaces_after_header_name_in_responses(true)
        .allow_obsolete_multiline_headers_in_responses(true)
        .allow_multiple_spaces_in_response_status_delimiters(true)
        .ignore_invalid_headers_in_responses(true)
        .parse_response(&mut theirs, head);
    match parsed {
        Ok(httparse::Status::Complete(length)) => {
            assert_eq!((length, theirs.code), (head.len(), Some(response.status)));
        }
        Err(httparse::Error::TooManyHeaders) => {}
        other => panic!("httparse: {other:?}, here: {response:?}"),
    }
}

/// Whether it is too long, and nothing else is wrong.
fn is_size(error: &HttpError) -> bool {
    use HttpError::*;
    matches!(error, TargetTooLong | LineTooLong(_) | HeadTooLong(_) | TooManyFields)
}

fn same_fields(theirs: &[httparse::Header], ours: &Headers) -> bool {
    theirs.iter().map(|field| (field.name, field.value)).eq(ours.iter())
}

/// A body in the chunked coding; and the bytes as the content of one.
pub fn http_chunked(data: &[u8]) {
    bodies(Framing::Chunked, data);
    chunks_of_httparse(data);
    let size = 1 + choice(data, data.len());
    let mut coded: Vec<u8> = data.chunks(size).flat_map(chunk).collect();
    coded.extend_from_slice(LAST_CHUNK);
    let whole = Decoded::of(Framing::Chunked, [&coded[..]]);
    assert_eq!(whole, Decoded { content: data.to_vec(), left: 0, end: Ok(()) });
}

/// A body whose sizes httparse reads is the same body to us, and the other way round, up to our sizes.
/// httparse takes nothing for a size of 0, and any bytes but CR in an extension; ours has no LF.
fn chunks_of_httparse(data: &[u8]) {
    let ours = Decoded::of(Framing::Chunked, [data]);
    match by_httparse(data) {
        Some((content, rest)) => {
            if let Some(left) = rest.strip_prefix(b"\r\n") {
                assert_eq!(ours, Decoded { content, left: left.len(), end: Ok(()) });
            } else if ours.end.is_ok() {
                assert_eq!(ours.content, content, "it has trailers");
            }
        }
        None => assert!(ours.end.is_err()),
    }
}

/// The content, and what is behind the line of the last chunk.
fn by_httparse(data: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let (mut content, mut rest) = (Vec::new(), data);
    loop {
        let Ok(httparse::Status::Complete((start, size))) = httparse::parse_chunk_size(rest) else {
            return None;
        };
        let (line, behind) = rest.split_at(start);
        if !line[0].is_ascii_hexdigit() || line[..start - 1].contains(&b'\n') || start > 1_024 {
            return None;
        }
        if size == 0 {
            return Some((content, behind));
        }
        let (chunk, behind) = behind.split_at_checked(usize::try_from(size).ok()?)?;
        content.extend_from_slice(chunk);
        rest = behind.strip_prefix(b"\r\n")?;
    }
}

/// A whole response: its head, and its body as the head says.
pub fn http_body(data: &[u8]) {
    if let Ok(Some((response, length))) = Response::parse(data) {
        for method in ["GET", "HEAD"] {
            if let Ok(framing) = response.framing(method) {
                bodies(framing, &data[length..]);
            }
        }
    }
    if let Ok(Some((request, length))) = Request::parse(data)
        && let Ok(framing) = request.framing()
    {
        assert_ne!(framing, Framing::UntilClose);
        bodies(framing, &data[length..]);
    }
}

/// What a body is decoded to.
#[derive(Debug, PartialEq, Eq)]
struct Decoded {
    content: Vec<u8>,
    /// How many bytes are not of the body.
    left: usize,
    end: Result<(), HttpError>,
}

impl Decoded {
    /// Of a body that arrives in these pieces.
    fn of<'a>(framing: Framing, pieces: impl IntoIterator<Item = &'a [u8]>) -> Decoded {
        let (mut body, mut content, mut left) = (Body::new(framing), Vec::new(), 0);
        for mut piece in pieces {
            loop {
                match body.next(&mut piece) {
                    Ok(Some(part)) => {
                        assert!(!part.is_empty());
                        content.extend_from_slice(part);
                    }
                    Ok(None) => break,
                    Err(error) => return Decoded { content, left: 0, end: Err(error) },
                }
            }
            assert!(piece.is_empty() || body.is_complete());
            left += piece.len();
        }
        Decoded { content, left, end: body.end() }
    }
}

/// A body at once and in pieces.
fn bodies(framing: Framing, data: &[u8]) {
    let whole = Decoded::of(framing, [data]);
    assert!(whole.content.len() + whole.left <= data.len());
    let size = 1 + choice(data, data.len().min(1_500));
    assert_eq!(Decoded::of(framing, data.chunks(size)), whole, "in pieces of {size}");
    assert_eq!(Decoded::of(framing, data.chunks(1)), whole, "byte for byte");
    match framing {
        Framing::None => assert!(whole.content.is_empty() && whole.end == Ok(())),
        Framing::Length(length) => {
            let there = data.len().min(usize::try_from(length).unwrap_or(usize::MAX));
            assert_eq!(whole.content, data[..there]);
            let missing = length - there as u64;
            let cut = if missing == 0 { Ok(()) } else { Err(HttpError::CutShort(Some(missing))) };
            assert_eq!(whole.end, cut);
        }
        Framing::Chunked => {}
        Framing::UntilClose => assert_eq!(whole.content, data),
    }
}
