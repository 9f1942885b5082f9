//! The machine that a session is played on: its own network with loopback alone, its own process
//! numbers, the name `vm`, and a copy of the course that may be written to. It is the examiner's
//! private machine (`exam/private`), so that no port is taken and nothing is left behind.

use std::env;
use std::fs;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{self, Command};

use examiner::exam::private::{FILES, Machine, enter};

use super::play::play;
use super::{Answer, SESSION, course, find, programs_folder};

/// The name of the machine, and its address as Debian writes it into `/etc/hosts`.
const NAME: (&str, IpAddr) = ("vm", IpAddr::V4(Ipv4Addr::new(127, 0, 1, 1)));

/// The variable that names the part which a process has to play.
const PART: &str = "SHEETS_PART";

/// How a process ends that could not make its machine ready.
const REFUSED: i32 = 77;

/// How a process ends whose machine has no IPv6, which the session shows.
const NO_IPV6: i32 = 78;

/// What stands in for `cargo` at a terminal: the programs are built.
const CARGO: &str = r#"#!/bin/sh
[ "$1" = run ] || { echo "error: a sheet shows only cargo run" >&2; exit 101; }
shift
while :; do
    case "$1" in
        -q | --quiet) shift ;;
        --bin) bin=$2; shift 2 ;;
        --) shift; break ;;
        *) break ;;
    esac
done
exec "$SHEETS_PROGRAMS/${bin:-labs}" "$@"
"#;

/// What the shell does behind a command. It stays: when the first process of a terminal ends, the
/// system throws away what was printed and is not read yet.
const END: &str = r#"echo $? > "$SHEETS_END.new"; mv "$SHEETS_END.new" "$SHEETS_END"
exec sleep infinity < /dev/null > /dev/null 2>&1"#;

