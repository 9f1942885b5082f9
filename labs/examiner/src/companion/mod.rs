//! The companion: what a student says to `labs`, and what it does then.

mod advice;
mod ask;
mod build;
mod check;
mod checkout;
mod doctor;
mod grading;
mod handout;
mod hint;
mod kit;
mod list;
mod order;
mod progress;
mod report;
mod result;
mod screen;
mod solutions;
mod start;
mod template;
mod trace;
mod watch;

use std::env;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use examiner::catalogue::{self, Step};
use socket_labs::cli::arguments;
use socket_labs::say;

pub use ask::questions_of;
pub use checkout::Checkout;
pub use progress::{Progress, Standing};
pub use report::next_exercise;
pub use screen::Screen;

use crate::map;

/// The companion of the course: the map, the exercises, the examiner.
///
/// Alone, it prints the map with your progress and the next thing to do.
///
/// Example: labs start udp_server
#[derive(Parser)]
#[command(name = "labs", version, verbatim_doc_comment)]
struct Args {
    #[command(subcommand)]
    task: Option<Task>,
}

#[derive(Subcommand)]
enum Task {
    /// Writes your own copy of a program, with gaps that you fill.
    ///
    /// Example: labs start echo_server
    #[command(verbatim_doc_comment)]
    Start {
        /// The step; an answer that exists is never overwritten
        #[arg(value_parser = step)]
        step: &'static Step,
    },
    Check(check::Args),
    Watch(watch::Args),
    /// Gives one more hint for an exercise each time.
    ///
    /// Example: labs hint echo_server
    #[command(verbatim_doc_comment)]
    Hint {
        /// The step; without it, the one that was started last
        #[arg(value_parser = step)]
        step: Option<&'static Step>,
    },
    /// Writes your copy of a program anew, and keeps the old file.
    ///
    /// Example: labs reset echo_server
    #[command(verbatim_doc_comment)]
    Reset {
        /// The step; your file is kept as STEP.rs.1, STEP.rs.2, …
        #[arg(value_parser = step)]
        step: &'static Step,
    },
    Ask(ask::Args),
    List(list::Args),
    Trace(trace::Args),
    Grade(grading::Grade),
    Merge(grading::Merge),
    Handout(handout::Handout),
    GradescopeKit(kit::Kit),
    /// Says what this machine offers to the examiner.
    ///
    /// Example: labs doctor
    #[command(verbatim_doc_comment)]
    Doctor,
}

/// Does what the command line asks for. The exit code is 0 when all went well, 1 after an error or a
/// check that did not pass, 2 after wrong usage.
pub fn run() -> ExitCode {
    match arguments::<Args>().task.map_or_else(show_map, perform) {
        Ok(code) => code,
        Err(error) => advice::finish(&error),
    }
}

fn perform(task: Task) -> anyhow::Result<ExitCode> {
    match &task {
        Task::Grade(task) => return task.run().map(|()| ExitCode::SUCCESS),
        Task::Merge(task) => return task.run().map(|()| ExitCode::SUCCESS),
        Task::Trace(args) => return trace::trace(args),
        Task::Ask(args) => return ask::ask(args),
        Task::Doctor => {
            doctor::doctor();
            return Ok(ExitCode::SUCCESS);
        }
        _ => {}
    }
    let checkout = Checkout::find()?;
    match task {
        Task::Start { step } => start::start(&checkout, step)?,
        Task::Reset { step } => start::reset(&checkout, step)?,
        Task::Hint { step } => hint::hint(&checkout, step)?,
        Task::List(args) => list::list(&checkout, &args)?,
        Task::Check(args) => return check::check(&checkout, &args),
        Task::Watch(args) => return watch::watch(&checkout, &args),
        Task::Handout(task) => task.run(&checkout)?,
        Task::GradescopeKit(task) => task.run(&checkout)?,
        Task::Ask(_) | Task::Grade(_) | Task::Merge(_) | Task::Doctor | Task::Trace(_) => {} // done above: they need no checkout
    }
    Ok(ExitCode::SUCCESS)
}

/// The map needs no checkout: without one it shows no progress.
fn show_map() -> anyhow::Result<ExitCode> {
    let checkout = Checkout::find().ok();
    let progress = checkout.as_ref().map_or_else(|| Ok(Progress::default()), progress::load)?;
    say!("{}", map::map(checkout.as_ref(), &progress, &Screen::new()).trim_end());
    Ok(ExitCode::SUCCESS)
}

/// How the student calls this program: that is what the advice says to type.
pub fn labs() -> &'static str {
    if env::var_os("CARGO").is_some() { "cargo run" } else { "labs" }
}

/// The step of this name, for the command line. A name that is nearly right is answered with the
/// right one.
fn step(name: &str) -> Result<&'static Step, String> {
    let found = catalogue::step(name);
    found.ok_or_else(|| match nearest(name, catalogue::steps().map(|step| step.name)) {
        Some(near) => format!("there is no such step; did you mean {near}?"),
        None => format!("there is no such step; `{} list` shows them all", labs()),
    })
}

/// The name that is most like this one, if it is at all.
fn nearest(name: &str, names: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    let near = names.map(|other| (distance(name, other), other)).min()?;
    (near.0 <= 1 + near.1.len() / 4).then_some(near.1)
}

/// How many letters must be added, taken away or changed (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.chars().enumerate() {
            let changed = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.chars().count()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_nearly_right_finds_the_right_one() {
        assert_eq!(distance("kitten", "sitting"), 3);
        let nearest = |name| nearest(name, catalogue::steps().map(|step| step.name));
        assert_eq!(nearest("echo_sever"), Some("echo_server"));
        assert_eq!(nearest("server_5_threads"), Some("server_05_threads"));
        assert_eq!(nearest("zzzzzzzzzzzz"), None);
        assert_eq!(nearest(""), None);
    }

    #[test]
    fn the_command_line_is_well_formed() {
        <Args as clap::CommandFactory>::command().debug_assert();
    }
}
