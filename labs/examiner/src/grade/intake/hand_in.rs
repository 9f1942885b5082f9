//! What one student handed in: copied, unpacked, and looked through for the programs of the course.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::spelling::{Language, language, step_of};
use crate::catalogue::COURSE;
use crate::exam::shown_line;
use crate::exam::submission::{self, Entry};
use crate::grade::workplace::{is_left_out, remove_tree};
use crate::steps::exam;

/// A copy of what a student handed in, without what nobody handed in on purpose.
#[derive(Debug, Default)]
pub struct HandIn {
    /// Where the copy is; `None` where nothing was handed in.
    pub folder: Option<PathBuf>,
    /// A number that changes with the content.
    pub content: u64,
    /// One sentence, where it was too much.
    pub too_much: Option<String>,
    /// What the grader may not read.
    pub unread: Vec<PathBuf>,
    /// Sentences about the whole of it.
    pub notes: Vec<String>,
    /// Files that are no program of any step.
    pub unrecognised: Vec<String>,
    /// The programs that were found, by their steps.
    pub programs: BTreeMap<&'static str, Program>,
}

/// The program of a step: its file in the hand-in.
#[derive(Debug, Clone)]
pub struct Program {
    /// Its path below the folder of the hand-in.
    pub file: PathBuf,
    /// What it is written in.
    pub language: Language,
    /// What `submission.toml` says of it, or what is wrong there.
    pub told: Option<Result<Entry, String>>,
    /// Other files that could have been the program.
    pub others: Vec<PathBuf>,
}

impl HandIn {
    /// Looks through a folder that is ours.
    pub fn look_through(&mut self, folder: PathBuf, course: Option<&Path>) {
        leave_out_the_course(&folder, course);
        let mut files = Vec::new();
        list(&folder, Path::new(""), &mut files);
        let mut candidates: BTreeMap<&'static str, Vec<PathBuf>> = BTreeMap::new();
        let mut tomls = Vec::new();
        for file in files {
            let name = file.file_name().unwrap_or_default();
            match (step_of(&file), language(&file)) {
                _ if name.eq_ignore_ascii_case(submission::FILE) => tomls.push(file),
                (Some(step), Some(_)) => candidates.entry(step).or_default().push(file),
                _ if name.as_encoded_bytes().starts_with(b".") => {}
                _ => self.unrecognised.push(shown_line(&file.to_string_lossy())),
            }
        }
        for (step, mut files) in candidates {
            files.sort_by_cached_key(|file| rank(file));
            let file = files.remove(0);
            let language = language(&file).unwrap_or(Language::Itself);
            self.programs.insert(step, Program { file, language, told: None, others: files });
        }
        tomls.sort_by_cached_key(|file| std::cmp::Reverse(rank(file)));
        tomls.into_iter().for_each(|toml| self.hear(&folder, toml)); // the first one last, so that it holds
        self.folder = Some(folder);
    }

    /// Takes in what a `submission.toml` says.
    fn hear(&mut self, folder: &Path, toml: PathBuf) {
        let text = submission::text_of(&folder.join(&toml)).map(Option::unwrap_or_default);
        let told = text.clone().and_then(|text| submission::entries_of(&text));
        let steps: BTreeSet<String> = match &told {
            Ok(entries) => entries.keys().cloned().collect(),
            // What it names before the fault, and what would be examined without its words.
            Err(_) => {
                let text = text.clone().unwrap_or_default();
                let headings = text
                    .lines()
                    .filter_map(|line| line.trim().strip_prefix('[')?.strip_suffix(']'));
                let headings = headings.map(|name| name.trim_matches([' ', '"', '\'']).to_string());
                headings.chain(self.programs.keys().map(|step| step.to_string())).collect()
            }
        };
        if let Err(error) = &told
            && !steps.iter().any(|name| exam(name).is_some())
        {
            let file = shown_line(&toml.to_string_lossy());
            self.notes.push(shown_line(&format!("{file} cannot be understood: {error}")));
        }
        for name in steps {
            let Some(exam) = exam(&name) else {
                if told.is_ok() {
                    let file = shown_line(&toml.to_string_lossy());
                    let sentence = format!("{file} names {name:?}, which is no step of the course");
                    self.notes.push(shown_line(&sentence));
                }
                continue;
            };
            let entry = match &told {
                Ok(_) => {
                    submission::entry_of(text.as_deref().unwrap_or_default(), &name).transpose()
                }
                Err(error) => Some(Err(error.clone())),
            };
            let program = Program {
                file: toml.clone(),
                language: Language::AsTold,
                told: entry,
                others: Vec::new(),
            };
            self.programs.insert(exam.step, program);
        }
    }

