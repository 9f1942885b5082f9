//! When what a program prints is what the sheet shows.
//!
//! Two lines are the same when they are equal after this:
//!
//! - colours and blanks at the end of a line are taken away, and several blanks count as one;
//! - a number of 32768 to 60999 counts as an ephemeral port, and each as any other;
//! - so do dates and Unix times, whole, cut off or in a dump of bytes (`dates.rs`), times of day,
//!   durations with their unit (`5 s`, `12.5 ms`), numbers with a decimal point, and process numbers
//!   (`pid=7`, `pid 7`, `7/python3`); numbers with a point only where they are no address
//!   (`127.0.0.1`) and no version (`HTTP/1.1`, `0.1.0`).
//!
//! In the sheet, `…` inside a line stands for anything in that line, and a line that is nothing but
//! `…` for any number of lines.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::dates::{dumps, without_dates};

/// What may differ; and, without a name, what only looks like it and may not.
static VARYING: LazyLock<Regex> = LazyLock::new(|| {
    let time = r"\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?";
    let forms = [
        r"\d+(?:\.\d+){2,}|[A-Za-z]+/\d+\.\d+|[0-9a-fA-F]*::[0-9a-fA-F:]*".to_string(),
        r"\d+/(?:tcp|udp)\b".to_string(),
        r"(?P<pid>(?:\bpid[= ]|\bprocess )\d+|\b\d+/[a-z_][a-z0-9_.-]*)".to_string(),
        format!(r"(?P<time>\b{time}\b)"),
        r"(?P<duration>[-+−]?\b\d+(?:\.\d+)?(?: ?(?:ns|µs|us|ms|s|sec|seconds?|minutes?|hours?|days?)\b))".to_string(),
        r"(?P<fraction>[-+−]?\b\d+\.\d+(?:e[-+]?\d+)?\b)".to_string(),
        r"(?P<port>\b(?:3276[89]|327[7-9]\d|32[89]\d\d|3[3-9]\d{3}|[45]\d{4}|60\d{3})\b)".to_string(),
    ];
    Regex::new(&forms.join("|")).unwrap()
});

/// Colours and movements of the cursor.
static ESCAPES: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][A-Z0-9]").unwrap());

/// The names of what may differ, as the groups of [`VARYING`] have them.
const NAMES: &[&str] = &["pid", "time", "duration", "fraction", "port"];

/// A line in which all that may differ is the same.
pub fn plain(line: &str) -> String {
    let line = without_dates(&ESCAPES.replace_all(line, ""));
    let named = VARYING.replace_all(&line, |found: &Captures| {
        match NAMES.iter().find(|name| found.name(name).is_some()) {
            Some(&"pid") => match found[0].split_once('/') {
                Some((_, program)) => format!("<pid>/{program}"),
                None => "<pid>".to_string(),
            },
            Some(name) => format!("<{name}>"),
            None => found[0].to_string(),
        }
    });
    let words: Vec<&str> = named.split([' ', '\t']).filter(|word| !word.is_empty()).collect();
    let indented = named.starts_with([' ', '\t']);
    format!("{}{}", if indented && !words.is_empty() { " " } else { "" }, words.join(" "))
}

fn plain_lines(lines: &[String]) -> Vec<String> {
    let dumps = dumps(lines).into_iter();
    lines.iter().zip(dumps).map(|(line, dump)| dump.unwrap_or_else(|| plain(line))).collect()
}

/// Whether a line is `…` alone: any number of lines.
fn is_any_lines(line: &str) -> bool {
    line.trim() == "…"
}

/// How many of the expected lines are there, and how many of the printed ones they cover, at most.
/// All is well when both are all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Matched {
    pub expected: usize,
    pub printed: usize,
}

/// Lays the expected lines upon the printed ones, from the first on. `Ok` when they cover each other.
pub fn compare(expected: &[String], printed: &[String]) -> Result<(), Matched> {
    let (expected_plain, printed_plain) = (plain_lines(expected), plain_lines(printed));
    // Which numbers of printed lines may be used up after the expected lines so far.
    let mut reached = vec![0];
    let mut best = Matched { expected: 0, printed: 0 };
    for (index, line) in expected_plain.iter().enumerate() {
        let mut next: Vec<usize> = Vec::new();
        for &used in &reached {
            if is_any_lines(line) {
                next.extend(used..=printed.len());
            } else if printed_plain.get(used).is_some_and(|printed| is_like(line, printed)) {
                next.push(used + 1);
            }
        }
        next.sort_unstable();
        next.dedup();
        let Some(&first) = next.first() else { return Err(best) };
        best = Matched { expected: index + 1, printed: first };
        reached = next;
    }
    if reached.contains(&printed.len()) { Ok(()) } else { Err(best) }
}

/// Whether a printed line is an expected one, in which `…` stands for anything.
fn is_like(expected: &str, printed: &str) -> bool {
    let parts: Vec<&str> = expected.split('…').collect();
    let [first, middle @ .., last] = parts.as_slice() else { return expected == printed };
    let Some(mut rest) = printed.strip_prefix(first.trim_end_matches(' ')) else { return false };
    for part in middle {
        let Some(at) = rest.find(part.trim()) else { return false };
        rest = &rest[at + part.trim().len()..];
    }
    rest.ends_with(last.trim_start_matches(' '))
}

/// What was expected and what happened, from the first line on that is not as expected.
pub fn difference(expected: &[String], printed: &[String], matched: Matched) -> String {
    let show = |lines: &[String], from: usize, none: &str| {
        let first = lines.get(from).map_or(none, String::as_str);
        if first.is_empty() { "(an empty line)".to_string() } else { first.to_string() }
    };
    format!(
        "expected: {}\nhappened: {}",
        show(expected, matched.expected, "(nothing more)"),
        show(printed, matched.printed, "(nothing more)")
    )
}
