//! `labs ask` alone: every question by lab, and the one to take next.

use examiner::catalogue::LABS;
use serde::Serialize;
use socket_labs::say;

use super::desk::{Desk, next};
use super::standing::{Standing, questions_of};
use super::{Screen, all, labs};

#[derive(Serialize)]
struct Row {
    question: u8,
    key: &'static str,
    lab: u8,
    title: &'static str,
    /// `first`, `later`, `tried`, or empty.
    answered: &'static str,
}

/// Lists the questions.
///
/// # Errors
///
/// The progress cannot be read.
pub fn list(desk: &Desk, json: bool) -> anyhow::Result<()> {
    let (progress, screen) = (desk.progress()?, &desk.screen);
    if json {
        let row = |asked: super::Asked| Row {
            question: asked.number,
            key: asked.key,
            lab: asked.lab,
            title: asked.title,
            answered: Standing::of(&progress, asked.key).word(),
        };
        let rows: Vec<Row> = all().into_iter().map(row).collect();
        say!("{}", serde_json::to_string_pretty(&rows)?);
        return Ok(());
    }
    say!("What happens if …");
    for lab in LABS {
        let (taken, number) = questions_of(&progress, lab.number);
        if number == 0 {
            continue;
        }
        let head = format!("Lab {}  {}", lab.number, lab.title);
        say!(
            "\n{}{:width$}{taken} of {number}",
            screen.bold(&head),
            "",
            width = 60 - head.chars().count()
        );
        for asked in all().into_iter().filter(|asked| asked.lab == lab.number) {
            let mark = mark(screen, Standing::of(&progress, asked.key));
            say!("  {mark} {:>2}  {}", asked.number, asked.title);
        }
    }
    let (first, later, tried) = (
        mark(screen, Standing::First),
        mark(screen, Standing::Later),
        mark(screen, Standing::Tried),
    );
    say!("\n{first} right at first   {later} right later   {tried} another guess\n");
    match next(&progress, None) {
        Some(next) => {
            say!("{}", screen.bold(&format!("Next: {} ask {}", labs(), next.number)));
        }
        None => say!("{}", screen.bold("You have answered every question right.")),
    }
    Ok(())
}

fn mark(screen: &Screen, standing: Standing) -> String {
    match standing {
        Standing::First => screen.green("✓"),
        Standing::Later => screen.green("+"),
        Standing::Tried => screen.yellow("~"),
        Standing::New => " ".into(),
    }
}
