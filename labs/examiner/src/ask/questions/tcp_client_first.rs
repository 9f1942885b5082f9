//! 3: the TCP client is run before the TCP server.

use std::time::{Duration, Instant};

use crate::ask::{Outcome, Question, Trial, choice, value};

pub const TCP_CLIENT_FIRST: Question = Question {
    step: "tcp_client",
    asks: "Nothing runs yet. You start the TCP client first, and the TCP server only after it. What \
           does the client's connect() do?",
    choices: &[
        choice(
            "It waits until the server is started, and then connects.",
            &[("connect() with no server", "ok")],
        ),
        choice(
            "It waits for some seconds, and gives up: timed out.",
            &[("connect() with no server", "timed out")],
        ),
        choice(
            "It fails at once: connection refused.",
            &[
                ("connect() with no server", "ECONNREFUSED"),
                ("it failed within 3 seconds", "yes"),
                ("a new socket, once the server listens", "ok"),
            ],
        ),
        choice("It succeeds, because only send() needs the server.", &[]),
    ],
    right: 'c',
    lanes: &["client", "server"],
    takes: "",
    experiment,
    explanation: &[
        "connect() sends a SYN. On this port nobody listens, so the system of the other machine, and \
         not a program, answers with RST. That is ECONNREFUSED, and it comes at once.",
        "A refusal is good news: the machine is there, and no firewall swallows your packets. Only \
         the server is missing. Start it, and connect again with a new socket.",
    ],
    elsewhere: "Windows tries three times before it believes the RST, so the refusal takes about two \
                seconds there. macOS refuses at once.",
};

fn experiment(trial: &mut Trial) -> Outcome {
    let place = trial.address(12000)?;
    let client = trial.tcp("client")?;
    let started = Instant::now();
    let refused = client.connect(place);
    let took = started.elapsed();
    client.close();
    trial.fact("connect() with no server", value(&refused));
    let soon = if took < Duration::from_secs(3) { "yes" } else { "no" };
    trial.fact("it failed within 3 seconds", soon);

    let server = trial.tcp("server")?;
    server.bind(place)?;
    server.listen(1)?;
    let client = trial.tcp("client")?;
    let connected = client.connect(place);
    trial.fact("a new socket, once the server listens", value(&connected));
    Ok(())
}
