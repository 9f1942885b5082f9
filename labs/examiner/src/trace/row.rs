//! What the table shows of one call.

use serde::{Serialize, Serializer};

use super::machine::{Id, Who};
use socket_labs::bytes::printable;

/// One call, in words.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Row {
    /// Microseconds since the first call that is shown. For a call that waits for the other side, this is
    /// when it returned; for any other one, when it began.
    #[serde(rename = "at_us")]
    pub at: u64,
    /// How long it lasted, in microseconds; `None` where it had not returned at the end.
    #[serde(rename = "took_us")]
    pub took: Option<u64>,
    /// Which process and thread.
    #[serde(flatten)]
    pub who: Who,
    /// As it is called in a program: `recv`.
    pub call: String,
    /// As the kernel calls it: `recvfrom`.
    pub system_call: String,
    /// Its arguments in words.
    pub arguments: String,
    /// What it returned, in words.
    pub result: String,
    /// The number that it returned.
    pub value: Option<i64>,
    /// `ECONNREFUSED`.
    pub errno: Option<String>,
    /// The descriptor of its socket.
    pub descriptor: Option<i32>,
    /// `TCP`, `UDP`.
    pub protocol: Option<String>,
    /// The address of the socket.
    pub local: Option<String>,
    /// The other side.
    pub peer: Option<String>,
    /// What it means on the wire.
    pub wire: Vec<Wire>,
    /// The socket it is about.
    #[serde(skip)]
    pub socket: Option<Id>,
    /// Why it is left out where not everything is asked for.
    #[serde(skip)]
    pub group: Option<Group>,
}

/// Calls that a lesson does without.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Looking up a name: questions to a name server, and glibc's trial of each address.
    Lookup,
    /// Sockets that do not leave the machine: AF_UNIX, netlink.
    Local,
    /// Calls that move no bytes: fcntl, ioctl, epoll, most of getsockopt.
    Housekeeping,
}

/// What goes over the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Wire {
    /// Whether it goes out or comes in.
    pub direction: Direction,
    /// What it is.
    #[serde(flatten)]
    pub what: What,
    /// The other side.
    pub peer: Option<String>,
}

/// From the program, or to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// To the other side.
    Out,
    /// From the other side.
    In,
}

/// A sign of the protocol, or bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum What {
    /// `SYN`, `FIN`, `RST`.
    Sign(&'static str),
    /// Bytes of a stream, or a datagram.
    Data {
        /// The first of them.
        #[serde(serialize_with = "as_text")]
        bytes: Vec<u8>,
        /// How many there are.
        count: usize,
        /// Whether they are a datagram.
        datagram: bool,
    },
}

impl Row {
    /// `connect(socket 3, 127.0.0.1:12000) = connected`.
    pub fn words(&self) -> String {
        let Row { call, arguments, result, .. } = self;
        match (&call[..], &result[..]) {
            ("", result) => result.into(),
            (call, "") => format!("{call}({arguments})"),
            (call, result) => format!("{call}({arguments}) = {result}"),
        }
    }
}

impl What {
    /// Whether it is bytes.
    pub fn is_data(&self) -> bool {
        matches!(self, What::Data { .. })
    }

    /// `FIN`; `"hello\r\n"`, cut where it is too long, and how many bytes.
    pub fn text(&self, width: usize) -> String {
        let (bytes, count, datagram) = match self {
            What::Sign(sign) => return (*sign).into(),
            What::Data { bytes, count, datagram } => (bytes, *count, *datagram),
        };
        if count == 0 && datagram {
            return "empty datagram".into();
        }
        let whole = format!("\"{}\"", printable(bytes));
        if bytes.len() == count && whole.chars().count() <= width {
            return whole;
        }
        let tail = match width {
            ..32 => "…\"".to_string(),
            _ => format!("…\" {}", crate::exam::transcript::count(count, "byte")),
        };
        let room = width.saturating_sub(tail.chars().count());
        whole.trim_end_matches('"').chars().take(room).chain(tail.chars()).collect()
    }
}

fn as_text<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&printable(bytes))
}
