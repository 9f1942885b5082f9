//! What a Mandela peer shows of the datagrams that arrive, and what it must not show.

use std::time::Duration;

use socket_labs::bytes::annotated;
use socket_labs::mandela::{Datagram, HEADER, LONGEST_QUOTE, fields};

use super::letters::{self, Sender, begin, with_checksum};
use super::sending::long_text;
use crate::exam::program::{let_pass, until};
use crate::exam::scene::Server;
use crate::exam::transcript::count;
use crate::exam::{Outcome, PATIENCE, Scene, Way, processes, servers, wrong};

/// How long a program may take from the quote of a datagram to the rest of what it says of it.
const BREATH: Duration = Duration::from_secs(1);

/// Waits until standard output has these words, behind what it had at the mark. `what` is the name
/// of what is missing otherwise.
pub fn shows(server: &Server, mark: usize, what: &str, words: &[&str]) -> Outcome {
    let sentence = format!("The program should print {what}; it is not on its standard output.");
    let first = words.first().copied().unwrap_or_default();
    shows_what_fits(server, mark, first, sentence, |text| {
        words.iter().all(|word| text.contains(word))
    })
}

/// Waits for the first word; what belongs to it is printed in the same breath.
fn shows_what_fits(
    server: &Server,
    mark: usize,
    first: &str,
    otherwise: String,
    fits: impl Fn(&str) -> bool,
) -> Outcome {
    let has = |all: &[u8]| fits(&behind(all, mark));
    let has_begun = |all: &[u8]| behind(all, mark).contains(first);
    let output = server.program.stdout();
    if output.wait_for(PATIENCE, has_begun) && output.wait_for(BREATH, has) {
        return Ok(());
    }
    // That the program ended is the better explanation.
    until(Duration::from_millis(200), || server.program.ended());
    server.program.still_runs("where a datagram had arrived")?;
    Err(wrong(Way::NotPrinted, otherwise))
}

/// What is behind a mark, as text.
fn behind(all: &[u8], mark: usize) -> String {
    String::from_utf8_lossy(all.get(mark..).unwrap_or_default()).into_owned()
}

/// How much the program has printed on standard output.
fn printed(server: &Server) -> usize {
    server.program.stdout().bytes().len()
}

/// The numbers of a text, without signs. What has two points or more is an address.
fn numbers(text: &str) -> Vec<f64> {
    let runs = text.split(|c: char| !c.is_ascii_digit() && c != '.');
    runs.filter_map(|run| run.trim_matches('.').parse().ok()).collect()
}

/// Sends a good datagram from a new sender, and waits for its quote.
fn good_one_is_shown(scene: &mut Scene, server: &Server) -> Outcome<Sender> {
    let sender = Sender::new(scene, "sender")?;
    let quote = scene.sentence();
    let mark = printed(server);
    sender.sends(server, &sender.letter(&quote))?;
    shows(server, mark, &format!("the quote {quote:?}"), &[&quote])?;
    Ok(sender)
}

// --- what it shows

pub fn prints_the_quote(scene: &mut Scene) -> Outcome {
    let (server, _peer) = begin(scene)?;
    good_one_is_shown(scene, &server).map(drop)
}

pub fn prints_any_script(scene: &mut Scene) -> Outcome {
    let (server, _peer) = begin(scene)?;
    let sender = Sender::new(scene, "sender")?;
    let quote = scene.word(6) + " señor 漢字 ελπίδα";
    sender.sends(&server, &sender.letter(&quote))?;
    shows(&server, 0, &format!("the quote {quote:?}"), &[&quote])
}

pub fn prints_elapsed(scene: &mut Scene) -> Outcome {
    let (server, _peer) = begin(scene)?;
    let sender = Sender::new(scene, "sender")?;
    let quote = scene.sentence();
    sender.sends(&server, &sender.letter(&quote))?;
    let age = sender.age;
    let sentence = format!(
        "The datagram was sent {age} s ago; neither this number nor the next one is printed."
    );
    // A fraction of a second, and the time that the datagram takes, may be on top of it; a program
    // may round.
    let right = age as f64 - 1.01..=age as f64 + 2.5;
    shows_what_fits(&server, 0, &quote, sentence, |text| {
        numbers(text).iter().any(|number| right.contains(number))
    })
}

