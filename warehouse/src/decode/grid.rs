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
    })
}

/// The rest stands behind every place.
type Place = (bool, i64);

/// Rows are `row, row is the rest, row's place, column, column is the rest, column's place, value`.
pub(super) fn pivot(measure: &Measure, rows: &[Row]) -> Option<GridData> {
    let mut row_labels: BTreeMap<Place, Option<String>> = BTreeMap::new();
    let mut column_labels: BTreeMap<Place, Option<String>> = BTreeMap::new();
    let mut found: BTreeMap<(Place, Place), Option<f64>> = BTreeMap::new();
    for row in rows {
        let (row_place, row_label) = label(row, 0)?;
        let (column_place, column_label) = label(row, 3)?;
        row_labels.insert(row_place, row_label);
        column_labels.insert(column_place, column_label);
        found.insert((row_place, column_place), measured(measure, row.get(6))?);
    }
    let value = |row: &Place, column: &Place| {
        found
            .get(&(*row, *column))
            .copied()
            .unwrap_or_else(|| empty(measure))
    };
    let cells = row_labels
        .keys()
        .map(|row| {
            column_labels
                .keys()
                .map(|column| value(row, column))
                .collect()
        })
        .collect();
    Some(GridData {
        rows: row_labels.into_values().collect(),
        columns: column_labels.into_values().collect(),
        cells,
    })
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
