//! What every UDP server is asked that answers each datagram. Each check takes `answer`: what the
//! step's server makes of a datagram. The payloads have nothing of which a step could say that its
//! upper case is another one: small letters, digits, and bytes that are no letters.

use std::time::Duration;

use super::scene::{Scene, Server};
use super::tcp::capital;
use super::udp::Peer;
use super::{Outcome, Way, servers, wrong};

/// What the server of a step answers to a datagram.
pub type Answer = fn(&[u8]) -> Vec<u8>;

/// The most that one datagram carries over IPv4.
pub const LARGEST: usize = 65_507;

/// The most that fits into one Ethernet frame.
pub const ONE_FRAME: usize = 1_472;

/// Clients that ask at the same time.
const CLIENTS: usize = 5;

/// What helps a server that breaks on some size of datagram.
pub const SIZE_HINTS: &[(Way, &str)] = &[
    (Way::Missing, "Give recvfrom() a buffer of 65,507 bytes: what does not fit is lost."),
    (
        Way::Silent,
        "A datagram of any size is answered: does the program ignore some, or wait for more?",
    ),
    (Way::Ended, "A datagram may have any size, 0 to 65,507 bytes: none of them is the end."),
];

/// What helps a server that breaks on some bytes.
pub const BYTES_HINTS: &[(Way, &str)] = &[
    (Way::Missing, "A zero byte is a byte like any other: use the length that recvfrom() tells."),
    (Way::Different, "Work on the bytes themselves: do not decode them."),
    (Way::Extra, "Work on the bytes themselves: do not decode them."),
    (Way::Ended, "Do not decode what came, or handle the error: not all bytes are UTF-8."),
    (Way::Silent, "Do not decode what came, or handle the error: not all bytes are UTF-8."),
];

/// What helps a server that does not tell one datagram or client from another.
pub const ONE_BY_ONE_HINTS: &[(Way, &str)] = &[
    (Way::Extra, "Answer with the bytes that recvfrom() brought now, and no others."),
    (Way::Different, "Answer with the bytes that recvfrom() brought now, and no others."),
    (Way::Missing, "One recvfrom() is one datagram: answer each one on its own."),
    (Way::Silent, "Answer every datagram, to the address that recvfrom() told with it."),
];

/// What helps a server that answers from another socket.
pub const SOURCE_HINTS: &[(Way, &str)] =
    &[(Way::WrongSource, "Call sendto() on the socket that recvfrom() was called on.")];

/// What helps a server that does not bear the errors of one client.
pub const GONE_HINTS: &[(Way, &str)] = &[
    (Way::Ended, "An error of one client must not end the server: handle it, and receive again."),
    (Way::Silent, "After an error of one client, go back to recvfrom()."),
];

/// A client asks and sees that the answer is right, wherever it comes from.
pub fn ask(server: &Server, client: &Peer, datagram: &[u8], answer: Answer) -> Outcome {
    client.send(datagram, server.address)?;
    let (came, _) = client.receive_from(&server.program)?;
    client.compare(&answer(datagram), &came)
}

/// A new client asks once: what a step's [`servers::Exchange`] is made of.
pub fn exchange(scene: &mut Scene, server: &Server, answer: Answer) -> Outcome {
    let sentence = scene.sentence();
    let client = scene.udp_client()?;
    ask(server, &client, sentence.as_bytes(), answer)
}

/// One client asks once.
pub fn answers(scene: &mut Scene, answer: Answer) -> Outcome {
    let server = scene.udp_server()?;
    exchange(scene, &server, answer)
}

/// The same client asks twice, and another one: the server goes on.
pub fn goes_on(scene: &mut Scene, answer: Answer) -> Outcome {
    let server = scene.udp_server()?;
    let client = scene.udp_client()?;
    for _ in 0..2 {
        let sentence = scene.sentence();
        ask(&server, &client, sentence.as_bytes(), answer)?;
    }
    exchange(scene, &server, answer)
}

/// A datagram of this size is answered whole, and the next client is served.
pub fn answers_size(scene: &mut Scene, length: usize, answer: Answer) -> Outcome {
    let server = scene.udp_server()?;
    let client = scene.udp_client()?;
    let datagram = scene.word(length);
    ask(&server, &client, datagram.as_bytes(), answer)?;
    exchange(scene, &server, answer)
}

/// Zero bytes come back: at the beginning, within, and at the end.
pub fn answers_nul_bytes(scene: &mut Scene, answer: Answer) -> Outcome {
    let datagram = format!("\0{}\0\0{}\0", scene.word(5), scene.word(5));
    answers_bytes(scene, datagram.as_bytes(), answer)
}

