//! Wrong programs: one file a step, in which the first argument switches one fault on. Its header
//! declares what each fault fails: `#: FAULT CHECK VERDICT WAY`, the check it is made for first.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::SystemTime;

use examiner::exam::{Exam, Submission, Verdict, Way, examine, examine_one};
use examiner::steps::EXAMS;
use libtest_mimic::{Failed, Trial};
use regex::Regex;
use socket_labs::ntp::Timestamp;

use crate::{arguments, command, expect, folder, python, seed};

/// The seed of all stories: they are the same in each run.
const STORY_SEED: u64 = 1;

/// A check, and how a fault fails it.
type Result_ = (String, Verdict, Way);

struct Mutant {
    fault: String,
    /// The check that it is made for, and then all others that do not pass.
    fails: Vec<Result_>,
}

/// One test for each fault and, with `MATRIX=1`, one that its whole examination is as declared.
pub fn trials() -> Vec<Trial> {
    let mut trials = vec![Trial::test("every_check_has_a_mutant", every_check_has_a_mutant)];
    for exam in EXAMS {
        let mut told = BTreeSet::new();
        for mutant in of(exam.step).unwrap() {
            let Mutant { fault, fails } = mutant;
            let is_first = told.insert(fails[0].0.clone());
            let (all, name) = (fails.clone(), fault.clone());
            let matrix = move || the_matrix_is_as_declared(exam, &name, &all);
            let id = format!("{}::{fault}", exam.step);
            if env::var_os("MATRIX").is_some() {
                trials.push(Trial::test(format!("matrix::{id}"), matrix));
            }
            let fails = fails[0].clone();
            let run = move || is_caught_in_the_end(exam, &fault, &fails, is_first);
            trials.push(Trial::test(format!("mutants::{id}"), run));
        }
    }
    trials
}

fn every_check_has_a_mutant() -> Result<(), Failed> {
    let mut missing = Vec::new();
    for exam in EXAMS {
        let mutants = of(exam.step)?;
        for check in exam.checks {
            if !mutants.iter().any(|mutant| mutant.fails[0].0 == check.name) {
                missing.push(format!("{}/{}", exam.step, check.name));
            }
        }
    }
    if missing.is_empty() { Ok(()) } else { Err(missing.join(", ").into()) }
}

/// A wrong program can go wrong in two ways at once, and on a busy machine the other one may come
/// first: it is given three chances to fail as it is declared to. A right verdict needs one.
fn is_caught_in_the_end(
    exam: &'static Exam,
    fault: &str,
    fails: &Result_,
    is_first: bool,
) -> Result<(), Failed> {
    let mut caught = is_caught(exam, fault, fails, is_first);
    for _ in 0..2 {
        if caught.is_ok() {
            break;
        }
        caught = is_caught(exam, fault, fails, is_first);
    }
    caught
}

fn is_caught(
    exam: &'static Exam,
    fault: &str,
    fails: &Result_,
    is_first: bool,
) -> Result<(), Failed> {
    let (check, verdict, way) = fails;
    let check = exam.check(check).ok_or_else(|| format!("{check} is no check"))?;
    // The story belongs to one seed; that the verdict does not is what the other seed shows.
    let seed = if is_first { STORY_SEED } else { seed() };
    let report = examine_one(exam, check, &program(exam, fault)?, seed);
    expect(&report, *verdict)?;
    if report.verdict == *verdict && report.way != Some(*way) {
        let found = report.way.map(Way::name).unwrap_or_default();
        return Err(
            format!("{found} in place of {way}: {}\n{}", report.sentence, report.story).into()
        );
    }
    let is_skipped = report.verdict == Verdict::Skipped && *verdict != Verdict::Skipped;
    if !is_first || !report.private || is_skipped {
        return Ok(());
    }
    same_story(exam.step, check.name, &normal(&report.story))
}

