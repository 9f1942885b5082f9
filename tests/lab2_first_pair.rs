//! Lab 2: a first client and server, over UDP and over TCP.

#![allow(clippy::unwrap_used)] // in a test, a panic is the answer

mod common;

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use common::*;
use socket2::SockRef;

/// The largest datagram over IPv4.
const LARGEST: usize = 65_507;

/// Starts a server on a free port.
fn server(name: &str) -> (Running, SocketAddr) {
    let server = start(name, &["--port", "0"]);
    let address = server.address();
    (server, address)
}

/// Sends one datagram and returns the one that comes back.
fn ask(socket: &UdpSocket, server: SocketAddr, message: &[u8]) -> Vec<u8> {
    socket.send_to(message, server).unwrap();
    let mut buffer = vec![0; LARGEST + 1];
    let (length, from) = socket.recv_from(&mut buffer).unwrap();
    assert_eq!(from, server, "the answer comes from the address that was asked");
    buffer.truncate(length);
    buffer
}

#[test]
fn the_udp_pair_answers_in_upper_case() {
    let (server, address) = server("udp_server");
    server.prints("The server is ready to receive");
    let port = port_of(address);
    let client = run("udp_client", &["--port", &port, "hello, señor"]).succeeded();
    let expected = format!("Received message from 127.0.0.1 port {port}\nHELLO, SEñOR\n");
    assert_eq!(client.stdout, expected);
    server.prints("Message received from 127.0.0.1 port ");
}

#[test]
fn the_tcp_pair_answers_in_upper_case_and_the_client_tells_its_own_address() {
    let (server, address) = server("tcp_server");
    let port = port_of(address);
    let client = run("tcp_client", &["--port", &port, "hello, señor"]).succeeded();
    let lines: Vec<&str> = client.stdout.lines().collect();
    let mine = lines[0].strip_prefix("My address is ").expect("the client's own address");
    assert_eq!(lines[1], format!("Received message from 127.0.0.1 port {port}"));
    assert_eq!(lines[2], "HELLO, SEñOR");
    // The address that the client has by getsockname() is the one that accept() told the server.
    server.prints(&format!("Connected with {mine}"));
}

#[test]
fn without_a_message_the_clients_ask_for_a_line() {
    for (server_name, client_name) in [("udp_server", "udp_client"), ("tcp_server", "tcp_client")] {
        let (_server, address) = server(server_name);
        let arguments = ["--port", &port_of(address)];
        let client = run_with_input(client_name, &arguments, b"typed by hand\r\nmore").succeeded();
        assert!(client.stdout.ends_with("\nTYPED BY HAND\n"), "{client:?}");
        assert_eq!(client.stderr, "Input lowercase sentence: ");
    }
}

#[test]
fn the_receipt_server_serves_one_datagram_and_ends() {
    let (server, address) = server("udp_receipt_server");
    let client = udp();
    assert_eq!(ask(&client, address, b"one \x1b[2J two"), b"Message received.");
    let ended = server.ended().succeeded();
    assert!(ended.stdout.contains("\nServer received: one \\x1b[2J two\n"), "{ended:?}");
    let port = client.local_addr().unwrap().port();
    assert!(ended.stdout.contains(&format!("\nMessage from ('127.0.0.1', {port})\n")), "{ended:?}");
}

#[test]
fn datagrams_of_every_size_come_back_whole_and_each_by_itself() {
    let (_server, address) = server("udp_server");
    let client = udp();
    // A short one after a long one would show what is left in the server's buffer.
    for size in [LARGEST, 1, 1_472, 0, 9, 65_000] {
        let message: Vec<u8> = (0..size).map(|i| (i % 251) as u8).collect();
        assert!(ask(&client, address, &message) == message.to_ascii_uppercase(), "{size} bytes");
    }
    // Two datagrams stay two.
    client.send_to(b"first", address).unwrap();
    client.send_to(b"second", address).unwrap();
    let mut buffer = [0; 100];
    for expected in [b"FIRST".as_slice(), b"SECOND"] {
        let length = client.recv(&mut buffer).unwrap();
        assert_eq!(&buffer[..length], expected);
    }
}

