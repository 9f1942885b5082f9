//! Which addresses a program gives to bind() and connect(), and whether it calls listen(): for programs
//! that end at once, of which the socket table shows nothing.
//!
//! On Linux the kernel stops a program in these calls until the examiner has looked
//! (`SECCOMP_RET_USER_NOTIF`, seccomp_unotify(2)). So nothing is missed and nothing depends on
//! time; the program goes on with its call as if nobody had looked.

use std::net::SocketAddr;

/// A call that was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// bind(), with the address that it was given.
    Bind(Kind, SocketAddr),
    /// listen() on a TCP socket.
    Listen,
    /// connect() of a TCP socket to this address.
    Connect(SocketAddr),
}

/// What kind of socket a call was made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A stream socket.
    Tcp,
    /// Any other one.
    Udp,
}

#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
mod system {
    use std::fs::{self, File};
    use std::io::{self, ErrorKind};
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
    use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
    use std::os::unix::fs::FileExt;
    use std::sync::{Arc, Mutex, PoisonError};
    use std::{mem, thread};

    use nix::sys::prctl;
    use socket2::{Domain, Socket, Type};

    use super::super::transcript::Transcript;
    use super::{Call, Kind};

    /// The calls that were seen so far. Clones share them.
    #[derive(Clone, Default)]
    pub struct Calls(Arc<Mutex<Vec<Call>>>);

    /// Watches bind() and listen() of all programs that this thread starts from now on, and notes them.
    ///
    /// # Errors
    ///
    /// The system does not allow it.
    pub fn watch(transcript: &Transcript) -> io::Result<Calls> {
        let transcript = transcript.clone();
        let note = move |call: Call| transcript.notes("program", call.words());
        watch_for([libc::SYS_bind, libc::SYS_listen], note)
    }

    /// Watches connect() of all programs that this thread starts from now on.
    ///
    /// # Errors
    ///
    /// The system does not allow it, or it is watched already.
    pub fn watch_connect() -> io::Result<Calls> {
        watch_for([libc::SYS_connect; 2], |_| ())
    }

    fn watch_for(
        numbers: [libc::c_long; 2],
        note: impl Fn(Call) + Send + 'static,
    ) -> io::Result<Calls> {
        let listener = install_filter(numbers)?;
        let calls = Calls::default();
        let seen = calls.clone();
        thread::Builder::new().spawn(move || answer(&listener, &seen, note))?;
        Ok(calls)
    }

