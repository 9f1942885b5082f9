//: run {file} {host} {port} {timeout} {message}
//! The standard library alone.
use std::env;
use std::io::{Error, Read, Write};
use std::net::TcpStream;
use std::process::ExitCode;
use std::time::Duration;

fn echo(arguments: &[String]) -> Result<(), Error> {
    let [_, host, port, timeout, message] = arguments else {
        return Err(Error::other("HOST PORT SECONDS MESSAGE"));
    };
    let seconds = timeout.parse().map_err(Error::other)?;
    let mut server = TcpStream::connect((host.as_str(), port.parse().map_err(Error::other)?))?;
    server.set_read_timeout(Some(Duration::from_secs_f64(seconds)))?;
    server.write_all(message.as_bytes())?;
    let (mut piece, mut missing) = ([0; 16], message.len());
    while missing > 0 {
        let length = server.read(&mut piece)?;
        if length == 0 {
            return Err(Error::other(format!("{missing} bytes are missing")));
        }
        println!("{}", piece[..length].escape_ascii());
        missing = missing.saturating_sub(length);
    }
    println!("bye");
    Ok(())
}

fn main() -> ExitCode {
    match echo(&env::args().collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
