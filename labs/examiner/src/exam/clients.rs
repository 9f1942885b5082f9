//! What every client is asked, whatever it asks for.

use std::io::Write;
use std::net::{IpAddr, SocketAddr};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use socket2::{Domain, Socket, Type};

use super::program::{Program, until};
use super::tcp::{Conn, capital};
use super::transcript::count;
use super::udp::sizes;
use super::{Outcome, PATIENCE, Scene, Way, wrong};

/// The longest that a client may wait for a server, where it cannot be told how long: no lab waits
/// longer than ten seconds.
const LONGEST_WAIT: Duration = Duration::from_secs(15);

/// How long an answer takes that is slow: less than the second of the most impatient textbook.
const SLOW: Duration = Duration::from_millis(700);

/// The time between two things that are sent again and again: clearly less than any client waits, and
/// more than a client's last wait, which may be a little longer than what is left of its time.
const AGAIN: Duration = Duration::from_millis(50);

/// How long a question is waited for before something is typed.
const QUESTION: Duration = Duration::from_millis(200);

/// Makes the program wait only a short time for its server, where its command has `{timeout}`.
pub fn give_up_soon(scene: &mut Scene) {
    scene.give("timeout", "0.4");
}

/// The program ends with an error after a finite wait. `after` says what was the matter: "when the
/// server says nothing".
pub fn gives_up(program: &Program, after: &str) -> Outcome {
    program.fails_within(LONGEST_WAIT, after)
}

/// The address that the program will ask: where its command has `{host}`, one that nobody could
/// guess, else 127.0.0.1; and the port of the scene. It is given to the program.
pub fn server_address(scene: &mut Scene) -> SocketAddr {
    let ip = if scene.takes("host") { scene.loopback_address() } else { super::scene::LOOPBACK };
    scene.give("host", ip.to_string());
    SocketAddr::new(ip.into(), scene.port())
}

/// Types the message, where the command has no `{message}` to put it in.
pub fn say(scene: &mut Scene, program: &Program, message: &str) -> Outcome {
    if !scene.takes("message") {
        // As a person does it: the question comes first, where there is one.
        let has_asked = || !program.printed().trim().is_empty() || program.ended().is_some();
        until(QUESTION, || has_asked().then_some(()));
        program.types(message.as_bytes())?;
    }
    Ok(())
}

/// The longest that the program may wait for a server: a moment, where it was told to give up soon.
pub fn longest_wait(scene: &Scene) -> Duration {
    if scene.takes("timeout") { PATIENCE } else { LONGEST_WAIT }
}

/// How a step's client is started, and told what to ask.
pub type Start = fn(&mut Scene) -> Outcome<Program>;

/// How a step's client is met: it is started, has connected, and its request has been read.
pub type Meet = fn(&mut Scene) -> Outcome<(Program, Conn)>;

/// What helps a client that does not bear the troubles of its server.
pub const TROUBLE_HINTS: &[(Way, &str)] = &[
    (Way::StillRuns, "Give every wait an end, connect() included: a timeout on the socket."),
    (
        Way::Traceback,
        "Handle the error of this call: print one sentence, and end with exit code 1.",
    ),
    (Way::ExitCode, "After an error end with exit code 1, so that others notice too."),
    (Way::NoMessage, "Print one sentence of what was tried and what went wrong."),
];

/// Nobody listens where the program asks: it says so and ends.
pub fn refused(scene: &mut Scene, start: Start) -> Outcome {
    give_up_soon(scene);
    let address = server_address(scene);
    scene.transcript().notes("examiner", format!("has no server at {address}"));
    let program = start(scene)?;
    program.fails_within(longest_wait(scene), "where nobody listens")
}

/// The server takes the request and says nothing: the program gives up after a finite wait.
pub fn silent_server(scene: &mut Scene, meet: Meet) -> Outcome {
    give_up_soon(scene);
    let (program, conn) = meet(scene)?;
    let before = printed_so_far(&program);
    scene.transcript().notes(conn.who(), "says nothing");
    says_why(&program, before, longest_wait(scene), "where its server says nothing")
}

/// What helps a client that a stranger can keep waiting.
pub const CHATTY_HINTS: &[(Way, &str)] = &[(
    Way::StillRuns,
    "Strangers can make every wait begin anew: count down to a deadline, and wait for what is left.",
)];

