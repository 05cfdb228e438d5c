//! Numbers by time.

use super::measure::{Era, Form, state_columns, states, value, values};
use super::source::{Columns, source};
use super::{Param, Sql};
use crate::plan::{Field, Series, Source};

/// Answers `era, bucket, values…`, or with groups `era, bucket, other, g0, rank, values…`; buckets without events are left out.
/// Where totals are asked for, a row of each era has no bucket: its values are those of all buckets together.
pub(crate) fn series(from: &Source, series: &Series) -> Sql {
    match &series.group {
        None => single(from, series),
        Some((field, limit)) => grouped(from, series, field, *limit),
    }
}

fn columns<'a>(series: &'a Series, groups: &'a [&'a Field]) -> Columns<'a> {
    Columns {
        groups,
        buckets: Some((&series.buckets, series.previous_buckets.as_ref())),
        measures: &series.measures,
        ..Columns::default()
    }
}

fn single(from: &Source, series: &Series) -> Sql {
    let mut sql = Sql::default();
    sql.push("SELECT era, ").push(if series.totals {
        "if(grouping(bucket) = 1, NULL, bucket)"
    } else {
        "bucket"
    });
    values(&mut sql, &series.measures, Form::Direct);
    sql.push("\nFROM (\n");
    source(&mut sql, from, &columns(series, &[]));
    sql.push("\n)\nGROUP BY era, bucket");
    if series.totals {
        // The states of the buckets are merged: nothing is read twice.
        sql.push(" WITH ROLLUP\nHAVING grouping(era) = 0");
    }
    sql
}

fn grouped(from: &Source, series: &Series, field: &Field, limit: u32) -> Sql {
    let mut sql = Sql::default();
    let measures = &series.measures;
    let groups = [field];
    let limit = Param::UInt(u64::from(limit));
    sql.push("SELECT 1 AS era, bucket, rank > ")
        .param(limit.clone())
        .push(" AS other, if(other, NULL, g0) AS name, ");
    sql.push("if(other, 0, rank) AS place");
    values(&mut sql, measures, Form::Merge(Era::Both));
    sql.push("\nFROM (\nSELECT bucket, g0");
    state_columns(&mut sql, measures, Era::Both);
    sql.push(", dense_rank() OVER (ORDER BY isNull(total), total DESC, isNull(g0), g0) AS rank");
    sql.push("\nFROM (\nSELECT bucket, g0");
    state_columns(&mut sql, measures, Era::Both);
    if let Some(first) = measures.first() {
        sql.push(", ");
        value(
            &mut sql,
            first,
            0,
            Form::MergeOver(" OVER (PARTITION BY g0)"),
        );
        sql.push(" AS total");
    }
    sql.push("\nFROM (\nSELECT bucket, g0");
    states(&mut sql, measures, Era::Both);
    sql.push("\nFROM (\n");
    source(&mut sql, from, &columns(series, &groups));
    sql.push("\n)\nGROUP BY bucket, g0\n)\n)\n)\nGROUP BY bucket, other, name, place");
    sql
}
