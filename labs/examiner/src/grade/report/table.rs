//! The table on the terminal.

use std::fmt::Write;

use super::step_share;
use crate::exam::transcript::clip;
use crate::grade::journal::Results;
use crate::grade::score::{Course, names};

/// One row a student: the total, and each step in percent. `-` is a step that was not handed in.
pub fn table(results: &Results, course: &Course) -> String {
    let exams = course.exams();
    let names = names(results);
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0).clamp(7, 24);
    let mut table = format!("{:width$}  {:>6}", "student", "total");
    for (number, _) in exams.iter().enumerate() {
        let _ = write!(table, " {:>4}", format!("[{}]", number + 1));
    }
    table.push('\n');
    for name in names {
        let total = course.total(results, name).map(|total| format!("{total:.1}"));
        let _ = write!(table, "{:width$}  {:>6}", clip(name, width), total.unwrap_or_default());
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
    table
}
