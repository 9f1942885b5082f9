//! `http_server`: a web server for the files under one folder, and for nothing above it.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use socket_labs::http::Response;
use socket_labs::socket_table::Protocol::Tcp;

use super::web;
use super::web_answer::{MOST, answer, ask, body_of, get, request, understood};
use crate::exam::mistakes::{ONE_AT_A_TIME, ONE_RECV, STRICT_DECODING};
use crate::exam::scene::Server;
use crate::exam::transcript::count;
use crate::exam::{Exam, Outcome, Scene, Way, must, not_told, servers, should, wrong};

/// Clients that are held at once: as many as wait in the backlog of lab 5.
const CROWD: usize = 10;

/// More clients than a pool has threads whose size somebody chose.
const MANY: usize = 40;

/// What is examined.
pub const EXAM: Exam = Exam {
    step: "http_server",
    arguments: &["--port", "{port}", "--root", "{root}", "--idle", "{idle}"],
    port: 8080,
    checks: &[
        must("listens", 2, "The program listens on its TCP port.", |scene| {
            site(scene, &[])?;
            scene.tcp_server().map(drop)
        }),
        must("answers", 3, "A request gets an answer of HTTP, and the connection ends after it.", |scene| {
            site(scene, &[])?;
            let server = scene.tcp_server()?;
            exchange(scene, &server)
        })
        .needs(&["listens"])
        .hints(&[
            (Way::Different, "An answer begins with HTTP/1.1, a status and a reason: HTTP/1.1 200 OK."),
            (Way::Silent, "Answer when the empty line of the request is there."),
            (Way::Closed, "Answer when the empty line of the request is there."),
            (Way::NotClosed, "The client asked for Connection: close: close when the answer is sent."),
            (Way::Missing, "Content-Length is the number of bytes of the body, and all of them must be sent."),
            (Way::Extra, "Content-Length is the number of bytes of the body, not fewer."),
        ]),
        must("gets_a_file", 4, "GET of a file brings 200 and its bytes.", |scene| {
            let page = web::page(scene, 20);
            let server = open(scene, &[("page.html", &page)])?;
            get(scene, &server, "/page.html")?.is(200, &page)
        })
        .needs(&["answers"])
        .hints(&[
            (Way::Different, "Send the bytes of the file as they are, behind the empty line of the head."),
            (Way::WrongField, "The status of a file that is there is 200."),
        ]),
        must("head", 2, "HEAD brings the head of the same answer, and no body.", head)
            .needs(&["gets_a_file"])
            .hints(&[
                (Way::Extra, "An answer to HEAD ends with the empty line."),
                (Way::WrongField, "HEAD has the status and the length of GET."),
            ]),
        must("content_type", 1, "The answer says what the file is: text/html, text/plain.", content_type)
            .needs(&["gets_a_file"])
            .hints(&[
                (Way::WrongField, "Take the Content-Type from the end of the file's name: .html is text/html, .txt text/plain."),
                (Way::Missing, "Take the Content-Type from the end of the file's name: .html is text/html, .txt text/plain."),
            ]),
        must("not_found", 2, "What is not there is 404.", |scene| {
            let server = open(scene, &[])?;
            let name = format!("/{}.html", scene.word(8));
            get(scene, &server, &name)?.has_status(404)
        })
        .needs(&["answers"])
        .hints(&[
            (Way::WrongField, "Answer 404 where there is no such file."),
            (Way::Closed, "Answer 404 where there is no such file, in place of an error that ends the connection."),
        ]),
        must("nothing_above", 3, "Nothing above the folder is given out, however it is asked for.", nothing_above)
            .needs(&["gets_a_file"])
            .hints(&[(Way::Accepted, "Decode the path, refuse every .. in it, and see that what you open is below the folder.")]),
        must("method_not_allowed", 1, "Another method than GET and HEAD is 405, or 501.", |scene| {
            let server = open(scene, &[])?;
            let request = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            let answer = ask(scene, &server, "POST", request)?;
            // A server that knows no POST at all may say so (RFC 9110, section 15.6.2).
            answer.has_status(501).or_else(|_| answer.has_status(405))
        })
        .needs(&["answers"])
        .hints(&[(Way::WrongField, "Look at the method before you look for the file.")]),
        must("bad_request", 1, "What is not a request is 400.", |scene| {
            let server = open(scene, &[])?;
            ask(scene, &server, "GET", "GET\r\n\r\n")?.has_status(400)
        })
        .needs(&["answers"])
        .fragile_if(&[Way::Closed, Way::Reset])
        .hints(&[
            (Way::WrongField, "A request line has three words: method, target, version."),
            (Way::Closed, "Answer 400 before you close, so that the client learns why."),
            (Way::Reset, "Answer 400 before you close, so that the client learns why."),
        ]),
        must("too_large", 1, "A header field that is far too long is 431.", too_large)
            .needs(&["answers"])
            .fragile_if(&[Way::Closed, Way::Reset])
            .hints(&[
                (Way::WrongField, "Limit how long the head may be, and answer 431 where it is longer."),
                (Way::Silent, "Limit how long the head may be, and answer 431 where it is longer."),
                (Way::Reset, "Read what the client still sends before you close: a reset overtakes the answer."),
                (Way::Closed, "Answer 431 before you close, so that the client learns why."),
            ]),
        must("too_late", 1, "A request that does not come to its end in time is 408.", too_late)
            .needs(&["answers"])
            .fragile_if(&[Way::Closed])
            .hints(&[
                (Way::Silent, "Give the socket a timeout: a client that says nothing more keeps its thread for ever."),
                (Way::Closed, "Answer 408 before you close, so that the client learns why."),
            ]),
        must("many_at_once", 2, "With idle clients connected, the next one is served at once.", |scene| with_idle_clients(scene, CROWD))
            .needs(&["answers"])
            .finds(&ONE_AT_A_TIME)
            .hints(&[(Way::Waits, "Start a thread for each client, so that accept() is called again at once.")]),
        should("no_fixed_number", 1, "With forty idle clients connected, the next one is served too.", |scene| with_idle_clients(scene, MANY))
            .needs(&["many_at_once"])
            .hints(&[(Way::Waits, "A pool serves as many clients as it has threads; the next one waits for an idle one to go.")]),
        should("each_its_own", 1, "Of many clients at once each gets its own file, whoever ends its request first.", each_its_own)
            .needs(&["gets_a_file", "many_at_once"])
            .hints(&[(Way::Different, "What belongs to one client must not be shared: use local variables.")]),
        should("a_long_file", 1, "A file of 8 MiB comes whole.", |scene| {
            let bytes = scene.bytes(8 << 20);
            let server = open(scene, &[("long.bin", &bytes)])?;
            get(scene, &server, "/long.bin")?.is(200, &bytes)
        })
        .needs(&["gets_a_file"])
        .hints(&[(Way::Missing, "send() may take only a part: use sendall().")]),
        should("a_slow_reader_alone_waits", 1, "A client that does not read keeps only itself waiting.", a_slow_reader_alone_waits)
            .needs(&["a_long_file", "many_at_once"])
            .hints(&[(Way::Waits, "A send() to a client that does not read must not stop the others.")]),
        should("in_pieces", 1, "A request that arrives in pieces is answered when it is whole.", in_pieces)
            .needs(&["gets_a_file"])
            .finds(&ONE_RECV)
            .hints(&[
                (Way::Early, "recv() brings what has arrived: wait for the empty line."),
                (Way::Closed, "recv() brings what has arrived: receive until the empty line is there."),
                (Way::WrongField, "The empty line may be cut in two: look for it in all that has arrived."),
            ]),
        should("every_byte_value", 1, "A file of all byte values comes as it is.", |scene| {
            let bytes: Vec<u8> = (0..=255).chain((0..=255).rev()).collect();
            let server = open(scene, &[("data.bin", &bytes)])?;
            get(scene, &server, "/data.bin")?.is(200, &bytes)
        })
        .needs(&["gets_a_file"])
        .finds(&STRICT_DECODING)
        .hints(&[
            (Way::Different, "Open the file in binary: it is bytes and not always text."),
            (Way::Closed, "Open the file in binary: it is bytes and not always text."),
            (Way::WrongField, "Open the file in binary: it is bytes and not always text."),
        ]),
        should("names_are_decoded", 1, "A %20 in the path is a space in the file's name.", |scene| {
            let page = web::page(scene, 3);
            let server = open(scene, &[("two words.txt", &page)])?;
            get(scene, &server, "/two%20words.txt")?.is(200, &page)
        })
        .needs(&["gets_a_file"])
        .hints(&[(Way::WrongField, "Decode the %XX of the path before you look for the file.")]),
        should("queries_are_left_out", 1, "What is behind a ? is not part of the file's name.", |scene| {
            let page = web::page(scene, 3);
            let server = open(scene, &[("page.html", &page)])?;
            get(scene, &server, "/page.html?x=1")?.is(200, &page)
        })
        .needs(&["gets_a_file"])
        .hints(&[(Way::WrongField, "Cut the target at its ? before you look for the file.")]),
        should("no_host", 1, "A request of HTTP/1.1 without a Host line is 400.", |scene| {
            let server = open(scene, &[])?;
            ask(scene, &server, "GET", "GET / HTTP/1.1\r\nConnection: close\r\n\r\n")?.has_status(400)
        })
        .needs(&["answers"])
        .hints(&[(Way::WrongField, "HTTP/1.1 asks a server to answer 400 where there is no Host line.")]),
        should("http_1_0", 1, "A request of HTTP/1.0 needs no Host line, and the connection ends after it.", |scene| {
            let page = web::page(scene, 3);
            let server = open(scene, &[("page.html", &page)])?;
            ask(scene, &server, "GET", "GET /page.html HTTP/1.0\r\n\r\n")?.is(200, &page)
        })
        .needs(&["gets_a_file"])
        .hints(&[
            (Way::NotClosed, "A client of HTTP/1.0 waits for the end of the stream: close after your answer."),
            (Way::WrongField, "Only HTTP/1.1 asks for a Host line."),
        ]),
        should("a_second_request", 1, "A connection that stays open serves the next request too.", a_second_request)
            .needs(&["gets_a_file"])
            .hints(&[
                (Way::Closed, "Say Connection: close in the answer if you close after it."),
                (Way::Silent, "Keep what came behind the first request: it is the start of the second."),
            ]),
        should("survives_garbage", 1, "Bytes that are no request do not end the server.", survives_garbage)
            .needs(&["answers"])
            .hints(VANISHES),
        should("survives_a_client_that_vanishes", 1, "A client that leaves without a word does not end the server.", |scene| {
            site(scene, &[])?;
            servers::survives_a_client_that_vanishes(scene, exchange)
        })
        .needs(&["answers"])
        .hints(VANISHES),
        should("survives_a_reset", 1, "A client that resets its connection does not end the server.", |scene| {
            site(scene, &[])?;
            servers::survives_a_reset(scene, exchange)
        })
        .needs(&["answers"])
        .hints(VANISHES),
        should("leaves_no_open_files", 1, "200 clients one after the other leave the open files as they were.", |scene| {
            site(scene, &[])?;
            servers::leaves_no_open_files(scene, Tcp, exchange)
        })
        .needs(&["answers"]),
        should("waits_without_work", 1, "With nothing to do it uses no CPU.", |scene| {
            site(scene, &[])?;
            servers::waits_without_work(scene, Tcp)
        })
        .needs(&["listens"]),
        should("port_taken", 1, "Where its port is taken it ends with a sentence and exit code 1.", |scene| {
            site(scene, &[])?;
            servers::port_taken(scene, Tcp)
        })
        .needs(&["listens"]),
        must("ends_at_sigterm", 1, "SIGTERM ends it.", |scene| {
            site(scene, &[])?;
            servers::ends_at_sigterm(scene, Tcp)
        })
        .needs(&["listens"]),
    ],
};

