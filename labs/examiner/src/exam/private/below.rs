//! Below the worker's machine: the processes and the user that a stranger's program can name.
//!
//! The launcher leaves the worker's user and process numbers for new ones, and starts an *init*, the
//! first process there, which starts the program and waits for whatever the program leaves. To the
//! program the examiner has no number, so that no signal, limit, priority or trace of its own
//! reaches it.
//!
//! ```text
//! worker: process 1 of the private machine
//!   launcher: waits, and ends as the program has ended
//!     init: process 1 of the numbers below
//!       program: process 2, and what it starts
//! ```

use std::fs::{self, File};
use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::process::{self, Command};
use std::{env, ptr};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::sys::prctl;
use nix::sys::signal::{SigHandler, Signal, kill, signal};
use nix::sys::wait::waitpid;
use nix::unistd::{
    ForkResult, Gid, Pid, Uid, dup2_stderr, dup2_stdin, dup2_stdout, fork, getegid, geteuid,
    getpid, setgid, setsid, setuid,
};

use super::filter;
use super::limits::{become_the_command, give_up_rights, set_limits};
use super::system::STRANGER;

/// The variable with the number of the descriptor to which a launcher writes its own trouble.
const REPORT: &str = "SOCKET_LABS_LAUNCH";

/// What a launcher has to say before its program runs: nothing, or that it cannot be run.
#[derive(Default)]
pub struct Launch(Option<(PipeReader, PipeWriter)>);

impl Launch {
    /// Lets the launcher of this command tell its trouble.
    pub fn of(command: &mut Command) -> io::Result<Launch> {
        let (said, say) = io::pipe()?;
        fcntl(&say, FcntlArg::F_SETFD(FdFlag::empty()))?;
        command.env(REPORT, say.as_raw_fd().to_string());
        Ok(Launch(Some((said, say))))
    }

    /// Waits until the program runs in place of its launcher.
    ///
    /// # Errors
    ///
    /// It cannot be closed in, and has not been started.
    pub fn wait(self) -> io::Result<()> {
        let Some((said, say)) = self.0 else { return Ok(()) };
        drop(say);
        let mut trouble = String::new();
        said.take(4096).read_to_string(&mut trouble)?;
        if trouble.is_empty() { Ok(()) } else { Err(io::Error::other(trouble)) }
    }
}

/// Becomes a launcher: starts the program that the arguments name, and ends as it does. `builds` tells
/// that what the program leaves running is not waited for: it is ended.
pub fn launch_below(builds: bool) -> ! {
    let report = env::var(REPORT).ok().and_then(|number| number.parse().ok());
    let mut report = report.and_then(|number| take(number).ok()).map(File::from);
    let ended = start(&mut report, builds);
    match ended {
        Ok(status) => end_as(status),
        Err(error) => fail(report, &error),
    }
}

/// Tells that the program cannot be started, and ends.
fn fail(report: Option<File>, error: &io::Error) -> ! {
    if let Some(mut report) = report {
        let _ = write!(report, "the program cannot be closed in: {error}");
    }
    process::exit(1)
}

/// The descriptor of this number, which the worker has left open for us, and closes all others but the
/// standard ones.
#[allow(unsafe_code)] // a descriptor that comes as a number
fn take(number: i32) -> io::Result<OwnedFd> {
    super::system::close_inherited(Some(number))?;
    // SAFETY: the worker has given us this one, and nobody else here knows of it.
    let report = unsafe { OwnedFd::from_raw_fd(number) };
    fcntl(&report, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC))?;
    Ok(report)
}

/// Starts init, and with it the program. Returns how the program has ended.
fn start(report: &mut Option<File>, builds: bool) -> io::Result<i32> {
    set_limits(true)?;
    // Where memory is short, it is the program that ends (proc(5)).
    fs::write("/proc/self/oom_score_adj", "1000")?;
    be_a_stranger()?;
    new_keyring()?;
    let (mut status, tell_status) = io::pipe()?;
    // Whoever asks all processes of the program to end means the program and not us.
    let asked_to_end = [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP];
    ignore(&asked_to_end)?;
    match forked()? {
        None => {
            drop(status);
            match init(report, tell_status, builds) {
                Ok(()) => process::exit(0),
                Err(error) => fail(report.take(), &error),
            }
        }
        Some(init) => {
            drop((report.take(), tell_status));
            leave_streams()?;
            let mut bytes = [0; 4];
            let told = status.read_exact(&mut bytes);
            let _ = waitpid(init, None);
            // An init that was killed took the program with it.
            Ok(told.map_or(libc::SIGKILL, |()| i32::from_ne_bytes(bytes)))
        }
    }
}

/// The number on the private machine of the user that strangers' programs are: [`STRANGER`] where root
/// has lent it, else that of the examiner.
pub fn user() -> u32 {
    let map = fs::read_to_string("/proc/self/uid_map").unwrap_or_default();
    let has_stranger = |line: &str| line.split_whitespace().next() == Some(&STRANGER.to_string());
    if map.lines().any(has_stranger) { STRANGER } else { geteuid().as_raw() }
}

