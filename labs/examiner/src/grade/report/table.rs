//! The table on the terminal.

use std::fmt::Write;

use super::{UNCLOSED, alike, notes, step_share};
use crate::exam::Report;
use crate::exam::transcript::clip;
use crate::grade::alike::groups;
use crate::grade::journal::Results;
use crate::grade::score::{Course, Total, names};

/// One row a student: the total, and each step in percent. `-` is a step that was not handed in. A total
/// with a check in it in which the examiner had trouble is `incomplete`.
pub fn table(results: &Results, course: &Course) -> String {
    let exams = course.exams();
    let names = names(results);
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0).clamp(7, 24);
    let totals = names.iter().map(|name| course.total(results, name).words(1));
    let wide = totals.map(|total| total.len()).max().unwrap_or(0).max(6);
    let mut table = format!("{:width$}  {:>wide$}", "student", "total");
    for (number, _) in exams.iter().enumerate() {
        let _ = write!(table, " {:>4}", format!("[{}]", number + 1));
    }
    table.push('\n');
    let mut uncertain = false;
    let mut said = String::new();
    for name in names {
        for note in notes(results, course, name) {
            let _ = writeln!(said, "{name}: {note}");
        }
        let total = course.total(results, name);
        uncertain |= total == Total::Incomplete;
        let _ = write!(table, "{:width$}  {:>wide$}", clip(name, width), total.words(1));
        for exam in &exams {
            let entry = results.entries.get(&(name.to_string(), exam.step.to_string()));
            let is_there = entry.is_some_and(|entry| entry.handed_in);
            let share = step_share(results, course, name, exam.step).filter(|_| is_there);
            let share = share.map_or("-".to_string(), |share| format!("{share:.0}"));
            let _ = write!(table, " {share:>4}");
        }
        table.push('\n');
    }
    for (number, exam) in exams.iter().enumerate() {
        let _ = writeln!(table, "[{}] {}", number + 1, exam.step);
    }
    for group in groups(results) {
        let _ = writeln!(said, "{}", alike(&group));
    }
    if !said.is_empty() {
        let _ = write!(table, "\n{said}");
    }
    if results.unclosed {
        let _ = writeln!(table, "{UNCLOSED}");
    }
    table.push_str(&unstable(results));
    if uncertain {
        table.push_str(
            "incomplete: the examiner had trouble of its own in a check; --resume examines it again\n",
        );
    }
    table
}

/// The checks of which two runs differed, a line a student.
fn unstable(results: &Results) -> String {
    let mut lines = String::new();
    for name in names(results) {
        let entries = results.entries.values().filter(|entry| entry.student == name);
        let reports = entries.flat_map(|entry| &entry.reports);
        let unstable = reports.filter(|report| report.unstable.is_some()).map(Report::id);
        let unstable: Vec<String> = unstable.collect();
        if !unstable.is_empty() {
            let _ = writeln!(lines, "  {name}: {}", unstable.join(", "));
        }
    }
    if lines.is_empty() {
        return lines;
    }
    format!("unstable: two runs of a check differed, and the better one counts\n{lines}")
}
