//! Both sides of HTTP for tests: servers that say anything, and clients of `http_server`.
#![allow(clippy::unwrap_used)] // in a test, a panic is the answer

use std::env;
use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::thread;

use super::*;

/// A server that does with each of its clients, one after the other, what the script says.
pub fn scripted(script: impl Fn(TcpStream) + Send + 'static) -> SocketAddr {
    scripted_at("127.0.0.1", script)
}

/// As [`scripted`], on another address of this machine.
pub fn scripted_at(ip: &str, script: impl Fn(TcpStream) + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind((ip, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for client in listener.incoming() {
            let client = client.unwrap();
            client.set_read_timeout(Some(PATIENCE)).unwrap();
            client.set_write_timeout(Some(PATIENCE)).unwrap();
            client.set_nodelay(true).unwrap();
            script(client);
        }
    });
    address
}

/// Reads a request up to its empty line.
pub fn request_of(mut client: &TcpStream) -> String {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") && client.read(&mut byte).unwrap_or(0) > 0 {
        request.push(byte[0]);
    }
    String::from_utf8(request).unwrap()
}

/// A server that reads a request, sends these bytes, and closes.
pub fn answering(bytes: impl Into<Vec<u8>>) -> SocketAddr {
    let bytes = bytes.into();
    scripted(move |mut client| {
        request_of(&client);
        let _ = client.write_all(&bytes);
    })
}

/// A loaded machine is slow: unless a test is about the timeout, there is plenty of time.
pub fn in_peace(more: &[&str]) -> &'static [&'static str] {
    if more.contains(&"--timeout") { &[] } else { &["--timeout", "50"] }
}

/// Gets a page of a server with `http_get`.
pub fn get(server: SocketAddr, path: &str, more: &[&str]) -> Ended {
    let url = format!("http://{server}{path}");
    run("http_get", &[&[&url[..]], more, in_peace(more)].concat())
}

/// Bytes that differ from one another, so that none can be lost or moved unseen.
pub fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|i| (i % 251) as u8).collect()
}

/// A folder that nobody else uses, and that is gone when the test is over.
pub struct Folder(pub PathBuf);

impl Folder {
    /// An empty folder with the name of the test.
    pub fn new() -> Folder {
        let test = thread::current().name().unwrap().replace("::", "-");
        let path = env::temp_dir().join(format!("socket-labs-{}-{test}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    /// The path of a file in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Writes a file, in folders of its own if need be.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Reads until the client goes.
pub fn request_of_all(mut client: TcpStream) {
    let _ = client.read_to_end(&mut Vec::new());
}

/// An `http_server` that is ready.
pub fn server(more: &[&str]) -> (Running, SocketAddr) {
    let server = start("http_server", &[&["--port", "0"], more].concat());
    let address = server.address();
    server.prints("The web server is ready on ");
    (server, address)
}

/// A server of a folder with these files.
pub fn server_of(folder: &Folder) -> (Running, SocketAddr) {
    server(&["--root", folder.0.to_str().unwrap()])
}

/// Sends these bytes, ends the stream, and reads until the server closes.
pub fn ask(server: SocketAddr, bytes: impl AsRef<[u8]>) -> String {
    let mut client = connect(server);
    client.write_all(bytes.as_ref()).unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    rest_of(client)
}

/// What the server still sends until it closes. A reset would lose the end of it.
pub fn rest_of(mut client: TcpStream) -> String {
    let (answer, error) = read_to_end(&mut client);
    assert_eq!(error, None, "{}", String::from_utf8_lossy(&answer));
    String::from_utf8(answer).unwrap()
}

/// A curl that says what was wrong, and that ends.
pub fn curl(args: &[&str]) -> Command {
    let mut command = Command::new("curl");
    command.args(["--silent", "--show-error", "--path-as-is", "--max-time", "50"]).args(args);
    command
}

/// The status that curl sees, and the body.
pub fn curl_status(server: SocketAddr, path: &str) -> (String, String) {
    let ended = run_command(curl(&["-w", "\n%{http_code}", &format!("http://{server}{path}")]));
    let (body, status) = ended.stdout.rsplit_once('\n').unwrap();
    (status.to_string(), body.to_string())
}
