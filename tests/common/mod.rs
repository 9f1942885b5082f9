//! What the tests share: start a program as its user would, read what it prints, be its peer.
#![allow(dead_code, unused_imports, clippy::print_stderr)] // each test file uses its own part of it

mod private;
pub mod web;
#[cfg(windows)]
mod windows;

use std::env;
use std::fmt;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv6Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

pub use private::{Private, beside, forge, run_beside};

/// Longest wait for anything. It is long because a loaded machine is slow, and it is waited for
/// only when a test fails.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// The program of the course with this name, as Cargo built it for the tests.
pub fn program(name: &str) -> PathBuf {
    let test = env::current_exe().expect("a test has a path");
    let target = test.parent().and_then(Path::parent).expect("tests lie in target/PROFILE/deps");
    target.join(format!("{name}{}", env::consts::EXE_SUFFIX))
}

/// A file beside the tests: `fixture("udp_server.py")` is `tests/fixtures/udp_server.py`.
pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// Starts a program of the course with nothing on its standard input.
pub fn start(name: &str, args: &[&str]) -> Running {
    let mut command = Command::new(program(name));
    command.args(args).stdin(Stdio::null());
    Running::start(command)
}

/// Runs a program of the course to its end with nothing on its standard input.
pub fn run(name: &str, args: &[&str]) -> Ended {
    start(name, args).ended()
}

/// Runs a program of the course to its end and types this into it, then ends the input.
pub fn run_with_input(name: &str, args: &[&str], input: &[u8]) -> Ended {
    let mut command = Command::new(program(name));
    command.args(args).stdin(Stdio::piped());
    let mut running = Running::start(command);
    let mut stdin = running.stdin();
    stdin.write_all(input).expect("the program reads its input");
    drop(stdin);
    running.ended()
}

/// Runs any program to its end with nothing on its standard input.
pub fn run_command(mut command: Command) -> Ended {
    command.stdin(Stdio::null());
    Running::start(command).ended()
}

/// A program of the course that may hold at most so many open files.
pub fn with_open_files(limit: u32, name: &str, args: &[&str]) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -n \"$1\" && shift && exec \"$@\"", "sh", &limit.to_string()]);
    command.arg(program(name)).args(args);
    command
}

/// Whether a tool is installed. Use it through [`needs`].
fn has(tool: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    // An ordinary user of Unix does not have those of the administrator in PATH.
    let more: &[&str] = if cfg!(unix) { &["/usr/sbin", "/sbin"] } else { &[] };
    let folders = env::split_paths(&path).chain(more.iter().map(PathBuf::from));
    let file = format!("{tool}{}", env::consts::EXE_SUFFIX);
    folders.into_iter().any(|folder| folder.join(&file).is_file())
}

/// Whether these tools are installed. Where one is missing, says that the test skipped and why.
pub fn needs(tools: &[&str]) -> bool {
    match tools.iter().find(|tool| !has(tool)) {
        Some(missing) => skip::<()>(&format!("{missing} is not installed")).is_some(),
        None => true,
    }
}

/// Says that a test skipped, past the test runner, which would hide it. With
/// `SOCKET_LABS_NO_SKIP` set, as in CI, it fails instead.
pub fn skip<T>(why: &str) -> Option<T> {
    assert!(env::var_os("SOCKET_LABS_NO_SKIP").is_none(), "must not skip here: {why}");
    let test = thread::current().name().unwrap_or("a test").to_string();
    let _ = io::stderr().write_all(format!("SKIPPED {test}: {why}\n").as_bytes());
    None
}

/// A Python program, with its output unbuffered.
pub fn python(script: &str, args: &[&str]) -> Command {
    let mut command = Command::new("python3");
    command.arg("-u").arg(fixture(script)).args(args);
    command
}

/// A port that was free a moment ago, for programs that cannot be told to choose one themselves.
pub fn free_tcp_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    listener.local_addr().expect("a bound socket has an address").port()
}

