//! The life of a socket in words: from socket() to close().

use super::parts::{address, descriptor};
use super::row::{Direction, Group, What};
use super::socket::{Socket, Stage, goodbye};
use super::words::{Said, Telling};

impl Telling<'_> {
    /// `socket(IPv4, TCP) = socket 3`.
    pub fn socket(&mut self) -> Option<Said> {
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

    /// `bind(socket 3, 127.0.0.1:12000)`.
    pub fn bind(&mut self) -> Said {
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

    /// `listen(socket 3, backlog 10)`.
    pub fn listen(&mut self) -> Said {
        let arguments = format!("{}, backlog {}", self.name(), self.argument(1));
        Said::new("listen", arguments, self.result(""))
    }

    /// `accept(socket 3) = socket 4, from 127.0.0.1:50312`.
    pub fn accept(&mut self) -> Said {
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

    /// `connect(socket 3, 127.0.0.1:12000) = connected`.
    pub fn connect(&mut self) -> Said {
        let peer = address(self.argument(1));
        let is_tcp = self.is_tcp();
        let (value, errno) = (self.value(), self.errno().map(String::from));
        let is_there = self.known().is_some_and(|socket| socket.stage == Stage::Connected);
        if let Some(socket) = self.known().filter(|_| value == Some(0) || !is_there) {
            socket.peer = peer.clone().filter(|peer| peer.contains(':'));
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

    /// `getsockname(socket 3) = 127.0.0.1:50312`.
    pub fn name_of(&mut self, name: &str) -> Said {
        let found = address(self.argument(1)).unwrap_or("an address".into());
        if let Some(socket) = self.known()
            && name == "getsockname"
        {
            socket.local = Some(found.clone());
        }
        Said::new(name, self.name(), self.result(found))
    }

    /// `shutdown(socket 3, no more writing)`: FIN goes out, and bytes may still come in.
    pub fn shutdown(&mut self) -> Said {
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

    /// `close(socket 3)`. The last descriptor of a connection sends FIN.
    pub fn close(&mut self) -> Option<Said> {
        let (fd, _) = self.about?;
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
}
