//! The standard library, and a set that knows each address once.
//: run {file} {name}

use std::collections::BTreeSet;
use std::net::{IpAddr, ToSocketAddrs};
use std::process::ExitCode;

fn main() -> ExitCode {
    let name = std::env::args().nth(1).unwrap_or_else(|| "www.google.com".into());
    match (name.as_str(), 80).to_socket_addrs() {
        Ok(found) => {
            let addresses: BTreeSet<IpAddr> = found.map(|address| address.ip()).collect();
            for (i, address) in addresses.iter().enumerate() {
                println!("{}. {name} está en {address}.", i + 1);
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{name}: {error}");
            ExitCode::from(2)
        }
    }
}
