//! Where submissions are copied and built. What was handed in is never written to; the copy of each
//! step is examined and removed.

use std::env;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::process::{self, Command};
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, ensure};
use serde_json::Value;

use crate::exam::private::Closed;
use crate::exam::submission::{Submission, entry};
use crate::exam::{Exam, steadily, worker};

/// The most that one student may hand in: files, and bytes in all of them.
const FILES: usize = 2_000;
const BYTES: u64 = 64 << 20;

/// The options of a C compiler, as the sheets use them.
const C_OPTIONS: &[&str] = &["-std=gnu17", "-O1", "-pthread", "-o"];

/// The folder that all copies lie in. It is removed with all that is in it.
pub struct Workplace {
    folder: PathBuf,
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
    /// A new workplace. For Rust it compiles what answers are compiled with, once. `closed` tells
    /// that programs are built and run on closed machines.
    ///
    /// # Errors
    ///
    /// The folder cannot be made; the crates do not compile.
    pub fn new(rust: bool, closed: bool) -> anyhow::Result<Workplace> {
        let folder = env::temp_dir().join(format!("socket-labs-grade-{}", process::id()));
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let folder = fs::canonicalize(folder)?;
        let crates = if rust { Some(Crates::compile()?) } else { None };
        Ok(Workplace { folder, next: AtomicUsize::new(0), crates, closed, python: python() })
    }

    /// A copy of what a student handed in: regular files alone, as links may lead anywhere.
    ///
    /// # Errors
    ///
    /// It is too large, or cannot be read.
    pub fn copy(&self, from: &Path) -> anyhow::Result<Place<'_>> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let place = Place { workplace: self, folder: self.folder.join(number.to_string()) };
        let mut room = Room { files: FILES, bytes: BYTES };
        copy(from, &place.folder, &mut room, 0)?;
        if self.closed {
            give_away(&place.folder)?;
        }
        Ok(place)
    }
}

impl Drop for Workplace {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

struct Room {
    files: usize,
    bytes: u64,
}

fn copy(from: &Path, to: &Path, room: &mut Room, depth: usize) -> anyhow::Result<()> {
    ensure!(depth < 16, "what was handed in has too many folders in folders");
    fs::create_dir_all(to)?;
    for item in fs::read_dir(from)? {
        let item = item?;
        let (kind, place) = (item.file_type()?, to.join(item.file_name()));
        ensure!(room.files > 0, "what was handed in has more than {FILES} files");
        room.files -= 1;
        if kind.is_dir() {
            copy(&item.path(), &place, room, depth + 1)?;
        } else if kind.is_file() {
            let size = item.metadata()?.len();
            ensure!(size <= room.bytes, "what was handed in has more than {} MiB", BYTES >> 20);
            room.bytes -= size;
            fs::copy(item.path(), &place)?;
        }
    }
    Ok(())
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
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
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
        if let Some(program) = found.as_ref().and_then(|found| found.command.first()) {
            make_executable(Path::new(program)).map_err(|error| error.to_string())?;
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
    match fs::set_permissions(program, fs::Permissions::from_mode(0o755)) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()), // an interpreter's name
        done => done,
    }
}

#[cfg(not(unix))]
fn make_executable(_: &Path) -> io::Result<()> {
    let _ = ErrorKind::NotFound;
    Ok(())
}

fn python() -> Option<String> {
    let script = ["-c", "import sys; print(sys.executable)"];
    let output = Command::new("python3").args(script).output().ok()?;
    let path = String::from_utf8(output.stdout).ok()?.trim().to_string();
    Path::new(&path).is_absolute().then_some(path)
}

impl Crates {
    /// Compiles the library and the crates of answers, into a folder that has nothing else: a
    /// submission is compiled where it can read these, and no solution.
    fn compile() -> anyhow::Result<Crates> {
        let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let target = checkout.join("target/graded");
        let output = Command::new("cargo")
            .args(["build", "--package", "answers", "--lib", "--quiet", "--message-format=json"])
            .arg("--target-dir")
            .arg(&target)
            .current_dir(&checkout)
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