    /// The program of a step.
    pub fn program(&self, step: &str) -> Option<&Program> {
        self.programs.get(step)
    }

    /// The sources of the program of a step: its file, or those that the commands of
    /// `submission.toml` name; and where there is such a file, all sources that are no program of
    /// another step.
    pub fn sources(&self, step: &str) -> (Vec<PathBuf>, Vec<PathBuf>) {
        let Some((program, folder)) = self.program(step).zip(self.folder.as_ref()) else {
            return Default::default();
        };
        if program.language != Language::AsTold {
            return (vec![folder.join(&program.file)], Vec::new());
        }
        let mut all = Vec::new();
        list(folder, Path::new(""), &mut all);
        all.retain(|file| file.extension().is_some() && language(file).is_some());
        let beside = program.file.parent().unwrap_or(Path::new(""));
        let told = program.told.as_ref().and_then(|told| told.as_ref().ok());
        let commands = told.iter().flat_map(|told| told.build.iter().flatten().chain(&told.run));
        let words = commands.flat_map(|word| word.split_whitespace());
        let plain = |word: &str| beside.join(word.strip_prefix("./").unwrap_or(word));
        let files: BTreeSet<PathBuf> = words.map(plain).collect();
        let named: Vec<PathBuf> =
            all.iter().filter(|file| files.contains(*file)).cloned().collect();
        all.retain(|file| step_of(file).is_none_or(|of| of == step));
        let whole = |file: &PathBuf| folder.join(file);
        (named.iter().map(whole).collect(), all.iter().map(whole).collect())
    }

    /// A file that may be the program of a step, and that the grader may not read.
    pub fn unread(&self, step: &str) -> Option<&PathBuf> {
        self.unread.iter().find(|file| step_of(file) == Some(step))
    }

    /// What is said of a step: which of several files was taken, and what is said of the whole.
    pub fn notes(&self, step: &str) -> Vec<String> {
        let mut notes: Vec<String> = self.notes.iter().chain(&self.too_much).cloned().collect();
        if let Some(program) = self.program(step).filter(|program| !program.others.is_empty()) {
            let others: Vec<String> =
                program.others.iter().take(5).map(|file| file.display().to_string()).collect();
            let sentence = format!(
                "{step}: {} was taken; there is also {}",
                program.file.display(),
                others.join(", ")
            );
            notes.push(shown_line(&sentence));
        }
        notes
    }
}

/// What is taken first: an answer where a copy of the course has it, what lies in fewer folders, the
/// language that the sheets use first, the shorter name.
fn rank(file: &Path) -> (bool, usize, Option<Language>, usize, PathBuf) {
    let is_answer = file.to_string_lossy().contains("labs/answers/");
    (!is_answer, file.components().count(), language(file), file.as_os_str().len(), file.into())
}

/// The regular files below a folder, by their paths in it.
fn list(folder: &Path, below: &Path, files: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> =
        fs::read_dir(folder.join(below)).into_iter().flatten().flatten().collect();
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = below.join(entry.file_name());
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => list(folder, &path, files),
            Ok(kind) if kind.is_file() => files.push(path),
            _ => {}
        }
    }
}

