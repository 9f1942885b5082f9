//! `echo_server`: every byte of every client back to it, in order, until the client ends its
//! stream.

use std::thread;
use std::time::Duration;

use socket_labs::socket_table::Protocol::Tcp;

use crate::exam::mistakes::{ONE_AT_A_TIME, ONE_RECV, STRICT_DECODING};
use crate::exam::program::until;
use crate::exam::scene::Server;
use crate::exam::tcp::{Conn, capital};
use crate::exam::transcript::count;
use crate::exam::{Exam, Outcome, PATIENCE, Scene, Way, must, servers, should, wrong};

/// Clients that are held at once: as many as wait in the backlog of lab 5.
const CROWD: usize = 10;

/// More clients than a pool has threads whose size somebody chose.
const MANY: usize = 40;

/// What is examined.
pub const EXAM: Exam = Exam {
    step: "echo_server",
    arguments: &["--port", "{port}"],
    port: 65432,
    checks: &[
        must("listens", 2, "The program listens on its TCP port.", |scene| {
            scene.tcp_server().map(drop)
        }),
        must("echoes", 4, "What a client sends comes back, byte for byte.", |scene| {
            let server = scene.tcp_server()?;
            exchange(scene, &server)
        })
        .needs(&["listens"])
        .hints(&[
            (Way::Silent, "Send back what recv() brought as soon as it is there, with sendall()."),
            (Way::Closed, "Go on with recv() and sendall() until recv() brings nothing."),
            (Way::Missing, "Send back as many bytes as recv() brought, all of them."),
            (Way::Different, "Send the bytes as they came, and nothing of your own before them."),
        ]),
        must("no_newline", 1, "A message without a line end comes back too.", no_newline)
            .needs(&["echoes"])
            .hints(&[(Way::Silent, "Use recv() and not readline(): a stream has no lines.")]),
        must(
            "white_space",
            1,
            "Spaces, tabs and line ends around a message come back too.",
            white_space,
        )
        .needs(&["echoes"])
        .hints(&[
            (Way::Missing, "Do not strip anything: an echo is the bytes that came, all of them."),
            (Way::Different, "Do not strip anything: an echo is the bytes that came, all of them."),
        ]),
        must(
            "half_close",
            2,
            "After the client's FIN the rest comes back, then the stream ends.",
            half_close,
        )
        .needs(&["echoes"])
        .fragile_if(&[Way::Missing, Way::Reset])
        .hints(&[
            (
                Way::NotClosed,
                "recv() brings nothing when the client has ended its stream: close then.",
            ),
            (Way::Missing, "Send back all that came before the end, then close."),
            (
                Way::Reset,
                "One recv() is not all: go on until recv() brings nothing, and close then.",
            ),
        ]),
        should(
            "every_byte_value",
            1,
            "All 256 byte values come back as they were.",
            every_byte_value,
        )
        .needs(&["echoes"])
        .finds(&STRICT_DECODING)
        .hints(&[
            (Way::Different, "Echo bytes, not text: not all bytes are UTF-8."),
            (Way::Reset, "Do not decode what you received: not all bytes are UTF-8."),
            (Way::Closed, "Do not decode what you received: not all bytes are UTF-8."),
            (Way::Missing, "A zero byte is a byte like any other: use the length of recv()."),
        ]),
        must(
            "byte_by_byte",
            1,
            "A message that arrives byte by byte comes back as it comes.",
            byte_by_byte,
        )
        .needs(&["echoes"])
        .finds(&ONE_RECV)
        .fragile_if(&[Way::Missing, Way::Closed, Way::Silent])
        .hints(&[
            (Way::Silent, "Send back each piece when it arrives: do not wait for more."),
            (Way::Closed, "One recv() is not one message: go on until recv() brings nothing."),
            (Way::Missing, "One recv() is not one message: go on until recv() brings nothing."),
        ]),
        should(
            "two_messages_in_one_segment",
            1,
            "Two messages sent at once both come back.",
            two_messages_in_one_segment,
        )
        .needs(&["echoes"])
        .hints(&[(Way::Missing, "One recv() can bring two messages: send back all of it.")]),
        must(
            "nothing_is_added",
            1,
            "Nothing comes before the client sends, and nothing but the echo after.",
            nothing_is_added,
        )
        .needs(&["echoes"])
        .hints(&[
            (Way::Early, "An echo server says nothing of its own: no welcome, no prompt."),
            (Way::Extra, "Send back the bytes that came and nothing around them."),
        ]),
        should(
            "eight_mebibytes",
            2,
            "8 MiB in one go come back while the client sends.",
            eight_mebibytes,
        )
        .needs(&["echoes"])
        .hints(&[
            (Way::Missing, "send() may take a part only: sendall(), until recv() brings nothing."),
            (Way::Silent, "Do not wait for the whole: send back each piece as it comes."),
            (Way::Different, "send() may take only a part of the bytes: use sendall()."),
            (Way::Reset, "Do not close before recv() brings nothing: the rest is coming."),
        ]),
        should(
            "a_reader_that_pauses",
            1,
            "A client that stops reading and then goes on gets every byte.",
            a_reader_that_pauses,
        )
        .needs(&["eight_mebibytes"])
        .hints(&[(Way::Missing, "When the client does not read, sendall() waits: let it.")]),
        must(
            "many_at_once",
            3,
            "With idle clients connected, the next one is served at once.",
            many_at_once,
        )
        .needs(&["echoes"])
        .finds(&ONE_AT_A_TIME)
        .hints(&[(Way::Waits, "Start a thread for each client and do not wait for it: call accept() again at once.")]),
        should(
            "no_fixed_number",
            1,
            "With forty idle clients connected, the next one is served too.",
            |scene| with_idle_clients(scene, MANY),
        )
        .needs(&["many_at_once"])
        .hints(&[(Way::Waits, POOL)]),
        must(
            "reverse_order",
            2,
            "Of clients that all wait, the last one can be served first.",
            reverse_order,
        )
        .needs(&["many_at_once"])
        .hints(&[
            (Way::Waits, "Every client needs a thread (or an event loop) of its own."),
            (Way::Different, "Give each thread the socket of its client: what all share changes."),
        ]),
        should(
            "a_slow_reader_alone_waits",
            1,
            "A client that does not read keeps only itself waiting.",
            a_slow_reader_alone_waits,
        )
        .needs(&["reverse_order"])
        .hints(&[(
            Way::Waits,
            "A send() to a client that does not read must not stop the others.",
        )]),
        must("no_mixing", 2, "Each of many clients gets its own bytes back.", no_mixing)
            .needs(&["many_at_once"])
            .fragile_if(&[Way::Missing, Way::Closed, Way::Reset])
            .hints(&[
                (
                    Way::Different,
                    "Share neither the socket nor the buffer of a client with others.",
                ),
                (Way::Extra, "Send as many bytes as recv() has brought, and not the whole buffer."),
                (Way::Waits, "Every client needs a thread (or an event loop) of its own."),
                (Way::Closed, "One recv() is not one message: go on until recv() brings nothing."),
            ]),
        should(
            "survives_a_client_that_vanishes",
            1,
            "A client that leaves without a word does not end the server.",
            |scene| servers::survives_a_client_that_vanishes(scene, exchange),
        )
        .needs(&["echoes"])
        .hints(VANISHES),
        should(
            "survives_a_reset",
            1,
            "A client that resets its connection does not end the server.",
            |scene| servers::survives_a_reset(scene, exchange),
        )
        .needs(&["echoes"])
        .hints(VANISHES),
        should(
            "a_reset_is_its_own",
            1,
            "A client that resets does not disturb one that is connected.",
            a_reset_is_its_own,
        )
        .needs(&["reverse_order"])
        .hints(&[
            (Way::Ended, "An error of one client must not end the server: close, and go on."),
            (Way::Closed, "After an error close the socket of that client, and no other."),
            (Way::Reset, "After an error close the socket of that client, and no other."),
        ]),
        should(
            "leaves_no_open_files",
            1,
            "200 clients one after the other leave the open files as they were.",
            |scene| servers::leaves_no_open_files(scene, Tcp, exchange),
        )
        .needs(&["half_close"]),
        should(
            "threads_return",
            1,
            "Threads and processes do not pile up: they end, or serve the clients that come after.",
            threads_return,
        )
        .needs(&["reverse_order"])
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
        .needs(&["echoes"])
        .hints(&[(Way::NotReady, "Set SO_REUSEADDR before bind().")]),
        must("ends_at_sigterm", 1, "SIGTERM ends it.", |scene| {
            servers::ends_at_sigterm(scene, Tcp)
        })
        .needs(&["listens"]),
    ],
};

