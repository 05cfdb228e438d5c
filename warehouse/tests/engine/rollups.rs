//! Rollups: begun while events come, right through retries, invisible but for their speed.

use std::sync::Arc;

use emban_contract::UnixMillis;
use emban_contract::dashboard::DashboardDocument;
use emban_contract::event::Event;
use emban_warehouse::{Feeding, WhyEvents};
use serde_json::{Value, json};

use crate::bench::{Bench, as_json, at, connect, dashboard, event};
use crate::differential::same;

const NOW: &str = "2026-03-15T12:00:00Z";

fn counting(query: Value) -> Arc<DashboardDocument> {
    Arc::new(dashboard("kpi", "stat", query, json!({})))
}

fn users() -> Arc<DashboardDocument> {
    counting(json!({"event_name": "e", "metric": "count_unique"}))
}

/// Events of the last days, a minute apart, of a user each; `first` makes their ids.
fn some(tenant: &str, first: i64, count: i64) -> Vec<Event> {
    let one = |n: i64| {
        let mut one = event(
            tenant,
            &format!("{tenant}-{n}"),
            UnixMillis(at("2026-03-10T00:00:00Z").0 + n * 60_000 % 400_000_000),
            &[("plan", ["a", "b"][n as usize % 2])],
            &[("n", n as f64)],
        );
        one.user_id = format!("u{}", n % 1000);
        one
    };
    (first..first + count).map(one).collect()
}

async fn value(bench: &Bench, tenant: &str, document: &DashboardDocument) -> f64 {
    let session = bench.session(tenant, json!({}));
    as_json(bench.ask(&session, document, json!({})).await)["value"]
        .as_f64()
        .unwrap()
}

fn feeding(bench: &Bench, document: &DashboardDocument) -> Feeding {
    let session = bench.session("acme", json!({}));
    bench.feeding(&session, document, json!({}))
}

fn is_rollup(bench: &Bench, document: &DashboardDocument) -> bool {
    matches!(feeding(bench, document), Feeding::Rollup { .. })
}

#[tokio::test]
async fn a_batch_sent_again_counts_once_in_rollups_too() {
    let bench = Bench::new("rollup-again", NOW).await;
    let documents = [
        counting(json!({"event_name": "e"})),
        counting(
            json!({"event_name": "e", "where": [{"op": "in", "prop": "plan", "values": ["a", "b"]}]}),
        ),
    ];
    bench.follow(&documents).await;
    let writer = bench.warehouse.writer(&bench.environment);
    for _ in 0..3 {
        writer
            .insert(&some("acme", 0, 1000), "batch-1")
            .await
            .unwrap();
    }
    writer
        .insert(&some("acme", 1000, 500), "batch-2")
        .await
        .unwrap();
    for document in &documents {
        assert!(is_rollup(&bench, document));
        assert_eq!(value(&bench, "acme", document).await, 1500.0);
        assert_eq!(
            value(&bench.without_rollups(), "acme", document).await,
            1500.0
        );
    }
}

#[tokio::test]
async fn events_that_come_while_a_rollup_is_made_count_once() {
    let bench = Bench::new("rollup-while", NOW).await;
    let documents = [
        counting(json!({"event_name": "e", "metric": "sum", "numeric_prop": "n"})),
        users(),
        counting(
            json!({"event_name": "e", "where": [{"op": "in", "prop": "plan", "values": ["a"]}]}),
        ),
    ];
    bench.insert(&some("acme", 0, 20_000)).await;
    let writer = bench.warehouse.writer(&bench.environment);
    let writing = async {
        for batch in 0..30 {
            let events = some("acme", 20_000 + batch * 100, 100);
            for _ in 0..2 {
                writer
                    .insert(&events, &format!("while-{batch}"))
                    .await
                    .unwrap();
            }
            writer.settle();
        }
    };
    tokio::join!(writing, bench.follow(&documents));
    let plain = bench.without_rollups();
    for document in &documents {
        assert!(is_rollup(&bench, document));
        assert_eq!(
            value(&bench, "acme", document).await,
            value(&plain, "acme", document).await
        );
    }
    assert_eq!(value(&bench, "acme", &documents[2]).await, 11_500.0);
}

