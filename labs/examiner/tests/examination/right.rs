//! Right programs of other shapes and languages: a folder a step. A line `#: run …` (or `//: run …`)
//! says how one is run; without it, with no argument.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use examiner::exam::{Exam, Report, Submission, Verdict, Way, examine};
use examiner::steps::EXAMS;
use libtest_mimic::{Failed, Trial};

use crate::{expect, folder, python, seed, skip};

/// One test for each program.
pub fn trials() -> Vec<Trial> {
    let mut trials = vec![Trial::test(
        "every_step_has_eight_right_programs_in_three_languages",
        every_step_has_eight_right_programs_in_three_languages,
    )];
    for exam in EXAMS {
        for file in programs(exam.step) {
            let name = file.file_name().unwrap().display().to_string();
            let run = move || passes_everything(exam, &file);
            trials.push(Trial::test(format!("right::{}::{name}", exam.step), run));
        }
    }
    trials
}

fn programs(step: &str) -> Vec<PathBuf> {
    let files = fs::read_dir(folder("right").join(step)).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = files.map(|file| file.path()).collect();
    files.sort();
    files
}

fn language(file: &Path) -> &str {
    file.extension().and_then(|ending| ending.to_str()).unwrap_or_default()
}

fn every_step_has_eight_right_programs_in_three_languages() -> Result<(), Failed> {
    let few = |exam: &&&Exam| {
        let files = programs(exam.step);
        let languages: BTreeSet<&str> = files.iter().map(|file| language(file)).collect();
        files.len() < 8 || languages.len() < 3
    };
    let few: Vec<&str> = EXAMS.iter().filter(few).map(|exam| exam.step).collect();
    if few.is_empty() { Ok(()) } else { Err(few.join(", ").into()) }
}

fn passes_everything(exam: &'static Exam, file: &Path) -> Result<(), Failed> {
    if let Some(tool) = missing_tool(file) {
        skip(&file.display().to_string(), &format!("{tool} is not installed"));
        return Ok(());
    }
    let reports = examine(exam, &submission(exam.step, file)?, seed(), |_| ());
    assert_eq!(reports.len(), exam.checks.len());
    // What a program of this shape has no word for, such as an option, is not examined. A check that
    // failed would fail this test by itself.
    let is_private = reports.iter().any(|report| report.private);
    let left_out = |report: &Report| is_private && report.verdict == Verdict::Skipped;
    let mut examined = reports.iter().filter(|report| !left_out(report));
    // What is beyond the step, no answer needs.
    examined.try_for_each(|report| match report.verdict {
        Verdict::Beyond => Ok(()),
        // A program with the lab's values written into it cannot be asked for others.
        Verdict::Fail if report.way == Some(Way::NotTold) => Ok(()),
        _ => expect(report, Verdict::Pass),
    })
}

/// The tool that builds or runs a program of this language, where this machine does not have it. In CI
/// every tool is there.
fn missing_tool(file: &Path) -> Option<&'static str> {
    let tool = match language(file) {
        "cc" => "g++",
        "java" => "javac",
        "js" => "node",
        "pl" => "perl",
        _ => return None,
    };
    let is_there = |folder: PathBuf| folder.join(tool).is_file();
    let is_missing = !env::split_paths(&env::var_os("PATH")?).any(is_there);
    (is_missing && env::var_os("SOCKET_LABS_NO_SKIP").is_none()).then_some(tool)
}

/// A program of this file: built, where its language asks for it, and with the arguments of its own.
pub fn submission(step: &str, file: &Path) -> Result<Submission, Failed> {
    let text = fs::read_to_string(file)?;
    let (program, run) = match language(file) {
        "py" => (file.display().to_string(), "python3 {file}"),
        "sh" => (file.display().to_string(), "sh {file}"),
        "c" => (build(step, file, "cc", &["-pthread", "-O1", "-o"])?, "{file}"),
        "js" => (file.display().to_string(), "node {file}"),
        "pl" => (file.display().to_string(), "perl {file}"),
        "java" => (build(step, file, "javac", &["-d"])?, "java -cp {file} {class}"),
        "cc" => (build(step, file, "g++", &["-pthread", "-O1", "-o"])?, "{file}"),
        "rs" => (build(step, file, "rustc", &["--edition=2024", "-Copt-level=1", "-o"])?, "{file}"),
        other => return Err(format!("nobody knows how to run {other}").into()),
    };
    let class = file.file_stem().unwrap().display().to_string();
    let own = text
        .lines()
        .find_map(|line| line.strip_prefix("#: run ").or_else(|| line.strip_prefix("//: run ")));
    let words = own.unwrap_or(run).split_whitespace();
    let command = words
        .map(|word| match word {
            "python3" => python().map(String::from),
            word => Ok(word.replace("{file}", &program).replace("{class}", &class)),
        })
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Submission::new(command, file.parent().unwrap()))
}

/// Compiles a program and returns what came of it.
fn build(step: &str, file: &Path, compiler: &str, options: &[&str]) -> Result<String, Failed> {
    let name = format!("{step}-{}", file.file_name().unwrap().display()).replace('.', "-");
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name + env::consts::EXE_SUFFIX);
    let output = Command::new(compiler).args(options).arg(&program).arg(file).output();
    let output = output.map_err(|error| format!("{compiler}: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    Ok(program.display().to_string())
}
