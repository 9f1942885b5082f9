//! Lab 5: a server in five stages. That each stage grows from the one before is in `stages.rs`.

#![allow(clippy::unwrap_used)] // in a test, a panic is the answer
#![cfg_attr(not(target_os = "linux"), allow(dead_code, unused_imports))] // of tests that are not for every system

mod common;

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use common::*;
use socket_labs::socket_table::{self, State};
use socket2::SockRef;

const WELCOME: &[u8] = b"Welcome to the server. Type something and hit enter\n";

/// Starts a stage on a free port and waits until it listens.
fn stage(name: &str, more: &[&str]) -> (Running, SocketAddr) {
    let server = start(name, &[&["--port", "0"], more].concat());
    let address = server.address();
    server.prints("Socket now listening");
    (server, address)
}

/// Connects, sends a text, and reads until the server closes.
fn visit(server: SocketAddr, text: &[u8]) -> Vec<u8> {
    let mut client = connect(server);
    client.write_all(text).unwrap();
    read_to_end(&mut client).0
}

/// Reads exactly what is expected.
#[track_caller]
fn expect(client: &mut impl Read, expected: &[u8]) {
    let mut bytes = vec![0; expected.len()];
    client.read_exact(&mut bytes).unwrap();
    assert_eq!(String::from_utf8_lossy(&bytes), String::from_utf8_lossy(expected));
}

/// Connects to stage 5 and reads its welcome.
fn guest(server: SocketAddr) -> TcpStream {
    let mut client = connect(server);
    expect(&mut client, WELCOME);
    client
}

/// Closes a connection with RST.
fn reset(client: TcpStream) {
    SockRef::from(&client).set_linger(Some(Duration::ZERO)).unwrap();
}

#[test]
fn stage_1_binds_and_ends() {
    let ended = run("server_01_bind", &["--port", "0"]).succeeded();
    let lines: Vec<&str> = ended.stdout.lines().collect();
    assert_eq!(lines[0], "Socket created");
    let bound: SocketAddr = lines[1].strip_prefix("Socket bound to ").unwrap().parse().unwrap();
    assert_ne!(bound.port(), 0, "the port really bound");
    assert_eq!(lines.len(), 2);
}

#[test]
fn stage_1_binds_and_does_not_listen() {
    if !needs(&["strace"]) {
        return;
    }
    let mut trace = std::process::Command::new("strace");
    trace.args(["-f", "-e", "trace=socket,bind,listen,accept,accept4,connect"]);
    trace.arg(program("server_01_bind")).args(["--port", "0"]);
    let calls = run_command(trace).succeeded().stderr;
    assert!(calls.contains("socket(AF_INET, SOCK_STREAM"), "{calls}");
    assert!(calls.contains("bind("), "{calls}");
    assert!(!calls.contains("listen("), "{calls}");
}

#[test]
fn stage_2_accepts_one_client_and_ends() {
    let (server, address) = stage("server_02_accept", &[]);
    let mut client = connect(address);
    let mine = client.local_addr().unwrap();
    assert_eq!(read_to_end(&mut client), (vec![], None));
    let ended = server.ended().succeeded();
    assert_eq!(
        ended.stdout,
        format!(
            "Socket created\nSocket bound to {address}\nSocket now listening\nConnected with {mine}\n"
        )
    );
}

#[test]
fn stage_3_sends_the_first_bytes_back_as_they_are_and_ends() {
    let (server, address) = stage("server_03_reply", &[]);
    assert_eq!(visit(address, b"no newline \x00\xff"), b"no newline \x00\xff");
    server.ended().succeeded();
}

#[test]
fn stage_3_reads_once_and_at_most_1024_bytes() {
    let (server, address) = stage("server_03_reply", &[]);
    let answer = visit(address, &[b'x'; 5_000]);
    assert_eq!(answer, [b'x'; 1_024]);
    server.ended().succeeded();
}

#[test]
fn stage_4_answers_one_client_after_the_other_for_ever() {
    let (mut server, address) = stage("server_04_loop", &[]);
    for text in ["first", "second", "third"] {
        assert_eq!(visit(address, text.as_bytes()), format!("OK...{text}").as_bytes());
    }
    server.prints_times("Connected with 127.0.0.1:", 3);
    assert!(server.is_alive());
}

