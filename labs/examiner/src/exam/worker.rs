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
use std::io::{self, Read, Write};
use std::panic;
use std::path::{Path, PathBuf};
use std::process::{self, Command, Stdio};
use std::sync::{Mutex, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use socket_labs::bytes::printable_lines;

use super::budget::{self, MEMORY, MEMORY_OF_A_BUILD};
use super::private::{
    Closed, Machine, close_inherited, enter, group, launch, launch_below, map_users,
};
use super::program::{At, Program};
use super::transcript::Transcript;
use super::{Check, Exam, Outcome, Report, Scene, Submission, Trouble, Verdict, processes, story};
use crate::steps;

/// The variable that names the part which a process has to play.
pub const PART: &str = "SOCKET_LABS_WORKER";

/// The variable that names the control group which a worker joins.
const GROUP: &str = "SOCKET_LABS_GROUP";

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

    /// The memory that its program may have, in bytes.
    fn memory(&self) -> u64 {
        if self.step.is_empty() { MEMORY_OF_A_BUILD } else { MEMORY }
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

/// Runs a task of a submission in the time that is left for it.
///
/// # Errors
///
/// As [`run`]: `TimedOut` where its own time or that of the submission is up.
pub fn run_within(submission: &Submission, task: Task) -> io::Result<Report> {
    let Some(budget) = &submission.budget else { return run(&task) };
    let spent = || io::Error::new(io::ErrorKind::TimedOut, budget::spent());
    let (_running, limit) = budget.begin(task.limit).ok_or_else(spent)?;
    match run(&Task { limit, ..task }) {
        Err(error) if error.kind() == io::ErrorKind::TimedOut && budget.is_spent() => Err(spent()),
        report => report,
    }
}

/// Runs a command, such as a compiler, in a worker. Tells whether it ended with exit code 0, and all
/// that it printed, escaped.
///
/// # Errors
///
/// The worker cannot be started, or has trouble of its own.
pub fn run_command(submission: &Submission) -> io::Result<(bool, String)> {
    let report = match run_within(submission, Task::of(submission)) {
        // What is still at work then is no trouble of the examiner.
        Err(error) if error.kind() == io::ErrorKind::TimedOut => {
            return Ok((false, error.to_string()));
        }
        report => report?,
    };
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
    let group = if kind == Kind::Closed { group::Group::new(task.memory())? } else { None };
    worker.env_remove(GROUP).envs(group.iter().map(|group| (GROUP, group.path())));
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
    let too_long = || {
        let words =
            format!("It was still at work after {} seconds, and was ended.", task.limit.as_secs());
        io::Error::new(io::ErrorKind::TimedOut, words)
    };
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
        if let Some(path) = env::var_os(GROUP) {
            group::join(Path::new(&path))?;
        }
        let mut inner = part("isolated")?;
        inner.env_remove(GROUP);
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

/// Whoever has it says how the check went: the examiner, or the clock. Else a program that the clock kills
/// would be reported as one that ended by SIGKILL.
static LAST_WORD: Mutex<()> = Mutex::new(());

fn inner(isolated: bool) -> ! {
    let report = prepare_and_examine(isolated);
    let _said = LAST_WORD.lock(); // for good
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
        let _said = LAST_WORD.lock();
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
    if isolated {
        processes::end_crowds(task.memory(), machine.in_memory());
    }
    if task.step.is_empty() {
        return command(&task, &machine.for_builds());
    }
    let found = steps::exam(&task.step).and_then(|exam| Some((exam, exam.check(&task.check)?)));
    let Some((exam, check)) = found else {
        return trouble(&task.step, &task.check, "there is no such check");
    };
    examine(exam, check, &task, machine)
}

/// The machine of a check, on which all that is started is kept together.
fn prepare(task: &Task, isolated: bool) -> io::Result<Machine> {
    let machine = Machine::prepare(isolated, task.closed.as_ref())?;
    processes::keep_together()?;
    Ok(machine)
}

/// The report of a command: a pass with exit code 0, and what it printed as its sentence.
fn command(task: &Task, machine: &Machine) -> Report {
    let started =
        Program::start(machine, &task.command, &task.folder, At::Pipes, &Transcript::new());
    let ended = started.and_then(|program| {
        program.ends_input();
        let ended = program.wait_at_most(task.limit.saturating_sub(Duration::from_secs(5)))?;
        Ok((ended, program.printed()))
    });
    let report = match ended {
        Ok((ended, output)) if ended.code == Some(0) => match machine.keeps_build() {
            Ok(true) => Report::new("", "", Verdict::Pass, printed(&output)),
            Ok(false) => Report::new("", "", Verdict::Fail, Machine::no_room()),
            Err(error) => trouble("", "", &format!("what was built cannot be kept: {error}")),
        },
        Ok(_) if machine.is_full() => Report::new("", "", Verdict::Fail, Machine::no_room()),
        Ok((ended, output)) if output.trim().is_empty() => {
            Report::new("", "", Verdict::Fail, format!("It ended without a word: {}.", ended.words))
        }
        Ok((_, output)) => Report::new("", "", Verdict::Fail, printed(&output)),
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
