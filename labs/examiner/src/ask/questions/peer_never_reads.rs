//! 22: the peer never reads.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use socket_labs::error::is_timeout;
use socket_labs::socket_table;

use super::connection::{Connection, connection, is_between};
use crate::ask::{Outcome, Question, Sock, Trial, choice, value};
use crate::exam::transcript::{count, grouped};

pub const PEER_NEVER_READS: Question = Question {
    step: "echo_server",
    asks: "A client is connected with a server that never calls recv(). The client sends and sends, 64 KiB \
           at a time. What happens?",
    choices: &[
        choice(
            "send() fails with ENOBUFS as soon as the server's buffer is full.",
            &[("the last send()", "ENOBUFS")],
        ),
        choice(
            "send() always succeeds: what nobody reads is thrown away.",
            &[("the last send()", "ok")],
        ),
        choice(
            "Some of it is taken, a few megabytes perhaps. Then send() waits until the server reads.",
            &[
                ("the last send()", "timed out"),
                ("what the server then reads", "all that was taken"),
                ("send() after that", "ok"),
            ],
        ),
        choice("The connection is reset: ECONNRESET.", &[("the last send()", "ECONNRESET")]),
    ],
    right: 'c',
    lanes: &["client", "server"],
    takes: "about a second: the client waits to be sure that send() is stuck",
    experiment,
    explanation: &[
        "There are two buffers: the server's receive buffer (Recv-Q) and the client's send buffer \
         (Send-Q). The server's system tells in each ACK how much room it has left, the window. When \
         that is 0, bytes stay at the client. When its own buffer is full too, send() waits. This is flow \
         control: a fast sender cannot drown a slow reader, and nothing is lost.",
        "So \"send() succeeded\" means \"in my buffer\", and never \"the peer has read it\".",
        "It is also a danger: a server that writes to a client which does not read is stuck there for \
         ever. It needs a timeout for send(), and a thread for each client. Two programs that both only \
         send can wait for each other: a deadlock.",
    ],
    elsewhere: "macOS: the same, with smaller buffers. Windows: send() waits too, but it may take one \
                large send() whole, whatever the buffers' sizes.",
};

/// How much the client gives to one send().
const CHUNK: usize = 64 * 1024;

/// No system takes so much: where one does, the experiment ends there.
const ENOUGH: usize = 1 << 30;

fn experiment(trial: &mut Trial) -> Outcome {
    let place = trial.address(65432)?;
    let Connection { mut client, from, server, .. } = connection(trial, place)?;
    client.timeout(Duration::from_millis(300))?;

    let mut taken = 0;
    let stuck = loop {
        let more = trial.call(
            "client",
            "send(64 KiB), until it is stuck",
            || fill(&client),
            |sum| format!("{} taken", count(*sum, "byte")),
        )?;
        taken += more;
        // While it waited, the two systems may have found a little more room.
        match client.send(&[b'x'; CHUNK]) {
            Ok(bytes) if more > 0 && taken < ENOUGH => taken += bytes,
            last => break last,
        }
    };
    trial.fact("the last send()", value(&stuck));
    queues(trial, from, place);

    let read = trial.call(
        "server",
        "recv(), until all has come",
        || read_all(&server, taken),
        |sum| count(*sum, "byte"),
    )?;
    let all = if read == taken { "all that was taken" } else { "less than was taken" };
    trial.fact("what the server then reads", all);
    trial.fact("send() after that", value(&client.send(b"more")));
    Ok(())
}

/// How many bytes are taken before a send() waits in vain.
fn fill(client: &Sock) -> io::Result<usize> {
    let (mut taken, chunk) = (0, [b'x'; CHUNK]);
    loop {
        match client.raw().send(&chunk) {
            Ok(bytes) if taken < ENOUGH => taken += bytes,
            Err(error) if !is_timeout(error.kind()) => return Err(error),
            _ => return Ok(taken),
        }
    }
}

/// Says where the bytes are, in the words of `ss` and `netstat`.
fn queues(trial: &Trial, client: SocketAddr, server: SocketAddr) {
    let rows = socket_table::read_some(|row| is_between(row, client, server));
    let rows = rows.unwrap_or_default();
    let end = |is_client| rows.iter().find(|row| (row.local == client) == is_client);
    let waits = [
        ("Recv-Q of the server", end(false).and_then(|row| row.receive_queue)),
        ("Send-Q of the client", end(true).and_then(|row| row.send_queue)),
    ];
    for (name, bytes) in waits {
        if let Some(bytes) = bytes {
            trial.note(format!("{name}: {} bytes", grouped(bytes as usize)));
        }
    }
}

fn read_all(server: &Sock, wanted: usize) -> io::Result<usize> {
    let (mut sum, mut buffer) = (0, vec![0; CHUNK]);
    while sum < wanted {
        match io::Read::read(&mut server.raw(), &mut buffer)? {
            0 => break,
            bytes => sum += bytes,
        }
    }
    Ok(sum)
}
