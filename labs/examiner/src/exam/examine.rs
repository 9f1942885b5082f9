//! A whole examination: every check of a step, as many at once as the machine can bear.

use std::collections::HashMap;
use std::io::ErrorKind;
use std::num::NonZero;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::thread;
use std::time::{Duration, Instant};

use super::budget::Budget;
use super::processes;
use super::turn;
use super::worker::{self, Task};
use super::{Check, Exam, Report, Submission, Verdict, Way};

/// How often a check is run again in which the examiner had trouble of its own.
const AGAIN: usize = 2;

/// The most time for which the checks of a step may have the computer alone, to be run again.
const ALONE: Duration = Duration::from_secs(60);

/// What runs in workers runs beside others, who hold this together. What is run again holds it alone.
static ROOM: RwLock<()> = RwLock::new(());

/// The processes and threads that a check is given, with those of the examiner in it: a program with more
/// than 150 is ended.
const PROCESSES_OF_A_CHECK: usize = 200;

/// Places for checks: as many as this computer has processes for, so that nobody's program meets a full
/// table because of another's.
struct Seats {
    taken: Mutex<usize>,
    free: Condvar,
}

static SEATS: Seats = Seats { taken: Mutex::new(0), free: Condvar::new() };

impl Seats {
    fn all() -> usize {
        static ALL: OnceLock<usize> = OnceLock::new();
        let seats = || processes::limit().map_or(usize::MAX, |limit| limit / PROCESSES_OF_A_CHECK);
        *ALL.get_or_init(|| seats().max(1))
    }

    fn take(&'static self) -> Seat {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        while *taken >= Seats::all() {
            taken = self.free.wait(taken).unwrap_or_else(PoisonError::into_inner);
        }
        *taken += 1;
        Seat(self)
    }
}

