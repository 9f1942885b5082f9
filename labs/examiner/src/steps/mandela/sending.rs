//! What a Mandela peer sends, and when.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use adler::adler32_slice;
use socket_labs::bytes::annotated;
use socket_labs::mandela::{HEADER, LARGEST_DATAGRAM, LONGEST_QUOTE, QUOTE, fields};

use super::letters::{self, Sender, begin, bound, sent_by};
use super::receiving::shows;
use crate::exam::program::until;
use crate::exam::scene::{LOOPBACK, Server};
use crate::exam::transcript::count;
use crate::exam::udp::Peer;
use crate::exam::{Outcome, PATIENCE, Scene, Trouble, Way, wrong};

/// What the checksum covers begins behind it.
const CHECKSUM: usize = 4;

pub fn sends(scene: &mut Scene) -> Outcome {
    let (server, peer) = begin(scene)?;
    sent_by(&server, &peer).map(drop)
}

// --- the fields

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
        return Ok(());
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
    let (server, peer) = begin(scene)?;
    let before = letters::unix_time();
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

// --- the schedule

pub fn two_seconds(scene: &mut Scene) -> Outcome {
    let peer = letters::prepare(scene)?;
    if scene.takes("interval") && !scene.without_option("interval") {
        scene.give("interval", "2");
    }
    keeps_the_interval(scene, &peer, 2.0)
}

pub fn interval(scene: &mut Scene) -> Outcome {
    if !scene.takes("interval") {
        return Ok(());
    }
    let peer = letters::prepare(scene)?;
    keeps_the_interval(scene, &peer, 1.0)
}

/// Measures the time from one datagram to the next. Where the first one is wrong, two that are wrong
/// in the same way decide: a busy computer may be late once, and a program may send two at a time.
fn keeps_the_interval(scene: &mut Scene, peer: &Peer, seconds: f64) -> Outcome {
    let server = scene.udp_server()?;
    sent_by(&server, peer)?;
    let (mut early, mut late, mut on_time) = (0, 0, 0);
    loop {
        let started = Instant::now();
        sent_by(&server, peer)?;
        let gap = started.elapsed().as_secs_f64();
        let (number, way) = match gap / seconds {
            ..0.75 => (&mut early, Way::Early),
            1.25.. => (&mut late, Way::Waits),
            _ if early + late == 0 => return Ok(()),
            _ => (&mut on_time, Way::Silent),
        };
        *number += 1;
        let what = match (*number, way) {
            (1, _) => continue,
            (_, Way::Early) => "sooner",
            (_, Way::Waits) => "later",
            _ => return Ok(()),
        };
        let sentence = format!(
            "Each datagram should come {seconds} s behind the last one, and comes {what}: \
             see the times."
        );
        return Err(wrong(way, sentence));
    }
}

/// The seconds between two datagrams.
fn seconds_between(scene: &Scene) -> f64 {
    if scene.takes("interval") { 1.0 } else { 2.0 }
}

/// For two intervals, datagrams arrive eight times as often as the program sends.
pub fn sends_while_datagrams_arrive(scene: &mut Scene) -> Outcome {
    let (server, peer) = begin(scene)?;
    let interval = Duration::from_secs_f64(seconds_between(scene));
    let sender = Sender::new(scene, "stranger")?;
    let quotes: Vec<String> = (0..16).map(|_| scene.sentence()).collect();
    sent_by(&server, &peer)?;
    let started = Instant::now();
    let mut early = 0;
    for quote in &quotes {
        sender.sends(&server, &sender.letter(quote))?;
        if peer.receive_within(interval / 8)?.is_some() {
            if started.elapsed() > interval / 2 {
                return Ok(());
            }
            early += 1;
        }
        // One may be early where the examiner was late to see the one before.
        if early == 3 {
            let sentence = "Datagrams arrive, and the program sends one for each.";
            return Err(wrong(Way::Early, sentence));
        }
    }
    let left = (interval * 5 / 2).saturating_sub(started.elapsed()).max(interval / 4);
    if early > 0 || peer.receive_within(left)?.is_some() {
        return Ok(());
    }
    server.program.still_runs("while datagrams arrived")?;
    peer.receive_within(PATIENCE / 2)?; // so that the ladder shows when it comes
    let sentence = format!(
        "While {} arrived, the program did not send when it was time.",
        count(quotes.len(), "datagram")
    );
    Err(wrong(Way::Waits, sentence))
}

