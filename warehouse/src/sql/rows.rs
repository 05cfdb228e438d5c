//! The events behind a number.

use super::source::from_events;
use super::{Param, Sql};
use crate::plan::RowsPlan;

/// Answers `at, event_id, user_id, string_props, number_props`, newest first, one row more than the page holds.
pub(crate) fn rows(plan: &RowsPlan) -> Sql {
    let mut sql = Sql::default();
    sql.push("SELECT at, event_id, user_id, string_props, number_props\nFROM (\n");
    sql.push("SELECT toUnixTimestamp64Milli(timestamp) AS at, event_id, user_id, string_props, number_props");
    from_events(&mut sql, &plan.source, plan.source.current);
    if let (Some((at, _)), None) = (&plan.after, plan.most) {
        // Repeats part of the condition below so that the primary key can skip what was already shown.
        sql.push(" AND timestamp <= fromUnixTimestamp64Milli(")
            .param(Param::Int(*at))
            .push(")");
    }
    if let Some(most) = plan.most {
        // The bound holds for all pages together, wherever a cursor points.
        sql.push("\nORDER BY timestamp DESC, event_id DESC\nLIMIT ")
            .param(Param::UInt(u64::from(most)));
    }
    sql.push("\n)");
    if let Some((at, event_id)) = &plan.after {
        sql.push("\nWHERE (at, event_id) < (")
            .param(Param::Int(*at))
            .push(", ")
            .param(Param::Text(event_id.clone()))
            .push(")");
    }
    sql.push("\nORDER BY at DESC, event_id DESC\nLIMIT ")
        .param(Param::UInt(u64::from(plan.limit) + 1));
    sql
}
