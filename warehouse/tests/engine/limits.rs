//! What is too much is refused with a word that says so, and alone.

use emban_contract::embed::WidgetResult;
use emban_contract::event::Event;
use emban_contract::{ProblemCode, UnixMillis, WidgetId};
use serde_json::json;

use crate::bench::{Bench, at, event};

const NOW: &str = "2026-03-15T12:00:00Z";

#[tokio::test]
async fn one_widget_that_fails_leaves_the_others_alone() {
    let bench = Bench::new("limits-alone", NOW).await;
    bench
        .insert(&[event("acme", "1", at("2026-03-14T10:00:00Z"), &[], &[])])
        .await;
    let widget = |id: &str, kind: &str, chart: &str, query: serde_json::Value| json!({"id": id, "kind": kind, "chart": chart, "query": query, "layout": {"x": 0, "y": 0, "w": 1, "h": 1}});
    let document = serde_json::from_value(json!({"name": "d", "widgets": [
        widget("fine", "kpi", "stat", json!({"event_name": "e"})),
        widget("points", "timeseries", "line", json!({"event_name": "e", "granularity": "minute"})),
        widget("hidden", "kpi", "stat", json!({"event_name": "e"})),
        widget("long", "kpi", "stat", json!({"event_name": "e", "period": "90d"})),
    ]}))
    .unwrap();
    let session = bench.session(
        "acme",
        json!({"hidden_widgets": ["hidden"], "max_date_range_days": 30}),
    );
    let request =
        serde_json::from_value(json!({"widgets": ["fine", "points", "hidden", "never", "long"]}))
            .unwrap();
    let planned = bench.view(&session, &document).widgets(&request).unwrap();
    let results = bench
        .warehouse
        .scoped(emban_warehouse::TenantScope::from(&session))
        .answer(&planned, bench.now)
        .await;
    let code = |id: &str| match &results[&WidgetId::new(id).unwrap()] {
        WidgetResult::Ok { freshness, .. } => {
            assert_eq!(*freshness, bench.now);
            None
        }
        WidgetResult::Error { code, error } => Some((*code, error.clone())),
    };
    assert_eq!(code("fine"), None);
    assert_eq!(code("points").unwrap().0, ProblemCode::QueryTooLarge);
    assert_eq!(code("hidden").unwrap().0, ProblemCode::NotFound);
    // Nothing tells a hidden widget from one that never was.
    assert_eq!(code("hidden"), code("never"));
    assert_eq!(code("long").unwrap().0, ProblemCode::NotPermitted);
}

#[tokio::test]
async fn a_page_larger_than_an_answer_may_be_is_too_large() {
    let bench = Bench::new("limits-bytes", NOW).await;
    let text = "x".repeat(8000);
    let names: Vec<String> = (0..200).map(|n| format!("p{n}")).collect();
    let texts: Vec<(&str, &str)> = names
        .iter()
        .map(|name| (name.as_str(), text.as_str()))
        .collect();
    let events: Vec<Event> = (0..60)
        .map(|n| {
            event(
                "acme",
                &n.to_string(),
                UnixMillis(at("2026-03-14T00:00:00Z").0 + n),
                &texts,
                &[],
            )
        })
        .collect();
    bench.insert(&events).await;
    let session = bench.session("acme", json!({}));
    let document = crate::bench::dashboard("kpi", "stat", json!({"event_name": "e"}), json!({}));
    let request = serde_json::from_value(json!({"widget": "w", "limit": 500})).unwrap();
    let plan = bench.view(&session, &document).rows(&request).unwrap();
    let error = bench
        .warehouse
        .scoped(emban_warehouse::TenantScope::from(&session))
        .rows(&plan)
        .await
        .unwrap_err();
    assert_eq!(error.code(), ProblemCode::QueryTooLarge, "{error:?}");
    // A smaller page is fine.
    assert_eq!(
        bench
            .rows(&session, &document, json!({"widget": "w", "limit": 10}))
            .await
            .rows
            .len(),
        10
    );
}