const VANISHES: &[(Way, &str)] = &[
    (Way::Ended, "An error of one client must not end the server: handle it, close, and go on."),
    (Way::Silent, "After an error of one client, go back to accept()."),
];

// --- the folder that is served

/// Makes a folder with these files in it, which the program is told to serve.
fn site(scene: &mut Scene, files: &[(&str, &[u8])]) -> Outcome<PathBuf> {
    let root = scene.new_folder("site")?;
    fs::write(root.join("index.html"), "<p>the front page</p>\n")?;
    for (name, bytes) in files {
        fs::write(root.join(name), bytes)?;
    }
    scene.give("root", root.display().to_string());
    scene.give("idle", "60");
    Ok(root)
}

/// Starts the server of a folder with these files. A program that is not told which folder is started
/// in this one; if it does not serve its working folder, nobody knows which one it serves.
fn open(scene: &mut Scene, files: &[(&str, &[u8])]) -> Outcome<Server> {
    let root = site(scene, files)?;
    if scene.takes("root") {
        return scene.tcp_server();
    }
    let mark = format!("{}.txt", scene.word(8));
    fs::write(root.join(&mark), &mark)?;
    let server = scene.tcp_server_in(&root)?;
    match get(scene, &server, &format!("/{mark}")) {
        Ok(answer) if answer.body == mark.as_bytes() => Ok(server),
        _ => Err(not_told("root")),
    }
}

