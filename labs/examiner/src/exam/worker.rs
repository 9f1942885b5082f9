//! One check in a process of its own.
//!
//! The examiner starts itself again for each check, twice: the outer worker leaves the machine that
//! everybody shares (see [`super::private`]), the inner one is the first process on the new one. It
//! runs the check and writes the report to its standard output. When it ends, nothing is left.
//!
//! What kind of machine that is, is decided once and before the first program runs ([`closes`]). A
//! worker that dies later, or cannot be started, is an error of that check. It never makes a check
//! run on a machine that is less closed.

use std::env;
use std::fs;
use std::io::{self, Read, Write};
use std::panic;
use std::path::{Path, PathBuf};
use std::process::{self, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use socket_labs::bytes::printable_lines;

use super::private::{Closed, Machine, close_inherited, enter, launch, launch_below, map_users};
use super::program::{At, Program};
use super::transcript::Transcript;
use super::{Check, Exam, Outcome, Report, Scene, Submission, Trouble, Verdict, processes, story};
use crate::steps;

/// The variable that names the part which a process has to play.
pub const PART: &str = "SOCKET_LABS_WORKER";

/// Where it is set, checks run on the network of this computer, as on systems without private ones.
const SHARED: &str = "SOCKET_LABS_SHARED_NETWORK";

/// The most time that one check may take. No check needs it: each wait within it is shorter.
pub const LIMIT: Duration = Duration::from_secs(120);

/// How long after that the worker has to end by itself.
const GRACE: Duration = Duration::from_secs(15);

/// What kind of machine a check runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The computer itself.
    Shared,
    /// A network, processes and a host name of its own; the files are those of the computer.
    Private,
    /// As well, a file system of its own, for the program of a stranger.
    Closed,
}

impl Kind {
    /// The part that the worker has to play.
    fn part(self) -> &'static str {
        match self {
            Kind::Shared => "inner",
            Kind::Private => "outer",
            Kind::Closed => "outer-closed",
        }
    }
}

/// How a worker ends whose check took too long.
const TOO_LONG: i32 = 78;

/// What a worker is asked to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Task {
    /// The step and the check.
    pub step: String,
    /// The check's name within the step.
    pub check: String,
    /// The program, with its words in braces.
    pub command: Vec<String>,
    /// The folder it is started in.
    pub folder: PathBuf,
    /// What all random choices come from.
    pub seed: u64,
    /// What the program sees of this computer: `None` is all that the user sees.
    pub closed: Option<Closed>,
    /// The most time that it may take: [`LIMIT`].
    pub limit: Duration,
}

impl Task {
    /// The task to run a command that is no program of a step.
    pub fn of(submission: &Submission) -> Task {
        Task {
            step: String::new(),
            check: String::new(),
            command: submission.command.clone(),
            folder: submission.folder.clone(),
            seed: 0,
            closed: submission.closed.clone(),
            limit: LIMIT,
        }
    }
}

/// Plays the part of a worker and does not return, where this process was started as one. It must be
/// the first thing that `main` does.
pub fn enter_if_asked() {
    let Ok(part) = env::var(PART) else { return };
    if !matches!(part.as_str(), "launch-closed" | "launch-build") {
        // An older system keeps what it has: no closed machine is made there.
        let _ = close_inherited(None);
    }
    undisturbed();
    match part.as_str() {
        "outer" => outer(false),
        "outer-closed" => outer(true),
        "mapper" => process::exit(i32::from(map_users().is_err())),
        "inner" => inner(false),
        "isolated" => inner(true),
        "launch" => launch(false),
        "launch-private" => launch(true),
        "launch-closed" => launch_below(false),
        "launch-build" => launch_below(true),
        _ => {}
    }
}

/// What a process inherits from a careless parent would change how it works: signals that are blocked,
/// and permissions that new files do not get.
#[cfg(unix)]
fn undisturbed() {
    let _ = nix::sys::signal::SigSet::empty().thread_set_mask();
    nix::sys::stat::umask(nix::sys::stat::Mode::from_bits_truncate(0o022));
}

#[cfg(not(unix))]
fn undisturbed() {}

