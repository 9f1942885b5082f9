//! The codec of HTTP against Python's `http.client`: what both take, both read alike. The responses are
//! the seeds of the fuzz targets.

#![allow(clippy::unwrap_used)] // in a test, a panic is the answer

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::needs;
use socket_labs::http::{Body, Response};

/// Where one of the two refuses what the other takes, and why that is meant.
const DIFFERENT: &[(&str, &str)] = &[
    ("http_body/chunked_twice", "http.client takes the chunks for content"),
    ("http_body/two_lengths", "http.client reads to the end where there are two lengths"),
    ("http_response/cut", "http.client takes the end of the stream for the end of the head"),
    ("http_response/many_cookies", "http.client takes a hundred fields"),
    ("http_response/two_lengths", "as above"),
];

fn seeds() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds");
    let folders = ["http_response", "http_body"].map(|name| folder.join(name));
    let files = folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap());
    let mut files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    files.sort();
    files
}

/// The response as this library reads it, in the words of `http_client.py`.
fn here(mut answer: &[u8]) -> String {
    loop {
        let (response, length) = match Response::parse(answer) {
            Ok(Some(found)) => found,
            Ok(None) => return "refused: cut short".into(),
            Err(error) => return format!("refused: {error}"),
        };
        answer = &answer[length..];
        if response.status == 100 {
            continue; // the answer is still to come
        }
        let framing = match response.framing("GET") {
            Ok(framing) => framing,
            Err(error) => return format!("refused: {error}"),
        };
        let (mut body, mut content) = (Body::new(framing), String::new());
        let end = loop {
            match body.next(&mut answer) {
                Ok(Some(part)) => part.iter().for_each(|byte| content += &format!("{byte:02x}")),
                Ok(None) => break body.end(),
                Err(error) => break Err(error),
            }
        };
        return match end {
            Ok(()) if content.is_empty() => format!("{} {} -", response.status, response.minor),
            Ok(()) => format!("{} {} {content}", response.status, response.minor),
            Err(error) => format!("refused: {error}"),
        };
    }
}

#[test]
fn what_python_takes_too_is_read_as_python_reads_it() {
    if !needs(&["python3"]) {
        return;
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/http_client.py");
    let seeds = seeds();
    let output = Command::new("python3").arg(script).args(&seeds).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let python = String::from_utf8(output.stdout).unwrap();
    assert_eq!(python.lines().count(), seeds.len());
    let (mut different, mut both) = (Vec::new(), String::new());
    for (seed, python) in seeds.iter().zip(python.lines()) {
        let here = here(&fs::read(seed).unwrap());
        let name = seed.components().rev().take(2).map(|part| part.as_os_str().to_str().unwrap());
        let name = name.collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join("/");
        if here != python && !(here.starts_with("refused") && python.starts_with("refused")) {
            both += &format!("{name}\n  here: {here}\n  python: {python}\n");
            different.push(name);
        }
    }
    let expected: Vec<&str> = DIFFERENT.iter().map(|(name, _)| *name).collect();
    assert_eq!(different, expected, "they read it differently:\n{both}");
}
