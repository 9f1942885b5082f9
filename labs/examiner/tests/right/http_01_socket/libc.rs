// The call itself: Rust's library has no socket that is not connected.
unsafe extern "C" {
    fn socket(domain: i32, kind: i32, protocol: i32) -> i32;
}

fn main() {
    let (inet, stream) = (2, 1);
    if unsafe { socket(inet, stream, 0) } < 0 {
        eprintln!("no socket: {}", std::io::Error::last_os_error());
        std::process::exit(1);
    }
    println!("ok");
}
