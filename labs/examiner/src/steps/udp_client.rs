//! `udp_client`: one sentence as a datagram, and the answer on the screen.

use std::net::SocketAddr;
use std::time::Duration;

use crate::exam::clients::{self, CHATTY_HINTS, TROUBLE_HINTS};
use crate::exam::mistakes::{NO_TIMEOUT, STRICT_DECODING};
use crate::exam::program::Program;
use crate::exam::scene::LOOPBACK;
use crate::exam::udp::Peer;
use crate::exam::udp_servers::{LARGEST, ONE_FRAME};
use crate::exam::{Exam, Outcome, Scene, Way, beyond, must, should, wrong};

/// What is examined.
pub const EXAM: Exam = Exam {
    step: "udp_client",
    arguments: &["--host", "{host}", "--port", "{port}", "--timeout", "{timeout}"],
    port: 12000,
    checks: &[
        must(
            "sends",
            4,
            "The sentence that is typed reaches the server as one datagram.",
            |scene| {
                let sentence = scene.sentence();
                asked(scene, &sentence).map(drop)
            },
        )
        .hints(&[
            (
                Way::Silent,
                "Send the sentence with sendto(), to the address and the port of the server.",
            ),
            (Way::Ended, "Look at what the program printed before it ended."),
            (Way::Different, "Send the sentence as it was typed, and nothing else."),
            (Way::Missing, "Send the whole sentence: does the program read a word, or a line?"),
            (Way::Extra, "Send as many bytes as the sentence has, not the whole buffer."),
        ]),
        must("prints_the_answer", 4, "What the server answers is printed.", prints_the_answer)
            .needs(&["sends"])
            .hints(&[
                (
                    Way::NotPrinted,
                    "Receive with recvfrom(), and print what came: not what you sent.",
                ),
                clients::BUFFER_HINT,
            ]),
        must(
            "prints_the_server",
            1,
            "The address and the port that answered are printed.",
            prints_the_server,
        )
        .needs(&["sends"])
        .hints(&[(Way::NotPrinted, "recvfrom() tells where the answer came from: print that.")]),
        must("ends", 2, "After the answer it ends with exit code 0.", |scene| {
            answered(scene, b"an answer")?.succeeds()
        })
        .needs(&["sends"])
        .hints(&[(Way::StillRuns, "One answer is all that comes: do not receive again.")]),
        should("asks", 1, "It asks for the sentence before it is typed.", |scene| {
            let _server = server(scene)?;
            let program = scene.start()?;
            clients::asks(scene, &program, "message")
        })
        .needs(&["sends"])
        .hints(&[(
            Way::NotPrinted,
            "Print a question and flush it: a text without a line end may be held back.",
        )]),
        should("one_datagram", 1, "The server gets one datagram, and no other.", one_datagram)
            .needs(&["sends"])
            .hints(&[(Way::Extra, "Send once: one sendto() is one datagram.")]),
        should("long_sentence", 1, "A sentence of 1,472 letters arrives whole.", |scene| {
            let sentence = scene.word(ONE_FRAME);
            asked(scene, &sentence).map(drop)
        })
        .needs(&["sends"])
        .hints(&[(Way::Missing, "Make the buffer for the sentence larger, and send all of it.")]),
        should(
            "other_letters",
            1,
            "Letters that are not ASCII are sent as they were typed, in UTF-8.",
            |scene| {
                let sentence = format!("{} ñandú, ärger, čas", scene.word(5));
                asked(scene, &sentence).map(drop)
            },
        )
        .needs(&["sends"])
        .hints(&[
            (Way::Different, "Encode the sentence as UTF-8."),
            (Way::Ended, "Encode the sentence as UTF-8: ASCII has no such letters."),
        ]),
        should(
            "waits_for_the_answer",
            1,
            "An answer that takes a while is waited for.",
            waits_for_the_answer,
        )
        .needs(&["prints_the_answer"])
        .hints(&[(
            Way::Ended,
            "Let recvfrom() wait for the answer, up to a timeout of some seconds.",
        )]),
        should(
            "empty_answer",
            1,
            "An empty answer is an answer: it ends with exit code 0.",
            |scene| answered(scene, b"")?.succeeds(),
        )
        .needs(&["ends"])
        .hints(&[
            (Way::StillRuns, "A datagram of 0 bytes is an answer: do not wait for another one."),
            (Way::ExitCode, "A datagram of 0 bytes is an answer, and no error."),
        ]),
        should(
            "largest_answer",
            1,
            "An answer of 65,507 bytes, the most there can be, is printed whole.",
            largest_answer,
        )
        .needs(&["prints_the_answer"])
        .hints(&[(
            Way::NotPrinted,
            "Give recvfrom() a buffer of 65,507 bytes: what does not fit is lost.",
        )]),
        should(
            "zero_bytes",
            1,
            "An answer with a zero byte in it is printed to its end.",
            |scene| strange_answer(scene, b"\0"),
        )
        .needs(&["prints_the_answer", "ends"])
        .hints(&[(
            Way::NotPrinted,
            "A zero byte is no end: print as many bytes as recvfrom() tells.",
        )]),
        should(
            "not_utf8",
            1,
            "An answer that is not UTF-8 is printed as well as it can be.",
            |scene| strange_answer(scene, b" \xff\xfe\xc3( "),
        )
        .needs(&["prints_the_answer", "ends"])
        .finds(&STRICT_DECODING)
        .hints(&[
            (Way::Traceback, "Decode the answer with errors=\"replace\", or handle the error."),
            (Way::NotPrinted, "Print what can be printed of the answer."),
        ]),
        should(
            "strangers",
            1,
            "A datagram that is not from the server is not taken for its answer.",
            strangers,
        )
        .needs(&["prints_the_answer"])
        .hints(&[
            (
                Way::Accepted,
                "Compare the address that recvfrom() tells with the server's, or connect().",
            ),
            (Way::NotPrinted, "Leave the datagram of a stranger aside, and receive again."),
        ]),
        should(
            "silent_server",
            1,
            "Where no answer comes it says so after a finite wait.",
            silent_server,
        )
        .needs(&["sends"])
        .finds(&NO_TIMEOUT)
        .hints(TROUBLE_HINTS),
        beyond(
            "chatty_stranger",
            "The wait is finite, too, where a stranger sends one datagram after the other.",
            chatty_stranger,
        )
        .needs(&["strangers"])
        .hints(CHATTY_HINTS),
        should(
            "nobody_listens",
            1,
            "Where nobody listens it says so after a finite wait.",
            |scene| clients::refused(scene, start),
        )
        .needs(&["sends"])
        .hints(TROUBLE_HINTS),
    ],
};

