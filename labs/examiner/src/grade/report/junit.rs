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
            suites.push_str(&suite(&format!("{student}/{}", exam.step), &of_step));
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

fn suite(name: &str, lines: &[&Line]) -> String {
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
    for line in lines {
        let check = line.check.map_or("builds", |check| check.name);
        let _ = write!(
            suite,
            "    <testcase name=\"{check}\" classname=\"{}\" time=\"{}\"",
            escaped(name),
            seconds(line.milliseconds)
        );
        let element = match line.verdict {
            Verdict::Pass => {
                suite.push_str("/>\n");
                continue;
            }
            Verdict::Beyond => {
                let advice =
                    escaped(&format!("{}: {}\n{}", line.verdict, line.sentence, line.story));
                let _ = writeln!(suite, "><system-out>{advice}</system-out></testcase>");
                continue;
            }
            Verdict::Fail | Verdict::Fragile => "failure",
            Verdict::Error => "error",
            Verdict::Skipped => "skipped",
        };
        let (kind, message, story) = (line.verdict, escaped(&line.sentence), escaped(line.story));
        let _ = writeln!(
            suite,
            "><{element} type=\"{kind}\" message=\"{message}\">{story}</{element}></testcase>"
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
