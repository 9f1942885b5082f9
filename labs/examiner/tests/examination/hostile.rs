//! Programs that would hurt an examiner that trusts them.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use examiner::exam::{Report, Submission, Verdict, Way, examine_one, worker};
use examiner::steps::exam;
use libtest_mimic::{Failed, Trial};

use crate::{folder, python, seed};

/// One test for each.
pub fn trials() -> Vec<Trial> {
    let trial =
        |name: &str, run: fn() -> Result<(), Failed>| Trial::test(format!("hostile::{name}"), run);
    let mut trials = vec![
        trial("a_program_that_does_not_exist_is_told", a_program_that_does_not_exist_is_told),
        trial("a_flood_of_output_is_bounded", a_flood_of_output_is_bounded),
        trial("the_same_seed_is_the_same_check", the_same_seed_is_the_same_check),
        trial("an_escape_sequence_is_escaped", an_escape_sequence_is_escaped),
        trial("a_folder_is_examined_by_the_same_tests", a_folder_is_examined_by_the_same_tests),
        trial(
            "what_a_command_cannot_be_asked_has_no_points",
            what_a_command_cannot_be_asked_has_no_points,
        ),
        trial("a_folder_says_how_its_programs_are_run", a_folder_says_how_its_programs_are_run),
    ];
    if cfg!(target_os = "linux") {
        trials.push(trial("a_daemon_is_ended", a_daemon_is_ended));
        trials.push(trial("who_ignores_sigterm_is_killed", who_ignores_sigterm_is_killed));
        trials.push(trial("without_a_private_network", without_a_private_network));
        let trial =
            trial("a_fixed_port_is_had_by_one_at_a_time", a_fixed_port_is_had_by_one_at_a_time);
        let private = worker::is_private().is_ok();
        trials.push(
            trial.with_ignored_flag(!private && env::var_os("SOCKET_LABS_NO_SKIP").is_none()),
        );
    }
    trials
}

/// Examines one check of `echo_server` with a Python program, which finds its port in `sys.argv[2]`
/// and this word in `sys.argv[1]`.
pub fn python_program(check: &str, word: &str, text: &str) -> Result<Report, Failed> {
    let command = [python()?, "-c", text, word, "{port}"].map(String::from).to_vec();
    let exam = exam("echo_server").ok_or("no examination")?;
    let check = exam.check(check).ok_or("no such check")?;
    let submission = Submission::new(command, folder(""));
    Ok(examine_one(exam, check, &submission, seed()))
}

/// The processes that have this word among their arguments.
pub fn with_argument(word: &str) -> Vec<String> {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let lines = processes.filter_map(|process| fs::read(process.path().join("cmdline")).ok());
    let has = |line: &Vec<u8>| line.split(|byte| *byte == 0).any(|part| part == word.as_bytes());
    lines.filter(has).map(|line| String::from_utf8_lossy(&line).into_owned()).collect()
}

pub fn is(report: &Report, verdict: Verdict, way: Option<Way>) -> Result<(), Failed> {
    if (report.verdict, report.way) == (verdict, way) {
        return Ok(());
    }
    Err(format!("{report:#?}\n{}", report.story).into())
}

fn a_program_that_does_not_exist_is_told() -> Result<(), Failed> {
    let exam = exam("echo_server").ok_or("no examination")?;
    let command = vec!["/nowhere/echo".to_string(), "{port}".to_string()];
    let submission = Submission::new(command, folder(""));
    let report = examine_one(exam, &exam.checks[0], &submission, seed());
    is(&report, Verdict::Fail, Some(Way::NotStarted))
}

/// The daemon forks twice, starts a session of its own and holds the terminal open.
fn a_daemon_is_ended() -> Result<(), Failed> {
    let text = "
import os, signal, socket, sys
if os.fork(): os._exit(0)
os.setsid()
if os.fork(): os._exit(0)
signal.signal(signal.SIGHUP, signal.SIG_IGN)
listener = socket.create_server(('127.0.0.1', int(sys.argv[2])))
while True: signal.pause()
";
    let word = format!("daemon-{}", std::process::id());
    is(&python_program("listens", &word, text)?, Verdict::Pass, None)?;
    // A namespace that has ended may take a moment to clear away its processes.
    let deadline = Instant::now() + Duration::from_secs(10);
    while !with_argument(&word).is_empty() {
        assert!(Instant::now() < deadline, "still there: {:?}", with_argument(&word));
        std::thread::yield_now();
    }
    Ok(())
}

