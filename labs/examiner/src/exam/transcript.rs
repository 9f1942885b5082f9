//! What the examiner saw, in order, drawn as a ladder.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use socket_labs::bytes::printable;

/// Events that the ladder shows at its beginning and at its end; those between are counted.
const FIRST: usize = 16;
const LAST: usize = 12;

/// Bytes of a message that are kept to be shown: so many at its beginning and at its end.
const HEAD: usize = 40;
const TAIL: usize = 12;

/// The widest line of a story.
pub const WIDTH: usize = 78;

/// What the examiner saw. Clones share one list.
#[derive(Clone)]
pub struct Transcript(Arc<Mutex<Events>>);

struct Events {
    started: Instant,
    first: Vec<Event>,
    last: std::collections::VecDeque<Event>,
    left_out: usize,
}

struct Event {
    at: Duration,
    who: String,
    what: What,
    /// Who has done the same right after.
    others: Vec<(Duration, String)>,
}

/// So many clients that do the same, one right after the other, are one line.
const CROWD: usize = 3;

enum What {
    /// From the examiner to the program.
    To(Payload),
    /// From the program to the examiner.
    From(Payload),
    /// A sentence.
    Note(String),
}

enum Payload {
    Sign(&'static str),
    Picture(String),
    Bytes(Glimpse),
}

/// The beginning and the end of a run of bytes.
struct Glimpse {
    head: Vec<u8>,
    tail: Vec<u8>,
    length: usize,
    datagram: bool,
}

impl Transcript {
    /// An empty transcript, whose time begins now.
    pub fn new() -> Transcript {
        let (first, last) = (Vec::new(), std::collections::VecDeque::new());
        Transcript(Arc::new(Mutex::new(Events {
            started: Instant::now(),
            first,
            last,
            left_out: 0,
        })))
    }

    /// The examiner sends bytes of a stream.
    pub fn sends(&self, who: &str, bytes: &[u8]) {
        self.add(who, What::To(Payload::Bytes(Glimpse::of(bytes, false))));
    }

    /// Bytes of a stream arrive. Those that arrive one after the other are one event.
    pub fn receives(&self, who: &str, bytes: &[u8]) {
        let mut events = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(Event { who: of, what: What::From(Payload::Bytes(glimpse)), .. }) =
            events.latest()
            && of == who
            && !glimpse.datagram
        {
            return glimpse.extend(bytes);
        }
        drop(events);
        self.add(who, What::From(Payload::Bytes(Glimpse::of(bytes, false))));
    }

    /// The examiner sends one datagram.
    pub fn sends_datagram(&self, who: &str, bytes: &[u8]) {
        self.add(who, What::To(Payload::Bytes(Glimpse::of(bytes, true))));
    }

    /// One datagram arrives.
    pub fn receives_datagram(&self, who: &str, bytes: &[u8]) {
        self.add(who, What::From(Payload::Bytes(Glimpse::of(bytes, true))));
    }

    /// The examiner does something that has no bytes: `connect`, `FIN`, `RST`.
    pub fn does(&self, who: &str, sign: &'static str) {
        self.add(who, What::To(Payload::Sign(sign)));
    }

    /// The program does something that has no bytes: `FIN`, `RST`.
    pub fn sees(&self, who: &str, sign: &'static str) {
        self.add(who, What::From(Payload::Sign(sign)));
    }

    /// The examiner sends one datagram, shown in words.
    pub fn sends_picture(&self, who: &str, words: String) {
        self.add(who, What::To(Payload::Picture(words)));
    }

    /// One datagram arrives, shown in words.
    pub fn receives_picture(&self, who: &str, words: String) {
        self.add(who, What::From(Payload::Picture(words)));
    }

    /// Anything else, in words.
    pub fn notes(&self, who: &str, words: impl Into<String>) {
        self.add(who, What::Note(words.into()));
    }

    fn add(&self, who: &str, what: What) {
        let mut events = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = events.started.elapsed();
        if let What::To(Payload::Sign(sign)) = &what
            && who.starts_with("client ")
            && let Some(latest) = events.latest()
            && latest.who.starts_with("client ")
            && latest.latest_who() != who
            && matches!(&latest.what, What::To(Payload::Sign(before)) if before == sign)
        {
            latest.others.push((at, who.to_string()));
            return;
        }
        let event = Event { at, who: who.to_string(), what, others: Vec::new() };
        if events.first.len() < FIRST {
            events.first.push(event);
            return;
        }
        events.last.push_back(event);
        if events.last.len() > LAST {
            events.last.pop_front();
            events.left_out += 1;
        }
    }

