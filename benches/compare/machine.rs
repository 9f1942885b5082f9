//! This machine: its cores, its tools, and programs that run on one core of it.

use std::env;
use std::fs::{self, File};
use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, ensure};
use socket_labs::note;

/// The servers run on this core.
const SERVER_CORE: &str = "0";

/// This process, which makes the load, runs on this one.
const LOAD_CORE: &str = "1";

/// Set in the process that is already pinned.
const PINNED: &str = "SOCKET_LABS_BENCH_PINNED";

/// Starts this program anew on the core of the load, with all the open files that the system
/// grants. Where there is one core only, or no taskset, it goes on as it is and says so.
///
/// # Errors
///
/// There is no shell.
pub fn pin_to_the_load_core() -> anyhow::Result<()> {
    if env::var_os(PINNED).is_some() {
        return Ok(());
    }
    if cores() < 2 || !has("taskset") {
        note!("servers and load share their cores: this needs two cores, and taskset (util-linux)");
    }
    let mut again = Command::new("sh");
    again.args(["-c", "ulimit -n \"$(ulimit -Hn)\"; exec \"$@\"", "sh"]);
    if has("taskset") && cores() > 1 {
        again.args(["taskset", "-c", LOAD_CORE]);
    }
    again.arg(env::current_exe()?).args(env::args_os().skip(1)).env(PINNED, "1");
    Err(again.exec()).context("cannot start sh")
}

/// How many cores the machine has. (`available_parallelism` would count those of this process.)
fn cores() -> usize {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    info.lines().filter(|line| line.starts_with("processor")).count()
}

/// A command that runs on the core of the servers.
pub fn on_server_core(program: &Path) -> Command {
    on_cores(SERVER_CORE, program)
}

/// A command that may use every core.
pub fn on_every_core(program: &Path) -> Command {
    on_cores(&format!("0-{}", cores().saturating_sub(1)), program)
}

fn on_cores(list: &str, program: &Path) -> Command {
    if !has("taskset") || cores() < 2 {
        return Command::new(program);
    }
    let mut command = Command::new("taskset");
    command.args(["-c", list]).arg(program);
    command
}

/// The machine in one line: what a number depends on.
pub fn describe() -> String {
    let field = |file: &str, name: &str| {
        let text = fs::read_to_string(file).unwrap_or_default();
        let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        line.split(':').nth(1).unwrap_or("unknown").trim().to_string()
    };
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    format!(
        "{} × {}, Linux {}, load {}",
        cores(),
        field("/proc/cpuinfo", "model name"),
        kernel.trim(),
        load.split(' ').next().unwrap_or("unknown"),
    )
}

/// How many files this process and those that it starts may have open.
pub fn open_files() -> usize {
    let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    let soft = line.and_then(|line| line.split_whitespace().next()).unwrap_or("0");
    soft.parse().unwrap_or(usize::MAX) // "unlimited"
}

/// Whether a tool is on the PATH.
pub fn has(tool: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| folder.join(tool).is_file())
}

/// The folder of this checkout.
pub fn checkout() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A folder for what the benchmarks make, under `target`.
///
/// # Errors
///
/// It cannot be made.
pub fn workplace() -> anyhow::Result<PathBuf> {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench");
    fs::create_dir_all(&place).with_context(|| format!("cannot make {}", place.display()))?;
    Ok(place)
}

/// A program of the course in its release build.
///
/// # Errors
///
/// Why its rows are skipped: it is not there.
pub fn program(name: &str) -> Result<PathBuf, String> {
    let bench = env::current_exe().map_err(|error| error.to_string())?;
    let release = bench.ancestors().nth(2).unwrap_or(Path::new("")); // release/deps/compare-…
    let program = release.join(name);
    if program.is_file() { Ok(program) } else { Err(format!("there is no program {name}")) }
}

/// A peer in C, compiled with `cc -O2`.
///
/// # Errors
///
/// Why its rows are skipped: there is no C compiler, or it does not compile this.
pub fn c_peer(name: &str) -> Result<PathBuf, String> {
    if !has("cc") {
        return Err("cc is not installed".into());
    }
    let program = workplace().map_err(|error| error.to_string())?.join(name);
    let mut cc = Command::new("cc");
    cc.args(["-O2", "-pthread", "-o"]).arg(&program).arg(peer_source(&format!("{name}.c")));
    match cc.status() {
        Ok(status) if status.success() => Ok(program),
        _ => Err(format!("{cc:?} failed")),
    }
}

/// A file of `benches/peers`.
pub fn peer_source(name: &str) -> PathBuf {
    checkout().join("benches/peers").join(name)
}

/// A server on its core, with its output in a file. Dropping it ends it.
pub struct Server {
    child: Child,
    output: PathBuf,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Server {
    /// Starts a server that prints the address on which it listens, and waits for that.
    ///
    /// # Errors
    ///
    /// It does not start, or prints no address within ten seconds.
    pub fn start(mut command: Command) -> anyhow::Result<Server> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);

        let number = NUMBER.fetch_add(1, Ordering::Relaxed) % 4; // the files are used again
        let output = workplace()?.join(format!("output-{number}"));
        let file = File::create(&output)?;
        command.stdin(Stdio::null()).stdout(file).stderr(Stdio::null());
        let child = command.spawn().with_context(|| format!("cannot start {command:?}"))?;
        let mut server = Server { child, output, address: SocketAddr::from(([0, 0, 0, 0], 0)) };
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            let printed = fs::read_to_string(&server.output)?;
            let words = printed.split_inclusive(char::is_whitespace);
            let found = words.filter(|word| word.ends_with(char::is_whitespace));
            if let Some(address) = found.filter_map(|word| word.trim().parse().ok()).next() {
                server.address = address;
                return Ok(server);
            }
            ensure!(Instant::now() < deadline, "no address is printed by {command:?}");
            thread::park_timeout(Duration::from_millis(2));
        }
    }

    /// A line of /proc/PID/status in KiB: `VmRSS` is resident memory, `VmPTE` its page tables.
    ///
    /// # Errors
    ///
    /// The process has ended.
    pub fn kibibytes(&self, field: &str) -> anyhow::Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find(|line| line.starts_with(field));
        let number = line.and_then(|line| line.split_whitespace().nth(1));
        number.and_then(|number| number.parse().ok()).ok_or_else(|| anyhow!("no {field}"))
    }

    /// Sends it a signal, by the name that `kill` knows.
    ///
    /// # Errors
    ///
    /// It has ended.
    pub fn signal(&self, name: &str) -> anyhow::Result<()> {
        let mut kill = Command::new("kill");
        kill.arg(format!("-{name}")).arg(self.child.id().to_string());
        ensure!(kill.status()?.success(), "{kill:?} failed");
        Ok(())
    }

    /// Presses Ctrl-C, and answers the number behind this text in its summary.
    ///
    /// # Errors
    ///
    /// There is no such number.
    pub fn count(mut self, text: &str) -> anyhow::Result<f64> {
        self.signal("INT")?;
        self.child.wait()?;
        let printed = fs::read(&self.output)?;
        let end = String::from_utf8_lossy(&printed[printed.len().saturating_sub(200)..]);
        let (_, behind) = end.rsplit_once(text).ok_or_else(|| anyhow!("no {text:?} in {end:?}"))?;
        let digits: String = behind.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().with_context(|| format!("no number behind {text:?} in {end:?}"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
