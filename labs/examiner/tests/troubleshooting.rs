//! The errors in `docs/troubleshooting.md` are those of the table that the programs use.

#![allow(clippy::unwrap_used)] // in a test, a panic is the answer

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use examiner::ask::QUESTIONS;
use examiner::catalogue::LABS;
use examiner::exam::transcript::wrapped;
use socket_labs::error::{Errno, System, TABLE};

/// What comes behind this line is made of the table.
const MARK: &str = "BLESS=1 cargo test -p examiner --test troubleshooting -->\n";

fn document() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/troubleshooting.md")
}

/// The part of the document that is made of the table.
fn made_of_the_table() -> String {
    let mut rows: Vec<&Errno> = TABLE.iter().collect();
    rows.sort_by_key(|errno| errno.name);
    let mut text = String::from(
        "\n## All errors and their numbers\n\n\
         | name | in short | Linux | macOS | Windows |\n|---|---|---|---|---|\n",
    );
    for errno in &rows {
        let Errno { name, text: short, linux, macos, windows, .. } = errno;
        let anchor = name.to_lowercase();
        let number = |number: &Option<i32>| number.map_or("–".into(), |it: i32| it.to_string());
        let (linux, macos) = (number(linux), number(macos));
        let with_name = |it: &i32| format!("{it} `{}`", Errno::windows_name(*it).unwrap());
        let windows = windows.iter().map(with_name).collect::<Vec<_>>().join(", ");
        let _ =
            writeln!(text, "| [`{name}`](#{anchor}) | {short} | {linux} | {macos} | {windows} |");
    }
    text.push_str("\n## Error by error\n");
    for errno in &rows {
        let Errno { name, text: short, means, .. } = errno;
        let paragraph = |words: String| {
            format!("\n{}\n", wrapped(&words, 115).join("\n")).replace('\u{a0}', " ")
        };
        let _ = write!(text, "\n### {name}\n{}", paragraph(format!("*{short}.* {means}")));
        if !errno.hint.is_empty() {
            let end = if errno.hint.ends_with('?') { "" } else { "." };
            text += &paragraph(format!("**Hint:** {}{end}", errno.hint));
        }
        if !errno.questions.is_empty() {
            let links: Vec<String> = errno.questions.iter().map(|number| link(*number)).collect();
            text += &paragraph(format!("**See it happen:** {}.", links.join(", ")));
        }
    }
    text
}

/// A question of the course, and the sheet where it stands.
fn link(number: u8) -> String {
    let entry = QUESTIONS.iter().find(|entry| entry.number == number);
    let entry = entry.unwrap_or_else(|| panic!("there is no question {number}"));
    let lab = LABS.iter().find(|lab| lab.number == entry.lab).unwrap();
    // A link is not broken: its spaces become plain ones when the lines are made.
    format!("[`cargo\u{a0}run\u{a0}ask\u{a0}{number}`](../labs/{}/README.md)", lab.folder)
}

#[test]
fn the_document_has_the_table_of_the_programs() {
    let text = fs::read_to_string(document()).unwrap();
    let start = text.find(MARK).expect("the mark is there") + MARK.len();
    let made = made_of_the_table();
    if std::env::var_os("BLESS").is_some() {
        fs::write(document(), format!("{}{made}", &text[..start])).unwrap();
        return;
    }
    assert!(text[start..] == made, "{} is not what the table says: {MARK}", document().display());
}

#[test]
fn every_error_that_the_document_names_is_in_the_table() {
    let text = fs::read_to_string(document()).unwrap();
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let is_errno = |word: &&str| {
        word.len() > 4 && word.starts_with('E') && word.bytes().all(|c| c.is_ascii_uppercase())
    };
    for name in words.filter(is_errno).filter(|word| *word != "ENTER" && *word != "ERROR") {
        assert!(TABLE.iter().any(|errno| errno.name == name), "{name}");
    }
}

#[test]
fn sentences_end_once_and_say_something() {
    for errno in TABLE {
        assert!(errno.means.len() > 20 && errno.means.ends_with('.'), "{}", errno.name);
        assert!(!errno.hint.ends_with('.'), "{}", errno.name);
    }
}

/// Winsock took the numbers of 4.2BSD and added 10,000. What is not so is an error that Windows
/// knows by the name of another, or one of files.
#[test]
fn the_numbers_of_windows_are_those_of_bsd_and_10000() {
    for errno in TABLE {
        let bsd = errno.number_on(System::FreeBsd).map(|number| number + 10_000);
        let of_winsock = errno.windows.iter().filter(|number| **number > 10_000);
        let others = of_winsock.filter(|number| Some(**number) != bsd).copied();
        let expected: &[i32] = match errno.name {
            "EPERM" => &[10_013],
            "EAGAIN" => &[10_060],
            "EPIPE" => &[10_053, 10_054],
            _ => &[],
        };
        assert_eq!(others.collect::<Vec<_>>(), expected, "{}", errno.name);
    }
}

#[test]
#[cfg(unix)]
fn the_numbers_of_this_system_are_right() {
    for errno in TABLE {
        let Some(number) = errno.number() else { continue };
        let found = nix::errno::Errno::from_raw(number);
        assert_eq!(format!("{found:?}"), errno.name);
    }
}

/// `libc` comes with the numbers of other systems in its source.
#[test]
fn the_numbers_of_macos_are_those_that_libc_has() {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(Path::new(&std::env::var_os("HOME")?).join(".cargo")));
    let folders = |path: PathBuf| fs::read_dir(path).into_iter().flatten().flatten();
    let registry = home.unwrap_or_default().join("registry/src");
    let crates = folders(registry).flat_map(|registry| folders(registry.path()));
    let source = crates
        .filter(|found| found.file_name().to_string_lossy().starts_with("libc-0.2."))
        .find_map(|found| fs::read_to_string(found.path().join("src/unix/bsd/apple/mod.rs")).ok());
    let Some(source) = source else {
        assert!(std::env::var_os("SOCKET_LABS_NO_SKIP").is_none(), "Cargo has the source of libc");
        return;
    };
    for errno in TABLE {
        let Some(number) = errno.macos else { continue };
        let line = format!("pub const {}: c_int = {number};", errno.name);
        assert!(source.contains(&line), "{line}");
    }
}
