//! Where submissions are copied and built. What was handed in is never written to; the copy of each
//! step is examined and removed.

use std::fs;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, OnceLock, PoisonError};

use anyhow::{Context, ensure};
use serde_json::Value;
use socket_labs::bytes::printable;
use socket_labs::note;

use crate::exam::budget::Budget;
use crate::exam::private::{self, Closed};
use crate::exam::submission::Submission;
use crate::exam::{Exam, steadily, worker};
use crate::grade::intake::Student;
use crate::grade::intake::hand_in::{HandIn, Program};
use crate::grade::intake::spelling::Language;
use crate::grade::workplace::{BYTES, FILES, Folder, LEFT_OUT, Source, copy, remove_tree};

/// The options of a compiler for C or C++, as the sheets use them.
const C_OPTIONS: &[&str] = &["-O1", "-pthread", "-o"];

/// The folder that all copies lie in. It is removed with all that is in it.
pub struct Workplace {
    folder: Folder,
    /// The folder of the course.
    checkout: Option<PathBuf>,
    next: AtomicUsize,
    /// Made when the first answer in Rust is built.
    crates: OnceLock<Result<Crates, String>>,
    /// The program that unpacks zip files, made when there is one.
    unpack: OnceLock<Result<PathBuf, String>>,
    /// Whether programs are built and run on closed machines.
    closed: bool,
    /// How many builds may still begin. A compiler works and does not wait, and has much memory.
    builders: Mutex<usize>,
    builder_is_free: Condvar,
    /// Python itself, where a script stands for it on the search path: that would be started for
    /// every check.
    python: Option<String>,
    /// Whether it can be started where programs run, tried before the first one: it is not a student's
    /// fault if it cannot.
    python_starts: AtomicBool,
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
    /// A new workplace. `closed` tells that programs are built and run on closed machines; `checkout` is
    /// the folder of the course, which answers in Rust are compiled with, and what unpacks zip files.
    ///
    /// # Errors
    ///
    /// The folder cannot be made.
    pub fn new(checkout: Option<&Path>, closed: bool) -> anyhow::Result<Workplace> {
        Ok(Workplace {
            folder: Folder::new()?,
            checkout: checkout.map(Path::to_path_buf),
            next: AtomicUsize::new(0),
            crates: OnceLock::new(),
            unpack: OnceLock::new(),
            closed,
            builders: Mutex::new(super::cores()),
            builder_is_free: Condvar::new(),
            python: python(),
            python_starts: AtomicBool::new(false),
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The path of a folder that is not made yet.
    fn new_path(&self) -> PathBuf {
        self.path().join(self.next.fetch_add(1, Ordering::Relaxed).to_string())
    }

    /// Takes in what a student handed in: copies it, unpacks it, and looks through it.
    ///
    /// # Errors
    ///
    /// It cannot be read, or nothing can be unpacked on this computer.
    pub fn take_in(&self, student: &Student) -> Result<HandIn, String> {
        if student.sources.is_empty() {
            return Ok(HandIn::default());
        }
        let folder = self.new_path();
        let copied = copy(&student.sources, &folder);
        let copied = copied.map_err(|error| format!("it cannot be copied: {error}"))?;
        let mut hand_in = HandIn {
            content: copied.content,
            too_much: copied.too_much,
            unread: copied.unread,
            ..HandIn::default()
        };
        for file in &hand_in.unread {
            let sentence = format!("the grader may not read {}", file.display());
            hand_in.notes.push(printable(sentence.as_bytes()));
        }
        if hand_in.too_much.is_none() && has_zip(&folder) {
            match self.unpack(&folder)? {
                (true, output) => {
                    hand_in.notes.extend(output.lines().map(|line| format!("left out: {line}")));
                }
                (false, output) => hand_in.too_much = Some(output.trim().to_string()),
            }
        }
        hand_in.look_through(folder, self.course());
        Ok(hand_in)
    }

    /// Unpacks what is in a folder, on a closed machine as a build.
    fn unpack(&self, folder: &Path) -> Result<(bool, String), String> {
        let unpack = self.unpacker()?;
        let numbers = [FILES.to_string(), BYTES.to_string(), NESTED.to_string()];
        let mut command = vec![unpack.display().to_string(), folder.display().to_string()];
        command.extend(numbers.into_iter().chain(LEFT_OUT.iter().map(|name| name.to_string())));
        let mut submission = Submission::new(command, folder);
        submission.budget = Some(Budget::default());
        if self.closed {
            give_away(folder).map_err(|error| error.to_string())?;
            submission.closed =
                Some(Closed { visible: vec![unpack], writable: Some(folder.into()) });
        }
        let unpacked = steadily(|| worker::run_command(&submission), io::Result::is_err);
        unpacked.map_err(|error| format!("it cannot be unpacked: {error}"))
    }

    /// Unpacks a zip file with a whole class, and not what is in it. Returns the folder.
    ///
    /// # Errors
    ///
    /// It is too much, or cannot be unpacked.
    pub fn unpack_class(&self, zip: &Path) -> anyhow::Result<PathBuf> {
        let folder = self.new_path();
        fs::create_dir(&folder)?;
        let name = folder.join(zip.file_name().context("the zip file has no name")?);
        fs::copy(zip, &name).with_context(|| format!("cannot read {}", zip.display()))?;
        let mut unpack = Command::new(self.unpacker().map_err(anyhow::Error::msg)?);
        unpack.arg(&folder).args([
            (100 * FILES).to_string(),
            (100 * BYTES).to_string(),
            "1".into(),
        ]);
        let output = unpack.args(LEFT_OUT).output().context("cannot unpack")?;
        let said = printable(&output.stdout);
        ensure!(output.status.success() && name.is_dir(), "{}: {said}", zip.display());
        Ok(name)
    }

    /// The folder of the course, where there is one.
    pub fn course(&self) -> Option<&Path> {
        self.checkout.as_deref()
    }

    fn checkout(&self) -> anyhow::Result<&Path> {
        let missing = "it takes the folder of the course: name it in SOCKET_LABS_CHECKOUT";
        self.course().context(missing)
    }

    /// The program that unpacks. It is no part of `labs`: students need none of it.
    fn unpacker(&self) -> Result<PathBuf, String> {
        let build = || {
            let messages = compile(self.checkout()?, &["--package", "unpack", "--release"])?;
            let built = messages.iter().find_map(|message| message["executable"].as_str());
            anyhow::Ok(PathBuf::from(built.context("Cargo names no program")?))
        };
        let built = self.unpack.get_or_init(|| {
            build().map_err(|error| format!("what unpacks zip files does not compile: {error:#}"))
        });
        built.clone()
    }

    fn crates(&self) -> Result<&Crates, Unbuilt> {
        let compile =
            || self.checkout().and_then(Crates::compile).map_err(|error| format!("{error:#}"));
        self.crates.get_or_init(compile).as_ref().map_err(|error| Unbuilt::Trouble(error.clone()))
    }

    /// The command with Python itself in the place of `python3`, and what is to be shown to it.
    ///
    /// # Errors
    ///
    /// Python cannot be started where programs run.
    fn with_python(
        &self,
        mut command: Vec<String>,
    ) -> Result<(Vec<String>, Vec<PathBuf>), Unbuilt> {
        let word = command.first_mut().filter(|word| *word == "python3");
        let (Some(word), Some(python)) = (word, &self.python) else {
            return Ok((command, Vec::new()));
        };
        word.clone_from(python);
        let visible = private::tool_chains_of(Path::new(python));
        if !self.python_starts.load(Ordering::Relaxed) {
            let nothing = [python, "-I", "-c", ""].map(String::from);
            let mut submission = Submission::new(nothing.to_vec(), "/usr");
            submission.closed =
                self.closed.then(|| Closed { visible: visible.clone(), writable: None });
            let cannot =
                |why: String| Unbuilt::Trouble(format!("{python} cannot be started here: {why}"));
            match steadily(|| worker::run_command(&submission), io::Result::is_err) {
                Ok((true, _)) => self.python_starts.store(true, Ordering::Relaxed),
                Ok((false, output)) => return Err(cannot(output)),
                Err(error) => return Err(cannot(error.to_string())),
            }
        }
        Ok((command, visible))
    }

    /// A copy of a hand-in, to build and run one program in.
    ///
    /// # Errors
    ///
    /// It cannot be read.
    pub fn copy(&self, from: &Path) -> Result<Place<'_>, Unbuilt> {
        let place = Place { workplace: self, folder: self.new_path(), budget: Budget::default() };
        copy(&[Source { path: from.into(), name: String::new() }], &place.folder)?;
        if self.closed {
            give_away(&place.folder)?;
        }
        Ok(place)
    }
}

/// How deep zip files in zip files are unpacked.
const NESTED: usize = 3;

fn has_zip(folder: &Path) -> bool {
    fs::read_dir(folder).into_iter().flatten().flatten().any(|entry| {
        let is_zip = entry.path().extension().is_some_and(|end| end.eq_ignore_ascii_case("zip"));
        is_zip || (entry.file_type().is_ok_and(|kind| kind.is_dir()) && has_zip(&entry.path()))
    })
}

/// A copy of what one student handed in. It is removed when it is dropped.
pub struct Place<'a> {
    workplace: &'a Workplace,
    folder: PathBuf,
    /// The time for its build and its checks.
    budget: Budget,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        remove_tree(&self.folder);
    }
}

