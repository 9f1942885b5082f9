//! An examination in words: a line for each check, the stories of what did not pass, the sum, and
//! what comes next.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use examiner::catalogue::{self, Step};
use examiner::exam::{Check, Report, Verdict, here};

use super::checkout::shown;
use super::result::{Points, Results};
use super::screen::{WIDTH, paragraph};
use super::{Checkout, Progress, Screen, labs, progress};

/// Brings reports, which come as they are ready, into the order of the checks.
pub struct Lines<'a> {
    checks: &'a [&'static Check],
    width: usize,
    screen: &'a Screen,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    next: usize,
    waiting: BTreeMap<usize, Report>,
    passed: Vec<&'static str>,
}

impl<'a> Lines<'a> {
    /// The lines for these checks.
    pub fn new(checks: &'a [&'static Check], screen: &'a Screen) -> Lines<'a> {
        let width = checks.iter().map(|check| check.name.len()).max().unwrap_or(0);
        Lines { checks, width, screen, state: Mutex::default() }
    }

    /// Takes a report, and gives the lines that can be shown now: all that were waiting for it.
    pub fn ready(&self, report: &Report) -> Vec<String> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(place) = self.checks.iter().position(|check| check.name == report.check) else {
            return Vec::new();
        };
        state.waiting.insert(place, report.clone());
        let mut ready = Vec::new();
        loop {
            let next = state.next;
            let Some(report) = state.waiting.remove(&next) else { return ready };
            let check = self.checks[next];
            ready.push(self.line(check, &report, &state.passed));
            if report.verdict.is_enough() {
                state.passed.push(check.name);
            }
            state.next += 1;
        }
    }

    fn line(&self, check: &Check, report: &Report, passed: &[&str]) -> String {
        let points = match check.is_beyond() {
            true => String::new(),
            false => format!("{}/{}", Points::got(check, report), Points::of(check)),
        };
        let (name, width) = (check.name, self.width);
        let line = format!("{} {name:width$}  {points:>5}", self.screen.mark(report.verdict));
        let used = 2 + width + 2 + 5 + 2;
        let needed = check.needs.iter().find(|name| !passed.contains(name));
        match (&report.sentence[..], needed) {
            ("", _) => line.trim_end().to_string(),
            (advice, _) if report.verdict == Verdict::Beyond => {
                format!("{line}  beyond the step\n{}", paragraph("    ", advice))
            }
            (_, Some(name)) if report.verdict == Verdict::Skipped => {
                format!("{line}  {}", self.screen.dim(&format!("needs {name}")))
            }
            (short, _) if used + short.chars().count() <= WIDTH => format!("{line}  {short}"),
            (long, _) => format!("{line}\n{}", paragraph("    ", long)),
        }
    }
}

/// The stories to tell: of everything that did not pass, or only the first one, which is of a check
/// that fails if there is any. Advice on what is beyond the step is told with all the others alone.
pub fn stories(results: &Results, all: bool, screen: &Screen) -> Vec<String> {
    let told: Vec<_> =
        results.reports.iter().filter(|(_, report)| !report.story.is_empty()).collect();
    let failed = told.iter().find(|(_, report)| report.verdict == Verdict::Fail);
    let first = failed.or(told.iter().find(|(_, report)| !report.verdict.is_good()));
    let chosen = if all { told.clone() } else { first.copied().into_iter().collect() };
    let tell = |(check, report): &(&Check, Report)| {
        let (got, of) = (Points::got(check, report), Points::of(check));
        let heading = match check.is_beyond() {
            true => format!("{}: {}", report.id(), report.verdict),
            false => format!("{}: {}, {got} of {of} points", report.id(), report.verdict),
        };
        format!(
            "{} {}\n\n{}",
            screen.mark(report.verdict),
            screen.bold(&heading),
            report.story.trim_end()
        )
    };
    chosen.into_iter().map(tell).collect()
}

