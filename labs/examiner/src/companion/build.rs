//! Builds a program with Cargo, quietly, and finds out where it is.

use std::env;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::SystemTime;

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
    #[serde(default)]
    fresh: bool,
    message: Option<Diagnostic>,
}

#[derive(Deserialize)]
struct Diagnostic {
    level: String,
    rendered: Option<String>,
}

/// What Cargo says of one build.
enum Outcome {
    Program { path: PathBuf, fresh: bool },
    Refused(String),
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
    let answer = checkout.answer(step);
    let source = fs::read(&answer).unwrap_or_default();
    let course = (package == Package::Answers).then(|| Kept::of(checkout, step)).flatten();
    let mut outcome = cargo_build(checkout, package, step, screen)?;
    if let (Package::Answers, Outcome::Program { path, fresh: true }) = (package, &outcome)
        && fs::read(aside(path).with_extension("rs")).ok().as_ref() != Some(&source)
    {
        // Cargo goes by the time of the file. An old file that was put back is older than the
        // program that was built of the new one, and would be taken for built.
        let file = File::options().append(true).open(&answer);
        let _ = file.and_then(|file| file.set_modified(SystemTime::now()));
        outcome = cargo_build(checkout, package, step, screen)?;
    }
    match (outcome, package) {
        (Outcome::Refused(message), _) => Ok(Built::Refused(message)),
        (Outcome::Program { path, .. }, Package::Course) => Ok(Built::Program(path)),
        (Outcome::Program { path, .. }, Package::Answers) => {
            let place = set_aside(&path)?;
            course.into_iter().for_each(|course| course.put_back(&path));
            let _ = fs::write(place.with_extension("rs"), source); // what it was built of
            Ok(Built::Program(place))
        }
    }
}

fn cargo_build(
    checkout: &Checkout,
    package: Package,
    step: &Step,
    screen: &Screen,
) -> anyhow::Result<Outcome> {
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
        let fresh = message.fresh;
        program = message.executable.map(|path| Outcome::Program { path, fresh }).or(program);
        let diagnostic = message.message.filter(|message| message.level != "warning");
        errors += &diagnostic.and_then(|message| message.rendered).unwrap_or_default();
    }
    let complaints = complaints.and_then(|thread| thread.join().ok()).unwrap_or_default();
    let status = cargo.wait().or_cannot("wait for", "cargo")?;
    match program {
        Some(program) if status.success() => Ok(program),
        _ if !errors.is_empty() => Ok(Outcome::Refused(errors)),
        // Cargo itself cannot go on: what it says about that is not a message of the compiler.
        _ if !status.success() => Ok(Outcome::Refused(printable_lines(&complaints))),
        _ => Err(advice("cargo has built no program", "is the step a program of its package?")),
    }
}

/// Where a student's program is put that Cargo has built here.
fn aside(program: &Path) -> PathBuf {
    let folder = program.parent().unwrap_or(Path::new(""));
    folder.join("answers").join(program.file_name().unwrap_or_default())
}

/// The course's program of a step, kept while Cargo puts the student's of the same name in its place.
struct Kept {
    program: PathBuf,
    kept: PathBuf,
}

impl Kept {
    /// `None` where it has not been built, or is in nobody's way.
    fn of(checkout: &Checkout, step: &Step) -> Option<Kept> {
        let folder = env::var_os("CARGO_TARGET_DIR").unwrap_or("target".into());
        let program = checkout.root().join(folder).join("debug").join(step.name);
        let kept = aside(&program).with_extension("course");
        fs::create_dir_all(kept.parent()?).ok()?;
        let _ = fs::remove_file(&kept);
        fs::hard_link(&program, &kept).ok()?;
        Some(Kept { program, kept })
    }

    /// Puts it back where the student's program has been moved away from that place.
    fn put_back(self, moved: &Path) {
        let _ = match moved == self.program {
            true => fs::rename(&self.kept, &self.program),
            false => fs::remove_file(&self.kept),
        };
    }
}

/// Moves a student's program out of the folder where Cargo puts the course's program of the same
/// name. Otherwise `target/debug/echo_server` would be the student's until Cargo looks at it again.
fn set_aside(program: &Path) -> anyhow::Result<PathBuf> {
    let place = aside(program);
    if let Some(folder) = place.parent() {
        fs::create_dir_all(folder).or_cannot("create", folder.display().to_string())?;
    }
    // Both may be names of one file, which rename(2) would leave as they are.
    let _ = fs::remove_file(&place);
    fs::rename(program, &place).or_cannot("move the program to", place.display().to_string())?;
    Ok(place)
}
