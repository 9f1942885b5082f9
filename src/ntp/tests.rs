//! The codec against packets that other programs made.

use proptest::prelude::*;

use super::*;
use crate::bytes::annotated;

/// The answer of chronyd 4.3 (`local stratum 8`) to a request with the transmit timestamp below.
const CHRONYD: [u8; 48] = [
    0x24, 0x08, 0x00, 0xe6, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x7f, 0x7f, 0x01, 0x01,
    0xee, 0xab, 0x9a, 0x8d, 0xbe, 0x56, 0xad, 0x83, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef,
    0xee, 0xab, 0x9a, 0x8f, 0xaf, 0xe9, 0x3e, 0x2f, 0xee, 0xab, 0x9a, 0x8f, 0xaf, 0xee, 0x7f, 0x70,
];

/// The same of a chronyd that has no source of time.
const CHRONYD_LOST: [u8; 48] = [
    0xe4, 0x00, 0x00, 0xe6, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef,
    0xee, 0xab, 0x9a, 0x90, 0x7b, 0x16, 0xa6, 0x1d, 0xee, 0xab, 0x9a, 0x90, 0x7b, 0x1c, 0x03, 0x88,
];

/// A request of chronyd 4.3: its transmit timestamp is random.
const CHRONYD_ASKS: [u8; 48] = [
    0x23, 0x00, 0x06, 0x20, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0xd9, 0x67, 0x62, 0x51, 0x39, 0x60, 0xee,
];

const OURS: Timestamp = Timestamp(0x0123_4567_89ab_cdef);

fn chronyd() -> Packet {
    Packet {
        leap: 0,
        version: 4,
        mode: SERVER,
        stratum: 8,
        poll: 0,
        precision: -26,
        root_delay: Short(0),
        root_dispersion: Short(0),
        reference_id: [127, 127, 1, 1],
        reference: Timestamp(0xeeab_9a8d_be56_ad83),
        origin: OURS,
        receive: Timestamp(0xeeab_9a8f_afe9_3e2f),
        transmit: Timestamp(0xeeab_9a8f_afee_7f70),
    }
}

#[test]
fn an_answer_of_chronyd_is_read_and_written() {
    assert_eq!(Packet::parse(&CHRONYD).unwrap(), chronyd());
    assert_eq!(chronyd().emit(), CHRONYD);
    // As Python's datetime reckons the same bytes, with whole numbers:
    assert_eq!(chronyd().transmit.to_string(), "2026-11-21 04:20:31.687232 UTC");
    assert_eq!(chronyd().reference.to_string(), "2026-11-21 04:20:29.743510 UTC");
}

#[test]
fn a_request_of_chronyd_is_read_and_written() {
    let request = Packet {
        version: 4,
        mode: CLIENT,
        poll: 6,
        precision: 32,
        transmit: Timestamp(0x03d9_6762_5139_60ee),
        ..Packet::default()
    };
    assert_eq!(Packet::parse(&CHRONYD_ASKS).unwrap(), request);
    assert_eq!(request.emit(), CHRONYD_ASKS);
}

#[test]
fn a_packet_with_a_value_of_its_own_in_every_field() {
    // Written with Python: struct.pack("!BBbbIII4Q", 0b11_010_101, 1, -2, -3, 4, 5, …)
    let bytes: [u8; 48] = [
        0xd5, 0x01, 0xfe, 0xfd, 0, 0, 0, 4, 0, 0, 0, 5, b'G', b'P', b'S', 0, 0, 0, 0, 7, 0, 0, 0,
        8, 0, 0, 0, 9, 0, 0, 0, 10, 0, 0, 0, 11, 0, 0, 0, 12, 0, 0, 0, 13, 0, 0, 0, 14,
    ];
    let packet = Packet {
        leap: 3,
        version: 2,
        mode: 5,
        stratum: 1,
        poll: -2,
        precision: -3,
        root_delay: Short(4),
        root_dispersion: Short(5),
        reference_id: *b"GPS\0",
        reference: Timestamp(7 << 32 | 8),
        origin: Timestamp(9 << 32 | 10),
        receive: Timestamp(11 << 32 | 12),
        transmit: Timestamp(13 << 32 | 14),
    };
    assert_eq!(Packet::parse(&bytes).unwrap(), packet);
    assert_eq!(packet.emit(), bytes);
}

#[test]
fn a_good_answer_passes_with_and_without_something_behind_it() {
    assert_eq!(check(&CHRONYD, OURS), Ok(chronyd()));
    let with_mac = [CHRONYD.as_slice(), &[7; 20]].concat();
    assert_eq!(check(&with_mac, OURS), Ok(chronyd()));
}

