//! `http_get`: the finished client of the web, which knows where a page ends.

use std::net::{IpAddr, SocketAddr};

use super::web::{self, Site, answer, page, response};
use crate::exam::mistakes::{NO_TIMEOUT, ONE_RECV, STRICT_DECODING};
use crate::exam::program::{At, Program};
use crate::exam::tcp::{Conn, Door};
use crate::exam::{Exam, Outcome, Scene, Trouble, Way, clients, must, not_told, should, wrong};

/// An option that changes nothing, for the checks that are about none.
const NO_FLAG: &str = "-4";

/// The most redirects that are followed.
const REDIRECTS: usize = 10;

/// What is examined.
pub const EXAM: Exam = Exam {
    step: "http_get",
    arguments: &["{flag}", "--timeout", "{timeout}", "{url}"],
    port: 80,
    checks: &[
        must("gets_a_page", 4, "The program prints the body of a page, and ends.", |scene| {
            let page = page(scene, 20);
            prints(scene, &[&response(&page)], Then::Close, &page)
        })
        .hints(&[
            (Way::NotPrinted, "Write the body to standard output as it came."),
            (Way::StillRuns, "When the body is there, the program is done."),
            (Way::Closed, "Send a request when connect() has returned."),
        ]),
        must("requests_it", 2, "The request names the page and the host of the URL.", requests_it)
            .needs(&["gets_a_page"])
            .hints(&[
                (Way::Different, "What is behind the host in the URL, the query too, is the target: GET TARGET HTTP/1.1."),
                (Way::WrongField, "The Host line has the host of the URL."),
                (Way::Missing, "HTTP/1.1 needs the line \"Host: \" with the host of the URL."),
            ]),
        must("content_length", 2, "A page with a Content-Length ends there, even if the connection stays open.", |scene| {
            let page = page(scene, 20);
            prints(scene, &[&response(&page)], Then::Hold, &page)
        })
        .needs(&["gets_a_page"])
        .hints(&[(Way::StillRuns, "Content-Length says how many bytes the body has: stop when they are there.")]),
        must("chunked", 2, "A chunked page is put together again, and ends with its last chunk.", |scene| {
            let page = page(scene, 60);
            let chunks = chunked(scene, &page);
            prints(scene, &[&chunks], Then::Hold, &page)
        })
        .needs(&["gets_a_page"])
        .hints(&[
            (Way::Different, "A chunk is its size in hexadecimal, CR LF, so many bytes, CR LF: print the bytes alone."),
            (Way::NotPrinted, "A chunk is its size in hexadecimal, CR LF, so many bytes, CR LF: print the bytes alone."),
            (Way::StillRuns, "A chunk of size 0 is the last one."),
        ]),
        must("until_the_end", 1, "A page without a length ends with the stream.", |scene| {
            let page = page(scene, 2_000);
            prints(scene, &[&answer("200 OK", &[], &page)], Then::Close, &page)
        })
        .needs(&["gets_a_page"])
        .finds(&ONE_RECV)
        .hints(&[(Way::Missing, "With no Content-Length and no chunks, receive until recv() brings nothing.")]),
        must("includes_the_head", 1, "With -i the head of the response stands before the body.", |scene| {
            let page = page(scene, 5);
            let response = response(&page);
            let program = shows(scene, Some("-i"), &response)?;
            web::printed(&program, "the head and the body", &response)
        })
        .needs(&["gets_a_page"])
        .hints(&[
            (Way::NotPrinted, "With -i write the head to standard output too, as it came."),
            (Way::Different, "With -i write the head to standard output as it came, its empty line too."),
        ]),
        must("tells_the_conversation", 1, "With -v standard error shows what is sent and received.", tells_the_conversation)
            .needs(&["gets_a_page"])
            .hints(&[(Way::NotPrinted, "Put \"> \" before each line that you send, and \"< \" before each that you receive.")]),
        must("writes_a_file", 1, "With --output the page goes to a file.", writes_a_file)
            .needs(&["gets_a_page"])
            .hints(&[(Way::NotDone, "Create the file that --output names, and write the body to it.")]),
        must("shows_an_error_page", 1, "Without --fail the page of an error is a page like another.", |scene| {
            let page = page(scene, 5);
            let length = page.len().to_string();
            let response = answer("404 Not Found", &[("Content-Length", &length)], &page);
            let program = shows(scene, Some(NO_FLAG), &response)?;
            web::printed(&program, "the body", &page)
        })
        .needs(&["gets_a_page"])
        .hints(&[(Way::ExitCode, "Only with --fail is a status of 400 or more an error.")]),
        must("fails", 1, "With --fail a status of 400 or more is an error: a sentence, and exit code 1.", fails)
            .needs(&["gets_a_page"])
            .hints(&[(Way::ExitCode, "With --fail look at the status before you print the body.")]),
        must("follows", 2, "With --location the page is followed to where it has moved.", follows)
            .needs(&["requests_it"])
            .hints(&[
                (Way::NotDone, "301, 302, 303, 307 and 308 have a Location: get that page in its place."),
                (Way::Different, "A Location may be a whole URL or only a path: join it with the URL that you have."),
                (Way::WrongField, "The Host line has the host of the new URL."),
            ]),
        must("stays", 1, "Without --location the page is not followed.", stays)
            .needs(&["gets_a_page"])
            .hints(&[(Way::TooMuch, "Look at the Location only with --location.")]),
        should("stops_after_ten", 1, "Ten redirects are followed, and one more is an error.", stops_after_ten)
            .needs(&["follows"])
            .hints(&[
                (Way::TooMuch, "Count the redirects: two pages may point to each other."),
                (Way::NotDone, "Follow the page ten times."),
            ]),
        must("says_no_to_https", 1, "For https the program says that it speaks plain http only.", says_no_to_https)
            .needs(&["gets_a_page"])
            .hints(&[
                (Way::TooMuch, "Without TLS there is no https: say so before you connect."),
                (Way::ExitCode, "Without TLS there is no https: say so, and end with exit code 1."),
            ]),
        should("byte_by_byte", 1, "A page that arrives byte by byte is the same page.", |scene| {
            let body = scene.word(5) + "\n";
            let response = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
            prints(scene, &web::in_bytes(response.as_bytes(), 34), Then::Hold, body.as_bytes())
        })
        .needs(&["content_length"])
        .finds(&ONE_RECV)
        .hints(&[
            (Way::Missing, "recv() brings what has arrived: receive until the head is whole, then until the body is."),
            (Way::NotPrinted, "The empty line may be cut in two: look for it in all that has arrived."),
            (Way::Ended, "The empty line may be cut in two: look for it in all that has arrived."),
            (Way::Traceback, "The head may come in pieces: receive until its empty line is there."),
            (Way::ExitCode, "The head may come in pieces: receive until its empty line is there."),
        ]),
        should("chunks_byte_by_byte", 1, "Chunks that arrive byte by byte, with extensions and trailers, are the same page.", |scene| {
            let body = scene.word(10);
            let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
            let end = "0\r\nX: y\r\n\r\n";
            let chunks = format!("{head}A;x=1\r\n{body}\r\n{end}");
            prints(scene, &web::in_bytes(chunks.as_bytes(), head.len()), Then::Hold, body.as_bytes())
        })
        .needs(&["chunked"])
        .hints(&[
            (Way::Traceback, "Receive until the line with the size is whole; what is behind a ; in it is not the size."),
            (Way::ExitCode, "Receive until the line with the size is whole; what is behind a ; in it is not the size."),
            (Way::StillRuns, "The last chunk may have header fields behind it, and then an empty line."),
        ]),
        should("every_byte_value", 1, "A body of all byte values, NUL among them, is printed as it is.", |scene| {
            let body: Vec<u8> = (0..=255).chain((0..=255).rev()).collect();
            prints(scene, &[&response(&body)], Then::Close, &body)
        })
        .needs(&["gets_a_page"])
        .finds(&STRICT_DECODING)
        .hints(&[
            (Way::Traceback, "A body is bytes and not always UTF-8: write it without decoding."),
            (Way::Different, "A body is bytes, not text: write it without decoding."),
            (Way::Missing, "A body is bytes, not text, and NUL does not end it."),
        ]),
        should("nothing_behind_it", 1, "What comes behind the Content-Length is not part of the page.", nothing_behind_it)
            .needs(&["content_length"])
            .hints(&[(Way::Printed, "Print as many bytes as Content-Length says, and not all that recv() brought.")]),
        should("interim_answers", 1, "An answer of 1xx is skipped: the real one is still to come.", |scene| {
            let page = page(scene, 5);
            let interim = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n";
            prints(scene, &[interim, &response(&page)], Then::Hold, &page)
        })
        .needs(&["content_length"])
        .hints(&[
            (Way::StillRuns, "A status below 200 has no body and is not the answer yet: read the next head."),
            (Way::NotPrinted, "A status below 200 has no body and is not the answer yet: read the next head."),
        ]),
        should("no_content", 1, "An answer of 204 has no body to wait for.", |scene| {
            prints(scene, &[b"HTTP/1.1 204 No Content\r\n\r\n"], Then::Hold, b"")
        })
        .needs(&["content_length"])
        .hints(&[(Way::StillRuns, "204 and 304 never have a body, whatever the head says.")]),
        should("cut_short", 1, "A page that ends before its length is an error.", |scene| {
            let page = page(scene, 20);
            let response = response(&page);
            lets_down(scene, &response[..response.len() - 100], "where half of the page came")
        })
        .needs(&["content_length"])
        .hints(&[(Way::ExitCode, "Compare what came with the Content-Length: end with exit code 1 if some is missing.")]),
        should("chunks_cut_short", 1, "A chunked page without its last chunk is an error.", |scene| {
            let page = page(scene, 20);
            let chunks = chunked(scene, &page);
            let whole = chunks.len() - b"0\r\n\r\n".len();
            lets_down(scene, &chunks[..whole], "where the last chunk did not come")
        })
        .needs(&["chunked"])
        .hints(&[(Way::ExitCode, "Only the chunk of size 0 is the end: without it some of the page is missing.")]),
        should("every_address", 1, "Of several addresses the next is tried where the first refuses.", every_address)
            .needs(&["gets_a_page"])
            .hints(&[(Way::Ended, "getaddrinfo() gives a list: try its addresses one after the other.")]),
        should("no_response", 1, "Where the server closes without a byte: a sentence, and exit code 1.", |scene| {
            lets_down(scene, b"", "where the server closed without an answer")
        })
        .needs(&["gets_a_page"])
        .hints(web::ERRORS),
        should("not_http", 1, "Where the answer is not HTTP: a sentence, and exit code 1.", |scene| {
            let words = scene.sentence();
            lets_down(scene, format!("220 {words}\r\n\r\n").as_bytes(), "where the answer is not HTTP")
        })
        .needs(&["gets_a_page"])
        .hints(&[(Way::ExitCode, "The first line of an answer begins with HTTP/1.")]),
        should("a_silent_server", 1, "Where the server says nothing: a sentence after a finite wait, and exit code 1.", |scene| {
            clients::give_up_soon(scene);
            let visit = visit(scene, None, "/")?;
            let program = scene.start()?;
            let conn = visit.door.accept(&program)?;
            web::request(&conn)?;
            scene.transcript().notes("server", "says nothing");
            let patience = clients::longest_wait(scene);
            web::settled(program.fails_within(patience, "where the server says nothing"))
        })
        .needs(&["gets_a_page"])
        .finds(&NO_TIMEOUT)
        .hints(web::ERRORS),
        should("a_reset", 1, "Where the connection is reset: a sentence, and exit code 1.", |scene| {
            let page = page(scene, 20);
            let visit = visit(scene, None, "/")?;
            let program = scene.start()?;
            let conn = visit.door.accept(&program)?;
            web::request(&conn)?;
            let _ = conn.send_in_pieces([&response(&page)[..200]]);
            conn.reset();
            program.fails("after its connection was reset")
        })
        .needs(&["content_length"])
        .hints(web::ERRORS),
        should("refused", 1, "Where nobody listens: a sentence, and exit code 1.", |scene| {
            let Visit { site, door, .. } = visit(scene, None, "/")?;
            drop(door);
            scene.transcript().notes("examiner", format!("nobody listens on {} now", site.address));
            scene.start()?.fails_within(clients::longest_wait(scene), "where nobody listens")
        })
        .needs(&["gets_a_page"])
        .hints(web::ERRORS),
    ],
};

