//! `ntp_server`: a time server by the rules of RFC 4330, whose clock is wrong by a known time.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use socket_labs::ntp::{CLIENT, HEADER, Packet, SERVER, Timestamp, UNSYNCHRONIZED};
use socket_labs::socket_table::Protocol::Udp;

use super::lab3::table;
use crate::exam::program::until;
use crate::exam::scene::Server;
use crate::exam::transcript::count;
use crate::exam::udp::Peer;
use crate::exam::{Exam, Outcome, PATIENCE, Scene, Trouble, Way, must, servers, should, wrong};

/// Clients that ask at once.
const CROWD: usize = 5;

/// The skew of a program that is not told one, in seconds.
const SKEW: f64 = 2.5;

/// How far the clock may be off, in seconds, where only its seconds are asked for.
const A_SECOND: f64 = 1.1;

/// How far the clock may be off, in seconds, where its fraction is asked for.
const A_MOMENT: f64 = 0.02;

/// How long an answer is waited for that should not come.
const NOTHING: Duration = Duration::from_millis(100);

/// What is examined.
pub const EXAM: Exam = Exam {
    step: "ntp_server",
    arguments: &["--port", "{port}", "--skew", "{skew}"],
    port: 11123,
    checks: &[
        must("bound", 2, "The program is bound to its UDP port.", |scene| start(scene).map(drop)),
        must(
            "answers",
            4,
            "A request is answered with 48 bytes of mode 4, from the port asked.",
            answers,
        )
        .needs(&["bound"])
        .fragile_if(&[Way::WrongSource])
        .hints(&[
            (Way::Silent, "Answer with sendto() to the address that recvfrom() told."),
            (Way::Missing, "An answer is 48 bytes: those that you do not use are zero."),
            (Way::Extra, "An answer is 48 bytes and nothing more."),
            (
                Way::WrongField,
                "The mode is the lowest three bits of the first byte: 4 in an answer.",
            ),
        ]),
        must(
            "origin",
            2,
            "The origin is the transmit timestamp of the request, as it was.",
            origin,
        )
        .needs(&["answers"])
        .hints(&[(Way::WrongField, "Copy bytes 40 to 47 of the request to bytes 24 to 31.")]),
        must(
            "stratum_and_leap",
            1,
            "The stratum is 1 to 15, and the leap indicator is not 3.",
            stratum_and_leap,
        )
        .needs(&["answers"])
        .hints(&[(
            Way::WrongField,
            "A server that has a clock of its own has stratum 1 and leap indicator 0.",
        )]),
        must("clock", 3, "Its clock is the machine's plus the skew.", |scene| {
            clock(scene, A_SECOND)
        })
        .needs(&["answers"])
        .hints(CLOCK),
        should("fraction", 1, "Its clock tells the fraction of the second.", |scene| {
            clock(scene, A_MOMENT)
        })
        .needs(&["clock"])
        .hints(&[(Way::WrongField, "The second 32 bits are the fraction, times 2^32.")]),
        should(
            "receive_before_transmit",
            1,
            "It receives before it transmits.",
            receive_before_transmit,
        )
        .needs(&["clock"])
        .hints(&[(
            Way::WrongField,
            "Read the clock behind recvfrom(), and again before sendto().",
        )]),
        should(
            "reference",
            1,
            "Its clock was set before it transmits, or at a time unknown.",
            reference,
        )
        .needs(&["clock"])
        .hints(&[(
            Way::WrongField,
            "The reference timestamp is when the clock was set: not after now.",
        )]),
        should("version", 1, "The version is that of the request.", version)
            .needs(&["answers"])
            .hints(&[(Way::WrongField, "Copy the three bits of the version from the request.")]),
        should("poll", 1, "The poll interval is that of the request.", poll)
            .needs(&["answers"])
            .hints(&[(Way::WrongField, "Copy the third byte of the request.")]),
        must(
            "old_request",
            1,
            "A request of version 3 that is zero but for its first byte is answered.",
            old_request,
        )
        .needs(&["answers"])
        .hints(&[(Way::Silent, "A client of version 3 may leave all other fields zero.")]),
        must(
            "each_client_its_own",
            1,
            "Clients that ask at once each get their own answer.",
            each_client_its_own,
        )
        .needs(&["origin"])
        .hints(&[(Way::Silent, "Answer each request to the address that it came from.")]),
        should(
            "longer_request",
            1,
            "A request with more behind its 48 bytes is answered.",
            longer_request,
        )
        .needs(&["answers"])
        .hints(&[(Way::Silent, "Receive with a larger buffer, and read the first 48 bytes.")]),
        should(
            "short_request",
            1,
            "A datagram that is too short gets no answer, and the next client one.",
            short_request,
        )
        .needs(&["origin"])
        .hints(&[
            (Way::Ended, "Look at the length before you read a field."),
            (Way::Extra, "Fewer than 48 bytes are no request: do not answer."),
        ]),
        should(
            "other_modes",
            1,
            "What is no request is not answered: its mode is not 3.",
            other_modes,
        )
        .needs(&["origin"])
        .hints(&[(
            Way::Extra,
            "Two servers that answer answers keep each other busy for ever: look at the mode.",
        )]),
        should("noise", 1, "Random bytes do not end it.", noise).needs(&["origin"]).hints(&[(
            Way::Ended,
            "Anybody can send anything: leave out what is no request, and go on.",
        )]),
        should(
            "survives_a_client_that_has_gone",
            1,
            "A client that has gone before the answer does not end it.",
            survives_a_client_that_has_gone,
        )
        .needs(&["origin"])
        .hints(&[(
            Way::Ended,
            "Go on after an error of recvfrom() or sendto(): it is that of one client.",
        )]),
        should(
            "leaves_no_open_files",
            1,
            "200 clients one after the other leave the open files as they were.",
            |scene| {
                skew(scene);
                servers::leaves_no_open_files(scene, Udp, exchange)
            },
        )
        .needs(&["origin"]),
        should("waits_without_work", 1, "With nothing to do it uses no CPU.", |scene| {
            skew(scene);
            servers::waits_without_work(scene, Udp)
        })
        .needs(&["bound"]),
        should(
            "port_taken",
            1,
            "Where its port is taken it ends with a sentence and exit code 1.",
            |scene| {
                skew(scene);
                servers::port_taken(scene, Udp)
            },
        )
        .needs(&["bound"]),
        must("ends_at_sigterm", 1, "SIGTERM ends it.", |scene| {
            skew(scene);
            servers::ends_at_sigterm(scene, Udp)
        })
        .needs(&["bound"]),
    ],
};

