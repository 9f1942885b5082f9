//! References: what a link or a `Location` on one page leads to (RFC 3986, section 5).

use super::percent::escaped;
use super::url::{NO_HOST, Url, UrlError, is_scheme, only_http, target_of};

impl Url {
    /// The URL that a reference on this page leads to, for example one of a `Location` header:
    /// `http://host/path`, `//host/path`, `/path`, `page.html`, `../page`, `?query` (RFC 3986,
    /// section 5.2). Bytes that are not ASCII are taken as if they had been percent-encoded.
    ///
    /// # Errors
    ///
    /// As [`Url::parse`].
    pub fn join(&self, reference: impl AsRef<[u8]>) -> Result<Url, UrlError> {
        let reference = escaped(reference.as_ref(), |byte| byte.is_ascii());
        let reference = reference.split('#').next().unwrap_or_default();
        if let Some((scheme, rest)) = reference.split_once(':')
            && is_scheme(scheme)
        {
            only_http(scheme)?;
            let rest = rest.strip_prefix("//").ok_or(NO_HOST)?;
            return Url::of_authority(rest);
        }
        if let Some(rest) = reference.strip_prefix("//") {
            return Url::of_authority(rest);
        }
        let path = self.target.split('?').next().unwrap_or_default();
        let folder = &path[..path.rfind('/').map_or(0, |slash| slash + 1)];
        let target = match reference.chars().next() {
            None => self.target.clone(),
            Some('/') => reference.to_string(),
            Some('?') => format!("{path}{reference}"),
            Some(_) => format!("{folder}{reference}"),
        };
        let mut url = self.clone();
        url.target = without_dots(&target_of(&target)?);
        Ok(url)
    }
}

/// Resolves `.` and `..` in the path (RFC 3986, section 5.2.4); above the root is the root.
fn without_dots(target: &str) -> String {
    let (path, query) = target.split_at(target.find('?').unwrap_or(target.len()));
    let mut kept: Vec<&str> = Vec::new();
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    for (i, &segment) in segments.iter().enumerate() {
        let is_last = i + 1 == segments.len();
        match segment {
            "." | ".." => {
                if segment == ".." {
                    kept.pop();
                }
                if is_last {
                    kept.push(""); // what is left is a folder
                }
            }
            _ => kept.push(segment),
        }
    }
    format!("/{}{query}", kept.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_resolved_as_the_standard_says() {
        // The examples of RFC 3986, section 5.4, as far as they are of http.
        let base = Url::parse("http://a/b/c/d;p?q").unwrap();
        for (reference, url) in [
            ("http://g", "http://g/"),
            ("g", "http://a/b/c/g"),
            ("./g", "http://a/b/c/g"),
            ("g/", "http://a/b/c/g/"),
            ("/g", "http://a/g"),
            ("//g", "http://g/"),
            ("?y", "http://a/b/c/d;p?y"),
            ("g?y", "http://a/b/c/g?y"),
            ("#s", "http://a/b/c/d;p?q"),
            ("g#s", "http://a/b/c/g"),
            (";x", "http://a/b/c/;x"),
            ("", "http://a/b/c/d;p?q"),
            (".", "http://a/b/c/"),
            ("./", "http://a/b/c/"),
            ("..", "http://a/b/"),
            ("../g", "http://a/b/g"),
            ("../..", "http://a/"),
            ("../../../g", "http://a/g"),
            ("/../g", "http://a/g"),
            ("g..", "http://a/b/c/g.."),
            ("./g/.", "http://a/b/c/g/"),
            ("g/./h", "http://a/b/c/g/h"),
            ("g;x=1/../y", "http://a/b/c/y"),
            ("g?y/../x", "http://a/b/c/g?y/../x"),
        ] {
            let joined = base.join(reference).map(|url| url.to_string());
            assert_eq!(joined, Ok(url.to_string()), "{reference}");
        }
        assert_eq!(base.join(b"/\xf1 ").unwrap().target(), "/%F1%20");
        assert!(base.join("https://g/").is_err());
        assert!(base.join("mailto:x").is_err());
        assert!(base.join("http:g").is_err());
        assert!(base.join("/x\r\nY: z").is_err());
    }
}
