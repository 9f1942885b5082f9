//! A `results.json` as Gradescope's autograder reads it
//! (<https://gradescope-autograders.readthedocs.io/en/latest/specs/>).

use serde_json::{Value, json};

use super::{Line, UNCLOSED, lines, notes, rounded};
use crate::grade::journal::Results;
use crate::grade::score::{Course, Total};

/// The result of one student. The score is the total in percent; each test shows its points.
pub fn result(results: &Results, course: &Course, student: &str) -> anyhow::Result<Vec<u8>> {
    let total = course.total(results, student);
    let lines = lines(results, course, student);
    let tests: Vec<Value> = lines.iter().map(test).collect();
    let mut output = format!(
        "Seed {}: `labs check STEP --seed {}` repeats this examination.",
        results.seed, results.seed
    );
    for note in notes(results, course, student) {
        output = format!("{output}\n{note}");
    }
    if results.unclosed {
        output = format!("{output}\nThis was {UNCLOSED}.");
    }
    if total == Total::Incomplete {
        output =
            format!("Incomplete: the examiner had trouble of its own. Examine it again.\n{output}");
    }
    // Without any score the site says that the examination has failed, and not the student.
    let score = total.percent().or((total == Total::Nothing).then_some(0.0));
    let tests = if score.is_some() { tests } else { Vec::new() };
    let document = json!({
        "score": score,
        "output": output,
        "output_format": "text",
        "tests": tests,
    });
    Ok(serde_json::to_vec_pretty(&document)?)
}

fn test(line: &Line) -> Value {
    let name = match line.check {
        Some(check) => format!("{}/{}: {}", line.step, check.name, check.expects),
        None => line.step.to_string(),
    };
    let words = line.words();
    let output = if words.is_empty() {
        String::new()
    } else {
        format!("{}: {words}\n{}", line.verdict, line.story)
    };
    json!({
        "name": name,
        "score": rounded(line.earned),
        "max_score": line.of,
        "status": if line.verdict.is_good() { "passed" } else { "failed" },
        "output": output,
        "output_format": "text",
        "visibility": "visible",
    })
}
