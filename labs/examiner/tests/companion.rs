//! The companion, as a student uses it: every command, in a copy of the course.

#![allow(clippy::unwrap_used)] // in a test, a panic is the answer

#[path = "companion/desk.rs"]
mod desk;
#[path = "companion/examining.rs"]
mod examining;
#[path = "companion/templates.rs"]
mod templates;

use std::collections::BTreeSet;
use std::fs;

use desk::{Desk, ended};
use examiner::catalogue::{self, steps};
use examiner::steps::EXAMS;

#[test]
fn start_writes_the_copy_once_and_never_again() {
    let desk = Desk::new("start");
    let first = desk.says(0, &["start", "echo_server"]);
    assert!(first.starts_with("labs/answers/src/bin/echo_server.rs is yours now.\n"), "{first}");
    assert!(first.contains("GAP 1 in line "), "{first}");
    assert!(first.contains("\nThe sheet beside it:          labs/06-echo/README.md\n"), "{first}");
    assert!(
        first.contains("\nTo see how it should behave:  cargo run --bin echo_server\n"),
        "{first}"
    );
    assert!(
        first.contains("\nTo run yours:                 cargo run -p answers --bin echo_server\n")
    );
    let copy = desk.read(&desk.answer("echo_server"));
    assert!(copy.contains("    // GAP 1: send every byte back"), "{copy}");
    assert!(copy.contains("    todo!(\"GAP 1\")\n}\n"), "{copy}");
    assert!(!copy.contains("send_all(&client"), "the body is still there: {copy}");

    desk.write(&desk.answer("echo_server"), "fn main() {} // mine");
    let second = desk.says(0, &["start", "echo_server"]);
    assert!(second.contains("is there already, and stays as it is"), "{second}");
    assert!(second.contains("labs reset echo_server"), "{second}");
    assert_eq!(desk.read(&desk.answer("echo_server")), "fn main() {} // mine");

    // In a copy that was handed out, the course's program has the gap too: there is nothing to see.
    let repeated = "fn part() {\n    todo!(\"as in server_05_threads\")\n}\n";
    desk.write("src/bin/echo_server.rs", copy + repeated);
    let third = desk.says(0, &["start", "echo_server"]);
    assert!(third.contains("To run yours:") && !third.contains("To see how"), "{third}");
    let anew = desk.says(0, &["reset", "echo_server"]);
    assert!(anew.contains("as in server_05_threads in line "), "{anew}");
}

/// Cargo takes a program that was copied along with the folder for its own.
#[test]
fn a_copy_of_the_folder_with_all_that_was_built_is_a_course_of_its_own() {
    let desk = Desk::new("copied");
    let program = desk.path(&format!("target/debug/labs{}", std::env::consts::EXE_SUFFIX));
    fs::create_dir_all(program.parent().unwrap()).unwrap();
    // A file that this process has written might still be open in a child of another test (ETXTBSY).
    fs::hard_link(env!("CARGO_BIN_EXE_labs"), &program).unwrap();
    let mut command = std::process::Command::new(program);
    command.args(["start", "echo_server"]).current_dir("/").env_remove("SOCKET_LABS_CHECKOUT");
    assert!(command.status().unwrap().success());
    assert!(desk.read(&desk.answer("echo_server")).contains("GAP 1"));
}

#[test]
#[cfg(unix)]
fn an_answer_that_is_a_pipe_is_not_waited_for() {
    let desk = Desk::new("pipe");
    fs::create_dir_all(desk.path("labs/answers/src/bin")).unwrap();
    let mut mkfifo = std::process::Command::new("mkfifo");
    assert!(mkfifo.arg(desk.path(&desk.answer("udp_server"))).status().unwrap().success());
    let said = ended(desk.command(&["check", "udp_server"]));
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.stderr.contains("udp_server.rs is not a file"), "{said:?}");
}

#[test]
fn a_step_that_is_no_exercise_says_how_it_is_run() {
    let desk = Desk::new("no_exercise");
    for task in ["start", "reset"] {
        let said = desk.says(0, &[task, "netstat"]);
        assert!(said.contains("cargo run --bin netstat -- --listening"), "{said}");
    }
    assert!(!desk.path(&desk.answer("netstat")).exists());
    assert!(desk.progress().is_empty());
    assert!(desk.says(0, &["hint", "netstat"]).contains("src/bin/netstat.rs"));
}

