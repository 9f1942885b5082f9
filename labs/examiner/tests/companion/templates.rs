//! Each exercise as it is begun: it compiles without a warning, and fails its examination because
//! of its gaps and nothing else.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Mutex;
use std::thread;

use examiner::catalogue::{Step, steps};
use examiner::exam::{Exam, Way};
use examiner::steps::exam;
use serde_json::Value;

use super::desk::{Desk, building, ended, target};

/// The first check that each template fails, and how.
const FIRST: &[(&str, &str, Way)] =
    &[("echo_server", "echoes", Way::Reset), ("mandela", "listens", Way::Ended)];

#[test]
fn every_template_compiles_without_warnings_and_fails_because_of_its_gaps() {
    let desk = Desk::to_build_at("templates");
    let exercises: Vec<&Step> = steps().filter(|step| step.exercise).collect();
    for step in &exercises {
        desk.says(0, &["start", step.name]);
    }
    let programs = build_all(&desk, &exercises);
    let wrong = Mutex::new(Vec::new());
    let left = Mutex::new(programs.into_iter());
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let next = left.lock().unwrap().next();
                    let Some((step, program)) = next else { return };
                    let Some(exam) = exam(step.name) else { continue };
                    if let Err(why) = fails_as_intended(&desk, exam, &program) {
                        wrong.lock().unwrap().push(format!("{}: {why}", step.name));
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Builds all templates at once, and puts the programs where no other build finds them.
fn build_all(desk: &Desk, exercises: &[&'static Step]) -> Vec<(&'static Step, PathBuf)> {
    let _building = building();
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--package", "answers", "--bins", "--message-format", "short"]);
    cargo.current_dir(&desk.root).env("CARGO_TARGET_DIR", target());
    cargo.env("CARGO_NET_OFFLINE", "true").env_remove("RUSTFLAGS");
    let built = ended(cargo);
    assert_eq!(built.code, Some(0), "{built:#?}");
    assert!(!built.stderr.contains("warning"), "{}", built.stderr);
    let place = desk.path("programs");
    fs::create_dir(&place).unwrap();
    let put = |step: &&'static Step| {
        let name = format!("{}{}", step.name, std::env::consts::EXE_SUFFIX);
        fs::rename(target().join("debug").join(&name), place.join(&name)).unwrap();
        (*step, place.join(&name))
    };
    exercises.iter().map(put).collect()
}

/// The template fails, never by the examiner's own trouble; the first check that it fails is the
/// one expected, and the story shows the gap.
fn fails_as_intended(desk: &Desk, exam: &Exam, program: &std::path::Path) -> Result<(), String> {
    let mut command = desk.command(&["check", exam.step, "--json", "--"]);
    command.arg(program).args(exam.arguments);
    let ended = ended(command);
    let document: Value = serde_json::from_str(&ended.stdout).map_err(|_| format!("{ended:#?}"))?;
    let checks = document["checks"].as_array().ok_or("no checks")?;
    if let Some(trouble) = checks.iter().find(|check| check["verdict"] == "error") {
        return Err(format!("{trouble:#}"));
    }
    let failed = checks.iter().find(|check| check["verdict"] == "fail");
    let failed = failed.ok_or("the template fails no check")?;
    let way = failed["way"].as_str().unwrap_or_default();
    let found = (failed["check"].as_str().unwrap_or_default(), way);
    let row = FIRST.iter().find(|(step, ..)| *step == exam.step);
    let expected = row.map(|(_, check, way)| (*check, way.name()));
    if expected != Some(found) {
        return Err(format!("the first check that fails is {found:?}, expected {expected:?}"));
    }
    if failed["story"].as_str().unwrap_or_default().contains("not yet implemented: GAP ") {
        Ok(())
    } else {
        Err(format!("the story does not show the gap: {failed:#}"))
    }
}
