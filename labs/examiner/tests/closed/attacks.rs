//! Programs that attack who grades them. Each is graded beside an honest neighbour, by every kind of
//! grader that this computer has; afterwards nothing of it is left.

use std::fs;
use std::net::TcpListener;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::{SocketAddr, UnixListener};
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::class::{Class, attack_file, attack_text, by_each_grader, ended_well, right_text};

/// Grades one attacker and a neighbour, and asserts the attacker's verdicts, a bounded time, the
/// neighbour's full points, and a clean machine.
fn attack(name: &str, step: &str, expected: Verdicts) {
    let text = attack_text(&format!("{name}.py"));
    by_each_grader(|grader| {
        let class = Class::new(name, grader);
        class.student("attacker", &format!("{step}.py"), &text);
        class.student("neighbour", &format!("{step}.py"), "from serve import serve\nserve()\n");
        expect(&class, name, step, expected);
    });
}

/// Grades an attacker whose build attacks; its neighbour builds, too. Tells what became of it.
fn build_attack(name: &str, tells: impl Fn(&Class) + Sync) {
    by_each_grader(|grader| {
        let class = Class::new(name, grader);
        let toml = "[hostname]\nbuild = [\"python3\", \"build.py\"]\nrun = [\"python3\", \"hostname.py\"]\n";
        class.student("attacker", "submission.toml", toml);
        class.student("attacker", "secret.txt", "");
        class.student("attacker", "build.py", attack_text(&format!("{name}.py")));
        class.student("attacker", "hostname.py", "from serve import serve\nserve()\n");
        if name == "build_leaves_links" {
            class.student("attacker", "hostname.py", attack_text("follows_its_links.py"));
        }
        class.student("neighbour", "hostname.c", right_text("hostname/printf.c"));
        expect(&class, name, "hostname", &[]);
        tells(&class);
    });
}

/// What the student is told whose build failed.
fn said_of_the_build(class: &Class) -> String {
    let document = class.document();
    let students = document["students"].as_array().unwrap();
    let attacker = students.iter().find(|student| student["student"] == "attacker").unwrap();
    attacker["steps"][0]["build"].as_str().unwrap_or_default().to_string()
}

/// As [`attack`], of a class that has its attacker and its neighbour.
fn expect(class: &Class, name: &str, step: &str, expected: Verdicts) {
    expect_of_all(class, step, &[("attacker", name, expected)]);
}

/// What is said of an attacker's checks.
type Verdicts = &'static [(&'static str, &'static str)];

/// The same of several attackers beside one neighbour: each a student, and the name of an attack.
fn expect_of_all(class: &Class, step: &str, attackers: &[(&str, &str, Verdicts)]) {
    let name = attackers.iter().map(|(_, name, _)| *name).collect::<Vec<_>>().join(", ");
    class.student("neighbour", "secret_of_the_neighbour.txt", "secret");
    let computer = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = computer.local_addr().unwrap().port();
    let named = format!("socket-labs-{port}");
    let _named = UnixListener::bind_addr(&SocketAddr::from_abstract_name(&named).unwrap()).unwrap();
    for (student, ..) in attackers {
        class.student(student, "port_of_the_computer.txt", port.to_string());
        class.student(student, "socket_of_the_computer.txt", &named);
    }

    let mounts = || fs::read_to_string("/proc/self/mountinfo").unwrap();
    let keys = || {
        let keys = fs::read_to_string("/proc/keys").unwrap_or_default();
        keys.lines().filter(|key| key.contains("socket-labs")).count()
    };
    let (mounts_before, started) = (mounts(), Instant::now());
    let mut grading = class.grade(&["--steps", step]);
    grading.env("SECRET_OF_THE_GRADER", "secret").stdout(Stdio::null()).stderr(Stdio::null());
    class.leaks_a_folder(&mut grading);
    assert!(grading.status().unwrap().success(), "{name}: {:?}", class.grader);
    let elapsed = started.elapsed();

    let (found, who) = (class.verdicts(), class.grader);
    let mut rows = Vec::new();
    for (student, attack, expected) in attackers {
        let mut row = Vec::new();
        for (check, verdict) in *expected {
            let is = found.get(&(student.to_string(), check.to_string()));
            // A program that tries much may not be done in time: its way of failing is then left open.
            // But it is not one that cannot run.
            let is = is.filter(|is| {
                is.starts_with(verdict) && (*is == verdict || !is.ends_with("Traceback"))
            });
            let is = is.unwrap_or_else(|| {
                panic!("{attack}, {who:?}: {check}\n{found:#?}{}", class.stories());
            });
            row.push(format!("{check} {is}"));
        }
        rows.push((attack, row.join(", "), class.total(student)));
    }
    let neighbour = found.iter().filter(|((student, _), _)| student == "neighbour");
    let lost: Vec<_> = neighbour.filter(|(_, verdict)| *verdict != "pass").collect();
    assert!(lost.is_empty(), "{name}, {who:?}, hurt another: {lost:?}{}", class.stories());
    assert_eq!(class.total("neighbour"), 100.0);
    // What one program may take, and its neighbour; on a computer with other work more than half of it.
    assert!(elapsed < Duration::from_secs(20 * 60), "{name}, {who:?}, took {elapsed:?}");
    assert_no_codes(class);

    assert_eq!(mounts(), mounts_before, "a mount is left");
    assert_eq!(keys(), 0, "a key is left");
    class.assert_nothing_is_left();
    let secret = class.file("submissions/neighbour/secret_of_the_neighbour.txt");
    assert_eq!(fs::read_to_string(secret).unwrap(), "secret");
    let seconds = elapsed.as_secs_f64();
    for (attack, row, total) in rows {
        println!("| {attack} | {who:?} | {row} | {total} | 100 | nothing | {seconds:.1} s |");
    }
}

