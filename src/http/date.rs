//! The date of HTTP's headers.

use time::OffsetDateTime;

/// 9999-12-31 23:59:59, the last second that the form can write.
const LAST: u64 = 253_402_300_799;

/// A time as HTTP writes it: `Sun, 06 Nov 1994 08:49:37 GMT`, always 29 bytes.
///
/// The time is in seconds since 1970-01-01 00:00 UTC; one after the year 9999 is shown as the last
/// second of that year. Source: RFC 9110, section 5.6.7.
pub fn imf_fixdate(unix_seconds: u64) -> String {
    let seconds = unix_seconds.min(LAST).cast_signed();
    let date = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let (weekday, month) = (date.weekday().to_string(), date.month().to_string());
    let (hour, minute, second) = date.to_hms();
    format!(
        "{weekday:.3}, {:02} {month:.3} {:04} {hour:02}:{minute:02}:{second:02} GMT",
        date.day(),
        date.year(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_agree_with_another_implementation() {
        // As `date -u -d @SECONDS '+%a, %d %b %Y %T GMT'` prints them.
        for (seconds, date) in [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
            (1_709_251_199, "Thu, 29 Feb 2024 23:59:59 GMT"),
            (1_735_689_599, "Tue, 31 Dec 2024 23:59:59 GMT"),
            (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
            (LAST, "Fri, 31 Dec 9999 23:59:59 GMT"),
            (u64::MAX, "Fri, 31 Dec 9999 23:59:59 GMT"),
        ] {
            assert_eq!(imf_fixdate(seconds), date);
        }
    }
}
