//! resolve: every IP address of a name.
//!
//! Run:   cargo run --bin resolve
//! Then:  cargo run --bin resolve -- localhost
//! See:   `IP address [142.250.78.100] of [www.google.com]`

use std::io;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use clap::builder::NonEmptyStringValueParser;
use dns_lookup::{AddrFamily, AddrInfoHints, SockType, getaddrinfo};
use socket_labs::bytes::printable;
use socket_labs::cli::{Families, Patience, arguments};
use socket_labs::error::{Failure, finish};
use socket_labs::names::{self, Family, numeric_host};
use socket_labs::{note, say};

/// The name that is asked for when none is given.
const DEFAULT: &str = "www.google.com";

/// The name that every machine knows without a network (RFC 6761, section 6.3).
const WITHOUT_NETWORK: &str = "localhost";

/// Prints every address of a name: getaddrinfo().
///
/// Example: resolve -4 www.google.com
#[derive(Parser)]
#[command(name = env!("CARGO_BIN_NAME"), version, verbatim_doc_comment)]
struct Args {
    /// The name to resolve [default: www.google.com]
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    name: Option<String>,

    #[command(flatten)]
    families: Families,

    #[command(flatten)]
    patience: Patience,

    /// With no NAME and no network, fail; do not go on with localhost
    #[arg(long)]
    online: bool,
}

fn main() -> ExitCode {
    finish(run(&arguments()))
}

fn run(args: &Args) -> anyhow::Result<()> {
    let (family, timeout) = (args.families.family(), args.patience.timeout);
    let name = args.name.as_deref().unwrap_or(DEFAULT);
    match addresses(name, family, timeout) {
        Ok(found) => show(name, &found, ""),
        Err(failure) if args.name.is_none() && !args.online => {
            note!("note: {failure}: going on with {WITHOUT_NETWORK}, which needs no network");
            let found = addresses(WITHOUT_NETWORK, family, timeout)?;
            show(WITHOUT_NETWORK, &found, " (practice name)");
        }
        Err(failure) => return Err(failure.into()),
    }
    Ok(())
}

fn show(name: &str, found: &[SocketAddr], mark: &str) {
    for address in found {
        let address = numeric_host(address); // the port is no part of it
        say!("IP address [{address}] of [{}]{mark}", printable(name.as_bytes()));
    }
}

/// Every address of a name, each once, in the order in which a client should try them.
fn addresses(name: &str, family: Family, timeout: Duration) -> Result<Vec<SocketAddr>, Failure> {
    let hints = AddrInfoHints {
        address: match family {
            Family::Any => 0, // AF_UNSPEC
            Family::V4 => AddrFamily::Inet.into(),
            Family::V6 => AddrFamily::Inet6.into(),
        },
        // Without a socket type, each address comes three times: for TCP, for UDP, and raw.
        socktype: SockType::Stream.into(),
        ..AddrInfoHints::default()
    };
    let asked = name.to_string();
    let answers = names::within(timeout, name, move || {
        let answers = getaddrinfo(Some(&asked), None, Some(hints))?;
        Ok(answers.collect::<io::Result<Vec<_>>>()?)
    })?;

    // An address can still come twice: when it stands twice in the file `hosts`.
    let mut found = Vec::new();
    for answer in answers {
        if !found.contains(&answer.sockaddr) {
            found.push(answer.sockaddr);
        }
    }
    Ok(found)
}
