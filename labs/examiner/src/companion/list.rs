//! `labs list`: every step, or every check of one.

use examiner::catalogue::{LABS, Lab, Step};
use examiner::exam::{Check, Exam, Verdict};
use examiner::steps::exam;
use serde::Serialize;
use socket_labs::say;

use super::result::Points;
use super::screen::paragraph;
use super::{Checkout, Standing, progress, step};

/// Lists the steps with your progress, or the checks of one step.
///
/// Example: labs list echo_server
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// The step whose checks are listed
    #[arg(value_parser = step)]
    step: Option<&'static Step>,

    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Row {
    step: &'static str,
    lab: u8,
    teaches: &'static str,
    exercise: bool,
    command: String,
    checks: Vec<Entry>,
    points: Points,
    started: bool,
    passed: bool,
    hints: usize,
    reached: Option<Points>,
    #[serde(skip)]
    progress: String,
}

#[derive(Serialize)]
struct Entry {
    id: String,
    expects: &'static str,
    points: Points,
    tier: &'static str,
    /// The most of the step that is left with the classic mistake that it finds, in percent.
    at_most: Option<u32>,
}

/// Lists.
///
/// # Errors
///
/// The progress cannot be read.
pub fn list(checkout: &Checkout, args: &Args) -> anyhow::Result<()> {
    let progress = progress::load(checkout)?;
    let all = LABS.iter().flat_map(|lab| lab.steps.iter().map(move |step| (lab, step)));
    let chosen = |(_, step): &(&Lab, &Step)| args.step.is_none_or(|only| only.name == step.name);
    let rows = all.filter(chosen).map(|(lab, step)| row(lab, step, &progress.of(step)));
    let rows: Vec<Row> = rows.collect();
    match args.step {
        _ if args.json => say!("{}", serde_json::to_string_pretty(&rows)?),
        None => say!("{}", table(&rows)),
        Some(step) => rows.iter().for_each(|row| tell_checks(step, row)),
    }
    Ok(())
}

fn row(lab: &Lab, step: &'static Step, standing: &Standing) -> Row {
    let checks: &[Check] = exam(step.name).map_or(&[], |exam: &Exam| exam.checks);
    let entry = |check: &Check| Entry {
        id: format!("{}/{}", step.name, check.name),
        expects: check.expects,
        points: Points::of(check),
        tier: match check.otherwise {
            Verdict::Beyond => "beyond",
            Verdict::Fragile => "should",
            _ => "must",
        },
        at_most: check.mistake.map(|mistake| mistake.at_most),
    };
    Row {
        step: step.name,
        lab: lab.number,
        teaches: step.teaches,
        exercise: step.exercise,
        command: step.command(),
        checks: checks.iter().map(entry).collect(),
        points: checks.iter().map(Points::of).sum(),
        started: standing.started,
        passed: standing.passed,
        hints: standing.hints,
        reached: standing.points.map(|(got, _)| got),
        progress: standing.words(),
    }
}

fn table(rows: &[Row]) -> String {
    let mut lines = vec![format!(
        "{:3}  {:18}  {:5}  {:>6}  {:>6}  progress",
        "lab", "step", "write", "checks", "points"
    )];
    for row in rows {
        let write = if row.exercise { "yes" } else { "" };
        let (checks, points) = match row.checks.len() {
            0 => Default::default(), // not examined
            number => (number.to_string(), row.points.to_string()),
        };
        let line = format!(
            "{:<3}  {:18}  {write:5}  {checks:>6}  {points:>6}  {}",
            row.lab, row.step, row.progress
        );
        lines.push(line.trim_end().to_string());
    }
    lines.join("\n")
}

/// How the program is started: what stands for a word in braces is the examiner's choice.
fn tell_command(exam: &Exam) {
    if !exam.arguments.is_empty() {
        say!("{}", paragraph("Started with:  ", &exam.arguments.join(" ")));
    }
    if exam.port != 0 {
        say!("Port {}, where the command has no {{port}}.", exam.port);
    }
    if exam.arguments.contains(&"{message}") {
        say!("The message is typed on the keyboard, where the command has no {{message}}.");
    }
}

fn tell_checks(step: &Step, row: &Row) {
    if row.checks.is_empty() {
        say!("{} is not examined. To run it: {}", row.step, row.command);
        return;
    }
    say!("{}: {}\n", row.step, row.teaches);
    for check in &row.checks {
        let name = check.id.strip_prefix(step.name).unwrap_or(&check.id).trim_start_matches('/');
        match (check.tier, &check.points.to_string()[..]) {
            ("beyond", _) => say!("{name}  (beyond the step)"),
            (_, "1") => say!("{name}  (1 point)"),
            (_, points) => say!("{name}  ({points} points)"),
        }
        say!("{}", paragraph("    ", check.expects));
        if let Some(most) = check.at_most {
            say!("    With its classic mistake the step has at most {most} %.");
        }
    }
    say!("\n{} points in all", row.points);
    if row.checks.iter().any(|check| check.tier == "beyond") {
        say!("What is beyond the step is advice: an answer passes without it.");
    }
    if let Some(exam) = exam(step.name) {
        tell_command(exam);
    }
}
