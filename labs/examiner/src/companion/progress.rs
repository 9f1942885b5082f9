//! What a student has done so far, in a text file with one line a step.
//!
//! ```text
//! last: echo_server
//! udp_server started hints=2 passed
//! echo_server started points=17.5/31
//! ```
//!
//! A newer or an older course may know other steps and other words. What is not understood is left
//! as it is.

use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::process;

use examiner::catalogue::{self, Step};
use socket_labs::error::OrCannot;

use super::checkout::{Checkout, shown};
use super::result::Points;

/// The word in front of the step that was started last.
const LAST: &str = "last:";

/// The file, line by line.
#[derive(Debug, Default)]
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
    /// Reads the file; where there is none, nothing has been done.
    ///
    /// # Errors
    ///
    /// The file is there and cannot be read.
    pub fn load(checkout: &Checkout) -> anyhow::Result<Progress> {
        let file = checkout.progress();
        match fs::read(&file) {
            Ok(text) => {
                let mut lines: Vec<_> = text.split(|byte| *byte == b'\n').map(Vec::from).collect();
                if lines.last().is_some_and(Vec::is_empty) {
                    lines.pop(); // what is behind the last line end
                }
                Ok(Progress { lines })
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Progress::default()),
            Err(error) => Err(error).or_cannot("read", shown(&file))?,
        }
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

    fn put(&mut self, first: &str, words: &str) {
        let line = format!("{first} {words}").trim_end().as_bytes().to_vec();
        let is_it = |old: &&mut Vec<u8>| {
            str::from_utf8(old).is_ok_and(|old| old.split_whitespace().next() == Some(first))
        };
        match self.lines.iter_mut().find(is_it) {
            Some(old) => *old = line,
            None => self.lines.push(line),
        }
    }

    /// Writes the whole file beside the old one and puts it in its place, so that it is never half
    /// a file.
    fn save(&self, checkout: &Checkout) -> anyhow::Result<()> {
        let file = checkout.progress();
        let new = PathBuf::from(format!("{}.{}", file.display(), process::id()));
        let text = self.lines.iter().flat_map(|line| [line, &b"\n"[..]]).collect::<Vec<_>>();
        let written = fs::write(&new, text.concat()).and_then(|()| fs::rename(&new, &file));
        if written.is_err() {
            let _ = fs::remove_file(&new);
        }
        Ok(written.or_cannot("write", shown(&file))?)
    }
}

/// Changes how far the student is with a step. The file is read anew, because another `labs` may
/// have written it since.
///
/// # Errors
///
/// The file cannot be read or written.
pub fn change(
    checkout: &Checkout,
    step: &Step,
    change: impl FnOnce(&mut Standing),
) -> anyhow::Result<Standing> {
    let mut progress = Progress::load(checkout)?;
    let before = progress.of(step);
    let mut standing = before.clone();
    change(&mut standing);
    if standing != before {
        progress.put(step.name, &standing.written());
        progress.save(checkout)?;
    }
    Ok(standing)
}

/// Writes the line that begins with this word anew. The file is read anew, as above.
///
/// # Errors
///
/// The file cannot be read or written.
pub fn set_line(checkout: &Checkout, first: &str, words: &str) -> anyhow::Result<()> {
    let mut progress = Progress::load(checkout)?;
    progress.put(first, words);
    progress.save(checkout)
}

/// Remembers a step as started, and as the one that was started last.
///
/// # Errors
///
/// The file cannot be read or written.
pub fn started(checkout: &Checkout, step: &Step) -> anyhow::Result<()> {
    let mut progress = Progress::load(checkout)?;
    let standing = Standing { started: true, ..progress.of(step) };
    progress.put(step.name, &standing.written());
    progress.put(LAST, step.name);
    progress.save(checkout)
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
            Some(("points", points)) => {
                let points = points.split_once('/');
                let points =
                    points.and_then(|(got, of)| Some((got.parse().ok()?, of.parse().ok()?)));
                self.points = points;
                return points.is_some();
            }
            _ => return false,
        }
        true
    }

    fn written(&self) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn progress(text: &[u8]) -> Progress {
        Progress { lines: text.split(|byte| *byte == b'\n').map(Vec::from).collect() }
    }

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
        let mut progress = progress(
            b"# mine\n\xff\xfe\nstep_of_tomorrow passed\necho_server hints=many points=1 points=x/y\n\nlast: nothing",
        );
        assert!(progress.last().is_none());
        let standing = progress.of(step("echo_server"));
        assert_eq!((standing.hints, standing.points), (0, None));
        progress.put("echo_server", &standing.written());
        progress.put("udp_server", "started");
        progress.put(LAST, "udp_server");
        let expected = b"# mine\n\xff\xfe\nstep_of_tomorrow passed\necho_server hints=many points=1 points=x/y\n\nlast: udp_server\nudp_server started";
        assert_eq!(progress.lines.join(&b'\n'), expected);
        assert_eq!(progress.last().unwrap().name, "udp_server");
    }
}
