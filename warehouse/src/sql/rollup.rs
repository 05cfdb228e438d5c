//! How a rollup is fed. These statements read the events of all tenants and keep each row's tenant; none is run for a session.

use super::source::NUMBER_COLUMNS;
use super::{Param, Sql};
use crate::plan::{Feed, Field, Source};
use crate::rollup::Shape;

/// The view that feeds a rollup with every insert that comes.
pub(crate) fn view(name: &str, id: u64, shape: &Shape) -> Sql {
    let mut sql = Sql::default();
    sql.push("CREATE MATERIALIZED VIEW ")
        .param(Param::Table(name.to_owned()))
        .push(" TO rollups AS ");
    figures(&mut sql, "events", id, shape);
    sql.push("\n)\nGROUP BY ");
    keys(&mut sql, shape);
    sql
}

/// Fills a rollup with one partition of a table like `events`. One thread: whoever looks at a dashboard comes first.
pub(crate) fn backfill(from: &str, partition: &str, id: u64, shape: &Shape) -> Sql {
    let mut sql = Sql::default();
    sql.push("INSERT INTO rollups (");
    columns(&mut sql, shape);
    sql.push(")\n");
    figures(&mut sql, from, id, shape);
    sql.push(" AND _partition_id = ")
        .param(Param::Text(partition.to_owned()))
        .push("\n)\nGROUP BY ");
    keys(&mut sql, shape);
    sql.push(FILLING);
    sql
}

const FILLING: &str = "\nSETTINGS max_threads = 1, max_bytes_before_external_group_by = 400000000, insert_deduplicate = 0";

/// Fills a rollup with the figures of another, which holds the same of shorter buckets, in a table like `rollups`.
pub(crate) fn merge(from: &str, source: u64, id: u64, shape: &Shape) -> Sql {
    let mut sql = Sql::default();
    sql.push("INSERT INTO rollups (");
    columns(&mut sql, shape);
    sql.push(")\nSELECT tenant_id, ")
        .param(Param::UInt(id))
        .push(", ");
    bucket(&mut sql, shape, "timestamp");
    sql.push(" AS bucket, absent");
    dimension_names(&mut sql, shape);
    sql.push(", sum(events)");
    if shape.users.exact {
        sql.push(", groupUniqArrayArray(user_hashes)");
    }
    if shape.users.approx {
        sql.push(", uniqCombined64MergeState(users_approx)");
    }
    const FUNCTIONS: [&str; 4] = [", sum(", ", sumKahanMergeState(", ", min(", ", max("];
    for columns in NUMBER_COLUMNS.iter().take(shape.numbers.len()) {
        for (function, column) in FUNCTIONS.into_iter().zip(columns) {
            sql.push(function).push(column).push(")");
        }
    }
    sql.push("\nFROM ")
        .param(Param::Table(from.to_owned()))
        .push(" WHERE rollup_id = ")
        .param(Param::UInt(source))
        .push("\nGROUP BY tenant_id, bucket, absent");
    dimension_names(&mut sql, shape);
    sql.push(FILLING);
    sql
}

/// Answers `events, rows`: of the tenant with most events of this name, and how many rows the rollup would have of it.
pub(crate) fn gain(shape: &Shape) -> Sql {
    let mut sql = Sql::default();
    sql.push("SELECT count(), uniqCombined64(timestamp, absent");
    dimension_names(&mut sql, shape);
    sql.push(")\nFROM (\nSELECT ");
    bucket(&mut sql, shape, "at");
    sql.push(" AS timestamp");
    dimensions(&mut sql, shape);
    events(&mut sql, "events", shape);
    sql.push(" AND tenant_id IN (SELECT tenant_id FROM events WHERE event_name = ")
        .param(Param::Text(shape.event_name.clone()))
        .push(" GROUP BY tenant_id ORDER BY count() DESC LIMIT 1)\n)\n)");
    sql
}

/// Answers `events, counted`: how many events of the name there are, and how many a rollup has counted.
pub(crate) fn check(id: u64, shape: &Shape) -> Sql {
    let mut sql = Sql::default();
    sql.push("SELECT toUInt64(ifNull((SELECT count() FROM events WHERE event_name = ")
        .param(Param::Text(shape.event_name.clone()))
        .push("), 0)), toUInt64(ifNull((SELECT sum(events) FROM rollups WHERE rollup_id = ")
        .param(Param::UInt(id))
        .push("), 0))");
    sql
}