const POOL: &str =
    "A pool serves as many clients as it has threads; the next one waits for an idle one to go.";

const VANISHES: &[(Way, &str)] = &[
    (Way::Ended, "An error of one client must not end the server: close, and go on."),
    (Way::Silent, "After an error of one client, go back to accept()."),
];

/// A client once: a sentence there and back, then the end of the stream.
fn exchange(scene: &mut Scene, server: &Server) -> Outcome {
    let client = hold(scene, server)?;
    client.finish();
    Ok(())
}

/// A sentence there and back; the connection stays.
fn hold(scene: &mut Scene, server: &Server) -> Outcome<Conn> {
    let client = scene.connect(server)?;
    speak(scene, &client)?;
    Ok(client)
}

/// A sentence there and back.
fn speak(scene: &mut Scene, client: &Conn) -> Outcome {
    let sentence = scene.sentence() + "\n";
    client.send(sentence.as_bytes())?;
    client.expect(sentence.as_bytes())
}

/// Lines of small letters, of this many bytes in all. Other bytes have a check of their own.
fn text(scene: &mut Scene, length: usize) -> Vec<u8> {
    // No buffer of a program is as long as what repeats: lost or swapped pieces show.
    let lines: String = (0..1009).map(|_| scene.word(64) + "\n").collect();
    let mut text = lines.repeat(length.div_ceil(lines.len())).into_bytes();
    text.truncate(length - 1);
    text.push(b'\n'); // what waits for lines has a check of its own
    text
}

