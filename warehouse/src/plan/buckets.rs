//! The steps of a time series, computed from the calendar of the session's zone.
//!
//! Boundaries are made here and handed to the engine, rather than computed by the engine's own time zone tables: the
//! server, the drill-down and the tests then speak of the same instants.

use emban_contract::dashboard::Granularity;
use jiff::civil::{Date, Weekday};
use jiff::{Timestamp, ToSpan as _};

use super::Span;
use super::period::Zone;

/// Consecutive steps: boundaries in Unix milliseconds, ascending, one more than there are steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Buckets {
    bounds: Vec<i64>,
}

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 3_600_000;

impl Buckets {
    /// The steps that `span` touches; the first and the last may reach beyond it.
    ///
    /// Missing: `Err` with the number of steps when there are more than `most`.
    pub(crate) fn over(
        span: Span,
        granularity: Granularity,
        zone: &Zone,
        most: usize,
    ) -> Result<Self, usize> {
        let mut bounds = vec![floor(span.from, granularity, zone)];
        let mut last = floor(span.from, granularity, zone);
        while last < span.to {
            if bounds.len() > most {
                return Err(bounds.len());
            }
            last = next(last, granularity, zone);
            bounds.push(last);
        }
        if bounds.len() == 1 {
            bounds.push(next(last, granularity, zone));
        }
        Ok(Self { bounds })
    }

    /// The same number of steps elsewhere; boundaries that fall together make an empty step.
    pub(crate) fn moved(&self, mut to: impl FnMut(i64) -> i64) -> Self {
        let mut latest = i64::MIN;
        let moved = self.bounds.iter().map(|bound| {
            latest = latest.max(to(*bound));
            latest
        });
        Self {
            bounds: moved.collect(),
        }
    }

    /// Every boundary, the end of the last step among them.
    pub(crate) fn bounds(&self) -> &[i64] {
        &self.bounds
    }

    pub(crate) fn len(&self) -> usize {
        self.bounds.len().saturating_sub(1)
    }

    pub(crate) fn first(&self) -> i64 {
        self.bounds.first().copied().unwrap_or_default()
    }

    /// First instant after the last step.
    pub(crate) fn end(&self) -> i64 {
        self.bounds.last().copied().unwrap_or_default()
    }

    /// Start of each step.
    pub(crate) fn starts(&self) -> &[i64] {
        self.bounds.get(..self.len()).unwrap_or_default()
    }

    /// Length of every step in milliseconds, if all are equally long.
    pub(crate) fn step(&self) -> Option<i64> {
        let mut lengths = self
            .bounds
            .iter()
            .zip(self.bounds.iter().skip(1))
            .map(|(from, to)| to - from);
        let first = lengths.next()?;
        (first > 0 && lengths.all(|length| length == first)).then_some(first)
    }

    /// The step that an instant lies in.
    pub(crate) fn index_at(&self, at: i64) -> Option<usize> {
        if at >= self.end() {
            return None;
        }
        self.bounds
            .partition_point(|bound| *bound <= at)
            .checked_sub(1)
    }

    /// The step that starts at an instant.
    pub(crate) fn starting_at(&self, at: i64) -> Option<Span> {
        let index = self.index_at(at)?;
        let (from, to) = (*self.bounds.get(index)?, *self.bounds.get(index + 1)?);
        (from == at).then_some(Span { from, to })
    }

    /// The step that the engine's `bucket` column names: a number when all are equally long, else a start.
    pub(crate) fn index_of_column(&self, column: i64) -> Option<usize> {
        match self.step() {
            Some(_) => usize::try_from(column)
                .ok()
                .filter(|index| *index < self.len()),
            None => self.index_at(column),
        }
    }
}

/// Start of the step that holds an instant.
pub(crate) fn floor(at: i64, granularity: Granularity, zone: &Zone) -> i64 {
    let local = zone.at(at);
    match granularity {
        Granularity::Minute => at - at.rem_euclid(MINUTE_MS),
        Granularity::Hour | Granularity::Auto => floor_hour(at, zone),
        Granularity::Day | Granularity::Week | Granularity::Month | Granularity::Quarter => zone
            .start_of(first_day(local.date(), granularity, zone.week_start()))
            .min(at),
    }
}

/// Start of the step after the one that starts at `start`; always later.
pub(crate) fn next(start: i64, granularity: Granularity, zone: &Zone) -> i64 {
    let by_calendar = match granularity {
        Granularity::Minute => start + MINUTE_MS,
        Granularity::Hour | Granularity::Auto => {
            // A zone that moves by half an hour makes one step longer, so that hours begin on the hour again.
            let after = start + HOUR_MS;
            let past = i64::from(zone.at(after).minute()) * MINUTE_MS;
            if past == 0 {
                after
            } else {
                after + HOUR_MS - past
            }
        }
        Granularity::Day | Granularity::Week | Granularity::Month | Granularity::Quarter => {
            let mut date = first_day(zone.at(start).date(), granularity, zone.week_start());
            // A zone that crossed the date line has left out a whole day: its start is the next day's.
            loop {
                date = following(date, granularity);
                let next = zone.start_of(date);
                if next > start || date == Date::MAX {
                    break next;
                }
            }
        }
    };
    by_calendar.max(start + 1)
}