/// A client once: it asks for the front page and gets some answer.
fn exchange(scene: &mut Scene, server: &Server) -> Outcome {
    get(scene, server, "/").map(drop)
}

// --- the checks

fn head(scene: &mut Scene) -> Outcome {
    let page = web::page(scene, 20);
    let server = open(scene, &[("page.html", &page)])?;
    let head = ask(scene, &server, "HEAD", &request("HEAD", "/page.html"))?;
    head.has_status(200)?;
    match head.field("Content-Length") {
        Some(length) if length != page.len().to_string() => {
            let right = page.len();
            let sentence =
                format!("The length is {length} in the answer to HEAD, and {right} for GET.");
            Err(wrong(Way::WrongField, sentence))
        }
        _ => Ok(()),
    }
}

fn content_type(scene: &mut Scene) -> Outcome {
    let server = open(scene, &[("a.html", b"<p>a</p>\n"), ("b.txt", b"b\n")])?;
    for (name, kind) in [("/a.html", "text/html"), ("/b.txt", "text/plain")] {
        let answer = get(scene, &server, name)?;
        answer.has_status(200)?;
        let Some(came) = answer.field("Content-Type") else {
            return Err(wrong(Way::Missing, format!("The answer for {name} has no Content-Type.")));
        };
        if !came.starts_with(kind) {
            let sentence = format!("The Content-Type of {name} is {came}, and not {kind}.");
            return Err(wrong(Way::WrongField, sentence));
        }
    }
    Ok(())
}

