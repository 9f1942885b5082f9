//! Errors that teach: each is provoked for real, and its sentence and hint are read.

#![allow(clippy::unwrap_used)] // in a test, a panic is the answer

mod common;

use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use common::*;
use socket2::{Domain, Socket, Type};

const EADDRINUSE: &str = "Address already in use (EADDRINUSE)";

#[test]
fn address_in_use_names_the_program_that_has_it() {
    for (name, has) in [("tcp_server", "is listening on"), ("udp_server", "has")] {
        let first = start(name, &["--port", "0"]);
        let address = first.address();
        let second = run(name, &["--port", &port_of(address)])
            .failed_with(&format!("cannot bind {address}: {EADDRINUSE}\n"));
        if cfg!(target_os = "linux") {
            let who = format!("{name} (process {}) {has} {address}: end it, or", first.pid());
            second.hints(&who);
        }
    }
}

#[test]
fn a_tcp_server_and_a_udp_server_may_have_the_same_port() {
    let tcp = start("tcp_server", &["--port", "0"]);
    let port = port_of(tcp.address());
    let udp = start("udp_server", &["--port", &port]);
    udp.prints("The server is ready to receive");
}

#[test]
#[cfg_attr(windows, ignore = "Windows lets a port in TIME_WAIT be bound again")]
fn address_in_use_by_an_old_connection_speaks_of_time_wait() {
    let server = start("tcp_server", &["--port", "0"]);
    let address = server.address();
    // The server closes first, so the TIME_WAIT is on its side; and it sets no SO_REUSEADDR.
    run("tcp_client", &["--port", &port_of(address), "bye"]).succeeded();
    drop(server);
    let again = run("tcp_server", &["--port", &port_of(address)]);
    let again = again.failed_with(&format!("cannot bind {address}: {EADDRINUSE}\n"));
    if cfg!(target_os = "linux") {
        again.hints("TIME_WAIT: wait a minute, or set SO_REUSEADDR before bind()");
    }
}

#[test]
fn connection_refused() {
    let port = free_tcp_port().to_string();
    run("tcp_client", &["--port", &port, "hello"])
        .failed_with(&format!(
            "cannot connect to 127.0.0.1:{port}: Connection refused (ECONNREFUSED)\n"
        ))
        .hints("start tcp_server first");
}

#[test]
fn unknown_host() {
    let config = "hosts: files\n";
    let asked = ["--host", "no-such-host", "hello"];
    let machine = Private::with_files(&[("/etc/nsswitch.conf", config)]);
    let Some(ended) = machine.run("tcp_client", &asked) else { return };
    ended
        .failed_with("cannot resolve no-such-host: Name or service not known (EAI_NONAME)\n")
        .hints("check the spelling");
}

#[test]
fn no_network() {
    let asked = ["--host", "a-name.example", "hello"];
    let Some(ended) = Private::network().run("tcp_client", &asked) else { return };
    ended.failed_with("cannot resolve a-name.example: ").hints("online?");

    let asked = ["--host", "192.0.2.1", "hello"];
    for name in ["tcp_client", "udp_client"] {
        let Some(ended) = Private::network().run(name, &asked) else { return };
        let verb = if name == "tcp_client" { "connect" } else { "send" };
        ended
            .failed_with(&format!(
                "cannot {verb} to 192.0.2.1:12000: Network is unreachable (ENETUNREACH)\n"
            ))
            .hints("is it online?");
    }
}

#[test]
fn host_unreachable() {
    let asked = ["--host", "192.0.2.1", "hello"];
    let machine = Private::network().after("ip route add unreachable 192.0.2.0/24");
    let Some(ended) = machine.run("tcp_client", &asked) else { return };
    ended
        .failed_with("cannot connect to 192.0.2.1:12000: No route to host (EHOSTUNREACH)\n")
        .hints("is it switched on");
}

