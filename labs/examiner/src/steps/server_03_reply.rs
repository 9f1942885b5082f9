//! `server_03_reply`: sends the first bytes that it reads back as they are, closes, and ends.

use socket_labs::socket_table::Protocol::Tcp;

use super::lab5::{self, Stage};
use crate::exam::mistakes::STRICT_DECODING;
use crate::exam::scene::Server;
use crate::exam::{Exam, Outcome, Scene, Way, must, servers, should};

/// What came goes back.
const STAGE: Stage = Stage { prefix: "" };

/// What is examined.
pub const EXAM: Exam = Exam {
    step: "server_03_reply",
    arguments: &["--port", "{port}"],
    port: lab5::PORT,
    checks: &[
        must("listens", 2, "The program listens on its TCP port.", |scene| {
            scene.tcp_server().map(drop)
        }),
        must("replies", 4, "What a client sends comes back as it is.", |scene| {
            let server = scene.tcp_server()?;
            STAGE.asks(scene, &server).map(drop)
        })
        .needs(&["listens"])
        .hints(&[
            (
                Way::Silent,
                "Call recv() on the socket that accept() returned, and sendall() what it brought.",
            ),
            (Way::Closed, "Call recv() and then sendall(), and close after that."),
            (Way::Reset, "Call recv() before you close: closing with unread data resets."),
            (Way::Different, "Send back what came as it is: `OK...` belongs to stage 4."),
            (Way::Missing, "Send back the bytes as they came, line end included."),
        ]),
        must(
            "answers_the_first_read",
            1,
            "A message without a line end comes back at once.",
            |scene| STAGE.answers_the_first_read(scene),
        )
        .needs(&["replies"])
        .hints(FIRST_READ),
        must(
            "nothing_is_added",
            1,
            "Nothing comes before the client sends, and nothing but its bytes after.",
            |scene| STAGE.nothing_is_added(scene),
        )
        .needs(&["replies"])
        .hints(ADDED),
        must(
            "closes",
            2,
            "After the reply the program closes the connection, whatever the client does.",
            |scene| STAGE.closes(scene),
        )
        .needs(&["replies"])
        .hints(CLOSES),
        must("ends", 2, "After one client it ends with exit code 0.", |scene| {
            let server = scene.tcp_server()?;
            STAGE.asks(scene, &server)?.finish();
            server.program.succeeds()
        })
        .needs(&["replies"])
        .hints(&[(Way::StillRuns, "One client is enough here: leave the loop for stage 4.")]),
        should("every_byte_value", 1, "All 256 byte values come back as they were.", |scene| {
            STAGE.every_byte_value(scene)
        })
        .needs(&["replies"])
        .finds(&STRICT_DECODING)
        .hints(BYTES),
        should(
            "a_full_buffer",
            1,
            "1,024 bytes that arrive at once come back, all of them.",
            |scene| STAGE.a_full_buffer(scene),
        )
        .needs(&["replies"])
        .hints(FULL_BUFFER),
        should(
            "survives_a_client_that_vanishes",
            1,
            "A client that leaves without a word leads to an orderly end.",
            |scene| {
                let server = scene.tcp_server()?;
                scene.connect(&server)?.close();
                lab5::ends_in_order(&server, "after a client that left without a word")
            },
        )
        .needs(&["ends"])
        .hints(&[(
            Way::StillRuns,
            "recv() that brings nothing means that the client has closed: close too, and end.",
        )]),
        should(
            "survives_a_reset",
            1,
            "A client that resets its connection leads to an orderly end.",
            |scene| {
                let server = scene.tcp_server()?;
                scene.connect(&server)?.reset();
                lab5::ends_in_order(&server, "after a client that reset its connection")
            },
        )
        .needs(&["ends"])
        .hints(&[(
            Way::Traceback,
            "recv() can fail: handle its error, print one sentence, and end.",
        )]),
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
            "It can be started again while its old connection is in TIME_WAIT.",
            |scene| lab5::restarts_after_its_client(scene, exchange),
        )
        .needs(&["closes", "ends"])
        .hints(RESTART),
        must("ends_at_sigterm", 1, "SIGTERM ends it.", |scene| {
            servers::ends_at_sigterm(scene, Tcp)
        })
        .needs(&["listens"]),
    ],
};

/// What to try where an answer does not come at once.
pub(super) const FIRST_READ: &[(Way, &str)] = &[(
    Way::Silent,
    "Answer what the first recv() brings: do not wait for a line end, nor for more.",
)];

/// What to try where there is more than the answer.
pub(super) const ADDED: &[(Way, &str)] = &[
    (Way::Early, "Say nothing before recv(): a welcome belongs to stage 5."),
    (Way::Extra, "Send the answer once, and nothing behind it."),
];

/// What to try where the connection stays.
pub(super) const CLOSES: &[(Way, &str)] = &[
    (
        Way::NotClosed,
        "One recv(), one sendall(), then close the client's socket: do not wait for more.",
    ),
    (Way::Extra, "Send the answer once, and nothing behind it."),
];

/// What to try where not all byte values survive.
pub(super) const BYTES: &[(Way, &str)] = &[
    (Way::Different, "Send back bytes, not text: what is not UTF-8 must come back unchanged."),
    (Way::Closed, "Do not decode what you received: not all bytes are UTF-8."),
    (Way::Missing, "A zero byte is a byte like any other: use the length that recv() tells."),
];

/// What to try where a part of the bytes is left.
pub(super) const FULL_BUFFER: &[(Way, &str)] = &[
    (Way::Missing, "Let recv() take 1,024 bytes, and send back as many as it brought."),
    (Way::Reset, "Let recv() take 1,024 bytes: closing with some of them unread resets."),
];

/// What to try where the port cannot be had again.
pub(super) const RESTART: &[(Way, &str)] = &[(Way::NotReady, "Set SO_REUSEADDR before bind().")];

/// A client once: it gets its reply, and the server is the first to close.
fn exchange(scene: &mut Scene, server: &Server) -> Outcome {
    STAGE.asks(scene, server)?.expect_end()
}
