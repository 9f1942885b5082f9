//! `labs ask` as a student types it.

use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv6Addr, UdpSocket};
use std::process::Stdio;
use std::sync::Mutex;
use std::thread;

use examiner::ask::QUESTIONS;
use serde_json::Value;

use super::desk::Desk;

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

#[test]
fn the_list_has_every_question_once_and_the_next_one() {
    let desk = Desk::new("ask_list");
    let list = desk.says(0, &["ask"]);
    for entry in QUESTIONS {
        let line = format!(" {:>2}  {}\n", entry.number, entry.title);
        assert_eq!(list.matches(&line).count(), 1, "{line}{list}");
    }
    assert!(list.lines().all(|line| line.chars().count() <= 80), "{list}");
    assert_eq!(list.lines().last(), Some("Next: labs ask 1"));
    let rows = json(&desk.says(0, &["ask", "--json"]));
    assert_eq!(rows.as_array().unwrap().len(), QUESTIONS.len());
    assert_eq!(rows[0]["key"], "udp_client_first");
}

#[test]
fn a_prediction_is_judged_kindly_and_kept() {
    let desk = Desk::new("ask_answer");
    desk.write(
        "labs/answers/progress.txt",
        "ask:of_tomorrow first\nask:tcp_client_first newer=1\n",
    );
    let wrong = desk.says(0, &["ask", "3", "--answer", "a"]);
    assert!(
        wrong.contains("\n~ You said a. You have seen what happens instead:\n    c  It fails"),
        "{wrong}"
    );
    assert!(wrong.contains("ECONNREFUSED (Connection refused)"), "{wrong}");
    assert!(wrong.contains("\nRead:  labs/02-first-pair/README.md, step tcp_client\n"), "{wrong}");
    assert!(wrong.ends_with("\nNext:  labs ask 4\n"), "{wrong}");
    assert_eq!(desk.progress(), ["ask:of_tomorrow first", "ask:tcp_client_first tried newer=1"]);
    assert!(desk.says(0, &["ask"]).contains("\n  ~  3  "));
    assert!(desk.says(0, &[]).contains("  questions 1 of "), "a wrong guess counts too");

    let right = desk.says(0, &["ask", "tcp_client_first", "--answer", "C"]);
    assert!(right.contains("\n✓ You said c, and so it is.\n"), "{right}");
    assert_eq!(desk.progress()[1], "ask:tcp_client_first later newer=1");
    desk.says(0, &["ask", "10", "--answer", "a"]);
    assert_eq!(desk.progress()[2], "ask:bound_not_listening first");
    let list = desk.says(0, &["ask"]);
    assert!(list.contains("\n  +  3  ") && list.contains("\n  ✓ 10  "), "{list}");
    let map = desk.says(0, &[]);
    assert!(map.contains("  questions 1 of "), "{map}");
    assert!(map.lines().all(|line| line.chars().count() <= 80), "{map}");
}

#[test]
fn without_a_terminal_nobody_is_asked_and_all_is_shown() {
    let desk = Desk::new("ask_nobody");
    let said = desk.says(0, &["ask", "3"]);
    assert!(said.contains("No prediction was made"), "{said}");
    assert!(said.contains("\n  This is what happens:\n    c  It fails at once"), "{said}");
    assert_eq!(desk.progress(), ["ask:tcp_client_first tried"]);
}

/// Every screen, of every question: what a terminal of 80 columns can show.
#[test]
fn every_screen_fits_a_terminal_and_drives_none() {
    let desk = Desk::new("ask_screens");
    let numbers =
        Mutex::new(QUESTIONS.iter().map(|entry| entry.number.to_string()).collect::<Vec<_>>());
    let has_ipv6 = UdpSocket::bind((Ipv6Addr::LOCALHOST, 0)).is_ok();
    let next = || numbers.lock().unwrap().pop();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some(number) = next() {
                    let said = desk.says(0, &["ask", &number, "--answer", "a"]);
                    for line in said.lines() {
                        assert!(line.chars().count() <= 80, "{line}\n{said}");
                        assert!(!line.chars().any(char::is_control), "{line:?}");
                    }
                    // Without IPv6, one question has nothing to observe.
                    let is_seen = said.contains("\nSeen on this machine\n");
                    let cannot = said.contains("this machine has no address ::1") && !has_ipv6;
                    assert!((is_seen || cannot) && said.contains("\nWhy\n"), "{said}");
                }
            });
        }
    });
}

#[test]
fn a_document_has_all_of_it() {
    let desk = Desk::new("ask_json");
    let one = json(&desk.says(0, &["ask", "3", "--answer", "b", "--json"]));
    assert_eq!(one["question"], 3);
    assert_eq!(one["taught"], "c");
    assert_eq!(one["seen"], "c");
    assert_eq!((&one["predicted"], &one["was_right"]), (&"b".into(), &false.into()));
    assert_eq!(one["answers"].as_array().unwrap().len(), 4);
    let facts = one["observation"]["facts"].as_array().unwrap();
    assert!(facts.iter().any(|fact| fact["value"] == "ECONNREFUSED"), "{one:#}");
    let events = one["observation"]["events"].as_array().unwrap();
    assert!(events.iter().all(|event| event["microseconds"].is_u64()), "{one:#}");
    assert!(events.iter().any(|event| event["result"] == "ECONNREFUSED"), "{one:#}");
}

