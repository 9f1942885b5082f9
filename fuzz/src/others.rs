//! What other implementations say of the same bytes: crates that are too large for a test that every
//! student builds.

use std::io::Cursor;
use std::net::IpAddr;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};
use procfs_core::net::{TcpNetEntries, UdpNetEntries};
use procfs_core::{ExplicitSystemInfo, FromBufReadSI};
use socket_labs::http::{Url, percent_decoded, percent_encoded};
use socket_labs::socket_table::{Protocol, row};

/// What RFC 3986 leaves as it is.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The crate `percent-encoding` encodes alike, and decodes alike what is not broken.
pub fn percent(data: &[u8]) {
    assert_eq!(percent_encode(data, ENCODED).to_string(), percent_encoded(data));
    let text = String::from_utf8_lossy(data);
    if let Some(decoded) = percent_decoded(&text) {
        assert_eq!(percent_decode_str(&text).collect::<Vec<u8>>(), decoded);
    }
}

/// The crate `url` finds the same host, port and target, where it takes the URL; and a reference leads
/// both to the same place.
pub fn url(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (first, reference) = text.split_once('\n').unwrap_or((&text, ""));
    let Ok(ours) = Url::parse(first) else { return };
    let Ok(theirs) = url::Url::parse(&ours.to_string()) else { return };
    same(&ours, &theirs);
    // It takes a backslash for a slash and drops line ends and tabs, as browsers do; and where a
    // reference has a scheme without slashes behind it, it goes on as browsers do.
    let is_plain = reference.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if !is_plain
        || has_dots(&ours)
        || has_drive(ours.target())
        || has_drive(reference)
        || reference.contains("://")
        || reference.starts_with("//")
        || has_scheme(reference)
    {
        return;
    }
    if let (Ok(ours), Ok(theirs)) = (ours.join(reference), theirs.join(reference)) {
        same(&ours, &theirs);
    }
}

/// It resolves dots in every path, written as %2e too, and before a reference is resolved against it. We
/// do so when a reference is resolved, as RFC 3986, section 5.2, says.
fn has_dots(url: &Url) -> bool {
    url.target().contains("/.") || url.target().to_ascii_lowercase().contains("%2e")
}

/// It takes a segment `c:` for a drive of Windows, and `..` does not remove it, in http as in files.
fn has_drive(text: &str) -> bool {
    text.split(['/', '?'])
        .any(|part| matches!(part.as_bytes(), [b'a'..=b'z' | b'A'..=b'Z', b':' | b'|']))
}

fn has_scheme(reference: &str) -> bool {
    reference.split(['/', '?', '#']).next().is_some_and(|start| start.contains(':'))
}

fn same(ours: &Url, theirs: &url::Url) {
    assert_eq!(theirs.scheme(), "http");
    assert_eq!(theirs.port_or_known_default(), Some(ours.port()));
    let host = theirs.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let is_number = |host: &str| host.parse::<IpAddr>().is_ok();
    match (host.parse::<IpAddr>(), ours.host().parse::<IpAddr>()) {
        (Ok(theirs), Ok(ours)) => assert_eq!(theirs, ours),
        // It reads numbers of other forms too, `0x7f.1`, as inet_aton() does.
        _ if is_number(host) => {}
        _ => assert_eq!(host, ours.host().to_ascii_lowercase()),
    }
    if !has_dots(ours) {
        let query = theirs.query().map(|query| format!("?{query}")).unwrap_or_default();
        let target = format!("{}{query}", theirs.path());
        // Of what may be encoded and need not be, it leaves more as it is.
        let decoded = |target: &str| percent_decode_str(target).collect::<Vec<u8>>();
        assert_eq!(decoded(&target), decoded(ours.target()));
    }
}

/// The crate `procfs-core` finds the same addresses, states, queues and inodes in the kernel's lines.
pub fn socket_table(data: &[u8]) {
    let system = ExplicitSystemInfo {
        boot_time_secs: 0,
        ticks_per_second: 100,
        page_size: 4096,
        is_little_endian: cfg!(target_endian = "little"),
    };
    let Ok(text) = str::from_utf8(data) else { return };
    // Of an address with two colons it drops what is behind the second one, and it takes more
    // characters for blanks.
    let is_plain = |line: &&str| {
        line.bytes().all(|byte| (b' '..=b'~').contains(&byte))
            && line.split_whitespace().skip(1).all(|word| word.matches(':').count() < 2)
    };
    for line in text.lines().filter(is_plain) {
        let table = || Cursor::new(format!("head\n{line}\n"));
        if let Ok(TcpNetEntries(theirs)) = TcpNetEntries::from_buf_read(table(), &system) {
            let [theirs] = &theirs[..] else { continue };
            let (ours, inode) = row(line, Protocol::Tcp).expect("procfs-core reads it");
            assert_eq!(
                (ours.local, ours.remote),
                (theirs.local_address, Some(theirs.remote_address))
            );
            assert_eq!(ours.receive_queue, Some(theirs.rx_queue.into()));
            assert_eq!(ours.send_queue, Some(theirs.tx_queue.into()));
            assert_eq!(inode, theirs.inode);
            assert_eq!(ours.state.map(|state| format!("{state:?}").to_lowercase()), state(theirs));
        }
        if let Ok(UdpNetEntries(theirs)) = UdpNetEntries::from_buf_read(table(), &system) {
            let [theirs] = &theirs[..] else { continue };
            let (ours, inode) = row(line, Protocol::Udp).expect("procfs-core reads it");
            assert_eq!(
                (ours.local, ours.remote),
                (theirs.local_address, Some(theirs.remote_address))
            );
            assert_eq!((ours.state, inode), (None, theirs.inode));
        }
    }
}

/// The state by the name that we have for it.
fn state(theirs: &procfs_core::net::TcpNetEntry) -> Option<String> {
    let name = format!("{:?}", theirs.state).to_lowercase();
    Some(match &name[..] {
        "synrecv" | "newsynrecv" => "synreceived".into(),
        "close" => "closed".into(),
        _ => name,
    })
}
