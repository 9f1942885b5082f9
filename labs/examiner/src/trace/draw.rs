//! The table of calls beside the ladder of what goes over the wire.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::row::{Direction, Row, Wire};
use super::{LeftOut, Story};
use crate::exam::transcript::{clip, grouped, wrapped};

/// The narrowest and the widest table.
const NARROW: usize = 80;
const WIDE: usize = 132;

/// Both columns of times, with the space behind them.
const TIMES: usize = 17;

/// From this width on, an arrow names its other side, where there are several.
const NAMES: usize = 40;

/// How the columns are shared out.
struct Columns {
    who: usize,
    call: usize,
    wire: usize,
    /// The only other side there is; with more, each arrow names its own.
    peer: Option<String>,
    one_process: bool,
}

/// The whole picture, for a terminal of so many columns.
pub fn table(story: &Story, width: usize) -> String {
    if story.calls.is_empty() {
        return format!("No calls on sockets.\n{}", legend(story.left_out));
    }
    let columns = Columns::of(story, width.clamp(NARROW, WIDE));
    let mut table = columns.head();
    let mut draw = |rows: &[Row]| {
        for row in rows {
            table.push_str(&columns.row(row));
        }
    };
    draw(&story.calls);
    if story.calls_not_kept > 0 {
        let more = grouped(story.calls_not_kept);
        let last = &story.last_calls;
        let gap = Row { result: format!("… {more} more calls, not shown …"), ..Row::default() };
        let at = last.first().map_or(0, |row| row.at);
        draw(&[Row { at, ..gap }]);
        draw(last);
    }
    table + &legend(story.left_out) + &wrapped(LEGEND, NARROW).join("\n") + "\n"
}

impl Columns {
    fn of(story: &Story, width: usize) -> Columns {
        let rows = || story.calls.iter().chain(&story.last_calls);
        let who: BTreeSet<_> = rows().map(|row| row.who).collect();
        let processes: BTreeSet<_> = who.iter().map(|who| who.process).collect();
        let peers: BTreeSet<&str> =
            rows().flat_map(|row| &row.wire).filter_map(|wire| wire.peer.as_deref()).collect();
        let peer = if peers.len() == 1 { peers.first().map(|peer| peer.to_string()) } else { None };
        let who = match (who.len(), processes.len()) {
            (0 | 1, _) => 0,
            (_, 1) => 10,
            _ => 13,
        };
        let rest = width - TIMES - who;
        let wire = (rest - 41).max(rest * 7 / 20);
        Columns { who, call: rest - wire - 2, wire, peer, one_process: processes.len() < 2 }
    }

    fn head(&self) -> String {
        let (who, call, wire) = (self.who, self.call, self.wire);
        let name = if who > 0 { "who" } else { "" };
        let peer = clip(self.peer.as_deref().unwrap_or("the other side"), wire);
        let line = format!("{:>7} {:>7}  {name:who$}{:call$}  {peer:>wire$}", "ms", "took", "call");
        line.trim_end().to_string() + "\n"
    }

    /// A row may need several lines: the call is wrapped, and each arrow has its own.
    fn row(&self, row: &Row) -> String {
        let mut calls = self.wrapped(row).into_iter();
        let mut wires = row.wire.iter().map(|wire| self.arrow(wire));
        let (time, took) = (duration(row.at), row.took.map(duration).unwrap_or_default());
        let (who, mut lines) = (self.name(row), String::new());
        let mut start = format!("{time:>7} {took:>7}  {who:0$}", self.who);
        loop {
            let (call, wire) = (calls.next(), wires.next());
            if call.is_none() && wire.is_none() {
                return lines;
            }
            let call = call.unwrap_or_default();
            let line = format!("{start}{call:0$}  {1}", self.call, wire.unwrap_or_default());
            let _ = writeln!(lines, "{}", line.trim_end());
            start = " ".repeat(TIMES + self.who);
        }
    }

    /// The lines of a call, those behind the first one indented. A short result, and a number with its
    /// unit, stay in one piece.
    fn wrapped(&self, row: &Row) -> Vec<String> {
        // Where there is no arrow, its column is free.
        let width = if row.wire.is_empty() { self.call + 2 + self.wire } else { self.call };
        let mut words = row.words().replace(" s)", "\u{a0}s)");
        let start = words.len() - row.result.len();
        if row.result.chars().count() + 4 <= width && words[..start].ends_with(" = ") {
            words = format!("{}=\u{a0}{}", &words[..start - 2], row.result.replace(' ', "\u{a0}"));
        }
        let mut lines = wrapped(&words, width);
        if lines.len() > 1 {
            let rest = lines.split_off(1).join(" ");
            lines.extend(wrapped(&rest, width - 2).iter().map(|line| format!("  {line}")));
        }
        lines.iter().map(|line| line.replace('\u{a0}', " ")).collect()
    }

    fn name(&self, row: &Row) -> String {
        let thread = match row.who.thread {
            _ if self.who == 0 => return String::new(),
            1 => "main".to_string(),
            number => format!("thread {number}"),
        };
        match (self.one_process, row.who.thread) {
            (true, _) => thread,
            (false, 1) => format!("process {}", row.who.process),
            (false, number) => format!("process {}.{number}", row.who.process),
        }
    }

    fn arrow(&self, wire: &Wire) -> String {
        let peer = match (&self.peer, wire.peer.as_deref()) {
            (None, Some(peer)) if self.wire >= NAMES => format!(" {}", clip(peer, self.wire - 12)),
            _ => String::new(),
        };
        let used = peer.chars().count();
        let text = wire.what.text(self.wire.saturating_sub(used + 6));
        let text = clip(&text, self.wire.saturating_sub(used + 6));
        let shaft = self.wire.saturating_sub(used + 5 + text.chars().count());
        match wire.direction {
            Direction::Out => format!("─ {text} {}▶{peer}", "─".repeat(shaft + 1)),
            Direction::In => format!("◀{} {text} ─{peer}", "─".repeat(shaft + 1)),
        }
    }
}

fn legend(left_out: LeftOut) -> String {
    let LeftOut { names, local, housekeeping } = left_out;
    let parts = [
        (names, "of looking up names"),
        (local, "on local sockets"),
        (housekeeping, "of housekeeping"),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, what)| format!("{number} {what}"))
        .collect();
    let mut lines = vec![String::new()];
    if !parts.is_empty() {
        let left_out = format!("Calls left out (--all shows them): {}.", parts.join(", "));
        lines.extend(wrapped(&left_out, NARROW));
    }
    lines.join("\n") + "\n"
}

const LEGEND: &str = "Time in ms since the first call; of a call that waits, when it returned. \
    Arrows: what a call means on the wire; Wireshark shows the packets.";

/// Milliseconds in at most 7 columns: `0.05`, `1012.3`, `3600000`; what is longer in hours, `5 h`.
fn duration(micros: u64) -> String {
    match micros as f64 / 1000.0 {
        ms if ms < 99.995 => format!("{ms:.2}"),
        ms if ms < 9_999.95 => format!("{ms:.1}"),
        ms if ms < 9_999_999.5 => format!("{ms:.0}"),
        ms => format!("{:.0} h", (ms / 3_600_000.0).min(99_999.0)),
    }
}
