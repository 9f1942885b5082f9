// What std has for it: a TcpListener is bound, and listens as soon as it is there.
use std::net::TcpListener;

fn main() {
    match TcpListener::bind("127.0.0.1:8888") {
        Ok(listener) => println!("Socket bound to {}", listener.local_addr().unwrap()),
        Err(error) => {
            eprintln!("cannot bind port 8888: {error}");
            std::process::exit(1);
        }
    }
}
