//! The bytes of an answer, and their way to the client.

use std::io::{self, Read};
use std::time::{SystemTime, UNIX_EPOCH};

use socket2::Socket;

use super::page::{Content, Page};
use crate::clients::send_all;
use crate::http::{LAST_CHUNK, Request, Response, chunk, imf_fixdate};

/// Sends a page with the headers that every answer has. Returns the length of its body in bytes.
///
/// `stays` says whether the connection stays open for another request. The request is `None` where
/// it was not understood.
pub(super) fn send(
    client: &Socket,
    page: Page,
    request: Option<&Request>,
    stays: bool,
) -> io::Result<u64> {
    // HTTP/1.0 does not know chunks: such a body ends where the connection ends.
    let chunked = request.is_some_and(|request| request.minor >= 1);
    let head = head(&page, chunked, stays).emit();
    if request.is_some_and(|request| request.method == "HEAD") {
        send_all(client, &head)?;
        return Ok(0);
    }
    match page.content {
        Content::Bytes(bytes) => send_bytes(client, head, &bytes),
        Content::Chunks(parts) if chunked => send_bytes(client, head, &in_chunks(parts)),
        Content::Chunks(parts) => send_bytes(client, head, parts.concat().as_bytes()),
        Content::File(mut file, length) => {
            send_all(client, &head)?;
            send_file(client, &mut file, length)
        }
    }
}

fn head(page: &Page, chunked: bool, stays: bool) -> Response {
    let mut head = Response::new(page.status);
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let date = imf_fixdate(now.map_or(0, |now| now.as_secs()));
    let server = concat!("socket-labs/", env!("CARGO_PKG_VERSION"));
    head.headers.add("Date", date);
    head.headers.add("Server", server);
    for (name, value) in &page.headers {
        head.headers.add(name, value);
    }
    match &page.content {
        Content::Bytes(bytes) => head.headers.add("Content-Length", bytes.len().to_string()),
        Content::File(_, length) => head.headers.add("Content-Length", length.to_string()),
        Content::Chunks(_) if chunked => head.headers.add("Transfer-Encoding", "chunked"),
        Content::Chunks(_) => {}
    }
    if !stays {
        head.headers.add("Connection", "close");
    }
    head
}

/// Head and body in one write, which is one packet where they are small.
fn send_bytes(client: &Socket, mut head: Vec<u8>, body: &[u8]) -> io::Result<u64> {
    head.extend_from_slice(body);
    send_all(client, &head)?;
    Ok(body.len() as u64)
}

fn in_chunks(parts: &[&str]) -> Vec<u8> {
    let mut body: Vec<u8> = parts.iter().flat_map(|part| chunk(part.as_bytes())).collect();
    body.extend_from_slice(LAST_CHUNK);
    body
}

/// Sends so many bytes of a file. A file that has become shorter since is an error: the promised
/// length cannot be kept, and only the end of the connection can say so.
fn send_file(client: &Socket, file: &mut impl Read, length: u64) -> io::Result<u64> {
    let mut buffer = vec![0; 65_536];
    let mut file = file.take(length);
    let mut sent = 0;
    while sent < length {
        match file.read(&mut buffer)? {
            0 => return Err(io::Error::other("the file became shorter while it was sent")),
            read => {
                send_all(client, &buffer[..read])?;
                sent += read as u64;
            }
        }
    }
    Ok(sent)
}
