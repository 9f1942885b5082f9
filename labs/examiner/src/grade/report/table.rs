//! The table on the terminal.

use std::fmt::Write;

use super::{UNCLOSED, step_share};
use crate::exam::Verdict;
use crate::exam::transcript::clip;
use crate::grade::journal::Results;
use crate::grade::score::{Course, names};

/// One row a student: the total, and each step in percent. `-` is a step that was not handed in, `!` a
/// total that the examiner's own trouble has touched.
pub fn table(results: &Results, course: &Course) -> String {
    let exams = course.exams();
    let names = names(results);
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0).clamp(7, 24);
    let mut table = format!("{:width$}  {:>6}", "student", "total");
    for (number, _) in exams.iter().enumerate() {
        let _ = write!(table, " {:>4}", format!("[{}]", number + 1));
    }
    table.push('\n');
    let mut uncertain = false;
    for name in names {
        let total = course.total(results, name).map(|total| format!("{total:.1}"));
        let mut total = total.unwrap_or_default();
        if has_errors(results, name) {
            total.push('!');
            uncertain = true;
        }
        let _ = write!(table, "{:width$}  {total:>6}", clip(name, width));
        for exam in &exams {
            let entry = results.entries.get(&(name.to_string(), exam.step.to_string()));
            let is_there = entry.is_some_and(|entry| entry.handed_in);
            let share = step_share(results, name, exam.step).filter(|_| is_there);
            let share = share.map_or("-".to_string(), |share| format!("{share:.0}"));
            let _ = write!(table, " {share:>4}");
        }
        table.push('\n');
    }
    for (number, exam) in exams.iter().enumerate() {
        let _ = writeln!(table, "[{}] {}", number + 1, exam.step);
    }
    if results.unclosed {
        let _ = writeln!(table, "{UNCLOSED}");
    }
    if uncertain {
        table.push_str(
            "! the examiner had trouble of its own in a check, which is left out of the total\n",
        );
    }
    table
}

fn has_errors(results: &Results, student: &str) -> bool {
    let entries = results.entries.values().filter(|entry| entry.student == student);
    entries.flat_map(|entry| &entry.reports).any(|report| report.verdict == Verdict::Error)
}