fn server(scene: &mut Scene) -> Outcome<Peer> {
    let address = clients::server_address(scene);
    scene.udp_peer("server", address)
}

/// Starts the program with a sentence of its own.
fn start(scene: &mut Scene) -> Outcome<Program> {
    let sentence = scene.sentence();
    start_with(scene, &sentence)
}

fn start_with(scene: &mut Scene, sentence: &str) -> Outcome<Program> {
    scene.give("message", sentence);
    let program = scene.start()?;
    clients::say(scene, &program, sentence)?;
    Ok(program)
}

fn silent_server(scene: &mut Scene) -> Outcome {
    clients::give_up_soon(scene);
    let sentence = scene.sentence();
    let (program, server, _) = asked(scene, &sentence)?;
    let before = clients::printed_so_far(&program);
    scene.transcript().notes(server.who(), "says nothing");
    let wait = clients::longest_wait(scene);
    clients::says_why(&program, before, wait, "where its server says nothing")
}

fn chatty_stranger(scene: &mut Scene) -> Outcome {
    clients::give_up_soon(scene);
    let (sentence, lie) = (scene.sentence(), scene.word(12).to_uppercase());
    let (program, _server, client) = asked(scene, &sentence)?;
    clients::chatty_stranger(scene, &program, client, LOOPBACK.into(), lie.as_bytes())
}

