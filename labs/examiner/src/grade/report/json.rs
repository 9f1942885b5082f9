//! Everything as one JSON document.

use serde_json::{Value, json};

use super::step_share;
use crate::exam::budget;
use crate::grade::alike::{Group, groups};
use crate::grade::journal::Results;
use crate::grade::score::{Course, Total, names};

/// The seed, the course, and each student with each step and each report.
pub fn json(results: &Results, course: &Course) -> anyhow::Result<Vec<u8>> {
    let students: Vec<Value> = names(results)
        .into_iter()
        .map(|student| {
            let steps: Vec<Value> = results
                .entries
                .values()
                .filter(|entry| entry.student == student)
                .map(|entry| {
                    let points = course.points(entry);
                    json!({
                        "step": entry.step,
                        "handed_in": entry.handed_in,
                        "build": entry.build,
                        "points": points.earned,
                        "of": points.of,
                        "mistake": points.mistake.map(|(_, mistake)| mistake.name),
                        "percent": step_share(results, course, student, &entry.step),
                        "reports": entry.reports,
                        "notes": entry.notes,
                        "unrecognised": entry.unrecognised,
                    })
                })
                .collect();
            let total = course.total(results, student);
            json!({
                "student": student,
                "total": total.percent(),
                "incomplete": total == Total::Incomplete,
                "steps": steps,
            })
        })
        .collect();
    let group = |group: &Group| {
        json!({
            "step": group.step,
            "students": group.students,
            "percent": group.percent,
        })
    };
    let alike: Vec<Value> = groups(results).iter().map(group).collect();
    let document = json!({
        "title": course.title,
        "seed": results.seed,
        "unclosed": results.unclosed,
        "limits": budget::words(!results.unclosed),
        "weights": course.steps,
        "check_weights": course.checks,
        "students": students,
        "alike": alike,
    });
    let mut text = serde_json::to_vec_pretty(&document)?;
    text.push(b'\n');
    Ok(text)
}
