//! `server_05_threads`: many clients at once; each is welcomed, and gets `OK...` and what it sent.

use std::time::Duration;

use socket_labs::socket_table::Protocol::Tcp;

use super::lab5;
use super::server_03_reply::{BYTES, RESTART};
use super::server_04_loop::ONE_CLIENT;
use crate::exam::mistakes::{ONE_AT_A_TIME, ONE_RECV, STRICT_DECODING};
use crate::exam::scene::Server;
use crate::exam::tcp::{Conn, capital};
use crate::exam::transcript::count;
use crate::exam::{Exam, Outcome, Scene, Trouble, Way, must, servers, should, wrong};

/// What each client is told first.
const WELCOME: &[u8] = b"Welcome to the server. Type something and hit enter\n";

/// What is in front of each answer.
const OK: &[u8] = b"OK...";

/// Clients that are held at once: as many as wait in the backlog of the lab.
const CROWD: usize = 10;

/// More clients than a pool has threads whose size somebody chose.
const MANY: usize = 40;

/// What is examined.
pub const EXAM: Exam = Exam {
    step: "server_05_threads",
    arguments: &["--port", "{port}"],
    port: lab5::PORT,
    checks: &[
        must("listens", 2, "The program listens on its TCP port.", |scene| {
            scene.tcp_server().map(drop)
        }),
        must(
            "welcomes",
            2,
            "A client is told the welcome line of the lab before it says a word.",
            |scene| {
                let server = scene.tcp_server()?;
                scene.connect(&server)?.expect(WELCOME)
            },
        )
        .needs(&["listens"])
        .hints(&[
            (Way::Silent, "Send the welcome line right after accept(), before the first recv()."),
            (
                Way::Different,
                "Send the welcome line letter by letter as the sheet has it, and a line end.",
            ),
            (Way::Missing, "The welcome line ends with a line end, \\n."),
        ]),
        must("answers", 3, "A client gets `OK...` and, right behind it, what it sent.", |scene| {
            let server = scene.tcp_server()?;
            exchange(scene, &server)
        })
        .needs(&["listens"])
        .hints(ANSWERS),
        must(
            "answers_each_thing",
            2,
            "Each thing that a client sends is answered, until it closes.",
            answers_each_thing,
        )
        .needs(&["answers"])
        .finds(&ONE_RECV)
        .hints(&[
            (Way::Closed, "Go on with recv() and sendall() until recv() brings nothing."),
            (Way::Silent, "Go on with recv() and sendall() until recv() brings nothing."),
            (Way::Different, "Each answer begins with `OK...`, not only the first."),
        ]),
        must(
            "nothing_is_added",
            1,
            "Nothing comes behind the welcome before the client sends, nor behind an answer.",
            nothing_is_added,
        )
        .needs(&["welcomes", "answers_each_thing"])
        .hints(&[
            (Way::Early, "One welcome line is enough: wait for recv() then."),
            (Way::Extra, "Send the answer once, and nothing behind it."),
        ]),
        must(
            "closes_after_its_client",
            1,
            "After the client's FIN the program closes its side too.",
            closes_after_its_client,
        )
        .needs(&["answers"])
        .hints(&[
            (
                Way::NotClosed,
                "recv() that brings nothing means that the client has closed: close too.",
            ),
            (
                Way::Extra,
                "recv() that brings nothing means that the client has closed: send nothing then.",
            ),
        ]),
        should("no_newline", 1, "A message without a line end is answered too.", no_newline)
            .needs(&["answers_each_thing"])
            .hints(&[(
                Way::Silent,
                "Use recv() and not readline(): a stream has no lines, and the end may never come.",
            )]),
        should(
            "every_byte_value",
            1,
            "All 256 byte values come back as they were.",
            every_byte_value,
        )
        .needs(&["answers_each_thing"])
        .finds(&STRICT_DECODING)
        .hints(BYTES),
        should(
            "a_long_message",
            1,
            "Of a message longer than one recv() takes, every byte comes back.",
            a_long_message,
        )
        .needs(&["answers_each_thing"])
        .hints(&[(Way::Missing, "What one recv() leaves, the next one brings: answer each part.")]),
        must(
            "second_client_is_not_kept_waiting",
            4,
            "With one client connected and silent, a second one is served.",
            second_client_is_not_kept_waiting,
        )
        .needs(&["answers"])
        .finds(&ONE_AT_A_TIME)
        .hints(&[(
            Way::Waits,
            "Start a thread for each client and do not wait for it, so that accept() is called again at once.",
        )]),
        must(
            "many_at_once",
            2,
            "With ten silent clients connected, one more is served.",
            |scene| with_silent_clients(scene, CROWD),
        )
        .needs(&["second_client_is_not_kept_waiting"])
        .hints(&[(
            Way::Waits,
            "Every client needs a thread of its own: a small number of them is soon used up.",
        )]),
        should(
            "no_fixed_number",
            1,
            "With forty silent clients connected, one more is served too.",
            |scene| with_silent_clients(scene, MANY),
        )
        .needs(&["many_at_once"])
        .hints(&[(
            Way::Waits,
            "A pool serves as many clients as it has threads; the next one waits for a silent one to go.",
        )]),
        must(
            "reverse_order",
            2,
            "Of clients that were all served once, the last one can be the next.",
            reverse_order,
        )
        .needs(&["answers_each_thing", "many_at_once"])
        .hints(&[(
            Way::Waits,
            "Do not go round the clients with recv(): each thread waits for its own client.",
        )]),
        should(
            "a_slow_reader_alone_waits",
            1,
            "A client that does not read keeps only itself waiting.",
            a_slow_reader_alone_waits,
        )
        .needs(&["answers_each_thing", "second_client_is_not_kept_waiting"])
        .hints(&[(
            Way::Waits,
            "A send() to a client that does not read must not stop the others.",
        )]),
        must("no_mixing", 2, "Each of many clients gets its own bytes back.", no_mixing)
            .needs(&["answers_each_thing", "many_at_once"])
            .hints(&[
                (
                    Way::Different,
                    "Keep the socket and the buffer of each client to its thread: nothing shared.",
                ),
                (Way::Waits, "Every client needs a thread of its own."),
            ]),
        should(
            "survives_a_client_that_vanishes",
            1,
            "A client that leaves without a word does not end the server.",
            survives_a_client_that_vanishes,
        )
        .needs(&["answers"])
        .hints(ONE_CLIENT),
        should(
            "survives_a_reset",
            1,
            "A client that resets its connection does not end the server.",
            |scene| servers::survives_a_reset(scene, exchange),
        )
        .needs(&["answers"])
        .hints(ONE_CLIENT),
        should(
            "a_crash_is_its_own",
            1,
            "A client that resets does not disturb one that is connected.",
            a_crash_is_its_own,
        )
        .needs(&["answers_each_thing", "second_client_is_not_kept_waiting"])
        .hints(&[
            (
                Way::Ended,
                "An error of one client must not end the server: handle it in its thread.",
            ),
            (Way::Closed, "After an error, close the socket of that client alone."),
            (Way::Reset, "After an error, close the socket of that client alone."),
        ]),
        should(
            "leaves_no_open_files",
            1,
            "200 clients one after the other leave the open files as they were.",
            |scene| servers::leaves_no_open_files(scene, Tcp, exchange),
        )
        .needs(&["closes_after_its_client"]),
        should(
            "threads_return",
            1,
            "Threads do not pile up: they end, or serve the clients that come after.",
            threads_return,
        )
        .needs(&["many_at_once"])
        .hints(&[(
            Way::Leaks,
            "Let the thread end when its client has gone. A child process stays, dead, until somebody waits \
             for it: call waitpid(), or ignore SIGCHLD.",
        )]),
        should("waits_without_work", 1, "With nothing to do it uses no CPU.", |scene| {
            servers::waits_without_work(scene, Tcp)
        })
        .needs(&["listens"]),
        should(
            "port_taken",
            1,
            "Where its port is taken it ends with a sentence and exit code 1.",
            |scene| servers::port_taken(scene, Tcp),
        )
        .needs(&["listens"]),
        should(
            "restarts_at_once",
            1,
            "It can be started again while old connections are in TIME_WAIT.",
            |scene| servers::restarts_at_once(scene, hold, exchange),
        )
        .needs(&["answers"])
        .hints(RESTART),
        must("ends_at_sigterm", 1, "SIGTERM ends it.", |scene| {
            servers::ends_at_sigterm(scene, Tcp)
        })
        .needs(&["listens"]),
    ],
};

