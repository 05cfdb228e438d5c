//! From a period, or dates of the viewer's own, to instants.
//!
//! `30d` is the last 30 calendar days of the session's zone, today among them; weeks, months and years count back in days
//! in the same way (`1m` on 24 March begins on 25 February). `24h` is the last 24 hours, the running one among them, and
//! `1h` the last 60 minutes.

use std::sync::LazyLock;

use emban_contract::dashboard::{Compare, Granularity, Period, PeriodUnit};
use emban_contract::week::first_weekday;
use jiff::civil::{Date, Weekday};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{Span as Length, Timestamp, ToSpan as _, Zoned};

use super::Span;
use super::buckets::{floor, next};

/// The zones of this build, whatever the machine has installed: two origins must agree.
static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// Whether a name is a time zone that sessions may ask for, such as `Europe/Berlin`.
pub fn is_time_zone(name: &str) -> bool {
    Zone::named(name).is_some()
}

/// A session's calendar: its time zone, and the day on which its weeks begin.
#[derive(Debug, Clone)]
pub(crate) struct Zone {
    time_zone: TimeZone,
    week_start: Weekday,
}

impl Zone {
    pub(crate) fn utc() -> Self {
        Self {
            time_zone: TimeZone::UTC,
            week_start: Weekday::Monday,
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        ZONES.get(name).ok().map(|time_zone| Self {
            time_zone,
            ..Self::utc()
        })
    }

    /// The same zone with the weeks of a locale.
    pub(crate) fn with_weeks_of(self, locale: Option<&str>) -> Self {
        let day = locale.map_or(0, first_weekday);
        let week_start = i8::try_from(day)
            .ok()
            .and_then(|day| Weekday::from_monday_zero_offset(day).ok());
        Self {
            week_start: week_start.unwrap_or(Weekday::Monday),
            ..self
        }
    }

    pub(crate) fn week_start(&self) -> Weekday {
        self.week_start
    }

    pub(crate) fn time_zone(&self) -> &TimeZone {
        &self.time_zone
    }

    /// The wall clock at an instant; instants beyond the years -9999 to 9999 are moved to the end of that range.
    pub(crate) fn at(&self, ms: i64) -> Zoned {
        let clamped = ms.clamp(FIRST_MS, LAST_MS);
        Timestamp::from_millisecond(clamped)
            .unwrap_or(Timestamp::UNIX_EPOCH)
            .to_zoned(self.time_zone.clone())
    }

    /// First instant of a date: midnight, or the end of the gap where clocks skip it.
    pub(crate) fn start_of(&self, date: Date) -> i64 {
        date.to_zoned(self.time_zone.clone())
            .map_or(LAST_MS, |start| start.timestamp().as_millisecond())
    }

    /// The same wall clock, moved along the calendar.
    pub(crate) fn shifted(&self, ms: i64, by: Length) -> i64 {
        self.at(ms)
            .checked_add(by)
            .map_or(ms, |moved| moved.timestamp().as_millisecond())
    }
}

/// 0001-01-01 and 9998-12-31, in Unix milliseconds: well within what every zone can express.
const FIRST_MS: i64 = -62_135_596_800_000;
const LAST_MS: i64 = 253_370_678_400_000;

/// A range of time and how far back the one before it lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) span: Span,
    length: Distance,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Distance {
    /// Calendar days.
    Days(i32),
    Millis(i64),
}

impl Window {
    /// The period that ends with the day or hour that is running.
    pub(crate) fn of_period(period: Period, now: i64, zone: &Zone) -> Self {
        match period.unit {
            PeriodUnit::Hour => hours(period.count, now, zone),
            PeriodUnit::Day => days(period.count.into(), now, zone),
            PeriodUnit::Week => days(i64::from(period.count) * 7, now, zone),
            PeriodUnit::Month => since(i64::from(period.count).months(), now, zone),
            PeriodUnit::Year => since(i64::from(period.count).years(), now, zone),
        }
    }