/// As [`free_tcp_port`], of UDP.
pub fn free_udp_port() -> u16 {
    udp().local_addr().expect("a bound socket has an address").port()
}

/// The port of an address, as an argument.
pub fn port_of(address: SocketAddr) -> String {
    address.port().to_string()
}

/// Whether this machine has `::1`; if not, says that the test skipped.
pub fn has_ipv6() -> bool {
    UdpSocket::bind((Ipv6Addr::LOCALHOST, 0)).is_ok()
        || skip::<()>("this machine has no ::1").is_some()
}

/// The memory that a process really uses, in KiB; `None` where /proc does not tell.
pub fn resident_kib(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", linux_pid(pid)?)).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// How many entries a folder of `/proc/PID` has: `task` or `fd`; 0 where there is no such folder.
pub fn count_in_proc(pid: u32, folder: &str) -> usize {
    let Some(pid) = linux_pid(pid) else { return 0 };
    std::fs::read_dir(format!("/proc/{pid}/{folder}")).map(Iterator::count).unwrap_or(0)
}

/// Wine shows the files of `/proc`, and gives processes numbers of its own.
fn linux_pid(pid: u32) -> Option<u32> {
    cfg!(target_os = "linux").then_some(pid)
}

/// A connection to a server that is ready.
pub fn connect(server: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect_timeout(&server, PATIENCE).expect("the server is listening");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout above zero");
    stream.set_write_timeout(Some(PATIENCE)).expect("a timeout above zero");
    stream
}

/// A UDP socket on a free loopback port.
pub fn udp() -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("loopback has a free port");
    socket.set_read_timeout(Some(PATIENCE)).expect("a timeout above zero");
    socket
}

/// Reads until the peer closes. A reset counts as an end, and is told by the second value.
pub fn read_to_end(stream: &mut impl Read) -> (Vec<u8>, Option<io::ErrorKind>) {
    let mut all = Vec::new();
    let error = stream.read_to_end(&mut all).err().map(|error| error.kind());
    (all, error)
}

/// How many lines of this kind a program said on standard error, and of how many events they tell: a
/// line may stand for several, `(the last of 7 within a second)`.
pub fn complaints(stderr: &str, kind: &str) -> (usize, u64) {
    let lines = stderr.lines().filter(|line| line.contains(kind));
    let number = |line: &str| {
        let (_, number) = line.split_once("(the last of ")?;
        number.split(' ').next()?.parse::<u64>().ok()
    };
    lines.fold((0, 0), |(lines, all), line| (lines + 1, all + number(line).unwrap_or(1)))
}

/// Looks again and again until something is so; panics when it does not come about.
pub fn eventually(what: &str, is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < deadline, "never came about: {what}");
        thread::park_timeout(Duration::from_millis(5));
    }
}

/// A program while it runs. Dropping it kills it.
pub struct Running {
    child: Child,
    started: String,
    out: Arc<Lines>,
    err: Arc<Lines>,
    readers: Vec<JoinHandle<()>>,
}

/// How a program ended, and all that it printed.
pub struct Ended {
    /// The exit code; `None` if a signal ended it.
    pub code: Option<i32>,
    /// Its standard output, with bytes that are not UTF-8 replaced.
    pub stdout: String,
    /// Its standard output as bytes.
    pub bytes: Vec<u8>,
    /// Its standard error.
    pub stderr: String,
}

impl Running {
    /// Starts a program and collects what it prints.
    pub fn start(command: Command) -> Running {
        Running::start_and_read(command, Until::TheEnd)
    }

    /// Starts a program, reads what it prints until a line has come, and closes its standard
    /// output, as `| head -n 1` does.
    pub fn start_for_one_line(command: Command) -> Running {
        Running::start_and_read(command, Until::ALine)
    }

