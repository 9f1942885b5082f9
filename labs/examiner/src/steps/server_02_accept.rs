//! `server_02_accept`: listens, accepts one client, and ends.

use socket_labs::socket_table::{Protocol::Tcp, Row, State, read_some};

use super::lab5;
use crate::exam::program::until;
use crate::exam::scene::Server;
use crate::exam::tcp::Conn;
use crate::exam::{Exam, Outcome, PATIENCE, Scene, Trouble, Way, must, servers, should, wrong};

/// What is examined.
pub const EXAM: Exam = Exam {
    step: "server_02_accept",
    arguments: &["--port", "{port}"],
    port: lab5::PORT,
    checks: &[
        must("listens", 2, "The program listens on its TCP port.", |scene| {
            scene.tcp_server().map(drop)
        })
        .hints(&[(Way::NotReady, "Call listen() after bind().")]),
        must(
            "waits_for_a_client",
            2,
            "The program waits for a client, and uses no CPU meanwhile.",
            waits_for_a_client,
        )
        .needs(&["listens"])
        .fragile_if(&[Way::Busy])
        .hints(&[
            (Way::Ended, "Call accept(): it waits until a client comes."),
            (Way::Busy, "Let accept() wait: call it once, on a socket that blocks."),
        ]),
        must("accepts", 3, "The program takes the connection of a client with accept().", accepts)
            .needs(&["waits_for_a_client"])
            .hints(&[(Way::NotDone, "Call accept() on the socket that listens.")]),
        must(
            "prints_the_client",
            2,
            "The program prints the address and the port of its client.",
            prints_the_client,
        )
        .needs(&["accepts"])
        .hints(&[(
            Way::NotPrinted,
            "accept() returns the client's address too: print both parts of it.",
        )]),
        must(
            "ends_after_one_client",
            3,
            "After one client, who says nothing, it ends with exit code 0.",
            ends_after_one_client,
        )
        .needs(&["accepts"])
        .hints(&[
            (Way::TooMuch, "This stage accepts one client: leave the loop for stage 4."),
            (Way::StillRuns, "After accept() there is nothing left to do: no recv() (stage 3), no loop (stage 4)."),
        ]),
        must("says_nothing", 1, "The program sends nothing to its client.", says_nothing)
            .needs(&["ends_after_one_client"])
            .hints(&[(Way::TooMuch, "Leave recv() and sendall() for stage 3.")]),
        should(
            "survives_a_reset",
            1,
            "A client that resets its connection leads to no traceback.",
            survives_a_reset,
        )
        .needs(&["ends_after_one_client"])
        .hints(&[(
            Way::Traceback,
            "The client may be gone already: print the address that accept() returned.",
        )]),
        should(
            "port_taken",
            1,
            "Where its port is taken it ends with a sentence and exit code 1.",
            |scene| servers::port_taken(scene, Tcp),
        )
        .needs(&["listens"]),
        must("ends_at_sigterm", 1, "SIGTERM ends it.", |scene| {
            servers::ends_at_sigterm(scene, Tcp)
        })
        .needs(&["waits_for_a_client"]),
    ],
};

fn waits_for_a_client(scene: &mut Scene) -> Outcome {
    let server = scene.tcp_server()?;
    servers::uses_no_cpu(scene, &server.program)?;
    server.program.still_runs("before a client came")
}

fn accepts(scene: &mut Scene) -> Outcome {
    let server = scene.tcp_server()?;
    let client = scene.connect(&server)?;
    if until(PATIENCE, || is_accepted(scene, &server, &client).then_some(())).is_some() {
        return Ok(());
    }
    let words = "its connection waits in the queue of the socket that listens";
    scene.transcript().notes(client.who(), words);
    Err(wrong(Way::NotDone, "A client is connected, and the program does not accept() it."))
}

/// Whether the program has taken a connection: it has the socket or had it and closed it, or it has
/// ended.
fn is_accepted(scene: &Scene, server: &Server, client: &Conn) -> bool {
    let Ok(address) = client.local() else { return false };
    let theirs = |row: &Row| row.protocol == Tcp && row.remote == Some(address);
    let closed = |row: &Row| row.local == address && row.state == Some(State::CloseWait);
    server.program.ended().is_some()
        || !scene.sockets(theirs).is_empty()
        || read_some(closed).is_ok_and(|rows| !rows.is_empty())
}

fn prints_the_client(scene: &mut Scene) -> Outcome {
    let server = scene.tcp_server()?;
    let client = scene.connect(&server)?;
    let address = client.local()?;
    let words = [address.ip().to_string(), address.port().to_string()];
    server.program.prints("the address and the port of its client", &[&words[0], &words[1]])
}

fn ends_after_one_client(scene: &mut Scene) -> Outcome {
    let server = scene.tcp_server()?;
    let _client = scene.connect(&server)?;
    let Err(trouble) = server.program.succeeds() else { return Ok(()) };
    if server.program.ended().is_none() {
        let second = scene.connect(&server)?;
        let accepted = || is_accepted(scene, &server, &second).then_some(());
        if until(PATIENCE / 10, accepted).is_some() {
            scene.transcript().notes(second.who(), "is accepted");
            let sentence = "The program accepted a second client, in place of ending.";
            return Err(wrong(Way::TooMuch, sentence));
        }
    }
    let sentence = "The program has accepted its client, who says nothing, and still runs.";
    Err(trouble.or_rather(Way::StillRuns, Way::StillRuns, sentence))
}

fn says_nothing(scene: &mut Scene) -> Outcome {
    let server = scene.tcp_server()?;
    let client = scene.connect(&server)?;
    let sentence = scene.sentence() + "\r\n";
    let _ = client.send(sentence.as_bytes()); // it may be closed already
    match client.read(1024) {
        Ok(came) if !came.is_empty() => {
            let sentence =
                format!("{} received something.", crate::exam::tcp::capital(client.who()));
            Err(wrong(Way::TooMuch, sentence).with_bytes(b"", &came))
        }
        Err(Trouble::Examiner(why)) => Err(Trouble::Examiner(why)),
        _ => Ok(()),
    }
}

fn survives_a_reset(scene: &mut Scene) -> Outcome {
    let server = scene.tcp_server()?;
    scene.connect(&server)?.reset();
    lab5::ends_in_order(&server, "after a client that reset its connection")
}
