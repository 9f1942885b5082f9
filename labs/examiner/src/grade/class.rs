//! The class: its students, what each of them handed in, and the examination of one step of one
//! student.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fmt;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use socket_labs::bytes::printable;

use super::build::{Unbuilt, Workplace, is_handed_in};
use super::journal::Entry;
use super::{not_handed_in, workplace};
use crate::exam::{Exam, Report, Verdict, examine_twice, shown_line};

/// A student: a folder in the folder of submissions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Student {
    /// The name of the folder, escaped. Two that look the same have a number behind them.
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
        let (name, own) = (entry.file_name(), entry.file_name());
        let name = shown_line(&printable(name.as_encoded_bytes()));
        if entry.file_type()?.is_dir() && !name.starts_with('.') {
            students.push((name, own, entry.path()));
        }
    }
    students.sort();
    Ok(told_apart(students))
}

/// Names that look the same, once they are escaped, get a number.
fn told_apart(students: Vec<(String, OsString, PathBuf)>) -> Vec<Student> {
    let names: BTreeSet<String> = students.iter().map(|(name, _, _)| name.clone()).collect();
    let mut taken = BTreeSet::new();
    let mut apart = Vec::new();
    for (name, _, folder) in students {
        let mut own = name.clone();
        let mut number = 2;
        while taken.contains(&own) || (own != name && names.contains(&own)) {
            own = format!("{name} ({number})");
            number += 1;
        }
        taken.insert(own.clone());
        apart.push(Student { name: own, folder });
    }
    apart.sort_by(|one, other| one.name.cmp(&other.name));
    apart
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
    pub fn examine(&self, workplace: &Workplace, seed: u64) -> Entry {
        let mut entry = not_handed_in(&self.student.name, self.exam.step);
        let run = AssertUnwindSafe(|| self.reports(workplace, seed, &mut entry.content));
        let outcome =
            catch_unwind(run).unwrap_or_else(|_| Err(anyhow::anyhow!("the examiner failed")));
        entry.handed_in = !matches!(outcome, Ok(None));
        match outcome {
            Ok(None) => {}
            Ok(Some(Ok(reports))) => entry.reports = reports,
            Ok(Some(Err(message))) => entry.build = Some(message),
            Err(error) => {
                let sentence = format!("{error:#}");
                let report =
                    |name| Report::new(self.exam.step, name, Verdict::Error, sentence.clone());
                entry.reports = self.exam.checks.iter().map(|check| report(check.name)).collect();
            }
        }
        entry.shown()
    }

    /// The reports, or what the compiler said; `None` where there is nothing to examine. Tells what
    /// content that was about.
    fn reports(
        &self,
        workplace: &Workplace,
        seed: u64,
        content: &mut u64,
    ) -> anyhow::Result<Option<Result<Vec<Report>, String>>> {
        if !is_handed_in(&self.student.folder, self.exam.step) {
            *content = workplace::content(&self.student.folder).unwrap_or_default();
            return Ok(None);
        }
        let copied = workplace.copy(&self.student.folder, content);
        let built = copied.and_then(|place| Ok((place.submission(self.exam)?, place)));
        let (submission, _place) = match built {
            Ok((None, _)) => return Ok(None),
            Ok((Some(submission), place)) => (submission, place),
            Err(Unbuilt::Wrong(message)) => return Ok(Some(Err(message))),
            Err(Unbuilt::Trouble(sentence)) => bail!(sentence),
        };
        Ok(Some(Ok(examine_twice(self.exam, &submission, seed))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Look-alikes stop nobody, and a number given to one is not the name of another.
    #[test]
    fn names_that_look_the_same_are_told_apart() {
        let student = |name: &str, own: &str| (name.into(), own.into(), PathBuf::from(own));
        let students = vec![
            student("anna", "anna"),
            student("b", "1"),
            student("b", "2"),
            student("b (2)", "3"),
            student("b", "4"),
        ];
        let apart = told_apart(students);
        let names: Vec<&str> = apart.iter().map(|student| student.name.as_str()).collect();
        assert_eq!(names, ["anna", "b", "b (2)", "b (3)", "b (4)"]);
        assert_eq!(apart[2].folder, Path::new("3"), "who is named so keeps the name");
    }
}
