//! Numbers by two dimensions.

use std::collections::BTreeMap;

use emban_contract::embed::GridData;

use super::{Row, empty, flag, integer, measured, text};
use crate::plan::Measure;

const DAYS: usize = 7;
const HOURS: usize = 24;

/// Rows are `day, hour, value`.
pub(super) fn heatmap(measure: &Measure, rows: &[Row]) -> Option<GridData> {
    let mut cells = vec![vec![empty(measure); HOURS]; DAYS];
    for row in rows {
        let day = usize::try_from(integer(row.first())?)
            .ok()?
            .checked_sub(1)?;
        let hour = usize::try_from(integer(row.get(1))?).ok()?;
        *cells.get_mut(day)?.get_mut(hour)? = measured(measure, row.get(2))?;
    }
    let labels =
        |range: std::ops::Range<usize>| range.map(|label| Some(label.to_string())).collect();
    Some(GridData {
        rows: labels(1..DAYS + 1),
        columns: labels(0..HOURS),
        cells,
        other_row: false,
        other_column: false,
    })
}

/// The rest stands behind every place.
type Place = (bool, i64);

/// Rows are `row, row is the rest, row's place, column, column is the rest, column's place, value`.
pub(super) fn pivot(measure: &Measure, rows: &[Row]) -> Option<GridData> {
    let mut pivot = Pivot::default();
    for row in rows {
        pivot.take(measure, row)?;
    }
    Some(pivot.finish(measure))
}

/// A pivot that is read row by row.
#[derive(Default)]
pub(crate) struct Pivot {
    rows: BTreeMap<Place, Option<String>>,
    columns: BTreeMap<Place, Option<String>>,
    cells: BTreeMap<(Place, Place), Option<f64>>,
}

impl Pivot {
    /// Reads a row, as [`pivot`] does.
    pub(crate) fn take(&mut self, measure: &Measure, row: &Row) -> Option<()> {
        let (row_place, row_label) = label(row, 0)?;
        let (column_place, column_label) = label(row, 3)?;
        self.rows.insert(row_place, row_label);
        self.columns.insert(column_place, column_label);
        let value = measured(measure, row.get(6))?;
        self.cells.insert((row_place, column_place), value);
        Some(())
    }

    /// All that was read.
    pub(crate) fn finish(self, measure: &Measure) -> GridData {
        let has_other = |labels: &BTreeMap<Place, Option<String>>| {
            labels.keys().next_back().is_some_and(|(other, _)| *other)
        };
        let value = |row: &Place, column: &Place| {
            let found = self.cells.get(&(*row, *column)).copied();
            found.unwrap_or_else(|| empty(measure))
        };
        let line = |row| self.columns.keys().map(|c| value(row, c)).collect();
        let cells = self.rows.keys().map(line).collect();
        GridData {
            other_row: has_other(&self.rows),
            other_column: has_other(&self.columns),
            rows: self.rows.into_values().collect(),
            columns: self.columns.into_values().collect(),
            cells,
        }
    }
}

fn label(row: &Row, first: usize) -> Option<(Place, Option<String>)> {
    let other = flag(row.get(first + 1))?;
    let name = text(row.get(first))?;
    let place = (other, integer(row.get(first + 2))?);
    Some((
        place,
        if other {
            Some("other".to_owned())
        } else {
            name
        },
    ))
}
