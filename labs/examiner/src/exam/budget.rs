//! What one program that was handed in may use of the computer: time by the clock, and memory.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The time for its build and for all its checks together, whatever is run again in it as well. A right
/// program takes seconds, and on a busy computer a few minutes.
const TIME: Duration = Duration::from_secs(20 * 60);

/// What is begun has this much time at least.
const SHORTEST: Duration = Duration::from_secs(2);

/// Memory of every kind of all processes of one check, in bytes. As many checks as [`super::examine()`] runs at
/// once may have it at the same time.
pub const MEMORY: u64 = 512 << 20;

/// The same of a build, beside which no check runs.
pub const MEMORY_OF_A_BUILD: u64 = 2 << 30;

/// The time of one program. Clones share it.
///
/// It is the outermost of three limits. A wait is over when the program rests, after ten times its patience
/// at the latest; the check it is a part of is cut off before that, when its own time is up; and no check
/// has more time than is left here. Time at which nothing of the program runs, because others have their
/// turn, does not count.
#[derive(Debug, Clone, Default)]
pub struct Budget(Arc<Mutex<Spent>>);

/// Two are the same where they are the time of the same program.
impl PartialEq for Budget {
    fn eq(&self, other: &Budget) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Budget {}

#[derive(Debug, Default)]
struct Spent {
    /// How much of the program runs now, and since when anything does.
    running: usize,
    since: Option<Instant>,
    before: Duration,
}

impl Spent {
    fn left(&self) -> Duration {
        let now = self.since.map_or(Duration::ZERO, |since| since.elapsed());
        TIME.saturating_sub(self.before + now)
    }
}

impl Budget {
    /// Begins a run that takes at most so long, and tells how long it may take: `None` where no time is
    /// left.
    pub fn begin(&self, most: Duration) -> Option<(Running<'_>, Duration)> {
        let mut spent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let left = spent.left();
        if left < SHORTEST {
            return None;
        }
        spent.running += 1;
        spent.since.get_or_insert_with(Instant::now);
        Some((Running(self), most.min(left)))
    }

    /// Whether no time is left.
    pub fn is_spent(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).left() < SHORTEST
    }
}

/// Something that runs, until it is dropped.
pub struct Running<'a>(&'a Budget);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        let mut spent = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        spent.running -= 1;
        if spent.running == 0 {
            let ran = spent.since.take().map_or(Duration::ZERO, |since| since.elapsed());
            spent.before += ran;
        }
    }
}

/// What is said of a check or a build for which no time is left.
pub fn spent() -> String {
    let minutes = TIME.as_secs() / 60;
    format!("The {minutes} minutes that a program has for its build and all its checks are over.")
}

/// What reports say of these limits. Memory is counted on closed machines alone.
pub fn words(closed: bool) -> String {
    let minutes = TIME.as_secs() / 60;
    let time =
        format!("Each program had {minutes} minutes by the clock for its build and all its checks");
    if !closed {
        return time + ".";
    }
    let (check, build) = (MEMORY >> 20, MEMORY_OF_A_BUILD >> 20);
    format!("{time}, {check} MiB of memory for each check, and {build} MiB for its build.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exam::wait::let_pass;

    fn earlier(time: Duration) -> Budget {
        let spent = Spent { before: time, ..Spent::default() };
        Budget(Arc::new(Mutex::new(spent)))
    }

    #[test]
    fn nothing_has_more_time_than_is_left_of_the_whole() {
        let minute = Duration::from_secs(60);
        let given = |budget: Budget| budget.begin(2 * minute).map(|(_running, time)| time).unwrap();
        assert_eq!(given(Budget::default()), 2 * minute);
        let time = given(earlier(TIME - minute));
        assert!(time <= minute && time > minute / 2, "{time:?}");
        let over = earlier(TIME - SHORTEST / 2);
        assert!(over.is_spent() && over.begin(minute).is_none());
    }

    /// What runs side by side is counted once, and a wait for a turn is not.
    #[test]
    fn time_passes_while_something_runs() {
        let started = Instant::now();
        let budget = Budget::default();
        let other = budget.clone();
        let one = budget.begin(TIME).unwrap();
        let two = other.begin(TIME).unwrap();
        let_pass(Duration::from_millis(20));
        drop((one, two));
        let spent = TIME - budget.0.lock().unwrap().left();
        assert!(spent >= Duration::from_millis(20) && spent <= started.elapsed(), "{spent:?}");
        let_pass(Duration::from_millis(20));
        assert_eq!(TIME - other.0.lock().unwrap().left(), spent, "nothing runs");
    }
}