#[test]
fn a_lab_is_all_its_questions() {
    let desk = Desk::new("ask_lab");
    let all = json(&desk.says(0, &["ask", "--lab", "5", "--json"]));
    let numbers: Vec<u64> =
        all.as_array().unwrap().iter().map(|one| one["question"].as_u64().unwrap()).collect();
    let expected: Vec<u64> =
        QUESTIONS.iter().filter(|entry| entry.lab == 5).map(|entry| entry.number.into()).collect();
    assert_eq!(numbers, expected);
    assert_eq!(desk.progress().len(), expected.len());
}

#[test]
fn wrong_usage_is_answered_with_what_there_is() {
    let desk = Desk::new("ask_usage");
    for (arguments, help) in [
        (&["ask", "99"][..], "the questions are numbered from 1 to "),
        (&["ask", "0"], "the questions are numbered from 1 to "),
        (&["ask", "two_udp_server"], "did you mean two_udp_servers?"),
        (&["ask", "\u{1b}[2J"], "`labs ask` lists them"),
        (&["ask", "3", "--answer", "q"], "'q' is no answer of this question: a, b, c, d"),
        (&["ask", "3", "--answer", "ab"], "--answer"),
        (&["ask", "--answer", "a"], "QUESTION"),
        (&["ask", "--lab", "99"], "the labs with questions are 2, "),
        (&["ask", "3", "--lab", "2"], "cannot be used with"),
    ] {
        let ended = desk.labs(arguments);
        assert_eq!(ended.code, Some(2), "{ended:#?}");
        assert!(ended.stderr.contains(help), "{ended:#?}");
    }
    assert!(desk.progress().is_empty());
}

/// `labs ask 3` at a terminal where this is typed; what it printed there, and on standard error.
#[cfg(unix)]
fn typed(desk: &Desk, text: &[u8]) -> (String, String) {
    let mut command = desk.command(&["ask", "3"]);
    let mut ends = examiner::exam::terminal::attach(&mut command).unwrap();
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    drop(command); // its copies of the terminal, so that reading has an end
    ends.input.write_all(text).unwrap();
    let reading = thread::spawn(move || {
        let mut printed = Vec::new();
        let _ = ends.output.read_to_end(&mut printed); // an error when the terminal has gone
        printed
    });
    let mut errors = Vec::new();
    child.stderr.take().unwrap().read_to_end(&mut errors).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (text(reading.join().unwrap()), text(errors))
}

#[test]
#[cfg(unix)]
fn at_a_terminal_the_prediction_is_typed() {
    let desk = Desk::new("ask_prompt");
    let (said, prompt) = typed(&desk, b"C)\n");
    assert!(prompt.contains("Your prediction (a, b, c, d; Enter: just show me): "), "{prompt}");
    assert!(said.contains("You said c, and so it is."), "{said}");
    let (said, prompt) = typed(&desk, b"why?\nb\n");
    assert!(prompt.contains("\"why?\" is no answer here: type one letter."), "{prompt}");
    assert!(said.contains("You said b."), "{said}");
    for skipped in [&b"\n"[..], b"\x04"] {
        let (said, _) = typed(&desk, skipped);
        assert!(said.contains("This is what happens:"), "{said}");
    }
}

#[test]
#[cfg(unix)]
fn what_is_no_answer_is_bounded_and_escaped() {
    let desk = Desk::new("ask_hostile");
    let (said, prompt) = typed(&desk, b"\x1b[2J\xff\n\xe2\x80\xae\nno\nno\nno\nno\n");
    assert_eq!(prompt.matches("Your prediction").count(), 3, "{prompt}");
    assert!(prompt.contains("\"\\x1b[2j\\xff\""), "{prompt}");
    assert!(!prompt.contains('\u{202e}') && said.contains("This is what happens:"), "{said}");
    let (said, prompt) = typed(&desk, &[&[b'a'; 3000][..], b"\n"].concat());
    assert_eq!(prompt.matches("Your prediction").count(), 1, "{prompt}");
    assert!(said.contains("This is what happens:") && prompt.len() < 4096, "{prompt}");
}

#[test]
#[cfg(unix)]
fn ctrl_c_at_the_prompt_is_no_try() {
    use std::os::unix::process::ExitStatusExt;
    let desk = Desk::new("ask_ctrl_c");
    let mut command = desk.command(&["ask", "3"]);
    let _ends = examiner::exam::terminal::attach(&mut command).unwrap();
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut prompt = [0; 15];
    child.stderr.as_mut().unwrap().read_exact(&mut prompt).unwrap();
    assert_eq!(&prompt, b"Your prediction");
    assert!(super::desk::interrupt(&mut child).unwrap().signal().is_some());
    assert!(fs::metadata(desk.path("labs/answers/progress.txt")).is_err());
}
