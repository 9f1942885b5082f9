//! Plays a session and compares.
//!
//! - A command starts when the one before it, at whatever terminal, has ended, or *stays*: it has
//!   printed its first line, every thread of it sleeps, and it has a socket for clients, or reads
//!   the keyboard, or the sheet has a key or more lines for it later.
//! - A key is typed when all that the sheet shows above it was printed.
//! - What stays is ended at the end of the session, when it has printed all that the sheet shows.
//! - Whatever sleeps longer than any program of the course waits is taken to stay.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use super::compare::{compare, difference};
use super::document::Document;
use super::machine::Desk;
use super::processes::Processes;
use super::session::{Item, Scene, Session};
use super::terminal::Terminal;

/// How long a program must have slept and printed nothing before it is taken to wait.
const QUIET: Duration = Duration::from_millis(120);

/// Longer than any program of the course waits by itself, and than a test has to.
const LONG: Duration = Duration::from_secs(12);

/// The longest wait for anything, on a machine with much other work.
const PATIENCE: Duration = Duration::from_secs(90);

/// A command at its terminal.
struct Act {
    line: usize,
    command: String,
    terminal: Terminal,
    /// The file that has its exit code when it has ended.
    end: PathBuf,
    script: Vec<Item>,
    /// How many items of the script are behind us: the last of them is a key.
    played: usize,
    /// Whether more of it is shown in a later block.
    goes_on: bool,
    /// Whether it stayed once: it then waits whenever it sleeps.
    stayed: bool,
    code: Option<i32>,
    slept_since: Option<Instant>,
}

/// Plays a session.
///
/// # Errors
///
/// What was expected, and what happened.
pub fn play(desk: &Desk, document: &Document, session: &Session) -> Result<(), String> {
    let mut stage = Stage { desk, document, open: BTreeMap::new(), over: Vec::new() };
    for (index, scene) in session.scenes.iter().enumerate() {
        stage.scene(scene, &session.scenes[index + 1..])?;
    }
    stage.finish();
    let mut acts: Vec<Act> = stage.over.into_iter().chain(stage.open.into_values()).collect();
    acts.sort_by_key(|act| act.line);
    let troubles: Vec<String> = acts.iter().filter_map(|act| act.trouble(document)).collect();
    if troubles.is_empty() { Ok(()) } else { Err(troubles.join("\n\n")) }
}

struct Stage<'a> {
    desk: &'a Desk,
    document: &'a Document,
    open: BTreeMap<String, Act>,
    over: Vec<Act>,
}

impl Stage<'_> {
    fn scene(&mut self, scene: &Scene, later: &[Scene]) -> Result<(), String> {
        let name = scene.terminal.clone().unwrap_or_else(|| format!("{:08}", scene.line));
        let mut items = scene.items.iter().peekable();
        while let Some(item) = items.next() {
            let mut script: Vec<Item> = Vec::new();
            match item {
                Item::Command(line, command) => self.start(&name, *line, command)?,
                other => script.push(other.clone()),
            }
            while let Some(item) = items.next_if(|item| !matches!(item, Item::Command(..))) {
                script.push(item.clone());
            }
            let is_last = items.peek().is_none();
            let nothing = || {
                format!(
                    "{}: no command was started at this terminal before",
                    self.document.at(scene.line)
                )
            };
            let act = self.open.get_mut(&name).ok_or_else(nothing)?;
            act.script.extend(script);
            act.goes_on = is_last && goes_on(&scene.terminal, later);
            self.settle()?;
        }
        Ok(())
    }

    fn start(&mut self, name: &str, line: usize, command: &str) -> Result<(), String> {
        let at = self.document.at(line);
        let mut code = 0;
        if let Some(before) = self.open.get(name).map(|act| act.line) {
            let ended = self.until(|stage| {
                let act = &stage.open[name];
                (act.code.is_some() || act.sleeps(LONG)).then_some(act.code.is_some())
            });
            if ended != Some(true) {
                return Err(format!(
                    "{at}: the command of line {before} still runs when this one is typed at the same terminal\nend it with a line ^C, or show this one at a `# second terminal`"
                ));
            }
            if let Some(act) = self.open.remove(name) {
                code = act.code.unwrap_or_default();
                self.over.push(act);
            }
        }
        let (ready, end) = self.desk.command(line, command, code);
        let terminal =
            Terminal::start(ready).map_err(|error| format!("{at}: {command}: {error}"))?;
        let act = Act {
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
        };
        self.open.insert(name.to_string(), act);
        Ok(())
    }

    /// Waits until every command has ended, or stays.
    fn settle(&mut self) -> Result<(), String> {
        let settled = self.until(|stage| stage.open.values().all(Act::is_settled).then_some(()));
        for act in self.open.values_mut() {
            act.stayed = act.code.is_none() && act.is_settled();
        }
        let restless = || self.open.values().find(|act| !act.is_settled());
        match (settled, restless()) {
            (None, Some(act)) => Err(format!(
                "{}: {} neither ended nor waited\n{}",
                self.document.at(act.line),
                act.command,
                act.all()
            )),
            _ => Ok(()),
        }
    }

    /// Waits until every command has ended, or has printed all that is shown, or will not.
    fn finish(&mut self) {
        self.until(|stage| stage.open.values().all(Act::is_finished).then_some(()));
    }

    /// Looks again and again, and types what is due.
    fn until<T>(&mut self, done: impl Fn(&Stage) -> Option<T>) -> Option<T> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            for act in self.open.values_mut() {
                act.look().ok()?;
            }
            if let Some(done) = done(self) {
                return Some(done);
            }
            if Instant::now() > deadline {
                return None;
            }
            thread::park_timeout(Duration::from_millis(10));
        }
    }
}

/// Whether a later block goes on with the command of this terminal.
fn goes_on(terminal: &Option<String>, later: &[Scene]) -> bool {
    let next = later.iter().find(|scene| terminal.is_some() && scene.terminal == *terminal);
    next.is_some_and(|scene| !matches!(scene.items.first(), Some(Item::Command(..))))
}

impl Act {
    /// Sees what has changed, and types the next key when it is due.
    fn look(&mut self) -> io::Result<()> {
        if self.code.is_none() {
            let code = fs::read_to_string(&self.end).unwrap_or_default();
            self.code = code.trim().parse().ok();
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
    fn sleeps(&self, time: Duration) -> bool {
        let is_old = |moment: Instant| moment.elapsed() >= time;
        self.slept_since.is_some_and(is_old) && self.terminal.changed().is_none_or(is_old)
    }

    /// Whether it has ended; or is there, waits for others, and no key is due.
    fn is_settled(&self) -> bool {
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

    fn is_finished(&self) -> bool {
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
        let last = lines.clone().last().unwrap_or(self.line);
        let line = lines.clone().nth(matched.expected).unwrap_or(last);
        Some((line, difference(&expected, &printed, matched)))
    }

    fn trouble(&self, document: &Document) -> Option<String> {
        let (line, difference) = self.compared()?;
        Some(format!(
            "{}: this is not what is printed\n{difference}\n{}",
            document.at(line),
            self.all()
        ))
    }

    /// All that happened at the terminal, as the sheet would show it.
    fn all(&self) -> String {
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