/// What a program prints comes back in its story, as text that no terminal obeys.
fn assert_no_codes(class: &Class) {
    let codes =
        |text: char| text.is_control() && !matches!(text, '\n' | '\t') || text == '\u{202e}';
    let document = class.document();
    let students = document["students"].as_array().unwrap();
    for report in
        students.iter().flat_map(|student| student["steps"][0]["reports"].as_array()).flatten()
    {
        for part in ["sentence", "story"] {
            let text = report[part].as_str().unwrap_or_default();
            assert!(!text.contains(codes), "{}: {text:?}", report["check"]);
        }
    }
}

/// One test for each attack: its file, the step it is handed in for, and what is said of its checks.
macro_rules! attacks {
    ($($test:ident: $file:ident $step:ident $($check:ident $verdict:literal)*;)*) => {
        $(#[test]
        fn $test() {
            attack(stringify!($file), stringify!($step), &[$((stringify!($check), $verdict)),*]);
        })*
    };
}

// What takes something away from others has a neighbour of its own, who is examined at length.
attacks! {
    a_fork_bomb_is_put_out: fork_bomb echo_server listens "fail" echoes "skipped";
    threads_are_bounded: thread_bomb echo_server listens "fail" echoes "skipped";
    terminals_are_left_for_others: takes_all_terminals echo_server listens "fail";
    descriptors_are_left_for_others: takes_all_descriptors echo_server listens "fail";
    a_daemon_in_a_session_of_its_own_is_ended:
        setsid_daemon echo_server echoes "pass" ends_at_sigterm "fail StillRuns";
    output_without_end_is_drained: infinite_output echo_server echoes "pass" no_mixing "pass";
    ten_gigabytes_are_not_written: ten_gigabytes echo_server echoes "skipped";
    who_ignores_sigterm_is_killed:
        ignores_sigterm echo_server echoes "pass" ends_at_sigterm "fail StillRuns";
    ports_are_exhausted_for_oneself_alone: exhausts_ports echo_server echoes "skipped";
    all_signals_stay_below: kills_everything echo_server echoes "pass" many_at_once "pass";
    a_process_without_its_main_thread_lives:
        dead_main_thread echo_server echoes "pass" ends_at_sigterm "fail StillRuns";
}

/// What wants to see, to reach or to change something, and is a right program if it can; and what tries to
/// end the examiner, and is right in any case.
const CURIOUS: &[(&str, Verdicts)] = &[
    ("memory_hog", &[("name", "fail")]),
    ("memory_of_messages", &[("name", "fail")]),
    ("many_small_files", &[("name", "fail")]),
    ("kills_its_parents", &[("name", "pass"), ("long_name", "pass")]),
    ("reads_another", &[("name", "fail")]),
    ("connects_out", &[("name", "fail")]),
    ("connects_by_name", &[("name", "fail")]),
    ("fakes_a_result", &[("name", "fail"), ("long_name", "skipped")]),
    ("traces_the_examiner", &[("name", "fail")]),
    ("limits_the_examiner", &[("name", "pass"), ("long_name", "pass")]),
    ("names_the_examiner", &[("name", "fail")]),
    ("keeps_a_key", &[("name", "fail")]),
    ("calls_what_no_lab_needs", &[("name", "fail")]),
    ("inherits_a_folder", &[("name", "fail")]),
    ("reads_the_environment", &[("name", "fail")]),
    ("looks_around", &[("name", "fail")]),
    ("changes_settings", &[("name", "fail")]),
    ("gets_rights", &[("name", "fail")]),
    ("types_at_the_terminal", &[("name", "fail")]),
    ("prints_codes", &[("name", "fail")]),
];