    /// The ladder: time, who, and an arrow for each event. No line is longer than [`WIDTH`].
    pub fn ladder(&self, program: &str) -> String {
        let events = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut lines =
            vec![format!("{:>8}  {:<10}examiner {:>47}", "time", "who", clip(program, 38))];
        lines.extend(events.first.iter().flat_map(Event::lines));
        if events.left_out > 0 {
            lines.push(format!("{:>8}  … {} more …", "", events.left_out));
        }
        lines.extend(events.last.iter().flat_map(Event::lines));
        lines.join("\n")
    }
}

impl Default for Transcript {
    fn default() -> Transcript {
        Transcript::new()
    }
}

impl Events {
    fn latest(&mut self) -> Option<&mut Event> {
        if self.last.is_empty() { self.first.last_mut() } else { self.last.back_mut() }
    }
}

impl Event {
    /// Who has done it last.
    fn latest_who(&self) -> &str {
        self.others.last().map_or(&self.who, |(_, who)| who)
    }

    /// A line for each who did it, or one for a crowd.
    fn lines(&self) -> Vec<String> {
        let all = self.others.len() + 1;
        if let What::To(Payload::Sign(sign)) = &self.what
            && all > CROWD
        {
            let numbers =
                [&self.who, self.latest_who()].map(|who| who.trim_start_matches("client "));
            let text = format!("{sign} ({all} clients: {} to {})", numbers[0], numbers[1]);
            let what = What::To(Payload::Picture(text));
            return vec![what.line(self.at, "clients")];
        }
        let others = self.others.iter().map(|(at, who)| self.what.line(*at, who));
        [self.what.line(self.at, &self.who)].into_iter().chain(others).collect()
    }
}

impl What {
    fn line(&self, at: Duration, who: &str) -> String {
        let start = format!("{:>8}  {:<9} ", time(at), clip(who, 9));
        let width = WIDTH - start.chars().count();
        let rest = match self {
            What::To(payload) => arrow(&payload.text(width - 8), width, "──", "─▶"),
            What::From(payload) => arrow(&payload.text(width - 8), width, "◀─", "──"),
            What::Note(words) => {
                let lines = wrapped(&printable(words.as_bytes()), width);
                lines.join(&format!("\n{:20}", ""))
            }
        };
        start + &rest
    }
}

/// `── text ─────────▶`, as wide as asked for.
fn arrow(text: &str, width: usize, left: &str, right: &str) -> String {
    let used = left.chars().count() + right.chars().count() + text.chars().count() + 2;
    format!("{left} {text} {}{right}", "─".repeat(width.saturating_sub(used)))
}

/// At most so many characters, with `…` where some are left out.
pub fn clip(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_string();
    }
    text.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

/// The lines of a text that is too wide for one: words stay whole where they fit a line.
pub fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let letters: Vec<char> = word.chars().collect();
        for (i, part) in letters.chunks(width).enumerate() {
            let mut line = lines.pop().unwrap_or_default();
            let used = line.chars().count();
            let space = usize::from(i == 0 && used > 0);
            if used > 0 && used + space + part.len() > width {
                lines.push(line);
                line = String::new();
            } else if space > 0 {
                line.push(' ');
            }
            lines.push(line + &part.iter().collect::<String>());
        }
    }
    lines
}

fn time(at: Duration) -> String {
    match at.as_secs_f64() {
        seconds if seconds < 1.0 => format!("{:.1} ms", seconds * 1000.0),
        seconds => format!("{seconds:.2} s"),
    }
}

impl Payload {
    fn text(&self, width: usize) -> String {
        match self {
            Payload::Sign(sign) => (*sign).to_string(),
            Payload::Picture(words) => clip(&printable(words.as_bytes()), width),
            Payload::Bytes(glimpse) => glimpse.text(width),
        }
    }
}

