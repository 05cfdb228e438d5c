//! Calendar arithmetic on Unix milliseconds, with the zone's offsets passed in as data.

/// Milliseconds in a minute.
pub(crate) const MINUTE_MS: i64 = 60_000;
/// Milliseconds in an hour.
pub(crate) const HOUR_MS: i64 = 3_600_000;
/// Milliseconds in a day without a change of offset.
pub(crate) const DAY_MS: i64 = 86_400_000;
/// Instants further from 1970 than this (about the year 9900) are taken as this, so that sums cannot overflow.
const LIMIT_MS: i64 = 250_000_000_000_000;

/// The length of one bucket of a time series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// One minute.
    Minute,
    /// One hour.
    Hour,
    /// One calendar day in the session's zone.
    Day,
    /// Seven calendar days, from whichever weekday the data begins with.
    Week,
    /// One calendar month.
    Month,
    /// Three calendar months.
    Quarter,
    /// One calendar year.
    Year,
}

impl Step {
    /// Typical length in milliseconds, for comparing steps.
    pub(crate) fn about_ms(self) -> i64 {
        match self {
            Self::Minute => MINUTE_MS,
            Self::Hour => HOUR_MS,
            Self::Day => DAY_MS,
            Self::Week => 7 * DAY_MS,
            Self::Month => 30 * DAY_MS,
            Self::Quarter => 91 * DAY_MS,
            Self::Year => 365 * DAY_MS,
        }
    }
}

/// A calendar date of the proleptic Gregorian calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    /// Year, astronomical numbering.
    pub year: i32,
    /// Month, 1 to 12.
    pub month: u32,
    /// Day of the month, 1 to 31.
    pub day: u32,
}

impl Date {
    /// The date of a day counted from 1970-01-01.
    ///
    /// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`.
    pub(crate) fn from_days(days: i64) -> Self {
        let shifted = days + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = (day_of_year - (153 * shifted_month + 2) / 5 + 1) as u32;
        let month = if shifted_month < 10 {
            shifted_month + 3
        } else {
            shifted_month - 9
        } as u32;
        let year = (year_of_era + era * 400 + i64::from(month <= 2)) as i32;
        Self { year, month, day }
    }

    /// Days from 1970-01-01 to this date.
    pub(crate) fn days(self) -> i64 {
        let year = i64::from(self.year) - i64::from(self.month <= 2);
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let month = i64::from(self.month);
        let day_of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5
            + i64::from(self.day)
            - 1;
        era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year
            - 719_468
    }

    /// The first day of a month counted from January of year 0.
    pub(crate) fn from_months(months: i64) -> Self {
        Self {
            year: months.div_euclid(12) as i32,
            month: months.rem_euclid(12) as u32 + 1,
            day: 1,
        }
    }

    /// Months from January of year 0.
    pub(crate) fn months(self) -> i64 {
        i64::from(self.year) * 12 + i64::from(self.month) - 1
    }
}

/// Day of the week of a day counted from 1970-01-01: 0 is Monday, 6 is Sunday.
pub(crate) fn weekday(days: i64) -> u32 {
    (days + 3).rem_euclid(7) as u32
}

/// What the clock on the wall shows at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WallTime {
    /// Days from 1970-01-01, local.
    pub(crate) days: i64,
    /// Minutes since local midnight, 0 to 1439.
    pub(crate) minute: u32,
}

impl WallTime {
    /// The wall time of an instant at an offset in seconds east of UTC.
    pub(crate) fn new(t_ms: i64, offset_seconds: i32) -> Self {
        let local = t_ms.clamp(-LIMIT_MS, LIMIT_MS) + i64::from(offset_seconds) * 1000;
        Self {
            days: local.div_euclid(DAY_MS),
            minute: (local.rem_euclid(DAY_MS) / MINUTE_MS) as u32,
        }
    }

    /// The local date.
    pub(crate) fn date(self) -> Date {
        Date::from_days(self.days)
    }
}

/// From an instant on, local time is this many seconds ahead of UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OffsetChange {
    /// Unix milliseconds UTC from which the offset holds.
    pub from_ms: i64,
    /// Seconds east of UTC.
    pub offset_seconds: i32,
}

/// The session's time zone, as a table of offsets for the range that is drawn.
///
/// The crate has no zone database: the server makes the table, the browser gets it with the data.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Zone {
    changes: Vec<OffsetChange>,
}

