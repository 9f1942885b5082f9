//! `poll` and `select` in words: a program waits until a socket can be read or written.

use super::options::seconds;
use super::parts::{after, number, timeval};
use super::row::{Direction, Group};
use super::socket::Stage;
use super::words::{Said, Telling};

/// `poll(socket 3 readable, max 3 s) = readable`. `None` where no socket is among what is waited
/// for.
pub fn said(telling: &mut Telling) -> Option<Said> {
    let name = telling.call.name.trim_start_matches("_new").trim_end_matches('6');
    let is_poll = name.ends_with("poll");
    let waits_for = if is_poll { polled(telling) } else { selected(telling) };
    let mut sockets = Vec::new();
    for (text, words) in waits_for {
        if let Some(about) = telling.machine.socket(telling.who, &text) {
            sockets.push((about, words));
        }
    }
    telling.about = sockets.first().map(|(about, _)| *about);
    telling.about?;
    let shown: Vec<String> = sockets
        .iter()
        .take(4)
        .map(|((number, _), words)| format!("socket {number} {words}"))
        .collect();
    let limit = if is_poll { poll_limit(telling) } else { select_limit(telling) };
    let more = if sockets.len() > 4 { " …" } else { "" };
    let result = match telling.value() {
        Some(0) => "nothing, and the time is up".to_string(),
        _ => ready(telling),
    };
    let arguments =
        format!("{}{more}, {}", shown.join(", "), limit.as_deref().unwrap_or("for ever"));
    note_connection(telling);
    let said = Said::new(name, arguments, telling.result(result));
    // With a limit of 0 it only looks: Rust's standard library does so at the start.
    Some(if limit.as_deref() == Some("without waiting") {
        said.of(Group::Housekeeping)
    } else {
        said
    })
}

/// `[{fd=3<TCP:[…]>, events=POLLIN|POLLOUT}]`.
fn polled(telling: &Telling) -> Vec<(String, String)> {
    let parts = telling.argument(0).split("{fd=").skip(1);
    parts
        .filter_map(|part| {
            let (socket, events) = part.split_once(", events=")?;
            let events = events.split(['}', ',']).next()?;
            Some((socket.to_string(), states(events)))
        })
        .collect()
}

/// `[3<TCP:[…]> 4<TCP:[…]>]`, for reading and for writing.
fn selected(telling: &Telling) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (i, words) in [(1, "readable"), (2, "writable")] {
        let inside = telling.argument(i).trim_start_matches('[');
        let inside = inside.strip_suffix(']').unwrap_or(inside);
        found.extend(inside.split(' ').map(|part| (part.to_string(), words.to_string())));
    }
    found
}

fn states(events: &str) -> String {
    let words: Vec<&str> = [("POLLIN", "readable"), ("POLLOUT", "writable")]
        .into_iter()
        .filter_map(|(name, words)| events.split('|').any(|event| event == name).then_some(words))
        .collect();
    if words.is_empty() { "anything".into() } else { words.join(" or ") }
}

fn poll_limit(telling: &Telling) -> Option<String> {
    let limit = telling.argument(2);
    let time = if limit.starts_with('{') {
        timeval(limit)
    } else {
        number(limit).map(|ms| ms as f64 / 1e3)
    };
    limited(time?)
}

fn select_limit(telling: &Telling) -> Option<String> {
    limited(timeval(telling.argument(4))?)
}

fn limited(time: f64) -> Option<String> {
    match time {
        0.0 => Some("without waiting".into()),
        time if time > 0.0 => Some(format!("max {}", seconds(time))),
        _ => None,
    }
}

fn ready(telling: &Telling) -> String {
    let more = &telling.call.result.more;
    let alone = telling.argument(0).matches("{fd=").count() == 1;
    let parts: Vec<String> = if more.contains("revents=") {
        more.split("{fd=").skip(1).take(4).filter_map(|part| poll_result(part, alone)).collect()
    } else {
        let of = |before: &str, words: &str| {
            let list = after(more, before).and_then(|rest| rest.split(']').next());
            list.filter(|list| !list.is_empty()).map(|list| format!("socket {list} {words}"))
        };
        of("in [", "readable").into_iter().chain(of("out [", "writable")).collect()
    };
    if parts.is_empty() { "done".into() } else { parts.join(", ") }
}

fn poll_result(part: &str, alone: bool) -> Option<String> {
    let (fd, events) = (number(part)?, after(part, "revents=")?.split(['}', ',']).next()?);
    let words = [("POLLIN", "readable"), ("POLLOUT", "writable"), ("POLLHUP", "ended")];
    let has = |name: &str| events.split('|').any(|event| event == name);
    let words: Vec<&str> = match has("POLLERR") {
        true => vec!["an error"],
        false => words.into_iter().filter_map(|(name, words)| has(name).then_some(words)).collect(),
    };
    Some(if alone { words.join(", ") } else { format!("socket {fd} {}", words.join(", ")) })
}

/// A socket that was being connected is writable without an error: the other side has answered.
fn note_connection(telling: &mut Telling) {
    let more = telling.call.result.more.clone();
    let wrong = more.contains("POLLERR") || more.contains("POLLHUP");
    let is_writable = more.contains("POLLOUT") || more.contains("out [");
    let is_under_way =
        telling.known().is_some_and(|socket| socket.is_tcp() && socket.stage == Stage::Connecting);
    if is_under_way && is_writable && !wrong && telling.call.name.ends_with("poll") {
        telling.known().into_iter().for_each(|socket| socket.stage = Stage::Connected);
        telling.sign(Direction::In, "SYN, ACK");
    }
}
