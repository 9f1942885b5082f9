//! Programs that attack who grades them. Each is graded beside an honest neighbour, by every kind of
//! grader that this computer has; afterwards nothing of it is left.

use std::fs;
use std::net::TcpListener;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::class::{Class, attack_text, closes, graders};

/// Grades one attacker and a neighbour, and asserts the attacker's verdicts, a bounded time, the
/// neighbour's full points, and a clean machine.
fn attack(name: &str, expected: &[(&str, &str)]) {
    let text = attack_text(&format!("{name}.py"));
    for grader in graders().into_iter().filter(|grader| closes(*grader)) {
        let class = Class::new(name, grader);
        class.student("attacker", "echo_server.py", &text);
        expect(&class, name, expected);
    }
}

/// As [`attack`], of a class that has its attacker.
pub fn expect(class: &Class, name: &str, expected: &[(&str, &str)]) {
    class.neighbour();
    class.student("neighbour", "secret_of_the_neighbour.txt", "secret");
    let computer = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = computer.local_addr().unwrap().port().to_string();
    class.student("attacker", "port_of_the_computer.txt", port);

    let mounts = || fs::read_to_string("/proc/self/mountinfo").unwrap();
    let keys = || {
        let keys = fs::read_to_string("/proc/keys").unwrap_or_default();
        keys.lines().filter(|key| key.contains("socket-labs")).count()
    };
    let (mounts_before, started) = (mounts(), Instant::now());
    let mut grading = class.grade(&[]);
    grading.env("SECRET_OF_THE_GRADER", "secret").stdout(Stdio::null()).stderr(Stdio::null());
    class.leaks_a_folder(&mut grading);
    assert!(grading.status().unwrap().success(), "{name}: {:?}", class.grader);
    let elapsed = started.elapsed();

    let (found, who) = (class.verdicts(), class.grader);
    for (check, verdict) in expected {
        let key = ("attacker".to_string(), check.to_string());
        // A program that tries much may not be done in time: its way of failing is then left open.
        let is = found.get(&key).is_some_and(|is| is.starts_with(verdict));
        assert!(is, "{name}, {who:?}: {check}\n{found:#?}{}", class.stories());
    }
    let neighbour = found.iter().filter(|((student, _), _)| student == "neighbour");
    let lost: Vec<_> = neighbour.filter(|(_, verdict)| *verdict != "pass").collect();
    assert!(lost.is_empty(), "{name}, {who:?}, hurt another: {lost:?}{}", class.stories());
    assert_eq!(class.total("neighbour"), 100.0);
    assert!(elapsed < Duration::from_secs(240), "{name}, {who:?}, took {elapsed:?}");

    assert_eq!(mounts(), mounts_before, "a mount is left");
    assert_eq!(keys(), 0, "a key is left");
    class.assert_nothing_is_left();
    let secret = class.file("submissions/neighbour/secret_of_the_neighbour.txt");
    assert_eq!(fs::read_to_string(secret).unwrap(), "secret");
    println!("{name}, {who:?}: {:.1} s", elapsed.as_secs_f64());
}

/// One test for each attack: its file, and what it says of the attacker's checks.
macro_rules! attacks {
    ($($test:ident: $file:ident $($check:ident $verdict:literal)*;)*) => {
        $(#[test]
        fn $test() {
            attack(stringify!($file), &[$((stringify!($check), $verdict)),*]);
        })*
    };
}

