//! The name from the kernel's file, the addresses from the standard library.

use std::fs;
use std::net::{IpAddr, ToSocketAddrs};
use std::process::ExitCode;

fn main() -> ExitCode {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name = name.trim();
    let found = match (name, 0).to_socket_addrs() {
        Ok(found) => found,
        Err(error) => {
            eprintln!("error: cannot resolve {name}: {error}");
            return ExitCode::FAILURE;
        }
    };
    let mut addresses: Vec<IpAddr> = found.map(|address| address.ip()).collect();
    addresses.dedup();
    println!("name={name}");
    for address in addresses {
        println!("address={address} loopback={}", address.is_loopback());
    }
    ExitCode::SUCCESS
}