/// Runs one check in a worker: a closed task on a closed machine or not at all, any other on a
/// private machine where this computer allows one.
///
/// # Errors
///
/// The worker cannot be started, or gave no report.
pub fn run(task: &Task) -> io::Result<Report> {
    let kind = match &task.closed {
        Some(_) => Kind::Closed,
        None if allows(Kind::Private).is_ok() => Kind::Private,
        None => Kind::Shared,
    };
    run_as(kind, task)
}

/// Runs a command, such as a compiler, in a worker. Tells whether it ended with exit code 0, and all
/// that it printed, escaped.
///
/// # Errors
///
/// The worker cannot be started, or has trouble of its own.
pub fn run_command(submission: &Submission) -> io::Result<(bool, String)> {
    let report = run(&Task::of(submission))?;
    match report.verdict {
        Verdict::Error | Verdict::Skipped => Err(io::Error::other(report.sentence)),
        verdict => Ok((verdict == Verdict::Pass, report.sentence)),
    }
}

/// Whether this computer makes private machines. It stays as it is found first.
///
/// # Errors
///
/// One sentence: what the system refuses.
pub fn is_private() -> Result<(), String> {
    allows(Kind::Private)
}

/// Whether this computer makes machines that are closed to the programs of strangers. It stays as it
/// is found first.
///
/// # Errors
///
/// One sentence: what the system refuses.
pub fn closes() -> Result<(), String> {
    allows(Kind::Closed)
}

/// Whether this computer makes machines of a kind: one was made, and a program has run on it.
fn allows(kind: Kind) -> Result<(), String> {
    static PRIVATE: OnceLock<Result<(), String>> = OnceLock::new();
    static CLOSED: OnceLock<Result<(), String>> = OnceLock::new();
    if !cfg!(target_os = "linux") {
        return Err("this system has no closed machines".into());
    }
    if env::var_os(SHARED).is_some() {
        return Err(format!("{SHARED} is set"));
    }
    let (known, closed) = match kind {
        Kind::Shared => return Ok(()),
        Kind::Private => (&PRIVATE, None),
        Kind::Closed => (&CLOSED, Some(Closed::default())),
    };
    known.get_or_init(|| try_out(kind, closed)).clone()
}

fn try_out(kind: Kind, closed: Option<Closed>) -> Result<(), String> {
    let submission = Submission { closed, ..Submission::new(vec!["true".into()], "/usr") };
    let report = run_as(kind, &Task::of(&submission)).map_err(|error| error.to_string())?;
    match report.verdict {
        Verdict::Pass if report.private => Ok(()),
        _ if report.sentence.is_empty() => Err("no program runs there".into()),
        _ => Err(report.sentence),
    }
}

fn run_as(kind: Kind, task: &Task) -> io::Result<Report> {
    let mut worker = part(kind.part())?;
    let mut child = worker.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let mut stdin = child.stdin.take().ok_or(io::ErrorKind::BrokenPipe)?;
    // A worker that has ended without reading its task has written why, or is told below.
    let given = stdin.write_all(&serde_json::to_vec(task)?);
    drop(stdin);
    let mut stdout = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
    let (done, finished) = std::sync::mpsc::channel();
    let reading = thread::Builder::new().spawn(move || {
        let mut report = Vec::new();
        let read = stdout.read_to_end(&mut report).map(|_| report);
        let _ = done.send(read);
    });
    if let Err(error) = reading {
        // The system has no thread left: the check is the examiner's error, and the next one goes on.
        let _ = child.kill();
        child.wait()?;
        return Err(error);
    }
    let report = finished.recv_timeout(task.limit + GRACE);
    if report.is_err() {
        let _ = child.kill();
    }
    let status = child.wait()?;
    let too_long = || io::Error::new(io::ErrorKind::TimedOut, "the check took too long");
    if status.code() == Some(TOO_LONG) {
        return Err(too_long());
    }
    let report = report.map_err(|_| too_long())??;
    let without = |_| io::Error::other("the check ended without a report");
    let report: Report = serde_json::from_slice(&report).map_err(without)?;
    given?;
    Ok(Report { step: task.step.clone(), check: task.check.clone(), ..report })
}