/// A page that the program is told to get.
struct Visit {
    site: Site,
    door: Door,
    target: String,
}

/// What the server does when it has sent its answer.
#[derive(Clone, Copy)]
enum Then {
    Close,
    Hold,
}

/// Tells the program to get a page with this option, and opens its server. A program that takes no
/// URL gets the front page of the default site.
fn visit(scene: &mut Scene, flag: Option<&str>, target: &str) -> Outcome<Visit> {
    if flag.is_some() && !scene.takes("flag") {
        return Err(not_told("flag"));
    }
    scene.give("flag", flag.unwrap_or(NO_FLAG));
    let mut site = web::site(scene)?;
    let target = if scene.takes("url") { target } else { "/" };
    if scene.takes("url") {
        site.address.set_port(scene.free_port());
    }
    scene.give("url", url(&site, target));
    let door = scene.listen("server", site.address)?;
    Ok(Visit { site, door, target: target.into() })
}

fn url(site: &Site, target: &str) -> String {
    format!("http://{}:{}{target}", site.name, site.address.port())
}

/// Takes the request of the program.
fn asked(visit: &Visit, program: &Program) -> Outcome<(Conn, Vec<u8>)> {
    let conn = visit.door.accept(program)?;
    let (head, _) = web::request(&conn)?;
    Ok((conn, head))
}

