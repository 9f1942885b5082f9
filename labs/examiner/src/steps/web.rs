//! What the steps of lab 4 share: the web site that a program asks, its request, and its responses.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use socket_labs::bytes::printable;

use crate::exam::hexview::first_difference;
use crate::exam::program::{Program, until};
use crate::exam::tcp::{Conn, Door};
use crate::exam::transcript::count;
use crate::exam::{Outcome, PATIENCE, Scene, Trouble, Way, clients, processes, wrong};

/// The site that is asked where none is named.
pub const DEFAULT: &str = "www.google.com";

/// What to try where a client shows a traceback, or hides its error.
pub const ERRORS: &[(Way, &str)] = &[
    (Way::Traceback, "Handle the error of this call: print one sentence and end with exit code 1."),
    (Way::ExitCode, "End with exit code 1 after an error, so that whoever started it knows."),
    (Way::StillRuns, "Give the socket a timeout: no wait may be endless."),
];

/// The web site that the program asks.
pub struct Site {
    /// Its name.
    pub name: String,
    /// Its one address.
    pub address: SocketAddr,
}

/// A site at an address that nobody could guess. Where the command takes `{host}`, nobody could
/// guess its name either.
///
/// # Errors
///
/// [`Trouble::NotHere`], where names cannot be given here.
pub fn site(scene: &mut Scene) -> Outcome<Site> {
    let ip = scene.loopback_address();
    let is_named = scene.takes("host") || scene.takes("url");
    if is_named && !scene.is_private() {
        return Ok(name(scene, &ip.to_string(), ip.into()));
    }
    let host = if is_named { format!("www.{}.example", scene.word(6)) } else { DEFAULT.into() };
    let decoy = (IpAddr::from([127, 0, 0, 9]), "another.example");
    scene.names(&[decoy, (ip.into(), &host)])?;
    let names = format!("{host} has the address {ip}");
    scene.transcript().notes("system", names);
    Ok(name(scene, &host, ip.into()))
}

fn name(scene: &mut Scene, host: &str, ip: IpAddr) -> Site {
    scene.give("host", host);
    Site { name: host.into(), address: SocketAddr::new(ip, scene.port()) }
}

/// The site, with the examiner as its server.
///
/// # Errors
///
/// As [`site`].
pub fn open(scene: &mut Scene) -> Outcome<(Site, Door)> {
    let site = site(scene)?;
    let door = scene.listen("server", site.address)?;
    Ok((site, door))
}

// --- what every client of a web server is asked

/// Nobody listens at the site: an error.
pub fn refused(scene: &mut Scene) -> Outcome {
    let site = site(scene)?;
    scene.transcript().notes("examiner", format!("nobody listens on {}", site.address));
    let program = scene.start()?;
    program.fails_within(clients::longest_wait(scene), "where nobody listens")
}

/// The site does not answer a connect(): an error, after a finite wait.
pub fn unanswered(scene: &mut Scene) -> Outcome {
    clients::give_up_soon(scene);
    let site = site(scene)?;
    let _deaf = scene.deaf("server", site.address)?;
    let program = scene.start()?;
    program.fails_within(clients::longest_wait(scene), "where nobody answers its connect()")
}

/// The site takes the request and says nothing: an error, after a finite wait.
pub fn silent(scene: &mut Scene) -> Outcome {
    clients::give_up_soon(scene);
    let (_, door) = open(scene)?;
    let program = scene.start()?;
    let conn = door.accept(&program)?;
    request(&conn)?;
    scene.transcript().notes("server", "says nothing");
    let patience = clients::longest_wait(scene);
    settled(program.fails_within(patience, "where the server says nothing"))
}

/// The site resets the connection in the middle of its response: an error.
pub fn reset_midway(scene: &mut Scene) -> Outcome {
    let (_, door) = open(scene)?;
    let page = page(scene, 20);
    let program = scene.start()?;
    let conn = door.accept(&program)?;
    request(&conn)?;
    let response = response(&page);
    conn.send_in_pieces([&response[..response.len() / 2]])?;
    conn.reset();
    program.fails("after its connection was reset")
}

