// A BufReader, and one function for each way in which a body ends.
//: run {file} {url}
use std::io::{self, BufRead, BufReader, Error, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

fn line(from: &mut impl BufRead) -> io::Result<String> {
    let mut bytes = Vec::new();
    from.read_until(b'\n', &mut bytes)?;
    if bytes.pop() != Some(b'\n') {
        return Err(Error::other("the answer ends too early"));
    }
    Ok(String::from_utf8_lossy(&bytes).trim_end_matches('\r').to_string())
}

fn exactly(from: &mut impl Read, size: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; size];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn chunks(from: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut all = Vec::new();
    loop {
        let first = line(from)?;
        let size = first.split(';').next().unwrap_or_default().trim();
        let size = usize::from_str_radix(size, 16).map_err(Error::other)?;
        if size == 0 {
            while !line(from)?.is_empty() {}
            return Ok(all);
        }
        all.extend(exactly(from, size)?);
        line(from)?;
    }
}

fn reach(host: &str) -> io::Result<TcpStream> {
    let with_port = if host.contains(':') { host.to_string() } else { format!("{host}:80") };
    let mut last = Error::other("the name has no address");
    for address in with_port.to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, Duration::from_secs(3)) {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn get(url: &str) -> io::Result<Vec<u8>> {
    let rest = url.strip_prefix("http://").ok_or_else(|| Error::other("only http:// please"))?;
    let (host, path) = rest.find('/').map_or((rest, "/"), |at| rest.split_at(at));
    let mut stream = reach(host)?;
    stream.set_read_timeout(Some(Duration::from_secs(4)))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")?;
    let mut from = BufReader::new(stream);
    loop {
        let first = line(&mut from)?;
        let status = first.strip_prefix("HTTP/1.").and_then(|rest| rest.get(2..5)?.parse::<u16>().ok());
        let status = status.ok_or_else(|| Error::other("this is not HTTP"))?;
        let (mut length, mut is_chunked) = (None, false);
        loop {
            let field = line(&mut from)?.to_lowercase();
            match field.split_once(':') {
                Some(("content-length", value)) => length = value.trim().parse().ok(),
                Some(("transfer-encoding", value)) => is_chunked = value.contains("chunked"),
                Some(_) => {}
                None => break,
            }
        }
        return match (status, length) {
            (100..=199, _) => continue,
            (204 | 304, _) => Ok(Vec::new()),
            _ if is_chunked => chunks(&mut from),
            (_, Some(length)) => exactly(&mut from, length),
            _ => {
                let mut all = Vec::new();
                from.read_to_end(&mut all)?;
                Ok(all)
            }
        };
    }
}

fn main() {
    let url = std::env::args().nth(1).unwrap_or_default();
    match get(&url).and_then(|body| io::stdout().write_all(&body)) {
        Ok(()) => {}
        Err(error) => {
            eprintln!("error: {url}: {error}");
            std::process::exit(1);
        }
    }
}