/// The server says nothing, and a stranger at this address sends the program's socket a datagram
/// again and again, for as long as the program runs: its wait ends all the same. That alone is
/// judged, and not how: a client without a word of why, or one that believes the stranger, is found
/// out by other checks.
pub fn chatty_stranger(
    scene: &mut Scene,
    program: &Program,
    client: SocketAddr,
    ip: IpAddr,
    datagram: &[u8],
) -> Outcome {
    let address = SocketAddr::new(ip, scene.number(30_001, 32_000) as u16);
    let stranger = scene.udp_peer("stranger", address)?;
    scene.transcript().notes("server", "says nothing");
    let times = 1000 / AGAIN.as_millis();
    let words = format!("sends the same from {address} again and again, {times} times a second");
    scene.transcript().notes(stranger.who(), words);
    stranger.send(datagram, client)?;
    let socket = stranger.socket();
    // It may have closed its socket: the check will see that.
    let sends = || _ = socket.send_to(datagram, client);
    let ended = meanwhile(sends, || program.wait_at_most(longest_wait(scene)));
    ended.map(drop).map_err(|trouble| {
        let sentence = "The program still runs, and should have ended: its server says nothing, and \
                        a stranger sends again and again.";
        trouble.or_rather(Way::StillRuns, Way::StillRuns, sentence)
    })
}

/// The server sends a part of an answer and ends the stream: the program says so and ends.
pub fn early_close(scene: &mut Scene, meet: Meet, part: &[u8]) -> Outcome {
    let (program, conn) = meet(scene)?;
    let before = printed_so_far(&program);
    if !part.is_empty() {
        conn.send(part)?;
    }
    conn.finish();
    says_why(&program, before, PATIENCE, "where its server closes early")
}

/// The server sends a part of an answer and resets the connection: the program says so and ends.
pub fn reset(scene: &mut Scene, meet: Meet, part: &[u8]) -> Outcome {
    let (program, conn) = meet(scene)?;
    let before = printed_so_far(&program);
    if !part.is_empty() {
        conn.send(part)?;
        conn.is_read()?;
    }
    conn.reset();
    says_why(&program, before, PATIENCE, "where its server resets the connection")
}

/// How much the program has printed before the trouble begins.
pub fn printed_so_far(program: &Program) -> usize {
    until(Duration::from_millis(20), || None::<()>); // what it has printed is still on its way here
    program.printed().len()
}

/// As [`Program::fails_within`]; but what the program has printed before, such as its question, is
/// no explanation of what came then.
pub fn says_why(program: &Program, before: usize, patience: Duration, after: &str) -> Outcome {
    program.fails_within(patience, after)?;
    if program.printed().len() > before {
        return Ok(());
    }
    Err(wrong(Way::NoMessage, format!("The program ended {after} without a word of why.")))
}

/// The program asks for what it needs before it is typed, where the command does not have it.
pub fn asks(scene: &Scene, program: &Program, word: &str) -> Outcome {
    let has_asked = || !program.printed().trim().is_empty();
    if scene.takes(word) || until(PATIENCE, || has_asked().then_some(())).is_some() {
        return Ok(());
    }
    program.still_runs("and asked for nothing")?;
    scene.transcript().notes("program", "asks for nothing");
    Err(wrong(Way::NotPrinted, "The program waits for input and has printed nothing."))
}

/// Behind what it should print, the program has printed no zero bytes: nobody has sent any, so that they
/// are the rest of a buffer. Where a language shows them as `\0` or `\x00`, two in a row are as bad.
///
/// # Errors
///
/// [`Way::Printed`].
pub fn no_rest_of_a_buffer(program: &Program) -> Outcome {
    const SHOWN: &[&str] = &["\\0\\0", "\\x00\\x00", "\\u0000\\u0000", "\\u{0}\\u{0}", "^@^@"];
    until(PATIENCE / 5, || program.ended()); // it may print the rest a moment later
    let output = program.stdout().bytes();
    let zeros = output.iter().filter(|byte| **byte == 0).count();
    let text = String::from_utf8_lossy(&output);
    if zeros == 0 && !SHOWN.iter().any(|zeros| text.contains(zeros)) {
        return Ok(());
    }
    let what = if zeros == 0 { "zero bytes".into() } else { count(zeros, "zero byte") };
    let sentence = format!("The program also printed {what}, and nobody has sent one.");
    Err(wrong(Way::Printed, sentence))
}

/// What helps a client that prints a whole buffer.
pub const BUFFER_HINT: (Way, &str) = (
    Way::Printed,
    "Print as many bytes as recv() brought: what is behind them is the rest of the buffer.",
);

