//! What a program asks of the system about its sockets: seen through strace(1), told in words, drawn
//! beside what it means on the wire.

mod connections;
mod data;
mod draw;
mod keep;
mod lines;
mod machine;
mod mermaid;
mod options;
mod parts;
mod row;
pub mod run;
mod socket;
mod waiting;
mod words;

use std::collections::BTreeMap;

use serde::Serialize;
use socket_labs::bytes::printable;

use self::keep::Kept;
use self::lines::{Call, Line, Reader};
use self::machine::{Id, Machine, Who};
use self::row::{Direction, What, Wire};
use self::socket::Socket;

pub use self::draw::table;
pub use self::mermaid::diagram;
pub use self::row::{Group, Row};

/// The system calls that strace is asked for: all about sockets, and what makes and ends processes
/// and descriptors.
pub const CALLS: &str = "trace=%network,read,write,readv,writev,close,dup,dup2,dup3,fcntl,ioctl,poll,\
    ppoll,select,pselect6,epoll_wait,epoll_pwait,epoll_ctl,clone,clone3,fork,vfork,execve,openat";

/// Reads the lines of strace, one after the other, and keeps what is to be shown.
pub struct Trace {
    program: String,
    all: bool,
    started: Option<u64>,
    reader: Reader,
    machine: Machine,
    rows: Kept,
    left_out: BTreeMap<Group, usize>,
    /// Calls that a signal came into: the system makes most of them again.
    interrupted: BTreeMap<u32, Call>,
}

/// All that is to be shown.
#[derive(Debug, Serialize)]
pub struct Story {
    /// The program, as it was started.
    pub program: String,
    /// The calls at the beginning.
    pub calls: Vec<Row>,
    /// How many calls behind them are not kept.
    pub calls_not_kept: usize,
    /// The calls at the end, where some are not kept.
    pub last_calls: Vec<Row>,
    /// How many calls no lesson needs.
    pub left_out: LeftOut,
}

/// How many calls are left out because no lesson needs them.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// Of looking up names.
    pub names: usize,
    /// On sockets that do not leave the machine.
    pub local: usize,
    /// That move no bytes.
    pub housekeeping: usize,
}

impl Trace {
    /// Of a program that is started like this. `all` shows what lessons do without.
    pub fn new(program: impl Into<String>, all: bool) -> Trace {
        Trace {
            program: program.into(),
            all,
            started: None,
            reader: Reader::default(),
            machine: Machine::default(),
            rows: Kept::default(),
            left_out: BTreeMap::new(),
            interrupted: BTreeMap::new(),
        }
    }

    /// Takes a line of strace, which is printable as strace writes it.
    pub fn line(&mut self, line: &str) {
        match self.reader.read(&printable(line.as_bytes())) {
            Some(Line::Call(call)) => self.call(call),
            Some(Line::Signal { thread, at, name }) => self.signal(thread, at, &name),
            Some(Line::End { thread, at, how }) => self.end(thread, at, &how),
            None => {}
        }
    }

    /// Whether strace has shown anything.
    pub fn has_begun(&self) -> bool {
        self.started.is_some()
    }

    /// The calls that have not returned are told too, and all of it is put in order.
    pub fn finish(mut self) -> Story {
        for call in self.reader.rest() {
            self.call(call);
        }
        let threads: Vec<u32> = self.interrupted.keys().copied().collect();
        threads.into_iter().for_each(|thread| self.flush(thread));
        let of = |group| self.left_out.get(&group).copied().unwrap_or(0);
        let left_out = LeftOut {
            names: of(Group::Lookup),
            local: of(Group::Local),
            housekeeping: of(Group::Housekeeping),
        };
        let (mut calls, calls_not_kept, mut last_calls) = self.rows.parts();
        number(calls.iter_mut().chain(&mut last_calls));
        Story { program: self.program, calls, calls_not_kept, last_calls, left_out }
    }

    fn who(&mut self, thread: u32) -> Who {
        self.machine.who(thread, self.reader.parent())
    }

    fn since_start(&mut self, at: u64) -> u64 {
        at.saturating_sub(*self.started.get_or_insert(at))
    }

    fn call(&mut self, mut call: Call) {
        self.since_start(call.at);
        let who = self.who(call.thread);
        if call.result.errno.as_deref().is_some_and(|errno| errno.starts_with("ERESTART")) {
            self.flush(call.thread);
            self.interrupted.insert(call.thread, call);
            return;
        }
        if let Some(first) = self.interrupted.get(&call.thread) {
            if first.name == call.name && first.arguments.first() == call.arguments.first() {
                // The same call once more, which the program knows nothing of.
                call.took =
                    call.took.map(|took| call.at.saturating_add(took).saturating_sub(first.at));
                call.at = first.at;
                self.interrupted.remove(&call.thread);
            } else {
                self.flush(call.thread);
            }
        }
        self.machine.follow(who, &call);
        self.tell(who, &call);
    }

    /// Tells of a call that a signal ended.
    fn flush(&mut self, thread: u32) {
        if let Some(call) = self.interrupted.remove(&thread) {
            let who = self.who(thread);
            self.tell(who, &call);
        }
    }

