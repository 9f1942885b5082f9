//: run {file} {port}
//! Rust's own library binds UDP alone without listening, so this one calls the system itself.
use std::ffi::c_int;
use std::process::ExitCode;

unsafe extern "C" {
    fn socket(domain: c_int, kind: c_int, protocol: c_int) -> c_int;
    fn bind(socket: c_int, address: *const u8, length: u32) -> c_int;
}

const AF_INET: u16 = 2;
const AF_INET6: u16 = 10;
const SOCK_STREAM: c_int = 1;

fn main() -> ExitCode {
    let port: u16 = std::env::args().nth(1).and_then(|port| port.parse().ok()).unwrap_or(8888);
    let mut address = [0; 28]; // sockaddr_in6 with the address ::, all interfaces
    address[..2].copy_from_slice(&AF_INET6.to_ne_bytes());
    address[2..4].copy_from_slice(&port.to_be_bytes());
    let mut descriptor = unsafe { socket(AF_INET6.into(), SOCK_STREAM, 0) };
    if descriptor < 0 {
        // A system without IPv6. sockaddr_in begins alike, and 0.0.0.0 is all interfaces too.
        address[..2].copy_from_slice(&AF_INET.to_ne_bytes());
        descriptor = unsafe { socket(AF_INET.into(), SOCK_STREAM, 0) };
    }
    let length = if address[..2] == AF_INET.to_ne_bytes() { 16 } else { 28 };
    let done = unsafe { bind(descriptor, address.as_ptr(), length) };
    if done != 0 {
        eprintln!("cannot bind port {port}: {}", std::io::Error::last_os_error());
        return ExitCode::FAILURE;
    }
    println!("bound to port {port}");
    ExitCode::SUCCESS
}