/// Answers one number: the rows that a source has of the tenant with most of them, before its filters.
pub(crate) fn most_rows(source: &Source) -> Sql {
    let mut sql = Sql::default();
    sql.push("SELECT max(found) FROM (SELECT count() AS found FROM ");
    match &source.feed {
        Feed::Events => sql
            .push("events WHERE event_name IN ")
            .param(Param::Texts(source.event_names.clone())),
        Feed::Rollup(ready) => sql
            .push("rollups WHERE rollup_id = ")
            .param(Param::UInt(ready.id)),
    };
    let spans = [Some(source.current), source.previous];
    sql.push(" AND (")
        .list(spans.into_iter().flatten(), " OR ", |sql, span| {
            sql.push("timestamp >= fromUnixTimestamp64Milli(")
                .param(Param::Int(span.from))
                .push(") AND timestamp < fromUnixTimestamp64Milli(")
                .param(Param::Int(span.to))
                .push(")");
        })
        .push(") GROUP BY tenant_id)");
    sql
}

fn figures(sql: &mut Sql, from: &str, id: u64, shape: &Shape) {
    sql.push("SELECT tenant_id, ")
        .param(Param::UInt(id))
        .push(" AS rollup_id, ");
    bucket(sql, shape, "at");
    sql.push(" AS timestamp");
    dimensions(sql, shape);
    sql.push(", count() AS events");
    if shape.users.exact {
        // The hash that uniqExact makes of a text.
        sql.push(", groupUniqArrayIf(reinterpretAsUInt128(sipHash128(user_id)), user_id != '') AS user_hashes");
    }
    if shape.users.approx {
        sql.push(", uniqCombined64State(nullIf(user_id, '')) AS users_approx");
    }
    const FUNCTIONS: [&str; 4] = [", count(", ", sumKahanState(", ", min(", ", max("];
    for (number, columns) in shape.numbers.iter().zip(NUMBER_COLUMNS) {
        for (function, column) in FUNCTIONS.into_iter().zip(columns) {
            sql.push(function).push("number_props.");
            sql.param(Param::Path(crate::property::PropertyPath::of(number)))
                .push(".:Float64) AS ")
                .push(column);
        }
    }
    events(sql, from, shape);
}

/// An unfinished subquery: the caller adds conditions and closes it.
fn events(sql: &mut Sql, from: &str, shape: &Shape) {
    sql.push(
        "\nFROM (\nSELECT tenant_id, timestamp AS at, user_id, string_props, number_props FROM ",
    )
    .param(Param::Table(from.to_owned()))
    .push(" WHERE event_name = ")
    .param(Param::Text(shape.event_name.clone()));
}

/// The start of the bucket that the instant of a column lies in.
fn bucket(sql: &mut Sql, shape: &Shape, column: &'static str) {
    let length = || Param::Int(shape.bucket.ms());
    sql.push("fromUnixTimestamp64Milli(intDiv(toUnixTimestamp64Milli(")
        .push(column)
        .push("), ")
        .param(length())
        .push(") * ")
        .param(length())
        .push(", 'UTC')");
}

/// `absent`, a bit for each dimension that the event lacks, and the dimensions.
fn dimensions(sql: &mut Sql, shape: &Shape) {
    const BITS: [&str; 6] = [") * 1", ") * 2", ") * 4", ") * 8", ") * 16", ") * 32"];
    let fields = || shape.dimensions.iter().map(|name| Field::of(name));
    sql.push(", toUInt8(0");
    for (field, bit) in fields().zip(BITS) {
        sql.push(" + isNull(");
        super::source::event_text(sql, &field);
        sql.push(bit);
    }
    sql.push(") AS absent");
    for (field, name) in fields().zip(super::source::DIMENSIONS) {
        sql.push(", ifNull(");
        super::source::event_text(sql, &field);
        sql.push(", '') AS ").push(name);
    }
}

fn keys(sql: &mut Sql, shape: &Shape) {
    sql.push("tenant_id, timestamp, absent");
    dimension_names(sql, shape);
}

fn dimension_names(sql: &mut Sql, shape: &Shape) {
    for name in super::source::DIMENSIONS
        .iter()
        .take(shape.dimensions.len())
    {
        sql.push(", ").push(name);
    }
}

fn columns(sql: &mut Sql, shape: &Shape) {
    sql.push("tenant_id, rollup_id, timestamp, absent");
    dimension_names(sql, shape);
    sql.push(", events");
    if shape.users.exact {
        sql.push(", user_hashes");
    }
    if shape.users.approx {
        sql.push(", users_approx");
    }
    for columns in NUMBER_COLUMNS.iter().take(shape.numbers.len()) {
        for column in columns {
            sql.push(", ").push(column);
        }
    }
}
