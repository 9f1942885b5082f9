//! That a sheet is right on every day: its outputs of one day are held against those of many others.

use socket_labs::{date, http};

use super::compare::compare;
use super::dates::without_dates;

/// When most of the outputs in the sheets were taken: 2026-11-21 12:11:03.
const TAKEN: u64 = 1_795_263_063;

/// Days with something of their own, beside the many that are like any other.
const SPECIAL: &[(u64, &str)] = &[
    (1_798_761_599, "Thu, 31 Dec 2026 23:59:59 GMT"),
    (1_798_761_600, "Fri, 01 Jan 2027 00:00:00 GMT"),
    (1_835_438_400, "Tue, 29 Feb 2028 12:00:00 GMT"),
    (1_999_999_999, "Wed, 18 May 2033 03:33:19 GMT"),
    (2_000_000_000, "Wed, 18 May 2033 03:33:20 GMT"),
    (2_085_978_495, "Thu, 07 Feb 2036 06:28:15 GMT"), // the last second of NTP's first era
    (2_085_978_496, "Thu, 07 Feb 2036 06:28:16 GMT"),
    (2_147_483_647, "Tue, 19 Jan 2038 03:14:07 GMT"), // the last second of a signed time_t of 32 bits
    (2_147_483_648, "Tue, 19 Jan 2038 03:14:08 GMT"),
];

/// Seconds of 46 days: the special ones, and others of which each is another day of the week.
fn days() -> Vec<u64> {
    let others = (0..37).map(|i| 1_767_225_600 + i * (17 * 86_400 + 4_321));
    SPECIAL.iter().map(|(seconds, _)| *seconds).chain(others).collect()
}

/// A date as HTTP writes it.
fn fixdate(seconds: u64) -> String {
    http::imf_fixdate(seconds)
}

/// The parts of a date, as the forms want them: `Sat`, `21`, `Nov`, `2026`, `12:11:03`.
fn parts(seconds: u64) -> [String; 5] {
    let text = fixdate(seconds).replace(',', "");
    let words: Vec<&str> = text.split(' ').collect();
    [0, 1, 2, 3, 4].map(|word| words[word].to_string())
}

fn ctime(seconds: u64) -> String {
    let [weekday, day, month, year, time] = parts(seconds);
    format!("{weekday} {month} {} {time} {year}", blank_for_zero(&day))
}

/// As ls(1) shows a file of the last months.
fn of_ls(seconds: u64) -> String {
    let [_, day, month, _, time] = parts(seconds);
    format!("{month} {} {}", blank_for_zero(&day), &time[..5])
}

/// As ls(1) shows an old file.
fn of_ls_with_year(seconds: u64) -> String {
    let [_, day, month, year, _] = parts(seconds);
    format!("{month} {}  {year}", blank_for_zero(&day))
}

fn of_date(seconds: u64) -> String {
    let [weekday, day, month, year, time] = parts(seconds);
    format!("{weekday} {month} {} {time} UTC {year}", blank_for_zero(&day))
}

fn utc(seconds: u64) -> String {
    date::utc(seconds as i64, (seconds % 1_000_000) as u32 * 1_000)
}

fn rfc_3339(seconds: u64) -> String {
    format!("{}Z", utc(seconds)[..19].replace(' ', "T"))
}

fn unix(seconds: u64) -> String {
    format!("{seconds}.{:06}", seconds % 999_983)
}

fn blank_for_zero(day: &str) -> String {
    format!("{:>2}", day.trim_start_matches('0'))
}

/// What stands before a date, the date, and what may follow.
type Shown = (&'static str, fn(u64) -> String, &'static str);

/// Every form in which a sheet shows a date.
const SHOWN: &[Shown] = &[
    ("Date: ", fixdate, ""),
    ("< Date: ", fixdate, ""),
    ("HTTP/1.1 200 OK\\r\\nDate: ", fixdate, "\\r\\nServer: socket-labs/0.1.0"),
    ("Last-Modified: ", fixdate, ""),
    ("Time: ", ctime, " (practice server)"),
    ("{\"time\":\"", ctime, "\",\"stratum\":1}"),
    ("\"unix\":", unix, ",\"stratum\":1}"),
    ("Timestamp: ", |seconds| seconds.to_string(), ""),
    ("T1 ", utc, "  request sent, by our clock"),
    ("    32  receive timestamp    ", utc, ""),
    ("    Receive Timestamp:    ", rfc_3339, ""),
    ("time  ", of_date, ""),
];

