//! The characters that are never shown as they are: which they are, and that none gets through.
//!
//! `src/bytes/hidden.rs` is written by this test, from the tables of Unicode in `regex-syntax`:
//!
//! ```sh
//! BLESS=1 cargo test --test hidden
//! ```
#![allow(clippy::unwrap_used)] // in a test, a panic is the answer

mod common;

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

use common::needs;
use regex_syntax::Parser;
use regex_syntax::hir::{Class, HirKind};
use socket_labs::bytes::{is_hidden, json_string, printable, printable_lines};

/// The properties of Unicode (UAX #44) that make a character one to escape.
const HIDDEN: &str = r"[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}]";

const HEAD: &str = r"//! Which characters are not shown as they are. `tests/hidden.rs` writes this file.

/// Whether a character shows nothing itself, or changes how the text around it looks.
///
/// By the properties of Unicode 16 (UAX #44): the general categories Cc (control), Cf (format), Zl
/// and Zp (separators of lines and paragraphs), Bidi_Control (the direction of text), and
/// Default_Ignorable_Code_Point (invisible where a font does not know it: joiners, variation
/// selectors, tags, fillers). A character that is not assigned, or for private use, is shown as a
/// box, so it hides nothing and is not one of these.
";

fn every_char() -> impl Iterator<Item = char> {
    '\0'..=char::MAX
}

/// What the file has to be.
fn generated() -> String {
    let class = Parser::new().parse(HIDDEN).expect("the class is written above");
    let HirKind::Class(Class::Unicode(class)) = class.kind() else { panic!("no class") };
    let one = |c: char| format!("'\\u{{{:x}}}'", u32::from(c));
    let ranges: Vec<String> = class
        .ranges()
        .iter()
        .map(|range| match (range.start(), range.end()) {
            (start, end) if start == end => one(start),
            (start, end) => format!("{}..={}", one(start), one(end)),
        })
        .collect();
    let mut file = format!(
        "{HEAD}#[rustfmt::skip] // one range a line\npub fn is_hidden(c: char) -> bool {{\n    matches!(c,\n"
    );
    for (i, range) in ranges.iter().enumerate() {
        let or = if i == 0 { " " } else { "|" };
        let _ = writeln!(file, "        {or} {range}");
    }
    file + "    )\n}\n"
}

#[test]
fn the_table_is_the_one_of_unicode() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/bytes/hidden.rs");
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, generated()).unwrap();
    }
    let file = fs::read_to_string(path).unwrap().replace("\r\n", "\n");
    assert_eq!(file, generated(), "BLESS=1 cargo test --test hidden");
}

/// What a program prints: a line for each range of hidden characters, `0..1f`, then `-`, then a line for
/// each range of characters of which it cannot tell.
fn compare_with(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let marked = |part: &str| {
        let number = |text| u32::from_str_radix(text, 16).unwrap();
        let mut marks = vec![false; 0x11_0000];
        for (start, end) in part.lines().map(|line| line.split_once("..").unwrap()) {
            marks[number(start) as usize..=number(end) as usize].fill(true);
        }
        marks
    };
    let (hidden, unknown) = text.split_once("-\n").unwrap();
    let (hidden, unknown) = (marked(hidden), marked(unknown));
    for c in every_char() {
        let (ours, theirs) = (is_hidden(c), hidden[c as usize]);
        let agree = ours == theirs || (ours && unknown[c as usize]);
        assert!(agree, "U+{:04X}: they say {theirs}", u32::from(c));
    }
}

#[test]
fn perl_has_the_same_characters() {
    if !needs(&["perl"]) {
        return;
    }
    let script = r#"
        sub ranges {
            my ($is, $from) = (shift, undef);
            for my $c (0 .. 0x110000) {
                my $there = $c < 0x110000 && !($c >= 0xd800 && $c < 0xe000) && $is->(chr $c);
                $from = $c if $there && !defined $from;
                if (!$there && defined $from) { printf "%x..%x\n", $from, $c - 1; $from = undef }
            }
        }
        no warnings;
        ranges(sub { $_[0] =~ /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}]/ });
        print "-\n";
        ranges(sub { $_[0] =~ /\p{Unassigned}/ });
    "#;
    compare_with(Command::new("perl").args(["-e", script]));
}

/// Python knows the categories and not the other two properties: those characters count as unknown.
#[test]
fn python_has_the_same_categories() {
    if !needs(&["python3"]) {
        return;
    }
    let script = "
import unicodedata
def ranges(of):
    start = None
    for c in range(0x110001):
        there = c < 0x110000 and unicodedata.category(chr(c)) in of
        if there and start is None: start = c
        if not there and start is not None:
            print(f'{start:x}..{c - 1:x}')
            start = None
ranges(('Cc', 'Cf', 'Zl', 'Zp'))
print('-')
ranges(('Cn', 'Mn', 'Lo'))
";
    compare_with(Command::new("python3").args(["-c", script]));
}

#[test]
fn no_character_that_hides_gets_through_and_every_other_does() {
    for c in every_char() {
        let text = format!("a{c}b");
        let (line, lines, json) =
            (printable(text.as_bytes()), printable_lines(text.as_bytes()), json_string(&text));
        assert_eq!(line == text, !is_hidden(c), "{line}");
        assert_eq!(lines == text, !is_hidden(c) || matches!(c, '\n' | '\t'), "{lines}");
        assert!(!json.chars().any(is_hidden), "{json}");
        assert_eq!(json.contains(c), !is_hidden(c) || matches!(c, '"' | '\\'), "{json}");
    }
}

#[test]
fn the_characters_that_strangers_hide_text_with_are_among_them() {
    let tags = ('\u{e0000}'..='\u{e007f}').chain('\u{206a}'..='\u{206f}');
    let others = "\u{61c}\u{2028}\u{2029}\u{200b}\u{200c}\u{200d}\u{2060}\u{feff}\u{ad}\u{115f}\u{3164}\u{ffa0}\u{fe0f}\u{202e}\u{2066}\u{e0100}\u{fff9}";
    for c in tags.chain(others.chars()) {
        assert!(is_hidden(c), "U+{:04X}", u32::from(c));
    }
    for c in " ~é漢字\u{3000}\u{a0}😀\u{301}\u{e000}\u{378}".chars() {
        assert!(!is_hidden(c), "U+{:04X}", u32::from(c));
    }
}

#[test]
fn python_reads_the_same_text_from_json_with_every_character_in_it() {
    if !needs(&["python3"]) {
        return;
    }
    let all: String = every_char().collect();
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("every_char.json");
    fs::write(&file, json_string(&all)).unwrap();
    let script = "
import json, sys
text = json.load(open(sys.argv[1], encoding='utf-8'))
assert text == ''.join(chr(c) for c in range(0x110000) if not 0xd800 <= c < 0xe000)
";
    let output = Command::new("python3").args(["-c", script]).arg(&file).output().unwrap();
    assert!(output.status.success(), "{output:?}");
}
