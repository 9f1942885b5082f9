//! What a client prints of a good answer: the time, the offset and the delay.

use std::time::{Duration, SystemTime};

use socket_labs::date;
use socket_labs::ntp::{Packet, Timestamp};

use super::{Clock, PAST, Request, TimeServer, a_time, a_time_of, table};
use crate::exam::program::{Program, let_pass};
use crate::exam::{Outcome, Scene, Trouble, Way, wrong};

/// How long the examiner keeps a request, where the answer is to be late. Where the machine is so
/// slow that nothing can be seen in that time, it is longer the second time; and below one second,
/// so that no byte in a table of the packet passes for a delay.
const HELD: [Duration; 2] = [Duration::from_millis(350), Duration::from_millis(900)];

/// How much of that the examiner says that it needed itself.
const NEEDED: f64 = 0.4;

/// How far a printed number may be from the right one, in seconds: a loaded machine is slow.
pub const NEAR: f64 = 0.4;

/// Unix seconds of 2036-02-08 and 2060-01-01: NTP's seconds have started at 0 again.
const NEXT_ERA: (u64, u64) = (2_086_041_600, 2_840_140_800);

/// A client that got its answers, and what it should have found in one of them.
pub struct Answered {
    /// The client, which has ended with exit code 0.
    pub program: Program,
    /// What it asked and what it was told: each of its requests, of which there is at least one.
    pub talks: Vec<(Vec<u8>, Packet)>,
    offset: f64,
}

/// The program asks, is answered at once by a server whose clock shows this time, and ends well. It
/// may ask as often as it likes.
pub fn answered(scene: &mut Scene, stratum: u8, time: Timestamp) -> Outcome<Answered> {
    let server = TimeServer::open(scene)?;
    answered_by(scene, &server, stratum, time)
}

/// The same, by a server that is there already.
pub fn answered_by(
    scene: &mut Scene,
    server: &TimeServer,
    stratum: u8,
    time: Timestamp,
) -> Outcome<Answered> {
    let program = scene.start()?;
    let request = server.asked(&program)?;
    let answer = request.answer(stratum, time);
    let offset = time.since(Timestamp::at(SystemTime::now()));
    server.answers(&request, &answer)?;
    let (clock, mut talks) = (Clock::at(time), vec![(request.bytes, answer)]);
    server.meanwhile(
        |request| {
            let answer = request.answer(stratum, clock.now());
            talks.push((request.bytes.clone(), answer));
            server.answers(request, &answer)
        },
        || program.succeeds(),
    )?;
    Ok(Answered { program, talks, offset })
}

/// The program is answered late, and part of that time is the server's own: then it should print
/// what `is_right` looks for, of one of its answers.
fn answered_late(
    scene: &mut Scene,
    needed: f64,
    is_right: impl Fn(&Program, &Late) -> Outcome,
) -> Outcome {
    let server = TimeServer::open(scene)?;
    let mut seen = Ok(());
    for held in HELD {
        let time = a_time(scene);
        let program = scene.start()?;
        let request = server.asked(&program)?;
        let (clock, needed) = (Clock::at(time), held.as_secs_f64() * needed);
        let mut late = Vec::new();
        let mut answers_late = |request: &Request| {
            let time = clock.now();
            let answer = Packet { transmit: time.plus(needed), ..request.answer(3, time) };
            let_pass(held);
            let (t1, t4) = (request.at, Timestamp::at(SystemTime::now()));
            let offset = (time.since(t1) + answer.transmit.since(t4)) / 2.0;
            let delay = t4.since(t1) - needed;
            late.push(Late { held: held.as_secs_f64(), needed, offset, delay });
            server.answers(request, &answer)
        };
        scene.transcript().notes("server", format!("answers after {} ms", held.as_millis()));
        answers_late(&request)?;
        server.meanwhile(answers_late, || program.succeeds())?;
        let judged: Vec<Outcome> = late.iter().map(|late| is_right(&program, late)).collect();
        if judged.iter().any(Result::is_ok) {
            return Ok(());
        }
        seen = judged.into_iter().next().unwrap_or(Ok(()));
    }
    seen
}

/// What a client should find of a late answer. All are seconds.
struct Late {
    held: f64,
    needed: f64,
    offset: f64,
    delay: f64,
}

impl Answered {
    /// What it was told.
    pub fn answers(&self) -> impl Iterator<Item = &Packet> {
        self.talks.iter().map(|(_, answer)| answer)
    }

    /// The offset is printed, in seconds.
    pub fn prints_offset(&self) -> Outcome {
        prints_offset(&self.program, self.offset, NEAR)
    }

    /// The server's time is printed: its year, its day and its clock.
    pub fn prints_time(&self) -> Outcome {
        // Where the fraction is almost a second, rounding up is right as well.
        let prints = |time| prints_time(&self.program, time);
        if self.answers().any(|at| prints(at.transmit) || prints(at.transmit.plus(1e-6))) {
            return Ok(());
        }
        let answer = self.talks[0].1;
        let (seconds, _) = answer.transmit.unix();
        let sentence =
            format!("The program should print the server's time: {}.", date::utc(seconds, 0));
        Err(wrong(Way::NotPrinted, sentence).with_fields(table(&answer.emit())))
    }
}

/// The offset of a quick answer.
pub fn offset(scene: &mut Scene) -> Outcome {
    let time = a_time(scene);
    answered(scene, 2, time)?.prints_offset()
}

