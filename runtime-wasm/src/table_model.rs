//! Any widget's figures as rows and columns of text, for tables and for those who cannot see a chart.

use emban_chart::{Locale, Notation, Step, Unit, Zone, format_number, format_time};
use emban_contract::UnixMillis;
use emban_contract::dashboard::WidgetKind;
use emban_contract::embed::{
    Cell, Column, ColumnType, GridData, KpiData, Surface, SurfaceWidget, TableData, TimeseriesData,
    WidgetData,
};

use crate::figure_input::{step, zone};
use crate::wording::{
    OTHER, Tone, change, column_label, measure_label, number_format, series_label, tone,
    value_label,
};

/// Rows and columns, ready to be shown.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct TableModel {
    /// The columns.
    pub(crate) columns: Vec<TableColumn>,
    /// The rows, in the server's order.
    pub(crate) rows: Vec<TableRow>,
    /// What stands below them.
    pub(crate) foot: Option<Vec<String>>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TableColumn {
    /// Its heading.
    pub(crate) label: String,
    /// Whether its cells are numbers, which stand at the end of their column.
    pub(crate) numeric: bool,
}

/// A row.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct TableRow {
    /// One cell a column.
    pub(crate) cells: Vec<TableCell>,
}

/// A cell.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TableCell {
    /// What is shown.
    pub(crate) text: String,
    /// What is sorted by.
    pub(crate) value: Cell,
    /// Colour of a change.
    pub(crate) tone: Tone,
}

/// Order of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sort {
    /// Which column.
    pub(crate) column: usize,
    /// Largest first.
    pub(crate) descending: bool,
}

/// What turns figures into text.
#[derive(Clone, Copy)]
pub(crate) struct Reading<'a> {
    /// Labels of dimensions.
    pub(crate) surface: &'a Surface,
    /// Labels and formats of the widget; none for rows of events.
    pub(crate) widget: Option<&'a SurfaceWidget>,
    /// The viewer's language.
    pub(crate) locale: &'a Locale,
    /// Seconds east of UTC at an instant, in the session's zone.
    pub(crate) offset_at: fn(&str, UnixMillis) -> i32,
}

impl Reading<'_> {
    fn number(&self, value: Option<f64>) -> TableCell {
        self.number_of(value, Digits::AsAsked)
    }

    fn number_of(&self, value: Option<f64>, digits: Digits) -> TableCell {
        let mut format = number_format(self.widget.and_then(|w| w.options.as_ref()));
        // The widget's decimals are meant for its averages, not for the counts beside them.
        if digits == Digits::Whole && format.unit == Unit::Number {
            format.decimals = None;
        }
        // A table has room for all digits, and columns of mixed suffixes cannot be compared.
        format.notation = Notation::Plain;
        match value {
            Some(value) => cell(
                format_number(value, &format, self.locale),
                Cell::Number(value),
            ),
            None => cell("–".to_owned(), Cell::Null),
        }
    }

    fn cell(&self, column: &Column, value: &Cell, is_group: bool, digits: Digits) -> TableCell {
        let options = self.widget.and_then(|w| w.options.as_ref());
        match (value, column.type_) {
            (Cell::Number(percent), _) if column.key == "delta_pct" => TableCell {
                text: change(*percent, self.locale),
                value: value.clone(),
                tone: tone(*percent, options),
            },
            (Cell::Number(number), _) => self.number_of(Some(*number), digits),
            (Cell::Text(text), ColumnType::Time) => cell(self.instant(text), value.clone()),
            (Cell::Text(text), _) => cell(value_label(Some(text), options), value.clone()),
            (Cell::Null, ColumnType::String) if is_group => {
                cell(value_label(None, options), Cell::Null)
            }
            (Cell::Null, _) => cell("–".to_owned(), Cell::Null),
        }
    }

    fn instant(&self, text: &str) -> String {
        let Some(at) = UnixMillis::parse(text) else {
            return text.to_owned();
        };
        format_time(
            at.0,
            Step::Minute,
            (self.offset_at)(&self.surface.timezone, at),
            self.locale,
        )
    }
}

/// How many decimals the numbers of a column have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Digits {
    AsAsked,
    /// All of them are whole.
    Whole,
}

