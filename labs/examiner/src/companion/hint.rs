//! `labs hint`: one more hint each time.

use examiner::catalogue::Step;
use socket_labs::say;

use super::advice::advice;
use super::checkout::shown;
use super::screen::paragraph;
use super::{Checkout, Screen, labs, progress};

/// Gives the hints that were given, and one more. After the last one it names the reference.
///
/// # Errors
///
/// No step is named and none was started; the progress cannot be read or written.
pub fn hint(checkout: &Checkout, step: Option<&'static Step>) -> anyhow::Result<()> {
    let step = step_or_last(checkout, step)?;
    let hints = step.lesson.hints;
    if hints.is_empty() {
        say!("{} is no exercise, so there are no hints: read src/bin/{}.rs", step.name, step.name);
        return Ok(());
    }
    let given = progress::load(checkout)?.of(step).hints.min(hints.len());
    let screen = Screen::new();
    let now = (given + 1).min(hints.len());
    for (i, hint) in hints[..now].iter().enumerate() {
        let text = paragraph(&format!("{} of {}  ", i + 1, hints.len()), hint);
        say!("{}", if i < given { screen.dim(&text) } else { text });
    }
    if given < hints.len() {
        progress::change(checkout, step, |standing| standing.hints = now)?;
    }
    match hints.len() - now {
        0 if given == hints.len() => match checkout.whole_reference(step) {
            Some(file) => say!("\nThat is all. The course's own way is in {}", shown(&file)),
            None => say!("\nThat is all."),
        },
        0 => say!("\nThat was the last hint."),
        left => say!("\n{left} more: {} hint {}", labs(), step.name),
    }
    Ok(())
}

/// The step that was named, or the one that was started last.
///
/// # Errors
///
/// There is neither.
pub fn step_or_last(
    checkout: &Checkout,
    step: Option<&'static Step>,
) -> anyhow::Result<&'static Step> {
    if let Some(step) = step {
        return Ok(step);
    }
    let last = progress::load(checkout)?.last();
    last.ok_or_else(|| {
        let hint = format!("begin with one: {} start udp_server", labs());
        advice("no step is named, and none was started yet", hint)
    })
}
