//! Single numbers.

use super::Sql;
use super::measure::{Form, values};
use super::source::{Columns, source};
use crate::plan::{Measure, Source};

/// Answers `era, values…`: one row an era that has events.
pub(crate) fn scalar(from: &Source, measures: &[Measure]) -> Sql {
    let mut sql = Sql::default();
    sql.push("SELECT era");
    values(&mut sql, measures, Form::Direct);
    sql.push("\nFROM (\n");
    source(
        &mut sql,
        from,
        &Columns {
            measures,
            ..Columns::default()
        },
    );
    sql.push("\n)\nGROUP BY era");
    sql
}
