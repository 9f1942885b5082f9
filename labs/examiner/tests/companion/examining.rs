//! `labs check` and `labs watch`: from the first `todo!` to the pass, and programs in any language.

use std::fs;

use serde_json::Value;

use super::desk::{Desk, Running, building, ended, target};

/// The echo service in Python, with the port as its argument.
const PYTHON: &str = "#!/usr/bin/env python3
import socket, sys, threading

def serve(client):
    while data := client.recv(4096):
        client.sendall(data)
    client.close()

server = socket.create_server(('127.0.0.1', int(sys.argv[1])), backlog=100)
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()
";

#[test]
fn a_student_writes_an_echo_server() {
    let _building = building();
    let desk = Desk::to_build_at("echo");
    desk.says(0, &["start", "echo_server"]);
    let template = desk.read(&desk.answer("echo_server"));
    let write = |body: &str| {
        desk.write(&desk.answer("echo_server"), template.replace("todo!(\"GAP 1\")", body));
    };

    // Stands for the course's program, which a sheet has had built.
    let of_the_course = target().join("debug/echo_server");
    fs::create_dir_all(target().join("debug")).unwrap();
    let _ = fs::remove_file(&of_the_course);
    fs::write(&of_the_course, "the course's").unwrap();

    let empty = desk.says(1, &["check"]);
    assert!(empty.starts_with("echo_server: labs/answers/src/bin/echo_server.rs\n\n✓ "), "{empty}");
    assert!(empty.contains("\n✗ echoes  "), "{empty}");
    assert!(empty.contains("needs echoes\n"), "{empty}");
    assert!(empty.contains("\n✗ echo_server/echoes: fail, 0 of 4 points\n"), "{empty}");
    assert!(empty.contains("not yet implemented: GAP 1"), "{empty}");
    assert!(empty.contains("\nStill to write: GAP 1 (line "), "{empty}");
    assert!(empty.lines().all(|line| line.chars().count() <= 80), "{empty}");
    assert!(!empty.contains('\x1b'), "{empty}");

    write("let number: u8 = \"seven\";\n    Ok(())");
    let refused = desk.says(1, &["check"]);
    assert!(refused.starts_with("error[E0308]: mismatched types\n"), "{refused}");
    assert!(refused.contains("expected `u8`, found `&str`"), "{refused}");
    assert!(refused.contains("echo_server.rs does not compile yet"), "{refused}");
    assert!(!refused.contains('\x1b'), "{refused}");
    let document: Value = serde_json::from_str(&desk.says(1, &["check", "--json"])).unwrap();
    assert!(document["compiler"].as_str().unwrap().contains("mismatched types"), "{document}");
    let begun = desk.progress().into_iter().find(|line| line.starts_with("echo_server ")).unwrap();
    assert!(begun.starts_with("echo_server started points="), "{begun}");

    // Whoever has the same seed sees the same.
    write("send_all(&client, b\"hello\").or_cannot(\"send to\", Tcp(peer))");
    let one = |seed| desk.says(1, &["check", "--check", "echoes", "--seed", seed]);
    let sent = |said: &str| {
        let line = said.lines().find(|line| line.contains("client 1  ── \"")).map(String::from);
        line.unwrap_or_else(|| panic!("{said}"))[10..].to_string()
    };
    let story = one("7");
    assert!(story.contains("\nSeed 7: "), "{story}");
    assert_eq!(sent(&story), sent(&one("7")));
    assert_ne!(sent(&story), sent(&one("8")));
    assert!(desk.progress().contains(&begun), "one check alone is no progress");

    let reference = desk.read("src/bin/echo_server.rs");
    desk.write(&desk.answer("echo_server"), &reference);
    let passed = desk.says(0, &["check"]);
    assert!(passed.contains("You have written echo_server. It passes every check.\n"), "{passed}");
    assert!(passed.contains("\nCompare:  src/bin/echo_server.rs is the course's own way\n"));
    assert!(
        passed.contains("\nRead:     ") && passed.contains("\nNext:     labs start echo_client\n")
    );
    assert!(passed.contains("\nSheet:    labs/06-echo/README.md\n"), "{passed}");
    assert!(passed.lines().all(|line| line.chars().count() <= 80), "{passed}");
    let again = desk.says(0, &["check", "echo_server"]);
    assert!(!again.contains("You have written"), "it is said once: {again}");
    assert!(desk.says(0, &[]).ends_with("\nNext: labs start echo_client\n"));

    // A student's program never takes the place of the course's.
    assert_eq!(fs::read_to_string(&of_the_course).unwrap(), "the course's");
    assert!(target().join("debug/answers/echo_server").exists() || cfg!(windows));

    // An old file that is put back is examined, although Cargo has built since it was written.
    let old = desk.path("old.rs");
    fs::write(&old, &template).unwrap();
    let hour_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(3600);
    fs::File::options().append(true).open(&old).unwrap().set_modified(hour_ago).unwrap();
    fs::rename(&old, desk.path(&desk.answer("echo_server"))).unwrap();
    assert!(desk.says(1, &["check"]).contains("not yet implemented: GAP 1"));
    assert!(desk.says(0, &[]).contains("\n  ✓ echo_server  "), "what was passed stays passed");
}

