//! The terminal: lines for the student, prompts, and the summary at Ctrl-C.
//!
//! [`say!`](crate::say) is `println!` and [`note!`](crate::note) is `eprintln!`, except that a
//! closed pipe is a quiet end of the program and not a panic (`udp_server | head -1`).

use std::fmt::{self, Display};
use std::io::{self, BufRead, IsTerminal, Read, Write};
use std::mem;
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, Once, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use crate::bytes::printable_lines;
use crate::complaints;
use crate::error::{Failure, OrCannot, report};

/// Prints a line on standard output and sends it on at once, into a pipe too.
#[macro_export]
macro_rules! say {
    ($($arg:tt)*) => { $crate::console::say_line(format_args!($($arg)*)) };
}

/// Prints a line on standard error: prompts, hints, warnings, errors.
#[macro_export]
macro_rules! note {
    ($($arg:tt)*) => { $crate::console::note_line(format_args!($($arg)*)) };
}

/// What [`say!`](crate::say) calls. All of it goes out in one write(), however many lines it has.
pub fn say_line(line: fmt::Arguments) {
    let line = format!("{line}\n");
    let mut stdout = io::stdout().lock();
    let written = stdout.write_all(line.as_bytes()).and_then(|()| stdout.flush());
    end_if_closed(written);
}

/// What [`note!`](crate::note) calls: one write() too. Where standard error is closed there is nobody
/// left to tell.
pub fn note_line(line: fmt::Arguments) {
    let _ = io::stderr().lock().write_all(format!("{line}\n").as_bytes());
}

/// What [`show`] keeps for its next call, on a terminal: at most 3 bytes.
static UNFINISHED: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Writes bytes that came from the network to standard output and sends them on at once.
///
/// Into a pipe or a file they go as they are. On a terminal, control characters are escaped, all
/// but line ends and tabs, because a stranger's bytes could otherwise drive the terminal. The first
/// bytes of a character that is not whole yet wait there for the next call, or for the end of the
/// program: [`finish`](crate::error::finish) and Ctrl-C show them.
///
/// # Errors
///
/// Standard output cannot be written (a full disk). A closed pipe is not an error: it ends the
/// program.
pub fn show(bytes: &[u8]) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    let written = if stdout.is_terminal() {
        let mut waiting = UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.extend_from_slice(bytes);
        let end = waiting.len() - unfinished(&waiting);
        let rest = waiting.split_off(end);
        let whole = mem::replace(&mut *waiting, rest);
        if !waiting.is_empty() {
            show_rest_at_ctrl_c();
        }
        stdout.write_all(printable_lines(&without_carriage_returns(&whole)).as_bytes())
    } else {
        stdout.write_all(bytes)
    };
    match written.and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => process::exit(0),
        written => written.or_cannot("write to", "standard output"),
    }
}

/// Shows what [`show`] still keeps. Nothing more comes, so it is no whole character: it is escaped.
pub fn show_rest() {
    let mut stdout = io::stdout().lock(); // before the other lock, as in `show`
    let rest = mem::take(&mut *UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner));
    if !rest.is_empty() {
        let written = stdout.write_all(printable_lines(&rest).as_bytes());
        end_if_closed(written.and_then(|()| stdout.flush()));
    }
}

/// The signal would end the program before it has shown what it keeps. The exit code stays the one
/// that a shell gives to a program that Ctrl-C has ended.
fn show_rest_at_ctrl_c() {
    static ONCE: Once = Once::new();
    // A program with other last words has a handler already, which stays.
    ONCE.call_once(|| _ = end_at_ctrl_c(130, show_rest));
}

/// How many bytes at the end may belong together with the next ones: a part of a UTF-8 character
/// (RFC 3629: at most 4 bytes), or CR, which LF may follow.
fn unfinished(bytes: &[u8]) -> usize {
    if bytes.ends_with(b"\r") {
        return 1;
    }
    let is_part = |length: &usize| {
        let tail = &bytes[bytes.len() - length..];
        matches!(str::from_utf8(tail), Err(error) if error.error_len().is_none() && error.valid_up_to() == 0)
    };
    (1..=bytes.len().min(3)).find(is_part).unwrap_or(0)
}

