//! Points: what a report is worth, what a step is worth in this course, and a student's total.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::{Context, bail, ensure};
use serde::Deserialize;

use super::journal::{Entry, Results};
use crate::exam::mistakes::{self, Found};
use crate::exam::{Check, Exam, Report, Verdict};
use crate::steps::exam;

/// The course file: the steps that are due, the weight of each, and of single checks.
///
/// ```toml
/// title = "Networks I, winter term"
/// [steps]
/// echo_server = 3
/// echo_client = 1
/// [checks.echo_server]
/// half_close = 5
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
    /// The weights of single checks, by step: what each is worth in place of its own points. Whoever
    /// weighs a check says what its fault costs, all of it: the limit of a classic mistake that it finds
    /// holds no more.
    #[serde(default)]
    pub checks: BTreeMap<String, BTreeMap<String, f64>>,
}

/// The largest weight. Without a limit, a sum of weights could be infinite, and a total no number.
const MOST: f64 = 1_000_000.0;

impl Course {
    /// Reads a course file.
    ///
    /// # Errors
    ///
    /// It cannot be read, or says what [`Course::of_text`] refuses.
    pub fn read(file: &Path) -> anyhow::Result<Course> {
        let text = fs::read_to_string(file)
            .with_context(|| format!("cannot read the course file {}", file.display()))?;
        Course::of_text(&text, file.display())
    }

    /// What the text of a course file says; `name` is the file's, for errors.
    ///
    /// # Errors
    ///
    /// It is not TOML, names a step or a check that is not of the course, has a weight that is not 0 to
    /// 1,000,000, weighs what is beyond a step, or leaves a step nothing to be worth.
    pub fn of_text(text: &str, name: impl fmt::Display) -> anyhow::Result<Course> {
        let cannot = || format!("cannot read the course file {name}");
        let course: Course = toml::from_str(text).with_context(cannot)?;
        for (step, weight) in &course.steps {
            ensure!(exam(step).is_some(), "{name}: there is no step {step:?}");
            ensure_weight(step, *weight).with_context(cannot)?;
        }
        for (step, weights) in &course.checks {
            let Some(exam) = exam(step) else { bail!("{name}: there is no step {step:?}") };
            for (check, weight) in weights {
                let Some(check) = exam.check(check) else {
                    bail!("{name}: {step} has no check {check:?}: `labs list {step}` names them")
                };
                let id = format!("{step}/{}", check.name);
                ensure!(!check.is_beyond(), "{name}: {id} is beyond the step, and costs nothing");
                ensure_weight(&id, *weight).with_context(cannot)?;
            }
            ensure!(course.whole(exam) > 0.0, "{name}: no check of {step} has a weight above 0");
        }
        Ok(course)
    }

    /// The same course, where it names no step that is due: with every step that anybody handed in, of
    /// equal weight.
    pub fn or_all_of(self, results: &Results) -> Course {
        if !self.steps.is_empty() {
            return self;
        }
        let handed_in = results.entries.values().filter(|entry| entry.handed_in);
        let steps = handed_in.map(|entry| (entry.step.clone(), 1.0)).collect();
        Course { steps, ..self }
    }

    /// What a check is worth.
    pub fn worth(&self, exam: &Exam, check: &Check) -> f64 {
        self.weight(exam, check).unwrap_or_else(|| f64::from(check.points))
    }

    /// What all checks of a step are worth.
    pub fn whole(&self, exam: &Exam) -> f64 {
        exam.checks.iter().map(|check| self.worth(exam, check)).sum()
    }

    fn weight(&self, exam: &Exam, check: &Check) -> Option<f64> {
        self.checks.get(exam.step)?.get(check.name).copied()
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
                Some(entry) => match self.points(entry).share() {
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

    /// The points of one step of one student.
    pub fn points(&self, entry: &Entry) -> Points {
        let Some(exam) = exam(&entry.step) else { return Points::default() };
        if !entry.handed_in || entry.build.is_some() {
            return Points { of: self.whole(exam), ..Points::default() };
        }
        self.points_of(exam, &entry.reports)
    }

    /// The points of an examination: a pass is worth all of a check, a fragile one half. What the
    /// examiner could not examine is nobody's loss: it is neither earned nor missed. A classic mistake
    /// leaves no more than its share of all this.
    pub fn points_of(&self, exam: &'static Exam, reports: &[Report]) -> Points {
        let mut points = Points::default();
        for check in exam.checks {
            let worth = self.worth(exam, check);
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
        points.mistake = self.mistake(exam, reports).filter(|(_, mistake)| {
            let most = points.of * f64::from(mistake.at_most) / 100.0;
            let is_less = most < points.earned;
            points.earned = points.earned.min(most);
            is_less
        });
        points
    }

    fn mistake(&self, exam: &'static Exam, reports: &[Report]) -> Option<Found> {
        let checks = exam.checks.iter().filter(|check| self.weight(exam, check).is_none());
        mistakes::worst(checks.filter_map(|check| Some((check, report(reports, check.name)?))))
    }
}

fn ensure_weight(of: &str, weight: f64) -> anyhow::Result<()> {
    let is_weight = (0.0..=MOST).contains(&weight);
    ensure!(is_weight, "the weight of {of} must be 0 to 1,000,000, and is {weight}");
    Ok(())
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
    /// The classic mistake that left no more than this.
    pub mistake: Option<Found>,
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
    report(reports, check).map(|report| report.verdict)
}

fn report<'a>(reports: &'a [Report], check: &str) -> Option<&'a Report> {
    reports.iter().find(|report| report.check == check)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exam::Way;

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
        Course::default().or_all_of(&results).total(&results, "anna")
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
        assert_eq!(
            Course::default().or_all_of(&results).total(&results, ""),
            Total::Percent(100.0)
        );
    }

