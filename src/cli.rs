//! The arguments that many programs share.

use std::env;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::process;
use std::time::Duration;

use clap::builder::Styles;
use clap::{Args, Parser};

use crate::bytes::{printable, printable_lines};
use crate::error::Failure;
use crate::names::{self, Family};
use crate::{note, say};

/// The arguments of this program. After wrong usage, `--help` and `--version` it ends, with the words
/// and the exit code of clap.
///
/// clap repeats a wrong argument as it is, and that can be a stranger's text: a URL that was copied.
/// Where an argument would not be shown as it is, clap's words are escaped. Then they have no
/// colours, whose bytes nobody could tell from those of the argument.
pub fn arguments<A: Parser>() -> A {
    let hides = |argument: OsString| {
        let bytes = argument.as_encoded_bytes();
        printable(bytes).as_bytes() != bytes
    };
    if !env::args_os().any(hides) {
        return A::parse();
    }
    let mut command = A::command().styles(Styles::plain());
    let found = command.try_get_matches_from_mut(env::args_os());
    let parsed = found.and_then(|found| A::from_arg_matches(&found));
    parsed.unwrap_or_else(|error| {
        let words = error.format(&mut command);
        let shown = printable_lines(words.render().ansi().to_string().as_bytes());
        match words.use_stderr() {
            true => note!("{}", shown.trim_end()),
            false => say!("{}", shown.trim_end()),
        }
        process::exit(words.exit_code())
    })
}

/// Where a server listens. `PORT` is the default port of its lab.
#[derive(Debug, Clone, Args)]
pub struct Listen<const PORT: u16> {
    /// Address to listen on; '' or 0.0.0.0 means every interface of this machine
    #[arg(long, default_value = "127.0.0.1")]
    pub host: String,

    /// Port to listen on; 0 lets the system choose a free one
    #[arg(long, default_value_t = PORT)]
    pub port: u16,
}

impl<const PORT: u16> Listen<PORT> {
    /// The IPv4 address and port to bind. Says so when other machines can reach it.
    ///
    /// # Errors
    ///
    /// The host is a name that has no IPv4 address.
    pub fn address(&self) -> Result<SocketAddr, Failure> {
        self.address_of(Family::V4)
    }

    /// As [`Listen::address`], for a server that speaks IPv6 too. With [`Family::V6`], the default
    /// host is `::1` and `''` is `::`.
    ///
    /// # Errors
    ///
    /// The host is a name that has no address of this family.
    pub fn address_of(&self, family: Family) -> Result<SocketAddr, Failure> {
        let host = match (self.host.as_str(), family) {
            ("" | "0.0.0.0", Family::V6) => "::",
            ("", _) => "0.0.0.0",
            (host, _) => own_host(host, family),
        };
        let found = names::addresses(host, self.port, family, LOOKUP)?;
        let address = *found.iter().find(|address| address.is_ipv4()).unwrap_or(&found[0]);
        let ip = address.ip();
        if ip.is_unspecified() {
            note!("note: --host '' is every interface: reachable from the whole network");
        } else if !ip.is_loopback() {
            note!("note: --host {ip} is not loopback: reachable from the whole network");
        }
        Ok(address)
    }
}

/// This machine is 127.0.0.1 to IPv4 and ::1 to IPv6.
fn own_host(host: &str, family: Family) -> &str {
    match (host, family) {
        ("" | "127.0.0.1", Family::V6) => "::1",
        ("", _) => "127.0.0.1",
        (host, _) => host,
    }
}

/// How long a server looks for the address behind its own `--host`.
const LOOKUP: Duration = Duration::from_secs(5);

/// Which server a client asks. `PORT` is the default port of its lab.
#[derive(Debug, Clone, Args)]
pub struct Connect<const PORT: u16> {
    /// Name or address of the server
    #[arg(long, default_value = "127.0.0.1")]
    pub host: String,

    /// Port of the server
    #[arg(long, default_value_t = PORT, value_parser = server_port())]
    pub port: u16,

    /// How long to wait for it
    #[command(flatten)]
    pub patience: Patience,
}

impl<const PORT: u16> Connect<PORT> {
    /// The server's first IPv4 address, with the port.
    ///
    /// # Errors
    ///
    /// The host is a name that cannot be resolved within the timeout.
    pub fn address(&self) -> Result<SocketAddr, Failure> {
        Ok(self.addresses(Family::V4)?[0])
    }

