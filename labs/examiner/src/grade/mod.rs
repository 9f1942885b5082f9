//! `labs grade`: a folder of submissions, one folder a student, examined one beside the other.
//!
//! A submission is other people's code. It is copied, built and examined on a closed machine of its
//! own (`exam::private`), and each result is on the disk before the next one is begun.

pub mod alike;
pub mod build;
pub mod class;
pub mod codec;
pub mod intake;
pub mod journal;
pub mod report;
pub mod score;
pub mod signals;
pub mod workplace;

use std::collections::BTreeSet;
use std::fmt;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use anyhow::{Context, bail};
use indicatif::{ProgressBar, ProgressStyle};
use serde::{Deserialize, Serialize};
use socket_labs::note;

use crate::exam::private::{advice, group};
use crate::exam::{Exam, wait_if_stopped, worker};
use crate::steps::{EXAMS, exam};
use class::Unit;
use intake::Student;
use journal::{Journal, Results, Run};
use score::Course;
use signals::Signals;

/// What to grade, and how.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// The folder of submissions, or the zip file of a learning platform
    pub folder: PathBuf,

    /// A CSV with names or addresses: everybody in it gets a row
    #[arg(long, value_name = "FILE")]
    pub roster: Option<PathBuf>,

    /// The course file: which steps are due, and their weights
    #[arg(long, value_name = "FILE")]
    pub course: Option<PathBuf>,

    /// Grade these steps alone (a list with commas)
    #[arg(long, value_delimiter = ',', value_name = "STEPS")]
    pub steps: Vec<String>,

    /// Where the results are kept while they come in
    #[arg(long, value_name = "FILE", default_value = "results.jsonl")]
    pub results: PathBuf,

    /// Go on with an interrupted run; examine again what changed and errors
    #[arg(long)]
    pub resume: bool,

    /// What all random choices come from; without it, a new number
    #[arg(long)]
    pub seed: Option<u64>,

    /// Submissions examined at once; without it, four for each core
    #[arg(long)]
    pub jobs: Option<NonZero<usize>>,

    /// Grade one part of the class, such as 2/5: the second of five
    #[arg(long, value_name = "I/N")]
    pub shard: Option<Shard>,

    /// Go on where programs cannot be closed in; every report says so
    #[arg(long)]
    pub unclosed: bool,
}

/// One part of a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Parts")]
pub struct Shard {
    index: usize,
    of: usize,
}

/// A shard as a results file has it, which may be anything.
#[derive(Deserialize)]
struct Parts {
    index: usize,
    of: usize,
}

impl TryFrom<Parts> for Shard {
    type Error = &'static str;

    fn try_from(Parts { index, of }: Parts) -> Result<Shard, &'static str> {
        if index < of { Ok(Shard { index, of }) } else { Err("there is no such part") }
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Shard, String> {
        let parts = text.split_once('/').and_then(|(index, of)| {
            Some((index.parse::<usize>().ok()?, of.parse::<usize>().ok()?))
        });
        match parts {
            Some((index, of)) if (1..=of).contains(&index) => Ok(Shard { index: index - 1, of }),
            _ => Err("a shard is I/N, with I from 1 to N".into()),
        }
    }
}

impl Shard {
    /// Its number, from 0.
    fn index(self) -> usize {
        self.index
    }

    /// How many parts there are.
    fn of(self) -> usize {
        self.of
    }

    /// Whether the student of this number, from 0 in the order of names, belongs to it.
    fn has(self, number: usize) -> bool {
        number % self.of == self.index
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index + 1, self.of)
    }
}

/// Grades a class. Returns all results, those of an earlier run that was resumed among them, and the
/// course they belong to. Answers in Rust are compiled, and zip files unpacked, with what is in
/// `checkout`, the folder of the course.
///
/// # Errors
///
/// The folder or a file cannot be read or written; a step is not of this course.
pub fn grade(args: &Args, checkout: Option<&Path>) -> anyhow::Result<(Results, Course)> {
    let course = match &args.course {
        Some(file) => Course::read(file)?,
        None => Course::default(),
    };
    let due = due(args, &course)?;
    let people = args.roster.as_deref().map(intake::roster::read).transpose()?;
    let closed = closed(args)?;
    // Before the first thread: all of them are to leave the signals to one.
    let signals = Signals::catch();
    let workplace = build::Workplace::new(checkout, closed)?;
    signals.then_remove(workplace.path());
    let mut class = intake::class(&args.folder, &workplace)?;
    if !class.unrecognised.is_empty() {
        note!("note: {}", listed("beside the hand-ins, and not recognised: ", &class.unrecognised));
    }
    for left_out in &class.left_out {
        note!("note: {left_out}");
    }
    if let Some(people) = people {
        let strangers = intake::roster::apply(&people, &mut class);
        if !strangers.is_empty() {
            note!("note: {}", listed("not on the roster: ", &strangers));
        }
    }
    let run = Run {
        seed: 0, // the journal says
        unclosed: !closed,
        shard: args.shard,
        class: class.students.iter().map(|student| student.name.clone()).collect(),
        steps: due.iter().map(|exam| exam.step.to_string()).collect(),
    };
    let (journal, done) = Journal::open(&args.results, args.resume, args.seed, run)?;
    let is_ours = |number: &usize| args.shard.is_none_or(|shard| shard.has(*number));
    let students = class.students.into_iter().enumerate().filter(|(number, _)| is_ours(number));
    let students: Vec<Student> = students.map(|(_, student)| student).collect();
    let jobs = args.jobs.map_or_else(jobs, NonZero::get);
    let take_in = |student: &Student| {
        let mut hand_in = workplace.take_in(student)?;
        hand_in.notes.extend(student.notes.iter().cloned());
        Ok(hand_in)
    };
    let hand_ins = in_parallel(&students, jobs, take_in);
    let mut units = Vec::new();
    for (student, hand_in) in students.into_iter().zip(hand_ins) {
        let hand_in = Arc::new(hand_in);
        // What was handed in again meanwhile is examined again, and so is what was an error.
        let content = hand_in.as_ref().as_ref().map(|hand_in| hand_in.content).ok();
        for exam in &due {
            let known = done.entries.get(&(student.name.clone(), exam.step.into()));
            let is_done =
                known.is_some_and(|known| !known.has_errors() && Some(known.content) == content);
            if !is_done {
                let (student, hand_in) = (student.name.clone(), hand_in.clone());
                units.push(Unit { student, hand_in, exam });
            }
        }
    }
    group::divide();
    let results = work(units, jobs, &workplace, journal, done);
    group::undo();
    let results = results?;
    let course = course.or_all_of(&results);
    Ok((results, course))
}

