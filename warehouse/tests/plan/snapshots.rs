//! Some statements in full.

use serde_json::json;

use crate::{document, sql, widget};

#[test]
fn a_number_compared_with_the_period_before() {
    let document = document(json!([widget(
        "kpi",
        "stat",
        json!({
            "event_name": "api.call", "metric": "avg", "numeric_prop": "latency.ms", "compare": "previous_period",
        })
    )]));
    let plan = sql(
        &document,
        json!({"timezone": "Europe/Berlin"}),
        json!({"period": "7d", "dimensions": {"model": ["m-1", "m-2"]}}),
    )
    .unwrap();
    insta::assert_snapshot!(plan, @r#"
    SELECT era, sumKahan(x0) / nullIf(count(x0), 0)
    FROM (
    SELECT 1 AS era, number_props.{p0:Identifier}.:Float64 AS x0
    FROM events
    WHERE tenant_id = {scope_tenant:String} AND event_name = {p1:String} AND timestamp >= fromUnixTimestamp64Milli({p2:Int64}) AND timestamp < fromUnixTimestamp64Milli({p3:Int64}) AND ifNull(string_props.{p4:Identifier}.:String, '') IN {p5:Array(String)}
    UNION ALL
    SELECT 0 AS era, number_props.{p0:Identifier}.:Float64 AS x0
    FROM events
    WHERE tenant_id = {scope_tenant:String} AND event_name = {p1:String} AND timestamp >= fromUnixTimestamp64Milli({p6:Int64}) AND timestamp < fromUnixTimestamp64Milli({p7:Int64}) AND ifNull(string_props.{p4:Identifier}.:String, '') IN {p5:Array(String)}
    )
    GROUP BY era
    -- p0 = latency%2Ems
    -- p1 = "api.call"
    -- p2 = 1773010800000
    -- p3 = 1773615600000
    -- p4 = model
    -- p5 = ["m-1", "m-2"]
    -- p6 = 1772406000000
    -- p7 = 1772974800000
    "#);
}

#[test]
fn days_of_which_one_is_short() {
    let document = document(json!([widget(
        "timeseries",
        "line",
        json!({"event_name": "e", "granularity": "day"})
    )]));
    let dates = json!({"dateRanges": {"timestamp": {"from": "2025-03-28T23:00:00Z", "to": "2025-03-31T22:00:00Z"}}});
    insta::assert_snapshot!(sql(&document, json!({"timezone": "Europe/Berlin"}), dates).unwrap(), @r#"
    SELECT era, bucket, count()
    FROM (
    SELECT 1 AS era, roundDown(toUnixTimestamp64Milli(timestamp), {p0:Array(Int64)}) AS bucket
    FROM events
    WHERE tenant_id = {scope_tenant:String} AND event_name = {p1:String} AND timestamp >= fromUnixTimestamp64Milli({p2:Int64}) AND timestamp < fromUnixTimestamp64Milli({p3:Int64})
    )
    GROUP BY era, bucket
    -- p0 = [1743202800000, 1743289200000, 1743372000000]
    -- p1 = "e"
    -- p2 = 1743202800000
    -- p3 = 1743458400000
    "#);
}

#[test]
fn groups_by_time_and_the_rest_as_one() {
    let document = document(json!([widget(
        "timeseries",
        "stacked_bar",
        json!({
            "event_name": "e", "metric": "count_unique", "group_by": "plan", "granularity": "hour", "limit": 3,
        })
    )]));
    insta::assert_snapshot!(sql(&document, json!({}), json!({"period": "24h"})).unwrap(), @r#"
    SELECT 1 AS era, bucket, rank > {p0:UInt64} AS other, if(other, NULL, g0) AS name, if(other, 0, rank) AS place, uniqExactMerge(s00)
    FROM (
    SELECT bucket, g0, s00, dense_rank() OVER (ORDER BY isNull(total), total DESC, isNull(g0), g0) AS rank
    FROM (
    SELECT bucket, g0, s00, uniqExactMerge(s00) OVER (PARTITION BY g0) AS total
    FROM (
    SELECT bucket, g0, uniqExactState(u) AS s00
    FROM (
    SELECT 1 AS era, string_props.{p1:Identifier}.:String AS g0, intDiv(toUnixTimestamp64Milli(timestamp) - {p2:Int64}, {p3:Int64}) AS bucket, nullIf(user_id, '') AS u
    FROM events
    WHERE tenant_id = {scope_tenant:String} AND event_name = {p4:String} AND timestamp >= fromUnixTimestamp64Milli({p2:Int64}) AND timestamp < fromUnixTimestamp64Milli({p5:Int64})
    )
    GROUP BY bucket, g0
    )
    )
    )
    GROUP BY bucket, other, name, place
    -- p0 = 3
    -- p1 = plan
    -- p2 = 1773493200000
    -- p3 = 3600000
    -- p4 = "e"
    -- p5 = 1773579600000
    "#);
}

#[test]
fn the_largest_groups_compared() {
    let document = document(json!([widget(
        "table",
        "table",
        json!({
            "event_name": "e", "metric": "sum", "numeric_prop": "n", "group_by": ["plan", "user_id"], "compare": "previous_year", "limit": 5,
        })
    )]));
    insta::assert_snapshot!(sql(&document, json!({}), json!({"period": "7d"})).unwrap(), @r#"
    SELECT rank > {p0:UInt64} AS other, if(other, NULL, g0) AS k0, if(other, NULL, g1) AS k1, ifNull(sumKahanIfMerge(a00), 0), ifNull(sumKahanIfMerge(b00), 0)
    FROM (
    SELECT g0, g1, a00, b00, row_number() OVER (ORDER BY isNull(v), v DESC, isNull(g0), g0, isNull(g1), g1) AS rank
    FROM (
    SELECT g0, g1, sumKahanIfState(x0, era = 1) AS a00, sumKahanIfState(x0, era = 0) AS b00, ifNull(finalizeAggregation(a00), 0) AS v
    FROM (
    SELECT 1 AS era, string_props.{p1:Identifier}.:String AS g0, nullIf(user_id, '') AS g1, number_props.{p2:Identifier}.:Float64 AS x0
    FROM events
    WHERE tenant_id = {scope_tenant:String} AND event_name = {p3:String} AND timestamp >= fromUnixTimestamp64Milli({p4:Int64}) AND timestamp < fromUnixTimestamp64Milli({p5:Int64})
    UNION ALL
    SELECT 0 AS era, string_props.{p1:Identifier}.:String AS g0, nullIf(user_id, '') AS g1, number_props.{p2:Identifier}.:Float64 AS x0
    FROM events
    WHERE tenant_id = {scope_tenant:String} AND event_name = {p3:String} AND timestamp >= fromUnixTimestamp64Milli({p6:Int64}) AND timestamp < fromUnixTimestamp64Milli({p7:Int64})
    )
    GROUP BY g0, g1
    HAVING countIf(era = 1) > 0
    )
    )
    GROUP BY other, k0, k1
    ORDER BY min(rank)
    -- p0 = 5
    -- p1 = plan
    -- p2 = n
    -- p3 = "e"
    -- p4 = 1773014400000
    -- p5 = 1773619200000
    -- p6 = 1741478400000
    -- p7 = 1742043600000
    "#);
}

#[test]
fn steps_of_a_funnel() {
    let document = document(json!([widget(
        "breakdown",
        "funnel",
        json!({"steps": [
        {"event_name": "view"}, {"event_name": "pay", "where": [{"op": "between", "prop": "price", "min": 0.1}]},
    ], "window": "2h"})
    )]));
    insta::assert_snapshot!(sql(&document, json!({}), json!({"period": "7d"})).unwrap(), @r#"
    SELECT era, level, count() AS users
    FROM (
    SELECT era, user_id, windowFunnel({p0:UInt64}, 'strict_once')(toUInt64(at * 8192 + (m0 + m1 * 2)), m0, m1) AS level
    FROM (
    SELECT 1 AS era, user_id, toUnixTimestamp64Milli(timestamp) AS at, (event_name = {p1:String}) AS m0, (event_name = {p2:String} AND ifNull(number_props.{p3:Identifier}.:Float64 >= reinterpretAsFloat64({p4:UInt64}), 0)) AS m1
    FROM events
    WHERE tenant_id = {scope_tenant:String} AND event_name IN {p5:Array(String)} AND timestamp >= fromUnixTimestamp64Milli({p6:Int64}) AND timestamp < fromUnixTimestamp64Milli({p7:Int64}) AND user_id != ''
    )
    GROUP BY era, user_id
    )
    GROUP BY era, level
    -- p0 = 58982404095
    -- p1 = "view"
    -- p2 = "pay"
    -- p3 = price
    -- p4 = 4591870180066957722
    -- p5 = ["pay", "view"]
    -- p6 = 1773014400000
    -- p7 = 1773619200000
    "#);
}
