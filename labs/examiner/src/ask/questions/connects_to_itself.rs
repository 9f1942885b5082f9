//! 25: a TCP socket connects to itself.

use super::connection::received;
use crate::ask::{Outcome, Question, Trial, choice, value};

pub const CONNECTS_TO_ITSELF: Question = Question {
    step: "echo_client",
    asks: "A TCP socket is bound to a port. It does not listen, and nobody else does. The same socket \
           then connects to its own address and port. What happens?",
    choices: &[
        choice(
            "It is connected with itself, and receives what it sends.",
            &[("connect() to its own port", "ok"), ("recv() after send()", "5 bytes")],
        ),
        choice(
            "ECONNREFUSED: nobody listens on that port.",
            &[("connect() to its own port", "ECONNREFUSED")],
        ),
        choice(
            "EADDRINUSE: the port is taken already.",
            &[("connect() to its own port", "EADDRINUSE")],
        ),
        choice(
            "It waits for a server until its timeout.",
            &[("connect() to its own port", "timed out")],
        ),
    ],
    right: 'a',
    lanes: &["socket"],
    takes: "",
    experiment,
    explanation: &[
        "Its SYN arrives at the port that it came from, where a socket is just waiting for an answer. \
         TCP allows both sides to begin at once (simultaneous open, RFC 9293). Here both are the same \
         socket. It is one row in the socket table, and an echo server without any server.",
        "It happens by accident. A client asks a stopped server on this machine again and again, at a port \
         from the ephemeral range. One day the system gives it that very port, and it is \
         connected. The server can then not be started: EADDRINUSE.",
        "So let servers have ports outside that range (below 32768 on Linux). A client that must be \
         sure compares its own address with its peer's.",
    ],
    elsewhere: "macOS refuses it with EINVAL where the socket was bound first, as here. It happens \
                there too when the system chooses the port. Windows was not tried.",
};

fn experiment(trial: &mut Trial) -> Outcome {
    let place = trial.address(65432)?;
    let socket = trial.tcp("socket")?;
    socket.bind(place)?;
    let connected = socket.connect(place);
    trial.fact("connect() to its own port", value(&connected));
    if connected.is_err() {
        return Ok(());
    }
    let rows = trial.table(|row| row.local == place);
    let state = rows.first().and_then(|row| row.state).map_or("unknown", |state| state.name());
    trial.fact("its state", state);
    let peer = socket.raw().peer_addr()?.as_socket();
    trial.fact("its peer", if peer == Some(place) { "itself" } else { "another" });
    socket.send(b"hello")?;
    let back = socket.recv(1024);
    trial.fact("recv() after send()", received(&back));
    socket.close();
    Ok(())
}
