//! How long an instructor waits, and whether two runs agree.
//!
//! `cargo bench --bench class` times a class of 60 right echo servers (Python, C, Rust) at as many submissions
//! at once as `labs grade` takes, and at 1, 2 and 8, and compares the verdicts. `-- size N` takes a smaller class.
//! `cargo bench --bench class -- repeat N` grades a mixed class (right, wrong, fragile, hostile) N times
//! with one seed and counts the verdicts that changed.

#![allow(clippy::print_stdout)]

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;
use examiner::exam::{Report, Verdict, worker};
use examiner::grade::journal::{Entry, Results};
use examiner::grade::{Args, grade};

/// The folder of the course.
const CHECKOUT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// Students of the class.
const CLASS: usize = 60;

fn main() -> anyhow::Result<()> {
    worker::enter_if_asked();
    let words: Vec<String> = env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    match words.as_slice() {
        [repeat, times] if repeat == "repeat" => repeated(times.parse()?),
        [size, number] if size == "size" => throughput(number.parse()?),
        _ => throughput(CLASS),
    }
}

fn tests(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}

/// A folder of submissions, made anew.
fn folder(name: &str) -> anyhow::Result<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("submissions"))?;
    Ok(folder)
}

fn student(class: &Path, number: usize, kind: &str) -> anyhow::Result<PathBuf> {
    let folder = class.join(format!("submissions/{number:02}-{kind}"));
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

fn args(class: &Path, jobs: Option<usize>, seed: u64) -> anyhow::Result<Args> {
    let results = class.join("results.jsonl");
    let _ = fs::remove_file(&results);
    Ok(Args {
        folder: class.join("submissions"),
        course: None,
        steps: vec!["echo_server".into()],
        results,
        resume: false,
        seed: Some(seed),
        roster: None,
        jobs: jobs.map(|jobs| jobs.try_into()).transpose()?,
        shard: None,
        unclosed: false,
    })
}

fn throughput(size: usize) -> anyhow::Result<()> {
    let class = folder("class-of-right-programs")?;
    let right = ["asyncio_streams.py", "forks.c", "threads.rs"];
    for number in 0..size {
        let name = right[number % right.len()];
        let (_, ending) = name.split_once('.').context("a file has an ending")?;
        let place = student(&class, number, ending)?.join(format!("echo_server.{ending}"));
        fs::copy(tests("right/echo_server").join(name), place)?;
    }
    let stop = AtomicBool::new(false);
    let peak = AtomicU64::new(0);
    let (results, wall) = thread::scope(|scope| {
        scope.spawn(|| watch_memory(&stop, &peak));
        let started = Instant::now();
        let graded = grade(&args(&class, None, 1)?, Some(Path::new(CHECKOUT)));
        stop.store(true, Ordering::Relaxed);
        anyhow::Ok((graded?.0, started.elapsed()))
    })?;
    let passed = results.entries.values().flat_map(|entry| &entry.reports);
    let passed = passed.filter(|report| report.verdict != Verdict::Pass).count();
    let bare: u64 = results
        .entries
        .values()
        .flat_map(|entry| &entry.reports)
        .map(|report| report.milliseconds)
        .sum();
    let seconds = Duration::as_secs_f64;
    println!("| {size} right submissions of echo_server | |");
    println!("|---|---|");
    println!("| wall clock | {:.1} s (target: under 40 s for {CLASS}) |", seconds(&wall));
    for jobs in [8, 2, 1] {
        let started = Instant::now();
        let again = grade(&args(&class, Some(jobs), 1)?, Some(Path::new(CHECKOUT)))?.0;
        let took = started.elapsed();
        println!(
            "| with --jobs {jobs} | {:.1} s: {:.2} times as long, {} verdicts changed |",
            seconds(&took),
            seconds(&took) / seconds(&wall),
            changed(&verdicts(&results), &verdicts(&again)).len()
        );
    }
    println!(
        "| the time of all checks, added up | {:.1} s: {:.2} times as long |",
        bare as f64 / 1000.0,
        bare as f64 / 1000.0 / seconds(&wall)
    );
    println!(
        "| memory at its highest, this process and all below it | {} MiB (target: under 1 GiB) |",
        peak.load(Ordering::Relaxed) >> 10
    );
    println!("| checks that did not pass | {passed} |");
    Ok(())
}

/// The verdict on each check of each student.
fn verdicts(results: &Results) -> BTreeMap<String, String> {
    let of_entry = |entry: &Entry| {
        let verdict = |report: &Report| {
            let key = format!("{} {}", entry.student, report.check);
            (key, format!("{} {:?}", report.verdict, report.way))
        };
        entry.reports.iter().map(verdict).collect::<Vec<_>>()
    };
    results.entries.values().flat_map(of_entry).collect()
}

/// The verdicts of a second run that the first one has not.
fn changed(first: &BTreeMap<String, String>, second: &BTreeMap<String, String>) -> Vec<String> {
    let differ = second.iter().filter(|(key, verdict)| first.get(*key) != Some(verdict));
    differ.map(|(key, verdict)| format!("{key}: {:?}, then {verdict}", first.get(key))).collect()
}

/// The memory of this process and all its descendants, in KiB, at its highest.
fn watch_memory(stop: &AtomicBool, peak: &AtomicU64) {
    while !stop.load(Ordering::Relaxed) {
        let mut pids = examiner::exam::processes::descendants();
        pids.push(std::process::id());
        let resident = |pid: &u32| {
            let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
            let line = text.lines().find_map(|line| line.strip_prefix("Pss:"))?;
            line.split_whitespace().next()?.parse::<u64>().ok()
        };
        peak.fetch_max(pids.iter().filter_map(resident).sum(), Ordering::Relaxed);
        thread::park_timeout(Duration::from_millis(50));
    }
}

/// Grades a mixed class again and again.
fn repeated(times: usize) -> anyhow::Result<()> {
    let class = folder("mixed-class")?;
    let mut number = 0;
    let mut next = |kind: &str| {
        number += 1;
        student(&class, number, kind)
    };
    for file in fs::read_dir(tests("right/echo_server"))?.flatten() {
        let ending =
            file.path().extension().map(|ending| ending.display().to_string()).unwrap_or_default();
        // Those that are told their port would need a submission.toml.
        let has_its_port = !fs::read_to_string(file.path())?.contains(": run ");
        if has_its_port && matches!(ending.as_str(), "py" | "c" | "rs") {
            fs::copy(file.path(), next("right")?.join(format!("echo_server.{ending}")))?;
        }
    }
    let mutants = fs::read_to_string(tests("mutants/echo_server.py"))?;
    let mut faults: Vec<&str> =
        mutants.lines().filter_map(|line| line.strip_prefix("#: ")?.split(' ').next()).collect();
    faults.dedup();
    for fault in faults {
        let place = next(fault)?;
        fs::write(place.join("echo.py"), &mutants)?;
        let run = format!(
            "[echo_server]\nrun = [\"python3\", \"echo.py\", \"{fault}\", \"--port\", \"{{port}}\"]\n"
        );
        fs::write(place.join("submission.toml"), run)?;
    }
    for file in
        fs::read_dir(tests("attacks"))?.flatten().filter(|file| file.file_name() != "serve.py")
    {
        let name =
            file.path().file_stem().map(|name| name.display().to_string()).unwrap_or_default();
        let place = next(&name)?;
        fs::copy(file.path(), place.join("echo_server.py"))?;
        fs::copy(tests("attacks/serve.py"), place.join("serve.py"))?;
        fs::write(place.join("port_of_the_computer.txt"), "1")?;
    }
    let wrong = "#include <unistd.h>\nint main(void) { return 0; }\n";
    while number < CLASS {
        number += 1;
        fs::write(student(&class, number, "c-that-ends")?.join("echo_server.c"), wrong)?;
    }
    let mut first: Option<BTreeMap<String, String>> = None;
    let mut all = 0;
    for round in 1..=times {
        let started = Instant::now();
        let (results, _) = grade(&args(&class, None, 7)?, Some(Path::new(CHECKOUT)))?;
        let verdicts = verdicts(&results);
        let differ = changed(first.get_or_insert_with(|| verdicts.clone()), &verdicts);
        all += differ.len();
        println!(
            "run {round}: {} verdicts, {} changed, {:.0} s {differ:#?}",
            verdicts.len(),
            differ.len(),
            started.elapsed().as_secs_f64()
        );
    }
    println!("{number} submissions, {times} runs with one seed: {all} changed verdicts");
    Ok(())
}