const CLOCK: &[(Way, &str)] = &[(
    Way::WrongField,
    "Take the time of the machine, add the skew, and add 2,208,988,800: NTP counts from 1900.",
)];

/// The skew of the program, in seconds: drawn where it can be told, and told to it.
fn skew(scene: &mut Scene) -> f64 {
    if !scene.takes("skew") {
        return SKEW;
    }
    let skew = scene.number(10, 60) as f64 + 0.25;
    scene.give("skew", skew.to_string());
    skew
}

/// The server, with a skew that does not matter.
fn start(scene: &mut Scene) -> Outcome<Server> {
    skew(scene);
    scene.udp_server()
}

/// A request with a random transmit timestamp.
fn request(scene: &mut Scene) -> Packet {
    let transmit = Timestamp(scene.number(1 << 60, 1 << 63));
    Packet { version: 4, mode: CLIENT, poll: 6, transmit, ..Packet::default() }
}

/// Asks and is answered, by whatever it is.
fn ask(client: &Peer, server: &Server, request: &[u8]) -> Outcome<Packet> {
    client.send(request, server.address)?;
    let (bytes, _) = client.receive_from(&server.program)?;
    parse(&bytes)
}

fn parse(bytes: &[u8]) -> Outcome<Packet> {
    Packet::parse(bytes).map_err(|_| {
        let size = count(bytes.len(), "byte");
        let sentence = format!("The answer has {size}; an NTP header has {HEADER}.");
        wrong(Way::Missing, sentence).with_fields(table(bytes))
    })
}

fn wrong_field(answer: &Packet, sentence: impl Into<String>) -> Trouble {
    wrong(Way::WrongField, sentence).with_fields(table(&answer.emit()))
}

/// A client once: its answer has the origin that it should have.
fn exchange(scene: &mut Scene, server: &Server) -> Outcome {
    let (client, request) = (scene.udp_client()?, request(scene));
    let answer = ask(&client, server, &request.emit())?;
    has_origin(&answer, request.transmit)
}

fn has_origin(answer: &Packet, transmit: Timestamp) -> Outcome {
    if answer.origin == transmit {
        return Ok(());
    }
    let sentence = "The origin is not the transmit timestamp of the request.";
    let bytes = |time: Timestamp| time.0.to_be_bytes();
    Err(wrong(Way::WrongField, sentence).with_bytes(&bytes(transmit), &bytes(answer.origin)))
}

