//! What every server is asked, whatever it serves. Each takes `exchange`, the step's own way to be a
//! client once: ask, and see that the answer is right.

use std::net::{IpAddr, Ipv6Addr};
use std::time::{Duration, Instant};

use socket_labs::socket_table::{Protocol, Row, State, read_some};

use super::ports::{self, Held};
use super::program::{Program, let_pass, until};
use super::scene::{Scene, Server};
use super::tcp::Conn;
use super::{Outcome, PATIENCE, Trouble, Way, processes, wrong};

/// How long a program is watched for what it does while it has nothing to do.
const WATCHED: Duration = Duration::from_millis(300);

/// The most times that it is watched.
const WINDOWS: usize = 12;

/// Clients that come one after the other.
const CLIENTS: usize = 200;

/// How a step is a client once.
pub type Exchange = fn(&mut Scene, &Server) -> Outcome;

/// A server that cannot have its port says so and ends.
pub fn port_taken(scene: &mut Scene, protocol: Protocol) -> Outcome {
    let _taken = take_port(scene, protocol)?;
    scene.start()?.fails("where its port is taken")
}

/// Takes the port of the scene, at every address to which a server may be bound, for as long as what
/// is returned is kept.
pub fn take_port(scene: &Scene, protocol: Protocol) -> Outcome<Held> {
    let (port, kind) = (scene.port(), protocol.to_string().to_uppercase());
    let others: Vec<IpAddr> =
        scene.own_ip().into_iter().chain([Ipv6Addr::LOCALHOST.into()]).collect();
    let held = ports::hold(port, protocol, &others)?;
    scene.transcript().notes("examiner", format!("has port {port} already ({kind})"));
    Ok(held)
}

/// A client connects and leaves without a word: the next one is served.
pub fn survives_a_client_that_vanishes(scene: &mut Scene, exchange: Exchange) -> Outcome {
    let after = "after a client that left without a word";
    let server = scene.tcp_server()?;
    scene.connect(&server)?.close();
    goes_on(&server, after)?;
    next_client_is_served(scene, &server, exchange, after)
}

/// A client sends something and resets the connection: the next one is served.
pub fn survives_a_reset(scene: &mut Scene, exchange: Exchange) -> Outcome {
    let after = "after a client that reset its connection";
    let server = scene.tcp_server()?;
    scene.connect(&server)?.reset();
    goes_on(&server, after)?;
    let resets = |scene: &mut Scene, server: &Server| {
        let client = scene.connect(server)?;
        let word = scene.sentence();
        client.send(word.as_bytes())?;
        client.reset();
        goes_on(server, after)
    };
    next_client_is_served(scene, &server, resets, after)?;
    next_client_is_served(scene, &server, exchange, after)
}

/// The program still runs, and has had a moment to end: the next client is to meet what is left of
/// it, and not what is about to go.
pub fn goes_on(server: &Server, after: &str) -> Outcome {
    until(Duration::from_millis(60), || server.program.ended());
    server.program.still_runs(after)
}

/// The exchange of the next client, and a program that still runs after it.
pub fn next_client_is_served(
    scene: &mut Scene,
    server: &Server,
    exchange: impl FnOnce(&mut Scene, &Server) -> Outcome,
    after: &str,
) -> Outcome {
    let served = exchange(scene, server);
    if matches!(served, Ok(()) | Err(Trouble::Wrong(_))) {
        // That the program ended is the better explanation of a refused or silent connection.
        if served.is_err() {
            until(Duration::from_secs(1), || server.program.ended());
        }
        server.program.still_runs(after)?;
    }
    served
}

/// The server is killed while a client is connected, and started again while its old connection is
/// in TIME_WAIT. `hold` is an exchange that leaves the connection open.
pub fn restarts_at_once(
    scene: &mut Scene,
    hold: fn(&mut Scene, &Server) -> Outcome<Conn>,
    exchange: Exchange,
) -> Outcome {
    let server = scene.tcp_server()?;
    let client = hold(scene, &server)?;
    server.program.kill();
    // The end of the stream, or a reset where the program had unread bytes.
    let _ = client.receive_to_end(64 * 1024);
    client.close();
    starts_again_in_time_wait(scene, &server, exchange)
}

