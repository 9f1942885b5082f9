//! http_get: heads that real servers send, and that the standard forbids. curl and browsers show
//! the page, and so does http_get, except where the head does not say clearly how long the body is.

#![allow(clippy::unwrap_used)] // in a test, a panic is the answer

mod common;

use common::web::*;
use common::*;

/// The page behind each head.
const PAGE: &str = "hello\n";

/// What comes behind most of the heads.
const REST: &str = "\r\nContent-Length: 6\r\n\r\nhello\n";

/// Heads that are read, each with the page that it belongs to.
fn odd_heads() -> Vec<(&'static str, Vec<u8>)> {
    let lines =
        |name, head: &[u8]| (name, [b"HTTP/1.1 200 OK\r\n", head, REST.as_bytes()].concat());
    let first = |name, line: &str| (name, [line, REST].concat().into_bytes());
    let whole = |name, text: &str| (name, text.as_bytes().to_vec());
    let cookies: Vec<u8> =
        (0..150).flat_map(|n| format!("Set-Cookie: c{n}=1\r\n").into_bytes()).collect();
    let fields: Vec<u8> = (0..5_000).flat_map(|n| format!("X-{n}: 1\r\n").into_bytes()).collect();
    let line = |length| [b"X: ", &b"x".repeat(length)[..]].concat();
    vec![
        lines("a name with a space", b"PHP Warning: something went wrong in x.php on line 3"),
        lines("a folded line", b"ETag: \"a\r\n b\""),
        lines("a line folded with a tab", b"ETag: \"a\r\n\tb\""),
        lines("a line folded twice, and once with nothing in it", b"A: b\r\n c\r\n \r\n\t d"),
        lines("150 cookies", cookies.trim_ascii_end()),
        lines("5,000 fields", fields.trim_ascii_end()),
        lines("a cookie of 20 kB", &[b"Set-Cookie: a=", &b"x".repeat(20_000)[..]].concat()),
        lines("a line of 99 kB", &line(99_000)),
        lines("a head of 290 kB", &[&line(29_000)[..]; 10].join(&b"\r\n"[..])),
        lines("a space before the colon", b"X-A : b"),
        lines("a tab before the colon", b"X-A\t: b"),
        lines("a control character", b"X-A: a\x01b"),
        lines("a control character in a name", b"X-\x02A: ab"),
        lines("what would clear a terminal", b"X-A: \x1b[2J"),
        lines("a carriage return alone", b"X-A: a\rb"),
        lines("Latin 1", b"X-A: \xe9\xff"),
        lines("Latin 1 in a name", b"X-\xe9: a"),
        lines("no value", b"X-A:"),
        lines("only blanks in a value", b"X-A: \t "),
        lines("no name", b": x"),
        lines("a field of HTTP/2", b":status: 200"),
        lines("a name that is no token", b"X(A)[b]\"c\": d"),
        lines("no blank behind the colon", b"X-A:b"),
        lines("a quote that is never closed", b"X-A: \"b"),
        lines("the same length twice", b"Content-Length: 6"),
        lines("a length with zeros in front", b"Content-Length: 0006"),
        lines("a length with blanks around it", b"Content-Length: \t 6 \t"),
        lines("the coding identity", b"Transfer-Encoding: identity"),
        lines("a location that is nowhere", b"Location: http://[/"),
        first("two spaces before the status", "HTTP/1.1  200 OK"),
        first("no reason", "HTTP/1.1 200"),
        first("no reason, and a space", "HTTP/1.1 200 "),
        first("no space before the reason", "HTTP/1.1 200OK"),
        first("a reason of three words", "HTTP/1.1 200 All is well"),
        first("an escape in the reason", "HTTP/1.1 200 \u{1b}[2J"),
        first("HTTP/1.0", "HTTP/1.0 200 OK"),
        first("small letters", "http/1.1 200 OK"),
        first("a status that nobody knows", "HTTP/1.1 299 What"),
        first("a status above 599", "HTTP/1.1 999 No"),
        first("an error with a page", "HTTP/1.1 404 Not Found"),
        first("205 with a page", "HTTP/1.1 205 Reset Content"),
        first("100 before it", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK"),
        first("103 before it", "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK"),
        first(
            "102 many times before it",
            &["HTTP/1.1 102 Processing\r\n\r\n".repeat(30), "HTTP/1.1 200 OK".into()].concat(),
        ),
        whole("LF alone", "HTTP/1.1 200 OK\nContent-Length: 6\n\nhello\n"),
        whole("LF and CR LF", "HTTP/1.1 200 OK\r\nContent-Length: 6\n\r\nhello\n"),
        whole("CR CR LF", "HTTP/1.1 200 OK\r\r\nContent-Length: 6\r\r\n\r\r\nhello\n"),
        whole("CR CR LF at the end", "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\r\nhello\n"),
        whole("no field at all", "HTTP/1.1 200 OK\r\n\r\nhello\n"),
        whole(
            "identity without a length",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\nhello\n",
        ),
        whole(
            "identity and chunked",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity, chunked\r\n\r\n6\r\nhello\n\r\n0\r\n\r\n",
        ),
        whole(
            "chunked and a length",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n6\r\nhello\n\r\n0\r\n\r\n",
        ),
        whole(
            "chunked in HTTP/1.0",
            "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nhello\n\r\n0\r\n\r\n",
        ),
        whole(
            "sizes padded with blanks",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6    \r\nhello\n\r\n00  \r\n\r\n",
        ),
        whole(
            "blanks before an extension",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6 ; a=b\r\nhello\n\r\n0\r\n\r\n",
        ),
    ]
}

/// Heads that do not say clearly how long the body is, or which are none. curl takes some of them.
const REFUSED: &[(&str, &str)] = &[
    ("HTTP/1.1 200 OK\r\nContent-Length : 6\r\n\r\nhello\nmore", "a space or a control character"),
    ("HTTP/1.1 200 OK\r\nContent-Length\t: 6\r\n\r\nhello\nmore", "a space or a control character"),
    ("HTTP/1.1 200 OK\r\nContent-Length: 6\u{1}\r\n\r\nhello\n", "a space or a control character"),
    (
        "HTTP/1.1 200 OK\r\nTransfer-Encoding : chunked\r\n\r\n6\r\nhello\n\r\n0\r\n\r\n",
        "a space or a control character",
    ),
    ("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n 7\r\n\r\nhello\n", "not a number"),
    ("HTTP/1.1 200 OK\r\nContent-Length: 6\r\nContent-Length: 5\r\n\r\nhello\n", "not a number"),
    ("HTTP/1.1 200 OK\r\nContent-Length: +6\r\n\r\nhello\n", "not a number"),
    ("HTTP/1.1 200 OK\r\nContent-Length: 6 bytes\r\n\r\nhello\n", "not a number"),
    ("HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\nhello\n", "not a number"),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding:\r\n\r\nhello\n", "is not chunked"),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nhello\n", "is not chunked"),
    ("HTTP/1.1 200 OK\r\nno colon\r\n\r\nhello\n", "NAME: VALUE"),
    ("HTTP/1.1 200 OK\r\n folded: nothing before it\r\n\r\nhello\n", "NAME: VALUE"),
    ("HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\nhello\n", "NAME: VALUE"),
    ("\r\nHTTP/1.1 200 OK\r\n\r\nhello\n", "not HTTP"),
    (" HTTP/1.1 200 OK\r\n\r\nhello\n", "not HTTP"),
    ("ICY 200 OK\r\n\r\nhello\n", "not HTTP"),
    ("HTTP 200 OK\r\n\r\nhello\n", "not HTTP"),
    ("HTTP/1.1 2000 OK\r\n\r\nhello\n", "not HTTP"),
    ("HTTP/1.1 099 OK\r\n\r\nhello\n", "not HTTP"),
    ("HTTP/2.0 200 OK\r\n\r\nhello\n", "not HTTP version 1"),
    ("hello\n", "not HTTP"),
];