#[test]
fn reset_keeps_every_old_file() {
    let desk = Desk::new("reset");
    desk.says(0, &["start", "udp_server"]);
    let template = desk.read(&desk.answer("udp_server"));
    for (number, mine) in [(1, "first"), (2, "second")] {
        desk.write(&desk.answer("udp_server"), mine);
        let said = desk.says(0, &["reset", "udp_server"]);
        let kept = format!("{}.{number}", desk.answer("udp_server"));
        assert!(said.contains(&format!("Your file is kept as {kept}.\n")), "{said}");
        assert_eq!(desk.read(&kept), mine);
        assert_eq!(desk.read(&desk.answer("udp_server")), template);
    }
    let said = desk.says(0, &["reset", "udp_client"]);
    assert!(said.starts_with("labs/answers/src/bin/udp_client.rs is new.\n"), "{said}");
}

#[test]
fn one_more_hint_each_time_and_then_the_reference() {
    let desk = Desk::new("hint");
    for step in steps().filter(|step| step.exercise) {
        let hints = step.lesson.hints;
        assert!((3..=5).contains(&hints.len()), "{}", step.name);
        assert!(!step.lesson.afterwards.is_empty(), "{}", step.name);
        for given in 1..=hints.len() {
            let said = desk.says(0, &["hint", step.name]);
            let shown = said.matches(&format!(" of {}  ", hints.len())).count();
            assert_eq!(shown, given, "{said}");
            assert!(said.lines().all(|line| line.chars().count() <= 80), "{said}");
            assert!(!said.contains("src/bin/"), "the reference comes after the last: {said}");
        }
        let said = desk.says(0, &["hint", step.name]);
        assert!(said.contains(&format!("in src/bin/{}.rs\n", step.name)), "{said}");
    }
    assert!(desk.progress().contains(&"udp_server hints=5".to_string()), "{:?}", desk.progress());
}

#[test]
fn a_hint_is_of_the_step_started_last_where_none_is_named() {
    let desk = Desk::new("last");
    desk.fails(&["hint"], "no step is named", "begin with one: labs start udp_server");
    desk.fails(&["check"], "no step is named", "begin with one: labs start udp_server");
    desk.fails(&["watch"], "no step is named", "begin with one: labs start udp_server");
    desk.says(0, &["start", "udp_server"]);
    desk.says(0, &["start", "echo_client"]);
    assert!(desk.says(0, &["hint"]).contains("1 more") || desk.progress().len() > 2);
    assert!(desk.progress().contains(&"echo_client started hints=1".to_string()));
}

#[test]
fn no_hint_is_the_answer() {
    let course = Desk::new("no_answer");
    for step in steps().filter(|step| step.exercise) {
        let text = course.read(&format!("src/bin/{}.rs", step.name));
        let lines: BTreeSet<&str> = text.lines().map(str::trim).collect();
        for hint in step.lesson.hints {
            for code in hint.split('`').skip(1).step_by(2) {
                let is_line = code.len() > 25 && lines.contains(format!("{code};").as_str());
                assert!(!is_line, "{}: {code}", step.name);
            }
        }
    }
}

#[test]
fn the_map_shows_what_was_done_and_the_one_next_thing() {
    let desk = Desk::new("map");
    let last = |desk: &Desk| desk.says(0, &[]).lines().last().unwrap().to_string();
    let sheet = |desk: &Desk| desk.says(0, &[]).lines().rev().nth(1).unwrap().to_string();
    assert_eq!(last(&desk), "A first program, at once: cargo run --bin ntp_client");
    assert_eq!(sheet(&desk), "Start here: labs/00-toolbox/README.md. All sheets: labs/README.md");
    let lines = desk.says(0, &[]).lines().count();
    desk.says(0, &["start", "tcp_server"]);
    assert_eq!(last(&desk), "Write labs/answers/src/bin/tcp_server.rs, then: labs check");
    assert_eq!(sheet(&desk), "Sheet: labs/02-first-pair/README.md");
    assert_eq!(desk.says(0, &[]).lines().count(), lines);
    desk.write("labs/answers/progress.txt", "tcp_server started points=3.5/12\nlast: tcp_server\n");
    assert_eq!(last(&desk), "Go on with tcp_server, 3.5 of 12 points: labs check");
    let map = desk.says(0, &[]);
    assert!(map.contains("\n  ~ tcp_server  "), "{map}");
    assert!(map.contains("cargo run --bin tcp_server  ") && map.contains("3.5 of 12 points"));
    desk.write("labs/answers/progress.txt", "tcp_server started passed\nlast: tcp_server\n");
    assert_eq!(last(&desk), "Next: labs start tcp_client");
    desk.write("labs/answers/progress.txt", "tcp_client started passed\nlast: tcp_client\n");
    assert_eq!(last(&desk), "Next: labs start ntp_client_raw");
    assert_eq!(sheet(&desk), "Sheet: labs/03-ntp/README.md");
    desk.write("labs/answers/progress.txt", "tcp_server started passed\nlast: tcp_server\n");
    assert!(desk.says(0, &[]).contains("\n  ✓ tcp_server  "));
    let all = steps().filter(|step| step.exercise).map(|step| format!("{} passed\n", step.name));
    desk.write("labs/answers/progress.txt", all.collect::<String>());
    assert_eq!(last(&desk), "You have written every program of the course.");
    assert_eq!(sheet(&desk), "Start here: labs/00-toolbox/README.md. All sheets: labs/README.md");
    assert!(desk.says(0, &[]).lines().all(|line| line.chars().count() <= 80));
}

