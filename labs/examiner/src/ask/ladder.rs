//! What was observed, drawn as a ladder: time runs down, and each who takes part has a column.

use std::time::Duration;

use socket_labs::bytes::printable;

use super::{Event, Observation, What};
use crate::exam::transcript::{clip, wrapped};

/// The widest line.
const WIDTH: usize = 80;

/// The column of times, and what is between two columns.
const TIMES: usize = 10;
const BETWEEN: usize = 2;

/// How long the arrow is of a packet to oneself.
const ITSELF: usize = 34;

/// How a part of a line is meant, so that whoever prints it can choose a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// What is read first.
    Plain,
    /// Times, and what belongs to them.
    Dim,
    /// Headings.
    Strong,
    /// A call that failed.
    Failed,
    /// What travels.
    Wire,
}

/// A line, in parts.
pub type Line = Vec<(Tone, String)>;

/// Draws the ladder. No line is wider than 80 columns, and nothing in it moves a terminal's cursor.
pub fn ladder(seen: &Observation) -> Vec<Line> {
    let drawing = Drawing { lanes: &seen.lanes, events: &seen.events };
    let mut lines = vec![drawing.head()];
    for (i, event) in seen.events.iter().enumerate() {
        lines.extend(drawing.event(i, event));
    }
    lines
}

struct Drawing<'a> {
    lanes: &'a [String],
    events: &'a [Event],
}

impl Drawing<'_> {
    fn head(&self) -> Line {
        let mut line = format!("{:>8}  ", "time");
        for lane in self.lanes {
            line.push_str(&format!("{lane:width$}", width = self.lane() + BETWEEN));
        }
        vec![(Tone::Strong, line.trim_end().to_string())]
    }

    /// How wide a column is.
    fn lane(&self) -> usize {
        let count = self.lanes.len().max(1);
        (WIDTH - TIMES - BETWEEN * (count - 1)) / count
    }

    /// Where the column of this name begins.
    fn start(&self, who: &str) -> usize {
        let place = self.lanes.iter().position(|lane| lane == who).unwrap_or(0);
        TIMES + place * (self.lane() + BETWEEN)
    }

    fn event(&self, i: usize, event: &Event) -> Vec<Line> {
        let time = time(event.at);
        match &event.what {
            What::Call { who, call, id } => {
                let result = self.result(*id).filter(|at| self.is_merged(i, *at));
                let result = result.and_then(|at| self.shown_result(*id, at));
                self.call(&time, who, call, result)
            }
            What::Result { who, id, .. } => match self.begin(*id) {
                Some(begin) if !self.is_merged(begin, i) => {
                    let call = format!("{}()", self.name_of(begin));
                    self.call(&time, who, &call, self.shown_result(*id, i))
                }
                _ => Vec::new(), // drawn with the call
            },
            What::Packet { from, to, label } => vec![self.packet(&time, from, to, label)],
            What::Table { rows } => table(&time, rows),
            What::Note { text } => {
                let lines = wrapped(&printable(text.as_bytes()), WIDTH - TIMES);
                self.cells(&time, TIMES, lines.into_iter().map(|line| (Tone::Dim, line)))
            }
        }
    }

    /// Where a call begins.
    fn begin(&self, wanted: usize) -> Option<usize> {
        self.events
            .iter()
            .position(|event| matches!(event.what, What::Call { id, .. } if id == wanted))
    }

    /// Where a call ends.
    fn result(&self, wanted: usize) -> Option<usize> {
        self.events
            .iter()
            .position(|event| matches!(event.what, What::Result { id, .. } if id == wanted))
    }

    /// Whether a call and its result are drawn in one place: where nothing happened in between, or
    /// nothing but the packets of a call that does not wait for them.
    fn is_merged(&self, begin: usize, end: usize) -> bool {
        let between = &self.events[begin + 1..end];
        let fails = matches!(self.events[end].what, What::Result { failed: true, .. });
        let sends = ["send", "sendto", "close", "shutdown"].contains(&self.name_of(begin));
        let are_packets = between.iter().all(|event| matches!(event.what, What::Packet { .. }));
        between.is_empty() || sends && !fails && are_packets
    }

    /// A result as it is shown, and whether it is an error. A wait that ran out tells how long it
    /// was.
    fn shown_result(&self, id: usize, at: usize) -> Option<(String, bool)> {
        let What::Result { result, failed, .. } = &self.events[at].what else { return None };
        let begin = self.begin(id).map(|begin| self.events[begin].at).unwrap_or_default();
        let took = self.events[at].at.saturating_sub(begin).as_secs_f64();
        match result.as_str() {
            "timed out" => Some((format!("timed out ({took:.1} s)"), *failed)),
            "" => None,
            result => Some((result.to_string(), *failed)),
        }
    }

    /// The name of a call: what stands before its arguments.
    fn name_of(&self, begin: usize) -> &str {
        match &self.events[begin].what {
            What::Call { call, .. } => call.split('(').next().unwrap_or_default(),
            _ => "",
        }
    }

    /// A call and its result, in words: a line that is too long goes on in the next one, indented.
    fn call(&self, time: &str, who: &str, call: &str, result: Option<(String, bool)>) -> Vec<Line> {
        let (start, width) = (self.start(who), self.lane());
        let mut parts = vec![(Tone::Plain, self.short(call))];
        if let Some((result, failed)) = result {
            let tone = if failed { Tone::Failed } else { Tone::Plain };
            parts.push((tone, format!("= {}", self.short(&result))));
        }
        let mut lines: Vec<Line> = Vec::new();
        let mut used = 0;
        for (tone, part) in parts {
            for word in words(&part, width - 2) {
                let length = word.chars().count();
                match lines.last_mut() {
                    Some(line) if used + 1 + length <= width => {
                        add(line, tone, &format!(" {word}"));
                        used += 1 + length;
                    }
                    last => {
                        let indent = if last.is_some() { 2 } else { 0 };
                        let mut line = lead(if indent == 0 { time } else { "" }, start);
                        line.push((tone, format!("{:indent$}{word}", "")));
                        lines.push(line);
                        used = indent + length;
                    }
                }
            }
        }
        lines
    }

    /// Three columns have no room for 127.0.0.1 in front of each port.
    fn short(&self, text: &str) -> String {
        let text = printable(text.as_bytes());
        if self.lanes.len() > 2 { text.replace("127.0.0.1:", ":") } else { text }
    }

    fn cells(
        &self,
        time: &str,
        start: usize,
        cells: impl Iterator<Item = (Tone, String)>,
    ) -> Vec<Line> {
        let line = |(i, cell)| {
            let mut line = lead(if i == 0 { time } else { "" }, start);
            line.push(cell);
            line
        };
        cells.enumerate().map(line).collect()
    }

    /// `── SYN ─────▶`, from one column to the other.
    fn packet(&self, time: &str, from: &str, to: &str, label: &str) -> Line {
        let (from, to) = (self.start(from), self.start(to));
        let (left, right) = (from.min(to), from.max(to));
        let width = if left == right { ITSELF } else { right - left - 1 };
        let label = clip(&printable(label.as_bytes()), width - 6);
        let rest = "─".repeat(width.saturating_sub(label.chars().count() + 6));
        let arrow = match from <= to {
            true => format!("─── {label} {rest}▶"),
            false => format!("◀── {label} {rest}─"),
        };
        let mut line = lead(time, left);
        line.push((Tone::Wire, arrow));
        line
    }
}

