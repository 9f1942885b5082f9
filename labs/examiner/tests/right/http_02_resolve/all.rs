//: run {file} {host}
// Prints every IPv4 address of the name.
use std::net::ToSocketAddrs;

fn main() {
    let name = std::env::args().nth(1).expect("a name");
    let found: Vec<_> = match (name.as_str(), 80).to_socket_addrs() {
        Ok(found) => found.map(|address| address.ip()).filter(|ip| ip.is_ipv4()).collect(),
        Err(error) => {
            eprintln!("{name}: {error}");
            std::process::exit(1);
        }
    };
    println!("{name} => {found:?}");
}
