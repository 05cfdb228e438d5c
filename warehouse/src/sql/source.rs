//! The innermost `FROM`: which events or which figures of them, of which tenant, with which columns.

use super::measure::place_name;
use super::{GROUPS, Param, Sql};
use crate::plan::{Buckets, Feed, Field, Measure, Predicate, Source, Span};
use crate::rollup::{Ready, Shape};

/// Columns that the innermost select hands outwards.
#[derive(Default)]
pub(super) struct Columns<'a> {
    /// `g0`, `g1`, …
    pub(super) groups: &'a [&'a Field],
    /// `bucket`, of the time shown and the time compared with.
    pub(super) buckets: Option<(&'a Buckets, Option<&'a Buckets>)>,
    /// `local_ms`: milliseconds since the epoch on the wall clock of the session's zone.
    pub(super) local_time: Option<&'a [(i64, i32)]>,
    /// `u`, `x0`, `x1`, `n0`: what the measures read.
    pub(super) measures: &'a [Measure],
}

/// Writes the select of all events that count, one part an era: `era` is 1 in the time shown, 0 in the time compared with.
pub(super) fn source(sql: &mut Sql, source: &Source, columns: &Columns<'_>) {
    let buckets = columns.buckets.map(|(shown, _)| shown);
    era(
        sql,
        "SELECT 1 AS era",
        source,
        source.current,
        columns,
        buckets,
    );
    if let Some(span) = source.previous {
        sql.push("\nUNION ALL\n");
        let buckets = columns.buckets.and_then(|(_, compared)| compared);
        era(sql, "SELECT 0 AS era", source, span, columns, buckets);
    }
}

fn era(
    sql: &mut Sql,
    head: &'static str,
    source: &Source,
    span: Span,
    columns: &Columns<'_>,
    buckets: Option<&Buckets>,
) {
    sql.push(head);
    for (field, name) in columns.groups.iter().zip(GROUPS) {
        sql.push(", ");
        nullable_text(sql, &source.feed, field);
        sql.push(" AS ").push(name);
    }
    if let Some(buckets) = buckets {
        sql.push(", ");
        bucket(sql, buckets);
        sql.push(" AS bucket");
    }
    if let Some(offsets) = columns.local_time {
        sql.push(", ");
        local_ms(sql, offsets);
        sql.push(" AS local_ms");
    }
    match &source.feed {
        Feed::Events => inputs(sql, columns.measures),
        Feed::Rollup(ready) => parts(sql, &source.feed, &ready.shape, columns.measures),
    }
    from_events(sql, source, span);
}

/// Writes `FROM … WHERE …`. Every read goes through here: the tenant stands first and alone.
pub(super) fn from_events(sql: &mut Sql, source: &Source, span: Span) {
    match &source.feed {
        Feed::Events => {
            sql.push("\nFROM events\nWHERE tenant_id = {scope_tenant:String} AND ");
            event_name(sql, &source.event_names);
        }
        Feed::Rollup(ready) => {
            sql.push("\nFROM rollups\nWHERE tenant_id = {scope_tenant:String} AND rollup_id = ")
                .param(Param::UInt(ready.id));
        }
    }
    sql.push(" AND timestamp >= fromUnixTimestamp64Milli(")
        .param(Param::Int(span.from));
    sql.push(") AND timestamp < fromUnixTimestamp64Milli(")
        .param(Param::Int(span.to))
        .push(")");
    for predicate in &source.filters {
        sql.push(" AND ");
        condition(sql, &source.feed, predicate);
    }
}

fn event_name(sql: &mut Sql, names: &[String]) {
    match names {
        [name] => sql.push("event_name = ").param(Param::Text(name.clone())),
        names => sql
            .push("event_name IN ")
            .param(Param::Texts(names.to_vec())),
    };
}

/// A text that is NULL where the event lacks it.
fn nullable_text(sql: &mut Sql, feed: &Feed, field: &Field) {
    match (feed, field) {
        (Feed::Events, field) => event_text(sql, field),
        (Feed::Rollup(ready), field) => {
            sql.push(dimension(ready, field, NULLABLE));
        }
    }
}

