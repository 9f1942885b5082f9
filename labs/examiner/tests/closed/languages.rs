//! What is closed does not break what is right: programs in many languages, built and run closed.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;

use crate::class::{Class, Grader, by_each_grader, closes, ended_well, graders};

const NODE: &str = "
const net = require('net');
const server = net.createServer({ allowHalfOpen: true }, (client) => {
  client.on('error', () => client.destroy());
  client.pipe(client);
});
server.on('error', (error) => { console.error('cannot listen: ' + error.message); process.exit(1); });
server.listen(65432, '127.0.0.1', 100);
";

const JAVA: &str = r#"
import java.io.*;
import java.net.*;

class Echo {
    public static void main(String[] words) throws Exception {
        ServerSocket server = null;
        try {
            server = new ServerSocket();
            server.setReuseAddress(true);
            server.bind(new InetSocketAddress("127.0.0.1", 65432), 100);
        } catch (IOException error) {
            System.err.println("cannot listen: " + error.getMessage());
            System.exit(1);
        }
        while (true) {
            Socket client = server.accept();
            new Thread(() -> {
                try (client) { client.getInputStream().transferTo(client.getOutputStream()); }
                catch (IOException error) { }
            }).start();
        }
    }
}
"#;

/// What runs where this tool is there.
fn has(class: &Class, tool: &str) -> bool {
    let mut command = class.command(tool);
    let found = command.arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    let found = found.is_ok_and(|status| status.success());
    assert!(
        found
            || std::env::var_os("SOCKET_LABS_NO_SKIP").is_none()
            || tool == "node"
            || tool == "java"
    );
    if !found {
        eprintln!("SKIPPED: there is no {tool}");
    }
    found
}

/// Compilers and interpreters with their threads and memory of their own work as outside.
#[test]
fn right_programs_of_every_language_are_right() {
    for grader in graders().into_iter().filter(|grader| closes(*grader)) {
        let class = Class::new("languages", grader);
        class.neighbour();
        let right = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/right/echo_server");
        let read = |name: &str| fs::read_to_string(right.join(name)).unwrap();
        class.student("c", "echo_server.c", read("forks.c"));
        class.student("asyncio", "echo_server.py", read("asyncio_streams.py"));
        let mut students = vec!["neighbour", "c", "asyncio"];
        if grader != Grader::Ordinary && has(&class, "cargo") {
            // The crates that answers are compiled with are in the folder of the tests' owner.
            class.student("rust", "echo_server.rs", read("threads.rs"));
            students.push("rust");
        }
        if has(&class, "node") {
            class.student("node", "echo_server.js", NODE);
            students.push("node");
        }
        if has(&class, "java") {
            let toml =
                "[echo_server]\nbuild = [\"javac\", \"Echo.java\"]\nrun = [\"java\", \"Echo\"]\n";
            class.student("java", "submission.toml", toml).student("java", "Echo.java", JAVA);
            students.push("java");
        }
        ended_well(&class.grade(&["--jobs", "1"]).output().unwrap());
        let verdicts = class.verdicts();
        for student in students {
            let of_student = verdicts.iter().filter(|((name, _), _)| name == student);
            // A JVM that is slow to start is another matter, and so is a taken port told with a
            // stack trace by Node's own words.
            let bad: Vec<_> = of_student.filter(|(_, verdict)| *verdict != "pass").collect();
            assert!(bad.is_empty(), "{student}, {grader:?}: {bad:?}\n{}", class.stories());
            assert_eq!(class.total(student), 100.0, "{student}, {grader:?}");
        }
        class.assert_nothing_is_left();
    }
}

/// A tool chain is shown wherever the search path finds it, and with it nothing that lies beside it.
#[test]
fn a_tool_chain_outside_of_the_system_is_shown() {
    for grader in graders().into_iter().filter(|grader| closes(*grader)) {
        let class = Class::new("chain", grader);
        class.student("anna", "echo_server.rb", "from serve import serve\nserve()\n");
        let spy = "import os\nfrom serve import serve\nos.path.exists(open('where.txt').read()) and serve()\n";
        let beside = class.file("beside");
        fs::create_dir(&beside).unwrap();
        class.student("spy", "echo_server.rb", spy);
        class.student("spy", "where.txt", beside.display().to_string());
        // It only says that it is Ruby.
        let bin = class.file("chain/bin");
        fs::create_dir_all(&bin).unwrap();
        fs::create_dir_all(class.file("chain/lib")).unwrap();
        let script = "#!/bin/sh\n. \"$(dirname \"$0\")/../lib/language\"\nexec $LANGUAGE \"$@\"\n";
        fs::write(bin.join("ruby"), script).unwrap();
        fs::write(class.file("chain/lib/language"), "LANGUAGE=/usr/bin/python3\n").unwrap();
        fs::set_permissions(bin.join("ruby"), fs::Permissions::from_mode(0o755)).unwrap();
        let mut grading = class.grade(&[]);
        grading.env("PATH", format!("{}:/usr/bin:/bin:/usr/sbin", bin.display()));
        ended_well(&grading.output().unwrap());
        assert_eq!(class.total("anna"), 100.0, "{grader:?}{}", class.stories());
        let spied = class.verdicts()[&("spy".into(), "listens".into())].clone();
        assert_eq!(spied, "fail Ended", "{grader:?}: it saw what lies beside the tool chain");
    }
}

/// The launchers of a program, and what they start, end as the program has ended.
#[test]
fn the_end_of_a_program_is_told_as_it_was() {
    by_each_grader(|grader| {
        let class = Class::new("ends", grader);
        for (name, text) in [
            ("code", "raise SystemExit(42)"),
            ("signal", "import os; os.kill(os.getpid(), 11)"),
            ("killed", "import os; os.kill(os.getpid(), 9)"),
        ] {
            class.student(name, "echo_server.py", text);
        }
        if grader == graders()[0] {
            // It has all of its CPU time, which is the same for every grader.
            class.student("limit", "echo_server.py", "while True: pass");
        }
        class.student("starts", "echo_server", "#!/no/such/interpreter\n");
        ended_well(&class.grade(&[]).output().unwrap());
        let all = fs::read_to_string(class.file("all.json")).unwrap();
        let words = ["exit code 42", "signal 11 (SIGSEGV)", "signal 9 (SIGKILL)", "exit code 127"];
        for word in words {
            assert!(all.contains(word), "{grader:?}: {word}\n{}", class.stories());
        }
        assert!(class.verdicts().values().all(|verdict| verdict != "error"), "{}", class.stories());
    });
}