#[test]
fn watch_examines_again_at_every_save() {
    let _building = building();
    let desk = Desk::to_build_at("watch");
    desk.says(0, &["start", "echo_server"]);
    let reference = desk.read("src/bin/echo_server.rs");
    let mut watch = Running::start(desk.command(&["watch", "--check", "echoes"]));
    let waiting = "\nWaiting until you save labs/answers/src/bin/echo_server.rs (Ctrl-C ends)\n";
    assert!(watch.prints(waiting).contains("✗ echoes"));
    desk.write(&desk.answer("echo_server"), "this is no Rust");
    assert!(watch.prints(waiting).contains("does not compile yet"));
    fs::remove_file(desk.path(&desk.answer("echo_server"))).unwrap();
    watch.prints(waiting); // an editor that writes a new file in place of the old one
    desk.write(&desk.answer("echo_server"), reference);
    assert!(watch.prints("✓ echoes").contains("────"));
    watch.prints(waiting);
    #[cfg(unix)]
    assert!(watch.interrupt(), "Ctrl-C ends it; the shell says 130");
}

#[test]
#[cfg(unix)]
fn a_program_in_any_language_is_examined_where_it_lies() {
    use std::os::unix::fs::PermissionsExt;
    if std::process::Command::new("python3").arg("--version").output().is_err() {
        assert!(std::env::var_os("SOCKET_LABS_NO_SKIP").is_none(), "python3 is not installed");
        return;
    }
    let desk = Desk::new("python");
    let folder = desk.path("elsewhere");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("my_echo.py"), PYTHON).unwrap();
    fs::set_permissions(folder.join("my_echo.py"), fs::Permissions::from_mode(0o755)).unwrap();
    for program in [&["./my_echo.py"][..], &["my_echo.py"], &["python3", "my_echo.py"]] {
        let arguments = ["check", "echo_server", "--check", "listens", "--check", "echoes", "--"];
        let mut command = desk.command(&arguments);
        command.args(program).arg("{port}").current_dir(&folder);
        let ended = ended(command);
        assert_eq!(ended.code, Some(0), "{ended:#?}");
        assert!(ended.stdout.contains("\n6 of 6 points: 2 pass\n"), "{ended:#?}");
    }
    assert!(desk.progress().is_empty(), "a part of the checks is no progress");

    let mut command = desk.command(&["check", "echo_server", "--json", "--seed", "3", "--"]);
    command.args(["python3", "my_echo.py", "{port}"]).current_dir(&folder);
    let ended = ended(command);
    assert_eq!(ended.code, Some(1), "it does not say why its port is taken: {ended:#?}");
    let document: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!((&document["seed"], &document["passed"]), (&3.into(), &false.into()));
    let exam = examiner::steps::exam("echo_server").unwrap();
    let checks = document["checks"].as_array().unwrap();
    assert!(
        checks.iter().map(|check| &check["check"]).eq(exam.checks.iter().map(|check| check.name))
    );
    let taken = checks.iter().find(|check| check["check"] == "port_taken").unwrap();
    assert_eq!((&taken["verdict"], &taken["way"]), (&"fragile".into(), &"Traceback".into()));
    assert!(taken["story"].as_str().unwrap().contains("Traceback"), "{taken}");
    assert!(document["points"].as_f64() < document["total"].as_f64(), "{document}");
    let points = |name: &str| document[name].as_f64().unwrap();
    assert_eq!(points("total") - points("points"), 0.5, "half of what port_taken is worth");
    let line = format!("echo_server started points={}/{}", points("points"), points("total"));
    assert!(desk.progress()[0].starts_with(&line), "{line}: {:?}", desk.progress());
}

#[test]
fn a_command_that_does_not_exist_is_told_in_the_story() {
    let desk = Desk::new("no_command");
    let said =
        desk.says(1, &["check", "echo_server", "--check", "listens", "--", "./no_such_program"]);
    assert!(said.contains("There is no program ./no_such_program."), "{said}");
    assert!(said.contains("0 of 2 points: 1 fail"), "{said}");
}

#[test]
fn all_tells_every_story() {
    let desk = Desk::new("all");
    let check = |more: &[&str]| {
        let arguments = ["check", "echo_server", "--check", "listens", "--check", "echoes"];
        desk.says(1, &[&arguments, more, &["--", "./no_such_program"]].concat())
    };
    let first = check(&[]);
    assert_eq!(first.matches("\nexpected: ").count(), 1, "{first}");
    assert!(first.contains("\n1 more did not pass: --all tells every story.\n"), "{first}");
    let all = check(&["--all"]);
    assert_eq!(all.matches("\nexpected: ").count(), 2, "{all}");
    assert!(!all.contains("--all"), "{all}");
}