// --- the fields

fn answers(scene: &mut Scene) -> Outcome {
    let server = start(scene)?;
    let (client, request) = (scene.udp_client()?, request(scene));
    client.send(&request.emit(), server.address)?;
    let (bytes, source) = client.receive_from(&server.program)?;
    let answer = parse(&bytes)?;
    if bytes.len() > HEADER {
        let size = count(bytes.len(), "byte");
        let sentence = format!("The answer has {size}, and an answer has {HEADER}.");
        return Err(wrong(Way::Extra, sentence).with_fields(table(&bytes)));
    }
    if answer.mode != SERVER {
        let sentence = format!("The mode is {}, and a server's is {SERVER}.", answer.mode);
        return Err(wrong_field(&answer, sentence));
    }
    if source.port() != server.address.port() {
        let sentence = "The answer comes from another port than the one asked.";
        return Err(wrong(Way::WrongSource, sentence));
    }
    Ok(())
}

fn origin(scene: &mut Scene) -> Outcome {
    let server = start(scene)?;
    exchange(scene, &server)
}

fn version(scene: &mut Scene) -> Outcome {
    let server = start(scene)?;
    let client = scene.udp_client()?;
    for version in [4, 3] {
        let request = Packet { version, ..request(scene) };
        let answer = ask(&client, &server, &request.emit())?;
        if answer.version != version {
            let found = answer.version;
            let sentence = format!("The version is {found}, and that of the request is {version}.");
            return Err(wrong_field(&answer, sentence));
        }
    }
    Ok(())
}

fn poll(scene: &mut Scene) -> Outcome {
    let server = start(scene)?;
    let client = scene.udp_client()?;
    let poll = scene.number(4, 18) as i8;
    let request = Packet { poll, ..request(scene) };
    let answer = ask(&client, &server, &request.emit())?;
    if answer.poll == poll {
        return Ok(());
    }
    let sentence = format!("The poll is {}, and that of the request is {poll}.", answer.poll);
    Err(wrong_field(&answer, sentence))
}

fn stratum_and_leap(scene: &mut Scene) -> Outcome {
    let server = start(scene)?;
    let (client, request) = (scene.udp_client()?, request(scene));
    let answer = ask(&client, &server, &request.emit())?;
    let Packet { stratum, leap, .. } = answer;
    if !(1..=15).contains(&stratum) {
        let sentence = format!("The stratum is {stratum}: a client rejects that.");
        return Err(wrong_field(&answer, sentence));
    }
    if leap == UNSYNCHRONIZED {
        let sentence = "The leap indicator is 3, \"not synchronized\": a client rejects that.";
        return Err(wrong_field(&answer, sentence));
    }
    Ok(())
}

/// Both times of the server's are the machine's plus the skew, give or take `slack` seconds.
fn clock(scene: &mut Scene, slack: f64) -> Outcome {
    let skew = skew(scene);
    let server = scene.udp_server()?;
    let (client, request) = (scene.udp_client()?, request(scene));
    until(PATIENCE, || fraction_shows(skew).then_some(()));
    let before = Timestamp::at(SystemTime::now());
    let answer = ask(&client, &server, &request.emit())?;
    let after = Timestamp::at(SystemTime::now());
    for (name, time) in [("receive", answer.receive), ("transmit", answer.transmit)] {
        let (early, late) = (time.since(before) - skew, time.since(after) - skew);
        if early < -slack || late > slack {
            let off = match time {
                Timestamp::ZERO => "zero, which means \"unknown\"".into(),
                _ => off(if late > slack { late } else { early }, slack),
            };
            let sentence = format!(
                "The {name} timestamp should be the machine's time plus {skew} s; it is {off}."
            );
            return Err(wrong_field(&answer, sentence));
        }
    }
    Ok(())
}

/// How wrong a clock is, in words.
fn off(seconds: f64, slack: f64) -> String {
    let side = if seconds > 0.0 { "ahead of" } else { "behind" };
    match slack < A_SECOND {
        true => format!("a part of a second {side} that"),
        false => format!("{:.0} s {side} that", seconds.abs()),
    }
}

/// Whether the fraction of the second can be told from none: it is not near 0, neither by the
/// machine's clock nor by the server's.
fn fraction_shows(skew: f64) -> bool {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now = f64::from(since_1970.subsec_millis()) / 1000.0;
    [now, now + skew].iter().all(|time| (0.1..0.9).contains(&time.fract()))
}

