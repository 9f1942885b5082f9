//! `labs trace`: what strace wrote once, told again; and programs that run now.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::print_stderr)] // in a test, a panic is the answer

#[allow(dead_code)]
#[path = "companion/desk.rs"]
mod desk;

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use desk::{Desk, building, ended};
use examiner::trace::{Trace, diagram, table};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use serde_json::Value;
use socket2::{Domain, Socket, Type};

const COLUMNS: usize = 80;

fn traces() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/traces")
}

/// What comes of the lines of a file.
fn story_of(name: &str, all: bool) -> examiner::trace::Story {
    let lines = fs::read_to_string(traces().join(format!("{name}.strace"))).unwrap();
    let mut trace = Trace::new(name, all);
    lines.lines().for_each(|line| trace.line(line));
    trace.finish()
}

/// Compares with what is kept; `BLESS=1` writes it anew.
fn is_kept(file: &str, text: &str) {
    let path = traces().join(file);
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, text).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(text, kept, "{file}: BLESS=1 writes it anew");
}

fn fits(text: &str) {
    for line in text.lines() {
        assert!(line.chars().count() <= COLUMNS, "{line}");
        assert!(!line.chars().any(char::is_control), "{line:?}");
    }
}

#[test]
fn what_strace_wrote_is_told_as_it_is_kept() {
    let names = [
        "tcp_client",
        "tcp_server_ctrl_c",
        "udp_client_timeout",
        "server_05_threads",
        "python_timeout",
        "python_name",
        "forks",
        "hostile",
    ];
    for name in names {
        let story = story_of(name, false);
        let told = table(&story, COLUMNS);
        fits(&told);
        is_kept(&format!("{name}.table"), &told);
        is_kept(&format!("{name}.mmd"), &diagram(&story));
        fits(&table(&story_of(name, true), COLUMNS));
    }
}

#[test]
fn a_name_server_is_left_out_and_shown_with_all() {
    let names = |all| serde_json::to_value(story_of("python_name", all)).unwrap();
    assert_eq!(names(false)["left_out"]["names"], 15);
    assert!(!names(false).to_string().contains(":53\""));
    assert_eq!(names(true)["left_out"]["names"], 0);
    assert!(names(true).to_string().contains(":53\""));
}

#[test]
fn a_socket_of_two_processes_ends_with_the_last_one() {
    let document = serde_json::to_value(story_of("forks", false)).unwrap();
    let rows = document["calls"].as_array().unwrap();
    let signs = rows.iter().flat_map(|row| row["wire"].as_array().unwrap());
    let signs: Vec<&str> = signs.filter_map(|wire| wire["sign"].as_str()).collect();
    assert_eq!(signs, ["connection", "RST"], "the parent's close() sends nothing: {document:#}");
}

#[test]
fn whatever_is_sent_is_shown_and_never_obeyed() {
    let story = story_of("hostile", false);
    for text in [table(&story, COLUMNS), table(&story, 400), diagram(&story)] {
        assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text}");
        assert!(!text.contains('\u{202e}'), "{text}");
    }
    let diagram = diagram(&story);
    let forged = diagram.lines().filter(|line| line.trim_start().starts_with("P-->>S1: FIN"));
    assert_eq!(forged.count(), 1, "what was received draws no arrow: {diagram}");
    let json = serde_json::to_string(&story).unwrap();
    assert!(!json.contains('\u{1b}') && !json.contains("\\u001b"), "{json}");
}

#[test]
fn every_cut_and_every_changed_byte_is_taken() {
    for name in ["hostile", "python_timeout", "server_05_threads"] {
        let lines = fs::read(traces().join(format!("{name}.strace"))).unwrap();
        for cut in (0..lines.len()).step_by(31) {
            let mut trace = Trace::new(name, true);
            let mut changed = lines[cut..].to_vec();
            changed[0] ^= 0x15;
            String::from_utf8_lossy(&changed).lines().for_each(|line| trace.line(line));
            fits(&table(&trace.finish(), COLUMNS));
        }
    }
}

