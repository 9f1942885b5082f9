//! What macOS and FreeBSD have, Linux has too: a network that all checks share, and `ps`. So the way in
//! which programs are examined there is tried here. Each test is a process of its own, because the
//! examiner's variables are those of the whole process.

use std::collections::BTreeSet;
use std::env;
use std::io;
use std::process::Command;
use std::time::{Duration, Instant};

use examiner::exam::worker::{self, Task};
use examiner::exam::{Submission, Verdict, Way, examine_one, processes};
use examiner::steps::exam;
use libtest_mimic::{Failed, Trial};

use crate::hostile::{is, python_program, with_argument};
use crate::{folder, python, seed};

/// One test for each.
pub fn trials() -> Vec<Trial> {
    if !cfg!(target_os = "linux") {
        return Vec::new();
    }
    const CLOSED: &str = "other_systems::a_closed_machine_is_examined_by_proc";
    let closed = || {
        let mut tests = tests(&["--exact", CLOSED]);
        tests.env_remove("SOCKET_LABS_SHARED_NETWORK");
        in_the_way_of(tests, a_closed_machine_is_examined_by_proc)
    };
    let trial = |name: &'static str, run: fn() -> Result<(), Failed>| {
        let name = format!("other_systems::{name}");
        Trial::test(name.clone(), move || in_the_way_of(tests(&["--exact", &name]), run))
    };
    vec![
        Trial::test("other_systems::the_right_programs_pass", the_right_programs_pass),
        trial("an_orphan_is_ended", an_orphan_is_ended),
        trial("who_leaves_a_child_has_not_ended", who_leaves_a_child_has_not_ended),
        trial("who_ends_is_noticed", who_ends_is_noticed),
        trial("what_takes_too_long_is_ended", what_takes_too_long_is_ended),
        Trial::test(CLOSED, closed).with_ignored_flag(worker::closes().is_err()),
    ]
}

/// Runs a test, in these tests where this process is not them.
fn in_the_way_of(mut tests: Command, run: fn() -> Result<(), Failed>) -> Result<(), Failed> {
    if env::var_os(processes::CHOICE).is_some() {
        return run();
    }
    let output = tests.output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let has_passed = output.status.success() && text.contains("1 passed");
    has_passed.then_some(()).ok_or_else(|| text.into_owned().into())
}

/// The tests of this file, whose examiner asks `ps` and shares the network.
fn tests(arguments: &[&str]) -> Command {
    let mut tests = Command::new(env::current_exe().unwrap());
    tests.args(arguments).env("SOCKET_LABS_SHARED_NETWORK", "1").env(processes::CHOICE, "ps");
    tests.env_remove("SOCKET_LABS_NO_SKIP");
    tests
}

/// A client, a server of datagrams and a server of streams pass all that can be examined; what cannot
/// says why.
fn the_right_programs_pass() -> Result<(), Failed> {
    let steps: [(&str, &[&str]); 3] = [
        ("tcp_client", &[]),
        ("udp_server", &["leaves_no_open_files", "waits_without_work"]),
        ("echo_server", &["leaves_no_open_files", "threads_return", "waits_without_work"]),
    ];
    for (step, skips) in steps {
        let of_step = format!("{step}::");
        let others = ["right::", "mutants::", "points::", "reasons::", "udp_echo_server::"];
        let left_out = others.map(|others| ["--skip", others]).concat();
        let output =
            tests(&[&[of_step.as_str(), "--test-threads=2"], &left_out[..]].concat()).output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        if !output.status.success() || text.contains(" 0 passed") {
            return Err(text.into_owned().into());
        }
        let why = "this system does not tell what a program uses";
        let skips = skips.iter().map(|check| format!("SKIPPED {step}/{check}: {why}"));
        let skipped = String::from_utf8_lossy(&output.stderr);
        let skipped: BTreeSet<String> = skipped.lines().map(String::from).collect();
        assert_eq!(skipped, skips.collect());
    }
    Ok(())
}

/// It forks, and the one that was started ends: the other has no parent of the examiner's any more.
const ORPHAN: &str = "
import os, signal, socket, sys
if os.fork(): os._exit(0)
listener = socket.create_server(('127.0.0.1', int(sys.argv[2])))
while True: signal.pause()
";

fn an_orphan_is_ended() -> Result<(), Failed> {
    let word = format!("orphan-{}", std::process::id());
    is(&python_program("listens", &word, ORPHAN)?, Verdict::Pass, None)?;
    is_gone(&word);
    Ok(())
}

fn is_gone(word: &str) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !with_argument(word).is_empty() {
        assert!(Instant::now() < deadline, "still there: {:?}", with_argument(word));
        std::thread::yield_now();
    }
}

/// It pays no attention to SIGTERM, and neither does the end of its parent end it.
fn who_leaves_a_child_has_not_ended() -> Result<(), Failed> {
    let text = ORPHAN.replace("listener", "signal.signal(15, signal.SIG_IGN)\nlistener");
    let word = format!("stays-{}", std::process::id());
    is(&python_program("ends_at_sigterm", &word, &text)?, Verdict::Fail, Some(Way::StillRuns))?;
    is_gone(&word);
    Ok(())
}

/// The examiner's own `ps` is not taken for what is left of a program.
fn who_ends_is_noticed() -> Result<(), Failed> {
    let report = python_program("listens", "ends", "print('no')")?;
    is(&report, Verdict::Fail, Some(Way::Ended))?;
    assert!(report.sentence.contains("before it was ready: exit code 0"), "{}", report.sentence);
    Ok(())
}

/// The worker ends itself and all that it has started; nobody else could find an orphan.
fn what_takes_too_long_is_ended() -> Result<(), Failed> {
    let word = format!("long-{}", std::process::id());
    let text = "import os, signal\nos.fork()\nwhile True: signal.pause()";
    let command = [python()?, "-c", text, &word].map(String::from).to_vec();
    let task = Task {
        step: "echo_server".into(),
        check: "listens".into(),
        limit: Duration::from_secs(2), // less than the examiner waits for a server
        ..Task::of(&Submission::new(command, folder("")))
    };
    let error = worker::run(&task).expect_err("the check takes longer");
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    is_gone(&word);
    Ok(())
}

/// Where others' programs are graded, nobody chooses how they are found.
fn a_closed_machine_is_examined_by_proc() -> Result<(), Failed> {
    let exam = exam("echo_server").ok_or("no examination")?;
    let check = exam.check("waits_without_work").ok_or("no such check")?;
    let text = "import socket, sys\n\
                server = socket.create_server(('127.0.0.1', int(sys.argv[1])))\n\
                while True: client = server.accept()[0]; client.recv(1)";
    let command = [python()?, "-c", text, "{port}"].map(String::from).to_vec();
    let report = examine_one(exam, check, &Submission::new(command, folder("")).closed(), seed());
    is(&report, Verdict::Pass, None)
}
