//! One number.

use super::Sql;
use super::measure::{Form, values};
use super::source::{Columns, source};
use crate::plan::{Measure, Source};

/// Answers `era, value`: one row an era that has events.
pub(crate) fn scalar(from: &Source, measure: &Measure) -> Sql {
    let mut sql = Sql::default();
    let measures = std::slice::from_ref(measure);
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
