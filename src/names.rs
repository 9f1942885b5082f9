//! Names and addresses: what `getaddrinfo()` answers, within a time that the program chose.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use dns_lookup::{
    AddrFamily, AddrInfoHints, LookupError, LookupErrorKind, SockType, getaddrinfo, getnameinfo,
};
use socket2::{Domain, SockAddr, Socket, Type};

use crate::error::Failure;

/// Which addresses of a name to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Family {
    /// IPv4 and IPv6, in the order of the system (RFC 6724).
    #[default]
    Any,
    /// IPv4 only.
    V4,
    /// IPv6 only.
    V6,
}

/// Does a name lookup in a thread of its own and waits for it at most this long.
///
/// The system's resolver has timeouts of its own (glibc waits 10 s for a silent name server) and
/// cannot be interrupted. When the time is up the thread is left behind; it ends by itself.
///
/// # Errors
///
/// `cannot resolve NAME: …` with the resolver's error (RFC 3493, section 6.1), or `ETIMEDOUT`.
pub fn within<T: Send + 'static>(
    timeout: Duration,
    name: &str,
    lookup: impl FnOnce() -> Result<T, LookupError> + Send + 'static,
) -> Result<T, Failure> {
    if name.is_empty() {
        return Err(no_such_name(name)); // Windows answers with all addresses of its own
    }
    let (answer, answered) = mpsc::sync_channel(1);
    let resolver = thread::Builder::new().name("resolver".into()).spawn(move || {
        // Nobody listens any more when the time was up.
        let _ = answer.send(lookup());
    });
    if let Err(error) = resolver {
        return Err(Failure::new("start", "the thread that resolves names", &error));
    }
    match answered.recv_timeout(timeout) {
        Ok(Ok(found)) => Ok(found),
        Ok(Err(error)) => Err(lookup_failure(name, error)),
        Err(_) => Err(Failure::timeout("resolve", name)
            .with_hint("the name server is silent: is this machine online?")),
    }
}

/// An error of `getaddrinfo()` that dns-lookup has no kind for: glibc's number for a name that has
/// addresses, but none of the family asked for. No other system of the course uses this number.
const EAI_ADDRFAMILY: i32 = -9;

/// The failure of a lookup: `cannot resolve NAME: Name or service not known (EAI_NONAME)`.
pub fn lookup_failure(name: &str, error: LookupError) -> Failure {
    let (text, hint) = match error.kind() {
        LookupErrorKind::NoName if name.contains(':') && name.contains('%') => (
            "Name or service not known (EAI_NONAME)",
            "behind the % is the name or number of an interface of this machine, as in fe80::1%eth0",
        ),
        LookupErrorKind::NoName => return no_such_name(name),
        LookupErrorKind::NoData => (
            "The name has no address of this family (EAI_NODATA)",
            "IPv4 is asked for, and IPv6 with -6 where a program has it: has the name an address of that family?",
        ),
        LookupErrorKind::Again if name.eq_ignore_ascii_case("localhost") => (
            "No name server answered (EAI_AGAIN)",
            "this machine's file `hosts` gives localhost no address of the family asked for",
        ),
        LookupErrorKind::Again => (
            "No name server answered (EAI_AGAIN)",
            "is this machine online? without a network only numbers and localhost work",
        ),
        LookupErrorKind::Fail => (
            "The name server failed (EAI_FAIL)",
            "try again in a moment, or use another name server",
        ),
        LookupErrorKind::Family => (
            "This machine does not know the address family (EAI_FAMILY)",
            "IPv4 is asked for, and IPv6 with -6 where a program has it: has the name an address of that family?",
        ),
        LookupErrorKind::Service => {
            ("Service not known (EAI_SERVICE)", "give the port as a number")
        }
        _ if error.error_num() == EAI_ADDRFAMILY => (
            "The name has no address of this family (EAI_ADDRFAMILY)",
            "IPv4 is asked for, and IPv6 with -6 where a program has it: has the name an address of that family?",
        ),
        _ => return Failure::new("resolve", name, &error.into()),
    };
    Failure::new("resolve", name, &io::Error::other(text)).with_hint(hint)
}