/// A text of a row of `events`, NULL where the event lacks it.
pub(super) fn event_text(sql: &mut Sql, field: &Field) {
    match field {
        Field::UserId => sql.push("nullIf(user_id, '')"),
        Field::Property(path) => sql
            .push("string_props.")
            .param(Param::Path(path.clone()))
            .push(".:String"),
    };
}

/// The columns of a rollup's dimensions; a bit of `absent` tells a missing property from an empty one.
const NULLABLE: [&str; 6] = [
    "if(bitTest(absent, 0), NULL, d0)",
    "if(bitTest(absent, 1), NULL, d1)",
    "if(bitTest(absent, 2), NULL, d2)",
    "if(bitTest(absent, 3), NULL, d3)",
    "if(bitTest(absent, 4), NULL, d4)",
    "if(bitTest(absent, 5), NULL, d5)",
];
pub(super) const DIMENSIONS: [&str; 6] = ["d0", "d1", "d2", "d3", "d4", "d5"];

/// A dimension that the rollup lacks is no column at all: the engine then refuses the statement.
fn dimension(ready: &Ready, field: &Field, columns: [&'static str; 6]) -> &'static str {
    let place = match field {
        Field::UserId => None,
        Field::Property(path) => ready.shape.dimension(path),
    };
    place
        .and_then(|place| columns.get(place).copied())
        .unwrap_or("dimension_that_is_not_there")
}

/// A text that is empty where the event lacks it.
fn text_or_empty(sql: &mut Sql, feed: &Feed, field: &Field) {
    match (feed, field) {
        (Feed::Events, Field::UserId) => {
            sql.push("user_id");
        }
        (Feed::Events, Field::Property(_)) => {
            sql.push("ifNull(");
            nullable_text(sql, feed, field);
            sql.push(", '')");
        }
        (Feed::Rollup(ready), field) => {
            sql.push(dimension(ready, field, DIMENSIONS));
        }
    }
}

/// Writes a condition that is 0 or 1, never NULL.
pub(super) fn condition(sql: &mut Sql, feed: &Feed, predicate: &Predicate) {
    match predicate {
        Predicate::In { field, values } => {
            text_or_empty(sql, feed, field);
            sql.push(" IN ").param(Param::Texts(values.clone()));
        }
        Predicate::NotIn { field, values } => {
            text_or_empty(sql, feed, field);
            sql.push(" NOT IN ").param(Param::Texts(values.clone()));
        }
        Predicate::Is { field, value: None } => {
            nullable_text(sql, feed, field);
            sql.push(" IS NULL");
        }
        Predicate::Is {
            field,
            value: Some(value),
        } => {
            sql.push("ifNull(");
            nullable_text(sql, feed, field);
            sql.push(" = ")
                .param(Param::Text(value.clone()))
                .push(", 0)");
        }
        Predicate::Between { path, min, max } => {
            let bounds = [(" >= ", min), (" <= ", max)];
            let given = bounds
                .into_iter()
                .filter_map(|(operator, bound)| Some((operator, (*bound)?)));
            sql.list(given, " AND ", |sql, (operator, bound)| {
                sql.push("ifNull(number_props.")
                    .param(Param::Path(path.clone()))
                    .push(".:Float64")
                    .push(operator);
                // The bits rather than the digits: the engine's fast reading of decimal text may miss the last bit.
                sql.push("reinterpretAsFloat64(")
                    .param(Param::UInt(bound.to_bits()))
                    .push("), 0)");
            });
        }
        Predicate::WallClock { offsets, day, hour } => {
            sql.push("intDiv(");
            local_ms(sql, offsets);
            sql.push(", 3600000) % 24 = ")
                .param(Param::Int(i64::from(*hour)))
                .push(" AND (intDiv(");
            local_ms(sql, offsets);
            sql.push(", 86400000) + 3) % 7 + 1 = ")
                .param(Param::Int(i64::from(*day)));
        }
    }
}

/// Joins conditions by AND; none is always true.
fn all_of(sql: &mut Sql, feed: &Feed, predicates: &[Predicate]) {
    if predicates.is_empty() {
        sql.push("1");
    }
    sql.list(predicates, " AND ", |sql, predicate| {
        condition(sql, feed, predicate);
    });
}

fn bucket(sql: &mut Sql, buckets: &Buckets) {
    match buckets.step() {
        // Exact, and several times faster than a search.
        Some(step) => {
            sql.push("intDiv(toUnixTimestamp64Milli(timestamp) - ")
                .param(Param::Int(buckets.first()));
            sql.push(", ").param(Param::Int(step)).push(")");
        }
        None => {
            sql.push("roundDown(toUnixTimestamp64Milli(timestamp), ")
                .param(Param::Ints(buckets.starts().to_vec()))
                .push(")");
        }
    }
}

fn local_ms(sql: &mut Sql, offsets: &[(i64, i32)]) {
    let ms = |seconds: i32| i64::from(seconds) * 1000;
    match offsets {
        [(_, only)] => {
            sql.push("toUnixTimestamp64Milli(timestamp) + ")
                .param(Param::Int(ms(*only)));
        }
        several => {
            let starts: Vec<i64> = several.iter().map(|(at, _)| *at).collect();
            let shifts = several.iter().map(|(_, seconds)| ms(*seconds)).collect();
            sql.push("toUnixTimestamp64Milli(timestamp) + transform(roundDown(toUnixTimestamp64Milli(timestamp), ");
            sql.param(Param::Ints(starts.clone()))
                .push("), ")
                .param(Param::Ints(starts));
            sql.push(", ")
                .param(Param::Ints(shifts))
                .push(", toInt64(0))");
        }
    }
}

/// Columns that the measures read: `u` the user, `x0`, `x1` … the numbers, `n0`, `n1` … whether the event is above the line.
fn inputs(sql: &mut Sql, measures: &[Measure]) {
    if measures.iter().any(Measure::reads_user) {
        // Nobody named is no user.
        sql.push(", nullIf(user_id, '') AS u");
    }
    for (place, measure) in measures.iter().enumerate() {
        if let Some(path) = measure.number() {
            sql.push(", number_props.")
                .param(Param::Path(path.clone()))
                .push(".:Float64 AS x")
                .push(place_name(place));
        }
        if measure.reads_flag() {
            sql.push(", (");
            all_of(sql, &Feed::Events, &measure.numerator);
            sql.push(") AS n").push(place_name(place));
        }
    }
}

/// Columns of a rollup that the measures merge: `c` the events, `u` and `w` the users, `y` `x` `l` `h` of each measure the
/// count, sum, least and greatest of its number, `n` the events above the line.
fn parts(sql: &mut Sql, feed: &Feed, shape: &Shape, measures: &[Measure]) {
    sql.push(", events AS c");
    if measures.iter().any(Measure::reads_user) {
        sql.push(", user_hashes AS u");
    }
    if measures.iter().any(Measure::reads_sketch) {
        sql.push(", users_approx AS w");
    }
    for (place, measure) in measures.iter().enumerate() {
        let slot = measure.number().and_then(|path| shape.number(path));
        let columns = slot.and_then(|slot| NUMBER_COLUMNS.get(slot));
        for (column, name) in columns.into_iter().flatten().zip(NUMBER_NAMES) {
            sql.push(", ")
                .push(column)
                .push(name)
                .push(place_name(place));
        }
        if measure.reads_flag() {
            sql.push(", events * (");
            all_of(sql, feed, &measure.numerator);
            sql.push(") AS n").push(place_name(place));
        }
    }
}

/// Count, sum, least and greatest of each number of a rollup.
pub(super) const NUMBER_COLUMNS: [[&str; 4]; 3] = [
    ["count0", "sum0", "min0", "max0"],
    ["count1", "sum1", "min1", "max1"],
    ["count2", "sum2", "min2", "max2"],
];
const NUMBER_NAMES: [&str; 4] = [" AS y", " AS x", " AS l", " AS h"];
