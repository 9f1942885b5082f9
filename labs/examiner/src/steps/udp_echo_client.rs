//! `udp_echo_client`: one datagram to the echo server, and what comes back on the screen.

use std::net::SocketAddr;
use std::time::Duration;

use crate::exam::clients::{self, CHATTY_HINTS, TROUBLE_HINTS};
use crate::exam::mistakes::{NO_TIMEOUT, STRICT_DECODING};
use crate::exam::program::{Program, until};
use crate::exam::scene::LOOPBACK;
use crate::exam::udp::Peer;
use crate::exam::udp_servers::LARGEST;
use crate::exam::{Exam, Outcome, PATIENCE, Scene, Trouble, Way, beyond, must, should, wrong};

/// The longest line that can be typed at a terminal, with something to spare.
const LONGEST_LINE: usize = 4000;

/// What is examined.
pub const EXAM: Exam = Exam {
    step: "udp_echo_client",
    arguments: &["--host", "{host}", "--port", "{port}", "--timeout", "{timeout}", "{message}"],
    port: 65432,
    checks: &[
        must("sends", 4, "The message reaches the server as one datagram.", |scene| {
            let message = scene.sentence();
            asked(scene, &message).map(drop)
        })
        .hints(&[
            (Way::Silent, "Send the message with sendto(), to the address and port of the server."),
            (Way::Ended, "Look at what the program printed before it ended."),
            (Way::Different, "Send what was typed, or given as an argument: no other message."),
            (Way::Missing, "Send the whole message: does the program read a word, or a line?"),
            (Way::Extra, "Send as many bytes as the message has, not the whole buffer."),
        ]),
        must("prints_the_echo", 4, "What comes back is printed on standard output.", |scene| {
            let message = scene.sentence();
            let asked = asked(scene, &message)?;
            asked.answered(&asked.came)?;
            asked.shows(&[&message])?;
            clients::no_rest_of_a_buffer(&asked.program)
        })
        .needs(&["sends"])
        .hints(&[
            (Way::NotPrinted, "Receive with recvfrom(), and print what came."),
            clients::BUFFER_HINT,
        ]),
        must(
            "prints_what_came",
            2,
            "It prints what the server sent, and not what it sent itself.",
            |scene| {
                let (message, answer) = (scene.sentence(), scene.sentence());
                let asked = asked(scene, &message)?;
                asked.answered(answer.as_bytes())?;
                asked.shows(&[&answer]).or_else(|trouble| asked.or_rejects(trouble))
            },
        )
        .needs(&["prints_the_echo"])
        .hints(&[(Way::NotPrinted, "Print the bytes that recvfrom() brought, not your message.")]),
        must("ends", 2, "After the echo it ends with exit code 0.", |scene| {
            let message = scene.sentence();
            echoed(scene, &message)?.program.succeeds()
        })
        .needs(&["sends"])
        .hints(&[(Way::StillRuns, "One echo is all that comes: do not receive again.")]),
        should("one_datagram", 1, "The server gets one datagram, and no other.", one_datagram)
            .needs(&["sends"])
            .hints(&[(Way::Extra, "Send once: one sendto() is one datagram.")]),
        should(
            "waits_for_the_echo",
            1,
            "An echo that takes a while is waited for.",
            waits_for_the_echo,
        )
        .needs(&["prints_the_echo"])
        .hints(&[(
            Way::Ended,
            "Let recvfrom() wait for the echo, up to a timeout of some seconds.",
        )]),
        should("other_letters", 1, "Letters that are not ASCII are sent in UTF-8.", |scene| {
            let message = format!("{} ñandú, ärger, čas", scene.word(5));
            asked(scene, &message).map(drop)
        })
        .needs(&["sends"])
        .hints(&[
            (Way::Different, "Encode the message as UTF-8."),
            (Way::Ended, "Encode the message as UTF-8: ASCII has no such letters."),
        ]),
        should(
            "empty_echo",
            1,
            "An empty datagram that comes back is an echo: it ends with exit code 0.",
            |scene| {
                let asked = asked(scene, "")?;
                asked.answered(b"")?;
                asked.program.succeeds()
            },
        )
        .needs(&["ends"])
        .hints(&[
            (Way::Silent, "An empty message is a message: send a datagram of 0 bytes."),
            (Way::Ended, "An empty message is a message: send a datagram of 0 bytes."),
            (Way::StillRuns, "A datagram of 0 bytes is an echo: do not wait for another one."),
            (Way::ExitCode, "A datagram of 0 bytes is an echo, and no error."),
        ]),
        should(
            "largest_message",
            1,
            "A message of 65,507 bytes is sent whole; a typed one, of 4,000 bytes.",
            |scene| {
                let message = scene.word(longest(scene));
                asked(scene, &message).map(drop)
            },
        )
        .needs(&["sends"])
        .hints(&[
            (Way::Missing, "Make the buffer for the message larger, and send all of it."),
            (Way::Ended, "A datagram has room for 65,507 bytes: send the message as one."),
        ]),
        should(
            "largest_echo",
            1,
            "A datagram of 65,507 bytes, the most there can be, is printed whole.",
            largest_echo,
        )
        .needs(&["prints_the_echo"])
        .hints(&[(
            Way::NotPrinted,
            "Give recvfrom() a buffer of 65,507 bytes: what does not fit is lost.",
        )]),
        should("zero_bytes", 1, "What has a zero byte in it is printed to its end.", |scene| {
            strange_answer(scene, b"\0")
        })
        .needs(&["prints_what_came"])
        .hints(&[(
            Way::NotPrinted,
            "A zero byte is no end: print as many bytes as recvfrom() tells.",
        )]),
        should("not_utf8", 1, "What is not UTF-8 is printed as well as it can be.", |scene| {
            strange_answer(scene, b" \xff\xfe\xc3( ")
        })
        .needs(&["prints_what_came"])
        .finds(&STRICT_DECODING)
        .hints(&[
            (Way::Traceback, "Decode with errors=\"replace\", or handle the error."),
            (Way::NotPrinted, "Print what can be printed of the echo."),
        ]),
        should(
            "strangers",
            1,
            "A datagram that is not from the server is not taken for the echo.",
            strangers,
        )
        .needs(&["prints_the_echo"])
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
            "Where nothing comes back it says so after a finite wait.",
            |scene| {
                clients::give_up_soon(scene);
                let message = scene.sentence();
                let asked = asked(scene, &message)?;
                let before = clients::printed_so_far(&asked.program);
                scene.transcript().notes(asked.server.who(), "says nothing");
                let after = "where its server says nothing";
                clients::says_why(&asked.program, before, clients::longest_wait(scene), after)
            },
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

/// The longest message that the program can be given.
fn longest(scene: &Scene) -> usize {
    if scene.takes("message") { LARGEST } else { LONGEST_LINE }
}

/// Starts the program with a message of its own.
fn start(scene: &mut Scene) -> Outcome<Program> {
    let message = scene.sentence();
    start_with(scene, &message)
}

fn start_with(scene: &mut Scene, message: &str) -> Outcome<Program> {
    scene.give("message", message);
    let program = scene.start()?;
    clients::say(scene, &program, message)?;
    Ok(program)
}

/// The program has sent its message.
struct Asked {
    program: Program,
    server: Peer,
    /// The datagram: the message, and the line end behind it where the program sends that along.
    came: Vec<u8>,
    /// Where it came from.
    client: SocketAddr,
    /// How much the program had printed before anything went back.
    printed: usize,
}

/// Starts the program with this message, and takes its datagram.
fn asked(scene: &mut Scene, message: &str) -> Outcome<Asked> {
    let address = clients::server_address(scene);
    let server = scene.udp_peer("server", address)?;
    let program = start_with(scene, message)?;
    let (came, client) = server.receive_from(&program)?;
    clients::same_message("the server", message.as_bytes(), &came)?;
    let printed = program.stdout().bytes().len();
    Ok(Asked { program, server, came, client, printed })
}

/// The program has sent its message, and it came back.
fn echoed(scene: &mut Scene, message: &str) -> Outcome<Asked> {
    let asked = asked(scene, message)?;
    asked.answered(&asked.came)?;
    Ok(asked)
}

impl Asked {
    /// This goes back.
    fn answered(&self, datagram: &[u8]) -> Outcome {
        self.server.send(datagram, self.client)
    }

    /// The program prints these words of what came back.
    fn shows(&self, words: &[&str]) -> Outcome {
        let is_there = |text: &[u8]| {
            let text = String::from_utf8_lossy(&text[self.printed.min(text.len())..]);
            words.iter().all(|word| text.contains(word))
        };
        if self.program.stdout().wait_for(PATIENCE, is_there) {
            return Ok(());
        }
        if until(PATIENCE / 5, || self.program.ended()).is_some() {
            self.program.wait()?; // for the story
        }
        let sentence = "What came back is not, or not all, on the program's standard output.";
        Err(wrong(Way::NotPrinted, sentence))
    }

    /// What comes back and is no echo may also be an error for the program: it says so and ends.
    fn or_rejects(&self, trouble: Trouble) -> Outcome {
        match self.program.ended() {
            Some(ended) if ended.code == Some(1) && !self.program.has_traceback() => Ok(()),
            _ => Err(trouble),
        }
    }
}

fn one_datagram(scene: &mut Scene) -> Outcome {
    let message = scene.sentence();
    let asked = asked(scene, &message)?;
    let no_other = || {
        asked.server.expect_nothing(Duration::from_millis(50)).map_err(|trouble| {
            trouble.or_rather(Way::Extra, Way::Extra, "The server received a second datagram.")
        })
    };
    no_other()?;
    asked.answered(&asked.came)?;
    no_other()
}

fn waits_for_the_echo(scene: &mut Scene) -> Outcome {
    let message = scene.sentence();
    let asked = asked(scene, &message)?;
    let answers = || asked.answered(&asked.came);
    clients::waits_for_an_answer(scene, &asked.program, answers, || asked.shows(&[&message]))
}

/// The echo of a message that long, where the program can be given one; else another datagram.
fn largest_echo(scene: &mut Scene) -> Outcome {
    let message = scene.word(longest(scene));
    let asked = asked(scene, &message)?;
    if message.len() == LARGEST {
        asked.answered(&asked.came)?;
        return clients::prints_all(&asked.program, &message);
    }
    let answer = scene.word(LARGEST);
    asked.answered(answer.as_bytes())?;
    clients::prints_all(&asked.program, &answer).or_else(|trouble| asked.or_rejects(trouble))
}

/// Two words with these bytes between them come back: both words are printed.
fn strange_answer(scene: &mut Scene, between: &[u8]) -> Outcome {
    let (message, first, second) = (scene.sentence(), scene.word(8), scene.word(8));
    let asked = asked(scene, &message)?;
    asked.answered(&[first.as_bytes(), between, second.as_bytes()].concat())?;
    let shown = asked.shows(&[&first, &second]);
    if shown.is_err() && asked.program.has_traceback() {
        asked.program.succeeds()?; // says more than that nothing was printed
    }
    shown.or_else(|trouble| asked.or_rejects(trouble))
}

/// A stranger's datagram comes before the echo.
fn strangers(scene: &mut Scene) -> Outcome {
    let (message, lie) = (scene.sentence(), scene.word(12));
    let asked = asked(scene, &message)?;
    let stranger = scene.udp_client()?;
    stranger.send(lie.as_bytes(), asked.client)?;
    asked.answered(&asked.came)?;
    let shown = asked.shows(&[&message]);
    if asked.program.stdout().text().contains(&lie) {
        let who = stranger.who();
        let sentence = format!("The program took the datagram of {who} for the echo.");
        return Err(wrong(Way::Accepted, sentence));
    }
    shown
}

/// A stranger's datagrams come, and no echo.
fn chatty_stranger(scene: &mut Scene) -> Outcome {
    clients::give_up_soon(scene);
    let (message, lie) = (scene.sentence(), scene.word(12));
    let asked = asked(scene, &message)?;
    let (program, client) = (&asked.program, asked.client);
    clients::chatty_stranger(scene, program, client, LOOPBACK.into(), lie.as_bytes())
}
