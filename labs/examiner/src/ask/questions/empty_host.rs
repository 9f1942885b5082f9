//! 9: what `''` means in `bind(('', port))`.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};

use crate::ask::{Outcome, Question, Stop, Trial, choice, value};

pub const EMPTY_HOST: Question = Question {
    step: "tcp_server",
    asks: "Many a book's server calls bind(('', 12000)). What does the empty host '' mean? (In these \
           labs: --host ''. This machine has several addresses: 127.0.0.1, 127.0.0.2, and those of its \
           network cards.)",
    choices: &[
        choice(
            "No address: nobody can reach the server until it gets one.",
            &[("bound to '', reached at 127.0.0.1", "ECONNREFUSED")],
        ),
        choice(
            "This machine only: the same as 127.0.0.1, or localhost.",
            &[
                ("bound to '', reached at 127.0.0.1", "ok"),
                ("bound to '', reached at 127.0.0.2", "ECONNREFUSED"),
            ],
        ),
        choice(
            "Every IPv4 address of this machine, so that the whole network can reach it.",
            &[
                ("getsockname() says", "0.0.0.0"),
                ("bound to '', reached at 127.0.0.1", "ok"),
                ("bound to '', reached at 127.0.0.2", "ok"),
                ("bound to 127.0.0.1, reached at 127.0.0.1", "ok"),
                ("bound to 127.0.0.1, reached at 127.0.0.2", "ECONNREFUSED"),
            ],
        ),
        choice(
            "One address of this machine, which the system chooses.",
            &[("getsockname() says", "one address")],
        ),
    ],
    right: 'c',
    lanes: &["client", "server"],
    takes: "",
    experiment,
    explanation: &[
        "'' is 0.0.0.0, which C calls INADDR_ANY: whatever address of this machine a packet was sent \
         to, this socket takes it. That is what you want of a public server, and seldom on a \
         laptop in a café.",
        "Bound to 127.0.0.1, a server gets only what was sent to exactly that address. Packets to it never \
         leave the machine, so nobody else can send them. That is why the labs bind 127.0.0.1 by \
         default, and warn where you write --host ''.",
    ],
    elsewhere: "macOS has no 127.0.0.2 until you add it (sudo ifconfig lo0 alias 127.0.0.2). Windows and \
                macOS may ask whether the program may be reached from the network.",
};

fn experiment(trial: &mut Trial) -> Outcome {
    let second = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));
    if UdpSocket::bind((second, 0)).is_err() {
        return Err(Stop::cannot_run("this machine does not have the address 127.0.0.2"));
    }
    let place = trial.address(12000)?;
    let server = trial.tcp("server")?;
    server.bind(SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), place.port()))?;
    server.listen(5)?;
    trial.table(|row| row.local.port() == place.port());
    let named = server.local()?.ip();
    let named = if named.is_unspecified() { named.to_string() } else { "one address".into() };
    trial.fact("getsockname() says", named);
    let mut clients = Vec::new(); // they stay, so that nobody's good-bye is in the picture
    for (name, place) in [
        ("bound to '', reached at 127.0.0.1", place),
        ("bound to '', reached at 127.0.0.2", SocketAddr::new(second, place.port())),
    ] {
        let client = trial.tcp("client")?;
        trial.fact(name, value(&client.connect(place)));
        clients.push(client);
    }

    let place = trial.address(12001)?;
    let only_one = trial.tcp("server")?;
    only_one.bind(place)?;
    only_one.listen(5)?;
    for (name, place) in [
        ("bound to 127.0.0.1, reached at 127.0.0.1", place),
        ("bound to 127.0.0.1, reached at 127.0.0.2", SocketAddr::new(second, place.port())),
    ] {
        let client = trial.tcp("client")?;
        trial.fact(name, value(&client.connect(place)));
        clients.push(client);
    }
    Ok(())
}
