//: run {file} {port}
use std::net::TcpListener;
use std::process::ExitCode;

fn main() -> ExitCode {
    let port: u16 = std::env::args().nth(1).and_then(|port| port.parse().ok()).unwrap_or(8888);
    let accepted = TcpListener::bind(("127.0.0.1", port)).and_then(|server| server.accept());
    match accepted {
        Ok((_, peer)) => println!("connected: {peer}"),
        Err(error) => {
            eprintln!("port {port}: {error}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
