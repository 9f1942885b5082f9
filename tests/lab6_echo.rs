//! Lab 6: the echo service, over TCP and over UDP.

#![allow(clippy::unwrap_used)] // in a test, a panic is the answer

mod common;

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use common::*;
use socket2::SockRef;

fn server(name: &str, more: &[&str]) -> (Running, SocketAddr) {
    let server = start(name, &[&["--port", "0"], more].concat());
    let address = server.address();
    server.prints("The echo server is ready on ");
    (server, address)
}

/// Sends a text and reads exactly as much back.
fn echo(client: &mut TcpStream, text: &[u8]) -> Vec<u8> {
    client.write_all(text).unwrap();
    let mut back = vec![0; text.len()];
    client.read_exact(&mut back).unwrap();
    back
}

/// A listener for a scripted server, and its port for `--port`.
fn listener() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    (listener, port)
}

/// Bytes that differ from one another, so that none can be lost or moved unseen.
fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|i| (i % 251) as u8).collect()
}

#[test]
fn a_message_comes_back_in_pieces_of_at_most_16_bytes() {
    let (_server, address) = server("echo_server", &[]);
    let client = run("echo_client", &["--port", &port_of(address), "Hello, echo server!"]);
    let printed = client.succeeded().stdout;
    let pieces: Vec<&str> =
        printed.lines().filter_map(|line| line.strip_prefix("Received: ")).collect();
    assert_eq!(pieces.concat(), "Hello, echo server!");
    assert!(pieces.iter().all(|piece| piece.len() <= 16), "{printed}");
    assert_eq!(printed.lines().last(), Some("Closing connection to the server"));
}

#[test]
fn the_client_asks_the_system_for_at_most_16_bytes() {
    if !needs(&["strace"]) {
        return;
    }
    let (_server, address) = server("echo_server", &[]);
    let mut trace = Command::new("strace");
    trace.args(["-e", "trace=recvfrom,read,recvmsg"]).arg(program("echo_client"));
    trace.args(["--port", &port_of(address), "a message of more than sixteen bytes"]);
    let calls = run_command(trace).succeeded().stderr;
    let received: Vec<&str> = calls.lines().filter(|line| line.starts_with("recvfrom(")).collect();
    assert!(received.len() >= 3, "{calls}");
    assert!(received.iter().all(|call| call.contains(", 16, ")), "{calls}");
}

#[test]
fn a_typed_line_is_echoed_too() {
    let (_server, address) = server("echo_server", &[]);
    let client = run_with_input("echo_client", &["--port", &port_of(address)], b"typed\n");
    assert!(client.succeeded().stdout.starts_with("Received: typed\n"));
}

#[test]
fn a_message_of_64_kibibytes_comes_back_and_a_longer_one_is_refused() {
    let (_server, address) = server("echo_server", &[]);
    let port = port_of(address);
    let longest = "x".repeat(64 * 1024);
    // Typed, because a command line of Windows has at most 32,767 characters.
    // Its 4,096 pieces take a slow machine more than the usual 5 seconds.
    let args = ["--port", &port, "--timeout", "60"];
    let client = run_with_input("echo_client", &args, longest.as_bytes()).succeeded();
    let back: usize =
        client.stdout.lines().filter_map(|l| l.strip_prefix("Received: ")).map(str::len).sum();
    assert_eq!(back, longest.len());
    run_with_input("echo_client", &["--port", &port], format!("{longest}x").as_bytes())
        .failed_with("the message is longer than 65536 bytes");
}

#[test]
fn a_server_that_closes_early_is_an_error_that_counts_the_missing_bytes() {
    let (listener, port) = listener();
    let client = start("echo_client", &["--port", &port, "twelve bytes"]);
    let (mut stream, _) = listener.accept().unwrap();
    let mut message = [0; 12];
    stream.read_exact(&mut message).unwrap();
    stream.write_all(&message[..5]).unwrap();
    drop(stream);
    client.ended().failed_with(&format!(
        "cannot receive from 127.0.0.1:{port}: the server closed early, 7 bytes are missing"
    ));
}

#[test]
fn a_server_that_resets_or_is_silent_is_an_error() {
    let (listener, port) = listener();
    let client = start("echo_client", &["--port", &port, "hello"]);
    let (mut stream, _) = listener.accept().unwrap();
    stream.read_exact(&mut [0; 5]).unwrap();
    SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
    drop(stream);
    let reset =
        format!("cannot receive from 127.0.0.1:{port}: Connection reset by peer (ECONNRESET)");
    client.ended().failed_with(&reset);

    let client = start("echo_client", &["--port", &port, "--timeout", "0.2", "hello"]);
    let (_silent, _) = listener.accept().unwrap();
    client.ended().failed_with(&format!("cannot receive from 127.0.0.1:{port}: ")).hints("timeout");
}

