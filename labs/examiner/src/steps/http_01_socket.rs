//! `http_01_socket`: a TCP socket, and nothing more.

use std::net::SocketAddr;

use super::web;
use crate::exam::{Exam, Outcome, Scene, Way, must, wrong};

/// What is examined.
pub const EXAM: Exam = Exam {
    step: "http_01_socket",
    arguments: &[],
    port: 80,
    checks: &[
        must("ends_well", 1, "The program ends by itself, with exit code 0.", |scene| {
            scene.start()?.succeeds()
        }),
        must("says_so", 1, "The program says that it has a socket, in any words.", says_so)
            .needs(&["ends_well"])
            .hints(&[(Way::NotPrinted, "Print a line when socket() has returned.")]),
        must(
            "creates_a_socket",
            3,
            "The program asks the system for a TCP socket of IPv4, and says so where it gets none.",
            creates_a_socket,
        )
        .needs(&["says_so"])
        .fragile_if(&[Way::Traceback, Way::ExitCode, Way::NoMessage])
        .hints(&[
            (
                Way::NotDone,
                "Call socket() with AF_INET and SOCK_STREAM before you say that you have one.",
            ),
            (
                Way::Traceback,
                "Handle the error of socket(): print one sentence and end with exit code 1.",
            ),
            (Way::ExitCode, "End with exit code 1 where socket() fails."),
        ]),
        must(
            "asks_nobody",
            1,
            "The program connects to no one: that is a later stage.",
            asks_nobody,
        )
        .needs(&["ends_well"])
        .hints(&[(Way::TooMuch, "Leave connect() for http_03_connect.")]),
    ],
};

fn says_so(scene: &mut Scene) -> Outcome {
    let program = scene.start()?;
    program.succeeds()?;
    if program.stdout().text().trim().is_empty() {
        return Err(wrong(Way::NotPrinted, "Nothing is on the program's standard output."));
    }
    Ok(())
}

/// A program that only says that it has a socket says so too where the system gives it none.
fn creates_a_socket(scene: &mut Scene) -> Outcome {
    let with = scene.start()?;
    with.succeeds()?;
    let without = scene.start_without_tcp()?;
    let ended = without.wait()?;
    if ended.code == Some(0) && without.printed() == with.printed() {
        let sentence = "Where the system refuses every TCP socket of IPv4, the program says the \
                        same as ever: it has not asked for one.";
        return Err(wrong(Way::NotDone, sentence));
    }
    without.fails("where the system refuses a socket")
}

fn asks_nobody(scene: &mut Scene) -> Outcome {
    let ip = scene.loopback_address();
    scene.names(&[(ip.into(), web::DEFAULT)])?;
    let door = scene.listen("server", SocketAddr::new(ip.into(), 80))?;
    let program = scene.start()?;
    web::has_no_caller(scene, &door, &program)
}
