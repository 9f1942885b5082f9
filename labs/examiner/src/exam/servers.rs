//! What every server is asked, whatever it serves. Each takes `exchange`, the step's own way to be a
//! client once: ask, and see that the answer is right.

use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::time::Duration;

use socket_labs::socket_table::{Protocol, State, read_some};

use super::program::until;
use super::scene::{LOOPBACK, Scene, Server};
use super::{Outcome, PATIENCE, Trouble, Way, processes, wrong};

/// How long a program is watched for what it does while it has nothing to do.
const WATCHED: Duration = Duration::from_millis(300);

/// Clients that come one after the other.
const CLIENTS: usize = 200;

/// How a step is a client once.
pub type Exchange = fn(&mut Scene, &Server) -> Outcome;

/// A server that cannot have its port says so and ends.
pub fn port_taken(scene: &mut Scene, protocol: Protocol) -> Outcome {
    let address = SocketAddr::new(LOOPBACK.into(), scene.port());
    let what = format!("has port {} already", address.port());
    match protocol {
        Protocol::Tcp => {
            let _taken = TcpListener::bind(address)?;
            scene.transcript().notes("examiner", format!("{what} (TCP)"));
            scene.start()?.fails("where its port is taken")
        }
        Protocol::Udp => {
            let _taken = UdpSocket::bind(address)?;
            scene.transcript().notes("examiner", format!("{what} (UDP)"));
            scene.start()?.fails("where its port is taken")
        }
    }
}

/// A client connects and leaves without a word: the next one is served.
pub fn survives_a_client_that_vanishes(scene: &mut Scene, exchange: Exchange) -> Outcome {
    let server = scene.tcp_server()?;
    scene.connect(&server)?.close();
    next_client_is_served(scene, &server, exchange, "after a client that left without a word")
}

/// A client sends something and resets the connection: the next one is served.
pub fn survives_a_reset(scene: &mut Scene, exchange: Exchange) -> Outcome {
    let server = scene.tcp_server()?;
    scene.connect(&server)?.reset();
    let client = scene.connect(&server)?;
    let word = scene.sentence();
    client.send(word.as_bytes())?;
    client.reset();
    next_client_is_served(scene, &server, exchange, "after a client that reset its connection")
}

/// The exchange of the next client, and a program that still runs after it.
pub fn next_client_is_served(
    scene: &mut Scene,
    server: &Server,
    exchange: Exchange,
    after: &str,
) -> Outcome {
    let served = exchange(scene, server);
    if matches!(served, Ok(()) | Err(Trouble::Wrong(_))) {
        // That the program ended is the better explanation of a refused or silent connection.
        if served.is_err() {
            until(Duration::from_millis(200), || server.program.ended());
        }
        server.program.still_runs(after)?;
    }
    served
}

/// The server is killed while a client is connected, and started again while its old connection is
/// in TIME_WAIT. `exchange_and_hold` is an exchange that leaves the connection open.
pub fn restarts_at_once(
    scene: &mut Scene,
    hold: fn(&mut Scene, &Server) -> Outcome<super::tcp::Conn>,
    exchange: Exchange,
) -> Outcome {
    let server = scene.tcp_server()?;
    let client = hold(scene, &server)?;
    server.program.kill();
    // The end of the stream, or a reset where the program had unread bytes.
    let _ = client.receive_to_end(64 * 1024);
    client.close();
    let port = server.address.port();
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
        None => return Err(Trouble::NotHere("no connection in TIME_WAIT could be made".into())),
    }
    let again = scene.tcp_server().map_err(|trouble| {
        let sentence = "Started again at once, the program cannot have its port: \
                        its old connection is still in TIME_WAIT.";
        trouble.or_rather(Way::Ended, Way::NotReady, sentence)
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
    let now = files().unwrap_or_default();
    scene.transcript().notes("program", format!("open files: {before} before, {now} now"));
    let sentence = format!(
        "After {CLIENTS} clients, one after the other, the program has {now} open files; \
         it had {before} before them."
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
    let cpu = || processes::usage(&processes::descendants()).map(|usage| usage.cpu);
    // A program that has just started may still have work: it is watched for as long as it takes
    // to see it rest, and judged by its best moment.
    let mut least = None;
    for _ in 0..4 {
        let before = cpu().ok_or_else(not_told)?;
        until(WATCHED, || None::<()>);
        let used = cpu().ok_or_else(not_told)?.saturating_sub(before);
        least = Some(least.unwrap_or(used).min(used));
        if used < WATCHED.as_nanos() as u64 / 20 {
            return Ok(());
        }
    }
    server.program.still_runs("while it had nothing to do")?;
    let share = least.unwrap_or_default() * 100 / WATCHED.as_nanos() as u64;
    let sentence = format!("With nothing to do, the program uses {share} % of a CPU.");
    scene.transcript().notes("program", sentence.clone());
    Err(wrong(Way::Busy, sentence))
}

/// SIGTERM ends it.
pub fn ends_at_sigterm(scene: &mut Scene, protocol: Protocol) -> Outcome {
    let server = match protocol {
        Protocol::Tcp => scene.tcp_server()?,
        Protocol::Udp => scene.udp_server()?,
    };
    server.program.terminate();
    server.program.wait().map(drop)
}

/// Where the system does not tell what a process uses.
pub fn not_told() -> Trouble {
    Trouble::NotHere("this system does not tell what a program uses".into())
}
