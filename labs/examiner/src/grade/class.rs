//! The examination of one step of one student.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use anyhow::bail;

use super::build::{Unbuilt, Workplace};
use super::intake::hand_in::HandIn;
use super::journal::Entry;
use super::{alike, codec};
use crate::exam::{Exam, Report, Verdict, examine_twice};

/// One step of one student.
pub struct Unit {
    /// The student's name.
    pub student: String,
    /// What they handed in, or why that cannot be told.
    pub hand_in: Arc<Result<HandIn, String>>,
    /// What is examined.
    pub exam: &'static Exam,
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.student, self.exam.step)
    }
}

impl Unit {
    /// Builds and examines it. A trouble of the examiner's own is told as such in the reports.
    pub fn examine(&self, workplace: &Workplace, seed: u64) -> Entry {
        let mut entry = self.entry(workplace.course());
        let run = AssertUnwindSafe(|| self.reports(workplace, seed));
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

    /// What is known before it is examined.
    fn entry(&self, course: Option<&Path>) -> Entry {
        let step = self.exam.step;
        let mut entry =
            Entry { student: self.student.clone(), step: step.into(), ..Entry::default() };
        let Ok(hand_in) = &*self.hand_in else { return entry };
        entry.content = hand_in.content;
        entry.notes = hand_in.notes(step);
        entry.too_much = hand_in.too_much.is_some();
        if hand_in.program(step).is_none() {
            entry.unrecognised = hand_in.unrecognised.clone();
            return entry;
        }
        let (sources, all) = hand_in.sources(step);
        entry.notes.extend(sources.iter().find_map(|source| codec::note(step, source)));
        let any = [&sources[..], &all[..]].concat();
        entry.notes.extend(alike::of_the_course(step, &any, course));
        entry.prints = alike::prints(&sources, course);
        // What does nothing but start another file is not the program.
        if entry.prints.len() < alike::FEWEST && !all.is_empty() {
            entry.prints = alike::prints(&all, course);
        }
        entry
    }

    /// The reports, or what the compiler said; `None` where there is nothing to examine.
    fn reports(
        &self,
        workplace: &Workplace,
        seed: u64,
    ) -> anyhow::Result<Option<Result<Vec<Report>, String>>> {
        let step = self.exam.step;
        let hand_in = match &*self.hand_in {
            Ok(hand_in) => hand_in,
            Err(sentence) => bail!("{sentence}"),
        };
        if let Some(sentence) = &hand_in.too_much {
            return Ok(Some(Err(sentence.clone())));
        }
        let Some((program, folder)) = hand_in.program(step).zip(hand_in.folder.as_ref()) else {
            if let Some(unread) = hand_in.unread(step) {
                bail!("the grader may not read {}", unread.display());
            }
            return Ok(None);
        };
        let built = workplace.copy(folder);
        let built = built.and_then(|place| Ok((place.submission(self.exam, program)?, place)));
        match built {
            Ok((submission, _place)) => Ok(Some(Ok(examine_twice(self.exam, &submission, seed)))),
            Err(Unbuilt::Wrong(message)) => Ok(Some(Err(message))),
            Err(Unbuilt::Trouble(sentence)) => bail!(sentence),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use super::*;
    use crate::grade::alike::groups;
    use crate::grade::journal::Results;
    use crate::grade::workplace::Folder;
    use crate::steps::exam;

    fn course() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
    }

    /// What is known of a step of a student who hands in these files.
    fn entry(student: &str, step: &str, files: &[(&str, &str)]) -> Entry {
        let folder = Folder::new().unwrap();
        let place = folder.path().join("hand-in");
        fs::create_dir(&place).unwrap();
        files.iter().for_each(|(name, text)| fs::write(place.join(name), text).unwrap());
        let mut hand_in = HandIn::default();
        hand_in.look_through(place, Some(&course()));
        let hand_in = Arc::new(Ok(hand_in));
        let unit = Unit { student: student.into(), hand_in, exam: exam(step).unwrap() };
        unit.entry(Some(&course()))
    }

    #[test]
    fn a_program_of_the_course_is_told_under_any_name() {
        let own = fs::read_to_string(course().join("src/bin/hostname.rs")).unwrap();
        let toml = "[hostname]\nbuild = [\"make\"]\nrun = [\"./mine\"]\n";
        for files in [
            &[("hostname.rs", own.as_str())][..],
            &[("submission.toml", toml), ("mine.rs", &own), ("Makefile", "")],
        ] {
            let notes = entry("anna", "hostname", files).notes;
            assert!(notes[0].contains("this is the course's own program"), "{notes:?}");
        }
        let notes = entry("anna", "hostname", &[("hostname.py", "print()\n")]).notes;
        assert!(notes.is_empty(), "{notes:?}");
    }

    /// Whoever names a program as they like is compared by the program, and not by its name.
    #[test]
    fn what_submission_toml_names_is_compared() {
        if !crate::has_answers() {
            return;
        }
        let file = course().join("labs/examiner/tests/right/echo_server/two_families.py");
        let copied = fs::read_to_string(file).unwrap();
        let toml = "[echo_server]\nrun = [\"python3\", \"./mine.py\", \"{port}\"]\n";
        let other = "import sys\nfor line in sys.stdin:\n    print(line.strip())\n".repeat(20);
        let mut results = Results::default();
        let mut add = |student: &str, files: &[(&str, &str)]| {
            results.add(entry(student, "echo_server", files));
        };
        add("anna", &[("echo_server.py", &copied)]);
        add("bob", &[("submission.toml", toml), ("mine.py", &copied), ("other.py", &other)]);
        let starter = "import copied\n";
        add("eve", &[("submission.toml", toml), ("mine.py", starter), ("copied.py", &copied)]);
        add("zoe", &[("submission.toml", toml), ("mine.py", &other), ("hostname.py", &copied)]);
        let groups = groups(&results);
        assert_eq!(groups.len(), 1, "{groups:?}");
        assert_eq!(groups[0].students, ["anna", "bob", "eve"]);
    }
}
