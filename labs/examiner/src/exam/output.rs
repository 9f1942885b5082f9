//! What a program prints: kept up to a limit, and read to the end so that the program never waits
//! for a reader.

use std::io::Read;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::program::Wait;
use super::tcp::SLICE;

/// The most that is kept of one stream, in bytes. What comes after it is read and counted.
pub const KEPT: usize = 32 << 20;

/// One stream of output. Clones share it.
#[derive(Clone, Default)]
pub struct Output(Arc<(Mutex<State>, Condvar)>);

#[derive(Default)]
struct State {
    kept: Vec<u8>,
    dropped: u64,
    ended: bool,
}

impl Output {
    /// Collects what comes from a stream, in a thread of its own.
    pub fn of(mut stream: impl Read + Send + 'static) -> Output {
        let output = Output::default();
        let shared = output.clone();
        thread::spawn(move || {
            let mut buffer = vec![0; 64 * 1024];
            loop {
                // A terminal whose program has gone answers EIO: that is its end of stream.
                let length = stream.read(&mut buffer).unwrap_or(0);
                let mut state = shared.state();
                let room = (KEPT - state.kept.len()).min(length);
                state.kept.extend_from_slice(&buffer[..room]);
                state.dropped += (length - room) as u64;
                state.ended = length == 0;
                shared.0.1.notify_all();
                if state.ended {
                    return;
                }
            }
        });
        output
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All that was kept so far.
    pub fn bytes(&self) -> Vec<u8> {
        self.state().kept.clone()
    }

    /// The same as text; what is not UTF-8 is replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.state().kept).into_owned()
    }

    /// How many bytes came beyond those kept.
    pub fn dropped(&self) -> u64 {
        self.state().dropped
    }

    /// Waits until what was printed fits, the stream has ended, or the time is up. Tells whether it
    /// fits.
    pub fn wait_for(&self, patience: Duration, fits: impl Fn(&[u8]) -> bool) -> bool {
        let mut wait = Wait::of(patience);
        let mut state = self.state();
        loop {
            if fits(&state.kept) {
                return true;
            }
            if state.ended || wait.is_over() {
                return false;
            }
            state = self.0.1.wait_timeout(state, SLICE).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Waits until the stream has ended: all that a program printed is there.
    pub fn wait_for_end(&self, patience: Duration) {
        let deadline = Instant::now() + patience;
        let mut state = self.state();
        while !state.ended {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            state = self.0.1.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// Whether a program showed its insides in place of a sentence: a Python traceback, a panic of Rust
/// or Go, an exception of Java or JavaScript.
pub fn is_traceback(text: &str) -> bool {
    let starts = |mark: &str| text.lines().any(|line| line.trim_start().starts_with(mark));
    starts("Traceback (most recent call last)")
        || text.contains("panicked at ")
        || starts("stack backtrace:")
        || starts("goroutine 1 [")
        || starts("Exception in thread ")
        || text.contains("\n    at ") // Node.js
        || text.contains("\n\tat ") // Java
}
