//! The questions of the course: "what happens if …". Each is a runnable experiment: the student
//! predicts, the thing is done with real sockets, and what was observed decides which answer is right.
//!
//! # How to add a question
//!
//! 1. Write a file `ask/questions/KEY.rs` with one `pub const KEY: Question` (or a few that belong
//!    together), and add `mod KEY;` to [`questions`].
//! 2. Put it into the one list, `questions/mod.rs`: the next number, the lab, a key, and a title. The
//!    command line, the map, the progress file and the tests take it from there.
//! 3. An experiment is a function of a [`Trial`]. `trial.tcp("client")` gives a [`Sock`]: each of its
//!    methods makes one socket call and writes it down, with the time and the result, in the column of
//!    that name. A call that is *meant* to fail is not followed by `?`; what it gave becomes a fact:
//!
//!    ```ignore
//!    fn experiment(trial: &mut Trial) -> Outcome {
//!        let place = trial.address(12000)?;      // the lab's port, and nobody is there
//!        let client = trial.tcp("client")?;
//!        let refused = client.connect(place);    // written down; not `?`: we want to see it
//!        trial.fact("connect() with no server", value(&refused));
//!        Ok(())
//!    }
//!    ```
//! 4. Every [`Choice`] says in `means` which facts would make it true. So the observation itself picks
//!    the right one. `right` is what the course teaches; where this machine shows something else, the
//!    student is told so. A choice with no `means` can never be observed.
//! 5. Add the facts to the table in `tests/ask.rs`. It runs every experiment several times at once, in
//!    a private network and in the shared one.
//!
//! Rules: no root; no fixed sleeps ([`Trial::until`] waits for a thing to happen); every wait is finite
//! ([`PATIENCE`], or [`Sock::timeout`]); ports come from [`Trial::address`]; nothing is left behind. What
//! cannot run here returns [`Stop::CannotRun`] with a reason in one sentence. The exercises of `src/bin` are
//! empty in a handout, so an experiment makes the calls itself.

mod ladder;
mod observation;
#[doc(hidden)] // what reads packets is fuzzed
pub mod packets;
pub mod questions;
mod record;
mod run;
mod sock;
mod trial;

use std::time::Duration;

pub use ladder::{Line, Tone, ladder};
pub use observation::{Event, Fact, Observation, Stopped, What};
pub use questions::QUESTIONS;
pub use run::{enter_if_asked, run, run_by};
pub use sock::{Sock, value};
pub use trial::Trial;

/// How long an experiment waits for what it expects. It is waited out only where something else
/// happens than the course says.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// A place in the list of questions.
pub struct Entry {
    /// 1 to 25, as the sheets name it.
    pub number: u8,
    /// The lab that it belongs to.
    pub lab: u8,
    /// Its short name, by which progress is kept.
    pub key: &'static str,
    /// The question.
    pub question: &'static Question,
    /// What happens if …, in a few words.
    pub title: &'static str,
}

/// A question, its answers, and the experiment that decides between them.
pub struct Question {
    /// The step of the sheet where it belongs.
    pub step: &'static str,
    /// The question, in one to three sentences.
    pub asks: &'static str,
    /// Three or four answers; the first is `a`.
    pub choices: &'static [Choice],
    /// The letter of the answer that the course teaches.
    pub right: char,
    /// Who takes part, from left to right: the columns of the ladder, at most three.
    pub lanes: &'static [&'static str],
    /// How long it takes and what it waits for; empty where it is done at once.
    pub takes: &'static str,
    /// Does the thing.
    pub experiment: fn(&mut Trial) -> Outcome,
    /// Why it is so: a few short paragraphs.
    pub explanation: &'static [&'static str],
    /// How macOS and Windows differ; empty where they do not.
    pub elsewhere: &'static str,
}

/// One of the answers to choose from.
pub struct Choice {
    /// What it says.
    pub text: &'static str,
    /// The facts that would be observed if it were true.
    pub means: &'static [(&'static str, &'static str)],
}

/// An answer, and the facts that would make it true.
pub const fn choice(text: &'static str, means: &'static [(&'static str, &'static str)]) -> Choice {
    Choice { text, means }
}

/// What an experiment ends with.
pub type Outcome<T = ()> = Result<T, Stop>;

/// Why an experiment did not come to its end.
#[derive(Debug)]
pub enum Stop {
    /// This machine cannot do it, for this reason.
    CannotRun(String),
    /// A call failed that should not have.
    Broke(String),
}

impl From<std::io::Error> for Stop {
    fn from(error: std::io::Error) -> Stop {
        Stop::Broke(sock::name_of(&error))
    }
}

impl Entry {
    /// The sheet of its lab, from the top of the course.
    pub fn sheet(&self) -> &'static str {
        match self.lab {
            0 => "labs/00-toolbox/README.md",
            1 => "labs/01-names/README.md",
            2 => "labs/02-first-pair/README.md",
            3 => "labs/03-ntp/README.md",
            4 => "labs/04-http/README.md",
            5 => "labs/05-server/README.md",
            6 => "labs/06-echo/README.md",
            _ => "labs/07-mandela/README.md",
        }
    }
}

impl Question {
    /// The letters of its answers, from `a` on.
    pub fn letters(&self) -> impl Iterator<Item = char> + '_ {
        ('a'..).take(self.choices.len())
    }

    /// The answers that the observation makes true. One, where all is as the course says.
    pub fn true_ones(&self, seen: &Observation) -> Vec<char> {
        let holds = |choice: &Choice| {
            !choice.means.is_empty()
                && choice.means.iter().all(|(name, value)| seen.fact(name) == Some(value))
        };
        let letters = self.letters().zip(self.choices);
        letters.filter(|(_, choice)| holds(choice)).map(|(letter, _)| letter).collect()
    }
}

/// The entry of this number.
pub fn entry(number: u8) -> Option<&'static Entry> {
    QUESTIONS.iter().find(|entry| entry.number == number)
}
