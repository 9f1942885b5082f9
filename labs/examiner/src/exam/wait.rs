//! How the examiner waits: for what a program does, and not for a time.

use std::thread;
use std::time::{Duration, Instant};

use super::processes::{self, Use};

/// The longest look after which the next one may follow at once, and the longest pause between two.
const SHORT_LOOK: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(250);

/// Looks again and again until there is something to see, or the wait is over. A look that is much
/// work for the computer, as one at a table of all sockets may be, leaves as much time to the others.
pub fn until<T>(patience: Duration, mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let mut wait = Wait::of(patience);
    let mut pause = Duration::from_micros(200);
    loop {
        let started = Instant::now();
        if let Some(seen) = look() {
            return Some(seen);
        }
        if wait.is_over() {
            return None;
        }
        let took = started.elapsed();
        let rest = if took > SHORT_LOOK { took.min(LONGEST_PAUSE) } else { pause };
        thread::park_timeout(rest);
        pause = (pause * 2).min(Duration::from_millis(5));
    }
}

/// Lets so much time pass, by the clock: where a time is itself what a program is given, such as an
/// answer that is late. It is no way to wait for something.
pub fn let_pass(time: Duration) {
    let end = Instant::now() + time;
    while let Some(left) = end.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())
    {
        thread::park_timeout(left);
    }
}

/// A wait that is as long on a machine with much other work as on an idle one. By the clock alone, a
/// program that is not given the CPU, or that takes long to start, would be taken for one that does
/// nothing. So a wait is over when its time is up, *and* the examiner has looked often enough in it
/// (where the program hardly runs, nor does the examiner), *and* the program rests: what is still at
/// work may be about to do what is waited for.
pub struct Wait {
    patience: Duration,
    deadline: Instant,
    latest: Instant,
    looks: u32,
    overtime: Option<Overtime>,
}

/// The longest time between two looks on a machine that has nothing else to do.
const LOOK: Duration = Duration::from_millis(20);

/// How many times its patience a wait may last.
const MOST: u32 = 10;

/// So many times in a row a program is seen at rest before it is taken for one that rests: between two
/// short-lived processes of a script there is a moment at which nothing runs.
const RESTS: u32 = 3;

/// What the program has used since its time was up.
struct Overtime {
    start: Use,
    seen: Instant,
    processes: Vec<u32>,
    used: Use,
    rests: u32,
}

impl Wait {
    /// A wait of so long; for a program that is at work, up to ten times of it.
    pub fn of(patience: Duration) -> Wait {
        let now = Instant::now();
        let looks = (patience.as_millis() / LOOK.as_millis()) as u32;
        let (deadline, latest) = (now + patience, now + MOST * patience);
        Wait { patience, deadline, latest, looks, overtime: None }
    }

    /// Whether it is over. Each call is one look.
    pub fn is_over(&mut self) -> bool {
        let now = Instant::now();
        self.looks = self.looks.saturating_sub(1);
        if now < self.deadline || (self.looks > 0 && now < self.latest) {
            return false;
        }
        now >= self.latest || self.rests(now)
    }

    /// Whether the program has done next to nothing for a moment, or has been given as much time of a
    /// CPU as it is waited for: who is busy for so long is busy with something else.
    fn rests(&mut self, now: Instant) -> bool {
        let window = (self.patience / 8).min(Duration::from_millis(50));
        if self.overtime.as_ref().is_some_and(|overtime| now - overtime.seen < window) {
            return false;
        }
        let processes = processes::descendants();
        let Some(used) = processes::usage(&processes) else {
            // Where the system does not tell, a program that is late is given as much time again.
            return now >= self.deadline + self.patience;
        };
        let Some(Overtime { start, seen, processes: others, used: before, rests }) =
            self.overtime.take()
        else {
            self.overtime = Some(Overtime { start: used, seen: now, processes, used, rests: 0 });
            return false;
        };
        let worked =
            used.cpu.saturating_sub(before.cpu) + used.queued.saturating_sub(before.queued);
        let is_idle = used.running == 0 && u128::from(worked) * 10 < (now - seen).as_nanos();
        let rests = if is_idle && processes == others { rests + 1 } else { 0 };
        self.overtime = Some(Overtime { start, seen: now, processes, used, rests });
        let own_time = used.cpu.saturating_sub(start.cpu);
        rests == RESTS || own_time >= self.patience.as_nanos() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_that_is_to_pass_passes() {
        let started = Instant::now();
        let_pass(Duration::from_millis(30));
        assert!(started.elapsed() >= Duration::from_millis(30));
        let_pass(Duration::ZERO);
    }

    #[cfg(target_os = "linux")]
    mod with_programs {
        use std::process::{Child, Command};
        use std::sync::PoisonError;

        use super::*;

        struct Ends(Child);

        impl Drop for Ends {
            fn drop(&mut self) {
                let _ = self.0.kill();
                let _ = self.0.wait();
            }
        }

        fn starts(script: &str) -> Ends {
            Ends(Command::new("sh").args(["-c", script]).spawn().unwrap())
        }

        fn waited(patience: Duration) -> f64 {
            let started = Instant::now();
            assert_eq!(until(patience, || None::<()>), None);
            started.elapsed().as_secs_f64() / patience.as_secs_f64()
        }

        #[test]
        fn who_is_at_work_is_waited_for_and_who_rests_is_not() {
            let _alone = processes::CHILDREN.lock().unwrap_or_else(PoisonError::into_inner);
            let patience = Duration::from_millis(200);
            {
                let _rests = starts("exec sleep 60");
                // It may take a while to start, on a machine that has other work.
                until(Duration::from_secs(5), || (waited(patience) < 4.0).then_some(())).unwrap();
            }
            let _works = starts("while :; do :; done");
            let works = waited(patience);
            assert!(works > 1.9, "a program at work is given time: {works} times");
            assert!(works < 60.0, "and not for ever: {works} times");
        }
    }
}
