//: run {file} {port}
//! Rust's own library binds UDP alone without listening, so this one calls the system itself.
use std::ffi::c_int;
use std::process::ExitCode;

unsafe extern "C" {
    fn socket(domain: c_int, kind: c_int, protocol: c_int) -> c_int;
    fn bind(socket: c_int, address: *const u8, length: u32) -> c_int;
}

const AF_INET6: u16 = 10;
const SOCK_STREAM: c_int = 1;

fn main() -> ExitCode {
    let port: u16 = std::env::args().nth(1).and_then(|port| port.parse().ok()).unwrap_or(8888);
    let mut address = [0; 28]; // sockaddr_in6 with the address ::, all interfaces
    address[..2].copy_from_slice(&AF_INET6.to_ne_bytes());
    address[2..4].copy_from_slice(&port.to_be_bytes());
    let done = unsafe { bind(socket(AF_INET6.into(), SOCK_STREAM, 0), address.as_ptr(), 28) };
    if done != 0 {
        eprintln!("cannot bind port {port}: {}", std::io::Error::last_os_error());
        return ExitCode::FAILURE;
    }
    println!("bound to [::]:{port}");
    ExitCode::SUCCESS
}
