//! `labs handout`: a copy of the course to give away, without solutions or with them.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use clap::Parser;
use examiner::catalogue::{self, COURSE};
use socket_labs::say;

use super::Checkout;
use super::solutions::Solutions;
use super::template::without_solutions;

/// Writes a copy of the course for students, without solutions.
///
/// Example: labs handout ../course-for-students
#[derive(Parser)]
#[command(verbatim_doc_comment)]
pub struct Handout {
    /// The folder to write; it must not exist yet
    folder: PathBuf,

    /// Keep the solutions, and the tests: a copy for colleagues
    #[arg(long)]
    with_solutions: bool,
}

/// What no copy has: what is built, what Git keeps, what a student wrote.
const NEVER: &[&str] = &[
    "fuzz/artifacts",
    "fuzz/corpus",
    "fuzz/target",
    "labs/answers/src/bin",
    "labs/answers/progress.txt",
    "labs/answers/target",
];

/// What has solutions in it, programs that the tests and benchmarks hold beside the course's own, and
/// what is for those who teach.
const SOLUTIONS: &[&str] = &[
    ".ci",
    ".github",
    "CONTRIBUTING.md",
    "benches",
    "deny.toml",
    "docs/decisions.md",
    "docs/instructors.md",
    "docs/pictures",
    "docs/teaching.md",
    "fuzz",
    "labs/examiner/benches",
    "labs/examiner/tests",
    "tests",
];

/// The pages that list what there is, one thing a line.
const PAGES: &[&str] = &["README.md", "docs/SUMMARY.md"];

impl Handout {
    /// Writes the copy.
    ///
    /// # Errors
    ///
    /// The folder is there already, or a file cannot be read or written.
    pub fn run(&self, checkout: &Checkout) -> anyhow::Result<()> {
        write(checkout, &self.folder, self.with_solutions)?;
        let kind = if self.with_solutions { "with its solutions" } else { "without solutions" };
        say!("The course, {kind}, is in {}", self.folder.display());
        say!("Try it: cd {} && cargo run", self.folder.display());
        Ok(())
    }
}

/// Writes a copy of the course into a new folder.
///
/// # Errors
///
/// The folder is there already, or a file cannot be read or written.
pub fn write(checkout: &Checkout, folder: &Path, with_solutions: bool) -> anyhow::Result<()> {
    ensure!(!folder.exists(), "{} is there already", folder.display());
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let copying = Copying {
        from: checkout.root(),
        to: folder,
        own: fs::canonicalize(folder)?,
        solutions: if with_solutions { None } else { Some(solutions(checkout)?) },
    };
    copying.copy(Path::new(""))?;
    let bin = folder.join("labs/answers/src/bin");
    fs::create_dir_all(&bin)?;
    fs::write(bin.join(".gitkeep"), "")?;
    Ok(())
}

fn solutions(checkout: &Checkout) -> anyhow::Result<Solutions> {
    let exercises = catalogue::steps().filter(|step| step.exercise);
    let programs = exercises.map(|step| {
        let file = checkout.reference(step);
        let text = fs::read_to_string(&file);
        Ok((step.name, text.with_context(|| format!("cannot read {}", file.display()))?))
    });
    let programs = programs.collect::<anyhow::Result<Vec<(&str, String)>>>()?;
    Ok(Solutions::of(programs.iter().map(|(step, text)| (*step, text.as_str()))))
}

struct Copying<'a> {
    from: &'a Path,
    to: &'a Path,
    /// The copy may lie within the course: it is not copied into itself.
    own: PathBuf,
    /// What is left out; `None` where solutions are kept.
    solutions: Option<Solutions>,
}

impl Copying<'_> {
    fn copy(&self, below: &Path) -> anyhow::Result<()> {
        let folder = self.from.join(below);
        let items = fs::read_dir(&folder);
        for item in items.with_context(|| format!("cannot read {}", folder.display()))? {
            let item = item?;
            let name = below.join(item.file_name());
            let is = |names: &[&str]| names.iter().any(|other| name == Path::new(other));
            let is_of_the_course = below != Path::new("") || is(COURSE);
            let is_left_out =
                !is_of_the_course || is(NEVER) || (self.solutions.is_some() && is(SOLUTIONS));
            if is_left_out || fs::canonicalize(item.path())? == self.own {
                continue;
            }
            if item.file_type()?.is_dir() {
                fs::create_dir_all(self.to.join(&name))?;
                self.copy(&name)?;
            } else {
                self.give(&item.path(), &name)?;
            }
        }
        Ok(())
    }

    /// Copies one file without what it solves, and without what belongs to files that are left out.
    fn give(&self, file: &Path, name: &Path) -> anyhow::Result<()> {
        let place = self.to.join(name);
        let is_program = name.parent() == Some(Path::new("src/bin"));
        let is_manifest = name.file_name().is_some_and(|name| name == "Cargo.toml");
        match &self.solutions {
            Some(solutions) if is_program => {
                let text = fs::read_to_string(file)?;
                let step = file.file_stem().unwrap_or_default().to_string_lossy();
                let copy = without_solutions(&text, &step, |text| solutions.removed_from(text));
                let no_end = || format!("{}: a gap has no end", name.display());
                fs::write(place, copy.with_context(no_end)?)?;
            }
            Some(_) if is_manifest => {
                fs::write(place, without_targets(&fs::read_to_string(file)?))?;
            }
            Some(_) if PAGES.iter().any(|page| name == Path::new(page)) => {
                fs::write(place, without_links(name, &fs::read_to_string(file)?))?;
            }
            _ => {
                fs::copy(file, place)?;
            }
        }
        Ok(())
    }
}

/// A page without the lines that lead to what is left out.
fn without_links(page: &Path, text: &str) -> String {
    let target = |link: &str| match link.strip_prefix("../") {
        Some(above) => PathBuf::from(above),
        None => page.with_file_name(link),
    };
    let leads_nowhere = |line: &&str| {
        let mut links = line.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        links.any(|link| SOLUTIONS.iter().any(|name| target(link).starts_with(name)))
    };
    text.lines().filter(|line| !leads_nowhere(line)).map(|line| format!("{line}\n")).collect()
}

/// A manifest without its tests and benchmarks, which are left out.
fn without_targets(manifest: &str) -> String {
    let mut kept = String::new();
    let mut is_left_out = false;
    for line in manifest.lines() {
        if line.starts_with('[') {
            is_left_out = line.starts_with("[[bench]]") || line.starts_with("[[test]]");
        }
        if !is_left_out {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_loses_its_tests_and_benchmarks_alone() {
        let manifest = "[package]\nname = \"x\"\n\n[[bench]]\nname = \"b\"\nharness = false\n\n[profile.dev]\ndebug = 1\n";
        assert_eq!(
            without_targets(manifest),
            "[package]\nname = \"x\"\n\n[profile.dev]\ndebug = 1\n"
        );
    }
}