/// The program, the server that it asked for this sentence, and the address that it asked from.
fn asked(scene: &mut Scene, sentence: &str) -> Outcome<(Program, Peer, SocketAddr)> {
    let server = server(scene)?;
    let program = start_with(scene, sentence)?;
    let (came, client) = server.receive_from(&program)?;
    clients::same_message("the server", sentence.as_bytes(), &came)?;
    Ok((program, server, client))
}

/// The program, which was answered this.
fn answered(scene: &mut Scene, answer: &[u8]) -> Outcome<Program> {
    let sentence = scene.sentence();
    let (program, server, client) = asked(scene, &sentence)?;
    server.send(answer, client)?;
    Ok(program)
}

fn prints_the_answer(scene: &mut Scene) -> Outcome {
    let answer = scene.sentence().to_uppercase();
    let program = answered(scene, answer.as_bytes())?;
    program.prints("the answer", &[&answer])?;
    clients::no_rest_of_a_buffer(&program)
}

fn prints_the_server(scene: &mut Scene) -> Outcome {
    let sentence = scene.sentence();
    let (program, server, client) = asked(scene, &sentence)?;
    server.send(sentence.to_uppercase().as_bytes(), client)?;
    let address = server.address()?;
    let (ip, port) = (address.ip().to_string(), address.port().to_string());
    program.prints("the server's address and port", &[&ip, &port])
}

fn one_datagram(scene: &mut Scene) -> Outcome {
    let sentence = scene.sentence();
    let (_program, server, client) = asked(scene, &sentence)?;
    server.expect_nothing(Duration::from_millis(50))?;
    server.send(sentence.to_uppercase().as_bytes(), client)?;
    server.expect_nothing(Duration::from_millis(50))
}

fn waits_for_the_answer(scene: &mut Scene) -> Outcome {
    let (sentence, answer) = (scene.sentence(), scene.sentence().to_uppercase());
    let (program, server, client) = asked(scene, &sentence)?;
    let answers = || server.send(answer.as_bytes(), client);
    let is_printed = || program.prints("the answer", &[&answer]);
    clients::waits_for_an_answer(scene, &program, answers, is_printed)
}

fn largest_answer(scene: &mut Scene) -> Outcome {
    let answer = scene.word(LARGEST).to_uppercase();
    let program = answered(scene, answer.as_bytes())?;
    clients::prints_all(&program, &answer)
}

/// An answer of two words with these bytes between them: both words are printed.
fn strange_answer(scene: &mut Scene, between: &[u8]) -> Outcome {
    let (first, second) = (scene.word(8).to_uppercase(), scene.word(8).to_uppercase());
    let answer = [first.as_bytes(), between, second.as_bytes()].concat();
    let program = answered(scene, &answer)?;
    program.succeeds()?;
    program.prints("what can be printed of the answer", &[&first, &second])
}

/// A stranger's datagram comes before the answer.
fn strangers(scene: &mut Scene) -> Outcome {
    let (sentence, lie) = (scene.sentence(), scene.word(12).to_uppercase());
    let answer = scene.sentence().to_uppercase();
    let (program, server, client) = asked(scene, &sentence)?;
    let stranger = scene.udp_client()?;
    stranger.send(lie.as_bytes(), client)?;
    server.send(answer.as_bytes(), client)?;
    let printed = program.prints("the answer", &[&answer]);
    if program.stdout().text().contains(&lie) {
        let sentence =
            format!("The program took the datagram of {} for the answer.", stranger.who());
        return Err(wrong(Way::Accepted, sentence));
    }
    printed
}
