//! What a stranger's bytes become on a terminal, in every program that shows them with
//! `console::show`: netcat, `http_05_receive`, `http_get`.
#![cfg(unix)] // pseudo-terminals
#![allow(clippy::unwrap_used)] // in a test, a panic is the answer

mod common;

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::process::Stdio;

use common::{Ended, Running, eventually, needs, program, python, udp};

/// A program of the course in a terminal of its own, with its keyboard held.
fn in_terminal(name: &str, args: &[&str]) -> Running {
    let mut command = python("terminal.py", &[]);
    command.arg(program(name)).args(args).stdin(Stdio::piped());
    Running::start(command)
}

/// The same, to its end.
fn shown(name: &str, args: &[&str]) -> Ended {
    let mut running = in_terminal(name, args);
    let keyboard = running.stdin();
    let ended = running.ended();
    drop(keyboard);
    ended
}

/// A server that reads until an empty line, or nothing for netcat, answers with this, and closes.
fn server(asks: bool, answer: Vec<u8>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let (mut client, _) = listener.accept().unwrap();
        if asks {
            let lines = BufReader::new(client.try_clone().unwrap()).lines();
            lines.map_while(Result::ok).find(String::is_empty);
        }
        client.write_all(&answer).unwrap();
    });
    address
}

/// How a stream can end in the middle of something, and what is then seen of it.
const ENDS: &[(&[u8], &str)] = &[
    (b"cr\r", "cr\\r"),
    (b"half\xc3", "half\\xc3"),
    (b"most\xf0\x9f\x98", "most\\xf0\\x9f\\x98"),
    (b"whole\r\n", "whole\r\n"),
];

#[test]
fn netcat_shows_the_last_bytes_of_a_stream_that_ends_in_the_middle_of_a_character() {
    if !needs(&["python3"]) {
        return;
    }
    for (end, seen) in ENDS {
        let at = server(false, end.to_vec());
        let port = at.port().to_string();
        let ended = shown("netcat", &["127.0.0.1", &port]).succeeded();
        assert_eq!(ended.stdout, *seen, "{ended:?}");
    }
}

#[test]
fn http_05_receive_shows_the_last_bytes_of_a_stream_that_ends_in_the_middle_of_a_character() {
    if !needs(&["python3"]) {
        return;
    }
    for (end, seen) in ENDS {
        let at = server(true, [b"HTTP/1.1 200 OK\r\n\r\n", *end].concat());
        let port = at.port().to_string();
        let ended = shown("http_05_receive", &["127.0.0.1", "--port", &port]).succeeded();
        assert!(ended.stdout.contains(&format!("\r\n\r\n{seen}")), "{seen}\n{ended:?}");
    }
}

#[test]
fn http_get_shows_the_last_bytes_of_a_body_that_ends_in_the_middle_of_a_character() {
    if !needs(&["python3"]) {
        return;
    }
    for (end, seen) in ENDS {
        let at = server(true, [b"HTTP/1.1 200 OK\r\n\r\n", *end].concat());
        let ended = shown("http_get", &[&format!("http://{at}/")]).succeeded();
        assert_eq!(ended.stdout, *seen, "{ended:?}");
        // As much before an error: the body is shorter than it should be.
        let head = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n";
        let at = server(true, [head, *end].concat());
        let ended = shown("http_get", &[&format!("http://{at}/")]);
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert!(ended.stdout.starts_with(seen), "{seen}\n{ended:?}");
    }
}

#[test]
fn netcat_shows_the_last_bytes_of_the_last_datagram() {
    if !needs(&["python3"]) {
        return;
    }
    for (end, seen) in ENDS {
        let server = udp();
        let port = server.local_addr().unwrap().port().to_string();
        let mut netcat = in_terminal("netcat", &["-u", "--timeout", "0.5", "127.0.0.1", &port]);
        let mut keyboard = netcat.stdin();
        keyboard.write_all(b"go\r").unwrap();
        let (_, client) = server.recv_from(&mut [0; 10]).unwrap();
        server.send_to(end, client).unwrap();
        keyboard.write_all(b"\x04").unwrap(); // Ctrl-D
        let ended = netcat.ended();
        assert!(ended.stdout.contains(seen), "{seen}\n{ended:?}");
    }
}

#[test]
fn ctrl_c_shows_the_last_bytes_too_and_ends_netcat_with_130() {
    if !needs(&["python3"]) {
        return;
    }
    for (end, seen) in &ENDS[..3] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port().to_string();
        let mut netcat = in_terminal("netcat", &["127.0.0.1", &port]);
        let mut keyboard = netcat.stdin();
        let (mut client, _) = listener.accept().unwrap();
        client.write_all(end).unwrap();
        eventually("what is whole is shown", || netcat.output().starts_with(&seen[..2]));
        keyboard.write_all(b"\x03").unwrap();
        let ended = netcat.ended();
        assert_eq!(ended.code, Some(130), "{ended:?}");
        let shown = ended.stdout.replace("^C", ""); // the terminal's echo of the key
        assert_eq!(shown, *seen, "{ended:?}");
    }
}
