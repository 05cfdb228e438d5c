//! Instants and buckets as text.

use crate::calendar::{DAY_MS, Date, Step, WallTime};
use crate::locale::Locale;

/// Names the bucket of length `step` that begins at an instant.
///
/// Units: `t_ms` Unix milliseconds UTC; `offset_seconds` seconds east of UTC at that instant.
/// A minute or hour gives date and time, a week its first and last day, a quarter its number.
pub fn format_time(t_ms: i64, step: Step, offset_seconds: i32, locale: &Locale) -> String {
    let wall = WallTime::new(t_ms, offset_seconds);
    let date = wall.date();
    match step {
        Step::Minute => [
            locale.month_day(date).as_str(),
            ", ",
            &locale.full_time(wall),
        ]
        .concat(),
        Step::Hour => [locale.month_day(date).as_str(), ", ", &locale.time(wall)].concat(),
        Step::Day => locale.full_date(date),
        Step::Week => {
            let last = WallTime::new(t_ms.saturating_add(6 * DAY_MS), offset_seconds).date();
            week(date, last, locale)
        }
        Step::Month => locale.month_year(date),
        Step::Quarter => locale.quarter(date),
        Step::Year => locale.year(date),
    }
}

fn week(first: Date, last: Date, locale: &Locale) -> String {
    let begin = if first.year == last.year {
        locale.month_day(first)
    } else {
        locale.full_date(first)
    };
    [begin.as_str(), " – ", &locale.full_date(last)].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locale::{DE, EN, JA};

    /// 2025-03-03 13:30 UTC, a Monday.
    const T: i64 = 1_741_008_600_000;

    #[track_caller]
    fn check(step: Step, offset: i32, locale: &Locale, expect: &str) {
        assert_eq!(
            format_time(T, step, offset, locale).replace('\u{a0}', " "),
            expect
        );
    }

    #[test]
    fn each_step_has_its_own_name() {
        check(Step::Hour, 0, &EN, "Mar 3, 1:30 PM");
        check(Step::Minute, 3600, &DE, "3. März, 14:30");
        check(Step::Hour, 1800, &EN, "Mar 3, 2 PM");
        check(Step::Minute, 1800, &EN, "Mar 3, 2:00 PM");
        check(Step::Day, 0, &EN, "Mar 3, 2025");
        check(Step::Week, 0, &EN, "Mar 3 – Mar 9, 2025");
        check(Step::Month, 0, &JA, "2025年3月");
        check(Step::Quarter, 0, &EN, "Q1 2025");
        check(Step::Year, 0, &EN, "2025");
    }

    #[test]
    fn the_offset_decides_the_day() {
        check(Step::Day, 11 * 3600, &EN, "Mar 4, 2025");
        check(Step::Day, -14 * 3600, &EN, "Mar 2, 2025");
    }
}
