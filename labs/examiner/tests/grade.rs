//! `labs grade`, as an instructor runs it.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)] // as in every test

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use socket_labs::bytes::is_hidden;

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

/// A program that fails once and then never again: what fails is run a second time before it counts, what
/// needs it is examined, and every report says so.
#[test]
fn what_fails_once_and_passes_then_is_unstable() {
    let class = Class::new("unstable");
    let once = "import os, sys\nif not os.path.exists('was here'):\n    open('was here', 'w')\n    sys.exit('not yet')\n";
    let right = fs::read_to_string(beside("right/http_01_socket/with.py")).unwrap();
    class.student("anna", "http_01_socket.py", &(once.to_string() + &right));
    class.student("bob", "http_01_socket.py", "import sys\nsys.exit('never')\n");
    let mut labs = Command::new(env!("CARGO_BIN_EXE_labs"));
    labs.arg("grade").arg(class.file("submissions")).arg("--results").arg(class.file("r.jsonl"));
    // On a closed machine nothing would be left of the first run.
    labs.args(["--steps", "http_01_socket", "--unclosed"]).env("SOCKET_LABS_SHARED_NETWORK", "1");
    for output in ["csv", "json", "junit", "gradescope", "classroom", "html"] {
        labs.arg(format!("--{output}")).arg(class.file(output));
    }
    let table = ended(labs.output().unwrap());
    assert!(table.contains("anna      100.0") && table.contains("bob         0.0"), "{table}");
    let told = "the better one counts\n  anna: http_01_socket/";
    assert!(table.contains(told) && !table.contains("  bob: "), "{table}");
    let read = |file: &str| fs::read_to_string(class.file(file)).unwrap();
    let other = "the other was fail ";
    assert!(read("csv").contains(" (pass, unstable)"), "{}", read("csv"));
    assert!(read("json").contains("\"unstable\": \"fail "), "{}", read("json"));
    assert!(read("r.jsonl").contains("\"unstable\":\"fail "), "{}", read("r.jsonl"));
    assert!(read("html/index.html").contains(">✓?</td>"), "{}", read("html/index.html"));
    for file in ["junit", "gradescope/anna.json", "classroom/anna.json", "html/anna.html"] {
        assert!(read(file).contains(other), "{file}: {}", read(file));
    }
    for file in ["gradescope/bob.json", "classroom/bob.json", "html/bob.html"] {
        assert!(!read(file).contains(other), "{file}: {}", read(file));
    }
}