/// The answer comes after a wait that no network is too good for, and less than any client waits: it
/// is printed all the same. `answer` sends it, `is_printed` sees that it is there.
///
/// # Errors
///
/// [`Way::Ended`], where the program does not wait, and those of the two.
pub fn waits_for_an_answer(
    scene: &Scene,
    program: &Program,
    answer: impl FnOnce() -> Outcome,
    is_printed: impl FnOnce() -> Outcome,
) -> Outcome {
    scene.transcript().notes("server", format!("answers after {} ms", SLOW.as_millis()));
    until(SLOW, || program.ended());
    let did_not_wait = || program.still_runs("and did not wait for its answer");
    did_not_wait()?;
    // A client that has given up may be about to end.
    answer().and_then(|()| is_printed()).or_else(|trouble| {
        until(PATIENCE / 10, || program.ended());
        did_not_wait().and(Err(trouble))
    })
}

/// Standard output has the whole of a long text. What is missing is told by its length.
pub fn prints_all(program: &Program, text: &str) -> Outcome {
    let has = |length: usize| {
        let part = &text.as_bytes()[..length];
        program.stdout().bytes().windows(length.max(1)).any(|window| window == part)
    };
    let printed = program.prints("the whole answer", &[text]);
    printed.map_err(|trouble| {
        let (mut some, mut more) = (0, text.len());
        while more - some > 1 {
            let middle = some.midpoint(more);
            if has(middle) { some = middle } else { more = middle }
        }
        let all = count(text.len(), "character");
        let sentence = match some {
            0 => format!("The program printed none of the {all} that came."),
            _ => {
                let some = count(some, "character");
                format!("Of the {all} that came, the program printed only the first {some}.")
            }
        };
        trouble.or_rather(Way::NotPrinted, Way::NotPrinted, sentence)
    })
}

/// Compares what a program sent with the message that it was given. A line end that was typed may
/// come along.
pub fn same_message(who: &str, message: &[u8], came: &[u8]) -> Outcome {
    let end = came.strip_suffix(b"\n").unwrap_or(came);
    let end = end.strip_suffix(b"\r").unwrap_or(end);
    if came == message || end == message {
        return Ok(());
    }
    let (way, what) = match () {
        () if message.starts_with(came) => (Way::Missing, "a part of the message"),
        () if came.starts_with(message) => (Way::Extra, "the message with more behind it"),
        () => (Way::Different, "another message"),
    };
    let sizes = sizes(message, came);
    Err(wrong(way, format!("{} received {what}: {sizes}.", capital(who))).with_bytes(message, came))
}

/// A server that answers no connect(): its backlog is full, and the system drops what else comes.
/// It is so for as long as what is returned is kept.
pub fn never_answers(scene: &Scene, address: SocketAddr) -> Outcome<[Socket; 2]> {
    let socket = || Socket::new(Domain::for_address(address), Type::STREAM, None);
    let (server, client) = (socket()?, socket()?);
    server.bind(&address.into())?;
    server.listen(0)?; // room for one
    client.connect(&address.into())?;
    scene.transcript().notes("server", format!("at {address} its backlog is full: no answer"));
    Ok([server, client])
}

/// What helps a client that is held for as long as its server likes.
pub const DRIPPING_HINTS: &[(Way, &str)] = &[(
    Way::StillRuns,
    "A server can make every wait begin anew: count down to a deadline, and wait for what is left.",
)];

/// The server sends the beginning of an answer, and then a byte again and again, so that no single
/// wait is long: the program ends all the same. What it says of it is not judged.
pub fn dripping_server(scene: &Scene, program: &Program, conn: &Conn, beginning: &[u8]) -> Outcome {
    conn.send(beginning)?;
    let every = format!("sends a \".\" every {} ms, and never closes", AGAIN.as_millis());
    scene.transcript().notes(conn.who(), every);
    // Where the program has gone, nothing more can be sent.
    let drips = || _ = conn.stream().write_all(b".");
    let ended = meanwhile(drips, || program.wait_at_most(longest_wait(scene)));
    ended.map(drop).map_err(|trouble| {
        program.kill_unseen(); // while its connection is open: else it would speak of its end
        let sentence = "The server never pauses for long and never ends: the program still runs.";
        trouble.or_rather(Way::StillRuns, Way::StillRuns, sentence)
    })
}

/// Does the one thing again and again, until the other is done.
fn meanwhile<T>(again: impl Fn() + Send, other: impl FnOnce() -> T) -> T {
    thread::scope(|scope| {
        // Where this is dropped, the thread ends.
        let (_goes_on, ends) = mpsc::channel::<()>();
        scope.spawn(move || {
            while ends.recv_timeout(AGAIN) == Err(RecvTimeoutError::Timeout) {
                again();
            }
        });
        other()
    })
}
