//! Turns at a fixed port, where all checks share the network of this computer.
//!
//! A program that is not told its port takes the lab's own. On a private network that is nobody else's.
//! Elsewhere one check at a time has it, of all the examiners on this computer, and only once nobody
//! holds it any more: a port whose last connection is in TIME_WAIT is free after a minute.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::ports::is_free;
use super::program::{takes, until};
use super::{Exam, Submission, worker};

/// TIME_WAIT is 60 s long on Linux.
const PATIENCE: Duration = Duration::from_secs(65);

/// The right to the fixed ports, until it is dropped.
pub struct Turn {
    _here: MutexGuard<'static, ()>,
    #[cfg(unix)]
    _everywhere: nix::fcntl::Flock<std::fs::File>,
}

/// Takes the turn at the port of the step, where the program has it fixed and the network is shared;
/// waits for both. `Ok(None)` where no turn is needed.
///
/// # Errors
///
/// A sentence: somebody else has the port, and keeps it.
pub fn take(exam: &Exam, submission: &Submission) -> Result<Option<Turn>, String> {
    let names_port = exam.arguments.iter().any(|argument| argument.contains("{port}"));
    if !names_port || takes(&submission.command, "port") || is_private(submission) {
        return Ok(None);
    }
    static HERE: Mutex<()> = Mutex::new(());
    let here = HERE.lock().unwrap_or_else(PoisonError::into_inner);
    let turn = turn(here, exam.port).map_err(|error| format!("no turn at the port: {error}"))?;
    match until(PATIENCE, || is_free(exam.port).then_some(())) {
        Some(()) => Ok(Some(turn)),
        None => Err(format!(
            "another program has port {} of this computer, which the program would take: let it take \
             its port, and write {{port}} in the command",
            exam.port
        )),
    }
}

#[cfg(unix)]
fn turn(here: MutexGuard<'static, ()>, port: u16) -> io::Result<Turn> {
    use nix::fcntl::{Flock, FlockArg};
    use std::{env, fs::File};
    let path = env::temp_dir().join(format!("socket-labs-port-{port}-{}", nix::unistd::getuid()));
    let file = File::options().create(true).truncate(false).write(true).open(path)?;
    let everywhere = Flock::lock(file, FlockArg::LockExclusive).map_err(|(_, error)| error)?;
    Ok(Turn { _here: here, _everywhere: everywhere })
}

#[cfg(not(unix))]
fn turn(here: MutexGuard<'static, ()>, _: u16) -> io::Result<Turn> {
    Ok(Turn { _here: here })
}

/// Whether the check has a network of its own.
fn is_private(submission: &Submission) -> bool {
    submission.closed.is_some() || worker::is_private().is_ok()
}
