use proptest::prelude::*;

use super::*;
use crate::bytes::annotated;

/// Computed with Python: `struct.pack('!Q4sH', …)` and `zlib.adler32`.
const DEFAULT: [u8; 79] = [
    0x61, 0x07, 0x18, 0x67, 0x00, 0x00, 0x00, 0x00, 0x65, 0x53, 0xf1, 0x00, 0x7f, 0x00, 0x00, 0x01,
    0x13, 0x8d, 0x22, 0x49, 0x74, 0x20, 0x61, 0x6c, 0x77, 0x61, 0x79, 0x73, 0x20, 0x73, 0x65, 0x65,
    0x6d, 0x73, 0x20, 0x69, 0x6d, 0x70, 0x6f, 0x73, 0x73, 0x69, 0x62, 0x6c, 0x65, 0x20, 0x75, 0x6e,
    0x74, 0x69, 0x6c, 0x20, 0x69, 0x74, 0x27, 0x73, 0x20, 0x64, 0x6f, 0x6e, 0x65, 0x22, 0x20, 0x2d,
    0x20, 0x4e, 0x65, 0x6c, 0x73, 0x6f, 0x6e, 0x20, 0x4d, 0x61, 0x6e, 0x64, 0x65, 0x6c, 0x61,
];

const DEFAULT_VALUES: Datagram =
    Datagram { timestamp: 1_700_000_000, address: Ipv4Addr::LOCALHOST, port: 5005, quote: QUOTE };

#[test]
fn the_default_datagram_is_these_79_bytes_in_both_directions() {
    assert_eq!(Datagram::parse(&DEFAULT), Ok(DEFAULT_VALUES));
    assert_eq!(DEFAULT_VALUES.emit().unwrap(), DEFAULT);
    assert_eq!(QUOTE.len(), 61);
}

#[test]
fn every_field_has_its_place_and_the_network_byte_order() {
    let values = Datagram {
        timestamp: 0x0102_0304_0506_0708,
        address: Ipv4Addr::new(10, 11, 12, 13),
        port: 0x1415,
        quote: "señor 漢字",
    };
    let mut bytes = vec![0x3b, 0x1e, 0x08, 0x36]; // zlib.adler32 of the rest
    bytes.extend_from_slice(&[1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 0x14, 0x15]);
    bytes.extend_from_slice("señor 漢字".as_bytes());
    assert_eq!(values.emit().unwrap(), bytes);
    assert_eq!(Datagram::parse(&bytes), Ok(values));
}

#[test]
fn adler_32_agrees_with_other_implementations() {
    assert_eq!(adler32_slice(b""), 1);
    assert_eq!(adler32_slice(b"Wikipedia"), 0x11e6_0398);
    // The sums are taken modulo 65,521 often enough: zlib.adler32(b'\xff' * 65503).
    assert_eq!(adler32_slice(&[0xff; 65_503]), 0x9855_ee04);
}

#[test]
fn a_datagram_has_18_to_65507_bytes() {
    for size in 0..HEADER {
        let fault = Fault::TooShort { size };
        assert_eq!(Datagram::parse(&DEFAULT[..size]), Err(fault));
    }
    let longest = "q".repeat(LONGEST_QUOTE);
    for quote in ["", &longest] {
        let values = Datagram { quote, ..DEFAULT_VALUES };
        let bytes = values.emit().unwrap();
        assert_eq!(bytes.len(), HEADER + quote.len());
        assert_eq!(Datagram::parse(&bytes), Ok(values));
    }
    let too_long = Fault::TooLong { size: 65_508 };
    let quote = &format!("{longest}!");
    let values = Datagram { quote, ..DEFAULT_VALUES };
    assert_eq!(values.emit(), Err(too_long));
    assert_eq!(Datagram::parse(&[0; 65_508]), Err(too_long));
}

#[test]
fn each_fault_says_what_was_expected_and_what_was_found() {
    let sentence = |bytes: &[u8]| Datagram::parse(bytes).unwrap_err().to_string();
    assert_eq!(sentence(b"hello"), "too short, 5 bytes where 18 is the least");
    let mut changed = DEFAULT;
    changed[0] = 0;
    assert_eq!(
        sentence(&changed),
        "the checksum is 0x00071867, but the bytes after it make 0x61071867"
    );
    assert_eq!(sentence(&with_quote(b"ol\xe9!")), "the quote is not UTF-8 at byte 20");
    assert_eq!(
        sentence(&[0; 65_508]),
        "too long, 65508 bytes where 65507 is the most that UDP over IPv4 carries"
    );
}

