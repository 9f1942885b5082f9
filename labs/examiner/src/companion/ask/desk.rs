//! The student's place: the screen, and the progress where there is one.

use super::document::Document;
use super::standing::{self, Standing};
use super::{Asked, Checkout, Screen, all};
use crate::companion::{Progress, progress};

/// The student's place.
pub struct Desk {
    pub screen: Screen,
    checkout: Option<Checkout>,
}

impl Desk {
    /// Without a folder of the course there is no progress, and all else works.
    pub fn new() -> anyhow::Result<Desk> {
        Ok(Desk { screen: Screen::new(), checkout: Checkout::find().ok() })
    }

    /// What was answered so far.
    ///
    /// # Errors
    ///
    /// The progress cannot be read.
    pub fn progress(&self) -> anyhow::Result<Progress> {
        self.checkout.as_ref().map_or_else(|| Ok(Progress::default()), progress::load)
    }

    /// Remembers how a question was answered, and gives all that was answered so far.
    ///
    /// # Errors
    ///
    /// The progress cannot be read or written.
    pub fn remember(&self, asked: Asked, document: &Document) -> anyhow::Result<Progress> {
        if let Some(checkout) = &self.checkout {
            standing::remember(checkout, asked.key, document.was_right)?;
        }
        self.progress()
    }
}

/// The question to take next: the first behind this one that was not taken yet, or the first of all;
/// then those whose answer was guessed otherwise.
pub fn next(progress: &Progress, after: Option<Asked>) -> Option<Asked> {
    let all = all();
    let number = after.map(|asked| asked.number);
    let start = all.iter().position(|asked| Some(asked.number) == number);
    let start = start.map_or(0, |start| start + 1);
    let (before, behind) = all.split_at(start);
    let others = || behind.iter().chain(before).filter(|asked| Some(asked.number) != number);
    let find = |wanted| others().find(|asked| Standing::of(progress, asked.key) == wanted).copied();
    find(Standing::New).or_else(|| find(Standing::Tried))
}
