//! What strangers can cause as often as they like is told at most once a second, with a count.

use std::mem;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::note;

const SECOND: Duration = Duration::from_secs(1);

/// Lets one complaint through a second, and counts those in between.
///
/// `T` is what a complaint is about. The latest is kept, of the others only the number.
#[derive(Debug)]
pub struct Complaints<T> {
    waiting: u64,
    latest: Option<T>,
    last_said: Option<Instant>,
}

impl<T> Complaints<T> {
    /// Nothing to complain of.
    pub const fn none() -> Complaints<T> {
        Complaints { waiting: 0, latest: None, last_said: None }
    }

    /// One more.
    pub fn add(&mut self, complaint: T) {
        self.waiting += 1;
        self.latest = Some(complaint);
    }

    /// How many complaints have come since the last answer, and the latest of them; `None` where
    /// there is none, or where the last answer is less than a second old.
    ///
    /// The clock is asked only if there is something to say.
    pub fn due(&mut self, now: impl FnOnce() -> Instant) -> Option<(u64, T)> {
        self.latest.as_ref()?;
        let now = now();
        let said = self.last_said.map(|said| now.saturating_duration_since(said));
        if said.is_some_and(|ago| ago < SECOND) {
            return None;
        }
        self.last_said = Some(now);
        self.rest()
    }

    /// The same without regard to the time: for the end of a program.
    pub fn rest(&mut self) -> Option<(u64, T)> {
        let latest = self.latest.take()?;
        Some((mem::take(&mut self.waiting), latest))
    }
}

/// The complaints of this program, with what is said of the first one only.
static OURS: Mutex<Complaints<String>> = Mutex::new(Complaints::none());

/// As [`note!`](crate::note), but at most once a second, with how many such lines were left out in
/// between: for what a stranger can cause as often as he likes.
#[macro_export]
macro_rules! complain {
    ($($arg:tt)*) => { $crate::complaints::complain(format!($($arg)*), None) };
}

/// What [`complain!`](crate::complain) calls. The hint is said where the line is said at once.
///
/// The first line of a second is said at once. Of those that follow within it the last is said when
/// the second is over, with their number.
pub fn complain(line: String, hint: Option<&str>) {
    let mut ours = OURS.lock().unwrap_or_else(PoisonError::into_inner);
    let is_first = ours.latest.is_none();
    ours.add(line);
    match ours.due(Instant::now) {
        Some(complaint) => {
            say(complaint);
            if let Some(hint) = hint {
                note!("hint: {hint}");
            }
        }
        // Without a thread they wait for the next complaint, or for the end of the program.
        None if is_first => _ = thread::Builder::new().spawn(say_later),
        None => {}
    }
}

fn say_later() {
    loop {
        let mut ours = OURS.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(complaint) = ours.due(Instant::now) {
            return say(complaint);
        }
        let said = ours.last_said.filter(|_| ours.latest.is_some());
        drop(ours);
        let Some(said) = said else { return }; // another one has said it
        thread::park_timeout((said + SECOND).saturating_duration_since(Instant::now()));
    }
}

/// Says what is still waiting to be said: at the end of a program.
pub fn say_rest() {
    let rest = OURS.lock().unwrap_or_else(PoisonError::into_inner).rest();
    rest.into_iter().for_each(say);
}

fn say((number, line): (u64, String)) {
    match number {
        1 => note!("{line}"),
        _ => note!("{line} (the last of {number} within a second)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_complaint_is_due_at_once_and_the_next_after_a_second() {
        let start = Instant::now();
        let at = |milliseconds| move || start + Duration::from_millis(milliseconds);
        let mut complaints = Complaints::none();
        assert_eq!(complaints.due(|| unreachable!("nothing to say")), None);
        complaints.add("a");
        assert_eq!(complaints.due(at(0)), Some((1, "a")));
        complaints.add("b");
        complaints.add("c");
        assert_eq!(complaints.due(at(999)), None);
        assert_eq!(complaints.due(at(1_000)), Some((2, "c")));
        assert_eq!(complaints.due(at(5_000)), None);
        complaints.add("d");
        assert_eq!(complaints.due(at(5_000)), Some((1, "d")));
    }
}
