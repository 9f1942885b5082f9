//! JUnit XML, valid against the schema of Jenkins (`junit-10.xsd` of its xunit plugin): one suite for
//! each step of each student, one case a check. Written by hand: the crates for it write attributes
//! that the schema does not know.

use std::fmt::Write;

use super::{Line, UNCLOSED, lines};
use crate::exam::Verdict;
use crate::grade::journal::Results;
use crate::grade::score::{Course, names};

/// The whole file.
pub fn junit(results: &Results, course: &Course) -> String {
    let mut suites = String::new();
    for student in names(results) {
        let lines = lines(results, course, student);
        for exam in course.exams() {
            let of_step: Vec<&Line> = lines.iter().filter(|line| line.step == exam.step).collect();
            // What was not handed in has its notes in its line.
            let entry = results.entries.get(&(student.to_string(), exam.step.to_string()));
            let notes = entry.filter(|entry| entry.handed_in).map(|entry| entry.notes.join("\n"));
            let name = format!("{student}/{}", exam.step);
            suites.push_str(&suite(&name, &of_step, &notes.unwrap_or_default()));
        }
    }
    let mut title =
        if course.title.is_empty() { "socket-labs".into() } else { course.title.clone() };
    if results.unclosed {
        title = format!("{title}: {UNCLOSED}");
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"{}\">\n{suites}</testsuites>\n",
        escaped(&title)
    )
}

/// The suite of a step of a student. The first case says what is to be known of the hand-in.
fn suite(name: &str, lines: &[&Line], notes: &str) -> String {
    let count =
        |verdicts: &[Verdict]| lines.iter().filter(|line| verdicts.contains(&line.verdict)).count();
    let milliseconds: u64 = lines.iter().map(|line| line.milliseconds).sum();
    let mut suite = format!(
        "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{}\">\n",
        escaped(name),
        lines.len(),
        count(&[Verdict::Fail, Verdict::Fragile]),
        count(&[Verdict::Error]),
        count(&[Verdict::Skipped]),
        seconds(milliseconds)
    );
    for (number, line) in lines.iter().enumerate() {
        let notes = match number {
            0 if !notes.is_empty() => format!("<system-out>{}</system-out>", escaped(notes)),
            _ => String::new(),
        };
        let check = line.check.map_or("builds", |check| check.name);
        let _ = write!(
            suite,
            "    <testcase name=\"{check}\" classname=\"{}\" time=\"{}\"",
            escaped(name),
            seconds(line.milliseconds)
        );
        let words = line.words();
        let element = match line.verdict {
            Verdict::Pass if words.is_empty() && notes.is_empty() => {
                suite.push_str("/>\n");
                continue;
            }
            Verdict::Pass if words.is_empty() => {
                let _ = writeln!(suite, ">{notes}</testcase>");
                continue;
            }
            Verdict::Pass | Verdict::Beyond => {
                let advice = escaped(&format!("{}: {words}\n{}", line.verdict, line.story));
                let _ = writeln!(suite, "><system-out>{advice}</system-out>{notes}</testcase>");
                continue;
            }
            Verdict::Fail | Verdict::Fragile => "failure",
            Verdict::Error => "error",
            Verdict::Skipped => "skipped",
        };
        let (kind, message, story) = (line.verdict, escaped(&words), escaped(line.story));
        let _ = writeln!(
            suite,
            "><{element} type=\"{kind}\" message=\"{message}\">\
             {story}</{element}>{notes}</testcase>"
        );
    }
    suite + "  </testsuite>\n"
}

fn seconds(milliseconds: u64) -> String {
    format!("{}.{:03}", milliseconds / 1000, milliseconds % 1000)
}

/// Text within XML. What XML 1.0 cannot hold at all (section 2.2: most control characters, and the
/// two non-characters) is left out; line ends within an attribute would become spaces.
fn escaped(text: &str) -> String {
    let mut xml = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '"' => xml.push_str("&quot;"),
            '\n' | '\t' => xml.push(c),
            '\u{fffe}' | '\u{ffff}' => {}
            c if c < ' ' => {}
            c => xml.push(c),
        }
    }
    xml
}
