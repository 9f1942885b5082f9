//! What cannot be examined on a system, in a sentence for whoever examines there.

use std::env::consts::OS;

/// Of each system but Linux, by the name that Rust gives it. `docs/instructors.md` has the same words.
pub const LIMITS: &[(&str, &str)] = &[
    (
        "macos",
        "On macOS checks share the network of this computer. Skipped is what needs a network of its \
         own, other names or addresses, the open files, threads or CPU time of a program, or a look \
         at its system calls.",
    ),
    (
        "freebsd",
        "On FreeBSD the course cannot read the socket table: nobody can tell when a server is ready, \
         and servers are not examined at all. Clients are examined as on macOS.",
    ),
    (
        "windows",
        "On Windows checks share the network of this computer. Skipped is what needs a network of its \
         own, other names or addresses, the open files, threads or CPU time of a program, a look at \
         its system calls, a signal (SIGTERM, SIGSTOP), or a command line of more than 32,767 \
         characters. There are pipes in place of terminals: a program that does not flush what it \
         prints is not judged by it while it runs.",
    ),
];

/// What cannot be examined on this system; `None` where everything can be, given private machines.
pub fn limits() -> Option<&'static str> {
    LIMITS.iter().find(|(system, _)| *system == OS).map(|(_, limits)| *limits)
}
