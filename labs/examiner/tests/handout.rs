//! `labs handout`: what students get has no solution in it.

#![allow(clippy::unwrap_used)] // in a test, a panic is the answer

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn checkout() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Writes a copy into a folder that is not there yet.
fn handout(name: &str, args: &[&str]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    let mut labs = Command::new(env!("CARGO_BIN_EXE_labs"));
    let output = labs.arg("handout").arg(&folder).args(args).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    folder
}

/// Every file below a folder, with its text.
fn files(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    for item in fs::read_dir(folder).unwrap().flatten() {
        match item.file_type().unwrap().is_dir() {
            true => files.extend(self::files(&item.path())),
            false => {
                let text = String::from_utf8_lossy(&fs::read(item.path()).unwrap()).into_owned();
                files.push((item.path(), text));
            }
        }
    }
    files
}

/// The lines of the solutions of a program, without spaces and comments; each gap by itself.
fn solutions(program: &str) -> Vec<Vec<String>> {
    let mut solutions: Vec<Vec<String>> = Vec::new();
    let mut in_gap = false;
    for line in program.lines().map(str::trim) {
        if line.starts_with("// GAP ") {
            in_gap = true;
            solutions.push(Vec::new());
        } else if line == "// END GAP" {
            in_gap = false;
        } else if in_gap && !line.starts_with("//") && line.len() > 3 {
            solutions.last_mut().unwrap().push(line.to_string());
        }
    }
    solutions
}

/// The exercises of the course, with their texts.
fn exercises() -> Vec<(String, String)> {
    let programs = files(&checkout().join("src/bin")).into_iter();
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_string();
    let exercises = programs.filter(|(_, text)| text.contains("// GAP "));
    exercises.map(|(path, text)| (name(&path), text)).collect()
}

#[test]
fn no_solution_is_anywhere_in_it() {
    let exercises = exercises();
    assert_eq!(exercises.len(), 14);
    let folder = handout("handout-plain", &[]);
    let copied: Vec<(PathBuf, String)> = files(&folder)
        .into_iter()
        .map(|(path, text)| {
            let lines: Vec<&str> =
                text.lines().map(str::trim).filter(|line| line.len() > 3).collect();
            (path, lines.join("\n"))
        })
        .collect();
    let mut searched = 0;
    for (name, program) in &exercises {
        for solution in solutions(program) {
            assert!(!solution.is_empty(), "{name}");
            // Any three lines of a solution in a row would give it away. A gap of one call is asked
            // for by its name: `connect()` stands in other programs too.
            for lines in solution.windows(3.min(solution.len())).filter(|lines| lines.len() > 1) {
                let text = lines.join("\n");
                searched += 1;
                let found = copied.iter().find(|(_, copy)| copy.contains(&text));
                assert!(found.is_none(), "{name}: {:?} has\n{text}", found.map(|(path, _)| path));
            }
        }
        let emptied = fs::read_to_string(folder.join("src/bin").join(name)).unwrap();
        assert_eq!(program.matches("// GAP ").count(), emptied.matches("todo!(\"GAP ").count());
    }
    assert!(searched > 100, "{searched}");
    for left_out in ["tests", "benches", "labs/examiner/tests", "target", ".git"] {
        assert!(!folder.join(left_out).exists(), "{left_out}");
    }
    assert!(folder.join("labs/answers/src/bin/.gitkeep").is_file());
    let links = dead_links(&folder);
    assert!(links.is_empty(), "{links:#?}");
    fs::remove_dir_all(folder).unwrap();
}

/// The links of the documents that lead to no file.
fn dead_links(folder: &Path) -> Vec<String> {
    let mut dead = Vec::new();
    let is_document = |path: &Path| path.extension().is_some_and(|end| end == "md");
    for (path, text) in files(folder).into_iter().filter(|(path, _)| is_document(path)) {
        let links = text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
        let within = links.filter(|link| !link.is_empty() && !link.contains(':'));
        let leads_nowhere = |link: &&str| !path.parent().unwrap().join(link).exists();
        dead.extend(within.filter(leads_nowhere).map(|link| format!("{}: {link}", path.display())));
    }
    dead
}

#[test]
fn a_copy_for_colleagues_has_everything() {
    let folder = handout("handout-whole", &["--with-solutions"]);
    for (name, program) in exercises() {
        assert_eq!(fs::read_to_string(folder.join("src/bin").join(name)).unwrap(), program);
    }
    assert!(folder.join("tests/lab6_echo.rs").is_file());
    assert!(folder.join("labs/examiner/tests/examination.rs").is_file());
    assert!(!folder.join("target").exists());
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_folder_that_is_there_is_not_written_to() {
    let mut labs = Command::new(env!("CARGO_BIN_EXE_labs"));
    let output = labs.arg("handout").arg(env!("CARGO_TARGET_TMPDIR")).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("is there already"));
}

/// The kit of Gradescope, run as Gradescope does, with this machine's `labs` in the place of the one
/// that `setup.sh` builds.
#[test]
#[cfg(target_os = "linux")]
fn the_kit_grades_one_submission() {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("autograder");
    let _ = fs::remove_dir_all(&root);
    fs::create_dir_all(root.join("submission")).unwrap();
    let mut labs = Command::new(env!("CARGO_BIN_EXE_labs"));
    labs.arg("gradescope-kit").arg(root.join("source")).args(["--step", "echo_server"]);
    assert!(labs.output().unwrap().status.success());
    for script in ["setup.sh", "run_autograder"] {
        let script = root.join("source").join(script);
        assert!(Command::new("bash").arg("-n").arg(script).status().unwrap().success());
    }
    let built = root.join("source/course/target/release");
    fs::create_dir_all(&built).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_labs"), built.join("labs")).unwrap();
    let attacks = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/attacks");
    fs::copy(attacks.join("serve.py"), root.join("submission/serve.py")).unwrap();
    fs::write(root.join("submission/echo_server.py"), "from serve import serve\nserve()\n")
        .unwrap();
    let mut run = Command::new(root.join("source/run_autograder"));
    let output = run.env("AUTOGRADER", &root).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let result = fs::read(root.join("results/results.json")).unwrap();
    let result: serde_json::Value = serde_json::from_slice(&result).unwrap();
    assert_eq!(result["score"], 100.0, "{result:#}");
    fs::remove_dir_all(root).unwrap();
}