impl Zone {
    /// Takes a table of changes in any order; before the first change its offset holds too.
    pub fn new(table: Vec<OffsetChange>) -> Self {
        // A handful of entries: insertion spares the browser a sort of its own.
        let mut changes: Vec<OffsetChange> = Vec::with_capacity(table.len());
        for change in table {
            let place = changes.partition_point(|before| before.from_ms <= change.from_ms);
            changes.insert(place, change);
        }
        Self { changes }
    }

    /// A zone that is always this many seconds ahead of UTC.
    pub fn fixed(offset_seconds: i32) -> Self {
        Self {
            changes: vec![OffsetChange {
                from_ms: 0,
                offset_seconds,
            }],
        }
    }

    /// Coordinated universal time.
    pub fn utc() -> Self {
        Self::default()
    }

    /// Seconds east of UTC at an instant.
    pub fn offset_at(&self, t_ms: i64) -> i32 {
        self.changes
            .iter()
            .rev()
            .find(|change| change.from_ms <= t_ms)
            .or(self.changes.first())
            .map_or(0, |change| change.offset_seconds)
    }

    /// What the wall clock shows at an instant.
    pub(crate) fn wall(&self, t_ms: i64) -> WallTime {
        WallTime::new(t_ms, self.offset_at(t_ms))
    }

    /// The instant of a wall time; of two, the first; of a skipped hour, the instant after the skip.
    pub(crate) fn instant(&self, days: i64, minute: i64) -> i64 {
        let local = days * DAY_MS + minute * MINUTE_MS;
        let guess = local - i64::from(self.offset_at(local)) * 1000;
        let earlier = local - i64::from(self.offset_at(guess - DAY_MS)) * 1000;
        if earlier + i64::from(self.offset_at(earlier)) * 1000 == local {
            return earlier;
        }
        let later = local - i64::from(self.offset_at(guess + DAY_MS)) * 1000;
        if later + i64::from(self.offset_at(later)) * 1000 == local {
            later
        } else {
            earlier
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Berlin in 2025: summer time from 30 March 01:00 UTC to 26 October 01:00 UTC.
    fn berlin() -> Zone {
        Zone::new(vec![
            OffsetChange {
                from_ms: 1_743_296_400_000,
                offset_seconds: 7200,
            },
            OffsetChange {
                from_ms: 1_735_686_000_000,
                offset_seconds: 3600,
            },
            OffsetChange {
                from_ms: 1_761_440_400_000,
                offset_seconds: 3600,
            },
        ])
    }

    #[test]
    fn dates_survive_the_way_to_days_and_back() {
        for days in (-800_000..800_000).step_by(61) {
            assert_eq!(Date::from_days(days).days(), days);
        }
        assert_eq!(
            Date::from_days(0),
            Date {
                year: 1970,
                month: 1,
                day: 1
            }
        );
        assert_eq!(
            Date {
                year: 2024,
                month: 2,
                day: 29
            }
            .days(),
            19_782
        );
        assert_eq!(
            weekday(
                Date {
                    year: 2025,
                    month: 3,
                    day: 3
                }
                .days()
            ),
            0
        );
    }

    #[test]
    fn midnight_is_found_on_both_sides_of_a_clock_change() {
        let zone = berlin();
        let before = Date {
            year: 2025,
            month: 3,
            day: 30,
        }
        .days();
        assert_eq!(zone.instant(before, 0), before * DAY_MS - HOUR_MS);
        assert_eq!(
            zone.instant(before + 1, 0),
            (before + 1) * DAY_MS - 2 * HOUR_MS
        );
        let autumn = Date {
            year: 2025,
            month: 10,
            day: 26,
        }
        .days();
        assert_eq!(
            zone.instant(autumn + 1, 0) - zone.instant(autumn, 0),
            25 * HOUR_MS
        );
    }

    #[test]
    fn a_skipped_hour_gives_an_instant_after_the_skip() {
        let zone = berlin();
        let day = Date {
            year: 2025,
            month: 3,
            day: 30,
        }
        .days();
        let skipped = zone.instant(day, 150);
        assert_eq!(zone.wall(skipped).minute, 210);
    }

    #[test]
    fn instants_beyond_the_calendar_are_clamped_not_overflowed() {
        assert!(WallTime::new(i64::MAX, 50_000).date().year < 10_000);
        assert!(WallTime::new(i64::MIN, -50_000).date().year > -6_000);
    }
}
