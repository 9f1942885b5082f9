//! A class to grade, as root and as an ordinary user, and what must be as before when that is done.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

/// An ordinary user that owns nothing else on this computer.
const USER: u32 = 54_321;

/// Who runs `labs grade`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grader {
    Root,
    /// Where the tests run as root, another user, else whoever runs them.
    Ordinary,
    /// Root of a container: in a user namespace, with 280 processes.
    Contained,
}

/// The processes that containers are often given.
const CONTAINER: usize = 280;

fn is_root() -> bool {
    nix::unistd::getuid().is_root()
}

/// Those who can grade here. Only root can be all of them.
pub fn graders() -> Vec<Grader> {
    if !is_root() {
        return vec![Grader::Ordinary];
    }
    let mut graders = vec![Grader::Root, Grader::Ordinary];
    if Limit::new(Grader::Root, CONTAINER).is_some() {
        graders.push(Grader::Contained);
    } else {
        eprintln!("SKIPPED: this computer lets nobody limit the processes of a container");
    }
    graders
}

/// Does the same as each of the graders for whom this computer closes itself, at the same time: it is waiting
/// that takes long.
pub fn by_each_grader(test: impl Fn(Grader) + Sync) {
    by_each_of(graders(), test);
}

/// The same for these graders.
pub fn by_each_of(graders: Vec<Grader>, test: impl Fn(Grader) + Sync) {
    thread::scope(|scope| {
        for grader in graders.into_iter().filter(|grader| closes(*grader)) {
            let test = &test;
            scope.spawn(move || test(grader));
        }
    });
}

/// What the table of verdicts holds: student, check, and `fail Missing`.
pub type Verdicts = BTreeMap<(String, String), String>;

/// A class in a folder of its own, with a TMPDIR of its own. Both are removed in the end.
pub struct Class {
    folder: PathBuf,
    pub grader: Grader,
    /// The limit of processes of a container.
    limit: Option<Limit>,
}

impl Class {
    pub fn new(name: &str, grader: Grader) -> Class {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{grader:?}"));
        remove(&folder);
        for part in ["submissions", "tmp"] {
            fs::create_dir_all(folder.join(part)).unwrap();
        }
        let limit = (grader == Grader::Contained).then(|| Limit::new(Grader::Root, CONTAINER));
        Class { folder, grader, limit: limit.flatten() }
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// A student who hands in this file, with `serve.py` beside it.
    pub fn student(&self, name: &str, file: &str, text: impl AsRef<[u8]>) -> &Class {
        let folder = self.file("submissions").join(name);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(file), text).unwrap();
        fs::copy(attack_file("serve.py"), folder.join("serve.py")).unwrap();
        self
    }

    /// A student with a right echo server.
    pub fn neighbour(&self) -> &Class {
        self.student("neighbour", "echo_server.py", "from serve import serve\nserve()\n")
    }

