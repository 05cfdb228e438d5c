//! Rows and columns of breakdowns, tables and funnels.

use emban_contract::embed::{Cell, Column, ColumnType, TableData};

use super::{ByEra, Row, delta_pct, flag, measured, text};
use crate::plan::{Funnel, Table};

/// Rows are `other, groups…, values…[, compared value]`.
pub(super) fn table(table: &Table, rows: &[Row], compares: bool) -> Option<TableData> {
    let mut data = TableData {
        columns: columns(table, compares),
        rows: Vec::new(),
        other: None,
    };
    for row in rows {
        let cells = cells(table, row, compares)?;
        if flag(row.first())? {
            data.other = Some(cells);
        } else {
            data.rows.push(cells);
        }
    }
    Some(data)
}

/// The columns of a table's rows.
pub(crate) fn columns(table: &Table, compares: bool) -> Vec<Column> {
    let mut columns: Vec<Column> = table
        .groups
        .iter()
        .map(|(prop, _)| column(prop, ColumnType::String))
        .collect();
    columns.extend(
        ["value", "second_value"]
            .into_iter()
            .take(table.measures.len())
            .map(|key| column(key, ColumnType::Number)),
    );
    if compares {
        columns.extend(["previous_value", "delta_pct"].map(|key| column(key, ColumnType::Number)));
    }
    columns
}

/// The cells of one row.
pub(crate) fn cells(table: &Table, row: &Row, compares: bool) -> Option<Vec<Cell>> {
    let mut cells = Vec::with_capacity(row.len());
    for place in 0..table.groups.len() {
        cells.push(text(row.get(1 + place))?.map_or(Cell::Null, Cell::Text));
    }
    let first_value = 1 + table.groups.len();
    for (place, measure) in table.measures.iter().enumerate() {
        cells.push(number_cell(measured(
            measure,
            row.get(first_value + place),
        )?));
    }
    if compares {
        let measure = table.measures.first()?;
        let value = measured(measure, row.get(first_value))?;
        let previous = measured(measure, row.get(first_value + table.measures.len()))?;
        cells.push(number_cell(previous));
        cells.push(number_cell(delta_pct(value, previous)));
    }
    Some(cells)
}

/// One row a step: its label and the users who passed it.
pub(super) fn funnel(funnel: &Funnel, passed: &ByEra<Vec<f64>>, compares: bool) -> TableData {
    let mut columns = vec![
        column("step", ColumnType::String),
        column("value", ColumnType::Number),
    ];
    if compares {
        columns.extend(["previous_value", "delta_pct"].map(|key| column(key, ColumnType::Number)));
    }
    let users = |era: i64, step: usize| passed.get(&era).and_then(|steps| steps.get(step)).copied();
    let row = |(place, label): (usize, &String)| {
        let (value, previous) = (users(1, place), users(0, place));
        let mut cells = vec![Cell::Text(label.clone()), number_cell(value)];
        if compares {
            cells.extend([
                number_cell(previous),
                number_cell(delta_pct(value, previous)),
            ]);
        }
        cells
    };
    let labels = funnel.steps.iter().map(|step| &step.label);
    TableData {
        columns,
        rows: labels.enumerate().map(row).collect(),
        other: None,
    }
}

fn column(key: &str, type_: ColumnType) -> Column {
    Column {
        key: key.to_owned(),
        type_,
    }
}

fn number_cell(value: Option<f64>) -> Cell {
    value.map_or(Cell::Null, Cell::Number)
}