fn floor_hour(at: i64, zone: &Zone) -> i64 {
    let before = |at: i64| {
        let local = zone.at(at);
        let past = i64::from(local.minute()) * MINUTE_MS
            + i64::from(local.second()) * 1000
            + i64::from(local.millisecond());
        at - past
    };
    // Where clocks moved by half an hour since, that is no hour yet: the hour before is the longer one.
    before(before(at))
}

fn first_day(date: Date, granularity: Granularity, week_start: Weekday) -> Date {
    match granularity {
        Granularity::Week => {
            let back = date.weekday().since(week_start);
            date.checked_sub(i64::from(back).days()).unwrap_or(date)
        }
        Granularity::Month => date.first_of_month(),
        Granularity::Quarter => {
            let month = (date.month() - 1) / 3 * 3 + 1;
            Date::new(date.year(), month, 1).unwrap_or(date)
        }
        Granularity::Auto | Granularity::Minute | Granularity::Hour | Granularity::Day => date,
    }
}

fn following(date: Date, granularity: Granularity) -> Date {
    let step = match granularity {
        Granularity::Week => 1.week(),
        Granularity::Month => 1.month(),
        Granularity::Quarter => 3.months(),
        Granularity::Auto | Granularity::Minute | Granularity::Hour | Granularity::Day => 1.day(),
    };
    date.checked_add(step).unwrap_or(Date::MAX)
}