/// One datagram from the past, and one of the same age from the future. `-437`, or `437 s in the
/// future` in any language: anything but the same words.
pub fn a_clock_ahead(scene: &mut Scene) -> Outcome {
    let (server, _peer) = begin(scene)?;
    let sender = Sender::new(scene, "sender")?;
    let quote = scene.sentence();
    let mut letter = sender.letter(&quote);
    sender.sends(&server, &letter)?;
    shows(&server, 0, &format!("the quote {quote:?}"), &[&quote])?;
    settle(&server);
    let mark = printed(&server);
    let age = sender.age;
    letter.timestamp += 2 * age;
    sender.sends(&server, &letter)?;
    let right = age as f64 - 2.5..=age as f64 + 1.0;
    let sentence =
        format!("The sender's clock is {age} s ahead; this number is not printed: -{age}.");
    shows_what_fits(&server, mark, &quote, sentence, |text| {
        numbers(text).iter().any(|number| right.contains(number))
    })?;
    settle(&server);
    let all = server.program.stdout().bytes();
    let (past, future) = (behind(&all[..mark], 0), behind(&all, mark));
    if without_digits(&past).ends_with(&without_digits(&future)) {
        let sentence = format!(
            "A datagram from {age} s in the future is shown like one from {age} s in the past."
        );
        return Err(wrong(Way::NotPrinted, sentence));
    }
    Ok(())
}

fn without_digits(text: &str) -> String {
    text.chars().filter(|c| !c.is_ascii_digit()).collect::<String>().trim().to_string()
}

/// Waits for what else is printed in the same breath.
fn settle(server: &Server) {
    let mut before = printed(server);
    until(Duration::from_secs(1), || {
        let_pass(Duration::from_millis(20));
        let now = printed(server);
        let rests = now == before;
        before = now;
        rests.then_some(())
    });
}

pub fn any_timestamp(scene: &mut Scene) -> Outcome {
    let (server, _peer) = begin(scene)?;
    let sender = Sender::new(scene, "stranger")?;
    for timestamp in [i64::MAX as u64, u64::MAX, 0] {
        let quote = scene.sentence();
        sender.sends(&server, &Datagram { timestamp, ..sender.letter(&quote) })?;
    }
    good_one_is_shown(scene, &server).map(drop)
}

pub fn prints_the_source(scene: &mut Scene) -> Outcome {
    says_another_address(scene, |server, sender, _, quote| {
        let source = sender.ip().to_string();
        let what = format!("{source}, from where the datagram came");
        shows(server, 0, &what, &[quote, &source])
    })
}

pub fn prints_both_addresses(scene: &mut Scene) -> Outcome {
    says_another_address(scene, |server, sender, claimed, quote| {
        let what = format!("{claimed}, which the payload says, beside {}", sender.ip());
        shows(server, 0, &what, &[quote, &sender.ip().to_string(), claimed])
    })
}

/// A datagram whose sender says another address than the one it comes from.
fn says_another_address(
    scene: &mut Scene,
    judge: impl Fn(&Server, &Sender, &str, &str) -> Outcome,
) -> Outcome {
    let (server, _peer) = begin(scene)?;
    let sender = Sender::new(scene, "sender")?;
    let mut byte = || scene.number(2, 250) as u8;
    let claimed = std::net::Ipv4Addr::new(10, byte(), byte(), byte());
    let quote = scene.sentence();
    sender.sends(&server, &Datagram { address: claimed, ..sender.letter(&quote) })?;
    judge(&server, &sender, &claimed.to_string(), &quote)
}

/// Sends one datagram, and expects its number to be printed with it.
fn is_counted(scene: &mut Scene, server: &Server, sender: &Sender, number: usize) -> Outcome {
    settle(server); // what is printed from now on is of this datagram
    let quote = scene.sentence();
    let mark = printed(server);
    sender.sends(server, &sender.letter(&quote))?;
    let sentence = format!(
        "The last datagram is number {number} of those from {}; there is no {number} printed with it.",
        sender.ip()
    );
    shows_what_fits(server, mark, &quote, sentence, |text| numbers(text).contains(&(number as f64)))
}

pub fn counts(scene: &mut Scene) -> Outcome {
    let (server, _peer) = begin(scene)?;
    let sender = Sender::new(scene, "sender")?;
    (1..=3).try_for_each(|number| is_counted(scene, &server, &sender, number))
}