#[test]
fn a_server_by_name_is_on_ipv4_where_the_default_client_looks_for_it() {
    let machine = Private::with_files(&[("/etc/hosts", "::1 both\n127.0.0.1 both\n")]);
    let Some(server) = machine.start("echo_server", &["--port", "0", "--host", "both"]) else {
        return;
    };
    server.prints("The echo server is ready on 127.0.0.1:");
}

#[test]
fn what_a_server_sends_is_escaped_before_it_reaches_the_terminal() {
    let (listener, port) = listener();
    let client = start("echo_client", &["--port", &port, "four"]);
    let (mut stream, _) = listener.accept().unwrap();
    stream.write_all(b"\x1b\x00\xff\n").unwrap();
    let ended = client.ended().succeeded();
    assert!(ended.stdout.starts_with("Received: \\x1b\\0\\xff\\n\n"), "{ended:?}");
    assert_eq!(ended.stderr, "note: that is not what was sent\n");
}

#[test]
fn every_byte_value_and_every_length_comes_back() {
    let (_server, address) = server("echo_server", &[]);
    let mut client = connect(address);
    let all: Vec<u8> = (0..=255).collect();
    for length in [1, 2, 16, 255, 256] {
        assert_eq!(echo(&mut client, &all[..length]), &all[..length]);
    }
    for byte in &all {
        assert_eq!(echo(&mut client, &[*byte]), [*byte]);
    }
}

#[test]
fn megabytes_in_one_go_come_back_while_they_are_sent() {
    let (_server, address) = server("echo_server", &[]);
    let mut client = connect(address);
    let sent = pattern(8 << 20);
    let mut writer = client.try_clone().unwrap();
    let to_send = sent.clone();
    let sender = thread::spawn(move || {
        writer.write_all(&to_send).unwrap();
        writer.shutdown(Shutdown::Write).unwrap();
    });
    let (back, error) = read_to_end(&mut client);
    sender.join().unwrap();
    assert_eq!(error, None);
    assert!(back == sent, "{} of {} bytes came back, or others", back.len(), sent.len());
}

#[test]
fn after_a_half_close_the_rest_still_comes_and_then_the_end() {
    let (_server, address) = server("echo_server", &[]);
    let mut client = connect(address);
    client.write_all(b"without a newline").unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    assert_eq!(read_to_end(&mut client), (b"without a newline".to_vec(), None));
}

#[test]
fn a_client_that_stops_reading_gets_everything_when_it_goes_on() {
    let (_server, address) = server("echo_server", &[]);
    let mut client = connect(address);
    client.set_write_timeout(Some(Duration::from_millis(300))).unwrap();
    // Send and do not read, until the buffers on the way are full.
    let (piece, mut sent) = (pattern(65_536), 0);
    loop {
        match client.write(&piece) {
            Ok(length) => sent += length,
            Err(error) => break assert!(socket_labs::error::is_timeout(error.kind()), "{error}"),
        }
        if !sent.is_multiple_of(piece.len()) {
            break; // a part of a piece: the buffers are full
        }
    }
    client.shutdown(Shutdown::Write).unwrap();
    let (back, error) = read_to_end(&mut client);
    assert_eq!((back.len(), error), (sent, None));
    assert!(back.chunks(piece.len()).all(|chunk| chunk == &piece[..chunk.len()]));
}

#[test]
fn many_clients_at_once_do_not_mix() {
    let (_server, address) = server("echo_server", &[]);
    let mut clients: Vec<TcpStream> = (0..200).map(|_| connect(address)).collect();
    for (i, client) in clients.iter_mut().enumerate().rev() {
        let text = format!("client {i}");
        assert_eq!(echo(client, text.as_bytes()), text.as_bytes());
    }
}

#[test]
fn no_clients_behaviour_ends_the_echo_server() {
    let (mut server, address) = server("echo_server", &[]);
    let _silent = connect(address);
    let mut greedy = connect(address);
    greedy.set_write_timeout(Some(Duration::from_millis(100))).unwrap();
    while greedy.write_all(&[0; 65_536]).is_ok() {}
    for _ in 0..50 {
        let client = connect(address);
        SockRef::from(&client).set_linger(Some(Duration::ZERO)).unwrap();
    }
    let mut rude = connect(address);
    rude.write_all(&pattern(100_000)).unwrap();
    SockRef::from(&rude).set_linger(Some(Duration::ZERO)).unwrap();
    drop(rude);
    assert_eq!(echo(&mut connect(address), b"still there?"), b"still there?");
    assert!(server.is_alive());
}