fn no_such_name(name: &str) -> Failure {
    let text = "Name or service not known (EAI_NONAME)";
    Failure::new("resolve", name, &io::Error::other(text))
        .with_hint("check the spelling; `resolve NAME` shows what a name stands for")
}

/// Every address of a name, each once, in the order in which to try them.
///
/// A number (`127.0.0.1`, `::1`) needs no lookup. The port is 0 to 65,535 and goes into each
/// address as it is.
///
/// A link-local address (`fe80::1%eth0`) is the same on every network. Its zone, the name or number
/// of an interface, says which one is meant (RFC 4007), and becomes the address's `scope_id`.
///
/// # Errors
///
/// `cannot resolve NAME: …`; the list is never empty.
pub fn addresses(
    name: &str,
    port: u16,
    family: Family,
    timeout: Duration,
) -> Result<Vec<SocketAddr>, Failure> {
    if let Ok(number) = name.parse::<IpAddr>()
        && (family == Family::Any || number.is_ipv4() == (family == Family::V4))
    {
        return Ok(vec![SocketAddr::from((number, port))]);
    }
    let asked = name.to_string();
    let found = within(timeout, name, move || {
        let hints = AddrInfoHints {
            socktype: SockType::Stream.into(), // otherwise each address comes once a socket type
            address: match family {
                Family::Any => 0,
                Family::V4 => AddrFamily::Inet.into(),
                Family::V6 => AddrFamily::Inet6.into(),
            },
            ..AddrInfoHints::default()
        };
        let answers = getaddrinfo(Some(&asked), None, Some(hints))?;
        Ok(answers.collect::<io::Result<Vec<_>>>()?)
    })?;
    let mut addresses: Vec<SocketAddr> = Vec::new();
    for mut address in found.into_iter().map(|info| info.sockaddr) {
        address.set_port(port);
        // The kernel gives back no zone with any other address, and a client compares the two.
        if let SocketAddr::V6(six) = &mut address
            && !has_zones(*six.ip())
        {
            six.set_scope_id(0);
        }
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    if addresses.iter().any(SocketAddr::is_ipv4) {
        addresses.retain(|address| address.is_ipv4() || has_sockets(*address));
    }
    if addresses.is_empty() {
        let nothing = io::Error::other("The name has no address");
        return Err(Failure::new("resolve", name, &nothing));
    }
    Ok(addresses)
}

/// Whether this machine has sockets for such an address. A kernel without IPv6 has none for `::1`,
/// which is an address of `localhost` there all the same.
fn has_sockets(address: SocketAddr) -> bool {
    Socket::new(Domain::for_address(address), Type::DGRAM, None).is_ok()
}

/// Whether this address can be another host's in another zone: a link-local one, or a multicast
/// group (RFC 4007, section 4).
fn has_zones(ip: Ipv6Addr) -> bool {
    ip.is_unicast_link_local() || ip.is_multicast()
}

/// The address without its port, and with the name of its zone if it has one: `fe80::1%eth0`. Where
/// the system knows no name for the zone, it is a number.
pub fn numeric_host(address: &SocketAddr) -> String {
    match address {
        SocketAddr::V6(six) if six.scope_id() != 0 => {
            let named = getnameinfo(address, NI_NUMERICHOST).map(|(host, _service)| host);
            named.unwrap_or_else(|_| format!("{}%{}", six.ip(), six.scope_id()))
        }
        _ => address.ip().to_string(),
    }
}

/// For `getnameinfo()`: the host stays a number, and no name server is asked (`<netdb.h>`).
pub const NI_NUMERICHOST: i32 =
    if cfg!(any(target_os = "linux", target_os = "openbsd")) { 1 } else { 2 };

/// For `getnameinfo()`: the service is one of UDP; without it, of TCP (`<netdb.h>`).
pub const NI_DGRAM: i32 = 16;

/// Where this system keeps one of its lists of names: `hosts` or `services`.
pub fn system_file(name: &str) -> PathBuf {
    let folder = if cfg!(windows) { r"C:\Windows\System32\drivers\etc" } else { "/etc" };
    PathBuf::from(folder).join(name)
}

/// The address in the form that Rust's library prints: `127.0.0.1:50312`.
///
/// The sockets of this course are all of the internet; for any other kind the answer is `0.0.0.0:0`.
pub fn address_of(address: &SockAddr) -> SocketAddr {
    address.as_socket().unwrap_or_else(|| SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)))
}

