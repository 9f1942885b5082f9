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
pub use errno::{Errno, System, TABLE};

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
        Failure::on(System::HERE, verb, target, cause)
    }

    /// The failure as another system would number it: the tests of all systems run on each.
    fn on(system: System, verb: &str, target: impl Into<Target>, cause: &io::Error) -> Failure {
        let target = target.into();
        let attempt = Attempt { system, verb, target: &target, number: cause.raw_os_error() };
        let (why, hint) = match (attempt.errno(cause), cause.raw_os_error()) {
            (Some(errno), _) => {
                (format!("{} ({})", attempt.text(errno), errno.name), attempt.hint(errno))
            }
            (None, Some(number)) => (format!("{} (errno {number})", plain(cause)), None),
            (None, None) => (plain(cause), None),
        };
        Failure {
            sentence: format!("cannot {verb} {target}: {why}"),
            hint,
            kind: kind_on(system, cause),
            passing: verb.starts_with("send") || is_passing_on(system, cause),
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
    is_passing_on(System::HERE, error)
}

fn is_passing_on(system: System, error: &io::Error) -> bool {
    use io::ErrorKind::*;
    let passing = ["ENOBUFS", "ENOMEM", "EMSGSIZE", "EPERM", "ENETRESET", "EHOSTDOWN"];
    let kind = kind_on(system, error);
    is_timeout(kind)
        || matches!(
            kind,
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
        || errno_on(system, error).is_some_and(|errno| passing.contains(&errno.name))
}

fn errno_on(system: System, error: &io::Error) -> Option<&'static Errno> {
    Errno::on(system, error.raw_os_error()?)
}

fn kind_on(system: System, error: &io::Error) -> io::ErrorKind {
    errno_on(system, error).and_then(Errno::kind).unwrap_or(error.kind())
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
    (shortened(line), hint.map(|hint| shortened(printable(hint.as_bytes()))))
}

/// The longest line of an error, in characters. A stranger's text can be in it, as long as he likes.
const LONGEST: usize = 1_000;

/// A line that is too long, without its middle: the attempt is at its beginning, the reason at its
/// end.
fn shortened(line: String) -> String {
    let length = line.chars().count();
    if length <= LONGEST {
        return line;
    }
    let start: String = line.chars().take(LONGEST / 2).collect();
    let end: String = line.chars().skip(length - LONGEST / 2).collect();
    format!("{start} … {end}")
}

/// What is known of an attempt that failed: it tells more than the number alone.
struct Attempt<'a> {
    system: System,
    verb: &'a str,
    target: &'a Target,
    number: Option<i32>,
}

