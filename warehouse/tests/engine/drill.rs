//! The events behind a number, and the values of a dimension.

use std::collections::BTreeSet;

use emban_contract::UnixMillis;
use emban_contract::dashboard::DashboardDocument;
use emban_contract::embed::Cell;
use emban_contract::event::Event;
use serde_json::{Value, json};

use crate::bench::{Bench, as_json, at, dashboard, event};

const NOW: &str = "2026-03-15T12:00:00Z";

fn by_model() -> DashboardDocument {
    dashboard(
        "breakdown",
        "list",
        json!({"event_name": "e", "group_by": "model"}),
        json!({"dimensions": [{"prop": "model"}]}),
    )
}

#[tokio::test]
async fn pages_hold_every_event_once_newest_first() {
    let bench = Bench::new("drill-pages", NOW).await;
    // Many events share a millisecond, so that the order within it matters.
    let events: Vec<Event> = (0..257)
        .map(|n| {
            event(
                "acme",
                &format!("evt_{n:03}"),
                UnixMillis(at("2026-03-14T00:00:00Z").0 + n / 50),
                &[],
                &[("n", n as f64)],
            )
        })
        .collect();
    bench.insert(&events).await;
    let session = bench.session("acme", json!({}));
    let (mut numbers, mut cursor, mut pages) = (Vec::new(), None::<String>, 0);
    loop {
        let request = json!({"widget": "w", "limit": 20, "cursor": cursor});
        let page = bench.rows(&session, &by_model(), request).await;
        pages += 1;
        numbers.extend(page.rows.iter().map(|row| match row.last() {
            Some(Cell::Number(number)) => *number as i64,
            other => panic!("{other:?}"),
        }));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    let expect: Vec<i64> = (0..257).rev().collect();
    assert_eq!((numbers, pages), (expect, 13));
}

#[tokio::test]
async fn a_bound_on_rows_holds_for_all_pages_together() {
    let bench = Bench::new("drill-bound", NOW).await;
    let events: Vec<Event> = (0..50)
        .map(|n| {
            event(
                "acme",
                &format!("{n:02}"),
                UnixMillis(at("2026-03-14T00:00:00Z").0 + n),
                &[],
                &[("n", n as f64)],
            )
        })
        .collect();
    bench.insert(&events).await;
    let session = bench.session("acme", json!({"max_drill_rows": 7}));
    let first = bench
        .rows(&session, &by_model(), json!({"widget": "w", "limit": 5}))
        .await;
    assert_eq!(first.rows.len(), 5);
    let second = bench
        .rows(
            &session,
            &by_model(),
            json!({"widget": "w", "limit": 5, "cursor": first.next_cursor}),
        )
        .await;
    assert_eq!((second.rows.len(), second.next_cursor), (2, None));
    // A cursor that was never given out does not reach further.
    let open = bench.session("acme", json!({}));
    let beyond = bench
        .rows(&open, &by_model(), json!({"widget": "w", "limit": 30}))
        .await
        .next_cursor;
    assert!(beyond.is_some());
    let third = bench
        .rows(
            &session,
            &by_model(),
            json!({"widget": "w", "cursor": beyond}),
        )
        .await;
    assert_eq!(third.rows.len(), 0);
}

#[tokio::test]
async fn a_row_shows_what_the_session_may_see() {
    let bench = Bench::new("drill-columns", NOW).await;
    let mut one = event(
        "acme",
        "1",
        at("2026-03-14T00:00:00.250Z"),
        &[("model", "m"), ("plan", "pro"), ("note", "internal")],
        &[("tokens", 1.5), ("cost", 9.0)],
    );
    one.user_id = "u1".to_owned();
    bench.insert(&[one]).await;
    let document = dashboard(
        "timeseries",
        "line",
        json!({"event_name": "e", "metric": "sum", "numeric_prop": "tokens", "granularity": "hour"}),
        json!({}),
    );
    let shown = async |permissions: Value| {
        let session = bench.session("acme", permissions);
        let answer = bench
            .rows(
                &session,
                &document,
                json!({"widget": "w", "point": {"time": "2026-03-14T00:00:00Z"}}),
            )
            .await;
        let keys: Vec<String> = answer
            .columns
            .iter()
            .map(|column| column.key.clone())
            .collect();
        (keys.join(" "), as_json(&answer.rows[0]))
    };
    assert_eq!(
        shown(json!({})).await,
        (
            "timestamp user_id model note plan cost tokens".to_owned(),
            json!([
                "2026-03-14T00:00:00.250Z",
                "u1",
                "m",
                "internal",
                "pro",
                9.0,
                1.5
            ])
        ),
    );
    assert_eq!(
        shown(json!({"allowed_dimensions": ["model"], "locked_filters": {"plan": "pro"}})).await,
        (
            "timestamp model tokens".to_owned(),
            json!(["2026-03-14T00:00:00.250Z", "m", 1.5])
        ),
    );
    assert_eq!(
        shown(json!({"locked_filters": {"user_id": "u1", "plan": ["pro", "team"]}}))
            .await
            .0,
        "timestamp model note cost tokens",
    );
}

#[tokio::test]
async fn a_row_shows_nothing_that_only_hidden_widgets_show() {
    let bench = Bench::new("drill-hidden", NOW).await;
    let mut one = event(
        "acme",
        "1",
        at("2026-03-14T00:00:00Z"),
        &[("model", "m"), ("margin_class", "low"), ("note", "n")],
        &[("tokens", 1.5), ("cost", 9.0)],
    );
    one.user_id = "u1".to_owned();
    bench.insert(&[one]).await;
    let place = |id: &str, kind: &str, chart: &str, query: Value| json!({"id": id, "kind": kind, "chart": chart, "query": query, "layout": {"x": 0, "y": 0, "w": 1, "h": 1}});
    let document: DashboardDocument = serde_json::from_value(json!({
        "name": "d",
        "filters": {"dimensions": [{"prop": "model"}], "numeric_ranges": [{"prop": "tokens"}]},
        "widgets": [
            place("w", "kpi", "stat", json!({"event_name": "e"})),
            place("costs", "kpi", "stat", json!({"event_name": "e", "metric": "sum", "numeric_prop": "cost"})),
            place("margins", "table", "table", json!({"event_name": "e", "group_by": ["margin_class", "user_id", "model"],
                "metric": "max", "numeric_prop": "tokens"})),
        ],
    }))
    .unwrap();
    let shown = async |permissions: Value| {
        let session = bench.session("acme", permissions);
        let answer = bench
            .rows(&session, &document, json!({"widget": "w"}))
            .await;
        let keys = answer.columns.iter().map(|column| column.key.clone());
        keys.collect::<Vec<String>>().join(" ")
    };
    assert_eq!(
        shown(json!({})).await,
        "timestamp user_id margin_class model note cost tokens"
    );
    assert_eq!(
        shown(json!({"hidden_widgets": ["costs"]})).await,
        "timestamp user_id margin_class model note tokens"
    );
    // What the dashboard offers as a filter stays.
    assert_eq!(
        shown(json!({"hidden_widgets": ["costs", "margins"]})).await,
        "timestamp model note tokens"
    );
    // What the session is allowed by name is shown.
    let named = json!({"hidden_widgets": ["costs", "margins"], "allowed_dimensions": ["margin_class", "model"]});
    assert_eq!(shown(named).await, "timestamp margin_class model");
}

#[tokio::test]
async fn each_point_leads_to_the_events_behind_it() {
    let bench = Bench::new("drill-points", NOW).await;
    let times = [
        "2026-03-14T22:30:00Z",
        "2026-03-14T23:30:00Z",
        "2026-03-15T03:00:00Z",
    ];
    let events: Vec<Event> = times
        .iter()
        .zip(["a", "b", "a"])
        .enumerate()
        .map(|(n, (time, model))| {
            event(
                "acme",
                &n.to_string(),
                at(time),
                &[("model", model)],
                &[("n", n as f64)],
            )
        })
        .collect();
    bench.insert(&events).await;
    let session = bench.session("acme", json!({"timezone": "Europe/Berlin"}));
    let ids = async |kind: &str, chart: &str, query: Value, point: Value| {
        let document = dashboard(kind, chart, query, json!({}));
        let answer = bench
            .rows(&session, &document, json!({"widget": "w", "point": point}))
            .await;
        answer
            .rows
            .iter()
            .map(|row| as_json(row.last().unwrap()).as_f64().unwrap() as u32)
            .collect::<BTreeSet<u32>>()
    };
    let daily = json!({"event_name": "e", "granularity": "day"});
    assert_eq!(
        ids(
            "timeseries",
            "line",
            daily.clone(),
            json!({"time": "2026-03-13T23:00:00Z"})
        )
        .await,
        BTreeSet::from([0])
    );
    assert_eq!(
        ids(
            "timeseries",
            "line",
            daily,
            json!({"time": "2026-03-14T23:00:00Z"})
        )
        .await,
        BTreeSet::from([1, 2])
    );
    let stacked = json!({"event_name": "e", "granularity": "day", "group_by": "model"});
    let point = json!({"time": "2026-03-14T23:00:00Z", "group": ["a"]});
    assert_eq!(
        ids("timeseries", "stacked_bar", stacked, point).await,
        BTreeSet::from([2])
    );
    let by_model = json!({"event_name": "e", "group_by": "model"});
    assert_eq!(
        ids("breakdown", "list", by_model, json!({"group": ["a"]})).await,
        BTreeSet::from([0, 2])
    );
    // Saturday 23:30 and Sunday 00:30, 04:00 in Berlin.
    let heat = json!({"event_name": "e"});
    assert_eq!(
        ids(
            "heatmap",
            "heatmap",
            heat.clone(),
            json!({"group": ["6", "23"]})
        )
        .await,
        BTreeSet::from([0])
    );
    assert_eq!(
        ids("heatmap", "heatmap", heat, json!({"group": ["7", "0"]})).await,
        BTreeSet::from([1])
    );
}

#[tokio::test]
async fn a_step_of_a_funnel_leads_to_its_events_within_tenant_and_session() {
    let bench = Bench::new("drill-steps", NOW).await;
    let seen = |tenant: &str, n: u32, name: &str, plan: &str, page: &str| {
        let time = UnixMillis(at("2026-03-14T00:00:00Z").0 + i64::from(n));
        let texts = [("plan", plan), ("page", page)];
        let mut one = event(tenant, &n.to_string(), time, &texts, &[("n", f64::from(n))]);
        one.event_name = name.to_owned();
        one.user_id = "u1".to_owned();
        one
    };
    bench
        .insert(&[
            seen("acme", 0, "view", "pro", "home"),
            seen("acme", 1, "view", "pro", "price"),
            seen("acme", 2, "pay", "pro", "price"),
            seen("acme", 3, "view", "free", "price"),
            seen("globex", 4, "view", "pro", "price"),
        ])
        .await;
    let only = |page: &str| json!([{"op": "in", "prop": "page", "values": [page]}]);
    let steps = json!([{"event_name": "view", "label": "view"},
        {"event_name": "view", "label": "view", "where": only("price")}, {"event_name": "pay"}]);
    let document = dashboard("breakdown", "funnel", json!({"steps": steps}), json!({}));
    let session = bench.session("acme", json!({"locked_filters": {"plan": "pro"}}));
    let rows = async |group: Value| {
        let request = json!({"widget": "w", "point": {"group": group}});
        let answer = bench.rows(&session, &document, request).await;
        let numbers = answer.rows.iter().map(|row| as_json(row.last().unwrap()));
        numbers.collect::<Vec<Value>>()
    };
    assert_eq!(rows(json!(["1"])).await, [json!(1.0), json!(0.0)]);
    assert_eq!(rows(json!(["2"])).await, [json!(1.0)]);
    assert_eq!(rows(json!(["3"])).await, [json!(2.0)]);
}

#[tokio::test]
async fn values_are_counted_without_the_dimensions_own_choice() {
    let bench = Bench::new("drill-values", NOW).await;
    let time = at("2026-03-14T00:00:00Z");
    let mut events: Vec<Event> = (0..6)
        .map(|n| {
            event(
                "acme",
                &n.to_string(),
                time,
                &[
                    ("model", ["m-1", "M-2", "x"][n % 3]),
                    ("plan", if n < 3 { "pro" } else { "free" }),
                ],
                &[],
            )
        })
        .collect();
    events.push(event("acme", "none", time, &[], &[]));
    // An event that no widget of the dashboard counts tells nothing.
    let mut foreign = event("acme", "foreign", time, &[("model", "secret")], &[]);
    foreign.event_name = "not.on.the.dashboard".to_owned();
    events.push(foreign);
    bench.insert(&events).await;
    let session = bench.session("acme", json!({}));
    let document = dashboard(
        "breakdown",
        "list",
        json!({"event_name": "e", "group_by": "model"}),
        json!({"dimensions": [{"prop": "model"}, {"prop": "plan"}]}),
    );
    let values = async |request: Value| {
        as_json(bench.values(&session, &document, request).await)["values"].clone()
    };
    let all = json!([{"value": "M-2", "count": 2}, {"value": "m-1", "count": 2}, {"value": "x", "count": 2}, {"value": null, "count": 1}]);
    assert_eq!(values(json!({"dimension": "model"})).await, all);
    assert_eq!(
        values(json!({"dimension": "model", "filters": {"dimensions": {"model": "x"}}})).await,
        all
    );
    let pro = values(
        json!({"dimension": "model", "filters": {"dimensions": {"plan": "pro"}}, "limit": 2}),
    )
    .await;
    assert_eq!(
        pro,
        json!([{"value": "M-2", "count": 1}, {"value": "m-1", "count": 1}])
    );
    let found = values(json!({"dimension": "model", "search": "m-"})).await;
    assert_eq!(
        found,
        json!([{"value": "M-2", "count": 2}, {"value": "m-1", "count": 2}])
    );
    assert_eq!(
        values(json!({"dimension": "model", "search": "m_"})).await,
        json!([])
    );
}