/// A datagram with a right checksum, whatever the quote.
fn with_quote(quote: &[u8]) -> Vec<u8> {
    let mut bytes = DEFAULT[..HEADER].to_vec();
    bytes.extend_from_slice(quote);
    put_sum(&mut bytes);
    bytes
}

/// Puts the right checksum in its place, by the definition (RFC 1950, section 8.2) and not by the
/// crate that the codec uses.
fn put_sum(bytes: &mut [u8]) {
    let (mut low, mut high) = (1, 0);
    for byte in &bytes[4..] {
        low = (low + u32::from(*byte)) % 65_521;
        high = (high + low) % 65_521;
    }
    bytes[..4].copy_from_slice(&(high << 16 | low).to_be_bytes());
}

#[test]
fn the_table_of_a_right_datagram_says_what_each_byte_means() {
    let bytes = with_quote(b"hi");
    let table = annotated(&bytes, &fields(&bytes));
    let expected = "\
offset  field      hex                      meaning
     0  checksum   18 f0 03 9b              0x18f0039b, right
     4  timestamp  00 00 00 00 65 53 f1 00  1700000000 seconds after 1970-01-01 00:00 UTC
    12  address    7f 00 00 01              127.0.0.1
    16  port       13 8d                    5005
    18  quote      68 69                    hi
";
    assert_eq!(table, expected);
}

#[test]
fn json_has_the_fields_by_their_names_and_where_they_came_from() {
    let line = json(&DEFAULT_VALUES, "127.0.0.2:4711".parse().unwrap(), -2, 3);
    let expected = r#"{"quote":"\"It always seems impossible until it's done\" - Nelson Mandela",
        "timestamp":1700000000,"elapsed":-2,"source":"127.0.0.2","source_port":4711,
        "address":"127.0.0.1","port":5005,"times":3}"#;
    assert_eq!(line, expected.replace("\n        ", ""));
}

#[test]
fn the_table_of_a_wrong_datagram_says_what_is_wrong() {
    let meanings = |bytes: &[u8]| {
        let fields = fields(bytes);
        fields.into_iter().map(|field| field.meaning)
    };
    let mut changed = with_quote(b"hi\xff");
    changed[3] ^= 1;
    let all: Vec<String> = meanings(&changed).collect();
    assert!(all[0].contains(", wrong: the bytes after it make 0x"));
    assert_eq!(all[4], "not UTF-8");

    let cut = meanings(&DEFAULT[..14]).filter(|meaning| meaning.starts_with("cut off"));
    assert_eq!(cut.count(), 2); // the address and the port
}

proptest! {
    #[test]
    fn what_was_emitted_is_parsed_again(
        timestamp: u64, address: [u8; 4], port: u16, quote: String
    ) {
        let address = Ipv4Addr::from(address);
        let values = Datagram { timestamp, address, port, quote: &quote };
        let bytes = values.emit().unwrap();
        prop_assert_eq!(Datagram::parse(&bytes), Ok(values));
    }

    #[test]
    fn any_bytes_are_parsed_or_refused_and_what_is_parsed_is_emitted_again(
        mut bytes: Vec<u8>, sum_it: bool
    ) {
        if sum_it && bytes.len() >= 4 {
            put_sum(&mut bytes);
        }
        if let Ok(values) = Datagram::parse(&bytes) {
            prop_assert_eq!(values.emit().unwrap(), bytes.clone());
        }
        annotated(&bytes, &fields(&bytes));
    }

    // One changed bit changes the first of Adler-32's two sums by a power of two below 256, and
    // that is never a multiple of 65,521: no such error is missed.
    #[test]
    fn every_datagram_with_one_changed_bit_is_refused(quote in ".{0,400}", bit: usize) {
        let mut bytes = Datagram { quote: &quote, ..DEFAULT_VALUES }.emit().unwrap();
        let bit = bit % (bytes.len() * 8);
        bytes[bit / 8] ^= 1 << (bit % 8);
        let fault = Datagram::parse(&bytes).unwrap_err();
        prop_assert!(matches!(fault, Fault::Checksum { .. }), "{}", fault);
    }
}