/// The address that a client reaches by this one. To `0.0.0.0` or `::`, every interface of a server,
/// the system sends as to loopback; the answer then comes from there.
pub fn reachable(mut address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    address
}

/// How much of a timeout is left: at least a millisecond, because a socket's timeout of zero would
/// mean to wait for ever.
///
/// # Errors
///
/// `ETIMEDOUT` when nothing is left.
pub fn left(deadline: Instant) -> io::Result<Duration> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() {
        return Err(io::ErrorKind::TimedOut.into());
    }
    Ok(left.max(Duration::from_millis(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_number_is_its_own_address() {
        let six = addresses("::1", 80, Family::Any, SECOND).unwrap();
        assert_eq!(six, ["[::1]:80".parse().unwrap()]);
    }

    #[test]
    fn a_zone_is_the_scope_of_a_link_local_address_and_of_no_other() {
        let one = |name| addresses(name, 80, Family::V6, SECOND).unwrap()[0].to_string();
        assert_eq!(one("fe80::1%1"), "[fe80::1%1]:80");
        assert_eq!(one("::1%1"), "[::1]:80");
        let failure = addresses("fe80::1%no-such-one", 80, Family::Any, SECOND).unwrap_err();
        assert!(failure.hint().unwrap().contains("an interface of this machine"), "{failure:?}");
        assert!(addresses("fe80::1%1", 80, Family::V4, SECOND).is_err());
    }

    #[test]
    fn an_address_is_shown_with_its_zone() {
        let shown = |address: &str| numeric_host(&address.parse().unwrap());
        assert_eq!(shown("127.0.0.1:80"), "127.0.0.1");
        assert_eq!(shown("[fe80::1]:80"), "fe80::1");
        assert_eq!(shown("[fe80::1%987654]:80"), "fe80::1%987654", "an interface without a name");
    }

    #[test]
    fn a_client_reaches_every_interface_at_loopback() {
        let reached = |address: &str| reachable(address.parse().unwrap()).to_string();
        assert_eq!(reached("0.0.0.0:7"), "127.0.0.1:7");
        assert_eq!(reached("[::]:7"), "[::1]:7");
        assert_eq!(reached("192.0.2.1:7"), "192.0.2.1:7");
    }

    #[test]
    fn localhost_has_each_address_once() {
        let found = addresses("localhost", 80, Family::V4, SECOND).unwrap();
        assert_eq!(found, ["127.0.0.1:80".parse().unwrap()]);
    }

    #[test]
    fn nothing_is_the_name_of_no_machine() {
        let failure = within(SECOND, "", || Ok(())).unwrap_err();
        let sentence = "cannot resolve : Name or service not known (EAI_NONAME)";
        assert_eq!(failure.to_string(), sentence);
        assert!(failure.hint().unwrap().contains("spelling"));
    }

    #[test]
    fn a_lookup_that_never_ends_is_a_timeout() {
        let (_keep, never) = mpsc::channel::<()>();
        let silent = move || {
            let _ = never.recv();
            Ok(())
        };
        let failure = within(Duration::from_millis(20), "slow.example", silent).unwrap_err();
        assert!(failure.is_timeout());
        assert_eq!(failure.to_string(), "cannot resolve slow.example: Timed out (ETIMEDOUT)");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn localhost_needs_no_name_server_but_a_line_in_hosts() {
        const EAI_AGAIN: i32 = -3;
        let failure = lookup_failure("localhost", LookupError::new(EAI_AGAIN));
        assert!(failure.hint().unwrap().contains("`hosts`"), "{failure:?}");
        let failure = lookup_failure("example.com", LookupError::new(EAI_AGAIN));
        assert!(failure.hint().unwrap().contains("online?"), "{failure:?}");
    }

    #[test]
    fn a_name_with_a_nul_byte_is_an_error_and_no_panic() {
        assert!(addresses("a\0b", 80, Family::Any, SECOND).is_err());
    }
}