fn nothing_above(scene: &mut Scene) -> Outcome {
    let server = open(scene, &[])?;
    let root = scene.new_folder("site")?;
    fs::create_dir_all(root.join("folder"))?;
    let secret = root.with_file_name("secret.txt");
    let words = scene.sentence();
    fs::write(&secret, &words)?;
    let whole = secret.display().to_string();
    for target in [
        "/../secret.txt",
        "/folder/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/./.././secret.txt",
        "../secret.txt",
        &whole,
        &format!("/{whole}"),
    ] {
        let client = scene.connect(&server)?;
        client.send(request("GET", target).as_bytes())?;
        // Any answer will do, and none too: only the file must not be in it.
        let came = client.receive_to_end(MOST).unwrap_or_default();
        if came.windows(words.len()).any(|at| at == words.as_bytes()) {
            let sentence = format!("{target} brought a file that lies above the folder.");
            return Err(wrong(Way::Accepted, sentence));
        }
    }
    Ok(())
}

/// The server may answer before it has read all, and close.
fn too_large(scene: &mut Scene) -> Outcome {
    let server = open(scene, &[])?;
    let client = scene.connect(&server)?;
    let long = "a".repeat(150_000);
    let request = format!("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX: {long}\r\n\r\n");
    let _ = client.send(request.as_bytes());
    answer(&client, "GET")?.has_status(431)
}

fn too_late(scene: &mut Scene) -> Outcome {
    if !scene.takes("idle") {
        return Err(not_told("idle"));
    }
    site(scene, &[])?;
    scene.give("idle", "0.3");
    let server = scene.tcp_server()?;
    let client = scene.connect(&server)?;
    client.send(b"GET / HTTP/1.1\r\nHost: a\r\n")?;
    answer(&client, "GET")?.has_status(408)
}

fn with_idle_clients(scene: &mut Scene, number: usize) -> Outcome {
    site(scene, &[])?;
    let server = scene.tcp_server()?;
    let idle = servers::crowd(scene, &server, number)?;
    let served = exchange(scene, &server);
    drop(idle);
    served.map_err(|trouble| {
        let sentence =
            format!("With {} connected, the next one is not served.", count(number, "idle client"));
        trouble.or_rather(Way::Silent, Way::Waits, sentence)
    })
}

