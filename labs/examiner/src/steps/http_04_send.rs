//! `http_04_send`: a request of HTTP/1.1.

use std::time::Duration;

use super::web::{self, Site};
use crate::exam::program::Program;
use crate::exam::tcp::Conn;
use crate::exam::{Exam, Outcome, PATIENCE, Scene, Trouble, Way, clients, must, should, wrong};

/// What is examined.
pub const EXAM: Exam = Exam {
    step: "http_04_send",
    arguments: &["{host}", "--port", "{port}", "--timeout", "{timeout}"],
    port: 80,
    checks: &[
        must("sends_a_request", 3, "The program connects and sends a request: some lines, then an empty one.", |scene| {
            asked(scene).map(drop)
        })
        .hints(&[
            (Way::Missing, "A request ends with an empty line: b\"\\r\\n\\r\\n\" at its end."),
            (Way::Silent, "Send the request with sendall() when connect() has returned."),
            (Way::Closed, "Send the request with sendall() when connect() has returned."),
        ]),
        must("request_line", 2, "The first line is GET / HTTP/1.1.", |scene| {
            web::has_request_line(&asked(scene)?.head, "/")
        })
        .needs(&["sends_a_request"])
        .hints(&[(Way::Different, "Method, target, version, with one space between them: GET / HTTP/1.1.")]),
        must("names_the_host", 2, "A Host line names the server.", |scene| {
            let asked = asked(scene)?;
            web::names_the_host(&asked.head, &asked.site)
        })
        .needs(&["sends_a_request"])
        .hints(&[
            (Way::Missing, "HTTP/1.1 needs the line \"Host: \" with the name of the server."),
            (Way::WrongField, "Put the name of the server that you ask into the Host line, not another one."),
        ]),
        must("asks_to_close", 1, "A Connection line asks the server to close after its answer.", asks_to_close)
            .needs(&["sends_a_request"])
            .hints(&[
                (Way::Missing, "Add the line \"Connection: close\": the end of the stream is the end of the answer then."),
                (Way::WrongField, "Write \"Connection: close\"."),
            ]),
        must("line_ends", 1, "Every line ends with CR LF.", line_ends)
            .needs(&["sends_a_request"])
            .hints(&[(Way::Different, "End each line with \\r\\n, the empty one too.")]),
        must("nothing_more", 1, "The program sends one request, and no byte behind its empty line.", nothing_more)
            .needs(&["sends_a_request"])
            .hints(&[(Way::Extra, "A GET has no body: the empty line is its end, and one request is enough.")]),
        must("shows_the_request", 1, "The program prints the request that it sent, with its \\r\\n visible.", shows_the_request)
            .needs(&["sends_a_request"])
            .hints(&[(Way::NotPrinted, "Print the request with its \\r and \\n escaped, as repr() in Python and {:?} in Rust do.")]),
        must("ends_well", 1, "After its request the program ends with exit code 0.", |scene| {
            let asked = asked(scene)?;
            let _ = asked.conn.send(&web::response(b"hello\n")); // it need not read
            asked.conn.close();
            asked.program.succeeds()
        })
        .needs(&["sends_a_request"]),
        should("a_silent_server", 1, "Where the server says nothing, the program ends all the same.", |scene| {
            clients::give_up_soon(scene);
            let asked = asked(scene)?;
            scene.transcript().notes("server", "says nothing");
            let patience = clients::longest_wait(scene);
            let after = "where the server says nothing";
            web::settled(web::ends_somehow(&asked.program, patience, after))
        })
        .needs(&["ends_well"])
        .hints(&[(Way::StillRuns, "recv() belongs to the next stage; if you call it here, give the socket a timeout.")]),
        should("refused", 1, "Where nobody listens: a sentence, and exit code 1.", web::refused)
            .needs(&["sends_a_request"])
            .hints(web::ERRORS),
    ],
};

/// A program that has sent its request.
struct Asked {
    site: Site,
    program: Program,
    conn: Conn,
    head: Vec<u8>,
    behind: Vec<u8>,
}

fn asked(scene: &mut Scene) -> Outcome<Asked> {
    let (site, door) = web::open(scene)?;
    let program = scene.start()?;
    let conn = door.accept(&program)?;
    let (head, behind) = web::request(&conn)?;
    Ok(Asked { site, program, conn, head, behind })
}

fn asks_to_close(scene: &mut Scene) -> Outcome {
    match web::field(&asked(scene)?.head, "Connection") {
        Some(value) if value.eq_ignore_ascii_case("close") => Ok(()),
        Some(value) => Err(wrong(
            Way::WrongField,
            format!("The Connection field is {value:?}, and not close."),
        )),
        None => Err(wrong(Way::Missing, "The request has no Connection field.")),
    }
}

fn line_ends(scene: &mut Scene) -> Outcome {
    let head = asked(scene)?.head;
    let right: String = web::lines(&head).iter().map(|line| format!("{line}\r\n")).collect();
    if head == right.as_bytes() {
        return Ok(());
    }
    let sentence = "Not every line of the request ends with CR LF.";
    Err(wrong(Way::Different, sentence).with_bytes(right.as_bytes(), &head))
}

fn nothing_more(scene: &mut Scene) -> Outcome {
    let asked = asked(scene)?;
    let mut behind = asked.behind;
    if behind.is_empty()
        && let Err(Trouble::Wrong(finding)) = asked.conn.expect_nothing(Duration::from_millis(100))
        && let Some((_, came)) = finding.bytes
    {
        behind = came;
    }
    if behind.is_empty() {
        return Ok(());
    }
    let sentence = "The program sent more behind the empty line that ends its request.";
    Err(wrong(Way::Extra, sentence).with_bytes(b"", &behind))
}

/// It shows what it sent, whether that is right or not.
fn shows_the_request(scene: &mut Scene) -> Outcome {
    /// How people show a line end.
    const VISIBLE: &[&str] =
        &["\\r\\n", "<cr><lf>", "<crlf>", "[cr][lf]", "␍␊", "\\x0d\\x0a", "^m", "0d 0a", "0d0a"];
    let asked = asked(scene)?;
    let _ = asked.conn.send(&web::response(b"hello\n"));
    asked.conn.close();
    let lines = web::lines(&asked.head);
    let words: Vec<&str> = lines.iter().map(String::as_str).take(2).collect();
    asked.program.prints("the request that it sent", &words)?;
    let has_cr = asked.head.contains(&b'\r');
    let shows_ends = |out: &[u8]| {
        let text = String::from_utf8_lossy(out).to_lowercase();
        VISIBLE.iter().any(|end| text.contains(end)) || (!has_cr && text.contains("\\n"))
    };
    if asked.program.stdout().wait_for(PATIENCE, shows_ends) {
        return Ok(());
    }
    Err(wrong(
        Way::NotPrinted,
        "The program printed its request, and the line ends cannot be seen.",
    ))
}
