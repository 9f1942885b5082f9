//! service_by_port: from a port to the name of its service, and back.
//!
//! Run:   cargo run --bin service_by_port
//! Then:  cargo run --bin service_by_port -- http
//! See:   `Protocol tcp, port 25 => name [smtp]`
//!        `Protocol udp, port 53 => name [domain]`

use std::fmt;
use std::fs::File;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use dns_lookup::{
    AddrFamily, AddrInfoHints, LookupError, LookupErrorKind, SockType, getaddrinfo, getnameinfo,
};
use socket_labs::bytes::printable;
use socket_labs::cli::arguments;
use socket_labs::error::{Failure, OrCannot, finish};
use socket_labs::names::{NI_DGRAM, NI_NUMERICHOST, system_file};
use socket_labs::say;

/// Prints the name of the service on a port, or the port of a service: getnameinfo(), getaddrinfo().
///
/// Example: service_by_port 53 udp
/// Example: service_by_port http
#[derive(Parser)]
#[command(name = env!("CARGO_BIN_NAME"), version, verbatim_doc_comment)]
struct Args {
    /// A port of 0 to 65535, or the name of a service; without it: 25 tcp and 53 udp
    #[arg(value_name = "PORT", value_parser = port_or_name, allow_negative_numbers = true)]
    asked: Option<Asked>,

    /// Only this protocol; without it both are tried
    protocol: Option<Protocol>,
}

#[derive(Clone)]
enum Asked {
    Port(u16),
    Name(String),
}

#[derive(Clone, Copy, ValueEnum)]
enum Protocol {
    Tcp,
    Udp,
}

fn main() -> ExitCode {
    finish(run(&arguments()))
}

fn run(args: &Args) -> anyhow::Result<()> {
    match (&args.asked, args.protocol) {
        (None, _) => {
            answer(&Asked::Port(25), &[Protocol::Tcp])?;
            answer(&Asked::Port(53), &[Protocol::Udp])
        }
        (Some(asked), Some(protocol)) => answer(asked, &[protocol]),
        (Some(asked), None) => answer(asked, &[Protocol::Tcp, Protocol::Udp]),
    }
}

/// Prints a line for each protocol that has the service. An error if none has it.
fn answer(asked: &Asked, protocols: &[Protocol]) -> anyhow::Result<()> {
    let mut found = false;
    for &protocol in protocols {
        let port = match asked {
            Asked::Port(port) => Some(*port),
            Asked::Name(name) => port_of(name, protocol)?,
        };
        let Some(port) = port else { continue };
        // A name can be a second one: `www` leads to port 80, and port 80 to its first name, http.
        let Some(name) = name_of(port, protocol)? else { continue };
        say!("Protocol {protocol}, port {port} => name [{}]", printable(name.as_bytes()));
        found = true;
    }
    if found { Ok(()) } else { Err(none_registered(asked, protocols)) }
}

/// The name of the service on a port, or `None`.
fn name_of(port: u16, protocol: Protocol) -> Result<Option<String>, Failure> {
    // getnameinfo() is for whole addresses. NI_NUMERICHOST: no name server is asked about this one.
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let flags = match protocol {
        Protocol::Tcp => NI_NUMERICHOST,
        Protocol::Udp => NI_NUMERICHOST | NI_DGRAM,
    };
    let (_, name) = getnameinfo(&address, flags)
        .map_err(io::Error::from)
        .or_cannot("look up", format!("port {port}"))?;
    // For a port without a service it is no error: the "name" is then the number itself.
    Ok(Some(name).filter(|name| *name != port.to_string()))
}

/// The port of a service, or `None`.
fn port_of(name: &str, protocol: Protocol) -> Result<Option<u16>, Failure> {
    let hints = AddrInfoHints {
        address: AddrFamily::Inet.into(),
        socktype: match protocol {
            Protocol::Tcp => SockType::Stream.into(),
            Protocol::Udp => SockType::DGram.into(),
        },
        ..AddrInfoHints::default()
    };
    // No host: only the name of the service is looked up.
    match getaddrinfo(None, Some(name), Some(hints)) {
        Ok(answers) => Ok(answers.flatten().map(|answer| answer.sockaddr.port()).next()),
        Err(error) if is_unknown(&error) => Ok(None),
        Err(error) => Err(Failure::new("look up", format!("the service {name}"), &error.into())),
    }
}

/// Linux and Windows answer EAI_SERVICE, macOS EAI_NONAME.
fn is_unknown(error: &LookupError) -> bool {
    matches!(error.kind(), LookupErrorKind::Service | LookupErrorKind::NoName)
}

/// `no service is registered for port 1 (tcp or udp)`. The list of services is a file, and small
/// systems come without it: then the error says that.
fn none_registered(asked: &Asked, protocols: &[Protocol]) -> anyhow::Error {
    let protocols: Vec<String> = protocols.iter().map(Protocol::to_string).collect();
    let protocols = protocols.join(" or ");
    let sentence = match asked {
        Asked::Port(port) => format!("no service is registered for port {port} ({protocols})"),
        Asked::Name(name) => format!("no service is registered for the name {name} ({protocols})"),
    };
    let file = system_file("services");
    match File::open(&file).or_cannot("read", file.display().to_string()) {
        Ok(_) => anyhow::Error::msg(sentence),
        Err(missing) => {
            let hint = "that is the list of services; get it with `apt install netbase` (Debian, \
                        Ubuntu), `dnf install setup` (Fedora) or `apk add iana-etc` (Alpine)";
            anyhow::Error::new(missing.with_hint(hint)).context(sentence)
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Protocol::Tcp => "tcp",
            Protocol::Udp => "udp",
        })
    }
}

/// What looks like a number is a port; a name has a letter somewhere (RFC 6335, section 5.1).
fn port_or_name(text: &str) -> Result<Asked, String> {
    if text.contains(|c: char| c.is_ascii_alphabetic()) {
        return Ok(Asked::Name(text.to_string()));
    }
    match text.parse() {
        Ok(port) => Ok(Asked::Port(port)),
        Err(_) => Err("neither a port of 0 to 65535 nor the name of a service".to_string()),
    }
}
