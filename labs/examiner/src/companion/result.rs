//! What an examination comes to: points, whether it is passed, and all of it as JSON.

use examiner::exam::mistakes::{self, Mistake};
use examiner::exam::{Check, Exam, Report, Verdict, Way};
use serde::Serialize;

pub use examiner::progress::Points;

/// The reports of one examination, each with its check, in the exam's order.
pub struct Results {
    /// Each check that was examined, and what came of it.
    pub reports: Vec<(&'static Check, Report)>,
}

impl Results {
    /// The reports with the checks that they are of.
    pub fn new(exam: &Exam, reports: Vec<Report>) -> Results {
        let with_check = |report: Report| Some((exam.check(&report.check)?, report));
        Results { reports: reports.into_iter().filter_map(with_check).collect() }
    }

    /// What was reached: the points of the checks, or what a classic mistake leaves of them.
    pub fn got(&self) -> Points {
        let sum = self.sum();
        self.mistake().map_or(sum, |mistake| sum.min(self.left(mistake)))
    }

    fn sum(&self) -> Points {
        self.reports.iter().map(|(check, report)| Points::got(check, report)).sum()
    }

    /// The most that can be reached with a classic mistake.
    fn left(&self, mistake: &Mistake) -> Points {
        self.total().percent(mistake.at_most)
    }

    /// The classic mistake that costs more than its checks do.
    pub fn mistake(&self) -> Option<&'static Mistake> {
        let (_, mistake) =
            mistakes::worst(self.reports.iter().map(|(check, report)| (*check, report)))?;
        (self.left(mistake) < self.sum()).then_some(mistake)
    }

    /// What could have been reached.
    pub fn total(&self) -> Points {
        self.reports.iter().map(|(check, _)| Points::of(check)).sum()
    }

    /// What nobody could have reached on this computer: the examiner's own trouble, and what
    /// cannot be examined here.
    pub fn out_of_reach(&self) -> Points {
        let mut out: Vec<&str> = Vec::new();
        for (check, report) in &self.reports {
            let needs = || check.needs.iter().filter(|name| !self.has_passed(name));
            let is_out = match report.verdict {
                Verdict::Error => true,
                Verdict::Skipped => needs().all(|name| out.contains(name)),
                _ => false,
            };
            if is_out {
                out.push(check.name);
            }
        }
        let is_out = |(check, _): &&(&'static Check, Report)| out.contains(&check.name);
        self.reports.iter().filter(is_out).map(|(check, _)| Points::of(check)).sum()
    }

    fn has_passed(&self, name: &str) -> bool {
        let report = self.reports.iter().find(|(check, _)| check.name == name);
        report.is_some_and(|(_, report)| report.verdict.is_enough())
    }

    /// Whether all that could be examined passes.
    pub fn is_pass(&self) -> bool {
        let is_bad = |verdict| matches!(verdict, Verdict::Fail | Verdict::Fragile | Verdict::Error);
        self.count(Verdict::Pass) > 0
            && !self.reports.iter().any(|(_, report)| is_bad(report.verdict))
    }

    /// How many checks have this verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.reports.iter().filter(|(_, report)| report.verdict == verdict).count()
    }

    /// The checks as they stand in the JSON document.
    pub fn rows(&self) -> Vec<Row<'_>> {
        self.reports.iter().map(|(check, report)| Row::new(check, report)).collect()
    }
}

/// An examination as `--json` prints it.
#[derive(Serialize)]
pub struct Document<'a> {
    /// The step.
    pub step: &'a str,
    /// The command that was examined, with its words in braces; empty where it does not build.
    pub command: &'a [String],
    /// The number that repeats the examination.
    pub seed: u64,
    /// Whether all that could be examined passes.
    pub passed: bool,
    /// What was reached.
    pub points: Points,
    /// What could have been reached.
    pub total: Points,
    /// What could not be examined on this computer.
    pub out_of_reach: Points,
    /// The classic mistake that leaves no more points than these.
    pub mistake: Option<&'static str>,
    /// The compiler's message, where the answer does not build.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compiler: Option<&'a str>,
    /// Every check.
    pub checks: Vec<Row<'a>>,
}

/// A check as `--json` prints it.
#[derive(Serialize)]
pub struct Row<'a> {
    id: String,
    check: &'a str,
    expects: &'a str,
    verdict: Verdict,
    way: Option<Way>,
    points: Points,
    of: Points,
    sentence: &'a str,
    story: &'a str,
    milliseconds: u64,
}

impl<'a> Row<'a> {
    fn new(check: &'static Check, report: &'a Report) -> Row<'a> {
        Row {
            id: report.id(),
            check: check.name,
            expects: check.expects,
            verdict: report.verdict,
            way: report.way,
            points: Points::got(check, report),
            of: Points::of(check),
            sentence: &report.sentence,
            story: &report.story,
            milliseconds: report.milliseconds,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use examiner::exam::{beyond, must, should};

    fn results(verdicts: [Verdict; 4]) -> Results {
        static EXAM: Exam = Exam {
            step: "step",
            arguments: &[],
            port: 1,
            checks: &[
                must("a", 3, "", |_| Ok(())),
                must("b", 2, "", |_| Ok(())).needs(&["a"]),
                must("c", 1, "", |_| Ok(())).needs(&["b"]),
                should("d", 1, "", |_| Ok(())),
            ],
        };
        let names = ["a", "b", "c", "d"];
        let reports = names.iter().zip(verdicts);
        let reports = reports.map(|(name, verdict)| Report::new("step", name, verdict, ""));
        Results::new(&EXAM, reports.collect())
    }

    #[test]
    fn a_fragile_check_brings_half_and_is_no_pass() {
        use Verdict::*;
        let results = results([Pass, Pass, Pass, Fragile]);
        assert_eq!(
            (results.got().to_string(), results.total().to_string()),
            ("6.5".into(), "7".into())
        );
        assert!(!results.is_pass());
    }

    #[test]
    fn what_is_beyond_the_step_costs_nothing() {
        static EXAM: Exam = Exam {
            step: "step",
            arguments: &[],
            port: 1,
            checks: &[must("a", 3, "", |_| Ok(())), beyond("b", "", |_| Ok(()))],
        };
        let reports = [("a", Verdict::Pass), ("b", Verdict::Beyond)];
        let reports = reports.map(|(name, verdict)| Report::new("step", name, verdict, "said"));
        let results = Results::new(&EXAM, reports.to_vec());
        let shown = [results.got(), results.total(), results.out_of_reach()];
        assert_eq!(shown.map(|points| points.to_string()), ["3", "3", "0"]);
        assert!(results.is_pass());
    }

    #[test]
    fn what_this_computer_cannot_examine_is_out_of_reach_and_no_failure() {
        use Verdict::*;
        let here = results([Pass, Skipped, Skipped, Pass]);
        assert!(here.is_pass());
        assert_eq!(here.out_of_reach().to_string(), "3");
        let failed = results([Pass, Fail, Skipped, Pass]);
        assert!(!failed.is_pass());
        assert_eq!(failed.out_of_reach().to_string(), "0");
        let trouble = results([Error, Skipped, Skipped, Pass]);
        assert!(!trouble.is_pass());
        assert_eq!(trouble.out_of_reach().to_string(), "6");
        assert!(!results([Skipped; 4]).is_pass(), "nothing was examined");
    }
}