attacks! {
    a_fork_bomb_is_put_out: fork_bomb listens "fail Ended" echoes "skipped";
    a_daemon_in_a_session_of_its_own_is_ended:
        setsid_daemon echoes "pass" ends_at_sigterm "fail StillRuns";
    output_without_end_is_drained: infinite_output echoes "pass" no_mixing "pass";
    ten_gigabytes_are_not_written: ten_gigabytes echoes "skipped";
    memory_is_bounded: memory_hog listens "fail Ended";
    the_examiner_cannot_be_killed: kills_its_parents echoes "pass" many_at_once "pass";
    another_submission_cannot_be_read: reads_another listens "fail Ended";
    nothing_can_be_reached: connects_out listens "fail Ended";
    a_result_cannot_be_forged: fakes_a_result listens "fail Ended" echoes "skipped";
    who_ignores_sigterm_is_killed: ignores_sigterm echoes "pass" ends_at_sigterm "fail StillRuns";
    ports_are_exhausted_for_oneself_alone: exhausts_ports echoes "skipped";
    the_examiner_cannot_be_traced_nor_the_machine_changed:
        traces_the_examiner listens "fail Ended";
    no_limit_reaches_the_examiner: limits_the_examiner echoes "pass" many_at_once "pass";
    the_examiner_has_no_number: names_the_examiner listens "fail";
    all_signals_stay_below: kills_everything echoes "pass" many_at_once "pass";
    no_key_is_kept: keeps_a_key listens "fail Ended";
    the_kernel_does_what_labs_need: calls_what_no_lab_needs listens "fail";
    no_descriptor_is_inherited: inherits_a_folder listens "fail Ended";
    the_environment_is_clean: reads_the_environment listens "fail Ended";
    there_is_nothing_to_see: looks_around listens "fail Ended";
    a_process_without_its_main_thread_lives:
        dead_main_thread echoes "pass" ends_at_sigterm "fail StillRuns";
}

/// Memory is bounded for all processes together, and of every kind. As builds, which have the time to
/// take it.
#[test]
fn memory_of_every_kind_is_bounded() {
    for name in ["memory_of_many", "memory_that_no_limit_sees"] {
        for grader in graders().into_iter().filter(|grader| closes(*grader)) {
            let class = Class::new(name, grader);
            let toml = "[echo_server]\nbuild = [\"python3\", \"build.py\"]\nrun = [\"python3\", \"run.py\"]\n";
            class.student("attacker", "submission.toml", toml);
            class.student("attacker", "build.py", attack_text(&format!("{name}.py")));
            class.student("attacker", "run.py", "from serve import serve\nserve()\n");
            expect(&class, name, &[]);
            assert_eq!(class.total("attacker"), 0.0, "{name}, {grader:?}: it had the memory");
        }
    }
}

/// A build has room on the disk, and not all of it; its neighbour has what it needs.
#[test]
fn a_build_does_not_fill_the_disk() {
    for name in ["build_fills_the_disk", "build_deep_folders"] {
        for grader in graders().into_iter().filter(|grader| closes(*grader)) {
            let class = Class::new(name, grader);
            let build = "[echo_server]\nbuild = [\"python3\", \"build.py\"]\nrun = [\"true\"]\n";
            class.student("attacker", "submission.toml", build);
            class.student("attacker", "build.py", attack_text(&format!("{name}.py")));
            expect(&class, name, &[]);
            let all = fs::read_to_string(class.file("all.json")).unwrap();
            assert!(all.contains("The build was ended"), "{name}, {grader:?}: {all}");
            assert_eq!(class.total("attacker"), 0.0);
        }
    }
}

/// What a build leaves running ends with it: the examination does not wait for it.
#[test]
fn a_build_that_leaves_a_daemon_is_ended() {
    for grader in graders().into_iter().filter(|grader| closes(*grader)) {
        let class = Class::new("build-daemon", grader);
        let run =
            "[echo_server]\nbuild = [\"python3\", \"build.py\"]\nrun = [\"python3\", \"run.py\"]\n";
        class.student("attacker", "submission.toml", run);
        class.student("attacker", "build.py", attack_text("build_leaves_a_daemon.py"));
        class.student("attacker", "run.py", "from serve import serve\nserve()\n");
        let started = Instant::now();
        expect(&class, "build_leaves_a_daemon", &[("echoes", "pass")]);
        // The limit of a build is 115 s, and it was not waited for.
        assert!(started.elapsed() < Duration::from_secs(110), "{:?}", started.elapsed());
        assert_eq!(class.total("attacker"), 100.0, "{grader:?}");
    }
}
