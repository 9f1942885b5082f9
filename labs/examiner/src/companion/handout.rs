//! `labs handout`: a copy of the course to give away, without solutions or with them.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use clap::Parser;
use socket_labs::say;

use super::Checkout;
use super::template::without_solutions;

/// Writes a copy of the whole course for students: every gap is empty, and no solution is in it.
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
const NEVER: &[&str] =
    &["target", ".git", "labs/answers/src/bin", "labs/answers/progress.txt", "results.jsonl"];

/// What has solutions in it: programs that the tests and benchmarks hold beside the course's own.
const SOLUTIONS: &[&str] =
    &["tests", "benches", "labs/examiner/tests", "labs/examiner/benches", ".ci"];

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
    // The copy may lie within the course: it is not copied into itself.
    let own = fs::canonicalize(folder)?;
    copy(checkout.root(), folder, Path::new(""), &own, with_solutions)?;
    let bin = folder.join("labs/answers/src/bin");
    fs::create_dir_all(&bin)?;
    fs::write(bin.join(".gitkeep"), "")?;
    Ok(())
}

fn copy(
    from: &Path,
    to: &Path,
    below: &Path,
    own: &Path,
    with_solutions: bool,
) -> anyhow::Result<()> {
    for item in
        fs::read_dir(from.join(below)).with_context(|| format!("cannot read {}", from.display()))?
    {
        let item = item?;
        let name = below.join(item.file_name());
        let is = |names: &[&str]| names.iter().any(|other| name == Path::new(other));
        if is(NEVER) || (!with_solutions && is(SOLUTIONS)) || fs::canonicalize(item.path())? == own
        {
            continue;
        }
        let place = to.join(&name);
        if item.file_type()?.is_dir() {
            fs::create_dir_all(&place)?;
            copy(from, to, &name, own, with_solutions)?;
        } else if with_solutions {
            fs::copy(item.path(), place)?;
        } else {
            give(&item.path(), &place, &name)?;
        }
    }
    Ok(())
}

/// Copies one file without what it solves, or what belongs to files that are left out.
fn give(file: &Path, place: &Path, name: &Path) -> anyhow::Result<()> {
    let is_program = name.parent() == Some(Path::new("src/bin"));
    if !is_program && name.file_name().is_none_or(|name| name != "Cargo.toml") {
        fs::copy(file, place)?;
        return Ok(());
    }
    let text = fs::read_to_string(file)?;
    let text = if is_program {
        without_solutions(&text).with_context(|| format!("{}: a gap has no end", name.display()))?
    } else {
        without_targets(&text)
    };
    Ok(fs::write(place, text)?)
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
