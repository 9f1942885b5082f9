//! NTP's two formats of time. Source: RFC 5905, section 6.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::date;

/// Seconds from 1900-01-01 (NTP's epoch) to 1970-01-01 (Unix's), both 00:00:00 UTC: 70 years with
/// 17 leap days.
const FROM_1900_TO_1970: i64 = 2_208_988_800;

/// The seconds of an era, about 136 years: then the 32 bits of the seconds start at 0 again.
const ERA: i64 = 1 << 32;

const NANOSECONDS: i128 = 1_000_000_000;

/// The timestamp format: 32 bits of seconds, then 32 bits of their fraction (2⁻³² s, about 0.23
/// ns). On the wire it is 8 bytes, big-endian. All zero means "unknown".
///
/// The seconds are counted from 1900 and start at 0 again on 2036-02-07 at 06:28:16 UTC. Which
/// era is meant is not on the wire; here it is RFC 4330's rule (section 3): the top bit set means
/// the era from 1900, not set the era from 2036. That covers 1968-01-20 to 2104-02-26.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Timestamp(pub u64);

impl Timestamp {
    /// "Unknown".
    pub const ZERO: Timestamp = Timestamp(0);

    /// The timestamp of a time that the caller read from a clock. The clock's ticks are 1 ns on
    /// Linux, 1 µs on macOS, and 100 ns on Windows.
    pub fn at(time: SystemTime) -> Timestamp {
        Timestamp::of(match time.duration_since(UNIX_EPOCH) {
            Ok(after) => after.as_nanos().cast_signed(),
            Err(before) => -before.duration().as_nanos().cast_signed(),
        })
    }

    /// The timestamp of so many nanoseconds since 1970-01-01 00:00:00 UTC.
    fn of(since_1970: i128) -> Timestamp {
        let seconds = since_1970.div_euclid(NANOSECONDS) + i128::from(FROM_1900_TO_1970);
        let nanoseconds = since_1970.rem_euclid(NANOSECONDS).cast_unsigned();
        // Rounded up, so that unix(), which rounds down, gives the same nanosecond back.
        let fraction = (nanoseconds << 32).div_ceil(NANOSECONDS.cast_unsigned());
        let seconds = seconds.rem_euclid(i128::from(ERA)).cast_unsigned();
        Timestamp((seconds << 32 | fraction) as u64) // both are below 2³²
    }

    /// The same time as Unix counts it: whole seconds from 1970-01-01 00:00:00 UTC (negative
    /// before it), and nanoseconds (0 to 999,999,999) on top of them.
    pub fn unix(self) -> (i64, u32) {
        let seconds = i64::from((self.0 >> 32) as u32);
        let era = if seconds < ERA / 2 { ERA } else { 0 };
        let nanoseconds = ((self.0 & 0xffff_ffff) * 1_000_000_000) >> 32;
        (era + seconds - FROM_1900_TO_1970, nanoseconds as u32) // below 10⁹, so it fits
    }

    /// How many seconds this time is after another; negative if it is before.
    ///
    /// Subtraction goes round at the end of an era, as two's complement does, so the answer is
    /// right across 2036 for times less than 68 years apart (RFC 5905, section 6).
    pub fn since(self, earlier: Timestamp) -> f64 {
        self.0.wrapping_sub(earlier.0).cast_signed() as f64 / ERA as f64
    }

    /// The time so many seconds later; a negative number is earlier.
    pub fn plus(self, seconds: f64) -> Timestamp {
        let units = (seconds * ERA as f64) as i64; // `as` stops at the largest number
        Timestamp(self.0.wrapping_add_signed(units))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Timestamp::ZERO {
            return f.write_str("0 (unknown)");
        }
        let (seconds, nanoseconds) = self.unix();
        f.write_str(&date::utc(seconds, nanoseconds))
    }
}

/// The short format: 16 bits of seconds, then 16 bits of their fraction (2⁻¹⁶ s, about 15 µs). On
/// the wire it is 4 bytes, big-endian. It is a duration, never a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Short(pub u32);

impl Short {
    /// In seconds, 0 to 65,536.
    pub fn seconds(self) -> f64 {
        f64::from(self.0) / 65_536.0
    }
}

