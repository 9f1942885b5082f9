//! What every program has in common: `--help`, `--version`, wrong usage, and the way it ends.

#![allow(clippy::unwrap_used)] // in a test, a panic is the answer
#![cfg_attr(not(unix), allow(dead_code, unused_imports))] // of tests that are not for every system

mod common;

use std::fs;
use std::io::{self, BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use common::*;

/// The names of all programs.
fn programs() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/bin");
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    files.map(|file| file.file_stem().unwrap().to_str().unwrap().to_string()).collect()
}

#[test]
fn help_says_what_a_program_teaches_and_shows_an_example() {
    for name in programs() {
        let help = run(&name, &["--help"]).succeeded().stdout;
        assert!(help.contains(&format!("\nExample: {name}")), "{name}: {help}");
        assert!(help.contains(&format!("\nUsage: {name}")), "{name}: {help}");
        assert!(help.lines().next().unwrap().ends_with(['.', '?']), "{name}: {help}");
    }
}

#[test]
fn a_program_knows_its_name_and_version() {
    for name in programs() {
        let version = run(&name, &["--version"]).succeeded().stdout;
        assert_eq!(version, format!("{name} {}\n", env!("CARGO_PKG_VERSION")));
    }
}

#[test]
fn an_option_that_does_not_exist_is_wrong_usage() {
    for name in programs() {
        let ended = run(&name, &["--no-such-option"]);
        assert_eq!(ended.code, Some(2), "{name}: {ended:?}");
        assert!(ended.stderr.contains("--no-such-option"), "{name}: {ended:?}");
    }
}

/// With CLICOLOR_FORCE a program thinks that it writes to a terminal.
#[test]
fn what_is_said_of_wrong_usage_drives_no_terminal() {
    let on_terminal = |name: &str, args: &[&str]| {
        let mut command = Command::new(program(name));
        command.args(args).env("CLICOLOR_FORCE", "1").env_remove("NO_COLOR");
        run_command(command)
    };
    let title = "\u{1b}]0;own\u{7}\u{1b}[2J\u{202e}";
    let shown = r"\x1b]0;own\x07\x1b[2J\u{202e}";
    let option = format!("--{title}");
    let cases = programs().into_iter().map(|name| (name, vec![&option[..]]));
    let values = [
        ("http_get", vec![title]),
        ("tcp_client", vec!["--port", title]),
        ("mandela", vec!["--peer", title]),
        ("netcat", vec!["x", title]),
        ("ntp_client", vec!["--timeout", title]),
    ];
    for (name, args) in cases.chain(values.map(|(name, args)| (name.to_string(), args))) {
        let ended = on_terminal(&name, &args);
        assert_eq!(ended.code, Some(2), "{name}: {ended:?}");
        assert!(ended.stderr.contains(shown), "{name}: {ended:?}");
        for raw in ["\u{1b}]", "\u{1b}[2J", "\u{7}", "\u{202e}"] {
            assert!(!ended.stderr.contains(raw), "{name}: {ended:?}");
        }
    }
    // Where nothing has to be escaped, all is as clap has it.
    let ended = on_terminal("http_get", &["--no-such-option"]);
    assert!(ended.stderr.contains("\u{1b}["), "{ended:?}");
    let ended = run("http_get", &["--help", title]).succeeded();
    assert_eq!(ended.stdout, run("http_get", &["--help"]).stdout);
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_an_error_with_a_sentence() {
    for name in ["netstat", "http_01_socket", "server_01_bind"] {
        let mut shell = Command::new("sh");
        let port = if name == "server_01_bind" { "--port 0" } else { "" };
        shell.args(["-c", &format!("{} {port} > /dev/full", program(name).display())]);
        run_command(shell)
            .failed_with("cannot write to standard output: No space left on device (ENOSPC)\n");
    }
}

#[test]
fn ctrl_c_right_after_the_ready_line_finds_every_server_listening_for_it() {
    for (name, ready) in [
        ("udp_server", "ready"),
        ("udp_receipt_server", "Waiting"),
        ("tcp_server", "ready"),
        ("ntp_server", "ready"),
        ("http_server", "ready"),
        ("server_02_accept", "now listening"),
        ("server_03_reply", "now listening"),
        ("server_04_loop", "now listening"),
        ("server_05_threads", "now listening"),
        ("echo_server", "ready"),
        ("udp_echo_server", "ready"),
        ("mandela", "Listening"),
    ] {
        let server = start(name, &["--port", "0"]);
        server.prints(ready);
        let ended = server.interrupt().succeeded();
        assert!(ended.stdout.contains("\nStopped by Ctrl-C. "), "{name}: {ended:?}");
    }
}

#[test]
#[cfg(unix)]
fn ctrl_c_ends_a_server_whose_output_nobody_reads() {
    let (reader, writer) = io::pipe().unwrap();
    let mut command = Command::new(program("udp_server"));
    let mut server = command.args(["--port", "0"]).stdout(writer).spawn().unwrap();
    drop(command);
    let (mut reader, mut ready) = (BufReader::new(reader), String::new());
    reader.read_line(&mut ready).unwrap();
    let address: SocketAddr = ready.trim().rsplit(' ').next().unwrap().parse().unwrap();
    let client = udp();
    client.connect(address).unwrap();
    client.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    // Each datagram is a line of output. When the pipe is full, the answers stop.
    let mut answered = 0;
    while client.send(b"x").is_ok() && client.recv(&mut [0; 10]).is_ok() {
        answered += 1;
        assert!(answered < 100_000, "the pipe is never full");
    }
    let mut kill = Command::new("kill");
    kill.args(["-INT", &server.id().to_string()]).env("LC_ALL", "C"); // as in Running::signal
    run_command(kill).succeeded();
    assert_eq!(server.wait().unwrap().code(), Some(0));
}
