//! 1: the UDP client is run before the UDP server.

use std::time::Duration;

use crate::ask::{Outcome, Question, Trial, choice, value};

pub const UDP_CLIENT_FIRST: Question = Question {
    step: "udp_client",
    asks: "Nothing runs yet. The UDP client sends its sentence to port 12000, and a moment later you \
           start the UDP server there. What happens?",
    choices: &[
        choice(
            "sendto() fails: connection refused.",
            &[("sendto() with no server", "ECONNREFUSED")],
        ),
        choice(
            "The datagram waits in a queue, and the server gets it when it starts.",
            &[("sendto() with no server", "ok"), ("the server, started later", "ok")],
        ),
        choice(
            "sendto() succeeds, the datagram is lost, and the client waits for an answer.",
            &[
                ("sendto() with no server", "ok"),
                ("the server, started later", "timed out"),
                ("recvfrom() of the client", "timed out"),
                ("a connected socket: the next call", "ECONNREFUSED"),
            ],
        ),
        choice(
            "sendto() waits until a server is there to take the datagram.",
            &[("sendto() with no server", "timed out")],
        ),
    ],
    right: 'c',
    lanes: &["client", "server"],
    takes: "about a second: the client waits for an answer that never comes",
    experiment,
    explanation: &[
        "sendto() is done when the datagram has left. It asks nobody. On a port where nobody has a \
         socket the datagram is thrown away: nothing is queued for a server that comes later.",
        "The system of the other machine does say so, in an ICMP message: port unreachable. A UDP \
         socket that was never connected is not told, so recvfrom() waits. That is why every UDP client \
         needs a timeout.",
        "A connected UDP socket, connect() and then send(), has one peer. To it the system does pass \
         the message on, as ECONNREFUSED of a later call.",
    ],
    elsewhere: "macOS behaves alike. On Windows even a socket that is not connected is told: a later \
                recvfrom() fails with WSAECONNRESET (10054).",
};

fn experiment(trial: &mut Trial) -> Outcome {
    let place = trial.address(12000)?;
    let mut client = trial.udp("client")?;
    client.timeout(Duration::from_millis(600))?;
    let sent = client.send_to(b"hello", place);
    trial.fact("sendto() with no server", value(&sent));

    let mut server = trial.udp("server")?;
    server.timeout(Duration::from_millis(300))?;
    server.bind(place)?;
    let queued = server.recv_from(2048);
    trial.fact("the server, started later", value(&queued));
    server.close();
    trial.fact("recvfrom() of the client", value(&client.recv_from(2048)));

    let connected = trial.udp("client")?;
    connected.connect(place)?;
    connected.send(b"hello")?;
    let told = connected.recv(2048);
    trial.fact("a connected socket: the next call", value(&told));
    Ok(())
}
