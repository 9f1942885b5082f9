use examiner::ask::packets::{Kind, parse};

/// An IP packet of the loopback interface, as an experiment of `labs ask` sees it.
pub fn packets(data: &[u8]) {
    let Some(packet) = parse(data) else { return };
    assert_eq!(packet.from.0, packet.to.0);
    match packet.kind {
        Kind::Data(bytes) => {
            assert!(!bytes.is_empty() && data.ends_with(&bytes));
            assert!(data.len() >= 20 + 20 + bytes.len(), "two headers");
        }
        Kind::Datagram(bytes) => {
            assert!(data.ends_with(&bytes) && data.len() >= 20 + 8 + bytes.len())
        }
        Kind::Signal(..) | Kind::Unreachable => {}
    }
}