fn digits<'a>(mut cells: impl Iterator<Item = Option<&'a Cell>>) -> Digits {
    let whole = cells.all(|cell| !matches!(cell, Some(Cell::Number(n)) if n.fract() != 0.0));
    if whole {
        Digits::Whole
    } else {
        Digits::AsAsked
    }
}

fn cell(text: String, value: Cell) -> TableCell {
    TableCell {
        text,
        value,
        tone: Tone::Neutral,
    }
}

fn column(label: String, numeric: bool) -> TableColumn {
    TableColumn { label, numeric }
}

/// Makes the table of a widget's figures.
pub(crate) fn table(data: &WidgetData, reading: Reading<'_>) -> TableModel {
    match data {
        WidgetData::Table(data) => of_table(data, reading),
        WidgetData::Timeseries(data) => of_series(data, reading),
        WidgetData::Grid(data) => of_grid(data, reading),
        WidgetData::Kpi(data) => of_kpi(data, reading),
    }
}

/// Makes the table of events behind a number.
pub(crate) fn of_rows(columns: &[Column], rows: &[Vec<Cell>], reading: Reading<'_>) -> TableModel {
    of_table(
        &TableData {
            columns: columns.to_vec(),
            rows: rows.to_vec(),
            other: None,
        },
        reading,
    )
}

fn of_table(data: &TableData, reading: Reading<'_>) -> TableModel {
    let digits: Vec<Digits> = (0..data.columns.len())
        .map(|at| digits(data.rows.iter().chain(&data.other).map(|row| row.get(at))))
        .collect();
    let read = |row: &Vec<Cell>, group: bool| -> Vec<TableCell> {
        data.columns
            .iter()
            .zip(row)
            .zip(&digits)
            .map(|((column, value), digits)| reading.cell(column, value, group, *digits))
            .collect()
    };
    let foot = data.other.as_ref().map(|row| {
        let mut cells: Vec<String> = read(row, false).into_iter().map(|cell| cell.text).collect();
        if let Some(first) = cells.first_mut() {
            *first = OTHER.to_owned();
        }
        cells
    });
    let columns = data
        .columns
        .iter()
        .map(|c| {
            column(
                column_label(&c.key, reading.surface, reading.widget),
                c.type_ == ColumnType::Number,
            )
        })
        .collect();
    TableModel {
        columns,
        rows: data
            .rows
            .iter()
            .map(|row| TableRow {
                cells: read(row, reading.widget.is_some()),
            })
            .collect(),
        foot,
    }
}

fn of_series(data: &TimeseriesData, reading: Reading<'_>) -> TableModel {
    let Some(widget) = reading.widget else {
        return TableModel::default();
    };
    let mut columns = vec![column("Time".to_owned(), false)];
    columns.extend(
        data.series
            .iter()
            .map(|series| column(series_label(series, widget), true)),
    );
    let zone: Zone = zone(data);
    let times = data
        .series
        .first()
        .map(|series| series.points.as_slice())
        .unwrap_or_default();
    let rows = times
        .iter()
        .map(|(at, _)| {
            let text = format_time(
                at.0,
                step(data.granularity),
                zone.offset_at(at.0),
                reading.locale,
            );
            let mut cells = vec![cell(text, Cell::Number(at.0 as f64))];
            cells.extend(data.series.iter().map(|series| {
                let found = series
                    .points
                    .binary_search_by_key(at, |(t, _)| *t)
                    .ok()
                    .and_then(|i| series.points.get(i));
                reading.number(found.and_then(|(_, value)| *value))
            }));
            TableRow { cells }
        })
        .collect();
    TableModel {
        columns,
        rows,
        foot: None,
    }
}