impl Glimpse {
    fn of(bytes: &[u8], datagram: bool) -> Glimpse {
        let mut glimpse = Glimpse { head: Vec::new(), tail: Vec::new(), length: 0, datagram };
        glimpse.extend(bytes);
        glimpse
    }

    fn extend(&mut self, bytes: &[u8]) {
        let room = (HEAD - self.head.len()).min(bytes.len());
        self.head.extend_from_slice(&bytes[..room]);
        let rest = &bytes[room..];
        self.tail.extend_from_slice(&rest[rest.len().saturating_sub(TAIL)..]);
        self.tail.drain(..self.tail.len().saturating_sub(TAIL));
        self.length += bytes.len();
    }

    /// `"hello\r\n" (7 bytes)`; a long run loses its middle.
    fn text(&self, width: usize) -> String {
        let kind = if self.datagram { "datagram, " } else { "" };
        let count = format!(" ({kind}{})", count(self.length, "byte"));
        let room = width - count.chars().count() - 3;
        let whole = printable(&[&self.head[..], &self.tail].concat());
        if self.length <= HEAD + TAIL && whole.chars().count() <= room {
            return format!("\"{whole}\"{count}");
        }
        let end: String = printable(&self.tail);
        let end: Vec<char> = end.chars().collect();
        let end: String = end[end.len().saturating_sub(8)..].iter().collect();
        let start: String =
            printable(&self.head).chars().take(room.saturating_sub(end.chars().count())).collect();
        format!("\"{start}…{end}\"{count}")
    }
}

/// `1 byte`, `8,388,608 bytes`.
pub fn count(number: usize, thing: &str) -> String {
    format!("{} {thing}{}", grouped(number), if number == 1 { "" } else { "s" })
}

/// `8,388,608`.
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_whole_where_they_fit() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("a sentence", 80), ["a sentence"]);
        assert_eq!(wrapped("abcdefghij kl", 4), ["abcd", "efgh", "ij", "kl"]);
        assert_eq!(wrapped("", 4), [""]);
    }

    #[test]
    fn a_long_run_loses_its_middle_and_keeps_its_length() {
        let transcript = Transcript::new();
        transcript.sends("client 1", &[b'a'; 1_000_000]);
        let ladder = transcript.ladder("echo_server");
        assert!(ladder.contains("…aaaaaaaa\" (1,000,000 bytes) "), "{ladder}");
        assert!(ladder.lines().all(|line| line.chars().count() <= WIDTH), "{ladder}");
    }

    #[test]
    fn what_arrives_in_pieces_is_one_event_until_something_else_happens() {
        let transcript = Transcript::new();
        transcript.receives("client 1", b"hel");
        transcript.receives("client 1", b"lo\r\n");
        transcript.receives("client 2", b"x");
        let ladder = transcript.ladder("echo_server");
        assert!(ladder.contains("◀─ \"hello\\r\\n\" (7 bytes) "), "{ladder}");
        assert_eq!(ladder.lines().count(), 3, "{ladder}");
    }

    #[test]
    fn a_crowd_that_connects_is_one_line() {
        let transcript = Transcript::new();
        let connect = |i| transcript.does(&format!("client {i}"), "connect");
        (1..=40).for_each(connect);
        transcript.notes("program", "is there");
        (41..=43).for_each(connect);
        transcript.does("client 43", "connect");
        let ladder = transcript.ladder("echo_server");
        assert!(ladder.contains("  clients   ── connect (40 clients: 1 to 40) ─"), "{ladder}");
        assert!(ladder.contains("  client 42 ── connect ─"), "{ladder}");
        assert_eq!(ladder.lines().count(), 1 + 1 + 1 + 3 + 1, "{ladder}");
        assert!(ladder.lines().all(|line| line.chars().count() <= WIDTH), "{ladder}");
    }

    #[test]
    fn of_many_events_the_first_and_the_last_are_shown() {
        let transcript = Transcript::new();
        (0..100).for_each(|i| transcript.notes("program", format!("event {i}")));
        let ladder = transcript.ladder("echo_server");
        assert!(ladder.contains("event 15\n"), "{ladder}");
        assert!(ladder.contains("… 72 more …\n"), "{ladder}");
        assert!(ladder.ends_with("event 99"), "{ladder}");
        assert!(!ladder.contains("event 16\n") && !ladder.contains("event 87\n"), "{ladder}");
    }
}
