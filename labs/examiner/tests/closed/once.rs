//! Whether machines are closed is decided once: nothing that happens later makes one less closed.

use std::fs;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::class::{
    Class, Grader, Limit, attack_text, by_each_of, ended_well, graders, open_folder,
};

/// A student whose program of this step leaves a mark where it is not closed in.
fn marker(class: &Class, step: &str) {
    let (outside, name) = (class.file("outside"), "marker");
    open_folder(&outside);
    let mark = outside.join(name).display().to_string();
    class.student(name, &format!("{step}.py"), attack_text("marks_where_it_is.py"));
    class.student(name, "mark.txt", mark);
    // Named so, Python is not tried out before: the first workers are those of checks.
    let run = format!("[{step}]\nrun = [\"/usr/bin/python3\", \"{step}.py\"]\n");
    class.student(name, "submission.toml", run);
}

fn marks(class: &Class) -> usize {
    fs::read_dir(class.file("outside")).unwrap().count()
}

/// Those who grade without a container around them.
fn simple_graders() -> Vec<Grader> {
    graders().into_iter().filter(|grader| *grader != Grader::Contained).collect()
}

/// The parents of all processes.
fn parents() -> Vec<(i32, i32)> {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let parent = |stat: String| stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok();
    processes
        .filter_map(|process| {
            let pid = process.file_name().to_str()?.parse().ok()?;
            Some((pid, parent(fs::read_to_string(process.path().join("stat")).ok()?)?))
        })
        .collect()
}

/// Kills every inner worker, the grandchildren of the grader, until the grader has ended. Returns how
/// many it has killed.
fn kill_workers(grading: &mut Child) -> usize {
    let killed = AtomicUsize::new(0);
    while grading.try_wait().unwrap().is_none() {
        let all = parents();
        let grader = grading.id() as i32;
        let outer: Vec<i32> =
            all.iter().filter(|(_, parent)| *parent == grader).map(|(pid, _)| *pid).collect();
        for (pid, _) in all.iter().filter(|(_, parent)| outer.contains(parent)) {
            if kill(Pid::from_raw(*pid), Signal::SIGKILL).is_ok() {
                killed.fetch_add(1, Ordering::Relaxed);
            }
        }
        thread::park_timeout(Duration::from_millis(1));
    }
    killed.into_inner()
}

/// Workers that die are errors, and no program runs outside in their stead.
#[test]
fn a_worker_that_dies_is_an_error() {
    by_each_of(simple_graders(), |grader| {
        let class = Class::new("worker-dies", grader);
        marker(&class, "echo_server");
        // The machine is tried out first, and that worker is to live: the workers of checks have a
        // results file to write to.
        let mut grading = class.grade(&["--jobs", "1"]);
        let mut grading = grading.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        while !class.file("results.jsonl").exists() {
            assert!(grading.try_wait().unwrap().is_none(), "{grader:?}: it does not grade");
            thread::park_timeout(Duration::from_millis(1));
        }
        let killed = kill_workers(&mut grading);
        assert!(grading.wait().unwrap().success());
        assert!(killed >= 3, "{grader:?}: {killed} workers were killed");
        assert_eq!(marks(&class), 0, "{grader:?}: the program ran outside");
        let verdicts = class.verdicts();
        assert!(!verdicts.is_empty());
        let fair = ["error", "skipped", "pass"];
        assert!(verdicts.values().all(|verdict| fair.contains(&verdict.as_str())), "{verdicts:#?}");
        assert!(verdicts.values().any(|verdict| verdict == "error"), "{verdicts:#?}");
        class.assert_nothing_is_left();
    });
}

/// Where the system has no processes left to give, checks are errors or pass, and none runs outside.
#[test]
fn a_full_table_of_processes_opens_nothing() {
    by_each_of(simple_graders(), |grader| {
        let class = Class::new("no-processes", grader);
        marker(&class, "echo_server");
        class.student("crowd", "echo_server.py", attack_text("fork_bomb.py"));
        let Some(limit) = Limit::new(grader, 60) else {
            eprintln!("SKIPPED: this computer lets nobody limit the processes of root");
            return;
        };
        let mut grading = class.grade(&["--jobs", "2"]);
        limit.set(&mut grading);
        grading.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
        assert_eq!(marks(&class), 0, "{grader:?}: the program ran outside");
        class.assert_nothing_is_left();
    });
}

/// Where the computer cannot close itself, nothing runs, and the reader learns what to do.
#[test]
fn grading_stops_where_the_computer_cannot_close_itself() {
    by_each_of(simple_graders(), |grader| {
        let class = Class::new("cannot-close", grader);
        marker(&class, "udp_echo_server"); // UDP has no TIME_WAIT to wait for
        let refused = class.within_no_namespaces(&["--steps", "udp_echo_server"]).output().unwrap();
        assert_eq!(refused.status.code(), Some(1), "{grader:?}");
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(said.contains("cannot close itself") && said.contains("--unclosed"), "{said}");
        assert!(said.contains("max_user_namespaces"), "it says what to do: {said}");
        assert!(marks(&class) == 0 && !class.file("results.jsonl").exists(), "something ran");

        let forms = ["csv", "junit", "gradescope", "classroom", "html"];
        let mut arguments = ["--unclosed", "--steps", "udp_echo_server"].map(String::from).to_vec();
        for form in forms {
            arguments.extend([format!("--{form}"), class.file(form).display().to_string()]);
        }
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let output = class.within_no_namespaces(&arguments).output().unwrap();
        ended_well(&output);
        assert_eq!(marks(&class), 1, "the mark shows whoever is not closed in");
        let all = ["all.json", "csv", "junit", "gradescope/marker.json", "classroom/marker.json"];
        let pages = ["html/index.html", "html/marker.html"];
        for report in all.into_iter().chain(pages) {
            let text = fs::read_to_string(class.file(report)).unwrap();
            assert!(text.contains("unclosed"), "{report} does not say it: {text}");
        }
        assert!(String::from_utf8_lossy(&output.stdout).contains("unclosed"), "the table");
        // Where the computer does close itself, the switch opens nothing.
        fs::remove_file(class.file("results.jsonl")).unwrap();
        fs::remove_file(class.file("outside/marker")).unwrap();
        let output = class.grade(&["--unclosed", "--steps", "udp_echo_server"]).output().unwrap();
        ended_well(&output);
        assert_eq!(marks(&class), 0, "--unclosed opened a machine that can be closed");
        assert_eq!(class.document()["unclosed"], false);
    });
}

/// A run that was begun closed is not gone on with unclosed, nor the other way round.
#[test]
fn a_run_is_closed_or_not_from_beginning_to_end() {
    by_each_of(simple_graders(), |grader| {
        let class = Class::new("both", grader);
        class.neighbour();
        ended_well(&class.grade(&["--steps", "hostname"]).output().unwrap());
        let resumed = ["--steps", "hostname", "--unclosed", "--resume"];
        let output = class.within_no_namespaces(&resumed).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains("was closed, and this one is unclosed"), "{said}");
    });
}
