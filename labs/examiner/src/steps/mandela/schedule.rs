//! When a Mandela peer sends, to whom, and that it listens all the while.

use std::fs;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::letters::{self, Sender, begin, sent_by};
use super::receiving::shows;
use crate::exam::program::until;
use crate::exam::scene::{LOOPBACK, Server};
use crate::exam::tcp::SLICE;
use crate::exam::transcript::count;
use crate::exam::udp::Peer;
use crate::exam::{Outcome, PATIENCE, Scene, Trouble, Way, not_told, processes, wrong};

pub fn sends(scene: &mut Scene) -> Outcome {
    let (server, peer) = begin(scene)?;
    sent_by(&server, &peer).map(drop)
}

pub fn two_seconds(scene: &mut Scene) -> Outcome {
    let peer = letters::prepare(scene)?;
    if scene.takes("interval") && !scene.without_option("interval") {
        scene.give("interval", "2");
    }
    keeps_the_interval(scene, &peer, 2.0)
}

pub fn interval(scene: &mut Scene) -> Outcome {
    if !scene.takes("interval") {
        return Err(not_told("interval"));
    }
    let peer = letters::prepare(scene)?;
    keeps_the_interval(scene, &peer, 1.0)
}

/// The most datagrams that are taken for those of a late start. More are sent too often.
const MOST_WAITING: u32 = 5;

/// Measures the time from one datagram to the next. Where the first one is wrong, two that are wrong
/// in the same way decide: a busy computer may be late once, and a program may send two at a time.
fn keeps_the_interval(scene: &mut Scene, peer: &Peer, seconds: f64) -> Outcome {
    let server = scene.udp_server()?;
    sent_by(&server, peer)?;
    // On a busy computer the examiner may come late, and find several. When the last of them came,
    // nobody knows: the time is taken from the next one.
    let mut waiting = 0;
    while waiting < MOST_WAITING && peer.receive_within(Duration::from_millis(1))?.is_some() {
        waiting += 1;
    }
    if waiting > 0 {
        sent_by(&server, peer)?;
    }
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

/// An interval that makes the check short, for a program that can be told one.
const SHORT: f64 = 0.2;

/// The program is stopped and goes on: of the times that it missed, none is made up for. One that
/// comes late and the next one, on time, may stand side by side.
pub fn missed_times(scene: &mut Scene) -> Outcome {
    let short = if scene.takes("interval") { begin_with_short_interval(scene)? } else { None };
    let (server, peer, interval, missed, burst) = match short {
        Some((server, peer)) => (server, peer, SHORT, 6, 5),
        None => {
            let (server, peer) = begin(scene)?;
            sent_by(&server, &peer)?;
            (server, peer, seconds_between(scene), 3, 3)
        }
    };
    let time = Duration::from_secs_f64(interval * (f64::from(missed) + 0.25));
    server.program.is_stopped_for(time, || {
        while peer.receive_within(Duration::from_millis(1))?.is_some() {} // it was on its way
        Ok(())
    })?;
    let sent = sent_by(&server, &peer);
    sent.map_err(|trouble| {
        let sentence = "The program was stopped for a while, and sends nothing after it.";
        trouble.or_rather(Way::Silent, Way::Silent, sentence)
    })?;
    let at_once = Duration::from_secs_f64(interval / 2.0).max(Duration::from_millis(200));
    let started = Instant::now();
    let mut number = 1;
    while started.elapsed() < at_once && number < burst {
        number += u32::from(peer.receive_within(SLICE)?.is_some());
    }
    if number < burst {
        return server.program.still_runs("after it was stopped for a while");
    }
    server.program.kill_unseen(); // so that no more come into the story
    let sentence = format!(
        "The program was stopped for {missed} intervals, and then sent {} at once.",
        count(burst as usize, "datagram")
    );
    Err(wrong(Way::Extra, sentence))
}

/// Starts the program with an interval that is less than a second. `None`, where it does not keep
/// that: it may read whole numbers only.
fn begin_with_short_interval(scene: &mut Scene) -> Outcome<Option<(Server, Peer)>> {
    let peer = letters::prepare(scene)?;
    scene.give("interval", SHORT.to_string());
    if let Ok(server) = scene.udp_server()
        && sent_by(&server, &peer).is_ok()
    {
        let started = Instant::now();
        let soon = Duration::from_secs_f64(2.0 * SHORT);
        let keeps_it = peer.receive_within(soon)?.is_some();
        if keeps_it && started.elapsed().as_secs_f64() > SHORT / 2.0 {
            return Ok(Some((server, peer)));
        }
    }
    let answer = format!("has no interval of {SHORT} s: it is started anew");
    scene.transcript().notes("program", answer);
    processes::kill_all();
    Ok(None)
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
    let threads = processes::usage(&processes::descendants()).map_or(0, |usage| usage.threads);
    let why = if threads > 1 {
        "the thread that receives does something else than to wait for the next one"
    } else {
        "the program sleeps between two sends"
    };
    let seconds = soon.as_secs_f64();
    let sentence = format!(
        "Three datagrams arrived, and {seconds:.1} s later they are not all printed: {why}."
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
    if !is_left_out && scene.ends_with("peer") {
        scene.leave_out("peer");
    } else if !is_left_out {
        // A peer that is written in, or that stands in front of other words, cannot be left out.
        return Err(not_told("peer"));
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
        return Err(not_told("second_peer"));
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
