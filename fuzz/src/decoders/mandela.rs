use std::net::{Ipv4Addr, SocketAddr};

use simd_adler32::adler32;
use socket_labs::bytes::annotated;
use socket_labs::mandela::{Datagram, Fault, HEADER, LARGEST_DATAGRAM, fields, json};

use super::{assert_lines, is_drawn};

/// A Mandela datagram, as it came and with its checksum made right by another implementation.
pub fn mandela(data: &[u8]) {
    one(data);
    if data.len() > 4 {
        let sum = adler32(&&data[4..]).to_be_bytes();
        one(&[&sum, &data[4..]].concat());
    }
}

fn one(data: &[u8]) {
    let parsed = Datagram::parse(data);
    let size = data.len();
    let sum = |data: &[u8]| data.split_first_chunk().map(|(sum, _)| u32::from_be_bytes(*sum));
    match parsed {
        Err(Fault::TooShort { size: told }) => assert!(told == size && size < HEADER),
        Err(Fault::TooLong { size: told }) => assert!(told == size && size > LARGEST_DATAGRAM),
        Err(Fault::Checksum { expected, found }) => {
            assert_eq!((Some(found), expected), (sum(data), adler32(&&data[4..])));
            assert_ne!(found, expected);
        }
        Err(Fault::NotUtf8 { offset }) => {
            assert_eq!(sum(data), Some(adler32(&&data[4..])));
            let wrong = str::from_utf8(&data[HEADER..]).expect_err("it is UTF-8");
            assert_eq!(offset, HEADER + wrong.valid_up_to());
        }
        Ok(datagram) => {
            assert!((HEADER..=LARGEST_DATAGRAM).contains(&size));
            assert_eq!(sum(data), Some(adler32(&&data[4..])));
            assert_eq!(datagram.emit().as_deref(), Ok(data));
            if is_drawn(data) {
                one_line_of_json(&datagram);
            }
        }
    }
    if let Err(fault) = parsed {
        assert_lines(&fault.to_string());
    }
    if is_drawn(data) {
        assert_lines(&annotated(data, &fields(data)));
    }
}

fn one_line_of_json(datagram: &Datagram) {
    let source = SocketAddr::from((Ipv4Addr::LOCALHOST, 5006));
    let line = json(datagram, source, -1, u64::MAX);
    assert!(!line.contains('\n'));
    assert_lines(&line);
    let read: serde_json::Value = serde_json::from_str(&line).expect("it is JSON");
    assert_eq!(read["quote"], datagram.quote);
    assert_eq!(read["timestamp"], datagram.timestamp);
    assert_eq!(read["port"], datagram.port);
    assert_eq!(read["address"], datagram.address.to_string());
}
