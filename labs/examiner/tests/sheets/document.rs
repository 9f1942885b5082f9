//! A document as lines that know what they are: enough of Markdown for what the sheets use.

use std::fs;
use std::path::{Path, PathBuf};

/// A Markdown file of the course.
pub struct Document {
    /// Its path below the folder of the course, with `/`.
    pub path: String,
    /// The line of text, as it is, and what it is.
    pub lines: Vec<(Kind, String)>,
    /// Its blocks of code, in order.
    pub blocks: Vec<Block>,
    /// Its headings, in order.
    pub headings: Vec<Heading>,
    /// What is wrong with its form: a line and a sentence.
    pub troubles: Vec<(usize, String)>,
}

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Nothing, and so between two paragraphs.
    Blank,
    /// `## …`
    Heading,
    /// A row of a table.
    Table,
    /// The first line of a list item.
    Item,
    /// Any other text.
    Text,
    /// A comment or a tag of HTML alone on its line.
    Html,
    /// Inside a block of code, or its fence.
    Code,
}

/// A heading.
pub struct Heading {
    /// Its line, from 1.
    pub line: usize,
    /// 1 for `#`, 2 for `##`.
    pub level: usize,
    /// Its text, as written.
    pub text: String,
}

/// A block of code.
#[derive(Clone)]
pub struct Block {
    /// The word behind the fence.
    pub language: String,
    /// The line of its fence, from 1. Its first line of text is the next.
    pub line: usize,
    /// Its lines, without the indentation of the fence.
    pub lines: Vec<String>,
    /// What the comments directly above it say.
    pub comments: Vec<String>,
    /// The heading and the run-in heading that it stands under: `udp_server::run_it`.
    pub place: String,
    /// The number of headings and run-in headings above it.
    pub section: usize,
}

impl Document {
    /// Reads a file of the course.
    pub fn read(root: &Path, path: &Path) -> Document {
        let text = fs::read_to_string(path).unwrap_or_default();
        let path = path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/");
        Document::parse(path, &text)
    }

    /// A short name: `02-first-pair` of `labs/02-first-pair/README.md`, else the path without `.md`.
    pub fn name(&self) -> &str {
        let name = self.path.strip_suffix(".md").unwrap_or(&self.path);
        let is_inner = |name: &&str| name.contains('/');
        match name.strip_suffix("/README") {
            Some(folder) => {
                folder.strip_prefix("labs/").filter(|_| is_inner(&folder)).unwrap_or(folder)
            }
            None => name,
        }
    }

    /// A place in it, as an editor takes it.
    pub fn at(&self, line: usize) -> String {
        format!("{}:{line}", self.path)
    }

    pub fn parse(path: String, text: &str) -> Document {
        let mut reader = Reader::default();
        for (index, line) in text.lines().enumerate() {
            reader.take(index + 1, line);
        }
        if let Some((_, block)) = reader.open.take() {
            reader.troubles.push((block.line, "this block of code has no end".into()));
        }
        let Reader { lines, blocks, headings, troubles, .. } = reader;
        Document { path, lines, blocks, headings, troubles }
    }
}

#[derive(Default)]
struct Reader {
    lines: Vec<(Kind, String)>,
    blocks: Vec<Block>,
    headings: Vec<Heading>,
    troubles: Vec<(usize, String)>,
    open: Option<(String, Block)>,
    comments: Vec<String>,
    heading: String,
    run_in: String,
    section: usize,
    in_comment: bool,
}

impl Reader {
    fn take(&mut self, number: usize, line: &str) {
        let kind = self.kind(number, line);
        self.lines.push((kind, line.to_string()));
    }

