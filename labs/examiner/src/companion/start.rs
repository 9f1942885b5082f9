//! `labs start` and `labs reset`: the student's copy of a program.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use examiner::catalogue::Step;
use socket_labs::error::OrCannot;
use socket_labs::say;

use super::advice::advice;
use super::checkout::shown;
use super::screen::paragraph;
use super::template::{gaps, template};
use super::{Checkout, labs, progress};

/// Writes the student's copy of an exercise, unless there is one.
///
/// # Errors
///
/// A file cannot be read or written.
pub fn start(checkout: &Checkout, step: &'static Step) -> anyhow::Result<()> {
    if !step.exercise {
        no_exercise(step);
        return Ok(());
    }
    let (answer, text) = (checkout.answer(step), copy(checkout, step)?);
    match write_new(&answer, &text) {
        Ok(()) => say!("{} is yours now.", shown(&answer)),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            say!("{} is there already, and stays as it is.", shown(&answer));
            say!("To begin anew: {} reset {}", labs(), step.name);
        }
        Err(error) => Err(error).or_cannot("write", shown(&answer))?,
    }
    progress::started(checkout, step)?;
    let answer = fs::read_to_string(&answer).unwrap_or_default();
    say!("\n{}", what_to_do(checkout, step, &answer));
    Ok(())
}

/// Writes the student's copy anew, and keeps the old one beside it.
///
/// # Errors
///
/// A file cannot be read or written. The old one is there in any case.
pub fn reset(checkout: &Checkout, step: &'static Step) -> anyhow::Result<()> {
    if !step.exercise {
        no_exercise(step);
        return Ok(());
    }
    let (answer, text) = (checkout.answer(step), copy(checkout, step)?);
    if answer.exists() {
        let kept = free_name(&answer).or_cannot("keep", shown(&answer))?;
        fs::rename(&answer, &kept).or_cannot("keep", shown(&answer))?;
        say!("Your file is kept as {}.", shown(&kept));
    }
    write_new(&answer, &text).or_cannot("write", shown(&answer))?;
    say!("{} is new.", shown(&answer));
    progress::started(checkout, step)?;
    say!("\n{}", what_to_do(checkout, step, &text));
    Ok(())
}

fn copy(checkout: &Checkout, step: &Step) -> anyhow::Result<String> {
    let file = checkout.reference(step);
    let reference = fs::read_to_string(&file).or_cannot("read", shown(&file))?;
    template(&reference, step, labs()).ok_or_else(|| {
        let sentence = format!("{} has a gap without an end", shown(&file));
        advice(sentence, "write the line `// END GAP` behind the gap, or get the file anew")
    })
}

/// Writes a file that is not there yet.
fn write_new(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    File::create_new(path)?.write_all(text.as_bytes())
}

/// The first of `FILE.1`, `FILE.2`, … that is not there, taken at once, so that no other `labs`
/// gets it too. Cargo builds none of them: their names do not end in `.rs`.
fn free_name(file: &Path) -> io::Result<PathBuf> {
    let mut number = 1;
    loop {
        let name = PathBuf::from(format!("{}.{number}", file.display()));
        match OpenOptions::new().write(true).create_new(true).open(&name) {
            Ok(_) => return Ok(name),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => number += 1,
            Err(error) => return Err(error),
        }
    }
}

/// What a student can do with a copy.
fn what_to_do(checkout: &Checkout, step: &Step, answer: &str) -> String {
    let gaps: Vec<String> =
        gaps(answer).iter().map(|(gap, line)| format!("{gap} in line {line}")).collect();
    let (labs, name) = (labs(), step.name);
    let mut lines = Vec::new();
    if !gaps.is_empty() {
        lines.push(paragraph("To write:  ", &gaps.join(", ")));
    }
    lines.push(format!("The sheet beside it:          {}", step.sheet()));
    if checkout.whole_reference(step).is_some() {
        lines.push(format!("To see how it should behave:  {}", step.command()));
    }
    lines.push(format!("To run yours:                 {}", step.command_of_answer()));
    lines.push(format!("To have it examined:          {labs} check"));
    lines.push(format!("The same at every save:       {labs} watch"));
    lines.push(format!("When you are stuck:           {labs} hint {name}"));
    lines.join("\n")
}

fn no_exercise(step: &Step) {
    say!("{} is a program to read and to run, not one to write:", step.name);
    say!("  {}", step.command());
    say!("Its text: src/bin/{}.rs, its sheet: {}", step.name, step.sheet());
}
