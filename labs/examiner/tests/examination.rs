//! The examination is a test suite: every check is a test of its own.
//!
//! - `echo_server::half_close`: the course's own program passes this check. With `SUBMISSION=DIR`
//!   the programs of that folder are examined in its place, and there are no other tests.
//! - `mutants::echo_server::one_recv`: a wrong program fails the check it is made for, with the
//!   verdict and the reason declared, and its story is the one kept in `tests/stories`. `BLESS=1`
//!   writes the stories anew.
//! - `matrix::echo_server::one_recv` (with `MATRIX=1`): the wrong program fails nothing else.
//! - `hostile::a_daemon_is_ended`: what a program does, it does not do to the examiner.
//! - `other_systems::the_right_programs_pass`: the examiner of macOS and FreeBSD, as far as Linux can be
//!   examined in its way.
//! - `reasons::server_05_joins_at_once`: a wrong program is told what is wrong with it.
//! - `points::echo_server::one_recv`: a classic mistake has the grade that an instructor would give it.
//! - `right::echo_server::asyncio.py`: a right program of another shape passes everything.
//!
//! `SEED=N` repeats a run.

#![allow(clippy::unwrap_used)] // in a test, a panic is the answer

#[path = "examination/hostile.rs"]
mod hostile;
#[path = "examination/mutants.rs"]
mod mutants;
#[path = "examination/other_systems.rs"]
mod other_systems;
#[path = "examination/points.rs"]
mod points;
#[path = "examination/reasons.rs"]
mod reasons;
#[path = "examination/right.rs"]
mod right;

use std::env;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::OnceLock;
use std::time::SystemTime;

use examiner::exam::{Check, Exam, Report, Submission, Verdict, examine_one, worker};
use examiner::steps::EXAMS;
use libtest_mimic::{Arguments, Failed, Trial};

fn main() -> ExitCode {
    worker::enter_if_asked();
    let mut arguments = Arguments::from_args();
    // Checks wait more than they work.
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    arguments.test_threads.get_or_insert(3 * cores);
    let mut trials = Vec::new();
    match env::var_os("SUBMISSION") {
        Some(folder) => trials.extend(examinations(|step| Submission::find(folder.as_ref(), step))),
        None => {
            trials.extend(examinations(|step| Ok(Some(reference(step)))));
            trials.extend(hostile::trials());
            trials.extend(mutants::trials());
            trials.extend(other_systems::trials());
            trials.extend(reasons::trials());
            trials.extend(points::trials());
            trials.extend(right::trials());
        }
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// One test for each check of each step. A step that was not handed in is ignored.
fn examinations(submission: impl Fn(&str) -> Result<Option<Submission>, String>) -> Vec<Trial> {
    let mut trials = Vec::new();
    for exam in EXAMS {
        let submission = submission(exam.step);
        for check in exam.checks {
            let submission = submission.clone();
            let name = format!("{}::{}", exam.step, check.name);
            let is_missing = submission == Ok(None);
            let run = move || passes(exam, check, &submission?.ok_or("it was not handed in")?);
            trials.push(Trial::test(name, run).with_ignored_flag(is_missing));
        }
    }
    trials
}

fn passes(
    exam: &'static Exam,
    check: &'static Check,
    submission: &Submission,
) -> Result<(), Failed> {
    let report = examine_one(exam, check, submission, seed());
    if matches!(report.verdict, Verdict::Fail | Verdict::Fragile | Verdict::Beyond) {
        for name in check.needs {
            let needed = exam.check(name).ok_or_else(|| format!("{name} is no check"))?;
            if passes(exam, needed, submission).is_err() {
                return Err(format!("skipped: it needs {name}, which does not pass").into());
            }
        }
    }
    expect(&report, Verdict::Pass)
}

/// Fails unless the verdict is this one. What this machine cannot examine is told, and fails only
/// in CI.
pub fn expect(report: &Report, verdict: Verdict) -> Result<(), Failed> {
    if report.verdict == verdict {
        return Ok(());
    }
    if report.verdict == Verdict::Skipped && env::var_os("SOCKET_LABS_NO_SKIP").is_none() {
        skip(&report.id(), &report.sentence);
        return Ok(());
    }
    let Report { sentence, story, .. } = report;
    let way = report.way.map(|way| format!(" {way}")).unwrap_or_default();
    let id = report.id();
    Err(format!(
        "{id}: {}{way}, not {verdict} (SEED={})\n{sentence}\n{story}",
        report.verdict,
        seed()
    )
    .into())
}

#[allow(clippy::print_stderr)]
fn skip(test: &str, why: &str) {
    eprintln!("SKIPPED {test}: {why}");
}

/// `SEED`, or another one each run: a failure prints it.
pub fn seed() -> u64 {
    static SEED: OnceLock<u64> = OnceLock::new();
    *SEED.get_or_init(|| {
        let given = env::var("SEED").ok().and_then(|seed| seed.parse().ok());
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        given.unwrap_or(u64::from(now.subsec_nanos()) / 1000)
    })
}

/// The course's own program.
fn reference(step: &str) -> Submission {
    let test = env::current_exe().unwrap();
    let target = test.parent().and_then(Path::parent).unwrap(); // target/PROFILE/deps
    let program = target.join(format!("{step}{}", env::consts::EXE_SUFFIX));
    command(&[program.display().to_string()], arguments(step))
}

fn arguments(step: &str) -> &'static [&'static str] {
    examiner::steps::exam(step).unwrap().arguments
}

/// A command in the folder of the tests.
pub fn command(start: &[String], arguments: &[&str]) -> Submission {
    let arguments = arguments.iter().map(|argument| argument.to_string());
    Submission::new(start.iter().cloned().chain(arguments).collect(), folder(""))
}

/// A folder beside this file.
pub fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}

/// Python itself, without what may stand before it on the path and takes time.
pub fn python() -> Result<&'static str, Failed> {
    static PYTHON: OnceLock<Option<String>> = OnceLock::new();
    let find = || {
        let script = "import sys; print(sys.executable)";
        let output = Command::new("python3").args(["-c", script]).output().ok()?;
        Some(String::from_utf8(output.stdout).ok()?.trim().to_string())
    };
    Ok(PYTHON.get_or_init(find).as_deref().ok_or("python3 is not installed")?)
}
