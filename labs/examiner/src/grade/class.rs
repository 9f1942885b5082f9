//! The class: its students, what each of them handed in, and the examination of one step of one
//! student.

use std::fmt;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use socket_labs::bytes::printable;

use super::build::{Unbuilt, Workplace, is_handed_in};
use super::journal::Entry;
use super::not_handed_in;
use crate::exam::{Exam, Report, Verdict, examine};

/// A student: a folder in the folder of submissions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Student {
    /// The name of the folder, escaped.
    pub name: String,
    /// The folder.
    pub folder: PathBuf,
}

/// The students of a class, by name. Files are no students, nor are links, which could lead
/// anywhere, nor folders with a dot in front.
///
/// # Errors
///
/// The folder cannot be read.
pub fn students(folder: &Path) -> anyhow::Result<Vec<Student>> {
    let cannot = || format!("cannot read the folder of submissions {}", folder.display());
    let folder = fs::canonicalize(folder).with_context(cannot)?;
    let mut students = Vec::new();
    for entry in fs::read_dir(&folder).with_context(cannot)? {
        let entry = entry.with_context(cannot)?;
        let name = entry.file_name();
        let name = printable(name.as_encoded_bytes());
        if entry.file_type()?.is_dir() && !name.starts_with('.') {
            students.push(Student { name, folder: entry.path() });
        }
    }
    students.sort_by(|one, other| one.name.cmp(&other.name));
    let same = students.windows(2).find(|pair| pair[0].name == pair[1].name);
    ensure!(same.is_none(), "two folders have names that look the same: rename one of them");
    Ok(students)
}

/// One step of one student.
pub struct Unit {
    /// The student.
    pub student: Student,
    /// What is examined.
    pub exam: &'static Exam,
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.student.name, self.exam.step)
    }
}

impl Unit {
    /// Whether it is handed in as Rust source.
    pub fn may_be_rust(&self) -> bool {
        self.student.folder.join(format!("{}.rs", self.exam.step)).is_file()
    }

    /// Builds and examines it. A trouble of the examiner's own is told as such in the reports.
    pub fn examine(&self, workplace: &Workplace, seed: u64) -> Option<Entry> {
        let (student, step) = (self.student.name.clone(), self.exam.step.to_string());
        let run = || self.reports(workplace, seed);
        let outcome = catch_unwind(AssertUnwindSafe(run))
            .unwrap_or_else(|_| Err(anyhow::anyhow!("the examiner failed")));
        Some(match outcome {
            Ok(None) => not_handed_in(&student, &step),
            Ok(Some(Ok(reports))) => Entry { student, step, handed_in: true, build: None, reports },
            Ok(Some(Err(message))) => {
                Entry { student, step, handed_in: true, build: Some(message), reports: Vec::new() }
            }
            Err(error) => {
                let sentence = printable(format!("{error:#}").as_bytes());
                let report = |name| Report::new(&step, name, Verdict::Error, sentence.clone());
                let reports = self.exam.checks.iter().map(|check| report(check.name)).collect();
                Entry { student, step, handed_in: true, build: None, reports }
            }
        })
    }

    /// The reports, or what the compiler said; `None` where there is nothing to examine.
    fn reports(
        &self,
        workplace: &Workplace,
        seed: u64,
    ) -> anyhow::Result<Option<Result<Vec<Report>, String>>> {
        if !is_handed_in(&self.student.folder, self.exam.step) {
            return Ok(None);
        }
        let place = workplace.copy(&self.student.folder)?;
        let submission = match place.submission(self.exam) {
            Ok(None) => return Ok(None),
            Ok(Some(submission)) => submission,
            Err(Unbuilt::Wrong(message)) => return Ok(Some(Err(message))),
            Err(Unbuilt::Trouble(sentence)) => bail!(sentence),
        };
        Ok(Some(Ok(examine(self.exam, &submission, seed, |_| ()))))
    }
}