/// Every text that a student can bring into a report: a name, a key and a command of `submission.toml`,
/// what is printed while it is built and while it runs.
#[test]
fn what_a_student_writes_is_escaped_and_bounded_in_every_report() {
    let class = Class::new("hostile");
    let hostile = "\u{202e}\u{e0041}\u{2028}\u{200b}]]><script>alert(1)</script>&\"'=cmd()";
    let toml = |name: &str, text: String| _ = class.student(name, "submission.toml", &text);
    let bell = "\\u001b[2J\\u0000";
    let text = format!("{hostile}{bell}");
    toml(
        "=key\u{202e}",
        format!("[echo_server]\n'{}' = 1\nrun = ['x']\n", hostile.replace('\'', "")),
    );
    toml("+toml", format!("[echo_server]\nrun = {}", hostile.replace('\'', "")));
    let basic = format!("\"{}\"", text.replace("&\"'", "&'"));
    toml("-run", format!("[echo_server]\nrun = [{}, {basic}]\n", basic.replace("\\u0000", "")));
    toml(
        "@argument",
        format!("[echo_server]\nrun = [\"echo\", {}]\n", basic.replace("\\u0000", "")),
    );
    toml(
        "＝build",
        format!(
            "[echo_server]\nbuild = [\"sh\", \"-c\", \"printf '%s' \\\"$0\\\"; exit 1\", {}]\nrun = [\"x\"]\n",
            basic.replace("\\u0000", "")
        ),
    );
    toml("long", format!("[echo_server]\nrun = ['{}']\n", "=x\u{200b}".repeat(10_000)));
    toml(
        "long key",
        format!("[echo_server]\n'{}' = 1\nrun = ['x']\n", "=x\u{200b}".repeat(10_000)),
    );

    let outputs = ["csv", "json", "junit", "gradescope", "classroom", "html"];
    let mut grading = class.grade(&[]);
    for output in outputs {
        grading.arg(format!("--{output}")).arg(class.file(output));
    }
    let table = ended(grading.output().unwrap());
    let mut files: Vec<(PathBuf, String)> = vec![("the table".into(), table)];
    for output in
        outputs.iter().map(|output| class.file(output)).chain([class.file("results.jsonl")])
    {
        let all = match fs::read_dir(&output) {
            Ok(folder) => folder.flatten().map(|file| file.path()).collect(),
            Err(_) => vec![output],
        };
        files.extend(all.into_iter().map(|file| (file.clone(), fs::read_to_string(file).unwrap())));
    }
    assert_eq!(files.len(), 1 + 3 + 7 + 7 + 8 + 1);
    for (file, text) in &files {
        let hidden = |c: &char| is_hidden(*c) && !matches!(c, '\n' | '\r' | '\t');
        assert_eq!(text.chars().find(hidden), None, "{}", file.display());
        assert!(text.len() < 1 << 20, "{} has {} bytes", file.display(), text.len());
        // A reader of JSON gets the escaped text as well: no \u202e that becomes one again.
        for raw in ["\\u202e", "\\u2028", "\\udb40", "\\u200b", "\\u001b"] {
            assert!(!text.contains(raw), "{} has {raw}", file.display());
        }
        if file.extension().is_some_and(|ending| ending == "html") {
            assert!(!text.contains("<script"), "{}", file.display());
        }
    }
    // It was there to be escaped: what was written is told, in a form that shows all of it.
    let all = fs::read_to_string(class.file("json")).unwrap();
    for told in
        ["unknown field `\\\\u{202e}\\\\u{e0041}\\\\u{2028}\\\\u{200b}]]><script>", "\\\\x1b[2J"]
    {
        assert!(all.contains(told), "{told}\n{all}");
    }
    let check = "
import csv, sys
rows = list(csv.reader(open(sys.argv[1], newline='', encoding='utf-8')))
assert all(len(row) == 4 for row in rows) and len(rows) == 8, rows
assert not any(cell[:1] in '=+-@＝＋－＠' for row in rows for cell in row if cell), rows
";
    python(check, &class.file("csv"));
    let check = "
import sys, xml.etree.ElementTree as xml
names = {element.tag for element in xml.parse(sys.argv[1]).getroot().iter()}
assert names <= {'testsuites', 'testsuite', 'testcase', 'failure', 'error', 'skipped'}, names
";
    python(check, &class.file("junit"));
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
    assert!(class.verdicts(&[]).is_empty(), "what it causes is its own: it is not examined");
    let json = fs::read_to_string(class.file("all.json")).unwrap();
    assert!(json.contains("more than 64 MiB"), "{json}");
}

/// A zip file with these files in it, as Python makes it.
fn zip(place: &Path, files: &[(&str, &str)]) {
    let script = "
import json, sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED) as archive:
    for name, text in json.loads(sys.argv[2]):
        archive.writestr(name, text)
";
    let files = serde_json::to_string(files).unwrap();
    let mut python = Command::new("python3");
    ended(python.arg("-c").arg(script).arg(place).arg(files).output().unwrap());
}

/// The right echo server in one file.
fn alone() -> String {
    fs::read_to_string(beside("attacks/serve.py")).unwrap() + "\nserve()\n"
}