const ANSWERS: &[(Way, &str)] = &[
    (
        Way::Silent,
        "Call recv() on the client's socket, then sendall() `OK...` and what it brought.",
    ),
    (Way::Closed, "After the welcome, recv() what the client says, and answer it."),
    (Way::Different, "Send `OK...` and then the bytes as they came, in one sendall()."),
    (Way::Missing, "Send `OK...` and then all the bytes as they came, line end included."),
];

/// A shorter look than a whole check, for what should stay as it is.
const GLIMPSE: Duration = Duration::from_millis(100);

fn answer(message: &[u8]) -> Vec<u8> {
    [OK, message].concat()
}

/// A client once: a sentence and its answer, then the end of the stream.
fn exchange(scene: &mut Scene, server: &Server) -> Outcome {
    hold(scene, server)?.finish();
    Ok(())
}

/// A client that has its first answer and stays.
fn hold(scene: &mut Scene, server: &Server) -> Outcome<Conn> {
    let client = scene.connect(server)?;
    let sentence = scene.sentence() + "\n";
    first_answer(&client, sentence.as_bytes())?;
    Ok(client)
}

/// Says something and reads until it is answered. What comes before the answer is the welcome,
/// whatever its words: they have a check of their own.
fn first_answer(client: &Conn, message: &[u8]) -> Outcome {
    client.send(message)?;
    let (answer, mut came) = (answer(message), Vec::new());
    let welcomed = [WELCOME, &answer].concat();
    while !came.ends_with(&answer) {
        let read = client.read(1024);
        if came.is_empty() {
            came = read?;
            if came.is_empty() {
                let sentence = "The connection was closed without a word.";
                return Err(wrong(Way::Closed, sentence));
            }
            continue;
        }
        let (way, sentence) = match read {
            Ok(more) if !more.is_empty() => {
                came.extend(more);
                if came.len() < welcomed.len() || came.ends_with(&answer) {
                    continue;
                }
                (Way::Different, "What came is not the answer to what the client sent.")
            }
            Err(Trouble::Wrong(finding)) if finding.way == Way::Reset => {
                (Way::Reset, "The connection was reset before the answer was there.")
            }
            Ok(_) | Err(Trouble::Wrong(_))
                if !welcomed.starts_with(&came) && lacks_its_end(&came, &answer) =>
            {
                (Way::Missing, "The end of the answer is missing.")
            }
            Ok(_) if came.len() <= WELCOME.len() => {
                (Way::Closed, "The connection was closed, and no answer came.")
            }
            Err(Trouble::Wrong(_)) if came.len() <= WELCOME.len() => {
                (Way::Silent, "The client sent something, and no answer came.")
            }
            Ok(_) | Err(Trouble::Wrong(_)) if welcomed.starts_with(&came) => {
                (Way::Missing, "Only a part of the answer came.")
            }
            Ok(_) | Err(Trouble::Wrong(_)) => {
                (Way::Different, "What came is not the answer to what the client sent.")
            }
            Err(trouble) => return Err(trouble),
        };
        return Err(wrong(way, sentence).with_bytes(&welcomed, &came));
    }
    Ok(())
}