fn who_ignores_sigterm_is_killed() -> Result<(), Failed> {
    let text = "
import signal, socket, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
listener = socket.create_server(('127.0.0.1', int(sys.argv[2])))
while True: signal.pause()
";
    let word = format!("ignores-{}", std::process::id());
    is(&python_program("ends_at_sigterm", &word, text)?, Verdict::Fail, Some(Way::StillRuns))?;
    assert_eq!(with_argument(&word), [""; 0]);
    Ok(())
}

fn a_flood_of_output_is_bounded() -> Result<(), Failed> {
    let text = "
import os, socket, sys, threading
def flood(stream):
    while True: os.write(stream, b'y\\n' * 32768)
for stream in (1, 2): threading.Thread(target=flood, args=(stream,), daemon=True).start()
listener = socket.create_server(('127.0.0.1', int(sys.argv[2])))
while True: listener.accept()[0].recv(100)
";
    let report = python_program("no_newline", "flood", text)?;
    is(&report, Verdict::Fail, Some(Way::Closed))?;
    assert!(report.story.len() < 20_000, "{} bytes", report.story.len());
    Ok(())
}

fn an_escape_sequence_is_escaped() -> Result<(), Failed> {
    let text = "
import socket, sys
print('\\x1b[2Jcleared\\x9b', file=sys.stderr)
listener = socket.create_server(('127.0.0.1', int(sys.argv[2])))
client = listener.accept()[0]
client.sendall(b'\\x1b]0;title\\x07')
client.recv(100)
";
    let report = python_program("no_newline", "escapes", text)?;
    is(&report, Verdict::Fail, Some(Way::Different))?;
    let moves = |c: char| c.is_control() && c != '\n';
    assert!(!report.story.contains(moves), "{:?}", report.story);
    assert!(report.story.contains(r"\x1b[2Jcleared"), "{}", report.story);
    Ok(())
}

fn the_same_seed_is_the_same_check() -> Result<(), Failed> {
    let exam = exam("echo_server").ok_or("no examination")?;
    let check = exam.check("echoes").ok_or("no such check")?;
    let text = "
import socket, sys
client = socket.create_server(('127.0.0.1', int(sys.argv[1]))).accept()[0]
print(client.recv(100).hex())
";
    let command = [python()?, "-c", text, "{port}"].map(String::from).to_vec();
    let submission = Submission::new(command, folder(""));
    let printed = |seed| {
        let story = examine_one(exam, check, &submission, seed).story;
        story.lines().find(|line| line.starts_with("  | ")).map(String::from)
    };
    let (one, again, other) = (printed(7), printed(7), printed(8));
    assert!(one.is_some());
    assert_eq!(one, again);
    assert_ne!(one, other);
    Ok(())
}

/// The same tests pass where the checks share the network of this computer.
fn without_a_private_network() -> Result<(), Failed> {
    let mut tests = Command::new(env::current_exe()?);
    tests.args(["echo_server::"]);
    for others in ["right::", "mutants::", "points::", "reasons::"] {
        tests.args(["--skip", others]);
    }
    tests.env("SOCKET_LABS_SHARED_NETWORK", "1").env_remove("SOCKET_LABS_NO_SKIP");
    let output = tests.output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() || text.contains(" 0 passed") {
        return Err(text.into());
    }
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "nothing was skipped");
    Ok(())
}

