//! 13: two sends, one recv.

use super::connection::{arrived, connection, received};
use crate::ask::{Outcome, Question, Trial, choice};

pub const TWO_SENDS_ONE_RECV: Question = Question {
    step: "http_05_receive",
    asks: "A client sends 7 bytes and then, in a second send(), 5 more. All have arrived when the \
           server calls recv(1024) for the first time. What does that call return?",
    choices: &[
        choice(
            "The first 7 bytes: one recv() returns what one send() sent.",
            &[("one recv(1024) after two sends", "7 bytes")],
        ),
        choice(
            "All 12 bytes at once.",
            &[
                ("one recv(1024) after two sends", "12 bytes"),
                ("a recv() between the sends", "7 bytes, then 5 bytes"),
                ("recv(5), of 12 bytes", "5 bytes, then 5 bytes, then 2 bytes"),
            ],
        ),
        choice(
            "Nothing yet: recv(1024) waits until 1,024 bytes are there.",
            &[("one recv(1024) after two sends", "timed out")],
        ),
        choice(
            "An error, because two messages are waiting.",
            &[("one recv(1024) after two sends", "EMSGSIZE")],
        ),
    ],
    right: 'b',
    lanes: &["client", "server"],
    takes: "",
    experiment,
    explanation: &[
        "TCP carries a stream of bytes. It keeps their order, and forgets where one send() ended and \
         the next began. recv(n) returns what is there: at least 1 byte, at most n.",
        "So the same 12 bytes came in one piece, in two and in three. It depended on when the \
         server read, and on how much it asked for. Over a real network it also depends on the packets.",
        "A program that needs messages must mark their ends itself: with a line end, with a length \
         (Content-Length), or with the end of the stream. And it must call recv() in a loop.",
    ],
    elsewhere: "",
};

fn experiment(trial: &mut Trial) -> Outcome {
    let together = connection(trial, trial.address(8080)?)?;
    let (client, server) = (&together.client, &together.server);

    client.send(b"hello, ")?;
    client.send(b"world")?;
    arrived(trial, server, 12);
    let once = server.recv(1024);
    trial.fact("one recv(1024) after two sends", received(&once));

    trial.note("The server reads after each send().");
    client.send(b"hello, ")?;
    let first = server.recv(1024);
    client.send(b"world")?;
    let second = server.recv(1024);
    let both = format!("{}, then {}", received(&first), received(&second));
    trial.fact("a recv() between the sends", both);

    trial.note("The server reads 5 bytes at a time.");
    client.send(b"hello, world")?;
    arrived(trial, server, 12);
    let pieces = [server.recv(5), server.recv(5), server.recv(5)];
    trial.fact("recv(5), of 12 bytes", pieces.each_ref().map(received).join(", then "));
    Ok(())
}
