use examiner::trace::{Trace, diagram, table};

use super::{assert_lines, choice};

/// The lines of strace, told in words and drawn; the input chooses whether all of it, and how wide.
pub fn strace(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut trace = Trace::new("./program", choice(data, 2) == 0);
    text.split('\n').for_each(|line| trace.line(line.trim_end()));
    let story = trace.finish();
    assert!(story.calls.len() <= 250 && story.last_calls.len() <= 50);

    let width = [0, 100, usize::MAX][choice(data, 3)];
    let table = table(&story, width);
    assert_lines(&table);
    let widest = table.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(width.clamp(80, 132)), "{table}");

    assert_lines(&diagram(&story));
    let json = serde_json::to_string(&story).expect("it is JSON");
    serde_json::from_str::<serde_json::Value>(&json).expect("it is JSON");
}
