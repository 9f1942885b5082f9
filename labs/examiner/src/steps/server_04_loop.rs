//! `server_04_loop`: one client after the other, for ever; each gets `OK...` and what it sent.

use socket_labs::socket_table::Protocol::Tcp;

use super::lab5::{self, Stage};
use super::server_03_reply::{ADDED, BYTES, CLOSES, FIRST_READ, FULL_BUFFER, RESTART};
use crate::exam::mistakes::STRICT_DECODING;
use crate::exam::scene::Server;
use crate::exam::tcp::Conn;
use crate::exam::{Exam, Outcome, Scene, Way, must, servers, should};

/// Each answer begins with `OK...`.
const STAGE: Stage = Stage { prefix: "OK..." };

/// The backlog of the lab.
const BACKLOG: usize = 10;

/// What is examined.
pub const EXAM: Exam = Exam {
    step: "server_04_loop",
    arguments: &["--port", "{port}"],
    port: lab5::PORT,
    checks: &[
        must("listens", 2, "The program listens on its TCP port.", |scene| {
            scene.tcp_server().map(drop)
        }),
        must("answers", 4, "A client gets `OK...` and, right behind it, what it sent.", |scene| {
            let server = scene.tcp_server()?;
            exchange(scene, &server)
        })
        .needs(&["listens"])
        .hints(&[
            (Way::Silent, "Call recv() on the socket that accept() returned, then sendall()."),
            (Way::Closed, "After recv(), sendall() the answer, and close only then."),
            (Way::Different, "Send `OK...` and then the bytes as they came, in one sendall()."),
            (Way::Missing, "Send `OK...` and then all the bytes as they came, line end included."),
        ]),
        must(
            "answers_the_first_read",
            1,
            "A message without a line end is answered at once.",
            |scene| STAGE.answers_the_first_read(scene),
        )
        .needs(&["answers"])
        .hints(FIRST_READ),
        must(
            "nothing_is_added",
            1,
            "Nothing comes before the client sends, and nothing but the answer after.",
            |scene| STAGE.nothing_is_added(scene),
        )
        .needs(&["answers"])
        .hints(ADDED),
        must(
            "closes",
            2,
            "After the answer the program closes the connection, whatever the client does.",
            |scene| STAGE.closes(scene),
        )
        .needs(&["answers"])
        .hints(CLOSES),
        must(
            "next_client_is_served",
            4,
            "After one client comes the next: the program goes on for ever.",
            next_client_is_served,
        )
        .needs(&["answers"])
        .hints(&[
            (Way::Ended, "Put accept() and all that follows it into a loop without an end."),
            (Way::Silent, "accept() must be in the loop: each client has a socket of its own."),
            (Way::Refused, "Close the client's socket, and keep the one that listens."),
        ]),
        must(
            "no_stale_bytes",
            1,
            "A short message after a long one is answered with its own bytes alone.",
            no_stale_bytes,
        )
        .needs(&["next_client_is_served"])
        .hints(&[(
            Way::Extra,
            "Use the length that recv() tells: behind it is what an earlier client sent.",
        )]),
        should("every_byte_value", 1, "All 256 byte values come back as they were.", |scene| {
            STAGE.every_byte_value(scene)
        })
        .needs(&["answers"])
        .finds(&STRICT_DECODING)
        .hints(BYTES),
        should(
            "a_full_buffer",
            1,
            "1,024 bytes that arrive at once come back, all of them.",
            |scene| STAGE.a_full_buffer(scene),
        )
        .needs(&["answers"])
        .hints(FULL_BUFFER),
        should(
            "ten_wait_in_the_backlog",
            1,
            "While one client is silent, ten more can connect, and are served after it.",
            ten_wait_in_the_backlog,
        )
        .needs(&["next_client_is_served"])
        .hints(&[(
            Way::Waits,
            "The number that listen() takes is how many may wait: the lab's is 10.",
        )]),
        should(
            "survives_a_client_that_vanishes",
            1,
            "A client that leaves without a word does not end the server.",
            |scene| servers::survives_a_client_that_vanishes(scene, exchange),
        )
        .needs(&["next_client_is_served"])
        .hints(ONE_CLIENT),
        should(
            "survives_a_reset",
            1,
            "A client that resets its connection does not end the server.",
            |scene| servers::survives_a_reset(scene, exchange),
        )
        .needs(&["next_client_is_served"])
        .hints(ONE_CLIENT),
        should(
            "leaves_no_open_files",
            1,
            "200 clients one after the other leave the open files as they were.",
            |scene| servers::leaves_no_open_files(scene, Tcp, exchange),
        )
        .needs(&["next_client_is_served"]),
        should("waits_without_work", 1, "With nothing to do it uses no CPU.", |scene| {
            servers::waits_without_work(scene, Tcp)
        })
        .needs(&["listens"]),
        should(
            "port_taken",
            1,
            "Where its port is taken it ends with a sentence and exit code 1.",
            |scene| servers::port_taken(scene, Tcp),
        )
        .needs(&["listens"]),
        should(
            "restarts_at_once",
            1,
            "It can be started again while old connections are in TIME_WAIT.",
            |scene| servers::restarts_at_once(scene, hold, exchange),
        )
        .needs(&["answers"])
        .hints(RESTART),
        must("ends_at_sigterm", 1, "SIGTERM ends it.", |scene| {
            servers::ends_at_sigterm(scene, Tcp)
        })
        .needs(&["listens"]),
    ],
};