pub fn counts_whatever_the_port(scene: &mut Scene) -> Outcome {
    let (server, _peer) = begin(scene)?;
    let one = Sender::new(scene, "port 1")?;
    let other = Sender::beside(scene, "port 2", &one)?;
    is_counted(scene, &server, &one, 1)?;
    is_counted(scene, &server, &one, 2)?;
    is_counted(scene, &server, &other, 3)
}

pub fn counts_each_source(scene: &mut Scene) -> Outcome {
    let (server, _peer) = begin(scene)?;
    let one = Sender::new(scene, "sender 1")?;
    let other = Sender::new(scene, "sender 2")?;
    if one.ip() == other.ip() {
        return Err(crate::exam::Trouble::NotHere("there is one address of loopback alone".into()));
    }
    is_counted(scene, &server, &one, 1)?;
    is_counted(scene, &server, &one, 2)?;
    is_counted(scene, &server, &other, 1)?;
    is_counted(scene, &server, &one, 3)
}

// --- sizes

pub fn an_empty_quote(scene: &mut Scene) -> Outcome {
    let (server, _peer) = begin(scene)?;
    let sender = Sender::new(scene, "sender")?;
    sender.sends(&server, &sender.letter(""))?;
    let source = sender.ip().to_string();
    shows(&server, 0, &format!("a datagram from {source}, with no quote"), &[&source])
}

pub fn a_zero_byte(scene: &mut Scene) -> Outcome {
    let (server, _peer) = begin(scene)?;
    let sender = Sender::new(scene, "sender")?;
    let (start, end) = (scene.sentence(), scene.sentence());
    sender.sends(&server, &sender.letter(&format!("{start}\0{end}")))?;
    shows(&server, 0, &format!("all of the quote, to its end {end:?}"), &[&start, &end])
}

pub fn a_short_one_after_a_long_one(scene: &mut Scene) -> Outcome {
    let (server, _peer) = begin(scene)?;
    let sender = Sender::new(scene, "sender")?;
    let (long, end, short) = (long_text(scene, 100), scene.word(9), scene.word(5));
    let long = long + &end;
    sender.sends(&server, &sender.letter(&long))?;
    shows(&server, 0, "the long quote", &[&long])?;
    settle(&server);
    let mark = printed(&server);
    sender.sends(&server, &sender.letter(&short))?;
    shows(&server, mark, &format!("the quote {short:?}"), &[&short])?;
    settle(&server);
    if behind(&server.program.stdout().bytes(), mark).contains(&end) {
        let sentence = "Behind the short quote the program prints the end of the long one before.";
        return Err(wrong(Way::Printed, sentence));
    }
    Ok(())
}

pub fn the_largest_datagram(scene: &mut Scene) -> Outcome {
    let (server, _peer) = begin(scene)?;
    let sender = Sender::new(scene, "sender")?;
    let quote = long_text(scene, LONGEST_QUOTE);
    sender.sends(&server, &sender.letter(&quote))?;
    let size = count(HEADER + LONGEST_QUOTE, "byte");
    shows(&server, 0, &format!("the whole quote of a datagram of {size}"), &[&quote])
}

/// In bursts: a program that looks for datagrams now and then is slow with one after the other.
pub fn leaves_no_open_files(scene: &mut Scene) -> Outcome {
    let (server, _peer) = begin(scene)?;
    let files = || processes::usage(&processes::descendants()).map(|usage| usage.files);
    burst(scene, &server)?; // what a program opens once, it has open now
    settle(&server);
    let before = files().ok_or_else(servers::not_told)?;
    for _ in 0..10 {
        burst(scene, &server)?;
    }
    let allowed = before + 5;
    if until(PATIENCE / 2, || (files()? <= allowed).then_some(())).is_some() {
        return Ok(());
    }
    let now = files().unwrap_or_default();
    let more = now.saturating_sub(before);
    scene.transcript().notes("program", format!("has {more} more open files than before"));
    let sentence =
        format!("After 200 datagrams the program has {more} more open files than before them.");
    Err(wrong(Way::Leaks, sentence))
}