fn of_grid(data: &GridData, reading: Reading<'_>) -> TableModel {
    let options = reading.widget.and_then(|w| w.options.as_ref());
    let is_heatmap = reading
        .widget
        .is_some_and(|w| w.kind == WidgetKind::Heatmap);
    let row_label = |raw: Option<&str>| match raw
        .and_then(|r| r.parse::<usize>().ok())
        .filter(|_| is_heatmap)
    {
        Some(day) => reading
            .locale
            .weekdays
            .get(day.wrapping_sub(1))
            .map(|name| (*name).to_owned())
            .unwrap_or_default(),
        None => value_label(raw, options),
    };
    let mut columns = vec![column(
        if is_heatmap {
            "Day".to_owned()
        } else {
            String::new()
        },
        false,
    )];
    columns.extend(
        data.columns
            .iter()
            .map(|raw| column(value_label(raw.as_deref(), options), true)),
    );
    let rows = data
        .rows
        .iter()
        .zip(&data.cells)
        .map(|(raw, values)| {
            let head = cell(
                row_label(raw.as_deref()),
                raw.clone().map_or(Cell::Null, Cell::Text),
            );
            TableRow {
                cells: std::iter::once(head)
                    .chain(values.iter().map(|value| reading.number(*value)))
                    .collect(),
            }
        })
        .collect();
    TableModel {
        columns,
        rows,
        foot: None,
    }
}

fn of_kpi(data: &KpiData, reading: Reading<'_>) -> TableModel {
    let label = reading.widget.map(measure_label).unwrap_or_default();
    let mut columns = vec![column(label, true)];
    let mut cells = vec![reading.number(data.value)];
    if let Some(previous) = data.previous_value {
        columns.push(column("Previous".to_owned(), true));
        cells.push(reading.number(Some(previous)));
    }
    if let Some(percent) = data.delta_pct {
        columns.push(column("Change".to_owned(), true));
        cells.push(cell(change(percent, reading.locale), Cell::Number(percent)));
    }
    TableModel {
        columns,
        rows: vec![TableRow { cells }],
        foot: None,
    }
}

/// Orders the rows by a column; missing values stand last either way.
pub(crate) fn sorted(rows: &[TableRow], sort: Option<Sort>) -> Vec<TableRow> {
    let mut rows = rows.to_vec();
    if let Some(sort) = sort {
        rows.sort_by(
            |a, b| match (a.cells.get(sort.column), b.cells.get(sort.column)) {
                (Some(a), Some(b)) => compare(&a.value, &b.value, sort.descending),
                _ => std::cmp::Ordering::Equal,
            },
        );
    }
    rows
}

