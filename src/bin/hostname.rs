//! hostname: the name of this machine, and the IP address behind that name.
//!
//! Run:   cargo run --bin hostname
//! See:   `Host name [vm] and ip [127.0.1.1]`
//!        note: 127.0.1.1 is a loopback address: only this machine itself can reach it

use std::net::IpAddr;
use std::process::ExitCode;

use clap::Parser;
use dns_lookup::{get_hostname, lookup_host};
use socket_labs::bytes::printable;
use socket_labs::cli::{Patience, arguments};
use socket_labs::error::{Failure, OrCannot, finish};
use socket_labs::{names, note, say};

/// Prints the name of this machine and the address behind it: gethostname(), getaddrinfo().
///
/// Example: hostname
#[derive(Parser)]
#[command(name = env!("CARGO_BIN_NAME"), version, verbatim_doc_comment)]
struct Args {
    #[command(flatten)]
    patience: Patience,
}

fn main() -> ExitCode {
    finish(run(&arguments()))
}

fn run(args: &Args) -> anyhow::Result<()> {
    // The kernel knows the name. It does not know an address that goes with it.
    let name = get_hostname().or_cannot("ask for the name of", "this machine")?;

    // That is a question for the resolver: first the file `hosts`, then the name server.
    let asked = name.clone();
    let lookup = move || Ok(lookup_host(&asked)?.collect()); // getaddrinfo()
    let found: Vec<IpAddr> =
        names::within(args.patience.timeout, &name, lookup).map_err(without_address)?;

    for address in ipv4_if_any(found) {
        say!("Host name [{}] and ip [{address}]", printable(name.as_bytes()));
        if address.is_loopback() {
            note!("note: {address} is a loopback address: only this machine itself can reach it");
            note!("hint: `ip address` (`ifconfig`, `ipconfig`) shows what the others can reach");
        }
    }
    Ok(())
}

/// The IPv4 addresses, which Python's `gethostbyname()` knows alone; on a machine that has none,
/// those of IPv6. Each address once.
fn ipv4_if_any(found: Vec<IpAddr>) -> Vec<IpAddr> {
    let any = found.iter().any(IpAddr::is_ipv4);
    let mut kept: Vec<IpAddr> = Vec::new();
    for address in found {
        if address.is_ipv4() == any && !kept.contains(&address) {
            kept.push(address);
        }
    }
    kept
}

/// A name that the kernel knows and the resolver does not is a common slip of a fresh machine.
/// Debian avoids it with a line for 127.0.1.1 in `hosts`, which is where that address comes from.
fn without_address(failure: Failure) -> Failure {
    let hosts = names::system_file("hosts");
    failure.with_hint(format!(
        "this machine has that name but no address for it: `127.0.1.1 NAME` in {} gives it one",
        hosts.display()
    ))
}