impl fmt::Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.6} s", self.seconds())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::Duration;

    /// The ticks of a second that `SystemTime` can tell apart: on Windows it counts 100 ns (FILETIME).
    const TICKS: u32 = if cfg!(windows) { 10_000_000 } else { 1_000_000_000 };

    /// The pairs of RFC 5905, section 6, figure 4 (its NTP seconds, its date).
    #[test]
    fn the_dates_of_the_rfc() {
        let of = |seconds: u32| Timestamp(u64::from(seconds) << 32 | 1).to_string();
        assert_eq!(of(2_208_988_800), "1970-01-01 00:00:00.000000 UTC");
        assert_eq!(of(2_272_060_800), "1972-01-01 00:00:00.000000 UTC");
        assert_eq!(of(3_155_587_200), "1999-12-31 00:00:00.000000 UTC");
        assert_eq!(of(63_104), "2036-02-08 00:00:00.000000 UTC"); // era 1
    }

    #[test]
    fn the_eras_meet_in_2036() {
        let last = Timestamp(0xffff_ffff_ffff_ffff);
        assert_eq!(last.to_string(), "2036-02-07 06:28:15.999999 UTC");
        assert_eq!(
            Timestamp(1).to_string(),
            "2036-02-07 06:28:16.000000 UTC",
            "the second after it"
        );
        assert!((Timestamp(1 << 32).since(last) - 1.0).abs() < 1e-9);
        assert!((last.since(Timestamp(1 << 32)) + 1.0).abs() < 1e-9);
    }

    #[test]
    fn the_pivot_covers_1968_to_2104() {
        assert_eq!(Timestamp(1 << 63).to_string(), "1968-01-20 03:14:08.000000 UTC");
        let end = Timestamp((1 << 63) - 1);
        assert_eq!(end.to_string(), "2104-02-26 09:42:23.999999 UTC");
    }

    #[test]
    fn fractions_of_nothing_and_of_almost_a_second() {
        assert_eq!(Timestamp(0x83aa_7e80_0000_0000).unix(), (0, 0));
        assert_eq!(Timestamp(0x83aa_7e80_ffff_ffff).unix(), (0, 999_999_999));
        assert_eq!(Timestamp(0x83aa_7e80_8000_0000).unix(), (0, 500_000_000));
    }

    #[test]
    fn zero_is_no_date() {
        assert_eq!(Timestamp::ZERO.to_string(), "0 (unknown)");
    }

    #[test]
    fn a_skew_moves_a_time_either_way_and_never_panics() {
        let time = Timestamp(0xe000_0000_8000_0000);
        assert_eq!(time.plus(2.5), Timestamp(0xe000_0003_0000_0000));
        assert_eq!(time.plus(-0.5), Timestamp(0xe000_0000_0000_0000));
        for wild in [f64::NAN, f64::INFINITY, f64::MIN] {
            time.plus(wild);
        }
    }

    #[test]
    fn the_short_format_is_in_seconds() {
        assert_eq!(Short(0x0001_8000).to_string(), "1.500000 s");
        assert_eq!(Short(u32::MAX).to_string(), "65535.999985 s");
    }

    proptest! {
        #[test]
        fn every_nanosecond_from_1970_to_2104_survives(
            seconds in 0u32..=u32::MAX - 61_505_152, nanoseconds in 0u32..1_000_000_000
        ) {
            let since_1970 = Duration::new(seconds.into(), nanoseconds).as_nanos().cast_signed();
            prop_assert_eq!(Timestamp::of(since_1970).unix(), (i64::from(seconds), nanoseconds));
        }

        #[test]
        fn every_nanosecond_before_1970_survives_as_well(
            seconds in 1u32..61_505_152, nanoseconds in 0u32..1_000_000_000
        ) {
            let since_1970 = -i128::from(seconds) * NANOSECONDS + i128::from(nanoseconds);
            prop_assert_eq!(Timestamp::of(since_1970).unix(), (-i64::from(seconds), nanoseconds));
        }

        #[test]
        fn every_tick_of_the_clock_of_this_system_survives(
            before: bool, seconds in 1u32..61_505_152, ticks in 0u32..TICKS
        ) {
            let nanoseconds = ticks * (1_000_000_000 / TICKS);
            let (seconds, time) = match before {
                true => (-i64::from(seconds), UNIX_EPOCH - Duration::from_secs(seconds.into())),
                false => (i64::from(seconds), UNIX_EPOCH + Duration::from_secs(seconds.into())),
            };
            let time = time + Duration::from_nanos(nanoseconds.into());
            prop_assert_eq!(Timestamp::at(time).unix(), (seconds, nanoseconds));
        }

        #[test]
        fn there_and_back_is_nothing(at: u64, other: u64) {
            let (at, other) = (Timestamp(at), Timestamp(other));
            if at.0.wrapping_sub(other.0) != 1 << 63 {
                prop_assert_eq!(at.since(other), -other.since(at));
            }
            let _ = at.to_string();
        }
    }
}
