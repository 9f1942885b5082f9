//! What a practice web server shows: its built-in pages, or a folder.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use super::folder;
use super::page::{Content, HTML, Page, TEXT};
use crate::error::{Failure, OrCannot};
use crate::http::Request;

/// What a practice web server shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site(Source);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Source {
    BuiltIn,
    Folder { root: PathBuf, bound: IpAddr },
}

impl Site {
    /// The pages that are part of this library: nothing of the disk is shown.
    pub fn built_in() -> Site {
        Site(Source::BuiltIn)
    }

    /// The files under this folder, and nothing above it, for a server that is bound to this
    /// address. A loopback address shows them to this machine alone.
    ///
    /// # Errors
    ///
    /// `cannot serve PATH: …` when it is not there, or no folder.
    pub fn folder(path: &Path, bound: IpAddr) -> Result<Site, Failure> {
        let shown = path.display().to_string();
        // Without links and `..`, so that it can be compared with the path of a file.
        let root = path.canonicalize().or_cannot("serve", &shown)?;
        std::fs::read_dir(&root).or_cannot("serve", &shown)?;
        Ok(Site(Source::Folder { root, bound }))
    }

    /// Whether a request may have a page of this site.
    ///
    /// A folder that is shown to this machine alone is shown to its browsers too, and these run the
    /// programs of strangers. A browser lets a page of `http://evil.example` read what comes from
    /// that name, and the owner of the name can let it stand for 127.0.0.1 ("DNS rebinding"). But
    /// the browser says the name in `Host`.
    pub(super) fn is_for(&self, request: &Request) -> bool {
        match &self.0 {
            Source::Folder { bound, .. } if bound.is_loopback() => {
                request.hosts().all(|host| host.is_some_and(|host| is_this_machine(&host)))
            }
            _ => true,
        }
    }

    /// The page at this path, which is decoded and starts with `/`.
    pub(super) fn page(&self, path: &[u8]) -> Page {
        match &self.0 {
            Source::BuiltIn => built_in(path),
            Source::Folder { root, .. } => {
                let mut page = folder::page(root, path);
                page.headers.extend(NOT_FOR_OTHER_SITES.map(|(name, value)| (name, value.into())));
                page
            }
        }
    }
}

fn is_this_machine(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

/// Tells a browser not to guess what a file is, and not to hand it to the pages of other sites.
const NOT_FOR_OTHER_SITES: [(&str, &str); 2] =
    [("X-Content-Type-Options", "nosniff"), ("Cross-Origin-Resource-Policy", "same-origin")];

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
