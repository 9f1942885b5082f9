//! Runs a program under strace(1), with the terminal left to it.

use std::path::PathBuf;
use std::process::Command;

use super::{Story, Trace};
use crate::exam::search;

/// What came of a run.
pub struct Ran {
    /// All that is to be shown; `None` where strace could not show anything.
    pub story: Option<Story>,
    /// How the program ended: its exit code, or 128 and the number of the signal that ended it.
    pub code: u8,
}

/// Where strace is.
pub fn strace() -> Option<PathBuf> {
    search::program("strace")
}

/// Runs a command to its end, and tells what it did.
///
/// # Errors
///
/// strace cannot be started, or a pipe cannot be made.
pub fn run(strace: PathBuf, command: &[String], trace: Trace) -> std::io::Result<Ran> {
    let mut strace = Command::new(strace);
    strace.args(["-f", "-ttt", "-T", "-yy", "-s", "256", "-e", super::CALLS]);
    system::run(strace, command, trace)
}

#[cfg(target_os = "linux")]
mod system {
    use std::fs::{self, File, OpenOptions};
    use std::io::{self, BufRead, BufReader, Read};
    use std::os::unix::fs::OpenOptionsExt;
    use std::os::unix::process::ExitStatusExt;
    use std::path::PathBuf;
    use std::process::{Command, ExitStatus};
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::thread;

    use nix::sys::signal::{SigSet, Signal, kill};
    use nix::sys::stat::Mode;
    use nix::unistd::{Pid, mkfifo};

    use super::super::Trace;
    use super::Ran;
    use crate::exam::processes;
    use crate::folder;

    /// The longest line of strace that is read.
    const LONGEST_LINE: u64 = 1 << 20;

    /// What strace writes goes into a pipe, and from there into a [`Trace`], which keeps little of
    /// it: however much the program does, no disk fills.
    pub fn run(mut strace: Command, command: &[String], mut trace: Trace) -> io::Result<Ran> {
        let pipe = NamedPipe::new()?;
        processes::keep_together()?;
        let mut child = strace.arg("-o").arg(&pipe.path).arg("--").args(command).spawn()?;
        pass_signals_on(child.id())?;
        let path = pipe.path.clone();
        let reader = thread::spawn(move || {
            read(&path, &mut trace);
            trace
        });
        let status = child.wait()?;
        pipe.let_go();
        let trace = reader.join().map_err(|_| io::Error::other("the reader of strace's lines"))?;
        let story = trace.has_begun().then(|| trace.finish());
        Ok(Ran { story, code: code(status) })
    }

    fn read(path: &PathBuf, trace: &mut Trace) {
        let Ok(pipe) = File::open(path) else { return };
        let (mut lines, mut line) = (BufReader::new(pipe), Vec::new());
        loop {
            line.clear();
            match (&mut lines).take(LONGEST_LINE).read_until(b'\n', &mut line) {
                Ok(1..) => trace.line(String::from_utf8_lossy(&line).trim_end()),
                _ => return,
            }
        }
    }

    fn code(status: ExitStatus) -> u8 {
        let signal = status.signal().map(|signal| 128 + signal);
        status.code().or(signal).and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
    }

    /// Ctrl-C goes to the program, which the terminal tells of it too: the first one is the
    /// program's own affair, the second one ends it. What asks `labs` to end is handed on.
    fn pass_signals_on(strace: u32) -> io::Result<()> {
        let asks = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP];
        let asks = SigSet::from_iter(asks);
        // From here on, in this thread and in those it starts; strace and the program know nothing
        // of it.
        asks.thread_block()?;
        let interrupts = AtomicU32::new(0);
        thread::spawn(move || {
            while let Ok(signal) = asks.wait() {
                let signal = match signal {
                    Signal::SIGINT if interrupts.fetch_add(1, Ordering::Relaxed) == 0 => continue,
                    Signal::SIGINT => Signal::SIGKILL,
                    other => other,
                };
                for pid in processes::descendants().into_iter().filter(|pid| *pid != strace) {
                    let _ = kill(Pid::from_raw(pid as i32), signal);
                }
            }
        });
        Ok(())
    }

    /// A named pipe in a folder that nobody else can look into.
    struct NamedPipe {
        folder: PathBuf,
        path: PathBuf,
    }

    impl NamedPipe {
        fn new() -> io::Result<NamedPipe> {
            let folder = folder::new()?;
            let pipe = NamedPipe { path: folder.join("strace"), folder };
            mkfifo(&pipe.path, Mode::S_IRUSR | Mode::S_IWUSR)?;
            Ok(pipe)
        }

        /// Lets the reader go where strace has never opened the pipe.
        fn let_go(&self) {
            let no_wait = nix::fcntl::OFlag::O_NONBLOCK.bits();
            let _ = OpenOptions::new().write(true).custom_flags(no_wait).open(&self.path);
        }
    }

    impl Drop for NamedPipe {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use std::io;
    use std::process::Command;

    use super::super::Trace;
    use super::Ran;

    /// There is no strace here.
    pub fn run(_: Command, _: &[String], _: Trace) -> io::Result<Ran> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