/// Bytes that are not UTF-8 come back as they are. They are no small letters in ISO 8859-1 either.
pub fn answers_what_is_not_utf8(scene: &mut Scene, answer: Answer) -> Outcome {
    let (before, after) = (scene.word(4), scene.word(4));
    let datagram = [before.as_bytes(), b" \xc3( \x80\xbf \xf7 ", after.as_bytes()].concat();
    answers_bytes(scene, &datagram, answer)
}

fn answers_bytes(scene: &mut Scene, datagram: &[u8], answer: Answer) -> Outcome {
    let server = scene.udp_server()?;
    let client = scene.udp_client()?;
    ask(&server, &client, datagram, answer)?;
    exchange(scene, &server, answer)
}

/// Two datagrams sent one right after the other get two answers, in whatever order.
pub fn two_stay_two(scene: &mut Scene, answer: Answer) -> Outcome {
    let server = scene.udp_server()?;
    let client = scene.udp_client()?;
    let datagrams = [scene.sentence(), scene.sentence()];
    for datagram in &datagrams {
        client.send(datagram.as_bytes(), server.address)?;
    }
    let [first, second] = datagrams.map(|datagram| answer(datagram.as_bytes()));
    let (came, _) = client.receive_from(&server.program)?;
    let other = if came == second { &first } else { &second };
    if came != second {
        client.compare(&first, &came)?;
    }
    let (came, _) = client.receive_from(&server.program).map_err(|trouble| {
        let sentence = format!("{} sent two datagrams and got one answer.", capital(client.who()));
        trouble.or_rather(Way::Silent, Way::Silent, sentence)
    })?;
    client.compare(other, &came)?;
    client.expect_nothing(Duration::from_millis(50))
}

/// After a long datagram, the answer to a short one has nothing of it.
pub fn a_short_one_after_a_long_one(scene: &mut Scene, answer: Answer) -> Outcome {
    let server = scene.udp_server()?;
    let client = scene.udp_client()?;
    for length in [200, 7] {
        let datagram = scene.word(length);
        ask(&server, &client, datagram.as_bytes(), answer)?;
    }
    Ok(())
}

/// Several clients send before any of them reads: each gets its own answer, and one only.
pub fn each_client_its_own(scene: &mut Scene, answer: Answer) -> Outcome {
    let server = scene.udp_server()?;
    let mut clients = Vec::new();
    for _ in 0..CLIENTS {
        clients.push((scene.udp_client()?, scene.sentence()));
    }
    for (client, sentence) in &clients {
        client.send(sentence.as_bytes(), server.address)?;
    }
    for (client, sentence) in &clients {
        let (came, _) = client.receive_from(&server.program)?;
        client.compare(&answer(sentence.as_bytes()), &came)?;
    }
    clients.iter().try_for_each(|(client, _)| client.expect_nothing(Duration::from_millis(10)))
}

/// The answer comes from the address and the port that were asked.
pub fn answers_from_the_port_asked(scene: &mut Scene, answer: Answer) -> Outcome {
    let server = scene.udp_server()?;
    let client = scene.udp_client()?;
    let sentence = scene.sentence();
    client.send(sentence.as_bytes(), server.address)?;
    let (came, source) = client.receive_from(&server.program)?;
    client.compare(&answer(sentence.as_bytes()), &came)?;
    if source == server.address {
        return Ok(());
    }
    scene.transcript().notes(client.who(), format!("is answered from {source}"));
    let sentence = format!(
        "{} asked {}, and was answered from {source}.",
        capital(client.who()),
        server.address
    );
    Err(wrong(Way::WrongSource, sentence))
}

/// A client has gone before its answer comes, so that the system refuses it (ICMP port
/// unreachable): the next client is served.
pub fn survives_a_client_that_is_gone(scene: &mut Scene, exchange: servers::Exchange) -> Outcome {
    let server = scene.udp_server()?;
    let word = scene.sentence();
    for _ in 0..2 {
        scene.udp_client()?.send_and_leave(word.as_bytes(), server.address)?;
    }
    let after = "after a client that had gone before its answer came";
    servers::next_client_is_served(scene, &server, exchange, after)
}

/// The program prints the address and the port of its client.
pub fn prints_the_client(scene: &mut Scene) -> Outcome {
    let server = scene.udp_server()?;
    let clients = [scene.udp_client()?, scene.udp_client()?];
    for client in &clients {
        let sentence = scene.sentence();
        client.send(sentence.as_bytes(), server.address)?;
        client.receive_from(&server.program)?;
        let address = client.address()?;
        let (ip, port) = (address.ip().to_string(), address.port().to_string());
        server.program.prints("the client's address and port", &[&ip, &port])?;
    }
    Ok(())
}
