//! `tcp_server`: one client after the other, a sentence in upper case for each.

use std::time::Duration;

use socket_labs::socket_table::Protocol::Tcp;

use crate::exam::mistakes::STRICT_DECODING;
use crate::exam::program::until;
use crate::exam::scene::Server;
use crate::exam::tcp::Conn;
use crate::exam::{Exam, Outcome, Scene, Way, must, servers, should, wrong};

/// Clients that are there at the same time.
const QUEUE: usize = 3;

/// A sentence that comes in one segment, also over Ethernet.
const LONG: usize = 1_400;

/// What is examined.
pub const EXAM: Exam = Exam {
    step: "tcp_server",
    arguments: &["--port", "{port}"],
    port: 12000,
    checks: &[
        must("listens", 2, "The program listens on its TCP port.", |scene| {
            scene.tcp_server().map(drop)
        }),
        must("answers", 4, "A client gets its sentence back in upper case.", |scene| {
            let server = scene.tcp_server()?;
            let sentence = scene.sentence();
            ask_or_ended(scene, &server, sentence.as_bytes()).map(drop)
        })
        .needs(&["listens"])
        .hints(&[
            (Way::Silent, "The sentence is what one recv() brings: it has no line end, and no end of stream behind it."),
            (Way::Different, "Answer with the upper case of what came, and with nothing else."),
            (Way::Missing, "Answer with all the bytes that came."),
            (Way::Closed, "Receive the sentence and send the answer before you close."),
            (Way::Ended, "Receive the sentence and send the answer: look at what the program printed."),
            (Way::Reset, "Receive the sentence before you close."),
        ]),
        must("closes", 2, "After the answer it closes the connection.", closes)
            .needs(&["answers"])
            .hints(&[
                (Way::NotClosed, "Call close() on the client's socket when the answer is sent."),
                (Way::Extra, "Send the answer once, and nothing behind it."),
            ]),
        must("goes_on", 2, "After one client it serves the next, for ever.", |scene| {
            let server = scene.tcp_server()?;
            exchange(scene, &server)?;
            let mut next =
                || servers::next_client_is_served(scene, &server, exchange, "after its first client");
            next()?;
            next()
        })
        .needs(&["answers"])
        .hints(&[
            (Way::Ended, "Put accept(), and all that is done for a client, into a loop that never ends."),
            (Way::Refused, "Put accept(), and all that is done for a client, into a loop that never ends."),
            (Way::Silent, "After a client go back to accept(): its answer is all that it gets."),
            (Way::Closed, "Close the socket of the client, and not the one that listens."),
        ]),
        must("prints_the_client", 1, "For each client it prints its address and port.", prints_the_client)
            .needs(&["goes_on"])
            .hints(&[(Way::NotPrinted, "accept() tells who has connected: print that.")]),
        should("nothing_early", 1, "Nothing comes before the client has sent its sentence.", nothing_early)
            .needs(&["answers"])
            .hints(&[(Way::Early, "Say nothing of your own: no welcome, no prompt.")]),
        should("letters_only", 1, "Capitals, digits, punctuation and line ends come back as they were.", letters_only)
            .needs(&["answers"])
            .hints(&[
                (Way::Missing, "Do not strip anything: spaces and line ends belong to the sentence."),
                (Way::Different, "Make upper case of the small letters, and leave all else as it is."),
            ]),
        should("other_letters", 1, "Letters that are not ASCII survive, in small or in capitals.", other_letters)
            .needs(&["answers"])
            .hints(BYTES_HINTS),
        should("not_utf8", 1, "Bytes that are not UTF-8 come back as they were.", |scene| {
            survives_bytes(scene, b" \xc3( \x80\xbf \xf7 ")
        })
        .needs(&["goes_on"])
        .finds(&STRICT_DECODING)
        .hints(BYTES_HINTS),
        should("zero_bytes", 1, "Zero bytes come back as they were.", |scene| {
            survives_bytes(scene, b"\0\0")
        })
        .needs(&["goes_on"])
        .hints(BYTES_HINTS),
        should("long_sentence", 1, "A sentence of 1,400 letters, sent at once, is answered whole.", |scene| {
            let server = scene.tcp_server()?;
            let sentence = scene.word(LONG);
            ask(scene, &server, sentence.as_bytes()).map(drop)
        })
        .needs(&["answers"])
        .hints(&[
            (Way::Missing, "Give recv() a larger buffer: it takes no more than you ask for."),
            (Way::Reset, "Give recv() a larger buffer: closing with a part unread resets the connection."),
        ]),
        should("half_close", 1, "A client that ends its stream after the sentence gets its answer.", half_close)
            .needs(&["closes"])
            .hints(&[
                (Way::Closed, "The end of the client's stream comes behind the sentence: answer that first."),
                (Way::Extra, "Answer once: the end of the stream is no sentence."),
            ]),
        should("waiting_clients", 1, "Clients that wait meanwhile are all served, each with its own answer.", waiting_clients)
            .needs(&["goes_on"])
            .hints(&[
                (Way::Different, "Answer each client with what came from its own socket, now."),
                (Way::Refused, "listen() holds the clients that wait: do not close the socket that listens."),
                (Way::Silent, "After each client go back to accept()."),
            ]),
        should("survives_a_client_that_says_nothing", 1, "A client that connects and leaves without a word does not end the server.", |scene| {
            servers::survives_a_client_that_vanishes(scene, exchange)
        })
        .needs(&["goes_on"])
        .hints(TROUBLE_HINTS),
        should("survives_a_reset", 1, "A client that resets its connection does not end the server.", |scene| {
            servers::survives_a_reset(scene, exchange)
        })
        .needs(&["goes_on"])
        .hints(TROUBLE_HINTS),
        should("leaves_no_open_files", 1, "200 clients one after the other leave the open files as they were.", |scene| {
            servers::leaves_no_open_files(scene, Tcp, exchange)
        })
        .needs(&["closes", "goes_on"]),
        should("waits_without_work", 1, "With nothing to do it uses no CPU.", |scene| {
            servers::waits_without_work(scene, Tcp)
        })
        .needs(&["listens"]),
        should("port_taken", 1, "Where its port is taken it ends with a sentence and exit code 1.", |scene| {
            servers::port_taken(scene, Tcp)
        })
        .needs(&["listens"]),
        must("ends_at_sigterm", 1, "SIGTERM ends it.", |scene| servers::ends_at_sigterm(scene, Tcp))
            .needs(&["listens"]),
    ],
};