/// Twenty datagrams from as many addresses; the last one is waited for.
fn burst(scene: &mut Scene, server: &Server) -> Outcome {
    for _ in 1..20 {
        let (sender, quote) = (Sender::new(scene, "sender")?, scene.word(8));
        sender.sends(server, &sender.letter(&quote))?;
    }
    good_one_is_shown(scene, server).map(drop)
}

// --- what it must not show

/// Before them comes a good datagram, and after them another one; the first one must not be seen
/// again.
pub fn too_short(scene: &mut Scene) -> Outcome {
    let (server, _peer) = begin(scene)?;
    let sender = Sender::new(scene, "sender")?;
    let quote = scene.sentence();
    sender.sends(&server, &sender.letter(&quote))?;
    shows(&server, 0, &format!("the quote {quote:?}"), &[&quote])?;
    let whole = letters::bytes(&sender.letter(&quote))?;
    sender.sends_bytes(&server, b"")?;
    sender.sends_bytes(&server, &whole[..1])?;
    for size in [4, 12, 17] {
        sender.sends_bytes(&server, &with_checksum(&whole[4..size]))?;
    }
    good_one_is_shown(scene, &server)?;
    if server.program.stdout().text().matches(&quote).count() > 1 {
        let sentence = "After datagrams that are too short, an older quote is printed once more.";
        return Err(wrong(Way::Printed, sentence));
    }
    Ok(())
}

/// In each field something is changed on the way: one bit, or 256 seconds.
pub fn corrupt(scene: &mut Scene) -> Outcome {
    let (server, _peer) = begin(scene)?;
    let sender = Sender::new(scene, "sender")?;
    let mut bad = Vec::new();
    for name in ["checksum", "timestamp", "address", "port", "quote"] {
        let quote = scene.sentence();
        let with_mark = quote.clone() + "!";
        let letter = sender.letter(&with_mark);
        let mut bytes = letters::bytes(&letter)?;
        let last = bytes.len() - 1;
        match name {
            "checksum" => bytes[3] ^= 1,
            "timestamp" => bytes[4..12].copy_from_slice(&(letter.timestamp - 256).to_be_bytes()),
            "address" => bytes[15] ^= 1,
            "port" => bytes[17] ^= 1,
            _ => bytes[last] ^= 1,
        }
        sender.sends_bytes(&server, &bytes)?;
        bad.push((name, quote, bytes));
    }
    good_one_is_shown(scene, &server)?;
    let text = server.program.stdout().text();
    for (name, quote, bytes) in &bad {
        if text.contains(quote) {
            let sentence = format!(
                "The program shows a datagram as good, and its {name} was changed on the way."
            );
            let table = annotated(bytes, &fields(bytes));
            return Err(wrong(Way::Printed, sentence).with_fields(table.trim_end()));
        }
    }
    Ok(())
}

/// A byte that is in no UTF-8, a letter that is cut off, and half of a pair of UTF-16.
pub fn not_utf8(scene: &mut Scene) -> Outcome {
    let (server, _peer) = begin(scene)?;
    let sender = Sender::new(scene, "sender")?;
    let mut bad = Vec::new();
    for bytes in [&b"\xff"[..], b"\xe6\xbc", b"\xed\xa0\x80"] {
        let quote = scene.sentence();
        let header = letters::bytes(&sender.letter(""))?;
        let summed = [&header[4..], quote.as_bytes(), bytes].concat();
        let bytes = with_checksum(&summed);
        sender.sends_bytes(&server, &bytes)?;
        bad.push((quote, bytes));
    }
    good_one_is_shown(scene, &server)?;
    let text = server.program.stdout().text();
    match bad.iter().find(|(quote, _)| text.contains(quote)) {
        None => Ok(()),
        Some((_, bytes)) => {
            let sentence = "The program shows a datagram as good whose quote is not UTF-8.";
            let table = annotated(bytes, &fields(bytes));
            Err(wrong(Way::Printed, sentence).with_fields(table.trim_end()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_in_any_words_and_addresses_are_none() {
        let text = "#003 desde 127.9.8.7:5005, hace -437.5 s.";
        assert_eq!(numbers(text), [3.0, 5005.0, 437.5]);
        assert_eq!(numbers("[10.0.0.1 × 2, 12 s]"), [2.0, 12.0]);
        assert!(numbers("... no number.").is_empty());
    }
}
