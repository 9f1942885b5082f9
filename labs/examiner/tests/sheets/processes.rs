//! What the processes at a terminal are doing, from proc(5).

use std::fs;
use std::path::{Path, PathBuf};

/// The ports that the system gives to clients (`net.ipv4.ip_local_port_range`).
const EPHEMERAL: std::ops::RangeInclusive<u16> = 32768..=60999;

/// The processes of a session (setsid(2)): those at one terminal.
pub struct Processes(Vec<PathBuf>);

impl Processes {
    pub fn of(session: u32) -> Processes {
        let all = fs::read_dir("/proc").into_iter().flatten().flatten().map(|entry| entry.path());
        let is_of_it = |path: &PathBuf| stat(path, 3).is_some_and(|id| id == session.to_string());
        Processes(all.filter(is_of_it).collect())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn tasks(&self) -> impl Iterator<Item = PathBuf> {
        let tasks = self.0.iter().flat_map(|path| fs::read_dir(path.join("task")));
        tasks.flatten().flatten().map(|task| task.path())
    }

    /// Whether every thread waits for something.
    pub fn are_asleep(&self) -> bool {
        self.tasks()
            .all(|task| stat(&task, 0).is_none_or(|state| !matches!(state.as_str(), "R" | "D")))
    }

    /// Whether one of them reads what is typed.
    pub fn read_the_keyboard(&self) -> bool {
        let reads = format!("{} 0x0 ", libc::SYS_read);
        self.tasks().any(|task| {
            fs::read_to_string(task.join("syscall")).is_ok_and(|call| call.starts_with(&reads))
        })
    }

    /// Whether one of them has a socket for clients: it listens, or it is of UDP and has a port that
    /// was asked for.
    pub fn serve(&self) -> bool {
        let servers: Vec<String> =
            ["tcp", "tcp6", "udp", "udp6"].iter().flat_map(|table| servers(table)).collect();
        let files =
            self.0.iter().flat_map(|path| fs::read_dir(path.join("fd"))).flatten().flatten();
        let targets = files.filter_map(|file| fs::read_link(file.path()).ok());
        targets.filter_map(|target| target.to_str().map(String::from)).any(|target| {
            let inode = target.strip_prefix("socket:[").and_then(|rest| rest.strip_suffix(']'));
            inode.is_some_and(|inode| servers.iter().any(|server| server == inode))
        })
    }
}

/// A field of `stat` behind the program's name: 0 is the state, 3 the session.
fn stat(path: &Path, field: usize) -> Option<String> {
    let text = fs::read_to_string(path.join("stat")).ok()?;
    let (_, fields) = text.rsplit_once(')')?;
    fields.split_whitespace().nth(field).map(String::from)
}

/// The inodes of the sockets in `/proc/net/TABLE` that wait for clients.
fn servers(table: &str) -> Vec<String> {
    let text = fs::read_to_string(format!("/proc/net/{table}")).unwrap_or_default();
    let is_server = |fields: &[&str]| {
        let port =
            fields[1].rsplit_once(':').and_then(|(_, port)| u16::from_str_radix(port, 16).ok());
        match table.starts_with("tcp") {
            true => fields[3] == "0A",
            false => port.is_some_and(|port| !EPHEMERAL.contains(&port)),
        }
    };
    let rows = text.lines().skip(1).map(|line| line.split_whitespace().collect::<Vec<_>>());
    rows.filter(|fields| fields.len() > 9 && is_server(fields))
        .map(|fields| fields[9].to_string())
        .collect()
}
