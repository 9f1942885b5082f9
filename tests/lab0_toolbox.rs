//! Lab 0: the toolbox, netcat and netstat.

#![allow(clippy::unwrap_used)] // in a test, a panic is the answer
#![cfg_attr(not(target_os = "linux"), allow(dead_code, unused_imports))] // of tests that are not for every system

mod common;

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv6Addr, Shutdown, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use common::*;
use socket_labs::socket_table::{self, Protocol, State};
use socket2::{Domain, SockRef, Socket, Type};

/// Starts any command with an input that the test holds open.
fn open_input(mut command: Command) -> Running {
    command.stdin(Stdio::piped());
    Running::start(command)
}

fn netcat(args: &[&str]) -> Running {
    let mut command = Command::new(program("netcat"));
    command.args(args);
    open_input(command)
}

fn tool(words: &[&str]) -> Running {
    let mut command = Command::new(words[0]);
    command.args(&words[1..]);
    open_input(command)
}

/// netcat listening on a port of the system's choice, and that address.
fn listening(args: &[&str]) -> (Running, SocketAddr) {
    let netcat = netcat(&[&["-l"], args, &["0"]].concat());
    let line = netcat.warns("Listening on ");
    let address = line.trim().rsplit(' ').next().unwrap().parse().unwrap();
    (netcat, address)
}

/// A listening socket of the test, and the words that lead netcat there.
fn listener() -> (TcpListener, [String; 2]) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let words = words(listener.local_addr().unwrap());
    (listener, words)
}

fn words(address: SocketAddr) -> [String; 2] {
    [address.ip().to_string(), address.port().to_string()]
}

fn accept(listener: &TcpListener) -> TcpStream {
    let (stream, _) = listener.accept().unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream
}

fn receive(socket: &UdpSocket) -> (Vec<u8>, SocketAddr) {
    let mut buffer = vec![0; 70_000];
    let (length, sender) = socket.recv_from(&mut buffer).unwrap();
    (buffer[..length].to_vec(), sender)
}

/// Waits until some program has this port: a listening socket of TCP, any of UDP.
fn wait_for_port(protocol: Protocol, port: u16) {
    eventually("the tool has its port", || {
        let rows = socket_table::read_some(|row| {
            row.protocol == protocol
                && row.local.port() == port
                && row.state.is_none_or(|state| state == State::Listen)
        });
        !rows.unwrap().is_empty()
    });
}

fn all_bytes(size: usize) -> Vec<u8> {
    (0..size).map(|i| (i % 251 + i / 65_536) as u8).collect()
}

#[test]
fn stdin_goes_to_the_socket_and_the_socket_to_stdout_byte_for_byte() {
    let (listener, [host, port]) = listener();
    let there: Vec<u8> = (0..=255).cycle().take(1000).collect();
    let back: Vec<u8> = there.iter().rev().copied().collect();
    let (expected, answer) = (there.clone(), back.clone());
    let peer = thread::spawn(move || {
        let mut stream = accept(&listener);
        let (received, error) = read_to_end(&mut stream); // until the FIN of netcat
        assert_eq!((received, error), (expected, None));
        stream.write_all(&answer).unwrap(); // it still listens after its FIN
    });
    let ended = run_with_input("netcat", &[&host, &port], &there).succeeded();
    peer.join().unwrap();
    assert_eq!(ended.bytes, back);
    assert_eq!(ended.stderr, "");
}

#[test]
fn both_directions_flow_at_the_same_time() {
    let (listener, [host, port]) = listener();
    let mut netcat = netcat(&[&host, &port]);
    let (mut stream, mut stdin) = (accept(&listener), netcat.stdin());
    for round in 0..3 {
        writeln!(stdin, "question {round}").unwrap();
        let mut question = [0; 11];
        stream.read_exact(&mut question).unwrap();
        assert_eq!(question, *format!("question {round}\n").as_bytes());
        writeln!(stream, "answer {round}").unwrap();
        netcat.prints(&format!("answer {round}"));
    }
}

#[test]
fn large_transfers_in_both_directions_do_not_block_each_other() {
    const SIZE: usize = 64 << 20;
    let echo = TcpListener::bind("127.0.0.1:0").unwrap();
    let [host, port] = words(echo.local_addr().unwrap());
    thread::spawn(move || {
        let mut back = accept(&echo);
        let mut there = back.try_clone().unwrap();
        let mut buffer = vec![0; 16_384];
        while let Ok(length @ 1..) = there.read(&mut buffer) {
            back.write_all(&buffer[..length]).unwrap();
        }
    });
    let data = all_bytes(SIZE);
    let ended = run_with_input("netcat", &[&host, &port], &data).succeeded();
    assert!(ended.bytes == data, "{} of {SIZE} bytes came back", ended.bytes.len());
}

#[test]
fn it_leaves_when_the_peer_closes_although_its_input_is_open() {
    let (listener, [host, port]) = listener();
    let netcat = netcat(&[&host, &port]); // dropping `Running` would close the input
    accept(&listener).write_all(b"bye\n").unwrap();
    let ended = netcat_ended_with_open_input(netcat).succeeded();
    assert_eq!(ended.stdout, "bye\n");
}

/// Waits for the end while the input stays open.
fn netcat_ended_with_open_input(mut netcat: Running) -> Ended {
    let stdin = netcat.stdin();
    let ended = netcat.ended();
    drop(stdin);
    ended
}

