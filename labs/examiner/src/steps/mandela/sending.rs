//! What a Mandela peer sends: the fields of its datagrams.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use adler::adler32_slice;
use socket_labs::bytes::annotated;
use socket_labs::mandela::{HEADER, LARGEST_DATAGRAM, LONGEST_QUOTE, QUOTE, fields};

use super::letters::{self, begin, bound, sent_by};
use crate::exam::program::until;
use crate::exam::scene::LOOPBACK;
use crate::exam::transcript::count;
use crate::exam::{Outcome, PATIENCE, Scene, Trouble, Way, not_told, wrong};

/// What the checksum covers begins behind it.
const CHECKSUM: usize = 4;

pub fn default_quote(scene: &mut Scene) -> Outcome {
    let peer = letters::prepare(scene)?;
    if scene.takes("quote") && !scene.without_option("quote") {
        scene.give("quote", QUOTE);
    }
    let server = scene.udp_server()?;
    has_the_quote(&sent_by(&server, &peer)?, QUOTE)
}

pub fn any_quote(scene: &mut Scene) -> Outcome {
    if !scene.takes("quote") {
        return Err(not_told("quote"));
    }
    let peer = letters::prepare(scene)?;
    let quote = scene.sentence() + " ñandú 漢字";
    scene.give("quote", quote.clone());
    let server = scene.udp_server()?;
    has_the_quote(&sent_by(&server, &peer)?, &quote)
}

fn has_the_quote(datagram: &[u8], quote: &str) -> Outcome {
    let came = datagram.get(HEADER..).unwrap_or_default();
    let quote = quote.as_bytes();
    if came == quote {
        return Ok(());
    }
    let at = datagram.windows(quote.len()).position(|window| window == quote);
    let sentence = match (at, came.len() > quote.len()) {
        (Some(HEADER), _) => {
            let more = came.len() - quote.len();
            format!("Behind the quote there {} more.", are(more))
        }
        (Some(at), _) => format!(
            "The quote begins at byte {at} and not at byte {HEADER}: a field before it has another size."
        ),
        (None, _) => format!(
            "From byte {HEADER} on there is not the quote: {} in place of {}.",
            count(came.len(), "byte"),
            count(quote.len(), "byte")
        ),
    };
    let trouble = in_fields(datagram, sentence);
    if at.is_some() { Err(trouble) } else { Err(trouble.with_bytes(quote, came)) }
}

fn are(number: usize) -> String {
    format!("{} {}", if number == 1 { "is" } else { "are" }, count(number, "byte"))
}

/// A wrong field, with the whole datagram field by field.
fn in_fields(datagram: &[u8], sentence: impl Into<String>) -> Trouble {
    wrong(Way::WrongField, sentence).with_fields(annotated(datagram, &fields(datagram)).trim_end())
}

/// The bytes of a field.
fn field<const SIZE: usize>(datagram: &[u8], offset: usize) -> Outcome<[u8; SIZE]> {
    let bytes = datagram.get(offset..offset + SIZE).and_then(|bytes| bytes.try_into().ok());
    bytes.ok_or_else(|| {
        let size = count(datagram.len(), "byte");
        in_fields(datagram, format!("The datagram has {size}: it ends before this field does."))
    })
}

pub fn timestamp(scene: &mut Scene) -> Outcome {
    let before = letters::unix_time(); // a busy computer may see the first one late
    let (server, peer) = begin(scene)?;
    let datagram = sent_by(&server, &peer)?;
    // One second more or less: a program may round.
    let right = before.saturating_sub(1)..=letters::unix_time() + 1;
    let bytes = field(&datagram, 4)?;
    let found = u64::from_be_bytes(bytes);
    if right.contains(&found) {
        return Ok(());
    }
    let why = if right.contains(&found.swap_bytes()) {
        "it is the time with its bytes in the wrong order"
    } else if right.contains(&(found / 1_000)) {
        "it is the time in milliseconds"
    } else if right.contains(&(found / 1_000_000_000)) {
        "it is the time in nanoseconds"
    } else if right.contains(&(found >> 32)) {
        "the time is in bytes 4 to 7, and takes four bytes in place of eight"
    } else if right.contains(&(f64::from_bits(found) as u64)) {
        "it is a floating point number, and not a whole one"
    } else {
        "it is not the time of now"
    };
    Err(in_fields(&datagram, format!("The timestamp is wrong: {why}.")))
}

pub fn address(scene: &mut Scene) -> Outcome {
    let peer = letters::prepare(scene)?;
    let host = scene.loopback_address();
    scene.give("host", host.to_string());
    let server = scene.udp_server()?;
    let datagram = sent_by(&server, &peer)?;
    let found = Ipv4Addr::from(field::<4>(&datagram, 12)?);
    match bound(scene)?.ip() {
        IpAddr::V4(ip) if !ip.is_unspecified() => {
            same_address(&datagram, found, ip, &peer.address()?)
        }
        // It listens on every address that this computer has. Which of them is better is another
        // question, and asked below.
        _ if found.is_loopback() => Ok(()),
        _ => same_address(&datagram, found, LOOPBACK, &peer.address()?),
    }
}

