//! Lab 4: HTTP by hand, the finished client, and the practice web server.

#![allow(clippy::unwrap_used)] // in a test, a panic is the answer

mod common;

use std::env;
use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant, UNIX_EPOCH};

use common::web::*;
use common::*;
use socket2::{Domain, SockRef, Socket, Type};

// ---------------------------------------------------------------- what the tests share

fn reset(client: TcpStream) {
    SockRef::from(&client).set_linger(Some(Duration::ZERO)).unwrap();
}

/// Runs one of the stages against a server.
fn stage(name: &str, server: SocketAddr, more: &[&str]) -> Ended {
    let port = server.port().to_string();
    run(name, &[&["127.0.0.1", "--port", &port], more, in_peace(more)].concat())
}

#[track_caller]
fn uses_little_memory(program: &Running) {
    if let Some(memory) = resident_kib(program.pid()) {
        assert!(memory < 32 * 1024, "{memory} KiB");
    }
}

/// Whether the program at the other end has read all that was sent, as far as the system tells.
fn has_read_all(client: &TcpStream) -> bool {
    let SocketAddr::V4(peer) = client.peer_addr().unwrap() else { return true };
    let Ok(table) = fs::read_to_string("/proc/net/tcp") else { return true };
    let ip = u32::from_ne_bytes(peer.ip().octets());
    let row = table.lines().find(|row| row.contains(&format!(": {ip:08X}:{:04X} ", peer.port())));
    row.is_none_or(|row| row.split_whitespace().nth(4).unwrap().ends_with(":00000000"))
}

// ---------------------------------------------------------------- the five stages

#[test]
fn stage_1_creates_a_socket_and_asks_nobody() {
    let ended = run("http_01_socket", &[]).succeeded();
    assert_eq!((&ended.stdout[..], &ended.stderr[..]), ("Socket created\n", ""));
}

#[test]
fn stage_2_finds_the_ipv4_address_of_a_name() {
    let ended = run("http_02_resolve", &["localhost"]).succeeded();
    let expected = "Socket created\nIP address of localhost is 127.0.0.1\n";
    assert_eq!((&ended.stdout[..], &ended.stderr[..]), (expected, ""));

    let hosts = "203.0.113.9 web.example\n203.0.113.10 web.example\n";
    let files = [("/etc/hosts", hosts)];
    let Some(client) = Private::with_files(&files).program("http_02_resolve", &["web.example"])
    else {
        return;
    };
    let ended = run_command(client).succeeded();
    assert_eq!(ended.stdout, "Socket created\nIP address of web.example is 203.0.113.9\n");
}

#[test]
fn stage_2_refuses_what_has_no_ipv4_address() {
    for name in ["no-such-name.invalid", "::1", "", "two words", "x\u{1b}[2J"] {
        let ended = run("http_02_resolve", &[name]);
        assert!(!ended.stdout.contains("IP address"), "{ended:?}");
        assert!(!ended.stderr.contains('\u{1b}'), "{ended:?}");
        ended.failed_with("cannot resolve ");
    }
}

#[test]
fn a_silent_name_server_does_not_hold_a_stage_longer_than_its_timeout() {
    for (name, more) in [("http_02_resolve", "web.example"), ("http_05_receive", "web.example")] {
        let args = [more, "--timeout", "0.3"];
        let Some(client) = Private::network().with_silent_name_server().program(name, &args) else {
            return;
        };
        let begin = Instant::now();
        run_command(client).failed_with("cannot resolve web.example: Timed out (ETIMEDOUT)");
        assert!(begin.elapsed() < Duration::from_secs(20), "glibc alone would wait 2 minutes");
    }
    let args = ["--timeout", "1"];
    let Some(client) =
        Private::network().with_silent_name_server().program("http_03_connect", &args)
    else {
        return;
    };
    let ended = run_command(client).succeeded();
    assert!(ended.stdout.ends_with("on ip 127.0.0.1 (practice server)\n"), "{ended:?}");
}

#[test]
fn stage_3_connects() {
    let (tell, told) = mpsc::channel();
    let server = scripted(move |mut client| {
        let mut all = Vec::new();
        client.read_to_end(&mut all).unwrap();
        tell.send(all).unwrap();
    });
    let ended = stage("http_03_connect", server, &[]).succeeded();
    let expected = "Socket created\nIP address of 127.0.0.1 is 127.0.0.1\n\
                    Socket connected to 127.0.0.1 on ip 127.0.0.1\n";
    assert_eq!((&ended.stdout[..], &ended.stderr[..]), (expected, ""));
    assert_eq!(told.recv_timeout(PATIENCE).unwrap(), b"", "and nothing is sent");
}

#[test]
fn where_nobody_listens_every_stage_says_so() {
    let listener = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    listener.bind(&"127.0.0.1:0".parse::<SocketAddr>().unwrap().into()).unwrap(); // no listen()
    let server = listener.local_addr().unwrap().as_socket().unwrap();
    for name in ["http_03_connect", "http_04_send", "http_05_receive"] {
        let refused = format!("cannot connect to {server}: Connection refused (ECONNREFUSED)");
        stage(name, server, &[]).failed_with(&refused).hints("start the server first");
    }
    get(server, "/", &[]).failed_with(&format!("cannot connect to {server}: Connection refused"));
}

#[test]
fn a_server_that_lets_nobody_in_is_waited_for_no_longer_than_the_timeout() {
    if !cfg!(target_os = "linux") {
        return; // elsewhere a full backlog refuses
    }
    let listener = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    listener.bind(&"127.0.0.1:0".parse::<SocketAddr>().unwrap().into()).unwrap();
    listener.listen(0).unwrap();
    let server = listener.local_addr().unwrap().as_socket().unwrap();
    let _guest = connect(server); // listen(0) lets one in, and the next has to wait
    let failure = format!("cannot connect to {server}: Timed out (ETIMEDOUT)");
    stage("http_03_connect", server, &["--timeout", "2"]).failed_with(&failure);
    get(server, "/", &["--timeout", "1"]).failed_with(&failure);
}

#[test]
fn stage_4_sends_exactly_one_correct_request() {
    let (tell, told) = mpsc::channel();
    let server = scripted(move |mut client| {
        let mut all = Vec::new();
        let _ = client.read_to_end(&mut all);
        tell.send(all).unwrap();
    });
    let ended = stage("http_04_send", server, &[]).succeeded();
    let request = format!("GET / HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\n\r\n");
    assert_eq!(String::from_utf8(told.recv_timeout(PATIENCE).unwrap()).unwrap(), request);
    let expected = format!(
        "Socket created\nIP address of 127.0.0.1 is 127.0.0.1\n\
         Socket connected to 127.0.0.1 on ip 127.0.0.1\nMessage sent successfully\n\
         GET / HTTP/1.1\\r\\n\nHost: {server}\\r\\n\nConnection: close\\r\\n\n\\r\\n\n"
    );
    assert_eq!((&ended.stdout[..], &ended.stderr[..]), (&expected[..], ""));
}

/// A response with every byte value in its body, NUL first.
fn every_byte() -> Vec<u8> {
    let body: Vec<u8> = (0..=255).collect();
    [&b"HTTP/1.1 200 OK\r\nContent-Length: 256\r\n\r\n"[..], &body].concat()
}

#[test]
fn stage_5_puts_the_response_out_byte_by_byte_as_it_came() {
    let ended = stage("http_05_receive", answering(every_byte()), &[]).succeeded();
    assert_eq!(ended.bytes, every_byte());
    let sizes: Vec<usize> = sizes_told(&ended.stderr);
    assert_eq!(sizes.iter().sum::<usize>(), every_byte().len(), "{ended:?}");
    for line in ["Socket created", "Socket connected to", "Message sent", "GET / HTTP/1.1\\r\\n"] {
        assert!(ended.stderr.contains(line), "{ended:?}");
    }
    let large = [b"HTTP/1.1 200 OK\r\n\r\n", &pattern(3_000_000)[..]].concat();
    let ended = stage("http_05_receive", answering(large.clone()), &[]).succeeded();
    assert!(ended.bytes == large, "3 MB are not the same");
}

fn sizes_told(stderr: &str) -> Vec<usize> {
    // The last line may still be on its way.
    let lines = stderr.split_inclusive('\n').filter(|line| line.ends_with('\n'));
    let told = lines.filter_map(|line| line.strip_prefix("Received "));
    told.map(|rest| rest.split(' ').next().unwrap().parse().unwrap()).collect()
}

