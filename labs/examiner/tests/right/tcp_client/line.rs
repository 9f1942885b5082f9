//: run {file} {host} {port}
//! A line that is typed is sent with its line end. Before each read the timeout is what is left.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::process::ExitCode;
use std::time::{Duration, Instant};
use std::env;

fn ask(server: &str) -> io::Result<()> {
    let mut sentence = String::new();
    eprint!("Sentence? ");
    io::stdin().read_line(&mut sentence)?;
    let mut stream = TcpStream::connect(server)?;
    stream.write_all(sentence.as_bytes())?;
    let deadline = Instant::now() + Duration::from_secs(4);
    let (mut answer, mut piece) = (Vec::new(), [0; 2000]);
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        stream.set_read_timeout(Some(left.max(Duration::from_millis(1))))?;
        match stream.read(&mut piece)? {
            _ if left.is_zero() => return Err(io::ErrorKind::TimedOut.into()),
            0 => break,
            length => answer.extend_from_slice(&piece[..length]),
        }
    }
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