#[test]
fn of_many_calls_few_are_kept() {
    let mut trace = Trace::new("many", true);
    trace.line("5 1.000000 socket(AF_INET, SOCK_DGRAM, IPPROTO_IP) = 3<UDP:[1]> <0.000001>");
    for i in 0..300_000 {
        let at = format!("{}.{:06}", 1 + i / 1_000_000, i % 1_000_000);
        trace.line(&format!("5 {at} recvfrom(3<UDP:[1]>, \"x\", 9, 0, NULL, NULL) = 1 <0.000001>"));
        // A new process each time, and a connection of its own.
        let thread = 10 + i;
        trace.line(&format!(
            "{thread} {at} socket(AF_INET, SOCK_STREAM, 0) = 3<TCP:[2]> <0.000001>"
        ));
        trace.line(&format!("{thread} {at} +++ exited with 0 +++"));
    }
    let story = trace.finish();
    assert_eq!((story.calls.len(), story.last_calls.len()), (200, 50));
    assert_eq!(story.calls_not_kept, 1 + 10 + 300_000 + 1 - 250, "{}", story.calls_not_kept);
    let told = table(&story, COLUMNS);
    assert!(told.contains("more calls, not shown …"));
    let counted = story.last_calls.iter().find(|row| row.call.is_empty()).unwrap();
    assert_eq!(counted.result, "… 299,990 more recv on socket 3: 299,990 bytes");
}

/// Whether strace is here and may trace.
fn strace() -> bool {
    let mut strace = Command::new("strace");
    strace.args(["-o", "/dev/null", "true"]).stdin(Stdio::null());
    if strace.output().is_ok_and(|output| output.status.success()) {
        return true;
    }
    assert!(std::env::var_os("SOCKET_LABS_NO_SKIP").is_none(), "strace must be here");
    let name = thread::current().name().unwrap_or("a test").to_string();
    let _ =
        writeln!(std::io::stderr(), "SKIPPED {name}: strace is not installed, or may not trace");
    false
}

/// A program of the course, as Cargo built it for the tests.
fn program(name: &str) -> String {
    let labs = Path::new(env!("CARGO_BIN_EXE_labs"));
    let program = labs.with_file_name(name);
    assert!(program.exists(), "cargo build --bins comes first: there is no {}", program.display());
    program.display().to_string()
}

/// `labs trace` with these arguments.
fn labs(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_labs"));
    command.arg("trace").args(arguments).stdin(Stdio::null());
    for name in ["CARGO", "NO_COLOR", "SOCKET_LABS_CHECKOUT"] {
        command.env_remove(name);
    }
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A server that answers each client in upper case, until it is dropped with the test.
fn upper_case_server() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for client in listener.incoming() {
            let mut client = client.unwrap();
            let mut buffer = [0; 1024];
            let length = client.read(&mut buffer).unwrap_or(0);
            let _ = client.write_all(&buffer[..length].to_ascii_uppercase());
        }
    });
    port
}

#[test]
fn a_client_of_the_course_is_told_from_socket_to_close() {
    if !strace() {
        return;
    }
    let port = upper_case_server().to_string();
    let Output { status, stdout, stderr } =
        labs(&["--", &program("tcp_client"), "--port", &port, "hello\r"]).output().unwrap();
    let (said, stderr) = (text(&stdout), text(&stderr));
    assert_eq!((status.code(), stderr.as_str()), (Some(0), ""), "{said}");
    let (printed, told) = said.split_once("\n\n").unwrap();
    assert!(printed.ends_with("HELLO\\r"), "its output comes first, as it is: {said}");
    fits(told);
    assert!(told.lines().next().unwrap().ends_with(&format!(" 127.0.0.1:{port}")), "{told}");
    let order = [
        "socket(IPv4, TCP) = socket 3",
        "connect(socket 3, ",
        "─ SYN ─",
        " SYN, ACK ─",
        "getsockname(socket 3)",
        "send(socket 3, 6 bytes) = 6",
        "─ \"hello\\r\" ─",
        "recv(socket 3, up to 4,096)",
        " \"HELLO\\r\" ─",
        "= 0: end of the stream",
        "close(socket 3)",
        "─ FIN ─",
    ];
    let mut rest = told;
    for part in order {
        rest = rest.split_once(part).unwrap_or_else(|| panic!("no {part:?} in {rest}\n{told}")).1;
    }
    assert!(!told.contains("fcntl"), "{told}");
}

