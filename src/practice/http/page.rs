//! What is answered: a status, header fields and a content.

use std::borrow::Cow;
use std::fs::File;

use crate::http::reason;

/// The answer to a request, before the headers that every answer has.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) content: Content,
}

/// Where the bytes of the body come from.
#[derive(Debug)]
pub(super) enum Content {
    Bytes(Cow<'static, [u8]>),
    /// So many bytes from the start of a file.
    File(File, u64),
    /// Parts of a body whose length is not said beforehand.
    Chunks(&'static [&'static str]),
}

/// Plain text.
pub(super) const TEXT: &str = "text/plain; charset=utf-8";

/// A page with pictures and links.
pub(super) const HTML: &str = "text/html; charset=utf-8";

impl Page {
    /// A page of this type with status 200.
    pub(super) fn new(content_type: &str, content: Content) -> Page {
        Page { status: 200, headers: vec![("Content-Type", content_type.to_string())], content }
    }

    /// A page of bytes with status 200.
    pub(super) fn of(content_type: &str, bytes: impl Into<Cow<'static, [u8]>>) -> Page {
        Page::new(content_type, Content::Bytes(bytes.into()))
    }

    /// A page that says what went wrong.
    pub(super) fn problem(status: u16, sentence: &str) -> Page {
        let text = format!("{status} {}\n{sentence}\n", reason(status));
        let mut page = Page::of(TEXT, text.into_bytes());
        page.status = status;
        page
    }

    /// The page is elsewhere: 301 for good, 302 for now.
    pub(super) fn moved(status: u16, location: &str) -> Page {
        let mut page = Page::problem(status, &format!("The page is at {location}"));
        page.headers.push(("Location", location.to_string()));
        page
    }
}

/// The type of a file by the end of its name (RFC 9110, section 8.3).
pub(super) fn type_of(file_name: &str) -> &'static str {
    let end = file_name.rsplit_once('.').map_or("", |(_, end)| end);
    match end.to_ascii_lowercase().as_str() {
        "html" | "htm" => HTML,
        "txt" | "md" | "rs" | "py" | "c" | "toml" | "log" => TEXT,
        "css" => "text/css; charset=utf-8",
        "csv" => "text/csv; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "pdf" => "application/pdf",
        "gif" => "image/gif",
        "ico" => "image/x-icon",
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        "webp" => "image/webp",
        _ => "application/octet-stream",
    }
}

/// Text for a page of HTML, where `<`, `>`, `&` and quotes have a meaning of their own.
pub(super) fn html(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_is_known_by_the_end_of_the_name() {
        assert_eq!(type_of("a.b.HTML"), HTML);
        assert_eq!(type_of("html"), "application/octet-stream");
        assert_eq!(type_of(""), "application/octet-stream");
    }

    #[test]
    fn a_name_cannot_become_a_tag() {
        assert_eq!(html("<a b='&\">"), "&lt;a b=&#39;&amp;&quot;&gt;");
    }
}