#[test]
fn the_echo_server_refuses_one_client_too_many_and_lets_idle_ones_go() {
    let (server, address) = server("echo_server", &["--max-clients", "1", "--idle", "0.3"]);
    let mut first = connect(address);
    echo(&mut first, b"I have the seat");
    let refused = read_to_end(&mut connect(address)).0;
    assert!(refused.starts_with(b"The server is full: it serves 1 client"), "{refused:?}");
    server.warns("Refused 127.0.0.1:");
    assert_eq!(read_to_end(&mut first).0, b"", "the idle client is let go");
    eventually("the seat is free again", || {
        let mut next = connect(address);
        next.write_all(b"x").is_ok() && next.read(&mut [0; 1]).is_ok_and(|length| length == 1)
    });
}

#[test]
fn a_client_that_does_not_read_is_let_go_and_its_seat_is_free() {
    let (server, address) = server("echo_server", &["--max-clients", "1", "--stall", "0.3"]);
    let mut greedy = connect(address);
    // It sends and never reads. The server closes at last, with a reset: there is input unread.
    while greedy.write_all(&[0; 65_536]).is_ok() {}
    let said = server.warns("error: cannot send to 127.0.0.1:");
    assert!(said.contains("within the timeout (EAGAIN)") || said.contains("ETIMEDOUT"), "{said}");
    server.warns("hint: the other side does not read what it is sent");
    eventually("the seat is free again", || {
        let mut next = connect(address);
        next.write_all(b"x").is_ok() && next.read(&mut [0; 1]).is_ok_and(|length| length == 1)
    });
}

#[test]
fn a_client_that_takes_a_little_now_and_then_does_not_keep_its_seat_for_ever() {
    let (server, address) = server("echo_server", &["--stall", "0.5"]);
    let mut slow = connect(address);
    let mut writer = slow.try_clone().unwrap();
    let sender = thread::spawn(move || while writer.write_all(&[0; 65_536]).is_ok() {});
    // Its receive buffer is small, and it takes a little whenever the server might lose patience.
    let mut piece = [0; 1024];
    while slow.read(&mut piece).is_ok_and(|length| length > 0) {
        thread::park_timeout(Duration::from_millis(100));
    }
    server.warns("error: cannot send to 127.0.0.1:");
    sender.join().unwrap();
}

#[test]
fn the_echo_server_can_be_started_again_at_once() {
    let (server, address) = server("echo_server", &["--idle", "0.05"]);
    // The server closes first, so the TIME_WAIT is on its side.
    read_to_end(&mut connect(address));
    drop(server);
    let again = start("echo_server", &["--port", &port_of(address)]);
    again.prints("The echo server is ready on ");
}

#[test]
fn ctrl_c_ends_both_servers_with_a_summary() {
    let (server_tcp, address) = server("echo_server", &[]);
    echo(&mut connect(address), b"x");
    let ended = server_tcp.interrupt().succeeded();
    assert!(ended.stdout.ends_with("Stopped by Ctrl-C. Clients accepted: 1\n"), "{ended:?}");

    let (server_udp, address) = server("udp_echo_server", &[]);
    for _ in 0..2 {
        run("udp_echo_client", &["--port", &port_of(address), "x"]).succeeded();
    }
    let ended = server_udp.interrupt().succeeded();
    // The second datagram was on its way perhaps a moment before it was counted.
    let said = |count| format!("\nStopped by Ctrl-C. Datagrams sent back: {count}\n");
    assert!([1, 2].into_iter().any(|count| ended.stdout.ends_with(&said(count))), "{ended:?}");
}

#[test]
fn datagrams_of_every_size_come_back_and_each_by_itself() {
    let (_server, address) = server("udp_echo_server", &[]);
    let client = udp();
    let mut buffer = vec![0; 65_536];
    for size in [65_507, 0, 1, 1_472, 3] {
        client.send_to(&pattern(size), address).unwrap();
        let (length, from) = client.recv_from(&mut buffer).unwrap();
        assert_eq!(from, address);
        assert!(buffer[..length] == pattern(size), "{size} bytes");
    }
    client.send_to(b"two\x00", address).unwrap();
    client.send_to(b"\xff", address).unwrap();
    assert_eq!(client.recv(&mut buffer).unwrap(), 4);
    assert_eq!(client.recv(&mut buffer).unwrap(), 1);
}