#[test]
fn stage_4_keeps_the_others_waiting_for_a_silent_client() {
    let (_server, address) = stage("server_04_loop", &[]);
    let silent = connect(address);
    let mut second = connect(address);
    second.write_all(b"my turn?").unwrap();
    if cfg!(target_os = "linux") {
        eventually("the second client waits to be accepted", || waiting_at(address) == Some(1));
    }
    drop(silent);
    assert_eq!(read_to_end(&mut second).0, b"OK...my turn?");
}

/// How many connections wait at a listening socket until somebody accepts them.
fn waiting_at(listener: SocketAddr) -> Option<u64> {
    let rows = socket_table::read().unwrap();
    let is_it =
        |row: &&socket_table::Row| row.local == listener && row.state == Some(State::Listen);
    rows.iter().find(is_it)?.receive_queue
}

#[test]
fn a_client_that_resets_or_says_nothing_does_not_end_a_server_that_loops() {
    for name in ["server_04_loop", "server_05_threads"] {
        let (server, address) = stage(name, &[]);
        reset(connect(address));
        drop(connect(address));
        let half_closed = connect(address);
        half_closed.shutdown(std::net::Shutdown::Write).unwrap();
        server.prints_times("Connected with", 3);
        let mut client = connect(address);
        client.write_all(b"still there?").unwrap();
        client.shutdown(std::net::Shutdown::Write).unwrap();
        let answer = read_to_end(&mut client).0;
        assert!(answer.ends_with(b"OK...still there?"), "{name}");
    }
}

#[test]
fn from_stage_3_on_a_server_can_be_started_again_at_once() {
    for name in ["server_03_reply", "server_04_loop"] {
        let (server, address) = stage(name, &[]);
        // The server closes first, so the TIME_WAIT is on its side.
        assert!(visit(address, b"bye").ends_with(b"bye"));
        drop(server);
        let port = address.port().to_string();
        let again = start(name, &["--port", &port]);
        again.prints("Socket now listening");
        assert!(visit(address, b"hello again").ends_with(b"hello again"));
    }
}

#[test]
fn stage_5_greets_and_answers_each_thing_until_the_client_closes() {
    let (server, address) = stage("server_05_threads", &[]);
    let mut client = guest(address);
    for text in ["one", "two\r\n", "\u{0}\u{1b}"] {
        client.write_all(text.as_bytes()).unwrap();
        expect(&mut client, format!("OK...{text}").as_bytes());
    }
    client.shutdown(std::net::Shutdown::Write).unwrap();
    assert_eq!(read_to_end(&mut client), (vec![], None));
    server.prints(&format!("Connected with {}", client.local_addr().unwrap()));
}

#[test]
fn stage_5_serves_the_newest_client_while_a_hundred_others_are_silent() {
    let (_server, address) = stage("server_05_threads", &[]);
    let mut clients: Vec<TcpStream> = (0..100).map(|_| guest(address)).collect();
    // In reverse order, so that a queue cannot pass for threads.
    for (i, client) in clients.iter_mut().enumerate().rev() {
        client.write_all(format!("client {i}").as_bytes()).unwrap();
        expect(client, format!("OK...client {i}").as_bytes());
    }
}

#[test]
fn stage_5_lets_a_client_that_does_not_read_wait_for_itself_only() {
    let (_server, address) = stage("server_05_threads", &[]);
    let mut greedy = guest(address);
    greedy.set_write_timeout(Some(Duration::from_millis(200))).unwrap();
    // It sends and never reads, until nothing more can be sent.
    while greedy.write_all(&[b'x'; 65_536]).is_ok() {}
    let mut other = guest(address);
    other.write_all(b"and me?").unwrap();
    expect(&mut other, b"OK...and me?");
}

#[test]
fn stage_5_refuses_one_client_too_many_and_says_so() {
    let (server, address) = stage("server_05_threads", &["--max-clients", "2"]);
    let (first, _second) = (guest(address), guest(address));
    let third = read_to_end(&mut connect(address)).0;
    let refusal = "The server is full: it serves 2 clients at a time. Try again later.\n";
    assert_eq!(String::from_utf8_lossy(&third), refusal);
    server.warns("the server is full");
    drop(first);
    eventually("the seat is free again", || {
        let mut client = connect(address);
        let mut answer = vec![0; WELCOME.len()];
        client.read_exact(&mut answer).is_ok() && answer == WELCOME
    });
}

