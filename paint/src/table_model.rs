//! Any widget's figures as rows and columns of text, for tables and for those who cannot see a chart.

use emban_chart::{Notation, Step, Unit, Zone, format_number, format_time};
use emban_contract::UnixMillis;
use emban_contract::dashboard::WidgetKind;
use emban_contract::embed::{
    Cell, Column, ColumnType, GridData, KpiData, SeriesRole, Surface, SurfaceWidget, TableData,
    TimeseriesData, WidgetData,
};

use crate::change::{Compared, Tone, change_of};
use crate::figure_input::{heat, number, second_format, step, zone};
use crate::letters::small;
use crate::wording::{
    column_label, dimension_label, dimension_value_label, measure_label, number_format,
    series_label, value_label,
};
use crate::words::Language;

/// Rows and columns, ready to be shown.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct TableModel {
    /// The columns.
    pub columns: Vec<TableColumn>,
    /// The rows, in the server's order.
    pub rows: Vec<TableRow>,
    /// What stands below them.
    pub foot: Option<Vec<String>>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TableColumn {
    /// Its heading.
    pub label: String,
    /// Whether its cells are numbers, which stand at the end of their column.
    pub numeric: bool,
}

/// A row.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct TableRow {
    /// One cell a column.
    pub cells: Vec<TableCell>,
}

/// A cell.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TableCell {
    /// What is shown.
    pub text: String,
    /// What is sorted by.
    pub value: Cell,
    /// Colour of a change.
    pub tone: Tone,
}

/// Order of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// Which column.
    pub column: usize,
    /// Largest first.
    pub descending: bool,
}

/// What turns figures into text.
#[derive(Clone, Copy)]
pub(crate) struct Reading<'a> {
    /// Labels of dimensions.
    pub surface: &'a Surface,
    /// Labels and formats of the widget; none for rows of events.
    pub widget: Option<&'a SurfaceWidget>,
    /// The viewer's language.
    pub language: Language,
    /// Seconds east of UTC at an instant, in the session's zone.
    pub offset_at: fn(&str, UnixMillis) -> i32,
}

impl Reading<'_> {
    fn number(&self, value: Option<f64>) -> TableCell {
        self.number_of(value, Digits::AsAsked, Measure::First)
    }

    fn number_of(&self, value: Option<f64>, digits: Digits, measure: Measure) -> TableCell {
        let mut format = number_format(self.widget.and_then(|w| w.options.as_ref()));
        if measure == Measure::Second {
            format.unit = second_format().unit;
        }
        // The widget's decimals are meant for its averages, not for the counts beside them.
        if digits == Digits::Whole && format.unit == Unit::Number {
            format.decimals = None;
        }
        // The events behind a number are shown as they were sent.
        if self.widget.is_none() {
            format.decimals = value.map(decimals);
        }
        // A table has room for all digits, and columns of mixed suffixes cannot be compared.
        format.notation = Notation::Plain;
        match value {
            Some(value) => cell(
                format_number(value, &format, self.language.locale),
                Cell::Number(value),
            ),
            None => cell("–".to_owned(), Cell::Null),
        }
    }

    fn cell(&self, column: &Column, value: &Cell, is_group: bool, digits: Digits) -> TableCell {
        let options = self.widget.and_then(|w| w.options.as_ref());
        match (value, column.type_) {
            (Cell::Number(number), _) => self.number_of(
                Some(*number),
                digits,
                Measure::of(column.key == "second_value"),
            ),
            (Cell::Text(text), ColumnType::Time) => cell(self.instant(text), value.clone()),
            (Cell::Text(text), _) => {
                let label = match self.widget {
                    Some(_) => value_label(Some(text), options, self.language.words),
                    None => dimension_value_label(
                        &column.key,
                        Some(text),
                        self.surface,
                        self.language.words,
                    ),
                };
                cell(label, value.clone())
            }
            (Cell::Null, ColumnType::String) if is_group => {
                cell(value_label(None, options, self.language.words), Cell::Null)
            }
            (Cell::Null, _) => cell("–".to_owned(), Cell::Null),
        }
    }

    fn change(&self, widget: &SurfaceWidget, compared: Compared) -> TableCell {
        change_of(widget, compared, self.language).map_or_else(
            || cell("–".to_owned(), Cell::Null),
            |change| TableCell {
                text: change.text,
                value: Cell::Number(change.amount),
                tone: change.tone,
            },
        )
    }

    fn instant(&self, text: &str) -> String {
        let Some(at) = UnixMillis::parse(text) else {
            return text.to_owned();
        };
        format_time(
            at.0,
            Step::Minute,
            (self.offset_at)(&self.surface.timezone, at),
            self.language.locale,
        )
    }
}

