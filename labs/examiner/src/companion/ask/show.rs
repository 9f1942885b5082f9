//! What the student sees of a question.

use examiner::ask::{Fact, Line, Stopped, Tone, ladder};
use socket_labs::bytes::printable;
use socket_labs::error::TABLE;
use socket_labs::say;

use super::desk;
use super::document::Document;
use super::prompt::Prediction;
use super::{Asked, Screen, labs};
use crate::companion::Progress;
use crate::companion::screen::paragraph;

/// The question and its answers.
pub fn question(screen: &Screen, asked: Asked) {
    let (entry, question) = (asked, asked.question);
    let head = format!("Question {}  ·  Lab {}  ·  {}", entry.number, entry.lab, entry.title);
    say!("{}\n\n{}\n", screen.bold(&paragraph("", &head)), paragraph("", question.asks));
    for (letter, choice) in question.letters().zip(question.choices) {
        say!("{}", paragraph(&format!("  {letter}  "), choice.text));
    }
    say!("");
}

/// What comes before the experiment: the prediction, where nobody typed it, and how long it takes.
pub fn before(screen: &Screen, asked: Asked, prediction: Prediction) {
    match prediction {
        Prediction::NotAsked => {
            let words = "No prediction was made: there is no terminal to ask at, and no --answer.";
            say!("{}", screen.dim(words));
        }
        Prediction::Given(letter) => say!("Your prediction: {letter}"),
        Prediction::Typed(_) | Prediction::Skipped => {}
    }
    if !asked.question.takes.is_empty() {
        say!("{}", screen.dim(&paragraph("", &format!("It takes {}.", asked.question.takes))));
    }
    say!("");
}

/// What was seen, whether the prediction was right, and why it is so.
pub fn after(screen: &Screen, asked: Asked, document: &Document) {
    let seen = &document.observation;
    if !seen.events.is_empty() {
        ladder(seen).into_iter().for_each(|line| say!("{}", painted(screen, line)));
        if !seen.packets {
            let words = "The packets between the calls are seen only on Linux, where an experiment \
                         has a network of its own.";
            say!("{}", screen.dim(&paragraph("", words)));
        }
        say!("");
    }
    if !seen.facts.is_empty() {
        say!("{}", screen.bold("Seen on this machine"));
        let names = seen.facts.iter().map(|fact| fact.name.chars().count());
        let width = names.max().unwrap_or_default().min(NAMES);
        seen.facts.iter().for_each(|fact| say!("{}", shown_fact(screen, fact, width)));
        say!("");
    }
    say!("{}\n", verdict(screen, document));
    say!("{}", screen.bold("Why"));
    let whys: Vec<String> =
        asked.question.explanation.iter().map(|why| paragraph("  ", why)).collect();
    say!("{}\n", whys.join("\n\n"));
    if !asked.question.elsewhere.is_empty() {
        say!("{}", screen.bold("On other systems"));
        say!("{}\n", paragraph("  ", asked.question.elsewhere));
    }
}

/// Where it stands in the sheets, and the question to take next.
pub fn next(screen: &Screen, asked: Asked, progress: &Progress) {
    say!("Read:  {}, step {}", asked.sheet(), asked.question.step);
    match desk::next(progress, Some(asked)) {
        Some(next) => {
            let command = format!("{} ask {}", labs(), next.number);
            say!("Next:  {}", screen.bold(&command));
        }
        None => say!("Next:  you have answered every question right. Ask some of your own."),
    }
}

fn painted(screen: &Screen, line: Line) -> String {
    let paint = |(tone, text): (Tone, String)| match tone {
        Tone::Plain => text,
        Tone::Dim => screen.dim(&text),
        Tone::Strong => screen.bold(&text),
        Tone::Failed => screen.yellow(&text),
        Tone::Wire => screen.cyan(&text),
    };
    line.into_iter().map(paint).collect()
}

/// How wide the names of facts are, at most.
const NAMES: usize = 44;

/// `connect() with no server  ECONNREFUSED (Connection refused)`
fn shown_fact(screen: &Screen, fact: &Fact, width: usize) -> String {
    let name = printable(fact.name.as_bytes());
    let value = printable(fact.value.as_bytes());
    let text = TABLE.iter().find(|errno| errno.name == value).map(|errno| errno.text);
    let is_error = text.is_some() || value == "timed out";
    let value = text.map_or(value.clone(), |text| format!("{value} ({text})"));
    let label = format!("  {name:width$}  ");
    let shown = paragraph(&label, &value);
    match shown.strip_prefix(&label) {
        Some(words) if is_error => format!("{label}{}", screen.yellow(words)),
        _ => shown,
    }
}

/// Whether the prediction was right, and where this machine differs from what the course says.
fn verdict(screen: &Screen, document: &Document) -> String {
    let mark = match document.was_right {
        Some(true) => screen.green("✓"),
        Some(false) => screen.yellow("~"),
        None => " ".into(),
    };
    let sentence = sentence(document);
    let text = paragraph("  ", &sentence);
    let answer = |letter| {
        let text = paragraph(&format!("    {letter}  "), document.text(letter));
        format!("\n{}", screen.bold(&text))
    };
    let answers = match (document.seen, document.predicted) {
        (Some(seen), Some(said)) if seen == said => String::new(),
        (Some(seen), _) => answer(seen),
        (None, _) => answer(document.taught),
    };
    format!("{mark} {}{answers}", text.trim_start())
}

/// What is said of the prediction.
fn sentence(document: &Document) -> String {
    let said = document.predicted.map(|letter| format!("You said {letter}"));
    let taught = document.taught;
    let none = match document.stopped() {
        Some(Stopped::CannotRun(why)) => format!("This machine cannot show it: {why}."),
        Some(Stopped::Broke(why)) => format!("The experiment broke off: {why}."),
        None => "Here it was otherwise: what this machine showed is none of the answers.".into(),
    };
    let none = printable(none.as_bytes());
    match (document.seen, said) {
        (Some(seen), Some(said)) if seen != taught => {
            let course = format!("Here it was otherwise: the course says {taught}.");
            if document.was_right == Some(true) {
                format!("{said}, and on this machine so it is. {course}")
            } else {
                format!("{said}. {course} This is what this machine showed:")
            }
        }
        (Some(seen), None) if seen != taught => {
            format!("Here it was otherwise: the course says {taught}, and this machine showed")
        }
        (Some(_), Some(said)) if document.was_right == Some(true) => {
            format!("{said}, and so it is.")
        }
        (Some(_), Some(said)) => format!("{said}. You have seen what happens instead:"),
        (Some(_), None) => "This is what happens:".into(),
        (None, Some(said)) => format!("{none} {said}. What the course says:"),
        (None, None) => format!("{none} What the course says:"),
    }
}
