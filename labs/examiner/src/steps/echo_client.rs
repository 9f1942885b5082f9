//! `echo_client`: sends a message, receives at most 16 bytes at a time and prints each piece, until all
//! that went out has come back.

use std::net::SocketAddr;
use std::time::Duration;

use socket_labs::socket_table::read_some;

use crate::exam::mistakes::{NO_TIMEOUT, ONE_RECV, STRICT_DECODING};
use crate::exam::program::{Ended, Program, until};
use crate::exam::scene::LOOPBACK;
use crate::exam::tcp::{Conn, Door};
use crate::exam::transcript::count;
use crate::exam::{Exam, Outcome, PATIENCE, Scene, Trouble, Way, clients, must, should, wrong};

/// The most that the client may ask for at a time.
const PIECE: usize = 16;

/// How long a program is watched that should do nothing.
const WATCHED: Duration = Duration::from_millis(60);

/// What is examined.
pub const EXAM: Exam = Exam {
    step: "echo_client",
    arguments: &["--host", "{host}", "--port", "{port}", "--timeout", "{timeout}", "{message}"],
    port: 65432,
    checks: &[
        must("connects", 2, "The program connects to the server.", |scene| {
            call(scene, "a word").map(drop)
        })
        .hints(&[
            (Way::Ended, "Look at the host and the port that you give to connect()."),
            (Way::Silent, "Look at the host and the port that you give to connect()."),
        ]),
        must("sends_the_message", 3, "It sends the message, and nothing else.", |scene| {
            let message = scene.sentence();
            let mut caller = call(scene, &message)?;
            caller.sends(&message)
        })
        .needs(&["connects"])
        .hints(&[
            (Way::Silent, "sendall() the message as soon as the connection is there."),
            (Way::Different, "Send what was typed, or given as an argument: no other message."),
            (Way::Missing, "send() may take a part only: use sendall()."),
            (Way::Extra, "Send the bytes of the message, not the whole buffer."),
            (Way::Closed, "sendall() the message before you close."),
        ]),
        must("prints_the_echo", 3, "It prints what comes back.", |scene| {
            let message = scene.sentence() + &scene.word(20);
            let caller = sent(scene, &message)?;
            caller.conn.send(&caller.sent)?;
            caller.shows(message.as_bytes())?;
            clients::no_rest_of_a_buffer(&caller.program)
        })
        .needs(&["sends_the_message"])
        .hints(&[
            (Way::NotPrinted, "Print each piece that recv() brings, until all is there."),
            clients::BUFFER_HINT,
        ]),
        must(
            "counts_bytes",
            1,
            "Of a message whose letters take two bytes each, every byte is waited for.",
            counts_bytes,
        )
        .needs(&["prints_the_echo"])
        .hints(&[(
            Way::NotPrinted,
            "Count the bytes that you sent, and not the letters: ñ is one letter and two bytes.",
        )]),
        should("waits_for_the_echo", 1, "An echo that takes a while is waited for.", |scene| {
            let message = scene.sentence();
            let caller = sent(scene, &message)?;
            let answers = || caller.conn.send(&caller.sent);
            let is_printed = || caller.shows(message.as_bytes());
            clients::waits_for_an_answer(scene, &caller.program, answers, is_printed)
        })
        .needs(&["prints_the_echo"])
        .hints(&[(Way::Ended, "Let recv() wait for the echo, up to a timeout of some seconds.")]),
        must(
            "prints_what_came",
            2,
            "It prints what the server sent, and not what it sent itself.",
            prints_what_came,
        )
        .needs(&["prints_the_echo"])
        .hints(&[(Way::NotPrinted, "Print the bytes that recv() brought, not your message.")]),
        must("ends", 2, "When all has come back it closes the connection and ends.", ends)
            .needs(&["prints_the_echo"])
            .hints(&[
                (Way::NotClosed, "Count what came: when it is as much as was sent, close."),
                (Way::StillRuns, "Count what came: when it is as much as was sent, it is done."),
            ]),
        must(
            "sixteen_at_a_time",
            3,
            "It never asks for more than 16 bytes at a time.",
            sixteen_at_a_time,
        )
        .needs(&["ends"])
        .fragile_if(&[Way::ReadsAhead]),
        should(
            "shows_each_piece",
            1,
            "It prints each piece of at most 16 bytes on its own.",
            shows_each_piece,
        )
        .needs(&["sixteen_at_a_time"])
        .hints(&[(Way::Printed, "Print `Received: ` and the piece after each recv().")]),
        should(
            "no_stale_bytes",
            1,
            "A short piece after a long one is printed without the rest of the long one.",
            no_stale_bytes,
        )
        .needs(&["prints_the_echo"])
        .hints(&[(Way::Printed, "Print as many bytes as recv() brought, not the whole buffer.")]),
        should(
            "byte_by_byte",
            1,
            "An echo that comes byte by byte is waited for to the last byte.",
            byte_by_byte,
        )
        .needs(&["prints_the_echo"])
        .finds(&ONE_RECV)
        .hints(&[
            (Way::Closed, "A short piece is not the end: count until all has come back."),
            (Way::Reset, "A short piece is not the end: count until all has come back."),
        ]),
        should(
            "a_long_message",
            1,
            "A message of 3,000 bytes is sent whole, and its echo is printed whole.",
            |scene| {
                let message = scene.word(3000);
                echoed(scene, &message, &[&message])
            },
        )
        .needs(&["prints_the_echo"])
        .hints(&[
            (Way::Missing, "Do not cut the message: a fixed buffer is too short for some."),
            (Way::Silent, "Read the message to its end, then send it."),
        ]),
        should(
            "characters_cut_in_two",
            1,
            "A letter of several bytes may be cut in two by the 16 bytes of a piece.",
            |scene| {
                let (start, middle, end) = (scene.word(15), scene.word(14), scene.word(9));
                echoed(scene, &format!("{start}ñ{middle}é{end}"), &[&start, &end])
            },
        )
        .needs(&["prints_the_echo"])
        .finds(&STRICT_DECODING)
        .hints(TEXT),
        should("not_text", 1, "Bytes that are no text at all do not break it.", not_text)
            .needs(&["prints_the_echo"])
            .finds(&STRICT_DECODING)
            .hints(TEXT),
        should(
            "every_address",
            1,
            "The name localhost may be ::1 and 127.0.0.1: it tries one after the other.",
            every_address,
        )
        .needs(&["prints_the_echo"])
        .hints(&[
            (Way::Ended, "A name can have several addresses: when one refuses, try the next."),
            (Way::Silent, "A name can have several addresses: when one refuses, try the next."),
        ]),
        should(
            "server_closes_early",
            1,
            "A server that closes before all has come back is an error.",
            |scene| closes_early(scene).map(drop),
        )
        .needs(&["prints_the_echo"])
        .hints(&[
            (Way::StillRuns, "recv() that brings nothing is the end of the stream: stop there."),
            (Way::ExitCode, "The end of the stream before all has come back: exit code 1."),
        ]),
        should(
            "counts_what_is_missing",
            1,
            "When the server closes early it says how many bytes are missing.",
            counts_what_is_missing,
        )
        .needs(&["server_closes_early"])
        .hints(&[(Way::NotPrinted, "Print how many bytes went out less how many came back.")]),
        should("server_resets", 1, "A server that resets the connection is an error.", |scene| {
            let message = scene.sentence();
            let caller = sent(scene, &message)?;
            let before = clients::printed_so_far(&caller.program);
            caller.conn.reset();
            let after = "where the server resets the connection";
            clients::says_why(&caller.program, before, PATIENCE, after)
        })
        .needs(&["sends_the_message"])
        .hints(clients::TROUBLE_HINTS),
        should("server_is_silent", 1, "It does not wait for ever for a silent server.", |scene| {
            clients::give_up_soon(scene);
            let message = scene.sentence();
            let caller = sent(scene, &message)?;
            let before = clients::printed_so_far(&caller.program);
            scene.transcript().notes(caller.conn.who(), "says nothing");
            let after = "where the server says nothing";
            clients::says_why(&caller.program, before, clients::longest_wait(scene), after)
        })
        .needs(&["sends_the_message"])
        .finds(&NO_TIMEOUT)
        .hints(clients::TROUBLE_HINTS),
        should("nobody_listens", 1, "A refused connection is an error.", |scene| {
            clients::refused(scene, start)
        })
        .needs(&["connects"])
        .hints(clients::TROUBLE_HINTS),
    ],
};

