//! A name server on the private machine of a check (RFC 1035): it leads every name of one zone to one
//! address. The list of hosts has single names alone, and a zone has more names than anybody can list.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::thread;

/// Where the resolver of a private machine asks.
const ADDRESS: (Ipv4Addr, u16) = (Ipv4Addr::LOCALHOST, 53);

/// The size of a message's header, in bytes (section 4.1.1).
const HEADER: usize = 12;

/// The type and the class of an IPv4 address (sections 3.2.2 and 3.2.4), as a question ends.
const A_IN: [u8; 4] = [0, 1, 0, 1];

/// The code of an answer that there is no such name (section 4.1.1).
const NO_SUCH_NAME: u8 = 3;

/// Leads all names of a zone, and the zone's own, to this address, for as long as this process runs.
/// Every other name is unknown.
///
/// # Errors
///
/// There is a name server already, or this process may not be one.
pub fn serve(zone: &str, ip: Ipv4Addr) -> io::Result<()> {
    let socket = UdpSocket::bind(ADDRESS)?;
    let zone = zone.to_lowercase();
    thread::Builder::new().spawn(move || {
        let mut buffer = [0; 512]; // the most of a question over UDP (section 4.2.1)
        loop {
            match socket.recv_from(&mut buffer) {
                Ok((length, client)) => {
                    reply(&socket, client, answer(&buffer[..length], &zone, ip))
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // What the system tells of a client that has gone is no reason to stop.
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {}
                Err(_) => return,
            }
        }
    })?;
    Ok(())
}

fn reply(socket: &UdpSocket, client: SocketAddr, answer: Option<Vec<u8>>) {
    if let Some(answer) = answer {
        let _ = socket.send_to(&answer, client); // it may be gone
    }
}

/// The answer to a question; `None` where it is none.
fn answer(message: &[u8], zone: &str, ip: Ipv4Addr) -> Option<Vec<u8>> {
    let is_question = message.len() > HEADER && message[2] & 0x80 == 0 && message[4..6] == [0, 1];
    if !is_question {
        return None;
    }
    let (name, end) = name(message)?;
    let kind = message.get(end..end + A_IN.len())?;
    let is_known = name == zone || name.strip_suffix(zone).is_some_and(|host| host.ends_with('.'));
    let records = u8::from(is_known && kind == A_IN);
    // An answer; authoritative, with recursion where it was asked for: glibc wants it so.
    let flags = [message[2] & 0x79 | 0x84, 0x80 | if is_known { 0 } else { NO_SUCH_NAME }];
    let counts = [0, 1, 0, records, 0, 0, 0, 0];
    let question = &message[HEADER..end + A_IN.len()];
    let mut answer = [&message[..2], &flags, &counts, question].concat();
    if records == 1 {
        // The name of the question (section 4.1.4), its type, its class, a minute to live, 4 bytes.
        answer.extend([0xc0, HEADER as u8, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4]);
        answer.extend(ip.octets());
    }
    Some(answer)
}

/// The name of the question, in small letters, and where it ends.
fn name(message: &[u8]) -> Option<(String, usize)> {
    let (mut labels, mut at) = (Vec::new(), HEADER);
    loop {
        let length = usize::from(*message.get(at)?);
        at += 1;
        match length {
            0 => return Some((labels.join("."), at)),
            1..64 => labels
                .push(String::from_utf8_lossy(message.get(at..at + length)?).to_ascii_lowercase()),
            _ => return None, // a pointer: a question has none
        }
        at += length;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IP: Ipv4Addr = Ipv4Addr::new(127, 1, 2, 3);

    fn question(name: &str, kind: u8) -> Vec<u8> {
        let mut message = vec![7, 9, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        for label in name.split('.') {
            message.push(label.len() as u8);
            message.extend(label.bytes());
        }
        message.extend([0, 0, kind, 0, 1]);
        message
    }

    fn asked(name: &str, kind: u8) -> (u8, u8, Vec<u8>) {
        let question = question(name, kind);
        let answer = answer(&question, "pool.ntp.org", IP).unwrap();
        assert_eq!(answer[..2], [7, 9]);
        assert_eq!(answer[2], 0x85, "an answer, authoritative; recursion was asked for");
        assert_eq!(answer[HEADER..question.len()], question[HEADER..]);
        (answer[3] & 15, answer[7], answer[question.len()..].to_vec())
    }

    #[test]
    fn every_name_of_the_zone_has_the_address() {
        for name in ["pool.ntp.org", "0.pool.ntp.org", "2.Debian.POOL.ntp.org"] {
            let (code, records, record) = asked(name, 1);
            assert_eq!((code, records), (0, 1), "{name}");
            assert_eq!(record, [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 1, 2, 3]);
            assert_eq!(asked(name, 28), (0, 0, vec![]), "{name} has no IPv6 address");
        }
        for name in ["ntp.org", "carpool.ntp.org", "pool.ntp.org.example"] {
            assert_eq!(asked(name, 1), (NO_SUCH_NAME, 0, vec![]), "{name}");
        }
    }

    #[test]
    fn what_is_no_question_gets_no_answer() {
        let good = question("0.pool.ntp.org", 1);
        for length in 0..good.len() {
            assert_eq!(answer(&good[..length], "pool.ntp.org", IP), None, "{length} bytes");
        }
        let mut reply = good.clone();
        reply[2] |= 0x80;
        assert_eq!(answer(&reply, "pool.ntp.org", IP), None);
        let mut pointer = good;
        pointer[HEADER] = 0xc0;
        assert_eq!(answer(&pointer, "pool.ntp.org", IP), None);
    }
}
