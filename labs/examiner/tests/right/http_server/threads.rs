//: run {file} {port} {root}
// A thread for each client; every answer is the last one of its connection.
use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::time::Duration;

/// The head of a request, or the status of what is wrong with it; nothing where nothing came.
fn head(client: &mut TcpStream) -> std::io::Result<Option<Result<String, u16>>> {
    let (mut head, mut buffer) = (Vec::new(), [0; 4096]);
    while !head.windows(4).any(|at| at == b"\r\n\r\n") {
        if head.len() > 32_768 {
            return Ok(Some(Err(431)));
        }
        match client.read(&mut buffer) {
            Ok(0) if head.is_empty() => return Ok(None),
            Ok(0) => return Ok(Some(Err(400))),
            Ok(length) => head.extend(&buffer[..length]),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                return Ok(Some(Err(408)));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(Some(String::from_utf8(head).map_err(|_| 400)))
}

fn decoded(path: &str) -> Option<String> {
    let (mut bytes, mut rest) = (Vec::new(), path.as_bytes());
    while let [first, behind @ ..] = rest {
        rest = behind;
        if *first == b'%' {
            let hex = std::str::from_utf8(rest.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(hex, 16).ok()?);
            rest = &rest[2..];
        } else {
            bytes.push(*first);
        }
    }
    String::from_utf8(bytes).ok()
}

/// The type and the bytes of what is asked for.
fn page(root: &Path, head: &str) -> Result<(&'static str, Vec<u8>), u16> {
    let mut lines = head.lines();
    let words: Vec<&str> = lines.next().unwrap_or_default().split(' ').collect();
    let [method, target, version] = words[..] else { return Err(400) };
    if !["HTTP/1.0", "HTTP/1.1"].contains(&version) {
        return Err(400);
    }
    if version == "HTTP/1.1" && !lines.any(|line| line.to_lowercase().starts_with("host:")) {
        return Err(400);
    }
    if !["GET", "HEAD"].contains(&method) {
        return Err(405);
    }
    let path = target.split('?').next().and_then(decoded).ok_or(400u16)?;
    let path = path.trim_start_matches('/');
    let file = root.join(if path.is_empty() { "index.html" } else { path });
    let file = file.canonicalize().map_err(|_| 404u16)?;
    if !file.starts_with(root) {
        return Err(404);
    }
    let kind = match file.extension().and_then(|end| end.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    };
    Ok((kind, fs::read(file).map_err(|_| 404u16)?))
}

fn serve(mut client: TcpStream, root: &Path) -> std::io::Result<()> {
    client.set_read_timeout(Some(Duration::from_secs(20)))?;
    client.set_write_timeout(Some(Duration::from_secs(20)))?;
    let Some(asked) = head(&mut client)? else { return Ok(()) };
    let is_head = asked.as_ref().is_ok_and(|head| head.starts_with("HEAD "));
    let (status, kind, mut body) = match asked.and_then(|head| page(root, &head)) {
        Ok((kind, body)) => (200, kind, body),
        Err(status) => (status, "text/plain", format!("error {status}\n").into_bytes()),
    };
    let length = body.len();
    if is_head {
        body.clear();
    }
    write!(
        client,
        "HTTP/1.1 {status} -\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\
         Allow: GET, HEAD\r\nConnection: close\r\n\r\n"
    )?;
    client.write_all(&body)?;
    client.shutdown(Shutdown::Write)?;
    while client.read(&mut [0; 4096])? > 0 {}
    Ok(())
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let root: &'static Path = Box::leak(Path::new(&arguments[2]).canonicalize().unwrap().into());
    let listener = match TcpListener::bind(format!("127.0.0.1:{}", arguments[1])) {
        Ok(listener) => listener,
        Err(error) => {
            eprintln!("port {}: {error}", arguments[1]);
            std::process::exit(1);
        }
    };
    for client in listener.incoming().flatten() {
        std::thread::spawn(move || serve(client, root));
    }
}