#[test]
fn stage_5_receives_until_the_end_whatever_the_pieces_are() {
    let whole = every_byte();
    // In the status line, in the middle of the header end, and in the body.
    let pieces: Vec<Vec<u8>> =
        [0..3, 3..38, 38..39, 39..40, 40..whole.len()].map(|range| whole[range].to_vec()).into();
    assert!(pieces[1].ends_with(b"\r\n") && pieces[2] == b"\r" && pieces[3] == b"\n");
    let expected: Vec<usize> = pieces.iter().map(Vec::len).collect();
    let (go_on, next) = mpsc::channel::<Vec<u8>>();
    let next = std::sync::Mutex::new(next);
    let server = scripted(move |mut client| {
        request_of(&client);
        next.lock().unwrap().iter().for_each(|piece| client.write_all(&piece).unwrap());
    });
    let client = start(
        "http_05_receive",
        &["127.0.0.1", "--port", &server.port().to_string(), "--timeout", "50"],
    );
    for (i, piece) in pieces.into_iter().enumerate() {
        go_on.send(piece).unwrap();
        eventually("the piece was received", || sizes_told(&client.warnings()).len() == i + 1);
    }
    drop(go_on);
    let ended = client.ended().succeeded();
    assert_eq!(ended.bytes, whole);
    assert_eq!(sizes_told(&ended.stderr), expected);
}

#[test]
fn stage_5_says_what_was_wrong_with_the_server() {
    let silent = scripted(|client| drop(thread::spawn(move || request_of_all(client))));
    let timeout = format!("cannot receive from {silent}: ");
    stage("http_05_receive", silent, &["--timeout", "2"]).failed_with(&timeout).hints("");

    let rude = scripted(|client| {
        request_of(&client);
        reset(client);
    });
    let failure = format!("cannot receive from {rude}: Connection reset by peer (ECONNRESET)");
    stage("http_05_receive", rude, &[]).failed_with(&failure);

    let nothing = answering("");
    let failure = format!("cannot understand {nothing}: the other side closed and sent nothing");
    stage("http_05_receive", nothing, &[]).failed_with(&failure).hints("plain http");

    let tls_alert = answering(b"\x15\x03\x01\x00\x02\x02\x46");
    let failure = format!("cannot understand {tls_alert}: it is not HTTP");
    stage("http_05_receive", tls_alert, &[]).failed_with(&failure).hints("plain http");
}

#[test]
fn stage_5_ends_at_its_deadline_however_slowly_a_server_drips() {
    let server = scripted(|mut client| {
        while client.write_all(b"HTTP/1.1 200 OK\r\n").is_ok() {
            thread::park_timeout(Duration::from_millis(20));
        }
    });
    let ended = stage("http_05_receive", server, &["--timeout", "2"]);
    assert!(ended.stdout.starts_with("HTTP/1.1 200 OK\r\n"), "what came is shown: {ended:?}");
    ended.failed_with(&format!("cannot receive from {server}: ")).hints("answers, but slowly");
}

#[test]
fn a_closed_pipe_is_a_quiet_end() {
    let server = answering([b"HTTP/1.1 200 OK\r\n\r\n", &pattern(5_000_000)[..]].concat());
    let url = format!("http://{server}/");
    let port = server.port().to_string();
    for args in [&["http_05_receive", "127.0.0.1", "--port", &port][..], &["http_get", "-i", &url]]
    {
        let mut command = Command::new(program(args[0]));
        command.args(&args[1..]).stdin(Stdio::null());
        let ended = Running::start_for_one_line(command).ended().succeeded();
        assert!(ended.stdout.starts_with("HTTP/1.1 200 OK\r\n"), "{ended:?}");
        assert!(ended.bytes.len() < 1_000_000, "all of it was read");
        assert!(!ended.stderr.contains("error"), "{ended:?}");
        assert!(!ended.stderr.contains("panicked"), "{ended:?}");
    }
}

#[test]
fn without_a_network_the_practice_server_is_marked_in_every_row() {
    let rows = "Socket created\nSocket created (practice server)\n\
                IP address of www.google.com is 127.0.0.1 (practice server)\n";
    let Some(client) = Private::network().program("http_02_resolve", &[]) else { return };
    let ended = run_command(client).succeeded();
    assert_eq!(ended.stdout, rows);
    assert_eq!(ended.stderr.lines().count(), 1, "{ended:?}");
    assert!(ended.stderr.starts_with("note: www.google.com is out of reach ("), "{ended:?}");

    let client = Private::network().program("http_04_send", &[]).unwrap();
    let ended = run_command(client).succeeded();
    let more = "Socket connected to www.google.com on ip 127.0.0.1 (practice server)\n\
                Message sent successfully (practice server)\n\
                GET / HTTP/1.1\\r\\n\nHost: www.google.com\\r\\n\nConnection: close\\r\\n\n\\r\\n\n";
    assert_eq!(ended.stdout, format!("{rows}{more}"));

    let client = Private::network().program("http_05_receive", &[]).unwrap();
    let ended = run_command(client).succeeded();
    assert!(ended.bytes.starts_with(b"HTTP/1.1 200 OK\r\n"), "{ended:?}");
    assert!(ended.bytes.ends_with(b"</html>\n") && !ended.bytes.contains(&0), "{ended:?}");
    assert!(!ended.stdout.contains("(practice server)"), "the body is left as it is: {ended:?}");
    assert!(ended.stderr.contains(" bytes (practice server)\n"), "{ended:?}");

    let client = Private::network().program("http_get", &["-v"]).unwrap();
    let ended = run_command(client).succeeded();
    assert!(ended.stdout.starts_with("<!DOCTYPE html>"), "{ended:?}");
    for line in ["> Host: www.google.com\n", "< HTTP/1.1 200 OK\n", " bytes (practice server)\n"] {
        assert!(ended.stderr.contains(line), "{ended:?}");
    }
}

#[test]
fn without_a_network_a_named_server_and_online_are_errors() {
    for (name, named) in [
        ("http_02_resolve", "www.google.com"),
        ("http_03_connect", "www.google.com"),
        ("http_04_send", "www.google.com"),
        ("http_05_receive", "www.google.com"),
        ("http_get", "http://www.google.com/"),
    ] {
        for argument in [named, "--online"] {
            let Some(client) = Private::network().program(name, &[argument]) else { return };
            let ended = run_command(client);
            assert!(!ended.stderr.contains("practice"), "{ended:?}");
            ended.failed_with("cannot resolve www.google.com: ");
        }
    }
}

#[test]
fn wrong_usage_exits_2_and_names_the_value() {
    for (name, args, part) in [
        ("http_01_socket", &["extra"][..], "extra"),
        ("http_03_connect", &["--port", "99999"], "99999"),
        ("http_04_send", &["--port", "0"], "0"),
        ("http_05_receive", &["--timeout", "never"], "never"),
        ("http_get", &["--timeout", "-1"], "-1"),
        ("http_get", &["https://example.com/"], "plain http only"),
        ("http_get", &["ftp://example.com/"], "http only"),
        ("http_get", &["http://me:secret@example.com/"], "user name"),
        ("http_get", &["http://example.com:0/"], "1 to 65535"),
        ("http_get", &["http://example.com/\r\nX-Evil: 1"], "control characters"),
        ("http_get", &["-4", "-6", "http://example.com/"], "-6"),
        ("http_server", &["--port", "99999"], "99999"),
        ("http_server", &["--max-clients", "0"], "0"),
    ] {
        let ended = run(name, args);
        assert_eq!(ended.code, Some(2), "{name} {args:?}: {ended:?}");
        assert!(ended.stderr.contains(part), "{name} {args:?}: {ended:?}");
    }
}

#[test]
fn help_shows_an_example_and_version_works() {
    for name in [
        "http_01_socket",
        "http_02_resolve",
        "http_03_connect",
        "http_04_send",
        "http_05_receive",
        "http_get",
        "http_server",
    ] {
        let help = run(name, &["--help"]).succeeded().stdout;
        assert!(help.contains(&format!("Example: {name}")), "{help}");
        let version = run(name, &["--version"]).succeeded().stdout;
        assert!(version.contains(env!("CARGO_PKG_VERSION")), "{version}");
    }
}

// ---------------------------------------------------------------- http_get

/// A server in Python whose pages end in each of the three ways.
fn python_server() -> Option<(Running, SocketAddr)> {
    if !needs(&["python3"]) {
        return None;
    }
    let server = Running::start(python("lab4.py", &[]));
    let address = server.address();
    Some((server, address))
}

