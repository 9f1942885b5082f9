//! Where submissions are copied and built. What was handed in is never written to; the copy of each
//! step is examined and removed.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, ensure};
use serde_json::Value;
use socket_labs::bytes::printable;

use crate::exam::private::Closed;
use crate::exam::submission::{Submission, entry};
use crate::exam::{Exam, steadily, worker};
use crate::grade::workplace::{Folder, NotCopied, copy, remove_tree};

/// The options of a C compiler, as the sheets use them.
const C_OPTIONS: &[&str] = &["-std=gnu17", "-O1", "-pthread", "-o"];

/// The folder that all copies lie in. It is removed with all that is in it.
pub struct Workplace {
    folder: Folder,
    next: AtomicUsize,
    crates: Option<Crates>,
    /// Whether programs are built and run on closed machines.
    closed: bool,
    /// Python itself, where a script stands for it on the search path: that would be started for
    /// every check.
    python: Option<String>,
}

/// The course's library and the crates that an answer is compiled with.
#[derive(Debug, Default)]
struct Crates {
    /// The folders of the compiled crates.
    folders: Vec<PathBuf>,
    /// `name=file` of each.
    external: Vec<String>,
}

impl Workplace {
    /// A new workplace. For Rust it compiles what answers are compiled with, once, in this folder of
    /// the course. `closed` tells that programs are built and run on closed machines.
    ///
    /// # Errors
    ///
    /// The folder cannot be made; the crates do not compile.
    pub fn new(rust: Option<&Path>, closed: bool) -> anyhow::Result<Workplace> {
        let folder = Folder::new()?;
        let crates = rust.map(Crates::compile).transpose()?;
        Ok(Workplace { folder, next: AtomicUsize::new(0), crates, closed, python: python() })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A copy of what a student handed in. Tells the number of its content.
    ///
    /// # Errors
    ///
    /// It is too much, or cannot be read.
    pub fn copy(&self, from: &Path, content: &mut u64) -> Result<Place<'_>, Unbuilt> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let folder = self.path().join(number.to_string());
        let mut place = Place { workplace: self, folder, unread: Vec::new() };
        place.unread = copy(from, &place.folder, content)?;
        if self.closed {
            give_away(&place.folder)?;
        }
        Ok(place)
    }
}

/// Whether a folder has anything that could be the program of a step.
pub fn is_handed_in(folder: &Path, step: &str) -> bool {
    let sources = ["c", "rs"].map(|ending| folder.join(format!("{step}.{ending}")));
    sources.iter().any(|source| source.is_file())
        || !matches!(Submission::find(folder, step), Ok(None))
}

/// A copy of what one student handed in. It is removed when it is dropped.
pub struct Place<'a> {
    workplace: &'a Workplace,
    folder: PathBuf,
    /// Files that the grader may not read.
    unread: Vec<String>,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        remove_tree(&self.folder);
    }
}

impl Place<'_> {
    /// The program of a step, built where it has to be. `None` where there is none.
    ///
    /// # Errors
    ///
    /// What the student or the examiner has to do.
    pub fn submission(&self, exam: &Exam) -> Result<Option<Submission>, Unbuilt> {
        let mut submission = self.built(exam)?;
        if submission.is_none() && !self.unread.is_empty() {
            let sentence = format!("the grader may not read {}", self.unread.join(", "));
            return Err(Unbuilt::Trouble(printable(sentence.as_bytes())));
        }
        if self.workplace.closed {
            submission = submission.map(Submission::closed);
        }
        let program = submission.as_mut().and_then(|submission| submission.command.first_mut());
        if let (Some(program), Some(python)) = (program, &self.workplace.python)
            && program == "python3"
        {
            program.clone_from(python);
        }
        Ok(submission)
    }

    fn built(&self, exam: &Exam) -> Result<Option<Submission>, Unbuilt> {
        let folder = &self.folder;
        let own = entry(folder, exam.step)?;
        if let Some(entry) = own {
            if let Some(build) = entry.build {
                self.build(&build, &[])?;
            }
            return Ok(Some(Submission::new(entry.run, folder)));
        }
        let source = |ending: &str| {
            let file = folder.join(format!("{}.{ending}", exam.step));
            file.is_file().then(|| file.display().to_string())
        };
        let program = folder.join(format!("{}.built", exam.step)).display().to_string();
        if let Some(file) = source("c") {
            let options = C_OPTIONS.iter().map(|option| option.to_string());
            let mut command = vec!["cc".to_string()];
            command.extend(options.chain([program.clone(), file, "-lm".to_string()]));
            self.build(&command, &[])?;
            return Ok(Some(Submission::new(vec![program], folder)));
        }
        if let Some(file) = source("rs") {
            let text = fs::read_to_string(&file).map_err(|error| error.to_string())?;
            let crates = self.workplace.crates.as_ref();
            let crates =
                crates.ok_or_else(|| Unbuilt::Trouble("the crates are not compiled".into()))?;
            self.build(&crates.rustc(exam.step, &program, &file), &crates.folders)?;
            // An answer of the course's own shape takes the course's own arguments.
            let is_of_the_course = text.contains("socket_labs::") || text.contains("use clap");
            let arguments = if is_of_the_course { exam.arguments } else { &[] };
            let arguments = arguments.iter().map(|argument| argument.to_string());
            let command = [program].into_iter().chain(arguments).collect();
            return Ok(Some(Submission::new(command, folder)));
        }
        let found = Submission::find(folder, exam.step)?;
        // An interpreter is named without a folder: it is not a file of the folder that the grader is in.
        let program = found.as_ref().and_then(|found| found.command.first()).map(Path::new);
        if let Some(program) = program.filter(|program| program.is_absolute()) {
            make_executable(program).map_err(|error| error.to_string())?;
        }
        Ok(found)
    }

    /// Runs a command that builds something, where only this copy can be written.
    fn build(&self, command: &[String], visible: &[PathBuf]) -> Result<(), Unbuilt> {
        let mut submission = Submission::new(command.to_vec(), &self.folder);
        if self.workplace.closed {
            let writable = Some(self.folder.clone());
            submission.closed = Some(Closed { visible: visible.to_vec(), writable });
        }
        match steadily(|| worker::run_command(&submission), io::Result::is_err) {
            Ok((true, _)) => Ok(()),
            Ok((false, output)) => {
                Err(Unbuilt::Wrong(output.replace(&format!("{}/", self.folder.display()), "")))
            }
            Err(error) => Err(Unbuilt::Trouble(format!("the build could not be started: {error}"))),
        }
    }
}

