//! Labels of a time axis: round times in the session's zone that never overlap.

mod interval;

use interval::{INTERVALS, TickUnit};

use crate::calendar::{Step, Zone};
use crate::locale::Locale;
use crate::scene::TextStyle;

/// Least room between two labels, CSS pixels.
const GAP_PX: f64 = 12.0;
/// Labels closer than this look crowded, unless every bucket has one.
const CALM_PX: f64 = 68.0;

/// The range an axis shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TimeSpan<'a> {
    /// Begin of each bucket, sorted.
    pub(crate) times: &'a [i64],
    pub(crate) step: Step,
    pub(crate) zone: &'a Zone,
    pub(crate) locale: &'a Locale,
    /// Labels stay between 0 and this.
    pub(crate) width: f64,
}

/// A label with the position of its middle.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TimeLabel {
    pub(crate) x: f64,
    pub(crate) text: String,
}

/// The labels of an axis in two rows.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct TimeLabels {
    pub(crate) ticks: Vec<TimeLabel>,
    /// What the ticks leave out, where it changes: the date of an hour, the year of a month.
    pub(crate) contexts: Vec<TimeLabel>,
}

/// A tick that has found its place.
#[derive(Debug, Clone, PartialEq)]
struct Placed {
    t_ms: i64,
    /// Middle of the label, moved inwards at the ends.
    x: f64,
    text: String,
    width: f64,
}

/// Chooses the finest labels that fit, `x` giving the pixel of an instant or none where there is no bucket.
pub(crate) fn time_labels(span: &TimeSpan<'_>, x: &dyn Fn(i64) -> Option<f64>) -> TimeLabels {
    let (Some(&first), Some(&last)) = (span.times.first(), span.times.last()) else {
        return TimeLabels::default();
    };
    for interval in INTERVALS
        .iter()
        .filter(|interval| interval.suits(span.step))
    {
        if interval.count_in(first, last) > 200 || !interval.reads_well(first, last) {
            continue;
        }
        let times = interval.ticks(first, last, span.zone, week_start(span, first));
        let all_labelled = times.len() == span.times.len();
        let texts = times
            .iter()
            .filter_map(|&t| Some((t, x(t)?, tick_text(interval.unit, t, span))))
            .collect();
        let Some(placed) = place(texts, span.width) else {
            continue;
        };
        let crowded =
            placed.len() as f64 * CALM_PX > span.width && !all_labelled && placed.len() > 3;
        if placed.len() >= 2 && !crowded {
            return finish(placed, interval.unit, span);
        }
    }
    ends(first, last, span, x)
}

/// Labels the first and the last bucket, for ranges that hold no two round times.
fn ends(first: i64, last: i64, span: &TimeSpan<'_>, x: &dyn Fn(i64) -> Option<f64>) -> TimeLabels {
    let unit = interval::unit_of(span.step);
    let mut times = vec![first, last];
    times.dedup();
    let label = |&t: &i64| Some((t, x(t)?, tick_text(unit, t, span)));
    let both = place(times.iter().filter_map(label).collect(), span.width);
    let placed =
        both.or_else(|| place(times.iter().take(1).filter_map(label).collect(), span.width));
    finish(placed.unwrap_or_default(), unit, span)
}

/// Weeks begin where the data's weeks begin, and otherwise as the locale has it.
fn week_start(span: &TimeSpan<'_>, first: i64) -> u32 {
    if span.step == Step::Week {
        crate::calendar::weekday(span.zone.wall(first).days)
    } else {
        span.locale.first_weekday
    }
}

fn tick_text(unit: TickUnit, t_ms: i64, span: &TimeSpan<'_>) -> String {
    let wall = span.zone.wall(t_ms);
    match unit {
        TickUnit::Minute | TickUnit::Hour => span.locale.time(wall),
        TickUnit::Day | TickUnit::Week => span.locale.month_day(wall.date()),
        TickUnit::Month => span.locale.month(wall.date()),
        TickUnit::Year => span.locale.year(wall.date()),
    }
}

/// Moves labels inside the picture; none if two of them come too close or one is too wide.
fn place(texts: Vec<(i64, f64, String)>, width: f64) -> Option<Vec<Placed>> {
    let mut placed: Vec<Placed> = Vec::with_capacity(texts.len());
    for (t_ms, x, text) in texts {
        let label = TextStyle::Tick.width(&text);
        if label > width {
            return None;
        }
        let x = x.min(width - label / 2.0).max(label / 2.0);
        if placed
            .last()
            .is_some_and(|before| x - label / 2.0 < before.x + before.width / 2.0 + GAP_PX)
        {
            return None;
        }
        placed.push(Placed {
            t_ms,
            x,
            text,
            width: label,
        });
    }
    Some(placed)
}

fn finish(placed: Vec<Placed>, unit: TickUnit, span: &TimeSpan<'_>) -> TimeLabels {
    let contexts = contexts(&placed, unit, span);
    let ticks = placed
        .into_iter()
        .map(|tick| TimeLabel {
            x: tick.x,
            text: tick.text,
        })
        .collect();
    TimeLabels { ticks, contexts }
}

