//! 10, 11 and 12: between bind() and accept().

use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use socket_labs::socket_table::{Row, State};

use crate::ask::{Outcome, PATIENCE, Question, Sock, Trial, choice, value};

const YES_NO: [&str; 2] = ["no", "yes"];

fn yes(so: bool) -> &'static str {
    YES_NO[usize::from(so)]
}

pub const BOUND_NOT_LISTENING: Question = Question {
    step: "server_01_bind",
    asks: "Stage 1 of the server has called bind() and nothing else. Suppose that it stays like this. A \
           client connects to the port. What happens?",
    choices: &[
        choice(
            "It is refused, as if there were no server.",
            &[
                ("connect() after bind()", "ECONNREFUSED"),
                ("after bind(), listed as listening", "no"),
                ("connect() after listen()", "ok"),
            ],
        ),
        choice(
            "The connection is made: bind() has opened the port.",
            &[("connect() after bind()", "ok"), ("after bind(), listed as listening", "yes")],
        ),
        choice(
            "The client waits until the server calls listen().",
            &[("connect() after bind()", "timed out")],
        ),
        choice(
            "The connection is made, and waits until the server calls listen().",
            &[("connect() after bind()", "ok"), ("after bind(), listed as listening", "no")],
        ),
    ],
    right: 'a',
    lanes: &["client", "server", "another server"],
    takes: "",
    experiment: bound_not_listening,
    explanation: &[
        "bind() only gives the socket an address. The port is taken, and another program's bind() \
         fails, but nobody answers a SYN there: RST, connection refused.",
        "listen() is what opens the door. Only then does the socket stand in the list of listening \
         sockets (ss -ltn), and only then does the system answer with SYN-ACK.",
        "Not every refusal means that the server does not run. It may run, and not listen yet.",
    ],
    elsewhere: "The same on macOS; Windows refuses after about two seconds.",
};

fn bound_not_listening(trial: &mut Trial) -> Outcome {
    let place = trial.address(8888)?;
    let listens = |row: &Row| row.local == place && row.state == Some(State::Listen);
    let server = trial.tcp("server")?;
    server.bind(place)?;
    let rows = trial.table(listens);
    trial.fact("after bind(), listed as listening", yes(!rows.is_empty()));
    let other = trial.tcp("another server")?;
    trial.fact("bind() of another program", value(&other.bind(place)));
    other.close();
    let client = trial.tcp("client")?;
    trial.fact("connect() after bind()", value(&client.connect(place)));
    client.close();

    server.listen(10)?;
    let rows = trial.table(listens);
    trial.fact("after listen(), listed as listening", yes(!rows.is_empty()));
    let client = trial.tcp("client")?;
    trial.fact("connect() after listen()", value(&client.connect(place)));
    Ok(())
}

pub const NOBODY_ACCEPTS: Question = Question {
    step: "server_02_accept",
    asks: "A server has called listen() and is busy with something else: it does not call accept(). A \
           client connects, sends \"hello\", and waits for an answer. What happens?",
    choices: &[
        choice("connect() waits until the server calls accept().", &[("connect()", "timed out")]),
        choice("connect() is refused: nobody accepts.", &[("connect()", "ECONNREFUSED")]),
        choice(
            "connect() succeeds, and send() waits until the server calls accept().",
            &[("connect()", "ok"), ("send()", "timed out")],
        ),
        choice(
            "connect() and send() succeed. Only the answer does not come.",
            &[
                ("connect()", "ok"),
                ("send()", "ok"),
                ("recv() of the client", "timed out"),
                ("accept() later, and recv()", "\"hello\""),
            ],
        ),
    ],
    right: 'd',
    lanes: &["client", "server"],
    takes: "half a second: the client waits for an answer that does not come",
    experiment: nobody_accepts,
    explanation: &[
        "The system does the handshake, not the program. As soon as a socket listens, the system \
         answers SYN with SYN-ACK, and puts the finished connection into the queue of the listening \
         socket. accept() takes one out; it sends nothing.",
        "What the client sends is received too, acknowledged, and kept. When the server calls accept() at \
         last, the bytes are there already.",
        "So \"connected\" does not mean that a program has noticed you. In the socket table the waiting \
         connection shows as Recv-Q 1 of the listening socket.",
    ],
    elsewhere: "The same on macOS, where netstat -L shows the queue, and on Windows, whose table does not.",
};

