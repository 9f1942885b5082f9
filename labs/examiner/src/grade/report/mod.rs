//! The results of a class, in the forms that people and other programs read.

mod classroom;
mod csv;
mod gradescope;
mod html;
mod json;
mod junit;
mod table;

use std::borrow::Cow;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::alike::{Group, groups};
use super::journal::{Entry, Results};
use super::listed;
use super::score::{Course, names};
use crate::exam::{Check, Exam, Report, Verdict};

pub use table::table;

/// The files to write.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Outputs {
    /// Write a table for a spreadsheet: one row a student (RFC 4180)
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,

    /// Begin the CSV with a byte order mark, by which Excel knows UTF-8
    #[arg(long, requires = "csv")]
    pub excel: bool,

    /// Write everything as one JSON document
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,

    /// Write JUnit XML: a suite for each step of each student
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,

    /// Write a results.json for Gradescope, one file a student
    #[arg(long, value_name = "DIR")]
    pub gradescope: Option<PathBuf>,

    /// Write a result for GitHub Classroom, one file a student
    #[arg(long, value_name = "DIR")]
    pub classroom: Option<PathBuf>,

    /// Write pages for people: an index with a matrix, and one page a student
    #[arg(long, value_name = "DIR")]
    pub html: Option<PathBuf>,
}

impl Outputs {
    /// Writes all files that were asked for.
    ///
    /// # Errors
    ///
    /// A file cannot be written.
    pub fn write(&self, results: &Results, course: &Course) -> anyhow::Result<()> {
        if let Some(file) = &self.csv {
            let mark: &[u8] = if self.excel { b"\xef\xbb\xbf" } else { b"" };
            write(file, &[mark, &csv::csv(results, course)?].concat())?;
        }
        if let Some(file) = &self.json {
            write(file, &json::json(results, course)?)?;
        }
        if let Some(file) = &self.junit {
            write(file, junit::junit(results, course).as_bytes())?;
        }
        for student in names(results) {
            if let Some(folder) = &self.gradescope {
                write(
                    &folder.join(file_name(student, "json")),
                    &gradescope::result(results, course, student)?,
                )?;
            }
            if let Some(folder) = &self.classroom {
                write(
                    &folder.join(file_name(student, "json")),
                    &classroom::result(results, course, student)?,
                )?;
            }
            if let Some(folder) = &self.html {
                write(
                    &folder.join(file_name(student, "html")),
                    html::student(results, course, student).as_bytes(),
                )?;
            }
        }
        if let Some(folder) = &self.html {
            write(&folder.join("index.html"), html::index(results, course).as_bytes())?;
        }
        Ok(())
    }
}

fn write(file: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    fs::write(file, bytes).with_context(|| format!("cannot write {}", file.display()))
}

/// A file name for a student that no other student has, also on a disk that takes `Anna` and `anna` for
/// one: the name where it is small letters, digits and `.-_`, else with a number that keeps names apart.
pub fn file_name(student: &str, ending: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let name: String = student.chars().map(|c| if plain(c) { c } else { '_' }).take(100).collect();
    let name = name.to_ascii_lowercase();
    if name == student && !is_special(&name) {
        return format!("{name}.{ending}");
    }
    let hash = student.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    });
    format!("s{name}-{hash:016x}.{ending}")
}

/// Whether a file name means something else: the index, a hidden file, a device of Windows, or a name
/// with a number as others get it.
fn is_special(name: &str) -> bool {
    const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];
    let stem = name.split('.').next().unwrap_or_default();
    let is_device = DEVICES.contains(&stem.trim_end_matches(|c: char| c.is_ascii_digit()));
    let has_number = name.rsplit_once('-').is_some_and(|(front, number)| {
        front.starts_with('s')
            && number.len() == 16
            && number.chars().all(|c| c.is_ascii_hexdigit())
    });
    stem.is_empty() || name == "index" || name.ends_with('.') || is_device || has_number
}