/// Offsets of a zone over a span: from when on, seconds east of UTC. Sorted, at least one, the first at the span's start.
pub(crate) fn offsets(span: Span, zone: &Zone) -> Vec<(i64, i32)> {
    let first = zone.at(span.from);
    let mut found = vec![(span.from, first.offset().seconds())];
    let Ok(from) = Timestamp::from_millisecond(span.from) else {
        return found;
    };
    for change in zone.time_zone().following(from) {
        let at = change.timestamp().as_millisecond();
        if at >= span.to {
            break;
        }
        let seconds = change.offset().seconds();
        if found.last().is_some_and(|(_, last)| *last != seconds) {
            found.push((at, seconds));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_millisecond()
    }

    fn check(zone: &str, granularity: Granularity, from: &str, to: &str, expect: &[&str]) {
        let zone = Zone::named(zone).unwrap();
        let span = Span {
            from: ms(from),
            to: ms(to),
        };
        let buckets = Buckets::over(span, granularity, &zone, 100).unwrap();
        let bounds: Vec<String> = buckets
            .bounds
            .iter()
            .map(|at| Timestamp::from_millisecond(*at).unwrap().to_string())
            .collect();
        assert_eq!(bounds, expect);
    }

    #[test]
    fn days_of_a_change_of_clocks_are_23_and_25_hours_long() {
        check(
            "Europe/Berlin",
            Granularity::Day,
            "2026-03-28T12:00:00Z",
            "2026-03-30T00:00:00Z",
            &[
                "2026-03-27T23:00:00Z",
                "2026-03-28T23:00:00Z",
                "2026-03-29T22:00:00Z",
                "2026-03-30T22:00:00Z",
            ],
        );
        check(
            "America/New_York",
            Granularity::Day,
            "2026-11-01T04:00:00Z",
            "2026-11-02T05:00:00Z",
            &["2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"],
        );
    }

    #[test]
    fn hours_begin_on_the_hour_of_the_wall_clock() {
        check(
            "Asia/Kolkata",
            Granularity::Hour,
            "2026-03-01T00:00:00Z",
            "2026-03-01T01:30:00Z",
            &[
                "2026-02-28T23:30:00Z",
                "2026-03-01T00:30:00Z",
                "2026-03-01T01:30:00Z",
            ],
        );
        // Both hours called 02:00 are there.
        check(
            "Europe/Berlin",
            Granularity::Hour,
            "2026-10-25T00:00:00Z",
            "2026-10-25T02:00:00Z",
            &[
                "2026-10-25T00:00:00Z",
                "2026-10-25T01:00:00Z",
                "2026-10-25T02:00:00Z",
            ],
        );
        // Lord Howe goes back by half an hour, at 02:00 to 01:30.
        check(
            "Australia/Lord_Howe",
            Granularity::Hour,
            "2026-04-04T14:00:00Z",
            "2026-04-04T16:00:00Z",
            &[
                "2026-04-04T14:00:00Z",
                "2026-04-04T15:30:00Z",
                "2026-04-04T16:30:00Z",
            ],
        );
    }

    #[test]
    fn an_hour_in_which_clocks_move_by_half_an_hour_is_half_an_hour_longer() {
        let zone = Zone::named("Australia/Lord_Howe").unwrap();
        for at in ["14:00", "14:59", "15:00", "15:10", "15:29"] {
            let at = ms(&format!("2026-04-04T{at}:00Z"));
            assert_eq!(
                floor(at, Granularity::Hour, &zone),
                ms("2026-04-04T14:00:00Z")
            );
        }
        check(
            "Australia/Lord_Howe",
            Granularity::Hour,
            "2026-04-04T15:10:00Z",
            "2026-04-04T16:00:00Z",
            &[
                "2026-04-04T14:00:00Z",
                "2026-04-04T15:30:00Z",
                "2026-04-04T16:30:00Z",
            ],
        );
    }

    #[test]
    fn weeks_begin_as_the_locale_has_it() {
        let zone = Zone::named("America/New_York").unwrap();
        let at = ms("2026-03-18T12:00:00Z");
        for (locale, start) in [
            (None, "2026-03-16T04:00:00Z"),
            (Some("de"), "2026-03-16T04:00:00Z"),
            (Some("en-US"), "2026-03-15T04:00:00Z"),
            (Some("ar-EG"), "2026-03-14T04:00:00Z"),
        ] {
            let zone = zone.clone().with_weeks_of(locale);
            assert_eq!(floor(at, Granularity::Week, &zone), ms(start), "{locale:?}");
        }
    }

    #[test]
    fn weeks_begin_on_monday_and_months_on_the_first() {
        check(
            "UTC",
            Granularity::Week,
            "2026-03-01T00:00:00Z",
            "2026-03-09T00:00:00Z",
            &[
                "2026-02-23T00:00:00Z",
                "2026-03-02T00:00:00Z",
                "2026-03-09T00:00:00Z",
            ],
        );
        check(
            "America/New_York",
            Granularity::Month,
            "2026-03-31T00:00:00Z",
            "2026-04-01T05:00:00Z",
            &[
                "2026-03-01T05:00:00Z",
                "2026-04-01T04:00:00Z",
                "2026-05-01T04:00:00Z",
            ],
        );
        check(
            "UTC",
            Granularity::Quarter,
            "2026-03-31T00:00:00Z",
            "2026-04-02T00:00:00Z",
            &[
                "2026-01-01T00:00:00Z",
                "2026-04-01T00:00:00Z",
                "2026-07-01T00:00:00Z",
            ],
        );
    }

    #[test]
    fn a_day_that_never_was_is_no_step() {
        check(
            "Pacific/Apia",
            Granularity::Day,
            "2011-12-29T10:00:00Z",
            "2011-12-31T10:00:00Z",
            &[
                "2011-12-29T10:00:00Z",
                "2011-12-30T10:00:00Z",
                "2011-12-31T10:00:00Z",
            ],
        );
    }

    #[test]
    fn a_midnight_that_the_clocks_skip_starts_the_day_at_one() {
        // Beirut: 2026-03-29 begins at 01:00.
        check(
            "Asia/Beirut",
            Granularity::Day,
            "2026-03-28T22:00:00Z",
            "2026-03-29T21:00:00Z",
            &["2026-03-28T22:00:00Z", "2026-03-29T21:00:00Z"],
        );
    }

    #[test]
    fn offsets_name_each_change() {
        let zone = Zone::named("Europe/Berlin").unwrap();
        let span = Span {
            from: ms("2026-03-01T00:00:00Z"),
            to: ms("2026-11-01T00:00:00Z"),
        };
        let expect = [
            (span.from, 3600),
            (ms("2026-03-29T01:00:00Z"), 7200),
            (ms("2026-10-25T01:00:00Z"), 3600),
        ];
        assert_eq!(offsets(span, &zone), expect);
    }

    #[test]
    fn too_many_steps_are_counted_no_further() {
        let zone = Zone::named("UTC").unwrap();
        let span = Span {
            from: 0,
            to: i64::from(u32::MAX) * 1000,
        };
        assert_eq!(Buckets::over(span, Granularity::Minute, &zone, 10), Err(11));
    }

    #[test]
    fn an_instant_finds_its_step() {
        let zone = Zone::named("Europe/Berlin").unwrap();
        let span = Span {
            from: ms("2026-03-27T23:00:00Z"),
            to: ms("2026-03-30T22:00:00Z"),
        };
        let buckets = Buckets::over(span, Granularity::Day, &zone, 10).unwrap();
        assert_eq!((buckets.len(), buckets.step()), (3, None));
        assert_eq!(buckets.index_at(ms("2026-03-28T22:59:59Z")), Some(0));
        assert_eq!(buckets.index_at(ms("2026-03-28T23:00:00Z")), Some(1));
        assert_eq!(buckets.index_at(ms("2026-03-30T22:00:00Z")), None);
        assert_eq!(buckets.index_at(ms("2026-03-27T22:00:00Z")), None);
    }
}
