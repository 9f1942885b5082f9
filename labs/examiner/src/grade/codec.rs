//! Answers that call a library for what a gap asks for: the course's own has codecs for its finished tools.
//! Such an answer passes, and was not written by hand: the report says so.

use std::fs;
use std::path::Path;

/// What does the work of the gaps of a step: calls that the course's own answer never has.
const CALLS: &[(&str, &[&str])] = &[
    ("http_02_resolve", &["names::addresses"]),
    ("http_04_send", &["http::Request", "Request::get"]),
    ("http_05_receive", &["http::Body", "Body::new", "http::Pending"]),
    ("mandela", &["Datagram::emit", "Datagram::parse", ".emit("]),
    ("ntp_client_raw", &["ntp::check", "ntp::Packet", "Packet::parse", ".emit(", "sntpc::"]),
];

/// One sentence, where an answer to this step calls what it should do itself.
pub fn note(step: &str, source: &Path) -> Option<String> {
    if source.extension()? != "rs" {
        return None;
    }
    let called = called(step, &fs::read_to_string(source).ok()?);
    (!called.is_empty()).then(|| {
        let called = called.join(", ");
        format!("{step}: a library does what a gap asks for ({called}): it was not written by hand")
    })
}

/// The calls in a program that do the work of a gap.
fn called(step: &str, text: &str) -> Vec<String> {
    let code: String = text
        .lines()
        .map(|line| format!("{}\n", line.split("//").next().unwrap_or_default()))
        .collect();
    let code = without_spaces(&code);
    let imports: Vec<Vec<&str>> = code
        .split(';')
        .filter_map(|statement| statement.split_once("use socket_labs::"))
        .map(|(_, names)| words(names))
        .collect();
    let is_imported = |call: &str| match call.split_once("::") {
        Some((module, name)) => {
            imports.iter().any(|words| words.contains(&module) && words.contains(&name))
        }
        None => false,
    };
    let of_step = CALLS.iter().find(|(name, _)| *name == step);
    let calls = of_step.map_or(&[][..], |(_, calls)| calls).iter();
    let calls = calls.filter(|call| has(&code, call) || is_imported(call));
    calls.map(|call| call.trim_matches(['.', '(', ':']).to_string()).collect()
}

/// A program with one space between two names, and none anywhere else.
fn without_spaces(code: &str) -> String {
    let mut dense = String::new();
    let mut is_behind_space = false;
    for c in code.chars() {
        if c.is_whitespace() {
            is_behind_space = true;
            continue;
        }
        if is_behind_space && is_of_a_name(c) && dense.ends_with(is_of_a_name) {
            dense.push(' ');
        }
        dense.push(c);
        is_behind_space = false;
    }
    dense
}

fn words(text: &str) -> Vec<&str> {
    text.split(|c: char| !is_of_a_name(c)).filter(|word| !word.is_empty()).collect()
}

fn is_of_a_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Whether a call is in a program, and not as a part of a longer name.
fn has(code: &str, call: &str) -> bool {
    code.match_indices(call).any(|(at, _)| {
        let (before, after) = (&code[..at], &code[at + call.len()..]);
        let is_whole = call.ends_with(['(', ':']) || !after.starts_with(is_of_a_name);
        is_whole && (call.starts_with('.') || !before.ends_with(is_of_a_name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_library_does_is_told() {
        for (step, text, told) in [
            ("mandela", "let bytes = datagram.emit()?;", vec!["emit"]),
            (
                "mandela",
                "mandela::Datagram::emit(&it); Datagram::parse(b)",
                vec!["Datagram::emit", "Datagram::parse"],
            ),
            ("mandela", "// never datagram.emit()\nfn emit() {} emit();", vec![]),
            ("mandela", "use socket_labs::mandela::{Datagram, Fault};\nDatagram { at: 1 }", vec![]),
            (
                "ntp_client_raw",
                "use socket_labs::ntp::{\n    Short,\n    check,\n};\ncheck(b, t)",
                vec!["ntp::check"],
            ),
            ("mandela", "Datagram :: parse(b); it\n    . emit ()", vec!["Datagram::parse", "emit"]),
            (
                "ntp_client_raw",
                "#![allow(unused)]\nuse  socket_labs :: ntp :: check as fine;\nfine(b, t)",
                vec!["ntp::check"],
            ),
            ("ntp_client_raw", "fn check(b: &[u8]) {}\ncheck(b)", vec![]),
            ("ntp_client_raw", "socket_labs::ntp::check(reply, t1)", vec!["ntp::check"]),
            ("http_02_resolve", "use socket_labs::names::addresses;", vec!["names::addresses"]),
            ("echo_server", "datagram.emit()", vec![]),
        ] {
            assert_eq!(called(step, text), told, "{step}: {text}");
        }
    }

    /// The course's own answers do by hand what they ask of a student.
    #[test]
    fn the_courses_own_answers_call_nothing() {
        for (step, _) in CALLS {
            let source =
                Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../src/bin/{step}.rs"));
            assert!(source.is_file(), "{step}");
            assert_eq!(note(step, &source), None);
        }
    }
}
