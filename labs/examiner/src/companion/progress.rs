//! The file in which a student's progress is kept: see [`Progress`] for what stands in it.

use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::process;

use examiner::catalogue::Step;
use examiner::progress::LAST;
use socket_labs::error::OrCannot;

use super::checkout::{Checkout, shown};

pub use examiner::progress::{Progress, Standing};

/// Reads the file; where there is none, nothing has been done.
///
/// # Errors
///
/// The file is there and cannot be read.
pub fn load(checkout: &Checkout) -> anyhow::Result<Progress> {
    let file = checkout.progress();
    match fs::read(&file) {
        Ok(text) => Ok(Progress::of_text(&text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Progress::default()),
        Err(error) => Err(error).or_cannot("read", shown(&file))?,
    }
}

/// Writes the whole file beside the old one and puts it in its place, so that it is never half
/// a file.
fn save(progress: &Progress, checkout: &Checkout) -> anyhow::Result<()> {
    let file = checkout.progress();
    let new = PathBuf::from(format!("{}.{}", file.display(), process::id()));
    let written = fs::write(&new, progress.text()).and_then(|()| fs::rename(&new, &file));
    if written.is_err() {
        let _ = fs::remove_file(&new);
    }
    Ok(written.or_cannot("write", shown(&file))?)
}

/// Changes how far the student is with a step. The file is read anew, because another `labs` may
/// have written it since.
///
/// # Errors
///
/// The file cannot be read or written.
pub fn change(
    checkout: &Checkout,
    step: &Step,
    change: impl FnOnce(&mut Standing),
) -> anyhow::Result<Standing> {
    let mut progress = load(checkout)?;
    let before = progress.of(step);
    let mut standing = before.clone();
    change(&mut standing);
    if standing != before {
        progress.put(step.name, &standing.written());
        save(&progress, checkout)?;
    }
    Ok(standing)
}

/// Writes the line that begins with this word anew. The file is read anew, as above.
///
/// # Errors
///
/// The file cannot be read or written.
pub fn set_line(checkout: &Checkout, first: &str, words: &str) -> anyhow::Result<()> {
    let mut progress = load(checkout)?;
    progress.put(first, words);
    save(&progress, checkout)
}

/// Remembers a step as started, and as the one that was started last.
///
/// # Errors
///
/// The file cannot be read or written.
pub fn started(checkout: &Checkout, step: &Step) -> anyhow::Result<()> {
    let mut progress = load(checkout)?;
    let mut standing = progress.of(step);
    standing.started = true;
    progress.put(step.name, &standing.written());
    progress.put(LAST, step.name);
    save(&progress, checkout)
}