    /// Every address of the server, with the port, in the order in which to try them. An empty
    /// host means this machine, as it does to Python's `connect(('', port))`, and so does `0.0.0.0`.
    ///
    /// # Errors
    ///
    /// The host is a name that cannot be resolved within the timeout.
    pub fn addresses(&self, family: Family) -> Result<Vec<SocketAddr>, Failure> {
        let host = own_host(&self.host, family);
        let found = names::addresses(host, self.port, family, self.patience.timeout)?;
        Ok(found.into_iter().map(names::reachable).collect())
    }
}

/// How long a client waits for anything: the lookup of a name, the connection, an answer to its end.
#[derive(Debug, Clone, Args)]
pub struct Patience {
    /// Longest wait, in seconds: for the name, for the connection, for the whole answer
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = seconds)]
    pub timeout: Duration,
}

/// Whether to use IPv4 or IPv6.
#[derive(Debug, Clone, Copy, Args)]
pub struct Families {
    /// Use IPv4 only
    #[arg(short = '4', conflicts_with = "ipv6")]
    ipv4: bool,

    /// Use IPv6 only
    #[arg(short = '6')]
    ipv6: bool,
}

impl Families {
    /// The addresses to ask for.
    pub fn family(self) -> Family {
        match (self.ipv4, self.ipv6) {
            (true, _) => Family::V4,
            (_, true) => Family::V6,
            _ => Family::Any,
        }
    }
}

/// How many clients a threaded server takes at once, and how long it puts up with a silent one.
#[derive(Debug, Clone, Copy, Args)]
pub struct Crowd {
    /// Most clients at one time; one more is told so and sent away
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = max_clients())]
    pub max_clients: u32,

    /// A client that sends nothing for so many seconds is let go
    #[arg(long, value_name = "SECONDS", default_value = "600", value_parser = seconds)]
    pub idle: Duration,

    /// A client that does not take what is sent to it for so many seconds is let go
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    pub stall: Duration,
}

/// A server's port: 1 to 65,535. Port 0 names no server.
pub fn server_port() -> clap::builder::RangedI64ValueParser<u16> {
    clap::value_parser!(u16).range(1..)
}

/// Rust's library ends the whole process when the stack guard of a thread cannot be mapped. A
/// thread takes four or five memory mappings, and Linux gives a process 65,530
/// (`vm.max_map_count`).
fn max_clients() -> clap::builder::RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(1..=12_000)
}

/// `HOST:PORT`, a name or an IPv4 address and a port of 1 to 65,535.
///
/// # Errors
///
/// A sentence for clap, which puts the value and the argument's name in front of it.
pub fn host_and_port(text: &str) -> Result<(String, u16), String> {
    let sides = text.rsplit_once(':').filter(|(_, port)| !port.starts_with('+'));
    match sides.map(|(host, port)| (host, port.parse())) {
        Some((host, _)) if host.contains(':') => {
            Err("before the one colon is a name or an IPv4 address, as in 127.0.0.1:5006"
                .to_string())
        }
        Some((host, Ok(port @ 1..))) if !host.is_empty() => Ok((host.to_string(), port)),
        _ => Err("not HOST:PORT with a port of 1 to 65535, as in 127.0.0.1:5006".to_string()),
    }
}

/// A time in seconds, with a fraction if need be: more than 0, at most a day.
///
/// # Errors
///
/// A sentence for clap, which puts the value and the argument's name in front of it.
pub fn seconds(text: &str) -> Result<Duration, String> {
    const DAY: f64 = 86_400.0;
    let seconds: f64 = text.parse().map_err(|_| "not a number of seconds".to_string())?;
    // NaN is in no range, so it is refused too.
    if (0.001..=DAY).contains(&seconds) {
        Ok(Duration::from_secs_f64(seconds))
    } else {
        Err("a time is 0.001 to 86400 seconds".to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_and_a_port_stand_on_two_sides_of_a_colon() {
        assert_eq!(host_and_port("localhost:5006").unwrap(), ("localhost".to_string(), 5006));
        let wrong =
            ["", ":", "localhost", ":5006", "localhost:", "localhost:0", "a:65536", "a:+5006"];
        for wrong in wrong {
            assert!(host_and_port(wrong).unwrap_err().starts_with("not HOST:PORT"), "{wrong}");
        }
        for six in ["[::1]:5006", "::1:5006", "fe80::1%eth0"] {
            assert!(host_and_port(six).unwrap_err().contains("one colon"), "{six}");
        }
    }

    #[test]
    fn seconds_are_positive_finite_and_may_have_a_fraction() {
        assert_eq!(seconds("0.5").unwrap(), Duration::from_millis(500));
        for wrong in ["", "0", "-1", "NaN", "inf", "1e300", "five"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }
}