#[test]
fn progress_survives_what_it_does_not_know() {
    let desk = Desk::new("progress");
    let file = b"# a note of mine\n\xff\xfe broken\nstep_of_tomorrow started hints=9\necho_server hints=x newer=1\nlast: gone\n";
    desk.write("labs/answers/progress.txt", file);
    desk.says(0, &[]);
    desk.says(0, &["list"]);
    desk.says(0, &["start", "echo_server"]);
    let now = fs::read(desk.path("labs/answers/progress.txt")).unwrap();
    let expected = b"# a note of mine\n\xff\xfe broken\nstep_of_tomorrow started hints=9\necho_server started hints=x newer=1\nlast: echo_server\n";
    assert_eq!(now, expected, "{}", String::from_utf8_lossy(&now));
    let answers = fs::read_dir(desk.path("labs/answers")).unwrap().map(|file| file.unwrap());
    let names: BTreeSet<String> =
        answers.map(|file| file.file_name().into_string().unwrap()).collect();
    assert_eq!(names, ["Cargo.toml", "progress.txt", "src"].map(String::from).into());
}

#[test]
#[cfg(unix)]
fn progress_that_cannot_be_read_is_an_error_with_a_sentence() {
    let desk = Desk::new("unreadable");
    fs::create_dir(desk.path("labs/answers/progress.txt")).unwrap();
    let ended = desk.labs(&["start", "echo_server"]);
    assert_eq!(ended.code, Some(1));
    assert!(
        ended.stderr.starts_with("error: cannot read labs/answers/progress.txt: "),
        "{ended:?}"
    );
}

#[test]
fn list_has_every_step_and_list_of_a_step_every_check() {
    let desk = Desk::new("list");
    desk.write("labs/answers/progress.txt", "echo_server started points=2/33\nmandela passed\n");
    let table = desk.says(0, &["list"]);
    assert_eq!(table.lines().count(), 1 + steps().count());
    assert!(table.lines().all(|line| line.chars().count() <= 80), "{table}");
    assert!(table.contains("2 of 33 points") && table.contains("passed"), "{table}");

    let document: serde_json::Value =
        serde_json::from_str(&desk.says(0, &["list", "--json"])).unwrap();
    let rows = document.as_array().unwrap();
    let names = rows.iter().map(|row| row["step"].as_str().unwrap());
    assert!(names.eq(steps().map(|step| step.name)));
    for exam in EXAMS {
        let row = rows.iter().find(|row| row["step"] == exam.step).unwrap();
        let ids = row["checks"].as_array().unwrap().iter().map(|check| check["id"].clone());
        let expected = exam.checks.iter().map(|check| format!("{}/{}", exam.step, check.name));
        assert!(ids.eq(expected), "{row}");
        let said = desk.says(0, &["list", exam.step]);
        assert!(exam.checks.iter().all(|check| said.contains(&format!("\n{}  (", check.name))));
        assert!(said.lines().all(|line| line.chars().count() <= 80), "{said}");
        assert_eq!(said.contains("\nStarted with:  "), !exam.arguments.is_empty(), "{said}");
    }
    let typed = "The message is typed on the keyboard, where the command has no {message}.\n";
    assert!(desk.says(0, &["list", "echo_client"]).ends_with(typed));
    assert_eq!(rows.iter().find(|row| row["step"] == "mandela").unwrap()["passed"], true);
    assert!(desk.says(0, &["list", "netstat"]).contains("netstat is not examined"));
}