fn part(name: &str) -> io::Result<Command> {
    let mut command = Command::new(env::current_exe()?);
    command.env(PART, name);
    Ok(command)
}

fn outer(closed: bool) -> ! {
    let start = || {
        let mut inner = part("isolated")?;
        if closed {
            inner.env_remove(processes::CHOICE);
        }
        enter(inner, closed)?.wait()
    };
    match start() {
        Ok(status) => process::exit(status.code().unwrap_or(1)),
        Err(error) => {
            let sentence = format!("this computer gives no machine of its own: {error}");
            // Whoever started it is to read the reason, and not a broken pipe.
            let _ = io::copy(&mut io::stdin(), &mut io::sink());
            let _ = serde_json::to_writer(io::stdout(), &trouble("", "", &sentence));
            process::exit(1)
        }
    }
}

fn inner(isolated: bool) -> ! {
    if isolated {
        processes::end_crowds();
    }
    let report = prepare_and_examine(isolated);
    let written = serde_json::to_writer(io::stdout(), &report);
    processes::kill_all();
    process::exit(i32::from(written.is_err()))
}

/// Ends this worker, and all that it has started, where its check takes too long. Nobody else could:
/// when it is killed from outside, what it has started goes on.
fn end_in_time(limit: Duration) {
    // Without a thread to spare, the one who waits for the report kills this worker.
    let _ = thread::Builder::new().spawn(move || {
        thread::sleep(limit);
        processes::kill_all();
        process::exit(TOO_LONG)
    });
}

fn prepare_and_examine(isolated: bool) -> Report {
    let mut text = Vec::new();
    let task = io::stdin().read_to_end(&mut text).map(|_| serde_json::from_slice::<Task>(&text));
    let task = match task {
        Ok(Ok(task)) => task,
        _ => return trouble("?", "?", "the examiner's worker was started without a task"),
    };
    end_in_time(task.limit);
    if task.closed.is_some() && !isolated {
        return trouble(
            &task.step,
            &task.check,
            "the examiner's worker is not on a closed machine",
        );
    }
    let machine = match prepare(&task, isolated) {
        Ok(machine) => machine,
        Err(error) => {
            let sentence = format!("the machine of its own cannot be made ready: {error}");
            return trouble(&task.step, &task.check, &sentence);
        }
    };
    if task.step.is_empty() {
        return command(&task, &machine.for_builds());
    }
    let found = steps::exam(&task.step).and_then(|exam| Some((exam, exam.check(&task.check)?)));
    let Some((exam, check)) = found else {
        return trouble(&task.step, &task.check, "there is no such check");
    };
    examine(exam, check, &task, machine)
}

/// What a build may have in its folder: bytes, files and folders, and folders in folders.
const BUILD: Room = Room { bytes: 512 << 20, files: 20_000, depth: 64 };

struct Room {
    bytes: u64,
    files: usize,
    depth: usize,
}

impl Room {
    /// What is said of who takes more.
    fn words(&self) -> String {
        format!(
            "The build was ended: it may have {} MiB, {} files and {} folders in folders, and takes more.",
            self.bytes >> 20,
            self.files,
            self.depth
        )
    }

    /// Whether what is in a folder has room in this.
    fn holds(&self, folder: &Path) -> bool {
        let (mut bytes, mut files) = (0, 0);
        let mut folders = vec![(folder.to_path_buf(), 0)];
        while let Some((folder, depth)) = folders.pop() {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                let Ok(kind) = entry.metadata() else { continue }; // not of what a link leads to
                files += 1;
                bytes += if kind.is_file() { allocated(&kind) } else { 0 };
                if bytes > self.bytes || files > self.files || depth > self.depth {
                    return false;
                }
                if kind.is_dir() {
                    folders.push((entry.path(), depth + 1));
                }
            }
        }
        true
    }
}

/// What a file takes of the disk, in bytes.
#[cfg(unix)]
fn allocated(file: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::blocks(file) * 512
}

#[cfg(not(unix))]
fn allocated(file: &fs::Metadata) -> u64 {
    file.len()
}

