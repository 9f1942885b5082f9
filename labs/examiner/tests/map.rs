//! The map, as a student sees it.

#![allow(clippy::unwrap_used)] // in a test, a panic is the answer

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// The companion, in a folder of the course where nobody has done anything yet.
fn labs(args: &[&str]) -> (Option<i32>, String, String) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("map");
    fs::create_dir_all(folder.join("labs/answers")).unwrap();
    fs::create_dir_all(folder.join("src/bin")).unwrap();
    fs::write(folder.join("labs/answers/Cargo.toml"), "").unwrap();
    let mut labs = Command::new(env!("CARGO_BIN_EXE_labs"));
    let output = labs.args(args).env("SOCKET_LABS_CHECKOUT", folder).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn the_bare_run_prints_every_lab_and_the_step_to_begin_with() {
    let (code, map, errors) = labs(&[]);
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    for lab in 0..=7 {
        assert!(map.contains(&format!("\nLab {lab}  ")), "{map}");
    }
    assert_eq!(map.lines().last(), Some("A first program, at once: cargo run --bin ntp_client"));
    assert!(map.contains("\nStart here: labs/00-toolbox/README.md. All sheets: "), "{map}");
}

#[test]
fn wrong_usage_exits_2() {
    let (code, _, errors) = labs(&["--no-such-option"]);
    assert_eq!(code, Some(2));
    assert!(errors.contains("--no-such-option"), "{errors}");
}

#[test]
fn a_closed_pipe_is_a_quiet_end() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_labs"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}
