//! A staged series grows: what a stage's header does not name is the same text as in the stage
//! before, and what it names is true.

#![allow(clippy::unwrap_used)] // in a test, a panic is the answer

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

const SERVERS: [&str; 5] = [
    "server_01_bind",
    "server_02_accept",
    "server_03_reply",
    "server_04_loop",
    "server_05_threads",
];
const CLIENTS: [&str; 5] =
    ["http_01_socket", "http_02_resolve", "http_03_connect", "http_04_send", "http_05_receive"];

#[test]
fn each_stage_of_the_server_grows_from_the_one_before() {
    grows(&SERVERS);
}

#[test]
fn each_stage_of_the_http_client_grows_from_the_one_before() {
    grows(&CLIENTS);
}

fn grows(series: &[&str]) {
    for pair in series.windows(2) {
        let (before, after) = (source(pair[0]), source(pair[1]));
        let (old, new) = (functions(&before), functions(&after));
        let short = |name: &str| name.rsplit_once('_').unwrap().0.to_string();
        let first = format!("//! {} = {} + ", short(pair[1]), short(pair[0]));
        assert!(after.starts_with(&first), "{} must open with {first:?}", pair[1]);

        let names = |functions: &BTreeMap<String, String>| -> BTreeSet<String> {
            functions.keys().cloned().collect()
        };
        let changed = new.iter().filter(|(name, text)| old.get(*name).is_some_and(|o| o != *text));
        let changed = changed.map(|(name, _)| name.clone()).collect();
        let header = header(&after);
        let file = pair[1];
        assert_eq!(told(&header, "New here: "), &names(&new) - &names(&old), "new in {file}");
        assert_eq!(told(&header, "Changed: "), changed, "changed in {file}");
        assert_eq!(told(&header, "Gone: "), &names(&old) - &names(&new), "gone from {file}");
    }
}

#[test]
fn the_comparison_sees_a_change_of_one_line() {
    let text = source("server_04_loop");
    let other = text.replace("socket.bind(", "socket.connect(");
    assert_ne!(functions(&text)["open"], functions(&other)["open"]);
    assert_eq!(functions(&text)["reply"], functions(&other)["reply"]);
}

fn source(program: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(root.join(format!("src/bin/{program}.rs"))).unwrap()
}

/// The lines of the `//!` comment, as one text.
fn header(source: &str) -> String {
    let lines = source.lines().map_while(|line| line.strip_prefix("//!"));
    lines.map(str::trim).collect::<Vec<_>>().join(" ")
}

/// The names in backquotes behind the label, up to the full stop.
fn told(header: &str, label: &str) -> BTreeSet<String> {
    let Some((_, list)) = header.split_once(label) else {
        return BTreeSet::new();
    };
    let list = list.split('.').next().unwrap();
    list.split('`').skip(1).step_by(2).map(String::from).collect()
}

/// Every function at the left margin, by name, without the markers of an exercise.
fn functions(source: &str) -> BTreeMap<String, String> {
    let mut functions = BTreeMap::new();
    let mut lines = source.lines();
    while let Some(line) = lines.next() {
        let Some(signature) = line.strip_prefix("fn ") else {
            continue;
        };
        let name = signature.split(['(', '<']).next().unwrap();
        let mut text = vec![line];
        let mut in_gap_comment = false;
        for line in lines.by_ref() {
            let code = line.trim_start();
            in_gap_comment = code.starts_with("// GAP") || in_gap_comment && code.starts_with("//");
            if !in_gap_comment && code != "// END GAP" {
                text.push(line);
            }
            if line == "}" {
                break;
            }
        }
        functions.insert(name.to_string(), text.join("\n"));
    }
    functions
}
