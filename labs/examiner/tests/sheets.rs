//! The documents of the course are tested like its programs.
//!
//! - `02-first-pair::udp_server::run_it`: a session at one or more terminals; its `console` blocks
//!   are what the programs print (`sheets/session.rs` says how it is written, `sheets/play.rs` how it
//!   is played, `sheets/compare.rs` what may differ).
//! - `02-first-pair::udp_server::read_it::rust_57`: the block of Rust in line 57 stands in `src/` as
//!   it is (`sheets/quotes.rs`).
//! - `…::python_80`: the block is Python 3.
//! - `02-first-pair::links`, `…::prose`, `…::outline`: `sheets/links.rs`, `prose.rs`, `outline.rs`.
//! - `the_checker::…`: that each of these finds what is wrong.
//!
//! `SHEETS=DIR` looks at the documents of another copy of the course, with the programs of this one.

#![allow(clippy::unwrap_used)] // in a test, a panic is the answer

#[cfg(target_os = "linux")]
#[path = "sheets/act.rs"]
mod act;
#[path = "sheets/compare.rs"]
mod compare;
#[path = "sheets/dates.rs"]
mod dates;
#[path = "sheets/days.rs"]
mod days;
#[path = "sheets/document.rs"]
mod document;
#[path = "sheets/itself.rs"]
mod itself;
#[path = "sheets/links.rs"]
mod links;
#[cfg(target_os = "linux")]
#[path = "sheets/machine.rs"]
mod machine;
#[cfg(not(target_os = "linux"))]
#[path = "sheets/elsewhere.rs"]
mod machine;
#[path = "sheets/outline.rs"]
mod outline;
#[cfg(target_os = "linux")]
#[path = "sheets/play.rs"]
mod play;
#[cfg(target_os = "linux")]
#[path = "sheets/processes.rs"]
mod processes;
#[path = "sheets/prose.rs"]
mod prose;
#[path = "sheets/quotes.rs"]
mod quotes;
#[path = "sheets/session.rs"]
mod session;
#[cfg(target_os = "linux")]
#[path = "sheets/terminal.rs"]
mod terminal;

use std::env;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use document::{Block, Document, documents};
use examiner::exam::worker;
use libtest_mimic::{Arguments, Failed, Trial};
use session::{Session, sessions};

/// The variable that names the session to be played: `PATH:LINE` of its first block.
const SESSION: &str = "SHEETS_SESSION";

/// The tools that a session may use, beside the course's own programs.
const TOOLS: &[&str] = &[
    "cargo", "cat", "curl", "diff", "dig", "echo", "getent", "grep", "head", "hexdump", "host",
    "ip", "kill", "ls", "lsof", "nc", "ncat", "netstat", "od", "printf", "python3", "seq", "sleep",
    "socat", "sort", "ss", "strace", "tail", "telnet", "timeout", "tshark", "true", "wc", "xxd",
    "yes",
];

/// How a test went that did not fail.
pub enum Answer {
    /// As it should.
    Fine,
    /// It cannot be made here.
    NotHere(String),
}

