//! The errors of socket calls: their names, their numbers on each system, and what to try.
//!
//! Source: POSIX.1-2024 `<errno.h>` for the names and texts; Linux `asm-generic/errno.h`, Darwin and
//! FreeBSD `sys/errno.h`, and Windows `winsock2.h` and `winerror.h` for the numbers.

mod table;

use std::io::{self, ErrorKind};

pub use table::TABLE;

/// A system that numbers its errors in its own way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum System {
    /// Linux, and Android.
    Linux,
    /// macOS.
    MacOs,
    /// FreeBSD, and the other BSDs.
    FreeBsd,
    /// Windows: Winsock's numbers are 10,004 and more, and those of files below 10,000.
    Windows,
}

impl System {
    /// The system that this program was compiled for.
    pub const HERE: System = if cfg!(windows) {
        System::Windows
    } else if cfg!(any(target_os = "linux", target_os = "android")) {
        System::Linux
    } else if cfg!(target_vendor = "apple") {
        System::MacOs
    } else {
        System::FreeBsd
    };
}

/// One error of the operating system.
#[derive(Debug, PartialEq, Eq)]
pub struct Errno {
    /// The name in `<errno.h>`, for example `EADDRINUSE`, or that of Windows where no other system
    /// has such an error.
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
    pub linux: Option<i32>,
    /// Its number on macOS.
    pub macos: Option<i32>,
    /// Its numbers on Windows (`WSAGetLastError`, or `GetLastError` where they are below 10,000),
    /// the usual one first. Windows draws the lines elsewhere, so a number can be in two rows: then
    /// it alone means the first of them.
    pub windows: &'static [i32],
}

