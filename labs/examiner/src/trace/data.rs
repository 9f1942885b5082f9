//! Bytes that go out and come in.

use super::parts::{address, after, data, number, room};
use super::row::{Direction, What};
use super::socket::Stage;
use super::words::{Said, Telling};
use crate::exam::transcript::{count, grouped};

impl Telling<'_> {
    /// `send(socket 3, 5 bytes) = 5`.
    pub fn send(&mut self) -> Said {
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

    /// `recv(socket 3, up to 4,096) = 5`, `= 0: end of the stream`.
    pub fn receive(&mut self) -> Said {
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
}

/// `1 byte`, `4,096 bytes`.
fn bytes(number: i64) -> String {
    count(number.try_into().unwrap_or(0), "byte")
}
