//! 17: the client half-closes.

use std::net::Shutdown;

use socket_labs::socket_table::Row;

use super::connection::{connection, is_between, received};
use crate::ask::{Outcome, Question, Trial, choice, value};

pub const HALF_CLOSE: Question = Question {
    step: "echo_server",
    asks: "A client sends \"hello\" and then calls shutdown(SHUT_WR). What can the server still do?",
    choices: &[
        choice(
            "Nothing: the connection is closed in both directions.",
            &[("the first recv() of the server", "ENOTCONN")],
        ),
        choice(
            "Read \"hello\" and the end of the stream. Its answer is refused.",
            &[("the second recv() of the server", "0 bytes"), ("send() of the answer", "EPIPE")],
        ),
        choice(
            "Read \"hello\". Then it waits: it cannot notice that nothing more will come.",
            &[("the second recv() of the server", "timed out")],
        ),
        choice(
            "Read \"hello\" and the end of the stream, and still send its answer.",
            &[
                ("the second recv() of the server", "0 bytes"),
                ("send() of the answer", "ok"),
                ("recv() of the client", "5 bytes"),
            ],
        ),
    ],
    right: 'd',
    lanes: &["client", "server"],
    takes: "",
    experiment,
    explanation: &[
        "A TCP connection is two streams, one each way, and each is closed by itself. \
         shutdown(SHUT_WR) sends FIN: the client will send no more, and goes on listening.",
        "The server reads what was sent, and then recv() returns 0: the end of that stream. Its own \
         direction is open, so it can answer. The client waits in FIN_WAIT2, the server is in CLOSE_WAIT \
         until it closes too.",
        "This is how a client says \"that was all of my question\". close() would end both directions: \
         an answer that comes after it is met with RST.",
    ],
    elsewhere: "",
};

fn experiment(trial: &mut Trial) -> Outcome {
    let place = trial.address(65432)?;
    let connected = connection(trial, place)?;
    let (client, from) = (connected.client, connected.from);

    client.send(b"hello")?;
    client.shutdown(Shutdown::Write)?;
    let question = connected.server.recv(1024);
    trial.fact("the first recv() of the server", received(&question));
    let end = connected.server.recv(1024);
    trial.fact("the second recv() of the server", received(&end));

    let state = |row: &Row, name| row.state.is_some_and(|state| state.name() == name);
    trial.until_table(|row| is_between(row, from, place) && state(row, "FIN_WAIT2"));
    let ends = trial.table(|row| is_between(row, from, place));
    for (name, is_client) in [("state of the client", true), ("state of the server", false)] {
        let row = ends.iter().find(|row| (row.local == from) == is_client);
        trial.fact(name, row.and_then(|row| row.state).map_or("unknown", |state| state.name()));
    }

    let answered = connected.server.send(b"HELLO");
    trial.fact("send() of the answer", value(&answered));
    let answer = client.recv(1024);
    trial.fact("recv() of the client", received(&answer));
    connected.server.close();
    client.recv(1024)?;
    Ok(())
}
