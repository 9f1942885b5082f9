//! `tcp_client`: connects, sends one sentence, and reads the answer until the server closes.

use crate::exam::clients::{self, DRIPPING_HINTS, TROUBLE_HINTS};
use crate::exam::mistakes::{NO_TIMEOUT, ONE_RECV, STRICT_DECODING};
use crate::exam::output::is_traceback;
use crate::exam::program::Program;
use crate::exam::tcp::{Conn, Door};
use crate::exam::transcript::count;
use crate::exam::{Exam, Outcome, Scene, Way, beyond, must, should, wrong};

/// A sentence as long as this still fits into a line that is typed.
const LONG: usize = 3_000;

/// An answer that no client gets with one recv().
const LONG_ANSWER: usize = 100_000;

/// What is examined.
pub const EXAM: Exam = Exam {
    step: "tcp_client",
    arguments: &["--host", "{host}", "--port", "{port}", "--timeout", "{timeout}"],
    port: 12000,
    checks: &[
        must("connects", 2, "It connects to the address and the port of the server.", connects)
            .hints(&[(
                Way::Silent,
                "Create a socket of SOCK_STREAM and connect() it to the server.",
            )]),
        must("sends", 3, "The sentence that is typed reaches the server.", |scene| {
            meet(scene).map(drop)
        })
        .needs(&["connects"])
        .hints(&[
            (Way::Silent, "Send the sentence with sendall() when it has been typed."),
            (Way::Missing, "Send the whole sentence: does the program read a word, or a line?"),
            (Way::Different, "Send the sentence as it was typed, and nothing else."),
            (Way::Extra, "Send as many bytes as the sentence has, not the whole buffer."),
        ]),
        must("prints_the_answer", 3, "What the server answers is printed.", prints_the_answer)
            .needs(&["sends"])
            .hints(&[
                (Way::NotPrinted, "Receive with recv(), and print what came: not what you sent."),
                clients::BUFFER_HINT,
            ]),
        must(
            "prints_its_own_address",
            1,
            "It prints the address and the port that it has itself.",
            prints_its_own_address,
        )
        .needs(&["sends"])
        .hints(&[(
            Way::NotPrinted,
            "After connect(), getsockname() tells the client's own address: print that.",
        )]),
        beyond(
            "prints_the_server",
            "It prints the address and the port of the server.",
            prints_the_server,
        )
        .needs(&["sends"])
        .hints(&[(
            Way::NotPrinted,
            "Print the address that you connected to: getpeername() tells it too.",
        )]),
        must("ends", 2, "When the server has closed it ends with exit code 0.", |scene| {
            let (program, _conn) = answered(scene, b"AN ANSWER")?;
            program.succeeds()
        })
        .needs(&["sends"])
        .hints(&[(
            Way::StillRuns,
            "recv() that brings nothing means that the server has closed: stop then.",
        )]),
        should("asks", 1, "It asks for the sentence before it is typed.", |scene| {
            let _door = door(scene)?;
            let program = scene.start()?;
            clients::asks(scene, &program, "message")
        })
        .needs(&["sends"])
        .hints(&[(
            Way::NotPrinted,
            "Print a question and flush it: a text without a line end may be held back.",
        )]),
        should("nothing_more", 1, "The server gets the sentence and nothing more.", nothing_more)
            .needs(&["ends"])
            .hints(&[(Way::Extra, "Send the sentence once, and nothing behind it.")]),
        should("long_sentence", 1, "A sentence of 3,000 letters arrives whole.", |scene| {
            let sentence = scene.word(LONG);
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
            (Way::Closed, "Encode the sentence as UTF-8: ASCII has no such letters."),
        ]),
        should(
            "waits_for_the_answer",
            1,
            "An answer that takes a while is waited for.",
            waits_for_the_answer,
        )
        .needs(&["prints_the_answer"])
        .hints(&[(Way::Ended, "Let recv() wait for the answer, up to a timeout of some seconds.")]),
        should(
            "byte_by_byte",
            1,
            "An answer that arrives byte by byte is printed whole.",
            byte_by_byte,
        )
        .needs(&["prints_the_answer"])
        .finds(&ONE_RECV)
        .hints(&[
            (Way::NotPrinted, "One recv() is not one answer: receive until recv() brings nothing."),
            (Way::Reset, "One recv() is not one answer: receive until recv() brings nothing."),
            (Way::Silent, "Receive until recv() brings nothing, and not until a number of bytes."),
        ]),
        should(
            "a_letter_in_two_pieces",
            1,
            "A letter of two bytes that arrive apart is printed.",
            a_letter_in_two_pieces,
        )
        .needs(&["byte_by_byte", "ends"])
        .hints(&[
            (Way::NotPrinted, "Collect the bytes of the whole answer, and decode them at the end."),
            (Way::Traceback, "Collect the bytes of the whole answer, and decode them at the end."),
        ]),
        should("long_answer", 1, "An answer of 100,000 letters is printed whole.", long_answer)
            .needs(&["prints_the_answer"])
            .hints(&[
                (
                    Way::NotPrinted,
                    "Receive until recv() brings nothing, whatever the size of the buffer.",
                ),
                (
                    Way::Reset,
                    "Receive until recv() brings nothing, whatever the size of the buffer.",
                ),
            ]),
        should(
            "zero_bytes",
            1,
            "An answer with a zero byte in it is printed to its end.",
            |scene| strange_answer(scene, b"\0"),
        )
        .needs(&["prints_the_answer", "ends"])
        .hints(&[(Way::NotPrinted, "A zero byte is no end: print as many bytes as recv() tells.")]),
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
            "no_answer",
            1,
            "Where the server closes without an answer, it ends too.",
            no_answer,
        )
        .needs(&["ends"])
        .hints(&[
            (Way::StillRuns, "recv() that brings nothing is the end: it will never bring more."),
            (Way::Traceback, "An answer of 0 bytes has no first byte: look before you take it."),
        ]),
        should(
            "silent_server",
            1,
            "Where no answer comes it says so after a finite wait.",
            |scene| clients::silent_server(scene, meet),
        )
        .needs(&["sends"])
        .finds(&NO_TIMEOUT)
        .hints(TROUBLE_HINTS),
        beyond(
            "a_dripping_server",
            "Where an answer comes byte by byte without an end, its wait is finite too.",
            |scene| {
                clients::give_up_soon(scene);
                let (program, conn) = meet(scene)?;
                clients::dripping_server(scene, &program, &conn, b"AN ANSWER")
            },
        )
        .needs(&["sends"])
        .hints(DRIPPING_HINTS),
        should(
            "refused",
            1,
            "Where nobody listens it says so, and ends with exit code 1.",
            |scene| clients::refused(scene, start),
        )
        .needs(&["connects"])
        .hints(TROUBLE_HINTS),
        should(
            "reset",
            1,
            "Where the server resets the connection it says so, and ends with exit code 1.",
            |scene| clients::reset(scene, meet, b""),
        )
        .needs(&["sends"])
        .hints(TROUBLE_HINTS),
    ],
};

