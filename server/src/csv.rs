//! Figures as CSV (RFC 4180), fit to be opened in a spreadsheet.

use emban_contract::UnixMillis;
use emban_contract::dashboard::{Chart, Granularity};
use emban_contract::embed::{
    Cell, Column, GridData, KpiData, SeriesData, SeriesRole, Surface, SurfaceWidget, TableData,
    TimeseriesData, WidgetData,
};
use emban_paint::{Words, column_label, dimension_label, measure_label, series_label};

/// How the figures of a widget are called on the screen, and so in its file.
#[derive(Debug, Clone, Copy)]
pub struct Names<'a> {
    /// Labels of dimensions.
    pub surface: &'a Surface,
    /// Labels of measures.
    pub widget: &'a SurfaceWidget,
    /// Of the session's language.
    pub words: &'a Words,
}

impl Names<'_> {
    fn change(&self) -> String {
        [self.words.change, " (%)"].concat()
    }

    fn column(&self, key: &str) -> String {
        match key {
            "delta_pct" => self.change(),
            key => column_label(key, self.surface, Some(self.widget), self.words),
        }
    }

    fn series(&self, series: &SeriesData) -> String {
        if series.role != SeriesRole::Comparison {
            return series_label(series, self.widget, self.words);
        }
        let measure = measure_label(self.widget, 0, self.words);
        format!("{measure} ({})", self.words.previous.to_lowercase())
    }

    /// Over the labels of the rows: of a heatmap days, of a pivot values of its outer property.
    fn corner(&self) -> String {
        match (self.widget.chart, self.widget.groups.first()) {
            (Chart::Pivot, Some(outer)) => dimension_label(&outer.prop, self.surface),
            _ => self.words.day.to_owned(),
        }
    }
}

/// First characters with which a spreadsheet takes a text for a formula, full-width spellings among them.
const FORMULA: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];

/// The first line of a table.
pub fn header(columns: &[Column], names: Names<'_>) -> String {
    line(
        columns
            .iter()
            .map(|column| text(&names.column(&column.key))),
    )
}

/// One line of a table.
pub fn row(cells: &[Cell]) -> String {
    line(cells.iter().map(cell))
}

/// Figures that are there as a whole.
pub fn figures(data: &WidgetData, names: Names<'_>) -> String {
    match data {
        WidgetData::Timeseries(data) => timeseries(data, names),
        WidgetData::Grid(data) => grid(data, names),
        WidgetData::Table(data) => table(data, names),
        WidgetData::Kpi(data) => kpi(data, names),
    }
}

/// One line a step of time, one column a series.
fn timeseries(data: &TimeseriesData, names: Names<'_>) -> String {
    let series = data.series.iter().map(|series| text(&names.series(series)));
    let mut csv = line(std::iter::once(text(names.words.time)).chain(series));
    let steps = data.series.first().map_or(0, |series| series.points.len());
    for step in 0..steps {
        let at = data
            .series
            .first()
            .and_then(|series| series.points.get(step));
        let at = at.map_or_else(String::new, |(at, _)| local(*at, data));
        let values = data
            .series
            .iter()
            .map(|series| number(series.points.get(step).and_then(|(_, value)| *value)));
        csv += &line(std::iter::once(at).chain(values));
    }
    csv
}

/// The start of a step on the session's clocks, in ISO 8601: a date where steps are days or longer, else a time with its
/// offset from UTC.
fn local(at: UnixMillis, data: &TimeseriesData) -> String {
    let known = data.offsets.iter().rev().find(|(from, _)| *from <= at);
    let seconds = known
        .or(data.offsets.first())
        .map_or(0, |(_, seconds)| *seconds);
    let offset = jiff::tz::Offset::from_seconds(seconds).unwrap_or(jiff::tz::Offset::UTC);
    let Ok(instant) = jiff::Timestamp::from_millisecond(at.0) else {
        return at.to_string();
    };
    let form = match data.granularity {
        Granularity::Minute | Granularity::Hour => "%Y-%m-%dT%H:%M:%S%:z",
        Granularity::Auto
        | Granularity::Day
        | Granularity::Week
        | Granularity::Month
        | Granularity::Quarter => "%Y-%m-%d",
    };
    instant
        .to_zoned(jiff::tz::TimeZone::fixed(offset))
        .strftime(form)
        .to_string()
}

