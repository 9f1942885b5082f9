//! How a program died, and what it said: the better explanation of all that its peer sees of it.
//!
//! It is asked at the moment at which a check finds something wrong. Afterwards the examiner hangs up, and
//! what a program says of that explains nothing.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use socket_labs::bytes::printable;

use super::Way;
use super::output::is_traceback;
use super::program::{Program, until};
use super::transcript::clip;

/// The program that this process, which runs one check, has started last.
static LATEST: Mutex<Option<Program>> = Mutex::new(None);

/// How long a program whose connection has ended may take to be dead.
const MOMENT: Duration = Duration::from_millis(100);

/// The most of a line that is told, in characters.
const LONGEST: usize = 400;

/// What a program has said, or how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Death {
    /// A thread of it has died of this error, and the others go on.
    OfAThread(String),
    /// It has died of this error.
    Of(String),
    /// It has shown a traceback with this error, and goes on.
    Traceback(String),
    /// A signal has ended it: its words.
    Signal(String),
    /// It has ended: how, and the last line on its standard error.
    Ended(String, Option<String>),
    /// It goes on; the last line on its standard error, which is about an error.
    Said(String),
}

/// From now on this is the program that is asked about.
pub fn watch(program: &Program) {
    *LATEST.lock().unwrap_or_else(PoisonError::into_inner) = Some(program.clone());
}

/// How the program died, where something of this kind was found.
pub fn of_the_program(way: Way) -> Option<Death> {
    let program = LATEST.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
    let is_cut_off = matches!(way, Way::Refused | Way::Reset | Way::Closed | Way::Missing);
    if is_cut_off {
        until(MOMENT, || program.ended());
    }
    let ended = program.ended();
    if ended.is_some() {
        // What it said in its last moment may still be on its way here.
        program.stderr().wait_for_end(MOMENT);
    }
    let (text, errors) = (program.printed(), program.stderr().text());
    if is_traceback(&text) {
        let (is_of_a_thread, line) = cause(&text)?;
        return Some(match ended {
            Some(_) => Death::Of(line),
            None if is_of_a_thread => Death::OfAThread(line),
            None => Death::Traceback(line),
        });
    }
    let last = last_line(&errors);
    match ended {
        Some(_) if program.was_ended() => None,
        Some(ended) if ended.code.is_none() => Some(Death::Signal(ended.words)),
        Some(ended) => {
            let is_well = ended.code == Some(0);
            let last = last.filter(|line| !is_well || names_an_error(line));
            Some(Death::Ended(ended.words, last))
        }
        None => last.filter(|line| names_an_error(line)).map(Death::Said),
    }
}

impl Death {
    /// The sentence of what happened, with this in front of it or behind it.
    pub fn explains(&self, way: Way, sentence: &str) -> String {
        let says_the_end =
            matches!(way, Way::Ended | Way::ExitCode | Way::Traceback | Way::NotStarted);
        let is_of_the_wire = matches!(
            way,
            Way::Refused
                | Way::Reset
                | Way::Closed
                | Way::Silent
                | Way::Missing
                | Way::Waits
                | Way::NotClosed
                | Way::NotPrinted
        );
        match self {
            Death::Of(line) | Death::OfAThread(line) | Death::Traceback(line) if says_the_end => {
                format!("{sentence} It says: {line}")
            }
            Death::Of(line) => format!("The program has died: {line}. {sentence}"),
            Death::OfAThread(line) => {
                format!("A thread of the program has died: {line}. {sentence}")
            }
            Death::Traceback(line) => {
                format!("The program has shown a traceback: {line}. {sentence}")
            }
            Death::Signal(words) if !says_the_end => {
                format!("The program has died: {words}. {sentence}")
            }
            Death::Ended(words, Some(_)) if says_the_end && words == "exit code 0" => {
                sentence.into()
            }
            Death::Ended(_, Some(line)) | Death::Said(line) if says_the_end || is_of_the_wire => {
                format!("{sentence} It says: {line}")
            }
            // A program that has done its work ends too.
            Death::Ended(words, None)
                if matches!(way, Way::Refused | Way::Reset)
                    || matches!(way, Way::Closed | Way::Silent) && words != "exit code 0" =>
            {
                format!("The program has ended: {words}. {sentence}")
            }
            _ => sentence.into(),
        }
    }

