//! Every link of a document leads to a file of the course, and its fragment to a heading there.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

use super::document::{Document, Kind, without_code};

/// `[text](target)`, `![text](target "title")`, `[name]: target`, `href="target"`, `src="target"`.
static LINK: LazyLock<Regex> = LazyLock::new(|| {
    let forms = r#"\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)|^\s*\[[^\]]+\]:\s+(\S+)|(?:href|src)="([^"]+)""#;
    Regex::new(forms).unwrap()
});

/// `<a id="x">`, `<a name="x">`.
static ANCHOR: LazyLock<Regex> = LazyLock::new(|| Regex::new(r#"(?:id|name)="([^"]+)""#).unwrap());

/// What `labs handout` leaves out: no sheet may lead there.
const NOT_HANDED_OUT: &[&str] = &[
    ".ci",
    "CONTRIBUTING.md",
    "benches",
    "docs/decisions.md",
    "docs/instructors.md",
    "docs/teaching.md",
    "labs/examiner/benches",
    "labs/examiner/tests",
    "tests",
];

/// Every link of a document, with its line.
pub fn links(document: &Document) -> Vec<(usize, String)> {
    let mut links = Vec::new();
    for (index, (kind, line)) in document.lines.iter().enumerate() {
        if *kind == Kind::Code {
            continue;
        }
        for found in LINK.captures_iter(&without_code(line)) {
            let target = (1..=3).find_map(|group| found.get(group));
            links.extend(target.map(|target| (index + 1, target.as_str().to_string())));
        }
    }
    links
}

/// Whether it leads out of the course; such a link is not followed.
pub fn is_outside(target: &str) -> bool {
    ["http://", "https://", "mailto:"].iter().any(|scheme| target.starts_with(scheme))
}

/// What is wrong with the links of a document.
pub fn troubles(root: &Path, document: &Document) -> Vec<String> {
    let mut troubles = Vec::new();
    for (line, target) in links(document).iter().filter(|(_, target)| !is_outside(target)) {
        if let Err(trouble) = follow(root, document, target) {
            troubles.push(format!("{}: the link {target}: {trouble}", document.at(*line)));
        }
    }
    troubles
}

fn follow(root: &Path, document: &Document, target: &str) -> Result<(), String> {
    let (path, fragment) = target.split_once('#').unwrap_or((target, ""));
    if path.starts_with('/') {
        return Err("it must be relative, so that it works on GitHub and in an editor".into());
    }
    let name = if path.is_empty() { document.path.clone() } else { below(&document.path, path)? };
    let is_sheet = document.path.starts_with("labs/") && document.path.ends_with("README.md");
    if is_sheet && NOT_HANDED_OUT.iter().any(|out| Path::new(&name).starts_with(out)) {
        return Err(format!("{name} is not in the copy that students get"));
    }
    let file = root.join(&name);
    if !file.exists() {
        return Err(format!("there is no {name}"));
    }
    if fragment.is_empty() {
        return Ok(());
    }
    let is_line =
        fragment.strip_prefix('L').is_some_and(|n| n.starts_with(|c: char| c.is_ascii_digit()));
    if is_line {
        return Err("a line's number changes with every edit: name the function".into());
    }
    let anchors = anchors(&Document::read(root, &file));
    if anchors.contains(fragment) {
        return Ok(());
    }
    let near = anchors.iter().max_by_key(|anchor| alike(anchor, fragment));
    let near = near.map(|anchor| format!("; the nearest is #{anchor}")).unwrap_or_default();
    Err(format!("{name} has no heading #{fragment}{near}"))
}

/// The path of a link below the folder of the course.
pub fn below(from: &str, link: &str) -> Result<String, String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in link.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop().ok_or("it leads out of the course")?;
            }
            part => parts.push(part),
        }
    }
    Ok(parts.join("/"))
}

fn alike(one: &str, other: &str) -> usize {
    one.chars().zip(other.chars()).take_while(|(a, b)| a == b).count()
}

/// The anchors that GitHub makes of a document's headings, and those that it sets itself.
fn anchors(document: &Document) -> BTreeSet<String> {
    let mut times: HashMap<String, usize> = HashMap::new();
    let mut anchors = BTreeSet::new();
    for heading in &document.headings {
        let anchor = anchor(&heading.text);
        let time = times.entry(anchor.clone()).or_default();
        anchors.insert(if *time == 0 { anchor } else { format!("{anchor}-{time}") });
        *time += 1;
    }
    for (kind, line) in &document.lines {
        if *kind != Kind::Code {
            anchors.extend(ANCHOR.captures_iter(line).map(|found| found[1].to_string()));
        }
    }
    anchors
}

/// GitHub's rule: lower case, without punctuation, a hyphen for each space.
pub fn anchor(heading: &str) -> String {
    let text = LINK.replace_all(heading, "]").replace(['[', ']'], "");
    let kept = text.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.collect::<String>().trim().to_lowercase().replace(' ', "-")
}

/// The files of `src/` that a document links before a line, the nearest first.
pub fn sources_before(root: &Path, document: &Document, line: usize) -> Vec<String> {
    let before = links(document).into_iter().filter(|(at, _)| *at < line).rev();
    let paths = before.filter_map(|(_, target)| {
        let path = target.split('#').next().unwrap_or_default().to_string();
        below(&document.path, &path).ok()
    });
    let mut seen = BTreeSet::new();
    paths
        .filter(|path| {
            path.starts_with("src/") && fs::metadata(root.join(path)).is_ok_and(|m| m.is_file())
        })
        .filter(|path| seen.insert(path.clone()))
        .collect()
}