#[test]
fn a_python_program_is_told_too_and_its_exit_code_passed_on() {
    if !strace() {
        return;
    }
    let port = upper_case_server();
    let script = format!(
        "import socket, sys\ns = socket.create_connection(('127.0.0.1', {port}))\n\
         s.sendall(b'hi\\r\\n')\nprint(s.recv(100), input())\ns.close()\nsys.exit(7)"
    );
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let file = folder.join(format!("trace-{}.json", std::process::id()));
    let mut command =
        labs(&["--json", "-o", file.to_str().unwrap(), "--", "python3", "-c", &script]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"typed\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(text(&output.stdout), "b'HI\\r\\n' typed\n", "nothing else is printed");
    assert_eq!(output.status.code(), Some(7));
    let document: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    fs::remove_file(&file).unwrap();
    let rows = document["calls"].as_array().unwrap();
    let row = |call: &str| rows.iter().find(|row| row["call"] == call).unwrap();
    assert_eq!(row("connect")["peer"], format!("127.0.0.1:{port}"));
    assert_eq!(row("connect")["wire"][1]["sign"], "SYN, ACK");
    assert_eq!(row("send")["wire"][0]["data"]["bytes"], "hi\\r\\n");
    assert_eq!(row("recv")["system_call"], "recvfrom");
    assert_eq!(row("recv")["value"], 4);
}

#[test]
fn a_refusal_has_its_errno_and_its_rst() {
    if !strace() {
        return;
    }
    // It has the port and does not listen, so that nobody else does.
    let held = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    held.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    let port = held.local_addr().unwrap().as_socket().unwrap().port();
    let connect = format!("import socket; socket.create_connection(('127.0.0.1', {port}))");
    let output = labs(&["--mermaid", "--", "python3", "-c", &connect]).output().unwrap();
    let told = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "Python's own exit code");
    assert!(told.starts_with("sequenceDiagram\n    participant P as python3 -c"), "{told}");
    assert!(told.contains("    P-->>S1: SYN\n    S1-->>P: RST\n"), "{told}");
    assert!(told.contains("= ECONNREFUSED: Connection refused\n"), "{told}");
    assert!(text(&output.stderr).contains("ConnectionRefusedError"), "it says so itself");
}

/// What a program prints, as it comes.
struct Printed {
    pieces: Receiver<Vec<u8>>,
    text: String,
}

impl Printed {
    /// Waits for a text behind what was waited for before, and gives all that came until then.
    #[track_caller]
    fn until(&mut self, expected: &str) -> String {
        loop {
            if let Some(start) = self.text.find(expected) {
                let rest = self.text.split_off(start + expected.len());
                return std::mem::replace(&mut self.text, rest);
            }
            match self.pieces.recv_timeout(Duration::from_secs(120)) {
                Ok(bytes) => self.text += &text(&bytes),
                Err(_) => panic!("never printed {expected:?}, but\n{}", self.text),
            }
        }
    }
}

/// `labs` in a group of processes of its own, as a shell makes one.
fn in_a_group(arguments: &[&str]) -> (Child, Printed) {
    let mut command = labs(arguments);
    command.process_group(0).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let (send, pieces) = channel();
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(length @ 1..) = stdout.read(&mut buffer) {
            if send.send(buffer[..length].to_vec()).is_err() {
                return;
            }
        }
    });
    (child, Printed { pieces, text: String::new() })
}

#[test]
fn ctrl_c_ends_a_server_with_its_threads_and_then_the_trace_comes() {
    if !strace() {
        return;
    }
    let (mut child, mut printed) =
        in_a_group(&["--", &program("server_05_threads"), "--port", "0"]);
    printed.until("Socket bound to 127.0.0.1:");
    let port: u16 = printed.until("\n").trim().parse().unwrap();
    printed.until("Socket now listening\n");
    for said in ["one\n", "two\n"] {
        let mut client = TcpStream::connect(("127.0.0.1", port)).unwrap();
        client.write_all(said.as_bytes()).unwrap();
        client.shutdown(std::net::Shutdown::Write).unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).unwrap();
        assert!(answer.ends_with(&format!("OK...{said}")), "{answer}");
    }
    killpg(Pid::from_raw(child.id() as i32), Signal::SIGINT).unwrap();
    printed.until("Stopped by Ctrl-C. Clients accepted: 2\n\n");
    let told = printed.until("Wireshark shows the packets.\n");
    assert_eq!(child.wait().unwrap().code(), Some(0), "{told}");
    fits(&told);
    assert!(told.contains(" main      accept(socket 3) = socket "), "{told}");
    assert!(told.contains(" thread 2  recv(socket ") && told.contains(" thread 3  "), "{told}");
    assert!(told.contains("─ \"OK...one\\n\" ──▶\n"), "{told}");
    assert!(told.contains("= still waiting at the end"), "{told}");
    assert!(told.contains("SIGINT comes in (Ctrl-C)"), "{told}");
}

