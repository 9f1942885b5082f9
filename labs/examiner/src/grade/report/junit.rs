//! JUnit XML: one suite for each step of each student, one case a check.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::{Line, lines};
use crate::exam::Verdict;
use crate::grade::journal::Results;
use crate::grade::score::{Course, names};

/// The whole file. What XML cannot hold, control characters among it, is left out by the writer.
pub fn junit(results: &Results, course: &Course) -> anyhow::Result<Vec<u8>> {
    let mut report =
        Report::new(if course.title.is_empty() { "socket-labs" } else { &course.title });
    for student in names(results) {
        let lines = lines(results, course, student);
        for exam in course.exams() {
            let mut suite = TestSuite::new(format!("{student}/{}", exam.step));
            let of_step = lines.iter().filter(|line| line.step == exam.step);
            suite.add_test_cases(of_step.map(|line| case(student, line)));
            report.add_test_suite(suite);
        }
    }
    let mut text = Vec::new();
    report.serialize(&mut text)?;
    Ok(text)
}

fn case(student: &str, line: &Line) -> TestCase {
    let status = match line.verdict {
        Verdict::Pass => TestCaseStatus::success(),
        Verdict::Skipped => TestCaseStatus::skipped(),
        Verdict::Error => TestCaseStatus::non_success(NonSuccessKind::Error),
        Verdict::Fail | Verdict::Fragile => TestCaseStatus::non_success(NonSuccessKind::Failure),
    };
    let status = match line.verdict {
        Verdict::Pass => status,
        verdict => {
            let mut status = status;
            status.set_message(format!("{verdict}: {}", line.sentence)).set_description(line.story);
            status
        }
    };
    let name = line.check.map_or("builds", |check| check.name);
    let mut case = TestCase::new(name, status);
    case.set_classname(format!("{student}.{}", line.step));
    case.set_time(Duration::from_millis(line.milliseconds));
    case
}