    /// What to try, where that is another thing than what the check says: its end goes first.
    pub fn advice(&self) -> Option<&'static str> {
        match self {
            Death::Of(_) | Death::OfAThread(_) | Death::Traceback(_) => {
                Some("Handle the error that it names, first of all.")
            }
            Death::Signal(words) if words.contains("SIGPIPE") => Some(
                "A send() to a peer that has gone ends a program by SIGPIPE: ignore that signal, or send \
                 with MSG_NOSIGNAL.",
            ),
            Death::Signal(words)
                if ["SIGSEGV", "SIGBUS", "SIGABRT"].iter().any(|signal| words.contains(signal)) =>
            {
                Some(
                    "It has touched memory that is not its own: look at lengths and pointers, or build it with \
                 -fsanitize=address.",
                )
            }
            _ => None,
        }
    }
}

/// The last line on standard error. A question has no line end.
fn last_line(errors: &str) -> Option<String> {
    let mut lines = errors.split_inclusive('\n').rev().filter(|line| !line.trim().is_empty());
    lines.find(|line| line.ends_with('\n') || names_an_error(line)).map(told)
}

/// Whether a line on standard error is about an error, and no question or log. The system's own words are
/// English on the machine of a check.
fn names_an_error(line: &str) -> bool {
    const SIGNS: &[&str] = &[
        "error",
        "errno",
        "exception",
        "fail",
        "cannot",
        "can't",
        "too long",
        "in use",
        "refused",
        "reset",
        "broken pipe",
        "timed out",
        "invalid",
        "denied",
        "unreachable",
        "bad ",
    ];
    let line = line.to_lowercase();
    SIGNS.iter().any(|sign| line.contains(sign))
}

/// The line of a traceback or a panic that names the error, and whether it was that of a thread.
fn cause(text: &str) -> Option<(bool, String)> {
    let lines: Vec<&str> = text.lines().collect();
    let last = |mark: &str| lines.iter().rposition(|line| line.contains(mark));
    let after =
        |at: usize, is_it: fn(&str) -> bool| lines[at + 1..].iter().find(|line| is_it(line));
    // Python: the calls are indented, and the error is not.
    if let Some(at) = last("Traceback (most recent call last)") {
        let is_error = |line: &str| !line.is_empty() && !line.starts_with([' ', '\t']);
        let of_a_thread = at > 0 && lines[at - 1].starts_with("Exception in thread ");
        return after(at, is_error).map(|line| (of_a_thread, told(line)));
    }
    // Rust: `thread 'main' panicked at src/main.rs:3:5:`, and the message below.
    if let Some(at) = last(" panicked at ") {
        let of_a_thread = !lines[at].contains("thread 'main'");
        let message = after(at, |line| !line.trim().is_empty()).unwrap_or(&lines[at]);
        return Some((of_a_thread, told(message)));
    }
    // Java: `Exception in thread "Thread-0" java.net.SocketException: Connection reset`.
    if let Some(at) = last("Exception in thread \"") {
        let of_a_thread = !lines[at].contains("\"main\"");
        let error = lines[at].rsplit_once("\" ").map_or(lines[at], |(_, error)| error);
        return Some((of_a_thread, told(error)));
    }
    // Go.
    if let Some(at) = lines.iter().rposition(|line| line.starts_with("panic: ")) {
        return Some((false, told(lines[at])));
    }
    // Node.js and Java: the error stands above the calls.
    let call = |line: &&str| line.starts_with("    at ") || line.starts_with("\tat ");
    let at = lines.iter().position(call)?;
    at.checked_sub(1).map(|at| (false, told(lines[at])))
}

