//! 18: close with SO_LINGER 0.

use std::net::SocketAddr;
use std::time::Duration;

use socket_labs::socket_table::{Row, State};

use super::connection::{another, connection, is_between, received};
use crate::ask::{Outcome, Question, Trial, choice};

pub const LINGER_ZERO: Question = Question {
    step: "echo_server",
    asks: "A client sets SO_LINGER with a time of 0 seconds, and then closes its socket. What does the \
           server's recv() return, and who is left in TIME_WAIT?",
    choices: &[
        choice(
            "0 bytes, the end of the stream. The client is in TIME_WAIT.",
            &[("recv() after SO_LINGER 0", "0 bytes"), ("left after SO_LINGER 0", "TIME_WAIT")],
        ),
        choice(
            "ECONNRESET. Nobody is in TIME_WAIT.",
            &[
                ("recv() after a usual close()", "0 bytes"),
                ("left after a usual close()", "TIME_WAIT"),
                ("recv() after SO_LINGER 0", "ECONNRESET"),
                ("left after SO_LINGER 0", "nothing"),
            ],
        ),
        choice(
            "ECONNRESET. The client is in TIME_WAIT.",
            &[("recv() after SO_LINGER 0", "ECONNRESET"), ("left after SO_LINGER 0", "TIME_WAIT")],
        ),
        choice(
            "0 bytes, the end of the stream. Nobody is in TIME_WAIT.",
            &[("recv() after SO_LINGER 0", "0 bytes"), ("left after SO_LINGER 0", "nothing")],
        ),
    ],
    right: 'b',
    lanes: &["client", "server"],
    takes: "",
    experiment,
    explanation: &[
        "A usual close() sends FIN: \"I have nothing more to say\". The other side reads all that was \
         sent, and then the end of the stream. Whoever closed first waits in TIME_WAIT, so that late \
         packets of this connection cannot be taken for those of a new one.",
        "SO_LINGER with time 0 makes close() throw away what is not yet sent, and send RST: \"this \
         connection is void\". The peer gets ECONNRESET, and neither side keeps anything.",
        "It is no remedy for TIME_WAIT: the peer may lose the end of your data. A server that must be \
         restarted at once sets SO_REUSEADDR instead.",
    ],
    elsewhere: "macOS and Windows: the same (WSAECONNRESET, 10054). There this experiment cannot see \
                TIME_WAIT; netstat -an shows it.",
};

fn experiment(trial: &mut Trial) -> Outcome {
    let place = trial.address(65432)?;
    let usual = connection(trial, place)?;
    usual.client.close();
    let end = usual.server.recv(1024);
    trial.fact("recv() after a usual close()", received(&end));
    usual.server.close();
    let left = left(trial, usual.from, place, true);
    trial.fact("left after a usual close()", left);

    let (client, from, server) = another(trial, &usual.listener, place)?;
    let linger = || client.raw().set_linger(Some(Duration::ZERO));
    trial.call("client", "setsockopt(SO_LINGER, 0 s)", linger, |()| "ok".into())?;
    client.close();
    let end = server.recv(1024);
    trial.fact("recv() after SO_LINGER 0", received(&end));
    server.close();
    let left = self::left(trial, from, place, false);
    trial.fact("left after SO_LINGER 0", left);
    Ok(())
}

/// The state in which something of this client's connection is left, once both sides have closed.
fn left(trial: &Trial, client: SocketAddr, server: SocketAddr, expected: bool) -> &'static str {
    if !cfg!(target_os = "linux") {
        return "not told by this system";
    }
    let between = |row: &Row| is_between(row, client, server);
    if expected {
        trial.until_table(|row| between(row) && row.state == Some(State::TimeWait));
    }
    let rows = trial.table(between);
    rows.first().and_then(|row| row.state).map_or("nothing", State::name)
}