fn contexts(placed: &[Placed], unit: TickUnit, span: &TimeSpan<'_>) -> Vec<TimeLabel> {
    let date = |tick: &Placed| span.zone.wall(tick.t_ms).date();
    let year = |tick: Option<&Placed>| tick.map(|tick| date(tick).year);
    let one_year = year(placed.first()) == year(placed.last());
    if unit == TickUnit::Year || (matches!(unit, TickUnit::Day | TickUnit::Week) && one_year) {
        return Vec::new();
    }
    let by_day = matches!(unit, TickUnit::Minute | TickUnit::Hour);
    let mut labels: Vec<(Placed, bool)> = Vec::new();
    let mut before = None;
    for tick in placed {
        let date = date(tick);
        let key = if by_day {
            date.days()
        } else {
            i64::from(date.year)
        };
        if before.replace(key) == Some(key) {
            continue;
        }
        let text = if by_day {
            span.locale.month_day(date)
        } else {
            span.locale.year(date)
        };
        let width = TextStyle::Context.width(&text);
        if width > span.width {
            continue;
        }
        let x = tick.x.min(span.width - width / 2.0).max(width / 2.0);
        let overlaps =
            |(last, _): &(Placed, bool)| x - width / 2.0 < last.x + last.width / 2.0 + GAP_PX;
        if labels.last().is_some_and(overlaps) {
            // The first label only says what was before; the change matters more.
            if labels.len() > 1 {
                continue;
            }
            labels.pop();
        }
        labels.push((
            Placed {
                t_ms: tick.t_ms,
                x,
                text,
                width,
            },
            true,
        ));
    }
    labels
        .into_iter()
        .map(|(label, _)| TimeLabel {
            x: label.x,
            text: label.text,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::{DAY_MS, HOUR_MS, OffsetChange};
    use crate::locale::{EN, EN_GB};

    /// 2025-03-01 00:00 UTC, a Saturday.
    const MARCH: i64 = 1_740_787_200_000;

    fn labels(
        times: &[i64],
        step: Step,
        zone: &Zone,
        locale: &Locale,
        width: f64,
    ) -> (String, String) {
        let (first, last) = (times[0], times[times.len() - 1]);
        let span = TimeSpan {
            times,
            step,
            zone,
            locale,
            width,
        };
        let x = |t: i64| Some((t - first) as f64 / (last - first).max(1) as f64 * width);
        let result = time_labels(&span, &x);
        let join = |labels: &[TimeLabel]| {
            labels
                .iter()
                .map(|label| label.text.replace('\u{a0}', " "))
                .collect::<Vec<_>>()
                .join("|")
        };
        (join(&result.ticks), join(&result.contexts))
    }

    fn every(ms: i64, count: i64) -> Vec<i64> {
        (0..count).map(|index| MARCH + index * ms).collect()
    }

    #[test]
    fn days_are_labelled_by_weeks_that_begin_as_the_locale_has_it() {
        let days = every(DAY_MS, 30);
        let utc = Zone::utc();
        assert_eq!(
            labels(&days, Step::Day, &utc, &EN, 600.0).0,
            "Mar 2|Mar 9|Mar 16|Mar 23|Mar 30"
        );
        assert_eq!(
            labels(&days, Step::Day, &utc, &EN_GB, 600.0).0,
            "3 Mar|10 Mar|17 Mar|24 Mar"
        );
    }

    #[test]
    fn hours_carry_their_date_below() {
        let (ticks, contexts) =
            labels(&every(HOUR_MS, 25), Step::Hour, &Zone::utc(), &EN_GB, 500.0);
        assert_eq!(
            (ticks.as_str(), contexts.as_str()),
            ("00:00|06:00|12:00|18:00|00:00", "1 Mar|2 Mar")
        );
    }

    #[test]
    fn ticks_stand_at_local_midnight_on_both_sides_of_a_clock_change() {
        let zone = Zone::new(vec![
            OffsetChange {
                from_ms: 1_735_686_000_000,
                offset_seconds: 3600,
            },
            OffsetChange {
                from_ms: 1_743_296_400_000,
                offset_seconds: 7200,
            },
        ]);
        let begin = 1_743_202_800_000; // 2025-03-29 00:00 in Berlin
        let hours: Vec<i64> = (0..72).map(|index| begin + index * HOUR_MS).collect();
        let (ticks, contexts) = labels(&hours, Step::Hour, &zone, &EN_GB, 560.0);
        assert_eq!(ticks, "00:00|12:00|00:00|12:00|00:00|12:00|00:00");
        assert_eq!(contexts, "29 Mar|30 Mar|31 Mar|1 Apr");
    }

    #[test]
    fn the_year_is_shown_where_it_changes() {
        let zone = Zone::utc();
        let months: Vec<i64> = (0..14)
            .map(|m| crate::calendar::Date::from_months(2024 * 12 + 8 + m).days() * DAY_MS)
            .collect();
        let (ticks, contexts) = labels(&months, Step::Month, &zone, &EN, 900.0);
        assert!(
            ticks.starts_with("Sep|") || ticks.starts_with("Oct|"),
            "{ticks}"
        );
        assert_eq!(contexts, "2024|2025");
    }

    #[test]
    fn a_narrow_axis_keeps_two_labels_and_a_single_bucket_one() {
        let ticks = labels(&every(DAY_MS, 30), Step::Day, &Zone::utc(), &EN, 130.0).0;
        assert_eq!(ticks.split('|').count(), 2, "{ticks}");
        assert_eq!(
            labels(&every(DAY_MS, 1), Step::Day, &Zone::utc(), &EN, 130.0).0,
            "Mar 1"
        );
    }
}
