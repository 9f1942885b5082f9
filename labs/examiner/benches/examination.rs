//! How long a student waits: the examination of each step, with the course's own programs as students
//! build them. `cargo bench --bench examination [-- STEP…]`

#![allow(clippy::print_stdout)]

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use examiner::exam::{Exam, Submission, Verdict, examine, worker};
use examiner::steps::EXAMS;

/// Examinations of each step; the table shows the shortest, the middle one and the longest.
const ROUNDS: usize = 5;

/// What we aim at, on two cores.
const TARGET: Duration = Duration::from_secs(2);

fn main() -> anyhow::Result<ExitCode> {
    worker::enter_if_asked();
    let steps: Vec<String> = env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let programs = build()?;
    println!("| step | checks | shortest | median | longest | all checks one after the other | |");
    println!("|---|---|---|---|---|---|---|");
    for exam in
        EXAMS.iter().filter(|exam| steps.is_empty() || steps.iter().any(|step| step == exam.step))
    {
        let (times, work) = time(exam, &programs)?;
        let verdict = if times[ROUNDS / 2] < TARGET { "met" } else { "MISSED" };
        let [shortest, median, longest] =
            [times[0], times[ROUNDS / 2], times[ROUNDS - 1]].map(|time| time.as_secs_f64());
        println!(
            "| {} | {} | {shortest:.2} s | {median:.2} s | {longest:.2} s | {:.2} s | {verdict} |",
            exam.step,
            exam.checks.len(),
            work.as_secs_f64()
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// Builds the programs as `cargo run` does, and tells where they are.
fn build() -> anyhow::Result<PathBuf> {
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let built =
        Command::new("cargo").args(["build", "--bins", "--quiet"]).current_dir(checkout).status();
    ensure!(built.context("cannot start cargo")?.success(), "the programs do not build");
    let this = env::current_exe()?; // target/release/deps/examination-…
    let target = this.ancestors().nth(3).context("a benchmark lies in target/release/deps")?;
    Ok(target.join("debug"))
}

/// The wall-clock times, sorted, and the sum of the times of all checks in the last round.
fn time(exam: &Exam, programs: &Path) -> anyhow::Result<(Vec<Duration>, Duration)> {
    let program = programs.join(exam.step).display().to_string();
    let arguments = exam.arguments.iter().map(|argument| argument.to_string());
    let command = std::iter::once(program).chain(arguments).collect();
    let submission = Submission::new(command, env::current_dir()?);
    let mut times = Vec::new();
    let mut work = 0;
    for round in 0..ROUNDS {
        let started = Instant::now();
        let reports = examine(exam, &submission, round as u64, |_| ());
        times.push(started.elapsed());
        work = reports.iter().map(|report| report.milliseconds).sum();
        for report in reports {
            ensure!(report.verdict == Verdict::Pass, "{}: {}", report.id(), report.sentence);
        }
    }
    times.sort();
    Ok((times, Duration::from_millis(work)))
}
