//! A whole examination: every check of a step, as many at once as the machine can bear.

use std::collections::HashMap;
use std::io::ErrorKind;
use std::num::NonZero;
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;

use super::turn;
use super::worker::{self, Task};
use super::{Check, Exam, Report, Submission, Verdict, Way};

/// Examines one check alone, whatever it needs.
pub fn examine_one(exam: &Exam, check: &Check, submission: &Submission, seed: u64) -> Report {
    let task = Task {
        step: exam.step.into(),
        check: check.name.into(),
        command: submission.command.clone(),
        folder: submission.folder.clone(),
        seed,
        closed: submission.closed.clone(),
    };
    let _turn = match turn::take(exam, submission) {
        Ok(turn) => turn,
        Err(taken) => return Report::new(exam.step, check.name, Verdict::Skipped, taken),
    };
    worker::run(&task).unwrap_or_else(|error| {
        if error.kind() == ErrorKind::TimedOut {
            // Every wait of the examiner is bounded: the program has drawn them out.
            let way = Way::Silent;
            let sentence = "The program kept the examiner waiting until the check was cut off.";
            let report = Report::new(exam.step, check.name, check.verdict(way), sentence);
            return Report { way: Some(way), story: format!("happened: {sentence}\n"), ..report };
        }
        Report::new(exam.step, check.name, Verdict::Error, error.to_string())
    })
}

/// Examines every check of a step and tells each report when it is there. The reports returned are
/// in the order of the checks.
pub fn examine(
    exam: &Exam,
    submission: &Submission,
    seed: u64,
    tell: impl Fn(&Report) + Sync,
) -> Vec<Report> {
    let board = Board { state: Mutex::default(), changed: Condvar::new() };
    thread::scope(|scope| {
        for _ in 0..at_once() {
            scope.spawn(|| {
                while let Some(check) = board.next(exam) {
                    let place = Place { board: &board, exam, check };
                    let report = match board.missing(check) {
                        Some(needed) => skipped(exam, check, needed),
                        None => examine_one(exam, check, submission, seed),
                    };
                    tell(&report);
                    place.put(report);
                }
            });
        }
    });
    let mut reports = board.state.into_inner().unwrap_or_else(PoisonError::into_inner).done;
    exam.checks.iter().filter_map(|check| reports.remove(check.name)).collect()
}

/// Checks wait more than they work: twice as many as there are cores.
fn at_once() -> usize {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    (2 * cores).clamp(2, 8)
}

fn skipped(exam: &Exam, check: &Check, needed: &str) -> Report {
    let sentence = format!("It needs {needed}, which did not pass.");
    Report::new(exam.step, check.name, Verdict::Skipped, sentence)
}

/// A check that was taken. Whatever happens to the thread that took it, the others hear of it: they
/// may be waiting for its verdict.
struct Place<'a> {
    board: &'a Board,
    exam: &'a Exam,
    check: &'static Check,
}

impl Place<'_> {
    fn put(self, report: Report) {
        self.board.put(self.check, report);
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            let (step, check) = (self.exam.step, self.check.name);
            let sentence = "The examiner has stopped in this check.";
            self.board.put(self.check, Report::new(step, check, Verdict::Error, sentence));
        }
    }
}

/// Which checks are taken and which are done.
struct Board {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    taken: Vec<&'static str>,
    done: HashMap<&'static str, Report>,
}

impl Board {
    /// The next check whose needs are all known; waits for one. `None` when all are taken.
    fn next(&self, exam: &Exam) -> Option<&'static Check> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let left = exam.checks.iter().filter(|check| !state.taken.contains(&check.name));
            let mut left = left.peekable();
            left.peek()?;
            let ready =
                left.find(|check| check.needs.iter().all(|need| state.done.contains_key(need)));
            if let Some(check) = ready {
                state.taken.push(check.name);
                return Some(check);
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// A check that this one needs and that did not pass.
    fn missing(&self, check: &Check) -> Option<&'static str> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let passed =
            |need: &&&str| state.done.get(**need).is_some_and(|report| report.verdict.is_enough());
        check.needs.iter().find(|need| !passed(need)).copied()
    }

    fn put(&self, check: &Check, report: Report) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.done.insert(check.name, report);
        self.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whoever waits for a check hears of it, although the thread that took it has stopped.
    #[test]
    fn a_thread_that_stops_keeps_nobody_waiting() {
        let exam = crate::steps::exam("echo_server").unwrap();
        let board = Board { state: Mutex::default(), changed: Condvar::new() };
        let first = board.next(exam).unwrap();
        thread::scope(|scope| {
            let stops = scope.spawn(|| {
                let _place = Place { board: &board, exam, check: first };
                std::panic::resume_unwind(Box::new("stopped"));
            });
            assert!(stops.join().is_err());
        });
        let second = board.next(exam).unwrap();
        assert!(second.needs.contains(&first.name));
        assert_eq!(board.missing(second), Some(first.name));
    }
}