/// The program gets this answer, in these pieces, and prints this body.
fn prints(scene: &mut Scene, pieces: &[&[u8]], then: Then, body: &[u8]) -> Outcome {
    let visit = visit(scene, None, "/")?;
    let program = scene.start_at(At::Pipes)?;
    let (conn, _) = asked(&visit, &program)?;
    let _ = conn.send_in_pieces(pieces.iter().copied());
    let _held = match then {
        Then::Close => {
            conn.close();
            None
        }
        Then::Hold => {
            scene.transcript().notes("server", "keeps the connection open");
            Some(conn)
        }
    };
    web::settled(program.succeeds())?;
    if body.is_empty() { Ok(()) } else { web::printed(&program, "the body", body) }
}

/// The program gets this answer with this option, and ends well.
fn shows(scene: &mut Scene, flag: Option<&str>, response: &[u8]) -> Outcome<Program> {
    let visit = visit(scene, flag, "/")?;
    let program = scene.start_at(At::Pipes)?;
    let (conn, _) = asked(&visit, &program)?;
    let _ = conn.send(response);
    conn.close();
    program.succeeds()?;
    Ok(program)
}

/// The program gets an answer that is not right, and ends with an error.
fn lets_down(scene: &mut Scene, response: &[u8], after: &str) -> Outcome {
    let visit = visit(scene, None, "/")?;
    let program = scene.start_at(At::Pipes)?;
    let (conn, _) = asked(&visit, &program)?;
    let _ = conn.send_in_pieces([response].into_iter().filter(|response| !response.is_empty()));
    conn.close();
    program.fails_within(clients::longest_wait(scene), after)
}