/// Leaves the worker's user, process numbers and mounts for those of a stranger.
fn be_a_stranger() -> io::Result<()> {
    if user() == STRANGER {
        // Root grades: its own number is not for strangers.
        setgid(Gid::from_raw(STRANGER))?;
        setuid(Uid::from_raw(STRANGER))?;
        // A process that has changed its user may not name the users of a namespace (proc(5)) before
        // this. There is nothing to read in it.
        prctl::set_dumpable(true)?;
    }
    let (user, group) = (geteuid(), getegid());
    unshare(
        CloneFlags::CLONE_NEWUSER
            | CloneFlags::CLONE_NEWPID
            | CloneFlags::CLONE_NEWNS
            | CloneFlags::CLONE_NEWCGROUP,
    )?;
    fs::write("/proc/self/setgroups", "deny")?;
    fs::write("/proc/self/uid_map", format!("{STRANGER} {user} 1"))?;
    fs::write("/proc/self/gid_map", format!("{STRANGER} {group} 1"))
}

/// A keyring of its own (session-keyring(7)): that of the grader's session has the grader's keys.
#[allow(unsafe_code)] // keyctl(2) has no safe wrapper
fn new_keyring() -> io::Result<()> {
    const JOIN_SESSION_KEYRING: libc::c_int = 1;
    let unnamed: *const libc::c_char = ptr::null();
    // SAFETY: the call takes a number and a name, which may be missing.
    let keyring = unsafe { libc::syscall(libc::SYS_keyctl, JOIN_SESSION_KEYRING, unnamed) };
    match Errno::last() {
        _ if keyring >= 0 => Ok(()),
        // A system without keys, or one that refuses them all, as a container does.
        Errno::ENOSYS | Errno::EPERM => Ok(()),
        error => Err(error.into()),
    }
}

/// Plays the part of init: starts the program, and waits until nothing of it is left, or with `builds`
/// until it has ended.
fn init(report: &mut Option<File>, mut tell_status: PipeWriter, builds: bool) -> io::Result<()> {
    // It ends with the launcher, and with it all processes below.
    prctl::set_pdeathsig(Signal::SIGKILL)?;
    prctl::set_dumpable(false)?;
    let none: Option<&str> = None;
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
    // Of init, which is of the same user, the program sees nothing either (proc(5)).
    mount(Some("proc"), "/proc", Some("proc"), flags, Some("hidepid=2"))?;
    // A namespace within this one would bring rights back.
    fs::write("/proc/sys/user/max_user_namespaces", "0")?;
    let read_only = flags | MsFlags::MS_RDONLY | MsFlags::MS_REMOUNT | MsFlags::MS_BIND;
    mount(none, "/proc", none, read_only, none)?;
    let Some(program) = forked()? else {
        drop(tell_status);
        return become_the_program();
    };
    drop(report.take());
    leave_streams()?;
    let mut of_program = libc::SIGKILL;
    loop {
        match wait_for_any() {
            Ok((child, status)) if child == program => {
                of_program = status;
                if builds {
                    break; // and with init, all that is left
                }
            }
            Ok(_) | Err(Errno::EINTR) => {}
            Err(_) => break, // no process is left
        }
    }
    tell_status.write_all(&of_program.to_ne_bytes())
}

/// Gives up all rights and becomes the program that the arguments name.
fn become_the_program() -> io::Result<()> {
    setsid()?;
    for signal_ignored in [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP] {
        handle(signal_ignored, SigHandler::SigDfl)?;
    }
    give_up_rights()?;
    filter::refuse()?;
    let mut words = env::args_os().skip(1);
    let program = words.next().unwrap_or_default();
    let mut command = Command::new(&program);
    command.args(words).env_remove(super::super::worker::PART).env_remove(REPORT);
    // That it cannot be run is the student's trouble, and told where a shell would tell it.
    let error = become_the_command(&mut command);
    let _ = writeln!(io::stderr(), "{}: {error}", program.to_string_lossy());
    process::exit(127)
}

/// Forks. `None` is the child.
#[allow(unsafe_code)] // fork(2)
fn forked() -> io::Result<Option<Pid>> {
    // SAFETY: the launcher and init have a single thread, so that nothing is half done in the child.
    match unsafe { fork() }? {
        ForkResult::Child => Ok(None),
        ForkResult::Parent { child } => Ok(Some(child)),
    }
}

/// Waits for one child: its number, and its status as wait(2) has it.
#[allow(unsafe_code)] // nix takes the status apart, and we hand it on
fn wait_for_any() -> Result<(Pid, i32), Errno> {
    let mut status = 0;
    // SAFETY: the kernel writes one number.
    let child = Errno::result(unsafe { libc::waitpid(-1, &raw mut status, 0) })?;
    Ok((Pid::from_raw(child), status))
}

/// The streams are the program's: whoever waits for it does not hold them open.
fn leave_streams() -> io::Result<()> {
    let nowhere = File::options().read(true).write(true).open("/dev/null")?;
    dup2_stdin(&nowhere)?;
    dup2_stdout(&nowhere)?;
    dup2_stderr(&nowhere)?;
    Ok(())
}

fn ignore(signals: &[Signal]) -> io::Result<()> {
    signals.iter().try_for_each(|signal| handle(*signal, SigHandler::SigIgn))
}

#[allow(unsafe_code)] // signal(2)
fn handle(number: Signal, handler: SigHandler) -> io::Result<()> {
    // SAFETY: neither is a function, so that none can be called at a wrong time.
    unsafe { signal(number, handler) }?;
    Ok(())
}

/// Ends as a process of this status has ended.
fn end_as(status: i32) -> ! {
    if libc::WIFSIGNALED(status)
        && let Ok(number) = Signal::try_from(libc::WTERMSIG(status))
    {
        if !matches!(number, Signal::SIGKILL | Signal::SIGSTOP) {
            let _ = handle(number, SigHandler::SigDfl);
        }
        let _ = kill(getpid(), number);
        process::exit(128 + number as i32)
    }
    process::exit(libc::WEXITSTATUS(status))
}