/// What came of it. A program that failed is killed while its connection is still open: else it would
/// say something about the end of the connection, sometimes.
pub fn settled(outcome: Outcome) -> Outcome {
    if outcome.is_err() {
        processes::kill_all();
    }
    outcome
}

/// A program that ends after it was let down by the server: with an error or without, but not with a
/// traceback.
pub fn ends_somehow(program: &Program, patience: Duration, after: &str) -> Outcome {
    let ended = program.fails_within(patience, after);
    match ended {
        Err(Trouble::Wrong(finding))
            if finding.way == Way::NoMessage || finding.way == Way::ExitCode =>
        {
            Ok(())
        }
        ended => ended,
    }
}

// --- the request

/// Receives a request: its head up to and with the empty line, and what came behind it.
///
/// # Errors
///
/// [`Way::Silent`] and [`Way::Closed`], where nothing comes; [`Way::Missing`], where the empty line
/// does not come.
pub fn request(conn: &Conn) -> Outcome<(Vec<u8>, Vec<u8>)> {
    let mut all = Vec::new();
    loop {
        if let Some(end) = head_end(&all) {
            let rest = all.split_off(end);
            return Ok((all, rest));
        }
        let piece = match conn.read(64 * 1024) {
            Ok(piece) => piece,
            Err(trouble) if all.is_empty() => return Err(trouble),
            Err(trouble) => {
                let sentence =
                    "The request has no empty line at its end: the server waits for more.";
                let trouble = trouble.or_rather(Way::Silent, Way::Missing, sentence);
                return Err(trouble.with_fields(shown(&all)));
            }
        };
        match (piece.is_empty(), all.is_empty()) {
            (false, _) => all.extend(piece),
            (true, true) => {
                return Err(wrong(Way::Closed, "The program connected, sent nothing, and closed."));
            }
            (true, false) => {
                return Err(wrong(Way::Missing, "The request ended without an empty line.")
                    .with_fields(shown(&all)));
            }
        }
    }
}

/// Where the head of a message ends: behind its empty line. Lines may end as they like here.
pub fn head_end(bytes: &[u8]) -> Option<usize> {
    let find =
        |end: &[u8]| bytes.windows(end.len()).position(|at| at == end).map(|i| i + end.len());
    [find(b"\r\n\r\n"), find(b"\n\n"), find(b"\n\r\n")].into_iter().flatten().min()
}

/// The lines of a head without their ends, the first line first.
pub fn lines(head: &[u8]) -> Vec<String> {
    String::from_utf8_lossy(head).lines().map(str::to_string).collect()
}

/// The value of a header field, if it is there.
pub fn field(head: &[u8], name: &str) -> Option<String> {
    lines(head).iter().skip(1).find_map(|line| {
        let (field, value) = line.split_once(':')?;
        field.eq_ignore_ascii_case(name).then(|| value.trim().to_string())
    })
}

/// The head of a request as the story shows it: every line with its end.
pub fn shown(head: &[u8]) -> String {
    let lines = head
        .split_inclusive(|byte| *byte == b'\n')
        .map(|line| format!("  | {}\n", printable(line)));
    "the request:\n".to_string() + &lines.collect::<String>()
}

/// The request line is this one.
///
/// # Errors
///
/// [`Way::Different`].
pub fn has_request_line(head: &[u8], target: &str) -> Outcome {
    let (expected, line) = (format!("GET {target} HTTP/1.1"), lines(head).swap_remove(0));
    if line == expected {
        return Ok(());
    }
    let sentence = format!("The request line is {line:?}, and not {expected:?}.");
    Err(wrong(Way::Different, sentence).with_bytes(expected.as_bytes(), line.as_bytes()))
}