#[test]
fn stage_5_lets_an_idle_client_go_after_the_stated_time() {
    let (server, address) = stage("server_05_threads", &["--idle", "0.2"]);
    let mut idle = guest(address);
    assert_eq!(read_to_end(&mut idle), (vec![], None));
    server.warns("cannot receive from");
}

#[test]
fn stage_5_lives_through_100_mebibytes_without_a_newline_in_little_memory() {
    let (server, address) = stage("server_05_threads", &[]);
    let mut client = guest(address);
    let mut reader = client.try_clone().unwrap();
    let answers =
        std::thread::spawn(move || std::io::copy(&mut reader, &mut std::io::sink()).unwrap());
    let piece = vec![b'x'; 1 << 20];
    for _ in 0..100 {
        client.write_all(&piece).unwrap();
    }
    let memory = resident_kib(server.pid());
    client.shutdown(std::net::Shutdown::Write).unwrap();
    assert!(answers.join().unwrap() > 100 << 20);
    if let Some(memory) = memory {
        assert!(memory < 32 * 1024, "{memory} KiB");
    }
}

#[test]
fn after_1000_short_visits_stage_5_has_as_many_threads_and_files_as_before() {
    let (server, address) = stage("server_05_threads", &[]);
    drop(guest(address));
    let count = |folder: &str| count_in_proc(server.pid(), folder);
    eventually("the first client's thread has ended", || count("task") <= 2);
    let before = (count("task"), count("fd"));
    for i in 0..1_000 {
        match i % 8 {
            0 | 2 | 4 => reset(connect(address)),
            1 | 3 | 5 => drop(connect(address)),
            6 => connect(address).shutdown(std::net::Shutdown::Write).unwrap(),
            // Wait for the server now and then: a full backlog would cost a second each time.
            _ => drop(guest(address)),
        }
    }
    eventually("threads and files are as before", || (count("task"), count("fd")) == before);
    drop(guest(address));
}

#[test]
#[cfg_attr(windows, ignore = "Windows has no SIGSTOP")]
fn a_signal_in_the_middle_of_a_talk_changes_nothing() {
    let (server, address) = stage("server_05_threads", &[]);
    let mut client = guest(address);
    // After SIGSTOP and SIGCONT, a recv() with a timeout returns EINTR on Linux (signal(7)).
    server.signal("STOP");
    server.signal("CONT");
    client.write_all(b"still there?").unwrap();
    expect(&mut client, b"OK...still there?");
}

#[test]
#[cfg_attr(windows, ignore = "Windows sets no limit on the sockets of a process")]
fn without_file_descriptors_the_server_waits_until_a_client_leaves() {
    let server = Running::start(with_open_files(12, "server_05_threads", &["--port", "0"]));
    let address = server.address();
    server.prints("Socket now listening");
    let mut clients: Vec<TcpStream> = (0..12).map(|_| connect(address)).collect();
    server.warns("cannot accept the next client yet: Too many open files (EMFILE)");
    // Those who found no descriptor wait in the backlog. When others leave, it is their turn.
    let mut last = clients.pop().unwrap();
    clients.clear();
    expect(&mut last, WELCOME);
    last.write_all(b"at last").unwrap();
    expect(&mut last, b"OK...at last");
}