#[test]
fn every_udp_client_gets_its_own_answer() {
    let (_server, address) = server("udp_server");
    let clients: Vec<UdpSocket> = (0..20).map(|_| udp()).collect();
    for (i, client) in clients.iter().enumerate() {
        client.send_to(format!("client {i}").as_bytes(), address).unwrap();
    }
    for (i, client) in clients.iter().enumerate() {
        let mut buffer = [0; 100];
        let length = client.recv(&mut buffer).unwrap();
        assert_eq!(buffer[..length], *format!("CLIENT {i}").as_bytes());
    }
}

#[test]
fn a_udp_client_that_has_gone_does_not_end_the_server() {
    let (_server, address) = server("udp_server");
    for _ in 0..100 {
        udp().send_to(b"and away", address).unwrap();
    }
    assert_eq!(ask(&udp(), address, b"still there?"), b"STILL THERE?");
}

#[test]
fn a_server_on_every_interface_is_found_where_it_says_it_is() {
    let server = start("udp_server", &["--port", "0", "--host", "0.0.0.0"]);
    let port = port_of(server.address());
    let client = run("udp_client", &["--host", "0.0.0.0", "--port", &port, "hello"]).succeeded();
    assert!(client.stdout.ends_with("HELLO\n"), "{client:?}");
}

#[test]
fn the_udp_client_ignores_an_answer_from_a_stranger() {
    let (stranger, real) = (udp(), udp());
    let port = port_of(real.local_addr().unwrap());
    let client = start("udp_client", &["--port", &port, "who is it?"]);
    let mut buffer = [0; 100];
    let (_, address) = real.recv_from(&mut buffer).unwrap();
    stranger.send_to(b"FORGED", address).unwrap();
    let address_of_stranger = stranger.local_addr().unwrap();
    let asked = real.local_addr().unwrap();
    client.warns(&format!("ignored a datagram from {address_of_stranger}, which is not {asked}"));
    real.send_to(b"\x1b[31mREAL\xff", address).unwrap();
    let ended = client.ended().succeeded();
    assert!(ended.stdout.ends_with("\n\\x1b[31mREAL\\xff\n"), "{ended:?}");
}

#[test]
fn the_udp_client_says_that_nobody_may_be_listening() {
    let silent = udp(); // bound, so that nothing refuses; but it never answers
    let port = port_of(silent.local_addr().unwrap());
    run("udp_client", &["--port", &port, "--timeout", "0.2", "hello?"])
        .failed_with(&format!("cannot receive from 127.0.0.1:{port}: Timed out (ETIMEDOUT)"))
        .hints("nobody may be listening");
}

#[test]
fn a_flood_of_strangers_does_not_keep_the_udp_client_for_ever() {
    let real = udp();
    let port = port_of(real.local_addr().unwrap());
    let client = start("udp_client", &["--port", &port, "--timeout", "0.5", "hello?"]);
    let (_, address) = real.recv_from(&mut [0; 100]).unwrap();
    let done = Arc::new(AtomicBool::new(false));
    let flood = thread::spawn({
        let (stranger, done) = (udp(), done.clone());
        move || {
            while !done.load(Ordering::Relaxed) {
                let _ = stranger.send_to(b"FORGED", address);
                thread::yield_now();
            }
        }
    });
    client.ended().failed_with("cannot receive from");
    done.store(true, Ordering::Relaxed);
    flood.join().unwrap();
}

#[test]
fn the_tcp_server_serves_one_client_after_the_other() {
    let (_server, address) = server("tcp_server");
    // The first says nothing and the second waits for it: the lesson that stage 5 answers.
    let silent = connect(address);
    let mut second = connect(address);
    second.write_all(b"my turn?").unwrap();
    if cfg!(target_os = "linux") {
        // A listening socket's Recv-Q counts the connections that nobody has accepted yet.
        eventually("the second client waits in the queue", || {
            let rows = socket_labs::socket_table::read().unwrap();
            let listener = rows.iter().find(|row| row.local == address && row.owner.is_some());
            listener.is_some_and(|row| row.receive_queue == Some(1))
        });
    }
    drop(silent);
    assert_eq!(read_to_end(&mut second), (b"MY TURN?".to_vec(), None));
}

