//! Errors that teach: what was tried, on which address, the system's answer, and what to try next.
//!
//! ```text
//! error: cannot bind 127.0.0.1:8888: Address already in use (EADDRINUSE)
//! hint: tcp_server (process 4711) is listening on 127.0.0.1:8888: end it, or choose another port
//! ```
//!
//! Every `?` on a socket call goes through [`OrCannot::or_cannot`], which says what the call was
//! for. [`finish`] is the last line of every `main`: it prints the sentence and the hint.

mod errno;
mod holder;

use std::error::Error;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::process::ExitCode;

pub use Target::{Tcp, Udp};
pub use errno::{Errno, TABLE};

use crate::bytes::printable;
use crate::{complaints, console, note};

/// What an attempt was aimed at: an address of TCP or of UDP, or anything in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// An address and port of TCP.
    Tcp(SocketAddr),
    /// An address and port of UDP.
    Udp(SocketAddr),
    /// Anything else: `a UDP socket`, a name, a file.
    Words(String),
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Tcp(address) | Udp(address) => address.fmt(f),
            Target::Words(words) => words.fmt(f),
        }
    }
}

impl<S: Into<String>> From<S> for Target {
    fn from(words: S) -> Target {
        Target::Words(words.into())
    }
}

/// An attempt that failed, as the sentence that a student reads.
#[derive(Debug)]
pub struct Failure {
    sentence: String,
    hint: Option<String>,
    kind: io::ErrorKind,
    passing: bool,
}

impl Failure {
    /// `cannot VERB TARGET: TEXT (ERRNO)`, with the hint that fits.
    ///
    /// Where a bind failed because the address is taken, the hint names the program that has it,
    /// as far as this system tells.
    pub fn new(verb: &str, target: impl Into<Target>, cause: &io::Error) -> Failure {
        let target = target.into();
        // A wait that this library ended has no number; it means the same as the system's.
        let timed_out = || TABLE.iter().find(|errno| errno.name == "ETIMEDOUT");
        let is_ours = cause.kind() == io::ErrorKind::TimedOut && cause.get_ref().is_none();
        let timed_out = || is_ours.then(timed_out).flatten();
        let (why, hint) = match (Errno::of(cause).or_else(timed_out), cause.raw_os_error()) {
            (Some(errno), _) => {
                let text = match (verb, errno.name) {
                    ("send to", "EAGAIN") => "Nothing was taken within the timeout",
                    _ => errno.text,
                };
                (format!("{text} ({})", errno.name), hint(verb, &target, errno))
            }
            (None, Some(number)) => (format!("{} (errno {number})", plain(cause)), None),
            (None, None) => (plain(cause), None),
        };
        Failure {
            sentence: format!("cannot {verb} {target}: {why}"),
            hint,
            kind: cause.kind(),
            passing: verb.starts_with("send") || is_passing(cause),
        }
    }

    /// The failure of a wait that ran out.
    pub fn timeout(verb: &str, target: impl Into<Target>) -> Failure {
        Failure::new(verb, target, &io::ErrorKind::TimedOut.into())
    }

    /// The failure of a wait that ran out when a part had come: `what` says how much, and what is
    /// missing. The other side did answer, so it is no [`Failure::timeout`].
    pub fn too_slow(target: impl Into<Target>, what: impl fmt::Display) -> Failure {
        let cause = io::Error::new(io::ErrorKind::TimedOut, format!("{what} within the timeout"));
        Failure::new("receive from", target, &cause)
            .with_hint("the other side answers, but slowly, or with less: --timeout waits longer")
    }

    /// The same failure. Where nobody listens, the hint names the server that this client is for.
    pub fn start_first(self, server: &str) -> Failure {
        match self.kind {
            io::ErrorKind::ConnectionRefused => self.with_hint(format!(
                "the machine answered that no program listens on that TCP port: start {server} \
                 first, or check the port"
            )),
            _ => self,
        }
    }

    /// The same failure with another hint.
    pub fn with_hint(mut self, hint: impl Into<String>) -> Failure {
        self.hint = Some(hint.into());
        self
    }

    /// What to try, in one line; `None` where there is no good advice.
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// The kind of error behind it, as the standard library sorts them.
    pub fn kind(&self) -> io::ErrorKind {
        self.kind
    }

    /// Whether a wait ran out. A receive timeout is `WouldBlock` on Unix and `TimedOut` on Windows.
    pub fn is_timeout(&self) -> bool {
        is_timeout(self.kind)
    }