const BYTES_HINTS: &[(Way, &str)] = &[
    (Way::Missing, "A zero byte is a byte like any other: use the length that recv() tells."),
    (Way::Different, "Work on the bytes themselves: do not decode them."),
    (Way::Ended, "Do not decode what came, or handle the error: not all bytes are UTF-8."),
    (Way::Closed, "Do not decode what came, or handle the error: not all bytes are UTF-8."),
    (Way::Reset, "Do not decode what came, or handle the error: not all bytes are UTF-8."),
];

const TROUBLE_HINTS: &[(Way, &str)] = &[
    (Way::Ended, "An error of one client must not end the server: handle it, close, and go on."),
    (
        Way::Silent,
        "recv() that brings nothing means that the client has gone: close, and accept() the next.",
    ),
];

/// A client sends this and gets its upper case, which means the ASCII letters. The connection stays.
fn ask(scene: &mut Scene, server: &Server, sentence: &[u8]) -> Outcome<Conn> {
    let client = scene.connect(server)?;
    client.send(sentence)?;
    client.expect(&sentence.to_ascii_uppercase())?;
    Ok(client)
}

fn hold(scene: &mut Scene, server: &Server) -> Outcome<Conn> {
    let sentence = scene.sentence();
    ask(scene, server, sentence.as_bytes())
}