/// Removes, where somebody handed in a clone of the course, all of it that is the course's own; and what a
/// zip file had of what nobody hands in on purpose.
fn leave_out_the_course(folder: &Path, course: Option<&Path>) {
    let is_course = folder.join("labs/answers/Cargo.toml").is_file();
    if is_course {
        let bin = folder.join("src/bin");
        let kept = answers_in_place(&bin, course);
        COURSE.iter().filter(|name| **name != "labs").for_each(|name| remove(&folder.join(name)));
        for entry in fs::read_dir(folder.join("labs")).into_iter().flatten().flatten() {
            if entry.file_name() != "answers" {
                remove(&entry.path());
            }
        }
        for name in ["Cargo.toml", "progress.txt", "src/lib.rs"] {
            remove(&folder.join("labs/answers").join(name));
        }
        let _ = fs::create_dir_all(&bin);
        for (name, text) in kept {
            let _ = fs::write(bin.join(name), text);
        }
    }
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if is_left_out(&entry.file_name()) {
            remove(&entry.path());
        } else if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            leave_out_the_course(&entry.path(), course);
        }
    }
}

/// Exercises that were written in the place of the course's own programs, and not among the answers: their
/// gaps are filled, and not as the course fills them. None where that cannot be known, because the folder
/// of the course is not there: its own programs are nobody's answers.
fn answers_in_place(bin: &Path, course: Option<&Path>) -> Vec<(PathBuf, String)> {
    let Some(own) = course.map(|course| course.join("src/bin")) else { return Vec::new() };
    let mut answers = Vec::new();
    for entry in fs::read_dir(bin).into_iter().flatten().flatten() {
        let name = PathBuf::from(entry.file_name());
        let Ok(text) = fs::read_to_string(entry.path()) else { continue };
        let is_exercise = text.contains("// GAP ") && !text.contains("todo!(\"GAP");
        if is_exercise && fs::read_to_string(own.join(&name)).ok().as_ref() != Some(&text) {
            answers.push((name, text));
        }
    }
    answers
}

fn remove(path: &Path) {
    match fs::symlink_metadata(path) {
        Ok(kind) if kind.is_dir() => remove_tree(path),
        _ => _ = fs::remove_file(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grade::workplace::Folder;

    /// A file that says nothing of any step is no reason to say nothing of the file.
    #[test]
    fn a_submission_toml_that_is_broken_is_told() {
        for (text, says) in [
            ("x = [[[", "lab/submission.toml cannot be understood: "),
            ("echo_server:\n  run: ./x\n", "lab/submission.toml cannot be understood: "),
            ("[echo_sever]\nrun = [\"./x\"]\n", "names \"echo_sever\", which is no step"),
        ] {
            let folder = Folder::new().unwrap();
            let place = folder.path().join("hand-in");
            fs::create_dir_all(place.join("lab")).unwrap();
            fs::write(place.join("lab/submission.toml"), text).unwrap();
            let mut hand_in = HandIn::default();
            hand_in.look_through(place, None);
            let notes = hand_in.notes("echo_server");
            assert!(notes.len() == 1 && notes[0].contains(says), "{text}: {notes:?}");
            assert!(hand_in.program("echo_server").is_none(), "{text}");
        }
    }

    /// A clone of the course hands in what its owner wrote, and nothing that the course wrote.
    #[test]
    fn a_program_of_the_course_is_nobodys_answer() {
        if !crate::has_answers() {
            return;
        }
        let course = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let own = fs::read_to_string(course.join("src/bin/echo_server.rs")).unwrap();
        let folder = Folder::new().unwrap();
        fs::write(folder.path().join("echo_server.rs"), &own).unwrap();
        assert_eq!(answers_in_place(folder.path(), Some(&course)), []);
        fs::write(folder.path().join("echo_server.rs"), own.replace("client", "guest")).unwrap();
        assert_eq!(answers_in_place(folder.path(), Some(&course)).len(), 1);
        assert_eq!(answers_in_place(folder.path(), None), [], "nobody knows whose it is");
    }
}