    /// Dates of the viewer's own.
    pub(crate) fn of_dates(span: Span) -> Self {
        Self {
            span,
            length: Distance::Millis(span.to - span.from),
        }
    }

    /// Whether the range covers at most so many calendar days.
    pub(crate) fn fits_days(&self, most: u32, zone: &Zone) -> bool {
        let days = i64::from(most).min(3_650_000);
        self.span.to <= zone.shifted(self.span.from, days.days())
    }

    /// Moves an instant of this range to the range compared with.
    pub(crate) fn back(&self, compare: Compare, at: i64, zone: &Zone) -> i64 {
        match (compare, self.length) {
            (Compare::PreviousYear, _) => zone.shifted(at, (-1).years()),
            (Compare::PreviousPeriod, Distance::Days(days)) => {
                zone.shifted(at, (-i64::from(days)).days())
            }
            (Compare::PreviousPeriod, Distance::Millis(ms)) => at - ms,
        }
    }

    /// The range compared with.
    pub(crate) fn before(&self, compare: Compare, zone: &Zone) -> Span {
        let from = self.back(compare, self.span.from, zone);
        let to = match compare {
            Compare::PreviousPeriod => self.span.from,
            Compare::PreviousYear => self.back(compare, self.span.to, zone),
        };
        Span { from, to }
    }
}

fn hours(count: u32, now: i64, zone: &Zone) -> Window {
    let unit = if count == 1 {
        Granularity::Minute
    } else {
        Granularity::Hour
    };
    let to = next(floor(now, unit, zone), unit, zone);
    Window::of_dates(Span {
        from: to - i64::from(count) * 3_600_000,
        to,
    })
}

fn days(count: i64, now: i64, zone: &Zone) -> Window {
    since(count.days(), now, zone)
}

fn since(length: Length, now: i64, zone: &Zone) -> Window {
    let today = zone.at(now).date();
    let tomorrow = today.checked_add(1.day()).unwrap_or(today);
    let first = tomorrow.checked_sub(length).unwrap_or(Date::ZERO);
    let days = tomorrow.since(first).map_or(1, |length| length.get_days());
    Window {
        span: Span {
            from: zone.start_of(first),
            to: zone.start_of(tomorrow),
        },
        length: Distance::Days(days),
    }
}

/// The step of a time series when the document leaves the choice open: some dozens of points, not thousands.
pub(crate) fn usual_granularity(span: Span) -> Granularity {
    const HOUR: i64 = 3_600_000;
    const DAY: i64 = 24 * HOUR;
    match span.to - span.from {
        // One hour more than the round number: a day on which clocks go back counts as a day.
        length if length <= 2 * HOUR => Granularity::Minute,
        length if length <= 2 * DAY + HOUR => Granularity::Hour,
        length if length <= 92 * DAY + HOUR => Granularity::Day,
        length if length <= 731 * DAY + HOUR => Granularity::Week,
        _ => Granularity::Month,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_millisecond()
    }

    fn shown(span: Span) -> [String; 2] {
        [span.from, span.to].map(|at| Timestamp::from_millisecond(at).unwrap().to_string())
    }

    fn check(zone: &str, period: &str, now: &str, expect: [&str; 2], before: [&str; 2]) {
        let zone = Zone::named(zone).unwrap();
        let window = Window::of_period(Period::parse(period).unwrap(), ms(now), &zone);
        assert_eq!(shown(window.span), expect, "{period}");
        assert_eq!(
            shown(window.before(Compare::PreviousPeriod, &zone)),
            before,
            "before {period}"
        );
    }

    #[test]
    fn a_period_of_days_is_made_of_calendar_days() {
        check(
            "Europe/Berlin",
            "7d",
            "2026-04-01T12:34:56Z",
            ["2026-03-25T23:00:00Z", "2026-04-01T22:00:00Z"],
            ["2026-03-18T23:00:00Z", "2026-03-25T23:00:00Z"],
        );
        check(
            "Pacific/Auckland",
            "1d",
            "2026-03-01T12:00:00Z",
            ["2026-03-01T11:00:00Z", "2026-03-02T11:00:00Z"],
            ["2026-02-28T11:00:00Z", "2026-03-01T11:00:00Z"],
        );
        check(
            "UTC",
            "2w",
            "2026-03-31T00:00:00Z",
            ["2026-03-18T00:00:00Z", "2026-04-01T00:00:00Z"],
            ["2026-03-04T00:00:00Z", "2026-03-18T00:00:00Z"],
        );
    }

    #[test]
    fn months_and_years_count_back_from_tomorrow() {
        check(
            "UTC",
            "1m",
            "2026-03-24T01:00:00Z",
            ["2026-02-25T00:00:00Z", "2026-03-25T00:00:00Z"],
            ["2026-01-28T00:00:00Z", "2026-02-25T00:00:00Z"],
        );
        check(
            "UTC",
            "1y",
            "2024-02-28T01:00:00Z",
            ["2023-02-28T00:00:00Z", "2024-02-29T00:00:00Z"],
            ["2022-02-27T00:00:00Z", "2023-02-28T00:00:00Z"],
        );
    }

    #[test]
    fn hours_end_with_the_hour_that_runs_and_one_hour_with_the_minute() {
        check(
            "Asia/Kolkata",
            "24h",
            "2026-03-02T10:45:00Z",
            ["2026-03-01T11:30:00Z", "2026-03-02T11:30:00Z"],
            ["2026-02-28T11:30:00Z", "2026-03-01T11:30:00Z"],
        );
        check(
            "UTC",
            "1h",
            "2026-03-02T10:45:10Z",
            ["2026-03-02T09:46:00Z", "2026-03-02T10:46:00Z"],
            ["2026-03-02T08:46:00Z", "2026-03-02T09:46:00Z"],
        );
    }

    #[test]
    fn a_year_before_keeps_the_dates() {
        let zone = Zone::named("Europe/Berlin").unwrap();
        let window = Window::of_period(
            Period::parse("2d").unwrap(),
            ms("2024-02-29T12:00:00Z"),
            &zone,
        );
        let before = shown(window.before(Compare::PreviousYear, &zone));
        assert_eq!(before, ["2023-02-27T23:00:00Z", "2023-02-28T23:00:00Z"]);
    }

    #[test]
    fn the_longest_range_counts_days_of_the_calendar() {
        let zone = Zone::named("Europe/Berlin").unwrap();
        // 25 hours of the day on which the clocks go back are one day.
        let day = Window::of_dates(Span {
            from: ms("2026-10-24T22:00:00Z"),
            to: ms("2026-10-25T23:00:00Z"),
        });
        assert!(day.fits_days(1, &zone));
        let more = Window::of_dates(Span {
            from: ms("2026-10-24T22:00:00Z"),
            to: ms("2026-10-25T23:00:00.001Z"),
        });
        assert!(!more.fits_days(1, &zone));
    }

    #[test]
    fn the_step_follows_the_length() {
        for (period, expect) in [
            ("1h", Granularity::Minute),
            ("24h", Granularity::Hour),
            ("2d", Granularity::Hour),
            ("7d", Granularity::Day),
            ("90d", Granularity::Day),
            ("6m", Granularity::Week),
            ("2y", Granularity::Week),
            ("3y", Granularity::Month),
        ] {
            let window = Window::of_period(
                Period::parse(period).unwrap(),
                ms("2026-10-26T12:00:00Z"),
                &Zone::utc(),
            );
            assert_eq!(usual_granularity(window.span), expect, "{period}");
        }
    }

    #[test]
    fn only_names_of_zones_are_zones() {
        assert!(is_time_zone("Europe/Berlin") && is_time_zone("UTC"));
        assert!(
            !is_time_zone("Mars/Olympus") && !is_time_zone("") && !is_time_zone("../etc/passwd")
        );
    }
}
