//! The errors of socket calls: their names, their numbers on three systems, and what to try.
//!
//! Source: POSIX.1-2024 `<errno.h>` for the names and texts; Linux `asm-generic/errno.h`, Darwin
//! `sys/errno.h` and Windows `winsock2.h` for the numbers.

mod table;

use std::io;

pub use table::TABLE;

/// One error of the operating system.
#[derive(Debug, PartialEq, Eq)]
pub struct Errno {
    /// The name in `<errno.h>`, for example `EADDRINUSE`. Windows puts `WSA` in front of it.
    pub name: &'static str,
    /// What it means, in the words of POSIX where they are clear.
    pub text: &'static str,
    /// What to try. Empty where there is nothing to say in general.
    pub hint: &'static str,
    /// What has happened, in a sentence or two; for `docs/troubleshooting.md`.
    pub means: &'static str,
    /// The questions of the course that provoke it: `cargo run ask N`.
    pub questions: &'static [u8],
    /// Its number on Linux.
    pub linux: i32,
    /// Its number on macOS and the BSDs.
    pub macos: i32,
    /// Its number on Windows (`WSAGetLastError`, or `GetLastError` where it is below 10,000).
    pub windows: i32,
}

impl Errno {
    /// The row for an error of the operating system, or `None` for an error that is not one.
    pub fn of(error: &io::Error) -> Option<&'static Errno> {
        let number = error.raw_os_error()?;
        TABLE.iter().find(|errno| errno.number() == number)
    }

    /// Its name on Windows, in `winsock2.h` or `winerror.h`.
    pub fn windows_name(&self) -> String {
        match self.name {
            "EAGAIN" => "WSAEWOULDBLOCK".into(),
            "EPIPE" => "WSAESHUTDOWN".into(),
            "EPERM" => "ERROR_ACCESS_DENIED".into(),
            "ENFILE" => "ERROR_TOO_MANY_OPEN_FILES".into(),
            "ENOMEM" => "ERROR_NOT_ENOUGH_MEMORY".into(),
            "EBADF" => "ERROR_INVALID_HANDLE".into(),
            "ENOENT" => "ERROR_FILE_NOT_FOUND".into(),
            "EISDIR" => "ERROR_DIRECTORY_NOT_SUPPORTED".into(),
            "ENOSPC" => "ERROR_DISK_FULL".into(),
            name => format!("WSA{name}"),
        }
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
