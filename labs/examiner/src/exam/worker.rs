//! One check in a process of its own.
//!
//! The examiner starts itself anew for each check, twice: the outer worker leaves the machine that
//! everybody shares (see [`super::private`]), the inner one is the first process on the new one. It
//! runs the check and writes the report to its standard output. When it ends, nothing is left.

use std::env;
use std::io::{self, Read, Write};
use std::panic;
use std::path::PathBuf;
use std::process::{self, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use socket_labs::bytes::printable_lines;

use super::private::{Closed, Machine, enter, launch, map_users};
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

/// How a worker ends that could not make its private machine ready.
const REFUSED: i32 = 77;

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
    match env::var(PART).as_deref() {
        Ok("outer") => outer(false),
        Ok("outer-closed") => outer(true),
        Ok("mapper") => process::exit(i32::from(map_users().is_err())),
        Ok("inner") => inner(false),
        Ok("isolated") => inner(true),
        Ok("launch") => launch(false, false),
        Ok("launch-private") => launch(true, false),
        Ok("launch-closed") => launch(true, true),
        _ => {}
    }
}

/// Runs one check in a worker.
///
/// # Errors
///
/// The worker cannot be started, or gave no report.
pub fn run(task: &Task) -> io::Result<Report> {
    let first = match (env::var_os(SHARED), &task.closed) {
        _ if !cfg!(target_os = "linux") => "inner", // there is no machine of its own to enter
        (Some(_), _) => "inner",
        (None, Some(_)) => "outer-closed",
        (None, None) => "outer",
    };
    match run_as(first, task)? {
        Some(report) => Ok(report),
        None => run_as("inner", task)?.ok_or_else(|| io::Error::other("the worker gave no report")),
    }
}

/// Runs a command, such as a compiler, in a worker. Tells whether it ended with exit code 0, and all
/// that it printed, escaped.
///
/// # Errors
///
/// The worker cannot be started.
pub fn run_command(submission: &Submission) -> io::Result<(bool, String)> {
    let report = run(&Task::of(submission))?;
    Ok((report.verdict == Verdict::Pass, report.sentence))
}

/// Whether a check would have a machine of its own here, and with `closed` one that is closed.
///
/// # Errors
///
/// The worker cannot be started.
pub fn is_private(closed: bool) -> io::Result<bool> {
    let submission = Submission::new(vec!["true".into()], "/usr");
    let report = run(&Task::of(&if closed { submission.closed() } else { submission }))?;
    Ok(report.private && report.verdict == Verdict::Pass)
}

/// `None` where the private machine was refused.
fn run_as(name: &str, task: &Task) -> io::Result<Option<Report>> {
    let mut worker = part(name)?;
    let mut child = worker.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let mut stdin = child.stdin.take().ok_or(io::ErrorKind::BrokenPipe)?;
    stdin.write_all(&serde_json::to_vec(task)?)?;
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
    match status.code() {
        Some(REFUSED) => return Ok(None),
        Some(TOO_LONG) => return Err(too_long()),
        _ => {}
    }
    let without = |error| io::Error::other(format!("the check ended without a report: {error}"));
    serde_json::from_slice(&report.map_err(|_| too_long())??).map(Some).map_err(without)
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
    let ended = start();
    process::exit(ended.ok().and_then(|status| status.code()).unwrap_or(REFUSED))
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
    if task.step.is_empty() {
        return match prepare(&task, isolated) {
            Err(_) if isolated => process::exit(REFUSED),
            Err(error) => trouble("", "", &error.to_string()),
            Ok(machine) => command(&task, &machine),
        };
    }
    let found = steps::exam(&task.step).and_then(|exam| Some((exam, exam.check(&task.check)?)));
    let Some((exam, check)) = found else {
        return trouble(&task.step, &task.check, "there is no such check");
    };
    let machine = match prepare(&task, isolated) {
        Ok(machine) => machine,
        // Some systems allow the namespaces and then refuse their use: the check is started again
        // without them.
        Err(_) if isolated => process::exit(REFUSED),
        Err(error) => return trouble(&task.step, &task.check, &error.to_string()),
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
        let ended = program.wait_at_most(task.limit - Duration::from_secs(5))?;
        Ok((ended.code == Some(0), program.printed()))
    });
    let report = match ended {
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
            sentence: finding.sentence.clone(),
            story: story::tell(check, scene, &finding),
            ..base
        },
    }
}

fn trouble(step: &str, check: &str, sentence: &str) -> Report {
    Report::new(step, check, Verdict::Error, sentence)
}
