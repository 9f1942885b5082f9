//! How a document reads: short lines, short paragraphs, one spelling.

use std::sync::LazyLock;

use regex::Regex;

use super::document::{Document, Kind, without_code};

/// The longest line, in columns. Rows of tables, and lines that are a link too long to break, may be longer.
const COLUMNS: usize = 120;

/// The longest paragraph or list item, in lines.
const LINES: usize = 5;

/// American forms and the British ones: `color` also finds `colors` and `colored`.
const SPELLINGS: &[(&str, &str)] = &[
    (r"colou?rless|colors?|colored|coloring|colorful", "colour"),
    ("behaviors?|behavioral", "behaviour"),
    ("favors?|favored|favorite|favorable", "favour"),
    ("neighbors?|neighboring|neighborhood", "neighbour"),
    ("honors?|honored|honoring", "honour"),
    ("labors?|labored", "labour"),
    ("flavors?", "flavour"),
    ("centers?|centered|centering", "centre"),
    ("meters", "metres"),
    ("gray", "grey"),
    ("defense|offense", "defence, offence"),
    ("catalogs?", "catalogue"),
    ("dialogs?", "dialogue"),
    ("analyzes?|analyzed|analyzing|analyzers?", "analyse"),
    ("canceled|canceling", "cancelled, cancelling"),
    ("labeled|labeling", "labelled, labelling"),
    ("signaled|signaling", "signalled, signalling"),
    ("modeled|modeling", "modelled, modelling"),
    ("traveled|traveling|traveler", "travelled"),
    ("fulfills?", "fulfil"),
    ("practicing|practiced", "practising, practised"),
    ("artifacts?", "artefact"),
    ("license[sd]?", "licence (the noun)"),
    (
        "(?:recogn|organ|real|initial|final|normal|minim|maxim|optim|synchron|summar|emphas|custom|serial|special|general|util|apolog|critic|visual|categor|randon|random|standard|author|capital)iz(?:e[sdr]?|ing|ations?)",
        "-ise, -isation",
    ),
];

static AMERICAN: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    let word = |(american, british): &(&str, &'static str)| {
        (Regex::new(&format!(r"\b(?:{american})\b")).unwrap(), *british)
    };
    SPELLINGS.iter().map(word).collect()
});

/// What is wrong with how a document reads.
pub fn troubles(document: &Document) -> Vec<String> {
    let mut troubles: Vec<String> = Vec::new();
    let mut told = |line: usize, trouble: String| {
        troubles.push(format!("{}: {trouble}", document.at(line)));
    };
    for (line, trouble) in &document.troubles {
        told(*line, trouble.clone());
    }
    for block in &document.blocks {
        if block.lines.iter().all(|line| line.trim().is_empty()) {
            told(block.line, format!("this block of {} is empty", block.language));
        }
    }
    let mut first = 0;
    for (index, (kind, line)) in document.lines.iter().enumerate() {
        let columns = line.chars().count();
        let is_one_word = line.trim().split(' ').count() <= 2;
        if columns > COLUMNS && *kind != Kind::Table && !is_one_word {
            told(index + 1, format!("this line has {columns} columns, and {COLUMNS} are the most"));
        }
        let is_more = *kind == Kind::Text
            && index > 0
            && matches!(document.lines[index - 1].0, Kind::Text | Kind::Item);
        first = if is_more { first } else { index };
        if matches!(kind, Kind::Text | Kind::Item) && index - first == LINES {
            told(first + 1, format!("this paragraph or list item has more than {LINES} lines"));
        }
        if *kind == Kind::Code {
            continue;
        }
        let prose = without_targets(&without_code(line)).to_ascii_lowercase();
        for (american, british) in AMERICAN.iter() {
            for found in american.find_iter(&prose) {
                told(index + 1, format!("“{}” is American: {british}", found.as_str()));
            }
        }
    }
    troubles
}

/// A line without the targets of its links, which are names of files, and without quoted headings of HTTP.
fn without_targets(line: &str) -> String {
    static TARGET: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\]\([^)]*\)|\[[A-Z-]+\](?:\([^)]*\))?|https?://\S+|<[^>]*>").unwrap()
    });
    TARGET.replace_all(line, "] ").into_owned()
}
