//! How far users come through ordered steps.

use super::source::{condition, from_events};
use super::{Param, Sql};
use crate::plan::{Feed, Funnel, Source, Span};

/// Whether an event is one of step n; as many as a funnel may have steps.
const MARKS: [&str; 12] = [
    "m0", "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "m9", "m10", "m11",
];
const AS_MARKS: [&str; 12] = [
    " AS m0", " AS m1", " AS m2", " AS m3", " AS m4", " AS m5", " AS m6", " AS m7", " AS m8",
    " AS m9", " AS m10", " AS m11",
];
/// Bit of step n in the mask.
const BITS: [&str; 12] = [
    "", " * 2", " * 4", " * 8", " * 16", " * 32", " * 64", " * 128", " * 256", " * 512", " * 1024",
    " * 2048",
];

/// Answers `era, level, users`: how many users passed exactly the first `level` steps, within the window, in order.
///
/// `windowFunnel` orders events by one number and leaves open what comes first when two are equal. That number is
/// therefore made of the milliseconds and, below them, of the steps that the event is: at the same millisecond an
/// earlier step goes first, and the result does not depend on the order in which rows are read. The mask has 12 bits and
/// the scale 13, so that a window of w ms holds exactly the events up to w ms after the first. `strict_once` keeps one event
/// that is of two steps from being both of them.
pub(crate) fn funnel(from: &Source, funnel: &Funnel) -> Sql {
    let mut sql = Sql::default();
    let steps = funnel.steps.len();
    let marks = || MARKS.into_iter().take(steps);
    let window = funnel
        .window_ms
        .saturating_mul(SCALE)
        .saturating_add(SCALE / 2 - 1);
    sql.push("SELECT era, level, count() AS users\nFROM (\nSELECT era, user_id, windowFunnel(")
        .param(Param::UInt(window));
    sql.push(", 'strict_once')(toUInt64(at * 8192 + (")
        .list(marks().zip(BITS), " + ", |sql, (mark, bit)| {
            sql.push(mark).push(bit);
        })
        .push(")), ");
    sql.list(marks(), ", ", |sql, mark| {
        sql.push(mark);
    });
    sql.push(") AS level\nFROM (\n");
    era(&mut sql, "SELECT 1 AS era", from, from.current, funnel);
    if let Some(span) = from.previous {
        sql.push("\nUNION ALL\n");
        era(&mut sql, "SELECT 0 AS era", from, span, funnel);
    }
    sql.push("\n)\nGROUP BY era, user_id\n)\nGROUP BY era, level");
    sql
}

/// Two to the 13th; the SQL text spells it out.
const SCALE: u64 = 8192;

fn era(sql: &mut Sql, head: &'static str, from: &Source, span: Span, funnel: &Funnel) {
    sql.push(head)
        .push(", user_id, toUnixTimestamp64Milli(timestamp) AS at");
    for (step, name) in funnel.steps.iter().zip(AS_MARKS) {
        sql.push(", (event_name = ")
            .param(Param::Text(step.event_name.clone()));
        for predicate in &step.filters {
            sql.push(" AND ");
            condition(sql, &Feed::Events, predicate);
        }
        sql.push(")").push(name);
    }
    from_events(sql, from, span);
    sql.push(" AND user_id != ''");
}