pub fn receives_between_two_sends(scene: &mut Scene) -> Outcome {
    let peer = letters::prepare(scene)?;
    let seconds = if scene.takes("interval") { 4.0 } else { 2.0 };
    scene.give("interval", "4");
    let server = scene.udp_server()?;
    let soon = Duration::from_secs_f64(seconds * 0.6);
    let sender = Sender::new(scene, "stranger")?;
    if are_shown_soon(scene, &server, &sender, soon)? {
        return Ok(());
    }
    if !scene.takes("interval") {
        // That was not long, and perhaps the computer was busy. Once more, when the program has
        // just sent something.
        while peer.receive_within(Duration::from_millis(1))?.is_some() {}
        sent_by(&server, &peer)?;
        if are_shown_soon(scene, &server, &sender, soon)? {
            return Ok(());
        }
    }
    server.program.still_runs("after three datagrams")?;
    let sentence = format!(
        "Three datagrams arrived, and {:.1} s later they are not all printed: \
         the program sleeps between two sends.",
        soon.as_secs_f64()
    );
    Err(wrong(Way::Waits, sentence))
}

/// Sends three datagrams at once, and tells whether they are printed in time.
fn are_shown_soon(
    scene: &mut Scene,
    server: &Server,
    sender: &Sender,
    soon: Duration,
) -> Outcome<bool> {
    let quotes: Vec<String> = (0..3).map(|_| scene.sentence()).collect();
    for quote in &quotes {
        sender.sends(server, &sender.letter(quote))?;
    }
    Ok(server.program.stdout().wait_for(soon, |text| {
        let text = String::from_utf8_lossy(text);
        quotes.iter().all(|quote| text.contains(quote))
    }))
}

// --- the peers

pub fn only_listens(scene: &mut Scene) -> Outcome {
    letters::one_peer(scene)?;
    // Here a program sends that has the lab's peer as its default. On a network that is shared,
    // the place may be taken.
    let usual = SocketAddr::new(LOOPBACK.into(), 5006);
    let peer = scene.udp_peer("port 5006", usual)?.shown_as(letters::picture);
    let mut is_left_out = scene.without_option("peer");
    is_left_out |= scene.without_option("peer_host") && scene.without_option("peer_port");
    if !is_left_out {
        return Ok(());
    }
    let server = scene.udp_server()?;
    let sender = Sender::new(scene, "stranger")?;
    let quote = scene.sentence();
    sender.sends(&server, &sender.letter(&quote))?;
    shows(&server, 0, "the quote of a datagram, also without a peer", &[&quote])?;
    for (who, time) in [(sender.socket(), 50), (&peer, 200)] {
        if who.receive_within(Duration::from_millis(time))?.is_some() {
            let to = who.address()?;
            let sentence = format!("The program was given no peer, and sent a datagram to {to}.");
            return Err(wrong(Way::Extra, sentence));
        }
    }
    Ok(())
}

pub fn several_peers(scene: &mut Scene) -> Outcome {
    if !scene.takes("second_peer") || !scene.takes("peer") {
        return Ok(());
    }
    letters::give_words(scene)?;
    let mut peers = Vec::new();
    for (who, word) in [("peer 1", "peer"), ("peer 2", "second_peer")] {
        let address = letters::peer_address(scene);
        peers.push(scene.udp_peer(who, address)?.shown_as(letters::picture));
        scene.give(word, address.to_string());
    }
    let server = scene.udp_server()?;
    for peer in &peers {
        sent_by(&server, peer).map_err(|trouble| {
            let sentence =
                format!("The program was given two peers, and {} gets nothing.", peer.who());
            trouble.or_rather(Way::Silent, Way::Silent, sentence)
        })?;
    }
    Ok(())
}

pub fn the_longest_quote(scene: &mut Scene) -> Outcome {
    if !scene.takes("quote") {
        return Ok(());
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
        return Ok(());
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

/// Nobody has the peer's port, so the system answers "port unreachable" (ICMP). Then the peer is
/// there.
pub fn a_peer_that_is_not_there(scene: &mut Scene) -> Outcome {
    if !scene.is_private() {
        return Err(Trouble::NotHere("it takes a private network to see what gets lost".into()));
    }
    let address = letters::prepare(scene)?.address()?; // and it is closed again
    let lost = unreachable()?;
    let server = scene.udp_server()?;
    let has_sent = || (unreachable().ok()? > lost).then_some(());
    match until(PATIENCE, has_sent) {
        Some(()) => scene.transcript().notes("system", format!("nobody is at {address} (ICMP)")),
        None => server.program.still_runs("before its datagram came")?,
    }
    let peer = scene.udp_peer("peer", address)?.shown_as(letters::picture);
    sent_by(&server, &peer).map(drop)
}

/// How many datagrams have come to a port that nobody has (`NoPorts` in `/proc/net/snmp`).
fn unreachable() -> Outcome<u64> {
    let table = fs::read_to_string("/proc/self/net/snmp")?;
    let counters = table.lines().filter(|line| line.starts_with("Udp:")).nth(1);
    let number = counters.and_then(|line| line.split(' ').nth(2)?.parse().ok());
    number.ok_or_else(|| Trouble::NotHere("this system does not count what gets lost".into()))
}
