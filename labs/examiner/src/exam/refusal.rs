//! A system that gives no TCP socket. That a program really calls socket() leaves no trace that
//! could be found afterwards; that it fails where the system refuses the call is seen by anyone.

#[cfg(target_os = "linux")]
mod system {
    use std::io;

    use libc::{c_ulong, sock_filter, sock_fprog};

    /// Where `struct seccomp_data` has the low half of an argument of the call.
    const fn argument(number: u32) -> u32 {
        16 + 8 * number + if cfg!(target_endian = "big") { 4 } else { 0 }
    }

    /// Refuses socket(AF_INET, SOCK_STREAM) with EACCES to this thread from now on, and to all that
    /// it starts: seccomp(2).
    #[allow(unsafe_code)] // a filter is given to the kernel with prctl()
    pub fn refuse_tcp() -> io::Result<()> {
        const LOAD: u32 = libc::BPF_LD | libc::BPF_W | libc::BPF_ABS;
        const SAME: u32 = libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K;
        const AND: u32 = libc::BPF_ALU | libc::BPF_AND | libc::BPF_K;
        const RETURN: u32 = libc::BPF_RET | libc::BPF_K;
        // A jump says how many instructions to leave out where the two are not the same.
        let line =
            |code: u32, k: u32, not: u8| sock_filter { code: code as u16, jt: 0, jf: not, k };
        let mut filter = [
            line(LOAD, 0, 0), // the number of the system call
            line(SAME, libc::SYS_socket as u32, 6),
            line(LOAD, argument(0), 0),
            line(SAME, libc::AF_INET as u32, 4),
            line(LOAD, argument(1), 0),
            line(AND, 0xf, 0), // without SOCK_CLOEXEC and SOCK_NONBLOCK
            line(SAME, libc::SOCK_STREAM as u32, 1),
            line(RETURN, libc::SECCOMP_RET_ERRNO | libc::EACCES as u32, 0),
            line(RETURN, libc::SECCOMP_RET_ALLOW, 0),
        ];
        let program = sock_fprog { len: filter.len() as u16, filter: filter.as_mut_ptr() };
        let (yes, no): (c_ulong, c_ulong) = (1, 0);
        // SAFETY: PR_SET_NO_NEW_PRIVS takes numbers; PR_SET_SECCOMP reads `program` and the filter
        // it points to, which live until the call returns.
        let done = unsafe {
            libc::prctl(libc::PR_SET_NO_NEW_PRIVS, yes, no, no, no) == 0
                && libc::prctl(
                    libc::PR_SET_SECCOMP,
                    libc::SECCOMP_MODE_FILTER as c_ulong,
                    &raw const program,
                ) == 0
        };
        if done { Ok(()) } else { Err(io::Error::last_os_error()) }
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use std::io;

    /// Other systems have no such filter.
    pub fn refuse_tcp() -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

pub use system::refuse_tcp;
