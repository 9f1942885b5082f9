//! `server_01_bind`: a socket gets an address, and the program ends.

use socket_labs::socket_table::Protocol::Tcp;

use super::lab5;
use crate::exam::calls::{self, Call, Kind};
use crate::exam::program::until;
use crate::exam::{
    Exam, Outcome, PATIENCE, Scene, Trouble, Way, beyond, must, servers, should, wrong,
};

/// What is examined.
pub const EXAM: Exam = Exam {
    step: "server_01_bind",
    arguments: &["--port", "{port}"],
    port: lab5::PORT,
    checks: &[
        must("ends", 2, "The program does its work and ends with exit code 0.", |scene| {
            scene.start()?.succeeds()
        })
        .hints(&[
            (Way::StillRuns, "bind() waits for nobody: leave accept() for stage 2, and end."),
            (Way::Traceback, "Look at the last line of the traceback: which call failed, and why?"),
        ]),
        must(
            "binds",
            4,
            "The program ties a TCP socket to the port of the lab with bind().",
            binds,
        )
        .needs(&["ends"])
        .hints(&[
            (
                Way::NotDone,
                "Call bind() on a socket of type SOCK_STREAM, with the port of the lab.",
            ),
            (Way::WrongAddress, "Look at the address and the port that you give to bind()."),
        ]),
        beyond(
            "does_not_listen",
            "The socket is bound and does not listen: that is stage 2.",
            does_not_listen,
        )
        .hints(&[(
            Way::TooMuch,
            "Where bind() is a call of its own, leave listen() for stage 2. std's TcpListener::bind() does \
             both: socket2 has them one by one.",
        )]),
        must(
            "prints_the_port",
            1,
            "The program prints the port that its socket is bound to.",
            prints_the_port,
        )
        .needs(&["ends"])
        .hints(&[(
            Way::NotPrinted,
            "After bind(), print where the socket is bound: address and port.",
        )]),
        should(
            "port_taken",
            2,
            "Where its port is taken it ends with a sentence and exit code 1.",
            |scene| servers::port_taken(scene, Tcp),
        )
        .needs(&["binds"])
        .hints(&[
            (Way::ExitCode, "When bind() fails, end with exit code 1: 0 means that all went well."),
            (
                Way::Traceback,
                "Handle the error of bind(), and print one sentence in place of a traceback.",
            ),
        ]),
    ],
};

/// The call itself is the proof. Where it cannot be seen, a taken port is: only bind() notices it.
fn binds(scene: &mut Scene) -> Outcome {
    let watched = calls::watch(scene.transcript());
    scene.start()?.wait()?;
    let seen = watched.as_ref().map(calls::Calls::seen).unwrap_or_default();
    let addresses = |of| {
        let address = move |call: &Call| match *call {
            Call::Bind(kind, address) if kind == of => Some(address),
            _ => None,
        };
        seen.iter().filter_map(address)
    };
    let (port, mut tcp) = (scene.port(), addresses(Kind::Tcp));
    if tcp.any(|address| address.port() == port && lab5::reaches(scene, address.ip())) {
        return Ok(());
    }
    if let Some(other) = addresses(Kind::Tcp).next_back() {
        let sentence = format!("The program binds {other}, and not {}.", lab5::address(scene));
        return Err(wrong(Way::WrongAddress, sentence));
    }
    let _taken = servers::take_port(scene, Tcp)?;
    let ended = scene.start()?.wait()?;
    if ended.code != Some(0) {
        return Ok(());
    }
    if let Err(error) = watched {
        return Err(Trouble::NotHere(format!("calls cannot be watched here: {error}")));
    }
    let sentence = match addresses(Kind::Udp).next() {
        Some(address) => format!("The program binds a UDP socket to {address}, and no TCP socket."),
        None => "The program ends without a bind(), and a taken port does not trouble it.".into(),
    };
    Err(wrong(Way::NotDone, sentence))
}

fn does_not_listen(scene: &mut Scene) -> Outcome {
    let calls = calls::watch(scene.transcript())
        .map_err(|error| Trouble::NotHere(format!("calls cannot be watched here: {error}")))?;
    let program = scene.start()?;
    let listens = || calls.seen().contains(&Call::Listen);
    until(PATIENCE, || (listens() || program.ended().is_some()).then_some(()));
    if listens() {
        let sentence = "The program calls listen(): clients can connect, and nobody serves them.";
        return Err(wrong(Way::TooMuch, sentence));
    }
    Ok(())
}

fn prints_the_port(scene: &mut Scene) -> Outcome {
    let port = scene.port().to_string();
    let program = scene.start()?;
    program.prints("the port that its socket is bound to", &[&port])
}