/// Does something with each of them, some at once. The results are in the order of the things.
fn in_parallel<T: Sync, R: Send>(
    things: &[T],
    jobs: usize,
    run: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let results: Vec<Mutex<Option<R>>> = things.iter().map(|_| Mutex::new(None)).collect();
    thread::scope(|scope| {
        for _ in 0..jobs.min(things.len()) {
            scope.spawn(|| {
                while let Some(number) = Some(next.fetch_add(1, Ordering::Relaxed))
                    .filter(|number| *number < things.len())
                {
                    let result = run(&things[number]);
                    *results[number].lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
                }
            });
        }
    });
    results
        .into_iter()
        .filter_map(|result| result.into_inner().unwrap_or_else(PoisonError::into_inner))
        .collect()
}

/// A sentence with the first of these names.
pub fn listed(front: &str, names: &[String]) -> String {
    const MOST: usize = 8;
    let more = names.len().saturating_sub(MOST);
    let names = names.iter().take(MOST).map(String::as_str).collect::<Vec<_>>().join(", ");
    let more = if more > 0 { format!(", and {more} more") } else { String::new() };
    format!("{front}{names}{more}")
}

/// Decides, before the first program runs, whether all of them run on closed machines.
fn closed(args: &Args) -> anyhow::Result<bool> {
    match worker::closes() {
        Ok(()) => Ok(true),
        Err(_) if args.unclosed => Ok(false),
        Err(reason) => {
            note!("{}", advice());
            bail!(
                "this computer cannot close itself to the programs of a class: {reason}. \
                 With --unclosed they are examined all the same, and can read what you can read"
            )
        }
    }
}

fn due(args: &Args, course: &Course) -> anyhow::Result<Vec<&'static Exam>> {
    if args.steps.is_empty() {
        let is_due = |exam: &&Exam| course.steps.is_empty() || course.steps.contains_key(exam.step);
        return Ok(EXAMS.iter().copied().filter(is_due).collect());
    }
    let wanted: BTreeSet<&str> = args.steps.iter().map(String::as_str).collect();
    wanted
        .into_iter()
        .map(|step| exam(step).with_context(|| format!("there is no step {step:?} to examine")))
        .collect()
}

/// Submissions at once: four for each core, as their checks wait more than they work.
fn jobs() -> usize {
    (4 * cores()).clamp(2, 16)
}

/// The cores of this computer.
fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// Examines the units, some at once, and writes each result before it takes the next.
fn work(
    units: Vec<Unit>,
    jobs: usize,
    workplace: &build::Workplace,
    journal: Journal,
    done: Results,
) -> anyhow::Result<Results> {
    if units.is_empty() && done.entries.is_empty() {
        bail!("there is nothing to grade");
    }
    let bar = ProgressBar::new(units.len() as u64);
    let style =
        ProgressStyle::with_template("{bar:30} {pos}/{len}  {elapsed} ({eta} to go)  {msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let seed = done.seed;
    let (queue, results) = (Mutex::new(units.into_iter()), Mutex::new((journal, done, Ok(()))));
    let take = || queue.lock().ok()?.next();
    thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                while let Some(unit) = take() {
                    bar.set_message(unit.to_string());
                    let entry = unit.examine(workplace, seed);
                    wait_if_stopped(); // what was cut off is no result
                    let Ok(mut results) = results.lock() else { return };
                    let (journal, done, outcome) = &mut *results;
                    if outcome.is_err() {
                        return;
                    }
                    *outcome = journal.write(&entry);
                    if outcome.is_err() {
                        return; // what cannot be kept is not worth examining
                    }
                    done.add(entry);
                    bar.inc(1);
                }
            });
        }
    });
    bar.finish_and_clear();
    let (_, done, outcome) =
        results.into_inner().map_err(|_| anyhow::anyhow!("a grader failed"))?;
    outcome.map(|()| done)
}
