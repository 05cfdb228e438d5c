//! Distances between ticks, and the round times they fall on.

use crate::calendar::{DAY_MS, Date, HOUR_MS, MINUTE_MS, Step, Zone, weekday};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum TickUnit {
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,
}

/// Every so many units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Interval {
    pub(super) unit: TickUnit,
    pub(super) count: i64,
}

const fn every(count: i64, unit: TickUnit) -> Interval {
    Interval { unit, count }
}

/// From fine to coarse.
pub(super) const INTERVALS: [Interval; 27] = [
    every(1, TickUnit::Minute),
    every(5, TickUnit::Minute),
    every(10, TickUnit::Minute),
    every(15, TickUnit::Minute),
    every(30, TickUnit::Minute),
    every(1, TickUnit::Hour),
    every(2, TickUnit::Hour),
    every(3, TickUnit::Hour),
    every(6, TickUnit::Hour),
    every(12, TickUnit::Hour),
    every(1, TickUnit::Day),
    every(2, TickUnit::Day),
    every(3, TickUnit::Day),
    every(1, TickUnit::Week),
    every(2, TickUnit::Week),
    every(1, TickUnit::Month),
    every(2, TickUnit::Month),
    every(3, TickUnit::Month),
    every(6, TickUnit::Month),
    every(1, TickUnit::Year),
    every(2, TickUnit::Year),
    every(5, TickUnit::Year),
    every(10, TickUnit::Year),
    every(20, TickUnit::Year),
    every(50, TickUnit::Year),
    every(100, TickUnit::Year),
    every(1000, TickUnit::Year),
];

/// The unit that names a bucket.
pub(super) fn unit_of(step: Step) -> TickUnit {
    match step {
        Step::Minute => TickUnit::Minute,
        Step::Hour => TickUnit::Hour,
        Step::Day => TickUnit::Day,
        Step::Week => TickUnit::Week,
        Step::Month | Step::Quarter => TickUnit::Month,
        Step::Year => TickUnit::Year,
    }
}

impl Interval {
    fn about_ms(self) -> i64 {
        let unit = match self.unit {
            TickUnit::Minute => MINUTE_MS,
            TickUnit::Hour => HOUR_MS,
            TickUnit::Day => DAY_MS,
            TickUnit::Week => 7 * DAY_MS,
            TickUnit::Month => 30 * DAY_MS + DAY_MS / 2,
            TickUnit::Year => 365 * DAY_MS,
        };
        unit * self.count
    }

    /// True if ticks at this distance fall on buckets of this step.
    pub(super) fn suits(self, step: Step) -> bool {
        let fine_enough = self.about_ms() >= step.about_ms();
        match step {
            // Two months apart, every second tick would fall between quarters.
            Step::Quarter => fine_enough && self.count != 2,
            _ => fine_enough,
        }
    }

    /// True if ticks at this distance say something in a range; every third day does only in a short one.
    pub(super) fn reads_well(self, first: i64, last: i64) -> bool {
        self != every(3, TickUnit::Day) || last.saturating_sub(first) <= 20 * DAY_MS
    }

    /// About how many ticks lie in a range.
    pub(super) fn count_in(self, first: i64, last: i64) -> i64 {
        last.saturating_sub(first) / self.about_ms()
    }

    /// The round times from `first` to `last`, both included; weeks begin on `week_start` (0 is Monday).
    pub(super) fn ticks(self, first: i64, last: i64, zone: &Zone, week_start: u32) -> Vec<i64> {
        let wall = zone.wall(first);
        let days = wall.days;
        // The ordinal of the round time at or before `first`, and the instant of the n-th after it.
        let base = match self.unit {
            TickUnit::Minute => i64::from(wall.minute).div_euclid(self.count) * self.count,
            TickUnit::Hour => i64::from(wall.minute / 60).div_euclid(self.count) * self.count,
            TickUnit::Day => days.div_euclid(self.count) * self.count,
            TickUnit::Week => days - i64::from((weekday(days) + 7 - week_start) % 7),
            TickUnit::Month => wall.date().months().div_euclid(self.count) * self.count,
            TickUnit::Year => i64::from(wall.date().year).div_euclid(self.count) * self.count,
        };
        let mut ticks = Vec::new();
        for n in 0..=self.count_in(first, last).clamp(0, 1000) + 4 {
            let ordinal = base + n * self.count;
            let tick = match self.unit {
                TickUnit::Minute => {
                    zone.instant(days + ordinal.div_euclid(1440), ordinal.rem_euclid(1440))
                }
                TickUnit::Hour => {
                    zone.instant(days + ordinal.div_euclid(24), ordinal.rem_euclid(24) * 60)
                }
                TickUnit::Day => zone.instant(ordinal, 0),
                TickUnit::Week => zone.instant(base + n * self.count * 7, 0),
                TickUnit::Month => zone.instant(Date::from_months(ordinal).days(), 0),
                TickUnit::Year => zone.instant(Date::from_months(ordinal * 12).days(), 0),
            };
            if tick >= first && tick <= last && ticks.last().is_none_or(|before| *before < tick) {
                ticks.push(tick);
            }
        }
        ticks
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::OffsetChange;

    #[test]
    fn months_and_years_begin_in_the_zone() {
        let zone = Zone::fixed(-5 * 3600);
        let first = 1_735_689_600_000; // 2025-01-01 00:00 UTC, still 2024 in the zone
        let ticks = every(1, TickUnit::Month).ticks(first, first + 70 * DAY_MS, &zone, 0);
        assert_eq!(ticks.first(), Some(&(first + 5 * HOUR_MS)));
        assert_eq!(ticks.len(), 3);
    }

    #[test]
    fn a_repeated_hour_gives_no_tick_twice() {
        let zone = Zone::new(vec![
            OffsetChange {
                from_ms: 1_743_296_400_000,
                offset_seconds: 7200,
            },
            OffsetChange {
                from_ms: 1_761_440_400_000,
                offset_seconds: 3600,
            },
        ]);
        let first = 1_761_429_600_000; // 2025-10-26 00:00 in Berlin
        let ticks = every(1, TickUnit::Hour).ticks(first, first + 6 * HOUR_MS, &zone, 0);
        assert!(ticks.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(ticks.len() >= 6);
    }
}
