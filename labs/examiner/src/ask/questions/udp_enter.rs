//! 2: a sentence is typed in the UDP client, and ENTER pressed.

use std::fs;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::time::Duration;

use crate::ask::{Outcome, Question, Trial, choice, value};

pub const UDP_ENTER: Question = Question {
    step: "udp_client",
    asks: "The UDP server runs on port 12000. In the UDP client you type a sentence and press ENTER. \
           What travels between the two, and from which port to which?",
    choices: &[
        choice(
            "One datagram, from port 12000 to port 12000, and one back.",
            &[("datagrams to the server", "1"), ("the client's port", "the server's number")],
        ),
        choice(
            "First a connection is made; then the sentence goes there, and the answer back.",
            &[("datagrams to the server", "more than 1")],
        ),
        choice("One datagram for each letter, as you type it.", &[("the server got", "\"h\"")]),
        choice(
            "One datagram, from a port that the system chose, and one back to that port.",
            &[
                ("datagrams to the server", "1"),
                ("the server got", "\"hello, world\""),
                ("the client's port", "chosen by the system"),
                ("the answer came from", "the server's port"),
                ("the client got", "\"HELLO, WORLD\""),
            ],
        ),
    ],
    right: 'd',
    lanes: &["client", "server"],
    takes: "",
    experiment,
    explanation: &[
        "The client never called bind(). With the first sendto() the system gives its socket a free \
         port, an ephemeral one: on Linux from 32768 to 60999. recvfrom() tells the server this \
         address, and the answer goes there.",
        "Nothing was sent before the datagram and nothing after the answer: UDP has no connection. \
         While you type, the letters stay in the terminal; the program gets the whole line.",
    ],
    elsewhere: "macOS and Windows choose from 49152 to 65535.",
};

fn experiment(trial: &mut Trial) -> Outcome {
    let place = trial.address(12000)?;
    let mut server = trial.udp("server")?;
    server.bind(place)?;
    let client = trial.udp("client")?;
    client.send_to(b"hello, world", place)?;
    let (sentence, from) = server.recv_from(2048)?;
    server.send_to(&sentence.to_ascii_uppercase(), from)?;
    let (answer, of) = client.recv_from(2048)?;

    server.timeout(Duration::from_millis(200))?;
    let more = server.recv_from(2048);
    trial.fact(
        "datagrams to the server",
        if value(&more) == "timed out" { "1" } else { "more than 1" },
    );
    trial.fact("the server got", format!("{:?}", String::from_utf8_lossy(&sentence)));
    trial.fact("the client's port", chosen(from, place));
    trial.fact(
        "the answer came from",
        if of == place { "the server's port" } else { "another port" },
    );
    trial.fact("the client got", format!("{:?}", String::from_utf8_lossy(&answer)));
    Ok(())
}

fn chosen(client: SocketAddr, server: SocketAddr) -> &'static str {
    match client.port() {
        port if port == server.port() => "the server's number",
        port if ephemeral().contains(&port) => "chosen by the system",
        _ => "another one",
    }
}

/// The ports that this system gives out itself (ip(7), `ip_local_port_range`).
fn ephemeral() -> RangeInclusive<u16> {
    let text = fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").unwrap_or_default();
    let numbers = text.split_whitespace().filter_map(|word| word.parse::<u16>().ok());
    match numbers.collect::<Vec<_>>()[..] {
        [first, last] => first..=last,
        _ => 49_152..=65_535, // RFC 6335, section 6
    }
}
