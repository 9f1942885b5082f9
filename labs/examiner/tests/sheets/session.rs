//! A session: what a reader types at one or more terminals between two headings, and what is printed.
//!
//! - All `console` blocks between two headings or run-in headings are one session.
//! - A line that begins with `$ ` is a command; what follows is all that it prints.
//! - A first line `# first terminal` says where the block is typed; two blocks with the same line are
//!   typed at the same terminal. A block without one has a terminal of its own.
//! - A block that does not begin with a command goes on with the command before it at its terminal.
//! - A line `^C` is Ctrl-C, `^D` is Ctrl-D; each is typed when all above it has been printed.
//! - A comment `<!-- typed: hello -->` above the block says that this is typed, where a line ends with it.

use std::collections::BTreeMap;

use super::document::{Block, Document};

/// What is typed and printed between two headings.
pub struct Session {
    /// `udp_server::run_it`.
    pub place: String,
    /// Its blocks, in order.
    pub scenes: Vec<Scene>,
}

/// A block of a session.
pub struct Scene {
    /// The line of its fence.
    pub line: usize,
    /// `# first terminal`, or nothing.
    pub terminal: Option<String>,
    /// What stands in it.
    pub items: Vec<Item>,
}

/// A line of a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// A command, with the line it stands in.
    Command(usize, String),
    /// A line that is printed.
    Line(usize, String),
    /// A line that ends with what is typed; that is the second.
    Typed(usize, String, String),
    /// `^C` or `^D`.
    Key(usize, Key),
}

/// A key with a meaning of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// Ctrl-C.
    C,
    /// Ctrl-D.
    D,
}

impl Key {
    /// As the sheet shows it.
    pub fn shown(self) -> &'static str {
        match self {
            Key::C => "^C",
            Key::D => "^D",
        }
    }

    /// As the keyboard sends it.
    pub fn byte(self) -> u8 {
        match self {
            Key::C => 3,
            Key::D => 4,
        }
    }
}

/// Every session of a document, and what is wrong with how they are written.
pub fn sessions(document: &Document) -> (Vec<Session>, Vec<String>) {
    let mut sessions: BTreeMap<usize, Session> = BTreeMap::new();
    let mut troubles = Vec::new();
    for block in document.blocks.iter().filter(|block| block.language == "console") {
        let new = || Session { place: block.place.clone(), scenes: Vec::new() };
        let session = sessions.entry(block.section).or_insert_with(new);
        match scene(block) {
            Ok(scene) => session.scenes.push(scene),
            Err((line, trouble)) => troubles.push(format!("{}: {trouble}", document.at(line))),
        }
    }
    let has_scenes = |session: &Session| !session.scenes.is_empty();
    (sessions.into_values().filter(has_scenes).collect(), troubles)
}

fn scene(block: &Block) -> Result<Scene, (usize, String)> {
    let mut terminal = None;
    let mut items = Vec::new();
    let mut typed =
        block.comments.iter().filter_map(|comment| comment.trim_start().strip_prefix("typed:"));
    let mut typed_next = next_typed(&mut typed);
    let mut continues = false;
    for (index, line) in block.lines.iter().enumerate() {
        let number = block.line + 1 + index;
        if index == 0 && line.starts_with("# ") {
            terminal = Some(line.trim().to_string());
            continue;
        }
        if continues {
            let Some(Item::Command(_, command)) = items.last_mut() else { continue };
            continues = add(command, line.trim_start_matches("> ").trim_start());
            continue;
        }
        if let Some(text) = line.strip_prefix("$ ") {
            let mut command = String::new();
            continues = add(&mut command, text);
            items.push(Item::Command(number, command));
            continue;
        }
        let is_typed = typed_next.as_ref().is_some_and(|text| ends_with_typed(line, text));
        items.push(match line.trim() {
            "^C" => Item::Key(number, Key::C),
            "^D" => Item::Key(number, Key::D),
            _ if is_typed => {
                let text = typed_next.take().unwrap_or_default();
                typed_next = next_typed(&mut typed);
                Item::Typed(number, line.clone(), text)
            }
            _ => Item::Line(number, line.clone()),
        });
    }
    if let Some(text) = typed_next {
        let trouble = format!("no line of this block ends with what is typed: {text:?}");
        return Err((block.line, trouble));
    }
    if items.is_empty() {
        return Err((block.line, "this block shows nothing".to_string()));
    }
    if terminal.is_none() && !matches!(items[0], Item::Command(..)) {
        let trouble = "this block begins with no command, and with no line `# first terminal`";
        return Err((block.line, trouble.to_string()));
    }
    Ok(Scene { line: block.line, terminal, items })
}

fn next_typed<'a>(typed: &mut impl Iterator<Item = &'a str>) -> Option<String> {
    typed.next().map(|text| text.strip_prefix(' ').unwrap_or(text).trim_end().to_string())
}

/// Nothing typed but ENTER: a line that asks for something, or an empty one.
fn ends_with_typed(line: &str, text: &str) -> bool {
    let line = line.trim_end();
    if text.is_empty() {
        line.is_empty() || line.ends_with([':', '>', '?'])
    } else {
        line.ends_with(text)
    }
}

/// Adds a line to a command, and tells whether another follows.
fn add(command: &mut String, line: &str) -> bool {
    match line.strip_suffix('\\') {
        Some(start) => {
            *command += start;
            true
        }
        None => {
            *command += line;
            false
        }
    }
}

impl Session {
    /// Whether one of its programs prints this.
    pub fn shows(&self, text: &str) -> bool {
        let mut items = self.scenes.iter().flat_map(|scene| &scene.items);
        items.any(|item| matches!(item, Item::Line(_, line) if line.contains(text)))
    }

    /// Every command.
    pub fn commands(&self) -> impl Iterator<Item = (usize, &str)> {
        let items = self.scenes.iter().flat_map(|scene| &scene.items);
        items.filter_map(|item| match item {
            Item::Command(line, command) => Some((*line, command.as_str())),
            _ => None,
        })
    }
}

/// The programs that a command line starts: the first word of each part of its pipe.
pub fn programs(command: &str) -> Vec<String> {
    let mut programs = Vec::new();
    let mut quote = None;
    let mut word = String::new();
    let mut is_first = true;
    for c in command.chars().chain([' ']) {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), c) => word.push(c),
            (None, '\'' | '"') => quote = Some(c),
            (None, ' ' | '|' | ';' | '&' | '(' | ')' | '{' | '}') => {
                let is_program = is_first && !word.is_empty() && !word.contains('=');
                if is_program {
                    programs.push(std::mem::take(&mut word));
                    is_first = false;
                }
                word.clear();
                is_first |= c != ' ';
            }
            (None, c) => word.push(c),
        }
    }
    programs
}