/// All of them are of one class, whose neighbour has to bear them all.
#[test]
fn there_is_nothing_to_see_to_reach_or_to_change() {
    by_each_grader(|grader| {
        let class = Class::new("curious", grader);
        class.student("neighbour", "hostname.py", "from serve import serve\nserve()\n");
        for (name, _) in CURIOUS {
            class.student(name, "hostname.py", attack_text(&format!("{name}.py")));
        }
        let attackers: Vec<_> =
            CURIOUS.iter().map(|(name, expected)| (*name, *name, *expected)).collect();
        expect_of_all(&class, "hostname", &attackers);
    });
}

/// Memory is bounded for all processes together, and of every kind. As builds, which have the time to
/// take it.
#[test]
fn memory_of_every_kind_is_bounded() {
    for name in [
        "memory_of_many",
        "memory_that_no_limit_sees",
        "memory_in_files",
        "memory_that_nobody_shows",
    ] {
        build_attack(name, |class| {
            assert_eq!(class.total("attacker"), 0.0, "{name}, {:?}: it had it", class.grader);
        });
    }
}

/// A build has room on the disk, and not all of it; its neighbour has what it needs.
#[test]
fn a_build_does_not_fill_the_disk() {
    for name in
        ["build_fills_the_disk", "build_many_files", "build_deep_folders", "build_with_holes"]
    {
        build_attack(name, |class| {
            let said = said_of_the_build(class);
            assert!(said.starts_with("The build takes more"), "{name}, {:?}: {said}", class.grader);
            assert_eq!(class.total("attacker"), 0.0);
        });
    }
}

/// A build that never ends is ended, as a fault of its own: nobody waits for it to be tried again.
#[test]
fn a_build_without_end_is_ended() {
    build_attack("build_without_end", |class| {
        let said = said_of_the_build(class);
        assert!(said.contains("still"), "{:?}: {said}", class.grader);
        assert_eq!(class.total("attacker"), 0.0);
    });
}

/// What a build leaves running ends with it: the examination does not wait for it.
#[test]
fn a_build_that_leaves_a_daemon_is_ended() {
    build_attack("build_leaves_a_daemon", |class| {
        // Whoever waited for the daemon would call it a build that does not end.
        assert_eq!(class.total("attacker"), 100.0, "{:?}{}", class.grader, class.stories());
    });
}

/// The links of a build are kept, and lead nowhere: neither the program, nor who copies what was built.
#[test]
fn links_of_a_build_lead_nowhere() {
    build_attack("build_leaves_links", |class| {
        let verdict = class.verdicts()[&("attacker".to_string(), "name".to_string())].clone();
        assert!(verdict.starts_with("fail"), "{:?}: {verdict}{}", class.grader, class.stories());
        assert_eq!(said_of_the_build(class), "");
    });
}

/// What a command names is made executable where it was handed in, and nowhere else.
#[test]
fn no_file_of_the_grader_is_made_executable() {
    by_each_grader(|grader| {
        let class = Class::new("names-files", grader);
        let secrets = ["secret-up", "secret-link"].map(|name| class.file(name));
        for secret in &secrets {
            fs::write(secret, "#!/bin/sh\n").unwrap();
            fs::set_permissions(secret, fs::Permissions::from_mode(0o600)).unwrap();
        }
        let up =
            format!("[hostname]\nrun = [\"./{}{}\"]\n", "../".repeat(16), secrets[0].display());
        class.student("up", "submission.toml", up);
        let link = format!(
            "[hostname]\nbuild = [\"ln\", \"-s\", \"{}\", \"x\"]\nrun = [\"./x\"]\n",
            secrets[1].display()
        );
        class.student("link", "submission.toml", link);
        let run = "[hostname]\nrun = [\"./own/hostname.py\"]\n";
        class.student("neighbour", "submission.toml", run);
        let own = class.file("submissions/neighbour/own");
        fs::create_dir(&own).unwrap();
        let text = "#!/usr/bin/env python3\nfrom serve import serve\nserve()\n";
        fs::write(own.join("hostname.py"), text).unwrap();
        fs::copy(attack_file("serve.py"), own.join("serve.py")).unwrap();
        ended_well(&class.grade(&["--steps", "hostname"]).output().unwrap());
        for secret in &secrets {
            let mode = fs::metadata(secret).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{grader:?}: {}", secret.display());
        }
        assert_eq!(class.total("up"), 0.0, "{grader:?}");
        assert_eq!(class.total("link"), 0.0, "{grader:?}");
        assert_eq!(class.total("neighbour"), 100.0, "{grader:?}{}", class.stories());
    });
}

