//! `labs grade`, as an instructor runs it: a class of strangers' programs, some of them hostile.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)] // as in every test

use std::collections::BTreeMap;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// A right echo server in a few lines.
const RIGHT: &str = "from serve import serve\nserve()\n";

/// One that strips line ends.
const WRONG: &str = "
import socket
server = socket.create_server(('127.0.0.1', 65432))
while True:
    client, _ = server.accept()
    client.sendall(client.recv(1000).strip())
    client.close()
";

fn beside(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}

/// A class in a folder of its own, which is removed in the end.
struct Class(PathBuf);

impl Class {
    fn new(name: &str) -> Class {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("class-{name}"));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("submissions")).unwrap();
        Class(folder)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// A student who hands in this file, and `serve.py` beside it.
    fn student(&self, name: &str, file: &str, text: &str) -> &Class {
        let folder = self.file("submissions").join(name);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(file), text).unwrap();
        fs::copy(beside("attacks/serve.py"), folder.join("serve.py")).unwrap();
        self
    }

    fn grade(&self, args: &[&str]) -> Command {
        let mut labs = Command::new(env!("CARGO_BIN_EXE_labs"));
        labs.arg("grade").arg(self.file("submissions")).arg("--results");
        labs.arg(self.file("results.jsonl")).args(["--steps", "echo_server"]).args(args);
        labs.env_remove("SOCKET_LABS_SHARED_NETWORK");
        labs
    }

    /// Grades and returns the verdicts: student, check, and `fail Missing`.
    fn verdicts(&self, args: &[&str]) -> BTreeMap<(String, String), String> {
        let json = self.file("all.json");
        let _ = fs::remove_file(self.file("results.jsonl"));
        ended(self.grade(args).arg("--json").arg(&json).output().unwrap());
        verdicts(&json)
    }
}