fn same_address(datagram: &[u8], found: Ipv4Addr, right: Ipv4Addr, peer: &SocketAddr) -> Outcome {
    if found == right {
        return Ok(());
    }
    let [a, b, c, d] = found.octets();
    let why = if Ipv4Addr::new(d, c, b, a) == right {
        "its bytes are in the wrong order".into()
    } else if found.is_unspecified() {
        "0.0.0.0 is nowhere that anybody could send to".into()
    } else if *peer == SocketAddr::new(found.into(), peer.port()) {
        format!("{found} is the peer's, and the program listens on {right}")
    } else {
        format!("it says {found}, and the program listens on {right}")
    };
    Err(in_fields(datagram, format!("The address is wrong: {why}.")))
}

/// The peer is at an address of another network: the way there has another end here than 127.0.0.1.
pub fn address_of_every_interface(scene: &mut Scene) -> Outcome {
    if !letters::takes_a_peer(scene) {
        return Ok(());
    }
    letters::one_peer(scene)?;
    if !scene.takes("host") {
        // A program that is bound to one address has no such case.
        letters::give_peer(scene, SocketAddr::new(LOOPBACK.into(), scene.port() + 1));
        let server = scene.udp_server()?;
        let is_everywhere = bound(scene)?.ip().is_unspecified();
        server.program.kill();
        if !is_everywhere {
            return Ok(());
        }
    }
    let mut byte = || scene.number(2, 250) as u8;
    let here = Ipv4Addr::new(10, byte(), byte(), byte());
    scene.lives_at(here)?;
    scene.transcript().notes("system", format!("this computer has the address {here}, too"));
    let peer = letters::prepare_with(scene, SocketAddr::new(here.into(), 5006))?;
    scene.give("host", "0.0.0.0");
    let server = scene.udp_server()?;
    let datagram = sent_by(&server, &peer)?;
    let found = Ipv4Addr::from(field::<4>(&datagram, 12)?);
    if found == here {
        return Ok(());
    }
    let sentence = format!(
        "The program is bound to every interface, and says {found}. \
         Its address on the way to that peer is {here}."
    );
    Err(in_fields(&datagram, sentence))
}

pub fn port(scene: &mut Scene) -> Outcome {
    let (server, peer) = begin(scene)?;
    let datagram = sent_by(&server, &peer)?;
    let found = u16::from_be_bytes(field(&datagram, 16)?);
    let right = scene.port();
    if found == right {
        return Ok(());
    }
    let why = if found.swap_bytes() == right {
        "its bytes are in the wrong order".into()
    } else if found == peer.address()?.port() {
        format!("{found} is the peer's, and the program listens on {right}")
    } else {
        format!("it is not {right}, which the program listens on")
    };
    Err(in_fields(&datagram, format!("The port is wrong: {why}.")))
}

pub fn checksum(scene: &mut Scene) -> Outcome {
    let (server, peer) = begin(scene)?;
    let datagram = sent_by(&server, &peer)?;
    let found = u32::from_be_bytes(field(&datagram, 0)?);
    let summed = &datagram[CHECKSUM..];
    let right = adler32_slice(summed);
    if found == right {
        return Ok(());
    }
    let with_zeros = [&[0; CHECKSUM], summed].concat();
    let why = if found.swap_bytes() == right {
        "its bytes are in the wrong order"
    } else if Some(found) == datagram.get(HEADER..).map(adler32_slice) {
        "it covers the quote alone, and not the fields before it"
    } else if found == adler32_slice(&with_zeros) {
        "it covers its own four bytes too, as zeros"
    } else {
        "it is not the Adler-32 of the bytes behind it"
    };
    Err(in_fields(
        &datagram,
        format!("The checksum is {found:#010x} in place of {right:#010x}: {why}."),
    ))
}

// --- the size of the quote

pub fn the_longest_quote(scene: &mut Scene) -> Outcome {
    if !scene.takes("quote") {
        return Err(not_told("quote"));
    }
    let peer = letters::prepare(scene)?;
    let quote = long_text(scene, LONGEST_QUOTE);
    scene.give("quote", quote.clone());
    let server = scene.udp_server()?;
    let datagram = sent_by(&server, &peer)?;
    if datagram.get(HEADER..) == Some(quote.as_bytes()) {
        return Ok(());
    }
    let sentence = format!(
        "The datagram should have {}, and it has {}.",
        count(LARGEST_DATAGRAM, "byte"),
        count(datagram.len(), "byte")
    );
    Err(wrong(Way::Missing, sentence))
}

/// Words, so many bytes of them.
pub fn long_text(scene: &mut Scene, length: usize) -> String {
    let mut text = String::new();
    while text.len() < length {
        text += &scene.word(7);
        text.push(' ');
    }
    text.truncate(length - 1); // all of it is ASCII
    text + "."
}

/// The quote has fewer letters than bytes are allowed, and more bytes.
pub fn too_long_quote(scene: &mut Scene) -> Outcome {
    if !scene.takes("quote") {
        return Err(not_told("quote"));
    }
    let peer = letters::prepare(scene)?;
    let quote = "ñ".repeat(LONGEST_QUOTE / 2 + 1);
    let size = count(quote.len(), "byte");
    scene.give("quote", quote);
    let program = scene.start()?;
    let mut came = None;
    until(PATIENCE, || {
        came = peer.receive_within(Duration::from_millis(20)).ok().flatten();
        (came.is_some() || program.ended().is_some()).then_some(())
    });
    if let Some((bytes, _)) = came {
        let sent = count(bytes.len(), "byte");
        let sentence = format!("The quote has {size}, and the program sent a datagram of {sent}.");
        return Err(wrong(Way::Accepted, sentence));
    }
    let soon = Duration::from_secs(1); // the patience was before
    program.fails_within(soon, &format!("where the quote has {size}"))
}