impl Place<'_> {
    /// The program of a step, built where it has to be.
    ///
    /// # Errors
    ///
    /// What the student or the examiner has to do.
    pub fn submission(&self, exam: &Exam, program: &Program) -> Result<Submission, Unbuilt> {
        let command = self.built(exam, program)?;
        // It works where its file is, and sees all that was handed in.
        let file = self.folder.join(&program.file);
        let (command, mut visible) = self.workplace.with_python(command)?;
        let mut submission = Submission::new(command, file.parent().unwrap_or(&self.folder));
        if self.workplace.closed {
            visible.push(self.folder.clone());
            submission.closed = Some(Closed { visible, writable: None });
        }
        submission.budget = Some(self.budget.clone());
        Ok(submission)
    }

    /// The command that runs a program, once it is built.
    fn built(&self, exam: &Exam, program: &Program) -> Result<Vec<String>, Unbuilt> {
        let file = self.folder.join(&program.file);
        let folder = file.parent().unwrap_or(&self.folder).to_path_buf();
        let name = file.display().to_string();
        let built = folder.join(format!("{}.built", exam.step)).display().to_string();
        let compiled =
            |words: &[&str]| words.iter().map(|word| word.to_string()).collect::<Vec<_>>();
        if !self.owns(&file) {
            // The build of another program may have put a link in its place.
            let sentence = format!("{} is no file any more", program.file.display());
            return Err(Unbuilt::Wrong(sentence));
        }
        match program.language {
            Language::AsTold => {
                let told = program.told.clone().transpose()?;
                let entry = told.ok_or_else(|| "submission.toml says nothing".to_string())?;
                mend_line_ends_below(&self.folder)?;
                if let Some(build) = entry.build {
                    self.build(&folder, &build, &[])?;
                }
                // A zip file that was made on Windows does not say what can be run.
                let own = entry.run.first().and_then(|word| word.strip_prefix("./"));
                if let Some(own) = own.map(|word| folder.join(word)).filter(|own| self.owns(own)) {
                    make_executable(&own)?;
                }
                Ok(entry.run)
            }
            Language::C => {
                let mut command = vec!["cc", "-std=gnu17"];
                command.extend(C_OPTIONS.iter().chain(&[built.as_str(), &name, "-lm"]));
                self.build(&folder, &compiled(&command), &[]).map(|()| vec![built])
            }
            Language::Cpp => {
                let mut command = vec!["c++", "-std=gnu++20"];
                command.extend(C_OPTIONS.iter().chain(&[built.as_str(), &name]));
                self.build(&folder, &compiled(&command), &[]).map(|()| vec![built])
            }
            Language::Rust => {
                let text = fs::read_to_string(&file).map_err(|error| error.to_string())?;
                let crates = self.workplace.crates()?;
                self.build(&folder, &crates.rustc(exam.step, &built, &name), &crates.folders)?;
                // An answer of the course's own shape takes the course's own arguments.
                let is_of_the_course = text.contains("socket_labs::") || text.contains("use clap");
                let arguments = if is_of_the_course { exam.arguments } else { &[] };
                let arguments = arguments.iter().map(|argument| argument.to_string());
                Ok([built].into_iter().chain(arguments).collect())
            }
            Language::Java => {
                let text = fs::read_to_string(&file).map_err(|error| error.to_string())?;
                let java = Java::of(&text);
                // A public class must be in a file of its name, which a second download has not.
                let source = folder.join(format!("{}.java", java.class));
                if java.is_public && fs::symlink_metadata(&source).is_err() {
                    fs::copy(&file, &source)?;
                }
                let source = if java.is_public { source.display().to_string() } else { name };
                let path = folder.display().to_string();
                let words =
                    ["javac", "-encoding", "UTF-8", "-sourcepath", &path, "-d", &built, &source];
                self.build(&folder, &compiled(&words), &[])?;
                Ok(compiled(&["java", "-cp", &built, &java.name()]))
            }
            Language::Go => {
                let cache = format!("GOCACHE={}", folder.join("go.cache").display());
                let modules = if folder.join("go.mod").is_file() {
                    "GO111MODULE=on"
                } else {
                    "GO111MODULE=off"
                };
                let words = [
                    "env",
                    &cache,
                    modules,
                    "GOPROXY=off",
                    "GOFLAGS=-mod=mod",
                    "go",
                    "build",
                    "-o",
                    &built,
                    &name,
                ];
                self.build(&folder, &compiled(&words), &[]).map(|()| vec![built])
            }
            Language::Itself => {
                mend_line_ends(&file)?;
                make_executable(&file)?;
                Ok(vec![name])
            }
            Language::Script(interpreter) => {
                mend_line_ends(&file)?;
                let is_bash = interpreter == "sh" && first_line(&file).contains("bash");
                Ok(compiled(&[if is_bash { "bash" } else { interpreter }, &name]))
            }
        }
    }

    /// Whether a path is that of a file in this copy. What a build has left may be links, and we are not
    /// to follow them: they may lead to what only the grader can read or change.
    fn owns(&self, path: &Path) -> bool {
        let Ok(within) = path.strip_prefix(&self.folder) else { return false };
        let mut place = self.folder.clone();
        let mut kind = None;
        for part in within.components() {
            let Component::Normal(name) = part else { return false };
            place.push(name);
            kind = fs::symlink_metadata(&place).ok().map(|data| data.file_type());
            if kind.is_none_or(|kind| kind.is_symlink()) {
                return false;
            }
        }
        kind.is_some_and(|kind| kind.is_file())
    }

    /// Runs a command that builds something, where only this copy can be written.
    fn build(&self, folder: &Path, command: &[String], visible: &[PathBuf]) -> Result<(), Unbuilt> {
        let (command, mut shown) = self.workplace.with_python(command.to_vec())?;
        let mut submission = Submission::new(command, folder);
        submission.budget = Some(self.budget.clone());
        if self.workplace.closed {
            shown.extend_from_slice(visible);
            submission.closed =
                Some(Closed { visible: shown, writable: Some(self.folder.clone()) });
        }
        let _builder = Builder::wait(self.workplace);
        match steadily(|| worker::run_command(&submission), io::Result::is_err) {
            Ok((true, _)) => Ok(()),
            Ok((false, output)) => {
                Err(Unbuilt::Wrong(output.replace(&format!("{}/", self.folder.display()), "")))
            }
            Err(error) => Err(Unbuilt::Trouble(format!("the build could not be started: {error}"))),
        }
    }
}

