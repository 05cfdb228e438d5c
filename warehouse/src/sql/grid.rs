//! Numbers by two dimensions.

use super::measure::{Era, Form, state_columns, states, value, values};
use super::source::{Columns, source};
use super::{Param, Sql};
use crate::plan::{Field, Measure, Source};

/// Answers `day, hour, value`: days of the week 1 (Monday) to 7, hours of the wall clock 0 to 23.
pub(crate) fn heatmap(from: &Source, measure: &Measure, offsets: &[(i64, i32)]) -> Sql {
    let mut sql = Sql::default();
    let measures = std::slice::from_ref(measure);
    // 1970-01-01 was a Thursday. Times of events lie after 2000, so that no division rounds up.
    sql.push("SELECT (intDiv(local_ms, 86400000) + 3) % 7 + 1 AS day, intDiv(local_ms, 3600000) % 24 AS hour");
    values(&mut sql, measures, Form::Direct);
    sql.push("\nFROM (\n");
    source(
        &mut sql,
        from,
        &Columns {
            local_time: Some(offsets),
            measures,
            ..Columns::default()
        },
    );
    sql.push("\n)\nGROUP BY day, hour");
    sql
}

/// Answers `row, row is the rest, row's place, column, column is the rest, column's place, value`.
pub(crate) fn pivot(
    from: &Source,
    groups: &[Field; 2],
    measure: &Measure,
    limits: [u32; 2],
) -> Sql {
    let mut sql = Sql::default();
    let measures = std::slice::from_ref(measure);
    let [rows, columns] = groups;
    let [rows_limit, columns_limit] = limits.map(|limit| Param::UInt(u64::from(limit)));
    sql.push("SELECT if(row_other, NULL, g0) AS row, rank0 > ")
        .param(rows_limit)
        .push(" AS row_other, ");
    sql.push(
        "if(row_other, 0, rank0) AS row_place, if(column_other, NULL, g1) AS column, rank1 > ",
    )
    .param(columns_limit);
    sql.push(" AS column_other, if(column_other, 0, rank1) AS column_place");
    values(&mut sql, measures, Form::Merge(Era::Both));
    sql.push("\nFROM (\nSELECT g0, g1");
    state_columns(&mut sql, measures, Era::Both);
    sql.push(", dense_rank() OVER (ORDER BY isNull(total0), total0 DESC, isNull(g0), g0) AS rank0");
    sql.push(", dense_rank() OVER (ORDER BY isNull(total1), total1 DESC, isNull(g1), g1) AS rank1");
    sql.push("\nFROM (\nSELECT g0, g1");
    state_columns(&mut sql, measures, Era::Both);
    for (window, name) in [
        (" OVER (PARTITION BY g0)", " AS total0"),
        (" OVER (PARTITION BY g1)", " AS total1"),
    ] {
        sql.push(", ");
        value(&mut sql, measure, 0, Form::MergeOver(window));
        sql.push(name);
    }
    sql.push("\nFROM (\nSELECT g0, g1");
    states(&mut sql, measures, Era::Both);
    sql.push("\nFROM (\n");
    source(
        &mut sql,
        from,
        &Columns {
            groups: &[rows, columns],
            measures,
            ..Columns::default()
        },
    );
    sql.push("\n)\nGROUP BY g0, g1\n)\n)\n)\nGROUP BY row, row_other, row_place, column, column_other, column_place");
    sql
}