/// A chunked response with this body, in chunks of random sizes.
fn chunked(scene: &mut Scene, body: &[u8]) -> Vec<u8> {
    let mut chunks = Vec::new();
    let mut rest = body;
    while !rest.is_empty() {
        let (chunk, behind) = rest.split_at((scene.number(1, 400) as usize).min(rest.len()));
        chunks.extend(format!("{:x}\r\n", chunk.len()).into_bytes());
        chunks.extend([chunk, b"\r\n"].concat());
        rest = behind;
    }
    chunks.extend(b"0\r\n\r\n");
    answer("200 OK", &[("Transfer-Encoding", "chunked")], &chunks)
}

fn requests_it(scene: &mut Scene) -> Outcome {
    let target = format!("/{}/{}?{}=1", scene.word(4), scene.word(4), scene.word(3));
    let visit = visit(scene, None, &target)?;
    let program = scene.start()?;
    let (_, head) = asked(&visit, &program)?;
    web::has_request_line(&head, &visit.target)?;
    web::names_the_host(&head, &visit.site)
}

fn tells_the_conversation(scene: &mut Scene) -> Outcome {
    let page = page(scene, 5);
    let program = shows(scene, Some("-v"), &response(&page))?;
    let text = program.stderr().text();
    for mark in ["> GET / HTTP/1.1", "< HTTP/1.1 200"] {
        if !text.lines().any(|line| line.starts_with(mark)) {
            let sentence = format!("No line of standard error begins with {mark:?}.");
            return Err(wrong(Way::NotPrinted, sentence));
        }
    }
    Ok(())
}

fn writes_a_file(scene: &mut Scene) -> Outcome {
    let page = page(scene, 50);
    let folder = scene.new_folder("pages")?;
    let file = folder.join("page.html");
    shows(scene, Some(&format!("--output={}", file.display())), &response(&page))?;
    match std::fs::read(&file) {
        Ok(written) if written == page => Ok(()),
        Ok(written) => {
            let sentence = "The file has other bytes than the page.";
            Err(wrong(Way::Different, sentence).with_bytes(&page, &written))
        }
        Err(error) => Err(wrong(Way::NotDone, format!("The file cannot be read: {error}"))),
    }
}

fn fails(scene: &mut Scene) -> Outcome {
    let visit = visit(scene, Some("--fail"), "/")?;
    let program = scene.start()?;
    let (conn, _) = asked(&visit, &program)?;
    let _ = conn.send(&answer("404 Not Found", &[("Content-Length", "0")], b""));
    conn.close();
    program.fails("where the status is 404")
}

/// A response that says where the page is.
fn moved(to: &str) -> Vec<u8> {
    answer("302 Found", &[("Location", to), ("Content-Length", "0"), ("Connection", "close")], b"")
}

