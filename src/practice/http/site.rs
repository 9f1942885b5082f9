//! What a practice web server shows: its built-in pages, or a folder.

use std::path::{Path, PathBuf};

use super::folder;
use super::page::{Content, HTML, Page, TEXT};
use crate::error::{Failure, OrCannot};

/// What a practice web server shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site(Source);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Source {
    BuiltIn,
    Folder(PathBuf),
}

impl Site {
    /// The pages that are part of this library: nothing of the disk is shown.
    pub fn built_in() -> Site {
        Site(Source::BuiltIn)
    }

    /// The files under this folder, and nothing above it.
    ///
    /// # Errors
    ///
    /// `cannot serve PATH: …` when it is not there, or no folder.
    pub fn folder(path: &Path) -> Result<Site, Failure> {
        let shown = path.display().to_string();
        // Without links and `..`, so that it can be compared with the path of a file.
        let real = path.canonicalize().or_cannot("serve", &shown)?;
        std::fs::read_dir(&real).or_cannot("serve", &shown)?;
        Ok(Site(Source::Folder(real)))
    }

    /// The page at this path, which is decoded and starts with `/`.
    pub(super) fn page(&self, path: &[u8]) -> Page {
        match &self.0 {
            Source::BuiltIn => built_in(path),
            Source::Folder(root) => folder::page(root, path),
        }
    }
}

fn built_in(path: &[u8]) -> Page {
    match path {
        b"/" | b"/index.html" => Page::of(HTML, INDEX.as_bytes()),
        b"/hello.txt" => Page::of(TEXT, &b"Hello from the practice web server.\n"[..]),
        b"/bytes.bin" => {
            let every_byte: Vec<u8> = (0..=255).collect();
            Page::of("application/octet-stream", every_byte)
        }
        b"/chunked" => Page::new(TEXT, Content::Chunks(CHUNKS)),
        b"/moved" => Page::moved(302, "/hello.txt"),
        b"/loop" => Page::moved(302, "/loop"),
        _ => Page::problem(404, "There is no such page here."),
    }
}

const CHUNKS: &[&str] = &[
    "This body was sent in chunks.\n",
    "Each chunk says its own size, in hexadecimal, in a line before it.\n",
    "So the server need not know the length of the whole when it begins to send.\n",
];

const INDEX: &str = r#"<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>The practice web server</title></head>
<body>
<h1>The practice web server</h1>
<p>You are reading the body of an HTTP response. A name became an address, a socket was connected
to it, a few lines of text went one way, and this text came the other way.</p>
<p>HTTP is a conversation that people can read. The request is a line that says what is wanted, then
header lines, then an empty line. The response is a line that says how it went, then header lines,
then an empty line, and then the page.</p>
<p>More to ask for:</p>
<ul>
<li><a href="/hello.txt">/hello.txt</a>: one line of text</li>
<li><a href="/bytes.bin">/bytes.bin</a>: every byte from 0 to 255, once each</li>
<li><a href="/chunked">/chunked</a>: a body in chunks, without a Content-Length</li>
<li><a href="/moved">/moved</a>: a page that has moved to /hello.txt</li>
<li><a href="/loop">/loop</a>: a page that has moved to itself</li>
<li><a href="/missing">/missing</a>: a page that is not there</li>
</ul>
</body>
</html>
"#;
