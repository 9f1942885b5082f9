//! The roster: who is in the class, so that everybody has a row, also without a hand-in.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, ensure};

use super::{Class, Student, told_apart};
use crate::exam::shown_line;

/// A person of the roster.
#[derive(Debug, PartialEq, Eq)]
pub struct Person {
    /// The name, to be shown.
    pub name: String,
    /// What a hand-in of theirs may be named by, as [`plain`] leaves it.
    keys: BTreeSet<String>,
}

/// The people of a roster: a CSV with a heading and a name or an address in a column.
///
/// # Errors
///
/// It cannot be read, or names nobody.
pub fn read(file: &Path) -> anyhow::Result<Vec<Person>> {
    let cannot = || format!("cannot read the roster {}", file.display());
    let people = people(&decoded(&fs::read(file).with_context(cannot)?)).with_context(cannot)?;
    ensure!(!people.is_empty(), "the roster {} names nobody", file.display());
    Ok(people)
}

/// A text as spreadsheets write it: UTF-8 or UTF-16 with a byte order mark, or an older Windows' letters.
fn decoded(bytes: &[u8]) -> String {
    let wide = |unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> =
            bytes[2..].chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
        String::from_utf16_lossy(&units)
    };
    match bytes {
        [0xff, 0xfe, ..] => wide(u16::from_le_bytes),
        [0xfe, 0xff, ..] => wide(u16::from_be_bytes),
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => text.trim_start_matches('\u{feff}').into(),
            Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
        },
    }
}

fn people(text: &str) -> anyhow::Result<Vec<Person>> {
    let heading = text.lines().next().unwrap_or_default();
    let count = |separator: &u8| heading.bytes().filter(|byte| byte == separator).count();
    let separator =
        *[b'\t', b';', b','].iter().max_by_key(|separator| count(separator)).unwrap_or(&b',');
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator)
        .flexible(true)
        .has_headers(false)
        .from_reader(text.as_bytes());
    let rows = reader.records().collect::<Result<Vec<_>, _>>()?;
    let Some((heading, rows)) = rows.split_first() else { return Ok(Vec::new()) };
    let columns = Columns::of(heading.iter());
    let cells = |row: &csv::StringRecord| {
        row.iter().map(|cell| cell.trim().to_string()).collect::<Vec<_>>()
    };
    Ok(rows.iter().filter_map(|row| columns.person(&cells(row))).collect())
}

/// Which column is what, by its heading.
#[derive(Default)]
struct Columns {
    whole: Option<usize>,
    given: Option<usize>,
    family: Option<usize>,
    address: Option<usize>,
}

impl Columns {
    fn of<'a>(heading: impl Iterator<Item = &'a str>) -> Columns {
        let mut columns = Columns::default();
        for (number, title) in heading.enumerate() {
            let title = title.to_lowercase();
            let has = |words: &[&str]| words.iter().any(|word| title.contains(word));
            let column = if has(&["mail", "address", "adresse"]) {
                &mut columns.address
            } else if has(&["first", "given", "vorname", "prénom", "nombre"]) {
                &mut columns.given
            } else if has(&["last", "family", "surname", "nachname", "familienname", "apellido"]) {
                &mut columns.family
            } else if has(&["name", "student", "nom"]) && !has(&["user", "user name"]) {
                &mut columns.whole
            } else {
                continue;
            };
            column.get_or_insert(number);
        }
        columns
    }

    fn person(&self, cells: &[String]) -> Option<Person> {
        let cell = |column: Option<usize>| {
            column.and_then(|number| cells.get(number)).filter(|cell| !cell.is_empty())
        };
        let both = match (cell(self.given), cell(self.family)) {
            (Some(given), Some(family)) => Some(format!("{given} {family}")),
            _ => None,
        };
        let name = both.as_ref().or(cell(self.whole)).or(cell(self.address));
        let name = name.or_else(|| cells.iter().find(|cell| !cell.is_empty()))?;
        let mut keys = BTreeSet::new();
        for cell in cells.iter().chain(&both) {
            keys.insert(plain(cell));
            // An address by what is before the @; a name also as `Kim, Zoë` and `Kim Zoë`.
            keys.extend(cell.split_once('@').map(|(user, _)| plain(user)));
            let words: Vec<&str> = cell.split([' ', ',']).filter(|word| !word.is_empty()).collect();
            if let [first, .., last] = words.as_slice() {
                keys.insert(plain(&format!("{last} {}", words[..words.len() - 1].join(" "))));
                keys.insert(plain(&format!("{} {first}", words[1..].join(" "))));
            }
        }
        keys.retain(|key| key.chars().count() > 1);
        Some(Person { name: shown_line(name), keys })
    }
}

/// A name without what platforms change: small letters and digits alone, and letters without their marks.
fn plain(name: &str) -> String {
    let letters = name.to_lowercase();
    letters
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(|c| base(c).chars().chain((base(c).is_empty()).then_some(c)))
        .collect()
}

