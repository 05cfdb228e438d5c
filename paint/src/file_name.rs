//! What a saved file is called: its widget and the days that it is of.

use emban_contract::dashboard::{Period, PeriodUnit};
use emban_contract::embed::SurfaceWidget;
use emban_contract::time::{CivilDate, DAY_MS, civil_from_days, days_from_civil};
use emban_contract::{UnixMillis, WidgetId};

use crate::Screen;
use crate::choice::day_at;

const HOUR_MS: i64 = 3_600_000;
const MINUTE_MS: i64 = 60_000;

/// `top-destinations_2026-03-01_2026-03-30.csv`, the days being those of the session's zone. `end` is the part after the dot.
pub fn file_name(screen: &Screen<'_>, widget: &WidgetId, now: UnixMillis, end: &str) -> String {
    let found = screen.surface.widgets.iter().find(|found| found.id == *widget);
    let mut name = slug(found.map_or("", |widget| &widget.title));
    if name.is_empty() {
        name = widget.as_str().to_owned();
    }
    let (first, last) = days(screen, found, now);
    for day in [first, last] {
        name.push('_');
        name.push_str(&day_at(UnixMillis(day * DAY_MS), 0));
    }
    [&name, ".", end].concat()
}

/// A title in letters that every file system and shell takes: small, with hyphens for all but letters and digits.
fn slug(title: &str) -> String {
    let mut out = String::new();
    for c in title.chars() {
        if c.is_ascii_alphanumeric() || !c.is_ascii() {
            out.push(c.to_ascii_lowercase());
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    out.truncate(out.trim_end_matches('-').len());
    out
}

/// First and last day of a widget's figures, in days since 1970.
fn days(screen: &Screen<'_>, widget: Option<&SurfaceWidget>, now: UnixMillis) -> (i64, i64) {
    let local = |at: UnixMillis| at.0 + i64::from(screen.offset_at(at)) * 1000;
    let own = widget.and_then(|widget| widget.period);
    if let (None, Some(dates)) = (own, screen.choice.dates) {
        let last = UnixMillis(dates.to.0 - 1);
        return (local(dates.from).div_euclid(DAY_MS), local(last).div_euclid(DAY_MS));
    }
    let chosen = screen.choice.period.unwrap_or(screen.surface.filters.default_period);
    let now = local(now);
    (first_day(own.unwrap_or(chosen), now), now.div_euclid(DAY_MS))
}

/// First day of a period that ends with the running day, or hour; `now` is on the session's clocks.
fn first_day(period: Period, now: i64) -> i64 {
    let count = i64::from(period.count);
    let tomorrow = now.div_euclid(DAY_MS) + 1;
    let months = match period.unit {
        PeriodUnit::Hour => {
            let step = if count == 1 { MINUTE_MS } else { HOUR_MS };
            let end = (now.div_euclid(step) + 1) * step;
            return (end - count * HOUR_MS).div_euclid(DAY_MS);
        }
        PeriodUnit::Day => return tomorrow - count,
        PeriodUnit::Week => return tomorrow - 7 * count,
        PeriodUnit::Month => count,
        PeriodUnit::Year => 12 * count,
    };
    let date = civil_from_days(tomorrow);
    let month = date.year * 12 + i64::from(date.month) - 1 - months;
    let day_of = |month: i64, day: u8| {
        days_from_civil(CivilDate {
            year: month.div_euclid(12),
            month: month.rem_euclid(12) as u8 + 1,
            day,
        })
    };
    // The last day of a month that has fewer.
    day_of(month, date.day).min(day_of(month + 1, 1) - 1)
}

#[cfg(test)]
mod tests {
    use emban_contract::filters::DateRange;

    use super::*;
    use crate::{Choice, Language, Styles};

    fn name(choice: &Choice, widget: &str, now: &str, offset_at: fn(&str, UnixMillis) -> i32) -> String {
        let surface = serde_json::from_value(serde_json::json!({
            "dashboard_id": "dash_a", "version": 1, "name": "Usage",
            "filters": { "periods": [], "default_period": "7d", "dimensions": [], "numeric_ranges": [], "date_range": true, "max_date_range_days": 0 },
            "widgets": [
                { "id": "calls", "kind": "kpi", "chart": "stat", "title": "All calls", "layout": { "x": 0, "y": 0, "w": 3, "h": 2 } },
                { "id": "own", "kind": "kpi", "chart": "stat", "title": "", "period": "24h", "layout": { "x": 3, "y": 0, "w": 3, "h": 2 } }
            ],
            "allow_drill_down": true, "allow_export": true, "timezone": "Asia/Kolkata", "refresh": 15, "expires_in": 60
        }))
        .unwrap();
        let screen = Screen {
            surface: &surface,
            choice,
            language: Language::from_tag("en"),
            offset_at,
            styles: Styles::Script,
        };
        let now = UnixMillis::parse(now).unwrap();
        file_name(&screen, &WidgetId::new(widget).unwrap(), now, "csv")
    }

    #[test]
    fn a_file_is_named_by_its_widget_and_the_days_of_the_session() {
        let [kolkata, utc]: [fn(&str, UnixMillis) -> i32; 2] = [|_, _| 19_800, |_, _| 0];
        let none = Choice::default();
        let late = "2026-03-08T20:00:00Z";
        assert_eq!(name(&none, "calls", late, utc), "all-calls_2026-03-02_2026-03-08.csv");
        assert_eq!(name(&none, "calls", late, kolkata), "all-calls_2026-03-03_2026-03-09.csv");
        let dates = DateRange {
            from: UnixMillis::parse("2026-02-27T18:30:00Z").unwrap(),
            to: UnixMillis::parse("2026-02-28T18:30:00Z").unwrap(),
        };
        let dated = none.with_dates(dates);
        assert_eq!(name(&dated, "calls", late, kolkata), "all-calls_2026-02-28_2026-02-28.csv");
        assert_eq!(name(&dated, "own", late, utc), "own_2026-03-07_2026-03-08.csv", "a period of its own");
    }

    #[test]
    fn a_period_begins_where_the_server_lets_it_begin() {
        for (period, now, expect) in [
            ("1d", "2026-03-08T20:00:00Z", "2026-03-08"),
            ("30d", "2026-03-08T20:00:00Z", "2026-02-07"),
            ("2w", "2026-03-08T20:00:00Z", "2026-02-23"),
            ("24h", "2026-03-08T23:30:00Z", "2026-03-08"),
            ("24h", "2026-03-08T22:30:00Z", "2026-03-07"),
            ("1h", "2026-03-08T00:20:00Z", "2026-03-07"),
            ("1m", "2026-03-08T20:00:00Z", "2026-02-09"),
            ("1m", "2026-03-30T20:00:00Z", "2026-02-28"),
            ("12m", "2026-01-31T20:00:00Z", "2025-02-01"),
            ("1y", "2024-02-28T20:00:00Z", "2023-02-28"),
        ] {
            let now = UnixMillis::parse(now).unwrap();
            let first = first_day(Period::parse(period).unwrap(), now.0);
            assert_eq!(day_at(UnixMillis(first * DAY_MS), 0), expect, "{period} at {now}");
        }
    }

    #[test]
    fn a_title_becomes_a_name_for_files() {
        for (title, expect) in [
            ("Top destinations", "top-destinations"),
            ("  Spend, EUR / day (net) ", "spend-eur-day-net"),
            ("../../etc/passwd", "etc-passwd"),
            ("\"a\"; b\r\nc", "a-b-c"),
            ("Übersicht 2", "Übersicht-2"),
            ("売上 合計", "売上-合計"),
            ("***", ""),
        ] {
            assert_eq!(slug(title), expect);
        }
    }
}
