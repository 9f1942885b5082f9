//! http_server: what it answers to methods other than GET and HEAD.

#![allow(clippy::unwrap_used)] // in a test, a panic is the answer

mod common;

use common::web::*;

fn asked(method: &str, target: &str) -> String {
    let (_server, address) = server(&[]);
    ask(address, format!("{method} {target} HTTP/1.1\r\nHost: a\r\n\r\n"))
}

#[test]
fn a_method_of_http_that_is_not_allowed_is_405_and_says_which_are() {
    for (method, target) in [
        ("POST", "/hello.txt"),
        ("PUT", "/hello.txt"),
        ("DELETE", "/hello.txt"),
        ("PATCH", "/hello.txt"),
        ("TRACE", "/"),
        ("OPTIONS", "/"),
        ("OPTIONS", "*"),
        ("CONNECT", "a:80"),
    ] {
        let answer = asked(method, target);
        assert!(answer.starts_with("HTTP/1.1 405 Method Not Allowed\r\n"), "{method}: {answer}");
        assert!(answer.contains("\r\nAllow: GET, HEAD\r\n"), "{method}: {answer}");
        assert!(answer.ends_with("\nThis server allows GET and HEAD.\n"), "{method}: {answer}");
    }
}

#[test]
fn a_method_that_the_server_does_not_know_is_501() {
    for method in ["BREW", "get", "Get", "PROPFIND", "GETX", "G", "!#$%&'*+-.^_`|~"] {
        let answer = asked(method, "/hello.txt");
        assert!(answer.starts_with("HTTP/1.1 501 Not Implemented\r\n"), "{method}: {answer}");
        assert!(!answer.contains("\r\nAllow:"), "{method}: {answer}");
        assert!(answer.ends_with("\nThis server does not know that method.\n"), "{answer}");
    }
}

#[test]
fn the_connection_stays_open_after_a_method_that_was_refused() {
    let (server, address) = server(&[]);
    let requests = ["BREW", "POST", "HEAD", "GET"]
        .map(|method| format!("{method} /hello.txt HTTP/1.1\r\nHost: a\r\n\r\n"));
    let answers = ask(address, requests.concat());
    let statuses: Vec<&str> =
        answers.split("HTTP/1.1 ").skip(1).map(|answer| &answer[..3]).collect();
    assert_eq!(statuses, ["501", "405", "200", "200"]);
    server.prints("\"BREW /hello.txt HTTP/1.1\": 501, ");
}
