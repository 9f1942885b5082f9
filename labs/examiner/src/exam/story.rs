//! The story of a failure: what was expected, what happened, what was on the wire, what the program
//! printed, and what to try.

use std::fmt::Write;

use socket_labs::bytes::{printable, printable_lines};

use super::output::Output;
use super::transcript::{WIDTH, clip, wrapped};
use super::{Check, Death, Finding, LONGEST_LINE, Scene, Way, hexview, processes};

/// The most lines of each output stream that are shown.
const LINES: usize = 12;

/// How many of them are the last ones, where there are more: the end of an output tells most.
const LAST: usize = 4;

/// Output that is longer, in bytes, is a stream of data: its start is enough.
const LONG: usize = 64 * 1024;

/// What is said of a check that asks for more than the step does.
const BEYOND: &str = "The step does not ask for this, and it costs nothing: it is advice.";

/// Tells the story. No line is wider than 80 columns, and nothing in it moves a terminal's cursor.
pub fn tell(check: &Check, scene: &Scene, finding: &Finding) -> String {
    processes::kill_all(); // so that all that it printed is there
    let mut story = String::new();
    paragraph(&mut story, "expected", check.expects);
    paragraph(&mut story, "happened", &finding.explained());
    if check.is_beyond() {
        paragraph(&mut story, "beyond", BEYOND);
    }
    let _ = writeln!(story, "\n{}", scene.transcript().ladder(scene.step()));
    if let Some((expected, actual)) = &finding.bytes {
        let view = hexview::beside(expected, actual);
        if !view.is_empty() {
            let _ = write!(story, "\n{view}");
        }
    }
    if let Some(fields) = &finding.fields {
        let lines: Vec<String> = fields.lines().map(|line| clip(line, WIDTH)).collect();
        let _ = writeln!(story, "\n{}", lines.join("\n"));
    }
    for (i, program) in scene.programs().iter().enumerate() {
        let which = if scene.programs().len() > 1 {
            format!("program {}", i + 1)
        } else {
            "the program".into()
        };
        printed(&mut story, &format!("{which} printed"), program.stdout());
        printed(&mut story, &format!("{which} printed on standard error"), program.stderr());
    }
    story.push('\n');
    match unwritten_gap(scene) {
        Some(gap) => paragraph(&mut story, "try", &gap),
        None => paragraph(&mut story, "try", &advice(check, finding)),
    }
    story
}

/// What to try. Of a program that has died, its end goes first: what the check itself says of that may
/// be its cause.
fn advice(check: &Check, finding: &Finding) -> String {
    let own = check.own_hint(finding.way);
    if finding.way == Way::Traceback {
        return check.hint(finding.way).into(); // that is about it already
    }
    match (finding.death.as_ref().and_then(Death::advice), own) {
        (Some(of_its_end), Some(own)) => format!("{of_its_end} {own}"),
        (Some(of_its_end), None) => of_its_end.into(),
        (None, _) => check.hint(finding.way).into(),
    }
}

/// The gap that the program came upon, where it is a template with gaps.
fn unwritten_gap(scene: &Scene) -> Option<String> {
    scene.programs().iter().find_map(|program| {
        let text = program.stderr().text();
        let gap = text.split_once("not yet implemented: ")?.1.lines().next()?;
        let gap = gap.split(['.', ':']).next()?; // its name; more may stand behind it
        let gap = clip(&printable(gap.as_bytes()), 40);
        // What another step asks for is left out of a copy that was handed out.
        Some(match gap.strip_prefix("as in ") {
            Some(step) => {
                format!("A part of it is as in {step}: take it from your answer to that.")
            }
            None => format!("{gap} is not written yet."),
        })
    })
}

fn printed(story: &mut String, what: &str, output: &Output) {
    output.wait_for_end(std::time::Duration::from_secs(1));
    let bytes = output.bytes();
    if bytes.is_empty() {
        return;
    }
    let _ = writeln!(story, "\n{what}:");
    let end = bytes.len().min(LONG); // enough for the lines shown
    let text = printable_lines(&bytes[..end]);
    let lines: Vec<&str> = text.lines().collect();
    let mut show = |lines: &[&str]| {
        for line in lines {
            let _ = writeln!(story, "{}", whole(line));
        }
    };
    if end < bytes.len() {
        show(&lines[..lines.len().min(LINES)]);
        show(&["… and more"]);
    } else if lines.len() > LINES {
        show(&lines[..LINES - LAST]);
        show(&["…"]);
        show(&lines[lines.len() - LAST..]);
    } else {
        show(&lines);
    }
}

/// A line that was printed, as it is, or in as many lines as it takes: what a program says of its error
/// is never cut.
fn whole(line: &str) -> String {
    if line.chars().count() <= WIDTH - 4 {
        return format!("  | {line}");
    }
    let indent = line.chars().take_while(|c| *c == ' ').count().min(16);
    let (indent, text) = line.split_at(indent);
    let lines = wrapped(&clip(text, LONGEST_LINE), WIDTH - 8 - indent.len());
    format!("  | {indent}{}", lines.join(&format!("\n  |     {indent}")))
}

/// `name: text`, wrapped, with the lines after the first one indented.
fn paragraph(story: &mut String, name: &str, text: &str) {
    let lines = wrapped(text, WIDTH - 10).join(&format!("\n{:10}", ""));
    let _ = writeln!(story, "{:<10}{lines}", format!("{name}:"));
}
