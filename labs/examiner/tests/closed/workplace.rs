//! The workplace: new, nobody else's, and gone on every way out.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::class::{Class, Grader, closes, ended_well, graders};

/// Those who grade without a container around them: it would keep a signal from the grader.
fn simple_graders() -> impl Iterator<Item = Grader> {
    graders().into_iter().filter(|grader| *grader != Grader::Contained && closes(*grader))
}

fn wait_for(what: &str, mut there: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(120);
    while !there() {
        assert!(Instant::now() < deadline, "{what}");
        thread::park_timeout(Duration::from_millis(5));
    }
}

fn workplaces(class: &Class) -> usize {
    fs::read_dir(class.file("tmp")).unwrap().count()
}

fn has_lock(class: &Class) -> bool {
    let mut folders = fs::read_dir(class.file("tmp")).unwrap().flatten();
    folders.any(|folder| folder.path().join("lock").exists())
}

/// A hand-in that is still examined when the signal comes.
fn long(class: &Class) {
    for number in 0..8 {
        class.student(
            &format!("student-{number}"),
            "echo_server.py",
            "import time\ntime.sleep(100)\n",
        );
    }
}

#[test]
fn it_is_removed_after_every_signal() {
    for grader in simple_graders() {
        for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
            let class = Class::new(&format!("signal-{signal}"), grader);
            long(&class);
            let mut grading = class.grade(&[]);
            let mut grading = grading.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            wait_for("it does not begin", || {
                workplaces(&class) == 1 && class.file("results.jsonl").exists()
            });
            kill(Pid::from_raw(grading.id() as i32), signal).unwrap();
            let status = grading.wait().unwrap();
            assert_eq!(status.code(), Some(128 + signal as i32), "{grader:?}, {signal}");
            class.assert_nothing_is_left();
            // What was cut off is no result, and no error.
            let results = fs::read_to_string(class.file("results.jsonl")).unwrap();
            assert!(!results.contains("error"), "{results}");
        }
    }
}

#[test]
fn what_a_kill_leaves_the_next_run_removes() {
    for grader in simple_graders() {
        let class = Class::new("killed", grader);
        long(&class);
        let mut grading = class.grade(&[]);
        let mut grading = grading.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // Before its lock is there, nobody could tell whose the folder is.
        wait_for("it does not begin", || has_lock(&class));
        grading.kill().unwrap();
        grading.wait().unwrap();
        assert_eq!(workplaces(&class), 1);
        // Nobody's that it knows of, and so not its to remove.
        let unknown = class.file("tmp/socket-labs-grade-unknown");
        fs::create_dir(&unknown).unwrap();
        fs::remove_dir_all(class.file("submissions")).unwrap();
        class.neighbour();
        let _ = fs::remove_file(class.file("results.jsonl")); // where it came so far
        ended_well(&class.grade(&[]).output().unwrap());
        assert!(unknown.exists(), "{grader:?}: it removed what it did not know");
        fs::remove_dir(unknown).unwrap();
        class.assert_nothing_is_left();
        assert_eq!(class.total("neighbour"), 100.0);
    }
}

/// Whatever the grader's own settings are, a right program is right.
#[test]
fn no_setting_of_the_grader_changes_a_verdict() {
    for grader in graders().into_iter().filter(|grader| closes(*grader)) {
        for umask in ["000", "027", "077"] {
            let class = Class::new(&format!("umask-{umask}"), grader);
            class.neighbour();
            let c = fs::read_to_string(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/tests/right/echo_server/forks.c"
            ));
            class.student("c", "echo_server.c", c.unwrap());
            // In the folder that the grader is in, there are files with the names of tools.
            for tool in ["python3", "cc", "cargo", "true"] {
                fs::write(class.file(tool), "#!/bin/sh\nexit 9\n").unwrap();
            }
            fs::create_dir(class.file("sys.py")).unwrap();
            let mut grading = class.grade(&[]);
            class.under_umask(&mut grading, umask);
            ended_well(&grading.output().unwrap());
            for student in ["neighbour", "c"] {
                let stories = class.stories();
                assert_eq!(class.total(student), 100.0, "{student}, {grader:?}, {umask}{stories}");
            }
            let mode = fs::metadata(class.file("python3")).unwrap().permissions().mode();
            assert_eq!(mode & 0o111, 0, "it made a file of the grader's executable");
            class.assert_nothing_is_left();
        }
    }
}

/// Links lead nowhere, and one file that cannot be read takes no other with it.
#[test]
fn what_is_handed_in_is_copied_and_never_followed() {
    for grader in simple_graders() {
        let class = Class::new("copied", grader);
        class.neighbour();
        fs::write(class.file("secret.py"), "from serve import serve\nserve()\n").unwrap();
        class.student("links", "notes.txt", "");
        symlink(class.file("secret.py"), class.file("submissions/links/echo_server.py")).unwrap();
        let run = "[echo_server]\nrun = [\"python3\", \"inner/secret.py\"]\n";
        class.student("folders", "submission.toml", run);
        symlink(class.file(""), class.file("submissions/folders/inner")).unwrap();
        class.student("unreadable", "echo_server.py", "from serve import serve\nserve()\n");
        class.student("unreadable", "private.txt", "not for the grader");
        let mut grading = class.grade(&[]);
        let private = class.file("submissions/unreadable/private.txt");
        fs::set_permissions(private, fs::Permissions::from_mode(0o000)).unwrap();
        ended_well(&grading.output().unwrap());
        let totals = ["links", "folders", "unreadable", "neighbour"]
            .map(|student| class.total(student).as_f64().unwrap());
        assert_eq!(totals, [0.0, 0.0, 100.0, 100.0], "{grader:?}{}", class.stories());
        class.assert_nothing_is_left();
    }
}

/// A folder that no program may be run from is passed over for another.
#[test]
fn a_folder_without_programs_is_no_workplace() {
    let class = Class::new("noexec", Grader::Root);
    if !graders().contains(&Grader::Root) || !closes(Grader::Root) {
        return eprintln!("SKIPPED: only root mounts a file system");
    }
    class.neighbour();
    let mut grading = class.grade(&[]);
    class.without_programs_in_tmp(&mut grading);
    ended_well(&grading.output().unwrap());
    assert_eq!(class.total("neighbour"), 100.0, "{}", class.stories());
}