#[test]
fn a_udp_client_that_has_gone_does_not_end_the_echo_server() {
    let (_server, address) = server("udp_echo_server", &[]);
    for _ in 0..100 {
        udp().send_to(b"and away", address).unwrap();
    }
    let client = run("udp_echo_client", &["--port", &port_of(address), "still there?"]);
    assert_eq!(client.succeeded().stdout, "Received: still there?\n");
}

#[test]
fn a_datagram_that_cannot_be_answered_does_not_end_a_udp_server() {
    if !needs(&["python3", "nsenter"]) {
        return;
    }
    for (name, port, client) in [
        ("udp_server", "12000", "udp_client"),
        ("udp_echo_server", "65432", "udp_echo_client"),
        ("ntp_server", "11123", "ntp_client"),
    ] {
        let Some(server) = Private::network().start(name, &[]) else { return };
        server.prints("127.0.0.1:");
        forge(&server, ("127.0.0.1", 0), port.parse().unwrap(), &[]);
        server.warns("error: cannot send to 127.0.0.1:0: Invalid argument (EINVAL)");
        let asked = if name == "ntp_server" {
            vec!["127.0.0.1", "--port", port]
        } else {
            vec!["--port", port, "still there?"]
        };
        run_beside(&server, client, &asked).succeeded();
    }
}

/// A server that is made to answer itself would never stop.
#[test]
fn a_datagram_with_the_servers_own_address_as_its_sender_is_not_answered() {
    if !needs(&["python3", "nsenter"]) {
        return;
    }
    for (name, port, client) in
        [("udp_server", 12000, "udp_client"), ("udp_echo_server", 65432, "udp_echo_client")]
    {
        for (host, forged) in [("127.0.0.1", "127.0.0.1"), ("", "127.0.0.1"), ("", "127.0.0.9")] {
            let Some(server) = Private::network().start(name, &["--host", host]) else { return };
            server.prints(&format!(":{port}"));
            forge(&server, (forged, port), port, &["hello"]);
            let sentence = format!(
                "cannot send an answer to {forged}:{port}: it is this server's own address"
            );
            server.warns(&sentence);
            // Each is served before the next: an exchange of the server with itself would show.
            for _ in 0..20 {
                let asked = ["--port", &port.to_string(), "still there?"];
                run_beside(&server, client, &asked).succeeded();
            }
            assert_eq!(complaints(&server.warnings(), &sentence), (1, 1), "{server:?}");
            assert!(!server.output().contains(&format!("port {port}\n")), "{server:?}");
            let ended = server.interrupt();
            assert!(ended.stdout.ends_with(": 20\n"), "{ended:?}");
        }
    }
}

/// Where bind() cannot tell whether an address is its own, the server takes it to be.
#[test]
fn a_server_without_a_free_descriptor_does_not_answer_itself() {
    if !needs(&["python3", "nsenter", "prlimit"]) {
        return;
    }
    let Some(server) = Private::network().start("udp_echo_server", &["--host", ""]) else { return };
    server.prints("0.0.0.0:65432");
    let mut limit = Command::new("prlimit");
    limit.args(["--nofile=1", "--pid", &server.pid().to_string()]);
    run_command(limit).succeeded();
    forge(&server, ("127.0.0.2", 65432), 65432, &["hello"]);
    server.warns("cannot send an answer to 127.0.0.2:65432: it is this server's own address");
}

/// Two servers, and one datagram that claims to be sent by the other one.
#[test]
fn two_servers_that_are_made_to_answer_each_other_stop() {
    if !needs(&["python3", "nsenter"]) {
        return;
    }
    let Some(upper) = Private::network().start("udp_server", &[]) else { return };
    upper.prints("127.0.0.1:12000");
    let echo = program("udp_echo_server").display().to_string();
    let echo = Running::start(beside(&upper, &[&echo, "--rate", "30"]));
    echo.prints("127.0.0.1:65432");
    forge(&upper, ("127.0.0.1", 65432), 12000, &["hello"]);
    echo.warns("cannot send an answer to 127.0.0.1:12000: it has had 30 answers within a second");
    for number in 1..=20 {
        run_beside(&upper, "udp_client", &["still there?"]).succeeded();
        run_beside(&upper, "udp_echo_client", &["still there?"]).succeeded();
        // Where a second ends in the exchange, it goes on for as long once more.
        let between = upper.output().matches("from 127.0.0.1 port 65432").count();
        assert!((30..=62).contains(&between), "{number}: {between} exchanges");
    }
    assert_eq!(complaints(&echo.warnings(), "within a second").1, 1, "{echo:?}");
}