#[test]
fn a_body_of_any_length_is_whole_whichever_way_it_ends() {
    let Some((_server, address)) = python_server() else { return };
    for way in ["length", "chunked", "close"] {
        for length in [0, 1, 999, 1_000, 65_536, 1_000_003] {
            let ended = get(address, &format!("/{way}/{length}"), &[]).succeeded();
            assert!(ended.bytes == pattern(length), "{way} {length}");
            assert_eq!(ended.stderr, "");
        }
    }
}

#[test]
fn a_file_of_pythons_http_server_is_got_byte_by_byte() {
    if !needs(&["python3"]) {
        return;
    }
    let folder = Folder::new();
    folder.write("a file.bin", pattern(300_000));
    let mut python = Command::new("python3");
    python.args(["-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory"]);
    let server = Running::start({
        python.arg(&folder.0);
        python
    });
    let line = server.prints("Serving HTTP on 127.0.0.1 port ");
    let port: u16 = line.split(' ').nth(5).unwrap().parse().unwrap();
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let ended = get(address, "/a file.bin", &["-v"]).succeeded();
    assert!(ended.bytes == pattern(300_000));
    assert!(ended.stderr.contains("< HTTP/1.0 200 OK\n"), "{ended:?}");
    assert!(ended.stderr.contains("< Server: SimpleHTTP/"), "{ended:?}");
    get(address, "/nothing", &["--fail"]).failed_with("cannot get ");
}

/// A real nginx that serves a folder.
fn nginx(folder: &Folder) -> Option<(Running, SocketAddr)> {
    if !needs(&["nginx"]) {
        return None;
    }
    folder.write("www/token", folder.0.display().to_string());
    for _ in 0..10 {
        let port = free_tcp_port();
        let temp = folder.path("temp");
        let temp_paths: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {};", temp.join(kind).display()))
            .concat();
        fs::create_dir_all(&temp).unwrap();
        let (pid, www) = (folder.path("pid"), folder.path("www"));
        // Root stays root: in a user namespace nginx could not become anybody else.
        let user = if cfg!(target_os = "linux") { "user root root; " } else { "" };
        let config = format!(
            "{user}daemon off; master_process off; pid {}; error_log stderr;\n\
             events {{ }}\n\
             http {{ access_log off; {temp_paths}\n\
             server {{ listen 127.0.0.1:{port}; root {}; }} }}\n",
            pid.display(),
            www.display()
        );
        folder.write("nginx.conf", config);
        let mut command = Command::new("nginx");
        let path = env::var("PATH").unwrap_or_default();
        command.env("PATH", format!("{path}:/usr/sbin:/sbin")).arg("-p").arg(&folder.0);
        command.arg("-c").arg(folder.path("nginx.conf"));
        let mut server = Running::start(command);
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let deadline = Instant::now() + PATIENCE;
        while server.is_alive() && Instant::now() < deadline {
            // Somebody else may have taken the port meanwhile: only ours has this token.
            if get(address, "/token", &[]).stdout == folder.0.display().to_string() {
                return Some((server, address));
            }
            thread::park_timeout(Duration::from_millis(10));
        }
    }
    panic!("nginx does not start");
}

#[test]
fn a_file_of_nginx_is_got_byte_by_byte() {
    let folder = Folder::new();
    folder.write("www/file.bin", pattern(2_000_000));
    folder.write("www/sub/index.html", "in the folder\n");
    let Some((_nginx, address)) = nginx(&folder) else { return };
    assert!(get(address, "/file.bin", &[]).succeeded().bytes == pattern(2_000_000));
    let ended = get(address, "/sub", &["-v", "--location"]).succeeded();
    assert_eq!(ended.stdout, "in the folder\n");
    assert!(ended.stderr.contains("< HTTP/1.1 301 Moved Permanently\n"), "{ended:?}");
    let url = format!("http://{address}/nope");
    let failure = format!("cannot get {url}: the server answered 404 Not Found");
    run("http_get", &["--fail", &url]).failed_with(&failure);
}

#[test]
fn the_request_is_exactly_this() {
    let (tell, told) = mpsc::channel();
    let server = scripted(move |mut client| {
        tell.send(request_of(&client)).unwrap();
        let _ = client.write_all(b"HTTP/1.1 204 No Content\r\n\r\n");
    });
    get(server, "/a b?c=ñ#d", &[]).succeeded();
    let version = env!("CARGO_PKG_VERSION");
    let request = format!(
        "GET /a%20b?c=%C3%B1 HTTP/1.1\r\nHost: {server}\r\nUser-Agent: socket-labs/{version}\r\n\
         Accept: */*\r\nConnection: close\r\n\r\n"
    );
    assert_eq!(told.recv_timeout(PATIENCE).unwrap(), request);
}

#[test]
fn a_response_that_comes_byte_by_byte_is_the_same_response() {
    let wire =
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
                 5;x=y\r\nhello\r\nA\r\n, my world\r\n0\r\nA: b\r\n\r\n";
    let server = scripted(move |mut client| {
        request_of(&client);
        for byte in wire {
            client.write_all(&[*byte]).unwrap();
            eventually("the client has read it", || has_read_all(&client));
        }
        request_of_all(client); // it stays open: the last chunk says the end
    });
    let ended = get(server, "/", &["-v", "--timeout", "60"]).succeeded();
    assert_eq!(ended.stdout, "hello, my world");
    for line in ["< HTTP/1.1 100 Continue\n", "< HTTP/1.1 200 OK\n"] {
        assert!(ended.stderr.contains(line), "{ended:?}");
    }
}

#[test]
fn the_end_of_a_body_is_known_while_the_connection_stays_open() {
    for (wire, body) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello, and more", "hello"),
        ("HTTP/1.1 200 OK\r\ncontent-length: 5, 5\r\n\r\nhello", "hello"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", ""),
        ("HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n", ""),
        ("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", ""),
        ("HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\nContent-Length: 9\r\n\r\n0\r\n\r\n", ""),
    ] {
        let server = scripted(move |mut client| {
            request_of(&client);
            client.write_all(wire.as_bytes()).unwrap();
            request_of_all(client);
        });
        assert_eq!(get(server, "/", &["--timeout", "60"]).succeeded().stdout, body, "{wire}");
    }
}

#[test]
fn a_body_that_is_cut_short_is_an_error_that_counts_the_missing_bytes() {
    let short = answering("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello!!");
    let ended = get(short, "/", &[]);
    assert_eq!(ended.stdout, "hello!!");
    ended.failed_with(&format!(
        "cannot understand the answer of {short}: the body was cut short, 3 bytes are missing"
    ));
    let chunked = answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
    let ended = get(chunked, "/", &[]);
    assert_eq!(ended.stdout, "hello");
    ended.failed_with(&format!("cannot understand the answer of {chunked}: it was cut short"));
    let head = answering("HTTP/1.1 200 OK\r\nContent-Le");
    get(head, "/", &[])
        .failed_with(&format!("cannot understand the answer of {head}: it was cut short"));
    let reset_in_the_body = scripted(|mut client| {
        request_of(&client);
        client.write_all(b"HTTP/1.1 200 OK\r\n\r\nhello").unwrap();
        eventually("the client has read it", || has_read_all(&client));
        reset(client);
    });
    get(reset_in_the_body, "/", &[]).failed_with(&format!(
        "cannot receive from {reset_in_the_body}: Connection reset by peer (ECONNRESET)"
    ));
}

#[test]
fn what_cannot_be_understood_is_refused_with_its_reason() {
    let large = format!("HTTP/1.1 200 OK\r\nA: {}", "x".repeat(700_000));
    let many = format!("HTTP/1.1 200 OK\r\n{}", "A: b\r\n".repeat(120_000));
    let interim = "HTTP/1.1 100 Continue\r\n\r\n".repeat(200);
    let chunked = |chunk| format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunk}");
    for (wire, reason) in [
        ("", "the other side closed and sent nothing"),
        ("\u{15}\u{3}\u{1}", "it is not HTTP"),
        ("SSH-2.0-OpenSSH_9.2\r\n", "it is not HTTP"),
        ("HTTP/2.0 200 OK\r\n\r\n", "it is not HTTP version 1"),
        ("HTTP/1.1 two hundred\r\n\r\n", "it is not HTTP"),
        ("HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "a header line is not NAME: VALUE"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", "not a number"),
        ("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", "not a number"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", "not a number"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "is not chunked"),
        ("HTTP/1.1 200 OK\r\nContent-Length : 5\r\n\r\n", "a space or a control character"),
        (&chunked("hello"), "chunked body is broken"),
        (&chunked("fffffffffffffffff\r\n"), "chunked body is broken"),
        (&chunked("5 garbage\r\nhello\r\n0\r\n\r\n"), "chunked body is broken"),
        (&chunked("0 A\r\n\r\n"), "chunked body is broken"),
        (&large, "the head is longer than 307200 bytes"),
        (&many, "the head is longer than 307200 bytes"),
        (&interim, "keeps saying that the answer is still to come"),
    ] {
        let server = answering(wire);
        let ended = get(server, "/", &[]);
        assert_eq!(ended.stdout, "", "{wire:.60}");
        assert!(ended.stderr.contains(reason), "{wire:.60}: {ended:?}");
        ended.failed_with(&format!("cannot understand the answer of {server}: "));
    }
}