/// The Host field names the site, with its port or without.
///
/// # Errors
///
/// [`Way::Missing`], [`Way::WrongField`].
pub fn names_the_host(head: &[u8], site: &Site) -> Outcome {
    let name = &site.name;
    let Some(host) = field(head, "Host") else {
        return Err(wrong(Way::Missing, "The request has no Host field.").with_fields(shown(head)));
    };
    let allowed = [name.clone(), format!("{name}:{}", site.address.port())];
    if allowed.iter().any(|name| host.eq_ignore_ascii_case(name)) {
        return Ok(());
    }
    let sentence = format!("The Host field is {host:?}, and the server's name is {name:?}.");
    Err(wrong(Way::WrongField, sentence).with_fields(shown(head)))
}

// --- the response

/// A page of so many lines of random words.
pub fn page(scene: &mut Scene, lines: usize) -> Vec<u8> {
    let lines: Vec<String> = (0..lines).map(|_| format!("<p>{}</p>\n", scene.sentence())).collect();
    lines.concat().into_bytes()
}

/// A response with this body and its length.
pub fn response(body: &[u8]) -> Vec<u8> {
    answer("200 OK", &[("Content-Length", &body.len().to_string())], body)
}

/// A response: its status, its fields, its body as it is.
pub fn answer(status: &str, fields: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let fields: Vec<String> =
        fields.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let head = format!("HTTP/1.1 {status}\r\nContent-Type: text/html\r\n{}\r\n", fields.concat());
    [head.as_bytes(), body].concat()
}

/// So many bytes in one piece, and then byte by byte.
pub fn in_bytes(bytes: &[u8], first: usize) -> Vec<&[u8]> {
    let (start, rest) = bytes.split_at(first);
    std::iter::once(start).chain(rest.chunks(1)).collect()
}

/// Takes the connection and the request of a program, sends these pieces as the response, each when
/// the one before has been read, and closes. A program that does not take them is judged by what it
/// prints.
///
/// # Errors
///
/// Where there is no connection or no request.
pub fn serve<'a>(
    door: &Door,
    program: &Program,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> Outcome {
    let conn = door.accept(program)?;
    request(&conn)?;
    let _ = conn.send_in_pieces(pieces);
    conn.close();
    Ok(())
}

/// Standard output has these bytes, one behind the other.
///
/// # Errors
///
/// [`Way::NotPrinted`], where not even their beginning is there; [`Way::Missing`],
/// [`Way::Different`].
pub fn printed(program: &Program, what: &str, expected: &[u8]) -> Outcome {
    let out = program.stdout().bytes();
    let find = |wanted: &[u8]| out.windows(wanted.len().max(1)).position(|at| at == wanted);
    if expected.len() <= out.len() && find(expected).is_some() {
        return Ok(());
    }
    // What comes closest begins as it should.
    let start = find(&expected[..expected.len().min(8)]);
    let Some(at) = start.or_else(|| out.starts_with(&expected[..1]).then_some(0)) else {
        let sentence = format!("Standard output does not have {what}.");
        return Err(wrong(Way::NotPrinted, sentence).with_bytes(expected, &out));
    };
    let came = &out[at..out.len().min(at + expected.len())];
    let same = first_difference(expected, came).unwrap_or_default();
    let (way, words) = if same >= out.len() - at {
        (Way::Missing, "not all of it")
    } else {
        (Way::Different, "with other bytes")
    };
    let length = count(expected.len(), "byte");
    let sentence =
        format!("Standard output has {what}, {words}: of {length} the first {same} are right.");
    Err(wrong(way, sentence).with_bytes(expected, came))
}

/// Nobody connects until the program has ended.
///
/// # Errors
///
/// [`Way::TooMuch`], [`Way::StillRuns`].
pub fn has_no_caller(scene: &Scene, door: &Door, program: &Program) -> Outcome {
    let called = until(PATIENCE, || {
        // Whether it has ended is asked first: it may connect and end in between.
        let ended = program.ended();
        if door.has_a_caller() { Some(true) } else { ended.map(|_| false) }
    });
    if called != Some(true) {
        return program.wait().map(drop);
    }
    scene.transcript().sees("server", "connect");
    let address = door.address()?;
    settled(Err(wrong(Way::TooMuch, format!("The program connected to {address}."))))
}
