//! Processes, threads, descriptors and sockets, as the calls make and end them.

use std::collections::HashMap;

use serde::Serialize;

use super::lines::Call;
use super::parts::{descriptor, socket_note};
use super::socket::{Socket, Stage, is_socket, plain};

/// Sockets that are known at once. Whatever comes above it is not followed.
const MOST_SOCKETS: usize = 100_000;

/// The name of a socket in this trace.
pub type Id = usize;

#[derive(Debug, Default)]
struct Process {
    /// How many threads it had so far, and how many of them live.
    threads: usize,
    living: usize,
    files: HashMap<i32, File>,
    looks_up: bool,
}

#[derive(Debug, Clone, Copy)]
struct File {
    socket: Id,
    ends_at_exec: bool,
}

/// Which thread of which process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize)]
pub struct Who {
    /// 1 for the process that was started.
    pub process: usize,
    /// 1 for its main thread.
    pub thread: usize,
}

/// A socket that has ended with its process, and the descriptor that it had.
pub type Ended = (i32, Id, Socket);

/// All of it.
#[derive(Debug, Default)]
pub struct Machine {
    threads: HashMap<u32, Who>,
    processes: HashMap<usize, Process>,
    /// The sockets that have a descriptor.
    sockets: HashMap<Id, Socket>,
    sockets_made: usize,
    processes_made: usize,
}

impl Machine {
    /// Who this thread is. A new one belongs to the thread that makes one at this moment.
    pub fn who(&mut self, thread: u32, parent: Option<(u32, &str)>) -> Who {
        if let Some(who) = self.threads.get(&thread) {
            return *who;
        }
        match parent {
            Some((parent, how)) => self.starts(parent, thread, how),
            None => self.new_process(thread, Process::default()),
        }
    }

    /// A thread makes another thread, or a process.
    pub fn starts(&mut self, parent: u32, child: u32, how: &str) -> Who {
        if let Some(who) = self.threads.get(&child) {
            return *who;
        }
        let of = self.threads.get(&parent).map_or(0, |who| who.process);
        if how.contains("CLONE_FILES")
            && let Some(process) = self.processes.get_mut(&of)
        {
            process.threads += 1;
            process.living += 1;
            let who = Who { process: of, thread: process.threads };
            self.threads.insert(child, who);
            return who;
        }
        let files = self.processes.get(&of).map(|process| process.files.clone());
        let files = files.unwrap_or_default();
        for file in files.values() {
            if let Some(socket) = self.sockets.get_mut(&file.socket) {
                socket.descriptors += 1;
            }
        }
        self.new_process(child, Process { files, ..Process::default() })
    }

    fn new_process(&mut self, thread: u32, process: Process) -> Who {
        self.processes_made += 1;
        let number = self.processes_made;
        self.processes.insert(number, Process { threads: 1, living: 1, ..process });
        let who = Who { process: number, thread: 1 };
        self.threads.insert(thread, who);
        who
    }

    /// A thread has ended. With the last one its process ends: then these are the sockets that had
    /// no other descriptor.
    pub fn ends(&mut self, thread: u32) -> Option<(Who, Vec<Ended>)> {
        let who = self.threads.remove(&thread)?;
        let process = self.processes.get_mut(&who.process)?;
        process.living = process.living.saturating_sub(1);
        if process.living > 0 {
            return None;
        }
        let process = self.processes.remove(&who.process)?;
        let mut files: Vec<(i32, File)> = process.files.into_iter().collect();
        files.sort_by_key(|(number, _)| *number);
        let gone = files
            .into_iter()
            .filter_map(|(number, file)| Some((number, file.socket, self.drop_one(file.socket)?)));
        Some((Who { thread: 1, ..who }, gone.collect()))
    }

    /// A new program takes over a process: what was to end then ends.
    pub fn execs(&mut self, who: Who) {
        let Some(process) = self.processes.get_mut(&who.process) else { return };
        let (gone, files) = process.files.iter().partition(|(_, file)| file.ends_at_exec);
        process.files = files;
        let gone: HashMap<i32, File> = gone;
        gone.values().for_each(|file| drop(self.drop_one(file.socket)));
    }

    /// Whether a process looks up a name at this moment.
    pub fn looks_up(&mut self, who: Who, looks_up: bool) {
        if let Some(process) = self.processes.get_mut(&who.process) {
            process.looks_up = looks_up;
        }
    }

    /// A new descriptor of a new socket.
    pub fn opens(&mut self, who: Who, number: i32, socket: Socket, ends_at_exec: bool) -> Id {
        self.sockets_made += 1;
        let id = self.sockets_made;
        if self.sockets.len() < MOST_SOCKETS
            && let Some(process) = self.processes.get_mut(&who.process)
        {
            let in_lookup = process.looks_up;
            self.sockets.insert(id, Socket { descriptors: 1, in_lookup, ..socket });
            self.put(who, number, File { socket: id, ends_at_exec });
        }
        id
    }