fn receive_before_transmit(scene: &mut Scene) -> Outcome {
    let server = start(scene)?;
    let (client, request) = (scene.udp_client()?, request(scene));
    let answer = ask(&client, &server, &request.emit())?;
    if answer.transmit.since(answer.receive) >= 0.0 {
        return Ok(());
    }
    let sentence = "The receive timestamp is after the transmit timestamp.";
    Err(wrong_field(&answer, sentence))
}

fn reference(scene: &mut Scene) -> Outcome {
    let server = start(scene)?;
    let (client, request) = (scene.udp_client()?, request(scene));
    let answer = ask(&client, &server, &request.emit())?;
    let Packet { reference, transmit, .. } = answer;
    if reference == Timestamp::ZERO || transmit.since(reference) >= 0.0 {
        return Ok(());
    }
    let sentence =
        "The reference timestamp, when the clock was set, is after the transmit timestamp.";
    Err(wrong_field(&answer, sentence))
}

// --- all sorts of clients

fn old_request(scene: &mut Scene) -> Outcome {
    let server = start(scene)?;
    let request = Packet { version: 3, mode: CLIENT, ..Packet::default() };
    let client = scene.udp_client()?;
    let answer = ask(&client, &server, &request.emit())?;
    has_origin(&answer, Timestamp::ZERO)
}

fn each_client_its_own(scene: &mut Scene) -> Outcome {
    let server = start(scene)?;
    let mut clients = Vec::new();
    for _ in 0..CROWD {
        clients.push((scene.udp_client()?, request(scene)));
    }
    for (client, request) in &clients {
        client.send(&request.emit(), server.address)?;
    }
    for (client, request) in clients.iter().rev() {
        let (bytes, _) = client.receive_from(&server.program)?;
        has_origin(&parse(&bytes)?, request.transmit)?;
    }
    Ok(())
}

/// Behind the header there may be extension fields and a MAC.
fn longer_request(scene: &mut Scene) -> Outcome {
    let server = start(scene)?;
    let request = [&request(scene).emit()[..], &scene.bytes(20)].concat();
    let client = scene.udp_client()?;
    ask(&client, &server, &request).map(drop)
}

fn short_request(scene: &mut Scene) -> Outcome {
    let server = start(scene)?;
    let request = request(scene).emit();
    unanswered(
        scene,
        &server,
        &[&request[..HEADER - 1], &request[..1], &[]],
        "after a short datagram",
    )
}

fn other_modes(scene: &mut Scene) -> Outcome {
    let server = start(scene)?;
    // Mode 1 is a peer's: RFC 4330 lets a server answer it.
    let others = [SERVER, 2, 5, 6].map(|mode| Packet { mode, ..request(scene) }.emit());
    unanswered(
        scene,
        &server,
        &others.each_ref().map(|bytes| &bytes[..]),
        "after what is no request",
    )
}

/// None of these gets an answer, and the next client gets one.
fn unanswered(scene: &mut Scene, server: &Server, datagrams: &[&[u8]], after: &str) -> Outcome {
    let client = scene.udp_client()?;
    for datagram in datagrams {
        client.send(datagram, server.address)?;
    }
    // The server takes one after the other: where the next client is served, they have been seen.
    servers::next_client_is_served(scene, server, exchange, after)?;
    client.expect_nothing(NOTHING)
}

fn noise(scene: &mut Scene) -> Outcome {
    let server = start(scene)?;
    let client = scene.udp_client()?;
    for length in [48, 1400, 65_507] {
        let mut bytes = scene.bytes(length);
        bytes[0] &= 0b1100_0111; // version 0: no NTP
        client.send(&bytes, server.address)?;
    }
    servers::next_client_is_served(scene, &server, exchange, "after random bytes")
}

/// The answer is refused: ICMP port unreachable.
fn survives_a_client_that_has_gone(scene: &mut Scene) -> Outcome {
    let server = start(scene)?;
    for _ in 0..2 {
        let client = scene.udp_client()?;
        if cfg!(target_os = "linux") {
            // A socket that is connected elsewhere takes nothing from the server, from the first
            // moment on. To close it could be too late.
            client.socket().connect((server.address.ip(), 9))?;
        }
        client.send(&request(scene).emit(), server.address)?;
        scene.transcript().notes(client.who(), "has gone");
    }
    servers::next_client_is_served(scene, &server, exchange, "after a client that had gone")
}
