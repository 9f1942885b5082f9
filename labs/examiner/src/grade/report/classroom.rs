//! A result as the graders of GitHub Classroom hand it to `autograding-grading-reporter`
//! (<https://github.com/classroom-resources/autograding-grading-reporter>).

use serde_json::{Value, json};

use super::{Line, lines, notes, rounded};
use crate::exam::Verdict;
use crate::grade::journal::Results;
use crate::grade::score::Course;

/// The result of one student. The reporter wants it in Base64, in an environment variable.
pub fn result(results: &Results, course: &Course, student: &str) -> anyhow::Result<Vec<u8>> {
    let lines = lines(results, course, student);
    let tests: Vec<Value> = lines.iter().map(test).collect();
    let is_passed = lines.iter().all(|line| line.verdict.is_good());
    let has_errors = lines.iter().any(|line| line.verdict == Verdict::Error);
    let document = json!({
        "version": 1,
        "status": match (has_errors, is_passed) {
            (true, _) => "error",
            (false, true) => "pass",
            (false, false) => "fail",
        },
        "max_score": lines.iter().map(|line| line.of).sum::<f64>(),
        "tests": tests,
        // The reporter passes over what it does not know.
        "unclosed": results.unclosed,
        "notes": notes(results, course, student),
    });
    Ok(serde_json::to_vec_pretty(&document)?)
}

fn test(line: &Line) -> Value {
    let status = match line.verdict {
        Verdict::Pass | Verdict::Beyond => "pass",
        Verdict::Error => "error",
        Verdict::Fail | Verdict::Fragile | Verdict::Skipped => "fail",
    };
    let name = line.check.map_or("builds", |check| check.name);
    json!({
        "name": format!("{}/{name}", line.step),
        "status": status,
        "score": rounded(line.earned),
        "message": line.words(),
        "test_code": format!("labs check {} --check {name}", line.step),
        "filename": "",
        "line_no": 0,
        "execution_time": format!("{}ms", line.milliseconds),
    })
}