#[test]
fn a_sender_that_wants_too_many_answers_a_second_gets_no_more_and_the_others_do() {
    let (server, address) = server("udp_echo_server", &["--rate", "5"]);
    let greedy = udp();
    greedy.connect(address).unwrap();
    let started = Instant::now();
    let mut sent: u64 = 0;
    while !server.warnings().contains("it has had 5 answers within a second") {
        greedy.send(b"again").unwrap();
        sent += 1;
        assert!(started.elapsed() < PATIENCE, "{server:?}");
    }
    let client = run("udp_echo_client", &["--port", &port_of(address), "and I?"]);
    assert_eq!(client.succeeded().stdout, "Received: and I?\n");
    let ended = server.interrupt().succeeded();
    let seconds = started.elapsed().as_secs() + 1;
    let (lines, refused) = complaints(&ended.stderr, "cannot send an answer to ");
    let answered: u64 = ended.stdout.trim().rsplit(' ').next().unwrap().parse().unwrap();
    assert!(answered <= 1 + 5 * (seconds + 1), "{ended:?}");
    assert!(lines as u64 <= seconds + 2, "{ended:?}");
    assert!(answered + refused <= sent + 1, "what was refused is counted: {sent} {ended:?}");
}

#[test]
fn a_slow_server_is_told_from_a_silent_one_and_has_no_more_time() {
    let (listener, port) = listener();
    let message = "x".repeat(30_000); // as much as a command line of Windows takes
    let client = start("echo_client", &["--port", &port, "--timeout", "1", &message]);
    let (mut stream, _) = listener.accept().unwrap();
    stream.set_nodelay(true).unwrap();
    let started = Instant::now();
    let drip = thread::spawn(move || {
        while stream.write_all(b"x").is_ok() {
            thread::park_timeout(Duration::from_millis(20));
        }
    });
    client.prints("Received: x");
    let ended = client.ended().failed_with(&format!("cannot receive from 127.0.0.1:{port}: "));
    assert!(started.elapsed() < Duration::from_secs(30), "{:?}", started.elapsed());
    let came = ended.stdout.matches("Received: ").count();
    assert!(
        ended.stderr.contains(" of 30000 bytes came back within the timeout\n"),
        "{came} {ended:?}"
    );
    ended.hints("the other side answers, but slowly");
    drip.join().unwrap();

    // One that has sent a part and then nothing more.
    let (listener, port) = self::listener();
    let client = start("echo_client", &["--port", &port, "--timeout", "0.5", "hello"]);
    let (mut stream, _) = listener.accept().unwrap();
    stream.write_all(b"hel").unwrap();
    client.ended().failed_with(&format!(
        "cannot receive from 127.0.0.1:{port}: 3 of 5 bytes came back within the timeout\n"
    ));
}

#[test]
fn where_nobody_listens_the_client_says_which_server_to_start() {
    let port = free_tcp_port().to_string();
    run("echo_client", &["-4", "--port", &port, "hello"])
        .failed_with(&format!("cannot connect to 127.0.0.1:{port}: Connection refused"))
        .hints("start echo_server first");
    run("udp_echo_client", &["--port", &port, "--timeout", "0.1", "hello"])
        .failed_with("cannot receive from")
        .hints("start udp_echo_server first");
}

#[test]
fn the_udp_echo_client_waits_for_its_server_only_and_not_for_ever() {
    let (stranger, real) = (udp(), udp());
    let port = port_of(real.local_addr().unwrap());
    let client = start("udp_echo_client", &["--port", &port, "hello"]);
    let (_, address) = real.recv_from(&mut [0; 10]).unwrap();
    stranger.send_to(b"forged", address).unwrap();
    client.warns("ignored a datagram from ");
    real.send_to(b"hello", address).unwrap();
    assert_eq!(client.ended().succeeded().stdout, "Received: hello\n");

    run("udp_echo_client", &["--port", &port, "--timeout", "0.2", "hello"])
        .failed_with(&format!("cannot receive from 127.0.0.1:{port}: Timed out (ETIMEDOUT)"))
        .hints("start udp_echo_server first");
}

