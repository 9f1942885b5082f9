//! A command of a session, from its start to its comparison.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::compare::{compare, difference};
use super::document::Document;
use super::processes::Processes;
use super::session::Item;
use super::terminal::Terminal;

/// How long a program must have slept and printed nothing before it is taken to wait.
const QUIET: Duration = Duration::from_millis(120);

/// Longer than any program of the course waits by itself, and than a test has to.
pub const LONG: Duration = Duration::from_secs(12);

/// A command at its terminal.
pub struct Act {
    pub line: usize,
    pub command: String,
    terminal: Terminal,
    /// The file that has its exit code when it has ended.
    end: PathBuf,
    pub script: Vec<Item>,
    /// How many items of the script are behind us: the last of them is a key.
    played: usize,
    /// Whether more of it is shown in a later block.
    pub goes_on: bool,
    /// Whether it stayed once: it then waits whenever it sleeps.
    pub stayed: bool,
    pub code: Option<i32>,
    slept_since: Option<Instant>,
}

impl Act {
    /// A command that was just started.
    pub fn new(line: usize, command: &str, terminal: Terminal, end: PathBuf) -> Act {
        Act {
            line,
            command: command.to_string(),
            terminal,
            end,
            script: Vec::new(),
            played: 0,
            goes_on: false,
            stayed: false,
            code: None,
            slept_since: None,
        }
    }

    /// Sees what has changed, and types the next key when it is due.
    pub fn look(&mut self) -> io::Result<()> {
        if self.code.is_none() {
            let code = fs::read_to_string(&self.end).unwrap_or_default();
            self.code = code.trim().parse().ok();
            if self.code.is_some() {
                self.slept_since = None; // what it printed last may still be on its way here
            }
        }
        let processes = Processes::of(self.terminal.child.id());
        if !processes.are_asleep() {
            self.slept_since = None;
        } else {
            self.slept_since.get_or_insert_with(Instant::now);
        }
        if let Some(index) = self.next_key()
            && self.code.is_none()
            && self.is_shown_up_to(index)
        {
            match &self.script[index] {
                Item::Typed(_, _, text) => self.terminal.types(text)?,
                // A program that has only begun to wait might not catch it yet.
                Item::Key(_, _) if !self.sleeps(QUIET) => return Ok(()),
                Item::Key(_, key) => self.terminal.presses(*key)?,
                _ => {}
            }
            self.stayed &= !matches!(self.script[index], Item::Key(..));
            self.played = index + 1;
            self.slept_since = None;
        }
        Ok(())
    }

    fn next_key(&self) -> Option<usize> {
        let is_key = |item: &Item| matches!(item, Item::Typed(..) | Item::Key(..));
        self.script[self.played..].iter().position(is_key).map(|index| self.played + index)
    }

    /// Whether all was printed that stands above a key, and what stands before it in its line.
    fn is_shown_up_to(&self, key: usize) -> bool {
        let mut expected = shown(&self.script[..key]);
        expected.push(match &self.script[key] {
            Item::Typed(_, line, text) => {
                line.trim_end().strip_suffix(text.as_str()).unwrap_or("").to_string()
            }
            _ => String::new(),
        });
        compare(&expected, &self.terminal.lines()).is_ok()
    }

    /// Whether it has slept, and printed nothing, for so long.
    pub fn sleeps(&self, time: Duration) -> bool {
        let is_old = |moment: Instant| moment.elapsed() >= time;
        self.slept_since.is_some_and(is_old) && self.terminal.changed().is_none_or(is_old)
    }

    /// Whether it has ended; or is there, waits for others, and no key is due.
    pub fn is_settled(&self) -> bool {
        if self.code.is_some() || self.sleeps(LONG) {
            return true;
        }
        if !self.sleeps(QUIET) || self.next_key().is_some_and(|key| self.is_shown_up_to(key)) {
            return false;
        }
        if self.stayed {
            return true;
        }
        let has_begun = match self.script.first() {
            Some(Item::Line(..)) => self.terminal.lines().len() > 1,
            _ => true,
        };
        let processes = Processes::of(self.terminal.child.id());
        if processes.serve() || processes.read_the_keyboard() {
            return true;
        }
        has_begun && !processes.is_empty() && (self.goes_on || self.next_key().is_some())
    }

    pub fn is_finished(&self) -> bool {
        if self.code.is_some() {
            return self.terminal.is_closed() || self.sleeps(Duration::from_secs(1));
        }
        self.sleeps(LONG)
            || (self.next_key().is_none() && self.sleeps(QUIET) && self.compared().is_none())
    }

    fn printed(&self) -> Vec<String> {
        let mut lines = self.terminal.lines();
        if lines.last().is_some_and(String::is_empty) {
            lines.pop();
        }
        lines
    }

    /// What is not as expected.
    fn compared(&self) -> Option<(usize, String)> {
        let (expected, printed) = (shown(&self.script), self.printed());
        let matched = compare(&expected, &printed).err()?;
        let lines = self.script.iter().map(|item| match item {
            Item::Command(line, _)
            | Item::Line(line, _)
            | Item::Typed(line, ..)
            | Item::Key(line, _) => *line,
        });
        let last = lines.clone().next_back().unwrap_or(self.line);
        let line = lines.clone().nth(matched.expected).unwrap_or(last);
        Some((line, difference(&expected, &printed, matched)))
    }

    pub fn trouble(&self, document: &Document) -> Option<String> {
        let (line, difference) = self.compared()?;
        Some(format!(
            "{}: this is not what is printed\n{difference}\n{}",
            document.at(line),
            self.all()
        ))
    }

    /// All that happened at the terminal, as the sheet would show it.
    pub fn all(&self) -> String {
        let end = match self.code {
            Some(code) => format!("(it ended with exit code {code})"),
            None => "(it still ran)".to_string(),
        };
        let lines: Vec<String> = [format!("$ {}", self.command)]
            .into_iter()
            .chain(self.printed())
            .chain([end])
            .collect();
        format!("all that happened at that terminal:\n    {}", lines.join("\n    "))
    }
}

fn shown(script: &[Item]) -> Vec<String> {
    let line = |item: &Item| match item {
        Item::Command(_, text) | Item::Line(_, text) | Item::Typed(_, text, _) => text.clone(),
        Item::Key(_, key) => key.shown().to_string(),
    };
    script.iter().map(line).collect()
}
