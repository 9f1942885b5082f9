//! That the checker finds what is wrong, each time with the place, what was expected and what happened.

use libtest_mimic::{Failed, Trial};

use super::compare::{compare, plain};

/// Every test of the checker itself.
pub fn trials() -> Vec<Trial> {
    let test = |name: &str, run: fn()| {
        Trial::test(format!("the_checker::{name}"), move || {
            run();
            Ok::<(), Failed>(())
        })
    };
    vec![
        test("what_may_differ_and_what_may_not", what_may_differ_and_what_may_not),
        test("dots_stand_for_what_is_left_out", dots_stand_for_what_is_left_out),
    ]
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(String::from).collect()
}

fn what_may_differ_and_what_may_not() {
    for (one, other) in [
        ("Message from 127.0.0.1 port 51000", "Message from 127.0.0.1 port 40001"),
        ("127.0.0.1:51000  x", "127.0.0.1:33333 x"),
        ("Time: Sat Nov 21 12:13:17 2026", "Time: Mon Jan  5 01:02:03 2027"),
        ("Date: Sat, 21 Nov 2026 12:13:17 GMT", "Date: Mon, 05 Jan 2027 01:02:03 GMT"),
        ("2026-11-21 12:13:17", "2026-11-22 12:13:18"),
        ("Offset: +2.500056 s", "Offset: -1.4 s"),
        ("after 5 s", "after 12.25 ms"),
        ("time 1700000000", "time 1800000000"),
        ("users:((\"a\",pid=7,fd=3))", "users:((\"a\",pid=4711,fd=3))"),
        ("7/python3", "4711/python3"),
        ("a   b", "a b"),
    ] {
        assert_eq!(plain(one), plain(other));
    }
    for (one, other) in [
        ("127.0.0.1:12000", "127.0.0.1:12001"),
        ("127.0.0.1", "127.0.0.2"),
        ("65507 bytes", "65508 bytes"),
        ("echo on 65432", "echo on 65431"),
        ("HTTP/1.1 200 OK", "HTTP/1.0 200 OK"),
        ("HTTP/1.1 200 OK", "HTTP/1.1 404 Not Found"),
        ("25/tcp", "53/tcp"),
        ("[::1]:12000", "[::]:12000"),
        ("  indented", "indented"),
        ("version 0.1.0", "version 0.2.0"),
    ] {
        assert_ne!(plain(one), plain(other));
    }
}

fn dots_stand_for_what_is_left_out() {
    let printed = lines("one\ntwo\nthree and four\nfive");
    for good in [
        "one\ntwo\nthree and four\nfive",
        "…\nfive",
        "one\n…",
        "…",
        "one\n…\nthree … four\n…\nfive",
        "o…\ntwo\n…three…\n…",
    ] {
        assert_eq!(compare(&lines(good), &printed), Ok(()), "{good}");
    }
    for (bad, expected) in [
        ("one\nthree and four", 1),
        ("one\n…\nfour", 2),
        ("one\ntwo", 2),
        ("…\nthree … five\n…", 1),
        ("one\ntwo\nthree and four\nfive\nsix", 4),
    ] {
        assert_eq!(compare(&lines(bad), &printed).unwrap_err().expected, expected, "{bad}");
    }
}