#[test]
fn an_endless_answer_takes_little_memory() {
    let endless_head = scripted(|mut client| {
        request_of(&client);
        while client.write_all(&[b'x'; 65_536]).is_ok() {}
    });
    get(endless_head, "/", &[]).failed_with("cannot understand ");
    let (tell, told) = mpsc::channel();
    let endless_fields = scripted(move |mut client| {
        request_of(&client);
        client.write_all(b"HTTP/1.1 200 OK\r\n").unwrap();
        // As many fields as there can be, and then the server waits.
        client.write_all(&b":\n".repeat(153_590)).unwrap();
        tell.send(()).unwrap();
        request_of_all(client);
    });
    let url = format!("http://{endless_fields}/");
    let client = start("http_get", &[&url, "--timeout", "60"]);
    told.recv_timeout(PATIENCE).unwrap();
    uses_little_memory(&client);
    drop(client);

    let (tell, told) = mpsc::channel();
    let endless_body = scripted(move |mut client| {
        request_of(&client);
        client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
        let piece = vec![b'x'; 1 << 20];
        for _ in 0..100 {
            client.write_all(&piece).unwrap();
        }
        tell.send(()).unwrap();
        request_of_all(client);
    });
    let url = format!("http://{endless_body}/");
    let mut command = Command::new(program("http_get"));
    let folder = Folder::new();
    let page = if cfg!(unix) { "/dev/null".into() } else { folder.path("page") };
    command.args([&url, "--timeout", "60", "--output"]).arg(page).stdin(Stdio::null());
    let client = Running::start(command);
    told.recv_timeout(PATIENCE).unwrap();
    uses_little_memory(&client);
}

#[test]
fn a_silent_server_is_waited_for_no_longer_than_the_timeout() {
    for (begin, hint) in [
        ("", "is the other side running"),
        ("HTTP/1.1 200 OK\r\nCont", "answers, but slowly"),
        ("HTTP/1.1 200 OK\r\n\r\nhello", "answers, but slowly"),
    ] {
        let server = scripted(move |mut client| {
            request_of(&client);
            client.write_all(begin.as_bytes()).unwrap();
            request_of_all(client);
        });
        let failure = format!("cannot receive from {server}: ");
        get(server, "/", &["--timeout", "1"]).failed_with(&failure).hints(hint);
    }
    let drips = scripted(|mut client| {
        let _ = client.write_all(b"HTTP/1.1 200 OK\r\n");
        while client.write_all(b"A: b\r\n").is_ok() {
            thread::park_timeout(Duration::from_millis(50));
        }
    });
    // Too few lines come for the limit of lines: it is the time that ends it.
    get(drips, "/", &["--timeout", "1"]).failed_with(&format!("cannot receive from {drips}: "));
}

#[test]
fn redirects_are_followed_where_location_asks_for_it() {
    let Some((_server, address)) = python_server() else { return };
    let ended = get(address, "/countdown/9", &["--location"]).succeeded();
    assert_eq!(ended.bytes, pattern(3), "9 and 1 are 10");
    get(address, "/countdown/10", &["-L"])
        .failed_with("cannot get the page: it moved more than 10 times");
    let ended = get(address, "/countdown/1", &["-i"]).succeeded();
    assert!(ended.stdout.starts_with("HTTP/1.1 302 Found\r\n"), "{ended:?}");
    assert!(ended.stdout.contains("Location: ../countdown/0\r\n"), "{ended:?}");

    let other = answering("HTTP/1.1 200 OK\r\n\r\nelsewhere");
    for url in [format!("http://{other}/x"), format!("//{other}/x")] {
        let ended = get(address, &format!("/to/{url}"), &["-L"]).succeeded();
        assert_eq!(ended.stdout, "elsewhere");
    }
    for (url, reason) in [
        ("https://example.com/", "plain http only"),
        ("ftp://example.com/", "http only"),
        ("http://a@b/", "user name"),
    ] {
        let ended = get(address, &format!("/to/{url}"), &["-L"]);
        assert!(ended.stderr.contains(reason), "{ended:?}");
        ended.failed_with(&format!("cannot follow the page to {url}: "));
    }
    let empty = answering("HTTP/1.1 302 Found\r\nContent-Length: 4\r\n\r\nhere");
    assert_eq!(get(empty, "/", &["-L"]).succeeded().stdout, "here", "no Location: no redirect");
}

#[test]
fn a_page_that_has_moved_to_itself_ends_after_10_redirects() {
    let (tell, told) = mpsc::channel();
    let server = scripted(move |mut client| {
        tell.send(request_of(&client)).unwrap();
        let _ = client.write_all(b"HTTP/1.1 301 Moved\r\nLocation: /\r\n\r\n");
    });
    get(server, "/", &["--location"]).failed_with("cannot get the page: it moved more than 10");
    assert_eq!(told.try_iter().count(), 11, "the first request and 10 redirects");
}

#[test]
fn fail_makes_a_status_of_400_or_more_an_error() {
    let Some((_server, address)) = python_server() else { return };
    for (status, reason) in [(400, "Bad Request"), (404, "Not Found"), (503, "Service")] {
        let path = format!("/status/{status}");
        assert_eq!(get(address, &path, &[]).succeeded().stdout, "body\n");
        let ended = get(address, &path, &["--fail", "-i"]);
        assert_eq!(ended.stdout, "");
        let answered = format!("the server answered {status} {reason}");
        ended.failed_with(&format!("cannot get http://{address}{path}: {answered}"));
    }
    for status in [200, 204, 304, 399] {
        get(address, &format!("/status/{status}"), &["--fail"]).succeeded();
    }
}

#[test]
fn output_writes_the_page_to_a_file() {
    let folder = Folder::new();
    let file = folder.path("page");
    let name = file.to_str().unwrap();
    let server = answering(every_byte());
    let ended = get(server, "/", &["--output", name]).succeeded();
    assert_eq!(ended.stdout, "");
    assert_eq!(fs::read(&file).unwrap(), every_byte()[40..]);
    get(server, "/", &["-i", "-o", name]).succeeded();
    assert_eq!(fs::read(&file).unwrap(), every_byte());

    let nobody = SocketAddr::from(([127, 0, 0, 1], free_tcp_port()));
    get(nobody, "/", &["-o", name]).failed_with("cannot connect to");
    let missing = answering("HTTP/1.1 404 Not Found\r\n\r\nno");
    get(missing, "/", &["-o", name, "--fail"]).failed_with("cannot get");
    assert_eq!(fs::read(&file).unwrap(), every_byte(), "no page, so the file is left alone");

    let nowhere = folder.path("no/such/folder/page");
    let nowhere = nowhere.to_str().unwrap();
    get(server, "/", &["-o", nowhere])
        .failed_with(&format!("cannot create {nowhere}: No such file or directory (ENOENT)"));
    if cfg!(target_os = "linux") {
        get(server, "/", &["-o", "/dev/full"])
            .failed_with("cannot write to /dev/full: No space left on device (ENOSPC)");
    }
    let empty = answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    get(empty, "/", &["-o", name]).succeeded();
    assert_eq!(fs::read(&file).unwrap(), b"", "an empty page is an empty file");
}

#[test]
fn verbose_shows_the_conversation_as_curl_does() {
    let server = answering("HTTP/1.1 200 OK\r\nX: \tä\r\nContent-Length: 2\r\n\r\nhi");
    let ended = get(server, "/x", &["-v"]).succeeded();
    assert_eq!(ended.stdout, "hi");
    let version = env!("CARGO_PKG_VERSION");
    let expected = format!(
        "*   Trying {server}...\n* Connected to 127.0.0.1 on {server}\n\
         > GET /x HTTP/1.1\n> Host: {server}\n> User-Agent: socket-labs/{version}\n\
         > Accept: */*\n> Connection: close\n>\n\
         < HTTP/1.1 200 OK\n< X: \\tä\n< Content-Length: 2\n<\n\
         * The body is complete: 2 bytes\n"
    );
    assert_eq!(ended.stderr, expected);
}

