//! The sockets of this machine, as `netstat` and `ss` show them.
//!
//! On Linux the table is a set of text files, `/proc/net/tcp` and its sisters, and reading them is
//! a lesson of its own. On macOS and Windows the crate `listeners` asks the system; it does not
//! tell the remote address and the queues. On any other system [`read`] is an honest error.

use std::fmt;
use std::io;
use std::net::SocketAddr;

#[cfg(target_os = "linux")]
#[path = "linux.rs"]
mod system;
#[cfg(any(target_os = "macos", windows))]
#[path = "macos_windows.rs"]
mod system;
#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
#[path = "elsewhere.rs"]
mod system;

/// One line of a table of Linux, for whoever tests how it is read.
#[cfg(target_os = "linux")]
#[doc(hidden)]
pub use system::row;

/// Every TCP and UDP socket of this machine.
///
/// # Errors
///
/// This system does not give its table.
pub fn read() -> io::Result<Vec<Row>> {
    system::read(&|_| true)
}

/// The sockets that `keep` says yes to. It sees them before their owners are looked for, so that
/// one port of a busy machine costs no walk through all its processes.
///
/// # Errors
///
/// This system does not give its table.
pub fn read_some(keep: impl Fn(&Row) -> bool) -> io::Result<Vec<Row>> {
    system::read(&keep)
}

/// The two transport protocols of the course.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protocol {
    /// A byte stream (RFC 9293).
    Tcp,
    /// Datagrams (RFC 768).
    Udp,
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Protocol::Tcp => "tcp",
            Protocol::Udp => "udp",
        })
    }
}

/// The states of a TCP connection (RFC 9293, section 3.3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // the RFC's own words
pub enum State {
    Established,
    SynSent,
    SynReceived,
    FinWait1,
    FinWait2,
    TimeWait,
    Closed,
    CloseWait,
    LastAck,
    Listen,
    Closing,
}

impl State {
    /// The name that `netstat` prints.
    pub fn name(self) -> &'static str {
        match self {
            State::Established => "ESTABLISHED",
            State::SynSent => "SYN_SENT",
            State::SynReceived => "SYN_RECV",
            State::FinWait1 => "FIN_WAIT1",
            State::FinWait2 => "FIN_WAIT2",
            State::TimeWait => "TIME_WAIT",
            State::Closed => "CLOSE",
            State::CloseWait => "CLOSE_WAIT",
            State::LastAck => "LAST_ACK",
            State::Listen => "LISTEN",
            State::Closing => "CLOSING",
        }
    }
}

/// The program that has a socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// Its process number.
    pub pid: u32,
    /// Its short name. Whoever started it chose it: escape it before printing.
    pub program: String,
}

/// One socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// TCP or UDP; whether IPv4 or IPv6 is told by the addresses.
    pub protocol: Protocol,
    /// Its own address and port.
    pub local: SocketAddr,
    /// The address and port it is connected to, all zero where it is not connected; `None` where
    /// the system does not tell.
    pub remote: Option<SocketAddr>,
    /// The state of a TCP socket. UDP has none.
    pub state: Option<State>,
    /// Bytes received and not yet read by the program; on a listening TCP socket, connections made
    /// and not yet accepted. Linux counts for UDP the memory that the datagrams take, which is more
    /// than their bytes. `None` where the system does not tell.
    pub receive_queue: Option<u64>,
    /// Bytes written by the program and not yet acknowledged by the peer; `None` where the system
    /// does not tell.
    pub send_queue: Option<u64>,
    /// The program that has it; `None` where the system does not tell (another user's program, or
    /// a connection that outlived its program).
    pub owner: Option<Owner>,
}
