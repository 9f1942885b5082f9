//! An experiment in a process of its own, and where the system allows it, in a network of its own.
//!
//! What the experiment leaves behind, sockets in TIME_WAIT for example, ends with that network. Its
//! ports are those of the lab, and nobody else is there.

use std::env;
use std::io::{self, Read};
use std::path::Path;
use std::process::{self, Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::{Entry, Observation, Question, Stop, Trial, entry};
use crate::exam::private::{Machine, enter};

/// The variable that makes a process one that runs an experiment.
const PART: &str = "SOCKET_LABS_EXPERIMENT";

/// Where it is set, experiments run in the network that everybody shares.
const SHARED: &str = "SOCKET_LABS_SHARED_NETWORK";

/// The most time that one experiment may take. None needs it.
const LIMIT: Duration = Duration::from_secs(60);

/// How a process ends that could not make its private network ready.
const REFUSED: i32 = 77;

/// Plays the part of an experiment and does not return, where this process was started as one. It must
/// be among the first things that `main` does.
pub fn enter_if_asked() {
    let Some(part) = env::var_os(PART) else { return };
    let number = env::args().nth(1).and_then(|word| word.parse().ok());
    let Some(Entry { question, .. }) = number.and_then(entry) else { process::exit(2) };
    match part.to_str() {
        Some("outer") => outer(),
        Some("private") => inner(question, true),
        _ => inner(question, false),
    }
}

/// Runs the experiment of a question, as a process of this program, which is `labs`.
///
/// # Errors
///
/// Its process cannot be started, or says nothing in time.
pub fn run(number: u8) -> io::Result<Observation> {
    let shared = env::var_os(SHARED).is_some();
    run_by(&env::current_exe()?, number, shared)
}

/// Runs the experiment of a question as a process of `labs`; `shared` is in the network that
/// everybody shares.
///
/// # Errors
///
/// As [`run`].
pub fn run_by(labs: &Path, number: u8, shared: bool) -> io::Result<Observation> {
    let silent = || io::Error::other("the experiment told nothing");
    let private = match cfg!(target_os = "linux") && !shared {
        true => start(labs, number, "outer")?,
        false => None,
    };
    match private {
        Some(seen) => Ok(seen),
        None => start(labs, number, "shared")?.ok_or_else(silent),
    }
}

/// `None` where the private network was refused.
fn start(labs: &Path, number: u8, part: &str) -> io::Result<Option<Observation>> {
    let mut command = command(labs, part, &number.to_string());
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    let report = report(&mut child);
    if report.is_err() {
        let _ = child.kill();
    }
    if child.wait()?.code() == Some(REFUSED) {
        return Ok(None);
    }
    let broken = |error| io::Error::other(format!("the experiment ended without a word: {error}"));
    serde_json::from_slice(&report?).map(Some).map_err(broken)
}

fn report(child: &mut Child) -> io::Result<Vec<u8>> {
    let mut stdout = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
    let (done, finished) = mpsc::channel();
    thread::Builder::new().spawn(move || {
        let mut report = Vec::new();
        let _ = done.send(stdout.read_to_end(&mut report).map(|_| report));
    })?;
    let too_long = |_| io::Error::new(io::ErrorKind::TimedOut, "the experiment took too long");
    finished.recv_timeout(LIMIT).map_err(too_long)?
}

fn command(labs: &Path, part: &str, number: &str) -> Command {
    let mut command = Command::new(labs);
    command.env(PART, part).arg(number).stdin(Stdio::null());
    command
}

/// Leaves the network that everybody shares: a process with a single thread can.
fn outer() -> ! {
    let number = env::args().nth(1).unwrap_or_default();
    let inner = env::current_exe().map(|labs| command(&labs, "private", &number));
    let ended = inner.and_then(|inner| enter(inner, false)?.wait());
    process::exit(ended.ok().and_then(|status| status.code()).unwrap_or(REFUSED))
}

fn inner(question: &'static Question, private: bool) -> ! {
    if private && Machine::prepare(true, None).is_err() {
        process::exit(REFUSED);
    }
    let seen = observe(question, private);
    let written = serde_json::to_writer(io::stdout(), &seen);
    process::exit(i32::from(written.is_err()))
}

/// Runs the experiment here and now. What it claims to be unable to do is told as such.
fn observe(question: &'static Question, private: bool) -> Observation {
    let mut trial = Trial::new(question, private);
    let outcome = (question.experiment)(&mut trial);
    trial.finish(outcome)
}

impl Stop {
    /// This machine cannot do it, for this reason.
    pub fn cannot_run(reason: impl Into<String>) -> Stop {
        Stop::CannotRun(reason.into())
    }
}