/// Forms without a label: a part is only told from its first word and what follows on.
const BARE: &[Shown] = &[
    ("-rw-r--r-- 1 student student 36 ", of_ls, " response.txt"),
    ("-rw-r--r-- 1 student student 36 ", of_ls_with_year, " response.txt"),
    ("", of_date, ""),
    ("", rfc_3339, ""),
    ("", utc, ""),
];

fn is_like(one: &str, other: &str) -> bool {
    let lines = |text: &str| text.lines().map(String::from).collect::<Vec<_>>();
    compare(&lines(one), &lines(other)).is_ok()
}

pub fn the_days_are_many_and_of_every_kind() {
    for (seconds, date) in SPECIAL {
        assert_eq!(fixdate(*seconds), *date);
    }
    let all: Vec<[String; 5]> = days().into_iter().map(parts).collect();
    let mut dates: Vec<&[String]> = all.iter().map(|parts| &parts[1..4]).collect();
    dates.sort();
    dates.dedup();
    assert!(dates.len() >= 40, "{}", dates.len());
    let kinds = |part: usize| {
        let mut names: Vec<&str> = all.iter().map(|parts| parts[part].as_str()).collect();
        names.sort();
        names.dedup();
        names.len()
    };
    assert_eq!((kinds(0), kinds(2)), (7, 12));
    assert!(all.iter().filter(|parts| parts[1].starts_with('0')).count() >= 5);
}

pub fn a_whole_date_may_be_any_other() {
    for day in days() {
        for (before, form, after) in SHOWN.iter().chain(BARE) {
            let line = |seconds| format!("{before}{}{after}", form(seconds));
            assert!(is_like(&line(TAKEN), &line(day)), "{}\n{}", line(TAKEN), line(day));
            assert!(!is_like(&line(TAKEN), &format!("{before}{after}")), "{}", line(TAKEN));
            assert!(
                !is_like(&line(TAKEN), &format!("{before}yesterday{after}")),
                "{}",
                line(TAKEN)
            );
        }
    }
}

/// As strace cuts a string, as `head -c` ends a line, and as the sheet leaves the rest out.
pub fn a_date_may_be_any_other_wherever_it_is_cut() {
    for (before, form, _) in SHOWN.iter().chain(BARE) {
        let (taken, others) = (form(TAKEN), days().into_iter().map(form));
        let others: Vec<String> = others.collect();
        let first = if SHOWN.iter().any(|shown| shown.0 == *before) { 0 } else { 5 };
        for length in first..=taken.len() {
            let cut = |date: &str| format!("{before}{}", &date[..length]);
            let traced = |date: &str| format!("read(3, \"{}\"..., 16384) = 1221", cut(date));
            let (right, right_traced) = (cut(&taken), traced(&taken));
            let (plain, plain_traced) = (without_dates(&right), without_dates(&right_traced));
            for (number, other) in others.iter().enumerate() {
                assert_eq!(taken.len(), other.len());
                assert_eq!(plain, without_dates(&cut(other)));
                assert_eq!(plain_traced, without_dates(&traced(other)));
                // What is the same so far is the same in the end; to see that takes longer.
                if number % 23 == length % 23 {
                    assert!(is_like(&right, &cut(other)), "{right}\n{}", cut(other));
                    assert!(is_like(&right_traced, &traced(other)), "{}", traced(other));
                    let left_out = format!("{right}…");
                    assert!(is_like(&left_out, &cut(other)), "{left_out}\n{}", cut(other));
                    assert!(is_like(&left_out, &format!("{before}{other}")), "{left_out}");
                }
            }
        }
    }
}

