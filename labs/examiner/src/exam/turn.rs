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

/// How long another examination may have the port.
const QUEUE: Duration = Duration::from_secs(600);

/// TIME_WAIT is 60 s long on Linux.
const PATIENCE: Duration = Duration::from_secs(65);

/// The right to the fixed ports, until it is dropped.
pub struct Turn {
    _here: MutexGuard<'static, ()>,
    _everywhere: Sign,
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
    let sign = until(QUEUE, || match put_up(exam.port) {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => None,
        sign => Some(sign),
    });
    let sign = sign.ok_or("another examination keeps the port")?;
    let sign = sign.map_err(|error| format!("no turn at the port: {error}"))?;
    match until(PATIENCE, || is_free(exam.port).then_some(())) {
        Some(()) => Ok(Some(Turn { _here: here, _everywhere: sign })),
        None => Err(format!(
            "another program has port {} of this computer, which the program would take: let it take \
             its port, and write {{port}} in the command",
            exam.port
        )),
    }
}

/// What the other examiners on this computer see of a turn. The name of a Unix socket that is no file
/// belongs to a network, as a port does, and nobody has to own or to clear away anything.
#[cfg(target_os = "linux")]
type Sign = std::os::unix::net::UnixListener;

/// Puts up the sign of a port.
///
/// # Errors
///
/// `AddrInUse`: another examination has its turn.
#[cfg(target_os = "linux")]
fn put_up(port: u16) -> io::Result<Sign> {
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::net::SocketAddr;
    Sign::bind_addr(&SocketAddr::from_abstract_name(format!("socket-labs-port-{port}"))?)
}

/// Elsewhere the lock of a file, of all the examinations of one user.
#[cfg(all(unix, not(target_os = "linux")))]
type Sign = nix::fcntl::Flock<std::fs::File>;

#[cfg(all(unix, not(target_os = "linux")))]
fn put_up(port: u16) -> io::Result<Sign> {
    use nix::fcntl::{Flock, FlockArg};
    let name = format!("socket-labs-port-{port}-{}", nix::unistd::getuid());
    let path = std::env::temp_dir().join(name);
    let file = std::fs::File::options().create(true).truncate(false).write(true).open(path)?;
    Flock::lock(file, FlockArg::LockExclusiveNonblock).map_err(|(_, error)| match error {
        nix::Error::EWOULDBLOCK => io::ErrorKind::AddrInUse.into(),
        error => error.into(),
    })
}

/// Off Unix the examinations of this process alone take turns.
#[cfg(not(unix))]
type Sign = ();

#[cfg(not(unix))]
fn put_up(_: u16) -> io::Result<Sign> {
    Ok(())
}

/// Whether the check has a network of its own.
fn is_private(submission: &Submission) -> bool {
    submission.closed.is_some() || worker::is_private().is_ok()
}
