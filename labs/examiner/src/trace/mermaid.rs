//! The same as a sequence diagram for Mermaid, which GitHub and mdBook draw.

use std::fmt::Write;

use super::Story;
use super::row::{Direction, Row};

/// Arrows that a diagram shows; more of them nobody can read.
const MOST: usize = 100;

/// Other sides that a diagram shows.
const MOST_PEERS: usize = 12;

/// A `sequenceDiagram`.
pub fn diagram(story: &Story) -> String {
    let rows: Vec<&Row> = story.calls.iter().chain(&story.last_calls).collect();
    let mut peers: Vec<&str> = Vec::new();
    for peer in rows.iter().flat_map(|row| &row.wire).filter_map(|wire| wire.peer.as_deref()) {
        if !peers.contains(&peer) && peers.len() < MOST_PEERS {
            peers.push(peer);
        }
    }
    let mut text = String::from("sequenceDiagram\n");
    let _ = writeln!(text, "    participant P as {}", plain(&story.program));
    for (i, peer) in peers.iter().enumerate() {
        let _ = writeln!(text, "    participant S{} as {}", i + 1, plain(peer));
    }
    for row in rows.iter().take(MOST) {
        if !row.wire.is_empty() || is_worth_a_note(row) {
            text.push_str(&step(row, &peers));
        }
    }
    let rest = rows.len().saturating_sub(MOST) + story.calls_not_kept;
    if rest > 0 {
        let _ = writeln!(text, "    Note over P: … {rest} more calls");
    }
    text
}

/// What stays on this machine: the socket's life, and what went wrong.
fn is_worth_a_note(row: &Row) -> bool {
    let own = ["", "socket", "bind", "listen", "accept", "close"];
    row.errno.is_some() || own.contains(&&row.call[..])
}

fn step(row: &Row, peers: &[&str]) -> String {
    let mut text = String::new();
    let is_said = row.wire.iter().any(|wire| wire.what.is_data()) && row.errno.is_none();
    if !is_said {
        let _ = writeln!(text, "    Note over P: {}", plain(&row.words()));
    }
    for wire in &row.wire {
        let place = peers.iter().position(|peer| wire.peer.as_deref() == Some(peer));
        let Some(place) = place else { continue };
        let (peer, what) = (format!("S{}", place + 1), plain(&wire.what.text(48)));
        // Solid arrows carry bytes, dotted ones are signs of the protocol alone.
        let arrow = if wire.what.is_data() { "->>" } else { "-->>" };
        let _ = match wire.direction {
            Direction::Out => writeln!(text, "    P{arrow}{peer}: {what}"),
            Direction::In => writeln!(text, "    {peer}{arrow}P: {what}"),
        };
    }
    text
}

/// Text that Mermaid takes as text: what means something to it becomes an entity (`#59;`).
fn plain(text: &str) -> String {
    let mut plain = String::new();
    for c in text.chars() {
        match c {
            '#' | ';' | '<' | '>' | '%' | '&' | '\\' | '{' | '}' | '`' => {
                let _ = write!(plain, "#{};", u32::from(c));
            }
            c => plain.push(c),
        }
    }
    plain
}
