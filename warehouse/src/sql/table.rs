//! Numbers by up to four texts, the largest first, the rest as one.

use super::measure::{Era, Form, state_columns, states, value, values};
use super::source::{Columns, source};
use super::{GROUPS, Param, Sql};
use crate::plan::{Field, Source, Table};

/// Answers `other, groups…, values…[, compared value]`, in the order of the ranks, the rest last.
///
/// Groups without an event in the time shown do not appear, also when there is one in the time compared with.
pub(crate) fn table(from: &Source, table: &Table) -> Sql {
    let mut sql = Sql::default();
    let measures = &table.measures;
    let limit = Param::UInt(u64::from(table.limit));
    let names = || GROUPS.iter().zip(&table.groups).map(|(name, _)| *name);
    let fields: Vec<&Field> = table.groups.iter().map(|(_, field)| field).collect();
    let compares = from.previous.is_some();
    let shown = if compares { Era::Shown } else { Era::Both };
    let first = measures.first().map_or(&[][..], std::slice::from_ref);

    sql.push("SELECT rank > ").param(limit).push(" AS other");
    for (name, alias) in names().zip([" AS k0", " AS k1", " AS k2", " AS k3"]) {
        sql.push(", if(other, NULL, ")
            .push(name)
            .push(")")
            .push(alias);
    }
    values(&mut sql, measures, Form::Merge(shown));
    if compares {
        values(&mut sql, first, Form::Merge(Era::Compared));
    }
    sql.push("\nFROM (\nSELECT ")
        .list(names(), ", ", |sql, name| {
            sql.push(name);
        });
    state_columns(&mut sql, measures, shown);
    if compares {
        state_columns(&mut sql, first, Era::Compared);
    }
    sql.push(", row_number() OVER (ORDER BY isNull(v), v DESC");
    for name in names() {
        sql.push(", isNull(").push(name).push("), ").push(name);
    }
    sql.push(") AS rank\nFROM (\nSELECT ")
        .list(names(), ", ", |sql, name| {
            sql.push(name);
        });
    states(&mut sql, measures, shown);
    if compares {
        states(&mut sql, first, Era::Compared);
    }
    if let Some(first) = measures.first() {
        sql.push(", ");
        value(&mut sql, first, 0, Form::Finalize(shown));
        sql.push(" AS v");
    }
    sql.push("\nFROM (\n");
    source(
        &mut sql,
        from,
        &Columns {
            groups: &fields,
            measures,
            ..Columns::default()
        },
    );
    sql.push("\n)\nGROUP BY ").list(names(), ", ", |sql, name| {
        sql.push(name);
    });
    if compares {
        sql.push("\nHAVING countIf(era = 1) > 0");
    }
    sql.push("\n)\n)\nGROUP BY other, ").list(
        ["k0", "k1", "k2", "k3"]
            .into_iter()
            .take(table.groups.len()),
        ", ",
        |sql, name| {
            sql.push(name);
        },
    );
    sql.push("\nORDER BY min(rank)");
    sql
}
