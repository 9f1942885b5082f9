//! `udp_receipt_server`: takes one datagram, sends one receipt, and ends.

use std::time::Duration;

use socket_labs::socket_table::Protocol::Udp;

use crate::exam::clients;
use crate::exam::mistakes::STRICT_DECODING;
use crate::exam::output::is_traceback;
use crate::exam::scene::Server;
use crate::exam::udp::Peer;
use crate::exam::udp_servers::{self, LARGEST, ONE_FRAME, SOURCE_HINTS};
use crate::exam::{Exam, Outcome, Scene, Way, must, servers, should, wrong};

/// What the server answers.
const RECEIPT: &[u8] = b"Message received.";

/// What is examined.
pub const EXAM: Exam = Exam {
    step: "udp_receipt_server",
    arguments: &["--port", "{port}"],
    port: 12000,
    checks: &[
        must(
            "binds",
            2,
            "The program has a UDP socket at its port, and waits for a datagram.",
            udp_servers::binds,
        )
        .hints(&[(
            Way::NotReady,
            "Create a socket of SOCK_DGRAM and bind() it to the port of the lab.",
        )]),
        must("answers", 3, "A client that sends a datagram gets one back.", |scene| {
            let message = scene.sentence();
            ask(scene, message.as_bytes()).map(drop)
        })
        .needs(&["binds"])
        .hints(&[
            (Way::Silent, "Send the receipt with sendto(), to the address that recvfrom() told."),
            (Way::Ended, "Call recvfrom() and then sendto(), before the program ends."),
        ]),
        must("receipt", 1, "The answer is `Message received.`", receipt).needs(&["answers"]).hints(
            &[
                (Way::Different, "The receipt is always the same text: `Message received.`"),
                (Way::Missing, "Send all of the receipt: `Message received.`"),
                (Way::Extra, "Send the receipt alone, and not the whole buffer."),
            ],
        ),
        must("prints_the_message", 2, "What the client sent is printed.", prints_the_message)
            .needs(&["answers"])
            .hints(&[
                (Way::NotPrinted, "Print the text that recvfrom() brought."),
                clients::BUFFER_HINT,
            ]),
        must(
            "prints_the_client",
            1,
            "The address and the port of the client are printed.",
            prints_the_client,
        )
        .needs(&["answers"])
        .hints(&[(Way::NotPrinted, "recvfrom() tells where the datagram came from: print that.")]),
        must("ends", 2, "After the receipt it ends with exit code 0.", |scene| {
            let message = scene.sentence();
            let (server, _client) = ask(scene, message.as_bytes())?;
            server.program.succeeds()
        })
        .needs(&["answers"])
        .hints(&[(Way::StillRuns, "One datagram is all that this step serves: no loop.")]),
        should(
            "one_receipt",
            1,
            "One datagram gets one receipt, and a second client gets none.",
            one_receipt,
        )
        .needs(&["answers"])
        .hints(&[(Way::Extra, "Send one receipt, to the client of the first datagram, and end.")]),
        should(
            "waits_without_work",
            1,
            "Until a datagram comes it waits, and uses no CPU.",
            |scene| servers::waits_without_work(scene, Udp),
        )
        .needs(&["binds"])
        .hints(&[(
            Way::Ended,
            "Wait for the datagram without a timeout: recvfrom() blocks by itself.",
        )]),
        should("empty_datagram", 1, "An empty datagram gets a receipt.", |scene| {
            any_size(scene, 0)
        })
        .needs(&["ends"])
        .hints(SIZE_HINTS),
        should("one_byte", 1, "A message of 1 byte is printed.", |scene| any_size(scene, 1))
            .needs(&["prints_the_message", "ends"])
            .hints(SIZE_HINTS),
        should(
            "one_frame",
            1,
            "A message of 1,472 bytes, which fill an Ethernet frame, is printed whole.",
            |scene| any_size(scene, ONE_FRAME),
        )
        .needs(&["prints_the_message", "ends"])
        .hints(SIZE_HINTS),
        should(
            "largest_datagram",
            1,
            "A message of 65,507 bytes, the most there can be, is printed whole.",
            |scene| any_size(scene, LARGEST),
        )
        .needs(&["prints_the_message", "ends"])
        .hints(SIZE_HINTS),
        should(
            "zero_bytes",
            1,
            "A message with a zero byte in it is printed to its end.",
            |scene| strange_message(scene, b"\0"),
        )
        .needs(&["prints_the_message", "ends"])
        .hints(&[(
            Way::NotPrinted,
            "A zero byte is no end: print as many bytes as recvfrom() tells.",
        )]),
        should(
            "not_utf8",
            1,
            "A message that is not UTF-8 gets its receipt, and is printed as well as it can be.",
            |scene| strange_message(scene, b" \xff\xfe\xc3( "),
        )
        .needs(&["prints_the_message", "ends"])
        .finds(&STRICT_DECODING)
        .hints(&[
            (
                Way::Ended,
                "Decode with errors=\"replace\", or handle the error: the receipt must go out.",
            ),
            (Way::Traceback, "Decode the message with errors=\"replace\", or handle the error."),
            (Way::NotPrinted, "Print what can be printed of the message."),
        ]),
        should(
            "from_the_port_asked",
            1,
            "The receipt comes from the address and the port that were asked.",
            from_the_port_asked,
        )
        .needs(&["answers"])
        .hints(SOURCE_HINTS),
        should(
            "a_client_that_is_gone",
            1,
            "Where the client has gone before its receipt comes, it ends without a traceback.",
            a_client_that_is_gone,
        )
        .needs(&["ends"])
        .hints(&[
            (Way::StillRuns, "Nobody may be there to get the receipt: wait for nothing behind it."),
            (Way::Traceback, "Handle the error of this call: the client may have gone."),
        ]),
        should(
            "port_taken",
            1,
            "Where its port is taken it ends with a sentence and exit code 1.",
            |scene| servers::port_taken(scene, Udp),
        )
        .needs(&["binds"]),
        must("ends_at_sigterm", 1, "SIGTERM ends it.", |scene| {
            servers::ends_at_sigterm(scene, Udp)
        })
        .needs(&["binds"]),
    ],
};

