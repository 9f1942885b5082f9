//! `labs check`: makes out what is to be examined.

use std::env;
use std::path::Path;
use std::process::ExitCode;

use clap::error::ErrorKind;
use examiner::catalogue::Step;
use examiner::exam::{Check, Exam, Submission, search};
use examiner::steps::exam;
use socket_labs::error::OrCannot;

use super::advice::advice;
use super::checkout::shown;
use super::hint::step_or_last;
use super::order::{Order, Source};
use super::{Checkout, Screen, labs, nearest, step};

/// Builds and examines your program, as its peer on the wire.
///
/// It starts the program anew for each check. `✓` passes; `~` works, and breaks
/// under what real networks do (half the points); `✗` does not hold; `-` was not
/// examined; `!` is the examiner's own trouble. The exit code is 0 where
/// everything passes, and 1 where something does not.
///
/// Example: labs check echo_server
/// Example: labs check echo_server -- python3 my_echo.py --port {port}
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    #[command(flatten)]
    wish: Wish,

    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

/// What is to be examined, and how.
#[derive(clap::Args)]
pub struct Wish {
    /// The step; without it, the one that was started last
    #[arg(value_parser = step)]
    step: Option<&'static Step>,

    /// Examine this check alone; may be given several times
    #[arg(long, value_name = "NAME")]
    check: Vec<String>,

    /// Tell the story of every failure, not of the first one only
    #[arg(long)]
    all: bool,

    /// Repeat the random choices of an earlier examination
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,

    /// Any other program, in any language. {port} and {host} are put in where
    /// they stand (write '{port}' in PowerShell); without them it is examined
    /// at the port of the lab
    #[arg(last = true, value_name = "COMMAND", verbatim_doc_comment)]
    command: Vec<String>,
}

/// Checks, once.
///
/// # Errors
///
/// There is nothing to examine, or Cargo cannot be run.
pub fn check(checkout: &Checkout, args: &Args) -> anyhow::Result<ExitCode> {
    Order { json: args.json, ..args.wish.order(checkout)? }.carry_out()
}

impl Wish {
    /// Finds what is to be examined.
    ///
    /// # Errors
    ///
    /// No step, no examination, or no program.
    pub fn order<'a>(&self, checkout: &'a Checkout) -> anyhow::Result<Order<'a>> {
        let step = step_or_last(checkout, self.step)?;
        let exam = exam(step.name).ok_or_else(|| {
            advice(format!("{} is not examined", step.name), format!("run it: {}", step.command()))
        })?;
        let source = if !self.command.is_empty() {
            let folder = env::current_dir().or_cannot("find", "the current folder")?;
            Source::Command(Submission::new(found(&self.command, &folder), folder))
        } else if checkout.answer(step).is_file() {
            Source::Answer
        } else if checkout.answer(step).exists() {
            // Cargo would wait for somebody who writes into a pipe.
            let sentence = format!("{} is not a file", shown(&checkout.answer(step)));
            return Err(advice(sentence, "move it away, and start the step again"));
        } else if !step.exercise {
            Source::Reference
        } else {
            let (labs, name) = (labs(), step.name);
            let hint = format!("{labs} start {name}, or {labs} check {name} -- YOUR COMMAND");
            return Err(advice(format!("you have no answer for {name} yet"), hint));
        };
        Ok(Order {
            checkout,
            step,
            exam,
            only: self.check.iter().map(|name| named(exam, name)).collect(),
            source,
            all: self.all,
            json: false,
            seed: self.seed,
            screen: Screen::new(),
        })
    }
}

/// The check of this name, or wrong usage.
fn named(exam: &'static Exam, name: &str) -> &'static Check {
    let short = name.strip_prefix(exam.step).and_then(|rest| rest.strip_prefix('/'));
    exam.check(short.unwrap_or(name)).unwrap_or_else(|| {
        let advice = match nearest(name, exam.checks.iter().map(|check| check.name)) {
            Some(near) => format!("did you mean {near}?"),
            None => format!("`{} list {}` shows them", labs(), exam.step),
        };
        let sentence = format!("{} has no check of the name {name:?}; {advice}\n", exam.step);
        clap::Error::raw(ErrorKind::InvalidValue, sentence).exit()
    })
}

/// The command with its program made absolute where it is named by a path, or lies in the current
/// folder and nowhere else: the worker that starts it need not know that folder.
fn found(command: &[String], folder: &Path) -> Vec<String> {
    let mut command = command.to_vec();
    let is_path = Path::new(&command[0]).components().count() > 1 || command[0].starts_with('.');
    if let Some(here) = search::program_in(folder, &command[0])
        && (is_path || search::program(&command[0]).is_none())
    {
        command[0] = here.display().to_string();
    }
    command
}