    /// A command that runs as the grader.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        if self.grader != Grader::Ordinary || !is_root() {
            let mut command = Command::new(program);
            command.env("TMPDIR", self.file("tmp"));
            return command;
        }
        give(&self.folder, USER);
        let mut command = Command::new("setpriv");
        let user = USER.to_string();
        command.args(["--reuid", &user, "--regid", &user, "--clear-groups"]).arg(program);
        command.env("PATH", "/usr/local/bin:/usr/bin:/bin");
        command.env("HOME", &self.folder).env("TMPDIR", self.file("tmp"));
        command
    }

    /// `labs grade`, of one step, with the results as JSON in `all.json`.
    pub fn grade(&self, arguments: &[&str]) -> Command {
        let mut labs = self.command(env!("CARGO_BIN_EXE_labs"));
        labs.arg("grade").arg(self.file("submissions"));
        labs.arg("--results").arg(self.file("results.jsonl"));
        labs.arg("--json").arg(self.file("all.json"));
        if !arguments.contains(&"--steps") {
            labs.args(["--steps", "echo_server"]);
        }
        labs.args(arguments).env_remove("SOCKET_LABS_SHARED_NETWORK");
        labs.stdin(Stdio::null()).current_dir(&self.folder);
        if let Some(limit) = &self.limit {
            let container = ["unshare", "-Ur", "--pid", "--fork", "--mount-proc"];
            wrapped(&mut labs, &container);
            limit.set(&mut labs);
        }
        labs
    }

    /// Lets the grader hold the root folder of the computer open at descriptor 9, as a careless shell
    /// does, so that whatever it starts inherits it.
    pub fn leaks_a_folder(&self, command: &mut Command) {
        wrapped(command, &["sh", "-c", "exec 9</; exec \"$@\"", "sh"]);
    }

    /// Runs the grader with this umask.
    pub fn under_umask(&self, command: &mut Command, umask: &str) {
        wrapped(command, &["sh", "-c", &format!("umask {umask}; exec \"$@\""), "sh"]);
    }

    /// Runs the grader where no program may be run from its TMPDIR (root alone can).
    pub fn without_programs_in_tmp(&self, command: &mut Command) {
        let mount = format!("mount -t tmpfs -o noexec none {}", self.file("tmp").display());
        let script = format!("{mount} && exec \"$@\"");
        wrapped(command, &["unshare", "--mount", "sh", "-c", &script, "sh"]);
    }

    /// What all reports say that did not pass, for whoever reads a failed test.
    pub fn stories(&self) -> String {
        let document = self.document();
        let students = document["students"].as_array().into_iter().flatten();
        let steps = students.flat_map(|student| student["steps"].as_array().into_iter().flatten());
        let reports = steps.flat_map(|step| step["reports"].as_array().into_iter().flatten());
        let words = |report: &Value| {
            format!("{}: {}\n{}\n", report["check"], report["sentence"], report["story"])
        };
        reports.filter(|report| report["sentence"] != "").take(6).map(words).collect()
    }

    /// The whole document of `all.json`.
    pub fn document(&self) -> Value {
        serde_json::from_slice(&fs::read(self.file("all.json")).unwrap()).unwrap()
    }

    /// What `all.json` says of each check.
    pub fn verdicts(&self) -> Verdicts {
        let mut verdicts = Verdicts::new();
        for student in self.document()["students"].as_array().unwrap() {
            for step in student["steps"].as_array().unwrap() {
                for report in step["reports"].as_array().unwrap() {
                    let word = |name: &str| report[name].as_str().unwrap_or_default().to_string();
                    let verdict = format!("{} {}", word("verdict"), word("way"));
                    let student = student["student"].as_str().unwrap().to_string();
                    verdicts.insert((student, word("check")), verdict.trim().to_string());
                }
            }
        }
        verdicts
    }

    /// A student's total.
    pub fn total(&self, student: &str) -> Value {
        let document = self.document();
        let students = document["students"].as_array().unwrap();
        let is_it = |of: &&Value| of["student"] == student;
        students.iter().find(is_it).unwrap_or_else(|| panic!("no {student}"))["total"].clone()
    }

    /// Waits until no process and no file of a run is left.
    pub fn assert_nothing_is_left(&self) {
        let word = self.file("tmp").display().to_string();
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let processes = with_word(&word);
            if processes.is_empty() {
                break;
            }
            assert!(Instant::now() < deadline, "processes are left: {processes:?}");
            thread::park_timeout(Duration::from_millis(20));
        }
        let left: Vec<_> = fs::read_dir(self.file("tmp")).unwrap().flatten().collect();
        assert!(left.is_empty(), "files are left: {left:?}");
    }
}

impl Drop for Class {
    fn drop(&mut self) {
        remove(&self.folder);
    }
}

/// Puts words in front of a command.
fn wrapped(command: &mut Command, words: &[&str]) {
    let mut wrapped = Command::new(words[0]);
    wrapped.args(&words[1..]).arg(command.get_program()).args(command.get_args());
    like(&mut wrapped, command);
    *command = wrapped;
}

/// Gives a command the environment and the folder of another one.
fn like(command: &mut Command, other: &Command) {
    for (name, value) in other.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    if let Some(folder) = other.get_current_dir() {
        command.current_dir(folder);
    }
}

/// Removes a folder however deep it is, as `rm` can.
fn remove(folder: &Path) {
    let _ = Command::new("rm").arg("-rf").arg(folder).status();
}

fn give(folder: &Path, user: u32) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        if entry.file_type().unwrap().is_dir() {
            give(&entry.path(), user);
        }
        let _ = std::os::unix::fs::lchown(entry.path(), Some(user), Some(user));
    }
    chown(folder, Some(user), Some(user)).unwrap();
}

/// A file of `tests/attacks`.
pub fn attack_file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/attacks").join(name)
}

/// A program of `tests/right`.
pub fn right_text(name: &str) -> String {
    let right = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/right");
    fs::read_to_string(right.join(name)).unwrap()
}

pub fn attack_text(name: &str) -> String {
    fs::read_to_string(attack_file(name)).unwrap()
}

/// Makes a folder that everybody may write to.
pub fn open_folder(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    fs::set_permissions(folder, fs::Permissions::from_mode(0o777)).unwrap();
}