#[test]
fn the_page_behind_an_odd_head_is_shown() {
    for (name, wire) in odd_heads() {
        let ended = get(answering(wire), "/", &[]).succeeded();
        assert_eq!((&ended.stdout[..], &ended.stderr[..]), (PAGE, ""), "{name}");
    }
}

#[test]
fn http_get_shows_every_page_that_curl_shows() {
    if !needs(&["curl"]) {
        return;
    }
    let mut shown = 0;
    for (name, wire) in odd_heads() {
        let server = answering(wire);
        let curls = run_command(curl(&[&format!("http://{server}/")]));
        // Newer versions of curl refuse a few of these.
        if curls.code == Some(0) {
            shown += 1;
            assert_eq!(get(server, "/", &[]).succeeded().stdout, curls.stdout, "{name}");
        }
    }
    assert!(shown > 40, "curl shows most of them, and not {shown}");
}

#[test]
fn an_answer_without_a_body_is_over_when_its_head_is() {
    for status in ["204 No Content", "304 Not Modified"] {
        let wire =
            format!("HTTP/1.1 {status}\r\nX A : b\r\n c\r\nContent-Length: 6\r\n\r\nhello\n");
        assert_eq!(get(answering(wire), "/", &[]).succeeded().stdout, "");
    }
}

