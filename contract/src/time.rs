//! Instants on the wire: RFC 3339 text outside, Unix milliseconds inside.
//!
//! Written here rather than taken from a calendar library because the browser runtime needs just these few lines.
//! Civil-date arithmetic after Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Milliseconds of one day.
pub const DAY_MS: i64 = 86_400_000;

/// An instant in milliseconds since 1970-01-01T00:00:00Z. RFC 3339 text on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UnixMillis(pub i64);

/// A date of the proleptic Gregorian calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CivilDate {
    /// Year, astronomical numbering.
    pub year: i64,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day of the month, 1 to 31.
    pub day: u8,
}

/// Days from 1970-01-01 to a date.
pub fn days_from_civil(date: CivilDate) -> i64 {
    let y = if date.month <= 2 {
        date.year - 1
    } else {
        date.year
    };
    let era = y.div_euclid(400);
    let yoe = y.rem_euclid(400);
    let month_from_march = (i64::from(date.month) + 9) % 12;
    let doy = (153 * month_from_march + 2) / 5 + i64::from(date.day) - 1;
    let doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    era * 146_097 + doe - 719_468
}

/// The date that lies `days` after 1970-01-01.
pub fn civil_from_days(days: i64) -> CivilDate {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = doy - (153 * mp + 2) / 5 + 1;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + i64::from(month <= 2);
    CivilDate {
        year,
        month: month as u8,
        day: day as u8,
    }
}

fn days_in_month(year: i64, month: u8) -> u8 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 => 28 + u8::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl UnixMillis {
    /// Reads an RFC 3339 date-time with any offset; digits past the millisecond are cut.
    ///
    /// Missing: `None` for anything else, a leap second (`:60`) among them.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        if !text.is_ascii() || bytes.len() < 20 {
            return None;
        }
        let separators_fit = [(4, b'-'), (7, b'-'), (13, b':'), (16, b':')]
            .iter()
            .all(|(at, c)| bytes.get(*at) == Some(c))
            && matches!(bytes.get(10), Some(b'T' | b't' | b' '));
        if !separators_fit {
            return None;
        }
        let (year, month, day) = (
            digits(text, 0, 4)?,
            digits(text, 5, 2)?,
            digits(text, 8, 2)?,
        );
        let (hour, minute, second) = (
            digits(text, 11, 2)?,
            digits(text, 14, 2)?,
            digits(text, 17, 2)?,
        );
        let month = u8::try_from(month).ok().filter(|m| (1..=12).contains(m))?;
        let day = u8::try_from(day)
            .ok()
            .filter(|d| (1..=days_in_month(year, month)).contains(d))?;
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let (milli, zone) = fraction(text.get(19..)?)?;
        let offset_minutes = offset(zone)?;
        let days = days_from_civil(CivilDate { year, month, day });
        let seconds = days * 86_400 + hour * 3600 + (minute - offset_minutes) * 60 + second;
        Some(Self(seconds * 1000 + milli))
    }

    /// Seconds since the epoch, rounded down.
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// The instant `seconds` later.
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1000)))
    }
}

fn digits(text: &str, at: usize, len: usize) -> Option<i64> {
    let part = text.get(at..at + len)?;
    part.bytes()
        .all(|b| b.is_ascii_digit())
        .then(|| part.parse().ok())?
}

fn fraction(rest: &str) -> Option<(i64, &str)> {
    let Some(tail) = rest.strip_prefix('.') else {
        return Some((0, rest));
    };
    let len = tail.bytes().take_while(u8::is_ascii_digit).count();
    let milli = match len {
        0 => return None,
        1 => digits(tail, 0, 1)? * 100,
        2 => digits(tail, 0, 2)? * 10,
        _ => digits(tail, 0, 3)?,
    };
    Some((milli, tail.get(len..)?))
}

/// Minutes east of UTC.
fn offset(zone: &str) -> Option<i64> {
    if zone == "Z" || zone == "z" {
        return Some(0);
    }
    let sign = match zone.as_bytes() {
        [b'+', ..] => 1,
        [b'-', ..] => -1,
        _ => return None,
    };
    let fits = zone.len() == 6 && zone.as_bytes().get(3) == Some(&b':');
    let (hours, minutes) = (digits(zone, 1, 2)?, digits(zone, 4, 2)?);
    (fits && hours <= 23 && minutes <= 59).then_some(sign * (hours * 60 + minutes))
}

impl fmt::Display for UnixMillis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let date = civil_from_days(self.0.div_euclid(DAY_MS));
        let ms = self.0.rem_euclid(DAY_MS);
        let (h, m, s, milli) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60, ms % 1000);
        write!(
            f,
            "{:04}-{:02}-{:02}T{h:02}:{m:02}:{s:02}",
            date.year, date.month, date.day
        )?;
        if milli != 0 {
            write!(f, ".{milli:03}")?;
        }
        f.write_str("Z")
    }
}

impl Serialize for UnixMillis {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for UnixMillis {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| {
            serde::de::Error::custom("expected an RFC 3339 date-time such as 2026-03-01T00:00:00Z")
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expect: Option<&str>) {
        assert_eq!(
            UnixMillis::parse(text).map(|t| t.to_string()).as_deref(),
            expect,
            "{text}"
        );
    }

    #[test]
    fn reads_any_offset_and_writes_utc() {
        check("2026-03-29T12:00:00Z", Some("2026-03-29T12:00:00Z"));
        check(
            "2026-03-29T12:00:00.5+05:45",
            Some("2026-03-29T06:15:00.500Z"),
        );
        check(
            "2026-03-29t12:00:00.123456789-00:30",
            Some("2026-03-29T12:30:00.123Z"),
        );
        check("2024-02-29 00:00:00Z", Some("2024-02-29T00:00:00Z"));
    }

    #[test]
    fn refuses_what_is_not_a_date_time() {
        for bad in [
            "",
            "2026-03-29",
            "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:00:60Z",
            "2026-01-01T00:00:00",
            "2026-01-01T00:00:00.Z",
            "2026-01-01T00:00:00+0100",
            "2026-01-01T00:00:00Zx",
            "２026-01-01T00:00:00Z",
            "+026-01-01T00:00:00Z",
        ] {
            check(bad, None);
        }
    }

    proptest! {
        #[test]
        fn agrees_with_a_calendar_library(ms in -2_208_988_800_000_i64..4_102_444_800_000) {
            let text = UnixMillis(ms).to_string();
            let by_library = jiff::Timestamp::from_millisecond(ms).map(|t| t.to_string()).unwrap_or_default();
            let parsed: jiff::Timestamp = text.parse().unwrap();
            prop_assert_eq!(parsed.as_millisecond(), ms);
            prop_assert_eq!(UnixMillis::parse(&by_library), Some(UnixMillis(ms)));
            prop_assert_eq!(UnixMillis::parse(&text), Some(UnixMillis(ms)));
        }

        #[test]
        fn never_panics(text in "\\PC{0,40}") {
            let _unused = UnixMillis::parse(&text);
        }
    }
}