/// Two examinations at once of programs with the same fixed port, on a network that all checks share:
/// one check at a time has the port, and every verdict is as it should be.
fn a_fixed_port_is_had_by_one_at_a_time() -> Result<(), Failed> {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fixed-port");
    fs::create_dir_all(&dir)?;
    let program = folder("mutants/udp_echo_server.py").display().to_string();
    let run = [python()?, &program, "none", "--port", "65432"];
    fs::write(dir.join("submission.toml"), format!("[udp_echo_server]\nrun = {run:?}\n"))?;
    let tests = "ip link set lo up && { \"$0\" --exact udp_echo_server::one_frame & \
                 \"$0\" --exact udp_echo_server::stale_tail & wait; }";
    let mut network = Command::new("unshare");
    network.args(["-Urn", "sh", "-c", tests]).arg(env::current_exe()?);
    network.env("SOCKET_LABS_SHARED_NETWORK", "1").env("SUBMISSION", &dir);
    let output = network.output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let passed = text.lines().filter(|line| line.ends_with(" ... ok")).count();
    assert_eq!(passed, 2, "{text}{}", String::from_utf8_lossy(&output.stderr));
    Ok(fs::remove_dir_all(dir)?)
}

fn a_folder_says_how_its_programs_are_run() -> Result<(), Failed> {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("a-folder");
    fs::create_dir_all(&dir)?;
    fs::write(dir.join("udp_server.py"), "")?;
    let run = "[echo_server]\nrun = [\"python3\", \"echo.py\", \"{port}\"]\n";
    fs::write(dir.join("submission.toml"), run)?;
    let found = |step| Submission::find(&dir, step).unwrap().map(|found| found.command);
    let echo = ["python3", "echo.py", "{port}"].map(String::from).to_vec();
    assert_eq!(found("echo_server"), Some(echo));
    let udp = vec!["python3".to_string(), dir.join("udp_server.py").display().to_string()];
    assert_eq!(found("udp_server"), Some(udp));
    assert_eq!(found("tcp_server"), None);
    fs::write(dir.join("submission.toml"), "[echo_server]\nran = 1\n")?;
    assert!(Submission::find(&dir, "echo_server").unwrap_err().contains("ran"));
    Ok(fs::remove_dir_all(dir)?)
}

/// `SUBMISSION=DIR cargo test`: the tests are those of the folder, and one that was not handed in is
/// ignored.
fn a_folder_is_examined_by_the_same_tests() -> Result<(), Failed> {
    for (fault, passes) in [("none", true), ("strips_line_ends", false)] {
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("submission-{fault}"));
        fs::create_dir_all(&dir)?;
        let program = folder("mutants/echo_server.py");
        let run = [python()?, &program.display().to_string(), fault, "--port", "{port}"];
        fs::write(dir.join("submission.toml"), format!("[echo_server]\nrun = {run:?}\n"))?;
        let mut tests = Command::new(env::current_exe()?);
        tests.env("SUBMISSION", &dir).args(["--exact", "echo_server::echoes"]);
        let output = tests.output()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.success(), passes, "{text}");
        assert!(text.contains("test echo_server::echoes"), "{text}");
        assert_eq!(text.contains("echo_server/echoes: fail Missing"), !passes, "{text}");
        fs::remove_dir_all(&dir)?;
    }
    Ok(())
}

/// A command without a place for `{root}` cannot be asked for a file: that costs the points of a file,
/// and is not left out of the sum.
fn what_a_command_cannot_be_asked_has_no_points() -> Result<(), Failed> {
    let text = "
import socket, threading
server = socket.create_server(('127.0.0.1', 8080), backlog=100)
def serve(client):
    head = b''
    while b'\\r\\n\\r\\n' not in head:
        head += client.recv(65536) or b'\\r\\n\\r\\n'
    client.sendall(b'HTTP/1.1 404 Not Found\\r\\nContent-Length: 0\\r\\nConnection: close\\r\\n\\r\\n')
    client.close()
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()
";
    let command = [python()?, "-c", text].map(String::from).to_vec();
    let exam = exam("http_server").ok_or("no examination")?;
    let submission = Submission::new(command, folder(""));
    for name in ["gets_a_file", "not_found", "too_late"] {
        let check = exam.check(name).ok_or("no such check")?;
        let report = examine_one(exam, check, &submission, seed());
        if report.verdict == Verdict::Skipped {
            continue; // no machine of its own here: another program has the port
        }
        is(&report, Verdict::Fail, Some(Way::NotTold))?;
    }
    Ok(())
}