/// A file that is now the student's own and now a link to what the grader can read: whichever is copied,
/// it is not what the link leads to.
#[test]
fn a_file_that_is_swapped_for_a_link_is_not_followed() {
    by_each_grader(|grader| {
        let class = Class::new("swaps_a_file", grader);
        let own =
            "import os\nprint(os.path.exists('swapped.txt') and open('swapped.txt').read())\n";
        class.student("attacker", "hostname.py", own).student("attacker", "swapped.txt", "own");
        class.student("neighbour", "hostname.py", "from serve import serve\nserve()\n");
        fs::write(class.file("of_the_grader.txt"), "what only the grader can read").unwrap();
        let folder = class.file("submissions/attacker");
        let (swapped, link, own) =
            (folder.join("swapped.txt"), class.file("link"), class.file("own"));
        let is_over = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    symlink(class.file("of_the_grader.txt"), &link).unwrap();
                    fs::rename(&link, &swapped).unwrap();
                    fs::write(&own, "own").unwrap();
                    fs::rename(&own, &swapped).unwrap();
                }
            });
            expect(&class, "swaps_a_file", "hostname", &[("name", "fail")]);
            is_over.store(true, Ordering::Relaxed);
        });
        let all = fs::read_to_string(class.file("all.json")).unwrap();
        assert!(!all.contains("what only the grader"), "{grader:?}: {all}");
    });
}

/// What is handed in may be a trap for whoever copies it: folders in folders without end, a pipe that
/// nobody writes to, a device, a file without end.
#[test]
fn what_is_handed_in_may_be_a_trap() {
    by_each_grader(|grader| {
        let class = Class::new("traps", grader);
        class.student("attacker", "hostname.py", "from serve import serve\nserve()\n");
        class.student("neighbour", "hostname.py", "from serve import serve\nserve()\n");
        let folder = class.file("submissions/attacker");
        nix::unistd::mkfifo(&folder.join("pipe"), nix::sys::stat::Mode::S_IRWXU).unwrap();
        let _socket = UnixListener::bind(folder.join("socket")).unwrap();
        symlink("loop", folder.join("loop")).unwrap();
        symlink("/dev/zero", folder.join("zero")).unwrap();
        expect(&class, "traps", "hostname", &[("name", "pass"), ("long_name", "pass")]);
    });
    for (name, sentence) in
        [("deep", "folders in folders"), ("many", "2000 files"), ("large", "64 MiB")]
    {
        by_each_grader(|grader| {
            let class = Class::new(name, grader);
            class.student("attacker", "hostname.py", "from serve import serve\nserve()\n");
            class.student("neighbour", "hostname.py", "from serve import serve\nserve()\n");
            let folder = class.file("submissions/attacker");
            match name {
                "deep" => fs::create_dir_all(folder.join(vec!["d"; 1500].join("/"))).unwrap(),
                "many" => (0..3000).for_each(|number| {
                    fs::write(folder.join(number.to_string()), "").unwrap();
                }),
                _ => fs::File::create(folder.join("hole")).unwrap().set_len(1 << 40).unwrap(),
            }
            expect(&class, name, "hostname", &[]);
            let said = said_of_the_build(&class);
            assert!(said.contains(sentence), "{name}, {grader:?}: {said}");
        });
    }
}

/// Two names that look the same, and names that are paths, pages or formulas, take nothing from anybody.
#[test]
fn a_name_takes_nothing_from_another() {
    by_each_grader(|grader| {
        let class = Class::new("names", grader);
        class.student("attacker", "hostname.py", "");
        class.student("neighbour", "hostname.py", "from serve import serve\nserve()\n");
        for name in
            ["Neighbour", "neighbour\u{200b}", "neighbour ", "=1+1", "<script>", "x\\..\\y", "a\nb"]
        {
            class.student(name, "hostname.py", "");
        }
        expect(&class, "names", "hostname", &[("name", "fail")]);
        let students = class.document()["students"].as_array().unwrap().len();
        assert_eq!(students, 9, "{grader:?}: everybody has a row");
    });
}
