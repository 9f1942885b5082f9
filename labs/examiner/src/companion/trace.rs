//! `labs trace`: what a program asks of the system about its sockets.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use examiner::catalogue;
use examiner::trace::{Story, Trace, diagram, run, table};
use socket_labs::bytes::printable;
use socket_labs::error::OrCannot;
use socket_labs::{note, say};

use super::advice::advice;
use super::build::{Built, Package, build};
use super::{Checkout, Screen, labs};

/// Runs a program and shows its socket calls (Linux).
///
/// Beside them stands what goes over the wire. The terminal is the program's own
/// while it runs; the table comes when it has ended. Ctrl-C ends a server, and
/// then its table comes.
///
/// The name of a step means the course's program of this name. Everything else is
/// a command. The exit code is the program's own; 1 where nothing could be run.
///
/// Example: labs trace tcp_client hello
/// Example: labs trace -- python3 my_client.py
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// Your own program of the step, from labs/answers
    #[arg(long)]
    mine: bool,

    /// Show everything: names looked up, local sockets, fcntl, epoll …
    #[arg(long)]
    all: bool,

    /// Print a sequence diagram for Mermaid
    #[arg(long, conflicts_with = "json")]
    mermaid: bool,

    /// Print one JSON document
    #[arg(long)]
    json: bool,

    /// Write into this file, and not behind what the program prints
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// A step with its arguments, or any command
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    command: Vec<String>,
}

/// Runs, and tells.
///
/// # Errors
///
/// The system has no strace, or there is no such program.
pub fn trace(args: &Args) -> anyhow::Result<ExitCode> {
    let strace = strace()?;
    let Some(command) = args.program()? else { return Ok(ExitCode::FAILURE) };
    let shown = printable(args.command.join(" ").as_bytes());
    let ran =
        run::run(strace, &command, Trace::new(&shown, args.all)).or_cannot("run", "strace")?;
    let Some(story) = ran.story else {
        let hint = "what strace says stands above; where it is not permitted to trace, try \
                    another machine: containers often forbid it";
        return Err(advice("strace could not run the program", hint));
    };
    args.tell(&story)?;
    Ok(ExitCode::from(ran.code))
}

/// Where strace is, or what to use in its place.
fn strace() -> anyhow::Result<PathBuf> {
    let elsewhere = match env::consts::OS {
        "linux" => return run::strace().ok_or_else(|| advice("strace is not installed", INSTALL)),
        "macos" => {
            "Wireshark shows the packets. `sudo dtruss -f COMMAND` shows the calls, but not of \
             programs that System Integrity Protection guards"
        }
        "windows" => {
            "Wireshark shows the packets, and Process Monitor (Sysinternals) which program \
             connects, sends and receives; or run the course in WSL"
        }
        _ => "Wireshark shows the packets, and `truss` or `ktrace` the calls",
    };
    Err(advice("labs trace works on Linux only, through strace", elsewhere))
}

const INSTALL: &str = "sudo apt install strace (Debian, Ubuntu), sudo dnf install strace (Fedora), \
                       sudo pacman -S strace (Arch)";

impl Args {
    /// The command, with the program of a step built. `None` where it does not compile, which has
    /// been said.
    fn program(&self) -> anyhow::Result<Option<Vec<String>>> {
        let Some(step) = catalogue::step(&self.command[0]) else {
            if self.mine {
                let hint = format!("as in {} trace --mine udp_client hello", labs());
                return Err(advice("--mine is for the name of a step", hint));
            }
            return found(&self.command).map(Some);
        };
        let (checkout, screen) = (Checkout::find()?, Screen::new());
        // In a copy that was handed out, an exercise of the course has nothing to show.
        let mine = self.mine || (step.exercise && checkout.whole_reference(step).is_none());
        if mine && !checkout.answer(step).exists() {
            let hint = format!("begin with it: {} start {}", labs(), step.name);
            return Err(advice(format!("you have no answer for {} yet", step.name), hint));
        }
        let package = if mine { Package::Answers } else { Package::Course };
        let spinner = screen.working(&format!("building {}", step.name), 0);
        let built = build(&checkout, package, step, &screen);
        spinner.finish_and_clear();
        match built? {
            Built::Program(program) => {
                let words = self.command.iter().skip(1).cloned();
                Ok(Some([program.display().to_string()].into_iter().chain(words).collect()))
            }
            Built::Refused(message) => {
                note!("{}\n\n{} does not compile yet.", message.trim(), step.name);
                Ok(None)
            }
        }
    }

    fn tell(&self, story: &Story) -> anyhow::Result<()> {
        let text = if self.json {
            serde_json::to_string_pretty(story)? + "\n"
        } else if self.mermaid {
            diagram(story)
        } else {
            table(story, if self.output.is_some() { 0 } else { width() })
        };
        match &self.output {
            Some(file) => fs::write(file, text).or_cannot("write", file.display().to_string())?,
            None if self.json || self.mermaid => say!("{}", text.trim_end()),
            None => say!("\n{}", text.trim_end()),
        }
        Ok(())
    }
}

/// How wide the terminal is; 0 where there is none.
fn width() -> usize {
    console::Term::stdout().size_checked().map_or(0, |(_, columns)| columns.into())
}

/// The command, where its program can be found.
fn found(command: &[String]) -> anyhow::Result<Vec<String>> {
    let name = &command[0];
    let path = env::var_os("PATH").unwrap_or_default();
    let is_there = if name.contains('/') {
        is_program(Path::new(name))
    } else {
        env::split_paths(&path).any(|folder| is_program(&folder.join(name)))
    };
    if is_there {
        return Ok(command.to_vec());
    }
    let sentence = format!("there is no program {}", printable(name.as_bytes()));
    let hint = if name.starts_with("target/") {
        "`cargo build` makes the programs of the course".to_string()
    } else {
        format!("a program in this folder begins with ./, as in {} trace -- ./a.out", labs())
    };
    Err(advice(sentence, hint))
}

fn is_program(file: &Path) -> bool {
    #[cfg(unix)]
    let may_run = |data: fs::Metadata| {
        use std::os::unix::fs::PermissionsExt;
        data.permissions().mode() & 0o111 != 0
    };
    #[cfg(not(unix))]
    let may_run = |_| true;
    file.is_file() && file.metadata().is_ok_and(may_run)
}
