//! Plays a session and compares.
//!
//! - A command starts when the one before it, at whatever terminal, has ended, or *stays*: it has
//!   printed its first line, every thread of it sleeps, and it has a socket for clients, or reads
//!   the keyboard, or the sheet has a key or more lines for it later.
//! - A key is typed when all that the sheet shows above it was printed.
//! - What stays is ended at the end of the session, when it has printed all that the sheet shows.
//! - Whatever sleeps longer than any program of the course waits is taken to stay.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use super::act::{Act, LONG};
use super::document::Document;
use super::machine::Desk;
use super::session::{Item, Scene, Session};
use super::terminal::Terminal;

/// The longest wait for anything, on a machine with much other work.
const PATIENCE: Duration = Duration::from_secs(90);

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
        let act = Act::new(line, command, terminal, end);
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