/// A build that may run: there are as many at once as there are cores.
struct Builder<'a>(&'a Workplace);

impl Builder<'_> {
    fn wait(workplace: &Workplace) -> Builder<'_> {
        let mut free = workplace.builders.lock().unwrap_or_else(PoisonError::into_inner);
        while *free == 0 {
            free = workplace.builder_is_free.wait(free).unwrap_or_else(PoisonError::into_inner);
        }
        *free -= 1;
        Builder(workplace)
    }
}

impl Drop for Builder<'_> {
    fn drop(&mut self) {
        *self.0.builders.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.builder_is_free.notify_one();
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
    if !private::lends() {
        return Ok(());
    }
    let nobody = Some(private::NOBODY);
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

/// The main class of a program in Java.
#[derive(Debug, PartialEq, Eq)]
struct Java {
    package: Option<String>,
    class: String,
    is_public: bool,
}

impl Java {
    /// The class that has `main`: the last one that is begun before it, or the last one of all.
    fn of(text: &str) -> Java {
        let until = text.find("static void main").unwrap_or(text.len());
        let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
        let words: Vec<&str> =
            text[..until].split(|c| !is_name(c)).filter(|word| !word.is_empty()).collect();
        let after = |word: &str| words.windows(2).rposition(|pair| pair[0] == word);
        let class = after("class").map(|at| at + 1);
        let package =
            text.lines().find_map(|line| line.trim().strip_prefix("package ")?.strip_suffix(';'));
        Java {
            package: package.map(|name| name.trim().to_string()),
            class: class.map_or("Main", |at| words[at]).to_string(),
            is_public: class
                .is_some_and(|at| words[..at].iter().rev().take(3).any(|word| *word == "public")),
        }
    }

    fn name(&self) -> String {
        let package = self.package.iter().map(String::as_str);
        package.chain([self.class.as_str()]).collect::<Vec<_>>().join(".")
    }
}

fn first_line(file: &Path) -> String {
    let mut start = [0; 256];
    let length = fs::File::open(file).and_then(|mut file| file.read(&mut start)).unwrap_or(0);
    let line = start[..length].split(|byte| *byte == b'\n').next().unwrap_or_default();
    String::from_utf8_lossy(line).into_owned()
}

/// Gives scripts that were written on Windows the line ends that a shell, and the kernel in a first line
/// `#!…`, can read.
fn mend_line_ends(file: &Path) -> io::Result<()> {
    let first = first_line(file);
    let first = first.trim_start_matches('\u{feff}');
    let is_shell = file.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("sh"))
        || (first.starts_with("#!") && first.trim_end().ends_with("sh"));
    if !(first.starts_with("#!") || is_shell) {
        return Ok(());
    }
    let bytes = fs::read(file)?;
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let mut mended = Vec::new();
    for (number, line) in text.split_inclusive(|byte| *byte == b'\n').enumerate() {
        match line.strip_suffix(b"\r\n") {
            // Other languages know both line ends, and a text in them may be meant so.
            Some(line) if is_shell || number == 0 => mended.extend([line, b"\n"].concat()),
            _ => mended.extend(line),
        }
    }
    if mended != bytes {
        fs::write(file, mended)?;
    }
    Ok(())
}

