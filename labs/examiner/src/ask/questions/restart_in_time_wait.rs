//! 19: a server is restarted while its old connection is in TIME_WAIT.

use std::net::SocketAddr;

use socket_labs::socket_table::{Row, State};

use super::connection::{another, is_between};
use crate::ask::{Outcome, Question, Trial, choice, value};

pub const RESTART_IN_TIME_WAIT: Question = Question {
    step: "server_03_reply",
    asks: "A server closed the connection to its client before the client did, and ended. You start it \
           again at once, on the same port. When does bind() succeed?",
    choices: &[
        choice(
            "Always: the old server is gone, so its port is free.",
            &[("neither had SO_REUSEADDR", "ok")],
        ),
        choice(
            "If the new socket sets SO_REUSEADDR. The old one does not matter.",
            &[("neither had SO_REUSEADDR", "EADDRINUSE"), ("only the new socket had it", "ok")],
        ),
        choice(
            "If the old socket and the new one both set SO_REUSEADDR.",
            &[
                ("neither had SO_REUSEADDR", "EADDRINUSE"),
                ("only the old socket had it", "EADDRINUSE"),
                ("only the new socket had it", "EADDRINUSE"),
                ("both had it", "ok"),
                ("neither, and the client closed first", "ok"),
            ],
        ),
        choice(
            "Never before a minute has passed.",
            &[("neither had SO_REUSEADDR", "EADDRINUSE"), ("both had it", "EADDRINUSE")],
        ),
    ],
    right: 'c',
    lanes: &["client", "server"],
    takes: "",
    experiment,
    explanation: &[
        "Whoever closes first keeps the connection in TIME_WAIT, for 60 seconds on Linux, so that late \
         packets are not taken for those of a new connection. There is no program any more, but there is \
         a row in the socket table, and it has the server's port.",
        "SO_REUSEADDR says: I know, and I want the port all the same. Linux asks both for it, the old \
         socket and the new one. So set it in every server, always, before bind().",
        "If the client closes first, TIME_WAIT is at the client, with the client's port. Then the server \
         can be restarted at once without the option.",
    ],
    elsewhere: "macOS asks only the new socket for the option. Windows restarts at once without \
                it; there SO_REUSEADDR lets two programs have one port, so do not set it.",
};

/// The lives of a server: what is found, whether the old socket and the new one have the option, who
/// closes first, and the port.
const LIVES: [(&str, bool, bool, First, u16); 5] = [
    ("neither had SO_REUSEADDR", false, false, First::Server, 8888),
    ("only the old socket had it", true, false, First::Server, 8889),
    ("only the new socket had it", false, true, First::Server, 8890),
    ("both had it", true, true, First::Server, 8891),
    ("neither, and the client closed first", false, false, First::Client, 8892),
];

/// Who closes its end of the connection first.
#[derive(Clone, Copy, PartialEq)]
enum First {
    Client,
    Server,
}

fn experiment(trial: &mut Trial) -> Outcome {
    for (i, (name, old, new, first, port)) in LIVES.into_iter().enumerate() {
        let place = trial.address(port)?;
        let from = if i == 0 {
            life(trial, place, old, first)?
        } else {
            let option = if old { "with" } else { "without" };
            let first = if first == First::Client { "client" } else { "server" };
            trial.note(format!("Another server, {option} SO_REUSEADDR. The {first} closes first."));
            trial.quietly(|trial| life(trial, place, old, LIVES[i].3))?
        };
        trial.table(|row| is_between(row, from, place));
        restart(trial, name, place, new)?;
    }
    Ok(())
}

/// A server has one client and ends. The address of the client is returned when all of it is gone but
/// TIME_WAIT.
fn life(trial: &Trial, place: SocketAddr, reuse: bool, first: First) -> Outcome<SocketAddr> {
    let listener = trial.tcp("server")?;
    if reuse {
        listener.reuse_address()?;
    }
    listener.bind(place)?;
    listener.listen(1)?;
    let (client, from, server) = another(trial, &listener, place)?;
    trial.note("The server ends: it closes both its sockets. Then the client closes.");
    listener.close();
    let (early, late) = if first == First::Server { (server, client) } else { (client, server) };
    early.close();
    late.recv(1024)?;
    late.close();
    if cfg!(target_os = "linux") {
        let waits = |row: &Row| row.state == Some(State::TimeWait);
        trial.until_table(|row| waits(row) && is_between(row, from, place));
        trial.until(|| !trial.has(|row| row.local == place && !waits(row)));
    }
    Ok(from)
}

fn restart(trial: &mut Trial, name: &'static str, place: SocketAddr, reuse: bool) -> Outcome {
    let server = trial.tcp("server")?;
    if reuse {
        server.reuse_address()?;
    }
    let bound = server.bind(place);
    trial.fact(name, value(&bound));
    server.close();
    Ok(())
}