/// Compares the story with the one kept, or writes it with `BLESS=1`.
fn same_story(step: &str, check: &str, story: &str) -> Result<(), Failed> {
    let file: PathBuf = folder("stories").join(step).join(format!("{check}.txt"));
    if env::var_os("BLESS").is_some() {
        fs::create_dir_all(file.parent().unwrap())?;
        fs::write(&file, story)?;
        return Ok(());
    }
    let kept = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    // The first client is the last one too where the program was gone before the next one came.
    let has_first = |story: &str| story.contains("  client 1  ");
    let first = has_first(&kept) && has_first(story);
    if without_last_words(&kept, first) == without_last_words(story, first) {
        return Ok(());
    }
    Err(format!("the story of {step}/{check} has changed\n--- kept\n{kept}\n--- now\n{story}")
        .into())
}

/// What differs from run to run, replaced: times, and the places of this checkout.
fn normal(story: &str) -> String {
    static TIMES: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?m)^ *[0-9.]+ (?:ms|s) {2}").unwrap());
    static SHARES: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"[0-9]+ % of a CPU|after [0-9.]+ s\b").unwrap());
    // The calls of a traceback: they name files by long paths, which a story cuts, and look
    // different in each version of Python.
    static CALLS: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r#"(?m)^  \|   File ".*\n(?:  \|     .*\n)*"#).unwrap());
    // What a client's clock shows, and the clock and the random numbers in a packet of NTP.
    static CLOCKS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"((?:Offset|Delay): |right\s+one\s+is\s+)[+-]?[0-9]+\.[0-9]+").unwrap()
    });
    static INSTANTS: LazyLock<Regex> = LazyLock::new(|| {
        let (ours, all) = ("(?:reference|receive)", "(?:origin|transmit)");
        // The times that a check chooses are of the next era of NTP, and no clock is there today; but
        // for one that somebody has put forward, and then it is about now.
        let now = [-100, 0, 900].map(|seconds| {
            let now = Timestamp::at(SystemTime::now()).plus(f64::from(seconds)).to_string();
            now[..10].to_string()
        });
        let recent = format!("(?:20(?:2[1-9]|3[0-5]|9[0-9])-|{})", now.join("|"));
        let bytes = "timestamp +)(?:[0-9a-f]{2} ){8}";
        let lines = format!("({ours} {bytes} {recent}.*|({all} {bytes} [12][0-9]{{3}}-.*");
        Regex::new(&lines).unwrap()
    });
    // The clock of now, in a datagram of lab 7: the bytes of two fields, and what they mean.
    static CLOCK: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?m)^( +\d+  (?:checksum|timestamp)  )[0-9a-f ]{23}").unwrap()
    });
    static VALUES: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(0x)[0-9a-f]{8}\b|[0-9]{9,} seconds .*").unwrap());
    let python = python().ok().and_then(|python| python.rsplit('/').next()).unwrap_or("python3");
    let folder = folder("mutants").display().to_string();
    let story = story.replace(&format!("starts: {python} "), "starts: python3 ");
    let story = story.replace(&format!("{folder}/"), "");
    let story = TIMES.replace_all(&story, "       -  ");
    let story = CALLS.replace_all(&story, "  |   …\n");
    let story = CLOCKS.replace_all(&story, "${1}…");
    let story = INSTANTS.replace_all(&story, "${1}${2}…");
    let story = CLOCK.replace_all(&story, "$1(other bytes each time)");
    let story = VALUES.replace_all(&story, "$1…");
    without_the_last_moment(&without_an_order(&SHARES.replace_all(&story, "…")))
}

/// In which order getaddrinfo() tells the addresses of a name depends on the C library, and on whether
/// there is IPv6: the addresses of a list are left out, wherever they are.
fn without_an_order(story: &str) -> String {
    static LIST: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r" has (127(?:\.[0-9]+){3}(?:,\s+127(?:\.[0-9]+){3})+)").unwrap()
    });
    let Some(list) = LIST.captures(story).map(|found| found[1].to_string()) else {
        return story.to_string();
    };
    let story = story.replace(&list, "…");
    list.split(',').fold(story, |story, address| story.replace(address.trim(), "…"))
}