/// All have asked but for the last line end; then the last one ends its request first.
fn each_its_own(scene: &mut Scene) -> Outcome {
    let pages: Vec<(String, Vec<u8>)> =
        (0..CROWD).map(|i| (format!("{i}.html"), web::page(scene, 3))).collect();
    let files: Vec<(&str, &[u8])> =
        pages.iter().map(|(name, page)| (name.as_str(), page.as_slice())).collect();
    let server = open(scene, &files)?;
    let mut clients = Vec::new();
    for (name, page) in &pages {
        let client = scene.connect(&server)?;
        let asks = request("GET", &format!("/{name}"));
        client.send_in_pieces([&asks.as_bytes()[..asks.len() - 2]])?;
        clients.push((client, page));
    }
    clients.iter().rev().try_for_each(|(client, page)| {
        client.send(b"\r\n")?;
        answer(client, "GET")?.is(200, page)
    })
}

fn a_slow_reader_alone_waits(scene: &mut Scene) -> Outcome {
    let bytes = scene.bytes(12 << 20);
    let server = open(scene, &[("long.bin", &bytes)])?;
    let slow = scene.connect(&server)?;
    slow.send(request("GET", "/long.bin").as_bytes())?;
    slow.read(1)?; // the answer has begun
    scene.transcript().notes(slow.who(), "does not read the rest");
    exchange(scene, &server).map_err(|trouble| {
        let sentence = "While one client does not read, another one is not served.";
        trouble.or_rather(Way::Silent, Way::Waits, sentence)
    })
}

fn in_pieces(scene: &mut Scene) -> Outcome {
    let page = web::page(scene, 3);
    let server = open(scene, &[("page.html", &page)])?;
    let client = scene.connect(&server)?;
    let asks = request("GET", "/page.html");
    let (most, end) = asks.as_bytes().split_at(asks.len() - 4);
    let (line, rest) = most.split_at(6);
    client.send_in_pieces([line, rest])?;
    client.expect_nothing(Duration::from_millis(50))?;
    client.send_in_pieces(end.chunks(1))?;
    answer(&client, "GET")?.is(200, &page)
}

/// Two requests in one segment: the second is answered too, unless the first answer says that the
/// connection ends.
fn a_second_request(scene: &mut Scene) -> Outcome {
    let (first, second) = (web::page(scene, 3), web::page(scene, 4));
    let server = open(scene, &[("first.html", &first), ("second.html", &second)])?;
    let client = scene.connect(&server)?;
    let stays = request("GET", "/first.html").replace("Connection: close\r\n", "");
    client.send((stays + &request("GET", "/second.html")).as_bytes())?;

    let mut came = Vec::new();
    let (response, length) = loop {
        match Response::parse(&came) {
            Ok(Some(found)) => break found,
            Ok(None) => {}
            Err(_) => return understood(&client, "GET", &came).map(drop),
        }
        let piece = client.read(64 * 1024)?;
        if piece.is_empty() {
            return understood(&client, "GET", &came).map(drop);
        }
        came.extend(piece);
    };
    if response.minor == 0 || response.headers.has("Connection", "close") {
        return Ok(());
    }
    if came[length..].len() <= first.len() {
        let sentence = "Two requests came in one segment, and the second one is not answered.";
        came.extend(
            client
                .read(64 * 1024)
                .map_err(|trouble| trouble.or_rather(Way::Silent, Way::Silent, sentence))?,
        );
    }
    came.extend(client.receive_to_end(MOST)?);
    let mut rest = &came[length..];
    let body = body_of(&response, "GET", &mut rest);
    if body.is_ok_and(|body| body != first) {
        return Err(wrong(Way::Different, "The first body is not the file."));
    }
    if rest.is_empty() {
        let sentence = "The program closed the connection after its first answer, which did not say \
                        Connection: close; the second request is unanswered.";
        return Err(wrong(Way::Closed, sentence));
    }
    understood(&client, "GET", rest)?.is(200, &second)
}

fn survives_garbage(scene: &mut Scene) -> Outcome {
    site(scene, &[])?;
    let server = scene.tcp_server()?;
    let client = scene.connect(&server)?;
    let garbage = scene.bytes(2_000);
    client.send(&[&garbage[..], b"\r\n\r\n"].concat())?;
    client.finish();
    let _ = client.receive_to_end(MOST); // an answer or none
    servers::next_client_is_served(scene, &server, exchange, "after bytes that are no request")
}