#[test]
fn a_tcp_client_that_resets_or_says_nothing_does_not_end_the_server() {
    let (server, address) = server("tcp_server");
    let silent = connect(address);
    drop(silent);
    let resetting = connect(address);
    SockRef::from(&resetting).set_linger(Some(Duration::ZERO)).unwrap();
    drop(resetting);
    server.warns("Connection reset by peer (ECONNRESET)");
    let mut client = connect(address);
    client.write_all(b"next").unwrap();
    assert_eq!(read_to_end(&mut client), (b"NEXT".to_vec(), None));
}

#[test]
fn the_tcp_server_lives_through_bytes_of_every_kind_and_1000_short_visits() {
    let (mut server, address) = server("tcp_server");
    for i in 0..1_000 {
        let mut client = connect(address);
        if i % 8 == 0 {
            // Wait for the server now and then: a full backlog would cost a second each time.
            client.shutdown(Shutdown::Write).unwrap();
            read_to_end(&mut client);
        }
    }
    let mut client = connect(address);
    client.write_all(b"\xff\x00\x1b[2Jabc").unwrap();
    assert_eq!(read_to_end(&mut client).0, b"\xff\x00\x1b[2JABC");
    assert!(server.is_alive());
}

/// Waits until the peer on this machine has read all that was sent to it, where the system tells.
fn wait_until_read(stream: &TcpStream, peer: SocketAddr) {
    if !cfg!(target_os = "linux") {
        return; // no other shows the queues, and to ask may take longer than a client waits
    }
    let mine = stream.local_addr().unwrap();
    eventually("the peer has read everything", || {
        let rows = socket_labs::socket_table::read().unwrap_or_default();
        let row = rows.iter().find(|row| row.local == peer && row.remote == Some(mine));
        row.is_none_or(|row| row.receive_queue.unwrap_or(0) == 0)
    });
}

#[test]
fn the_tcp_client_reads_until_the_server_closes() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = port_of(listener.local_addr().unwrap());
    let client = start("tcp_client", &["--port", &port, "sentence"]);
    let (mut stream, peer) = listener.accept().unwrap();
    let mut sentence = [0; 8];
    stream.read_exact(&mut sentence).unwrap();
    assert_eq!(&sentence, b"sentence");
    stream.set_nodelay(true).unwrap();
    for piece in ["in ", "three ", "pieces"] {
        stream.write_all(piece.as_bytes()).unwrap();
        wait_until_read(&stream, peer);
    }
    drop(stream);
    let ended = client.ended().succeeded();
    assert!(ended.stdout.ends_with("\nin three pieces\n"), "{ended:?}");
}

#[test]
fn the_tcp_client_does_not_wait_for_ever_for_a_server_that_never_closes() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = port_of(listener.local_addr().unwrap());
    let client = start("tcp_client", &["--port", &port, "--timeout", "0.5", "sentence"]);
    let (mut stream, _) = listener.accept().unwrap();
    // A server that goes on dripping must not stretch the time either.
    stream.set_nodelay(true).unwrap();
    while stream.write_all(b".").is_ok() {
        thread::park_timeout(Duration::from_millis(20));
    }
    let ended = client.ended().failed_with(&format!("cannot receive from 127.0.0.1:{port}: "));
    let sentence = " came, and no end of the stream within the timeout\n";
    assert!(ended.stderr.contains(sentence), "{ended:?}");
    ended.hints("the other side answers, but slowly");
}

#[test]
fn where_nobody_listens_each_client_says_which_server_to_start() {
    let port = free_tcp_port().to_string();
    run("tcp_client", &["--port", &port, "hello"])
        .failed_with(&format!("cannot connect to 127.0.0.1:{port}: Connection refused"))
        .hints("start tcp_server first");
    // The receipt server has that port of UDP; to a client of TCP, that is nobody.
    let (_server, address) = server("udp_receipt_server");
    run("tcp_client", &["--port", &port_of(address), "hello"])
        .failed_with(&format!("cannot connect to {address}: Connection refused"))
        .hints("listens on that TCP port: start tcp_server first");
    let silent = udp().local_addr().unwrap();
    run("udp_client", &["--port", &port_of(silent), "--timeout", "0.1", "hello"])
        .failed_with("cannot receive from")
        .hints("start udp_server or udp_receipt_server first");
}