fn no_newline(scene: &mut Scene) -> Outcome {
    let server = scene.tcp_server()?;
    let sentence = scene.sentence();
    let client = scene.connect(&server)?;
    client.send(sentence.as_bytes())?;
    client.expect(sentence.as_bytes())
}

fn white_space(scene: &mut Scene) -> Outcome {
    let server = scene.tcp_server()?;
    let message = format!(" \t {} {}\t \r\n", scene.word(6), scene.word(5));
    let client = scene.connect(&server)?;
    client.send(message.as_bytes())?;
    client.expect(message.as_bytes())
}

fn half_close(scene: &mut Scene) -> Outcome {
    let server = scene.tcp_server()?;
    let message = text(scene, 40_000);
    let client = scene.connect(&server)?;
    client.send(&message)?;
    client.finish();
    client.expect(&message)?;
    // What else comes before the end, `nothing_is_added` judges.
    client.receive_to_end(64 * 1024).map(drop)
}

fn every_byte_value(scene: &mut Scene) -> Outcome {
    let server = scene.tcp_server()?;
    // The line end goes last, as in all the texts.
    let all: Vec<u8> = (0..=255).filter(|byte| *byte != b'\n').chain([b'\n']).collect();
    let client = scene.connect(&server)?;
    client.send(&all)?;
    client.expect(&all)
}

fn byte_by_byte(scene: &mut Scene) -> Outcome {
    let server = scene.tcp_server()?;
    let message = scene.word(12) + "\r\n";
    let client = scene.connect(&server)?;
    for byte in message.as_bytes().chunks(1) {
        client.send_in_pieces([byte])?;
        client.expect(byte)?;
    }
    Ok(())
}

fn two_messages_in_one_segment(scene: &mut Scene) -> Outcome {
    let server = scene.tcp_server()?;
    let messages = format!("{}\n{}\n", scene.sentence(), scene.sentence());
    let client = scene.connect(&server)?;
    client.send(messages.as_bytes())?;
    client.expect(messages.as_bytes())
}

fn nothing_is_added(scene: &mut Scene) -> Outcome {
    let server = scene.tcp_server()?;
    let client = scene.connect(&server)?;
    client.expect_nothing(Duration::from_millis(100))?;
    speak(scene, &client)?;
    client.finish();
    client.expect_no_more()
}

fn eight_mebibytes(scene: &mut Scene) -> Outcome {
    let server = scene.tcp_server()?;
    let message = text(scene, 8 << 20);
    let client = scene.connect(&server)?;
    client.send_and_expect(&message, &message)
}

/// The client sends until nothing more is taken: the buffers of both sides are full. Then it reads.
fn a_reader_that_pauses(scene: &mut Scene) -> Outcome {
    let server = scene.tcp_server()?;
    let message = text(scene, 8 << 20);
    let client = scene.connect(&server)?;
    client.pauses_and_expects(&message, &message)
}

