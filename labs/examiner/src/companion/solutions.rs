//! The solutions of the course, and where else they stand: stages repeat on purpose, and a handout
//! must not give the gap of one stage away in the next.

use std::collections::HashMap;

/// So many lines of a solution in a row would give it away.
const ROW: usize = 3;

/// Every few lines in a row of every solution, and the step that they solve.
pub struct Solutions(HashMap<String, String>);

impl Solutions {
    /// Those of these programs, each with the name of its step.
    pub fn of<'a>(programs: impl Iterator<Item = (&'a str, &'a str)>) -> Solutions {
        let mut rows = HashMap::new();
        for (step, program) in programs {
            let mut gap: Option<Vec<&str>> = None;
            for line in program.lines().map(str::trim) {
                if line.starts_with("// GAP ") {
                    gap = Some(Vec::new());
                } else if line == "// END GAP" {
                    let gap = gap.take().unwrap_or_default();
                    for row in gap.windows(ROW.min(gap.len()).max(1)) {
                        rows.insert(row.join("\n"), step.to_string());
                    }
                } else if let Some(gap) = gap.as_mut().filter(|_| says_something(line)) {
                    gap.push(line);
                }
            }
        }
        Solutions(rows)
    }

    /// The program with each function emptied that repeats a solution; the `todo!` tells of which
    /// step. A function begins with `fn` and ends with `}`, both at the beginning of a line.
    pub fn removed_from(&self, program: &str) -> String {
        let mut copy = String::new();
        let mut lines = program.lines().peekable();
        while let Some(line) = lines.next() {
            copy.push_str(line);
            copy.push('\n');
            // A long signature ends on a line of its own.
            let is_signature = line.starts_with("fn ") || line.starts_with(')');
            if !is_signature || !line.ends_with('{') {
                continue;
            }
            let mut body = Vec::new();
            while let Some(line) = lines.next_if(|line| *line != "}") {
                body.push(line);
            }
            match self.step_of(&body) {
                Some(step) => copy
                    .push_str(&format!("    todo!(\"as in {step}: put your lines of it here\")\n")),
                None => body.iter().for_each(|line| {
                    copy.push_str(line);
                    copy.push('\n');
                }),
            }
        }
        copy
    }

    fn step_of(&self, body: &[&str]) -> Option<&str> {
        let lines = body.iter().map(|line| line.trim()).filter(|line| says_something(line));
        let lines: Vec<&str> = lines.collect();
        let rows = (1..=ROW).flat_map(|length| lines.windows(length));
        rows.map(|row| row.join("\n")).find_map(|row| self.0.get(&row)).map(String::as_str)
    }
}

/// Whether a line is more than a bracket, and no comment.
fn says_something(line: &str) -> bool {
    line.len() > 3 && !line.starts_with("//")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_that_repeats_a_solution_is_emptied_and_no_other() {
        let first = "fn one() {\n    // GAP 1: x\n    let a = call_a();\n    let b = call_b();\n    a + b\n    // END GAP\n}\n";
        let solutions = Solutions::of([("stage_1", first)].into_iter());
        let next = "fn one(\n    x: u8,\n) -> Result<u8, Failure> {\n    // the same\n    let a = call_a();\n    let b = call_b();\n    a + b\n}\n\nfn two() {\n    let a = call_a();\n    a\n}\n";
        let expected = "fn one(\n    x: u8,\n) -> Result<u8, Failure> {\n    todo!(\"as in stage_1: put your lines of it here\")\n}\n\nfn two() {\n    let a = call_a();\n    a\n}\n";
        assert_eq!(solutions.removed_from(next), expected);
    }
}