/// Decimals that a number needs, six at most.
fn decimals(value: f64) -> u8 {
    let needs = |places: &u8| {
        let scaled = value.abs() * 10_f64.powi(i32::from(*places));
        (scaled - scaled.round()).abs() <= 1e-9 * scaled.max(1.0)
    };
    (0..6).find(needs).unwrap_or(6)
}

/// Which of a widget's measures a number is of: its unit is the first one's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Measure {
    First,
    Second,
}

impl Measure {
    fn of(is_second: bool) -> Self {
        if is_second { Self::Second } else { Self::First }
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
            .map(
                |((column, value), digits)| match (column.key.as_str(), reading.widget) {
                    ("delta_pct", Some(widget)) => reading.change(widget, compared(data, row)),
                    _ => reading.cell(column, value, group, *digits),
                },
            )
            .collect()
    };
    let foot = data.other.as_ref().map(|row| {
        let mut cells: Vec<String> = read(row, false).into_iter().map(|cell| cell.text).collect();
        if let Some(first) = cells.first_mut() {
            *first = reading.language.words.other.to_owned();
        }
        cells
    });
    let columns = data
        .columns
        .iter()
        .map(|c| {
            column(
                column_label(
                    &c.key,
                    reading.surface,
                    reading.widget,
                    reading.language.words,
                ),
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

fn compared(data: &TableData, row: &[Cell]) -> Compared {
    Compared {
        value: number(data, row, "value"),
        previous: number(data, row, "previous_value"),
        percent: number(data, row, "delta_pct"),
    }
}

fn of_series(data: &TimeseriesData, reading: Reading<'_>) -> TableModel {
    let Some(widget) = reading.widget else {
        return TableModel::default();
    };
    let mut columns = vec![column(reading.language.words.time.to_owned(), false)];
    columns.extend(
        data.series
            .iter()
            .map(|series| column(series_label(series, widget, reading.language.words), true)),
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
                reading.language.locale,
            );
            let mut cells = vec![cell(text, Cell::Number(at.0 as f64))];
            cells.extend(data.series.iter().map(|series| {
                let found = series
                    .points
                    .binary_search_by_key(at, |(t, _)| *t)
                    .ok()
                    .and_then(|i| series.points.get(i));
                let value = found.and_then(|(_, value)| *value);
                let measure = Measure::of(series.role == SeriesRole::Secondary);
                reading.number_of(value, Digits::AsAsked, measure)
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
    if reading
        .widget
        .is_some_and(|w| w.kind == WidgetKind::Heatmap)
    {
        return of_heat(data, reading);
    }
    let options = reading.widget.and_then(|w| w.options.as_ref());
    let words = reading.language.words;
    let label = |raw: &Option<String>| value_label(raw.as_deref(), options, words);
    let rows = data.rows.iter().zip(&data.cells).map(|(raw, values)| {
        let value = raw.clone().map_or(Cell::Null, Cell::Text);
        grid_row(cell(label(raw), value), values, reading)
    });
    let mut table = grid_table(corner(reading), data.columns.iter().map(label), rows);
    if let (true, Some(last)) = (data.other_column, table.columns.last_mut()) {
        last.label = words.other.to_owned();
    }
    if data.other_row
        && let Some(rest) = table.rows.pop()
    {
        let values = rest.cells.into_iter().skip(1).map(|cell| cell.text);
        table.foot = Some(
            std::iter::once(words.other.to_owned())
                .chain(values)
                .collect(),
        );
    }
    table
}

/// The rows of a pivot are values of its outer property.
fn corner(reading: Reading<'_>) -> String {
    let outer = reading.widget.and_then(|widget| widget.groups.first());
    outer.map_or_else(
        || reading.language.words.value.to_owned(),
        |outer| dimension_label(&outer.prop, reading.surface),
    )
}

/// Days and hours stand as they do in the chart.
fn of_heat(data: &GridData, reading: Reading<'_>) -> TableModel {
    let grid = heat(data, reading.language.locale);
    let width = grid.columns.len().max(1);
    let days = grid
        .rows
        .into_iter()
        .zip(grid.values.chunks(width))
        .zip(0u32..);
    let rows = days
        .map(|((day, values), at)| grid_row(cell(day, Cell::Number(at.into())), values, reading));
    grid_table(
        reading.language.words.day.to_owned(),
        grid.columns.into_iter(),
        rows,
    )
}

fn grid_row(head: TableCell, values: &[Option<f64>], reading: Reading<'_>) -> TableRow {
    TableRow {
        cells: std::iter::once(head)
            .chain(values.iter().map(|value| reading.number(*value)))
            .collect(),
    }
}

fn grid_table(
    corner: String,
    heads: impl Iterator<Item = String>,
    rows: impl Iterator<Item = TableRow>,
) -> TableModel {
    let mut columns = vec![column(corner, false)];
    columns.extend(heads.map(|label| column(label, true)));
    TableModel {
        columns,
        rows: rows.collect(),
        foot: None,
    }
}

fn of_kpi(data: &KpiData, reading: Reading<'_>) -> TableModel {
    let words = reading.language.words;
    let label = reading
        .widget
        .map(|widget| measure_label(widget, 0, words))
        .unwrap_or_default();
    let mut columns = vec![column(label, true)];
    let mut cells = vec![reading.number(data.value)];
    if let Some(previous) = data.previous_value {
        columns.push(column(words.previous.to_owned(), true));
        cells.push(reading.number(Some(previous)));
    }
    if let Some(widget) = reading.widget.filter(|_| data.delta_pct.is_some()) {
        columns.push(column(words.change.to_owned(), true));
        cells.push(reading.change(widget, data.into()));
    }
    TableModel {
        columns,
        rows: vec![TableRow { cells }],
        foot: None,
    }
}

/// Where the order of a column begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum First {
    /// With the largest, as numbers are looked at.
    Largest,
    /// With the first letter, as names are.
    Smallest,
}

/// The order after a click on a column's head: numbers from the largest, names from A, then the other way, then none.
pub fn next_sort(sort: Option<Sort>, column: usize, first: First) -> Option<Sort> {
    match sort.filter(|sort| sort.column == column) {
        None => Some(Sort {
            column,
            descending: first == First::Largest,
        }),
        Some(sort) if sort.descending == (first == First::Largest) => Some(Sort {
            column,
            descending: first != First::Largest,
        }),
        Some(_) => None,
    }
}

/// The order of the rows by a column, as their positions; missing values stand last either way.
pub(crate) fn order(rows: &[TableRow], sort: Option<Sort>) -> Vec<usize> {
    let Some(sort) = sort else {
        return (0..rows.len()).collect();
    };
    let value = |row: usize| {
        rows.get(row)?
            .cells
            .get(sort.column)
            .map(|cell| &cell.value)
    };
    emban_chart::order(rows.len(), &|a, b| match (value(a), value(b)) {
        (Some(a), Some(b)) => compare(a, b, sort.descending),
        _ => std::cmp::Ordering::Equal,
    })
}

fn compare(a: &Cell, b: &Cell, descending: bool) -> std::cmp::Ordering {
    let turned = |order: std::cmp::Ordering| if descending { order.reverse() } else { order };
    match (a, b) {
        (Cell::Number(a), Cell::Number(b)) => turned(a.total_cmp(b)),
        (Cell::Text(a), Cell::Text(b)) => turned(a.chars().map(small).cmp(b.chars().map(small))),
        (Cell::Null, Cell::Null) => std::cmp::Ordering::Equal,
        (Cell::Null, _) => std::cmp::Ordering::Greater,
        (_, Cell::Null) => std::cmp::Ordering::Less,
        (Cell::Number(_), Cell::Text(_)) => std::cmp::Ordering::Less,
        (Cell::Text(_), Cell::Number(_)) => std::cmp::Ordering::Greater,
    }
}

#[cfg(test)]
mod tests;