#[test]
fn input_at_hand_is_sent_whole_to_a_peer_that_ended_its_side_first() {
    // As in `netcat -l 9000 < FILE` here and `nc host 9000 < /dev/null > COPY` there.
    let data = all_bytes(8 << 20);
    let (mut netcat, address) = listening(&[]);
    // It is at hand before there is a peer, as a file is.
    let (copy, mut stdin) = (data.clone(), netcat.stdin());
    let typist = thread::spawn(move || stdin.write_all(&copy).unwrap());
    let mut peer = connect(address);
    peer.shutdown(Shutdown::Write).unwrap();
    let (received, error) = read_to_end(&mut peer);
    assert_eq!((received.len(), error), (data.len(), None));
    assert!(received == data);
    typist.join().unwrap();
    netcat.ended().succeeded();
}

#[test]
fn crlf_puts_a_cr_before_each_lf_that_has_none() {
    let (listener, [host, port]) = listener();
    let mut netcat = netcat(&["-C", &host, &port]);
    let (mut stream, mut stdin) = (accept(&listener), netcat.stdin());
    let mut receive = |expected: &[u8]| {
        let mut received = vec![0; expected.len()];
        stream.read_exact(&mut received).unwrap();
        assert_eq!(received, expected);
    };
    stdin.write_all(b"GET / HTTP/1.1\nHost: x\r\n\n\r\r\n").unwrap();
    receive(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n\r\r\n");
    // A CR and its LF that come in two reads belong together too.
    stdin.write_all(b"one\r").unwrap();
    receive(b"one\r");
    stdin.write_all(b"\ntwo\n").unwrap();
    receive(b"\ntwo\r\n");
    drop(stdin);
    let (rest, _) = read_to_end(&mut stream);
    assert_eq!(rest, b"");
}

#[test]
fn without_crlf_line_ends_stay_as_they_are() {
    let (listener, [host, port]) = listener();
    let peer = thread::spawn(move || read_to_end(&mut accept(&listener)).0);
    run_with_input("netcat", &[&host, &port], b"a\nb\r\nc").succeeded();
    assert_eq!(peer.join().unwrap(), b"a\nb\r\nc");
}

#[test]
fn a_connection_without_a_timeout_may_be_silent_for_longer_than_five_seconds() {
    let (listener, [host, port]) = listener();
    let mut netcat = netcat(&[&host, &port]);
    let mut stream = accept(&listener);
    // The time itself is what is tested here: nothing must come, no FIN either.
    stream.set_read_timeout(Some(Duration::from_secs(6))).unwrap();
    let silence = stream.read(&mut [0; 1]).map_err(|error| error.kind());
    assert!(matches!(silence, Err(ErrorKind::WouldBlock | ErrorKind::TimedOut)), "{silence:?}");
    stream.write_all(b"still here\n").unwrap();
    netcat.prints("still here");
    assert!(netcat.is_alive());
}

#[test]
fn a_timeout_that_is_given_ends_a_silent_connection() {
    let (listener, [host, port]) = listener();
    for option in ["--timeout", "-w"] {
        let netcat = netcat(&[option, "0.3", &host, &port]);
        let _silent = accept(&listener);
        netcat_ended_with_open_input(netcat)
            .failed_with(&format!("cannot hear from {host}:{port}: Timed out (ETIMEDOUT)\n"));
    }
}

#[test]
fn a_timeout_does_not_end_a_connection_on_which_something_moves() {
    let (listener, [host, port]) = listener();
    let netcat = netcat(&["--timeout", "2", &host, &port]);
    let mut stream = accept(&listener);
    for i in 0..6 {
        stream.write_all(format!("line {i}\n").as_bytes()).unwrap();
        netcat.prints(&format!("line {i}"));
        stream.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
        let silence = stream.read(&mut [0; 1]).map_err(|error| error.kind());
        assert!(matches!(silence, Err(ErrorKind::WouldBlock | ErrorKind::TimedOut)));
    }
    drop(stream);
    netcat_ended_with_open_input(netcat).succeeded();
}

#[test]
fn connect_waits_no_longer_than_the_timeout() {
    // A full backlog: the next SYN is dropped, as by a host that never answers.
    let full = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    full.bind(&"127.0.0.1:0".parse::<SocketAddr>().unwrap().into()).unwrap();
    full.listen(0).unwrap();
    let address = full.local_addr().unwrap().as_socket().unwrap();
    let mut waiting = Vec::new();
    while let Ok(client) = TcpStream::connect_timeout(&address, Duration::from_millis(300)) {
        waiting.push(client);
        assert!(waiting.len() < 100, "the backlog is never full");
    }
    let [host, port] = words(address);
    run("netcat", &["--timeout", "0.5", &host, &port])
        .failed_with(&format!("cannot connect to {address}: Timed out (ETIMEDOUT)\n"))
        .hints("is the address right");
}

#[test]
fn nobody_listens() {
    let port = free_tcp_port().to_string();
    run("netcat", &["127.0.0.1", &port])
        .failed_with(&format!(
            "cannot connect to 127.0.0.1:{port}: Connection refused (ECONNREFUSED)\n"
        ))
        .hints("start the server first");
}

#[test]
fn an_unknown_host() {
    let files = [("/etc/nsswitch.conf", "hosts: files\n")];
    let Some(ended) = Private::with_files(&files).run("netcat", &["no-such-host", "80"]) else {
        return;
    };
    ended.failed_with("cannot resolve no-such-host: Name or service not known (EAI_NONAME)\n");
}

#[test]
fn the_timeout_holds_for_a_silent_name_server() {
    let args = ["--timeout", "1", "a-name.example", "80"];
    let machine = Private::network().with_silent_name_server();
    let Some(ended) = machine.run("netcat", &args) else { return };
    ended.failed_with("cannot resolve a-name.example: Timed out (ETIMEDOUT)\n");
}

#[test]
fn every_address_of_a_name_is_tried_in_turn() {
    if !has_ipv6() {
        return;
    }
    let (listener, [_, port]) = listener();
    let files =
        [("/etc/hosts", "::1 both\n127.0.0.1 both\n"), ("/etc/nsswitch.conf", "hosts: files\n")];
    let Some(command) = Private::with_files(&files).program("netcat", &["-v", "both", &port])
    else {
        return;
    };
    let netcat = open_input(command);
    netcat.warns(&format!("cannot connect to [::1]:{port}: Connection refused (ECONNREFUSED); "));
    netcat.warns(&format!("Connected to 127.0.0.1:{port}"));
    accept(&listener).write_all(b"hello\n").unwrap();
    let ended = netcat_ended_with_open_input(netcat).succeeded();
    assert_eq!(ended.stdout, "hello\n");

    // -6 leaves one address, and nobody listens there.
    let Some(ended) = Private::with_files(&files).run("netcat", &["-6", "both", &port]) else {
        return;
    };
    ended.failed_with(&format!("cannot connect to [::1]:{port}: "));
}

#[test]
fn ipv6_in_both_roles() {
    if !has_ipv6() {
        return;
    }
    let (server, address) = listening(&["-6"]);
    assert_eq!(address.ip(), Ipv6Addr::LOCALHOST);
    let client = run_with_input("netcat", &["-6", "::1", &address.port().to_string()], b"six\n");
    server.prints("six");
    netcat_ended_with_open_input(server).succeeded();
    client.succeeded();

    let (server, address) = listening(&["-6", "-u", "--timeout", "1"]);
    let args = ["-u", "--timeout", "1", "::1", &address.port().to_string()];
    run_with_input("netcat", &args, b"six\n").succeeded();
    server.prints("six");

    let ended = run("netcat", &["-6", "127.0.0.1", "80"]);
    ended.failed_with("cannot resolve 127.0.0.1: The name has no address of this family (EAI_");
}

#[test]
fn a_reset_is_an_error() {
    let (listener, [host, port]) = listener();
    let netcat = netcat(&[&host, &port]);
    let mut stream = accept(&listener);
    stream.write_all(b"hello\n").unwrap();
    netcat.prints("hello");
    SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
    drop(stream); // RST
    netcat_ended_with_open_input(netcat)
        .failed_with(&format!(
            "cannot receive from {host}:{port}: Connection reset by peer (ECONNRESET)\n"
        ))
        .hints("RST in place of FIN");
}

#[test]
fn a_peer_that_closes_while_much_is_sent_is_shown_and_is_an_error() {
    let (listener, [host, port]) = listener();
    let mut netcat = netcat(&[&host, &port]);
    let mut stdin = netcat.stdin();
    let typist = thread::spawn(move || while stdin.write_all(&[b'x'; 65_536]).is_ok() {});
    let mut stream = accept(&listener);
    stream.write_all(b"enough!\n").unwrap();
    netcat.prints("enough!");
    drop(stream); // with unread input: RST
    netcat.ended().failed_with("cannot ");
    typist.join().unwrap();
}

#[test]
fn a_closed_standard_output_is_a_quiet_end() {
    let (listener, [host, port]) = listener();
    let mut command = Command::new(program("netcat"));
    command.args([&host, &port]).stdin(Stdio::piped());
    let netcat = Running::start_for_one_line(command);
    let mut stream = accept(&listener);
    // Until netcat finds out that nobody reads: then the connection breaks.
    while stream.write_all(b"a line that nobody reads\n").is_ok() {}
    let ended = netcat_ended_with_open_input(netcat).succeeded();
    assert_eq!(ended.stderr, "");
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_an_error() {
    let (listener, [host, port]) = listener();
    let mut command = Command::new("sh");
    command.args(["-c", r#"exec "$@" >/dev/full"#, "sh"]);
    command.arg(program("netcat")).args([&host, &port]);
    let netcat = open_input(command);
    accept(&listener).write_all(b"hello\n").unwrap();
    netcat_ended_with_open_input(netcat)
        .failed_with("cannot write to standard output: No space left on device (ENOSPC)\n");
}

#[test]
#[cfg_attr(windows, ignore = "a folder cannot be opened as a file there")]
fn an_input_that_cannot_be_read_is_an_error() {
    let (listener, [host, port]) = listener();
    let mut command = Command::new(program("netcat"));
    command.args([&host, &port]).stdin(fs::File::open("/").unwrap());
    let netcat = Running::start(command);
    let _silent = accept(&listener);
    netcat.ended().failed_with("cannot read standard input: Is a directory (EISDIR)\n");
}

#[test]
fn ctrl_c_ends_it_by_the_signal() {
    let (listener, [host, port]) = listener();
    let netcat = netcat(&[&host, &port]);
    let _silent = accept(&listener);
    netcat.interrupt().ended_by_ctrl_c();
}

#[test]
fn listening_it_says_where_and_talks_with_the_first_client_only() {
    let (mut netcat, address) = listening(&["-v"]);
    assert_eq!(address.ip().to_string(), "127.0.0.1");
    let mut first = connect(address);
    netcat.warns(&format!("Connection from {}", first.local_addr().unwrap()));
    eventually("the second client is refused", || {
        let refused = TcpStream::connect(address).map_err(|error| error.kind());
        matches!(refused, Err(ErrorKind::ConnectionRefused))
    });
    first.write_all(b"hello\n").unwrap();
    netcat.prints("hello");
    writeln!(netcat.stdin(), "good day").unwrap();
    let (answer, error) = read_to_end(&mut first);
    assert_eq!((&answer[..], error), (&b"good day\n"[..], None));
    drop(first);
    netcat.ended().succeeded();
}

#[test]
fn listening_on_a_port_that_is_taken_names_who_has_it() {
    let (netcat, address) = listening(&[]);
    let again = run("netcat", &["-l", &address.port().to_string()]);
    let again = again.failed_with(&format!("cannot bind {address}: Address already in use"));
    if cfg!(target_os = "linux") {
        again.hints(&format!("netcat (process {}) is listening on {address}", netcat.pid()));
    }
}

#[test]
fn a_port_can_be_listened_on_again_at_once() {
    let (netcat, address) = listening(&[]);
    let mut client = connect(address);
    drop({
        let mut netcat = netcat;
        netcat.stdin() // closed: netcat sends its FIN first, and so the TIME_WAIT is on its side
    });
    read_to_end(&mut client);
    drop(client);
    let netcat = self::netcat(&["-l", "-v", &address.port().to_string()]);
    netcat.warns(&format!("Listening on {address}"));
}

#[test]
fn listening_on_every_interface_is_said() {
    for args in [&["--host", ""][..], &["--host", "0.0.0.0"], &["0.0.0.0"]] {
        let (netcat, address) = listening(args);
        assert!(address.ip().is_unspecified());
        netcat.warns("reachable from the whole network");
    }
}

#[test]
fn wrong_usage_exits_2_and_names_the_value() {
    for (args, named) in [
        (&["localhost", "99999"][..], "'99999'"),
        (&["localhost", "0"], "'0' for '[PORT]': not in 1..=65535"),
        (&["localhost", "http"], "'http'"),
        (&["example.com"], "'example.com'"),
        (&["-l", "+0"], "'+0' for '[PORT]': not in 0..=65535"),
        (&["-l", "65536"], "'65536' for '[PORT]': not in 0..=65535"),
        (&["--timeout", "never", "localhost", "80"], "'never'"),
        (&["--timeout", "0", "localhost", "80"], "'0'"),
        (&["-4", "-6", "localhost", "80"], "'-4'"),
        (&["--host", "127.0.0.1", "80"], "--listen"),
        (&["localhost", "80", "81"], "'81'"),
    ] {
        let ended = run("netcat", args);
        assert_eq!(ended.code, Some(2), "{args:?}: {ended:?}");
        assert!(ended.stderr.contains(named), "{args:?}: {ended:?}");
    }
}

#[test]
fn with_no_argument_it_goes_to_the_server_of_lab_5() {
    let Some(ended) = Private::network().run("netcat", &[]) else { return };
    ended.failed_with("cannot connect to 127.0.0.1:8888: ").hints("start the server first");
}

// UDP

#[test]
fn what_one_read_of_a_pipe_brings_is_one_datagram() {
    let peer = udp();
    let [host, port] = words(peer.local_addr().unwrap());
    let args = ["-u", "--timeout", "0.5", &host, &port];
    let request: Vec<u8> = (0..48).collect(); // 0x0a is in the middle
    for input in [&request[..], b"one\n\nthree \xff\x00\r\nno line end", b"\n"] {
        run_with_input("netcat", &args, input).succeeded();
        assert_eq!(receive(&peer).0, input);
    }
    run_with_input("netcat", &[&["-C"], &args[..]].concat(), b"one\ntwo\r\n").succeeded();
    assert_eq!(receive(&peer).0, b"one\r\ntwo\r\n");
    // Nothing may be left of one: the next one is whole.
    run_with_input("netcat", &args, b"last").succeeded();
    assert_eq!(receive(&peer).0, b"last");

    let mut netcat = netcat(&["-u", &host, &port]);
    let mut input = netcat.stdin();
    for piece in [&b"one\ntwo"[..], b"three\n"] {
        input.write_all(piece).unwrap();
        assert_eq!(receive(&peer).0, piece, "two writes, and each was read alone");
    }
}

#[test]
#[cfg(unix)]
fn each_line_that_is_typed_is_a_datagram_with_its_line_end() {
    let peer = udp();
    let [host, port] = words(peer.local_addr().unwrap());
    let Some(mut netcat) = in_terminal("netcat", &["-u", "--timeout", "0.5", &host, &port]) else {
        return;
    };
    netcat.stdin().write_all(b"one\r\rthree\r\x04").unwrap(); // ENTER is CR, Ctrl-D is 4
    for line in [&b"one\n"[..], b"\n", b"three\n"] {
        assert_eq!(receive(&peer).0, line);
    }
    netcat.ended().succeeded();
}

#[test]
fn answers_are_waited_for_after_the_end_of_the_input_until_there_is_silence() {
    let peer = udp();
    let [host, port] = words(peer.local_addr().unwrap());
    let mut netcat = netcat(&["-u", "--timeout", "3", &host, &port]);
    netcat.stdin().write_all(b"question").unwrap(); // and the end of the input
    let (question, client) = receive(&peer);
    assert_eq!(question, b"question");
    for i in 0..3 {
        peer.send_to(format!("answer {i}\n").as_bytes(), client).unwrap();
        netcat.prints(&format!("answer {i}"));
    }
    peer.send_to(b"", client).unwrap(); // an empty datagram is not an end
    peer.send_to(b"\xff\x00\n", client).unwrap();
    let ended = netcat.ended().succeeded();
    assert_eq!(ended.bytes, b"answer 0\nanswer 1\nanswer 2\n\xff\x00\n");
}

#[test]
fn the_largest_datagram_goes_through_and_one_byte_more_is_the_next_one() {
    let peer = udp();
    let [host, port] = words(peer.local_addr().unwrap());
    let args = ["-u", "--timeout", "0.5", &host, &port];
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("65508");
    let from_file = |more: &[&str], bytes: &[u8]| {
        fs::write(&file, bytes).unwrap();
        let mut command = Command::new(program("netcat"));
        command.args(args).args(more).stdin(fs::File::open(&file).unwrap());
        Running::start(command)
    };
    let netcat = from_file(&[], &[b'x'; 65_508]);
    assert!(receive(&peer).0 == vec![b'x'; 65_507]);
    assert_eq!(receive(&peer).0, b"x");
    netcat.ended().succeeded();
    // With -C each LF becomes two bytes, and a datagram is no longer for it.
    let netcat = from_file(&["-C"], &[b'\n'; 40_000]);
    assert!(receive(&peer).0 == b"\r\n".repeat(32_753));
    assert!(receive(&peer).0 == b"\r\n".repeat(40_000 - 32_753));
    netcat.ended().succeeded();
}

#[test]
fn a_udp_listener_goes_on_after_a_datagram_from_port_0() {
    if !needs(&["python3", "nsenter"]) {
        return;
    }
    let Some(command) = Private::network().program("netcat", &["-u", "-l", "-v", "9000"]) else {
        return;
    };
    let mut netcat = open_input(command);
    netcat.warns("Listening on 127.0.0.1:9000");
    for _ in 0..2 {
        forge(&netcat, ("127.0.0.1", 0), 9000, &["forged"]);
    }
    netcat.warns("note: ignored a datagram from 127.0.0.1:0: cannot connect to 127.0.0.1:0");
    let client = run_beside_with_input(
        &netcat,
        &["-u", "--timeout", "0.5", "127.0.0.1", "9000"],
        b"hello\n",
    );
    client.succeeded();
    netcat.prints("hello");
    assert_eq!(netcat.output(), "hello\n");
    assert!(netcat.is_alive());
}

/// A netcat beside another program on its private machine, which is given this input.
fn run_beside_with_input(running: &Running, args: &[&str], input: &[u8]) -> Ended {
    let netcat = program("netcat").display().to_string();
    let mut command = beside(running, &[&[netcat.as_str()], args].concat());
    command.stdin(Stdio::piped());
    let mut netcat = Running::start(command);
    netcat.stdin().write_all(input).unwrap();
    netcat.ended()
}

#[test]
fn a_udp_refusal_is_an_error() {
    let port = free_udp_port().to_string();
    let mut netcat = netcat(&["-u", "127.0.0.1", &port]);
    let mut stdin = netcat.stdin();
    stdin.write_all(b"anybody?\n").unwrap();
    let ended = netcat.ended().failed_with("cannot receive from 127.0.0.1:");
    // Windows says ECONNRESET.
    assert!(ended.stderr.contains("Connection refused (ECONN"), "{ended:?}");
    ended.hints("start the server first");
}

#[test]
fn udp_prefers_the_ipv4_address_of_a_name() {
    if !has_ipv6() {
        return;
    }
    let peer = udp();
    let [_, port] = words(peer.local_addr().unwrap());
    let files =
        [("/etc/hosts", "::1 both\n127.0.0.1 both\n"), ("/etc/nsswitch.conf", "hosts: files\n")];
    let Some(command) = Private::with_files(&files).program("netcat", &["-u", "both", &port])
    else {
        return;
    };
    let mut netcat = open_input(command);
    netcat.stdin().write_all(b"hello\n").unwrap();
    assert_eq!(receive(&peer).0, b"hello\n");
}

#[test]
#[cfg_attr(windows, ignore = "Windows has no SIGSTOP")]
fn the_first_sender_becomes_the_peer_of_a_udp_listener() {
    let (mut netcat, address) = listening(&["-u", "-v", "--timeout", "60"]);
    let (first, stranger) = (udp(), udp());
    netcat.signal("STOP"); // so that both are in the queue before netcat has a peer
    first.send_to(b"I am the first\n", address).unwrap();
    stranger.send_to(b"I am a stranger\n", address).unwrap();
    first.send_to(b"still me\n", address).unwrap();
    netcat.signal("CONT");
    netcat.prints("still me");
    assert_eq!(netcat.output(), "I am the first\nstill me\n");
    netcat.warns(&format!("Connection from {}", first.local_addr().unwrap()));
    writeln!(netcat.stdin(), "good day").unwrap();
    assert_eq!(receive(&first), (b"good day\n".to_vec(), address));
}

// Other netcats

/// One line each way, then the end of both inputs. UDP has no end to wait for.
fn talk(mut ours: Running, mut theirs: Running, first: &str, protocol: Protocol) {
    let (mut our_input, mut their_input) = (ours.stdin(), theirs.stdin());
    let speak = |who: &str| match who {
        "ours" => {
            our_input.write_all(b"from ours \xc3\xb1\n").unwrap();
            theirs.prints("from ours ñ");
        }
        _ => {
            their_input.write_all(b"from theirs \xc3\xb1\n").unwrap();
            ours.prints("from theirs ñ");
        }
    };
    let mut speak = speak;
    speak(first);
    speak(if first == "ours" { "theirs" } else { "ours" });
    if protocol == Protocol::Tcp {
        drop(our_input);
        drop(their_input);
        let ended = ours.ended().succeeded();
        assert_eq!(ended.stdout, "from theirs ñ\n");
    }
}

#[test]
fn other_netcats_serve_ours_over_tcp() {
    if !needs(&["nc", "ncat", "socat"]) {
        return;
    }
    for template in [
        &["nc", "-N", "-l", "127.0.0.1", "PORT"][..],
        &["ncat", "-l", "127.0.0.1", "PORT"],
        &["socat", "-", "TCP-LISTEN:PORT,bind=127.0.0.1"],
    ] {
        let port = free_tcp_port();
        let theirs = tool_at(template, port);
        wait_for_port(Protocol::Tcp, port);
        talk(netcat(&["127.0.0.1", &port.to_string()]), theirs, "ours", Protocol::Tcp);
    }
}

#[test]
fn other_netcats_are_served_by_ours_over_tcp() {
    if !needs(&["nc", "ncat", "socat"]) {
        return;
    }
    for template in [
        &["nc", "-N", "127.0.0.1", "PORT"][..],
        &["ncat", "127.0.0.1", "PORT"],
        &["socat", "-", "TCP:127.0.0.1:PORT"],
    ] {
        let (ours, address) = listening(&[]);
        talk(ours, tool_at(template, address.port()), "theirs", Protocol::Tcp);
    }
}

#[test]
fn other_netcats_serve_ours_over_udp() {
    if !needs(&["nc", "ncat", "socat"]) {
        return;
    }
    for template in [
        &["nc", "-u", "-l", "127.0.0.1", "PORT"][..],
        &["ncat", "-u", "-l", "127.0.0.1", "PORT"],
        &["socat", "-", "UDP-LISTEN:PORT,bind=127.0.0.1"],
    ] {
        let port = free_udp_port();
        let theirs = tool_at(template, port);
        wait_for_port(Protocol::Udp, port);
        let ours = netcat(&["-u", "127.0.0.1", &port.to_string()]);
        talk(ours, theirs, "ours", Protocol::Udp);
    }
}

#[test]
fn other_netcats_are_served_by_ours_over_udp() {
    if !needs(&["nc", "ncat", "socat"]) {
        return;
    }
    for template in [
        &["nc", "-u", "127.0.0.1", "PORT"][..],
        &["ncat", "-u", "127.0.0.1", "PORT"],
        &["socat", "-", "UDP:127.0.0.1:PORT"],
    ] {
        let (ours, address) = listening(&["-u"]);
        talk(ours, tool_at(template, address.port()), "theirs", Protocol::Udp);
    }
}

/// A tool with the port put in where its words have PORT.
fn tool_at(template: &[&str], port: u16) -> Running {
    let words: Vec<String> =
        template.iter().map(|word| word.replace("PORT", &port.to_string())).collect();
    tool(&words.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn two_of_ours_copy_a_file() {
    let (receiver, address) = listening(&[]);
    let data = all_bytes(3 << 20);
    let [host, port] = words(address);
    let sender = thread::spawn({
        let data = data.clone();
        move || run_with_input("netcat", &[&host, &port], &data)
    });
    let ended = netcat_ended_with_open_input(receiver).succeeded();
    assert!(ended.bytes == data);
    sender.join().unwrap().succeeded();
}

// The terminal

/// A program of the course in a terminal of its own.
fn in_terminal(name: &str, args: &[&str]) -> Option<Running> {
    if !needs(&["python3"]) {
        return None;
    }
    let mut command = python("terminal.py", &[]);
    command.arg(program(name)).args(args);
    Some(open_input(command))
}

#[test]
#[cfg(unix)]
fn on_a_terminal_the_escape_sequences_of_a_stranger_are_shown_and_not_obeyed() {
    let (listener, [host, port]) = listener();
    let Some(netcat) = in_terminal("netcat", &[&host, &port]) else { return };
    let mut stranger = accept(&listener);
    stranger.write_all(b"\x1b[2J\x9b31m\x07 se\xc3").unwrap();
    // The rest of the character comes when netcat has shown what came before it.
    eventually("the first part is shown", || netcat.output().contains(" se"));
    stranger.write_all(b"\xb1or\r\nend\n").unwrap();
    drop(stranger);
    let ended = netcat_ended_with_open_input(netcat);
    assert!(ended.stdout.contains("\\x1b[2J\\x9b31m\\x07 señor\r\nend\r\n"), "{ended:?}");
    assert!(!ended.bytes.contains(&0x1b), "{ended:?}");
}

#[test]
#[cfg(unix)]
fn a_request_of_http_can_be_typed_by_hand() {
    let (listener, [host, port]) = listener();
    let Some(mut netcat) = in_terminal("netcat", &["-C", &host, &port]) else { return };
    let mut stream = accept(&listener);
    let mut keyboard = netcat.stdin();
    for line in ["GET / HTTP/1.1", "Host: example.com", ""] {
        write!(keyboard, "{line}\r").unwrap(); // the key ENTER
    }
    let mut request = vec![0; 37];
    stream.read_exact(&mut request).unwrap();
    assert_eq!(request, b"GET / HTTP/1.1\r\nHost: example.com\r\n\r\n"[..].to_vec());
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").unwrap();
    netcat.prints("HTTP/1.1 200 OK");
    keyboard.write_all(b"\x04").unwrap(); // Ctrl-D
    let (rest, _) = read_to_end(&mut stream); // the FIN
    assert_eq!(rest, b"");
    drop(stream);
    netcat.ended().succeeded();
}

// netstat

/// What `ss` and `netstat` both tell of a socket: protocol, state, queues, local and remote.
type Line = (String, String, String, String, String, String);

fn netstat_lines(args: &[&str]) -> Vec<Line> {
    let ended = run("netstat", args).succeeded();
    let mut lines = ended.stdout.lines();
    assert!(lines.next().unwrap().starts_with("Active Internet connections"));
    let heads = "Proto Recv-Q Send-Q Local Address           Foreign Address         State       \
                 PID/Program name";
    assert_eq!(lines.next(), Some(heads));
    lines
        .map(|line| {
            let mut words: Vec<&str> = line.split_whitespace().collect();
            if line.starts_with("udp") {
                words.insert(5, "");
            }
            let word = |i: usize| words[i].to_string();
            (word(0), word(5), word(1), word(2), word(3), word(4))
        })
        .collect()
}

/// The lines of `ss`, in the words of netstat.
fn ss_lines() -> Vec<Line> {
    let mut command = Command::new("ss");
    command.args(["--no-header", "--tcp", "--udp", "--all", "--numeric"]);
    let ended = run_command(command).succeeded();
    let lines = ended.stdout.lines().map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let &[protocol, state, receive, send, local, remote, ..] = &words[..] else {
            panic!("{line}");
        };
        let six = if local.starts_with('[') || local.starts_with('*') { "6" } else { "" };
        let state = match (protocol, state) {
            ("udp", _) => "",
            (_, "ESTAB") => "ESTABLISHED",
            (_, other) => &other.replace('-', "_"),
        };
        // The Send-Q of a listening socket is in ss the length of its backlog.
        let send = if state == "LISTEN" { "0" } else { send };
        (
            format!("{protocol}{six}"),
            state.to_string(),
            receive.to_string(),
            send.to_string(),
            local.to_string(),
            remote.to_string(),
        )
    });
    lines.collect()
}

/// What is wrong with the line of one socket: its own address, its peer's, its state.
fn disagreement(
    (socket, peer, state): (SocketAddr, SocketAddr, &str),
    netstat: &[Line],
    ss: &[Line],
) -> Option<String> {
    let (local, mut remote) = (socket.to_string(), peer.to_string());
    if peer.port() == 0 {
        remote = format!("{}*", remote.trim_end_matches('0'));
    }
    let lines = |table: &[Line]| -> Vec<Line> {
        table.iter().filter(|line| line.4 == local && line.5 == remote).cloned().collect()
    };
    let (here, there) = (lines(netstat), lines(ss));
    let agree = here.len() == 1 && here == there && here[0].1 == state;
    (!agree).then(|| format!("{local} {remote} {state}: {here:?}, ss says {there:?}"))
}

#[test]
#[cfg(target_os = "linux")]
fn netstat_shows_what_ss_shows() {
    if !needs(&["ss"]) {
        return;
    }
    // A listening socket with a connection that nobody has accepted …
    let (waiting, _) = listener();
    let _unaccepted = connect(waiting.local_addr().unwrap());
    // … a pair with ten bytes that nobody has read …
    let (taken, _) = listener();
    let mut client = connect(taken.local_addr().unwrap());
    let server = accept(&taken);
    client.write_all(b"ten bytes!").unwrap();
    server.peek(&mut [0; 10]).unwrap();
    // … one that has closed first, and waits …
    let old = connect(taken.local_addr().unwrap());
    let old_address = old.local_addr().unwrap();
    let mut other = accept(&taken);
    drop(old);
    read_to_end(&mut other);
    drop(other);
    // … one whose peer has closed …
    let (left, _) = listener();
    let mut half = connect(left.local_addr().unwrap());
    drop(accept(&left));
    read_to_end(&mut half);
    // … a UDP socket with a datagram that nobody has read, and one that has a peer.
    let (open, connected) = (udp(), udp());
    connected.connect(open.local_addr().unwrap()).unwrap();
    connected.send(b"unread").unwrap();
    open.peek(&mut [0; 10]).unwrap();
    let six = TcpListener::bind((Ipv6Addr::LOCALHOST, 0));

    let none = "0.0.0.0:0".parse().unwrap();
    let of = |socket: SocketAddr, peer: SocketAddr, state: &'static str| (socket, peer, state);
    let mut ours = vec![
        of(waiting.local_addr().unwrap(), none, "LISTEN"),
        of(taken.local_addr().unwrap(), none, "LISTEN"),
        of(server.local_addr().unwrap(), client.local_addr().unwrap(), "ESTABLISHED"),
        of(client.local_addr().unwrap(), server.local_addr().unwrap(), "ESTABLISHED"),
        of(old_address, taken.local_addr().unwrap(), "TIME_WAIT"),
        of(half.local_addr().unwrap(), left.local_addr().unwrap(), "CLOSE_WAIT"),
        of(open.local_addr().unwrap(), none, ""),
        of(connected.local_addr().unwrap(), open.local_addr().unwrap(), ""),
    ];
    let nobody = "[::]:0".parse().unwrap();
    ours.extend(six.iter().map(|six| of(six.local_addr().unwrap(), nobody, "LISTEN")));
    // A table that others change while it is read may show a row twice or leave one out.
    let mut wrong = vec![String::new()];
    for _ in 0..20 {
        let (netstat, ss) = (netstat_lines(&[]), ss_lines());
        wrong = ours.iter().filter_map(|&ours| disagreement(ours, &netstat, &ss)).collect();
        if wrong.is_empty() {
            break;
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let queue = |socket: SocketAddr, peer: &str| {
        let lines = netstat_lines(&["--port", &socket.port().to_string()]);
        let local = socket.to_string();
        let line = lines.iter().find(|line| line.4 == local && line.5 == peer);
        line.unwrap_or_else(|| panic!("{socket} {peer}: {lines:?}")).2.clone()
    };
    assert_eq!(queue(waiting.local_addr().unwrap(), "0.0.0.0:*"), "1");
    let client = client.local_addr().unwrap().to_string();
    assert_eq!(queue(server.local_addr().unwrap(), &client), "10");
    assert_ne!(queue(open.local_addr().unwrap(), "0.0.0.0:*"), "0");
}

#[test]
#[cfg(target_os = "linux")]
fn netstat_names_the_program_and_the_wildcards() {
    let server = start("tcp_server", &["--port", "0", "--host", ""]);
    let address = server.address();
    // Of a port that somebody has had before, there may be connections in TIME_WAIT.
    let ended = run("netstat", &["-l", "--port", &address.port().to_string()]).succeeded();
    let expected = format!(
        "tcp        0      0 {:23} {:23} LISTEN      {}/tcp_server\n",
        address.to_string(),
        "0.0.0.0:*",
        server.pid()
    );
    assert!(ended.stdout.ends_with(&expected), "{expected}{ended:?}");
    if has_ipv6() {
        let six = TcpListener::bind((Ipv6Addr::UNSPECIFIED, 0)).unwrap();
        let port = six.local_addr().unwrap().port().to_string();
        let ended = run("netstat", &["--port", &port]).succeeded();
        let expected = format!("tcp6       0      0 [::]:{port:18} [::]:*  ");
        assert!(ended.stdout.contains(&expected), "{expected}\n{ended:?}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn netstat_shows_one_port_one_protocol_or_only_servers() {
    let same_port = || {
        let (listener, [_, port]) = listener();
        let udp = UdpSocket::bind(listener.local_addr().unwrap()).ok()?;
        Some((listener, udp, port))
    };
    let (listener, udp, port) = (0..100).find_map(|_| same_port()).unwrap();
    let peer = self::udp();
    peer.connect(udp.local_addr().unwrap()).unwrap();
    let _client = connect(listener.local_addr().unwrap());
    let _server = accept(&listener);
    let of = |args: &[&str]| {
        let lines = netstat_lines(&[&["--port", &port], args].concat());
        let mut kinds: Vec<String> =
            lines.iter().map(|line| format!("{} {}", line.0, line.1)).collect();
        kinds.retain(|kind| kind != "tcp TIME_WAIT"); // of whoever had the port before
        kinds.sort();
        kinds
    };
    let established = "tcp ESTABLISHED"; // both ends are on this machine
    assert_eq!(of(&[]), [established, established, "tcp LISTEN", "udp ", "udp "]);
    assert_eq!(of(&["--tcp"]), [established, established, "tcp LISTEN"]);
    assert_eq!(of(&["--udp"]), ["udp ", "udp "]);
    assert_eq!(of(&["--listening"]), ["tcp LISTEN", "udp "]);
    assert_eq!(of(&["-lt"]), ["tcp LISTEN"]);
    assert_eq!(of(&["--tcp", "--udp"]).len(), 5);
}

#[test]
#[cfg(target_os = "linux")]
fn netstat_for_a_port_that_nobody_has_is_an_error() {
    let Some(ended) = Private::network().run("netstat", &["--port", "4711"]) else { return };
    assert_eq!(ended.stdout, "");
    ended.failed_with("cannot find port 4711: no socket of this kind has it\n").hints("running?");
    // The port is there, but only over TCP.
    let (listener, [_, port]) = listener();
    let ended = run("netstat", &["--udp", "--json", "--port", &port]);
    ended.failed_with(&format!("cannot find port {port}: "));
    drop(listener);
}

#[test]
#[cfg(target_os = "linux")]
fn the_name_of_a_program_does_not_drive_the_terminal_and_json_keeps_it() {
    let evil = "a\"b\\\u{1b}[2J é";
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let link = folder.join(evil);
    let _ = fs::remove_file(&link);
    std::os::unix::fs::symlink(program("tcp_server"), &link).unwrap();
    let mut command = Command::new(&link);
    command.args(["--port", "0"]).stdin(Stdio::null());
    let server = Running::start(command);
    let port = server.address().port().to_string();

    let ended = run("netstat", &["-l", "--port", &port]).succeeded();
    let shown = format!("{}/a\"b\\\\x1b[2J é\n", server.pid());
    assert!(ended.stdout.ends_with(&shown), "{ended:?}");

    let ended = run("netstat", &["-l", "--json", "--port", &port]).succeeded();
    assert!(!ended.bytes.contains(&0x1b));
    let expected = format!(
        r#"{{"proto":"tcp","recv_q":0,"send_q":0,"local_address":"127.0.0.1","local_port":{port},"remote_address":null,"remote_port":null,"state":"LISTEN","pid":{},"program":"a\"b\\\u001b[2J é"}}"#,
        server.pid()
    );
    assert_eq!(ended.stdout, format!("{expected}\n"));
    fs::remove_file(&link).unwrap();
}

#[test]
#[cfg(target_os = "linux")]
fn every_line_of_netstats_json_is_an_object_that_python_reads() {
    if !needs(&["python3"]) {
        return;
    }
    let (listener, [_, port]) = listener();
    let client = connect(listener.local_addr().unwrap());
    let _udp = udp();
    let mut command = Command::new("sh");
    let script = "import json, sys\n\
                  rows = [json.loads(line) for line in sys.stdin]\n\
                  port, peer = int(sys.argv[1]), int(sys.argv[2])\n\
                  row = [r for r in rows if (r['local_port'], r['remote_port']) == (port, peer)][0]\n\
                  print(row['state'], row['remote_address'], type(row['recv_q']).__name__)\n\
                  print(all(r['state'] is None for r in rows if r['proto'].startswith('udp')))";
    let peer = client.local_addr().unwrap().port().to_string();
    let pipe = "\"$1\" --json | python3 -c \"$2\" \"$3\" \"$4\"";
    command.args(["-c", pipe, "sh"]).arg(program("netstat")).args([script, &port, &peer]);
    let checked = run_command(command).succeeded();
    assert_eq!(checked.stdout, "ESTABLISHED 127.0.0.1 int\nTrue\n");
}

#[test]
fn netstat_refuses_a_port_that_is_none() {
    for port in ["99999", "0", "http"] {
        let ended = run("netstat", &["--port", port]);
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(ended.stderr.contains(&format!("'{port}'")), "{ended:?}");
    }
}