/// The processes that have a word in their command line or work in a folder with it.
fn with_word(word: &str) -> Vec<String> {
    let has = |process: &fs::DirEntry| {
        let path = process.path();
        let line = fs::read(path.join("cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        let folder = fs::read_link(path.join("cwd")).unwrap_or_default();
        let is_here = line.contains(word) || folder.to_string_lossy().contains(word);
        is_here.then(|| format!("{}: {line}", path.display()))
    };
    fs::read_dir("/proc").unwrap().flatten().filter_map(|process| has(&process)).collect()
}

/// What a run said on standard error, and that it ended well.
pub fn ended_well(output: &Output) -> String {
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{:?}\n{error}", output.status);
    error
}

/// Whether this computer closes itself, for this grader. Where it does not, a test says so.
pub fn closes(grader: Grader) -> bool {
    let class = Class::new(&format!("closes-{:?}", thread::current().id()), grader);
    let mut unshare = class.command("unshare");
    unshare.args(["-Ur", "--pid", "--fork", "--mount-proc", "true"]);
    let closes = unshare.stderr(Stdio::null()).status().is_ok_and(|status| status.success());
    assert!(closes || std::env::var_os("SOCKET_LABS_NO_SKIP").is_none(), "must not skip here");
    if !closes {
        eprintln!("SKIPPED: this computer allows no user namespaces");
    }
    closes
}

impl Class {
    /// `labs grade` where the system allows no namespaces: in one whose limit of others is 0.
    pub fn within_no_namespaces(&self, arguments: &[&str]) -> Command {
        let grade = self.grade(arguments);
        let inner = "echo 0 > /proc/sys/user/max_user_namespaces && exec \"$@\"";
        let mut command = Command::new("unshare");
        if self.grader == Grader::Ordinary && is_root() {
            // The user first, then the namespace: `setpriv … labs …` becomes `setpriv … unshare … labs …`.
            command = self.command("unshare");
            command.args(["-Ur", "sh", "-c", inner, "sh"]);
            let labs = std::ffi::OsStr::new(env!("CARGO_BIN_EXE_labs"));
            command.args(grade.get_args().skip_while(|word| *word != labs));
        } else {
            command.args(["-Ur", "sh", "-c", inner, "sh"]).arg(grade.get_program());
            command.args(grade.get_args()).env("TMPDIR", self.file("tmp"));
        }
        command.env_remove("SOCKET_LABS_SHARED_NETWORK").current_dir(&self.folder);
        command
    }
}

/// A limit of processes for all that a run starts: of its user where that is an ordinary one, else of
/// a control group of its own.
pub struct Limit {
    processes: usize,
    group: Option<PathBuf>,
}

impl Limit {
    /// `None` where this computer gives us none.
    pub fn new(grader: Grader, processes: usize) -> Option<Limit> {
        if grader == Grader::Ordinary {
            return Some(Limit { processes, group: None });
        }
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("socket-labs-{}-{number}", std::process::id());
        let group = ["/sys/fs/cgroup/pids", "/sys/fs/cgroup"].iter().find_map(|root| {
            let group = Path::new(root).join(&name);
            fs::create_dir(&group).ok()?;
            if fs::write(group.join("pids.max"), processes.to_string()).is_ok() {
                return Some(group);
            }
            let _ = fs::remove_dir(group);
            None
        })?;
        Some(Limit { processes, group: Some(group) })
    }

    /// Puts a command under the limit: it becomes `sh -c …` with the command behind it.
    pub fn set(&self, command: &mut Command) {
        let words: Vec<_> = std::iter::once(command.get_program())
            .chain(command.get_args())
            .map(std::ffi::OsStr::to_os_string)
            .collect();
        let join = match &self.group {
            Some(group) => format!("echo $$ > {}/cgroup.procs", group.display()),
            None => String::from(":"),
        };
        let mut limited = Command::new("sh");
        limited.arg("-c").arg(format!("{join}; exec \"$@\"")).arg("sh").args(&words);
        if self.group.is_none() {
            // `prlimit` stands in front of `labs`, behind the change of the user.
            let labs = words.iter().position(|word| word == env!("CARGO_BIN_EXE_labs")).unwrap();
            limited =
                Command::new(if labs == 0 { "prlimit".as_ref() } else { words[0].as_os_str() });
            limited.args(words.get(1..labs).unwrap_or_default());
            if labs > 0 {
                limited.arg("prlimit");
            }
            limited.arg(format!("--nproc={}", self.processes)).args(&words[labs..]);
        }
        like(&mut limited, command);
        *command = limited;
    }
}

impl Drop for Limit {
    fn drop(&mut self) {
        if let Some(group) = &self.group {
            let deadline = Instant::now() + Duration::from_secs(10);
            while fs::remove_dir(group).is_err() && Instant::now() < deadline {
                thread::park_timeout(Duration::from_millis(10));
            }
        }
    }
}