#[test]
fn nothing_of_a_stranger_drives_the_terminal() {
    let server = answering(b"HTTP/1.1 404 \x1b[2J\xff\r\nContent-Length: 2\r\n\r\nhi");
    let ended = get(server, "/", &["-v", "--fail"]);
    assert!(!ended.stderr.contains('\u{1b}'), "{ended:?}");
    ended.failed_with(&format!(
        "cannot get http://{server}/: the server answered 404  [2J\\xff" // a control character is a space
    ));
    if !needs(&["script"]) || !cfg!(target_os = "linux") {
        return;
    }
    let server = answering(b"HTTP/1.1 200 OK\r\n\r\nred: \x1b[31m, bell: \x07\n");
    for (name, args) in [
        ("http_get", format!("http://{server}/")),
        ("http_05_receive", format!("127.0.0.1 --port {}", server.port())),
    ] {
        let mut terminal = Command::new("script");
        let command = format!("{} {args}", program(name).display());
        terminal.args(["-q", "-e", "-c", &command, "/dev/null"]);
        let ended = run_command(terminal).succeeded();
        assert!(ended.stdout.contains("red: \\x1b[31m, bell: \\x07"), "{ended:?}");
        assert!(!ended.stdout.contains('\u{7}'), "{ended:?}");
    }
}

/// A server that is not on the address that the system puts first.
fn greeting_at(ip: &str) -> SocketAddr {
    scripted_at(ip, |mut client| {
        request_of(&client);
        let _ = client.write_all(b"HTTP/1.1 200 OK\r\n\r\nhi");
    })
}

/// The same, and a socket that has its port at another address, so that nobody else listens there.
fn greeting_at_and_held_at(ip: &str, other: IpAddr) -> (SocketAddr, Socket) {
    let both = || {
        let server = greeting_at(ip);
        let address = SocketAddr::new(other, server.port());
        let held = Socket::new(Domain::for_address(address), Type::STREAM, None).unwrap();
        held.set_reuse_address(true).unwrap(); // whatever is in TIME_WAIT there
        held.bind(&address.into()).is_ok().then_some((server, held))
    };
    (0..100).find_map(|_| both()).expect("a port that is free at both addresses")
}

#[test]
fn every_address_of_a_name_is_tried() {
    if !cfg!(target_os = "linux") {
        return; // elsewhere 127.0.0.9 is no address of this machine
    }
    let hosts = "127.0.0.1 web.example\n127.0.0.9 web.example\n\
                 ::1 two.example\n127.0.0.1 two.example\n";
    let files = [("/etc/hosts", hosts)];
    let (server, _held) = greeting_at_and_held_at("127.0.0.9", Ipv4Addr::LOCALHOST.into());
    let url = format!("http://web.example:{}/", server.port());
    let Some(client) = Private::with_files(&files).program("http_get", &["-v", &url]) else {
        return;
    };
    let ended = run_command(client).succeeded();
    assert_eq!(ended.stdout, "hi");
    let refused = format!("* cannot connect to 127.0.0.1:{}: Connection refused", server.port());
    assert!(ended.stderr.contains(&refused), "{ended:?}");
    assert!(
        ended.stderr.contains(&format!("* Connected to web.example on {server}\n")),
        "{ended:?}"
    );

    let server = greeting_at("127.0.0.1");
    let url = format!("http://two.example:{}/", server.port());
    for family in [&[][..], &["-4"]] {
        let client =
            Private::with_files(&files).program("http_get", &[family, &[&url]].concat()).unwrap();
        assert_eq!(run_command(client).succeeded().stdout, "hi");
    }
    let client = Private::with_files(&files).program("http_get", &["-6", &url]).unwrap();
    run_command(client).failed_with("cannot ");
}

#[test]
fn one_silent_address_leaves_time_for_the_others() {
    if !cfg!(target_os = "linux") {
        return; // elsewhere a full backlog refuses
    }
    let (server, full) = greeting_at_and_held_at("127.0.0.9", Ipv4Addr::LOCALHOST.into());
    let silent = SocketAddr::from(([127, 0, 0, 1], server.port()));
    full.listen(0).unwrap();
    let _guest = connect(silent);
    let hosts = "127.0.0.1 web.example\n127.0.0.9 web.example\n";
    let url = format!("http://web.example:{}/", server.port());
    let args = ["-v", "--timeout", "8", &url];
    let Some(client) = Private::with_files(&[("/etc/hosts", hosts)]).program("http_get", &args)
    else {
        return;
    };
    let ended = run_command(client).succeeded();
    assert!(
        ended.stderr.contains(&format!("* cannot connect to {silent}: Timed out")),
        "{ended:?}"
    );
    assert_eq!(ended.stdout, "hi");
}

#[test]
fn ipv6_addresses_stand_in_brackets() {
    let Ok(listener) = TcpListener::bind("[::1]:0") else {
        skip::<()>("this machine has no ::1");
        return;
    };
    let address = listener.local_addr().unwrap();
    let server = thread::spawn(move || {
        let (mut client, _) = listener.accept().unwrap();
        let request = request_of(&client);
        client.write_all(b"HTTP/1.1 200 OK\r\n\r\nhi").unwrap();
        request
    });
    assert_eq!(get(address, "/", &["-6"]).succeeded().stdout, "hi");
    assert!(server.join().unwrap().contains(&format!("\r\nHost: {address}\r\n")));
    get(address, "/", &["-4"]).failed_with("cannot resolve ::1: ");
}

// ---------------------------------------------------------------- http_server

#[test]
fn curl_gets_the_built_in_pages() {
    if !needs(&["curl"]) {
        return;
    }
    let (server, address) = server(&[]);
    let ended = run_command(curl(&["-i", &format!("http://{address}/")])).succeeded();
    let (head, body) = ended.stdout.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    let length = format!("\r\nContent-Length: {}", body.len());
    for line in [&length, "\r\nContent-Type: text/html; charset=utf-8", "\r\nServer: socket-labs/"]
    {
        assert!(head.contains(line), "{head}");
    }
    assert!(body.starts_with("<!DOCTYPE html>") && body.ends_with("</html>\n"), "{body}");
    let every_byte: Vec<u8> = (0..=255).collect();
    for (path, expected) in
        [("/hello.txt", &b"Hello from the practice web server.\n"[..]), ("/bytes.bin", &every_byte)]
    {
        let ended = run_command(curl(&[&format!("http://{address}{path}")])).succeeded();
        assert_eq!(ended.bytes, expected);
    }
    let url = format!("http://{address}/chunked");
    let new = run_command(curl(&["-v", &url])).succeeded();
    let old = run_command(curl(&["-v", "--http1.0", &url])).succeeded();
    assert!(new.stderr.contains("Transfer-Encoding: chunked"), "{new:?}");
    assert!(!old.stderr.contains("Transfer-Encoding"), "{old:?}");
    assert_eq!(new.stdout, old.stdout);
    let moved = run_command(curl(&["-L", &format!("http://{address}/moved")])).succeeded();
    assert_eq!(moved.stdout, "Hello from the practice web server.\n");
    assert_eq!(curl_status(address, "/nope").0, "404");
    assert_eq!(curl_status(address, "/etc/passwd").0, "404", "nothing of this machine");
    server.prints("\"GET /hello.txt HTTP/1.1\": 200, 36 bytes");
    server.prints("\"GET /nope HTTP/1.1\": 404, ");
}

#[test]
fn the_date_is_now_in_the_form_of_http() {
    if !needs(&["date"]) || !cfg!(target_os = "linux") {
        return;
    }
    let date = |from: &str| {
        let mut date = Command::new("date");
        date.args(["-u", "-d", from, "+%s,%a, %d %b %Y %T GMT"]).env("LC_ALL", "C");
        let printed = run_command(date).succeeded().stdout;
        let (seconds, text) = printed.trim().split_once(',').unwrap();
        (seconds.parse::<i64>().unwrap(), text.to_string())
    };
    let folder = Folder::new();
    folder.write("a.txt", "a");
    let (_server, address) = server_of(&folder);
    let answer = ask(address, "GET /a.txt HTTP/1.0\r\n\r\n");
    let modified = fs::metadata(folder.path("a.txt")).unwrap().modified().unwrap();
    let modified = modified.duration_since(UNIX_EPOCH).unwrap().as_secs() as i64;
    for (name, right) in [("\r\nDate: ", date("now").0), ("\r\nLast-Modified: ", modified)] {
        let sent = answer.split(name).nth(1).unwrap().split("\r\n").next().unwrap();
        let (seconds, again) = date(sent);
        assert_eq!(again, sent);
        assert!((right - seconds).abs() < 1_000, "{answer}");
    }
}

