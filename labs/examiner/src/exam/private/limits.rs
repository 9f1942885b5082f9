//! What a program may use. The launcher, a process between the worker and the program, gives up
//! rights and sets the limits, and becomes the program.

use std::env;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::process::{self, Command};

use nix::sys::prctl;
use nix::sys::resource::{Resource, setrlimit};
use nix::sys::signal::Signal;
use nix::unistd::{Gid, Uid, setgid, setuid};

use super::system::STRANGER;

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

/// Becomes the program that the arguments name. `private` tells that the user numbers of this
/// namespace are its own: elsewhere a limit of processes would count all that the user has.
/// `closed` tells that it is a stranger's program.
pub fn launch(private: bool, closed: bool) -> ! {
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
        // A limit that is lower already stays.
        let _ = setrlimit(resource, limit, limit);
    }
    if closed {
        // Root's processes are not limited in number (setrlimit(2)), so that a stranger's program
        // is not root's. Where root did not start the examiner, there is one number alone.
        let _ = setgid(Gid::from_raw(STRANGER)).and_then(|()| setuid(Uid::from_raw(STRANGER)));
    }
    if private {
        give_up_rights();
    }
    if !private {
        // Where there is no machine of its own that ends, the program ends with the worker.
        let _ = prctl::set_pdeathsig(Signal::SIGKILL);
    }
    let mut words = env::args_os().skip(1);
    let Some(program) = words.next() else { process::exit(127) };
    let error = Command::new(&program).args(words).env_remove(super::super::worker::PART).exec();
    let _ = writeln!(std::io::stderr(), "{}: {error}", program.to_string_lossy());
    process::exit(127)
}

/// On a private machine the examiner is root, in name. The program is not: it has no capabilities
/// (capabilities(7)) and cannot get any, so that it can neither change the machine nor look into the
/// examiner.
fn give_up_rights() {
    let _ = prctl::set_no_new_privs();
    for set in [caps::CapSet::Ambient, caps::CapSet::Bounding, caps::CapSet::Inheritable] {
        let _ = caps::clear(None, set);
    }
}
