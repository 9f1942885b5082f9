//! 23: localhost is ::1 first, and the server is on 127.0.0.1 only.

use std::io;
use std::net::{Ipv6Addr, SocketAddr, TcpListener};

use socket_labs::names::{Family, addresses};
use socket2::{Domain, Type};

use crate::ask::{Outcome, PATIENCE, Question, Stop, Trial, choice, value};

pub const LOCALHOST_IS_IPV6_FIRST: Question = Question {
    step: "http_get",
    asks: "A server listens on 127.0.0.1 alone. A client connects to localhost, a name that stands for \
           two addresses: ::1 first, then 127.0.0.1. What happens?",
    choices: &[
        choice(
            "It connects at once: ::1 and 127.0.0.1 are the same machine.",
            &[("connect() to ::1", "ok")],
        ),
        choice(
            "::1 is refused. A client that then tries the next address is connected.",
            &[("connect() to ::1", "ECONNREFUSED"), ("connect() to 127.0.0.1", "ok")],
        ),
        choice(
            "At ::1 it waits until its timeout: nobody is there to answer.",
            &[("connect() to ::1", "timed out")],
        ),
        choice("getaddrinfo() leaves ::1 out, because nobody listens there.", &[]),
    ],
    right: 'b',
    lanes: &["client", "server"],
    takes: "",
    experiment,
    explanation: &[
        "127.0.0.1 and ::1 are both this machine, but two addresses of two protocols. A socket bound to \
         127.0.0.1 has nothing to do with ::1. So the system refuses there: ECONNREFUSED, at once.",
        "getaddrinfo() gives a list in the order of preference (RFC 6724), usually IPv6 first. It does not \
         look who listens. A client must try every address in turn, and give up only after the last: so \
         do http_get, netcat, curl, and std's TcpStream::connect((\"localhost\", port)).",
        "A program that tries the first address only says \"connection refused\" while the \
         server runs. If you meet that, try 127.0.0.1 in place of localhost.",
    ],
    elsewhere: "Windows: the refusal at ::1 takes about two seconds, which makes localhost slow there. \
                macOS: as here.",
};

fn experiment(trial: &mut Trial) -> Outcome {
    let place = free_of_ipv6(trial)?;
    let server = trial.tcp("server")?;
    server.bind(place)?;
    server.listen(5)?;

    let lookup = || {
        let found = addresses("localhost", place.port(), Family::Any, PATIENCE);
        let found = found.map_err(|failure| io::Error::other(failure.to_string()))?;
        Ok(found.iter().map(|address| address.ip().to_string()).collect::<Vec<_>>())
    };
    let found = trial.call("client", "getaddrinfo(localhost)", lookup, |found| found.join(", "));
    let six = SocketAddr::from((Ipv6Addr::LOCALHOST, place.port()));
    if !found.is_ok_and(|found| found.contains(&six.ip().to_string())) {
        trial.note("On this machine localhost is not ::1. It is tried all the same.");
    }
    for (name, domain, address) in
        [("connect() to ::1", Domain::IPV6, six), ("connect() to 127.0.0.1", Domain::IPV4, place)]
    {
        let client = trial.socket("client", domain, Type::STREAM)?;
        let connected = client.connect(address);
        trial.fact(name, value(&connected));
    }
    Ok(())
}

/// An address of 127.0.0.1 whose port nobody has at ::1 either.
fn free_of_ipv6(trial: &Trial) -> Outcome<SocketAddr> {
    for _ in 0..10 {
        let place = trial.address(8080)?;
        match TcpListener::bind((Ipv6Addr::LOCALHOST, place.port())) {
            Ok(_) => return Ok(place),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
            Err(_) => {
                let reason = "this machine has no address ::1: IPv6 is switched off";
                return Err(Stop::cannot_run(reason));
            }
        }
    }
    Err(Stop::cannot_run("no port is free at 127.0.0.1 and ::1 at once"))
}