#[test]
fn head_is_get_without_the_body() {
    let folder = Folder::new();
    folder.write("a.txt", "hello\n");
    let (_server, address) = server_of(&folder);
    let without_date = |answer: String| -> Vec<String> {
        let lines = answer.split("\r\n").filter(|line| !line.starts_with("Date: "));
        lines.map(String::from).collect()
    };
    for path in ["/a.txt", "/", "/nope"] {
        let head = without_date(ask(address, format!("HEAD {path} HTTP/1.0\r\n\r\n")));
        let get = without_date(ask(address, format!("GET {path} HTTP/1.0\r\n\r\n")));
        assert_eq!(head.last().unwrap(), "", "no body");
        assert_ne!(get.last().unwrap(), "");
        assert_eq!(head[..head.len() - 1], get[..get.len() - 1], "{path}");
    }
}

#[test]
fn a_file_of_any_name_and_content_is_served_as_it_is() {
    if !needs(&["curl"]) {
        return;
    }
    let folder = Folder::new();
    folder.write("large.bin", pattern(5_000_000));
    folder.write("empty", "");
    folder.write("señor & <b>'%41.html", "named\n");
    let (_server, address) = server_of(&folder);
    let large = run_command(curl(&[&format!("http://{address}/large.bin")])).succeeded();
    assert!(large.bytes == pattern(5_000_000));
    assert_eq!(curl_status(address, "/empty"), ("200".into(), String::new()));
    assert_eq!(curl_status(address, "/empty?with=query#x").0, "200");
    let path = "/se%C3%B1or%20%26%20%3Cb%3E'%2541.html";
    assert_eq!(curl_status(address, path), ("200".into(), "named\n".into()));
    // The list has a link to it that leads there, and its name is no tag.
    let (_, list) = curl_status(address, "/");
    assert!(list.contains(">señor &amp; &lt;b&gt;&#39;%41.html</a>"), "{list}");
    assert!(!list.contains("<b>"), "{list}");
    let link = list.split("href=\"").find(|link| link.starts_with("./se")).unwrap();
    let link = link.split('"').next().unwrap().strip_prefix('.').unwrap();
    assert_eq!(curl_status(address, link), ("200".into(), "named\n".into()));
    for (name, kind) in [("a.html", "text/html; charset=utf-8"), ("a.png", "image/png")] {
        folder.write(name, "x");
        let answer = ask(address, format!("HEAD /{name} HTTP/1.0\r\n\r\n"));
        assert!(answer.contains(&format!("\r\nContent-Type: {kind}\r\n")), "{answer}");
    }
}

#[test]
fn a_folder_shows_its_index_or_a_list() {
    if !needs(&["curl"]) {
        return;
    }
    let folder = Folder::new();
    folder.write("plain/file.txt", "x");
    folder.write("with/index.html", "the index\n");
    let (_server, address) = server_of(&folder);
    let redirect = ["-o", "/dev/null", "-w", "%{http_code} %{redirect_url}"];
    for path in ["/plain", "/with", "//plain", "/./plain"] {
        let url = format!("http://{address}{path}");
        let ended = run_command(curl(&[&redirect[..], &[&url]].concat())).succeeded();
        let name = path.rsplit('/').next().unwrap();
        assert_eq!(ended.stdout, format!("301 http://{address}/{name}/"));
    }
    assert_eq!(curl_status(address, "/with/"), ("200".into(), "the index\n".into()));
    let (status, list) = curl_status(address, "/plain/");
    assert_eq!(status, "200");
    assert!(
        list.contains("<a href=\"./file.txt\">") && list.contains("<a href=\"../\">"),
        "{list}"
    );
    assert!(curl_status(address, "/").1.contains("<a href=\"./plain/\">plain/</a>"));
    assert_eq!(curl_status(address, "/plain/file.txt/").0, "404", "a file is no folder");
    assert_eq!(curl_status(address, "/plain/file.txt/x").0, "404");
}

#[test]
fn nothing_above_the_folder_is_served() {
    if !needs(&["curl"]) {
        return;
    }
    let folder = Folder::new();
    folder.write("root/inside.txt", "inside\n");
    folder.write("root/sub/x", "x");
    folder.write("root-not/secret.txt", "secret\n");
    folder.write("secret.txt", "secret\n");
    #[cfg(unix)]
    {
        use std::os::unix::fs::symlink;
        symlink(folder.path("secret.txt"), folder.path("root/out.txt")).unwrap();
        symlink("../secret.txt", folder.path("root/relative.txt")).unwrap();
        symlink("/", folder.path("root/everything")).unwrap();
        symlink("../root-not", folder.path("root/neighbour")).unwrap();
        symlink(folder.path("secret.txt"), folder.path("root/sub/index.html")).unwrap();
        symlink("inside.txt", folder.path("root/in.txt")).unwrap();
        symlink("loop", folder.path("root/loop")).unwrap();
    }
    let root = folder.path("root");
    let (mut server, address) = server(&["--root", root.to_str().unwrap()]);
    let absolute = folder.path("secret.txt").display().to_string();
    for path in [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/%2e./secret.txt",
        "/..%2fsecret.txt",
        "/sub/../../secret.txt",
        "/sub/%2e%2e/%2e%2e/secret.txt",
        "/..%5csecret.txt",
        "/../root-not/secret.txt",
        "/%2e%2e%00/secret.txt",
        "/../root/inside.txt",
        "/out.txt",
        "/relative.txt",
        "/everything/etc/passwd",
        "/everything/",
        "/neighbour/secret.txt",
        "/neighbour/",
        "/sub/index.html",
        "/loop",
        &format!("/{absolute}"),
        &absolute.replace('/', "%2F"),
    ] {
        let path = if path.starts_with('/') { path.to_string() } else { format!("/{path}") };
        let (status, body) = curl_status(address, &path);
        assert!(["400", "404"].contains(&&status[..]), "{path}: {status} {body}");
        assert!(!body.contains("secret") && !body.contains("root:"), "{path}: {body}");
    }
    // An index that leads outside is not shown: the list is.
    assert!(curl_status(address, "/sub/").1.contains("<a href=\"./x\">"));
    assert_eq!(curl_status(address, "/inside.txt").1, "inside\n");
    if cfg!(unix) {
        assert_eq!(curl_status(address, "/in.txt").1, "inside\n", "a link that stays inside");
    }
    assert!(server.is_alive());
}

#[test]
#[cfg(unix)]
fn a_pipe_in_the_folder_does_not_hold_a_client_for_ever() {
    if !needs(&["mkfifo"]) {
        return;
    }
    let folder = Folder::new();
    let mut mkfifo = Command::new("mkfifo");
    mkfifo.arg(folder.path("pipe"));
    run_command(mkfifo).succeeded();
    let (_server, address) = server_of(&folder);
    let answer = ask(address, "GET /pipe HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
}

#[test]
#[cfg(unix)]
fn a_file_that_the_server_may_not_read_is_403() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let folder = Folder::new();
    folder.write("private", "secret");
    fs::set_permissions(folder.path("private"), fs::Permissions::from_mode(0o000)).unwrap();
    if fs::metadata(&folder.0).unwrap().uid() == 0 {
        return; // root may read everything
    }
    let (_server, address) = server_of(&folder);
    let answer = ask(address, "GET /private HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 403 Forbidden\r\n"), "{answer}");
}

#[test]
fn a_root_that_is_no_folder_is_an_error() {
    let folder = Folder::new();
    folder.write("file", "x");
    let (file, nothing) = (folder.path("file"), folder.path("nothing"));
    let (file, nothing) = (file.to_str().unwrap(), nothing.to_str().unwrap());
    run("http_server", &["--port", "0", "--root", nothing])
        .failed_with(&format!("cannot serve {nothing}: No such file or directory (ENOENT)"));
    run("http_server", &["--port", "0", "--root", file])
        .failed_with(&format!("cannot serve {file}: Not a directory"));
}

#[test]
fn two_pages_come_over_one_connection() {
    if !needs(&["curl"]) {
        return;
    }
    let (server, address) = server(&[]);
    let (first, second) = (format!("http://{address}/hello.txt"), format!("http://{address}/nope"));
    let connects =
        ["-w", "%{num_connects}\n", "-o", "/dev/null", &first, "-o", "/dev/null", &second];
    let ended = run_command(curl(&connects)).succeeded();
    assert_eq!(ended.stdout, "1\n0\n", "the second page needs no new connection");
    server.prints("\"GET /nope HTTP/1.1\": 404, ");
    let ended = server.interrupt().succeeded();
    assert!(ended.stdout.ends_with("\nStopped by Ctrl-C. Clients accepted: 1\n"), "{ended:?}");
}