#[test]
fn a_second_ctrl_c_ends_what_does_not_heed_the_first() {
    if !strace() {
        return;
    }
    let deaf = "import signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN); \
                print('deaf', flush=True); time.sleep(600)";
    let (mut child, mut printed) = in_a_group(&["--", "python3", "-c", deaf]);
    printed.until("deaf\n");
    let group = Pid::from_raw(child.id() as i32);
    // Two that come at once are one to the system, so it is asked until it ends.
    let code = loop {
        killpg(group, Signal::SIGINT).unwrap();
        thread::park_timeout(Duration::from_millis(100));
        if let Some(status) = child.try_wait().unwrap() {
            break status.code();
        }
    };
    assert_eq!(code, Some(128 + 9), "as a shell says it");
    printed.until("SIGINT comes in (Ctrl-C)\n");
}

#[test]
fn who_asks_labs_to_end_asks_the_program() {
    if !strace() {
        return;
    }
    let (mut child, mut printed) = in_a_group(&["--", &program("tcp_server"), "--port", "0"]);
    printed.until("The server is ready");
    nix::sys::signal::kill(Pid::from_raw(child.id() as i32), Signal::SIGTERM).unwrap();
    printed.until("SIGTERM comes in");
    assert_eq!(child.wait().unwrap().code(), Some(128 + 15));
}

#[test]
fn what_cannot_be_run_is_said() {
    if !strace() {
        return;
    }
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    for missing in ["no-such-program", "./no-such-program", file] {
        let output = labs(&["--", missing]).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        let stderr = text(&output.stderr);
        let sentence =
            format!("error: there is no program {missing}\nhint: a program in this folder");
        assert!(stderr.starts_with(&sentence), "{stderr}");
        assert!(output.stdout.is_empty());
    }
    let output = labs(&["--", "target/debug/no-such-program"]).output().unwrap();
    assert!(text(&output.stderr).contains("\nhint: `cargo build` makes the programs"));
    // In a copy that was handed out, the name of an exercise means the student's own.
    let handed_out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("trace");
    for folder in ["labs/answers", "src/bin"] {
        fs::create_dir_all(handed_out.join(folder)).unwrap();
    }
    fs::write(handed_out.join("labs/answers/Cargo.toml"), "").unwrap();
    fs::write(handed_out.join("src/bin/udp_client.rs"), "todo!(\"GAP 1\")").unwrap();
    let output = labs(&["udp_client"]).env("SOCKET_LABS_CHECKOUT", handed_out).output().unwrap();
    let sentence = "error: you have no answer for udp_client yet\n";
    assert!(text(&output.stderr).starts_with(sentence), "{output:?}");
    let output = labs(&["--mine", "python3"]).output().unwrap();
    assert!(text(&output.stderr).starts_with("error: --mine is for the name of a step\n"));
    assert_eq!(labs(&[]).output().unwrap().status.code(), Some(2));
}

#[test]
fn without_strace_it_says_how_to_get_it() {
    let output = labs(&["tcp_client"]).env("PATH", "").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let stderr = text(&output.stderr);
    if cfg!(target_os = "linux") {
        assert!(stderr.starts_with("error: strace is not installed\nhint: sudo apt"), "{stderr}");
    } else {
        assert!(stderr.contains("works on Linux only"), "{stderr}");
    }
}

#[test]
fn the_name_of_a_step_is_the_courses_program_or_with_mine_the_students() {
    if !strace() {
        return;
    }
    let desk = Desk::to_build_at("trace");
    let missing = desk.labs(&["trace", "--mine", "udp_client"]);
    assert!(missing.stderr.starts_with("error: you have no answer for udp_client yet\n"));

    let _building = building();
    let said = desk.says(0, &["trace", "http_01_socket"]);
    assert!(said.starts_with("Socket created\n\n"), "{said}");
    assert!(said.contains("socket(IPv4, TCP) = socket 3\n"), "{said}");

    let mine = "fn main() { println!(\"mine\"); std::process::exit(5) }";
    desk.says(0, &["start", "udp_client"]);
    desk.write(&desk.answer("udp_client"), mine);
    let said = desk.says(5, &["trace", "--mine", "udp_client", "--port", "1"]);
    assert!(said.starts_with("mine\n\nNo calls on sockets.\n"), "{said}");

    desk.write(&desk.answer("udp_client"), "fn main() { mine }");
    let refused = ended(desk.command(&["trace", "--mine", "udp_client"]));
    assert_eq!(refused.code, Some(1));
    assert!(refused.stderr.contains("udp_client does not compile yet"), "{}", refused.stderr);
}