fn main() -> ExitCode {
    machine::enter_if_asked();
    worker::enter_if_asked();
    let mut arguments = Arguments::from_args();
    // A session waits more than it works.
    arguments.test_threads.get_or_insert(6);
    let root = course();
    let all: Vec<Arc<Document>> = documents(&root).into_iter().map(Arc::new).collect();
    let mut counts = Counts::default();
    let mut trials = itself::trials(&root);
    trials.push(Trial::test("every_lab_has_its_sheet", {
        let root = root.clone();
        move || none(outline::missing(&documents(&root)))
    }));
    trials.push(Trial::test("docs/SUMMARY", {
        let root = root.clone();
        move || none(outline::contents(&root, &documents(&root)))
    }));
    for document in &all {
        trials.extend(of(&root, document, &mut counts));
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    if !arguments.list {
        counts.tell(all.len());
    }
    conclusion.exit_code()
}

#[derive(Default)]
struct Counts {
    links: usize,
    outside: usize,
    quotes: usize,
    sessions: usize,
    transcripts: usize,
    commands: usize,
    python: usize,
    diagrams: usize,
}

impl Counts {
    #[allow(clippy::print_stdout)]
    fn tell(&self, documents: usize) {
        let Counts { links, outside, quotes, sessions, transcripts, commands, python, diagrams } =
            self;
        println!(
            "the documents: {documents} of them, {links} links within the course ({outside} more lead out of it), {quotes} quotes of Rust,"
        );
        println!(
            "{transcripts} transcripts with {commands} commands in {sessions} sessions, {python} blocks of Python, {diagrams} diagrams"
        );
    }
}

/// Every test of a document.
fn of(root: &Path, document: &Arc<Document>, counts: &mut Counts) -> Vec<Trial> {
    let name = document.name().to_string();
    let mut trials = Vec::new();
    let mut add = |name: String, run: Box<dyn FnOnce() -> Result<(), Failed> + Send>| {
        trials.push(Trial::test(name, run));
    };
    for (_, target) in links::links(document) {
        if links::is_outside(&target) { counts.outside += 1 } else { counts.links += 1 }
    }
    let (copy, at) = (document.clone(), root.to_path_buf());
    add(format!("{name}::links"), Box::new(move || none(links::troubles(&at, &copy))));
    let copy = document.clone();
    add(format!("{name}::prose"), Box::new(move || none(prose::troubles(&copy))));
    if let Some(lab) = outline::lab_of(document) {
        let copy = document.clone();
        add(format!("{name}::outline"), Box::new(move || none(outline::troubles(&copy, lab))));
    }
    for block in &document.blocks {
        counts.diagrams += usize::from(block.language == "mermaid");
        let place = format!("{name}::{}::{}_{}", block.place, block.language, block.line);
        let (copy, at, block) = (document.clone(), root.to_path_buf(), block.clone());
        match block.language.as_str() {
            "rust" => {
                counts.quotes += 1;
                add(place, Box::new(move || Ok(quotes::check(&at, &copy, &block).map(drop)?)));
            }
            "python" => {
                counts.python += 1;
                add(place, Box::new(move || python(&copy, &block)));
            }
            _ => {}
        }
    }
    let (sessions, troubles) = sessions_of(document);
    if !troubles.is_empty() {
        add(format!("{name}::sessions"), Box::new(move || none(troubles)));
    }
    for session in sessions {
        counts.sessions += 1;
        counts.transcripts += session.scenes.len();
        counts.commands += session.commands().count();
        let copy = document.clone();
        add(format!("{name}::{}", session.place), Box::new(move || played(&copy, &session)));
    }
    trials
}

/// The sessions of a document, if it has any: those for students show what they will see.
fn sessions_of(document: &Document) -> (Vec<Session>, Vec<String>) {
    let is_for_students =
        ["labs/", "docs/protocol"].iter().any(|start| document.path.starts_with(start));
    if is_for_students { sessions(document) } else { (Vec::new(), Vec::new()) }
}

fn python(document: &Document, block: &Block) -> Result<(), Failed> {
    if !is_installed("python3") {
        return skip(&document.at(block.line), "python3 is not installed");
    }
    Ok(quotes::compiles(document, block)?)
}

fn played(document: &Document, session: &Session) -> Result<(), Failed> {
    let first = document.at(session.scenes[0].line);
    for (line, command) in session.commands() {
        for program in session::programs(command) {
            if program.starts_with("target/debug/") {
                continue;
            }
            if !TOOLS.contains(&program.as_str()) {
                let at = document.at(line);
                return Err(format!(
                    "{at}: {program} is none of the tools of a sheet: {}",
                    TOOLS.join(" ")
                )
                .into());
            }
            if !is_installed(&program) {
                return skip(&first, &format!("{program} is not installed"));
            }
        }
    }
    match machine::run(&first)? {
        Answer::Fine => Ok(()),
        Answer::NotHere(why) => skip(&first, &why),
    }
}

/// Fails with all of these, if there are any.
fn none(troubles: Vec<String>) -> Result<(), Failed> {
    if troubles.is_empty() { Ok(()) } else { Err(troubles.join("\n").into()) }
}

/// Says that a test skipped; with `SOCKET_LABS_NO_SKIP`, as in CI, it fails.
#[allow(clippy::print_stderr)]
fn skip(test: &str, why: &str) -> Result<(), Failed> {
    if env::var_os("SOCKET_LABS_NO_SKIP").is_some() {
        return Err(format!("{test} must not skip here: {why}").into());
    }
    eprintln!("SKIPPED {test}: {why}");
    Ok(())
}

fn is_installed(tool: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain(["/usr/sbin".into(), "/sbin".into()]);
    tool == "cargo" || folders.into_iter().any(|folder| folder.join(tool).is_file())
}

/// The copy of the course whose documents are looked at.
pub fn course() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    env::var_os("SHEETS").map_or_else(|| own.to_path_buf(), PathBuf::from)
}

/// Where the programs are.
pub fn programs_folder() -> PathBuf {
    let test = env::current_exe().unwrap();
    test.ancestors().nth(2).unwrap().to_path_buf() // target/PROFILE/deps
}

/// The session whose first block is at this place.
pub fn find(root: &Path, name: &str) -> Option<(Document, Session)> {
    let (path, line) = name.rsplit_once(':')?;
    let document = Document::read(root, &root.join(path));
    let (sessions, _) = sessions(&document);
    let session =
        sessions.into_iter().find(|session| session.scenes[0].line.to_string() == line)?;
    Some((document, session))
}