    fn start_and_read(mut command: Command, until: Until) -> Running {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        #[cfg(windows)]
        windows::in_a_group_of_its_own(&mut command);
        let started = format!("{command:?}");
        let mut child =
            command.spawn().unwrap_or_else(|error| panic!("cannot start {started}: {error}"));
        let (out, err) = (Arc::new(Lines::default()), Arc::new(Lines::default()));
        let stdout = child.stdout.take().expect("piped above");
        let stderr = child.stderr.take().expect("piped above");
        let readers =
            vec![collect(stdout, until, out.clone()), collect(stderr, Until::TheEnd, err.clone())];
        Running { child, started, out, err, readers }
    }

    /// The program's process number.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What the program reads. Only where standard input was piped.
    pub fn stdin(&mut self) -> ChildStdin {
        self.child.stdin.take().expect("standard input was piped and not yet taken")
    }

    /// Waits for a line on standard output that contains the text, and returns it.
    pub fn prints(&self, text: &str) -> String {
        self.prints_times(text, 1)
    }

    /// Waits until the text was in so many lines of standard output, and returns the last of them.
    pub fn prints_times(&self, text: &str, times: usize) -> String {
        self.out.wait(text, times).unwrap_or_else(|| panic!("no line has {text:?}\n{self:?}"))
    }

    /// Waits for a line on standard error that contains the text, and returns it.
    pub fn warns(&self, text: &str) -> String {
        self.err.wait(text, 1).unwrap_or_else(|| panic!("no warning has {text:?}\n{self:?}"))
    }

    /// Waits for the first line that names an address `1.2.3.4:port`, and returns the address.
    pub fn address(&self) -> SocketAddr {
        let found = |line: &str| {
            line.split([' ', ',', '\n']).find_map(|word| word.parse::<SocketAddr>().ok())
        };
        let line = self.out.wait_for(|lines| lines.iter().find_map(|line| found(line)));
        line.unwrap_or_else(|| panic!("no line names an address\n{self:?}"))
    }

    /// What it has printed on standard output so far.
    pub fn output(&self) -> String {
        String::from_utf8_lossy(&self.out.bytes()).into_owned()
    }

    /// What it has printed on standard error so far.
    pub fn warnings(&self) -> String {
        String::from_utf8_lossy(&self.err.bytes()).into_owned()
    }

    /// Whether it still runs.
    pub fn is_alive(&mut self) -> bool {
        self.child.try_wait().expect("our own child").is_none()
    }

    /// Sends a signal, by the name that `kill` knows: `INT`, `TERM`, `STOP`, `CONT`. Windows has
    /// none: there, a test that needs one is ignored.
    pub fn signal(&self, name: &str) {
        let mut kill = Command::new("kill");
        // `kill` sorts its names as the user's language does, and in Turkish does not find CONT.
        kill.arg(format!("-{name}")).arg(self.pid().to_string()).env("LC_ALL", "C");
        assert!(kill.status().expect("kill is part of every Unix").success());
    }

    /// Presses Ctrl-C and waits for the end.
    pub fn interrupt(self) -> Ended {
        #[cfg(unix)]
        self.signal("INT");
        #[cfg(windows)]
        windows::break_group(self.pid());
        self.ended()
    }

    /// Waits for the end. Panics, with all that was printed, when it does not come.
    pub fn ended(mut self) -> Ended {
        let deadline = Instant::now() + PATIENCE;
        let code = loop {
            if let Some(status) = self.child.try_wait().expect("our own child") {
                break status.code();
            }
            assert!(Instant::now() < deadline, "does not end\n{self:?}");
            thread::park_timeout(Duration::from_millis(2));
        };
        for reader in self.readers.drain(..) {
            reader.join().expect("the reader does not panic");
        }
        Ended { code, stdout: self.output(), bytes: self.out.bytes(), stderr: self.warnings() }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (out, err) = (self.output(), self.warnings());
        write!(f, "{}\n--- stdout\n{out}--- stderr\n{err}---", self.started)
    }
}