#[test]
fn wrong_usage_exits_2_and_knows_what_was_meant() {
    let desk = Desk::new("usage");
    for (arguments, expected) in [
        (&["start", "echo_sever"][..], "did you mean echo_server?"),
        (&["start", "qqqqqqqqqqqq"], "`labs list` shows them all"),
        (&["start"], "<STEP>"),
        (&["dance"], "dance"),
        (&["check", "echo_server", "--check", "half_clos", "--", "x"], "did you mean half_close?"),
        (&["check", "echo_server", "--seed", "-1"], "-1"),
    ] {
        let ended = desk.labs(arguments);
        assert_eq!(ended.code, Some(2), "{arguments:?}: {ended:#?}");
        assert!(ended.stderr.contains(expected), "{arguments:?}: {ended:#?}");
    }
}

#[test]
fn every_command_explains_itself_with_an_example() {
    let desk = Desk::new("help");
    let all = desk.says(0, &["--help"]);
    let tasks = all.split_once("\nCommands:\n").unwrap().1.split_once("\n\n").unwrap().0;
    let tasks = tasks.lines().filter_map(|line| line.split_whitespace().next());
    let mut helps = vec![all.clone()];
    for task in tasks.filter(|task| *task != "help") {
        helps.push(desk.says(0, &[task, "--help"]));
        assert!(helps.last().unwrap().contains(&format!("\nExample: labs {task}")), "{task}");
    }
    assert!(helps.len() > 12, "{all}");
    for line in helps.iter().flat_map(|help| help.lines()) {
        assert!(line.chars().count() <= 80, "{line}");
    }
}

#[test]
fn cargo_run_is_how_it_is_called_where_cargo_runs_it() {
    let desk = Desk::new("called");
    let mut command = desk.command(&["start", "echo_server"]);
    command.env("CARGO", "/somewhere/cargo");
    let said = ended(command).stdout;
    assert!(said.contains("  cargo run check\n"), "{said}");
    assert!(desk.read(&desk.answer("echo_server")).contains("then: cargo run check echo_server\n"));
}

#[test]
fn outside_the_course_it_says_where_to_go() {
    let desk = Desk::new("outside");
    let mut command = desk.command(&["list"]);
    command.env("SOCKET_LABS_CHECKOUT", desk.path("src"));
    let ended = ended(command);
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("is not the folder of the course\nhint: "), "{ended:?}");
}

#[test]
fn a_step_without_an_answer_says_how_to_get_one() {
    let desk = Desk::new("no_answer_yet");
    let hint = "labs start echo_server, or labs check echo_server -- YOUR COMMAND";
    desk.fails(&["check", "echo_server"], "you have no answer for echo_server yet", hint);
    desk.fails(&["check", "netstat"], "netstat is not examined", "run it: cargo run --bin netstat");
}

/// The texts of the catalogue, seen from outside.
#[test]
fn the_catalogue_finds_each_step_by_its_name() {
    assert!(steps().all(|step| catalogue::step(step.name).is_some_and(|it| it.name == step.name)));
    assert!(catalogue::step("nothing").is_none());
}

#[cfg(unix)]
mod at_a_terminal {
    use super::*;
    use std::fs::File;
    use std::io::Read;
    use std::process::Stdio;

    /// What it prints at a terminal.
    fn at_a_terminal(desk: &Desk, variables: &[(&str, &str)]) -> String {
        let pty = nix::pty::openpty(None, None).unwrap();
        let mut command = desk.command(&[]);
        command.env("TERM", "xterm").envs(variables.iter().copied());
        command.stdout(Stdio::from(pty.slave)).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        drop(command); // and with it our copy of the terminal's other end
        let (mut terminal, mut bytes, mut buffer) = (File::from(pty.master), Vec::new(), [0; 4096]);
        while let Ok(length @ 1..) = terminal.read(&mut buffer) {
            bytes.extend_from_slice(&buffer[..length]); // an error is the end, on Linux
        }
        assert!(child.wait().unwrap().success());
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn colours_are_for_terminals_that_want_them() {
        let desk = Desk::new("colours");
        assert!(at_a_terminal(&desk, &[]).contains("\x1b[1mLab 0  Toolbox\x1b[0m"));
        for variable in [("NO_COLOR", "1"), ("TERM", "dumb")] {
            let map = at_a_terminal(&desk, &[variable]);
            assert!(map.contains("Lab 0  Toolbox") && !map.contains('\x1b'), "{variable:?}");
        }
        assert!(at_a_terminal(&desk, &[("NO_COLOR", "")]).contains('\x1b'), "no-color.org");
        assert!(!desk.says(0, &[]).contains('\x1b'), "a pipe");
    }
}
