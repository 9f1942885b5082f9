//! The files under one folder, and nothing above it.

use std::ffi::OsStr;
use std::fmt::Write;
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use super::beneath::{self, is_missing, locate, open_file};
use super::page::{Content, HTML, Page, html, type_of};
use crate::bytes::printable;
use crate::error::Errno;
use crate::http::{imf_fixdate, percent_encoded};

/// The most names in the list of a folder.
const MAX_NAMES: usize = 1_000;

/// The most bytes of such a list: 256 KiB. Many clients may ask for it at once, and a name of 255
/// bytes can take 2,000 here.
const MAX_LIST: usize = 256 << 10;

/// The page at this path of the site. `root` has no links and no `..` in it; the path is decoded.
pub(super) fn page(root: &Path, path: &[u8]) -> Page {
    let names: Vec<&[u8]> =
        path.split(|b| *b == b'/').filter(|name| !name.is_empty() && *name != b".").collect();
    let Some(wanted) = below(root, &names) else {
        return not_found();
    };
    look_up(root, &wanted, &names, path.ends_with(b"/")).unwrap_or_else(|error| problem(&error))
}

fn look_up(root: &Path, wanted: &Path, names: &[&[u8]], slash: bool) -> io::Result<Page> {
    let (real, about) = locate(root, wanted)?;
    if about.is_file() && !slash {
        return file(root, &real);
    }
    if !about.is_dir() {
        return Ok(not_found()); // a pipe, a device, a socket
    }
    if !slash && !names.is_empty() {
        // With the slash the browser looks for the links of the page in the right folder.
        return Ok(Page::moved(301, &address(names)));
    }
    match locate(root, &real.join("index.html")) {
        Ok((index, about)) if about.is_file() => file(root, &index),
        _ => list(root, &real, names),
    }
}

/// The path with these names in it, if each is a plain name.
fn below(root: &Path, names: &[&[u8]]) -> Option<PathBuf> {
    let mut path = root.to_path_buf();
    for name in names {
        path.push(plain_name(name)?);
    }
    Some(path)
}

#[cfg(unix)]
fn plain_name(name: &[u8]) -> Option<&OsStr> {
    use std::os::unix::ffi::OsStrExt;
    (name != b"..").then(|| OsStr::from_bytes(name))
}

#[cfg(not(unix))]
fn plain_name(name: &[u8]) -> Option<&OsStr> {
    let name = std::str::from_utf8(name).ok()?;
    is_plain_on_windows(name).then(|| OsStr::new(name))
}

/// Windows has more ways to leave a folder: `\`, a drive `C:`, the devices that are in every
/// folder, and it drops dots and spaces at the end of a name.
#[cfg(any(test, not(unix)))]
fn is_plain_on_windows(name: &str) -> bool {
    const DEVICES: [&str; 6] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];
    let bad = |c: char| c.is_control() || "\\/:*?\"<>|".contains(c);
    let stem = name.split('.').next().unwrap_or_default();
    let stem = stem.trim_end().to_uppercase();
    let is_port = |port: &str| {
        let number = stem.strip_prefix(port);
        number.is_some_and(|number| number.chars().count() == 1)
    };
    !name.contains(bad)
        && !name.ends_with(['.', ' '])
        && !DEVICES.contains(&stem.as_str())
        && !is_port("COM")
        && !is_port("LPT")
}

fn file(root: &Path, real: &Path) -> io::Result<Page> {
    let (file, about) = open_file(root, real)?;
    let name = real.file_name().unwrap_or_default().to_string_lossy();
    let content = Content::File(file, about.len());
    let mut page = Page::new(type_of(&name), content);
    let age = about.modified().ok();
    if let Some(Ok(modified)) = age.map(|time| time.duration_since(UNIX_EPOCH)) {
        let date = imf_fixdate(modified.as_secs());
        page.headers.push(("Last-Modified", date));
    }
    Ok(page)
}

/// A page with a link to everything in the folder.
fn list(root: &Path, folder: &Path, names: &[&[u8]]) -> io::Result<Page> {
    let mut entries = beneath::list(root, folder, MAX_NAMES + 1)?;
    let mut more = entries.len() > MAX_NAMES;
    entries.truncate(MAX_NAMES);
    entries.sort();

    let title = html(&printable(&names.join(&b'/')));
    let mut text = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\">\
         <title>/{title}</title></head>\n<body>\n<h1>/{title}</h1>\n<ul>\n"
    );
    if !names.is_empty() {
        text.push_str("<li><a href=\"../\">../</a></li>\n");
    }
    for (name, is_folder) in entries {
        if text.len() > MAX_LIST {
            more = true;
            break;
        }
        let slash = if is_folder { "/" } else { "" };
        let link = percent_encoded(name.as_encoded_bytes());
        let shown = html(&printable(name.as_encoded_bytes()));
        // Writing to a String cannot fail.
        let _ = writeln!(text, "<li><a href=\"./{link}{slash}\">{shown}{slash}</a></li>");
    }
    text.push_str(if more {
        "</ul>\n<p>and more</p>\n</body>\n</html>\n"
    } else {
        "</ul>\n</body>\n</html>\n"
    });
    Ok(Page::of(HTML, text.into_bytes()))
}

/// The path of a folder, as it stands in a URL. It never starts with `//`, which would be the name
/// of another host.
fn address(names: &[&[u8]]) -> String {
    let names = names.iter().map(|name| percent_encoded(name) + "/");
    format!("/{}", names.collect::<String>())
}

fn not_found() -> Page {
    Page::problem(404, "There is no such file here.")
}

fn problem(error: &io::Error) -> Page {
    let name = Errno::of(error).map_or("", |errno| errno.name);
    match error.kind() {
        _ if is_missing(error) => not_found(),
        io::ErrorKind::PermissionDenied => Page::problem(403, "The server may not read this file."),
        // The server has too many files open. That passes, and another client may be lucky.
        _ if ["EMFILE", "ENFILE"].contains(&name) => {
            Page::problem(503, "The server has too many files open. Try again later.")
        }
        _ => Page::problem(500, "The server could not read this file."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_dots_lead_nowhere() {
        let root = Path::new("/srv");
        assert_eq!(below(root, &[b"a", b"b.txt"]), Some("/srv/a/b.txt".into()));
        assert_eq!(below(root, &[b"a", b".."]), None);
    }

    #[test]
    #[cfg(unix)]
    fn each_error_has_its_status() {
        use nix::errno::Errno::*;
        for (status, errors) in [
            (404, &[ENOENT, ENOTDIR, ENAMETOOLONG, ELOOP, ENXIO][..]),
            (403, &[EACCES, EPERM]),
            (503, &[EMFILE, ENFILE]),
            (500, &[EIO, ENOMEM]),
        ] {
            for error in errors {
                assert_eq!(problem(&io::Error::from(*error)).status, status, "{error}");
            }
        }
    }

    #[test]
    fn a_folder_that_moved_stays_on_this_host() {
        assert_eq!(address(&[b"evil.example", b"a b"]), "/evil.example/a%20b/");
    }

    #[test]
    fn names_that_windows_would_take_for_something_else_are_refused() {
        for plain in ["a.txt", "con-fig", "COM", "COMA1", "nul_", ".x", "señor"] {
            assert!(is_plain_on_windows(plain), "{plain}");
        }
        for other in [
            "..", "a\\b", "..\\x", "C:", "C:x", "a:stream", "nul", "NUL.txt", "con .x", "com1",
            "LPT9.a", "COM¹", "x.", "x ", "a*", "a\u{1}",
        ] {
            assert!(!is_plain_on_windows(other), "{other}");
        }
    }
}