fn compare(a: &Cell, b: &Cell, descending: bool) -> std::cmp::Ordering {
    let turned = |order: std::cmp::Ordering| if descending { order.reverse() } else { order };
    match (a, b) {
        (Cell::Number(a), Cell::Number(b)) => turned(a.total_cmp(b)),
        (Cell::Text(a), Cell::Text(b)) => turned(a.to_lowercase().cmp(&b.to_lowercase())),
        (Cell::Null, Cell::Null) => std::cmp::Ordering::Equal,
        (Cell::Null, _) => std::cmp::Ordering::Greater,
        (_, Cell::Null) => std::cmp::Ordering::Less,
        (Cell::Number(_), Cell::Text(_)) => std::cmp::Ordering::Less,
        (Cell::Text(_), Cell::Number(_)) => std::cmp::Ordering::Greater,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn surface() -> Surface {
        serde_json::from_value(serde_json::json!({
            "dashboard_id": "dash_a", "version": 1, "name": "Usage",
            "filters": { "periods": [], "default_period": "7d", "dimensions": [{ "prop": "model", "label": "AI model", "multi": true }],
                         "numeric_ranges": [], "date_range": false, "max_date_range_days": 0 },
            "widgets": [
                { "id": "t", "kind": "table", "chart": "table", "title": "Calls", "layout": { "x": 0, "y": 0, "w": 6, "h": 4 } },
                { "id": "h", "kind": "heatmap", "chart": "heatmap", "title": "Hours", "layout": { "x": 0, "y": 0, "w": 6, "h": 4 } },
                { "id": "l", "kind": "timeseries", "chart": "line", "title": "Trend", "layout": { "x": 0, "y": 0, "w": 6, "h": 4 } }
            ],
            "allow_drill_down": true, "allow_export": true, "timezone": "Europe/Berlin", "refresh": 15, "expires_in": 60
        }))
        .unwrap()
    }

    fn texts(model: &TableModel) -> Vec<Vec<String>> {
        model
            .rows
            .iter()
            .map(|row| {
                row.cells
                    .iter()
                    .map(|c| c.text.replace('\u{a0}', " "))
                    .collect()
            })
            .collect()
    }

    fn read(widget: usize, json: &str) -> TableModel {
        let surface = surface();
        let reading = Reading {
            surface: &surface,
            widget: Some(&surface.widgets[widget]),
            locale: Locale::from_tag("en-US"),
            offset_at: |_, _| 3600,
        };
        table(&serde_json::from_str(json).unwrap(), reading)
    }

    const TABLE: &str = r#"{"columns":[{"key":"model","type":"string"},{"key":"value","type":"number"},{"key":"delta_pct","type":"number"}],
        "rows":[["m-1",1200.0,-4.0],[null,3.0,null],["M-0",40.0,2.5]],"other":[null,7.0,null]}"#;

    #[test]
    fn a_breakdown_reads_with_labels_and_a_foot() {
        let model = read(0, TABLE);
        assert_eq!(
            model
                .columns
                .iter()
                .map(|c| c.label.as_str())
                .collect::<Vec<_>>(),
            ["AI model", "Calls", "Change"]
        );
        assert_eq!(
            texts(&model)[..2],
            [["m-1", "1,200", "−4%"], ["(none)", "3", "–"]]
        );
        assert_eq!(model.rows[0].cells[2].tone, Tone::Bad);
        assert_eq!(
            model.foot.as_deref().map(|f| f.join("|")).as_deref(),
            Some("Other|7|–")
        );
    }

    #[test]
    fn a_column_sorts_both_ways_with_missing_values_last() {
        let model = read(0, TABLE);
        let firsts = |sort| {
            sorted(&model.rows, Some(sort))
                .into_iter()
                .map(|r| r.cells[0].text.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            firsts(Sort {
                column: 1,
                descending: true
            }),
            ["m-1", "M-0", "(none)"]
        );
        assert_eq!(
            firsts(Sort {
                column: 2,
                descending: false
            }),
            ["m-1", "M-0", "(none)"]
        );
        assert_eq!(
            firsts(Sort {
                column: 0,
                descending: false
            }),
            ["M-0", "m-1", "(none)"]
        );
    }

    #[test]
    fn series_stand_side_by_side_in_the_sessions_zone() {
        let model = read(
            2,
            r#"{"series":[{"name":"count","points":[["2026-03-01T23:00:00Z",12],["2026-03-02T23:00:00Z",null]]},
                {"name":"count","role":"comparison","points":[["2026-03-02T23:00:00Z",5]]}],
                "granularity":"day","from":"2026-03-01T23:00:00Z","to":"2026-03-03T23:00:00Z","offsets":[["2026-03-01T00:00:00Z",3600]]}"#,
        );
        assert_eq!(model.columns[1].label, "Trend");
        assert_eq!(
            texts(&model),
            [["Mar 2, 2026", "12", "–"], ["Mar 3, 2026", "–", "5"]]
        );
    }

    #[test]
    fn days_of_a_heatmap_have_names() {
        let model = read(
            1,
            r#"{"rows":["1","7"],"columns":["0","1"],"cells":[[1,null],[2,3]]}"#,
        );
        assert_eq!(texts(&model), [["Mon", "1", "–"], ["Sun", "2", "3"]]);
    }

    #[test]
    fn counts_stay_whole_beside_averages_with_decimals() {
        let mut surface = surface();
        surface.widgets[0].options = serde_json::from_str(r#"{"decimals":1}"#).unwrap();
        let reading = Reading {
            surface: &surface,
            widget: Some(&surface.widgets[0]),
            locale: Locale::from_tag("en-US"),
            offset_at: |_, _| 3600,
        };
        let data = r#"{"columns":[{"key":"model","type":"string"},{"key":"value","type":"number"},{"key":"second_value","type":"number"}],
            "rows":[["a",1348,2],["b",7,2.25]]}"#;
        let model = table(&serde_json::from_str(data).unwrap(), reading);
        assert_eq!(texts(&model), [["a", "1,348", "2.0"], ["b", "7", "2.3"]]);
    }
}
