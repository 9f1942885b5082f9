//! `http_03_connect`: a connection to the web server, and nothing sent.

use super::web;
use crate::exam::mistakes::NO_TIMEOUT;
use crate::exam::{Exam, Outcome, Scene, Trouble, Way, must, should, wrong};

/// What is examined.
pub const EXAM: Exam = Exam {
    step: "http_03_connect",
    arguments: &["{host}", "--port", "{port}", "--timeout", "{timeout}"],
    port: 80,
    checks: &[
        must("connects", 4, "The program connects to the address of the name, at the port of the server.", |scene| {
            let (_, door) = web::open(scene)?;
            let program = scene.start()?;
            door.accept(&program).map(drop)
        })
        .hints(&[
            (Way::Ended, "Give connect() the address that you found and the port: 80, or the one on the command line."),
            (Way::Silent, "Call connect() with the address that you found."),
        ]),
        must("prints_the_address", 1, "The program prints the address that it is connected to.", prints_the_address)
            .needs(&["connects"])
            .hints(&[(Way::NotPrinted, "Print the address that you gave to connect(), or what getpeername() says.")]),
        must("sends_nothing", 1, "The program sends no byte: that is the next stage.", sends_nothing)
            .needs(&["connects"])
            .hints(&[(Way::TooMuch, "Leave send() for http_04_send.")]),
        must("ends_well", 1, "Once connected, the program ends with exit code 0.", |scene| {
            let (_, door) = web::open(scene)?;
            let program = scene.start()?;
            let _conn = door.accept(&program)?;
            web::settled(program.succeeds())
        })
        .needs(&["connects"])
        .hints(&[(Way::StillRuns, "There is nothing to wait for: recv() belongs to http_05_receive.")]),
        should("refused", 1, "Where nobody listens: a sentence, and exit code 1.", web::refused)
            .needs(&["connects"])
            .hints(web::ERRORS),
        should("unanswered", 1, "Where nobody answers: a sentence after a finite wait, and exit code 1.", web::unanswered)
            .needs(&["refused"])
            .finds(&NO_TIMEOUT)
            .hints(&[
                (Way::StillRuns, "Set a timeout before connect(): the system's own is two minutes."),
                (Way::Traceback, "A timeout is an error like another: handle it, and print one sentence."),
            ]),
    ],
};

fn prints_the_address(scene: &mut Scene) -> Outcome {
    let (site, door) = web::open(scene)?;
    let program = scene.start()?;
    let _conn = door.accept(&program)?;
    program.prints("the address of the server", &[&site.address.ip().to_string()])
}

fn sends_nothing(scene: &mut Scene) -> Outcome {
    let (_, door) = web::open(scene)?;
    let program = scene.start()?;
    let conn = door.accept(&program)?;
    match conn.receive_to_end(64 * 1024) {
        Ok(came) if !came.is_empty() => {
            let sentence = "The program sent something over its connection.";
            Err(wrong(Way::TooMuch, sentence).with_bytes(b"", &came))
        }
        // That it does not close is another check's matter.
        Ok(_) => Ok(()),
        Err(Trouble::Wrong(_)) => Ok(()),
        Err(trouble) => Err(trouble),
    }
}
