//! http_server --root: nothing outside the folder, whatever is in it and whatever changes there.

#![cfg(unix)]
#![allow(clippy::unwrap_used)] // in a test, a panic is the answer

mod common;

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use common::web::*;
use common::*;
use socket_labs::bytes::is_hidden;

/// A request on a connection that stays open.
const GET: &[u8] = b"GET /file.txt HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// How many times each client asks while the folder changes.
const TURNS: usize = 300;

/// A named pipe that nobody writes to. Opening it waits for a writer.
fn make_pipe(path: &Path) -> bool {
    let mut mkfifo = Command::new("mkfifo");
    mkfifo.arg(path);
    needs(&["mkfifo"]) && run_command(mkfifo).code == Some(0)
}

/// A folder `root` with something in it, and a folder `outside` beside it.
fn inside_and_outside() -> Folder {
    let folder = Folder::new();
    folder.write("root/file.txt", "inside\n");
    folder.write("root/sub/file.txt", "inside\n");
    folder.write("root/sub/index.html", "inside\n");
    folder.write("root/list/file.txt", "inside\n");
    for name in ["file.txt", "index.html", "secret-name"] {
        folder.write(&format!("outside/{name}"), "secret\n");
    }
    folder
}

/// The status and the body of the answer to one GET.
fn page(server: SocketAddr, path: &str) -> (String, String) {
    let answer = ask(server, format!("GET {path} HTTP/1.0\r\n\r\n"));
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head[9..12].to_string(), body.to_string())
}

#[test]
fn links_and_pipes_that_are_swapped_in_give_nothing_away_and_hold_nobody() {
    let folder = inside_and_outside();
    let path = |name: &str| folder.path(name);
    if !make_pipe(&path("pipe")) {
        return;
    }
    symlink(path("outside/file.txt"), path("link")).unwrap();
    symlink(path("outside"), path("folder-link")).unwrap();
    fs::copy(path("root/file.txt"), path("plain")).unwrap();
    let root = path("root").display().to_string();
    // The seats are few, so that one that is lost is missed.
    let (mut server, address) = server(&["--root", &root, "--max-clients", "8"]);

    let (done, swaps) = (AtomicBool::new(false), AtomicUsize::new(0));
    let put = |what: &str, at: &str| {
        let new = path("new");
        let _ = fs::remove_file(&new);
        fs::hard_link(path(what), &new).unwrap();
        fs::rename(&new, path(at)).unwrap(); // in the place of what was there
    };
    let paths = ["/file.txt", "/sub/index.html", "/sub/", "/sub/file.txt", "/list/"];
    thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                for at in ["root/file.txt", "root/sub/index.html"] {
                    for what in ["plain", "link", "plain", "pipe"] {
                        put(what, at);
                    }
                }
                // The folders themselves. A link is put in the place of each, and taken away again.
                for name in ["root/sub", "root/list"] {
                    let _ = fs::rename(path(name), path("aside"));
                    fs::rename(path("folder-link"), path(name)).unwrap();
                    fs::rename(path(name), path("folder-link")).unwrap();
                    let _ = fs::rename(path("aside"), path(name));
                }
                swaps.fetch_add(1, Ordering::Relaxed);
            }
        });
        let ask_all = || {
            let mut found = 0;
            for turn in 0..TURNS {
                let path = paths[turn % paths.len()];
                let (status, body) = page(address, path);
                assert!(!body.contains("secret"), "{path}: {body}");
                assert!(["200", "404"].contains(&&status[..]), "{path}: {status} {body}");
                found += usize::from(status == "200");
            }
            found
        };
        let clients = [(); 4].map(|()| scope.spawn(ask_all));
        // The one that swaps is to end, even if a client has panicked.
        let found = clients.map(|client| client.join());
        done.store(true, Ordering::Relaxed);
        let found: usize = found.into_iter().map(Result::unwrap).sum();
        assert!(found > 0, "now and then the file is there");
    });
    assert!(swaps.into_inner() > 10);
    assert!(server.is_alive());
    put("plain", "root/file.txt");
    assert_eq!(page(address, "/file.txt"), ("200".into(), "inside\n".into()));
    eventually("every seat is free again", || {
        let mut guests: Vec<TcpStream> = (0..8).map(|_| connect(address)).collect();
        guests.iter_mut().all(|guest| guest.write_all(GET).is_ok() && status_of(guest) == "200")
    });
}