fn nobody_accepts(trial: &mut Trial) -> Outcome {
    let place = trial.address(8888)?;
    let server = trial.tcp("server")?;
    server.bind(place)?;
    server.listen(10)?;
    let mut client = trial.tcp("client")?;
    trial.fact("connect()", value(&client.connect(place)));
    trial.fact("send()", value(&client.send(b"hello")));
    let own = client.local()?;
    let is_queued = |row: &Row| queue_of(row, place) == Some(1);
    trial.until(|| !cfg!(target_os = "linux") || trial.has(is_queued));
    let rows = trial.table(|row| row.local == place || row.local == own);
    let queue = rows.iter().find_map(|row| queue_of(row, place));
    let queue = queue.map_or("not told".to_string(), |waiting| waiting.to_string());
    trial.fact("Recv-Q of the listening socket", queue);
    let state = rows.iter().find(|row| row.local == own).and_then(|row| row.state);
    trial.fact("state of the client", state.map_or("not told", State::name));
    client.timeout(Duration::from_millis(500))?;
    trial.fact("recv() of the client", value(&client.recv(1024)));

    let (connection, _) = server.accept()?;
    let heard = connection.recv(1024)?;
    trial.fact("accept() later, and recv()", format!("{:?}", String::from_utf8_lossy(&heard)));
    Ok(())
}

pub const BACKLOG_FULL: Question = Question {
    step: "server_02_accept",
    asks: "A server calls listen(2), and never accept(). Clients come, one after the other, and all of \
           them stay. How many can connect, and what happens to the next one?",
    choices: &[
        choice(
            "2 connect. The next one is refused.",
            &[("clients that connected", "2"), ("connect() of the next one", "ECONNREFUSED")],
        ),
        choice(
            "3 connect. The next one waits, until its own timeout.",
            &[
                ("clients that connected", "3"),
                ("connect() of the next one", "timed out"),
                ("after one accept(), another connect()", "ok"),
            ],
        ),
        choice(
            "3 connect. The next one is refused.",
            &[("clients that connected", "3"), ("connect() of the next one", "ECONNREFUSED")],
        ),
        choice(
            "All connect: the number is only a hint, and the queue grows.",
            &[("clients that connected", "4")],
        ),
    ],
    right: 'b',
    lanes: &["clients", "server"],
    takes: "a second and a half: one client waits in vain",
    experiment: backlog_full,
    explanation: &[
        "The backlog is the length of the queue of connections that are made and not yet accepted. \
         Linux takes one more than you ask for: listen(n) holds n + 1.",
        "When the queue is full, Linux does not refuse. It drops the SYN, as if it had been lost, \
         so that the client sends it again after 1, 3, 7 seconds, and gets in when there is room. \
         Until then the client is in the state SYN_SENT, and its connect() waits.",
        "The backlog does not limit how many clients a server serves: who was accepted no longer \
         counts.",
    ],
    elsewhere: "macOS drops the SYN too, and counts in another way. Windows refuses with RST, and the \
                client sees ECONNREFUSED.",
};

/// How many connections wait in the queue of the socket that listens here; `None` for another socket,
/// and where the system does not tell.
fn queue_of(row: &Row, place: SocketAddr) -> Option<u64> {
    let listens = row.local == place && row.state == Some(State::Listen);
    row.receive_queue.filter(|_| listens)
}

/// More clients than these are not tried.
const MOST: usize = 4;

/// How long the last of them waits: longer than it takes until its SYN is sent once more.
const IN_VAIN: Duration = Duration::from_millis(1400);

fn backlog_full(trial: &mut Trial) -> Outcome {
    let place = trial.address(8888)?;
    let server = trial.tcp("server")?;
    server.bind(place)?;
    server.listen(2)?;
    let mut connected: Vec<Sock> = Vec::new();
    let mut last = "ok".to_string();
    let mut state = None;
    while connected.len() < MOST && last == "ok" {
        let mut client = trial.tcp("clients")?;
        let should_wait = connected.len() == MOST - 1;
        client.timeout(if should_wait { IN_VAIN } else { PATIENCE })?;
        let result = thread::scope(|scope| {
            let connecting = scope.spawn(|| client.connect(place));
            // While it waits, the table shows in which state.
            let sent = |row: &Row| row.remote == Some(place) && row.state == Some(State::SynSent);
            trial.until(|| connecting.is_finished() || trial.has(sent));
            if !connecting.is_finished() {
                let rows = trial.table(|row| queue_of(row, place).is_some() || sent(row));
                state = rows.iter().find(|row| sent(row)).and_then(|row| row.state);
            }
            connecting.join()
        });
        let Ok(result) = result else { continue };
        last = value(&result);
        if result.is_ok() {
            connected.push(client);
            // The handshake ends at the server a moment after it has ended at the client.
            let waiting = connected.len() as u64;
            trial.until(|| {
                !cfg!(target_os = "linux") || trial.has(|row| queue_of(row, place) == Some(waiting))
            });
        }
    }
    trial.fact("clients that connected", connected.len());
    trial.fact("connect() of the next one", last);
    trial.fact("its state while it waited", state.map_or("not told", State::name));

    let (_first, _) = server.accept()?;
    let client = trial.tcp("clients")?;
    trial.fact("after one accept(), another connect()", value(&client.connect(place)));
    Ok(())
}