impl Drop for Class {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn ended(output: Output) -> String {
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{:?}\n{error}", output.status);
    String::from_utf8(output.stdout).unwrap()
}

fn verdicts(json: &Path) -> BTreeMap<(String, String), String> {
    let document: Value = serde_json::from_slice(&fs::read(json).unwrap()).unwrap();
    let mut verdicts = BTreeMap::new();
    for student in document["students"].as_array().unwrap() {
        for step in student["steps"].as_array().unwrap() {
            for report in step["reports"].as_array().unwrap() {
                let key = (student["student"].as_str().unwrap(), report["check"].as_str().unwrap());
                let verdict = report["verdict"].as_str().unwrap();
                let way = report["way"].as_str().unwrap_or_default();
                let verdict = format!("{verdict} {way}").trim().to_string();
                verdicts.insert((key.0.to_string(), key.1.to_string()), verdict);
            }
        }
    }
    verdicts
}

/// Whether this machine closes itself to strangers. Where it does not, the attacks are not run.
fn closes() -> bool {
    let mut unshare = Command::new("unshare");
    unshare.args(["-Ur", "--pid", "--fork", "--mount-proc", "true"]);
    let closes = unshare.stderr(Stdio::null()).status().is_ok_and(|status| status.success());
    assert!(closes || std::env::var_os("SOCKET_LABS_NO_SKIP").is_none(), "must not skip here");
    if !closes {
        eprintln!("SKIPPED: this machine does not allow user namespaces");
    }
    closes
}

/// Whether a process has this in its command line.
fn is_running(word: &str) -> bool {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let mut lines = processes.filter_map(|process| fs::read(process.path().join("cmdline")).ok());
    lines.any(|line| String::from_utf8_lossy(&line).contains(word))
}

/// Grades one attacker and a victim, and asserts the attacker's verdicts, a bounded time, the victim's
/// full points, and a clean machine.
fn attack(name: &str, expected: &[(&str, &str)]) {
    if !closes() {
        return;
    }
    let class = Class::new(name);
    let text = fs::read_to_string(beside(&format!("attacks/{name}.py"))).unwrap();
    class.student("attacker", "echo_server.py", &text).student("victim", "echo_server.py", RIGHT);
    fs::write(class.file("submissions/victim/secret_of_the_victim.txt"), "secret").unwrap();
    let computer = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = computer.local_addr().unwrap().port().to_string();
    fs::write(class.file("submissions/attacker/port_of_the_computer.txt"), port).unwrap();

    let mounts = || fs::read_to_string("/proc/self/mountinfo").unwrap();
    let (mounts_before, started) = (mounts(), Instant::now());
    let mut grading = class.grade(&["--json"]);
    grading.arg(class.file("all.json")).stdout(Stdio::null()).stderr(Stdio::null());
    let mut grading = grading.spawn().unwrap();
    let workplace = format!("socket-labs-grade-{}", grading.id());
    assert!(grading.wait().unwrap().success());
    let elapsed = started.elapsed();

    let found = verdicts(&class.file("all.json"));
    for (check, verdict) in expected {
        let key = ("attacker".to_string(), check.to_string());
        assert_eq!(
            found.get(&key).map(String::as_str),
            Some(*verdict),
            "{name}: {check}\n{found:#?}"
        );
    }
    let victim = found.iter().filter(|((student, _), _)| student == "victim");
    let lost: Vec<_> = victim.filter(|(_, verdict)| *verdict != "pass").collect();
    assert!(lost.is_empty(), "{name} hurt another: {lost:?}");
    assert!(!found.values().any(|verdict| verdict == "error"), "{found:#?}");
    assert!(elapsed < Duration::from_secs(120), "{name} took {elapsed:?}");

    assert_eq!(mounts(), mounts_before, "a mount is left");
    assert!(!std::env::temp_dir().join(&workplace).exists(), "a file is left");
    let deadline = Instant::now() + Duration::from_secs(20);
    while is_running(&workplace) {
        assert!(Instant::now() < deadline, "{name}: a process is left");
        std::thread::park_timeout(Duration::from_millis(20));
    }
    let kept = fs::read_to_string(class.file("submissions/victim/secret_of_the_victim.txt"));
    assert_eq!(kept.unwrap(), "secret");
    println!("{name}: {:.1} s", elapsed.as_secs_f64());
}

#[test]
fn a_fork_bomb_is_put_out() {
    attack("fork_bomb", &[("listens", "fail Ended"), ("echoes", "skipped")]);
}

#[test]
fn a_daemon_in_a_session_of_its_own_is_ended() {
    attack("setsid_daemon", &[("echoes", "pass"), ("ends_at_sigterm", "fail StillRuns")]);
}

#[test]
fn output_without_end_is_drained() {
    attack("infinite_output", &[("echoes", "pass"), ("no_mixing", "pass")]);
}

#[test]
fn ten_gigabytes_are_not_written() {
    attack("ten_gigabytes", &[("echoes", "skipped")]);
}

#[test]
fn memory_is_bounded() {
    attack("memory_hog", &[("listens", "fail Ended")]);
}

#[test]
fn the_examiner_cannot_be_killed() {
    attack("kills_its_parents", &[("echoes", "pass"), ("many_at_once", "pass")]);
}

#[test]
fn another_submission_cannot_be_read() {
    attack("reads_another", &[("listens", "fail Ended")]);
}

#[test]
fn nothing_can_be_reached() {
    attack("connects_out", &[("listens", "fail Ended")]);
}

#[test]
fn a_result_cannot_be_forged() {
    attack("fakes_a_result", &[("listens", "fail Ended"), ("echoes", "skipped")]);
}

#[test]
fn who_ignores_sigterm_is_killed() {
    attack("ignores_sigterm", &[("echoes", "pass"), ("ends_at_sigterm", "fail StillRuns")]);
}

#[test]
fn ports_are_exhausted_for_oneself_alone() {
    attack("exhausts_ports", &[("echoes", "skipped")]);
}

#[test]
fn the_examiner_cannot_be_traced_nor_the_machine_changed() {
    attack("traces_the_examiner", &[("listens", "fail Ended")]);
}

#[test]
fn the_same_seed_gives_the_same_verdicts() {
    let class = Class::new("seed");
    class.student("right", "echo_server.py", RIGHT).student("wrong", "echo_server.py", WRONG);
    let first = class.verdicts(&["--seed", "7"]);
    assert_eq!(first[&("right".into(), "echoes".into())], "pass");
    assert_eq!(first[&("wrong".into(), "echoes".into())], "fail Missing");
    assert_eq!(class.verdicts(&["--seed", "7"]), first);
}

#[test]
fn an_interrupted_run_is_taken_up_where_it_stopped() {
    let class = Class::new("resume");
    for number in 0..6 {
        class.student(&format!("student-{number}"), "echo_server.py", RIGHT);
    }
    let results = class.file("results.jsonl");
    let lines = || fs::read_to_string(&results).unwrap_or_default().lines().count();
    let mut grading = class.grade(&["--seed", "3", "--jobs", "1"]);
    let mut grading = grading.stderr(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
    let workplace = format!("socket-labs-grade-{}", grading.id());
    let deadline = Instant::now() + Duration::from_secs(60);
    while lines() < 3 {
        assert!(Instant::now() < deadline && grading.try_wait().unwrap().is_none());
        std::thread::park_timeout(Duration::from_millis(1));
    }
    grading.kill().unwrap();
    grading.wait().unwrap();
    let mut before = fs::read_to_string(&results).unwrap();
    let whole = before.rfind('\n').unwrap() + 1;
    before.truncate(whole);
    assert!(before.lines().count() < 7, "it was over before it was interrupted");
    // A line that was being written when the power went.
    fs::write(&results, format!("{before}{{\"result\":{{\"stud")).unwrap();

    let refused = class.grade(&[]).output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--resume"));
    let other_seed = class.grade(&["--resume", "--seed", "4"]).output().unwrap();
    assert!(String::from_utf8_lossy(&other_seed.stderr).contains("the seed 3"));

    let table = ended(class.grade(&["--resume"]).output().unwrap());
    let after = fs::read_to_string(&results).unwrap();
    assert!(after.starts_with(&before), "what was done was done again");
    assert_eq!(after.lines().count(), 7, "{after}");
    for number in 0..6 {
        assert!(table.contains(&format!("student-{number}   100.0")), "{table}");
    }
    // The folder of the run that was killed is left; no process of it is.
    assert!(!is_running(&format!("{workplace}/")), "a process is left");
    fs::remove_dir_all(std::env::temp_dir().join(workplace)).unwrap();
}

#[test]
fn shards_put_together_are_the_whole() {
    let class = Class::new("shards");
    for (number, text) in [RIGHT, WRONG, RIGHT].iter().enumerate() {
        class.student(&format!("student-{number}"), "echo_server.py", text);
    }
    let whole = class.file("whole.csv");
    ended(class.grade(&["--seed", "5", "--csv"]).arg(&whole).output().unwrap());
    let parts: Vec<PathBuf> = (1..=2)
        .map(|part| {
            let file = class.file(&format!("part-{part}.jsonl"));
            let mut labs = Command::new(env!("CARGO_BIN_EXE_labs"));
            labs.arg("grade").arg(class.file("submissions")).arg("--results").arg(&file);
            labs.args(["--steps", "echo_server", "--seed", "5", "--shard"]);
            ended(labs.arg(format!("{part}/2")).output().unwrap());
            file
        })
        .collect();
    let merged = class.file("merged.csv");
    let mut labs = Command::new(env!("CARGO_BIN_EXE_labs"));
    ended(labs.arg("merge").args(&parts).arg("--csv").arg(&merged).output().unwrap());
    assert_eq!(fs::read_to_string(&merged).unwrap(), fs::read_to_string(&whole).unwrap());
    assert_eq!(fs::read_to_string(&whole).unwrap().lines().count(), 4);
}

/// One student for each way to hand something in, and names that would hurt who trusts them.
#[test]
fn every_report_holds_every_student() {
    let class = Class::new("reports");
    class
        .student("anna", "echo_server.py", RIGHT)
        .student("=1+1", "echo_server.py", WRONG)
        .student(
            "<script>alert(1)</script>".replace('/', "_").as_str(),
            "echo_server.c",
            "int main( {\n",
        )
        .student("Zoë, \"Z\"", "notes.txt", "nothing")
        .student("esc\u{1b}[2J", "echo_server.py", "print('\\x00\\x1b]]>')\n");
    fs::write(class.file("submissions/a file"), "is no student").unwrap();
    symlink("/etc", class.file("submissions/a link")).unwrap();
    let outputs = ["csv", "json", "junit", "gradescope", "classroom", "html"];
    let mut grading = class.grade(&[]);
    for output in outputs {
        grading.arg(format!("--{output}")).arg(class.file(output));
    }
    let table = ended(grading.output().unwrap());
    assert!(!table.contains('\u{1b}'), "{table:?}");
    assert!(!table.contains("a link") && !table.contains("a file"), "{table}");

    let csv = fs::read_to_string(class.file("csv")).unwrap();
    let check = "
import csv, sys
rows = list(csv.reader(open(sys.argv[1], newline='')))
assert all(len(row) == len(rows[0]) == 4 for row in rows), rows
assert rows[0] == ['student', 'echo_server', 'total', 'reasons'], rows[0]
names = [row[0] for row in rows[1:]]
assert len(names) == 5 and 'anna' in names and 'Zoë, \"Z\"' in names and \"'=1+1\" in names, names
grades = {row[0]: row[2] for row in rows}
assert grades['anna'] == '100.0' and grades['Zoë, \"Z\"'] == '0.0', grades
";
    python(check, &class.file("csv"));
    assert!(csv.contains("does not build") && csv.contains("not handed in"), "{csv}");

    // What the schema of Jenkins (junit-10.xsd) allows, element by element.
    let check = "
import sys, xml.etree.ElementTree as xml
allowed = {
    'testsuites': {'name', 'time', 'tests', 'failures', 'errors'},
    'testsuite': {'name', 'tests', 'failures', 'errors', 'group', 'time', 'skipped', 'timestamp', 'hostname', 'id', 'package', 'file', 'log', 'url'},
    'testcase': {'name', 'time', 'classname', 'group'}, 'system-out': set(),
    'failure': {'type', 'message'}, 'error': {'type', 'message'}, 'skipped': {'type', 'message'},
}
children = {'testsuites': {'testsuite'}, 'testsuite': {'testcase'}, 'testcase': {'failure', 'error', 'skipped', 'system-out'}}
root = xml.parse(sys.argv[1]).getroot()
assert root.tag == 'testsuites'
for element in root.iter():
    assert set(element.attrib) <= allowed[element.tag], (element.tag, element.attrib)
    assert {child.tag for child in element} <= children.get(element.tag, set()), element.tag
    if element.tag == 'testsuite':
        assert {'name', 'tests', 'failures', 'errors'} <= set(element.attrib)
        count = lambda tag: str(len(element.findall(f'testcase/{tag}')))
        assert element.get('tests') == str(len(element)) and element.get('failures') == count('failure')
        assert element.get('errors') == count('error') and element.get('skipped') == count('skipped')
assert len(root) == 5, len(root)
";
    python(check, &class.file("junit"));

    let gradescope = fs::read_dir(class.file("gradescope")).unwrap().flatten();
    let scores: Vec<f64> = gradescope
        .map(|file| {
            let result: Value = serde_json::from_slice(&fs::read(file.path()).unwrap()).unwrap();
            let tests = result["tests"].as_array().unwrap();
            let number = |test: &Value, name: &str| test[name].as_f64().unwrap();
            assert!(tests.iter().all(|test| number(test, "score") <= number(test, "max_score")));
            result["score"].as_f64().unwrap()
        })
        .collect();
    assert_eq!(scores.len(), 5);
    assert_eq!(scores.iter().filter(|score| **score == 100.0).count(), 1);

    let classroom = fs::read(class.file("classroom/anna.json")).unwrap();
    let classroom: Value = serde_json::from_slice(&classroom).unwrap();
    assert_eq!(
        (&classroom["version"], &classroom["status"]),
        (&Value::from(1), &Value::from("pass"))
    );

    let index = fs::read_to_string(class.file("html/index.html")).unwrap();
    assert!(index.contains("&lt;script&gt;") && !index.contains("<script"), "escaped");
    assert_eq!(index.matches("<tr><th><a href=").count(), 5);
    for link in index.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        let page = fs::read_to_string(class.file("html").join(link)).unwrap();
        assert!(page.contains("<!DOCTYPE html>") && !page.contains("<script"), "{link}");
        assert!(!page.contains("http://") && !page.contains("https://"), "stands alone: {link}");
    }
}

/// A client in the textbook's shape has everything, and reads what it might add.
#[test]
fn what_is_beyond_the_step_costs_nothing() {
    let class = Class::new("beyond");
    let textbook = fs::read_to_string(beside("right/tcp_client/textbook.py")).unwrap();
    let run = "[tcp_client]\nrun = [\"python3\", \"tcp_client.py\", \"{host}\", \"{port}\", \"{timeout}\"]\n";
    class.student("anna", "tcp_client.py", &textbook).student("anna", "submission.toml", run);
    let mut labs = Command::new(env!("CARGO_BIN_EXE_labs"));
    labs.arg("grade").arg(class.file("submissions")).arg("--results").arg(class.file("r.jsonl"));
    labs.args(["--steps", "tcp_client"]);
    for output in ["csv", "json", "junit", "gradescope", "classroom", "html"] {
        labs.arg(format!("--{output}")).arg(class.file(output));
    }
    ended(labs.output().unwrap());
    let read = |file: &str| fs::read_to_string(class.file(file)).unwrap();
    assert!(read("csv").contains("anna,100.0,100.0,\r\n"), "{}", read("csv"));
    let verdict = &verdicts(&class.file("json"))[&("anna".into(), "a_dripping_server".into())];
    assert_eq!(verdict, "beyond StillRuns");
    let page = read("html/anna.html");
    assert!(page.contains("<small>beyond the step</small>") && page.contains("100.0 %"), "{page}");
    assert!(page.contains("it is advice."), "{page}");
    let junit = read("junit");
    assert!(junit.contains("failures=\"0\"") && junit.contains("<system-out>beyond"), "{junit}");
    let gradescope: Value = serde_json::from_str(&read("gradescope/anna.json")).unwrap();
    let tests = gradescope["tests"].as_array().unwrap();
    assert!(tests.iter().all(|test| test["status"] == "passed"), "{gradescope}");
    let classroom: Value = serde_json::from_str(&read("classroom/anna.json")).unwrap();
    assert_eq!(classroom["status"], "pass");
}

fn python(script: &str, file: &Path) {
    let mut python = Command::new("python3");
    ended(python.arg("-c").arg(script).arg(file).output().unwrap());
}

#[test]
fn sources_are_built_and_the_compilers_message_is_kept() {
    let class = Class::new("built");
    let c = fs::read_to_string(beside("right/echo_server/forks.c")).unwrap();
    let reference = fs::read_to_string(beside("../../../src/bin/echo_server.rs")).unwrap();
    let spy = "fn main() { print!(\"{}\", include_str!(\"../../src/bin/echo_server.rs\")); }\n";
    class
        .student("c", "echo_server.c", &c)
        .student("rust", "echo_server.rs", &reference)
        .student("wrong", "echo_server.rs", "fn main() { let x: u8 = \"one\"; }\n")
        .student("spy", "echo_server.rs", spy);
    let make = "[echo_server]\nbuild = [\"cp\", \"echo.txt\", \"echo.py\"]\nrun = [\"python3\", \"echo.py\"]\n";
    class.student("made", "submission.toml", make).student("made", "echo.txt", RIGHT);
    let table = ended(class.grade(&["--json"]).arg(class.file("all.json")).output().unwrap());
    for name in ["c", "rust", "made"] {
        assert!(table.contains(&format!("{name:7}   100.0")), "{table}");
    }
    let document = fs::read_to_string(class.file("all.json")).unwrap();
    assert!(document.contains("mismatched types"), "{document}");
    assert!(document.contains("couldn't read"), "{document}");
    assert!(!class.file("submissions/made/echo.py").exists(), "what was handed in was written to");
}

#[test]
fn a_course_file_says_what_is_due_and_what_it_weighs() {
    let class = Class::new("course");
    class.student("anna", "echo_server.py", RIGHT);
    let course = class.file("course.toml");
    fs::write(&course, "title = \"Networks\"\n[steps]\necho_server = 3\nudp_echo_server = 1\n")
        .unwrap();
    let mut labs = Command::new(env!("CARGO_BIN_EXE_labs"));
    labs.arg("grade").arg(class.file("submissions")).arg("--results").arg(class.file("r.jsonl"));
    let table = ended(labs.arg("--course").arg(&course).output().unwrap());
    assert!(table.contains("anna       75.0"), "{table}");
    fs::write(&course, "[steps]\nno_such_step = 1\n").unwrap();
    let output = class.grade(&["--course"]).arg(&course).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no_such_step"));
}

#[test]
fn too_much_is_refused_and_told() {
    let class = Class::new("much");
    class.student("anna", "echo_server.py", RIGHT);
    fs::File::create(class.file("submissions/anna/film.mp4")).unwrap().set_len(65 << 20).unwrap();
    let verdicts = class.verdicts(&[]);
    assert_eq!(verdicts[&("anna".into(), "echoes".into())], "error");
    let json = fs::read_to_string(class.file("all.json")).unwrap();
    assert!(json.contains("more than 64 MiB"), "{json}");
}