#[test]
fn a_datagram_that_cannot_be_answered_does_not_cost_the_next_one_its_receipt() {
    if !needs(&["python3", "nsenter"]) {
        return;
    }
    let Some(server) = Private::network().start("udp_receipt_server", &[]) else { return };
    server.prints("127.0.0.1:12000");
    forge(&server, ("127.0.0.1", 0), 12000, &["nobody"]);
    server.warns("error: cannot send to 127.0.0.1:0: Invalid argument (EINVAL)");
    let client = run_beside(&server, "udp_client", &["hello"]).succeeded();
    assert!(client.stdout.ends_with("Message received.\n"), "{client:?}");
    let ended = server.ended().succeeded();
    assert_eq!(ended.stdout.matches("Server received: ").count(), 1, "one receipt: {ended:?}");
}

#[test]
fn errors_that_strangers_cause_are_one_line_a_second_with_a_count() {
    let (server, address) = server("tcp_server");
    let started = Instant::now();
    for _ in 0..300 {
        let stranger = connect(address);
        SockRef::from(&stranger).set_linger(Some(Duration::ZERO)).unwrap();
        drop(stranger); // RST
    }
    // The next one is served when all of them have been.
    run("tcp_client", &["--port", &port_of(address), "hello"]).succeeded();
    let ended = server.interrupt().succeeded();
    let (lines, errors) = complaints(&ended.stderr, "error: cannot receive from ");
    assert!(lines as u64 <= started.elapsed().as_secs() + 2, "{ended:?}");
    assert!((1..=300).contains(&errors), "{ended:?}");
    let served: u64 = ended.stdout.trim().rsplit(' ').next().unwrap().parse().unwrap();
    assert_eq!(errors + served, 301, "every client is served or counted: {ended:?}");
}

#[test]
fn the_tcp_client_takes_no_more_than_a_mebibyte() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = port_of(listener.local_addr().unwrap());
    let client = start("tcp_client", &["--port", &port, "sentence"]);
    let (mut stream, _) = listener.accept().unwrap();
    let mut sent = 0;
    while stream.write_all(&[b'x'; 65_536]).is_ok() {
        sent += 65_536;
        assert!(sent < 200 << 20, "the client takes all that is sent");
    }
    client.ended().failed_with(&format!("cannot receive from 127.0.0.1:{port}: the answer is"));
}

#[test]
fn a_sentence_that_tcp_cannot_carry_as_one_is_refused_before_it_is_sent() {
    let (_server, address) = server("tcp_server");
    let port = port_of(address);
    run("tcp_client", &["--port", &port, ""]).failed_with("nothing to send: TCP has no empty");
    let longest = "x".repeat(65_536);
    // Typed, because a command line of Windows has at most 32,767 characters.
    run_with_input("tcp_client", &["--port", &port], longest.as_bytes()).succeeded();
    run_with_input("tcp_client", &["--port", &port], format!("{longest}x").as_bytes())
        .failed_with("the sentence is longer than 65536 bytes");
}

#[test]
fn a_server_on_every_interface_says_so_and_is_reached_at_every_address() {
    for host in ["", "0.0.0.0"] {
        let server = start("udp_server", &["--port", "0", "--host", host]);
        let address = server.address();
        assert_eq!(address.ip(), Ipv4Addr::UNSPECIFIED);
        server.warns("reachable from the whole network");
        let client = udp();
        client.send_to(b"here", (Ipv4Addr::LOCALHOST, address.port())).unwrap();
        assert_eq!(client.recv(&mut [0; 10]).unwrap(), 4);
    }
    let (quiet, _) = server("udp_server");
    assert_eq!(quiet.warnings(), "", "loopback is no reason to warn");
}

#[test]
fn a_server_may_be_named_and_localhost_is_found() {
    let (_server, address) = server("tcp_server");
    let port = port_of(address);
    run("tcp_client", &["--host", "localhost", "--port", &port, "hello"]).succeeded();
}

#[test]
fn ctrl_c_ends_a_server_with_a_summary() {
    for (name, summary) in [("udp_server", "Datagrams answered"), ("tcp_server", "Clients served")]
    {
        let (server, address) = server(name);
        let client = name.replace("server", "client");
        for _ in 0..2 {
            run(&client, &["--port", &port_of(address), "x"]).succeeded();
        }
        let ended = server.interrupt().succeeded();
        // The second client had its answer perhaps a moment before it was counted.
        let said = |count| format!("\nStopped by Ctrl-C. {summary}: {count}\n");
        assert!([1, 2].into_iter().any(|count| ended.stdout.ends_with(&said(count))), "{ended:?}");
    }
    let (waiting, _) = server("udp_receipt_server");
    let ended = waiting.interrupt().succeeded();
    assert!(ended.stdout.ends_with("\nStopped by Ctrl-C. No receipt was sent.\n"), "{ended:?}");
}

