//! How a question was answered so far, as a line of the progress file: `ask:udp_enter first`.

use examiner::ask::QUESTIONS;

use crate::companion::{Checkout, Progress, progress};

/// How a question was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Not taken.
    New,
    /// Taken, and not yet answered right.
    Tried,
    /// Right, but not the first time.
    Later,
    /// Right the first time.
    First,
}

impl Standing {
    /// The word in the progress file.
    pub fn word(self) -> &'static str {
        match self {
            Standing::New => "",
            Standing::Tried => "tried",
            Standing::Later => "later",
            Standing::First => "first",
        }
    }

    /// What the progress tells of the question of this key.
    pub fn of(progress: &Progress, key: &str) -> Standing {
        let words = progress.words(&line(key)).unwrap_or_default();
        let known = [Standing::First, Standing::Later, Standing::Tried];
        let told = known.into_iter().find(|standing| words.contains(&standing.word()));
        told.unwrap_or(Standing::New)
    }

    /// What it is after one more try. Who has only looked has seen the answer.
    fn after(self, was_right: Option<bool>) -> Standing {
        match (self, was_right) {
            (Standing::New, Some(true)) => Standing::First,
            (Standing::New, _) => Standing::Tried,
            (Standing::Tried, Some(true)) => Standing::Later,
            (standing, _) => standing,
        }
    }
}

/// The first word of its line.
fn line(key: &str) -> String {
    format!("ask:{key}")
}

/// Writes down one more try. Words of the line that are not known stay.
///
/// # Errors
///
/// The progress cannot be read or written.
pub fn remember(checkout: &Checkout, key: &str, was_right: Option<bool>) -> anyhow::Result<()> {
    let progress = progress::load(checkout)?;
    let before = Standing::of(&progress, key);
    let now = before.after(was_right);
    if now == before {
        return Ok(());
    }
    let words = progress.words(&line(key)).unwrap_or_default();
    let others = words.into_iter().filter(|word| *word != before.word());
    let words: Vec<&str> = std::iter::once(now.word()).chain(others).collect();
    progress::set_line(checkout, &line(key), &words.join(" "))
}

/// How many questions of a lab were taken, and how many it has. A wrong guess counts as much as a
/// right one: both have seen what happens.
pub fn questions_of(progress: &Progress, lab: u8) -> (usize, usize) {
    let of_lab = QUESTIONS.iter().filter(|entry| entry.lab == lab);
    let taken = of_lab.clone().filter(|entry| Standing::of(progress, entry.key) != Standing::New);
    (taken.count(), of_lab.count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn right_at_first_is_right_without_having_looked() {
        use Standing::*;
        let tries = |tries: &[Option<bool>]| tries.iter().fold(New, |now, one| now.after(*one));
        assert_eq!(tries(&[Some(true)]), First);
        assert_eq!(tries(&[Some(false)]), Tried);
        assert_eq!(tries(&[None, Some(true)]), Later);
        assert_eq!(tries(&[Some(false), Some(false), Some(true), Some(false)]), Later);
        assert_eq!(tries(&[Some(true), Some(false), None]), First);
    }
}