/// So many clients at once, connected and silent.
fn crowd(scene: &mut Scene, server: &Server) -> Outcome<Vec<Conn>> {
    (0..CROWD).map(|_| scene.connect(server)).collect()
}

fn many_at_once(scene: &mut Scene) -> Outcome {
    with_idle_clients(scene, CROWD)
}

/// The next one is served with so many connected and silent.
fn with_idle_clients(scene: &mut Scene, number: usize) -> Outcome {
    let server = scene.tcp_server()?;
    let threads = servers::Threads::now();
    let _idle = servers::crowd(scene, &server, number)?;
    exchange(scene, &server).map_err(|trouble| {
        let held = count(number, "idle client");
        let sentence = format!("With {held} connected, the next one is not served.");
        threads.waited_for(trouble.or_rather(Way::Silent, Way::Waits, sentence))
    })
}

fn reverse_order(scene: &mut Scene) -> Outcome {
    let server = scene.tcp_server()?;
    let clients = crowd(scene, &server)?;
    (0..CROWD).rev().try_for_each(|i| gets_its_own(scene, &clients, i))
}

/// One of many clients speaks: what comes back comes to it, and to nobody else.
fn gets_its_own(scene: &mut Scene, clients: &[Conn], i: usize) -> Outcome {
    let message = scene.sentence() + "\n";
    clients[i].send(message.as_bytes())?;
    let who = clients[i].who();
    let has_bytes = |i: &usize| clients[*i].peek() == Some(1);
    let came_to = || match clients[i].peek() {
        Some(_) => Some(i),
        None => (0..clients.len()).find(has_bytes),
    };
    match until(PATIENCE, came_to) {
        Some(at) if at == i => clients[i].expect(message.as_bytes()),
        Some(other) => {
            let came = clients[other].read(message.len())?;
            let other = capital(clients[other].who());
            if !message.as_bytes().starts_with(&came) {
                let sentence = format!("{other} received more than it had sent.");
                return Err(wrong(Way::Extra, sentence));
            }
            Err(wrong(Way::Different, format!("{other} received what belongs to {who}.")))
        }
        None => {
            scene.transcript().notes(who, "waited, and nothing came");
            let held = clients.len();
            let sentence = format!("Of {held} clients that are connected, {who} is not served.");
            Err(wrong(Way::Waits, sentence))
        }
    }
}

fn a_slow_reader_alone_waits(scene: &mut Scene) -> Outcome {
    let server = scene.tcp_server()?;
    let message = text(scene, 32 << 20); // more than all buffers hold
    let slow = scene.connect(&server)?;
    slow.send_until_full(&message)?;
    exchange(scene, &server).map_err(|trouble| {
        let sentence = "While one client does not read, another one is not served.";
        trouble.or_rather(Way::Silent, Way::Waits, sentence)
    })
}

fn no_mixing(scene: &mut Scene) -> Outcome {
    let server = scene.tcp_server()?;
    let clients = crowd(scene, &server)?;
    gets_its_own(scene, &clients, CROWD - 1)?; // so all of them have been accepted
    (0..CROWD - 1).try_for_each(|i| gets_its_own(scene, &clients, i))?;
    let mut all = text(scene, CROWD * 50_000);
    all.chunks_mut(50_000).for_each(|message| message[49_999] = b'\n');
    thread::scope(|scope| {
        let talks: Vec<_> = clients
            .iter()
            .zip(all.chunks(50_000))
            .map(|(client, message)| scope.spawn(|| client.send_and_expect(message, message)))
            .collect();
        talks.into_iter().try_for_each(|talk| match talk.join() {
            Ok(outcome) => outcome,
            Err(panic) => std::panic::resume_unwind(panic),
        })
    })
}

fn a_reset_is_its_own(scene: &mut Scene) -> Outcome {
    let server = scene.tcp_server()?;
    let steady = hold(scene, &server)?;
    hold(scene, &server)?.reset();
    let after = "after a client that reset its connection";
    servers::goes_on(&server, after)?;
    servers::next_client_is_served(scene, &server, exchange, after)?;
    speak(scene, &steady)
}

fn threads_return(scene: &mut Scene) -> Outcome {
    servers::threads_return(scene, CROWD, hold)
}
