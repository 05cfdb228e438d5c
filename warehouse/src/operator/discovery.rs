//! What events and properties a company has sent, across its tenants. Names and numbers only, never a value.

use std::collections::HashMap;

use clickhouse::query::Query;
use emban_contract::discover::{Discovery, SeenEvent, SeenNumericProp, SeenStringProp};
use emban_contract::{EnvironmentName, UnixMillis, limits};
use serde_json::Value;

use crate::connection::Warehouse;
use crate::error::QueryError;
use crate::property::name_of;
use crate::scoped::read;

/// Events of one name whose properties are read: enough to tell a property that one event in a thousand has.
const SAMPLE: u64 = 20_000;

/// Memory of one query, in bytes.
const MEMORY_BYTES: u64 = 1 << 30;

const EVENTS: &str = "
SELECT event_name::String, count() AS found, uniq(tenant_id), uniqIf(user_id, user_id != ''),
    toUnixTimestamp64Milli(min(timestamp)), toUnixTimestamp64Milli(max(timestamp))
FROM events
WHERE timestamp >= fromUnixTimestamp64Milli({from:Int64}) AND timestamp < fromUnixTimestamp64Milli({to:Int64})
GROUP BY event_name ORDER BY found DESC, event_name LIMIT 200";

/// One event in `every` of each name, chosen by its id: a sample across tenants and times.
const STRINGS: &str = "
SELECT event, pair.1, count() AS found, uniq(pair.2)
FROM (
    SELECT event_name::String AS event, arrayJoin(JSONExtractKeysAndValues(string_props::String, 'String')) AS pair
    FROM events
    WHERE timestamp >= fromUnixTimestamp64Milli({from:Int64}) AND timestamp < fromUnixTimestamp64Milli({to:Int64})
        AND event_name IN {names:Array(String)}
        AND cityHash64(event_id) % transform(event_name::String, {names:Array(String)}, {every:Array(Int64)}, 1) = 0
)
GROUP BY event, pair.1 ORDER BY event, found DESC, pair.1 LIMIT 64 BY event";

const NUMBERS: &str = "
SELECT event, pair.1, count() AS found, uniq(pair.2), min(pair.2), max(pair.2), avg(pair.2)
FROM (
    SELECT event_name::String AS event, arrayJoin(JSONExtractKeysAndValues(number_props::String, 'Float64')) AS pair
    FROM events
    WHERE timestamp >= fromUnixTimestamp64Milli({from:Int64}) AND timestamp < fromUnixTimestamp64Milli({to:Int64})
        AND event_name IN {names:Array(String)}
        AND cityHash64(event_id) % transform(event_name::String, {names:Array(String)}, {every:Array(Int64)}, 1) = 0
)
GROUP BY event, pair.1 ORDER BY event, found DESC, pair.1 LIMIT 64 BY event";

/// A half-open range of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// First instant.
    pub from: UnixMillis,
    /// First instant after.
    pub to: UnixMillis,
}

/// Looks at what was sent in a range of time.
///
/// Cost: event names are counted over all events, without their properties; properties over some 20,000 events of each
/// name.
pub async fn discover(
    warehouse: &Warehouse,
    environment: &EnvironmentName,
    range: Range,
) -> Result<Discovery, QueryError> {
    let client = warehouse.database(environment);
    #[expect(
        clippy::disallowed_methods,
        reason = "asks for the company itself, on no session's behalf"
    )]
    let ask = |sql: &'static str| {
        bounded(client.query_raw(sql))
            .param("from", range.from.0)
            .param("to", range.to.0)
    };
    let (rows, _) = read(ask(EVENTS)).await?;
    let mut events: Vec<SeenEvent> = rows
        .iter()
        .map(event)
        .collect::<Option<_>>()
        .ok_or(QueryError::Unreadable(None))?;
    if !events.is_empty() {
        let names: Vec<&str> = events.iter().map(|seen| seen.event_name.as_str()).collect();
        let every: Vec<i64> = events.iter().map(|seen| every(seen.count)).collect();
        let sampled = |sql| ask(sql).param("names", &names).param("every", &every);
        let (strings, _) = read(sampled(STRINGS)).await?;
        let (numbers, _) = read(sampled(NUMBERS)).await?;
        place(&mut events, &strings, &numbers).ok_or(QueryError::Unreadable(None))?;
    }
    Ok(Discovery {
        from: range.from,
        to: range.to,
        events,
    })
}

fn bounded(query: Query) -> Query {
    query
        .with_setting("readonly", "1")
        .with_setting("max_execution_time", limits::QUERY_SECONDS.to_string())
        .with_setting("max_memory_usage", MEMORY_BYTES.to_string())
}

/// Of how many events of a name one is looked at.
fn every(count: u64) -> i64 {
    i64::try_from((count / SAMPLE).max(1)).unwrap_or(i64::MAX)
}

type Row = Vec<Value>;

fn event(row: &Row) -> Option<SeenEvent> {
    let count = row.get(1)?.as_u64()?;
    Some(SeenEvent {
        event_name: row.first()?.as_str()?.to_owned(),
        count,
        tenants: row.get(2)?.as_u64()?,
        users: row.get(3)?.as_u64()?,
        first_seen: UnixMillis(row.get(4)?.as_i64()?),
        last_seen: UnixMillis(row.get(5)?.as_i64()?),
        sampled: every(count) > 1,
        string_props: Vec::new(),
        numeric_props: Vec::new(),
    })
}

/// Puts each property to its event. `None` when the rows are not what was asked for.
fn place(events: &mut [SeenEvent], strings: &[Row], numbers: &[Row]) -> Option<()> {
    let places: HashMap<String, usize> = events
        .iter()
        .enumerate()
        .map(|(index, seen)| (seen.event_name.clone(), index))
        .collect();
    let of = |row: &Row| -> Option<(usize, String)> {
        let index = *places.get(row.first()?.as_str()?)?;
        Some((index, name_of(row.get(1)?.as_str()?)?))
    };
    for row in strings {
        let (index, name) = of(row)?;
        let seen = events.get_mut(index)?;
        seen.string_props.push(SeenStringProp {
            name,
            count: estimate(row, seen.count)?,
            cardinality: row.get(3)?.as_u64()?,
        });
    }
    for row in numbers {
        let (index, name) = of(row)?;
        let seen = events.get_mut(index)?;
        seen.numeric_props.push(SeenNumericProp {
            name,
            count: estimate(row, seen.count)?,
            cardinality: row.get(3)?.as_u64()?,
            min: row.get(4)?.as_f64(),
            max: row.get(5)?.as_f64(),
            avg: row.get(6)?.as_f64(),
        });
    }
    Some(())
}

/// The sample's count, made up to all events; never more than there are.
fn estimate(row: &Row, events: u64) -> Option<u64> {
    let found = row.get(2)?.as_u64()?;
    Some(
        found
            .saturating_mul(every(events).unsigned_abs())
            .min(events),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_of_many_events_stands_for_all_of_them() {
        let row = |found: u64| vec!["e".into(), "p".into(), found.into(), 3.into()];
        assert_eq!((every(10), every(19_999), every(200_000)), (1, 1, 10));
        assert_eq!(estimate(&row(7), 10), Some(7));
        assert_eq!(estimate(&row(10_000), 200_000), Some(100_000));
        assert_eq!(estimate(&row(20_100), 200_000), Some(200_000));
    }
}