    /// One more descriptor of the same socket.
    pub fn duplicates(&mut self, who: Who, from: i32, to: i32, ends_at_exec: bool) {
        let process = self.processes.get(&who.process);
        let Some(file) = process.and_then(|process| process.files.get(&from)).copied() else {
            return;
        };
        if from != to
            && let Some(socket) = self.sockets.get_mut(&file.socket)
        {
            socket.descriptors += 1;
            self.put(who, to, File { ends_at_exec, ..file });
        }
    }

    /// Sets whether a descriptor ends when a new program takes over.
    pub fn ends_at_exec(&mut self, who: Who, number: i32, ends_at_exec: bool) {
        let process = self.processes.get_mut(&who.process);
        if let Some(file) = process.and_then(|process| process.files.get_mut(&number)) {
            file.ends_at_exec = ends_at_exec;
        }
    }

    fn put(&mut self, who: Who, number: i32, file: File) {
        let process = self.processes.get_mut(&who.process);
        let old = process.and_then(|process| process.files.insert(number, file));
        if let Some(old) = old {
            let _ = self.drop_one(old.socket); // dup2() closes what was there
        }
    }

    /// A descriptor is closed. The socket, where it was the last one.
    pub fn closes(&mut self, who: Who, number: i32) -> Option<Socket> {
        let file = self.processes.get_mut(&who.process)?.files.remove(&number)?;
        self.drop_one(file.socket)
    }

    fn drop_one(&mut self, id: Id) -> Option<Socket> {
        let socket = self.sockets.get_mut(&id)?;
        socket.descriptors = socket.descriptors.saturating_sub(1);
        if socket.descriptors > 0 { None } else { self.sockets.remove(&id) }
    }

    /// The socket of a descriptor that strace writes like `3<TCP:[…]>`. One that the program had
    /// from its beginning is known by that.
    pub fn socket(&mut self, who: Who, argument: &str) -> Option<(i32, Id)> {
        let (number, note) = descriptor(argument)?;
        let note = socket_note(note);
        let process = self.processes.get(&who.process)?;
        let id = match process.files.get(&number) {
            Some(file) => file.socket,
            None => {
                let (protocol, _, peer) = note.filter(|(protocol, ..)| is_socket(protocol))?;
                let stage = if peer.is_some() { Stage::Connected } else { Stage::Apart };
                let protocol = plain(protocol);
                self.opens(who, number, Socket { protocol, stage, ..Socket::default() }, false)
            }
        };
        let socket = self.sockets.get_mut(&id)?;
        if let Some((protocol, local, peer)) = note.filter(|(protocol, ..)| is_socket(protocol)) {
            if socket.protocol == "other" {
                socket.protocol = plain(protocol);
            }
            socket.local = local.map(String::from).or(socket.local.take());
            socket.peer = peer.map(String::from).or(socket.peer.take());
        }
        Some((number, id))
    }

    /// What is known of a socket that has a descriptor.
    pub fn get(&self, id: Id) -> Option<&Socket> {
        self.sockets.get(&id)
    }

    /// The same, to change it.
    pub fn get_mut(&mut self, id: Id) -> Option<&mut Socket> {
        self.sockets.get_mut(&id)
    }

    /// Every call may make a thread or a process, end it, or change descriptors.
    pub fn follow(&mut self, who: Who, call: &Call) {
        let number =
            |i: usize| call.arguments.get(i).and_then(|text| descriptor(text)).map(|d| d.0);
        let has =
            |i: usize, flag: &str| call.arguments.get(i).is_some_and(|text| text.contains(flag));
        let Some(value) = call.result.value.filter(|value| *value >= 0) else { return };
        let Ok(value) = i32::try_from(value) else { return };
        match &call.name[..] {
            "clone" | "clone3" | "fork" | "vfork" if value > 0 => {
                self.starts(call.thread, value as u32, &call.arguments.join(","));
            }
            "execve" => self.execs(who),
            "dup" | "dup2" | "dup3" => {
                if let Some(from) = number(0) {
                    self.duplicates(who, from, value, has(2, "O_CLOEXEC"));
                }
            }
            "fcntl" if has(1, "F_DUPFD") => {
                if let Some(from) = number(0) {
                    self.duplicates(who, from, value, has(1, "CLOEXEC"));
                }
            }
            "fcntl" if has(1, "F_SETFD") => {
                if let Some(of) = number(0) {
                    self.ends_at_exec(who, of, has(2, "FD_CLOEXEC"));
                }
            }
            _ => {}
        }
    }
}