/// A place that was taken.
struct Seat(&'static Seats);

impl Drop for Seat {
    fn drop(&mut self) {
        *self.0.taken.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        self.0.free.notify_one();
    }
}

/// Whether nothing is to be run any more.
static STOPPED: AtomicBool = AtomicBool::new(false);

/// Ends all that runs in workers, and lets nothing be run from now on: whoever wants to, waits until this
/// process has ended. What was cut off so has no result.
pub fn stop_all() {
    STOPPED.store(true, Ordering::SeqCst);
    loop {
        processes::kill_all();
        if let Ok(room) = ROOM.try_write() {
            std::mem::forget(room);
            return;
        }
        thread::park_timeout(Duration::from_millis(1));
    }
}

/// Goes no further where nothing is to be run any more.
pub fn wait_if_stopped() {
    while STOPPED.load(Ordering::SeqCst) {
        thread::park();
    }
}

/// Runs something beside all else, and as long as its result does not count yet, again and alone: what
/// was short, such as memory, processes or time, is there then. `counts` says what a result comes to;
/// `alone` is how much time there is for that.
fn steadily_for<T, R>(
    alone: &TimeAlone,
    run: impl Fn() -> T,
    mut counts: impl FnMut(T) -> Option<R>,
) -> R {
    let mut room = Room::beside();
    loop {
        let started = Instant::now();
        let result = run();
        let took = started.elapsed();
        if room.is_alone() {
            alone.spend(took);
        }
        drop(room);
        wait_if_stopped();
        if let Some(result) = counts(result) {
            return result;
        }
        room = Room::again(alone, took);
    }
}

/// Runs something, and where the examiner had trouble in it, again and alone.
pub fn steadily<T>(run: impl Fn() -> T, is_trouble: impl Fn(&T) -> bool) -> T {
    let mut left = AGAIN;
    steadily_for(&TimeAlone::default(), run, |result| {
        if !is_trouble(&result) || left == 0 {
            return Some(result);
        }
        left -= 1;
        None
    })
}

/// Where something is run: in a place beside others, or with nobody else in the room.
enum Room {
    Beside { _seat: Seat, _held: RwLockReadGuard<'static, ()> },
    Alone { _held: RwLockWriteGuard<'static, ()> },
}

impl Room {
    fn beside() -> Room {
        let _seat = SEATS.take();
        Room::Beside { _seat, _held: ROOM.read().unwrap_or_else(PoisonError::into_inner) }
    }

    fn alone() -> Room {
        Room::Alone { _held: ROOM.write().unwrap_or_else(PoisonError::into_inner) }
    }

    /// Where something is run again that took so long: alone, while there is time for that.
    fn again(alone: &TimeAlone, took: Duration) -> Room {
        if alone.has(took) { Room::alone() } else { Room::beside() }
    }

    fn is_alone(&self) -> bool {
        matches!(self, Room::Alone { .. })
    }
}

/// The time for which the checks of one step have had the room alone, in milliseconds. All others wait
/// meanwhile, so there is an end to it: what is run again after that, is run beside others.
#[derive(Default)]
struct TimeAlone(AtomicU64);

impl TimeAlone {
    fn has(&self, time: Duration) -> bool {
        let spent = Duration::from_millis(self.0.load(Ordering::Relaxed));
        spent + time <= ALONE
    }

    fn spend(&self, time: Duration) {
        self.0.fetch_add(time.as_millis() as u64, Ordering::Relaxed);
    }
}

/// What the runs of one check come to.
struct Runs {
    /// Whether a check that did not pass is run again before that counts.
    confirms: bool,
    errors: usize,
    first: Option<Report>,
}

impl Runs {
    fn new(confirms: bool) -> Runs {
        Runs { confirms, errors: 0, first: None }
    }

    /// The report that counts, where this one was the last that it takes.
    fn add(&mut self, report: Report) -> Option<Report> {
        let is_lost = matches!(report.verdict, Verdict::Fail | Verdict::Fragile);
        match self.first.take() {
            first if report.verdict == Verdict::Error => {
                self.first = first;
                self.errors += 1;
                (self.errors > AGAIN).then_some(report)
            }
            Some(first) => Some(better(first, report)),
            None if self.confirms && is_lost => {
                self.first = Some(report);
                None
            }
            None => Some(report),
        }
    }
}

/// Of two runs of one check the better one, which says so where they differ. Where they do not, the
/// second: nothing disturbed it.
fn better(first: Report, second: Report) -> Report {
    if first.verdict == second.verdict {
        return second;
    }
    let is_better = second.verdict < first.verdict;
    let (better, worse) = if is_better { (second, first) } else { (first, second) };
    let way = worse.way.map(|way| format!(" {way}")).unwrap_or_default();
    let unstable = Some(format!("{}{way}: {}", worse.verdict, worse.sentence));
    Report { unstable, ..better }
}

/// Examines one check by itself, whatever it needs.
pub fn examine_one(exam: &Exam, check: &Check, submission: &Submission, seed: u64) -> Report {
    Examination { exam, submission, seed, confirms: false, alone: TimeAlone::default() }.run(check)
}

/// The examination of one step.
struct Examination<'a> {
    exam: &'a Exam,
    submission: &'a Submission,
    seed: u64,
    confirms: bool,
    alone: TimeAlone,
}

impl Examination<'_> {
    /// Runs a check until its report counts.
    fn run(&self, check: &Check) -> Report {
        let mut runs = Runs::new(self.confirms);
        let run = || examine_once(self.exam, check, self.submission, self.seed);
        steadily_for(&self.alone, run, |report| runs.add(report))
    }
}

fn examine_once(exam: &Exam, check: &Check, submission: &Submission, seed: u64) -> Report {
    let task = Task {
        step: exam.step.into(),
        check: check.name.into(),
        command: submission.command.clone(),
        folder: submission.folder.clone(),
        seed,
        closed: submission.closed.clone(),
        limit: worker::LIMIT,
    };
    let _turn = match turn::take(exam, submission) {
        Ok(turn) => turn,
        Err(taken) => return Report::new(exam.step, check.name, Verdict::Skipped, taken),
    };
    let report = worker::run_within(submission, task).unwrap_or_else(|error| {
        if error.kind() == ErrorKind::TimedOut {
            // Every wait of the examiner is bounded: the program has drawn them out.
            let way = Way::Silent;
            let is_spent = submission.budget.as_ref().is_some_and(Budget::is_spent);
            let cut_off = "The program kept the examiner waiting until the check was cut off.";
            let sentence = if is_spent { error.to_string() } else { cut_off.into() };
            let story = format!("happened: {sentence}\n");
            let report = Report::new(exam.step, check.name, check.verdict(way), sentence);
            return Report { way: Some(way), story, ..report };
        }
        Report::new(exam.step, check.name, Verdict::Error, error.to_string())
    });
    report.shown()
}

/// Examines every check of a step and tells each report when it is there. The reports returned are
/// in the order of the checks.
pub fn examine(
    exam: &Exam,
    submission: &Submission,
    seed: u64,
    tell: impl Fn(&Report) + Sync,
) -> Vec<Report> {
    let alone = TimeAlone::default();
    Examination { exam, submission, seed, confirms: false, alone }.run_all(tell)
}

/// Examines every check of a step for a grade: what does not pass is run a second time, alone, before it
/// counts. Where the two differ, the better one counts and says so.
pub fn examine_twice(exam: &Exam, submission: &Submission, seed: u64) -> Vec<Report> {
    let alone = TimeAlone::default();
    Examination { exam, submission, seed, confirms: true, alone }.run_all(|_| ())
}

impl Examination<'_> {
    fn run_all(&self, tell: impl Fn(&Report) + Sync) -> Vec<Report> {
        let exam = self.exam;
        let board = Board { state: Mutex::default(), changed: Condvar::new() };
        thread::scope(|scope| {
            for _ in 0..at_once() {
                scope.spawn(|| {
                    while let Some(check) = board.next(exam) {
                        let place = Place { board: &board, exam, check };
                        let report = match board.missing(check) {
                            Some(needed) => skipped(exam, check, needed),
                            None => self.run(check),
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
}

/// Checks wait more than they work: twice as many as there are cores. Where it is work to look for
/// processes and sockets, as many as there are cores.
fn at_once() -> usize {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let for_each = if cfg!(target_os = "linux") { 2 } else { 1 };
    (for_each * cores).clamp(2, 8)
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

    /// A check that this one needs and that did not pass. Of one in which the examiner had trouble
    /// nobody knows: what needs it is examined all the same, and not lost with it.
    fn missing(&self, check: &Check) -> Option<&'static str> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let is_there = |need: &&&str| {
            let verdict = state.done.get(**need).map(|report| report.verdict);
            verdict.is_some_and(|verdict| verdict.is_enough() || verdict == Verdict::Error)
        };
        check.needs.iter().find(|need| !is_there(need)).copied()
    }

    fn put(&self, check: &Check, report: Report) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.done.insert(check.name, report);
        self.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    /// Trouble that goes is no trouble; what stays is tried three times in all.
    #[test]
    fn trouble_is_tried_again_and_not_without_end() {
        for (goes_at, tries) in [(1, 1), (2, 2), (3, 3), (9, 3)] {
            let tried = AtomicUsize::new(0);
            let run = || tried.fetch_add(1, Ordering::Relaxed) + 1;
            assert_eq!(steadily(run, |number| *number < goes_at), tries);
        }
    }

    /// What does not pass is run again, and the better one counts; an error is no run of that kind.
    #[test]
    fn what_does_not_pass_is_confirmed() {
        use Verdict::*;
        let settled = |confirms: bool, verdicts: &[Verdict]| {
            let next = AtomicUsize::new(0);
            let run = || {
                let verdict = verdicts[next.fetch_add(1, Ordering::Relaxed)];
                Report::new("step", "check", verdict, "as it was")
            };
            let mut runs = Runs::new(confirms);
            let report = steadily_for(&TimeAlone::default(), run, |report| runs.add(report));
            assert_eq!(next.into_inner(), verdicts.len(), "{verdicts:?}");
            (report.verdict, report.unstable)
        };
        let was = |verdict| Some(format!("{verdict}: as it was"));
        for (verdicts, verdict, unstable) in [
            (&[Pass][..], Pass, None),
            (&[Beyond], Beyond, None),
            (&[Skipped], Skipped, None),
            (&[Fail, Fail], Fail, None),
            (&[Fragile, Fragile], Fragile, None),
            (&[Fail, Pass], Pass, was(Fail)),
            (&[Fragile, Fail], Fragile, was(Fail)),
            (&[Fail, Skipped], Fail, was(Skipped)),
            (&[Error, Pass], Pass, None),
            (&[Error, Fail, Fail], Fail, None),
            (&[Fail, Error, Fail], Fail, None),
            (&[Error, Fail, Error, Pass], Pass, was(Fail)),
            (&[Error, Error, Error], Error, None),
            (&[Fail, Error, Error, Error], Error, None),
        ] {
            assert_eq!(settled(true, verdicts), (verdict, unstable), "{verdicts:?}");
        }
        for verdict in [Pass, Fragile, Fail] {
            assert_eq!(settled(false, &[verdict]), (verdict, None), "a student is told at once");
        }
    }

    /// A program that fails slowly in everything has its neighbours wait for a minute and no longer.
    #[test]
    fn the_time_alone_has_an_end() {
        let alone = TimeAlone::default();
        let seconds = Duration::from_secs;
        assert!(alone.has(seconds(60)) && !alone.has(seconds(61)));
        alone.spend(seconds(50));
        assert!(alone.has(seconds(10)) && !alone.has(seconds(11)));
        assert!(Room::again(&alone, seconds(10)).is_alone());
        assert!(!Room::again(&alone, seconds(11)).is_alone());
    }

    /// A dependant of a check is lost with one that failed, and not with one that is an error.
    #[test]
    fn an_error_takes_no_other_check_with_it() {
        let exam = crate::steps::exam("echo_server").unwrap();
        let (first, second) = (&exam.checks[0], &exam.checks[1]);
        assert!(second.needs.contains(&first.name));
        for (verdict, missing) in [
            (Verdict::Pass, None),
            (Verdict::Beyond, None),
            (Verdict::Fragile, None),
            (Verdict::Error, None),
            (Verdict::Fail, Some(first.name)),
            (Verdict::Skipped, Some(first.name)),
        ] {
            let board = Board { state: Mutex::default(), changed: Condvar::new() };
            board.put(first, Report::new(exam.step, first.name, verdict, ""));
            assert_eq!(board.missing(second), missing, "{verdict}");
        }
    }

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
        assert_eq!(board.missing(second), None, "an error is no failure");
    }
}