#[test]
fn a_connection_that_nobody_answers_ends_with_the_timeout() {
    // A listener with room for one, which nobody accepts: the next SYN is dropped in silence.
    let listener = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    listener.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    listener.listen(0).unwrap();
    let address = listener.local_addr().unwrap().as_socket().unwrap();
    let mut queue = vec![];
    while let Ok(client) = TcpStream::connect_timeout(&address, Duration::from_millis(300)) {
        queue.push(client);
        assert!(queue.len() < 300, "the backlog has no end");
    }
    run("tcp_client", &["--port", &port_of(address), "--timeout", "0.3", "hello"])
        .failed_with(&format!("cannot connect to {address}: Timed out (ETIMEDOUT)\n"))
        .hints("is a firewall dropping packets?");
}

#[test]
fn an_answer_that_does_not_come_is_a_timeout() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = port_of(silent.local_addr().unwrap());
    run("tcp_client", &["--port", &port, "--timeout", "0.2", "hello"])
        .failed_with(&format!("cannot receive from 127.0.0.1:{port}: "))
        .hints("--timeout waits longer");
}

#[test]
fn permission_denied_below_1024() {
    if !cfg!(target_os = "linux") || !needs(&["unshare"]) {
        return;
    }
    let lowest = fs::read_to_string("/proc/sys/net/ipv4/ip_unprivileged_port_start");
    if lowest.is_ok_and(|port| port.trim() == "0") {
        skip::<()>("this machine lets everyone bind every port");
        return;
    }
    // In a user namespace alone, even root has no rights over the network outside.
    let mut server = Command::new("unshare");
    server.arg("--user").arg(program("tcp_server")).args(["--port", "80"]);
    let ended = run_command(server);
    if ended.stderr.contains("unshare") {
        skip::<()>("user namespaces are not allowed here");
        return;
    }
    ended
        .failed_with("cannot bind 127.0.0.1:80: Permission denied (EACCES)\n")
        .hints("choose a port from 1024 up");
}

#[test]
#[cfg(unix)]
fn permission_denied_for_a_file_says_nothing_of_ports() {
    let server = start("http_server", &["--port", "0"]);
    let url = format!("http://{}/", server.address());
    // A folder of /proc takes no new file, not even root's.
    let ended = run("http_get", &[&url, "--output", "/proc/self/no-such-file"]);
    let ended = ended.failed_with("cannot create /proc/self/no-such-file: ");
    assert!(!ended.stderr.contains("1024"), "{ended:?}");
}

#[test]
fn address_not_available() {
    for name in ["server_01_bind", "udp_server"] {
        let ended = run(name, &["--host", "192.0.2.1", "--port", "0"]);
        let sentence = "cannot bind 192.0.2.1:0: Cannot assign requested address (EADDRNOTAVAIL)\n";
        ended.failed_with(sentence);
    }
}

#[test]
fn message_too_long() {
    let port = udp().local_addr().unwrap().port().to_string();
    run_with_input("udp_client", &["--port", &port], &[b'x'; 65_508])
        .failed_with(&format!("cannot send to 127.0.0.1:{port}: Message too long (EMSGSIZE)\n"))
        .hints("at most 65,507 bytes");
    // One byte less is the largest datagram there is.
    let receiver = udp();
    let port = port_of(receiver.local_addr().unwrap());
    let mut client = Command::new(program("udp_client"));
    client.args(["--port", &port]).stdin(Stdio::piped());
    let mut client = Running::start(client);
    client.stdin().write_all(&[b'x'; 65_507]).unwrap();
    let mut buffer = vec![0; 65_536];
    let (length, from) = receiver.recv_from(&mut buffer).unwrap();
    assert_eq!(length, 65_507);
    receiver.send_to(b"got it", from).unwrap();
    client.ended().succeeded();
}

#[test]
fn connection_reset() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = port_of(listener.local_addr().unwrap());
    let client = start("tcp_client", &["--port", &port, "hello"]);
    let (mut stream, _) = listener.accept().unwrap();
    stream.read_exact(&mut [0; 2]).unwrap();
    drop(stream); // with input unread, close() sends RST and not FIN
    client
        .ended()
        .failed_with(&format!(
            "cannot receive from 127.0.0.1:{port}: Connection reset by peer (ECONNRESET)\n"
        ))
        .hints("RST in place of FIN");
}