/// Why there is no program to examine.
#[derive(Debug)]
pub enum Unbuilt {
    /// What was handed in does not build: what the compiler said, escaped.
    Wrong(String),
    /// The examiner has trouble of its own.
    Trouble(String),
}

impl From<NotCopied> for Unbuilt {
    fn from(reason: NotCopied) -> Unbuilt {
        match reason {
            NotCopied::TooMuch(sentence) => Unbuilt::Wrong(sentence),
            NotCopied::Trouble(error) => {
                Unbuilt::Trouble(format!("it cannot be copied: {error:#}"))
            }
        }
    }
}

impl From<io::Error> for Unbuilt {
    fn from(error: io::Error) -> Unbuilt {
        Unbuilt::Trouble(format!("it cannot be copied: {error}"))
    }
}

impl From<String> for Unbuilt {
    fn from(message: String) -> Unbuilt {
        Unbuilt::Wrong(message)
    }
}

/// Where root grades, the programs on closed machines run as nobody: the copy is theirs.
#[cfg(target_os = "linux")]
fn give_away(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::chown;
    if !crate::exam::private::lends() {
        return Ok(());
    }
    let nobody = Some(crate::exam::private::NOBODY);
    for item in fs::read_dir(folder)? {
        let item = item?;
        match item.file_type()?.is_dir() {
            true => give_away(&item.path())?,
            false => chown(item.path(), nobody, nobody)?,
        }
    }
    chown(folder, nobody, nobody)
}

#[cfg(not(target_os = "linux"))]
fn give_away(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn make_executable(program: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(program, fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn make_executable(_: &Path) -> io::Result<()> {
    Ok(())
}

fn python() -> Option<String> {
    let script = ["-I", "-c", "import sys; print(sys.executable)"];
    let output = Command::new("python3").args(script).current_dir("/").output().ok()?;
    let path = String::from_utf8(output.stdout).ok()?.trim().to_string();
    Path::new(&path).is_absolute().then_some(path)
}

impl Crates {
    /// Compiles the library and the crates of answers, into a folder that has nothing else: a
    /// submission is compiled where it can read these, and no solution.
    fn compile(checkout: &Path) -> anyhow::Result<Crates> {
        let target = checkout.join("target/graded");
        let output = Command::new("cargo")
            .args(["build", "--package", "answers", "--lib", "--quiet", "--message-format=json"])
            .arg("--target-dir")
            .arg(&target)
            .current_dir(checkout)
            .output()
            .context("cannot start cargo")?;
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        ensure!(output.status.success(), "the crates of answers do not compile:\n{message}");
        let own = fs::read_to_string(checkout.join("labs/answers/Cargo.toml"))?;
        let own: toml::Table = toml::from_str(&own)?;
        let wanted =
            own.get("dependencies").and_then(toml::Value::as_table).context("no dependencies")?;
        let mut crates = Crates {
            folders: vec![fs::canonicalize(target.join("debug/deps"))?],
            external: Vec::new(),
        };
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            let Ok(message) = serde_json::from_str::<Value>(line) else { continue };
            let (name, files) =
                (message["target"]["name"].as_str(), message["filenames"].as_array());
            let (Some(name), Some(files)) = (name, files) else { continue };
            let name = name.replace('-', "_");
            let rlib = files.iter().filter_map(Value::as_str).find(|file| file.ends_with(".rlib"));
            if let Some(rlib) = rlib {
                // The manifest may know a crate by another name: adler2 as `adler`.
                for known in wanted.iter().filter(|(known, value)| is_crate(known, value, &name)) {
                    let known = known.0.replace('-', "_");
                    let file =
                        crates.folders[0].join(Path::new(rlib).file_name().unwrap_or_default());
                    crates.external.push(format!("{known}={}", file.display()));
                }
            }
        }
        Ok(crates)
    }

    /// What Cargo would do to compile one answer, with the variables that it sets.
    fn rustc(&self, step: &str, program: &str, file: &str) -> Vec<String> {
        let version = format!("CARGO_PKG_VERSION={}", env!("CARGO_PKG_VERSION"));
        let name = format!("CARGO_BIN_NAME={step}");
        let compiler = ["rustc", "--edition=2024", "-Cdebuginfo=0", "--crate-name=answer", "-o"];
        let mut command = vec!["env".to_string(), version, name];
        command.extend(compiler.map(String::from));
        command.extend([program.to_string(), file.to_string()]);
        for folder in &self.folders {
            command.extend(["-L".to_string(), format!("dependency={}", folder.display())]);
        }
        for external in &self.external {
            command.extend(["--extern".to_string(), external.clone()]);
        }
        command
    }
}

/// Whether the manifest's dependency `known` is the crate of this name.
fn is_crate(known: &str, value: &toml::Value, name: &str) -> bool {
    let known = known.replace('-', "_");
    let is_workspace = value.get("workspace").and_then(toml::Value::as_bool) == Some(true);
    known == name || (is_workspace && known == "adler" && name == "adler2")
}