/// The next request of a program that follows a redirect.
fn followed(visit: &Visit, program: &Program) -> Outcome<Conn> {
    let (conn, head) = asked(visit, program).map_err(|trouble| {
        let sentence = "The program ended, and did not follow the page to where it has moved.";
        trouble.or_rather(Way::Ended, Way::NotDone, sentence)
    })?;
    web::has_request_line(&head, &visit.target)?;
    web::names_the_host(&head, &visit.site)?;
    Ok(conn)
}

/// First to another page of the same site, then to another site.
fn follows(scene: &mut Scene) -> Outcome {
    let path = format!("/{}", scene.word(6));
    let mut first = visit(scene, Some("--location"), "/old/page")?;
    if !scene.takes("url") {
        return Err(not_told("url"));
    }
    if !scene.is_private() {
        return Err(Trouble::NotHere("it takes a private network".into()));
    }
    let ip = scene.loopback_address();
    let other = Site { name: "moved.example".into(), address: SocketAddr::new(ip.into(), 80) };
    let known = (first.site.address.ip(), first.site.name.clone());
    scene.names(&[(known.0, &known.1), (ip.into(), &other.name)])?;
    let door = scene.listen("server 2", other.address)?;
    let second = Visit { site: other, door, target: path.clone() };

    let page = page(scene, 5);
    let program = scene.start_at(At::Pipes)?;
    let (conn, _) = asked(&first, &program)?;
    let _ = conn.send(&moved("next"));
    conn.close();
    first.target = "/old/next".into();
    let conn = followed(&first, &program)?;
    let _ = conn.send(&moved(&format!("http://moved.example{path}")));
    conn.close();
    let conn = followed(&second, &program)?;
    let _ = conn.send(&response(&page));
    conn.close();
    program.succeeds()?;
    web::printed(&program, "the body", &page)
}

fn stays(scene: &mut Scene) -> Outcome {
    let visit = visit(scene, Some(NO_FLAG), "/")?;
    let program = scene.start()?;
    let (conn, _) = asked(&visit, &program)?;
    let _ = conn.send(&moved("/next"));
    conn.close();
    web::has_no_caller(scene, &visit.door, &program)
}

fn stops_after_ten(scene: &mut Scene) -> Outcome {
    let mut visit = visit(scene, Some("--location"), "/0")?;
    let program = scene.start()?;
    for redirects in 0..=REDIRECTS {
        if scene.takes("url") {
            visit.target = format!("/{redirects}");
        }
        let conn = followed(&visit, &program)?;
        let _ = conn.send(&moved(&format!("/{}", redirects + 1)));
        conn.close();
    }
    web::has_no_caller(scene, &visit.door, &program)?;
    program.fails("after ten redirects and one more")
}

fn says_no_to_https(scene: &mut Scene) -> Outcome {
    let visit = visit(scene, None, "/")?;
    if !scene.takes("url") {
        return Err(not_told("url"));
    }
    scene.give("url", url(&visit.site, "/").replace("http:", "https:"));
    let program = scene.start()?;
    web::has_no_caller(scene, &visit.door, &program)?;
    program.fails("where it was asked for https")
}

fn nothing_behind_it(scene: &mut Scene) -> Outcome {
    let page = page(scene, 5);
    let behind = scene.word(12);
    let mut response = response(&page);
    response.extend(behind.as_bytes());
    let program = shows(scene, None, &response)?;
    web::printed(&program, "the body", &page)?;
    if program.stdout().text().contains(&behind) {
        let sentence = format!("The bytes {behind:?} behind the body are on standard output too.");
        return Err(wrong(Way::Printed, sentence));
    }
    Ok(())
}

/// The address that refuses is the first one in the file, and the first one in the order of RFC
/// 6724: its prefix is the nearer one to 127.0.0.1.
fn every_address(scene: &mut Scene) -> Outcome {
    let visit = visit(scene, None, "/")?;
    let refuses = IpAddr::from([127, 0, 0, scene.number(10, 250) as u8]);
    let (answers, name) = (visit.site.address.ip(), visit.site.name.clone());
    scene.names(&[(refuses, &name), (answers, &name)])?;
    scene.transcript().notes("system", format!("{name} has the address {refuses} too"));
    let page = page(scene, 5);
    let program = scene.start_at(At::Pipes)?;
    let (conn, _) = asked(&visit, &program)?;
    let _ = conn.send(&response(&page));
    conn.close();
    program.succeeds()?;
    web::printed(&program, "the body", &page)
}