fn door(scene: &mut Scene) -> Outcome<Door> {
    let address = clients::server_address(scene);
    scene.listen("server", address)
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

fn connects(scene: &mut Scene) -> Outcome {
    let door = door(scene)?;
    let program = start(scene)?;
    door.accept(&program).map(drop)
}

/// The program and its connection, from which this sentence has come.
fn asked(scene: &mut Scene, sentence: &str) -> Outcome<(Program, Conn)> {
    let door = door(scene)?;
    let program = start_with(scene, sentence)?;
    let conn = door.accept(&program)?;
    conn.expect(sentence.as_bytes())?;
    Ok((program, conn))
}

/// The program and its connection, from which some sentence has come.
fn meet(scene: &mut Scene) -> Outcome<(Program, Conn)> {
    let sentence = scene.sentence();
    asked(scene, &sentence)
}

/// The program, which was answered this, and its connection. That is to stay open until the program
/// is done: a line end may have come behind the sentence, and closing without reading it would be a
/// reset.
fn answered(scene: &mut Scene, answer: &[u8]) -> Outcome<(Program, Conn)> {
    let (program, conn) = meet(scene)?;
    if !answer.is_empty() {
        conn.send(answer)?;
    }
    conn.finish();
    Ok((program, conn))
}

fn prints_the_answer(scene: &mut Scene) -> Outcome {
    let answer = scene.sentence().to_uppercase();
    let (program, _conn) = answered(scene, answer.as_bytes())?;
    program.prints("the answer", &[&answer])?;
    clients::no_rest_of_a_buffer(&program)
}

fn waits_for_the_answer(scene: &mut Scene) -> Outcome {
    let answer = scene.sentence().to_uppercase();
    let (program, conn) = meet(scene)?;
    let answers = || {
        conn.send(answer.as_bytes())?;
        conn.finish();
        Ok(())
    };
    let is_printed = || program.prints("the answer", &[&answer]);
    clients::waits_for_an_answer(scene, &program, answers, is_printed)
}

fn prints_its_own_address(scene: &mut Scene) -> Outcome {
    let (program, conn) = meet(scene)?;
    let address = conn.peer()?;
    scene.transcript().notes(conn.who(), format!("is connected with {address}"));
    conn.send(b"AN ANSWER")?;
    conn.finish();
    let (ip, port) = (address.ip().to_string(), address.port().to_string());
    program.prints("its own address and port", &[&ip, &port])
}

fn prints_the_server(scene: &mut Scene) -> Outcome {
    let (program, conn) = answered(scene, b"AN ANSWER")?;
    let address = conn.local()?;
    let (ip, port) = (address.ip().to_string(), address.port().to_string());
    program.prints("the server's address and port", &[&ip, &port])
}

fn nothing_more(scene: &mut Scene) -> Outcome {
    let (_program, conn) = answered(scene, b"AN ANSWER")?;
    let rest = conn.receive_to_end(64 * 1024)?;
    if matches!(&rest[..], b"" | b"\n" | b"\r\n") {
        return Ok(()); // a line end that was typed may come along
    }
    let sentence = format!("Behind the sentence came {}.", count(rest.len(), "byte"));
    Err(wrong(Way::Extra, sentence).with_bytes(b"", &rest))
}

fn byte_by_byte(scene: &mut Scene) -> Outcome {
    let answer = scene.sentence().to_uppercase();
    let (program, conn) = meet(scene)?;
    let sent = conn.send_in_pieces(answer.as_bytes().chunks(1));
    conn.finish();
    // A client that has left too early resets the connection: what it printed explains that.
    program.prints("the whole answer", &[&answer])?;
    sent
}

/// The letter has two bytes in UTF-8.
fn a_letter_in_two_pieces(scene: &mut Scene) -> Outcome {
    let (before, after) = (scene.word(6).to_uppercase(), scene.word(6).to_uppercase());
    let answer = format!("{before}Ñ{after}");
    let (program, conn) = meet(scene)?;
    let (start, rest) = answer.as_bytes().split_at(before.len() + 1);
    let sent = conn.send_in_pieces([start, rest]);
    conn.finish();
    program.succeeds()?;
    program.prints("the whole answer", &[&answer])?;
    sent
}

fn long_answer(scene: &mut Scene) -> Outcome {
    let answer = scene.word(LONG_ANSWER).to_uppercase();
    let (program, conn) = meet(scene)?;
    let sent = conn.send(answer.as_bytes());
    conn.finish();
    clients::prints_all(&program, &answer)?;
    sent
}

/// An answer of two words with these bytes between them: both words are printed.
fn strange_answer(scene: &mut Scene, between: &[u8]) -> Outcome {
    let (first, second) = (scene.word(8).to_uppercase(), scene.word(8).to_uppercase());
    let answer = [first.as_bytes(), between, second.as_bytes()].concat();
    let (program, _conn) = answered(scene, &answer)?;
    program.succeeds()?;
    program.prints("what can be printed of the answer", &[&first, &second])
}

/// With or without an error: the program may print an empty answer, or say that there is none.
fn no_answer(scene: &mut Scene) -> Outcome {
    let (program, _conn) = answered(scene, b"")?;
    program.wait()?;
    if is_traceback(&program.printed()) {
        let sentence = "The program showed a traceback where its server closed without an answer.";
        return Err(wrong(Way::Traceback, sentence));
    }
    Ok(())
}
