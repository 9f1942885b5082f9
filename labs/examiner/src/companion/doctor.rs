//! `labs doctor`: what this machine offers to the examiner.

use std::env;
use std::num::NonZero;
use std::process::Command;
use std::thread;

use examiner::exam::private::advice;
use examiner::exam::{here, search, worker};
use socket_labs::say;

use super::screen::paragraph;

/// A tool that the course can make use of, and for what.
const TOOLS: &[(&str, &str)] = &[
    (search::PYTHON, "answers in Python, and the tests of the course"),
    ("cc", "answers in C"),
    ("rustc", "answers in Rust"),
    ("strace", "the calls of a program"),
    ("bwrap", "not needed: the examiner makes its private machines itself"),
];

/// Says what works here and what does not, and what to do about it.
pub fn doctor() {
    let (private, closed) = (worker::is_private().is_ok(), worker::closes());
    say!("system             {} {}", env::consts::OS, env::consts::ARCH);
    say!("cores              {}", thread::available_parallelism().map_or(1, NonZero::get));
    say!("private network    {}", yes(private));
    say!("closed file system {}", yes(closed.is_ok()));
    for (tool, what) in TOOLS {
        let found =
            find(tool).map_or_else(|| "not found".into(), |path| path.display().to_string());
        say!("{tool:18} {found} ({what})");
    }
    match (private, &closed) {
        (true, Ok(())) => {
            say!(
                "\nEvery check has a machine of its own: a network with loopback alone, its own process"
            );
            say!("numbers and files. Fixed ports never clash, and no packet leaves this computer.");
        }
        (true, Err(reason)) => {
            say!(
                "\nEvery check has a network of its own, but `labs grade` cannot close this computer to"
            );
            say!("the programs of others: {reason}");
        }
        (false, _) => {
            say!(
                "\nThere are no private networks here. Checks run on the loopback network of this"
            );
            say!("computer: programs with a fixed port take turns, names cannot be given to the");
            say!("examiner's servers, and programs of others are limited but not shut in.");
            say!("{}", advice());
            if let Some(limits) = here::limits() {
                say!("\n{}", paragraph("", limits));
            }
        }
    }
}

fn yes(is_so: bool) -> &'static str {
    if is_so { "yes" } else { "no" }
}

fn find(tool: &str) -> Option<std::path::PathBuf> {
    let found = search::program(tool)?;
    // A shim may stand for a tool that is not installed.
    Command::new(&found).arg("--version").output().ok()?.status.success().then_some(found)
}
