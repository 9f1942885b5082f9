//: run {file} {host} {port}
// Sends the request line by line, with a header or two more than are asked for.
use std::io::Write;
use std::net::TcpStream;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let (host, port) = (&arguments[1], &arguments[2]);
    let lines = [
        "GET / HTTP/1.1".to_string(),
        format!("Host: {host}:{port}"),
        "User-Agent: practica/1.0".into(),
        "Accept: */*".into(),
        "connection: Close".into(),
        String::new(),
    ];
    let send = || -> std::io::Result<()> {
        let mut stream = TcpStream::connect(format!("{host}:{port}"))?;
        for line in &lines {
            stream.write_all(format!("{line}\r\n").as_bytes())?;
            println!("{:?}", format!("{line}\r\n"));
        }
        Ok(())
    };
    if let Err(error) = send() {
        eprintln!("{host}: {error}");
        std::process::exit(1);
    }
}