impl Attempt<'_> {
    fn errno(&self, cause: &io::Error) -> Option<&'static Errno> {
        match self.number {
            Some(number) => Errno::on(self.system, number),
            // A wait that this library ended has no number; it means the same as the system's, unless
            // the library says more of it ([`Failure::too_slow`]).
            None if cause.kind() == io::ErrorKind::TimedOut && cause.get_ref().is_none() => {
                Errno::named("ETIMEDOUT")
            }
            None => None,
        }
    }

    fn text(&self, errno: &Errno) -> &'static str {
        match (self.call(), errno.name, self.target) {
            ("send", "EAGAIN", _) => "Nothing was taken within the timeout",
            ("send", "ETIMEDOUT", _) if self.on_windows() => "Nothing was taken within the timeout",
            ("receive", "ETIMEDOUT", _) if self.on_windows() && self.number.is_some() => {
                text_of("EAGAIN")
            }
            ("receive", "EMSGSIZE", _) => "The datagram is larger than the buffer",
            // Of a connection that there never was, nothing can be reset.
            (_, "ECONNRESET", Udp(_)) => text_of("ECONNREFUSED"),
            _ => errno.text,
        }
    }

    /// The hint for an errno, made sharper where the attempt tells more than the number.
    fn hint(&self, errno: &Errno) -> Option<String> {
        let hint = match (self.call(), errno.name, self.target) {
            ("bind", "EADDRINUSE", Tcp(_) | Udp(_)) => return Some(holder::who_has(self.target)),
            ("bind", "EACCES", Tcp(_)) if self.on_windows() => {
                "another program has the port for itself, or Windows keeps it: `netsh int ipv4 \
                 show excludedportrange protocol=tcp` lists what it keeps"
            }
            ("bind", "EACCES", Udp(_)) if self.on_windows() => {
                "another program has the port for itself, or Windows keeps it: `netsh int ipv4 \
                 show excludedportrange protocol=udp` lists what it keeps"
            }
            ("bind", "EACCES", Tcp(address) | Udp(address)) if address.port() < 1024 => {
                hint_of("EACCES")
            }
            ("send" | "connect" | "find", "EACCES", Udp(_)) => {
                "a broadcast address takes SO_BROADCAST, which this program does not set; for any \
                 other, a firewall rule on this machine may forbid it"
            }
            (_, "EACCES", Tcp(_) | Udp(_)) => hint_of("EPERM"),
            ("read" | "create", "EACCES", Target::Words(_)) if self.on_windows() => {
                "Windows says so of a folder too, and of a file that is read-only"
            }
            (_, "EACCES", Target::Words(_)) => "", // a file: the hint is about ports
            (_, "EBADF", Target::Words(_)) => "",  // a file: the hint is about sockets
            ("send", "EAGAIN" | "ETIMEDOUT", _) => "the other side does not read what it is sent",
            // Windows ends a wait with the number that others keep for a connection without a
            // peer, and so does this library.
            ("receive" | "hear", "ETIMEDOUT", _) if self.on_windows() || self.number.is_none() => {
                hint_of("EAGAIN")
            }
            ("send", "EINVAL" | "EADDRNOTAVAIL", Udp(peer)) if peer.port() == 0 => {
                "nobody can have port 0: this sender cannot be answered"
            }
            (_, "EINVAL" | "EHOSTUNREACH" | "EADDRNOTAVAIL", Tcp(peer) | Udp(peer))
                if lacks_zone(*peer) =>
            {
                "every network has a link-local address like this: the interface belongs to it, as \
                 in fe80::1%eth0"
            }
            ("send", "EINVAL", Udp(peer)) if !peer.ip().is_loopback() => {
                "a socket bound to 127.0.0.1 reaches this machine alone: --host 0.0.0.0 reaches \
                 others too"
            }
            ("connect", "EADDRNOTAVAIL", Tcp(peer) | Udp(peer)) => match peer.ip() {
                ip if ip.is_unspecified() => {
                    "a server listens on it, and a client cannot reach \
                    it: 127.0.0.1 is this machine"
                }
                _ => "this machine has no free port left for the connection: try again in a minute",
            },
            ("accept", "ECONNABORTED", _) => {
                "a client gave up before it was accepted: the next one can come"
            }
            // Windows says one of these where others say EPIPE.
            ("send", "ECONNABORTED", Tcp(_)) => hint_of("EPIPE"),
            (_, "ECONNREFUSED" | "ECONNRESET", Udp(_)) if self.verb == "receive on" => {
                "an earlier answer reached nobody: that client has gone, and the next one can come"
            }
            (_, "ECONNRESET", Udp(_)) => hint_of("ECONNREFUSED"),
            ("receive", "EMSGSIZE", _) => "what did not fit is lost: give recv() a larger buffer",
            (_, "EMFILE", _) if self.on_windows() => {
                "this program holds as many sockets as it may: does it close those it has done with?"
            }
            _ => errno.hint,
        };
        (!hint.is_empty()).then(|| hint.to_string())
    }

    /// The first word of the verb: `receive` of `receive from` and of `receive on`.
    fn call(&self) -> &str {
        self.verb.split(' ').next().unwrap_or_default()
    }

    fn on_windows(&self) -> bool {
        self.system == System::Windows
    }
}

/// Whether this is a link-local address that does not say on which network (RFC 4007).
fn lacks_zone(address: SocketAddr) -> bool {
    matches!(address, SocketAddr::V6(six) if six.ip().is_unicast_link_local() && six.scope_id() == 0)
}

fn hint_of(name: &str) -> &'static str {
    Errno::named(name).map_or("", |errno| errno.hint)
}

