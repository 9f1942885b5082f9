//! What a student has done so far: the text file with one line a step, and what it says.
//!
//! ```text
//! last: echo_server
//! udp_server started hints=2 passed
//! echo_server started points=17.5/31
//! ```
//!
//! A newer or an older course may know other steps and other words. What is not understood is left
//! as it is.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use crate::catalogue::{self, Step};
use crate::exam::{Check, Report, Verdict};

/// The word in front of the step that was started last.
pub const LAST: &str = "last:";

/// The file, line by line.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Progress {
    lines: Vec<Vec<u8>>,
}

/// How far a student is with a step.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Standing {
    /// An answer was begun.
    pub started: bool,
    /// An answer passed every check once.
    pub passed: bool,
    /// How many hints were given.
    pub hints: usize,
    /// What the last whole examination brought, and what it could have brought.
    pub points: Option<(Points, Points)>,
    /// Words that this version of the course does not know.
    others: Vec<String>,
}

impl Progress {
    /// What the text of the file says. It need not be UTF-8.
    pub fn of_text(text: &[u8]) -> Progress {
        let mut lines: Vec<_> = text.split(|byte| *byte == b'\n').map(Vec::from).collect();
        if lines.last().is_some_and(Vec::is_empty) {
            lines.pop(); // what is behind the last line end
        }
        Progress { lines }
    }

    /// The text of the file, each line with its end.
    pub fn text(&self) -> Vec<u8> {
        self.lines.iter().flat_map(|line| [line, &b"\n"[..]]).collect::<Vec<_>>().concat()
    }

    /// The step that was started last.
    pub fn last(&self) -> Option<&'static Step> {
        self.words(LAST).and_then(|words| catalogue::step(words.first()?))
    }

    /// How far the student is with a step.
    pub fn of(&self, step: &Step) -> Standing {
        self.words(step.name).map(|words| Standing::read(&words)).unwrap_or_default()
    }

    /// The words behind a line's first one.
    pub fn words(&self, first: &str) -> Option<Vec<&str>> {
        let mut lines = self.lines.iter().filter_map(|line| str::from_utf8(line).ok());
        let line = lines.find(|line| line.split_whitespace().next() == Some(first))?;
        Some(line.split_whitespace().skip(1).collect())
    }

    /// Writes these words behind the first word of a line: over the line that begins with it, or as the
    /// last one.
    pub fn put(&mut self, first: &str, words: &str) {
        let line = format!("{first} {words}").trim_end().as_bytes().to_vec();
        let is_it = |old: &&mut Vec<u8>| {
            str::from_utf8(old).is_ok_and(|old| old.split_whitespace().next() == Some(first))
        };
        match self.lines.iter_mut().find(is_it) {
            Some(old) => *old = line,
            None => self.lines.push(line),
        }
    }
}

impl Standing {
    fn read(words: &[&str]) -> Standing {
        let mut standing = Standing::default();
        for word in words {
            if !standing.take(word) {
                standing.others.push(word.to_string());
            }
        }
        standing
    }

    /// Whether the word was understood.
    fn take(&mut self, word: &str) -> bool {
        match word.split_once('=') {
            None if word == "started" => self.started = true,
            None if word == "passed" => self.passed = true,
            Some(("hints", number)) => match number.parse() {
                Ok(number) => self.hints = number,
                Err(_) => return false,
            },
            Some(("points", points)) => match fraction(points) {
                Some(points) => self.points = Some(points),
                None => return false,
            },
            _ => return false,
        }
        true
    }

    /// The words of its line, without the first one.
    pub fn written(&self) -> String {
        let mut words = Vec::new();
        if self.started {
            words.push("started".to_string());
        }
        if self.hints > 0 {
            words.push(format!("hints={}", self.hints));
        }
        if let Some((got, of)) = self.points {
            words.push(format!("points={got}/{of}"));
        }
        if self.passed {
            words.push("passed".to_string());
        }
        words.extend(self.others.iter().cloned());
        words.join(" ")
    }

    /// In a few words: `passed`, `17.5 of 31 points`, `begun`; empty where nothing was done.
    pub fn words(&self) -> String {
        match self.points {
            _ if self.passed => "passed".into(),
            Some((got, of)) => format!("{got} of {of} points"),
            None if self.started => "begun".into(),
            None => String::new(),
        }
    }
}

/// `17.5/31`.
fn fraction(text: &str) -> Option<(Points, Points)> {
    let (got, of) = text.split_once('/')?;
    Some((got.parse().ok()?, of.parse().ok()?))
}

/// Points, in halves: a fragile answer gets half of what a right one does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Points(u32);

impl Points {
    /// What a check is worth.
    pub fn of(check: &Check) -> Points {
        Points(check.points * 2)
    }

    /// What a check brought.
    pub fn got(check: &Check, report: &Report) -> Points {
        match report.verdict {
            Verdict::Pass => Points(check.points * 2),
            Verdict::Fragile => Points(check.points),
            _ => Points(0),
        }
    }
}

impl Points {
    /// So many percent of them, in whole halves.
    pub fn percent(self, percent: u32) -> Points {
        Points(self.0 * percent / 100)
    }
}

impl std::iter::Sum for Points {
    fn sum<I: Iterator<Item = Points>>(points: I) -> Points {
        Points(points.map(|points| points.0).sum())
    }
}

impl fmt::Display for Points {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&(f64::from(self.0) / 2.0).to_string()) // `17`, `17.5`
    }
}

impl FromStr for Points {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Points, Self::Err> {
        let (whole, half) = match text.strip_suffix(".5") {
            Some(whole) => (whole, 1),
            None => (text, 0),
        };
        Ok(Points(u32::from(whole.parse::<u16>()?) * 2 + half))
    }
}

impl Serialize for Points {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.is_multiple_of(2) {
            serializer.serialize_u32(self.0 / 2)
        } else {
            serializer.serialize_f64(f64::from(self.0) / 2.0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(name: &str) -> &'static Step {
        catalogue::step(name).unwrap()
    }

    #[test]
    fn a_line_is_read_and_written_as_it_was() {
        let line = "started hints=2 points=17.5/31 passed newer=thing";
        let words: Vec<&str> = line.split(' ').collect();
        let standing = Standing::read(&words);
        assert!(standing.started && standing.passed && standing.hints == 2);
        assert_eq!(standing.points.unwrap().0.to_string(), "17.5");
        assert_eq!(standing.written(), line);
    }

    #[test]
    fn what_is_not_understood_is_ignored_and_kept() {
        let mut progress = Progress::of_text(
            b"# mine\n\xff\xfe\nstep_of_tomorrow passed\necho_server hints=many points=1 points=x/y\n\nlast: nothing",
        );
        assert!(progress.last().is_none());
        let standing = progress.of(step("echo_server"));
        assert_eq!((standing.hints, standing.points), (0, None));
        progress.put("echo_server", &standing.written());
        progress.put("udp_server", "started");
        progress.put(LAST, "udp_server");
        let expected = b"# mine\n\xff\xfe\nstep_of_tomorrow passed\necho_server hints=many points=1 points=x/y\n\nlast: udp_server\nudp_server started\n";
        assert_eq!(progress.text(), expected);
        assert_eq!(progress.last().unwrap().name, "udp_server");
    }

    #[test]
    fn points_are_written_as_they_are_read() {
        for text in ["0", "0.5", "17", "17.5"] {
            assert_eq!(text.parse::<Points>().unwrap().to_string(), text);
        }
        for wrong in ["", "-1", "1.25", "x", "99999999999"] {
            assert!(wrong.parse::<Points>().is_err(), "{wrong}");
        }
    }
}
