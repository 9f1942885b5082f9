//! Expected beside actual bytes, with the first difference marked.

use std::fmt::Write;

use super::transcript::count;

/// Bytes of one row.
const ROW: usize = 8;

/// Draws what was expected beside what came, around the first difference. The rows are 75 columns
/// wide. Where there is no difference, there is nothing to draw.
pub fn beside(expected: &[u8], actual: &[u8]) -> String {
    let Some(at) = first_difference(expected, actual) else { return String::new() };
    let mut view = format!(
        "{:8}{:<35}{}\n",
        "",
        format!("expected, {}", count(expected.len(), "byte")),
        format_args!("came, {}", count(actual.len(), "byte"))
    );
    let first = (at / ROW).saturating_sub(1);
    let longest = expected.len().max(actual.len()).max(at + 1);
    let last = (at / ROW + 2).min(longest.div_ceil(ROW));
    for row in first..last {
        let _ = writeln!(
            view,
            "{:06x}  {}  {}",
            row * ROW,
            cells(expected, row),
            cells(actual, row).trim_end()
        );
        if row == at / ROW {
            let words = format!("first difference: byte {at} ");
            let _ = writeln!(view, "{words:>width$}^^", width = 8 + 35 + at % ROW * 3);
        }
    }
    view
}

/// The number of the first byte that differs. Where one is the beginning of the other, it is the
/// length of the shorter one.
pub fn first_difference(expected: &[u8], actual: &[u8]) -> Option<usize> {
    const LEAP: usize = 4096; // equal pieces are passed over at once
    let leaps = expected.chunks_exact(LEAP).zip(actual.chunks_exact(LEAP));
    let start = leaps.take_while(|(a, b)| a == b).count() * LEAP;
    let rest = expected[start..].iter().zip(&actual[start..]);
    let same = start + rest.take_while(|(a, b)| a == b).count();
    (same < expected.len() || same < actual.len()).then_some(same)
}

/// One row of bytes in hexadecimal and as text, padded to its full width of 33.
fn cells(bytes: &[u8], row: usize) -> String {
    let end = bytes.len().min((row + 1) * ROW);
    let bytes = bytes.get(row * ROW..end).unwrap_or_default();
    let hex: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let text: String = bytes
        .iter()
        .map(|byte| match byte {
            b' '..=b'~' => char::from(*byte),
            _ => '·',
        })
        .collect();
    format!("{:<23}  {:<8}", hex.join(" "), text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_difference_is_marked_under_its_byte() {
        let view = beside(b"GET / HTTP/1.1 .", b"GET / HTTP/1.0 .");
        let lines: Vec<&str> = view.lines().collect();
        let [.., row, mark] = lines[..] else { panic!("{view}") };
        assert_eq!(row.find("30"), mark.find("^^"), "{view}");
        assert!(mark.contains("byte 13 "), "{view}");
    }

    #[test]
    fn what_is_cut_differs_where_it_ends() {
        assert_eq!(first_difference(b"abc", b"ab"), Some(2));
        assert_eq!(first_difference(b"", b"ab"), Some(0));
        assert_eq!(first_difference(b"ab", b"ab"), None);
        assert_eq!(beside(b"ab", b"ab"), "");
        let long = vec![7; 10_000];
        let mut other = long.clone();
        assert_eq!(first_difference(&long, &other), None);
        assert_eq!(first_difference(&long, &other[..8192]), Some(8192));
        other[9000] = 8;
        assert_eq!(first_difference(&long, &other), Some(9000));
    }

    #[test]
    fn no_row_is_wider_than_a_terminal() {
        let view = beside(&[0xff; 20_000_000], &[0xff; 19_999_999]);
        assert!(view.lines().all(|line| line.chars().count() <= 80), "{view}");
    }
}