#[test]
fn requests_that_are_sent_at_once_are_answered_in_order() {
    let (_server, address) = server(&[]);
    let mut requests = String::new();
    for path in ["/hello.txt", "/nope", "/hello.txt?2"] {
        requests += &format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n");
    }
    let answers = ask(address, requests);
    let statuses: Vec<&str> =
        answers.split("HTTP/1.1 ").skip(1).map(|answer| &answer[..3]).collect();
    assert_eq!(statuses, ["200", "404", "200"]);
}

#[test]
fn a_connection_brings_100_answers_and_the_last_one_says_so() {
    let (_server, address) = server(&[]);
    let answers = ask(address, "GET /hello.txt HTTP/1.1\r\nHost: a\r\n\r\n".repeat(150));
    let answers: Vec<&str> = answers.split("HTTP/1.1 200 OK\r\n").skip(1).collect();
    assert_eq!(answers.len(), 100);
    assert!(!answers[98].contains("Connection: close\r\n"));
    assert!(answers[99].contains("Connection: close\r\n"));
}

#[test]
fn the_connection_is_closed_where_the_client_asks_for_it() {
    let (_server, address) = server(&[]);
    for request in [
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nconnection: x, CLOSE\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
        "GET / HTTP/1.0\n\n",
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
    ] {
        let mut client = connect(address);
        client.write_all(request.as_bytes()).unwrap(); // and this side stays open
        let answer = rest_of(client);
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(answer.contains("\r\nConnection: close\r\n"), "{answer}");
    }
}

