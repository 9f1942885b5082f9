//! The results file: one line of JSON for each step of each student, written when it is there. An
//! interrupted run loses the line it was at, and no other.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::time::SystemTime;

use anyhow::{Context, bail, ensure};
use serde::{Deserialize, Serialize};

use crate::exam::Report;

/// The result of one step of one student.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The name of the student's folder. Whoever handed it in chose it: escape it before printing.
    pub student: String,
    /// The step.
    pub step: String,
    /// Whether there was anything to examine.
    pub handed_in: bool,
    /// What the compiler, or the examiner, said where it could not be built; escaped.
    pub build: Option<String>,
    /// The reports of all checks; empty where it was not handed in or not built.
    pub reports: Vec<Report>,
}

/// One run of `labs grade`, as it is asked for.
#[derive(Debug, Clone, Default)]
pub struct Run {
    /// What all random choices come from; without it, what an interrupted run had, or a new number.
    pub seed: Option<u64>,
    /// The programs run on machines that are not closed.
    pub unclosed: bool,
}

/// The first line of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Head {
    seed: u64,
    unclosed: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Run(Head),
    Result(Entry),
}

/// All results so far, by student and step.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Results {
    /// What all random choices came from.
    pub seed: u64,
    /// Programs ran on machines that were not closed.
    pub unclosed: bool,
    /// By student and step.
    pub entries: BTreeMap<(String, String), Entry>,
}

impl Results {
    /// Adds a result.
    pub fn add(&mut self, entry: Entry) {
        self.entries.insert((entry.student.clone(), entry.step.clone()), entry);
    }

    /// Reads a results file. A last line that is not whole, because a run was interrupted there, is
    /// left out.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or another line is not a result.
    pub fn read(file: &Path) -> anyhow::Result<Results> {
        let cannot = || format!("cannot read the results in {}", file.display());
        let text = fs::read_to_string(file).with_context(cannot)?;
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        let mut lines = text[..whole].lines();
        let first = lines.next().context("the file has no whole line").with_context(cannot)?;
        let Ok(Line::Run(Head { seed, unclosed })) = serde_json::from_str(first) else {
            bail!("{} is not a results file: it does not begin with a run", file.display());
        };
        let mut results = Results { seed, unclosed, ..Results::default() };
        for (number, line) in lines.enumerate() {
            match serde_json::from_str(line) {
                Ok(Line::Result(entry)) => results.add(entry),
                _ => bail!("{}: line {} is not a result", file.display(), number + 2),
            }
        }
        Ok(results)
    }

    /// Puts the results of several shards together.
    ///
    /// # Errors
    ///
    /// Two files have different seeds, or different results for the same step of the same student.
    pub fn merge(parts: Vec<Results>) -> anyhow::Result<Results> {
        let mut all = Results::default();
        if let Some(first) = parts.first() {
            all.seed = first.seed;
        }
        for part in parts {
            let (one, other) = (all.seed, part.seed);
            ensure!(one == other, "the parts have different seeds, {one} and {other}");
            all.unclosed |= part.unclosed;
            for (key, entry) in part.entries {
                if let Some(other) = all.entries.get(&key) {
                    ensure!(
                        *other == entry,
                        "{} of {} is in two files, with different results",
                        key.1,
                        key.0
                    );
                }
                all.entries.insert(key, entry);
            }
        }
        Ok(all)
    }
}

/// The results file while it is written.
pub struct Journal(File);

impl Journal {
    /// Opens the results file: anew, or behind what an interrupted run has left in it, with its
    /// seed.
    ///
    /// # Errors
    ///
    /// The file cannot be read or written; there is one already and it is not to be resumed; a
    /// resumed run has another seed, or was closed where this one is not.
    pub fn open(file: &Path, resume: bool, run: &Run) -> anyhow::Result<(Journal, Results)> {
        let cannot = || format!("cannot write the results to {}", file.display());
        if !file.exists() {
            let seed = run.seed.unwrap_or_else(any_seed);
            let results = Results { seed, unclosed: run.unclosed, ..Results::default() };
            let mut journal = Journal(File::create_new(file).with_context(cannot)?);
            journal.line(&Line::Run(Head { seed, unclosed: run.unclosed }))?;
            return Ok((journal, results));
        }
        ensure!(
            resume,
            "{} is there already: --resume goes on with it, --results names another",
            file.display()
        );
        let results = Results::read(file)?;
        ensure!(
            results.unclosed == run.unclosed,
            "the run in {} was {}closed, and this one is {}closed",
            file.display(),
            if results.unclosed { "un" } else { "" },
            if run.unclosed { "un" } else { "" }
        );
        if let Some(seed) = run.seed {
            ensure!(
                seed == results.seed,
                "the results in {} have the seed {}",
                file.display(),
                results.seed
            );
        }
        // A torn last line is cut off, so that the next one begins at its beginning.
        let whole =
            fs::read(file)?.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let handle = File::options().append(true).open(file).with_context(cannot)?;
        handle.set_len(whole as u64).with_context(cannot)?;
        Ok((Journal(handle), results))
    }

    /// Writes one result, and waits until the disk has it.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn write(&mut self, entry: &Entry) -> anyhow::Result<()> {
        self.line(&Line::Result(entry.clone()))
    }

    fn line(&mut self, line: &Line) -> anyhow::Result<()> {
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        self.0
            .write_all(&text)
            .and_then(|()| self.0.sync_data())
            .context("cannot write the results")
    }
}

/// A short number that a person can type again.
pub fn any_seed() -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::from(now.subsec_nanos()) % 1_000_000
}
