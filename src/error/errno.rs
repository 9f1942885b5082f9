//! The errors of socket calls: their names, their numbers on three systems, and what to try.
//!
//! Source: POSIX.1-2024 `<errno.h>` for the names and texts; Linux `asm-generic/errno.h`, Darwin
//! `sys/errno.h` and Windows `winsock2.h` for the numbers.

use std::io;

/// One error of the operating system.
#[derive(Debug, PartialEq, Eq)]
pub struct Errno {
    /// The name in `<errno.h>`, for example `EADDRINUSE`. Windows puts `WSA` in front of it.
    pub name: &'static str,
    /// What it means, in the words of POSIX where they are clear.
    pub text: &'static str,
    /// What to try. Empty where there is nothing to say in general.
    pub hint: &'static str,
    /// Its number on Linux.
    pub linux: i32,
    /// Its number on macOS and the BSDs.
    pub macos: i32,
    /// Its number on Windows (`WSAGetLastError`).
    pub windows: i32,
}

impl Errno {
    /// The row for an error of the operating system, or `None` for an error that is not one.
    pub fn of(error: &io::Error) -> Option<&'static Errno> {
        let number = error.raw_os_error()?;
        TABLE.iter().find(|errno| errno.number() == number)
    }

    /// Its number on the system that this program was compiled for.
    pub fn number(&self) -> i32 {
        if cfg!(windows) {
            self.windows
        } else if cfg!(any(target_os = "linux", target_os = "android")) {
            self.linux
        } else {
            self.macos
        }
    }
}

const fn row(
    name: &'static str,
    [linux, macos, windows]: [i32; 3],
    text: &'static str,
    hint: &'static str,
) -> Errno {
    Errno { name, text, hint, linux, macos, windows }
}

