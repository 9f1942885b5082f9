use examiner::catalogue::{self, Step};
use examiner::exam::{Check, Exam, Report, Verdict, submission};
use examiner::grade::journal::{Entry, Results};
use examiner::grade::score::{Course, names};
use examiner::progress::Progress;

use super::{assert_lines, assert_one_line};

/// A student's `submission.toml`, and an instructor's course file.
pub fn submission(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    for step in ["echo_server", "udp_client"] {
        if let Ok(Some(entry)) = submission::entry_of(text, step) {
            assert!(!entry.run.is_empty() && entry.build.is_none_or(|build| !build.is_empty()));
        }
    }
    if let Ok(course) = Course::of_text(text, "course.toml") {
        assert_eq!(course.exams().len(), course.steps.len());
        assert!(course.steps.values().all(|weight| *weight >= 0.0 && weight.is_finite()));
        let mut results = Results::default();
        course.exams().iter().for_each(|exam| results.add(full_marks(exam)));
        for (student, least) in [("nobody", 0.0), (STUDENT, 100.0)] {
            let total = course.total(&results, student).percent();
            assert!(
                total.is_none_or(|total| (least - 1e-6..=100.0 + 1e-6).contains(&total)),
                "{total:?}"
            );
        }
    }
}

const STUDENT: &str = "somebody";

/// The result of a program that passes everything.
fn full_marks(exam: &Exam) -> Entry {
    let pass = |check: &Check| Report::new(exam.step, check.name, Verdict::Pass, "");
    Entry {
        student: STUDENT.into(),
        step: exam.step.into(),
        handed_in: true,
        reports: exam.checks.iter().map(pass).collect(),
        ..Entry::default()
    }
}

/// The results file of a class.
pub fn results(data: &[u8]) {
    let Ok(Some((results, whole))) = Results::of_text(data, "results.jsonl") else { return };
    let whole = &data[..whole as usize];
    let is_same = |text: &[u8]| {
        let (again, _) = Results::of_text(text, "").expect("lines").expect("a first line");
        assert_eq!(again, results);
    };
    is_same(whole);
    // What an interrupted run has left of a last line is no result.
    is_same(&[whole, b"{\"result\":{\"stud"].concat());
    // What is escaped is written and read again as it is.
    let mut again = whole.to_vec();
    for entry in results.entries.values() {
        let json = serde_json::to_string(entry).expect("it is JSON");
        again.extend(format!("{{\"result\":{json}}}\n").bytes());
        assert_one_line(&entry.student);
        entry.reports.iter().for_each(|report| {
            assert_one_line(&report.sentence);
            assert_lines(&report.story);
        });
    }
    is_same(&again);
    if let Ok(merged) = Results::merge(vec![results.clone(), results.clone()]) {
        assert_eq!(merged.entries, results.entries);
    }
    let course = Course::default().or_all_of(&results);
    for student in names(&results) {
        let total = course.total(&results, student).percent();
        assert!(total.is_none_or(|total| (0.0..=100.0).contains(&total)), "{total:?}");
    }
    for entry in results.entries.values() {
        let points = course.points(entry);
        assert!((0.0..=points.of).contains(&points.earned));
    }
}

/// A student's progress file.
pub fn progress(data: &[u8]) {
    let mut progress = Progress::of_text(data);
    let text = progress.text();
    assert_eq!(text.strip_suffix(b"\n").unwrap_or(&text), data.strip_suffix(b"\n").unwrap_or(data));
    let _ = progress.last();
    let is_named = |step: &&Step| {
        let name = step.name.as_bytes();
        step.name == "hostname" || data.windows(name.len()).any(|part| part == name)
    };
    for step in catalogue::steps().filter(is_named) {
        let before = progress.of(step);
        let _ = before.words();
        progress.put(step.name, &before.written());
        assert_eq!(progress.of(step), before, "{}", step.name);
    }
    let again = Progress::of_text(&progress.text());
    assert_eq!(again, progress);
}