/// `17.5 of 31 points: 14 pass, 1 fragile, …`, and what was left out.
pub fn summary(results: &Results, all: bool, screen: &Screen) -> String {
    use Verdict::*;
    let counts: Vec<String> = [Pass, Beyond, Fragile, Fail, Skipped, Error]
        .iter()
        .map(|verdict| (results.count(*verdict), verdict))
        .filter(|(number, _)| *number > 0)
        .map(|(number, verdict)| format!("{number} {verdict}"))
        .collect();
    let sum = format!("{} of {} points", results.got(), results.total());
    let mut lines = vec![format!("{}: {}", screen.bold(&sum), counts.join(", "))];
    if let Some(mistake) = results.mistake() {
        let most = mistake.at_most;
        let line = format!("It has {}: with that a step has at most {most} %.", mistake.name);
        lines.push(paragraph("", &line));
    }
    let out = results.out_of_reach();
    if out > Points::default() {
        lines.push(match out == results.total() {
            true => "None of it could be examined on this computer: that is not your loss.".into(),
            false => format!("What {out} of them are for could not be examined on this computer."),
        });
        lines.extend(here::limits().map(|limits| paragraph("", limits)));
    }
    let has_story = |(_, report): &&(_, Report)| !report.story.is_empty();
    let (good, bad): (Vec<_>, Vec<_>) =
        results.reports.iter().filter(has_story).partition(|(_, report)| report.verdict.is_good());
    if bad.len() > 1 && !all {
        lines.push(format!("{} more did not pass: --all tells every story.", bad.len() - 1));
    } else if !good.is_empty() && !all {
        lines.push("What is beyond the step costs nothing: --all tells its story.".into());
    }
    lines.join("\n")
}

/// What to look at, to read and to do when an answer passes.
pub fn what_next(checkout: &Checkout, step: &Step, is_written: bool, screen: &Screen) -> String {
    let mut lines = Vec::new();
    if is_written {
        lines
            .push(screen.green(&format!("You have written {}. It passes every check.", step.name)));
    }
    if let Some(reference) = checkout.whole_reference(step) {
        lines.push(format!("Compare:  {} is the course's own way", shown(&reference)));
    }
    if !step.lesson.afterwards.is_empty() {
        lines.push(paragraph("Read:     ", step.lesson.afterwards));
    }
    let progress = progress::load(checkout).unwrap_or_default();
    let (sheet, next) = after(step, &progress);
    lines.extend(sheet.map(|sheet| format!("Sheet:    {sheet}")));
    lines.push(paragraph("Next:     ", &next));
    lines.join("\n")
}

/// The exercise that comes after a step, and what to run on the way to it; and the sheet of what
/// comes first.
fn after(step: &Step, progress: &Progress) -> (Option<String>, String) {
    let Some(next) = next_exercise(Some(step), progress) else {
        return (None, "nothing: you have written every program of the course.".into());
    };
    let start = format!("{} start {}", labs(), next.name);
    let mut between = catalogue::steps().skip_while(|other| other.name != step.name).skip(1);
    let between: Vec<&Step> = between.by_ref().take_while(|other| !other.exercise).collect();
    let follows = catalogue::steps().position(|other| other.name == next.name)
        > catalogue::steps().position(|other| other.name == step.name);
    match between.first().filter(|_| follows) {
        Some(first) => {
            let names: Vec<&str> = between.iter().map(|step| step.name).collect();
            (Some(first.sheet()), format!("read and run {}; then {start}", names.join(", ")))
        }
        None => (Some(next.sheet()), start),
    }
}

/// The next exercise that has not been passed: behind this step, or from the beginning.
pub fn next_exercise(step: Option<&Step>, progress: &Progress) -> Option<&'static Step> {
    let is_open = |other: &&Step| other.exercise && !progress.of(other).passed;
    let behind = step.and_then(|step| {
        catalogue::steps().skip_while(|other| other.name != step.name).skip(1).find(is_open)
    });
    behind.or_else(|| catalogue::steps().find(is_open))
}