#[test]
#[cfg_attr(windows, ignore = "Windows has no SIGSTOP")]
fn broken_pipe() {
    let server = start("server_05_threads", &["--port", "0"]);
    let address = server.address();
    server.prints("Socket now listening");
    // While the server stands still, a client sends a lot and leaves. Then the server's welcome
    // meets nobody (RST), and its first answer is a write after that: EPIPE.
    server.signal("STOP");
    let mut client = connect(address);
    client.write_all(&[b'x'; 3_000]).unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    drop(client);
    server.signal("CONT");
    let said = server.warns("error: cannot send to 127.0.0.1:");
    assert!(said.ends_with("Broken pipe (EPIPE)\n"), "{said}");
    server.warns("hint: the other side has closed");
}

#[test]
fn too_many_open_files() {
    if !needs(&["prlimit"]) {
        return;
    }
    let mut client = Command::new(program("tcp_client"));
    client.stdin(Stdio::piped());
    let mut client = Running::start(client);
    eventually("the client asks", || client.warnings().contains("Input lowercase sentence: "));
    // Standard input, output and error are three: from now on there is room for no other.
    let mut limit = Command::new("prlimit");
    limit.args(["--nofile=3", "--pid", &client.pid().to_string()]);
    run_command(limit).succeeded();
    client.stdin().write_all(b"hello\n").unwrap();
    client
        .ended()
        .failed_with("cannot create a TCP socket: Too many open files (EMFILE)\n")
        .hints("ulimit -n");
}

#[test]
fn an_error_has_no_debug_form_and_no_backtrace_whatever_the_environment_says() {
    for value in ["0", "1", "full"] {
        let mut server = Command::new(program("tcp_server"));
        server.args(["--host", "192.0.2.1"]).env("RUST_BACKTRACE", value);
        let ended = run_command(server).failed_with("cannot bind");
        assert_eq!(ended.stderr.lines().filter(|line| !line.starts_with("note: ")).count(), 2);
    }
}

#[test]
fn what_is_quoted_in_an_error_cannot_drive_the_terminal() {
    let ended = run("tcp_client", &["--host", "\u{1b}[31mred", "hello"]);
    let ended = ended.failed_with("cannot resolve \\x1b[31mred: ");
    assert!(!ended.stderr.contains('\u{1b}'));
}

#[test]
fn a_silent_name_server_does_not_outlast_the_timeout() {
    if !needs(&["python3"]) {
        return;
    }
    let asked = ["--host", "a-name.example", "--timeout", "0.5", "hello"];
    for name in ["tcp_client", "udp_client", "echo_client", "udp_echo_client"] {
        let started = Instant::now();
        let machine = Private::network().with_silent_name_server();
        let Some(ended) = machine.run(name, &asked) else { return };
        ended
            .failed_with("cannot resolve a-name.example: Timed out (ETIMEDOUT)\n")
            .hints("the name server is silent");
        // The system's resolver alone would wait for two minutes.
        assert!(started.elapsed() < Duration::from_secs(60));
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_client_that_was_stopped_for_a_while_goes_on_waiting() {
    // On Linux, SIGSTOP and SIGCONT end a recv() that has a timeout with EINTR (signal(7)).
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let socket = udp();
    for name in ["tcp_client", "echo_client", "udp_client", "udp_echo_client"] {
        let udp = name.starts_with("udp");
        let address = if udp { socket.local_addr() } else { listener.local_addr() };
        let port = port_of(address.unwrap());
        let client = start(name, &["--port", &port, "--timeout", "60", "hello"]);
        let mut buffer = [0; 5];
        let answer: Box<dyn FnOnce()> = if udp {
            let (_, client) = socket.recv_from(&mut buffer).unwrap();
            let socket = socket.try_clone().unwrap();
            Box::new(move || assert_eq!(socket.send_to(b"HELLO", client).unwrap(), 5))
        } else {
            let (mut stream, _) = listener.accept().unwrap();
            stream.read_exact(&mut buffer).unwrap();
            Box::new(move || stream.write_all(b"HELLO").unwrap())
        };
        let state = || fs::read_to_string(format!("/proc/{}/stat", client.pid())).unwrap();
        eventually("the client waits in recv()", || state().contains(") S "));
        client.signal("STOP");
        eventually("the client has stopped", || state().contains(") T "));
        client.signal("CONT");
        answer();
        let ended = client.ended().succeeded();
        assert!(ended.stdout.contains("HELLO"), "{ended:?}");
    }
}