const TEXT: &[(Way, &str)] = &[
    (Way::Traceback, "A piece is bytes, not text: print it so that no byte is an error."),
    (Way::ExitCode, "A piece is bytes, not text: print it so that no byte is an error."),
    (Way::NotPrinted, "A piece is bytes, not text: print it so that no byte is an error."),
];

/// The program, connected to the examiner.
struct Caller {
    program: Program,
    conn: Conn,
    /// What it has sent: the message, and the line end behind it where it sends that along.
    sent: Vec<u8>,
    /// How much it had printed before the first byte went back.
    printed: usize,
    _door: Door,
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

/// The program connects with this message to send.
fn call(scene: &mut Scene, message: &str) -> Outcome<Caller> {
    let address = clients::server_address(scene);
    call_at(scene, address, message)
}

fn call_at(scene: &mut Scene, address: SocketAddr, message: &str) -> Outcome<Caller> {
    let door = scene.listen("server", address)?;
    let program = start_with(scene, message)?;
    let conn = door.accept(&program)?;
    Ok(Caller { program, conn, sent: Vec::new(), printed: 0, _door: door })
}

/// The program connects and sends its message.
fn sent(scene: &mut Scene, message: &str) -> Outcome<Caller> {
    let mut caller = call(scene, message)?;
    caller.sends(message)?;
    Ok(caller)
}

impl Caller {
    /// The message comes. A line end may come behind it, and FIN; nothing else.
    fn sends(&mut self, message: &str) -> Outcome {
        self.conn.expect(message.as_bytes())?;
        self.sent = message.as_bytes().to_vec();
        while let Some(1) = until(WATCHED / 3, || self.conn.peek()) {
            self.sent.extend(self.conn.read(64)?);
        }
        let more = &self.sent[message.len()..];
        if !matches!(more, b"" | b"\n" | b"\r\n") {
            let sentence =
                format!("There is more behind the message: {}.", count(more.len(), "byte"));
            return Err(wrong(Way::Extra, sentence).with_bytes(message.as_bytes(), &self.sent));
        }
        self.printed = self.program.stdout().bytes().len();
        Ok(())
    }