/// The lines of network protocols end with CR LF; a terminal needs the LF alone.
fn without_carriage_returns(bytes: &[u8]) -> Vec<u8> {
    let followed_by_lf = |i: usize| bytes.get(i + 1) == Some(&b'\n');
    let kept = bytes.iter().enumerate().filter(|(i, byte)| **byte != b'\r' || !followed_by_lf(*i));
    kept.map(|(_, byte)| *byte).collect()
}

fn end_if_closed(written: io::Result<()>) {
    if let Err(error) = written {
        if error.kind() != io::ErrorKind::BrokenPipe {
            report(&Failure::new("write to", "standard output", &error));
            process::exit(1);
        }
        process::exit(0);
    }
}

/// Asks a question on standard error and reads the line typed, without its line end.
///
/// At most `limit` bytes of the line are taken; the rest of a longer line is left unread. The
/// bytes need not be UTF-8. At the end of input the answer is empty.
///
/// # Errors
///
/// Standard input cannot be read.
pub fn ask(question: &str, limit: usize) -> Result<Vec<u8>, Failure> {
    let _ = write!(io::stderr().lock(), "{question}");
    let mut line = Vec::new();
    let mut input = io::stdin().lock().take(limit as u64);
    input.read_until(b'\n', &mut line).or_cannot("read", "standard input")?;
    if line.ends_with(b"\n") {
        line.pop();
        if line.ends_with(b"\r") {
            line.pop();
        }
    }
    Ok(line)
}

/// At Ctrl-C, prints `Stopped by Ctrl-C. ` with the summary behind it, and exits with 0.
///
/// # Errors
///
/// The system does not let the program listen for Ctrl-C.
pub fn on_ctrl_c<S: Display>(summary: impl Fn() -> S + Send + 'static) -> Result<(), Failure> {
    at_ctrl_c(move || say!("\nStopped by Ctrl-C. {}", summary()))
}

/// At Ctrl-C, does this and exits with 0: for a program whose standard output is no place for a
/// summary.
///
/// # Errors
///
/// The system does not let the program listen for Ctrl-C.
pub fn at_ctrl_c(last_words: impl Fn() + Send + 'static) -> Result<(), Failure> {
    end_at_ctrl_c(0, last_words)
}

fn end_at_ctrl_c(code: i32, last_words: impl Fn() + Send + 'static) -> Result<(), Failure> {
    let stop = move || {
        // Standard output may be a full pipe that nobody reads. The end does not wait for that.
        let _ = thread::Builder::new().spawn(move || {
            let (_keep, never) = mpsc::channel::<()>();
            let _ = never.recv_timeout(Duration::from_secs(1));
            process::exit(code);
        });
        complaints::say_rest();
        last_words();
        process::exit(code);
    };
    ctrlc::set_handler(stop).map_err(io::Error::other).or_cannot("listen for", "Ctrl-C")
}

/// Counts what a server has done, and prints the count at Ctrl-C.
#[derive(Debug, Clone)]
pub struct Tally(Arc<AtomicU64>);

impl Tally {
    /// Starts at 0. At Ctrl-C the program prints `Stopped by Ctrl-C. WHAT: 3` and exits with 0.
    ///
    /// # Errors
    ///
    /// The system does not let the program listen for Ctrl-C.
    pub fn until_ctrl_c(what: &'static str) -> Result<Tally, Failure> {
        let tally = Tally(Arc::default());
        let shown = tally.clone();
        on_ctrl_c(move || format!("{what}: {}", shown.0.load(Ordering::Relaxed)))?;
        Ok(tally)
    }

    /// One more.
    pub fn add_one(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_cut_in_two_waits_for_its_other_half() {
        assert_eq!(unfinished("señor".as_bytes()), 0);
        assert_eq!(unfinished(&"señ".as_bytes()[..3]), 1);
        assert_eq!(unfinished(&"漢".as_bytes()[..2]), 2);
        assert_eq!(unfinished(&"😀".as_bytes()[..3]), 3);
        assert_eq!(unfinished(b"line\r"), 1);
        assert_eq!(unfinished(b"\xff"), 0, "this can never become a character");
        assert_eq!(unfinished(b""), 0);
    }

    #[test]
    fn only_the_carriage_return_of_a_line_end_is_dropped() {
        assert_eq!(without_carriage_returns(b"a\r\nb\rc\r"), b"a\nb\rc\r");
    }
}
