//! The way in: a class as learning platforms hand it out, and what each student handed in.

pub mod hand_in;
pub mod platform;
pub mod roster;
pub mod spelling;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use socket_labs::bytes::printable;

use spelling::{language, step_of};

use super::build::Workplace;
use super::workplace::{Source, is_left_out};
use crate::exam::{shown_line, submission};

/// A student, and where what they handed in lies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Student {
    /// The name, escaped. Two that look the same have a number behind them.
    pub name: String,
    /// The names of the folders and files, as the platform made them.
    pub from: Vec<String>,
    /// Where they are; nothing for a student who is only on the roster.
    pub sources: Vec<Source>,
    /// What the zip file of the class has of theirs, and is not there.
    pub notes: Vec<String>,
}

/// A class.
#[derive(Debug, Default)]
pub struct Class {
    /// Its students, by name.
    pub students: Vec<Student>,
    /// What lies beside the hand-ins and is none.
    pub unrecognised: Vec<String>,
    /// What is left out of the zip file of the class, and is of nobody that we know.
    pub left_out: Vec<String>,
}

/// The class in a folder, or in a zip file as platforms give it. Links are no hand-ins, as they could lead
/// anywhere, nor is what has a dot in front.
///
/// # Errors
///
/// It cannot be read or unpacked. What one student handed in is never the reason.
pub fn class(place: &Path, workplace: &Workplace) -> anyhow::Result<Class> {
    let cannot = || format!("cannot read the submissions in {}", place.display());
    let mut root = fs::canonicalize(place).with_context(cannot)?;
    if root.is_file() {
        ensure!(is_zip(&root), "{} is neither a folder nor a zip file", place.display());
        root = workplace.unpack_class(&root)?;
    }
    let mut class = class_in(&root).with_context(cannot)?;
    tell_left_out(&root, &mut class);
    // One folder too many, or the whole class as one zip file in it.
    while let [only] = class.students.as_slice() {
        let [Source { path, .. }] = only.sources.as_slice() else { break };
        if platform::named(&only.from[0]).is_some() {
            break;
        }
        // What cannot be unpacked or read is no class. Its student hears of it when it is taken in.
        let is_folder = path.is_dir();
        let inner = if is_folder { Ok(path.clone()) } else { workplace.unpack_class(path) };
        let Ok(inner) = inner else { break };
        let Ok(mut within) = class_in(&inner) else { break };
        let is_class = within.students.iter().any(|student| student.name != student.from[0]);
        if !is_class || within.unrecognised.iter().any(|file| is_handed_in(file)) {
            break;
        }
        if is_folder {
            let notes = only.notes.iter().chain(&class.left_out).cloned().collect();
            give_notes(notes, &mut within);
        } else {
            tell_left_out(&inner, &mut within);
        }
        class = within;
    }
    Ok(class)
}

/// Whether a file is what a student hands in, and not what a platform puts beside the hand-ins.
fn is_handed_in(file: &str) -> bool {
    let file = Path::new(file);
    let is_program = step_of(file).is_some() && language(file).is_some();
    is_program || file.as_os_str().eq_ignore_ascii_case(submission::FILE)
}

/// Tells what could not be unpacked of a class: its lines are beside the folder that was the zip
/// file.
fn tell_left_out(root: &Path, class: &mut Class) {
    let Some(zip) = root.file_name().filter(|_| is_zip(root)) else { return };
    let file = root.with_file_name("left-out");
    let Ok(text) = fs::read(file) else { return };
    let zip = format!("{}/", zip.to_string_lossy());
    let text = String::from_utf8_lossy(&text);
    let lines = text.lines().map(|line| line.strip_prefix(&zip).unwrap_or(line));
    give_notes(lines.map(|line| shown_line(&format!("left out: {line}"))).collect(), class);
}

/// Gives each student the notes on what is theirs, by the first name in its path that is anybody's,
/// and the class all others.
fn give_notes(notes: Vec<String>, class: &mut Class) {
    for note in notes {
        let path = note.strip_prefix("left out: ").unwrap_or(&note);
        let is_of = |name: &str, student: &Student| {
            let is_named = |from: &String| {
                name.strip_prefix(from.as_str())
                    .is_some_and(|why| why.is_empty() || why.starts_with(": "))
            };
            student.from.iter().any(is_named)
        };
        let owner = path
            .split('/')
            .find_map(|name| class.students.iter().position(|student| is_of(name, student)));
        match owner {
            Some(owner) => class.students[owner].notes.push(note),
            None => class.left_out.push(note),
        }
    }
}