/// Whether the answer came, behind a welcome of the program's own, and not to its end.
fn lacks_its_end(came: &[u8], answer: &[u8]) -> bool {
    (OK.len() + 1..answer.len()).any(|length| came.ends_with(&answer[..length]))
}

/// One more thing that a client says.
fn says(client: &Conn, message: &[u8]) -> Outcome {
    client.send(message)?;
    client.expect(&answer(message))
}

/// Silence where there should be an answer means that this client waits for another one.
fn kept_waiting(trouble: Trouble, sentence: &str) -> Trouble {
    trouble.or_rather(Way::Silent, Way::Waits, sentence)
}

fn answers_each_thing(scene: &mut Scene) -> Outcome {
    let server = scene.tcp_server()?;
    let client = hold(scene, &server)?;
    for _ in 0..3 {
        let sentence = scene.sentence() + "\n";
        says(&client, sentence.as_bytes())?;
    }
    Ok(())
}

fn nothing_is_added(scene: &mut Scene) -> Outcome {
    let server = scene.tcp_server()?;
    let client = scene.connect(&server)?;
    // The welcome may come in parts: all of it is there when it ends as a line does.
    let mut welcome = Vec::new();
    while !welcome.ends_with(b"\n") {
        let more = client.read(1024)?;
        if more.is_empty() {
            return Err(wrong(Way::Closed, "The connection was closed after the welcome."));
        }
        welcome.extend(more);
    }
    client.expect_nothing(GLIMPSE)?;
    says(&client, (scene.sentence() + "\n").as_bytes())?;
    lab5::nothing_more(&client)
}

fn closes_after_its_client(scene: &mut Scene) -> Outcome {
    let server = scene.tcp_server()?;
    let client = hold(scene, &server)?;
    client.finish();
    client.expect_end()
}

fn no_newline(scene: &mut Scene) -> Outcome {
    let server = scene.tcp_server()?;
    let client = hold(scene, &server)?;
    says(&client, scene.sentence().as_bytes())
}

fn every_byte_value(scene: &mut Scene) -> Outcome {
    let server = scene.tcp_server()?;
    let client = hold(scene, &server)?;
    // A line end comes last and nowhere else: it is one thing for whoever reads lines too.
    let all: Vec<u8> = (0..=255).rev().filter(|byte| *byte != b'\n').chain([b'\n']).collect();
    says(&client, &all)
}

