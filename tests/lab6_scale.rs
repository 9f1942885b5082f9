//! Lab 6, `echo_server` with more clients than it has seats: 19,000 attempts to connect.
//!
//! The clients are in a process of their own, so that they may have all the open files that the
//! system grants, and this one keeps its own. They come from 127.1.0.0/16: the ephemeral ports of
//! 127.0.0.1 stay free for the other tests.
#![cfg(target_os = "linux")]

mod common;

use std::env;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::process::{Command, Stdio};
use std::time::Duration;

use common::{PATIENCE, Running, connect, eventually, read_to_end, skip, with_open_files};
use socket_labs::{note, say};
use socket2::{Domain, Socket, Type};

/// As many attempts as there are, if the system lets a process open so many files.
const ATTEMPTS: u32 = 19_000;

/// The most seats that `--max-clients` takes. A thread each: with about 16,000 of them, Rust's
/// library would end the whole process.
const MOST_SEATS: u32 = 12_000;

/// What a program has open beside the connections: its own files, and some room.
const OTHER_FILES: u32 = 100;

#[test]
fn nineteen_thousand_attempts_leave_the_server_alive_and_serving() {
    // Where fewer files may be open, there are fewer attempts, and in proportion fewer seats.
    let attempts = ATTEMPTS.min(open_files().saturating_sub(OTHER_FILES));
    let seats = if attempts > MOST_SEATS { MOST_SEATS } else { attempts / 2 };
    crowd_comes_and_goes(attempts, seats, &["--max-clients", &seats.to_string()]);
}

#[test]
fn without_max_clients_there_are_a_thousand_seats() {
    let attempts = 1_500.min(open_files().saturating_sub(OTHER_FILES));
    crowd_comes_and_goes(attempts, 1_000, &[]);
}

fn crowd_comes_and_goes(attempts: u32, seats: u32, args: &[&str]) {
    if attempts < 1_200 {
        let limit = open_files();
        skip::<()>(&format!("a process may open {limit} files only (ulimit -Hn)"));
        return;
    }
    let args = [&["--port", "0"], args].concat();
    let mut server = Running::start(with_open_files(attempts + OTHER_FILES, "echo_server", &args));
    let address = server.address();

    note!("{attempts} attempts to connect to a server of {seats} seats");
    let mut crowd = start_crowd(address, attempts, seats);
    let outcome = crowd.prints("served");
    if outcome.contains("the system") {
        skip::<()>(outcome.trim());
        return;
    }
    assert_eq!(outcome.trim(), format!("served {seats}, refused {}", attempts - seats));
    assert!(server.is_alive(), "{}", server.warnings());
    let refusal =
        format!("The server is full: it serves {seats} clients at a time. Try again later.\n");
    assert_eq!(read_to_end(&mut connect(address)).0, refusal.as_bytes());

    drop(crowd.stdin()); // the crowd leaves
    assert_eq!(crowd.ended().code, Some(0));
    eventually("a seat is free again", || echoes(connect(address)));
    let ended = server.interrupt().succeeded();
    assert!(ended.stdout.contains("Stopped by Ctrl-C. Clients accepted: "));
    assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
}

/// Whether this client is served. One that is refused may find its connection reset.
fn echoes(mut client: TcpStream) -> bool {
    let mut answer = [0; 5];
    client.write_all(b"hello").is_ok()
        && client.read_exact(&mut answer).is_ok()
        && &answer == b"hello"
}

/// How many files a process may open, if it asks for all that it can get.
fn open_files() -> u32 {
    let shell = Command::new("sh").args(["-c", "ulimit -Hn"]).output().expect("a shell");
    let limit = String::from_utf8_lossy(&shell.stdout);
    limit.trim().parse().unwrap_or(u32::MAX) // "unlimited"
}

/// This test program once more, with more open files, to be the clients.
fn start_crowd(server: SocketAddr, attempts: u32, seats: u32) -> Running {
    let mut crowd = Command::new("sh");
    crowd.args(["-c", "ulimit -n \"$1\" && shift && exec \"$@\"", "sh"]);
    crowd.arg((attempts + OTHER_FILES).to_string());
    crowd.arg(env::current_exe().expect("a test has a path"));
    crowd.args(["--exact", "crowd", "--ignored", "--nocapture"]);
    crowd.env("CROWD", format!("{server} {attempts} {seats}")).stdin(Stdio::piped());
    Running::start(crowd)
}

/// The clients: each connects, and stays until standard input ends.
#[test]
#[ignore = "the other tests start it, in a process of its own"]
fn crowd() {
    let Ok(task) = env::var("CROWD") else {
        return;
    };
    let [server, attempts, seats] = task.split(' ').collect::<Vec<_>>().try_into().expect("three");
    let (server, attempts, seats): (SocketAddr, u32, u32) =
        (server.parse().unwrap(), attempts.parse().unwrap(), seats.parse().unwrap());
    let (mut clients, mut served, mut refused) = (Vec::new(), 0, 0);
    for number in 0..attempts {
        let mut client = connect_from(source(number), server);
        let mut answer = Vec::new();
        if served < seats {
            client.write_all(b"x").expect("an empty send buffer takes a byte");
            let mut echo = [0];
            match client.read(&mut echo) {
                Ok(1) => served += 1,
                other => {
                    // No thread for this client: the server says so, and lets it go.
                    say!("served {served}, then the system gave no more threads ({other:?})");
                    break;
                }
            }
        } else {
            client.read_to_end(&mut answer).expect("the refusal, and then the end");
            assert!(answer.starts_with(b"The server is full"), "{answer:?}");
            refused += 1;
        }
        clients.push(client);
    }
    if clients.len() == attempts as usize {
        say!("served {served}, refused {refused}");
    }
    std::io::stdin().read_to_end(&mut Vec::new()).expect("standard input is a pipe");
}

/// A thousand clients share an address.
fn source(number: u32) -> Ipv4Addr {
    Ipv4Addr::new(127, 1, (number / 1_000) as u8, 1)
}

fn connect_from(source: Ipv4Addr, server: SocketAddr) -> Socket {
    let client = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a file descriptor is free");
    // Closed with RST: thousands of sockets in TIME_WAIT would be in the way of the next tests.
    client.set_linger(Some(Duration::ZERO)).expect("a socket that is open");
    client.bind(&SocketAddr::from((source, 0)).into()).expect("127.0.0.0/8 is all loopback");
    client.connect_timeout(&server.into(), PATIENCE).expect("the server accepts");
    client.set_read_timeout(Some(PATIENCE)).expect("a timeout above zero");
    client
}
