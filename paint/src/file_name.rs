//! What a saved file is called: its widget and the days that it is of.

use emban_contract::dashboard::PeriodUnit;
use emban_contract::embed::SurfaceWidget;
use emban_contract::time::DAY_MS;
use emban_contract::{UnixMillis, WidgetId};

use crate::Screen;
use crate::choice::day_at;

const HOUR_MS: i64 = 3_600_000;
const MINUTE_MS: i64 = 60_000;

/// `top-destinations_2026-03-01_2026-03-30.csv`, the days being those of the session's zone. `end` is the part after the dot.
pub fn file_name(screen: &Screen<'_>, widget: &WidgetId, now: UnixMillis, end: &str) -> String {
    let found = screen
        .surface
        .widgets
        .iter()
        .find(|found| found.id == *widget);
    let mut name = slug(found.map_or("", |widget| widget.title.as_str()));
    if name.is_empty() {
        name = widget.as_str().to_owned();
    }
    for part in span(screen, found, now) {
        name.push('_');
        name.push_str(&part);
    }
    [&name, ".", end].concat()
}

/// A title in letters that every file system and shell takes: small, with hyphens for all but letters and digits.
fn slug(title: &str) -> String {
    let (mut out, mut gap) = (String::new(), false);
    for c in title.chars() {
        let stays = c.is_ascii_alphanumeric() || !c.is_ascii();
        if stays {
            if gap && !out.is_empty() {
                out.push('-');
            }
            out.push(c.to_ascii_lowercase());
        }
        gap = !stays;
    }
    out
}

/// First and last day of a widget's figures. Months and years stand by their number in the place of the first: how a calendar
/// goes back over the end of a month is the server's to say.
fn span(screen: &Screen<'_>, widget: Option<&SurfaceWidget>, now: UnixMillis) -> [String; 2] {
    let local = |at: UnixMillis| at.0 + i64::from(screen.offset_at(at)) * 1000;
    let (own, chosen) = (widget.and_then(|widget| widget.period), screen.choice);
    let (first, last) = match (own, chosen.dates) {
        (None, Some(dates)) => (local(dates.from), local(UnixMillis(dates.to.0 - 1))),
        _ => {
            let period = own.or(chosen.period);
            let period = period.unwrap_or(screen.surface.filters.default_period);
            let (now, count) = (local(now), i64::from(period.count));
            // The last hour ends with the running minute, hours with the running hour, all else with the day.
            let (unit, step) = match period.unit {
                PeriodUnit::Hour if count == 1 => (HOUR_MS, MINUTE_MS),
                PeriodUnit::Hour => (HOUR_MS, HOUR_MS),
                PeriodUnit::Day => (DAY_MS, DAY_MS),
                PeriodUnit::Week => (7 * DAY_MS, DAY_MS),
                PeriodUnit::Month | PeriodUnit::Year => {
                    return [period.to_string(), date(now)];
                }
            };
            (now - now.rem_euclid(step) + step - count * unit, now)
        }
    };
    [date(first), date(last)]
}

fn date(local_ms: i64) -> String {
    day_at(UnixMillis(local_ms), 0)
}

#[cfg(test)]
mod tests {
    use emban_contract::dashboard::Period;
    use emban_contract::filters::DateRange;

    use super::*;
    use crate::{Choice, Language, Styles};

    fn name(
        choice: &Choice,
        widget: &str,
        now: &str,
        offset_at: fn(&str, UnixMillis) -> i32,
    ) -> String {
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
            svg: crate::fixed,
        };
        let now = UnixMillis::parse(now).unwrap();
        file_name(&screen, &WidgetId::new(widget).unwrap(), now, "csv")
    }

    #[test]
    fn a_file_is_named_by_its_widget_and_the_days_of_the_session() {
        let [kolkata, utc]: [fn(&str, UnixMillis) -> i32; 2] = [|_, _| 19_800, |_, _| 0];
        let none = Choice::default();
        let late = "2026-03-08T20:00:00Z";
        assert_eq!(
            name(&none, "calls", late, utc),
            "all-calls_2026-03-02_2026-03-08.csv"
        );
        assert_eq!(
            name(&none, "calls", late, kolkata),
            "all-calls_2026-03-03_2026-03-09.csv"
        );
        let dates = DateRange {
            from: UnixMillis::parse("2026-02-27T18:30:00Z").unwrap(),
            to: UnixMillis::parse("2026-02-28T18:30:00Z").unwrap(),
        };
        let dated = none.with_dates(dates);
        assert_eq!(
            name(&dated, "calls", late, kolkata),
            "all-calls_2026-02-28_2026-02-28.csv"
        );
        assert_eq!(
            name(&dated, "own", late, utc),
            "own_2026-03-07_2026-03-08.csv",
            "a period of its own"
        );
    }

    #[test]
    fn a_period_begins_where_the_server_lets_it_begin() {
        for (period, now, first) in [
            ("1d", "2026-03-08T20:00:00Z", "2026-03-08"),
            ("30d", "2026-03-08T20:00:00Z", "2026-02-07"),
            ("2w", "2026-03-08T20:00:00Z", "2026-02-23"),
            ("24h", "2026-03-08T23:30:00Z", "2026-03-08"),
            ("24h", "2026-03-08T22:30:00Z", "2026-03-07"),
            ("1h", "2026-03-08T00:20:00Z", "2026-03-07"),
            ("12m", "2026-03-08T20:00:00Z", "12m"),
        ] {
            let choice = Choice::default().with_period(Period::parse(period).unwrap());
            let expect = format!("all-calls_{first}_2026-03-08.csv");
            assert_eq!(name(&choice, "calls", now, |_, _| 0), expect, "{period}");
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
