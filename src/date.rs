//! Civil dates: the form of ctime(3), and a form for the tables of the labs.

use time::{OffsetDateTime, UtcOffset};

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A time as C's and Python's `ctime()` write it, in the time zone of this machine:
/// `Fri Nov 10 09:05:00 2023`.
///
/// `seconds` are counted from 1970-01-01 00:00:00 UTC and may be negative. Summer time is that of
/// the date shown, not of today. Where the system does not tell its time zone, the time is in UTC
/// and ` UTC` stands behind it. A time outside the years -9999 to 9999 is given as its number.
pub fn ctime(seconds: i64) -> String {
    let Ok(time) = OffsetDateTime::from_unix_timestamp(seconds) else {
        return number(seconds);
    };
    let local = UtcOffset::local_offset_at(time).ok();
    match local.and_then(|offset| time.checked_to_offset(offset)) {
        Some(time) => in_ctime_form(time),
        None => format!("{} UTC", in_ctime_form(time)),
    }
}

/// Source: C11, section 7.27.3.1: `"%.3s %.3s%3d %.2d:%.2d:%.2d %d"`.
fn in_ctime_form(time: OffsetDateTime) -> String {
    let day = DAYS[usize::from(time.weekday().number_days_from_monday())];
    let month = MONTHS[usize::from(u8::from(time.month()) - 1)];
    format!(
        "{day} {month}{:3} {:02}:{:02}:{:02} {}",
        time.day(),
        time.hour(),
        time.minute(),
        time.second(),
        time.year()
    )
}

/// A time in UTC to the microsecond: `2024-01-01 12:00:00.560000 UTC`.
///
/// `seconds` are counted from 1970-01-01 00:00:00 UTC and may be negative; `nanoseconds` (0 to
/// 999,999,999) come on top of them, and what is below a microsecond is cut off. A time outside
/// the years -9999 to 9999 is given as its number.
pub fn utc(seconds: i64, nanoseconds: u32) -> String {
    let Ok(time) = OffsetDateTime::from_unix_timestamp(seconds) else {
        return number(seconds);
    };
    let (hour, minute, second) = time.to_hms();
    format!(
        "{:04}-{:02}-{:02} {hour:02}:{minute:02}:{second:02}.{:06} UTC",
        time.year(),
        u8::from(time.month()),
        time.day(),
        nanoseconds / 1_000
    )
}

fn number(seconds: i64) -> String {
    format!("{seconds} seconds from 1970")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> String {
        in_ctime_form(OffsetDateTime::from_unix_timestamp(seconds).unwrap())
    }

    // The expected texts are those of Python's time.asctime(time.gmtime(seconds)).
    #[test]
    fn the_form_is_that_of_ctime() {
        assert_eq!(at(0), "Thu Jan  1 00:00:00 1970");
        assert_eq!(at(1_700_000_000), "Tue Nov 14 22:13:20 2023");
        assert_eq!(at(951_782_399), "Mon Feb 28 23:59:59 2000");
        assert_eq!(at(2_085_978_496), "Thu Feb  7 06:28:16 2036");
        assert_eq!(at(-1), "Wed Dec 31 23:59:59 1969");
    }

    #[test]
    fn utc_cuts_below_the_microsecond_and_never_rounds_up_to_the_next_second() {
        assert_eq!(utc(1_704_110_400, 560_000_000), "2024-01-01 12:00:00.560000 UTC");
        assert_eq!(utc(1_704_110_400, 999_999_999), "2024-01-01 12:00:00.999999 UTC");
        assert_eq!(utc(-1, 0), "1969-12-31 23:59:59.000000 UTC");
    }

    #[test]
    fn a_time_beyond_the_calendar_is_a_number_and_no_panic() {
        for seconds in [i64::MIN, i64::MAX] {
            assert_eq!(ctime(seconds), number(seconds));
            assert_eq!(utc(seconds, u32::MAX), number(seconds));
        }
    }

    #[test]
    fn the_first_and_last_second_of_the_calendar_have_a_form_in_every_time_zone() {
        let (first, last) = (-377_705_116_800, 253_402_300_799);
        assert!(ctime(first).starts_with("Mon Jan") || ctime(first).starts_with("Sun Dec"));
        assert!(ctime(last).starts_with("Fri Dec 31") || ctime(last).ends_with("UTC"));
    }
}
