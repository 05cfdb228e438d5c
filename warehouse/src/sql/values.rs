//! The values of a dimension.

use super::source::{Columns, source};
use super::{Param, Sql};
use crate::plan::ValuesPlan;

/// Answers `g0, count`, the most frequent first.
pub(crate) fn values(plan: &ValuesPlan) -> Sql {
    let mut sql = Sql::default();
    sql.push("SELECT g0, count() AS found\nFROM (\n");
    source(
        &mut sql,
        &plan.source,
        &Columns {
            groups: &[&plan.field],
            ..Columns::default()
        },
    );
    sql.push("\n)");
    if let Some(search) = &plan.search {
        sql.push("\nWHERE positionCaseInsensitiveUTF8(ifNull(g0, ''), ")
            .param(Param::Text(search.clone()))
            .push(") > 0");
    }
    sql.push("\nGROUP BY g0\nORDER BY found DESC, isNull(g0), g0\nLIMIT ")
        .param(Param::UInt(u64::from(plan.limit)));
    sql
}
