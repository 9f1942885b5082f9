//! The processes of a program: its whole tree, what they use, and their end.
//!
//! The examiner takes in the orphans of the tree (it is the first process of a PID namespace, or a
//! "child subreaper", prctl(2)), so that a program that forks twice or starts a session of its own
//! is still found.

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

#[cfg(target_os = "linux")]
mod system {
    use std::collections::HashMap;
    use std::fs;
    use std::process;
    use std::thread;
    use std::time::Duration;

    use nix::sys::prctl;
    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;

    use super::Use;
    use crate::exam::program::Wait;

    /// Takes in orphans from now on.
    pub fn take_in_orphans() {
        let _ = prctl::set_child_subreaper(true);
    }

    /// All living descendants of this process.
    pub fn descendants() -> Vec<u32> {
        let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
        for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
            let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else {
                continue;
            };
            if let Some(parent) = living_child(pid) {
                children.entry(parent).or_default().push(pid);
            }
        }
        let mut found = Vec::new();
        let mut next = vec![process::id()];
        while let Some(parent) = next.pop() {
            let of_parent = children.remove(&parent).unwrap_or_default();
            next.extend(&of_parent);
            found.extend(of_parent);
        }
        found
    }

    /// The parent of a process that is not dead.
    fn living_child(pid: u32) -> Option<u32> {
        let (is_dead, parent) = state(pid)?;
        (!is_dead).then_some(parent)
    }

    /// Whether a process is dead, and its parent; `/proc/PID/stat` has the state and the parent behind
    /// the name in parentheses. One whose first thread has ended looks dead and lives in the others.
    fn state(pid: u32) -> Option<(bool, u32)> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let mut fields = stat.rsplit_once(") ")?.1.split(' ');
        let looks_dead = matches!(fields.next()?, "Z" | "X");
        let threads = || fs::read_dir(format!("/proc/{pid}/task")).map_or(0, Iterator::count);
        Some((looks_dead && threads() <= 1, fields.next()?.parse().ok()?))
    }

    /// How many children of these processes are dead, and nobody has waited for them: zombies
    /// (wait(2)).
    pub fn unwaited(pids: &[u32]) -> usize {
        let numbers = fs::read_dir("/proc").into_iter().flatten().flatten();
        let pid = |entry: fs::DirEntry| entry.file_name().to_str()?.parse().ok();
        let is_unwaited = |pid: &u32| {
            state(*pid).is_some_and(|(is_dead, parent)| is_dead && pids.contains(&parent))
        };
        numbers.filter_map(pid).filter(is_unwaited).count()
    }

    /// What these processes use. Those that have gone count nothing.
    pub fn usage(pids: &[u32]) -> Option<Use> {
        let mut all = Use::default();
        for pid in pids {
            let entries = |folder: &str| {
                fs::read_dir(format!("/proc/{pid}/{folder}")).into_iter().flatten().count()
            };
            all.files += entries("fd");
            for task in fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten() {
                all.threads += 1;
                let schedule = fs::read_to_string(task.path().join("schedstat")).ok();
                let mut times = schedule.as_deref().unwrap_or_default().split(' ');
                let mut next = || times.next().and_then(|time| time.parse::<u64>().ok());
                all.cpu += next().unwrap_or(0);
                all.queued += next().unwrap_or(0);
                let stat = fs::read_to_string(task.path().join("stat")).unwrap_or_default();
                let state = stat.rsplit_once(") ").map(|(_, fields)| fields);
                all.running +=
                    usize::from(state.is_some_and(|state| state.starts_with(['R', 'D'])));
            }
        }
        Some(all)
    }

    /// Asks these processes to end.
    pub fn terminate(pids: &[u32]) {
        signal(pids, Signal::SIGTERM);
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
            if process::id() == 1 {
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

    /// Watches from now on, and kills all of a program that has a crowd of processes: a fork bomb is
    /// to be over before others suffer from it. Threads are limited by the system, which is slower.
    pub fn end_crowds() {
        thread::spawn(|| {
            loop {
                thread::park_timeout(Duration::from_millis(100));
                if descendants().len() > CROWD {
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

#[cfg(not(target_os = "linux"))]
mod system {
    //! Where there is no /proc, the tree is what the system's own tools find of it.

    use super::Use;
    use std::process::{self, Command};

    /// Orphans cannot be taken in here.
    pub fn take_in_orphans() {}

    /// All living descendants of this process, as `ps` tells them; on Windows, none.
    pub fn descendants() -> Vec<u32> {
        let table = Command::new("ps").args(["-A", "-o", "pid=,ppid=,stat="]).output();
        let Ok(table) = table else { return Vec::new() };
        let table = String::from_utf8_lossy(&table.stdout).into_owned();
        let rows: Vec<(u32, u32)> = table
            .lines()
            .filter_map(|line| {
                let mut words = line.split_whitespace();
                let (pid, parent) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
                (!words.next()?.starts_with('Z')).then_some((pid, parent))
            })
            .collect();
        let (mut found, mut next) = (Vec::new(), vec![process::id()]);
        while let Some(of) = next.pop() {
            for (pid, _) in rows.iter().filter(|(_, parent)| *parent == of) {
                next.push(*pid);
                found.push(*pid);
            }
        }
        found
    }

    /// This system does not tell.
    pub fn usage(_: &[u32]) -> Option<Use> {
        None
    }

    /// This system does not tell.
    pub fn unwaited(_: &[u32]) -> usize {
        0
    }

    /// There is nothing to watch with here.
    pub fn end_crowds() {}

    /// Asks these processes to end.
    pub fn terminate(pids: &[u32]) {
        signal("-TERM", pids);
    }

    /// Stops these processes, with all their threads: SIGSTOP. Tells whether this system can:
    /// Windows has no such signal, and no process is found there.
    pub fn stop(pids: &[u32]) -> bool {
        signal("-STOP", pids);
        cfg!(unix) && !pids.is_empty()
    }

    /// Lets processes go on that were stopped: SIGCONT.
    pub fn go_on(pids: &[u32]) {
        signal("-CONT", pids);
    }

    /// Kills every descendant that is found.
    pub fn kill_all() {
        signal("-KILL", &descendants());
    }

    fn signal(name: &str, pids: &[u32]) {
        for pid in pids {
            let _ = Command::new("kill").args([name, &pid.to_string()]).status();
        }
    }
}

pub use system::{
    descendants, end_crowds, go_on, kill_all, stop, take_in_orphans, terminate, unwaited, usage,
};