#[test]
fn each_wrong_request_has_its_answer_and_the_server_lives_on() {
    let (server, address) = server(&[]);
    let long = "x".repeat(9_000);
    let fields = "A: b\r\n".repeat(150);
    for (status, request) in [
        ("400 Bad Request", "hello\r\n\r\n".to_string()),
        ("400 Bad Request", "GET /\r\n\r\n".into()),
        ("400 Bad Request", "GET / HTTP/1.1\r\n\r\n".into()),
        ("400 Bad Request", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n".into()),
        ("400 Bad Request", "GET / HTTP/1.1\r\nHost : a\r\n\r\n".into()),
        ("400 Bad Request", "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n".into()),
        ("400 Bad Request", "GET /\u{1b}[2J HTTP/1.1\r\nHost: a\r\n\r\n".into()),
        ("400 Bad Request", "GET / HTTP/1.1\r\nHost: a".into()),
        ("400 Bad Request", "GET nowhere HTTP/1.1\r\nHost: a\r\n\r\n".into()),
        ("400 Bad Request", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n".into()),
        (
            "400 Bad Request",
            "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
                .into(),
        ),
        ("405 Method Not Allowed", "POST / HTTP/1.1\r\nHost: a\r\n\r\n".into()),
        ("501 Not Implemented", "get / HTTP/1.1\r\nHost: a\r\n\r\n".into()),
        ("405 Method Not Allowed", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n".into()),
        ("405 Method Not Allowed", "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n".into()),
        ("414 URI Too Long", format!("GET /{long} HTTP/1.1\r\nHost: a\r\n\r\n")),
        (
            "431 Request Header Fields Too Large",
            format!("GET / HTTP/1.1\r\nHost: a\r\nB: {long}{long}\r\n\r\n"),
        ),
        (
            "431 Request Header Fields Too Large",
            format!("GET / HTTP/1.1\r\nHost: a\r\n{fields}\r\n\r\n"),
        ),
        ("505 HTTP Version Not Supported", "GET / HTTP/2.0\r\nHost: a\r\n\r\n".into()),
    ] {
        let answer = ask(address, &request);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}\r\n")), "{request:.80}: {answer}");
        assert_eq!(answer.contains("\r\nAllow: GET, HEAD\r\n"), status.starts_with("405"));
        assert!(answer.ends_with('\n'), "there is a sentence: {answer}");
    }
    let answer = ask(address, "GET http://other.example/hello.txt HTTP/1.1\r\nHost: a\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "the absolute form is right: {answer}");
    assert!(!server.output().contains('\u{1b}'), "{server:?}");
}

#[test]
fn the_answer_arrives_though_the_client_was_still_sending() {
    let (_server, address) = server(&[]);
    for (status, head) in [
        ("431", "GET / HTTP/1.1\r\nHost: a\r\nLong: "),
        ("405", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n"),
        ("400", "nonsense\r\n\r\n"),
    ] {
        let mut client = connect(address);
        client.write_all(head.as_bytes()).unwrap();
        // With these bytes unread, a close at once would be a reset, and the answer could be lost.
        client.write_all(&vec![b'x'; 3_000_000]).unwrap();
        let answer = rest_of(client);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    }
}

#[test]
fn a_request_that_is_not_whole_in_time_is_answered_408() {
    let (server, address) = server(&["--idle", "0.3"]);
    for begin in ["", "GET / HTTP/1.1\r\nHos"] {
        let mut client = connect(address);
        client.write_all(begin.as_bytes()).unwrap();
        let answer = rest_of(client);
        assert!(answer.starts_with("HTTP/1.1 408 Request Timeout\r\n"), "{begin:?}: {answer}");
    }
    // Every byte comes in time, the request as a whole does not.
    let slow = connect(address);
    let mut writer = slow.try_clone().unwrap();
    thread::spawn(move || {
        while writer.write_all(b"A").is_ok() {
            thread::park_timeout(Duration::from_millis(20));
        }
    });
    let answer = rest_of_a_reset(slow);
    assert!(answer.starts_with("HTTP/1.1 408 Request Timeout\r\n"), "{answer}");
    server.prints("it came too slowly: 408, ");
}

#[test]
fn a_client_that_had_its_answer_and_asks_no_more_is_let_go_without_a_word() {
    let (_server, address) = server(&["--idle", "3"]);
    let mut client = connect(address);
    client.write_all(b"GET /hello.txt HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    let answer = rest_of(client);
    assert!(answer.ends_with("\r\n\r\nHello from the practice web server.\n"), "{answer}");
}

/// As [`rest_of`], where the client goes on sending until it is reset.
fn rest_of_a_reset(mut client: TcpStream) -> String {
    String::from_utf8(read_to_end(&mut client).0).unwrap()
}

#[test]
fn silent_and_slow_clients_do_not_hold_the_others() {
    let (_server, address) = server(&[]);
    let silent: Vec<TcpStream> = (0..100).map(|_| connect(address)).collect();
    let mut slow = connect(address);
    slow.write_all(b"GET /hello").unwrap();
    let folder = Folder::new();
    folder.write("large.bin", pattern(20_000_000));
    let (_other, files) = server_of(&folder);
    let mut lazy = connect(files);
    lazy.write_all(b"GET /large.bin HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap(); // and does not read
    for server in [address, files] {
        let answer = ask(server, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    }
    slow.write_all(b".txt HTTP/1.0\r\n\r\n").unwrap();
    assert!(rest_of(slow).ends_with("Hello from the practice web server.\n"));
    drop(silent);
}

#[test]
fn a_client_that_does_not_read_is_let_go_and_its_seat_is_free() {
    let folder = Folder::new();
    folder.write("large.bin", pattern(20_000_000));
    let root = folder.0.to_str().unwrap();
    let (server, address) = server(&["--root", root, "--max-clients", "1", "--stall", "0.3"]);
    let mut lazy = connect(address);
    lazy.write_all(b"GET /large.bin HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap(); // and does not read
    server.warns("cannot send to 127.0.0.1:");
    eventually("the seat is free", || {
        let mut client = connect(address);
        let asked = client.write_all(b"GET / HTTP/1.0\r\n\r\n");
        asked.is_ok() && read_to_end(&mut client).0.starts_with(b"HTTP/1.1 200 ")
    });
    drop(lazy);
}

#[test]
fn a_crowd_that_is_refused_is_one_line_a_second_with_a_count() {
    let (server, address) = server(&["--max-clients", "1"]);
    let mut first = connect(address);
    first.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    first.read_exact(&mut [0; 12]).unwrap(); // it has the only seat, and keeps it
    let started = Instant::now();
    for _ in 0..300 {
        let refusal = read_to_end(&mut connect(address)).0; // each before the next
        assert!(refusal.is_empty() || refusal.starts_with(b"HTTP/1.1 503 "), "{refusal:?}");
    }
    let ended = server.interrupt().succeeded();
    let (lines, refused) = complaints(&ended.stderr, "Refused 127.0.0.1:");
    assert!(lines as u64 <= started.elapsed().as_secs() + 2, "{lines} lines");
    assert_eq!(refused, 300, "{}", ended.stderr);
}

#[test]
fn a_100_mebibyte_line_takes_little_memory() {
    let (server, address) = server(&[]);
    let mut client = connect(address);
    let piece = vec![b'x'; 1 << 20];
    let mut refused = None;
    for _ in 0..100 {
        refused = client.write_all(&piece).err();
        if refused.is_some() {
            break; // the server has answered, and has listened for long enough
        }
        uses_little_memory(&server);
    }
    let refused = refused.map(|error| error.kind());
    let expected = [None, Some(ErrorKind::ConnectionReset), Some(ErrorKind::BrokenPipe)];
    assert!(expected.contains(&refused), "{refused:?}");
    let answer = ask(address, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    uses_little_memory(&server);
}

#[test]
fn a_100_mebibyte_head_in_lines_and_a_100_mebibyte_body_take_little_memory() {
    let (server, address) = server(&[]);
    let field = format!("A: {}\r\n", "x".repeat(1_000)).repeat(1_000);
    for head in ["GET / HTTP/1.1\r\nHost: a\r\n", "POST / HTTP/1.1\r\nHost: a\r\n\r\n", "\r\n"] {
        let mut client = connect(address);
        client.write_all(head.as_bytes()).unwrap();
        for _ in 0..100 {
            if client.write_all(field.as_bytes()).is_err() {
                break;
            }
            uses_little_memory(&server);
        }
    }
}

#[test]
fn after_1000_short_visits_there_are_as_many_threads_and_files_as_before() {
    let (server, address) = server(&[]);
    let visit = || {
        let answer = ask(address, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    };
    visit();
    let count = |folder: &str| count_in_proc(server.pid(), folder);
    eventually("the first client's thread has ended", || count("task") <= 2);
    let before = (count("task"), count("fd"));
    for i in 0..1_000 {
        match i % 8 {
            0 | 4 => reset(connect(address)),
            1 | 5 => drop(connect(address)),
            2 => {
                let mut client = connect(address);
                client.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
                reset(client);
            }
            3 => {
                let mut client = connect(address);
                client.write_all(b"\xff\x00\x1b[2J\r\n\r\n").unwrap();
            }
            6 => connect(address).shutdown(Shutdown::Write).unwrap(),
            // Wait for the server now and then: a full backlog would cost a second each time.
            _ => visit(),
        }
    }
    eventually("threads and files are as before", || (count("task"), count("fd")) == before);
    visit();
    assert!(!server.output().contains('\u{1b}') && !server.warnings().contains('\u{1b}'));
}

#[test]
fn one_client_too_many_is_told_so_with_503() {
    if !needs(&["curl"]) {
        return;
    }
    let (server, address) = server(&["--max-clients", "1"]);
    let mut guest = connect(address);
    guest.write_all(b"GET /hello.txt HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    server.prints("\"GET /hello.txt HTTP/1.1\": 200"); // the guest has the only seat
    let (status, body) = curl_status(address, "/");
    assert_eq!(status, "503");
    assert!(body.contains("The server is full: it serves 1 client at a time."), "{body}");
    server.warns("Refused 127.0.0.1:");
    drop(guest);
    eventually("the seat is free again", || curl_status(address, "/").0 == "200");
}

#[test]
fn more_refusals_than_can_be_spoken_do_not_hold_the_server() {
    let (server, address) = server(&["--max-clients", "1"]);
    let mut guest = connect(address);
    guest.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    server.prints("\"GET / HTTP/1.1\": 200");
    // None of them says a word or closes.
    let crowd: Vec<TcpStream> = (0..200).map(|_| connect(address)).collect();
    eventually("all are refused", || complaints(&server.warnings(), "Refused ").1 == 200);
    drop((crowd, guest));
    eventually("the seat is free again", || {
        let mut client = connect(address);
        let asked = client.write_all(b"GET / HTTP/1.0\r\n\r\n");
        asked.is_ok() && read_to_end(&mut client).0.starts_with(b"HTTP/1.1 200 ")
    });
}

#[test]
#[cfg_attr(windows, ignore = "Windows sets no limit on the sockets of a process")]
fn without_file_descriptors_the_server_waits_until_a_client_leaves() {
    let server = Running::start(with_open_files(12, "http_server", &["--port", "0"]));
    let address = server.address();
    let mut clients: Vec<TcpStream> = (0..12).map(|_| connect(address)).collect();
    server.warns("cannot accept the next client yet: Too many open files (EMFILE)");
    let mut last = clients.pop().unwrap();
    clients.clear();
    last.write_all(b"GET / HTTP/1.0\r\n\r\n").unwrap();
    assert!(rest_of(last).starts_with("HTTP/1.1 200 OK\r\n"));
}

#[test]
#[cfg_attr(windows, ignore = "Windows has no SIGSTOP")]
fn a_signal_in_the_middle_of_a_request_changes_nothing() {
    let (server, address) = server(&[]);
    let mut client = connect(address);
    client.write_all(b"GET / HT").unwrap();
    // After SIGSTOP and SIGCONT, a recv() with a timeout returns EINTR on Linux (signal(7)).
    server.signal("STOP");
    server.signal("CONT");
    client.write_all(b"TP/1.0\r\n\r\n").unwrap();
    assert!(rest_of(client).starts_with("HTTP/1.1 200 OK\r\n"));
}

#[test]
fn the_server_says_who_has_the_port_and_can_be_started_again_at_once() {
    let (first, address) = server(&[]);
    let port = address.port().to_string();
    run("http_server", &["--port", &port])
        .failed_with(&format!("cannot bind {address}: Address already in use (EADDRINUSE)"))
        .hints("http_server (process ");
    // The server closes first, so the old connection stays behind in TIME_WAIT.
    assert!(ask(address, "GET / HTTP/1.0\r\n\r\n").starts_with("HTTP/1.1 200 OK"));
    first.interrupt().succeeded();
    let again = start("http_server", &["--port", &port]);
    assert_eq!(again.address(), address);
}

#[test]
fn the_servers_output_may_be_a_closed_pipe() {
    let mut command = Command::new(program("http_server"));
    command.args(["--port", "0"]).stdin(Stdio::null());
    let mut server = Running::start_for_one_line(command);
    let address = server.address();
    // The next line has nobody to read it.
    let deadline = Instant::now() + PATIENCE;
    while server.is_alive() && Instant::now() < deadline {
        if let Ok(mut client) = TcpStream::connect(address) {
            let _ = client.write_all(b"GET / HTTP/1.0\r\n\r\n");
            let _ = read_to_end(&mut client);
        }
    }
    let ended = server.ended().succeeded();
    assert!(!ended.stderr.contains("panicked"), "{ended:?}");
}

#[test]
fn our_client_and_our_server_understand_each_other() {
    let folder = Folder::new();
    folder.write("sub/a file.bin", pattern(1_000_000));
    let (_server, address) = server_of(&folder);
    assert!(get(address, "/sub/a file.bin", &[]).succeeded().bytes == pattern(1_000_000));
    let ended = get(address, "/sub", &["-L"]).succeeded();
    assert!(ended.stdout.contains("<a href=\"./a%20file.bin\">"), "{ended:?}");
    let ended = stage("http_05_receive", address, &[]).succeeded();
    assert!(ended.stdout.starts_with("HTTP/1.1 200 OK\r\n"), "{ended:?}");
}

#[test]
fn pythons_client_keeps_one_connection_to_our_server() {
    if !needs(&["python3"]) {
        return;
    }
    let (_server, address) = server(&[]);
    let script = "import http.client, sys\n\
                  c = http.client.HTTPConnection(sys.argv[1], timeout=50)\n\
                  for path in ('/hello.txt', '/chunked', '/nope', '/bytes.bin'):\n\
                  \x20   c.request('GET', path)\n\
                  \x20   r = c.getresponse()\n\
                  \x20   s = c.sock.getsockname()[1]\n\
                  \x20   print(r.status, len(r.read()), s == globals().setdefault('first', s))\n";
    let mut python = Command::new("python3");
    python.args(["-c", script, &address.to_string()]);
    let ended = run_command(python).succeeded();
    let rows: Vec<&str> = ended.stdout.lines().collect();
    assert_eq!(rows, ["200 36 True", "200 173 True", "404 42 True", "200 256 True"]);
}

#[test]
fn a_path_of_the_server_is_not_looked_up_in_the_working_folder() {
    let (_server, address) = server(&[]);
    assert!(Path::new("Cargo.toml").exists(), "tests run in the root of the package");
    let answer = ask(address, "GET /Cargo.toml HTTP/1.1\r\nHost: a\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
}
