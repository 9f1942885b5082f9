//! Errors of the companion: one sentence, and one of what to do.

use std::fmt;
use std::process::ExitCode;

use socket_labs::error::report;
use socket_labs::note;

/// An error that comes with something to do.
#[derive(Debug)]
pub struct Advice {
    sentence: String,
    hint: String,
}

/// `error: SENTENCE`, `hint: HINT`.
pub fn advice(sentence: impl Into<String>, hint: impl Into<String>) -> anyhow::Error {
    Advice { sentence: sentence.into(), hint: hint.into() }.into()
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl std::error::Error for Advice {}

/// Prints an error with its hint, in the form that all programs of the course use.
pub fn tell(error: &anyhow::Error) {
    report(error.as_ref());
    if let Some(advice) = error.downcast_ref::<Advice>() {
        note!("hint: {}", advice.hint);
    }
}

/// Prints an error, and gives the exit code 1.
pub fn finish(error: &anyhow::Error) -> ExitCode {
    tell(error);
    ExitCode::FAILURE
}
