//! A student's desk: a copy of the course in a temporary folder, and `labs` run in it.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Longest wait for anything; it is waited for only when a test fails.
const PATIENCE: Duration = Duration::from_secs(120);

/// A copy of the course, removed when the test has passed.
pub struct Desk {
    pub root: PathBuf,
}

/// How a command ended, and what it printed.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Desk {
    /// The programs and the folder for answers: enough where nothing is built.
    pub fn new(name: &str) -> Desk {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("desks").join(name);
        let _ = fs::remove_dir_all(&root);
        let desk = Desk { root };
        desk.copy("src/bin");
        desk.copy("labs/answers/Cargo.toml");
        desk.copy("labs/answers/src/lib.rs");
        desk
    }

    /// The whole workspace, where answers are built.
    pub fn to_build_at(name: &str) -> Desk {
        let desk = Desk::new(name);
        for part in ["Cargo.toml", "Cargo.lock", "src", "benches", "labs/examiner", "labs/unpack"] {
            desk.copy(part);
        }
        desk
    }

    /// Copies a file or a folder of the course. The times stay, so that Cargo need not build twice
    /// what has not changed.
    fn copy(&self, part: &str) {
        let course = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
        copy(&course.join(part), &self.root.join(part));
    }

    pub fn path(&self, part: &str) -> PathBuf {
        self.root.join(part)
    }

    pub fn read(&self, part: &str) -> String {
        fs::read_to_string(self.path(part)).unwrap_or_default()
    }

    pub fn write(&self, part: &str, text: impl AsRef<[u8]>) {
        fs::write(self.path(part), text).unwrap();
    }

    /// The student's file.
    pub fn answer(&self, step: &str) -> String {
        format!("labs/answers/src/bin/{step}.rs")
    }

    /// `labs` with these arguments, in the folder of the course.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_labs"));
        command.args(arguments).current_dir(&self.root).stdin(Stdio::null());
        command.env("SOCKET_LABS_CHECKOUT", &self.root);
        command.env("CARGO_TARGET_DIR", target()).env("CARGO_NET_OFFLINE", "true");
        for name in ["CARGO", "NO_COLOR", "RUST_BACKTRACE"] {
            command.env_remove(name);
        }
        command
    }

    /// Runs `labs` to its end.
    pub fn labs(&self, arguments: &[&str]) -> Ended {
        ended(self.command(arguments))
    }

    /// Runs `labs`, asserts its exit code, and gives its standard output.
    #[track_caller]
    pub fn says(&self, code: i32, arguments: &[&str]) -> String {
        let ended = self.labs(arguments);
        assert_eq!(ended.code, Some(code), "{arguments:?}: {ended:#?}");
        ended.stdout
    }

    /// Runs `labs`, and asserts its error and its hint.
    #[track_caller]
    pub fn fails(&self, arguments: &[&str], error: &str, hint: &str) {
        let ended = self.labs(arguments);
        assert_eq!(ended.code, Some(1), "{arguments:?}: {ended:#?}");
        assert!(ended.stderr.starts_with(&format!("error: {error}")), "{ended:#?}");
        assert!(ended.stderr.contains(&format!("\nhint: {hint}")), "{ended:#?}");
    }

    /// Its progress, line by line.
    pub fn progress(&self) -> Vec<String> {
        self.read("labs/answers/progress.txt").lines().map(String::from).collect()
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        if !thread::panicking() {
            let _ = fs::remove_dir_all(&self.root);
        }
    }
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        for entry in fs::read_dir(from).unwrap() {
            let name = entry.unwrap().file_name();
            copy(&from.join(&name), &to.join(&name));
        }
        return;
    }
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    fs::copy(from, to).unwrap();
    let time = fs::metadata(from).unwrap().modified().unwrap();
    fs::File::options().write(true).open(to).unwrap().set_modified(time).unwrap();
}

/// Where answers are built: not where the course's own programs are, which other tests use.
pub fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("answers")
}

/// Those who build wait for each other, whether they are threads or processes: they have one folder
/// for programs of the same names.
pub fn building() -> Building {
    static BUILDING: Mutex<()> = Mutex::new(());
    let threads = BUILDING.lock().unwrap_or_else(PoisonError::into_inner);
    #[cfg(unix)]
    let processes = {
        use nix::fcntl::{Flock, FlockArg::LockExclusive};
        fs::create_dir_all(target()).unwrap();
        let file = fs::File::create(target().join("lock")).unwrap();
        Flock::lock(file, LockExclusive).map_err(|(_, error)| error).unwrap()
    };
    Building {
        _threads: threads,
        #[cfg(unix)]
        _processes: processes,
    }
}

/// The right to build, until it is dropped.
pub struct Building {
    _threads: MutexGuard<'static, ()>,
    #[cfg(unix)]
    _processes: nix::fcntl::Flock<fs::File>,
}

/// Runs a command to its end.
pub fn ended(mut command: Command) -> Ended {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ended { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// `labs` while it runs. Dropping it kills it.
pub struct Running {
    child: Child,
    printed: std::sync::mpsc::Receiver<Vec<u8>>,
    text: String,
}

impl Running {
    pub fn start(mut command: Command) -> Running {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let stdout = child.stdout.take().unwrap();
        Running { child, printed: collect(stdout), text: String::new() }
    }

    /// Waits for a text behind what was waited for before, and gives all that came until then.
    #[track_caller]
    pub fn prints(&mut self, expected: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(start) = self.text.find(expected) {
                let rest = self.text.split_off(start + expected.len());
                return std::mem::replace(&mut self.text, rest);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            match self.printed.recv_timeout(left) {
                Ok(bytes) => self.text += &String::from_utf8_lossy(&bytes),
                Err(_) => panic!("never printed {expected:?}, but\n{}", self.text),
            }
        }
    }

    /// Ctrl-C. Tells whether the signal ended it.
    #[cfg(unix)]
    pub fn interrupt(mut self) -> bool {
        use std::os::unix::process::ExitStatusExt;
        interrupt(&mut self.child).is_some_and(|status| status.signal().is_some())
    }
}

/// Ctrl-C: SIGINT. Where the tests were started in the background by a shell, everything below
/// ignores that signal, and SIGTERM takes its place. Gives how the program ended.
#[cfg(unix)]
pub fn interrupt(child: &mut Child) -> Option<std::process::ExitStatus> {
    use nix::sys::signal::{Signal, kill};
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    let is_ignored = ignored.unwrap_or(0) >> (Signal::SIGINT as u32 - 1) & 1 == 1;
    let signal = if is_ignored { Signal::SIGTERM } else { Signal::SIGINT };
    kill(nix::unistd::Pid::from_raw(child.id() as i32), signal).ok()?;
    child.wait().ok()
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn collect(mut stdout: ChildStdout) -> std::sync::mpsc::Receiver<Vec<u8>> {
    let (send, printed) = std::sync::mpsc::channel();
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(length @ 1..) = stdout.read(&mut buffer) {
            if send.send(buffer[..length].to_vec()).is_err() {
                return;
            }
        }
    });
    printed
}
