//! Calls in words, and what they mean on the wire.

use socket_labs::bytes::printable;
use socket_labs::error::TABLE;

use super::lines::Call;
use super::machine::{Id, Machine, Socket, Stage, Who, is_socket};
use super::options;
use super::parts::{address, after, data, descriptor, number, room, socket_note};
use super::row::{Direction, Group, Row, What, Wire};
use super::waiting;
use crate::exam::transcript::{count, grouped};

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

    fn is_tcp(&self) -> bool {
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

    fn socket(&mut self) -> Option<Said> {
        let (domain, kind) = (self.argument(0), self.argument(1));
        let ip = match domain {
            "AF_INET" => Some("IPv4"),
            "AF_INET6" => Some("IPv6"),
            _ => None,
        };
        let protocol = match kind {
            _ if ip.is_none() && matches!(domain, "AF_UNIX" | "AF_LOCAL") => "UNIX",
            _ if ip.is_none() => "NETLINK",
            kind if kind.starts_with("SOCK_STREAM") => "TCP",
            kind if kind.starts_with("SOCK_DGRAM") && self.argument(2) != "IPPROTO_ICMP" => "UDP",
            kind if kind.starts_with("SOCK_RAW") => "RAW",
            _ => "ICMP",
        };
        let mut result = self.result("");
        if let Some(fd) = self.value().filter(|value| *value >= 0) {
            let socket = Socket { protocol: protocol.into(), ..Socket::default() };
            let fd = fd.try_into().ok()?;
            let id = self.machine.opens(self.who, fd, socket, kind.contains("SOCK_CLOEXEC"));
            self.about = Some((fd, id));
            result = format!("socket {fd}");
        }
        let arguments = match ip {
            Some(ip) => format!("{ip}, {protocol}"),
            None => format!("{domain}, {}", kind.split('|').next().unwrap_or_default()),
        };
        let said = Said::new("socket", arguments, result);
        Some(if ip.is_some() { said } else { said.of(Group::Local) })
    }

    fn bind(&mut self) -> Said {
        let local = address(self.argument(1));
        if self.value() == Some(0)
            && let Some(socket) = self.known()
        {
            socket.is_bound = true;
            socket.local = local.clone();
        }
        let arguments = format!("{}, {}", self.name(), local.unwrap_or("?".into()));
        Said::new("bind", arguments, self.result(""))
    }

    fn listen(&mut self) -> Said {
        let arguments = format!("{}, backlog {}", self.name(), self.argument(1));
        Said::new("listen", arguments, self.result(""))
    }

    fn accept(&mut self) -> Said {
        let of = self.name();
        let mut result = self.result("");
        let number = descriptor(&self.call.result.word).map(|(number, _)| number);
        if let (Some(number), None) = (number, self.errno()) {
            let listener = self.known().cloned().unwrap_or_default();
            let peer = address(self.argument(1));
            let socket = Socket {
                protocol: listener.protocol,
                local: listener.local,
                peer: peer.clone(),
                stage: Stage::Connected,
                ..Socket::default()
            };
            let ends_at_exec = self.argument(3).contains("SOCK_CLOEXEC");
            let id = self.machine.opens(self.who, number, socket, ends_at_exec);
            self.machine.socket(self.who, &self.call.result.word); // it may tell the other side too
            self.about = Some((number, id));
            let peer = peer.or_else(|| self.known()?.peer.clone());
            result = match &peer {
                Some(peer) => format!("socket {number}, from {peer}"),
                None => format!("socket {number}"),
            };
            self.sign(Direction::In, "connection");
        }
        Said::new("accept", of, result)
    }

    fn connect(&mut self) -> Said {
        let peer = address(self.argument(1));
        let is_tcp = self.is_tcp();
        let (value, errno) = (self.value(), self.errno().map(String::from));
        if let Some(socket) = self.known() {
            socket.peer = peer.clone();
            socket.stage = match (value, errno.as_deref()) {
                (Some(0), _) => Stage::Connected,
                (_, Some("EINPROGRESS")) | (None, _) => Stage::Connecting,
                _ => Stage::Apart,
            };
        }
        if is_tcp {
            self.sign_of_connect(value, errno.as_deref());
        }
        let arguments = format!("{}, {}", self.name(), peer.unwrap_or("?".into()));
        let well = if is_tcp { "connected" } else { "done: nothing is sent" };
        Said::new("connect", arguments, self.result(well))
    }

    fn sign_of_connect(&mut self, value: Option<i64>, errno: Option<&str>) {
        // Where this machine itself refuses, nothing goes out.
        let goes_out = ["EINPROGRESS", "ECONNREFUSED", "ETIMEDOUT", "EHOSTUNREACH", "EINTR"];
        if value == Some(0) || errno.is_none_or(|errno| goes_out.contains(&errno)) {
            self.sign(Direction::Out, "SYN");
        }
        match errno {
            _ if value == Some(0) => self.sign(Direction::In, "SYN, ACK"),
            Some("ECONNREFUSED") => self.sign(Direction::In, "RST"),
            _ => {}
        }
    }

    fn name_of(&mut self, name: &str) -> Said {
        let found = address(self.argument(1)).unwrap_or("an address".into());
        if let Some(socket) = self.known()
            && name == "getsockname"
        {
            socket.local = Some(found.clone());
        }
        Said::new(name, self.name(), self.result(found))
    }

    fn shutdown(&mut self) -> Said {
        let (sends_fin, how) = match self.argument(1) {
            "SHUT_RD" => (false, "no more reading"),
            "SHUT_WR" => (true, "no more writing"),
            _ => (true, "no more of either"),
        };
        if sends_fin && self.value() == Some(0) && self.is_tcp() {
            self.say_goodbye("FIN");
        }
        Said::new("shutdown", format!("{}, {how}", self.name()), self.result(""))
    }

    fn say_goodbye(&mut self, sign: &'static str) {
        let Some(socket) = self.known() else { return };
        let is_open = socket.stage == Stage::Connected && !socket.is_over;
        socket.is_over = true;
        if is_open {
            self.sign(Direction::Out, sign);
        }
    }

    fn close(&mut self) -> Option<Said> {
        let Some((fd, _)) = self.about else { return None };
        let name = self.name();
        if self.errno().is_none() && self.value().is_some() {
            let last = self.machine.closes(self.who, fd);
            if let Some((sign, peer)) =
                last.as_ref().and_then(|socket| Some((goodbye(socket)?, socket.peer.clone())))
            {
                self.draw(Direction::Out, What::Sign(sign), peer);
            }
            let (result, gone) = match last {
                Some(socket) => ("", Some(socket)),
                None => ("another descriptor of it is open", None),
            };
            let mut said = Said::new("close", name, result);
            if gone.is_some_and(|socket| !socket.is_ip()) {
                said = said.of(Group::Local);
            }
            return Some(said);
        }
        Some(Said::new("close", name, self.result("")))
    }

    fn send(&mut self) -> Said {
        let (call, text) = (self.call, self.argument(1));
        let is_message = call.name == "sendmsg";
        let to = match is_message {
            true => after(text, "msg_name=").filter(|name| name.starts_with('{')).and_then(address),
            false => address(self.argument(4)),
        };
        let many = matches!(&call.name[..], "sendmsg" | "writev");
        let asked = if many { Some(room(text)) } else { number(self.argument(2)) };
        let mut arguments = format!("{}, {}", self.name(), bytes(asked.unwrap_or(0)));
        if let Some(to) = &to {
            arguments += &format!(" to {to}");
        }
        let taken = self.value().filter(|value| *value >= 0);
        if let Some(taken) = taken.and_then(|taken| usize::try_from(taken).ok()) {
            self.move_data(Direction::Out, data(text), taken, to.clone());
        } else if self.errno() == Some("ECONNRESET") {
            self.sign(Direction::In, "RST");
        }
        let well = match (taken.unwrap_or(0), asked) {
            (taken, Some(asked)) if taken < asked => format!("{}: a part", bytes(taken)),
            (taken, _) => grouped(taken.try_into().unwrap_or(0)),
        };
        let name = match &call.name[..] {
            "sendto" if to.is_none() => "send",
            name => name,
        };
        Said::new(name, arguments, self.result(well))
    }

    fn receive(&mut self) -> Said {
        let (call, text) = (self.call, self.argument(1));
        let from = match &call.name[..] {
            "recvmsg" => {
                after(text, "msg_name=").filter(|name| name.starts_with('{')).and_then(address)
            }
            _ => address(self.argument(4)),
        };
        let many = matches!(&call.name[..], "recvmsg" | "readv");
        let space = if many { room(text) } else { number(self.argument(2)).unwrap_or(0) };
        let mut arguments = self.name();
        if space > 0 {
            arguments += &format!(", up to {}", grouped(space.try_into().unwrap_or(0)));
        }
        let flags = call.arguments.iter().skip(2).find(|word| word.contains("MSG_PEEK"));
        if flags.is_some() {
            arguments += ", only to look";
        }
        let is_tcp = self.is_tcp();
        let got = self.value().filter(|value| *value >= 0);
        let got = got.and_then(|got| usize::try_from(got).ok());
        match (got, self.errno()) {
            _ if flags.is_some() => {}
            (Some(0), _) if is_tcp && space > 0 => self.sign(Direction::In, "FIN"),
            (Some(got), _) => self.move_data(Direction::In, data(text), got, from.clone()),
            (_, Some("ECONNRESET")) if is_tcp => {
                self.sign(Direction::In, "RST");
                self.known().into_iter().for_each(|socket| socket.is_over = true);
            }
            (_, Some("ECONNREFUSED")) => self.sign(Direction::In, "ICMP: port unreachable"),
            _ => {}
        }
        let well = match (got, from) {
            (Some(0), _) if is_tcp => "0: end of the stream".into(),
            (got, Some(from)) => format!("{} from {from}", grouped(got.unwrap_or(0))),
            (got, None) => grouped(got.unwrap_or(0)),
        };
        let name = match &call.name[..] {
            "recvfrom" if self.argument(4) == "NULL" => "recv",
            name => name,
        };
        Said::new(name, arguments, self.result(well))
    }

    fn move_data(&mut self, to: Direction, bytes: Vec<u8>, all: usize, peer: Option<String>) {
        let Some(socket) = self.known() else { return };
        socket.has_data = true;
        let datagram = !socket.is_tcp();
        if socket.is_tcp() && socket.stage == Stage::Connecting {
            socket.stage = Stage::Connected;
        }
        let shown = bytes.into_iter().take(all).collect();
        self.draw(to, What::Data { bytes: shown, count: all, datagram }, peer);
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

/// What the last close() of a socket sends.
pub fn goodbye(socket: &Socket) -> Option<&'static str> {
    let is_open = socket.is_tcp() && socket.stage == Stage::Connected && !socket.is_over;
    is_open.then_some(if socket.resets { "RST" } else { "FIN" })
}

/// `1 byte`, `4,096 bytes`.
fn bytes(number: i64) -> String {
    count(number.try_into().unwrap_or(0), "byte")
}