impl Errno {
    /// The row for an error of the operating system, or `None` for an error that is not one.
    pub fn of(error: &io::Error) -> Option<&'static Errno> {
        Errno::on(System::HERE, error.raw_os_error()?)
    }

    /// The row for an error's number on a system.
    pub fn on(system: System, number: i32) -> Option<&'static Errno> {
        TABLE.iter().find(|errno| match system {
            System::Windows => errno.windows.contains(&number),
            _ => errno.number_on(system) == Some(number),
        })
    }

    /// The row with this name.
    pub fn named(name: &str) -> Option<&'static Errno> {
        TABLE.iter().find(|errno| errno.name == name)
    }

    /// Its number on a system, the usual one where there are several; `None` where there is no such
    /// error.
    pub fn number_on(&self, system: System) -> Option<i32> {
        match system {
            System::Linux => self.linux,
            System::FreeBsd if self.name == "EOPNOTSUPP" => Some(45), // 45 is ENOTSUP on macOS
            System::MacOs | System::FreeBsd => self.macos,
            System::Windows => self.windows.first().copied(),
        }
    }

    /// Its number on the system that this program was compiled for.
    pub fn number(&self) -> Option<i32> {
        self.number_on(System::HERE)
    }

    /// The name of an error's number on Windows, in `winsock2.h` or `winerror.h`; `None` if the
    /// table does not have it.
    ///
    /// Winsock took names and numbers from BSD, put `WSA` in front of the name and added 10,000.
    pub fn windows_name(number: i32) -> Option<String> {
        let name = match number {
            2 => "ERROR_FILE_NOT_FOUND",
            3 => "ERROR_PATH_NOT_FOUND",
            4 => "ERROR_TOO_MANY_OPEN_FILES",
            5 => "ERROR_ACCESS_DENIED",
            6 => "ERROR_INVALID_HANDLE",
            8 => "ERROR_NOT_ENOUGH_MEMORY",
            14 => "ERROR_OUTOFMEMORY",
            32 => "ERROR_SHARING_VIOLATION",
            39 => "ERROR_HANDLE_DISK_FULL",
            109 => "ERROR_BROKEN_PIPE",
            112 => "ERROR_DISK_FULL",
            123 => "ERROR_INVALID_NAME",
            232 => "ERROR_NO_DATA",
            267 => "ERROR_DIRECTORY",
            336 => "ERROR_DIRECTORY_NOT_SUPPORTED",
            10_035 => "WSAEWOULDBLOCK",
            _ => {
                let bsd = Errno::on(System::FreeBsd, number.checked_sub(10_000)?)?;
                return Some(format!("WSA{}", bsd.name));
            }
        };
        Some(name.into())
    }

    /// The standard library's kind of this error; `None` where it has no kind for it.
    ///
    /// It is the same on every system. The standard library alone has no kind for `WSAEINTR`.
    pub fn kind(&self) -> Option<ErrorKind> {
        Some(match self.name {
            "EACCES" | "EPERM" => ErrorKind::PermissionDenied,
            "EADDRINUSE" => ErrorKind::AddrInUse,
            "EADDRNOTAVAIL" => ErrorKind::AddrNotAvailable,
            "EAGAIN" => ErrorKind::WouldBlock,
            "ECONNABORTED" => ErrorKind::ConnectionAborted,
            "ECONNREFUSED" => ErrorKind::ConnectionRefused,
            "ECONNRESET" => ErrorKind::ConnectionReset,
            "EHOSTUNREACH" => ErrorKind::HostUnreachable,
            "EINTR" => ErrorKind::Interrupted,
            "EINVAL" => ErrorKind::InvalidInput,
            "EISDIR" => ErrorKind::IsADirectory,
            "ENETDOWN" => ErrorKind::NetworkDown,
            "ENETUNREACH" => ErrorKind::NetworkUnreachable,
            "ENOENT" => ErrorKind::NotFound,
            "ENOMEM" => ErrorKind::OutOfMemory,
            "ENOTDIR" => ErrorKind::NotADirectory,
            "ENOSPC" => ErrorKind::StorageFull,
            "ENOTCONN" => ErrorKind::NotConnected,
            "EPIPE" => ErrorKind::BrokenPipe,
            "ERROR_INVALID_NAME" => ErrorKind::InvalidFilename,
            "ETIMEDOUT" => ErrorKind::TimedOut,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kinds_are_those_of_the_standard_library_of_this_system() {
        for errno in TABLE {
            let Some(number) = errno.number() else { continue };
            // Windows says 5 of every file that may not be opened, a folder too, and std has no
            // kind for WSAEINTR.
            if cfg!(windows) && ["EISDIR", "EINTR"].contains(&errno.name) {
                continue;
            }
            let (name, kind) = (errno.name, io::Error::from_raw_os_error(number).kind());
            match errno.kind() {
                Some(own) => assert_eq!(own, kind, "{name}"),
                // Kinds that std keeps to itself or that are not stable yet print like these.
                None => assert!(
                    ["Uncategorized", "FilesystemLoop", "InProgress", "Unsupported"]
                        .contains(&format!("{kind:?}").as_str()),
                    "{name} has the kind {kind:?}"
                ),
            }
        }
    }

    #[test]
    fn every_number_leads_to_its_row() {
        for system in [System::Linux, System::MacOs, System::FreeBsd] {
            for errno in TABLE {
                let Some(number) = errno.number_on(system) else { continue };
                assert_eq!(Errno::on(system, number), Some(errno), "two rows share {number}");
            }
        }
        let mut shared = vec![];
        for errno in TABLE {
            assert_eq!(Errno::named(errno.name), Some(errno), "two rows share a name");
            for number in errno.windows {
                let found = Errno::on(System::Windows, *number).unwrap();
                if found != errno {
                    shared.push((*number, errno.name, found.name));
                }
            }
        }
        assert_eq!(
            shared,
            [
                (10_013, "EPERM", "EACCES"),     // the firewall forbids a connection
                (10_060, "EAGAIN", "ETIMEDOUT"), // a receive timeout ran out
                (10_053, "EPIPE", "ECONNABORTED"),
                (10_054, "EPIPE", "ECONNRESET"),
                (5, "EISDIR", "EACCES"), // a folder is opened as a file
            ]
        );
    }

    #[test]
    fn numbers_of_windows_have_the_rows_of_what_happened() {
        let name = |number| Errno::on(System::Windows, number).map(|errno| errno.name);
        assert_eq!(name(2), Some("ENOENT"));
        assert_eq!(name(3), Some("ENOENT")); // the folder on the way is missing
        assert_eq!(name(5), Some("EACCES"));
        assert_eq!(name(32), Some("ERROR_SHARING_VIOLATION"));
        assert_eq!(name(123), Some("ERROR_INVALID_NAME"));
        assert_eq!(name(232), Some("EPIPE")); // standard output is a pipe that nobody reads
        assert_eq!(name(10_004), Some("EINTR"));
        assert_eq!(name(10_014), Some("EFAULT"));
        assert_eq!(name(10_058), Some("ESHUTDOWN"));
        assert_eq!(name(10_060), Some("ETIMEDOUT"));
        assert_eq!(name(0), None);
    }

    #[test]
    fn every_number_of_windows_has_its_name() {
        for number in TABLE.iter().flat_map(|errno| errno.windows) {
            assert!(Errno::windows_name(*number).is_some(), "{number}");
        }
        assert_eq!(Errno::windows_name(10_048).as_deref(), Some("WSAEADDRINUSE"));
        assert_eq!(Errno::windows_name(10_035).as_deref(), Some("WSAEWOULDBLOCK"));
        assert_eq!(Errno::windows_name(10_045).as_deref(), Some("WSAEOPNOTSUPP"));
        assert_eq!(Errno::windows_name(99), None);
        assert_eq!(Errno::windows_name(i32::MIN), None);
    }

    #[test]
    fn the_bsds_have_one_number_of_their_own() {
        let not_supported = Errno::named("EOPNOTSUPP").unwrap();
        assert_eq!(not_supported.number_on(System::MacOs), Some(102));
        assert_eq!(not_supported.number_on(System::FreeBsd), Some(45));
    }
}