/// The offset of an answer that took its time: the mean of both ways.
pub fn late_answer(scene: &mut Scene) -> Outcome {
    // What is not the mean is off by half of the time.
    answered_late(scene, 0.0, |program, late| prints_offset(program, late.offset, late.held * 0.3))
}

/// The delay of an answer that took its time, and part of that time in the server.
pub fn delay(scene: &mut Scene) -> Outcome {
    answered_late(scene, NEEDED, |program, late| {
        // A loaded machine makes it longer. What has the server's own time in it is longer still.
        let Late { held, needed, delay, .. } = late;
        let right = delay - 0.02..delay + needed - 0.02;
        if numbers(&program.stdout().text()).iter().any(|number| right.contains(number)) {
            return Ok(());
        }
        let left = held - needed;
        Err(wrong(
            Way::NotPrinted,
            format!(
                "The answer took {held:.2} s, {needed:.2} s of them between T2 and T3: the \
                 program should print a delay of {left:.2} s, and a little more."
            ),
        ))
    })
}

/// A server whose name is looked up.
pub fn server_by_name(scene: &mut Scene) -> Outcome {
    let server = TimeServer::open_with_name(scene)?;
    let time = a_time(scene);
    answered_by(scene, &server, 2, time)?.prints_offset()
}

/// Answers whose fraction is 0, and almost a second.
pub fn fractions(scene: &mut Scene) -> Outcome<[Answered; 2]> {
    let server = TimeServer::open(scene)?;
    let mut answered = |fraction| -> Outcome<Answered> {
        let time = a_time_of(scene, PAST, fraction);
        let answered = answered_by(scene, &server, 2, time)?;
        answered.prints_offset().map_err(|trouble| of_fraction(trouble, fraction))?;
        Ok(answered)
    };
    Ok([answered(0)?, answered(0xffff_ffff)?])
}

fn of_fraction(trouble: Trouble, fraction: u64) -> Trouble {
    let sentence = format!(
        "Where the fraction of the server's time is {fraction:#010x}, the program does not print \
         the offset."
    );
    trouble.or_rather(Way::NotPrinted, Way::NotPrinted, sentence)
}

/// An answer of a server whose clock is beyond 2036.
pub fn after_2036(scene: &mut Scene) -> Outcome<Answered> {
    let fraction = scene.number(1 << 28, 0x5800_0000);
    let time = a_time_of(scene, NEXT_ERA, fraction);
    let answered = answered(scene, 2, time)?;
    answered.prints_offset().map_err(|trouble| {
        let sentence = format!("The server's time is {time}; the offset printed is not to that.");
        trouble
            .or_rather(Way::NotPrinted, Way::NotPrinted, sentence)
            .with_fields(table(&answered.talks[0].1.emit()))
    })?;
    Ok(answered)
}

fn prints_offset(program: &Program, offset: f64, near: f64) -> Outcome {
    let numbers = numbers(&program.stdout().text());
    let prints = |value: f64| numbers.iter().any(|number| (number - value).abs() < near);
    if prints(offset) {
        return Ok(());
    }
    let (way, seen) = match prints(-offset) {
        true => (Way::Different, "The offset that the program prints has the wrong sign"),
        false => (Way::NotPrinted, "No number on the program's standard output is the offset"),
    };
    Err(wrong(way, format!("{seen}; the right one is {offset:+.6} s.")))
}

fn prints_time(program: &Program, time: Timestamp) -> bool {
    let text = program.stdout().text();
    let (seconds, _) = time.unix();
    let (date, clock) = match date::utc(seconds, 0).split_once(' ') {
        Some((date, clock)) => (date.to_string(), clock.chars().take(8).collect::<String>()),
        None => return false,
    };
    let [year, _, day] = date.split('-').collect::<Vec<_>>()[..] else { return false };
    let mut words = text.split(|c: char| !c.is_ascii_digit());
    let day = day.trim_start_matches('0');
    text.contains(year)
        && text.contains(&clock)
        && words.any(|word| word.trim_start_matches('0') == day)
}

/// Every number in a text that stands alone: no part of a date, a time or an address.
pub fn numbers(text: &str) -> Vec<f64> {
    let text = text.replace('\u{2212}', "-"); // the minus sign of typographers
    let is_part = |c: char| c.is_ascii_digit() || ".,:+-eE".contains(c);
    text.split(|c| !is_part(c))
        .filter_map(|piece| {
            let piece = piece.trim_start_matches(['.', ',', ':', 'e', 'E']);
            let piece = piece.trim_end_matches(['.', ',', ':', 'e', 'E', '+', '-']);
            piece.replace(',', ".").parse().ok()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_in_words_of_any_language() {
        assert_eq!(numbers("Offset: +2.500012 s"), [2.500012]);
        assert_eq!(numbers("Desfase = −1,25 s."), [-1.25]);
        assert_eq!(numbers(r#"{"offset":-3e-5,"delay":0.25}"#), [-3e-5, 0.25]);
        assert_eq!(numbers("delay=0.2s stratum=7"), [0.2, 7.0]);
    }

    #[test]
    fn dates_times_and_addresses_are_no_numbers() {
        assert!(numbers("2026-11-21 04:20:31.687 from 127.3.0.1:123").is_empty());
    }
}
