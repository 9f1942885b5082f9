//! The prompt for a prediction.

use std::io::{self, IsTerminal};

use examiner::ask::Question;
use socket_labs::bytes::printable;
use socket_labs::console;
use socket_labs::note;

/// What the student thinks will happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prediction {
    /// This answer, on the command line.
    Given(char),
    /// This answer, at the prompt.
    Typed(char),
    /// Asked, and none given.
    Skipped,
    /// There is nobody to ask.
    NotAsked,
}

/// How often the student is asked again after what is no answer.
const TRIES: usize = 3;

/// The most bytes of a line that are read. What is longer is no answer, and ends the asking.
const LIMIT: usize = 200;

impl Prediction {
    /// The answer that was predicted.
    pub fn letter(self) -> Option<char> {
        match self {
            Prediction::Given(letter) | Prediction::Typed(letter) => Some(letter),
            Prediction::Skipped | Prediction::NotAsked => None,
        }
    }
}

/// Asks on a terminal. Where there is none, nobody is asked.
///
/// # Errors
///
/// Standard input cannot be read.
pub fn predict(question: &Question) -> anyhow::Result<Prediction> {
    if !io::stdin().is_terminal() {
        return Ok(Prediction::NotAsked);
    }
    let letters: Vec<String> = question.letters().map(String::from).collect();
    let prompt = format!("Your prediction ({}; Enter: just show me): ", letters.join(", "));
    for _ in 0..TRIES {
        let line = console::ask(&prompt, LIMIT)?;
        if line.len() >= LIMIT {
            break; // the rest of that line is not the next answer
        }
        let word = line.trim_ascii().to_ascii_lowercase();
        if word.is_empty() {
            break;
        }
        if let Some(letter) = letter(question, &word) {
            return Ok(Prediction::Typed(letter));
        }
        let word: String = printable(&word).chars().take(20).collect();
        note!("\"{word}\" is no answer here: type one letter.");
    }
    Ok(Prediction::Skipped)
}

/// `b`, `b)`, `b.`: the letter of an answer.
fn letter(question: &Question, word: &[u8]) -> Option<char> {
    let letter = match word {
        [letter] | [letter, b')' | b'.'] => char::from(*letter),
        _ => return None,
    };
    question.letters().find(|one| *one == letter)
}
