//! Dates in what programs print: whole, cut off anywhere, and in dumps of bytes.
//!
//! A sheet shows the output of one day, and is compared with that of another. A tool may cut a date:
//! strace after 32 bytes of a string, `head -c` at the end of a line, `od` and `xxd` after 16 bytes.

use std::sync::LazyLock;

use regex::Regex;

/// The forms that a date has in a sheet, as strftime(3) spells them; `%f` is a fraction, `%s` the
/// seconds since 1970.
const FORMS: &[&str] = &[
    "%a, %d %b %Y %H:%M:%S GMT", // HTTP (RFC 9110, section 5.6.7)
    "%a %b %e %H:%M:%S %Y",      // ctime(3)
    "%a %b %e %H:%M:%S UTC %Y",  // date(1)
    "%Y-%m-%d %H:%M:%S.%f UTC",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%SZ", // RFC 3339
    "%Y-%m-%d",
    "%b %e %H:%M:%S",
    "%b %e %H:%M", // ls(1), of the last six months
    "%b %e  %Y",   // and of any other
    "%s.%f",
    "%s",
];

const DAYS: &[&str] = &["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS: &[&str] =
    &["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// What stands before a date that is not to be told by its first letters: `Date: `, `"time":"`, `T1 `.
static LABEL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?:\b|\\n)(?:[Dd]ate|[Ee]xpires|[Mm]odified|[Tt]ime(?:stamp)?|unix|T[1-4])(?:: *|":"?| +)$"#)
        .unwrap()
});

/// A string that strace has cut.
const CUT: &str = "\"...";

/// How far a text is of a form.
enum Read {
    /// All of it, in so many bytes.
    Whole(usize),
    /// The text ends before the form does.
    Cut,
    /// It is something else.
    Not,
}

/// A date in a line.
struct Date {
    start: usize,
    end: usize,
    is_cut: bool,
}

/// The line with `<date>` in place of each date; a date that is cut keeps its number of bytes, so
/// that one that is cut elsewhere is not the same. `…` in a sheet stands for the rest of a date too.
pub fn without_dates(line: &str) -> String {
    let mut text = String::new();
    let mut done = 0;
    for Date { start, end, is_cut } in dates(line) {
        text += &line[done..start];
        text += &match (is_cut, line[end..].starts_with('…')) {
            (false, _) => "<date>".to_string(),
            (true, true) => "<date".to_string(),
            (true, false) => format!("<date cut after {} bytes>", end - start),
        };
        done = end;
    }
    text + &line[done..]
}

/// Every date in a text, in order.
fn dates(text: &str) -> Vec<Date> {
    let mut dates: Vec<Date> = Vec::new();
    let mut before = b' ';
    for (start, byte) in text.bytes().enumerate() {
        let may_begin = b"123456789MTWFSJAOND".contains(&byte);
        let is_in_a_word = before.is_ascii_alphanumeric() || before == b'.';
        let is_in_a_date = dates.last().is_some_and(|date| start < date.end);
        if may_begin && !is_in_a_word && !is_in_a_date {
            dates.extend(date_at(text, start));
        }
        before = byte;
    }
    dates
}

/// The longest date that begins at this place.
fn date_at(text: &str, start: usize) -> Option<Date> {
    let rest = &text[start..];
    let end = [rest.find(CUT), rest.find('…')].into_iter().flatten().min();
    let rest = &rest[..end.unwrap_or(rest.len())];
    let (mut whole, mut is_cut) = (None, false);
    for form in FORMS {
        match read(form, rest) {
            Read::Whole(length) if !rest[length..].starts_with(|c: char| c.is_ascii_digit()) => {
                whole = whole.max(Some(length));
            }
            Read::Cut => is_cut = true,
            _ => {}
        }
    }
    // What is cut reaches to the end, and nothing is longer.
    is_cut &= whole != Some(rest.len()) && is_told(&text[..start], rest);
    let length = if is_cut { Some(rest.len()) } else { whole };
    length.map(|length| Date { start, end: start + length, is_cut })
}

/// Whether what is left of a date says that it is one: there is more than its first word or number,
/// or a label before it.
fn is_told(before: &str, date: &str) -> bool {
    !date.is_empty() && (date.len() > 3 && date.contains([' ', ',', '-']) || LABEL.is_match(before))
}

/// Reads a date of this form at the beginning of a text.
fn read(form: &str, text: &str) -> Read {
    let mut at = 0;
    let mut letters = form.chars();
    while let Some(letter) = letters.next() {
        let rest = &text[at..];
        let field = match letter {
            '%' => field(letters.next().unwrap_or('%'), rest),
            _ if rest.starts_with(letter) => Read::Whole(1),
            _ if rest.is_empty() => Read::Cut,
            _ => Read::Not,
        };
        match field {
            Read::Whole(length) => at += length,
            other => return other,
        }
    }
    Read::Whole(at)
}

fn field(letter: char, text: &str) -> Read {
    match letter {
        'a' => name(DAYS, text),
        'b' => name(MONTHS, text),
        'Y' => number(4, 1900..=2199, text),
        'm' => number(2, 1..=12, text),
        'd' => number(2, 1..=31, text),
        'e' => match text.strip_prefix(' ') {
            Some("") => Read::Cut,
            Some(day) if day.starts_with(|c: char| ('1'..='9').contains(&c)) => Read::Whole(2),
            Some(_) => Read::Not,
            None => number(2, 10..=31, text),
        },
        'H' => number(2, 0..=23, text),
        'M' => number(2, 0..=59, text),
        'S' => number(2, 0..=60, text),
        's' => number(10, 1_500_000_000..=2_999_999_999, text),
        _ => match text.bytes().take_while(u8::is_ascii_digit).count() {
            0 if text.is_empty() => Read::Cut,
            0 => Read::Not,
            digits => Read::Whole(digits),
        },
    }
}

fn name(names: &[&str], text: &str) -> Read {
    match names {
        _ if names.iter().any(|name| text.starts_with(name)) => Read::Whole(3),
        _ if names.iter().any(|name| name.starts_with(text)) => Read::Cut,
        _ => Read::Not,
    }
}

fn number(digits: usize, range: std::ops::RangeInclusive<u64>, text: &str) -> Read {
    let length = text.bytes().take(digits).take_while(u8::is_ascii_digit).count();
    // What the digits may become when all of them are there.
    let missing = 10_u64.pow((digits - length) as u32);
    let least = text[..length].parse().unwrap_or(0) * missing;
    let is_possible = least <= *range.end() && least + missing > *range.start();
    match is_possible {
        true if length == digits => Read::Whole(digits),
        true if length == text.len() => Read::Cut,
        _ => Read::Not,
    }
}

/// A line of a dump: where it is in the dump, and the bytes that it shows.
struct Dumped {
    offset: String,
    bytes: Vec<u8>,
    /// `…` in a sheet: the line goes on.
    goes_on: bool,
}

/// The lines, with those of `od -c`, `xxd` and `hexdump -C` as the text that they show; `·` in place of
/// each byte of a date, which may go on from line to line. `None` for a line that is no dump.
pub fn dumps(lines: &[String]) -> Vec<Option<String>> {
    let dumped: Vec<Option<Dumped>> = lines.iter().map(|line| dump(line)).collect();
    let mut shown = Vec::new();
    for run in dumped.chunk_by(|one, other| one.is_some() == other.is_some()) {
        let bytes: Vec<char> = run
            .iter()
            .flatten()
            .flat_map(|line| &line.bytes)
            .map(|byte| char::from(*byte))
            .collect();
        // One byte a character, so that places in the text are places in the dump.
        let text: String = bytes.iter().map(|c| if c.is_ascii() { *c } else { '?' }).collect();
        let mut masked = bytes;
        for date in dates(&text) {
            masked[date.start..date.end].fill('·');
        }
        let mut masked = masked.into_iter();
        shown.extend(run.iter().map(|line| {
            let Dumped { offset, bytes, goes_on } = line.as_ref()?;
            let text: String = masked.by_ref().take(bytes.len()).collect();
            let end = if *goes_on { "…" } else { "" };
            Some(format!("{offset} {}{end}", text.trim_end_matches(' ').escape_debug()))
        }));
    }
    shown
}

fn dump(line: &str) -> Option<Dumped> {
    let line = line.trim_end_matches(' ');
    let (line, goes_on) = match line.strip_suffix('…') {
        Some(line) => (line.trim_end_matches(' '), true),
        None => (line, false),
    };
    let digits = line.bytes().take_while(u8::is_ascii_hexdigit).count();
    let (offset, rest) = line.split_at(digits);
    let bytes = match digits {
        7 => characters(rest)?,
        8 => match rest.strip_prefix(": ") {
            Some(pairs) => hexadecimal(pairs, 39)?,
            None => hexadecimal(rest, 50)?,
        },
        _ => return None,
    };
    Some(Dumped { offset: offset.to_string(), bytes, goes_on })
}

/// The cells of `od -c`, four columns each.
fn characters(cells: &str) -> Option<Vec<u8>> {
    let cells = cells.as_bytes().chunks(4);
    let cell = |cell: &[u8]| match cell.trim_ascii_start() {
        [] => Some(b' '),
        [byte] if cell.len() == 4 => Some(*byte),
        [b'\\', letter] => match letter {
            b'n' => Some(b'\n'),
            b'r' => Some(b'\r'),
            b't' => Some(b'\t'),
            other => Some(*other),
        },
        octal @ [_, _, _] => u8::from_str_radix(std::str::from_utf8(octal).ok()?, 8).ok(),
        _ => None,
    };
    cells.map(cell).collect()
}

/// The pairs of hexadecimal digits of `xxd` and `hexdump -C`, which take so many columns.
fn hexadecimal(rest: &str, columns: usize) -> Option<Vec<u8>> {
    let digits: Vec<u8> = rest.bytes().take(columns).filter(|byte| *byte != b' ').collect();
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    digits.chunks(2).map(pair).collect()
}
