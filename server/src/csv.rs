//! Figures as CSV (RFC 4180), fit to be opened in a spreadsheet.

use emban_contract::embed::{
    Cell, Column, GridData, KpiData, SeriesRole, TableData, TimeseriesData, WidgetData,
};

/// First characters with which a spreadsheet takes a text for a formula, full-width spellings among them.
const FORMULA: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];

/// The first line of a table.
pub fn header(columns: &[Column]) -> String {
    line(columns.iter().map(|column| text(&column.key)))
}

/// One line of a table.
pub fn row(cells: &[Cell]) -> String {
    line(cells.iter().map(cell))
}

/// Figures that are there as a whole.
pub fn figures(data: &WidgetData) -> String {
    match data {
        WidgetData::Timeseries(data) => timeseries(data),
        WidgetData::Grid(data) => grid(data),
        WidgetData::Table(data) => table(data),
        WidgetData::Kpi(data) => kpi(data),
    }
}

/// One line a step of time, one column a series.
fn timeseries(data: &TimeseriesData) -> String {
    let names = data.series.iter().map(|series| match series.role {
        SeriesRole::Comparison => text(&format!("{} (previous)", series.name)),
        _ => text(&series.name),
    });
    let mut csv = line(std::iter::once("time".to_owned()).chain(names));
    let steps = data.series.first().map_or(0, |series| series.points.len());
    for step in 0..steps {
        let at = data
            .series
            .first()
            .and_then(|series| series.points.get(step));
        let at = at.map_or_else(String::new, |(at, _)| at.to_string());
        let values = data
            .series
            .iter()
            .map(|series| number(series.points.get(step).and_then(|(_, value)| *value)));
        csv += &line(std::iter::once(at).chain(values));
    }
    csv
}

fn grid(data: &GridData) -> String {
    let label = |label: &Option<String>| text(label.as_deref().unwrap_or_default());
    let mut csv = line(std::iter::once(String::new()).chain(data.columns.iter().map(label)));
    for (name, cells) in data.rows.iter().zip(&data.cells) {
        let values = cells.iter().map(|value| number(*value));
        csv += &line(std::iter::once(label(name)).chain(values));
    }
    csv
}

fn table(data: &TableData) -> String {
    let rows = data.rows.iter().chain(&data.other);
    header(&data.columns) + &rows.map(|cells| row(cells)).collect::<String>()
}

fn kpi(data: &KpiData) -> String {
    let mut columns = vec![("value", data.value)];
    if data.previous_value.is_some() {
        columns.push(("previous_value", data.previous_value));
        columns.push(("delta_pct", data.delta_pct));
    }
    line(columns.iter().map(|(name, _)| (*name).to_owned()))
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

    #[test]
    fn a_series_that_is_compared_with_has_a_name_of_its_own() {
        let series = |role: &str, value: f64| serde_json::json!({ "name": "count", "role": role, "points": [["2026-03-01T00:00:00Z", value]] });
        let data = serde_json::json!({ "series": [series("primary", 5.0), series("comparison", 4.0)], "granularity": "day",
            "from": "2026-03-01T00:00:00Z", "to": "2026-03-02T00:00:00Z", "offsets": [["2026-03-01T00:00:00Z", 0]] });
        let csv = timeseries(&serde_json::from_value(data).unwrap());
        assert_eq!(
            csv,
            "time,count,count (previous)\r\n2026-03-01T00:00:00Z,5,4\r\n"
        );
    }

    #[test]
    fn a_negative_number_stays_a_number() {
        assert_eq!(
            row(&[Cell::Number(-1.5), Cell::Null, Cell::Text("x".to_owned())]),
            "-1.5,,x\r\n"
        );
        let data = KpiData {
            value: Some(-2.0),
            previous_value: Some(4.0),
            delta_pct: None,
        };
        assert_eq!(kpi(&data), "value,previous_value,delta_pct\r\n-2,4,\r\n");
    }
}
