//! 19: a server is restarted while its old connection is in TIME_WAIT.

use std::io::{self, Read};
use std::net::{Shutdown, SocketAddr, TcpStream};

use socket_labs::socket_table::{self, Row, State};
use socket2::{Domain, Socket, Type};

use crate::ask::{Outcome, PATIENCE, Question, Trial, choice, value};

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

/// The server closes first: what is found, whether the old socket and the new one have the option,
/// and the port.
const RESTARTS: [(&str, bool, bool, u16); 4] = [
    ("neither had SO_REUSEADDR", false, false, 8888),
    ("only the old socket had it", true, false, 8889),
    ("only the new socket had it", false, true, 8890),
    ("both had it", true, true, 8891),
];

fn experiment(trial: &mut Trial) -> Outcome {
    for (name, old, new, port) in RESTARTS {
        let place = trial.address(port)?;
        first_life(trial, place, old, "server")?;
        restart(trial, name, place, new);
    }
    let place = trial.address(8892)?;
    first_life(trial, place, false, "client")?;
    restart(trial, "neither, and the client closed first", place, false);
    Ok(())
}

/// A server has one client and ends. `first` closes its end of the connection before the other.
fn first_life(trial: &Trial, place: SocketAddr, reuse: bool, first: &'static str) -> Outcome {
    let option = if reuse { "with SO_REUSEADDR" } else { "without SO_REUSEADDR" };
    trial.note(format!("A server on {place}, {option}. The {first} closes first."));
    let listener = listening(place, reuse)?;
    let client = TcpStream::connect_timeout(&place, PATIENCE)?;
    let (server, _) = listener.accept()?;
    let server = TcpStream::from(server);
    drop(listener);
    let from = client.local_addr()?;
    let (early, late) = if first == "server" { (server, client) } else { (client, server) };
    trial.call(first, "close()", || ends(early, late), |()| "ok".into())?;

    let waits = |row: &Row| {
        row.state == Some(State::TimeWait) && (row.local == from || row.remote == Some(from))
    };
    let listens = |row: &Row| row.state == Some(State::Listen) && row.local == place;
    if cfg!(target_os = "linux") {
        trial.until_table(waits);
        trial.until(|| socket_table::read_some(listens).is_ok_and(|rows| rows.is_empty()));
        trial.table(|row| row.local == place || row.remote == Some(place));
    }
    Ok(())
}

/// Closes one end of a connection, and the other once it has noticed.
fn ends(early: TcpStream, mut late: TcpStream) -> io::Result<()> {
    late.set_read_timeout(Some(PATIENCE))?;
    early.shutdown(Shutdown::Write)?;
    drop(early);
    late.read_to_end(&mut Vec::new())?;
    Ok(())
}

fn restart(trial: &mut Trial, name: &'static str, place: SocketAddr, reuse: bool) {
    let option = if reuse { ", with SO_REUSEADDR" } else { "" };
    let call = format!("bind({place}){option}");
    let restarted = trial.call("server", call, || listening(place, reuse), |_| "ok".into());
    trial.fact(name, value(&restarted));
}

fn listening(place: SocketAddr, reuse: bool) -> io::Result<Socket> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.set_reuse_address(reuse)?;
    socket.bind(&place.into())?;
    socket.listen(1)?;
    Ok(socket)
}