    fn tell(&mut self, who: Who, call: &Call) {
        if call.name == "openat" {
            let of_names =
                ["/etc/hosts", "/etc/resolv.conf", "/etc/gai.conf", "/etc/nsswitch.conf"];
            let path = call.arguments.get(1).map_or("", |path| path.trim_matches('"'));
            if of_names.contains(&path) {
                self.machine.looks_up(who, true);
            }
            return;
        }
        let socket = call.arguments.first().and_then(|first| self.machine.socket(who, first));
        let closing = socket.filter(|_| call.name == "close");
        let closing = closing.and_then(|(_, id)| Some((id, self.machine.get(id)?.clone())));
        let Some(mut row) = words::tell(&mut self.machine, who, call) else { return };
        row.at = self.since_start(row.at);
        let waits = ["accept", "recv", "read", "poll", "select", "pselect", "ppoll"];
        if waits.iter().any(|name| row.call.starts_with(name)) {
            row.at = row.at.saturating_add(row.took.unwrap_or(0));
        }
        if let Some((id, socket)) = closing {
            (row.local, row.peer) = (socket.local.clone(), socket.peer.clone());
            row.protocol = Some(socket.protocol.clone());
            self.closed(id, &socket, &mut row);
        }
        self.lookup(&mut row, who);
        self.add(row);
    }

    /// Whether a socket asks a name server, which a lesson does without.
    fn lookup(&mut self, row: &mut Row, who: Who) {
        let Some(id) = row.socket else { return };
        let to = |wire: &Wire| wire.peer.as_deref().is_some_and(|peer| peer.ends_with(":53"));
        let asks = row.peer.as_deref().is_some_and(|peer| peer.ends_with(":53"))
            && row.local.as_deref().is_none_or(|local| !local.ends_with(":53"));
        if asks || row.wire.iter().any(to) {
            row.group = row.group.or(Some(Group::Lookup));
            self.hide(id);
        } else if matches!(
            (row.protocol.as_deref(), &row.call[..]),
            (Some("TCP"), _) | (Some("UDP"), "bind")
        ) {
            self.machine.looks_up(who, false); // the program's own socket: the lookup is over
        }
    }

    /// glibc tries each address of a name with a UDP socket that it connects and never uses.
    fn closed(&mut self, id: Id, socket: &Socket, row: &mut Row) {
        let is_trial = socket.in_lookup && !socket.has_data && !socket.is_bound;
        if is_trial && socket.protocol == "UDP" && socket.peer.is_some() {
            row.group = Some(Group::Lookup);
            self.hide(id);
        }
    }

    fn hide(&mut self, id: Id) {
        if !self.all {
            let hidden = self.rows.remove(id);
            *self.left_out.entry(Group::Lookup).or_default() += hidden;
        }
    }

    fn add(&mut self, row: Row) {
        match row.group {
            Some(group) if !self.all => *self.left_out.entry(group).or_default() += 1,
            _ => self.rows.push(row),
        }
    }

    fn signal(&mut self, thread: u32, at: u64, name: &str) {
        if matches!(name, "SIGCHLD" | "SIGURG" | "SIGWINCH" | "SIGCONT") {
            return;
        }
        let words = match name {
            "SIGINT" => "SIGINT comes in (Ctrl-C)".to_string(),
            name => format!("{name} comes in"),
        };
        let (at, who) = (self.since_start(at), self.who(thread));
        self.rows.push(Row { at, who, result: words, ..Row::default() });
    }

    /// At the end of a process, the system closes what is open.
    fn end(&mut self, thread: u32, at: u64, how: &str) {
        self.flush(thread);
        let at = self.since_start(at);
        let Some((who, gone)) = self.machine.ends(thread) else { return };
        for (number, id, socket) in gone {
            let Some(sign) = socket::goodbye(&socket) else { continue };
            let wire = Wire {
                direction: Direction::Out,
                what: What::Sign(sign),
                peer: socket.peer.clone(),
            };
            self.rows.push(Row {
                at,
                who,
                result: format!("{how}: the system closes socket {number}"),
                descriptor: Some(number),
                socket: Some(id),
                protocol: Some(socket.protocol),
                local: socket.local,
                peer: socket.peer,
                wire: vec![wire],
                ..Row::default()
            });
        }
    }
}

/// Processes and threads that make calls on sockets, numbered in the order in which they first do; 1
/// is the main thread of each process.
fn number<'a>(rows: impl Iterator<Item = &'a mut Row>) {
    let place = |seen: &mut Vec<usize>, number: usize| {
        seen.iter().position(|known| *known == number).unwrap_or_else(|| {
            seen.push(number);
            seen.len() - 1
        })
    };
    let (mut processes, mut threads) = (Vec::new(), BTreeMap::new());
    for row in rows {
        let seen: &mut Vec<usize> = threads.entry(row.who.process).or_insert_with(|| vec![1]);
        row.who.thread = place(seen, row.who.thread) + 1;
        row.who.process = place(&mut processes, row.who.process) + 1;
    }
}
