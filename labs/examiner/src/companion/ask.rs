//! `labs ask`: the questions of the course.

use std::process::ExitCode;

use examiner::ask::{self, ladder};
use socket_labs::say;

/// Asks "what happens if …", runs it for real, and shows what was observed.
///
/// Example: labs ask 3
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// The number of the question
    question: u8,
}

pub fn ask(args: &Args) -> anyhow::Result<ExitCode> {
    let seen = ask::run(args.question)?;
    for line in ladder(&seen) {
        say!("{}", line.into_iter().map(|(_, part)| part).collect::<String>());
    }
    for fact in &seen.facts {
        say!("{:45} {}", fact.name, fact.value);
    }
    say!("{:?} {} ms private={}", seen.stopped, seen.milliseconds, seen.private);
    Ok(ExitCode::SUCCESS)
}
