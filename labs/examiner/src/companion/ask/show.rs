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
    let (entry, question) = (asked.entry, asked.question);
    let head = format!("Question {}  ·  Lab {}  ·  {}", entry.number, entry.lab, entry.title());
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
        Prediction::Made(letter) => say!("Your prediction: {letter}"),
        Prediction::Skipped => {}
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
        seen.facts.iter().for_each(|fact| say!("{}", shown_fact(screen, fact)));
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
    say!("Read:  {}, step {}", asked.entry.sheet(), asked.question.step);
    match desk::next(progress, Some(asked)) {
        Some(next) => {
            let command = format!("{} ask {}", labs(), next.entry.number);
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

/// How wide the names of facts are.
const NAMES: usize = 44;

/// `connect() with no server      ECONNREFUSED  Connection refused`
fn shown_fact(screen: &Screen, fact: &Fact) -> String {
    let name = printable(fact.name.as_bytes());
    let value = printable(fact.value.as_bytes());
    let text = TABLE.iter().find(|errno| errno.name == value).map(|errno| errno.text);
    let is_error = text.is_some() || value == "timed out";
    let words = match text {
        Some(text) if NAMES + 4 + value.len() + text.len() <= 80 => format!("{value}  {text}"),
        _ => value,
    };
    let label = format!("  {name:NAMES$}");
    let shown = paragraph(&label, &words);
    match shown.strip_prefix(&label) {
        Some(words) if is_error => format!("{label}{}", screen.yellow(words)),
        _ => shown,
    }
}

/// Whether the prediction was right, and where this machine differs from what the course says.
fn verdict(screen: &Screen, document: &Document) -> String {
    let taught = document.taught;
    let says = |letter| format!("{letter}, {}", lower(document.text(letter)));
    let first = match document.stopped() {
        Some(Stopped::CannotRun(reason)) => {
            Some(format!("This machine cannot show it: {}.", printable(reason.as_bytes())))
        }
        Some(Stopped::Broke(reason)) => {
            Some(format!("The experiment broke off: {}.", printable(reason.as_bytes())))
        }
        None => match document.seen {
            Some(seen) if seen == taught => None,
            Some(seen) => {
                let words = format!("Here it was otherwise: this machine shows {}", says(seen));
                Some(words)
            }
            None => Some("Here it was otherwise: this machine shows none of the answers.".into()),
        },
    };
    let second = match (&first, document.predicted) {
        (None, Some(letter)) if letter == taught => format!("You said {letter}, and so it is."),
        (None, Some(letter)) => {
            format!("You said {letter}. Now you have seen it: {}", says(taught))
        }
        (None, None) => format!("So it is {}", says(taught)),
        (Some(_), predicted) => {
            let course = format!("The course says {}", says(taught));
            match predicted {
                Some(letter) => format!("{course} You said {letter}."),
                None => course,
            }
        }
    };
    let mark = match document.was_right {
        Some(true) => screen.green("✓"),
        Some(false) => screen.yellow("~"),
        None => " ".into(),
    };
    let text: Vec<String> =
        first.into_iter().chain([second]).map(|words| paragraph("  ", &words)).collect();
    let text = text.join("\n");
    let text = text.strip_prefix("  ").unwrap_or(&text);
    format!("{mark} {text}")
}

/// A sentence that goes on after a comma.
fn lower(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_lowercase().collect::<String>());
    let is_name =
        text.split(' ').next().is_some_and(|word| word.chars().skip(1).any(char::is_uppercase));
    if is_name { text.to_string() } else { first.unwrap_or_default() + letters.as_str() }
}
