//! Reads the list of services itself.
//: run {file} {port} {protocol}

use std::fs;
use std::process::exit;

fn find(list: &str, asked: &str, protocol: Option<&str>) {
    let mut found = false;
    for line in list.lines() {
        let words: Vec<&str> = line.split('#').next().unwrap_or("").split_whitespace().collect();
        let [name, place, ..] = words[..] else { continue };
        let Some((port, of)) = place.split_once('/') else { continue };
        if (name == asked || port == asked) && protocol.is_none_or(|protocol| protocol == of) {
            println!("{name} = {port} over {of}");
            found = true;
        }
    }
    if !found {
        eprintln!("{asked} is not in the list");
        exit(1);
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let list = fs::read_to_string("/etc/services").unwrap_or_else(|error| {
        eprintln!("/etc/services: {error}");
        exit(1);
    });
    match arguments.first() {
        None => {
            find(&list, "25", Some("tcp"));
            find(&list, "53", Some("udp"));
        }
        Some(asked) => find(&list, asked, arguments.get(1).map(String::as_str)),
    }
}
