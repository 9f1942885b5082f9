//! Calls in words, and what they mean on the wire: what all of them share, and which is told where.

use socket_labs::bytes::printable;
use socket_labs::error::TABLE;

use super::lines::Call;
use super::machine::{Id, Machine, Who};
use super::options;
use super::parts::{descriptor, socket_note};
use super::row::{Direction, Group, Row, What, Wire};
use super::socket::{Socket, is_socket};
use super::waiting;

/// One call that is to be told.
pub struct Telling<'a> {
    pub machine: &'a mut Machine,
    pub who: Who,
    pub call: &'a Call,
    /// The descriptor and the socket of its first argument.
    pub about: Option<(i32, Id)>,
    pub wire: Vec<Wire>,
}

/// What a call says: its name in a program, its arguments, its result.
pub struct Said {
    pub call: String,
    pub arguments: String,
    pub result: String,
    pub group: Option<Group>,
}

impl Said {
    pub fn new(call: &str, arguments: impl Into<String>, result: impl Into<String>) -> Said {
        let (arguments, result) = (arguments.into(), result.into());
        Said { call: call.into(), arguments, result, group: None }
    }

    pub fn of(self, group: Group) -> Said {
        Said { group: Some(group), ..self }
    }
}

/// The row of a call; `None` where it is about no socket.
pub fn tell(machine: &mut Machine, who: Who, call: &Call) -> Option<Row> {
    let about = call.arguments.first().and_then(|first| machine.socket(who, first));
    let mut telling = Telling { machine, who, call, about, wire: Vec::new() };
    let said = telling.said()?;
    let (id, wire) = (telling.about.map(|about| about.1), telling.wire);
    let socket = id.and_then(|id| machine.get(id));
    let is_local = socket.is_some_and(|socket| !socket.is_ip());
    Some(Row {
        at: call.at,
        took: call.took,
        who,
        call: said.call,
        system_call: call.name.clone(),
        arguments: printable(said.arguments.as_bytes()),
        result: printable(said.result.as_bytes()),
        value: call.result.value,
        errno: call.result.errno.clone(),
        descriptor: about.map(|about| about.0),
        protocol: socket.map(|socket| socket.protocol.clone()),
        local: socket.and_then(|socket| socket.local.clone()),
        peer: socket.and_then(|socket| socket.peer.clone()),
        wire,
        socket: id,
        group: if is_local { Some(Group::Local) } else { said.group },
    })
}

impl<'a> Telling<'a> {
    fn said(&mut self) -> Option<Said> {
        let name = self.call.name.as_str();
        match name {
            "socket" => return self.socket(),
            "poll" | "ppoll" | "select" | "pselect6" | "_newselect" => return waiting::said(self),
            "close" => return self.close(),
            "dup" | "dup2" | "dup3" => return self.duplicate(),
            "fcntl" if self.argument(1).starts_with("F_DUPFD") => return self.duplicate(),
            name if name.starts_with("epoll_") => {
                return Some(self.plainly().of(Group::Housekeeping));
            }
            _ => self.about?,
        };
        Some(match name {
            "bind" => self.bind(),
            "listen" => self.listen(),
            "accept" | "accept4" => self.accept(),
            "connect" => self.connect(),
            "getsockname" | "getpeername" => self.name_of(name),
            "shutdown" => self.shutdown(),
            "send" | "sendto" | "sendmsg" | "write" | "writev" => self.send(),
            "recv" | "recvfrom" | "recvmsg" | "read" | "readv" => self.receive(),
            "setsockopt" => options::set(self),
            "getsockopt" => options::get(self),
            _ => self.plainly().of(Group::Housekeeping),
        })
    }

    /// An argument as strace writes it, empty where there is none.
    pub fn argument(&self, i: usize) -> &'a str {
        self.call.arguments.get(i).map_or("", |argument| argument)
    }

    pub fn value(&self) -> Option<i64> {
        self.call.result.value
    }

    pub fn errno(&self) -> Option<&str> {
        self.call.result.errno.as_deref()
    }

    pub fn known(&mut self) -> Option<&mut Socket> {
        self.about.and_then(|(_, id)| self.machine.get_mut(id))
    }

    /// `socket 3`.
    pub fn name(&self) -> String {
        self.about.map_or("?".into(), |(number, _)| format!("socket {number}"))
    }

    pub fn is_tcp(&self) -> bool {
        self.about.and_then(|(_, id)| self.machine.get(id)).is_some_and(Socket::is_tcp)
    }

    pub fn draw(&mut self, direction: Direction, what: What, peer: Option<String>) {
        if self.known().is_some_and(|socket| !socket.is_ip()) {
            return; // a socket of this machine alone
        }
        let known = self.known().and_then(|socket| socket.peer.clone());
        self.wire.push(Wire { direction, what, peer: peer.or(known) });
    }

    pub fn sign(&mut self, direction: Direction, sign: &'static str) {
        self.draw(direction, What::Sign(sign), None);
    }

    /// The result, in words where the call went well.
    pub fn result(&self, well: impl Into<String>) -> String {
        match (self.errno(), self.value()) {
            (Some(errno), _) => self.error(errno),
            (None, None) => "still waiting at the end".into(),
            (None, Some(_)) => well.into(),
        }
    }

    fn error(&self, errno: &str) -> String {
        let row = TABLE.iter().find(|row| row.name == errno);
        let text = match errno {
            "EINPROGRESS" => "under way",
            "EAGAIN" if self.call.took.unwrap_or(0) < 1_000 => "nothing yet, and it does not wait",
            _ if errno.starts_with("ERESTART") => return "interrupted by a signal".into(),
            _ => row.map_or(&self.call.result.more[..], |row| row.text),
        };
        format!("{errno}: {text}")
    }

    fn duplicate(&mut self) -> Option<Said> {
        self.about?;
        let number = self.value().map(|number| format!("socket {number}"));
        Some(Said::new("dup", self.name(), self.result(number.unwrap_or_default())))
    }

    /// Any other call, nearly as strace writes it.
    fn plainly(&self) -> Said {
        let word = |argument: &String| match descriptor(argument) {
            Some((number, note)) if socket_note(note).is_some_and(|(kind, ..)| is_socket(kind)) => {
                format!("socket {number}")
            }
            Some((number, _)) => number.to_string(),
            None => argument.chars().take(60).collect(),
        };
        let words: Vec<String> = self.call.arguments.iter().map(word).collect();
        let well = self.value().map_or(String::new(), |value| value.to_string());
        Said::new(&self.call.name, words.join(", "), self.result(well))
    }
}