fn is_zip(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("zip"))
}

/// One thing in the folder of a class.
struct Item {
    /// As it is on the disk, escaped.
    name: String,
    path: PathBuf,
    is_folder: bool,
}

fn class_in(root: &Path) -> anyhow::Result<Class> {
    let mut items = Vec::new();
    for entry in fs::read_dir(root)? {
        let entry = entry?;
        let (kind, name) = (entry.file_type()?, entry.file_name());
        let is_item = (kind.is_dir() || kind.is_file()) && !is_left_out(&name);
        let name = shown_line(&printable(name.as_encoded_bytes()));
        if is_item && !name.starts_with('.') {
            items.push(Item { name, path: entry.path(), is_folder: kind.is_dir() });
        }
    }
    items.sort_by(|one, other| (&one.name, &one.path).cmp(&(&other.name, &other.path)));
    Ok(class_of(root, items))
}

fn class_of(root: &Path, items: Vec<Item>) -> Class {
    let metadata = fs::read_to_string(root.join(platform::GRADESCOPE)).unwrap_or_default();
    let gradescope = platform::gradescope(&metadata);
    let is_plain = |item: &&Item| item.is_folder && platform::named(&item.name).is_none();
    let folders: Vec<String> =
        items.iter().filter(is_plain).map(|item| item.name.clone()).collect();
    let assignment = platform::classroom(root, &folders).unwrap_or_default();
    let mut class = Class::default();
    // By the name and the platform's number, or by the path where there is no number.
    let mut students: BTreeMap<(String, String), Student> = BTreeMap::new();
    for item in items {
        let file = if item.is_folder { "" } else { item.name.as_str() };
        let (key, file) = match platform::named(&item.name) {
            Some(named) if item.is_folder => ((named.student, named.number), String::new()),
            Some(named) => ((named.student, named.number), named.file),
            None if item.is_folder => {
                let name = item.name.strip_prefix(&assignment).unwrap_or(&item.name);
                let name = gradescope.get(&item.name).map_or(name, String::as_str);
                ((shown_line(name), item.path.display().to_string()), String::new())
            }
            None if is_zip(&item.path) && !folders.contains(&stem(file)) => {
                ((stem(file), item.path.display().to_string()), file.to_string())
            }
            None => {
                if item.name != platform::GRADESCOPE {
                    class.unrecognised.push(item.name);
                }
                continue;
            }
        };
        let student = students.entry(key.clone()).or_default();
        student.name = key.0;
        student.from.push(item.name);
        student.sources.push(Source { path: item.path, name: file });
    }
    class.students = told_apart(students.into_values().collect());
    class
}

fn stem(name: &str) -> String {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem).to_string()
}