fn text_of(name: &str) -> &'static str {
    Errno::named(name).map_or("", |errno| errno.text)
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
        let number = Errno::named(name).unwrap().number().unwrap();
        io::Error::from_raw_os_error(number)
    }

    fn on_windows(number: i32, verb: &str, target: impl Into<Target>) -> Failure {
        let cause = io::Error::from_raw_os_error(number);
        Failure::on(System::Windows, verb, target, &cause)
    }

    fn server() -> SocketAddr {
        "127.0.0.1:8888".parse().unwrap()
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
    fn a_line_that_is_too_long_loses_its_middle() {
        let name = "ñ".repeat(2_000);
        let (line, _) = lines(&Failure::new("get", &name, &io::Error::other("it is too long")));
        assert!(line.starts_with("error: cannot get ñ") && line.ends_with("ñ: it is too long"));
        assert_eq!(line.chars().count(), LONGEST + " … ".chars().count());
        let name = "ñ".repeat(LONGEST / 2);
        let (line, _) = lines(&Failure::new("get", &name, &io::Error::other("it is too long")));
        assert!(line.contains(&name), "{line}");
    }

    #[test]
    fn a_datagram_that_may_not_be_sent_has_the_hint_of_broadcasts_and_a_connection_has_not() {
        let hint = |target: Target| {
            let failure = Failure::new("send to", target, &system_error("EACCES"));
            failure.hint().unwrap().to_string()
        };
        assert!(hint(Udp("127.255.255.255:5006".parse().unwrap())).contains("SO_BROADCAST"));
        let tcp = hint(Tcp(server()));
        assert!(tcp.contains("firewall") && !tcp.contains("BROADCAST"), "{tcp}");
    }

    #[test]
    fn an_errno_without_a_row_keeps_the_words_of_the_system_and_its_number() {
        let failure = Failure::new("read", "a file", &io::Error::from_raw_os_error(19));
        let sentence = failure.to_string();
        if cfg!(target_os = "linux") {
            assert_eq!(sentence, "cannot read a file: No such device (errno 19)");
        }
        assert!(sentence.ends_with(" (errno 19)"), "{sentence}");
        assert!(!sentence.contains("os error"), "{sentence}");
    }

    #[test]
    fn a_timeout_made_by_the_library_has_its_errno_too() {
        let failure = Failure::new("resolve", "x", &io::Error::from(io::ErrorKind::TimedOut));
        assert_eq!(failure.to_string(), "cannot resolve x: Timed out (ETIMEDOUT)");
        assert!(failure.is_timeout());
        for system in [System::Linux, System::Windows] {
            let cause = io::ErrorKind::TimedOut.into();
            let failure = Failure::on(system, "receive from", Udp(server()), &cause);
            let sentence = "cannot receive from 127.0.0.1:8888: Timed out (ETIMEDOUT)";
            assert_eq!(failure.to_string(), sentence);
            assert!(failure.hint().unwrap().contains("--timeout waits longer"), "{failure:?}");
        }
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
        let denied = io::Error::from_raw_os_error(13);
        let of = |address| Failure::on(System::Linux, "bind", Tcp(address), &denied);
        assert!(of(low).hint().unwrap().contains("below 1024"));
        assert!(!of(high).hint().unwrap().contains("below 1024"));
    }

    #[test]
    fn a_receive_timeout_of_windows_has_the_hint_of_a_receive_timeout() {
        for target in [Tcp(server()), Udp(server())] {
            let failure = on_windows(10_060, "receive from", target);
            let sentence =
                "cannot receive from 127.0.0.1:8888: No data within the timeout (ETIMEDOUT)";
            assert_eq!(failure.to_string(), sentence);
            assert!(failure.hint().unwrap().contains("--timeout waits longer"), "{failure:?}");
            assert!(failure.is_timeout());
        }
        let failure = on_windows(10_060, "connect to", Tcp(server()));
        assert_eq!(failure.to_string(), "cannot connect to 127.0.0.1:8888: Timed out (ETIMEDOUT)");
        assert!(failure.hint().unwrap().contains("firewall dropping packets"));
        let failure = on_windows(10_060, "send to", Tcp(server()));
        assert!(failure.to_string().contains("Nothing was taken within the timeout"));
        assert!(failure.hint().unwrap().contains("does not read"));
        // Linux keeps that number for a connection that lost its peer.
        let lost = io::Error::from_raw_os_error(110);
        let failure = Failure::on(System::Linux, "receive from", Tcp(server()), &lost);
        assert!(failure.hint().unwrap().contains("firewall dropping packets"), "{failure:?}");
    }

    #[test]
    fn a_refused_datagram_of_windows_has_the_hint_of_a_refusal() {
        let failure = on_windows(10_054, "receive from", Udp(server()));
        let sentence = "cannot receive from 127.0.0.1:8888: Connection refused (ECONNRESET)";
        assert_eq!(failure.to_string(), sentence);
        assert!(failure.hint().unwrap().contains("start the server first"), "{failure:?}");
        // A server has no server to start. It goes on.
        let failure = on_windows(10_054, "receive on", Udp(server()));
        assert!(failure.hint().unwrap().contains("that client has gone"), "{failure:?}");
        assert!(failure.is_passing());
        let failure = on_windows(10_054, "receive from", Tcp(server()));
        assert!(failure.hint().unwrap().contains("RST in place of FIN"), "{failure:?}");
    }

    #[test]
    fn a_port_that_windows_keeps_has_the_command_that_lists_those() {
        for port in [80, 8888] {
            let address = SocketAddr::from(([127, 0, 0, 1], port));
            let hint = |target| on_windows(10_013, "bind", target).hint().unwrap().to_string();
            assert!(hint(Tcp(address)).contains("excludedportrange protocol=tcp"));
            assert!(hint(Udp(address)).contains("excludedportrange protocol=udp"));
        }
        let failure = on_windows(10_013, "connect to", Tcp(server()));
        assert!(failure.hint().unwrap().contains("firewall"), "{failure:?}");
    }

    #[test]
    fn a_file_that_windows_does_not_open_has_nothing_of_ports_and_firewalls() {
        for verb in ["read", "create"] {
            let failure = on_windows(5, verb, "site");
            let sentence = format!("cannot {verb} site: Permission denied (EACCES)");
            assert_eq!(failure.to_string(), sentence);
            assert!(failure.hint().unwrap().contains("of a folder too"), "{failure:?}");
        }
        assert_eq!(on_windows(5, "write to", "site").hint(), None);
        assert_eq!(on_windows(6, "create", "NUL").hint(), None);
        for number in [2, 3] {
            let failure = on_windows(number, "read", "a/b");
            assert_eq!(failure.to_string(), "cannot read a/b: No such file or directory (ENOENT)");
            assert_eq!(failure.kind(), io::ErrorKind::NotFound);
        }
        let failure = on_windows(123, "create", "a?b");
        let sentence =
            "cannot create a?b: Not a name that a file can have here (ERROR_INVALID_NAME)";
        assert_eq!(failure.to_string(), sentence);
        assert!(failure.hint().unwrap().contains('?'));
        let failure = on_windows(32, "create", "page.html");
        assert!(failure.hint().unwrap().contains("another program has the file open"));
    }

    #[test]
    fn a_send_after_the_other_side_has_closed_has_the_hint_of_a_broken_pipe() {
        let failure = on_windows(10_053, "send to", Tcp(server()));
        assert!(failure.hint().unwrap().contains("reaches nobody"), "{failure:?}");
        let failure = on_windows(10_053, "receive from", Tcp(server()));
        assert!(failure.hint().unwrap().contains("this machine ended"), "{failure:?}");
        // What this side has shut down itself is another thing.
        let failure = on_windows(10_058, "send to", Tcp(server()));
        assert!(failure.to_string().ends_with("(ESHUTDOWN)"), "{failure}");
        assert_eq!(on_windows(232, "write to", "it").kind(), io::ErrorKind::BrokenPipe);
    }

    #[test]
    fn an_interruption_of_windows_is_one_though_the_standard_library_has_no_kind_for_it() {
        let failure = on_windows(10_004, "receive from", Tcp(server()));
        assert!(failure.is_interruption() && failure.is_passing());
        assert_eq!(failure.kind(), io::ErrorKind::Interrupted);
    }

    #[test]
    fn a_server_on_windows_goes_on_after_what_windows_tells_of_one_client() {
        // Interrupted, oversized, network down, unreachable, time to live ran out, aborted, reset,
        // no buffers, timed out, host down, unreachable.
        let ones_trouble = [
            10_004, 10_040, 10_050, 10_051, 10_052, 10_053, 10_054, 10_055, 10_060, 10_064, 10_065,
        ];
        for number in ones_trouble {
            assert!(on_windows(number, "receive on", Udp(server())).is_passing(), "{number}");
        }
        for number in [10_014, 10_022, 10_038] {
            assert!(!on_windows(number, "receive on", Udp(server())).is_passing(), "{number}");
        }
    }

    #[test]
    fn a_datagram_larger_than_the_buffer_is_not_one_that_is_too_large_to_send() {
        let failure = on_windows(10_040, "receive from", Udp(server()));
        assert!(failure.to_string().contains("larger than the buffer"), "{failure}");
        assert!(!failure.hint().unwrap().contains("65,507"));
        let failure = on_windows(10_040, "send to", Udp(server()));
        assert!(failure.hint().unwrap().contains("65,507"));
    }

    #[test]
    fn an_address_that_nobody_can_have_is_told_apart_from_one_that_is_not_ours() {
        let nobody: SocketAddr = "0.0.0.0:80".parse().unwrap();
        let failure = on_windows(10_049, "connect to", Tcp(nobody));
        assert!(failure.hint().unwrap().contains("a client cannot reach it"), "{failure:?}");
        let failure = on_windows(10_049, "connect to", Tcp(server()));
        assert!(failure.hint().unwrap().contains("no free port"), "{failure:?}");
        let failure = on_windows(10_049, "bind", Tcp(server()));
        assert!(failure.hint().unwrap().contains("no interface"), "{failure:?}");
        let no_port: SocketAddr = "127.0.0.1:0".parse().unwrap();
        let failure = on_windows(10_049, "send to", Udp(no_port));
        assert!(failure.hint().unwrap().contains("nobody can have port 0"), "{failure:?}");
    }

    #[test]
    fn windows_has_no_ulimit() {
        let failure = on_windows(10_024, "accept on", Tcp(server()));
        assert!(!failure.hint().unwrap().contains("ulimit"), "{failure:?}");
    }
}
