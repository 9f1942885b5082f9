//! A private machine for a program: a network with loopback alone, and files of its own in `/etc`.
//! Linux makes one without root's rights (namespaces(7)).

use std::process::Command;

use super::{Ended, Running, fixture, has, program, run_command, skip};

/// Puts the texts in `$FILE_1`, `$FILE_2` … in place of files. The arguments are their paths, then
/// `--`, then the program.
const START: &str = r#"
i=0
if [ "$1" != -- ]; then mount -t tmpfs tmpfs /mnt || exit 99; fi
while [ "$1" != -- ]; do
    i=$((i + 1))
    eval "printf %s \"\$FILE_$i\"" > "/mnt/$i" && mount --bind "/mnt/$i" "$1" || exit 99
    shift
done
shift
exec "$@"
"#;

/// What a private machine is to be like.
#[derive(Clone, Default)]
pub struct Private {
    network: bool,
    setup: String,
    files: Vec<(String, String)>,
    through: Vec<String>,
}

impl Private {
    /// A machine whose only network is loopback.
    pub fn network() -> Private {
        Private { network: true, setup: "ip link set lo up".into(), ..Private::default() }
    }

    /// A machine with the network of this one, and these texts in place of files.
    pub fn with_files(files: &[(&str, &str)]) -> Private {
        let machine = Private { setup: "true".into(), ..Private::default() };
        files.iter().fold(machine, |machine, (path, text)| machine.file(path, text))
    }

    /// With this text in place of a file that exists.
    pub fn file(mut self, path: &str, text: &str) -> Private {
        self.files.push((path.into(), text.into()));
        self
    }

    /// After these commands of the shell, such as `ip route add …`.
    pub fn after(mut self, commands: &str) -> Private {
        self.setup = format!("{} && {commands}", self.setup);
        self
    }

    /// With a UDP server that never answers. It is there while the program runs.
    pub fn with_silent_server(mut self, address: &str, port: &str) -> Private {
        let script = fixture("silent_server.py").display().to_string();
        self.through = ["python3", &script, address, port].map(String::from).to_vec();
        self
    }

    /// With a name server that never answers, and that the system's resolver waits for much longer
    /// than any test does.
    pub fn with_silent_name_server(self) -> Private {
        self.with_silent_server("127.0.0.53", "53")
            .file("/etc/resolv.conf", "nameserver 127.0.0.53\noptions timeout:30 attempts:4\n")
            .file("/etc/nsswitch.conf", "hosts: files dns\n")
    }

    /// A program of the course on this machine. `None`, after saying why, where the system does
    /// not let a program have one.
    pub fn program(&self, name: &str, args: &[&str]) -> Option<Command> {
        let trial = self.command("true");
        let through = self.through.first().map_or("sh", String::as_str);
        let missing = ["unshare", "ip", "mount", through].into_iter().find(|tool| !has(tool));
        if missing.is_some() || run_command(trial).code != Some(0) {
            return skip(
                "no private machine: it takes unshare, ip, mount, python3 and user namespaces",
            );
        }
        let mut command = self.command(&program(name).display().to_string());
        command.args(args);
        Some(command)
    }

    /// Starts a program of the course on this machine.
    pub fn start(&self, name: &str, args: &[&str]) -> Option<Running> {
        Some(Running::start(self.program(name, args)?))
    }

    /// Runs a program of the course on this machine to its end.
    pub fn run(&self, name: &str, args: &[&str]) -> Option<Ended> {
        Some(run_command(self.program(name, args)?))
    }

    fn command(&self, first: &str) -> Command {
        let mut command = Command::new("unshare");
        command.args(["--map-root-user", "--mount"]).args(self.network.then_some("--net"));
        let script = format!("{{ {}; }} || exit 99\n{START}", self.setup);
        command.args(["sh", "-c", &script, "sh"]);
        for (i, (path, text)) in self.files.iter().enumerate() {
            command.arg(path).env(format!("FILE_{}", i + 1), text);
        }
        command.arg("--").args(&self.through).arg(first);
        command
    }
}

/// A command beside a program on its private machine.
pub fn beside(running: &Running, command: &[&str]) -> Command {
    let mut nsenter = Command::new("nsenter");
    nsenter.args(["--user", "--net", "--mount", "--preserve-credentials"]);
    nsenter.args(["--target", &running.pid().to_string()]).args(command);
    nsenter
}

/// Sends a datagram with a forged sender to a program on a private machine: see `forged.py`.
pub fn forge(running: &Running, from: (&str, u16), to: u16, data: &[&str]) {
    let script = fixture("forged.py").display().to_string();
    let (port, to) = (from.1.to_string(), to.to_string());
    let command = [&["python3", &script, from.0, &port, &to], data].concat();
    run_command(beside(running, &command)).succeeded();
}

/// A program of the course beside another, run to its end.
pub fn run_beside(running: &Running, name: &str, args: &[&str]) -> Ended {
    let mut command = beside(running, &[&program(name).display().to_string()]);
    command.args(args);
    run_command(command)
}
