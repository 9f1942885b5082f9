//! `labs watch`: examines again whenever the program is saved.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, SystemTime};

use socket_labs::say;

use super::check::Wish;
use super::checkout::shown;
use super::{Checkout, Screen, advice};

/// How often it looks whether something was saved.
const PAUSE: Duration = Duration::from_millis(200);

/// Up to this size a file is compared by its content; a larger one by its time and size.
const SMALL: u64 = 1 << 20;

/// Examines your program whenever you save it. Ctrl-C ends it.
///
/// Example: labs watch echo_server
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    #[command(flatten)]
    wish: Wish,
}

/// What a file was like when it was looked at; `None` where there is no file.
type Look = Option<(u64, SystemTime, Vec<u8>)>;

/// Examines for ever. Every examination has an end, whatever the program does; what goes wrong in
/// one is told, and the next save is waited for.
///
/// # Errors
///
/// There is nothing to examine.
pub fn watch(checkout: &Checkout, args: &Args) -> anyhow::Result<ExitCode> {
    let order = args.wish.order(checkout)?;
    let screen = Screen::new();
    let files = order.files();
    let names: Vec<String> = files.iter().map(|file| shown(file)).collect();
    loop {
        let seen = look(&files);
        if let Err(error) = order.carry_out() {
            advice::tell(&error);
        }
        say!("\nWaiting until you save {} (Ctrl-C ends)", names.join(" or "));
        while look(&files) == seen {
            thread::park_timeout(PAUSE);
        }
        say!("\n{}\n", screen.dim(&"─".repeat(60)));
    }
}

fn look(files: &[PathBuf]) -> Vec<Look> {
    let look = |file: &PathBuf| {
        let about = fs::metadata(file).ok()?;
        let content = if about.len() <= SMALL { fs::read(file).ok()? } else { Vec::new() };
        Some((about.len(), about.modified().unwrap_or(SystemTime::UNIX_EPOCH), content))
    };
    files.iter().map(look).collect()
}