#[tokio::test]
async fn hours_and_days_made_of_quarters_tell_what_the_events_tell() {
    let bench = Bench::new("rollup-merge", NOW).await;
    let plain = bench.without_rollups();
    let numbers = ["sum", "avg", "min", "max"].map(|metric| {
        json!({"event_name": "e", "granularity": "day", "metric": metric, "numeric_prop": "n", "group_by": "plan"})
    });
    let users = ["count_unique", "count_unique_approx", "count"].map(
        |metric| json!({"event_name": "e", "granularity": "day", "metric": metric, "group_by": "plan"}),
    );
    let documents: Vec<Arc<DashboardDocument>> = numbers
        .into_iter()
        .chain(users)
        .map(|query| Arc::new(dashboard("timeseries", "line", query, json!({}))))
        .collect();
    let mixed = |first: i64| -> Vec<Event> {
        let mut events = some("acme", first, 4000);
        for (event, n) in events.iter_mut().zip(0_i64..) {
            let number = ((n * 37 % 101) - 50) as f64 / 7.0;
            event.numeric_props.insert("n".to_owned(), number);
        }
        events
    };
    bench.insert(&mixed(0)).await;
    bench.follow(&documents).await;
    for fed in [false, true] {
        if fed {
            bench.insert(&mixed(4000)).await;
        }
        for document in &documents {
            for (zone, minutes) in [("UTC", 1440), ("Europe/Berlin", 60)] {
                let session = bench.session("acme", json!({ "timezone": zone }));
                let Feeding::Rollup { minutes: read, .. } =
                    bench.feeding(&session, document, json!({}))
                else {
                    panic!("a rollup answers it");
                };
                assert_eq!(read, minutes, "{zone}");
                let told = as_json(bench.ask(&session, document, json!({})).await);
                let expect = as_json(plain.ask(&session, document, json!({})).await);
                assert!(told["series"][0]["points"].as_array().unwrap().len() >= 5);
                // Sums of fractions depend on their order in the last digits, with and without rollups.
                assert!(
                    same(&expect, &told),
                    "{zone}, fed: {fed}, {document:?}: {told} is not {expect}"
                );
            }
        }
    }
}

#[tokio::test]
async fn two_tenants_share_no_row_of_a_rollup() {
    let bench = Bench::new("rollup-tenants", NOW).await;
    bench.insert(&some("acme", 0, 300)).await;
    let by_plan = Arc::new(dashboard(
        "breakdown",
        "list",
        json!({"event_name": "e", "group_by": "plan"}),
        json!({}),
    ));
    bench.follow(std::slice::from_ref(&by_plan)).await;
    bench.insert(&some("globex", 0, 7)).await;
    assert!(is_rollup(&bench, &by_plan));
    let rows = async |tenant: &str| {
        let session = bench.session(tenant, json!({}));
        as_json(bench.ask(&session, &by_plan, json!({})).await)["rows"].clone()
    };
    assert_eq!(rows("acme").await, json!([["a", 150.0], ["b", 150.0]]));
    assert_eq!(rows("globex").await, json!([["a", 4.0], ["b", 3.0]]));
    assert_eq!(rows("initech").await, json!([]));
}

#[tokio::test]
async fn a_rollup_that_nobody_wants_is_not_read() {
    let bench = Bench::new("rollup-retired", NOW).await;
    bench.insert(&some("acme", 0, 300)).await;
    bench.follow(&[users()]).await;
    assert!(is_rollup(&bench, &users()));
    bench.follow(&[]).await;
    assert!(matches!(
        feeding(&bench, &users()),
        Feeding::Events {
            why: WhyEvents::NotHeld { .. }
        }
    ));
    assert_eq!(value(&bench, "acme", &users()).await, 300.0);
    // Wanted again soon it has what has come since.
    bench.insert(&some("acme", 300, 100)).await;
    bench.follow(&[users()]).await;
    assert!(is_rollup(&bench, &users()));
    assert_eq!(value(&bench, "acme", &users()).await, 400.0);
}