/// Every error that a socket call of this course is known to return.
pub const TABLE: &[Errno] = &[
    row(
        "EACCES",
        [13, 13, 10013],
        "Permission denied",
        "ports below 1024 belong to the administrator: choose a port from 1024 up",
    ),
    row(
        "EPERM",
        [1, 1, 5],
        "Operation not permitted",
        "a firewall rule on this machine may forbid it",
    ),
    row(
        "EADDRINUSE",
        [98, 48, 10048],
        "Address already in use",
        "choose another port, or end the program that has this one",
    ),
    row(
        "EADDRNOTAVAIL",
        [99, 49, 10049],
        "Cannot assign requested address",
        "no interface of this machine has that address: 127.0.0.1 always works, '' means all of them",
    ),
    row(
        "EAFNOSUPPORT",
        [97, 47, 10047],
        "Address family not supported",
        "this machine has no IPv6, or the socket and the address are of different families",
    ),
    row(
        "EAGAIN",
        [11, 35, 10035],
        "No data within the timeout",
        "is the other side running, and does it answer? --timeout waits longer, in a server --idle",
    ),
    row(
        "ETIMEDOUT",
        [110, 60, 10060],
        "Timed out",
        "nobody answered: is the address right, is a firewall dropping packets?",
    ),
    row(
        "EINPROGRESS",
        [115, 36, 10036],
        "Operation now in progress",
        "a connection is still being made: wait until the socket is writable",
    ),
    row(
        "ECONNREFUSED",
        [111, 61, 10061],
        "Connection refused",
        "the machine answered that no program listens on that port: start the server first, \
         or check the port",
    ),
    row(
        "ECONNRESET",
        [104, 54, 10054],
        "Connection reset by peer",
        "the other side ended the connection without the usual good-bye (RST in place of FIN)",
    ),
    row(
        "ECONNABORTED",
        [103, 53, 10053],
        "Connection aborted",
        "the connection was given up before it was used",
    ),
    row(
        "EPIPE",
        [32, 32, 10058],
        "Broken pipe",
        "the other side has closed: what is sent now reaches nobody",
    ),
    row(
        "ENOTCONN",
        [107, 57, 10057],
        "Socket is not connected",
        "connect() comes before send() and recv(), or the other side has gone already",
    ),
    row(
        "EISCONN",
        [106, 56, 10056],
        "Socket is already connected",
        "a TCP socket connects once: create a new one for the next connection",
    ),
    row(
        "EDESTADDRREQ",
        [89, 39, 10039],
        "Destination address required",
        "an unconnected UDP socket needs an address each time: sendto()",
    ),
    row(
        "EMSGSIZE",
        [90, 40, 10040],
        "Message too long",
        "a UDP datagram over IPv4 carries at most 65,507 bytes",
    ),
    row(
        "ENETUNREACH",
        [101, 51, 10051],
        "Network is unreachable",
        "this machine knows no way to that network: is it online?",
    ),
    row(
        "EHOSTUNREACH",
        [113, 65, 10065],
        "No route to host",
        "the network is there, the machine is not: is it switched on, is the address right?",
    ),
    row(
        "ENETRESET",
        [102, 52, 10052],
        "Network dropped connection on reset",
        "a datagram got lost on its way: its time to live ran out",
    ),
    row("ENETDOWN", [100, 50, 10050], "Network is down", "switch the network interface on"),
    row(
        "EMFILE",
        [24, 24, 10024],
        "Too many open files",
        "this program holds as many sockets as it may: `ulimit -n` shows and raises the limit",
    ),
    row(
        "ENFILE",
        [23, 23, 10023],
        "Too many open files in system",
        "the whole machine holds as many files as it may",
    ),
    row(
        "ENOBUFS",
        [105, 55, 10055],
        "No buffer space available",
        "the system is short of memory for packets: try again in a moment",
    ),
    row(
        "ENOMEM",
        [12, 12, 8],
        "Cannot allocate memory",
        "the system is short of memory: try again in a moment",
    ),
    row("EINTR", [4, 4, 10004], "Interrupted system call", "a signal came in between: try again"),
    row(
        "EINVAL",
        [22, 22, 10022],
        "Invalid argument",
        "the call does not fit the state of the socket (bound twice, or accept() without listen())",
    ),
    row(
        "EOPNOTSUPP",
        [95, 102, 10045],
        "Operation not supported",
        "this kind of socket cannot do that: a UDP socket does not listen()",
    ),
    row("EBADF", [9, 9, 6], "Bad file descriptor", "the socket was closed already"),
    row("ENOTSOCK", [88, 38, 10038], "Not a socket", "the descriptor belongs to a file or a pipe"),
    row(
        "EPROTONOSUPPORT",
        [93, 43, 10043],
        "Protocol not supported",
        "this system was built without that protocol",
    ),
    row("ENOENT", [2, 2, 2], "No such file or directory", ""),
    row("EISDIR", [21, 21, 336], "Is a directory", ""),
    row("ENOSPC", [28, 28, 112], "No space left on device", ""),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_agrees_with_the_standard_library_of_this_system() {
        use io::ErrorKind::*;
        for (name, kind) in [
            ("EACCES", PermissionDenied),
            ("EADDRINUSE", AddrInUse),
            ("EADDRNOTAVAIL", AddrNotAvailable),
            ("EAGAIN", WouldBlock),
            ("ETIMEDOUT", TimedOut),
            ("ECONNREFUSED", ConnectionRefused),
            ("ECONNRESET", ConnectionReset),
            ("ECONNABORTED", ConnectionAborted),
            ("EPIPE", BrokenPipe),
            ("ENOTCONN", NotConnected),
            ("ENETUNREACH", NetworkUnreachable),
            ("EHOSTUNREACH", HostUnreachable),
            ("ENETDOWN", NetworkDown),
            ("EINTR", Interrupted),
            ("EINVAL", InvalidInput),
        ] {
            let errno = TABLE.iter().find(|errno| errno.name == name).unwrap();
            let error = io::Error::from_raw_os_error(errno.number());
            if cfg!(windows) && name == "EPIPE" {
                continue; // Windows calls it WSAESHUTDOWN, which std does not know by kind
            }
            assert_eq!(error.kind(), kind, "{name}");
            assert_eq!(Errno::of(&error), Some(errno), "{name}: two rows share a number");
        }
    }

    #[test]
    fn no_two_rows_share_a_name_or_a_number() {
        for (i, a) in TABLE.iter().enumerate() {
            for b in &TABLE[i + 1..] {
                assert_ne!(a.name, b.name);
                assert_ne!(a.linux, b.linux, "{} and {}", a.name, b.name);
                assert_ne!(a.macos, b.macos, "{} and {}", a.name, b.name);
                assert_ne!(a.windows, b.windows, "{} and {}", a.name, b.name);
            }
        }
    }
}