/// One line of a student's report: a check, or a whole step that was not examined.
pub struct Line<'a> {
    /// The step.
    pub step: &'a str,
    /// The check; `None` for a whole step.
    pub check: Option<&'static Check>,
    /// What it is worth in points.
    pub of: f64,
    /// What was earned: less than nothing where a classic mistake costs more than the check is worth. The
    /// lines of a step add up to its points.
    pub earned: f64,
    /// The verdict.
    pub verdict: Verdict,
    /// What happened, in one sentence; empty after a pass.
    pub sentence: Cow<'a, str>,
    /// The story, or the compiler's message.
    pub story: &'a str,
    /// How long it took, in milliseconds.
    pub milliseconds: u64,
    /// What another run of the same check came to, where it was worse.
    pub unstable: Option<&'a str>,
}

impl Line<'_> {
    /// What happened and, where two runs differed, what the other one came to; empty after a pass.
    pub fn words(&self) -> String {
        let unstable = self.unstable.map(|other| format!("{UNSTABLE} {other}"));
        let sentence = Some(self.sentence.to_string()).filter(|sentence| !sentence.is_empty());
        sentence.into_iter().chain(unstable).collect::<Vec<_>>().join(" ")
    }
}

/// What is in front of the verdict and the sentence of a run that was worse than the one that counts.
pub const UNSTABLE: &str = "Unstable: of two runs the better one counts, and the other was";

/// All lines of one student, in the order of the course.
pub fn lines<'a>(results: &'a Results, course: &'a Course, student: &str) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    for exam in course.exams() {
        let entry = results.entries.get(&(student.to_string(), exam.step.to_string()));
        match entry {
            Some(entry @ Entry { handed_in: true, build: None, .. }) => {
                lines.extend(lines_of_step(exam, entry, course));
            }
            entry => {
                let is_too_much = entry.is_some_and(|entry| entry.too_much);
                let build = entry.and_then(|entry| entry.build.as_deref());
                lines.push(Line {
                    step: exam.step,
                    check: None,
                    of: course.whole(exam),
                    earned: 0.0,
                    verdict: Verdict::Fail,
                    sentence: match (build, entry) {
                        (Some(why), _) if is_too_much => {
                            format!("It was not examined: {why}.").into()
                        }
                        (Some(_), _) => "It does not build.".into(),
                        (None, Some(entry)) => missing(entry).into(),
                        (None, None) => "It was not handed in.".into(),
                    },
                    story: build.filter(|_| !is_too_much).unwrap_or_default(),
                    milliseconds: 0,
                    unstable: None,
                });
            }
        }
    }
    lines
}

fn lines_of_step<'a>(exam: &'static Exam, entry: &'a Entry, course: &Course) -> Vec<Line<'a>> {
    let line_of = |check: &'static Check| {
        let report = entry.reports.iter().find(|report| report.check == check.name)?;
        Some(line(check, report, course.worth(exam, check)))
    };
    let mut lines: Vec<Line> = exam.checks.iter().filter_map(line_of).collect();
    let points = course.points(entry);
    let Some((check, mistake)) = points.mistake else { return lines };
    let sum: f64 = lines.iter().map(|line| line.earned).sum();
    let is_its = |line: &&mut Line| line.check.is_some_and(|of| of.name == check);
    if let Some(line) = lines.iter_mut().find(is_its) {
        line.earned -= sum - points.earned;
        let left = format!("With {} a step has at most {} %.", mistake.name, mistake.at_most);
        line.sentence = format!("{} {left}", line.sentence).trim_start().to_string().into();
    }
    lines
}

fn line<'a>(check: &'static Check, report: &'a Report, of: f64) -> Line<'a> {
    let earned = match report.verdict {
        Verdict::Pass => of,
        Verdict::Beyond => of, // which is nothing
        Verdict::Fragile => of / 2.0,
        Verdict::Fail | Verdict::Skipped | Verdict::Error => 0.0,
    };
    Line {
        step: &report.step,
        check: Some(check),
        of,
        earned,
        verdict: report.verdict,
        sentence: Cow::Borrowed(&report.sentence),
        story: &report.story,
        milliseconds: report.milliseconds,
        unstable: report.unstable.as_deref(),
    }
}

/// Why a step counts as not handed in, and what there is in its place.
fn missing(entry: &Entry) -> String {
    let mut sentences = vec!["It was not handed in.".to_string()];
    if !entry.unrecognised.is_empty() {
        sentences.push(listed("Found, and not recognised: ", &entry.unrecognised));
    }
    sentences.extend(entry.notes.iter().cloned());
    sentences.join(" ")
}