    /// What the program has printed since the first byte went back.
    fn output(&self) -> Vec<u8> {
        self.program.stdout().bytes().split_off(self.printed)
    }

    /// Waits until the program has printed these bytes, in this order, with other words anywhere
    /// between them.
    fn shows(&self, bytes: &[u8]) -> Outcome {
        let is_there = |text: &[u8]| {
            let mut printed = text[self.printed.min(text.len())..].iter();
            bytes.iter().all(|byte| printed.any(|other| other == byte))
        };
        // What it holds back it prints when it ends. It may end its stream first, and wait until the server
        // ends its own, as echo servers do.
        let finishes = || is_there(&self.program.stdout().bytes()) || self.conn.peek() == Some(0);
        until(PATIENCE, || finishes().then_some(()));
        if self.conn.peek() == Some(0) {
            self.conn.finish();
        }
        if self.program.stdout().wait_for(PATIENCE, is_there) {
            return Ok(());
        }
        let sentence = "What came back is not, or not all, on the program's standard output.";
        Err(wrong(Way::NotPrinted, sentence))
    }

    /// As [`Caller::shows`], for an answer that is no echo: the program may also say so, and end
    /// with an error.
    fn shows_or_rejects(&self, bytes: &[u8]) -> Outcome {
        self.shows(bytes).or_else(|trouble| match self.program.ended() {
            Some(ended) if ended.code == Some(1) && !self.program.has_traceback() => Ok(()),
            _ => Err(trouble),
        })
    }

    /// Waits until the program has ended. Where it ends its stream first and waits, the server ends
    /// its own, as echo servers do.
    fn end(&self) -> Outcome<Ended> {
        until(PATIENCE, || self.program.ended().map(drop).or(self.conn.peek().map(drop)));
        self.conn.finish();
        self.program.wait()
    }

    /// The program does not leave before all has come back.
    fn waits(&self) -> Outcome {
        if until(WATCHED, || self.program.ended()).is_none() {
            return Ok(());
        }
        let sentence = "The program ended before all had come back.";
        self.program
            .still_runs("before all had come back")
            .map_err(|trouble| trouble.or_rather(Way::Ended, Way::Closed, sentence))
    }

    /// What came behind the message: the line end, where the program sends that along.
    fn line_end(&self) -> &'static str {
        match &self.sent[..] {
            [.., b'\r', b'\n'] => "\r\n",
            [.., b'\n'] => "\n",
            _ => "",
        }
    }

    /// An answer as long as what was sent, of other words, and with its line end: a program may read
    /// a line because it has sent one.
    fn answers(&self, scene: &mut Scene) -> Outcome<String> {
        let end = self.line_end();
        let answer = scene.word(self.sent.len() - end.len());
        self.conn.send((answer.clone() + end).as_bytes())?;
        Ok(answer)
    }
}