/// A line of a stranger, without a point at its end, as a sentence takes it.
fn told(line: &str) -> String {
    clip(&printable(line.trim().trim_end_matches('.').as_bytes()), LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_that_names_the_error_is_found_in_every_language() {
        let cases = [
            (
                "Traceback (most recent call last):\n  File \"a.py\", line 1, in <module>\n    f()\n    ^^^\n\
                 KeyError: 'a'\n\nDuring handling of the above exception, another exception occurred:\n\n\
                 Traceback (most recent call last):\n  File \"a.py\", line 3, in <module>\n    g()\n\
                 ValueError: a: b\n",
                (false, "ValueError: a: b"),
            ),
            (
                "listening\nException in thread Thread-1 (talk):\nTraceback (most recent call last):\n  \
                 File \"a.py\", line 6, in talk\nUnicodeDecodeError: 'utf-8' codec can't decode byte 0xff.\n",
                (true, "UnicodeDecodeError: 'utf-8' codec can't decode byte 0xff"),
            ),
            (
                "\nthread '<unnamed>' (71) panicked at src/main.rs:3:5:\ncalled `unwrap()` on an `Err` value\n\
                 note: run with `RUST_BACKTRACE=1`\n",
                (true, "called `unwrap()` on an `Err` value"),
            ),
            ("thread 'main' panicked at a.rs:3:5:\nno\n", (false, "no")),
            (
                "Exception in thread \"main\" java.net.BindException: Address already in use\n\tat A.main(A.java)\n",
                (false, "java.net.BindException: Address already in use"),
            ),
            ("panic: no route\n\ngoroutine 1 [running]:\n", (false, "panic: no route")),
            (
                "node:events:497\n      throw er;\n      ^\n\nError: listen EADDRINUSE: 127.0.0.1:8888\n    at \
                 Server.setup (node:net:1817:16)\n    at listen (node:net:1865:12)\n",
                (false, "Error: listen EADDRINUSE: 127.0.0.1:8888"),
            ),
        ];
        for (text, (of_a_thread, line)) in cases {
            assert!(is_traceback(text), "{text}");
            assert_eq!(cause(text), Some((of_a_thread, line.to_string())), "{text}");
        }
        assert_eq!(cause("an error: no\n"), None);
        assert_eq!(last_line("no\n\nMessage? "), Some("no".into()));
        assert_eq!(last_line("no\nerror: why"), Some("error: why".into()));
        assert_eq!(last_line("? "), None);
        assert!(names_an_error("sendto: [Errno 90] Message too long"));
        assert!(!names_an_error("The server is ready to receive"));
    }

    #[test]
    fn a_death_goes_in_front_and_its_last_words_behind() {
        let line = || "OSError: no".to_string();
        let explained = |death: Death, way| death.explains(way, "It was so.");
        let of_a_thread = "A thread of the program has died: OSError: no. It was so.";
        assert_eq!(explained(Death::OfAThread(line()), Way::Closed), of_a_thread);
        assert_eq!(explained(Death::Of(line()), Way::Ended), "It was so. It says: OSError: no");
        assert_eq!(explained(Death::Said(line()), Way::Silent), "It was so. It says: OSError: no");
        assert_eq!(explained(Death::Said(line()), Way::WrongField), "It was so.");
        let signal = Death::Signal("signal 13 (SIGPIPE)".into());
        assert!(signal.advice().is_some_and(|advice| advice.contains("MSG_NOSIGNAL")));
        let died = "The program has died: signal 13 (SIGPIPE). It was so.";
        assert_eq!(signal.explains(Way::Reset, "It was so."), died);
        let ended = Death::Ended("exit code 0".into(), None);
        assert_eq!(
            explained(ended, Way::Refused),
            "The program has ended: exit code 0. It was so."
        );
    }
}
