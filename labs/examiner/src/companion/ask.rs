//! `labs ask`: a question, a prediction, the thing done for real, and why it is so.

mod desk;
mod document;
mod list;
mod prompt;
mod show;
mod standing;

use std::process::ExitCode;

use clap::CommandFactory;
use clap::error::ErrorKind;
use examiner::ask::{self, Entry, Question};
use socket_labs::say;

pub use standing::questions_of;

use super::{Checkout, Screen, labs, nearest};

use desk::Desk;
use document::Document;
use prompt::Prediction;

/// Asks "what happens if …", and then does it for real.
///
/// You predict, it happens, and you see what was observed. Alone, it lists the
/// questions. Without a terminal there is no prompt: give your prediction with
/// --answer, or none, and just see what happens.
///
/// Example: labs ask 3
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// The number of a question, or its name
    #[arg(value_parser = question, conflicts_with = "lab")]
    question: Option<Asked>,

    /// All questions of this lab, one after the other
    #[arg(long, value_parser = lab)]
    lab: Option<u8>,

    /// Your prediction, where you do not want to be asked
    #[arg(long, value_name = "LETTER", requires = "question")]
    answer: Option<char>,

    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

/// A question, and its place in the list.
pub type Asked = &'static Entry;

/// Every question, in the order of the labs.
fn all() -> Vec<Asked> {
    let mut all: Vec<Asked> = ask::QUESTIONS.iter().collect();
    all.sort_by_key(|asked| (asked.lab, asked.number));
    all
}

/// The question of this number or name, for the command line.
fn question(word: &str) -> Result<Asked, String> {
    let all = all();
    let is_it = |asked: &&Asked| asked.key == word || asked.number.to_string() == word;
    if let Some(asked) = all.iter().find(is_it) {
        return Ok(*asked);
    }
    let list = format!("`{} ask` lists them", labs());
    if word.parse::<i64>().is_ok() {
        let numbers = all.iter().map(|asked| asked.number);
        let last = numbers.max().unwrap_or_default();
        return Err(format!("the questions are numbered from 1 to {last}; {list}"));
    }
    Err(match nearest(word, all.iter().map(|asked| asked.key)) {
        Some(near) => format!("there is no such question; did you mean {near}?"),
        None => format!("there is no such question; {list}"),
    })
}

/// A lab that has questions, for the command line.
fn lab(word: &str) -> Result<u8, String> {
    let mut labs: Vec<u8> = all().iter().map(|asked| asked.lab).collect();
    labs.dedup();
    let known = word.parse().ok().filter(|lab| labs.contains(lab));
    known.ok_or_else(|| {
        let labs: Vec<String> = labs.iter().map(u8::to_string).collect();
        format!("the labs with questions are {}", labs.join(", "))
    })
}

/// Asks, or lists. What the student predicts is never an error.
///
/// # Errors
///
/// An experiment cannot be started; the progress cannot be read or written.
pub fn ask(args: &Args) -> anyhow::Result<ExitCode> {
    let desk = Desk::new()?;
    let asked: Vec<Asked> = match (args.question, args.lab) {
        (Some(asked), _) => vec![asked],
        (None, Some(lab)) => all().into_iter().filter(|asked| asked.lab == lab).collect(),
        (None, None) => {
            list::list(&desk, args.json)?;
            return Ok(ExitCode::SUCCESS);
        }
    };
    let mut documents = Vec::new();
    for (i, asked) in asked.iter().enumerate() {
        if i > 0 && !args.json {
            say!("\n{}\n", desk.screen.dim(&"─".repeat(60)));
        }
        let document = one(&desk, asked, args)?;
        documents.extend(args.json.then_some(document));
    }
    match documents.as_slice() {
        [] => {}
        [one] if args.question.is_some() => say!("{}", serde_json::to_string_pretty(one)?),
        all => say!("{}", serde_json::to_string_pretty(all)?),
    }
    Ok(ExitCode::SUCCESS)
}

/// One question, from the prediction to what comes next.
fn one(desk: &Desk, asked: Asked, args: &Args) -> anyhow::Result<Document> {
    let given = args.answer.map(|letter| letter.to_ascii_lowercase());
    if let Some(letter) = given.filter(|given| !asked.question.letters().any(|one| one == *given)) {
        wrong_letter(asked.question, letter);
    }
    let mut prediction = given.map_or(Prediction::NotAsked, Prediction::Given);
    if !args.json {
        show::question(&desk.screen, asked);
        if given.is_none() {
            prediction = prompt::predict(asked.question)?;
        }
    }
    if !args.json {
        show::before(&desk.screen, asked, prediction);
    }
    let seen = {
        let sign = desk.screen.working("the experiment runs", 0);
        let seen = ask::run(asked.number);
        sign.finish_and_clear();
        seen?
    };
    let document = Document::new(asked, prediction.letter(), seen);
    let now = desk.remember(asked, &document)?;
    if !args.json {
        show::after(&desk.screen, asked, &document);
        show::next(&desk.screen, asked, &now);
    }
    Ok(document)
}

/// Wrong usage: the question has no such answer.
fn wrong_letter(question: &Question, letter: char) -> ! {
    let letters: Vec<String> = question.letters().map(String::from).collect();
    let letter = letter.escape_default();
    let sentence = format!("'{letter}' is no answer of this question: {}", letters.join(", "));
    super::Args::command().error(ErrorKind::InvalidValue, sentence).exit()
}
