//! Events themselves, and the values of a dimension.

use std::collections::{BTreeMap, BTreeSet};

use emban_contract::UnixMillis;
use emban_contract::embed::{Cell, Column, ColumnType, DimensionValue, RowsAnswer, ValuesAnswer};
use serde_json::Value;

use super::{Row, integer, text};
use crate::plan::{RowsPlan, USER_ID, VisibleProperties, cursor};
use crate::property::name_of;

/// One event of a page, with the properties that the viewer may see.
struct Seen {
    at: i64,
    event_id: String,
    user: Option<String>,
    texts: BTreeMap<String, String>,
    numbers: BTreeMap<String, f64>,
}

/// Rows are `at, event_id, user_id, string_props, number_props`, one more than the page when there is another page.
///
/// Columns: the time, the user if the viewer may see users, then every property that an event of the page has and the
/// viewer may see, texts before numbers, by name.
pub(crate) fn rows(plan: &RowsPlan, rows: &[Row]) -> Option<RowsAnswer> {
    let page = usize::try_from(plan.limit).ok()?;
    let seen: Vec<Seen> = rows
        .iter()
        .take(page)
        .map(|row| event(&plan.visible, row))
        .collect::<Option<_>>()?;
    let next_cursor = seen
        .last()
        .filter(|_| rows.len() > page)
        .map(|last| cursor(last.at, &last.event_id));
    let texts: BTreeSet<&String> = seen.iter().flat_map(|event| event.texts.keys()).collect();
    let numbers: BTreeSet<&String> = seen.iter().flat_map(|event| event.numbers.keys()).collect();
    let shows_user = plan.visible.shows_text(USER_ID);

    let column = |key: &str, type_| Column {
        key: key.to_owned(),
        type_,
    };
    let mut columns = vec![column("timestamp", ColumnType::Time)];
    columns.extend(shows_user.then(|| column(USER_ID, ColumnType::String)));
    columns.extend(texts.iter().map(|name| column(name, ColumnType::String)));
    columns.extend(numbers.iter().map(|name| column(name, ColumnType::Number)));

    let cells = |event: &Seen| {
        let mut cells = vec![Cell::Text(UnixMillis(event.at).to_string())];
        cells.extend(shows_user.then(|| event.user.clone().map_or(Cell::Null, Cell::Text)));
        cells.extend(texts.iter().map(|name| {
            event
                .texts
                .get(*name)
                .cloned()
                .map_or(Cell::Null, Cell::Text)
        }));
        cells.extend(numbers.iter().map(|name| {
            event
                .numbers
                .get(*name)
                .copied()
                .map_or(Cell::Null, Cell::Number)
        }));
        cells
    };
    Some(RowsAnswer {
        rows: seen.iter().map(cells).collect(),
        columns,
        next_cursor,
    })
}

fn event(visible: &VisibleProperties, row: &Row) -> Option<Seen> {
    let mut texts = BTreeMap::new();
    for (path, value) in row.get(3)?.as_object()? {
        let name = name_of(path)?;
        if visible.shows_text(&name) {
            texts.insert(name, value.as_str()?.to_owned());
        }
    }
    let mut numbers = BTreeMap::new();
    for (path, value) in row.get(4)?.as_object()? {
        let name = name_of(path)?;
        if visible.shows_number(&name) {
            numbers.insert(name, value.as_f64()?);
        }
    }
    Some(Seen {
        at: integer(row.first())?,
        event_id: row.get(1)?.as_str()?.to_owned(),
        user: text(row.get(2))??.into(),
        texts,
        numbers,
    })
    .map(|seen| Seen {
        user: seen.user.filter(|user: &String| !user.is_empty()),
        ..seen
    })
}

/// Rows are `value, count`.
pub(crate) fn values(rows: &[Row]) -> Option<ValuesAnswer> {
    let value = |row: &Row| {
        Some(DimensionValue {
            value: text(row.first())?,
            count: row.get(1).and_then(Value::as_u64)?,
        })
    };
    Some(ValuesAnswer {
        values: rows.iter().map(value).collect::<Option<_>>()?,
    })
}
