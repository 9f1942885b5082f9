//! A socket, as far as the calls tell.

/// What is known of one socket.
#[derive(Debug, Clone, Default)]
pub struct Socket {
    /// `TCP`, `UDP`, `UNIX`, `NETLINK` …
    pub protocol: String,
    /// Its own address, once it has one.
    pub local: Option<String>,
    /// The other side, once there is one.
    pub peer: Option<String>,
    /// Whether a connection is there, being made, or neither.
    pub stage: Stage,
    /// Whether FIN or RST has gone out, so that its end sends nothing more.
    pub is_over: bool,
    /// Whether `SO_LINGER` of 0 seconds is set: its end is RST.
    pub resets: bool,
    /// Whether bytes have gone out or come in.
    pub has_data: bool,
    /// Whether bind() has given it an address.
    pub is_bound: bool,
    /// Whether it was made while a name was looked up.
    pub in_lookup: bool,
    /// How many descriptors it has.
    pub descriptors: usize,
}

/// How far a TCP connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stage {
    /// There is none.
    #[default]
    Apart,
    /// SYN has gone out.
    Connecting,
    /// It is there.
    Connected,
}

impl Socket {
    /// Whether it speaks IP.
    pub fn is_ip(&self) -> bool {
        !matches!(&self.protocol[..], "UNIX" | "NETLINK" | "PACKET" | "VSOCK" | "ALG" | "other")
    }

    /// Whether it is a stream of TCP.
    pub fn is_tcp(&self) -> bool {
        self.protocol == "TCP"
    }
}

/// What the last close() of a socket sends.
pub fn goodbye(socket: &Socket) -> Option<&'static str> {
    let is_open = socket.is_tcp() && socket.stage == Stage::Connected && !socket.is_over;
    is_open.then_some(if socket.resets { "RST" } else { "FIN" })
}

/// `TCP:[…]`, `UNIX-STREAM:[…]`, `socket:[…]`; not `pipe:[…]`, `anon_inode:[…]`.
pub fn is_socket(protocol: &str) -> bool {
    protocol == "socket" || protocol.starts_with(|c: char| c.is_ascii_uppercase())
}

/// `TCP` of `TCPv6`, `UNIX` of `UNIX-STREAM`, `other` of `socket`, which is what strace says where
/// the system does not tell.
pub fn plain(protocol: &str) -> String {
    let protocol = protocol.strip_suffix("v6").unwrap_or(protocol);
    match protocol.split('-').next().unwrap_or_default() {
        "socket" => "other".into(),
        plain => plain.to_string(),
    }
}