/// How many parts there are, and so how many times `OK...`, is the program's affair.
fn a_long_message(scene: &mut Scene) -> Outcome {
    let server = scene.tcp_server()?;
    let client = hold(scene, &server)?;
    let message = scene.word(5000) + "\n";
    client.send(message.as_bytes())?;
    let mut came = Vec::new();
    while came.len() < message.len() {
        match client.read(64 * 1024) {
            // The message has no capital and no dot: without them, what comes is the message.
            Ok(more) if !more.is_empty() => {
                came.extend(more.into_iter().filter(|byte| !OK.contains(byte)));
            }
            Err(Trouble::Examiner(why)) => return Err(Trouble::Examiner(why)),
            _ => {
                let (part, all) = (count(came.len(), "byte"), count(message.len(), "byte"));
                let sentence = format!("{part} of {all} came back (without each `OK...`).");
                return Err(wrong(Way::Missing, sentence).with_bytes(message.as_bytes(), &came));
            }
        }
    }
    if came == message.as_bytes() {
        return Ok(());
    }
    let sentence = "What came back (without each `OK...`) is not what was sent.";
    Err(wrong(Way::Different, sentence).with_bytes(message.as_bytes(), &came))
}

fn second_client_is_not_kept_waiting(scene: &mut Scene) -> Outcome {
    let server = scene.tcp_server()?;
    let threads = servers::Threads::now();
    let _silent = scene.connect(&server)?;
    exchange(scene, &server).map_err(|trouble| {
        let sentence = "With one silent client connected, the second one is not served.";
        threads.waited_for(kept_waiting(trouble, sentence))
    })
}

fn with_silent_clients(scene: &mut Scene, number: usize) -> Outcome {
    let server = scene.tcp_server()?;
    let _silent = servers::crowd(scene, &server, number)?;
    exchange(scene, &server).map_err(|trouble| {
        let held = count(number, "silent client");
        kept_waiting(trouble, &format!("With {held} connected, the next one is not served."))
    })
}

fn reverse_order(scene: &mut Scene) -> Outcome {
    let server = scene.tcp_server()?;
    let clients: Vec<Conn> =
        (0..CROWD).map(|_| hold(scene, &server)).collect::<Outcome<Vec<_>>>()?;
    for client in clients.iter().rev() {
        let sentence = scene.sentence() + "\n";
        says(client, sentence.as_bytes()).map_err(|trouble| {
            let who = capital(client.who());
            kept_waiting(
                trouble,
                &format!("{who} has said something and those before it have not: it must not wait for them."),
            )
        })?;
    }
    Ok(())
}

fn a_slow_reader_alone_waits(scene: &mut Scene) -> Outcome {
    let server = scene.tcp_server()?;
    let message = (scene.word(1023) + "\n").repeat(8 << 10);
    let slow = scene.connect(&server)?;
    slow.send_until_full(message.as_bytes())?;
    exchange(scene, &server).map_err(|trouble| {
        kept_waiting(trouble, "While one client does not read, another one is not served.")
    })
}

/// All of them have said something before the first one reads its answer.
fn no_mixing(scene: &mut Scene) -> Outcome {
    let server = scene.tcp_server()?;
    let clients: Vec<Conn> =
        (0..CROWD).map(|_| hold(scene, &server)).collect::<Outcome<Vec<_>>>()?;
    for _ in 0..10 {
        let things: Vec<String> = clients.iter().map(|_| scene.word(900) + "\n").collect();
        for (client, thing) in clients.iter().zip(&things) {
            client.send(thing.as_bytes())?;
        }
        for (client, thing) in clients.iter().zip(&things) {
            client.expect(&answer(thing.as_bytes())).map_err(|trouble| {
                let who = client.who();
                kept_waiting(
                    trouble,
                    &format!("All clients have spoken, and {who} gets no answer."),
                )
            })?;
        }
    }
    Ok(())
}

/// The client takes its welcome: whoever closes with unread bytes does not leave, but resets.
fn survives_a_client_that_vanishes(scene: &mut Scene) -> Outcome {
    let server = scene.tcp_server()?;
    let client = scene.connect(&server)?;
    if let Err(Trouble::Examiner(why)) = client.expect_nothing(GLIMPSE) {
        return Err(Trouble::Examiner(why));
    }
    client.close();
    let after = "after a client that left without a word";
    servers::goes_on(&server, after)?;
    servers::next_client_is_served(scene, &server, exchange, after)
}

fn a_crash_is_its_own(scene: &mut Scene) -> Outcome {
    let server = scene.tcp_server()?;
    let steady = hold(scene, &server)?;
    hold(scene, &server)?.reset();
    let after = "after a client that reset its connection";
    servers::goes_on(&server, after)?;
    servers::next_client_is_served(scene, &server, exchange, after)?;
    let sentence = scene.sentence() + "\n";
    says(&steady, sentence.as_bytes())
}

fn threads_return(scene: &mut Scene) -> Outcome {
    servers::threads_return(scene, CROWD, hold)
}