/// Plays a session on a machine of its own.
pub fn run(session: &str) -> Result<Answer, String> {
    let mut command = Command::new(env::current_exe().map_err(|error| error.to_string())?);
    command.env(PART, "outer").env(SESSION, session);
    let output =
        command.stdin(process::Stdio::null()).output().map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    match output.status.code() {
        Some(0) => Ok(Answer::Fine),
        Some(1) => Err(text),
        Some(REFUSED) => {
            Ok(Answer::NotHere("no private machine: the system allows no user namespaces".into()))
        }
        Some(NO_IPV6) => Ok(Answer::NotHere("this machine has no ::1".into())),
        _ => Err(format!(
            "the session was not played: {}\n{text}{}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        )),
    }
}

/// Plays the part of a machine and does not return, where this process was started as one.
pub fn enter_if_asked() {
    match env::var(PART).as_deref() {
        Ok("outer") => process::exit(outer().unwrap_or(REFUSED)),
        Ok("inner") => process::exit(inner()),
        _ => {}
    }
}

fn outer() -> io::Result<i32> {
    let mut inner = Command::new(env::current_exe()?);
    inner.env(PART, "inner");
    let status = enter(inner, false)?.wait()?;
    Ok(status.code().unwrap_or(1))
}

/// The first process of the new machine: when it ends, all others are killed.
#[allow(clippy::print_stdout)] // the report
fn inner() -> i32 {
    let root = course();
    let Ok(machine) = Machine::prepare(true, None) else { return REFUSED };
    let desk = match Desk::new(machine, &root) {
        Ok(desk) => desk,
        Err(error) => {
            println!("the machine of a session cannot be made ready: {error}");
            return 2;
        }
    };
    let name = env::var(SESSION).unwrap_or_default();
    let Some((document, session)) = find(&root, &name) else {
        println!("there is no session {name}");
        return 2;
    };
    // Without IPv6, getaddrinfo() tells ::1 last or not at all, and nobody is refused there.
    let has_ipv6 = UdpSocket::bind((Ipv6Addr::LOCALHOST, 0)).is_ok();
    if session.shows("[::1]") && !has_ipv6 {
        return NO_IPV6;
    }
    // A watchman: whatever happens, the session ends.
    std::thread::spawn(|| {
        std::thread::sleep(std::time::Duration::from_secs(280));
        println!("the session took too long");
        process::exit(1);
    });
    match play(&desk, &document, &session) {
        Ok(()) => 0,
        Err(trouble) => {
            println!("{trouble}");
            1
        }
    }
}

/// Where a student sits: the folder of the course, and a home.
pub struct Desk {
    machine: Machine,
    folder: PathBuf,
}

impl Desk {
    fn new(machine: Machine, root: &Path) -> io::Result<Desk> {
        machine.host_name(NAME.0)?;
        machine.names(&[(NAME.1, NAME.0)])?;
        let folder = Path::new(FILES).join("socket-labs");
        for part in ["README.md", "Cargo.toml", "src/bin", "docs", "labs"] {
            copy(&root.join(part), &folder.join(part))?;
        }
        fs::create_dir_all(folder.join("labs/answers/src/bin"))?;
        fs::create_dir_all(folder.join("target"))?;
        symlink(programs_folder(), folder.join("target/debug"))?;
        for name in ["home", "bin"] {
            fs::create_dir_all(Path::new(FILES).join(name))?;
        }
        let cargo = Path::new(FILES).join("bin/cargo");
        fs::write(&cargo, CARGO)?;
        fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755))?;
        // Python itself, without what may stand before it on the path and asks for the real home.
        let script = "import sys; print(sys.executable)";
        if let Ok(output) = Command::new("python3").args(["-c", script]).output() {
            let python = String::from_utf8_lossy(&output.stdout).trim().to_string();
            symlink(python, Path::new(FILES).join("bin/python3"))?;
        }
        Ok(Desk { machine, folder })
    }

    /// A command line, behind one that ended with this exit code. Where it ends, its own exit code
    /// stands in the file of the second value.
    pub fn command(&self, number: usize, line: &str, code: i32) -> (Command, PathBuf) {
        let end = Path::new(FILES).join(format!("end_{number}"));
        let script = format!("trap : INT\n(exit {code})\n{line}\n{END}");
        let path = env::var("PATH").unwrap_or_default();
        let variables = [
            ("PATH", format!("{FILES}/bin:{path}:/usr/sbin:/sbin")),
            ("HOME", format!("{FILES}/home")),
            ("TERM", "xterm".to_string()),
            ("LANG", "C.UTF-8".to_string()),
            ("TZ", "UTC".to_string()),
            ("SHEETS_END", end.display().to_string()),
            ("SHEETS_PROGRAMS", programs_folder().display().to_string()),
            ("SOCKET_LABS_CHECKOUT", self.folder.display().to_string()),
        ];
        // It is this program that makes itself one of the machine, and then `env`.
        let (mut command, _) = self.machine.command("env").unwrap();
        command.env_remove(PART).env_remove(SESSION);
        // Nothing else of whoever runs the test: a language, a proxy, the settings of some tool. And a
        // shell that runs in the background hands on that Ctrl-C is ignored.
        command.args(["-i", "--default-signal=INT"]);
        command.args(variables.map(|(name, value)| format!("{name}={value}")));
        command.args(["setsid", "--ctty", "sh", "-c", &script]).current_dir(&self.folder);
        (command, end)
    }
}

/// Copies a file or a folder; what students built or wrote stays behind.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    if !from.is_dir() {
        if from.is_file() {
            fs::create_dir_all(to.parent().unwrap_or(to))?;
            fs::copy(from, to)?;
        }
        return Ok(());
    }
    for entry in fs::read_dir(from)? {
        let name = entry?.file_name();
        let is_left_out = ["target", "examiner", "progress.txt"].iter().any(|out| name == *out);
        let is_an_answer = from.ends_with("answers/src") && name == "bin";
        if !is_left_out && !is_an_answer {
            copy(&from.join(&name), &to.join(&name))?;
        }
    }
    Ok(())
}