fn grid(data: &GridData, names: Names<'_>) -> String {
    let columns = labels(&data.columns, data.other_column, names);
    let rows = labels(&data.rows, data.other_row, names);
    let mut csv = line(std::iter::once(text(&names.corner())).chain(columns));
    for (name, cells) in rows.zip(&data.cells) {
        let values = cells.iter().map(|value| number(*value));
        csv += &line(std::iter::once(name).chain(values));
    }
    csv
}

/// Labels of rows or columns, the last of which may stand for all that are not listed.
fn labels<'a>(
    raw: &'a [Option<String>],
    has_rest: bool,
    names: Names<'a>,
) -> impl Iterator<Item = String> + 'a {
    raw.iter().enumerate().map(move |(at, label)| {
        if has_rest && at + 1 == raw.len() {
            text(names.words.other)
        } else {
            text(label.as_deref().unwrap_or_default())
        }
    })
}

fn table(data: &TableData, names: Names<'_>) -> String {
    let rows = data.rows.iter().chain(&data.other);
    header(&data.columns, names) + &rows.map(|cells| row(cells)).collect::<String>()
}

fn kpi(data: &KpiData, names: Names<'_>) -> String {
    let mut columns = vec![(measure_label(names.widget, 0, names.words), data.value)];
    if data.previous_value.is_some() {
        columns.push((names.words.previous.to_owned(), data.previous_value));
        columns.push((names.change(), data.delta_pct));
    }
    line(columns.iter().map(|(name, _)| text(name)))
        + &line(columns.iter().map(|(_, value)| number(*value)))
}

fn line(cells: impl IntoIterator<Item = String>) -> String {
    let cells: Vec<String> = cells.into_iter().collect();
    cells.join(",") + "\r\n"
}

fn cell(cell: &Cell) -> String {
    match cell {
        Cell::Number(value) => value.to_string(),
        Cell::Text(value) => text(value),
        Cell::Null => String::new(),
    }
}