    impl Calls {
        /// What was seen so far, the first one first.
        pub fn seen(&self) -> Vec<Call> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
        }
    }

    /// Lets the kernel ask before these two system calls, in this thread and all that it starts.
    #[allow(unsafe_code)] // seccomp(2) has no safe wrapper
    fn install_filter(numbers: [libc::c_long; 2]) -> io::Result<OwnedFd> {
        prctl::set_no_new_privs()?; // without it, only root may install a filter
        // A program for the kernel (bpf(4)): load the number of the call, which is the first field
        // of `seccomp_data`, and compare it with the two.
        let (load, jump, end) = (0x20, 0x15, 0x06);
        let line = |code, k, yes, no| libc::sock_filter { code, jt: yes, jf: no, k };
        let mut filter = [
            line(load, 0, 0, 0),
            line(jump, numbers[0] as u32, 1, 0),
            line(jump, numbers[1] as u32, 0, 1),
            line(end, libc::SECCOMP_RET_USER_NOTIF, 0, 0),
            line(end, libc::SECCOMP_RET_ALLOW, 0, 0),
        ];
        let program = libc::sock_fprog { len: filter.len() as u16, filter: filter.as_mut_ptr() };
        // SAFETY: the program and its lines live until the call returns, which copies them.
        let listener = unsafe {
            libc::syscall(
                libc::SYS_seccomp,
                libc::SECCOMP_SET_MODE_FILTER,
                libc::SECCOMP_FILTER_FLAG_NEW_LISTENER,
                &raw const program,
            )
        };
        owned(listener)
    }

    /// Notes each call and lets it go on.
    #[allow(unsafe_code)] // ioctl(2)
    fn answer(listener: &OwnedFd, calls: &Calls, note: impl Fn(Call)) {
        let listener = listener.as_raw_fd();
        loop {
            // SAFETY: plain numbers, for which all zero is a value; the kernel asks for it.
            let mut notice: libc::seccomp_notif = unsafe { mem::zeroed() };
            // SAFETY: the kernel writes one `seccomp_notif`.
            let got = unsafe {
                libc::ioctl(listener, libc::SECCOMP_IOCTL_NOTIF_RECV as _, &raw mut notice)
            };
            if got != 0 {
                match io::Error::last_os_error().kind() {
                    // The program was killed while it waited.
                    ErrorKind::Interrupted | ErrorKind::NotFound => continue,
                    _ => return,
                }
            }
            if let Some(call) = look(&notice) {
                note(call);
                calls.0.lock().unwrap_or_else(PoisonError::into_inner).push(call);
            }
            let mut go_on = libc::seccomp_notif_resp {
                id: notice.id,
                val: 0,
                error: 0,
                flags: libc::SECCOMP_USER_NOTIF_FLAG_CONTINUE as u32,
            };
            // SAFETY: the kernel reads one `seccomp_notif_resp`. That the program has been killed
            // meanwhile is the one error, and it does not matter.
            unsafe {
                libc::ioctl(listener, libc::SECCOMP_IOCTL_NOTIF_SEND as _, &raw mut go_on);
            }
        }
    }

    /// The call, where it is one of an internet socket.
    fn look(notice: &libc::seccomp_notif) -> Option<Call> {
        if fs::exists(format!("/proc/self/task/{}", notice.pid)).ok()? {
            return None; // the examiner's own
        }
        let args = notice.data.args;
        let socket = duplicate(notice.pid, args[0] as i32).ok()?;
        if !matches!(socket.domain().ok()?, Domain::IPV4 | Domain::IPV6) {
            return None;
        }
        let kind = if socket.r#type().ok()? == Type::STREAM { Kind::Tcp } else { Kind::Udp };
        if i64::from(notice.data.nr) == libc::SYS_listen {
            return (kind == Kind::Tcp).then_some(Call::Listen);
        }
        let mut address = [0; 28]; // sockaddr_in6, the longer one
        let length = address.len().min(args[2] as usize);
        let memory = File::open(format!("/proc/{}/mem", notice.pid)).ok()?;
        memory.read_exact_at(&mut address[..length], args[1]).ok()?;
        let address = parse(&address)?;
        if i64::from(notice.data.nr) == libc::SYS_connect {
            return (kind == Kind::Tcp).then_some(Call::Connect(address));
        }
        Some(Call::Bind(kind, address))
    }

    /// `sockaddr_in` (ip(7)) or `sockaddr_in6` (ipv6(7)): the family, the port, and then the IPv4
    /// address, or four bytes of flow information and the IPv6 address.
    fn parse(bytes: &[u8; 28]) -> Option<SocketAddr> {
        let family = i32::from(u16::from_ne_bytes([bytes[0], bytes[1]]));
        let port = u16::from_be_bytes([bytes[2], bytes[3]]);
        let ip = match family {
            libc::AF_INET => IpAddr::from(Ipv4Addr::from(<[u8; 4]>::try_from(&bytes[4..8]).ok()?)),
            libc::AF_INET6 => {
                IpAddr::from(Ipv6Addr::from(<[u8; 16]>::try_from(&bytes[8..24]).ok()?))
            }
            _ => return None,
        };
        Some(SocketAddr::new(ip, port))
    }

    /// The socket of another process, as a descriptor of this one (pidfd_getfd(2)). It is closed
    /// before the program goes on.
    #[allow(unsafe_code)] // pidfd_open(2) and pidfd_getfd(2) have no safe wrapper
    fn duplicate(thread: u32, descriptor: i32) -> io::Result<Socket> {
        let status = fs::read_to_string(format!("/proc/{thread}/status"))?;
        let process = status.lines().find_map(|line| line.strip_prefix("Tgid:"));
        let process: i32 = process.and_then(|id| id.trim().parse().ok()).unwrap_or(-1);
        // SAFETY: two calls that take numbers and return a new descriptor or -1.
        let process = owned(unsafe { libc::syscall(libc::SYS_pidfd_open, process, 0) })?;
        // SAFETY: as above.
        let socket = owned(unsafe {
            libc::syscall(libc::SYS_pidfd_getfd, process.as_raw_fd(), descriptor, 0)
        })?;
        Ok(socket.into())
    }

    #[allow(unsafe_code)]
    fn owned(returned: libc::c_long) -> io::Result<OwnedFd> {
        if returned < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the kernel has just made this descriptor, and nobody else has it.
        Ok(unsafe { OwnedFd::from_raw_fd(returned as i32) })
    }
}

#[cfg(not(all(target_os = "linux", target_pointer_width = "64")))]
mod system {
    use std::io;

    use super::super::transcript::Transcript;
    use super::Call;

    /// The calls that were seen so far.
    #[derive(Clone)]
    pub struct Calls(Vec<Call>);

    /// This system does not let a program be watched.
    ///
    /// # Errors
    ///
    /// Always.
    pub fn watch(_: &Transcript) -> io::Result<Calls> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// This system does not let a program be watched.
    ///
    /// # Errors
    ///
    /// Always.
    pub fn watch_connect() -> io::Result<Calls> {
        Err(io::ErrorKind::Unsupported.into())
    }

    impl Calls {
        /// What was seen so far.
        pub fn seen(&self) -> Vec<Call> {
            self.0.clone()
        }
    }
}

pub use system::{Calls, watch, watch_connect};

impl Call {
    /// What the ladder shows.
    pub fn words(self) -> String {
        match self {
            Call::Bind(Kind::Tcp, address) => format!("calls bind() with {address}"),
            Call::Bind(Kind::Udp, address) => format!("calls bind() with {address} (UDP)"),
            Call::Listen => "calls listen()".into(),
            Call::Connect(address) => format!("calls connect() with {address}"),
        }
    }
}
