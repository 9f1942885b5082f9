//! What a program may use. The launcher, a process between the worker and the program, gives up
//! rights and sets the limits, and becomes the program.

use std::env;
use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::process::{self, Command};
use std::thread;
use std::time::Duration;

use nix::sys::prctl;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::Signal;

use crate::exam::wait::Wait;

/// CPU time of one process, in seconds. No check needs more.
const CPU_SECONDS: u64 = 30;

/// Memory that one process may write to, in bytes.
const MEMORY: u64 = 2 << 30;

/// Processes and threads of one check.
const PROCESSES: u64 = 256;

/// Files open at once, in one process.
const OPEN_FILES: u64 = 4096;

/// The largest file that may be written, in bytes.
const FILE_SIZE: u64 = 64 << 20;

/// Becomes the program that the arguments name: a student's own, which is not closed in. `private`
/// tells that it runs on a private machine.
pub fn launch(private: bool) -> ! {
    let _ = set_limits(private);
    if private {
        let _ = give_up_rights();
    } else {
        // Where there is no machine of its own that ends, the program ends with the worker.
        let _ = prctl::set_pdeathsig(Signal::SIGKILL);
    }
    let mut words = env::args_os().skip(1);
    let Some(program) = words.next() else { process::exit(127) };
    let mut command = Command::new(&program);
    command.args(words).env_remove(super::super::worker::PART);
    let error = become_the_command(&mut command);
    let _ = writeln!(io::stderr(), "{}: {error}", program.to_string_lossy());
    process::exit(127)
}

/// Becomes the program of a command. Returns why that cannot be.
pub fn become_the_command(command: &mut Command) -> io::Error {
    // A file that a thread of the examiner has written is open in a child of another thread until that
    // child has become its own program.
    let mut wait = Wait::of(Duration::from_secs(5));
    loop {
        let error = command.exec();
        if error.kind() != io::ErrorKind::ExecutableFileBusy || wait.is_over() {
            return error;
        }
        thread::park_timeout(Duration::from_millis(5));
    }
}

/// Sets the limits of this process and all that it starts. A limit that is lower already stays.
/// `private` tells that the user numbers are those of a private machine: elsewhere a limit of processes
/// would count all that the user has.
///
/// # Errors
///
/// The system refuses one.
pub fn set_limits(private: bool) -> io::Result<()> {
    let mut limits = vec![
        (Resource::RLIMIT_CPU, CPU_SECONDS),
        (Resource::RLIMIT_DATA, MEMORY),
        (Resource::RLIMIT_NOFILE, OPEN_FILES),
        (Resource::RLIMIT_FSIZE, FILE_SIZE),
        (Resource::RLIMIT_CORE, 0),
    ];
    if private {
        limits.push((Resource::RLIMIT_NPROC, PROCESSES));
    }
    for (resource, limit) in limits {
        let limit = limit.min(getrlimit(resource)?.1);
        setrlimit(resource, limit, limit)?;
    }
    Ok(())
}

/// Takes all capabilities (capabilities(7)) from this process for the time after the next exec(), and
/// the power to get any: it can then neither change its machine nor look into the examiner.
///
/// # Errors
///
/// The system refuses.
pub fn give_up_rights() -> io::Result<()> {
    prctl::set_no_new_privs()?;
    for set in [caps::CapSet::Ambient, caps::CapSet::Bounding, caps::CapSet::Inheritable] {
        caps::clear(None, set).map_err(io::Error::other)?;
    }
    Ok(())
}
