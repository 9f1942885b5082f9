//! Points: what a report is worth, what a step is worth in this course, and a student's total.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::{Context, ensure};
use serde::Deserialize;

use super::journal::{Entry, Results};
use crate::exam::{Check, Exam, Report, Verdict};
use crate::steps::exam;

/// The course file: the steps that are due, and the weight of each.
///
/// ```toml
/// title = "Networks I, winter term"
/// [steps]
/// echo_server = 3
/// echo_client = 1
/// ```
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Course {
    /// What reports are headed with.
    #[serde(default)]
    pub title: String,
    /// The steps that are due, with their weights.
    #[serde(default)]
    pub steps: BTreeMap<String, f64>,
}

/// The largest weight. Without a limit, a sum of weights could be infinite, and a total no number.
const MOST: f64 = 1_000_000.0;

impl Course {
    /// Reads a course file.
    ///
    /// # Errors
    ///
    /// It cannot be read, names a step that is not of the course, or has a weight that is not 0 to 1,000,000.
    pub fn read(file: &Path) -> anyhow::Result<Course> {
        let text = fs::read_to_string(file)
            .with_context(|| format!("cannot read the course file {}", file.display()))?;
        Course::of_text(&text, file.display())
    }

    /// What the text of a course file says; `name` is the file's, for errors.
    ///
    /// # Errors
    ///
    /// It is not TOML, names a step that is not of the course, or has a weight that is not 0 to 1,000,000.
    pub fn of_text(text: &str, name: impl fmt::Display) -> anyhow::Result<Course> {
        let cannot = || format!("cannot read the course file {name}");
        let course: Course = toml::from_str(text).with_context(cannot)?;
        for (step, weight) in &course.steps {
            ensure!(exam(step).is_some(), "{name}: there is no step {step:?}");
            let is_weight = (0.0..=MOST).contains(weight);
            ensure!(is_weight, "{name}: the weight of {step} must be 0 to 1,000,000");
        }
        Ok(course)
    }

    /// Where there is no course file: every step that anybody handed in, of equal weight.
    pub fn of(results: &Results) -> Course {
        let handed_in = results.entries.values().filter(|entry| entry.handed_in);
        let steps = handed_in.map(|entry| (entry.step.clone(), 1.0)).collect();
        Course { title: String::new(), steps }
    }

    /// The steps that are due, in the order of the course.
    pub fn exams(&self) -> Vec<&'static Exam> {
        crate::steps::EXAMS
            .iter()
            .copied()
            .filter(|exam| self.steps.contains_key(exam.step))
            .collect()
    }

    /// The total of a student: the weighted mean of the steps that are due. What was not handed in
    /// counts nothing, and what this machine cannot examine is left out. A total with a check in it in
    /// which the examiner had trouble is no total.
    pub fn total(&self, results: &Results, student: &str) -> Total {
        let (mut sum, mut weights) = (0.0, 0.0);
        for (step, weight) in &self.steps {
            let share = match results.entries.get(&(student.to_string(), step.clone())) {
                Some(entry) if lacks_points(entry) => return Total::Incomplete,
                Some(entry) => match points(entry).share() {
                    Some(share) => share,
                    None => continue,
                },
                None => 0.0,
            };
            sum += weight * share;
            weights += weight;
        }
        if weights > 0.0 { Total::Percent(100.0 * sum / weights) } else { Total::Nothing }
    }
}

/// What a student has in all.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Total {
    /// From 0 to 100.
    Percent(f64),
    /// Nothing could be examined on this machine.
    Nothing,
    /// The examiner had trouble of its own in a check: the run is to be gone on with (`--resume`).
    Incomplete,
}

impl Total {
    /// The percentage, where there is one.
    pub fn percent(self) -> Option<f64> {
        if let Total::Percent(percent) = self { Some(percent) } else { None }
    }

    /// The percentage with so many decimals, `incomplete`, or nothing.
    pub fn words(self, decimals: usize) -> String {
        match self {
            Total::Percent(percent) => format!("{percent:.decimals$}"),
            Total::Nothing => String::new(),
            Total::Incomplete => "incomplete".into(),
        }
    }
}

/// The names of all students in the results.
pub fn names(results: &Results) -> BTreeSet<&str> {
    results.entries.keys().map(|(student, _)| student.as_str()).collect()
}

/// Points of a step. Half points are points: a fragile check is worth half.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Points {
    /// What was earned.
    pub earned: f64,
    /// What could be earned: without what the examiner could not examine.
    pub of: f64,
}

impl Points {
    /// From 0 to 1; `None` where nothing could be examined.
    pub fn share(self) -> Option<f64> {
        (self.of > 0.0).then(|| self.earned / self.of)
    }
}

