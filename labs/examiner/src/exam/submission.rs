//! What is examined: a command, or a folder in which the program of a step is found.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::budget::Budget;
use super::private::Closed;
use super::search::PYTHON;
use super::shown_text;

/// The file of a folder that says how its programs are run.
///
/// ```toml
/// [echo_server]
/// run = ["python3", "echo.py", "--port", "{port}"]
///
/// [echo_client]
/// build = ["make", "echo_client"]
/// run = ["./echo_client", "{message}"]
/// ```
pub const FILE: &str = "submission.toml";

/// What runs a program whose name has this ending.
const INTERPRETERS: &[(&str, &str)] =
    &[("py", PYTHON), ("sh", "sh"), ("js", "node"), ("rb", "ruby"), ("pl", "perl")];

/// A program to examine: the command that runs it, with its words in braces, and its folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// The program and its arguments.
    pub command: Vec<String>,
    /// Its working folder.
    pub folder: PathBuf,
    /// What it sees of this computer: `None` is all that the user sees.
    pub closed: Option<Closed>,
    /// The time that is left for it, where it is a stranger's.
    pub budget: Option<Budget>,
}

/// How one step is built and run.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The command that builds it, where it has to be built.
    pub build: Option<Vec<String>>,
    /// The command that runs it, with its words in braces.
    pub run: Vec<String>,
}

/// The most that [`FILE`] may have, in bytes.
const LARGEST_FILE: u64 = 64 * 1024;

/// What [`FILE`] says of a step, where the folder has one. A link is none: it could lead anywhere.
///
/// # Errors
///
/// One sentence, escaped, where the file cannot be read.
pub fn entry(folder: &Path, step: &str) -> Result<Option<Entry>, String> {
    match text_of(&folder.join(FILE))? {
        Some(text) => entry_of(&text, step),
        None => Ok(None),
    }
}

/// The text of a file that says how programs are run; `None` where there is none.
///
/// # Errors
///
/// One sentence, where it cannot be read.
pub fn text_of(file: &Path) -> Result<Option<String>, String> {
    match fs::symlink_metadata(file) {
        Ok(kind) if kind.is_file() && kind.len() <= LARGEST_FILE => {}
        Ok(_) => return Err(format!("{FILE} is no file of at most {LARGEST_FILE} bytes")),
        Err(_) => return Ok(None),
    }
    fs::read_to_string(file).map(Some).map_err(|error| format!("{FILE}: {error}"))
}

/// What a text of [`FILE`] says of a step.
///
/// # Errors
///
/// One sentence, escaped, where it cannot be understood.
pub fn entry_of(text: &str, step: &str) -> Result<Option<Entry>, String> {
    let entry = entries_of(text)?.remove(step);
    let empty = |command: &Vec<String>| command.is_empty();
    match &entry {
        Some(Entry { build, run }) if empty(run) || build.as_ref().is_some_and(empty) => {
            Err(format!("{FILE}: {step} has an empty command"))
        }
        _ => Ok(entry),
    }
}

/// All that a text of [`FILE`] says, by the names that it has for steps.
///
/// # Errors
///
/// One sentence, escaped, where it cannot be understood.
pub fn entries_of(text: &str) -> Result<BTreeMap<String, Entry>, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text); // as some editors of Windows begin
    toml::from_str(text).map_err(|error| shown_text(&format!("{FILE}: {}", error.message())))
}

impl Submission {
    /// A program that sees all that the user sees.
    pub fn new(command: Vec<String>, folder: impl Into<PathBuf>) -> Submission {
        Submission { command, folder: folder.into(), closed: None, budget: None }
    }

    /// The same program where it sees of this computer what it needs to run, and its own folder.
    pub fn closed(mut self) -> Submission {
        self.closed = Some(Closed { visible: vec![self.folder.clone()], writable: None });
        self
    }

    /// The program of a step in a folder: as [`FILE`] says, or the one that is named after the
    /// step (`echo_server`, `echo_server.py`, …), which is run without arguments. `None` where the
    /// folder has none.
    ///
    /// # Errors
    ///
    /// One sentence, where [`FILE`] cannot be read.
    pub fn find(folder: &Path, step: &str) -> Result<Option<Submission>, String> {
        let folder = &std::path::absolute(folder).map_err(|error| error.to_string())?;
        if let Some(entry) = entry(folder, step)? {
            return Ok(Some(Submission::new(entry.run, folder)));
        }
        let program = |command| Ok(Some(Submission::new(command, folder)));
        let path = |name: String| folder.join(name).display().to_string();
        let own = format!("{step}{}", std::env::consts::EXE_SUFFIX);
        if folder.join(&own).is_file() {
            return program(vec![path(own)]);
        }
        for (ending, interpreter) in INTERPRETERS {
            let name = format!("{step}.{ending}");
            if folder.join(&name).is_file() {
                return program(vec![interpreter.to_string(), path(name)]);
            }
        }
        Ok(None)
    }
}