/// What is to be known of a student's hand-in, each sentence once; with what was not recognised, where a
/// step that is due was not handed in.
pub fn notes(results: &Results, course: &Course, student: &str) -> Vec<String> {
    let of_student = results.entries.values().filter(|entry| entry.student == student);
    let is_due = |entry: &&Entry| course.steps.is_empty() || course.steps.contains_key(&entry.step);
    let mut notes: Vec<String> = Vec::new();
    for entry in of_student.filter(is_due) {
        let found = (!entry.handed_in && !entry.unrecognised.is_empty())
            .then(|| listed("found, and not recognised: ", &entry.unrecognised));
        for note in entry.notes.iter().cloned().chain(found) {
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
    }
    notes
}

/// What is said of a group of programs that are alike, to the instructor alone.
pub fn alike(group: &Group) -> String {
    let Group { step, students, percent } = group;
    let names = students.join(", ");
    match percent {
        100 => format!("{step}: the same but for names and layout: {names}"),
        _ => format!("{step}: {percent} % the same but for names and layout: {names}"),
    }
}

/// What every report says of a run whose machines were not closed.
pub const UNCLOSED: &str =
    "examined unclosed (--unclosed): a program could see and change what the grader can";

/// The reasons of a student's lost points, shortly: `echo_server/half_close (fragile Missing)`; and the
/// checks of which two runs differed: `echo_server/half_close (pass, unstable)`.
fn reasons(results: &Results, course: &Course, student: &str) -> String {
    let mut reasons = Vec::new();
    if results.unclosed {
        reasons.push(UNCLOSED.to_string());
    }
    reasons.extend(notes(results, course, student));
    let groups = groups(results);
    let is_in = |group: &&Group| group.students.iter().any(|name| name == student);
    reasons.extend(groups.iter().filter(is_in).map(alike));
    for exam in course.exams() {
        let Some(entry) = results.entries.get(&(student.to_string(), exam.step.to_string())) else {
            continue;
        };
        if !entry.handed_in {
            reasons.push(format!("{}: not handed in", exam.step));
        } else if entry.too_much {
            reasons.push(format!("{}: too much to be examined", exam.step));
        } else if entry.build.is_some() {
            reasons.push(format!("{}: does not build", exam.step));
        }
        for report in &entry.reports {
            let is_lost =
                matches!(report.verdict, Verdict::Fail | Verdict::Fragile | Verdict::Error);
            if is_lost || report.unstable.is_some() {
                let way = report.way.map(|way| format!(" {way}")).unwrap_or_default();
                let unstable = if report.unstable.is_some() { ", unstable" } else { "" };
                reasons.push(format!("{} ({}{way}{unstable})", report.id(), report.verdict));
            }
        }
        if let Some((_, mistake)) = course.points(entry).mistake {
            let (step, most) = (exam.step, mistake.at_most);
            reasons.push(format!("{step}: at most {most} % with {}", mistake.name));
        }
    }
    reasons.join("; ")
}

/// Points as they are shown: a share of them is rarely round.
fn rounded(points: f64) -> f64 {
    (points * 100.0).round() / 100.0
}

/// The percentage of one step, for a table; empty where it could not be examined.
fn step_share(results: &Results, course: &Course, student: &str, step: &str) -> Option<f64> {
    let entry = results.entries.get(&(student.to_string(), step.to_string()))?;
    course.points(entry).share().map(|share| 100.0 * share)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_students_share_a_file() {
        let other = file_name("Zoë", "json");
        let clash = other.trim_end_matches(".json");
        let names = [
            "anna",
            "Anna",
            "ANNA",
            "ann\u{e9}",
            "ann_",
            "Zoë",
            clash,
            "index",
            "Index",
            ".hidden",
            "con",
            "com1",
            "a.",
            "a",
            "a/b",
            "a_b",
            "",
        ];
        let long = ["x".repeat(100), "x".repeat(101), "x".repeat(102)];
        let names = names.into_iter().chain(long.iter().map(String::as_str));
        let files: Vec<String> =
            names.map(|name| file_name(name, "html").to_ascii_lowercase()).collect();
        let apart: BTreeSet<&String> = files.iter().collect();
        assert_eq!(apart.len(), files.len(), "{files:?}");
        assert!(!files.contains(&"index.html".to_string()));
        assert_eq!(files[0], "anna.html");
    }
}
