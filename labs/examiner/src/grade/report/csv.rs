//! The table for a spreadsheet (RFC 4180): one row a student, one column a step, the total, and the
//! reasons.

use super::{reasons, step_share};
use crate::grade::journal::Results;
use crate::grade::score::{Course, names};

/// The whole file, in UTF-8, with CRLF line ends as the RFC asks for.
pub fn csv(results: &Results, course: &Course) -> anyhow::Result<Vec<u8>> {
    let mut table =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    let exams = course.exams();
    let steps = exams.iter().map(|exam| exam.step);
    table.write_record(["student"].into_iter().chain(steps).chain(["total", "reasons"]))?;
    for student in names(results) {
        let percent =
            |share: Option<f64>| share.map(|share| format!("{share:.1}")).unwrap_or_default();
        let mut row = vec![harmless(student)];
        row.extend(
            exams.iter().map(|exam| percent(step_share(results, course, student, exam.step))),
        );
        row.push(course.total(results, student).words(1));
        row.push(harmless(&reasons(results, course, student)));
        table.write_record(row)?;
    }
    Ok(table.into_inner()?)
}

/// A spreadsheet takes a cell that begins with one of these for a formula, some in their full width too;
/// an apostrophe makes it text. Source: OWASP, "CSV Injection".
fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']) {
        format!("'{text}")
    } else {
        text.to_string()
    }
}