/// Names that look the same, once they are escaped, get a number.
fn told_apart(students: Vec<Student>) -> Vec<Student> {
    let names: BTreeSet<String> = students.iter().map(|student| student.name.clone()).collect();
    let mut taken = BTreeSet::new();
    let mut apart = Vec::new();
    for student in students {
        let name = student.name.clone();
        let mut own = name.clone();
        let mut number = 2;
        while taken.contains(&own) || (own != name && names.contains(&own)) {
            own = format!("{name} ({number})");
            number += 1;
        }
        taken.insert(own.clone());
        apart.push(Student { name: own, ..student });
    }
    apart.sort_by(|one, other| one.name.cmp(&other.name));
    apart
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grade::workplace::Folder;

    fn names(class: &Class) -> Vec<&str> {
        class.students.iter().map(|student| student.name.as_str()).collect()
    }

    fn files(root: &Path, names: &[&str]) {
        for name in names {
            fs::create_dir_all(root.join(name).parent().unwrap()).unwrap();
            fs::write(root.join(name), "text").unwrap();
        }
    }

    /// Look-alikes stop nobody, and a number given to one is not the name of another.
    #[test]
    fn names_that_look_the_same_are_told_apart() {
        let student = |name: &str, from: &str| Student {
            name: name.into(),
            from: vec![from.into()],
            ..Student::default()
        };
        let students = vec![
            student("anna", "anna"),
            student("b", "1"),
            student("b", "2"),
            student("b (2)", "3"),
            student("b", "4"),
        ];
        let class = Class { students: told_apart(students), ..Class::default() };
        assert_eq!(names(&class), ["anna", "b", "b (2)", "b (3)", "b (4)"]);
        assert_eq!(class.students[2].from, ["3"], "who is named so keeps the name");
    }

    /// A folder of a student's with a name as a platform makes it is no class.
    #[test]
    fn a_hand_in_with_a_program_in_it_is_no_class() {
        let folder = Folder::new().unwrap();
        let workplace = Workplace::new(None, true).unwrap();
        let root = |name: &str| folder.path().join(name);
        let found = |name: &str| class(&root(name), &workplace).unwrap();
        files(&root("one"), &["anna/hostname.py", "anna/Zoe_12_assignsubmission_file_/notes"]);
        assert_eq!(names(&found("one")), ["anna"]);
        files(&root("toml"), &["bob/submission.toml", "bob/Zoe_12_assignsubmission_file_/a.py"]);
        assert_eq!(names(&found("toml")), ["bob"]);
        files(&root("class"), &["Networks I/Zoe_12_assignsubmission_file_/hostname.py"]);
        assert_eq!(names(&found("class")), ["Zoe"]);
    }

    #[test]
    fn a_class_is_found_as_each_platform_hands_it_out() {
        let folder = Folder::new().unwrap();
        let root = |name: &str| folder.path().join(name);
        files(
            &root("moodle"),
            &[
                "Zoë Kim_1_assignsubmission_file_/a.py",
                "Zoë Kim_1_assignsubmission_onlinetext_/onlinetext.html",
                "Zoë Kim_2_assignsubmission_file_/a.py",
                "Ann Li_3_assignsubmission_file_a.py",
                "Ann Li_3_assignsubmission_file_b.py",
                "grading.csv",
            ],
        );
        let class = class_in(&root("moodle")).unwrap();
        assert_eq!(names(&class), ["Ann Li", "Zoë Kim", "Zoë Kim (2)"]);
        assert_eq!(class.students[0].sources.len(), 2);
        assert_eq!(class.students[0].sources[1].name, "b.py");
        assert_eq!(class.students[1].sources.len(), 2, "its text belongs to it");
        assert_eq!(class.unrecognised, ["grading.csv"]);

        files(
            &root("canvas"),
            &["kimzoe_11_22_a.py", "kimzoe_LATE_11_23_b.zip", "liann_12_24_a.py"],
        );
        assert_eq!(names(&class_in(&root("canvas")).unwrap()), ["kimzoe", "liann"]);

        files(&root("scope"), &["submission_1/a.py", "submission_2/a.py"]);
        let metadata = "submission_1:\n  :submitters:\n  - :name: Zoë Kim\nsubmission_2:\n  :submitters:\n  - :name: Ann Li\n";
        fs::write(root("scope").join(platform::GRADESCOPE), metadata).unwrap();
        assert_eq!(names(&class_in(&root("scope")).unwrap()), ["Ann Li", "Zoë Kim"]);

        files(&root("lab-6-submissions"), &["lab-6-zoe-kim/.git/HEAD", "lab-6-zoe-li/.git/HEAD"]);
        assert_eq!(names(&class_in(&root("lab-6-submissions")).unwrap()), ["zoe-kim", "zoe-li"]);
        files(&root("clones"), &["lab-6-zoe/.git/HEAD", "lab-6-ann/.git/HEAD"]);
        assert_eq!(names(&class_in(&root("clones")).unwrap()), ["ann", "zoe"]);

        files(&root("plain"), &["lab-anna/a.py", "lab-bob.zip", "lab-anna.zip", "a.py"]);
        let class = class_in(&root("plain")).unwrap();
        assert_eq!(names(&class), ["lab-anna", "lab-bob"]);
        assert_eq!(class.unrecognised, ["a.py", "lab-anna.zip"], "it is unpacked already");
    }
}