/// Ends a build that fills its folder with more than [`BUILD`]: the disk is everybody's. Tells whether
/// it has.
fn watch_folder(folder: PathBuf) -> Arc<AtomicBool> {
    let is_full = Arc::new(AtomicBool::new(false));
    let tell = is_full.clone();
    thread::spawn(move || {
        while BUILD.holds(&folder) {
            thread::park_timeout(Duration::from_millis(100));
        }
        tell.store(true, Ordering::SeqCst);
        processes::kill_all();
    });
    is_full
}

/// The machine of a check, on which all that is started is kept together.
fn prepare(task: &Task, isolated: bool) -> io::Result<Machine> {
    let machine = Machine::prepare(isolated, task.closed.as_ref())?;
    processes::keep_together()?;
    Ok(machine)
}

/// The report of a command: a pass with exit code 0, and what it printed as its sentence.
fn command(task: &Task, machine: &Machine) -> Report {
    let writable = task.closed.as_ref().and_then(|closed| closed.writable.clone());
    let is_full = writable.clone().map(watch_folder).unwrap_or_default();
    let started =
        Program::start(machine, &task.command, &task.folder, At::Pipes, &Transcript::new());
    let ended = started.and_then(|program| {
        program.ends_input();
        let ended = program.wait_at_most(task.limit - Duration::from_secs(5))?;
        Ok((ended.code == Some(0), program.printed()))
    });
    // What was written between the last look and the end counts, too.
    let is_full =
        is_full.load(Ordering::SeqCst) || writable.is_some_and(|folder| !BUILD.holds(&folder));
    let report = match ended {
        Ok(_) if is_full => Report::new("", "", Verdict::Fail, BUILD.words()),
        Ok((true, output)) => Report::new("", "", Verdict::Pass, printed(&output)),
        Ok((false, output)) => Report::new("", "", Verdict::Fail, printed(&output)),
        Err(Trouble::Wrong(finding)) => Report::new("", "", Verdict::Fail, finding.sentence),
        Err(Trouble::Examiner(sentence) | Trouble::NotHere(sentence)) => trouble("", "", &sentence),
    };
    Report { private: machine.is_private(), ..report }
}

/// What a command printed, escaped, and not more of it than anybody reads.
fn printed(output: &str) -> String {
    let start: String = output.chars().take(16 * 1024).collect();
    printable_lines(start.as_bytes())
}

fn examine(exam: &'static Exam, check: &'static Check, task: &Task, machine: Machine) -> Report {
    let started = Instant::now();
    let mut scene = Scene::new(exam, check, task, machine);
    let run = panic::AssertUnwindSafe(|| (check.run)(&mut scene));
    panic::set_hook(Box::new(|_| {})); // the report tells it
    let outcome = panic::catch_unwind(run).unwrap_or_else(|panic| {
        let words = panic.downcast_ref::<String>().cloned();
        let words = words.or_else(|| panic.downcast_ref::<&str>().map(|words| words.to_string()));
        Err(Trouble::Examiner(format!("the check itself failed: {}", words.unwrap_or_default())))
    });
    let milliseconds = started.elapsed().as_millis() as u64;
    let private = scene.is_private();
    Report { milliseconds, private, ..report(check, &scene, outcome) }
}

fn report(check: &'static Check, scene: &Scene, outcome: Outcome) -> Report {
    let base = trouble(scene.step(), check.name, "");
    match outcome {
        Ok(()) => Report { verdict: Verdict::Pass, ..base },
        Err(Trouble::Examiner(sentence)) => Report { sentence, ..base },
        Err(Trouble::NotHere(sentence)) => Report { verdict: Verdict::Skipped, sentence, ..base },
        Err(Trouble::Wrong(finding)) => Report {
            verdict: check.verdict(finding.way),
            way: Some(finding.way),
            sentence: finding.explained(),
            story: story::tell(check, scene, &finding),
            ..base
        },
    }
}

fn trouble(step: &str, check: &str, sentence: &str) -> Report {
    Report::new(step, check, Verdict::Error, sentence)
}
