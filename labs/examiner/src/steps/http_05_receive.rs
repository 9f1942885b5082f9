//! `http_05_receive`: the response of a web server, whole and byte by byte, on standard output.

use super::web::{self, answer, page, response};
use crate::exam::clients::{self, DRIPPING_HINTS};
use crate::exam::mistakes::{NO_TIMEOUT, ONE_RECV, STRICT_DECODING};
use crate::exam::program::At;
use crate::exam::{Exam, Outcome, Scene, Way, beyond, must, should};

/// Lines of a page that does not fit one segment, nor any buffer of a few kilobytes.
const LONG: usize = 4_000;

/// What is examined.
pub const EXAM: Exam = Exam {
    step: "http_05_receive",
    arguments: &["{host}", "--port", "{port}", "--timeout", "{timeout}"],
    port: 80,
    checks: &[
        must("prints_the_response", 4, "The program prints the whole response, head and body, and ends.", |scene| {
            let page = page(scene, 10);
            shows(scene, &response(&page))
        })
        .hints(&[
            (Way::NotPrinted, "Write the bytes that recv() brought to standard output as they are: no repr(), no decoding."),
            (Way::Different, "Write the bytes that recv() brought to standard output as they are: no repr(), no decoding."),
            (Way::Missing, "The response has a head and a body: print both, from the first byte to the last."),
            (Way::StillRuns, "recv() that brings nothing is the end of the stream: stop then."),
        ]),
        must("reads_to_the_end", 3, "A long response is received to the end of the stream.", |scene| {
            let page = page(scene, LONG);
            shows(scene, &response(&page))
        })
        .needs(&["prints_the_response"])
        .finds(&ONE_RECV)
        .hints(&[
            (Way::Missing, "One recv() brings a part: call it again until it brings nothing."),
            (Way::Different, "Print every piece once, in the order of their arrival, and nothing between them."),
        ]),
        must("without_a_length", 1, "A response without a Content-Length is received to the end of the stream.", |scene| {
            let page = page(scene, 1_000);
            shows(scene, &answer("200 OK", &[], &page))
        })
        .needs(&["prints_the_response"])
        .hints(&[(Way::Missing, "Let the end of the stream be the end, and not a field of the head.")]),
        should("byte_by_byte", 1, "A response that arrives byte by byte is received as well.", |scene| {
            let short = format!("HTTP/1.1 200 OK\r\n\r\n{}\n", scene.word(8));
            let pieces = web::in_bytes(short.as_bytes(), 15);
            arrives(scene, short.as_bytes(), &pieces)
        })
        .needs(&["prints_the_response"])
        .hints(&[
            (Way::Missing, "A short recv() is not the end: only one that brings nothing is."),
            (Way::Different, "Print the pieces one behind the other; what you say about them goes to standard error."),
            (Way::NotPrinted, "Print the pieces one behind the other; what you say about them goes to standard error."),
        ]),
        should("every_byte_value", 1, "A body of all byte values, NUL among them, is printed as it is.", |scene| {
            let body: Vec<u8> = (0..=255).chain((0..=255).rev()).collect();
            shows(scene, &response(&body))
        })
        .needs(&["prints_the_response"])
        .finds(&STRICT_DECODING)
        .hints(&[
            (Way::Traceback, "A body is bytes and not always UTF-8: write it without decoding (sys.stdout.buffer in Python)."),
            (Way::Different, "A body is bytes, not text, and NUL does not end it: write what recv() brought, undecoded."),
            (Way::Missing, "A body is bytes, not text, and NUL does not end it: write what recv() brought, undecoded."),
        ]),
        should("no_response", 1, "Where the server closes without a byte, the program ends without a traceback.", no_response)
            .needs(&["prints_the_response"])
            .hints(&[
                (Way::Traceback, "A response may be empty: look whether there is something before you use it."),
                (Way::StillRuns, "recv() that brings nothing is the end of the stream, also the first time."),
            ]),
        should("a_silent_server", 1, "Where the server says nothing: a sentence after a finite wait, and exit code 1.", web::silent)
            .needs(&["prints_the_response"])
            .finds(&NO_TIMEOUT)
            .hints(web::ERRORS),
        beyond("a_dripping_server", "Where a response comes byte by byte without an end, the wait is finite too.", a_dripping_server)
            .needs(&["prints_the_response"])
            .hints(DRIPPING_HINTS),
        should("a_reset", 1, "Where the connection is reset: a sentence, and exit code 1.", web::reset_midway)
            .needs(&["prints_the_response"])
            .hints(web::ERRORS),
        should("refused", 1, "Where nobody listens: a sentence, and exit code 1.", web::refused)
            .needs(&["prints_the_response"])
            .hints(web::ERRORS),
    ],
};

/// The program prints this response, which arrives at once.
fn shows(scene: &mut Scene, response: &[u8]) -> Outcome {
    arrives(scene, response, &[response])
}

/// The program prints this response, which arrives in these pieces.
fn arrives(scene: &mut Scene, response: &[u8], pieces: &[&[u8]]) -> Outcome {
    let (_, door) = web::open(scene)?;
    let program = scene.start_at(At::Pipes)?;
    web::serve(&door, &program, pieces.iter().copied())?;
    program.succeeds()?;
    web::printed(&program, "the response", response)
}

fn no_response(scene: &mut Scene) -> Outcome {
    let (_, door) = web::open(scene)?;
    let program = scene.start()?;
    web::serve(&door, &program, [])?;
    web::ends_somehow(&program, clients::longest_wait(scene), "after the server closed")
}

/// The response names a length that it never has, so that no program takes it for whole.
fn a_dripping_server(scene: &mut Scene) -> Outcome {
    clients::give_up_soon(scene);
    let (_, door) = web::open(scene)?;
    let program = scene.start()?;
    let conn = door.accept(&program)?;
    web::request(&conn)?;
    let beginning = answer("200 OK", &[("Content-Length", "1000000")], b"<p>");
    clients::dripping_server(scene, &program, &conn, &beginning)
}
