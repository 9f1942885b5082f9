//! Ctrl-C, and other ways to be asked to end: all that was started ends, and the workplace is removed.

#[cfg(unix)]
mod system {
    use std::path::{Path, PathBuf};
    use std::process;
    use std::thread;
    use std::time::Duration;

    use nix::sys::signal::{SigSet, Signal};

    use crate::exam::private::group;
    use crate::exam::program::until;
    use crate::exam::stop_all;
    use crate::grade::workplace::remove_tree;

    /// The signals, which all threads that are started from now on leave alone.
    pub struct Signals(SigSet);

    impl Signals {
        /// Keeps them from ending this process.
        pub fn catch() -> Signals {
            let mut signals = SigSet::empty();
            for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
                signals.add(signal);
            }
            let _ = signals.thread_block();
            Signals(signals)
        }

        /// When one comes, ends all that was started, removes this folder, and ends this process as a
        /// shell tells it: 128 and the number of the signal.
        pub fn then_remove(self, folder: &Path) {
            let folder: PathBuf = folder.into();
            let wait = move || {
                if let Ok(signal) = self.0.wait() {
                    stop_all();
                    // What was ended may take a moment to leave it.
                    until(Duration::from_secs(10), || {
                        remove_tree(&folder);
                        (!folder.exists()).then_some(())
                    });
                    group::undo();
                    process::exit(128 + signal as i32);
                }
            };
            // Without it, the next run removes what this one leaves.
            let _ = thread::Builder::new().spawn(wait);
        }
    }
}

#[cfg(not(unix))]
mod system {
    use std::path::Path;

    /// Windows ends what is asked to end; the next run cannot tell whose the folder was.
    pub struct Signals;

    impl Signals {
        /// There is nothing to catch.
        pub fn catch() -> Signals {
            Signals
        }

        /// There is nothing to wait for.
        pub fn then_remove(self, _: &Path) {}
    }
}

pub use system::Signals;