/// What a program that was alive when the examiner hung up says of it on standard error is chance.
fn without_last_words(story: &str, with_first_client: bool) -> String {
    static WORDS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\n[^\n]* printed on standard error:\n(?:  \| [^\n]*\n)+").unwrap()
    });
    let has_ended = story.contains("  program   ends: ");
    if !has_ended {
        return WORDS.replace_all(story, "").into_owned();
    }
    if !story.contains("\nhappened: The program ended after") {
        return story.to_string();
    }
    // How many clients came before it was gone is chance too.
    let is_first = |line: &str| with_first_client && line.contains("  client 1  ");
    let is_later = |line: &&str| line.contains("  client ") && !is_first(line);
    story.lines().filter(|line| !is_later(line)).map(|line| format!("{line}\n")).collect()
}

/// Where a program ends by itself, whether the client that comes next is refused, or reset a moment
/// later, is chance. What this client saw is left out.
fn without_the_last_moment(story: &str) -> String {
    let mut lines: Vec<&str> = story.lines().collect();
    let end = lines.iter().position(|line| line.contains("  program   ends: "));
    if let Some(end) = end.filter(|_| story.contains("\nhappened: The program ended after")) {
        let who = |line: &str| line.get(10..19).map(str::trim).unwrap_or_default().to_string();
        let last = who(lines[end - 1]);
        let is_last = |line: &&str| last.starts_with("client") && who(line) == last;
        let start = end - lines[..end].iter().rev().take_while(|line| is_last(line)).count();
        lines.drain(start..end);
    }
    lines.join("\n") + "\n"
}

fn the_matrix_is_as_declared(
    exam: &'static Exam,
    fault: &str,
    fails: &[Result_],
) -> Result<(), Failed> {
    let submission = program(exam, fault)?;
    let reports = examine(exam, &submission, seed(), |_| ());
    let passed = |verdict| matches!(verdict, Verdict::Pass | Verdict::Skipped);
    let found: BTreeMap<String, String> = reports
        .iter()
        .filter(|report| !passed(report.verdict))
        .map(|report| {
            let way = report.way.map(Way::name).unwrap_or_default();
            (report.check.clone(), format!("{} {way}", report.verdict))
        })
        .collect();
    let declared: BTreeMap<String, String> = fails
        .iter()
        .map(|(check, verdict, way)| (check.clone(), format!("{verdict} {way}")))
        .collect();
    if found == declared {
        return Ok(());
    }
    Err(format!("SEED={}\ndeclared {declared:#?}\nfound {found:#?}", seed()).into())
}

fn program(exam: &Exam, fault: &str) -> Result<Submission, Failed> {
    let file = folder("mutants").join(format!("{}.py", exam.step));
    let start = [python()?.to_string(), file.display().to_string(), fault.to_string()];
    Ok(command(&start, arguments(exam.step)))
}

/// The faults that the file of a step declares, in its order.
fn of(step: &str) -> Result<Vec<Mutant>, Failed> {
    let file = folder("mutants").join(format!("{step}.py"));
    let text = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    let mut mutants: Vec<Mutant> = Vec::new();
    for line in text.lines().filter_map(|line| line.strip_prefix("#: ")) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [fault, check, verdict, way] = words[..] else {
            return Err(format!("{step}.py: {line}: FAULT CHECK VERDICT WAY").into());
        };
        let verdict = serde_json::from_value(verdict.into());
        let verdict = verdict.map_err(|error| format!("{step}.py: {line}: {error}"))?;
        let way = serde_json::from_value(way.into());
        let way = way.map_err(|error| format!("{step}.py: {line}: {error}"))?;
        let result = (check.to_string(), verdict, way);
        match mutants.iter_mut().find(|mutant| mutant.fault == fault) {
            Some(mutant) => mutant.fails.push(result),
            None => mutants.push(Mutant { fault: fault.into(), fails: vec![result] }),
        }
    }
    Ok(mutants)
}