#[test]
fn what_is_no_file_is_404_whatever_it_is() {
    let folder = inside_and_outside();
    let path = |name: &str| folder.path(name);
    symlink("loop", path("root/loop")).unwrap();
    symlink("two", path("root/one")).unwrap();
    symlink("one", path("root/two")).unwrap();
    symlink("nothing", path("root/dangling")).unwrap();
    symlink("../outside/file.txt", path("root/out.txt")).unwrap();
    symlink("../outside", path("root/out")).unwrap();
    let _socket = UnixListener::bind(path("root/socket")).unwrap();
    if !make_pipe(&path("root/pipe")) {
        return;
    }
    symlink("pipe", path("root/to-pipe")).unwrap();
    symlink("/dev/zero", path("root/device")).unwrap();
    let long_name = format!("/{}", "x".repeat(300));
    let long_path = "/x".repeat(3_000);
    let (_server, address) = server(&["--root", path("root").to_str().unwrap()]);
    for path in [
        "/loop",
        "/loop/",
        "/loop/x",
        "/one",
        "/two/x",
        "/dangling",
        "/dangling/",
        "/out.txt",
        "/out",
        "/out/",
        "/out/secret-name",
        "/socket",
        "/pipe",
        "/pipe/",
        "/to-pipe",
        "/device",
        "/file.txt/",
        "/file.txt/x",
        "/nothing",
        &long_name,
        &long_path,
    ] {
        let (status, body) = page(address, path);
        assert_eq!((&status[..], &body[..3]), ("404", "404"), "{path:.40}: {body}");
    }
}

#[test]
fn links_that_stay_inside_are_followed() {
    let folder = inside_and_outside();
    let path = |name: &str| folder.path(name);
    symlink("file.txt", path("root/relative.txt")).unwrap();
    symlink(path("root/file.txt"), path("root/absolute.txt")).unwrap();
    symlink("../root/file.txt", path("root/out-and-in.txt")).unwrap();
    symlink("relative.txt", path("root/twice.txt")).unwrap();
    symlink("sub", path("root/folder")).unwrap();
    symlink("../file.txt", path("root/sub/up.txt")).unwrap();
    folder.write("root/list/x", "x");
    symlink("../sub/index.html", path("root/list/index.html")).unwrap();
    let (_server, address) = server(&["--root", path("root").to_str().unwrap()]);
    for path in [
        "/relative.txt",
        "/absolute.txt",
        "/out-and-in.txt",
        "/twice.txt",
        "/folder/file.txt",
        "/folder/",
        "/folder/up.txt",
        "/sub/",
        "/list/",
    ] {
        assert_eq!(page(address, path), ("200".into(), "inside\n".into()), "{path}");
    }
    let (status, list) = page(address, "/");
    assert_eq!(status, "200");
    for link in ["href=\"./sub/\"", "href=\"./folder\"", "href=\"./relative.txt\""] {
        assert!(list.contains(link), "{link}: {list}");
    }
}

/// A name is a stranger's text: it shows what it is, and its link still leads to the file.
#[test]
fn a_name_that_hides_something_is_listed_with_its_escapes() {
    let folder = inside_and_outside();
    folder.write("root/list/\u{202e}gpj.exe", "inside\n");
    folder.write("root/list/a\u{200b}\n<b>", "inside\n");
    let (_server, address) = server(&["--root", folder.path("root").to_str().unwrap()]);
    let (_, list) = page(address, "/list/");
    let hidden: Vec<char> = list.chars().filter(|c| is_hidden(*c) && *c != '\n').collect();
    assert!(hidden.is_empty(), "{hidden:?}: {list}");
    for entry in [
        r#"<a href="./%E2%80%AEgpj.exe">\u{202e}gpj.exe</a>"#,
        r#"<a href="./a%E2%80%8B%0A%3Cb%3E">a\u{200b}\n&lt;b&gt;</a>"#,
    ] {
        assert!(list.contains(entry), "{entry}: {list}");
    }
    assert_eq!(page(address, "/list/%E2%80%AEgpj.exe"), ("200".into(), "inside\n".into()));
}