#[test]
fn a_head_that_does_not_say_how_long_the_body_is_is_refused() {
    for (wire, reason) in REFUSED {
        let server = answering(*wire);
        let ended = get(server, "/", &[]);
        assert_eq!(ended.stdout, "", "{wire:?}");
        assert!(ended.stderr.contains(reason), "{wire:?}: {ended:?}");
        ended.failed_with(&format!("cannot understand the answer of {server}: "));
    }
}

#[test]
fn a_head_of_more_than_300_kib_is_refused() {
    for line in ["A: b\r\n".to_string(), format!("A: {}\r\n", "x".repeat(30_000))] {
        let fields = line.repeat(307_200 / line.len() + 1);
        let server =
            answering(format!("HTTP/1.1 200 OK\r\n{fields}Content-Length: 6\r\n\r\nhello\n"));
        let failure = "the head is longer than 307200 bytes";
        let ended = get(server, "/", &[]);
        ended.failed_with(&format!("cannot understand the answer of {server}: {failure}"));
    }
}

#[test]
fn a_folded_location_is_followed_as_one_line() {
    let elsewhere = answering("HTTP/1.1 200 OK\r\n\r\nthere");
    let server = answering(format!(
        "HTTP/1.1 302 Found\r\nLocation :\r\n\thttp://{elsewhere}/x \r\nContent-Length: 0\r\n\r\n"
    ));
    assert_eq!(get(server, "/", &["--location"]).succeeded().stdout, "there");
}

#[test]
fn with_i_an_odd_head_is_written_as_it_came_and_with_v_it_is_escaped() {
    let head = "HTTP/1.1  200 \u{1b}[2J\r\nX A : \u{1}b\r\n folded \u{1b}[31m\r\nContent-Length: 6\r\n\r\n";
    let server = answering(format!("{head}{PAGE}"));
    let ended = get(server, "/", &["-i", "-v"]).succeeded();
    assert_eq!(ended.stdout, format!("{head}{PAGE}"), "into a pipe, byte by byte");
    assert!(!ended.stderr.contains(['\u{1b}', '\u{1}']), "{ended:?}");
    for line in ["< HTTP/1.1  200 \\x1b[2J\n", "< X A : \\x01b\n", "<  folded \\x1b[31m\n"] {
        assert!(ended.stderr.contains(line), "{line:?}: {ended:?}");
    }
    if !needs(&["script"]) || !cfg!(target_os = "linux") {
        return;
    }
    let mut terminal = std::process::Command::new("script");
    let command = format!("{} -i http://{server}/", program("http_get").display());
    terminal.args(["-q", "-e", "-c", &command, "/dev/null"]);
    let ended = run_command(terminal).succeeded();
    assert!(!ended.stdout.contains(['\u{1b}', '\u{1}']), "{ended:?}");
    assert!(ended.stdout.contains("folded \\x1b[31m"), "{ended:?}");
}
