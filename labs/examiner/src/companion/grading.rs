//! What an instructor says to `labs`: grade a class, and put the parts of one together.

use std::path::PathBuf;

use clap::Parser;
use examiner::exam::here;
use examiner::grade::journal::Results;
use examiner::grade::report::{Outputs, table};
use examiner::grade::score::Course;
use examiner::grade::{self, grade};
use socket_labs::{note, say};

use super::Checkout;
use super::screen::paragraph;

/// Examines the submissions of a class.
///
/// They are in a folder with one folder for each student. In each the programs are
/// named after the steps (echo_server.py, echo_server.c, …), or a submission.toml
/// says how each is built and run. Each is examined on a closed machine of its own.
///
/// Example: labs grade submissions --csv grades.csv --html report
#[derive(Parser)]
#[command(verbatim_doc_comment)]
pub struct Grade {
    #[command(flatten)]
    args: grade::Args,

    #[command(flatten)]
    outputs: Outputs,
}

/// Puts the results of several shards together.
///
/// Example: labs merge results-*.jsonl --csv grades.csv
#[derive(Parser)]
#[command(verbatim_doc_comment)]
pub struct Merge {
    /// The results files that `labs grade --shard` has written
    #[arg(required = true)]
    files: Vec<PathBuf>,

    /// The course file: which steps are due, and their weights
    #[arg(long, value_name = "FILE")]
    course: Option<PathBuf>,

    #[command(flatten)]
    outputs: Outputs,
}

impl Grade {
    /// Grades the class, prints the table and writes the files asked for.
    ///
    /// # Errors
    ///
    /// As [`grade()`]; a file cannot be written.
    pub fn run(&self) -> anyhow::Result<()> {
        let checkout = Checkout::find().ok();
        let (results, course) = grade(&self.args, checkout.as_ref().map(Checkout::root))?;
        tell(&results, &course, &self.outputs)?;
        note!("note: the results are kept in {}", self.args.results.display());
        Ok(())
    }
}

impl Merge {
    /// Puts the results together, prints the table and writes the files asked for.
    ///
    /// # Errors
    ///
    /// A file cannot be read or written; two parts contradict each other.
    pub fn run(&self) -> anyhow::Result<()> {
        let parts = self.files.iter().map(|file| Results::read(file)).collect::<Result<_, _>>()?;
        let results = Results::merge(parts)?;
        let course = match &self.course {
            Some(file) => Course::read(file)?,
            None => Course::default(),
        };
        let course = course.or_all_of(&results);
        tell(&results, &course, &self.outputs)
    }
}

fn tell(results: &Results, course: &Course, outputs: &Outputs) -> anyhow::Result<()> {
    outputs.write(results, course)?;
    say!("{}", table(results, course).trim_end());
    say!("\nSeed {}", results.seed);
    if results.unclosed
        && let Some(limits) = here::limits()
    {
        note!("{}", paragraph("note: ", limits));
    }
    Ok(())
}