#[test]
#[cfg(target_os = "linux")] // the limit is RLIMIT_NPROC, set by a tool of util-linux
fn a_thread_that_cannot_be_started_costs_one_client_and_not_the_server() {
    // A user may have so many threads, and no more. Root may have as many as it likes.
    if !needs(&["setpriv", "prlimit"]) {
        return;
    }
    let mut limited = std::process::Command::new("prlimit");
    limited.args(["--nproc=3", "setpriv"]);
    if fs::metadata("/proc/self").map(|it| std::os::unix::fs::MetadataExt::uid(&it)).ok() == Some(0)
    {
        // A user number that nobody else on this machine has, so that only these threads count.
        let user = 100_000 + std::process::id();
        limited.args([&format!("--reuid={user}"), "--clear-groups", "--inh-caps=-all"]);
    } else {
        skip::<()>("only root can become a user who has no other threads");
        return;
    }
    // A copy that any user may run, wherever this checkout lies.
    let folder = std::env::temp_dir().join(format!("socket-labs-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let copy = folder.join("server_05_threads");
    // Written by this process, it might still be open in a child that another test has begun (ETXTBSY).
    let cp = std::process::Command::new("cp").arg(program("server_05_threads")).arg(&copy).status();
    assert!(cp.unwrap().success());
    limited.arg(&copy).args(["--port", "0"]);
    let server = Running::start(limited);
    let address = server.address();
    server.prints("Socket now listening");
    let mut clients = vec![];
    while !server.warnings().contains("cannot start a thread for") {
        assert!(clients.len() < 50, "every thread could be started: {server:?}");
        let mut client = connect(address);
        // Either the welcome comes, or the server closes because it had no thread.
        let _ = client.read(&mut [0; 100]);
        clients.push(client);
    }
    clients.clear();
    fs::remove_dir_all(&folder).unwrap();
    eventually("the server serves again", || {
        let mut client = connect(address);
        let mut answer = vec![0; WELCOME.len()];
        client.read_exact(&mut answer).is_ok() && answer == WELCOME
    });
}

#[test]
fn ctrl_c_ends_every_waiting_stage_with_a_summary() {
    for (name, summary) in [
        ("server_02_accept", "No client came."),
        ("server_03_reply", "No client was served."),
        ("server_04_loop", "Clients served: 0"),
        ("server_05_threads", "Clients accepted: 0"),
    ] {
        let (server, _) = stage(name, &[]);
        let ended = server.interrupt().succeeded();
        assert!(ended.stdout.ends_with(&format!("Stopped by Ctrl-C. {summary}\n")), "{ended:?}");
    }
}

#[test]
fn every_stage_says_who_has_the_port() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    for name in [
        "server_01_bind",
        "server_02_accept",
        "server_03_reply",
        "server_04_loop",
        "server_05_threads",
    ] {
        run(name, &["--port", &address.port().to_string()])
            .failed_with(&format!("cannot bind {address}: Address already in use (EADDRINUSE)"))
            .hints(&format!("(process {}) is listening on {address}", std::process::id()));
    }
}

#[test]
fn the_systems_netcat_and_a_typed_line_work_as_in_the_source() {
    if !needs(&["ncat"]) {
        return;
    }
    let (_server, address) = stage("server_05_threads", &[]);
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", &format!("printf 'hello\\n' | ncat 127.0.0.1 {}", address.port())]);
    let typed = run_command(shell).succeeded().stdout;
    assert_eq!(typed, "Welcome to the server. Type something and hit enter\nOK...hello\n");
}

#[test]
fn python_talks_to_stage_5() {
    if !needs(&["python3"]) {
        return;
    }
    let (_server, address) = stage("server_05_threads", &[]);
    let talk = format!(
        "import socket\n\
         s = socket.create_connection(('127.0.0.1', {}))\n\
         f = s.makefile('rb')\n\
         print(f.readline().decode().strip())\n\
         s.sendall(b'from python\\n')\n\
         print(f.readline().decode().strip())",
        address.port()
    );
    let mut python = std::process::Command::new("python3");
    python.args(["-c", &talk]);
    let said = run_command(python).succeeded().stdout;
    assert_eq!(said.lines().last(), Some("OK...from python"));
}

#[test]
fn too_many_clients_to_allow_is_wrong_usage() {
    for wrong in ["0", "12001", "many"] {
        let ended = run("server_05_threads", &["--max-clients", wrong]);
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(ended.stderr.contains("--max-clients"), "{ended:?}");
    }
}

#[test]
fn an_answer_that_was_begun_is_sent_whole_or_the_connection_ends() {
    let (_server, address) = stage("server_05_threads", &[]);
    let mut client = guest(address);
    client.write_all(&[b'x'; 1_024]).unwrap();
    let mut answer = vec![0; 1_029];
    client.read_exact(&mut answer).unwrap();
    // Nothing more than the answer.
    client.set_nonblocking(true).unwrap();
    assert_eq!(client.read(&mut [0; 1]).unwrap_err().kind(), ErrorKind::WouldBlock);
}
