//! Builds a program with Cargo, quietly, and finds out where it is.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use examiner::catalogue::Step;
use serde::Deserialize;
use socket_labs::bytes::printable_lines;
use socket_labs::error::OrCannot;

use super::advice::advice;
use super::{Checkout, Screen};

/// What came of a build.
pub enum Built {
    /// The program.
    Program(PathBuf),
    /// The compiler's message.
    Refused(String),
}

/// Where a program comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Package {
    /// The student's answers.
    Answers,
    /// The course's own programs.
    Course,
}

/// A line of `cargo build --message-format json`, as far as it matters here.
#[derive(Deserialize)]
struct Message {
    executable: Option<PathBuf>,
    message: Option<Diagnostic>,
}

#[derive(Deserialize)]
struct Diagnostic {
    level: String,
    rendered: Option<String>,
}

/// Builds the program of a step.
///
/// # Errors
///
/// Cargo cannot be run, or its result cannot be found.
pub fn build(
    checkout: &Checkout,
    package: Package,
    step: &Step,
    screen: &Screen,
) -> anyhow::Result<Built> {
    let name = match package {
        Package::Answers => "answers",
        Package::Course => "socket-labs",
    };
    let format = if screen.has_colours() { "json-diagnostic-rendered-ansi" } else { "json" };
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()));
    cargo.args(["build", "--package", name, "--bin", step.name, "--message-format", format]);
    if cfg!(windows) {
        // The course's program of the same name may be running in the other terminal, and Windows
        // does not replace a program that runs. So the answers have a folder of their own.
        cargo.arg("--target-dir").arg(checkout.root().join("target/answers"));
    }
    cargo.current_dir(checkout.root()).stdin(Stdio::null());
    let mut cargo =
        cargo.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().or_cannot("run", "cargo")?;
    let complaints = cargo.stderr.take().map(|mut stderr| {
        thread::spawn(move || {
            let mut text = Vec::new();
            let _ = stderr.read_to_end(&mut text);
            text
        })
    });
    let (mut program, mut errors) = (None, String::new());
    for line in cargo.stdout.take().into_iter().flat_map(|out| BufReader::new(out).lines()) {
        let line = line.or_cannot("read from", "cargo")?;
        let Ok(message) = serde_json::from_str::<Message>(&line) else { continue };
        program = message.executable.or(program);
        let diagnostic = message.message.filter(|message| message.level != "warning");
        errors += &diagnostic.and_then(|message| message.rendered).unwrap_or_default();
    }
    let complaints = complaints.and_then(|thread| thread.join().ok()).unwrap_or_default();
    let status = cargo.wait().or_cannot("wait for", "cargo")?;
    match program {
        Some(program) if status.success() => match package {
            Package::Answers => set_aside(&program).map(Built::Program),
            Package::Course => Ok(Built::Program(program)),
        },
        _ if !errors.is_empty() => Ok(Built::Refused(errors)),
        // Cargo itself cannot go on: what it says about that is not a message of the compiler.
        _ if !status.success() => Ok(Built::Refused(printable_lines(&complaints))),
        _ => Err(advice("cargo has built no program", "is the step a program of its package?")),
    }
}

/// Moves a student's program out of the folder where Cargo puts the course's program of the same
/// name. Otherwise `target/debug/echo_server` would be the student's until Cargo looks at it again.
fn set_aside(program: &Path) -> anyhow::Result<PathBuf> {
    let (Some(folder), Some(name)) = (program.parent(), program.file_name()) else {
        return Ok(program.to_path_buf());
    };
    let aside = folder.join("answers");
    let place = aside.join(name);
    fs::create_dir_all(&aside).or_cannot("create", aside.display().to_string())?;
    // Both may be names of one file, which rename(2) would leave as they are.
    let _ = fs::remove_file(&place);
    fs::rename(program, &place).or_cannot("move the program to", place.display().to_string())?;
    Ok(place)
}
