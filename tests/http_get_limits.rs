//! http_get: how large a page may be (`--max-size`), and how long all of it may take (`--max-time`).

#![allow(clippy::unwrap_used)] // in a test, a panic is the answer

mod common;

use std::fs;
use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use common::web::*;
use common::*;

/// The same page in each of the three ways in which a body can end.
fn three_ways(body: &str) -> [SocketAddr; 3] {
    let half = body.len() / 2;
    let chunks = format!(
        "{:x}\r\n{}\r\n{:x}\r\n{}\r\n0\r\n\r\n",
        half,
        &body[..half],
        body.len() - half,
        &body[half..]
    );
    [
        format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()),
        format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}"),
        format!("HTTP/1.1 200 OK\r\n\r\n{body}"),
    ]
    .map(answering)
}

fn too_large(server: SocketAddr, most: &str) -> String {
    format!("cannot get http://{server}/: the page is larger than the {most} bytes of --max-size")
}

#[test]
fn a_page_may_have_as_many_bytes_as_max_size_says_and_no_more() {
    for server in three_ways("hello, world") {
        let ended = get(server, "/", &["--max-size", "12"]).succeeded();
        assert_eq!(ended.stdout, "hello, world");
        for most in ["11", "0"] {
            let ended = get(server, "/", &["--max-size", most]);
            assert!("hello, world".starts_with(&ended.stdout), "{ended:?}");
            assert!(ended.stdout.len() <= most.parse().unwrap(), "{ended:?}");
            ended.failed_with(&too_large(server, most));
        }
    }
    for server in three_ways("") {
        get(server, "/", &["--max-size", "0"]).succeeded();
    }
}

#[test]
fn a_page_that_says_that_it_is_too_large_is_not_begun() {
    let folder = Folder::new();
    let file = folder.path("page");
    let path = file.to_str().unwrap();
    // Without the option the limit is a gibibyte.
    let server = answering("HTTP/1.1 200 OK\r\nContent-Length: 1073741825\r\n\r\nhello");
    get(server, "/", &["--output", path]).failed_with(&too_large(server, "1073741824"));
    assert!(!file.exists());
    let ended = get(server, "/", &["--max-size", "1073741825", "--output", path]);
    ended.failed_with(&format!("cannot understand the answer of {server}: the body was cut short"));
    assert_eq!(fs::read(&file).unwrap(), b"hello");
}

#[test]
fn an_endless_page_ends_at_max_size() {
    for head in ["HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"]
    {
        let server = scripted(move |mut client| {
            request_of(&client);
            client.write_all(head.as_bytes()).unwrap();
            let piece = [&b"10000\r\n"[..], &[b'x'; 65_536], b"\r\n"].concat();
            while client.write_all(&piece).is_ok() {}
        });
        let ended = get(server, "/", &["--max-size", "3000000"]);
        assert!((2_800_000..=3_000_000).contains(&ended.bytes.len()), "{}", ended.bytes.len());
        ended.failed_with(&too_large(server, "3000000"));
    }
}

/// Asserts that this ends by `--max-time` although no single wait is as long as the timeout.
#[track_caller]
fn ends_by_max_time(server: SocketAddr, more: &[&str]) -> Ended {
    let begin = Instant::now();
    let ended = get(server, "/", &[more, &["--max-time", "1.5"]].concat());
    assert!(begin.elapsed() >= Duration::from_millis(1_400), "{ended:?}");
    assert!(begin.elapsed() < Duration::from_secs(40), "the timeout is 50 s");
    let late = format!("cannot get http://{server}/: it took longer than the 1.5 s of --max-time");
    ended.failed_with(&late)
}

#[test]
fn a_server_that_drips_holds_the_client_no_longer_than_max_time() {
    for head in ["HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n"] {
        let server = scripted(move |mut client| {
            request_of(&client);
            client.write_all(head.as_bytes()).unwrap();
            while client.write_all(b"A").is_ok() {
                thread::park_timeout(Duration::from_millis(20));
            }
        });
        ends_by_max_time(server, &[]);
    }
}

#[test]
fn a_silent_server_is_waited_for_no_longer_than_max_time() {
    for begin in ["", "HTTP/1.1 200 OK\r\n\r\nhello"] {
        let server = scripted(move |mut client| {
            request_of(&client);
            client.write_all(begin.as_bytes()).unwrap();
            request_of_all(client);
        });
        ends_by_max_time(server, &[]);
        // The shorter one of the two is what ended it.
        let ended = get(server, "/", &["--timeout", "0.3", "--max-time", "50"]);
        ended.failed_with(&format!("cannot receive from {server}: "));
    }
}

#[test]
fn max_time_counts_the_redirects_too() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let server = scripted(move |mut client| {
        request_of(&client);
        count.fetch_add(1, Ordering::Relaxed);
        thread::park_timeout(Duration::from_millis(400));
        let _ = client.write_all(b"HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n");
    });
    ends_by_max_time(server, &["--location"]);
    let asked = asked.load(Ordering::Relaxed);
    assert!((1..10).contains(&asked), "{asked}");
}

#[test]
fn what_a_server_says_makes_no_endless_url_and_no_endless_line() {
    let moved = |to: &str| answering(format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\n\r\n"));
    let long = "x".repeat(290_000);
    let grows = "y/".repeat(15_000);
    for (server, more, sentence) in [
        (moved(&long), "--location", "cannot follow the page to xxx"),
        (moved(&grows), "--location", "cannot follow the page to y/y/"),
        (answering(format!("HTTP/1.1 404 {long}\r\n\r\n")), "--fail", "cannot get http://"),
    ] {
        let ended = get(server, "/", &[more]).failed_with(sentence);
        assert!(ended.stderr.len() < 1_500, "{}", ended.stderr.len());
        let is_url = more == "--location";
        assert_eq!(ended.stderr.contains("longer than 64 KiB"), is_url, "{ended:?}");
    }
}

#[test]
fn limits_that_make_no_sense_are_wrong_usage() {
    for args in
        [["--max-size", "-1"], ["--max-size", "1M"], ["--max-time", "0"], ["--max-time", "x"]]
    {
        let ended = run("http_get", &[&args[..], &["http://127.0.0.1/"]].concat());
        assert_eq!(ended.code, Some(2), "{ended:?}");
    }
}