/// A class as Moodle gives it, with every way to hand something in that is not the one asked for.
#[test]
fn every_hand_in_is_found() {
    let class = Class::new("moodle");
    let text = alone();
    let place = |path: &str| {
        let place = class.file("submissions/Networks I").join(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        place
    };
    let write = |path: &str, text: &str| fs::write(place(path), text).unwrap();
    let file = |name: &str, file: &str| format!("{name}_assignsubmission_file_{file}");
    zip(
        &place(&file("Ann Li_101", "/abgabe.zip")),
        &[
            ("abgabe/EchoServer.py", text.as_str()),
            ("__MACOSX/abgabe/._EchoServer.py", "\0"),
            ("../../evil.py", "evil"),
        ],
    );
    zip(&place("inner.zip"), &[("lab6/echo-server.py", &text)]);
    let inner = fs::read(place("inner.zip")).unwrap();
    fs::remove_file(place("inner.zip")).unwrap();
    write(&file("Bo Chen_102", "/deeper/node_modules/echo_server.py"), "raise SystemExit(1)");
    fs::write(place(&file("Bo Chen_102", "/deeper/inner.ZIP")), inner).unwrap();
    // A clone of the course, with Git's own files and what Cargo has built.
    let clone = file("Cy Dee_103", "/socket-labs-main");
    let answer = fs::read_to_string(beside("right/echo_server/threads.rs")).unwrap();
    write(&format!("{clone}/labs/answers/Cargo.toml"), "[package]\nname = \"answers\"\n");
    write(&format!("{clone}/labs/answers/src/bin/echo_server.rs"), &answer);
    write(
        &format!("{clone}/src/bin/echo_server.rs"),
        "// GAP 1: …\nfn main() { todo!(\"GAP 1\") }",
    );
    write(&format!("{clone}/target/debug/echo_server"), "old");
    write(&format!("{clone}/.git/HEAD"), "ref: refs/heads/main");
    // A shell script from Windows, and one file that was not put into a folder.
    let script = "#!/bin/sh\n# mine\nexec python3 \"$(dirname \"$0\")/serve_here.py\"\n";
    write(&file("Di Ek_104", "/Echo_Server (1).SH"), &script.replace('\n', "\r\n"));
    write(&file("Di Ek_104", "/serve_here.py"), &text);
    write(&file("Eva Fox_105", "Echo_Server.PY"), &text);
    // Two programs for one step, a step that is none, and a program that nobody would look for.
    write(&file("Flo Gu_106", "/echo_server.py"), "raise SystemExit(1)");
    let c = fs::read_to_string(beside("right/echo_server/forks.c")).unwrap();
    write(&file("Flo Gu_106", "/echo_server.c"), &c);
    write(&file("Gil Ho_107", "/submission.toml"), "\u{feff}[echo_sever]\nrun = [\"./x\"]\n");
    write(&file("Gil Ho_107", "/my-program.py"), &text);
    fs::write(
        class.file("roster.csv"),
        "\u{feff}Name;Mail\nIda Jo;ida@example.org\nLi, Ann;al@example.org\n",
    )
    .unwrap();

    let mut grading = class.grade(&["--seed", "2026", "--excel", "--roster"]);
    grading.arg(class.file("roster.csv"));
    for output in ["csv", "json", "junit", "gradescope", "classroom", "html"] {
        grading.arg(format!("--{output}")).arg(class.file(output));
    }
    let output = grading.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let table = ended(output);
    for name in ["Ann Li", "Bo Chen", "Cy Dee", "Di Ek", "Eva Fox", "Flo Gu"] {
        let row = table.lines().find(|line| line.starts_with(name));
        assert!(row.is_some_and(|row| row.contains("100.0")), "{name}\n{table}\n{said}");
    }
    for name in ["Gil Ho", "Ida Jo"] {
        let row = table.lines().find(|line| line.starts_with(name)).unwrap();
        assert!(row.contains(" 0.0 ") && row.trim_end().ends_with('-'), "{row}");
    }
    for told in [
        "Ann Li: left out: abgabe.zip/../../evil.py: its path leads out of the folder",
        "Flo Gu: echo_server: echo_server.c was taken; there is also echo_server.py",
        "Gil Ho: submission.toml names \"echo_sever\", which is no step of the course",
        "Gil Ho: found, and not recognised: my-program.py",
        "the same but for names and layout: Ann Li, Bo Chen, Eva Fox",
    ] {
        assert!(table.contains(told), "{told}\n{table}");
    }
    assert!(said.contains("not on the roster: Bo Chen"), "{said}");
    assert!(!class.file("submissions/evil.py").exists() && !class.file("evil.py").exists());
    let csv = fs::read(class.file("csv")).unwrap();
    assert!(csv.starts_with(b"\xef\xbb\xbfstudent,"));
    let gil = examiner::grade::report::file_name("Gil Ho", "json");
    for file in ["csv", "json", "junit", &format!("gradescope/{gil}"), &format!("classroom/{gil}")]
    {
        let text = fs::read_to_string(class.file(file)).unwrap();
        assert!(text.contains("my-program.py"), "{file}: {text}");
    }
    let page = class.file("html").join(examiner::grade::report::file_name("Gil Ho", "html"));
    assert!(fs::read_to_string(page).unwrap().contains("my-program.py"));
    // The page for instructors shows this run.
    let results = class.file("results.jsonl").display().to_string();
    let ended = format!("{said}{table}").replace(&results, "results.jsonl");
    let folder = fs::read_dir(class.file("submissions/Networks I")).unwrap();
    let mut seen: Vec<String> =
        folder.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    seen.sort();
    seen.extend(ended.lines().map(|line| line.trim_end().to_string()));
    seen.retain(|line| !line.is_empty());
    let page = fs::read_to_string(beside("../../../docs/instructors.md")).unwrap();
    let block = page.split("every_hand_in_is_found -->\n\n```console\n").nth(1).unwrap();
    let block = block.split("```").next().unwrap();
    let shown: Vec<&str> =
        block.lines().filter(|line| !line.is_empty() && !line.starts_with("$ ")).collect();
    assert_eq!(shown, seen, "{}", seen.join("\n"));
    // What a student sees names no other student.
    let page = class.file("html").join(examiner::grade::report::file_name("Ann Li", "html"));
    assert!(!fs::read_to_string(page).unwrap().contains("Eva Fox"));
}

/// The zip file of a whole class, as the platform gives it, and what is wrong with zip files.
#[test]
fn zips_are_bounded_and_stay_in_their_folder() {
    let class = Class::new("zips");
    let script = "
import sys, zipfile, stat
def archive(name): return zipfile.ZipFile(name, 'w', zipfile.ZIP_DEFLATED)
with archive('kimzoe_11_21_bomb.zip') as bomb:
    with bomb.open('zeros', 'w') as zeros:
        for _ in range(65): zeros.write(bytes(1 << 20))
    bomb.writestr('echo_server.py', 'x')
with archive('liann_12_22_many.zip') as many:
    for number in range(2100): many.writestr(f'{number}.txt', '')
    many.writestr('echo_server.py', 'x')
with archive('roejo_13_23_link.zip') as link:
    info = zipfile.ZipInfo('echo_server.py')
    info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    link.writestr(info, '/etc/passwd')
    link.writestr('/etc/echo_server.c', 'x')
    link.writestr('C:/echo_server.c', 'x')
    link.writestr('a/../../../echo_server.c', 'x')
with archive('zip') as inner: inner.writestr('echo_server.py', 'x')
for level in range(5):
    name = f'{level}'
    with archive(name) as outer: outer.write('zip', 'deeper.zip')
    import os; os.replace(name, 'zip')
os.rename('zip', 'dueed_14_24_nested.zip')
open('foxeva_15_25_torn.zip', 'wb').write(open('roejo_13_23_link.zip', 'rb').read()[:-30])
with archive('class.zip') as whole:
    for name in sorted(os.listdir('.')):
        if '_' in name: whole.write(name)
";
    let folder = class.file("work");
    fs::create_dir(&folder).unwrap();
    let mut python = Command::new("python3");
    ended(python.args(["-c", script]).current_dir(&folder).output().unwrap());
    let mut labs = Command::new(env!("CARGO_BIN_EXE_labs"));
    labs.arg("grade").arg(folder.join("class.zip")).args(["--steps", "echo_server", "--results"]);
    labs.arg(class.file("results.jsonl")).arg("--json").arg(class.file("json"));
    let table = ended(labs.output().unwrap());
    let document: Value = serde_json::from_slice(&fs::read(class.file("json")).unwrap()).unwrap();
    let students = document["students"].as_array().unwrap();
    let step = |name: &str| {
        let student = students.iter().find(|student| student["student"] == name);
        student.unwrap_or_else(|| panic!("no {name}: {table}"))["steps"][0].to_string()
    };
    for (name, told) in [
        ("kimzoe", "too large, unpacked"),
        ("liann", "too many files, unpacked"),
        ("roejo", "it is a link"),
        ("roejo", "its path leads out of the folder"),
        ("dueed", "a zip file in too many others"),
        ("foxeva", "it cannot be read as a zip file"),
    ] {
        assert!(step(name).contains(told), "{name}: {}", step(name));
        assert!(step(name).contains("\"reports\":[]"), "{name}: {}", step(name));
    }
}

/// Whoever has no points for what they handed in reads why, and so does the instructor, in every
/// report.
#[test]
fn what_costs_all_points_is_told_in_every_report() {
    let class = Class::new("reasons");
    let script = "
import sys, zipfile
def archive(name): return zipfile.ZipFile(sys.argv[1] + name, 'w', zipfile.ZIP_DEFLATED)
with archive('/bomb/film.zip') as bomb:
    with bomb.open('zeros', 'w') as zeros:
        for _ in range(65): zeros.write(bytes(1 << 20))
with archive('/empty/lab.zip'): pass
";
    class.student("bomb", "echo_server.py", RIGHT).student("broken", "submission.toml", "<x = [[[");
    class.student("empty", "serve.py", "").student("twice", "echo_server.py", RIGHT);
    class.student("twice", "echo_server.c", "int main(void) { return 1; }\n");
    python(script, &class.file("submissions"));
    let mut grading = class.grade(&[]);
    for output in ["csv", "json", "junit", "gradescope", "classroom", "html"] {
        grading.arg(format!("--{output}")).arg(class.file(output));
    }
    let table = ended(grading.output().unwrap());
    let read = |file: &str| fs::read_to_string(class.file(file)).unwrap();
    for (student, told, in_all) in [
        ("bomb", "what was handed in is too large, unpacked", "is too large, unpacked"),
        ("broken", "submission.toml cannot be understood: ", "toml cannot be understood: "),
        ("empty", "left out: lab.zip: the zip file is empty", "the zip file is empty"),
        ("empty", "found, and not recognised: serve.py", "serve.py"),
        ("twice", "echo_server: echo_server.c was taken; there is also echo_server.py", "also"),
    ] {
        let told = format!("{student}: {told}");
        assert!(table.contains(&told), "{told}: {table}");
        assert!(read("html/index.html").contains(&format!("<p class=\"note\">{told}")), "{told}");
        let own = [("gradescope", "json"), ("classroom", "json"), ("html", "html")];
        let own = own.map(|(folder, ending)| format!("{folder}/{student}.{ending}"));
        for file in ["csv", "json", "junit"].into_iter().chain(own.iter().map(String::as_str)) {
            assert!(read(file).contains(in_all), "{file}: {told}\n{}", read(file));
        }
    }
    let csv = read("csv");
    assert!(csv.contains("echo_server: too much to be examined"), "{csv}");
    assert!(!csv.contains("does not build"), "{csv}");
    let page = read("html/bomb.html");
    assert!(page.contains("It was not examined: what was handed in is too large"), "{page}");
    assert!(!page.contains("What the compiler said"), "{page}");
    assert!(!read("html/index.html").contains("<x"), "escaped");
}

/// What one student's entry breaks is that student's trouble: all others are graded.
#[test]
fn one_student_stops_nobody() {
    let class = Class::new("one");
    let script = "
import sys, zipfile, stat
right = open(sys.argv[1]).read()
def archive(name): return zipfile.ZipFile(name, 'w', zipfile.ZIP_DEFLATED)
def hand_in(name): return f'Networks I/{name}_assignsubmission_file_/'
with archive('class.zip') as whole:
    whole.writestr(hand_in('Ann Li_1') + 'hostname.py', right)
    whole.writestr(hand_in('Eve X_2') + 'd/' * 17 + 'hostname.py', right)
    whole.writestr(hand_in('Bo Ek_3') + 'hostname.py', right)
    with whole.open(hand_in('Bo Ek_3') + 'zeros', 'w') as zeros:
        for _ in range(65): zeros.write(bytes(1 << 20))
    for number in range(2100): whole.writestr(hand_in('Cy Fox_4') + f'{number}/x', '')
    whole.writestr(hand_in('Di Gu_5') + 'notes.txt', '')
    for name in [hand_in('Di Gu_5') + 'hostname.py', hand_in('Flo Ho_6')[:-1] + 'hostname.py']:
        info = zipfile.ZipInfo(name)
        info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        whole.writestr(info, '/etc/passwd')
    whole.writestr(hand_in('Zoe Kim_7') + 'd/' * 15 + 'hostname.py', right)
with archive('anna.zip') as deep: deep.writestr('d/' * 17 + 'hostname.py', right)
with archive('empty.zip'): pass
with archive('folders.zip') as folders: folders.writestr('inner/', '')
open('torn.zip', 'wb').write(open('anna.zip', 'rb').read()[:-30])
";
    let folder = class.file("work");
    fs::create_dir(&folder).unwrap();
    let mut python = Command::new("python3");
    let right = beside("right/hostname/one_line.py");
    ended(python.args(["-c", script]).arg(right).current_dir(&folder).output().unwrap());
    let grade = |place: &Path| {
        let _ = fs::remove_file(class.file("results.jsonl"));
        let mut labs = Command::new(env!("CARGO_BIN_EXE_labs"));
        labs.arg("grade").arg(place).args(["--steps", "hostname", "--results"]);
        labs.arg(class.file("results.jsonl")).arg("--json").arg(class.file("json"));
        let output = labs.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let table = ended(output);
        format!("{said}{table}{}", fs::read_to_string(class.file("json")).unwrap())
    };
    let said = grade(&folder.join("class.zip"));
    for told in [
        "Ann Li    100.0  100",
        "Zoe Kim   100.0  100",
        "what was handed in has more than 16 folders in folders",
        "what was handed in has more than 64 MiB",
        "what was handed in has more than 2000 files",
        "Di Gu: left out: Networks I/Di Gu_5_assignsubmission_file_/hostname.py: it is a link",
        "note: left out: Networks I/Flo Ho_6_assignsubmission_file_hostname.py: it is a link",
    ] {
        assert!(said.contains(told), "{told}\n{said}");
    }
    for (zip, told) in [
        ("anna.zip", "more than 16 folders in folders"),
        ("empty.zip", "left out: empty.zip: the zip file is empty"),
        ("folders.zip", "left out: folders.zip: the zip file is empty"),
        ("torn.zip", "left out: torn.zip: it cannot be read as a zip file"),
    ] {
        let alone = class.file(&format!("alone-{zip}"));
        fs::create_dir(&alone).unwrap();
        fs::copy(folder.join(zip), alone.join(zip)).unwrap();
        let said = grade(&alone);
        assert!(said.contains(told), "{zip}: {said}");
        let name = zip.trim_end_matches(".zip");
        assert!(said.contains(&format!("\"student\": \"{name}\"")), "{zip}: {said}");
    }
}

/// An answer whose gaps the library fills is told, and so is one that is the course's own, in every
/// report.
#[test]
fn an_answer_that_is_not_written_by_hand_is_told() {
    let class = Class::new("codec");
    let reference = fs::read_to_string(beside("../../../src/bin/http_02_resolve.rs")).unwrap();
    let by_library = format!("use socket_labs::names::addresses as look_up;\n{reference}");
    class.student("anna", "http_02_resolve.rs", &format!("#![allow(unused)]\n{by_library}"));
    class.student("bob", "http_02_resolve.rs", &reference);
    let mut labs = Command::new(env!("CARGO_BIN_EXE_labs"));
    labs.arg("grade").arg(class.file("submissions")).arg("--results").arg(class.file("r.jsonl"));
    for output in ["csv", "json", "junit", "gradescope", "classroom", "html"] {
        labs.arg(format!("--{output}")).arg(class.file(output));
    }
    let table = ended(labs.args(["--steps", "http_02_resolve"]).output().unwrap());
    assert!(
        table.contains(
            "anna: http_02_resolve: a library does what a gap asks for (names::addresses)"
        ),
        "{table}"
    );
    assert!(!table.contains("bob: http_02_resolve: a library"), "{table}");
    let told = "http_02_resolve: this is the course's own program";
    assert!(
        table.contains(&format!("bob: {told}")) && table.contains("bob       100.0"),
        "{table}"
    );
    let read = |file: &str| fs::read_to_string(class.file(file)).unwrap();
    for file in ["csv", "json", "junit", "gradescope/bob.json", "classroom/bob.json"] {
        assert!(read(file).contains(told), "{file}: {}", read(file));
    }
    let escaped = told.replace('\'', "&#39;");
    assert!(read("html/bob.html").contains(&escaped), "{}", read("html/bob.html"));
}

/// Java, C++ and Node need no submission.toml where the file is named after the step.
#[test]
fn programs_of_other_languages_are_found_by_their_names() {
    let class = Class::new("tongues");
    let java = fs::read_to_string(beside("right/echo_server/Loopback.java")).unwrap();
    let c = fs::read_to_string(beside("right/echo_server/forks.c")).unwrap();
    let mut there = Vec::new();
    for (tool, file, text) in [
        ("java", "EchoServer (2).java", java.as_str()),
        ("c++", "EchoServer.cpp", &c),
        ("perl", "Echo-Server.pl", "use strict; exec 'python3', 'serve_alone.py';\r\n"),
    ] {
        if Command::new(tool).arg("--version").output().is_ok() {
            class.student(tool, file, text).student(tool, "serve_alone.py", &alone());
            there.push(tool);
        }
    }
    let table = ended(class.grade(&["--json"]).arg(class.file("json")).output().unwrap());
    for tool in there {
        let row = table.lines().find(|line| line.starts_with(tool));
        assert!(
            row.is_some_and(|row| row.contains("100.0")),
            "{tool}\n{table}\n{}",
            fs::read_to_string(class.file("json")).unwrap()
        );
    }
}

/// What is said on a system of what cannot be examined there, the page for instructors says too.
#[test]
fn the_page_says_what_each_system_says() {
    let page =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/instructors.md"));
    let page = page.unwrap();
    let words: Vec<&str> = page.split_whitespace().filter(|word| *word != ">").collect();
    let page = words.join(" ");
    for (system, limits) in examiner::exam::here::LIMITS {
        assert!(page.contains(limits), "{system}: {limits}");
    }
}