/// Adds to a line, in one part where the tone stays.
fn add(line: &mut Line, tone: Tone, text: &str) {
    match line.last_mut() {
        Some((last, words)) if *last == tone => words.push_str(text),
        _ => line.push((tone, text.into())),
    }
}

/// The words of a text, none longer than `most`. The sign `=` stays with what follows it.
fn words(text: &str, most: usize) -> Vec<String> {
    let (sign, text) = match text.strip_prefix("= ") {
        Some(rest) => ("= ", rest),
        None => ("", text),
    };
    let mut words = Vec::new();
    for word in text.split(' ') {
        let word = if words.is_empty() { format!("{sign}{word}") } else { word.to_string() };
        let letters: Vec<char> = word.chars().collect();
        words.extend(letters.chunks(most).map(String::from_iter));
    }
    words
}

/// The time, and what is empty up to a column.
fn lead(time: &str, start: usize) -> Line {
    vec![(Tone::Dim, format!("{time:>8}{:width$}", "", width = start - 8))]
}

fn table(time: &str, rows: &[String]) -> Vec<Line> {
    let empty = ["no such socket".to_string()];
    let rows = if rows.is_empty() { &empty } else { rows };
    let head = format!(
        "{:4}{:>7}  {:<22} {:<22} {}",
        "", "recv-q", "local address", "remote address", "state"
    );
    let rows = rows.iter().map(|row| printable(row.as_bytes()));
    let lines = std::iter::once((Tone::Dim, head)).chain(rows.map(|row| (Tone::Plain, row)));
    let line = |(i, (tone, text)): (usize, (Tone, String))| {
        let mut line = lead(if i == 0 { time } else { "" }, TIMES);
        let text: String = text.trim_end().chars().take(WIDTH - TIMES).collect();
        line.push((tone, text));
        line
    };
    lines.enumerate().map(line).collect()
}

fn time(at: Duration) -> String {
    match at.as_secs_f64() {
        seconds if seconds < 1.0 => format!("{:.1} ms", seconds * 1000.0),
        seconds => format!("{seconds:.2} s"),
    }
}

#[cfg(test)]
mod tests;