#[test]
fn ctrl_c_ends_a_client_with_130_in_the_shell() {
    let silent = udp();
    let port = port_of(silent.local_addr().unwrap());
    let client = start("udp_client", &["--port", &port, "hello?"]);
    silent.recv_from(&mut [0; 10]).unwrap();
    client.interrupt().ended_by_ctrl_c();
}

#[test]
fn the_python_clients_of_the_source_are_answered() {
    if !needs(&["python3"]) {
        return;
    }
    let (_udp, address) = server("udp_server");
    let port = port_of(address);
    let client = run_command(python("lab2.py", &["udp_client", &port, "from python"])).succeeded();
    assert_eq!(client.stdout, format!("FROM PYTHON from ('127.0.0.1', {port})\n"));

    let (_tcp, address) = server("tcp_server");
    let client = ["tcp_client", &port_of(address), "from python"];
    let client = run_command(python("lab2.py", &client)).succeeded();
    assert_eq!(client.stdout, "From server: FROM PYTHON\n");

    let (receipts, address) = server("udp_receipt_server");
    let client = ["udp_client", &port_of(address), "from python"];
    let client = run_command(python("lab2.py", &client)).succeeded();
    assert!(client.stdout.starts_with("Message received. from "), "{client:?}");
    assert!(receipts.ended().succeeded().stdout.contains("Server received: from python\n"));
}

#[test]
fn the_python_servers_of_the_source_are_asked() {
    if !needs(&["python3"]) {
        return;
    }
    for (role, client, answer) in [
        ("udp_server", "udp_client", "FROM RUST"),
        ("udp_receipt_server", "udp_client", "Message received."),
        ("tcp_server", "tcp_client", "FROM RUST"),
    ] {
        let server = Running::start(python("lab2.py", &[role, "0"]));
        let port = port_of(server.address());
        let client = run(client, &["--port", &port, "from rust"]).succeeded();
        assert!(client.stdout.ends_with(&format!("\n{answer}\n")), "{client:?}");
    }
}

#[test]
fn netcat_of_the_system_is_answered() {
    if !needs(&["ncat"]) {
        return;
    }
    let (_server, address) = server("tcp_server");
    let mut ncat = std::process::Command::new("sh");
    let line = format!("printf 'by hand\\n' | ncat 127.0.0.1 {}", address.port());
    ncat.args(["-c", &line]);
    assert_eq!(run_command(ncat).succeeded().stdout, "BY HAND\n");
}

#[test]
fn a_closed_pipe_is_a_quiet_end() {
    let mut command = std::process::Command::new(program("udp_server"));
    command.args(["--port", "0"]);
    let mut server = Running::start_for_one_line(command);
    let address = server.address();
    // The server finds out at its next line that nobody reads any more.
    let (client, deadline) = (udp(), Instant::now() + PATIENCE);
    while server.is_alive() && Instant::now() < deadline {
        client.send_to(b"x", address).unwrap();
        thread::park_timeout(Duration::from_millis(5));
    }
    assert_eq!(server.ended().succeeded().stderr, "");
}

#[test]
fn wrong_usage_exits_2_and_names_the_value() {
    for (arguments, said) in [
        (["--port", "99999"], "99999 is not in 0..=65535"),
        (["--port", "http"], "'http' for '--port"),
        (["--port", "-1"], "-1"),
    ] {
        let ended = run("udp_server", &arguments);
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(ended.stderr.contains(said), "{ended:?}");
    }
    for (arguments, said) in [
        (["--port", "0"], "0 is not in 1..=65535"),
        (["--timeout", "soon"], "'soon' for '--timeout"),
        (["--timeout", "0"], "a time is 0.001 to 86400 seconds"),
    ] {
        let ended = run("udp_client", &arguments);
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(ended.stderr.contains(said), "{ended:?}");
    }
}