#[test]
fn each_bad_answer_has_its_reason() {
    let why = |change: fn(&mut Packet)| {
        let mut packet = chronyd();
        change(&mut packet);
        check(&packet.emit(), OURS).unwrap_err().to_string()
    };
    assert_eq!(
        check(&CHRONYD[..47], OURS).unwrap_err().to_string(),
        "it has 47 bytes, and an NTP header has 48"
    );
    assert_eq!(why(|packet| packet.mode = 3), "its mode is 3 (client), and a server's is 4");
    assert!(why(|packet| packet.mode = 5).contains("5 (broadcast)"));
    assert!(why(|packet| packet.origin.0 += 1).contains("not our transmit timestamp"));
    assert!(why(|packet| packet.stratum = 0).contains("stratum is 0, kiss code"));
    assert!(why(|packet| packet.stratum = 16).contains("stratum is 16"));
    assert!(why(|packet| packet.stratum = 255).contains("stratum is 255"));
    assert!(why(|packet| packet.leap = 3).contains("leap indicator is 3"));
    assert!(why(|packet| packet.transmit = Timestamp::ZERO).contains("transmit timestamp is zero"));
    for version in [0, 5, 6, 7] {
        let packet = Packet { version, ..chronyd() };
        assert_eq!(check(&packet.emit(), OURS), Err(Rejected::Version(version)));
    }
    let later = |packet: &mut Packet| packet.reference = Timestamp(packet.transmit.0 + 1);
    assert!(why(later).contains("reference timestamp is after the transmit timestamp"));
    assert!(
        why(|packet| packet.root_dispersion = Short(16 << 16)).contains("wrong by 16 s or more")
    );
    assert!(why(|packet| packet.root_delay = Short(32 << 16)).contains("wrong by 16 s or more"));
    assert!(why(|packet| packet.root_delay = Short(u32::MAX)).contains("wrong by 16 s or more"));
}

#[test]
fn what_is_just_good_enough_passes() {
    let is_good = |change: fn(&mut Packet)| {
        let mut packet = chronyd();
        change(&mut packet);
        assert_eq!(check(&packet.emit(), OURS), Ok(packet));
    };
    is_good(|packet| packet.version = 1);
    is_good(|packet| packet.reference = packet.transmit);
    is_good(|packet| packet.reference = Timestamp::ZERO); // unknown
    is_good(|packet| packet.root_dispersion = Short((16 << 16) - 1));
    is_good(|packet| {
        (packet.root_delay, packet.root_dispersion) = (Short(16 << 16), Short(7 << 16))
    });
    // The eras meet between the two: the reference timestamp is before, although its number is larger.
    is_good(|packet| {
        (packet.reference, packet.transmit) = (Timestamp(u64::MAX - 9), Timestamp(9));
    });
}

#[test]
fn a_kiss_code_is_shown_escaped_and_goes_before_the_leap_indicator() {
    let kiss = |code: [u8; 4]| {
        let packet = Packet { leap: 3, stratum: 0, reference_id: code, ..chronyd() };
        check(&packet.emit(), OURS).unwrap_err().to_string()
    };
    assert!(kiss(*b"RATE").contains("kiss code RATE (we ask too often"));
    assert!(kiss(*b"DENY").contains("kiss code DENY (the server does not serve us"));
    assert!(kiss(*b"\x1b[2J").contains("kiss code \\x1b[2J ("));
    let lost = check(&CHRONYD_LOST, OURS).unwrap_err();
    assert_eq!(lost.to_string(), "its stratum is 0, without a kiss code");
}

#[test]
fn the_table_says_what_each_byte_means() {
    let with_mac = [CHRONYD.as_slice(), &[7; 100]].concat();
    let expected = "\
offset  field                hex                      meaning
     0  leap, version, mode  24                       LI 0 (no warning), version 4, mode 4 (server)
     1  stratum              08                       8 (asks other servers)
     2  poll                 00                       2^0 s = 1 s
     3  precision            e6                       2^-26 s = 14.9 ns
     4  root delay           00 00 00 00              0.000000 s
     8  root dispersion      00 00 00 00              0.000000 s
    12  reference ID         7f 7f 01 01              127.127.1.1, or a hash
    16  reference timestamp  ee ab 9a 8d be 56 ad 83  2026-11-21 04:20:29.743510 UTC
    24  origin timestamp     01 23 45 67 89 ab cd ef  2036-09-15 04:53:59.537777 UTC
    32  receive timestamp    ee ab 9a 8f af e9 3e 2f  2026-11-21 04:20:31.687152 UTC
    40  transmit timestamp   ee ab 9a 8f af ee 7f 70  2026-11-21 04:20:31.687232 UTC
    48  extensions, MAC      07 07 07 07 07 07 07 07  100 bytes, not read here
    56                       07 07 07 07 07 07 07 07
    64                       07 07 07 07 07 07 07 07
    72                       07 07 07 07 07 07 07 07
";
    assert_eq!(annotated(&with_mac, &fields(&with_mac)), expected);
    assert_eq!(fields(&CHRONYD[..3])[0].meaning, "3 bytes, and a header has 48");
}

#[test]
fn a_reference_id_reads_as_letters_at_stratum_1_only() {
    let id = |stratum, reference_id| {
        let packet = Packet { stratum, reference_id, ..chronyd() };
        fields(&packet.emit())[6].meaning.clone()
    };
    assert_eq!(id(1, *b"GPS\0"), "GPS");
    assert_eq!(id(1, *b"\x1bABC"), "\\x1bABC");
    assert!(id(0, *b"RATE").starts_with("kiss code RATE"));
    assert_eq!(id(0, [0; 4]), "not set");
    assert!(id(2, [192, 0, 2, 1]).starts_with("192.0.2.1"));
}

proptest! {
    #[test]
    fn any_48_bytes_are_a_header_and_written_again_are_the_same(bytes: [u8; 48]) {
        let packet = Packet::parse(&bytes).unwrap();
        prop_assert_eq!(packet.emit(), bytes);
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), ours: u64) {
        prop_assert_eq!(Packet::parse(&bytes).is_ok(), bytes.len() >= HEADER);
        let reason = check(&bytes, Timestamp(ours)).map_or_else(|why| why.to_string(), |_| "".into());
        prop_assert!(!reason.chars().any(char::is_control));
        let table = annotated(&bytes, &fields(&bytes));
        prop_assert!(!table.chars().any(|c| c.is_control() && c != '\n'));
    }
}