/// As [`ask`]; that the program ended is the better explanation of a connection that was closed.
fn ask_or_ended(scene: &mut Scene, server: &Server, sentence: &[u8]) -> Outcome<Conn> {
    let asked = ask(scene, server, sentence);
    if asked.is_err() {
        until(Duration::from_millis(200), || server.program.ended());
        server.program.still_runs("in place of an answer")?;
    }
    asked
}

/// A client once.
fn exchange(scene: &mut Scene, server: &Server) -> Outcome {
    hold(scene, server).map(Conn::close)
}

fn closes(scene: &mut Scene) -> Outcome {
    let server = scene.tcp_server()?;
    hold(scene, &server)?.expect_end()
}

fn prints_the_client(scene: &mut Scene) -> Outcome {
    let server = scene.tcp_server()?;
    for _ in 0..2 {
        let client = hold(scene, &server)?;
        let address = client.local()?;
        scene.transcript().notes(client.who(), format!("has the address {address}"));
        let (ip, port) = (address.ip().to_string(), address.port().to_string());
        server.program.prints("the client's address and port", &[&ip, &port])?;
    }
    Ok(())
}

fn nothing_early(scene: &mut Scene) -> Outcome {
    let server = scene.tcp_server()?;
    let sentence = scene.sentence();
    let client = scene.connect(&server)?;
    client.expect_nothing(Duration::from_millis(150))?;
    client.send(sentence.as_bytes())?;
    client.expect(sentence.to_ascii_uppercase().as_bytes())
}

fn letters_only(scene: &mut Scene) -> Outcome {
    let server = scene.tcp_server()?;
    let number = scene.number(1000, 10_000);
    let sentence = format!(" {} [{number}] {{Ok}}: `@~\t\r\n", scene.sentence());
    ask(scene, &server, sentence.as_bytes()).map(drop)
}

fn other_letters(scene: &mut Scene) -> Outcome {
    let server = scene.tcp_server()?;
    // Taken for Latin-1, a byte of "€" is a letter that has a capital.
    let sentence = format!("{} ñandú, ärger, čas, 5 €", scene.word(6));
    let client = scene.connect(&server)?;
    client.send(sentence.as_bytes())?;
    let came = client.receive(sentence.len())?; // their capitals have as many bytes
    let expected = sentence.to_ascii_uppercase();
    if came == sentence.to_uppercase().as_bytes() || came == expected.as_bytes() {
        return Ok(());
    }
    let what = "The letters that are not ASCII came back as others.";
    Err(wrong(Way::Different, what).with_bytes(expected.as_bytes(), &came))
}

fn survives_bytes(scene: &mut Scene, between: &[u8]) -> Outcome {
    let (before, after) = (scene.word(5), scene.word(5));
    let sentence = [before.as_bytes(), between, after.as_bytes()].concat();
    let server = scene.tcp_server()?;
    ask_or_ended(scene, &server, &sentence)?.close();
    exchange(scene, &server)
}

fn half_close(scene: &mut Scene) -> Outcome {
    let server = scene.tcp_server()?;
    let sentence = scene.sentence();
    let client = scene.connect(&server)?;
    client.send(sentence.as_bytes())?;
    client.finish();
    client.expect(sentence.to_ascii_uppercase().as_bytes())?;
    client.expect_end()
}

fn waiting_clients(scene: &mut Scene) -> Outcome {
    let server = scene.tcp_server()?;
    let mut clients = Vec::new();
    for _ in 0..QUEUE {
        clients.push((scene.connect(&server)?, scene.sentence()));
    }
    for (client, sentence) in &clients {
        client.send(sentence.as_bytes())?;
    }
    for (client, sentence) in &clients {
        client.expect(sentence.to_ascii_uppercase().as_bytes())?;
    }
    Ok(())
}
