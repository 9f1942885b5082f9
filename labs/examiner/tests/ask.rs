//! The questions: every experiment is run, several times at once, and each fact is asserted.

#![allow(clippy::unwrap_used)] // in a test, a panic is the answer

#[path = "ask/commands.rs"]
mod commands;
#[path = "companion/desk.rs"]
#[allow(dead_code)] // what only the companion's own tests need
mod desk;
#[path = "ask/first_dozen.rs"]
mod first_dozen;
#[path = "ask/second_dozen.rs"]
mod second_dozen;

use std::path::Path;
use std::sync::Mutex;
use std::thread;

use examiner::ask::{self, Entry, Observation, QUESTIONS, Stopped};

/// What each experiment must observe, whatever else it states.
type Claims = (u8, &'static [(&'static str, &'static str)]);

fn claims() -> impl Iterator<Item = &'static Claims> {
    first_dozen::CLAIMS.iter().chain(second_dozen::CLAIMS)
}

fn observe(entry: &Entry, shared: bool) -> Observation {
    ask::run_by(Path::new(env!("CARGO_BIN_EXE_labs")), entry.number, shared).unwrap()
}

/// Asserts all that is claimed of one run. An experiment that says that it cannot run here is one
/// that the test skips, and says so.
fn holds(entry: &Entry, seen: &Observation) {
    let (key, question) = (entry.key, entry.question);
    if let Some(Stopped::CannotRun(reason)) = &seen.stopped {
        assert!(std::env::var_os("SOCKET_LABS_NO_SKIP").is_none(), "{key} skips: {reason}");
        socket_labs::note!("skipping {key}: {reason}");
        return;
    }
    assert_eq!(seen.stopped, None, "{key}: {seen:#?}");
    let (_, claims) = claims().find(|(number, _)| *number == entry.number).unwrap();
    assert!(!claims.is_empty(), "{key}");
    for (name, value) in *claims {
        assert_eq!(seen.fact(name), Some(*value), "{key}: {name}\n{}", picture(seen));
    }
    for fact in &seen.facts {
        let is_claimed = claims.iter().any(|(name, _)| *name == fact.name);
        assert!(is_claimed, "{key}: nobody asserts {:?} = {:?}", fact.name, fact.value);
    }
    let true_ones = question.true_ones(seen);
    assert_eq!(true_ones, [question.right], "{key}: the answer is decided by what was observed");
    assert!(seen.milliseconds < 20_000, "{key} took {} ms", seen.milliseconds);
}

fn picture(seen: &Observation) -> String {
    let text = |line: ask::Line| line.into_iter().map(|(_, part)| part).collect::<String>();
    let lines: Vec<String> = ask::ladder(seen).into_iter().map(text).collect();
    for line in &lines {
        assert!(line.chars().count() <= 80, "{line}");
        assert!(!line.chars().any(char::is_control), "{line:?}");
    }
    lines.join("\n")
}

/// Runs every experiment so often, so many at a time.
fn run_all(times: usize, at_once: usize, shared: bool) {
    let runs = Mutex::new((0..times).flat_map(|_| QUESTIONS.iter()).collect::<Vec<_>>());
    let next = || runs.lock().unwrap().pop();
    thread::scope(|scope| {
        for _ in 0..at_once {
            scope.spawn(|| {
                while let Some(entry) = next() {
                    let seen = observe(entry, shared);
                    holds(entry, &seen);
                    picture(&seen);
                }
            });
        }
    });
}

#[test]
fn every_experiment_shows_what_the_course_says() {
    run_all(3, 6, false);
}

#[test]
fn it_shows_the_same_in_the_network_that_everybody_shares() {
    run_all(1, 2, true);
}

#[test]
fn every_question_is_claimed_and_well_formed() {
    let numbers: Vec<u8> = QUESTIONS.iter().map(|entry| entry.number).collect();
    assert_eq!(numbers, (1..=25).collect::<Vec<u8>>());
    for entry in QUESTIONS {
        let (key, question) = (entry.key, entry.question);
        assert_eq!(claims().filter(|(number, _)| *number == entry.number).count(), 1, "{key}");
        assert!((3..=4).contains(&question.choices.len()), "{key}");
        assert!(question.letters().any(|letter| letter == question.right), "{key}");
        assert!((1..=3).contains(&question.lanes.len()), "{key}");
        let step = examiner::catalogue::step(question.step).unwrap();
        let lab = examiner::catalogue::LABS.iter().find(|lab| lab.number == entry.lab).unwrap();
        assert!(lab.steps.iter().any(|other| other.name == step.name), "{key}: {}", step.name);
    }
}
