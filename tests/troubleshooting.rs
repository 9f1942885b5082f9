//! `docs/troubleshooting.md` tells the table that the error sentences come from, and nothing else.
//!
//! `BLESS=1 cargo test --test troubleshooting` writes that part of the document anew.

#![allow(clippy::unwrap_used)] // in a test, a panic is the answer

use std::env;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use socket_labs::error::TABLE;

const BEGIN: &str = "<!-- errors: this table is src/error/errno.rs -->\n";
const END: &str = "<!-- end of errors -->\n";

fn table() -> String {
    let mut table = String::from(
        "\n| name | Linux | macOS | Windows | means | try |\n|---|---:|---:|---:|---|---|\n",
    );
    for errno in TABLE {
        let (name, hint) = (errno.name, errno.hint.replace('|', "\\|"));
        let [linux, macos, windows] = [errno.linux, errno.macos, errno.windows];
        writeln!(table, "| `{name}` | {linux} | {macos} | {windows} | {} | {hint} |", errno.text)
            .unwrap();
    }
    table + "\n"
}

#[test]
fn the_document_tells_the_errors_of_the_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/troubleshooting.md");
    let text = fs::read_to_string(&path).unwrap().replace("\r\n", "\n");
    let (before, rest) = text.split_once(BEGIN).unwrap();
    let (told, after) = rest.split_once(END).unwrap();
    if env::var_os("BLESS").is_some() {
        fs::write(&path, format!("{before}{BEGIN}{}{END}{after}", table())).unwrap();
        return;
    }
    assert_eq!(told, table(), "BLESS=1 cargo test --test troubleshooting writes it anew");
}

#[test]
#[cfg(target_os = "linux")]
fn the_numbers_of_linux_are_the_systems() {
    for errno in TABLE {
        let text = std::io::Error::from_raw_os_error(errno.linux).to_string();
        let known = !text.starts_with("Unknown error");
        assert!(known, "{} is not {} here: {text}", errno.name, errno.linux);
    }
}
