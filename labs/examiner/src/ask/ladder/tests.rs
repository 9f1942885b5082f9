//! How the ladder is drawn.

use super::*;

fn events(whats: Vec<What>) -> Vec<Event> {
    let at = |i| Duration::from_millis(i as u64);
    whats.into_iter().enumerate().map(|(i, what)| Event { at: at(i), what }).collect()
}

fn call(who: &str, id: usize, call: &str) -> What {
    What::Call { who: who.into(), call: call.into(), id }
}

fn result(who: &str, id: usize, result: &str, failed: bool) -> What {
    What::Result { who: who.into(), result: result.into(), failed, id }
}

fn packet(from: &str, to: &str, label: &str) -> What {
    What::Packet { from: from.into(), to: to.into(), label: label.into() }
}

fn drawn(lanes: &[&str], whats: Vec<What>) -> Vec<String> {
    let lanes = lanes.iter().map(|lane| lane.to_string()).collect();
    let seen = Observation { lanes, events: events(whats), ..Observation::default() };
    let text = |line: Line| line.into_iter().map(|(_, text)| text).collect::<String>();
    ladder(&seen).into_iter().map(text).collect()
}

#[test]
fn a_call_that_waits_for_packets_ends_behind_them_and_one_that_sends_does_not() {
    let lines = drawn(
        &["client", "server"],
        vec![
            call("client", 1, "connect(127.0.0.1:12000)"),
            packet("client", "server", "SYN"),
            packet("server", "client", "RST"),
            result("client", 1, "ECONNREFUSED", true),
            call("client", 2, "send(\"hello\")"),
            packet("client", "server", "\"hello\""),
            result("client", 2, "5 bytes", false),
        ],
    );
    let expected = [
        "    time  client                              server",
        "  0.0 ms  connect(127.0.0.1:12000)",
        "  1.0 ms  ─── SYN ──────────────────────────▶",
        "  2.0 ms  ◀── RST ───────────────────────────",
        "  3.0 ms  connect() = ECONNREFUSED",
        "  4.0 ms  send(\"hello\") = 5 bytes",
        "  5.0 ms  ─── \"hello\" ──────────────────────▶",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn no_line_is_too_wide_and_none_drives_a_terminal() {
    let hostile = "\x1b[2J\u{202e} ".repeat(30) + &"x".repeat(300);
    for lanes in [&["a"][..], &["a", "b"], &["a", "b", "c"]] {
        let last = lanes[lanes.len() - 1];
        let lines = drawn(
            lanes,
            vec![
                call("a", 1, &hostile),
                packet("a", last, &hostile),
                result("a", 1, &hostile, true),
                call(last, 2, &hostile),
                result(last, 2, "timed out", true),
                packet(last, "a", &hostile),
                What::Table { rows: vec![hostile.clone()] },
                What::Note { text: hostile.clone() },
            ],
        );
        for line in lines {
            assert!(line.chars().count() <= WIDTH, "{line}");
            assert!(!line.chars().any(char::is_control), "{line:?}");
        }
    }
}