#[test]
fn both_pairs_speak_ipv6() {
    if !has_ipv6() {
        return;
    }
    for (server_name, client, said) in [
        ("echo_server", "echo_client", "Received: six\nClosing connection to the server\n"),
        ("udp_echo_server", "udp_echo_client", "Received: six\n"),
    ] {
        let server = start(server_name, &["--port", "0", "-6"]);
        let line = server.prints("The echo server is ready on [::1]:");
        let port = line.trim().rsplit(':').next().unwrap();
        let ended = run(client, &["-6", "--port", port, "six"]).succeeded();
        assert_eq!(ended.stdout, said);
    }
}

#[test]
fn the_clients_try_every_address_of_a_name() {
    if !has_ipv6() {
        return;
    }
    // Whichever of the two the system puts first, one of these runs has to try both.
    for (server_name, client) in
        [("echo_server", "echo_client"), ("udp_echo_server", "udp_echo_client")]
    {
        for family in ["-4", "-6"] {
            let server = start(server_name, &["--port", "0", family]);
            let line = server.prints("The echo server is ready on ");
            let port = line.trim().rsplit(':').next().unwrap();
            let hosts = "::1 both.example\n127.0.0.1 both.example\n";
            let ours = ["--host", "both.example", "--port", port, "--timeout", "3", "found"];
            let machine = Private::with_files(&[("/etc/hosts", hosts)]);
            let Some(ended) = machine.run(client, &ours) else { return };
            let ended = ended.succeeded();
            assert!(ended.stdout.starts_with("Received: found\n"), "{ended:?}");
        }
    }
}

#[test]
fn the_python_pairs_of_the_source_work_both_ways_round() {
    if !needs(&["python3"]) {
        return;
    }
    for (server_name, client_name) in
        [("echo_server", "echo_client"), ("udp_echo_server", "udp_echo_client")]
    {
        let (_ours, address) = server(server_name, &[]);
        let theirs = [client_name, &port_of(address), "Hello, world"];
        let theirs = run_command(python("lab6.py", &theirs)).succeeded();
        assert_eq!(theirs.stdout, "Received b'Hello, world'\n");

        let theirs = Running::start(python("lab6.py", &[server_name, "0"]));
        let ours = ["--port", &port_of(theirs.address()), "Hello, world"];
        let ours = run(client_name, &ours).succeeded();
        assert!(ours.stdout.starts_with("Received: Hello, world\n"), "{ours:?}");
    }
}

#[test]
fn the_netcats_of_the_system_are_echoed() {
    if !needs(&["nc", "ncat", "socat"]) {
        return;
    }
    let (_tcp, tcp) = server("echo_server", &[]);
    let (_udp, udp) = server("udp_echo_server", &[]);
    let (tcp, udp) = (tcp.port(), udp.port());
    for line in [
        format!("printf 'a\\0b\\377' | nc -N 127.0.0.1 {tcp} | od -An -tx1"),
        format!("printf 'a\\0b\\377' | ncat 127.0.0.1 {tcp} | od -An -tx1"),
        format!("printf 'a\\0b\\377' | socat - TCP:127.0.0.1:{tcp} | od -An -tx1"),
        format!(
            "printf 'a\\0b\\377' | socat -t 60 - UDP:127.0.0.1:{udp},readbytes=4 | od -An -tx1"
        ),
    ] {
        let mut shell = Command::new("sh");
        shell.args(["-c", &line]);
        assert_eq!(run_command(shell).stdout.trim(), "61 00 62 ff", "{line}");
    }
}

#[test]
fn our_client_is_echoed_by_socat() {
    if !needs(&["socat"]) {
        return;
    }
    let port = free_tcp_port();
    let mut socat = Command::new("socat");
    socat.args(["-d", "-d", &format!("TCP-LISTEN:{port},bind=127.0.0.1,reuseaddr"), "SYSTEM:cat"]);
    let socat = Running::start(socat);
    socat.warns("listening on");
    let client = run("echo_client", &["--port", &port.to_string(), "through socat"]);
    assert!(client.succeeded().stdout.starts_with("Received: through socat\n"));
}

#[test]
fn nothing_is_sent_before_something_came() {
    let (_server, address) = server("echo_server", &[]);
    let mut client = connect(address);
    echo(&mut client, b"now it is surely served");
    client.set_nonblocking(true).unwrap();
    assert_eq!(client.read(&mut [0; 1]).unwrap_err().kind(), ErrorKind::WouldBlock);
}
