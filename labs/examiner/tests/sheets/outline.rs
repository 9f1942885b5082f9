//! Every lab has its sheet, every step its section, every question its command, and all sheets have
//! the same headings.

use std::path::Path;

use examiner::ask::questions::QUESTIONS;
use examiner::catalogue::{LABS, Lab, Step};

use super::document::{Document, Kind};
use super::links;

/// The headings before the steps, and those after them.
const BEFORE: &[&str] = &["After this lab you can", "The picture", "New words"];
const AFTER: &[&str] = &["If it does not work", "Beside the Python", "What you know now"];

/// What every step has, in this order; `Write it` only what is an exercise.
const RUN_INS: &[&str] =
    &["Run it", "Read it", "Change it", "Break it", "Look from outside", "Write it", "Answer it"];

/// The sheet of a lab, if the document is one.
pub fn lab_of(document: &Document) -> Option<&'static Lab> {
    let number = document.path.strip_prefix("labs/")?.get(..2)?.parse::<u8>().ok()?;
    LABS.iter().find(|lab| lab.number == number)
}

/// The labs that have no sheet.
pub fn missing(documents: &[Document]) -> Vec<String> {
    let has = |lab: &&Lab| {
        documents.iter().any(|document| lab_of(document).is_some_and(|of| of.number == lab.number))
    };
    let missing = LABS.iter().filter(|lab| !has(lab));
    missing
        .map(|lab| {
            format!(
                "lab {} ({}) has no sheet labs/{:02}-…/README.md",
                lab.number, lab.title, lab.number
            )
        })
        .collect()
}

/// What is wrong with the table of contents of the book: it names every document, and nothing else.
pub fn contents(root: &Path, documents: &[Document]) -> Vec<String> {
    let contents = Document::read(root, &root.join("docs/SUMMARY.md"));
    let mut troubles = links::troubles(root, &contents);
    let named: Vec<String> = links::links(&contents)
        .iter()
        .filter_map(|(_, target)| links::below(&contents.path, target).ok())
        .collect();
    let is_named = |document: &&Document| named.contains(&document.path);
    let missing = documents.iter().filter(|document| !is_named(document));
    troubles.extend(
        missing.map(|document| format!("{}:1: it does not name {}", contents.path, document.path)),
    );
    troubles
}

/// What is wrong with the outline of a sheet.
pub fn troubles(document: &Document, lab: &Lab) -> Vec<String> {
    let mut troubles = Vec::new();
    let title = format!("Lab {} · ", lab.number);
    if !document
        .headings
        .first()
        .is_some_and(|first| first.level == 1 && first.text.starts_with(&title))
    {
        troubles.push(format!(
            "{}: the first line should be: # {title}{}",
            document.at(1),
            lab.title
        ));
    }
    for words in ["**Time:**", "**You need:**"] {
        if !document.lines.iter().any(|(kind, line)| *kind == Kind::Text && line.contains(words)) {
            troubles.push(format!("{}: the sheet does not say {words}", document.at(1)));
        }
    }
    let steps = lab
        .steps
        .iter()
        .enumerate()
        .map(|(index, step)| format!("Step {} · `{}`", index + 1, step.name));
    let expected: Vec<String> = BEFORE
        .iter()
        .map(|text| text.to_string())
        .chain(steps)
        .chain(AFTER.iter().map(|text| text.to_string()))
        .collect();
    let there: Vec<(usize, &str)> = document
        .headings
        .iter()
        .filter(|heading| heading.level == 2)
        .map(|heading| (heading.line, heading.text.as_str()))
        .collect();
    for (index, text) in expected.iter().enumerate() {
        let (line, found) =
            there.get(index).copied().unwrap_or((document.lines.len(), "(nothing)"));
        if found != text {
            troubles.push(format!("{}: the headings of a sheet are the same everywhere\nexpected: ## {text}\nhappened: ## {found}", document.at(line)));
            break;
        }
    }
    if let Some((line, text)) = there.get(expected.len()) {
        troubles.push(format!(
            "{}: ## {text} is one heading more than a sheet has",
            document.at(*line)
        ));
    }
    for step in lab.steps {
        section(document, step, &mut troubles);
    }
    if !document
        .blocks
        .iter()
        .any(|block| block.place == "the_picture" && block.language == "mermaid")
    {
        troubles
            .push(format!("{}: under “The picture” there is no mermaid diagram", document.at(1)));
    }
    for question in QUESTIONS.iter().filter(|question| question.lab == lab.number) {
        let number = question.number;
        let is_told = ["", "-q "]
            .iter()
            .any(|quiet| mentions(document, &format!("cargo run {quiet}ask {number}")));
        if !is_told {
            troubles.push(format!(
                "{}: question {number} belongs to lab {}, and the sheet does not say `cargo run ask {number}`",
                document.at(1),
                lab.number
            ));
        }
    }
    troubles
}

fn section(document: &Document, step: &Step, troubles: &mut Vec<String>) {
    let is_it =
        |text: &str| text.starts_with("Step ") && text.ends_with(&format!("`{}`", step.name));
    let Some(position) = document.headings.iter().position(|heading| is_it(&heading.text)) else {
        troubles.push(format!("{}: the step {} has no section", document.at(1), step.name));
        return;
    };
    let start = document.headings[position].line;
    let later = document.headings[position + 1..].iter().find(|heading| heading.level <= 2);
    let end = later.map_or(document.lines.len(), |heading| heading.line - 1);
    let lines = &document.lines[start..end];
    let expected = RUN_INS.iter().filter(|name| **name != "Write it" || step.exercise);
    let mut last = 0;
    for name in expected {
        let begins = format!("**{name}.**");
        // A step may have several: `**Change it: UDP.**`.
        let is_it = |line: &str| {
            line.strip_prefix("**")
                .and_then(|line| line.strip_prefix(name))
                .is_some_and(|rest| rest.starts_with(['.', ':']))
        };
        match lines.iter().position(|(kind, line)| *kind == Kind::Text && is_it(line)) {
            None => troubles.push(format!(
                "{}: the step {} has no paragraph that begins with {begins}",
                document.at(start),
                step.name
            )),
            Some(at) if at < last => troubles.push(format!(
                "{}: {begins} of the step {} should come later: {}",
                document.at(start + at + 1),
                step.name,
                RUN_INS.join(", ")
            )),
            Some(at) => last = at,
        }
    }
    // On every system a student can look from outside.
    for system in ["Linux", "macOS", "Windows"] {
        if !lines.iter().any(|(_, line)| line.contains(system)) {
            troubles.push(format!(
                "{}: the section of {} does not speak of {system}",
                document.at(start),
                step.name
            ));
        }
    }
    let start_command = format!("cargo run start {}", step.name);
    if step.exercise && !lines.iter().any(|(_, line)| has_command(line, &start_command)) {
        troubles.push(format!(
            "{}: the section of {} does not say `{start_command}`",
            document.at(start),
            step.name
        ));
    }
}

fn mentions(document: &Document, command: &str) -> bool {
    document.lines.iter().any(|(_, line)| has_command(line, command))
}

/// Whether a line has a command, and not only the beginning of another: `ask 1` of `ask 12`.
fn has_command(line: &str, command: &str) -> bool {
    line.match_indices(command).any(|(at, _)| {
        let next = line[at + command.len()..].chars().next();
        !next.is_some_and(|c| c.is_alphanumeric() || c == '_')
    })
}