/// The same for all files that a command of `submission.toml` may start.
fn mend_line_ends_below(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        match entry.file_type()? {
            kind if kind.is_dir() => mend_line_ends_below(&entry.path())?,
            kind if kind.is_file() => mend_line_ends(&entry.path())?,
            _ => {}
        }
    }
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

/// The folder of the course, and in it the folder of what is compiled for grading: it has nothing else, as a
/// submission is compiled where it can read that.
const TARGET: &str = "target/graded";

/// Builds a package of the course. Returns what Cargo says of each thing that it built.
fn compile(checkout: &Path, arguments: &[&str]) -> anyhow::Result<Vec<Value>> {
    if !checkout.join(TARGET).exists() {
        note!("note: for the first time, a part of the course is compiled: a minute or two");
    }
    let mut cargo = Command::new("cargo");
    cargo.arg("build").args(arguments).args([
        "--quiet",
        "--message-format=json",
        "--target-dir",
        TARGET,
    ]);
    let output = cargo.current_dir(checkout).output().context("cannot start cargo")?;
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(output.status.success(), "{message}");
    let lines = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(lines.lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
}

impl Crates {
    /// Compiles the library and the crates of answers, into a folder that has nothing else: a
    /// submission is compiled where it can read these, and no solution.
    fn compile(checkout: &Path) -> anyhow::Result<Crates> {
        let messages = compile(checkout, &["--package", "answers", "--lib"])?;
        let target = checkout.join(TARGET);
        let own = fs::read_to_string(checkout.join("labs/answers/Cargo.toml"))?;
        let own: toml::Table = toml::from_str(&own)?;
        let wanted =
            own.get("dependencies").and_then(toml::Value::as_table).context("no dependencies")?;
        let mut crates = Crates {
            folders: vec![fs::canonicalize(target.join("debug/deps"))?],
            external: Vec::new(),
        };
        for message in messages {
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