/// Waits until an old connection of the server is in TIME_WAIT, starts the program again, and is a
/// client of it.
pub fn starts_again_in_time_wait(
    scene: &mut Scene,
    before: &Server,
    exchange: Exchange,
) -> Outcome {
    let port = before.address.port();
    let waiting = || {
        let rows = read_some(|row| {
            row.local.port() == port
                && row.protocol == Protocol::Tcp
                && row.state == Some(State::TimeWait)
        });
        rows.is_ok_and(|rows| !rows.is_empty()).then_some(())
    };
    match until(PATIENCE, waiting) {
        Some(()) => scene.transcript().notes("system", format!("port {port} is in TIME_WAIT")),
        // A server that resets its connections leaves none behind.
        None => scene.transcript().notes("system", format!("port {port} has no TIME_WAIT")),
    }
    let again = scene.tcp_server().map_err(|trouble| {
        let sentence = "Started again at once, the program cannot have its port: \
                        its old connection is still in TIME_WAIT.";
        let elsewhere = "Started again at once, the program cannot have its port, as its old \
                         connection is still in TIME_WAIT, and does not look at what bind() returns: \
                         it listens somewhere else.";
        trouble
            .or_rather(Way::Ended, Way::NotReady, sentence)
            .or_rather(Way::WrongAddress, Way::NotReady, elsewhere)
    })?;
    exchange(scene, &again)
}

/// Many clients, one after the other, leave the program's open files as they were.
pub fn leaves_no_open_files(scene: &mut Scene, protocol: Protocol, exchange: Exchange) -> Outcome {
    let server = match protocol {
        Protocol::Tcp => scene.tcp_server()?,
        Protocol::Udp => scene.udp_server()?,
    };
    for _ in 0..10 {
        exchange(scene, &server)?; // what a program opens once, it has open now
    }
    let files = || processes::usage(&processes::descendants()).map(|usage| usage.files);
    // A thread or a child may take a moment to close what it has.
    let mut before = files().ok_or_else(not_told)?;
    until(Duration::from_millis(50), || {
        before = before.min(files()?);
        None::<()>
    });
    for _ in 0..CLIENTS {
        exchange(scene, &server)?;
    }
    let allowed = before + 5;
    if until(PATIENCE / 2, || (files()? <= allowed).then_some(())).is_some() {
        return Ok(());
    }
    let more = files().unwrap_or_default().saturating_sub(before);
    scene.transcript().notes("program", format!("has {more} more open files than before"));
    let sentence = format!(
        "After {CLIENTS} clients, one after the other, the program has {more} more open files \
         than before them."
    );
    Err(wrong(Way::Leaks, sentence))
}

/// A server that waits for clients uses no CPU, nor does it while a client is there and silent.
pub fn waits_without_work(scene: &mut Scene, protocol: Protocol) -> Outcome {
    let server = match protocol {
        Protocol::Tcp => scene.tcp_server()?,
        Protocol::Udp => scene.udp_server()?,
    };
    let _silent = match protocol {
        Protocol::Tcp => Some(scene.connect(&server)?),
        Protocol::Udp => None,
    };
    uses_no_cpu(scene, &server.program)
}

/// A program that waits uses no CPU.
pub fn uses_no_cpu(scene: &Scene, program: &Program) -> Outcome {
    let usage = || processes::usage(&processes::descendants()).ok_or_else(not_told);
    // A program that has just started may still have work: it is watched for as long as it takes
    // to see it rest, and judged by its best moment.
    let mut share = 100;
    for window in 0..WINDOWS {
        let before = usage()?;
        let started = Instant::now();
        let_pass(WATCHED);
        let after = usage()?;
        let watched = started.elapsed().as_nanos() as u64;
        program.still_runs("while it had nothing to do")?;
        let used = after.cpu.saturating_sub(before.cpu) * 100 / watched;
        // On a busy machine a program that never rests gets little of a CPU, and waits for it: it is
        // never seen at rest, and is watched for longer.
        let queued = after.queued.saturating_sub(before.queued) * 100 / watched;
        if used < 5 && used + queued < 50 && after.running == 0 {
            return Ok(());
        }
        share = share.min(used);
        if window >= 3 && used >= 5 {
            break;
        }
    }
    let sentence = format!("With nothing to do, the program uses {share} % of a CPU.");
    scene.transcript().notes("program", sentence.clone());
    Err(wrong(Way::Busy, sentence))
}