pub fn what_is_no_date_is_no_other_where_it_is_cut() {
    for (before, form, _) in SHOWN {
        let taken = form(TAKEN);
        for length in 1..=taken.len() {
            let traced = |date: &str| format!("read(3, \"{before}{date}\"..., 16384) = 1221");
            let right = traced(&taken[..length]);
            if taken[..length].contains('.') && !taken[..length].contains(" U") {
                continue; // how many digits a fraction has may differ
            }
            // Cut elsewhere, another number of bytes, and no date.
            assert!(!is_like(&right, &traced(&taken[..length - 1])), "{right}");
            assert!(!is_like(&right, &right.replace("1221", "1220")), "{right}");
            assert!(
                !is_like(&right, &traced(&"Xerxes, the great king of kings"[..length])),
                "{right}"
            );
        }
    }
    for (one, other) in [
        ("Date: Sat, 21 Nov 2026 12:11:03 GMT", "Date: Sat, 32 Nov 2026 12:11:03 GMT"),
        ("Date: Sat, 21 Nov 2026 12:11:03 GMT", "Date: Sat, 21 Nom 2026 12:11:03 GMT"),
        ("Date: Sat, 21 Nov 2026 12:11:03 GMT", "Date: Sat, 21 Nov 2026 25:11:03 GMT"),
        ("Date: Sat, 21 Nov 2026 12:11:03 GMT", "Date: Sat, 21 Nov 2026 12:11:03 CET"),
        ("Date: Sat, 21 Nov 2026 12:11:03 GMT", "Date: Saturday"),
        ("Date: Sat, 21 Nov 2026 12:11:03 GMT", "Date: Sat, 21 N"),
        ("HTTP/1.1 200 OK\nDate: Sat, 21 N", "HTTP/1.1 404 Not Found\nDate: Sat, 21 N"),
        ("HTTP/1.1 200 OK\nDate: Sat, 21 N\nServer: a", "HTTP/1.1 200 OK\nDate: Sat, 21 N"),
        ("write(1, \"HELLO S\"..., 40) = 40", "write(1, \"HELLO M\"..., 40) = 40"),
        ("write(1, \"Sat\"..., 40) = 40", "write(1, \"Sun\"..., 40) = 40"),
        ("Content-Length: 2026", "Content-Length: 2027"),
        ("Received 1221 bytes", "Received 1220 bytes"),
        ("2026", "2027"),
        ("T1 2026-11-21 12:39:02.004061 UTC", "T1 2026-13-21 12:39:02.004061 UTC"),
    ] {
        assert!(!is_like(one, other), "{one}\n{other}");
    }
}

/// As `od -c`, `xxd` and `hexdump -C` show bytes.
const DUMPS: &[fn(&[u8]) -> String] = &[
    |bytes| {
        let cell = |byte: &u8| match byte {
            b'\r' => "  \\r".to_string(),
            b'\n' => "  \\n".to_string(),
            b' '..=b'~' => format!("   {}", char::from(*byte)),
            other => format!(" {other:03o}"),
        };
        dump(bytes, |at, row| format!("{at:07o}{}\n", row.iter().map(cell).collect::<String>()))
    },
    |bytes| {
        let hex = |pair: &[u8]| pair.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        dump(bytes, |at, row| {
            let pairs: Vec<String> = row.chunks(2).map(hex).collect();
            format!("{at:08x}: {:39}  {}\n", pairs.join(" "), dotted(row))
        })
    },
    |bytes| {
        let hex = |half: &[u8]| half.iter().map(|byte| format!("{byte:02x} ")).collect::<String>();
        dump(bytes, |at, row| {
            let halves: Vec<String> = row.chunks(8).map(hex).collect();
            format!("{at:08x}  {:50}|{}|\n", halves.join(" "), dotted(row))
        })
    },
];

fn dump(bytes: &[u8], row: impl Fn(usize, &[u8]) -> String) -> String {
    bytes.chunks(16).enumerate().map(|(index, bytes)| row(16 * index, bytes)).collect()
}

fn dotted(bytes: &[u8]) -> String {
    let dot = |byte: &u8| if (b' '..=b'~').contains(byte) { char::from(*byte) } else { '.' };
    bytes.iter().map(dot).collect()
}

pub fn a_date_in_a_dump_may_be_any_other_wherever_the_dump_ends() {
    let answer = |date: &str| {
        format!("HTTP/1.1 200 OK\r\nDate: {date}\r\nServer: caf\u{e9}\r\n\r\n").into_bytes()
    };
    let taken = answer(&fixdate(TAKEN));
    for show in DUMPS {
        for length in 0..=taken.len() {
            let right = show(&taken[..length]);
            for day in days() {
                let other = show(&answer(&fixdate(day))[..length]);
                assert!(is_like(&right, &other), "{right}\n{other}");
            }
            // Another byte where there is no date, a letter that no date has, and a byte too few.
            let Some(last) = length.checked_sub(1) else { continue };
            let mut wrong = taken[..length].to_vec();
            wrong[last] = b'x';
            assert!(!is_like(&right, &show(&wrong)), "{right}\n{}", show(&wrong));
            wrong[0] = b'h';
            assert!(!is_like(&right, &show(&wrong)));
            // A blank at the end is not seen.
            assert!(taken[last] == b' ' || !is_like(&right, &show(&taken[..last])), "{right}");
        }
    }
}
