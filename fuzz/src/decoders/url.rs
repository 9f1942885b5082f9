use socket_labs::http::{Request, Url};

use super::assert_one_line;

/// A URL in the first line, and a reference on that page in the second.
pub fn url(data: &[u8]) {
    let (first, reference) = match data.iter().position(|byte| *byte == b'\n') {
        Some(end) => (&data[..end], &data[end + 1..]),
        None => (data, &b""[..]),
    };
    match Url::parse(&String::from_utf8_lossy(first)) {
        Err(why) => assert_one_line(&why.to_string()),
        Ok(url) => {
            one(&url);
            match url.join(reference) {
                Ok(joined) => {
                    one(&joined);
                    let shown = joined.to_string();
                    assert_eq!(joined.join(&shown), Ok(joined), "{shown}");
                }
                Err(why) => assert_one_line(&why.to_string()),
            }
        }
    }
}

fn one(url: &Url) {
    assert!(url.target().starts_with('/') && url.port() > 0 && !url.host().is_empty());
    let shown = url.to_string();
    assert!(shown.bytes().all(|byte| byte.is_ascii_graphic()), "{shown}");
    assert_eq!(Url::parse(&shown).as_ref(), Ok(url));
    let request = Request::get(url);
    let head = request.emit();
    if head.len() < 8_000 {
        assert_eq!(Request::parse(&head), Ok(Some((request, head.len()))));
    }
}