impl Ended {
    /// Asserts exit code 0, and returns it for the next question.
    #[track_caller]
    pub fn succeeded(self) -> Ended {
        assert_eq!(self.code, Some(0), "{self:?}");
        self
    }

    /// Asserts exit code 1 with this sentence behind `error: `, and returns it for the next
    /// question. There is never a Debug form or a backtrace.
    #[track_caller]
    pub fn failed_with(self, sentence: &str) -> Ended {
        assert_eq!(self.code, Some(1), "{self:?}");
        let expected = format!("error: {sentence}");
        assert!(self.stderr.contains(&expected), "expected {expected:?}\n{self:?}");
        for ugly in ["Os {", "Custom {", "backtrace", "panicked", "os error"] {
            assert!(!self.stderr.contains(ugly), "{ugly:?}\n{self:?}");
        }
        self
    }

    /// Asserts that Ctrl-C ended it, without a word of its own. The shell makes 130 of it.
    #[track_caller]
    pub fn ended_by_ctrl_c(self) -> Ended {
        // Unix: a signal, and no exit code. Windows: STATUS_CONTROL_C_EXIT.
        let code = cfg!(windows).then_some(0xc000_013a_u32.cast_signed());
        assert_eq!(self.code, code, "{self:?}");
        self
    }

    /// Asserts that there is a hint that contains this.
    #[track_caller]
    pub fn hints(self, text: &str) -> Ended {
        let hint = self.stderr.lines().find(|line| line.starts_with("hint: "));
        assert!(hint.is_some_and(|hint| hint.contains(text)), "expected {text:?}\n{self:?}");
        self
    }
}

impl fmt::Debug for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ended { code, stdout, stderr, .. } = self;
        write!(f, "exit code {code:?}\n--- stdout\n{stdout}--- stderr\n{stderr}---")
    }
}

/// How much of a stream to read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Until {
    TheEnd,
    ALine,
}

/// What a program printed on one stream, with the means to wait for more of it.
#[derive(Default)]
struct Lines {
    read: Mutex<Stream>,
    more: Condvar,
}

#[derive(Default)]
struct Stream {
    bytes: Vec<u8>,
    ended: bool,
}

impl Lines {
    fn bytes(&self) -> Vec<u8> {
        self.read.lock().expect("no reader panics").bytes.clone()
    }

    fn wait(&self, text: &str, times: usize) -> Option<String> {
        self.wait_for(|lines| {
            let mut found = lines.iter().filter(|line| line.contains(text));
            found.nth(times - 1).cloned()
        })
    }

    /// `None` when the time is up, or the stream has ended without it.
    fn wait_for<T>(&self, find: impl Fn(&[String]) -> Option<T>) -> Option<T> {
        let deadline = Instant::now() + PATIENCE;
        let mut read = self.read.lock().expect("no reader panics");
        loop {
            let text = String::from_utf8_lossy(&read.bytes);
            // The last piece is no line yet: its end may still be on the way.
            let lines: Vec<String> = text.split_inclusive('\n').map(String::from).collect();
            let whole = lines.iter().filter(|line| line.ends_with('\n')).count();
            if let Some(found) = find(&lines[..whole]) {
                return Some(found);
            }
            let left = deadline.checked_duration_since(Instant::now()).filter(|_| !read.ended)?;
            read = self.more.wait_timeout(read, left).expect("no reader panics").0;
        }
    }
}

fn collect(stream: impl Read + Send + 'static, until: Until, lines: Arc<Lines>) -> JoinHandle<()> {
    thread::spawn(move || {
        let mut stream = BufReader::new(stream);
        loop {
            let bytes = stream.fill_buf().unwrap_or_default();
            let length = bytes.len();
            let mut read = lines.read.lock().expect("no reader panics");
            read.bytes.extend_from_slice(bytes);
            read.ended = length == 0 || (until == Until::ALine && read.bytes.contains(&b'\n'));
            lines.more.notify_all();
            if read.ended {
                return;
            }
            drop(read);
            stream.consume(length);
        }
    })
}