/// Whether the examiner had trouble of its own in a check that has points. What is beyond the step has
/// none: an error in it takes nothing away from a total.
pub fn lacks_points(entry: &Entry) -> bool {
    let has_points = |check: &str| {
        exam(&entry.step).and_then(|exam| exam.check(check)).is_none_or(|check| check.points > 0)
    };
    let errors = entry.reports.iter().filter(|report| report.verdict == Verdict::Error);
    errors.into_iter().any(|report| has_points(&report.check))
}

/// The points of one step of one student.
pub fn points(entry: &Entry) -> Points {
    let Some(exam) = exam(&entry.step) else { return Points::default() };
    if !entry.handed_in || entry.build.is_some() {
        return Points {
            earned: 0.0,
            of: exam.checks.iter().map(|check| f64::from(check.points)).sum(),
        };
    }
    points_of(exam, &entry.reports)
}

/// The points of an examination: a pass is worth all of a check, a fragile one half. What the
/// examiner could not examine is nobody's loss: it is neither earned nor missed.
pub fn points_of(exam: &Exam, reports: &[Report]) -> Points {
    let mut points = Points::default();
    for check in exam.checks {
        let worth = f64::from(check.points);
        let share = match verdict(reports, check.name) {
            Some(Verdict::Pass | Verdict::Beyond) => 1.0,
            Some(Verdict::Fragile) => 0.5,
            Some(Verdict::Fail) => 0.0,
            Some(Verdict::Skipped) if is_lost(exam, reports, check) => 0.0,
            Some(Verdict::Skipped | Verdict::Error) | None => continue,
        };
        points.earned += share * worth;
        points.of += worth;
    }
    points
}

/// Whether a check was skipped because one that it needs, near or far, failed.
fn is_lost(exam: &Exam, reports: &[Report], check: &Check) -> bool {
    check.needs.iter().any(|need| {
        let needed = exam.check(need);
        verdict(reports, need) == Some(Verdict::Fail)
            || (verdict(reports, need) == Some(Verdict::Skipped)
                && needed.is_some_and(|needed| is_lost(exam, reports, needed)))
    })
}

fn verdict(reports: &[Report], check: &str) -> Option<Verdict> {
    reports.iter().find(|report| report.check == check).map(|report| report.verdict)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn results(verdicts: &[(&str, Verdict)]) -> Results {
        let exam = exam("echo_server").unwrap();
        let report = |check: &Check| {
            let named = verdicts.iter().find(|(name, _)| *name == check.name);
            Report::new(exam.step, check.name, named.map_or(Verdict::Pass, |named| named.1), "")
        };
        let mut results = Results::default();
        results.add(Entry {
            student: "anna".into(),
            step: exam.step.into(),
            handed_in: true,
            reports: exam.checks.iter().map(report).collect(),
            ..Entry::default()
        });
        results
    }

    fn total(verdicts: &[(&str, Verdict)]) -> Total {
        let results = results(verdicts);
        Course::of(&results).total(&results, "anna")
    }

    /// An error is never a percentage of the rest, which would be a gain as often as a loss.
    #[test]
    fn an_error_makes_a_total_incomplete() {
        assert_eq!(total(&[]), Total::Percent(100.0));
        assert_eq!(total(&[("half_close", Verdict::Error)]), Total::Incomplete);
        let failed = total(&[("half_close", Verdict::Fail)]);
        assert!(failed.percent().is_some_and(|percent| percent < 100.0), "{failed:?}");
        let both = [("half_close", Verdict::Error), ("echoes", Verdict::Fail)];
        assert_eq!(total(&both), Total::Incomplete);
        assert_eq!(Total::Incomplete.words(1), "incomplete");
    }

    /// What is beyond a step never lowers a point, and has no total to spoil either.
    #[test]
    fn an_error_beyond_the_step_leaves_a_total_whole() {
        let exam = exam("server_01_bind").unwrap();
        let beyond = exam.checks.iter().find(|check| check.is_beyond()).unwrap();
        let verdict =
            |check: &Check| if check.name == beyond.name { Verdict::Error } else { Verdict::Pass };
        let reports =
            exam.checks.iter().map(|check| Report::new(exam.step, check.name, verdict(check), ""));
        let entry = Entry {
            step: exam.step.into(),
            handed_in: true,
            reports: reports.collect(),
            ..Entry::default()
        };
        assert!(entry.has_errors() && !lacks_points(&entry));
        let mut results = Results::default();
        results.add(entry);
        assert_eq!(Course::of(&results).total(&results, ""), Total::Percent(100.0));
    }
}