/// SIGTERM ends it.
///
/// # Errors
///
/// [`Trouble::NotHere`], where there is none.
pub fn ends_at_sigterm(scene: &mut Scene, protocol: Protocol) -> Outcome {
    let server = match protocol {
        Protocol::Tcp => scene.tcp_server()?,
        Protocol::Udp => scene.udp_server()?,
    };
    server.program.terminate()?;
    server.program.wait().map(drop)
}

/// Two crowds of clients, one after the other: threads that wait for the next client may stay, and the
/// second crowd needs no more of them. `hold` is an exchange that leaves the connection open.
pub fn threads_return(
    scene: &mut Scene,
    crowd: usize,
    hold: fn(&mut Scene, &Server) -> Outcome<Conn>,
) -> Outcome {
    let server = scene.tcp_server()?;
    let first = threads_after_a_crowd(scene, &server, crowd, hold)?;
    let allowed = first + crowd / 2;
    threads_after_a_crowd(scene, &server, crowd, hold)?;
    if until(PATIENCE / 2, || (threads()? <= allowed).then_some(())).is_some() {
        return Ok(());
    }
    let now = threads().unwrap_or_default();
    let sentence = match processes::unwaited(&processes::descendants()) {
        0 => format!(
            "After {crowd} clients have come and gone, the program has {first} threads; \
             after {crowd} more, {now}."
        ),
        dead => format!(
            "After {} clients have come and gone, {dead} dead children of the program are left: \
             nobody has waited for them.",
            2 * crowd
        ),
    };
    scene.transcript().notes("program", sentence.clone());
    Err(wrong(Way::Leaks, sentence))
}

/// Threads, and the dead children that nobody has waited for.
fn threads() -> Option<usize> {
    let family = processes::descendants();
    processes::usage(&family).map(|usage| usage.threads + processes::unwaited(&family))
}

/// The threads that there are when a crowd has been served and the program has closed its sockets.
fn threads_after_a_crowd(
    scene: &mut Scene,
    server: &Server,
    crowd: usize,
    hold: fn(&mut Scene, &Server) -> Outcome<Conn>,
) -> Outcome<usize> {
    let clients: Vec<Conn> =
        (0..crowd).map(|_| hold(scene, server)).collect::<Outcome<Vec<_>>>()?;
    clients.into_iter().for_each(Conn::close);
    let port = server.address.port();
    let served = |row: &Row| row.local.port() == port && row.state != Some(State::Listen);
    until(PATIENCE / 10, || scene.sockets(served).is_empty().then_some(()));
    threads().ok_or_else(not_told)
}

/// How many threads the program has, in all its processes.
pub struct Threads(Option<usize>);

impl Threads {
    /// Counted now.
    pub fn now() -> Threads {
        Threads(processes::usage(&processes::descendants()).map(|usage| usage.threads))
    }

    /// A client that is kept waiting: by a silent one, where the program has started one thread or process
    /// since, and waits for that to end. A pool would have started more.
    pub fn waited_for(&self, trouble: Trouble) -> Trouble {
        let Trouble::Wrong(mut finding) = trouble else { return trouble };
        let Some(before) = self.0 else { return Trouble::Wrong(finding) };
        if finding.way == Way::Waits && Threads::now().0 == Some(before + 1) {
            let more =
                " It has started a thread or a process for a client, and waits for that to end.";
            finding.sentence.push_str(more);
        }
        Trouble::Wrong(finding)
    }
}

/// Where the system does not tell what a process uses.
pub fn not_told() -> Trouble {
    Trouble::NotHere("this system does not tell what a program uses".into())
}

/// So many clients that are connected and silent. The queue of the socket that listens is short, and
/// a client that finds it full tries again after a second: so each waits until there is room.
pub fn crowd(scene: &mut Scene, server: &Server, number: usize) -> Outcome<Vec<Conn>> {
    let port = server.address.port();
    let has_room = || {
        let listens = |row: &Row| row.local.port() == port && row.state == Some(State::Listen);
        let rows = read_some(listens).unwrap_or_default();
        rows.iter().all(|row| row.receive_queue.unwrap_or(0) < 5).then_some(())
    };
    let connect = |_| {
        until(Duration::from_millis(500), has_room);
        scene.connect(server)
    };
    (0..number).map(connect).collect()
}
