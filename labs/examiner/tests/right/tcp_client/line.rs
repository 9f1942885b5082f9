//: run {file} {host} {port}
//! A line that is typed is sent with its line end.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::process::ExitCode;
use std::time::Duration;
use std::env;

fn ask(server: &str) -> io::Result<()> {
    let mut sentence = String::new();
    eprint!("Sentence? ");
    io::stdin().read_line(&mut sentence)?;
    let mut stream = TcpStream::connect(server)?;
    stream.set_read_timeout(Some(Duration::from_secs(2)))?;
    stream.write_all(sentence.as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    println!("{} to {}", stream.local_addr()?, server);
    io::stdout().write_all(&answer)?;
    println!();
    Ok(())
}

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    match ask(&words.join(":")) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