    /// Whether a signal came in between (`EINTR`), so that the same call is to be made again.
    ///
    /// On Linux a receive with a timeout ends like this after Ctrl-Z and `fg` (signal(7)).
    pub fn is_interruption(&self) -> bool {
        self.kind == io::ErrorKind::Interrupted
    }

    /// Whether a server goes on after it: see [`is_passing`]. A `send` that failed is always the
    /// trouble of the one client it was for.
    pub fn is_passing(&self) -> bool {
        self.passing
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl Error for Failure {}

/// Whether this kind of error means that a wait ran out.
pub fn is_timeout(kind: io::ErrorKind) -> bool {
    matches!(kind, io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}

/// Whether an error belongs to one peer or one moment, so that a server goes on after it.
///
/// A datagram socket can report here what happened to an earlier datagram: the ICMP refusal of a
/// client that has gone (`ECONNREFUSED`; on Windows error 10054).
pub fn is_passing(error: &io::Error) -> bool {
    use io::ErrorKind::*;
    let passing = ["ENOBUFS", "ENOMEM", "EMSGSIZE", "EPERM", "ENETRESET"];
    is_timeout(error.kind())
        || matches!(
            error.kind(),
            Interrupted
                | ConnectionRefused
                | ConnectionReset
                | ConnectionAborted
                | BrokenPipe
                | NotConnected
                | HostUnreachable
                | NetworkUnreachable
                | NetworkDown
        )
        || Errno::of(error).is_some_and(|errno| passing.contains(&errno.name))
}

/// Adds what was tried to the error of a call.
pub trait OrCannot<T> {
    /// Turns an error into the [`Failure`] `cannot VERB TARGET: …`.
    ///
    /// # Errors
    ///
    /// The [`Failure`], wherever the call itself failed.
    fn or_cannot(self, verb: &str, target: impl Into<Target>) -> Result<T, Failure>;
}

impl<T> OrCannot<T> for io::Result<T> {
    fn or_cannot(self, verb: &str, target: impl Into<Target>) -> Result<T, Failure> {
        self.map_err(|cause| Failure::new(verb, target, &cause))
    }
}

/// The last line of every `main`: prints an error as a sentence and a hint on standard error, behind
/// what [`console::show`] still keeps.
///
/// The exit code is 0 for success and 1 for an error. No Debug form and no backtrace is printed,
/// whatever `RUST_BACKTRACE` says.
pub fn finish<E>(result: Result<(), E>) -> ExitCode
where
    E: AsRef<dyn Error + 'static>,
{
    console::show_rest();
    complaints::say_rest();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report(error.as_ref());
            ExitCode::FAILURE
        }
    }
}

/// Prints an error as [`finish`] does, and lets the program go on.
pub fn report(error: &(dyn Error + 'static)) {
    let (line, hint) = lines(error);
    note!("{line}");
    if let Some(hint) = hint {
        note!("hint: {hint}");
    }
}

/// As [`report`], but at most once a second, with how many were left out in between: for what a
/// stranger can cause as often as he likes.
pub fn complain_of(error: &(dyn Error + 'static)) {
    let (line, hint) = lines(error);
    complaints::complain(line, hint.as_deref());
}

/// The line of an error, and its hint, escaped.
fn lines(error: &(dyn Error + 'static)) -> (String, Option<String>) {
    let (mut sentences, mut hint, mut link) = (Vec::new(), None, Some(error));
    while let Some(error) = link {
        sentences.push(error.to_string());
        hint = hint.or_else(|| error.downcast_ref::<Failure>()?.hint());
        link = error.source();
    }
    let line = format!("error: {}", printable(sentences.join(": ").as_bytes()));
    (line, hint.map(|hint| printable(hint.as_bytes())))
}

/// The hint for an errno, made sharper where the attempt tells more than the number.
fn hint(verb: &str, target: &Target, errno: &Errno) -> Option<String> {
    match (verb, errno.name, target) {
        ("bind", "EADDRINUSE", Tcp(_) | Udp(_)) => Some(holder::who_has(target)),
        ("send to", "EAGAIN" | "ETIMEDOUT", _) => {
            Some("the other side does not read what it is sent".into())
        }
        ("send to", "EINVAL", Udp(peer)) if peer.port() == 0 => {
            Some("nobody can have port 0: this sender cannot be answered".into())
        }
        ("send to", "EINVAL", Udp(peer)) if !peer.ip().is_loopback() => Some(
            "a socket bound to 127.0.0.1 reaches this machine alone: --host '' reaches others too"
                .into(),
        ),
        ("accept on", "ECONNABORTED", _) => {
            Some("a client gave up before it was accepted: the next one can come".into())
        }
        ("bind", "EACCES", Tcp(address) | Udp(address)) if address.port() < 1024 => {
            hint_of("EACCES")
        }
        (_, "EACCES", Tcp(_) | Udp(_)) => hint_of("EPERM"),
        (_, "EACCES", Target::Words(_)) => None, // a file: the hint is about ports
        _ => hint_of(errno.name),
    }
}

fn hint_of(name: &str) -> Option<String> {
    let errno = TABLE.iter().find(|errno| errno.name == name)?;
    (!errno.hint.is_empty()).then(|| errno.hint.to_string())
}

/// The text of an error without the ` (os error 98)` that Rust's Display adds.
fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    match text.rfind(" (os error ") {
        Some(end) => text[..end].to_string(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn system_error(name: &str) -> io::Error {
        let errno = TABLE.iter().find(|errno| errno.name == name).unwrap();
        io::Error::from_raw_os_error(errno.number())
    }

    #[test]
    fn the_sentence_names_attempt_address_and_errno() {
        let server: SocketAddr = "127.0.0.1:80".parse().unwrap();
        let failure = Failure::new("connect to", Tcp(server), &system_error("ECONNREFUSED"));
        assert_eq!(
            failure.to_string(),
            "cannot connect to 127.0.0.1:80: Connection refused (ECONNREFUSED)"
        );
        assert!(failure.hint().unwrap().contains("start the server first"));
    }

    #[test]
    fn an_errno_without_a_row_keeps_the_words_of_the_system_and_its_number() {
        let failure = Failure::new("read", "a file", &io::Error::from_raw_os_error(5));
        let sentence = failure.to_string();
        if cfg!(target_os = "linux") {
            assert_eq!(sentence, "cannot read a file: Input/output error (errno 5)");
        }
        assert!(!sentence.contains("os error"), "{sentence}");
    }

    #[test]
    fn a_timeout_made_by_the_library_has_its_errno_too() {
        let failure = Failure::new("resolve", "x", &io::Error::from(io::ErrorKind::TimedOut));
        assert_eq!(failure.to_string(), "cannot resolve x: Timed out (ETIMEDOUT)");
        assert!(failure.is_timeout());
    }

    #[test]
    fn a_part_that_came_in_time_is_no_silence() {
        let server: SocketAddr = "127.0.0.1:80".parse().unwrap();
        let failure = Failure::too_slow(Tcp(server), "3 of 5 bytes came back");
        let sentence =
            "cannot receive from 127.0.0.1:80: 3 of 5 bytes came back within the timeout";
        assert_eq!(failure.to_string(), sentence);
        assert!(failure.is_timeout() && !failure.hint().unwrap().contains("nobody answered"));
    }

    #[test]
    fn only_a_refusal_asks_to_start_the_server() {
        let server: SocketAddr = "127.0.0.1:80".parse().unwrap();
        let hint = |name| {
            let failure = Failure::new("connect to", Tcp(server), &system_error(name));
            failure.start_first("tcp_server").hint().unwrap().to_string()
        };
        assert!(hint("ECONNREFUSED").contains("start tcp_server first"));
        assert!(!hint("ENETUNREACH").contains("tcp_server"));
    }

    #[test]
    fn a_server_goes_on_after_the_trouble_of_one_client() {
        let client: SocketAddr = "127.0.0.1:0".parse().unwrap();
        let passes = |verb, name| Failure::new(verb, Udp(client), &system_error(name)).is_passing();
        assert!(passes("send to", "EINVAL"), "a client whose port is 0 cannot be answered");
        assert!(passes("receive on", "ECONNREFUSED"));
        assert!(passes("receive on", "ENETRESET"));
        assert!(!passes("receive on", "EINVAL"), "a broken socket would never stop failing");
    }

    #[test]
    fn the_text_of_a_bad_port_blames_the_port_and_of_a_good_one_the_firewall() {
        let low: SocketAddr = "127.0.0.1:80".parse().unwrap();
        let high: SocketAddr = "127.0.0.1:8080".parse().unwrap();
        let denied = system_error("EACCES");
        let of = |address| Failure::new("bind", Tcp(address), &denied);
        assert!(of(low).hint().unwrap().contains("below 1024"));
        assert!(!of(high).hint().unwrap().contains("below 1024"));
    }
}
