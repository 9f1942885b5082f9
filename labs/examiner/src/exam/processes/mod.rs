//! The processes of a program: its whole tree, what they use, and their end.
//!
//! A program that forks twice or starts a session of its own is found where the system has a way to
//! keep a tree together:
//!
//! - Linux tells all in `/proc`, and the examiner takes in the orphans: it is the first process of a
//!   PID namespace, or a "child subreaper" (prctl(2)).
//! - Windows has job objects: the examiner is in one, and so is all that it starts.
//! - Elsewhere on Unix there is `ps`: a process belongs to the examiner by its parents, or by its
//!   process group. One that leaves both is lost.

use std::io;

/// The variable that chooses how the examiner finds processes: with `ps`, Linux is examined as other
/// Unix systems are. A program of a closed machine is always found by `/proc`.
pub const CHOICE: &str = "SOCKET_LABS_PROCESSES";

#[cfg(windows)]
mod job;
#[cfg(target_os = "linux")]
mod proc;
#[cfg(unix)]
#[doc(hidden)] // what reads its table is fuzzed
pub mod ps;

#[cfg(unix)]
pub use unix::{end_crowds, go_on, kill_all, stop, terminate, usage};
#[cfg(windows)]
pub use windows::{end_crowds, go_on, kill_all, stop, terminate, usage};

/// What a set of processes uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Use {
    /// Open files.
    pub files: usize,
    /// Threads, in all processes together.
    pub threads: usize,
    /// CPU time, in nanoseconds.
    pub cpu: u64,
    /// Time that they could have run and waited for a CPU, in nanoseconds.
    pub queued: u64,
    /// Threads that run, want to run, or wait for a disk at this moment.
    pub running: usize,
}

/// Had by the test that starts children, or looks for them: all tests are of one process.
#[cfg(all(test, unix))]
pub static CHILDREN: std::sync::Mutex<()> = std::sync::Mutex::new(());

/// Keeps together all that this process starts from now on.
///
/// # Errors
///
/// The system does not let its processes be seen: without that, nothing can be examined.
pub fn keep_together() -> io::Result<()> {
    #[cfg(windows)]
    return job::keep_together();
    #[cfg(target_os = "linux")]
    if !ps::is_chosen() {
        proc::take_in_orphans();
        return Ok(());
    }
    #[cfg(unix)]
    ps::works()
}

/// The most processes and threads that this process and all beside it may have, where the system limits
/// and tells it.
pub fn limit() -> Option<usize> {
    #[cfg(target_os = "linux")]
    return proc::limit();
    #[cfg(not(target_os = "linux"))]
    None
}

/// Remembers a program that was started as the first process of a group of its own.
pub fn started(_program: u32) {
    #[cfg(unix)]
    ps::remember(_program);
}

/// All living descendants of this process.
pub fn descendants() -> Vec<u32> {
    #[cfg(windows)]
    return job::descendants();
    #[cfg(target_os = "linux")]
    if !ps::is_chosen() {
        return proc::descendants();
    }
    #[cfg(unix)]
    ps::descendants()
}

/// How many children of these processes are dead, and nobody has waited for them. Where the system does
/// not tell, none.
pub fn unwaited(_pids: &[u32]) -> usize {
    #[cfg(target_os = "linux")]
    if !ps::is_chosen() {
        return proc::unwaited(_pids);
    }
    0
}

#[cfg(unix)]
mod unix {
    use std::path::PathBuf;
    use std::process;
    use std::thread;
    use std::time::Duration;

    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;

    use super::{Use, descendants, ps};
    use crate::exam::program::Wait;

    /// What these processes use; `None` where the system does not tell.
    pub fn usage(_pids: &[u32]) -> Option<Use> {
        #[cfg(target_os = "linux")]
        if !ps::is_chosen() {
            return Some(super::proc::usage(_pids));
        }
        None
    }

    /// Asks these processes to end: SIGTERM. Tells whether this system can.
    pub fn terminate(pids: &[u32]) -> bool {
        signal(pids, Signal::SIGTERM);
        true
    }

    /// Stops these processes, with all their threads: SIGSTOP. Tells whether this system can.
    pub fn stop(pids: &[u32]) -> bool {
        signal(pids, Signal::SIGSTOP);
        true
    }

    /// Lets processes go on that were stopped: SIGCONT.
    pub fn go_on(pids: &[u32]) {
        signal(pids, Signal::SIGCONT);
    }

    /// Kills every descendant. A process may fork while it is being killed: those that are there
    /// afterwards are killed too, until there are none.
    pub fn kill_all() {
        let mut wait = Wait::of(Duration::from_secs(10)); // what cannot be killed is left
        while !wait.is_over() {
            if process::id() == 1 && !ps::is_chosen() {
                // The first process of its namespace: all others at once (kill(2)).
                let _ = kill(Pid::from_raw(-1), Signal::SIGKILL);
            }
            let pids = descendants();
            if pids.is_empty() {
                return;
            }
            signal(&pids, Signal::SIGKILL);
            thread::yield_now();
        }
    }

    /// Processes that a program may have at once. No right answer has as many.
    const CROWD: usize = 150;

    /// Watches from now on, and kills all of a program that has a crowd of processes, or more bytes of
    /// memory than this, with what lies in these folders, which are in memory as well: a fork bomb is to be
    /// over before others suffer from it. Threads are limited by the system, which is slower.
    pub fn end_crowds(_memory: u64, _folders: Vec<PathBuf>) {
        thread::spawn(move || {
            loop {
                thread::park_timeout(Duration::from_millis(100));
                let pids = descendants();
                // To look at the memory of a crowd takes long, where the crowd takes the time.
                let is_crowd = pids.len() > CROWD;
                #[cfg(target_os = "linux")]
                let is_crowd = is_crowd || super::proc::are_greedy(&pids, _memory, &_folders);
                if is_crowd {
                    kill_all();
                }
            }
        });
    }

    fn signal(pids: &[u32], signal: Signal) {
        for pid in pids {
            let _ = kill(Pid::from_raw(*pid as i32), signal);
        }
    }
}

#[cfg(windows)]
mod windows {
    use std::path::PathBuf;
    use std::thread;
    use std::time::Duration;

    use super::{Use, descendants, job};
    use crate::exam::program::Wait;

    /// What they use is not looked up here.
    pub fn usage(_: &[u32]) -> Option<Use> {
        None
    }

    /// There is no SIGTERM here.
    pub fn terminate(_: &[u32]) -> bool {
        false
    }

    /// There is no SIGSTOP here.
    pub fn stop(_: &[u32]) -> bool {
        false
    }

    /// Nothing was stopped.
    pub fn go_on(_: &[u32]) {}

    /// Programs are watched on closed machines alone, which this system does not have.
    pub fn end_crowds(_: u64, _: Vec<PathBuf>) {}

    /// Kills every descendant, until there are none.
    pub fn kill_all() {
        let mut wait = Wait::of(Duration::from_secs(10)); // what cannot be killed is left
        while !wait.is_over() {
            let pids = descendants();
            if pids.is_empty() {
                return;
            }
            pids.iter().for_each(|pid| job::kill(*pid));
            thread::park_timeout(Duration::from_millis(1)); // the system ends them in its own time
        }
    }
}
