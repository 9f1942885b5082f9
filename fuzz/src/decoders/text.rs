use socket_labs::bytes::{Field, annotated, hex, json_string, printable, printable_lines};
use socket_labs::http::{percent_decoded, percent_encoded};

use super::{assert_lines, assert_one_line, choice, is_drawn};

/// Bytes of a stranger as text for a terminal, as JSON, and as a table.
pub fn text(data: &[u8]) {
    let line = printable(data);
    assert_one_line(&line);
    assert!(line.len() <= data.len() * 4 + 8 * data.len() / 2);
    assert_eq!(printable(line.as_bytes()), line, "what is escaped stays as it is");
    let lines = printable_lines(data);
    assert_lines(&lines);
    let kept = data.iter().filter(|byte| **byte == b'\n').count();
    assert_eq!(lines.matches('\n').count(), kept);
    let flat: String = lines.replace('\n', "\\n").replace('\t', "\\t");
    assert_eq!(flat, line);

    let text = String::from_utf8_lossy(data);
    let json = json_string(&text);
    assert_one_line(&json);
    assert_eq!(serde_json::from_str::<String>(&json).expect("it is JSON"), text);

    let digits = hex(data);
    let read = digits.split_whitespace().map(|word| u8::from_str_radix(word, 16));
    assert!(read.eq(data.iter().map(|byte| Ok(*byte))));

    if !is_drawn(data) {
        return;
    }
    let start = choice(data, data.len() + 20);
    let end = start + choice(&data[data.len() / 2..], data.len() + 20);
    let name = Field::new(start..end, "field", text.clone());
    let table = annotated(data, &[name, Field::new(0..data.len(), "all", "")]);
    assert_lines(&table);
    assert!(table.lines().count() <= 3 + 2 * data.len() / 8 + 2);
}

/// Percent-encoding.
pub fn percent(data: &[u8]) {
    let encoded = percent_encoded(data);
    assert!(encoded.bytes().all(|byte| byte.is_ascii_graphic()));
    assert_eq!(percent_decoded(&encoded).as_deref(), Some(data));
    let text = String::from_utf8_lossy(data);
    match percent_decoded(&text) {
        Some(bytes) => {
            assert!(bytes.len() <= text.len());
            assert_eq!(percent_decoded(&percent_encoded(&bytes)), Some(bytes));
        }
        None => assert!(text.contains('%')),
    }
}