fn prints_what_came(scene: &mut Scene) -> Outcome {
    let message = scene.sentence();
    let caller = sent(scene, &message)?;
    let answer = caller.answers(scene)?;
    caller.shows_or_rejects(answer.as_bytes())
}

/// Twice as many bytes as letters: who counts letters stops halfway.
fn counts_bytes(scene: &mut Scene) -> Outcome {
    let (start, end) = (scene.word(5), scene.word(9));
    echoed(scene, &format!("{start} {} {end}", "ñ".repeat(5 * PIECE)), &[&start, &end])
}

fn ends(scene: &mut Scene) -> Outcome {
    let message = scene.sentence();
    let caller = sent(scene, &message)?;
    caller.conn.send(&caller.sent)?;
    caller.conn.expect_end().map_err(|trouble| {
        let sentence = "All has come back, and the program does not close its connection.";
        trouble.or_rather(Way::NotClosed, Way::NotClosed, sentence)
    })?;
    caller.conn.finish(); // an echo server does that too when its client has ended the stream
    caller.program.succeeds()
}

/// The message and its echo in one go, of which these parts must be readable.
fn echoed(scene: &mut Scene, message: &str, parts: &[&str]) -> Outcome {
    let caller = sent(scene, message)?;
    caller.conn.send(&caller.sent)?;
    let shown = caller.shows(parts.concat().as_bytes());
    // That the program broke is the better explanation.
    if shown.is_err() && until(PATIENCE / 5, || caller.program.ended()).is_some() {
        caller.program.succeeds()?;
    }
    shown
}

/// The answer is one byte longer than what a client reads that asks for 16 bytes at a time until it
/// has enough. Such a client closes with that byte unread, and the system tells: it sends RST. One
/// that asks for more takes the byte along, and FIN comes. The answer is a single segment, so that
/// it is there as a whole or not at all.
fn sixteen_at_a_time(scene: &mut Scene) -> Outcome {
    let message = scene.word(PIECE - 1); // with a line end behind it, 16
    let caller = sent(scene, &message)?;
    let length = caller.sent.len().next_multiple_of(PIECE) + 1;
    let end = caller.line_end(); // without it, a program that reads lines would wait
    let answer = scene.word(length);
    let (here, there) = (caller.conn.local()?, caller.conn.peer()?);
    caller.conn.send((answer.clone() + end).as_bytes())?;
    let left_unread = left_unread(&caller, here, there)?;
    caller.end()?; // so that all that it printed is here
    let in_pieces = longest_run(&caller.output(), answer.as_bytes()) <= PIECE;
    let all = count(length + end.len(), "byte");
    match (left_unread, in_pieces) {
        (Some(true), _) | (None, true) => Ok(()),
        // It has sent a line, and has read one: to the last byte, in whatever pieces.
        (Some(false), true) if !end.is_empty() => Ok(()),
        (Some(false), true) => {
            let sentence = format!(
                "{all} came, and the program took them all from the socket at once; \
                 it printed them in smaller pieces."
            );
            Err(wrong(Way::ReadsAhead, sentence))
        }
        (_, false) => {
            let sentence =
                format!("{all} came, and the program took and printed them all at once.");
            Err(wrong(Way::Greedy, sentence))
        }
    }
}

/// Whether the program closed while there was something left to read. `None` where that cannot be
/// seen: it waits for the end of the stream before it closes, or the system does not tell.
fn left_unread(caller: &Caller, here: SocketAddr, there: SocketAddr) -> Outcome<Option<bool>> {
    match caller.conn.expect_end() {
        Ok(()) => {}
        Err(Trouble::Wrong(finding)) if finding.way == Way::Reset => return Ok(Some(true)),
        Err(trouble) => return Err(trouble),
    }
    // FIN may come long before the close, and RST after it. A socket that was closed without RST
    // stays in the system's table until the other side closes too.
    let closed = until(PATIENCE / 5, || caller.program.ended()).is_some();
    if !closed {
        caller.conn.finish();
        return Ok(None);
    }
    if !cfg!(target_os = "linux") {
        return Ok(None);
    }
    let rows = read_some(|row| row.local == there && row.remote == Some(here))?;
    Ok(Some(rows.is_empty()))
}

/// How many bytes of the answer stand side by side in what was printed, at most.
fn longest_run(printed: &[u8], answer: &[u8]) -> usize {
    let has = |length: &usize| {
        answer.windows(*length).any(|run| printed.windows(*length).any(|text| text == run))
    };
    (1..=answer.len()).rev().find(has).unwrap_or(0)
}