    fn kind(&mut self, number: usize, line: &str) -> Kind {
        let trimmed = line.trim();
        if let Some((fence, mut block)) = self.open.take() {
            let is_end = trimmed.starts_with(fence.trim()) && trimmed.trim_matches('`').is_empty();
            if is_end {
                self.blocks.push(block);
            } else {
                let indentation = fence.len() - fence.trim_start().len();
                let blanks = line.len() - line.trim_start_matches(' ').len();
                block.lines.push(line[blanks.min(indentation)..].to_string());
                self.open = Some((fence, block));
            }
            return Kind::Code;
        }
        if self.in_comment {
            self.in_comment = !trimmed.contains("-->");
            return Kind::Html;
        }
        if trimmed.starts_with("```") {
            self.opens(number, line);
            return Kind::Code;
        }
        if let Some(comment) = trimmed.strip_prefix("<!--") {
            match comment.strip_suffix("-->") {
                Some(comment) => {
                    self.comments.push(comment.strip_prefix(' ').unwrap_or(comment).to_string())
                }
                None => self.in_comment = !comment.contains("-->"),
            }
            return Kind::Html;
        }
        if !trimmed.is_empty() {
            self.comments.clear();
        }
        let level = line.len() - line.trim_start_matches('#').len();
        if level > 0 && line[level..].starts_with(' ') {
            let text = line[level..].trim().to_string();
            self.heading = slug_of_section(&text);
            self.run_in.clear();
            self.section += 1;
            self.headings.push(Heading { line: number, level, text });
            return Kind::Heading;
        }
        if let Some(name) = self.run_in_of(trimmed) {
            self.run_in = slug(&name);
            self.section += 1;
        }
        match trimmed {
            "" => Kind::Blank,
            _ if trimmed.starts_with('|') => Kind::Table,
            _ if trimmed.starts_with('<') && trimmed.ends_with('>') => Kind::Html,
            _ if is_item(trimmed) => Kind::Item,
            _ => Kind::Text,
        }
    }

    fn opens(&mut self, line: usize, text: &str) {
        let fence = text.trim_end();
        let language = fence.trim_start().trim_start_matches('`').trim().to_string();
        let fence = fence[..fence.rfind('`').map_or(0, |end| end + 1)].to_string();
        let parts = [self.heading.as_str(), self.run_in.as_str()];
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        let block = Block {
            language,
            line,
            lines: Vec::new(),
            comments: std::mem::take(&mut self.comments),
            place: parts.join("::"),
            section: self.section,
        };
        if block.language.is_empty() {
            self.troubles.push((line, "this block of code has no language: write ```text".into()));
        }
        self.open = Some((fence, block));
    }

    /// `Run it.` of a paragraph that begins with `**Run it.**`.
    fn run_in_of(&self, line: &str) -> Option<String> {
        let before = self.lines.last().map(|(kind, _)| *kind);
        let is_first =
            matches!(before, None | Some(Kind::Blank | Kind::Heading | Kind::Html | Kind::Code));
        let rest = line.strip_prefix("**").filter(|_| is_first)?;
        let (name, _) = rest.split_once("**")?;
        Some(name.strip_suffix('.')?.to_string())
    }
}

/// Whether a line begins an item of a list.
fn is_item(line: &str) -> bool {
    let digits = line.len() - line.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    line.starts_with("- ")
        || line.starts_with("* ")
        || (digits > 0 && line[digits..].starts_with(". "))
}

/// A step's section has the name of its program; any other its words.
fn slug_of_section(heading: &str) -> String {
    match heading.split('`').nth(1) {
        Some(program) if heading.starts_with("Step ") => program.to_string(),
        _ => slug(heading),
    }
}

fn slug(text: &str) -> String {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join("_")
}

/// A line without its code in backticks, of which a space is left for each letter: what is prose.
pub fn without_code(line: &str) -> String {
    let mut prose = String::new();
    let mut rest = line;
    while let Some(start) = rest.find('`') {
        let ticks = rest[start..].len() - rest[start..].trim_start_matches('`').len();
        let fence = &rest[start..start + ticks];
        let Some(length) = rest[start + ticks..].find(fence) else { break };
        prose += &rest[..start];
        let code = &rest[start..start + length + 2 * ticks];
        prose.extend(code.chars().map(|_| ' '));
        rest = &rest[start + code.len()..];
    }
    prose + rest
}

/// Every document of the course that the test looks at, in a fixed order; the table of contents is
/// looked at by itself.
pub fn documents(root: &Path) -> Vec<Document> {
    let markdown = |folder: PathBuf| {
        let files = fs::read_dir(folder).into_iter().flatten().flatten().map(|file| file.path());
        let mut files: Vec<PathBuf> =
            files.filter(|file| file.extension().is_some_and(|e| e == "md")).collect();
        files.sort();
        files
    };
    let mut folders: Vec<PathBuf> =
        fs::read_dir(root.join("labs")).into_iter().flatten().flatten().map(|f| f.path()).collect();
    folders.sort();
    let mut paths: Vec<PathBuf> =
        ["README.md", "CONTRIBUTING.md"].map(|name| root.join(name)).to_vec();
    paths.push(root.join("labs/README.md"));
    paths.extend(folders.iter().map(|folder| folder.join("README.md")));
    paths.extend(markdown(root.join("docs")));
    paths
        .retain(|path| path.is_file() && path.file_name().is_some_and(|name| name != "SUMMARY.md"));
    paths.iter().map(|path| Document::read(root, path)).collect()
}