fn number(value: Option<f64>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

/// A text that cannot run: an apostrophe before what would be a formula, quotes around what would be two cells.
fn text(value: &str) -> String {
    let guarded = match value.trim_start().starts_with(FORMULA) || value.starts_with(FORMULA) {
        true => format!("'{value}"),
        false => value.to_owned(),
    };
    match guarded.contains([',', '"', '\n', '\r', ';', '\t']) {
        true => format!("\"{}\"", guarded.replace('"', "\"\"")),
        false => guarded,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_a_spreadsheet_would_run_is_kept_a_text() {
        for (value, expect) in [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "\"'\t=1\""),
            ("\r=1", "\"'\r=1\""),
            ("  =1", "'  =1"),
            ("＝1", "'＝1"),
            (
                "=HYPERLINK(\"http://x\";\"y\")",
                "\"'=HYPERLINK(\"\"http://x\"\";\"\"y\"\")\"",
            ),
            ("a=b", "a=b"),
            ("", ""),
        ] {
            assert_eq!(text(value), expect, "{value:?}");
        }
    }

    fn surface() -> Surface {
        let widget = |id: &str, kind: &str, chart: &str| {
            serde_json::json!({ "id": id, "kind": kind, "chart": chart, "title": "Calls by day",
            "layout": { "x": 0, "y": 0, "w": 6, "h": 4 }, "options": { "label": "Calls" },
            "groups": [{ "prop": "model" }, { "prop": "plan" }] })
        };
        serde_json::from_value(serde_json::json!({
            "dashboard_id": "dash_a", "version": 1, "name": "Usage",
            "filters": { "periods": [], "default_period": "7d", "dimensions": [{ "prop": "model", "label": "AI model" }],
                         "numeric_ranges": [], "date_range": false, "max_date_range_days": 0 },
            "widgets": [widget("a", "timeseries", "line"), widget("b", "table", "pivot"), widget("c", "breakdown", "list")],
            "allow_drill_down": true, "allow_export": true, "timezone": "Europe/Berlin", "refresh": 15, "expires_in": 60
        }))
        .unwrap()
    }

    /// The file of a widget in a language.
    fn file(widget: usize, tag: &str, data: serde_json::Value) -> String {
        let surface = surface();
        let names = Names {
            surface: &surface,
            widget: &surface.widgets[widget],
            words: emban_paint::Language::from_tag(tag).words,
        };
        figures(&serde_json::from_value(data).unwrap(), names)
    }

    /// Two steps around the change of clocks in Berlin, in the night of 25 October 2026.
    fn compared(granularity: &str, times: [&str; 2]) -> serde_json::Value {
        let points =
            |values: [u32; 2]| serde_json::json!([[times[0], values[0]], [times[1], values[1]]]);
        serde_json::json!({ "series": [{ "name": "count", "points": points([5, 6]) },
                { "name": "count", "role": "comparison", "points": points([4, 7]) }],
            "granularity": granularity, "from": times[0], "to": "2026-11-01T00:00:00Z",
            "offsets": [["2026-10-01T00:00:00Z", 7200], ["2026-10-25T01:00:00Z", 3600]] })
    }

    #[test]
    fn a_series_has_the_names_of_the_screen_and_the_times_of_its_zone() {
        let hours = compared("hour", ["2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z"]);
        assert_eq!(
            file(0, "en", hours),
            "Time,Calls,Calls (previous)\r\n2026-10-25T02:00:00+02:00,5,4\r\n2026-10-25T02:00:00+01:00,6,7\r\n"
        );
        let days = compared("day", ["2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"]);
        assert_eq!(
            file(0, "de", days),
            "Zeit,Calls,Calls (zuvor)\r\n2026-10-25,5,4\r\n2026-10-26,6,7\r\n"
        );
    }

    #[test]
    fn tables_and_pivots_have_the_names_of_the_screen() {
        let grid = serde_json::json!({ "rows": ["m", "other"], "columns": ["pro", "other"], "cells": [[1, 2], [3, 4]], "other_row": true });
        assert_eq!(
            file(1, "en", grid),
            "AI model,pro,other\r\nm,1,2\r\nOther,3,4\r\n"
        );
        let columns = [
            ("model", "string"),
            ("value", "number"),
            ("previous_value", "number"),
            ("delta_pct", "number"),
        ];
        let columns = columns.map(|(key, kind)| serde_json::json!({ "key": key, "type": kind }));
        let rows = serde_json::json!({ "columns": columns, "rows": [["m", 3, 2, 50]] });
        assert_eq!(
            file(2, "en", rows),
            "AI model,Calls,Previous,Change (%)\r\nm,3,2,50\r\n"
        );
    }

    #[test]
    fn a_name_cannot_run_either() {
        let mut surface = surface();
        surface.widgets[2].options = serde_json::from_str(r#"{"label":"=1+1"}"#).unwrap();
        let names = Names {
            surface: &surface,
            widget: &surface.widgets[2],
            words: emban_paint::Language::from_tag("en").words,
        };
        let data = KpiData {
            value: Some(1.0),
            previous_value: None,
            delta_pct: None,
        };
        assert_eq!(kpi(&data, names), "'=1+1\r\n1\r\n");
    }

    #[test]
    fn a_negative_number_stays_a_number() {
        assert_eq!(
            row(&[Cell::Number(-1.5), Cell::Null, Cell::Text("x".to_owned())]),
            "-1.5,,x\r\n"
        );
        let data = serde_json::json!({ "value": -2, "previous_value": 4 });
        assert_eq!(
            file(2, "en", data),
            "Calls,Previous,Change (%)\r\n-2,4,\r\n"
        );
    }
}