const SIZE_HINTS: &[(Way, &str)] = &[
    (Way::NotPrinted, "Give recvfrom() a buffer of 65,507 bytes: what does not fit is lost."),
    (Way::Silent, "A datagram of any size gets a receipt, one of 0 bytes too."),
    (Way::Ended, "A datagram of any size gets a receipt, one of 0 bytes too."),
];

/// A client sends this and has an answer, whatever it says and wherever it comes from.
fn ask(scene: &mut Scene, message: &[u8]) -> Outcome<(Server, Peer)> {
    let server = scene.udp_server()?;
    let client = scene.udp_client()?;
    client.send(message, server.address)?;
    client.receive_from(&server.program)?;
    Ok((server, client))
}

fn receipt(scene: &mut Scene) -> Outcome {
    let message = scene.sentence();
    let server = scene.udp_server()?;
    let client = scene.udp_client()?;
    client.send(message.as_bytes(), server.address)?;
    let (came, _) = client.receive_from(&server.program)?;
    client.compare(RECEIPT, came.trim_ascii())
}

fn prints_the_message(scene: &mut Scene) -> Outcome {
    let message = scene.sentence();
    let (server, _client) = ask(scene, message.as_bytes())?;
    server.program.prints("the message", &[&message])?;
    clients::no_rest_of_a_buffer(&server.program)
}

fn prints_the_client(scene: &mut Scene) -> Outcome {
    let message = scene.sentence();
    let (server, client) = ask(scene, message.as_bytes())?;
    let address = client.address()?;
    scene.transcript().notes(client.who(), format!("has the address {address}"));
    let (ip, port) = (address.ip().to_string(), address.port().to_string());
    server.program.prints("the client's address and port", &[&ip, &port])
}

fn one_receipt(scene: &mut Scene) -> Outcome {
    let server = scene.udp_server()?;
    let clients = [scene.udp_client()?, scene.udp_client()?];
    for client in &clients {
        let message = scene.sentence();
        client.send(message.as_bytes(), server.address)?;
    }
    clients[0].receive_from(&server.program)?;
    clients.iter().try_for_each(|client| client.expect_nothing(Duration::from_millis(50)))
}

fn any_size(scene: &mut Scene, length: usize) -> Outcome {
    let message = scene.word(length);
    let (server, _client) = ask(scene, message.as_bytes())?;
    clients::prints_all(&server.program, &message)?;
    server.program.succeeds()
}

/// A message of two words with these bytes between them: both words are printed.
fn strange_message(scene: &mut Scene, between: &[u8]) -> Outcome {
    let (first, second) = (scene.word(8), scene.word(8));
    let message = [first.as_bytes(), between, second.as_bytes()].concat();
    let (server, _client) = ask(scene, &message)?;
    server.program.succeeds()?;
    server.program.prints("what can be printed of the message", &[&first, &second])
}

fn from_the_port_asked(scene: &mut Scene) -> Outcome {
    let message = scene.sentence();
    let server = scene.udp_server()?;
    let client = scene.udp_client()?;
    client.send(message.as_bytes(), server.address)?;
    let (_, source) = client.receive_from(&server.program)?;
    udp_servers::same_source(scene, &server, &client, source)
}

fn a_client_that_is_gone(scene: &mut Scene) -> Outcome {
    let message = scene.sentence();
    let server = scene.udp_server()?;
    scene.udp_client()?.send_and_leave(message.as_bytes(), server.address)?;
    server.program.wait()?;
    if is_traceback(&server.program.printed()) {
        let sentence = "The program showed a traceback where its client had gone.";
        return Err(wrong(Way::Traceback, sentence));
    }
    Ok(())
}