    fn course(text: &str) -> Course {
        Course::of_text(text, "course.toml").unwrap()
    }

    fn share(course: &Course, verdicts: &[(&str, Verdict)]) -> f64 {
        let results = results(verdicts);
        course.points(results.entries.values().next().unwrap()).share().unwrap()
    }

    /// What a check is weighed with is what it costs, and all the others stay as they are.
    #[test]
    fn a_single_check_can_be_weighed() {
        let exam = exam("echo_server").unwrap();
        let own: f64 = exam.checks.iter().map(|check| f64::from(check.points)).sum();
        let heavy = course("[checks.echo_server]\nhalf_close = 40.5\n");
        let whole = heavy.whole(exam);
        let half_close = f64::from(exam.check("half_close").unwrap().points);
        assert!((whole - (own - half_close + 40.5)).abs() < 1e-9);
        let failed = share(&heavy, &[("half_close", Verdict::Fail)]);
        assert!((failed - (whole - 40.5) / whole).abs() < 1e-9, "{failed}");
        let light = course("[checks.echo_server]\nhalf_close = 0\n");
        assert_eq!(share(&light, &[("half_close", Verdict::Fail)]), 1.0);
        assert_eq!(share(&heavy, &[]), 1.0);
        assert_eq!(Course::default().whole(exam), own);
    }

    #[test]
    fn a_classic_mistake_leaves_its_share_and_not_where_its_check_is_weighed() {
        let failed = |way, verdict| {
            let mut results = results(&[("many_at_once", verdict)]);
            let entry = results.entries.values_mut().next().unwrap();
            let report = entry.reports.iter_mut().find(|report| report.check == "many_at_once");
            report.unwrap().way = Some(way);
            entry.clone()
        };
        let serial = failed(Way::Waits, Verdict::Fail);
        let points = Course::default().points(&serial);
        assert!(points.share().is_some_and(|share| (share - 0.4).abs() < 1e-9), "{points:?}");
        assert_eq!(points.mistake.map(|(check, _)| check), Some("many_at_once"));
        let other = Course::default().points(&failed(Way::Different, Verdict::Fail));
        assert!(other.share().unwrap() > 0.9 && other.mistake.is_none(), "{other:?}");
        let passed = Course::default().points(&failed(Way::Waits, Verdict::Pass));
        assert_eq!(passed.share(), Some(1.0));
        let weighed = course("[checks.echo_server]\nmany_at_once = 1\n").points(&serial);
        assert!(weighed.share().unwrap() > 0.9 && weighed.mistake.is_none(), "{weighed:?}");
    }

    #[test]
    fn a_course_file_says_what_is_wrong_with_it() {
        let refused = |text: &str| {
            let error = Course::of_text(text, "course.toml").unwrap_err();
            format!("{error:#}")
        };
        for (text, says) in [
            ("[checks.echo_servant]\nechoes = 1", "there is no step \"echo_servant\""),
            ("[checks.echo_server]\nechos = 1", "echo_server has no check \"echos\""),
            ("[checks.echo_server]\nechoes = -1", "echo_server/echoes must be 0 to 1,000,000"),
            ("[checks.echo_server]\nechoes = nan", "and is NaN"),
            ("[checks.echo_server]\nechoes = inf", "and is inf"),
            ("[checks.echo_server]\nechoes = 1e7", "must be 0 to 1,000,000"),
            ("[checks.echo_server]\nechoes = \"1\"", "invalid type"),
            ("[checks]\nechoes = 1", "invalid type"),
            ("[steps]\necho_server = -1", "the weight of echo_server must be"),
            ("[steps]\necho_server = nan", "the weight of echo_server must be"),
            ("[checks.tcp_client]\nprints_the_server = 1", "is beyond the step"),
        ] {
            assert!(refused(text).contains(says), "{text}: {}", refused(text));
        }
        let checks = exam("hostname").unwrap().checks.iter();
        let nothing: String = checks.map(|check| format!("{} = 0\n", check.name)).collect();
        let nothing = refused(&format!("[checks.hostname]\n{nothing}"));
        assert!(nothing.contains("no check of hostname has a weight above 0"), "{nothing}");
    }
}