#[tokio::test]
async fn a_rollup_as_large_as_the_events_is_not_made() {
    let bench = Bench::new("rollup-large", NOW).await;
    let by = |prop: &str| {
        let query = json!({"event_name": "e", "group_by": prop});
        Arc::new(dashboard("breakdown", "list", query, json!({})))
    };
    let mut events = some("acme", 0, 60_000);
    for (n, event) in events.iter_mut().enumerate() {
        event
            .string_props
            .insert("request".to_owned(), n.to_string());
    }
    bench.insert(&events).await;
    bench.follow(&[by("request"), by("plan")]).await;
    assert!(is_rollup(&bench, &by("plan")));
    assert_eq!(
        feeding(&bench, &by("request")),
        Feeding::Events {
            why: WhyEvents::NotWorthwhile
        }
    );
}

#[tokio::test]
async fn each_reason_to_read_events_is_told() {
    let bench = Bench::new("rollup-reasons", NOW).await;
    bench.insert(&some("acme", 0, 10)).await;
    bench.follow(&[users()]).await;
    let why = |query: Value| match feeding(&bench, &counting(query)) {
        Feeding::Events { why } => why,
        Feeding::Rollup { .. } => panic!("a rollup answers it"),
    };
    assert_eq!(
        why(json!({"event_name": "e", "metric": "p95", "numeric_prop": "n"})),
        WhyEvents::Percentile
    );
    assert_eq!(
        why(json!({"event_name": "e", "where": [{"op": "between", "prop": "n", "min": 1}]})),
        WhyEvents::NumberFilter
    );
    assert_eq!(
        why(
            json!({"event_name": "e", "where": [{"op": "in", "prop": "user_id", "values": ["u"]}]})
        ),
        WhyEvents::Users
    );
    assert_eq!(
        why(json!({"event_name": "e", "period": "1h"})),
        WhyEvents::NotAligned
    );
    assert_eq!(
        why(json!({"metric": "conversion", "steps": [{"event_name": "e"}, {"event_name": "f"}]})),
        WhyEvents::Steps
    );
    let sentence =
        why(json!({"event_name": "e", "metric": "sum", "numeric_prop": "n"})).to_string();
    assert_eq!(sentence, "no rollup of the event holds n");
}

#[tokio::test]
async fn an_origin_that_starts_finds_the_rollups_that_are_there() {
    let bench = Bench::new("rollup-restart", NOW).await;
    bench.insert(&some("acme", 0, 300)).await;
    bench.follow(&[users()]).await;
    let other = bench.without_rollups();
    assert!(!is_rollup(&other, &users()));
    other
        .warehouse
        .refresh_rollups(&other.environment)
        .await
        .unwrap();
    assert!(is_rollup(&other, &users()));
    // Following the same dashboards again makes nothing new.
    let tables = connect().tenant_tables(&bench.environment).await.unwrap();
    bench.follow(&[users()]).await;
    assert_eq!(tables, ["events", "rollups"]);
    assert_eq!(value(&bench, "acme", &users()).await, 300.0);
}

#[tokio::test]
async fn rows_are_estimated_for_the_largest_tenant() {
    let bench = Bench::new("rollup-explain", NOW).await;
    bench.insert(&some("acme", 0, 3000)).await;
    bench.insert(&some("globex", 0, 10)).await;
    bench.follow(&[users()]).await;
    let rows = async |document: &DashboardDocument, zone: &str| {
        let session = bench.session("acme", json!({ "timezone": zone }));
        let request = serde_json::from_value(json!({})).unwrap();
        let planned = bench.view(&session, document).widgets(&request).unwrap();
        let plan = planned[0].plan.as_ref().unwrap();
        bench
            .warehouse
            .explain(&bench.environment, plan)
            .await
            .unwrap()
            .rows
    };
    // 3000 minutes from midnight, and for everybody else's count the longest buckets that their days are made of.
    for (zone, expect) in [("UTC", 3), ("Europe/Berlin", 50), ("Asia/Kathmandu", 200)] {
        assert_eq!(rows(&users(), zone).await, expect, "{zone}");
    }
    let sum = counting(json!({"event_name": "e", "metric": "sum", "numeric_prop": "n"}));
    assert_eq!(rows(&sum, "UTC").await, 3000);
}