/// A page of evil.example runs in a browser of this machine, and evil.example is 127.0.0.1 now.
#[test]
fn a_folder_is_shown_to_this_machine_and_not_to_the_pages_of_other_sites() {
    let folder = inside_and_outside();
    let root = folder.path("root").display().to_string();
    let (_server, address) = server(&["--root", &root]);
    let asked = |target: &str, host: &str| {
        ask(address, format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n"))
    };
    for (target, host) in [
        ("/file.txt", "evil.example"),
        ("/file.txt", "evil.example:8080"),
        ("/list/", "evil.example"),
        ("/nothing", "evil.example"),
        ("/file.txt", "localhost.evil.example"),
        ("/file.txt", "127.0.0.1.evil.example"),
        ("/file.txt", "10.0.0.1"),
        ("/file.txt", ""),
        ("http://evil.example/file.txt", "localhost"),
        ("http://localhost/file.txt", "evil.example"),
        ("http://localhost@evil.example/file.txt", "localhost"),
    ] {
        let answer = asked(target, host);
        assert!(answer.starts_with("HTTP/1.1 421 Misdirected Request\r\n"), "{host:?}: {answer}");
        assert!(!answer.contains("inside") && !answer.contains("secret"), "{host:?}: {answer}");
    }
    for (target, host) in [
        ("/file.txt", "localhost"),
        ("/file.txt", "LocalHost:8080"),
        ("/file.txt", "127.0.0.1:8080"),
        ("/file.txt", "127.1.2.3"),
        ("/file.txt", "[::1]:8080"),
        ("http://127.0.0.1:8080/file.txt", "127.0.0.1:8080"),
    ] {
        let answer = asked(target, host);
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{host:?}: {answer}");
        assert!(answer.ends_with("\r\n\r\ninside\n"), "{host:?}: {answer}");
        for field in
            ["X-Content-Type-Options: nosniff", "Cross-Origin-Resource-Policy: same-origin"]
        {
            assert!(answer.contains(&format!("\r\n{field}\r\n")), "{answer}");
        }
    }
    assert_eq!(page(address, "/file.txt").0, "200", "HTTP/1.0, without a Host");
    // The built-in pages are nobody's, and what the whole network may see has many names.
    let (_built_in, built_in) = server(&[]);
    let (_open, open) = server(&["--root", &root, "--host", ""]);
    let open = SocketAddr::from(([127, 0, 0, 1], open.port()));
    for (server, target) in [(built_in, "/hello.txt"), (open, "/file.txt")] {
        let answer = ask(server, format!("GET {target} HTTP/1.1\r\nHost: example.com\r\n\r\n"));
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    }
}

/// Three hundred clients may ask for it at once.
#[test]
fn the_list_of_a_folder_has_an_end_in_bytes_too() {
    let folder = Folder::new();
    let hostile = "\"".repeat(250);
    for number in 0..500 {
        folder.write(&format!("{hostile}{number:03}"), "");
    }
    let (_server, address) = server_of(&folder);
    let (status, list) = page(address, "/");
    assert_eq!(status, "200");
    assert!((256 << 10..260 << 10).contains(&list.len()), "{}", list.len());
    assert!(list.ends_with("</li>\n</ul>\n<p>and more</p>\n</body>\n</html>\n"));
}

#[test]
fn a_root_that_is_itself_a_link_is_shown() {
    let folder = inside_and_outside();
    symlink("root", folder.path("link")).unwrap();
    let (_server, address) = server(&["--root", folder.path("link").to_str().unwrap()]);
    assert_eq!(page(address, "/file.txt"), ("200".into(), "inside\n".into()));
    assert_eq!(page(address, "/sub/"), ("200".into(), "inside\n".into()));
}

#[test]
fn without_file_descriptors_a_page_is_503_and_later_it_is_there() {
    let folder = inside_and_outside();
    let root = folder.path("root").display().to_string();
    let limited = with_open_files(10, "http_server", &["--port", "0", "--root", &root]);
    let server = Running::start(limited);
    let address = server.address();
    let mut first = connect(address);
    // Each guest takes a descriptor of the server, until none is left for a file.
    let mut guests = Vec::new();
    let mut statuses = Vec::new();
    while guests.len() < 10 && statuses.last().is_none_or(|status| status != "503") {
        guests.push(connect(address));
        first.write_all(GET).unwrap();
        statuses.push(status_of(&first));
    }
    assert_eq!(statuses.last().unwrap(), "503", "{statuses:?}");
    drop(guests);
    eventually("the file can be opened again", || {
        (&first).write_all(GET).unwrap();
        status_of(&first) == "200"
    });
}

/// Reads one answer with its body from a connection that stays open, and gives its status.
fn status_of(mut client: &TcpStream) -> String {
    let mut answer = Vec::new();
    let mut byte = [0];
    while !answer.ends_with(b"\r\n\r\n") {
        client.read_exact(&mut byte).unwrap();
        answer.push(byte[0]);
    }
    let head = String::from_utf8(answer).unwrap();
    let length = head.split("Content-Length: ").nth(1).unwrap().split("\r\n").next().unwrap();
    client.read_exact(&mut vec![0; length.parse().unwrap()]).unwrap();
    head[9..12].to_string()
}