fn shows_each_piece(scene: &mut Scene) -> Outcome {
    let message = scene.sentence() + &scene.word(3 * PIECE);
    let caller = sent(scene, &message)?;
    let answer = caller.answers(scene)?;
    let _ = caller.shows(answer.as_bytes()); // only how it is printed matters here
    let longest = longest_run(&caller.output(), answer.as_bytes());
    if longest <= PIECE {
        return Ok(());
    }
    let sentence = format!("The program printed {} in one piece.", count(longest, "byte"));
    Err(wrong(Way::Printed, sentence))
}

fn no_stale_bytes(scene: &mut Scene) -> Outcome {
    let (long, short) = (scene.word(PIECE), scene.word(3));
    let caller = sent(scene, &format!("{long}{short}"))?;
    caller.conn.send_in_pieces([long.as_bytes(), &caller.sent[PIECE..]])?;
    caller.shows(format!("{long}{short}").as_bytes())?;
    caller.end()?;
    let stale = [&caller.sent[PIECE..], &long.as_bytes()[caller.sent.len() - PIECE..]].concat();
    if longest_run(&caller.output(), &stale) < stale.len() {
        return Ok(());
    }
    let sentence = format!("Behind the second piece, {short:?}, the rest of the first is printed.");
    Err(wrong(Way::Printed, sentence))
}

fn byte_by_byte(scene: &mut Scene) -> Outcome {
    let message = scene.word(PIECE + 4);
    let caller = sent(scene, &message)?;
    let bytes: Vec<&[u8]> = caller.sent.chunks(1).collect();
    let (first, rest) = bytes.split_at(1);
    let (middle, last) = rest.split_at(rest.len() - 1);
    for part in [first, middle] {
        caller.conn.send_in_pieces(part.iter().copied()).or_else(|trouble| {
            // Whoever has closed resets what still comes.
            caller.waits()?;
            let sentence = "The program closed the connection before all had come back.";
            Err(trouble.or_rather(Way::Reset, Way::Closed, sentence))
        })?;
        caller.waits()?;
    }
    caller.conn.send_in_pieces(last.iter().copied())?;
    caller.shows(message.as_bytes())
}

fn not_text(scene: &mut Scene) -> Outcome {
    let message = scene.word(3 * PIECE);
    let caller = sent(scene, &message)?;
    let mut answer = b"\0\xff\xc3\x28\xf0\x9f\xed\xa0\x80".repeat(20);
    let end = caller.line_end();
    answer.truncate(caller.sent.len() - end.len());
    answer.extend(end.bytes());
    caller.conn.send(&answer)?;
    let ended = caller.end()?;
    if caller.program.has_traceback() || ended.code.is_none() {
        return caller.program.succeeds();
    }
    Ok(())
}

/// The server listens on the IPv4 address of localhost alone.
fn every_address(scene: &mut Scene) -> Outcome {
    scene.needs_ipv6()?;
    scene.give("host", "localhost");
    let message = scene.sentence();
    let address = SocketAddr::new(LOOPBACK.into(), scene.port());
    let mut caller = call_at(scene, address, &message)?;
    caller.sends(&message)
}

/// The server sends one or two pieces of three, and closes. Tells how many bytes were missing.
fn closes_early(scene: &mut Scene) -> Outcome<(Caller, usize)> {
    let length = scene.number(3 * PIECE as u64 + 1, 4 * PIECE as u64) as usize;
    let message = scene.word(length);
    let came = scene.number(1, 3) as usize * PIECE;
    let caller = sent(scene, &message)?;
    caller.conn.send(&caller.sent[..came])?;
    caller.conn.finish();
    caller.program.fails("after the server closed early")?;
    let missing = caller.sent.len() - came;
    Ok((caller, missing))
}

fn counts_what_is_missing(scene: &mut Scene) -> Outcome {
    let (caller, missing) = closes_early(scene)?;
    let all = caller.sent.len();
    let printed = caller.program.printed();
    let numbers: Vec<usize> = printed
        .split(|letter: char| !letter.is_ascii_digit())
        .filter_map(|digits| digits.parse().ok())
        .collect();
    let has = |number| numbers.contains(&number);
    if has(missing) || has(all) && has(all - missing) {
        return Ok(());
    }
    let sentence = format!(
        "Of {} that went out, {missing} did not come back: the program does not say it.",
        count(all, "byte")
    );
    Err(wrong(Way::NotPrinted, sentence))
}