/// The letter below a mark, for the letters of Latin-1 and the most common others; empty for all else.
fn base(letter: char) -> &'static str {
    const LETTERS: &[(&str, &str)] = &[
        ("àáâãåāăą", "a"),
        ("ä", "a"),
        ("æ", "ae"),
        ("çćč", "c"),
        ("ďđð", "d"),
        ("èéêëēęě", "e"),
        ("ğ", "g"),
        ("ìíîïīı", "i"),
        ("łľ", "l"),
        ("ñńň", "n"),
        ("òóôõöøőō", "o"),
        ("œ", "oe"),
        ("řŕ", "r"),
        ("śšş", "s"),
        ("ß", "ss"),
        ("ťţ", "t"),
        ("ùúûüůűū", "u"),
        ("ýÿ", "y"),
        ("źżž", "z"),
        ("þ", "th"),
    ];
    LETTERS.iter().find(|(marked, _)| marked.contains(letter)).map_or("", |(_, base)| base)
}

/// Gives everybody on the roster a row, and tells which hand-ins are of nobody on it.
pub fn apply(people: &[Person], class: &mut Class) -> Vec<String> {
    let mut strangers = Vec::new();
    let mut found = BTreeSet::new();
    for student in &class.students {
        let keys: BTreeSet<String> =
            student.from.iter().chain([&student.name]).flat_map(|name| keys_of(name)).collect();
        let of: Vec<usize> =
            (0..people.len()).filter(|number| !people[*number].keys.is_disjoint(&keys)).collect();
        // A group is of several; a name that several have is of nobody that we could tell.
        let is_group = student.name.contains(" + ");
        if of.is_empty() || (of.len() > 1 && !is_group) {
            strangers.push(student.name.clone());
        } else {
            found.extend(of);
        }
    }
    let missing = people.iter().enumerate().filter(|(number, _)| !found.contains(number));
    let missing =
        missing.map(|(_, person)| Student { name: person.name.clone(), ..Student::default() });
    class.students.extend(missing);
    let students = std::mem::take(&mut class.students);
    class.students = told_apart(students);
    strangers
}

/// What the name of a hand-in may stand for on a roster.
fn keys_of(name: &str) -> Vec<String> {
    let named = super::platform::named(name);
    let own = named.as_ref().map_or(name, |named| named.student.as_str());
    let own = own.strip_suffix(".zip").unwrap_or(own);
    let numbers = named.iter().map(|named| plain(&named.number));
    own.split(" + ").map(plain).chain(numbers).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(names: &[&str]) -> Class {
        let student = |name: &&str| Student {
            name: name.to_string(),
            from: vec![name.to_string()],
            ..Student::default()
        };
        Class { students: names.iter().map(student).collect(), ..Class::default() }
    }

    fn rows(roster: &[u8], names: &[&str]) -> (Vec<String>, Vec<String>) {
        let mut class = class(names);
        let strangers = apply(&people(&decoded(roster)).unwrap(), &mut class);
        (class.students.into_iter().map(|student| student.name).collect(), strangers)
    }

    #[test]
    fn everybody_on_the_roster_has_a_row() {
        let roster = "\u{feff}Last name;First name;Email\r\nKim;Zoë;zoe.kim@example.org\r\nLi;Ann;ali@example.org\r\nRoe;Jo;jo@example.org\r\n";
        for name in ["Zoë Kim", "kimzoe", "Kim, Zoë", "zoe.kim", "zoe.kim@example.org", "ZOE-KIM"]
        {
            let (names, strangers) = rows(roster.as_bytes(), &[name, "ali"]);
            assert!(strangers.is_empty(), "{name}: {strangers:?}");
            assert_eq!(names.len(), 3, "{name}: {names:?}");
            assert!(names.contains(&"Jo Roe".to_string()), "{names:?}");
        }
        let (names, strangers) = rows(roster.as_bytes(), &["nobody", "Ann Li + Jo Roe"]);
        assert_eq!(strangers, ["nobody"]);
        assert_eq!(names, ["Ann Li + Jo Roe", "Zoë Kim", "nobody"]);
    }

    #[test]
    fn a_roster_is_read_as_any_spreadsheet_writes_it() {
        let text = "student,group\nMüller Eva,1\n";
        let wide: Vec<u8> =
            std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        let old: Vec<u8> = text.chars().map(|c| c as u8).collect();
        for bytes in [text.as_bytes(), &wide, &old] {
            assert_eq!(rows(bytes, &[]).0, ["Müller Eva"]);
            assert_eq!(rows(bytes, &["evamuller"]).1, [""; 0]);
        }
        let two = "name,mail\nAnn Li,a@x.org\nAnn Li,b@x.org\n";
        let (names, strangers) = rows(two.as_bytes(), &["Ann Li"]);
        assert_eq!((names.len(), strangers.len()), (3, 1), "which of the two is it? {names:?}");
        assert_eq!(rows(two.as_bytes(), &["a"]).0.len(), 3, "one letter is no name");
    }
}