/// What to try where one client ends the server, or stops it.
pub(super) const ONE_CLIENT: &[(Way, &str)] = &[
    (Way::Ended, "An error of one client must not end the server: handle it, close, and go on."),
    (Way::Silent, "After an error of one client, go back to accept()."),
];

/// A client once.
fn exchange(scene: &mut Scene, server: &Server) -> Outcome {
    STAGE.asks(scene, server).map(drop)
}

/// A client that has its answer and stays.
fn hold(scene: &mut Scene, server: &Server) -> Outcome<Conn> {
    STAGE.asks(scene, server)
}

fn next_client_is_served(scene: &mut Scene) -> Outcome {
    let server = scene.tcp_server()?;
    exchange(scene, &server)?;
    for after in ["after its first client", "after its second client"] {
        servers::goes_on(&server, after)?;
        servers::next_client_is_served(scene, &server, exchange, after)?;
    }
    Ok(())
}

fn no_stale_bytes(scene: &mut Scene) -> Outcome {
    let server = scene.tcp_server()?;
    let (long, short) = (scene.word(60) + "\n", scene.word(6) + "\n");
    STAGE.asks_with(scene, &server, long.as_bytes())?.finish();
    let client = STAGE.asks_with(scene, &server, short.as_bytes())?;
    lab5::nothing_more(&client)
}

fn ten_wait_in_the_backlog(scene: &mut Scene) -> Outcome {
    let server = scene.tcp_server()?;
    let silent = scene.connect(&server)?;
    let mut waiting = Vec::new();
    for number in 1..=BACKLOG {
        let client = scene.connect(&server).map_err(|trouble| {
            let sentence = format!(
                "While one client is silent, number {number} of {BACKLOG} more could not connect."
            );
            trouble.or_rather(Way::Waits, Way::Waits, sentence)
        })?;
        let sentence = scene.sentence() + "\n";
        client.send(sentence.as_bytes())?;
        waiting.push((client, sentence));
    }
    silent.send(b"at last\n")?;
    silent.expect(&STAGE.answer(b"at last\n"))?;
    silent.close();
    // Each leaves when it has its answer.
    waiting
        .into_iter()
        .try_for_each(|(client, sentence)| client.expect(&STAGE.answer(sentence.as_bytes())))
}
