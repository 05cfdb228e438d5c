//! Questions of any shape are planned within the tenant or refused.

use emban_attacks::{TEXTS, fuzz, mutation};
use emban_contract::json;
use emban_warehouse::View;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::{document, now, permissions, widget};

/// Texts long enough not to stand in a statement by chance.
const SHORTEST: usize = 5;

fn widgets() -> Value {
    let shapes = [
        (
            "kpi",
            "stat",
            json!({"metric": "sum", "numeric_prop": "n", "compare": "previous_year"}),
        ),
        (
            "timeseries",
            "line",
            json!({"group_by": "a", "granularity": "week"}),
        ),
        (
            "breakdown",
            "list",
            json!({"group_by": "model", "limit": 3}),
        ),
        ("table", "pivot", json!({"group_by": ["a", "b"]})),
        (
            "breakdown",
            "funnel",
            json!({"steps": [{"event_name": "e"}, {"event_name": "f"}]}),
        ),
        ("heatmap", "heatmap", json!({})),
    ];
    shapes
        .into_iter()
        .enumerate()
        .map(|(index, (kind, chart, mut query))| {
            query["event_name"] = json!("e");
            let mut widget = widget(kind, chart, query);
            widget["id"] = json!(format!("w{index}"));
            widget
        })
        .collect()
}

fn filters() -> Value {
    json!({
        "period": "7d",
        "dimensions": {"model": ["m-1", "m-2"]},
        "numericRanges": {"tokens": {"min": 0, "max": 500}},
    })
}

/// A statement reads events only under the tenant's parameter and holds no text of a request.
fn is_scoped(statement: &str) -> Result<(), TestCaseError> {
    let (text, _) = statement
        .split_once("\n-- p0 = ")
        .unwrap_or((statement, ""));
    let reads = text.matches("FROM events").count();
    let scoped = text
        .matches("FROM events\nWHERE tenant_id = {scope_tenant:String} AND ")
        .count();
    prop_assert!(reads > 0 && reads == scoped, "{text}");
    prop_assert!(text.is_ascii(), "{text}");
    for hostile in TEXTS.iter().filter(|hostile| hostile.len() >= SHORTEST) {
        prop_assert!(!text.contains(hostile), "{text}");
    }
    Ok(())
}

/// Plans what can be read as a request of this kind.
fn try_requests<R: DeserializeOwned>(
    name: &str,
    sound: Vec<Value>,
    plan: impl Fn(&View<'_>, &R) -> Vec<String>,
) {
    let document = document(widgets());
    let granted = permissions(json!({"locked_filters": {"plan": "pro"}}));
    let view = View {
        document: &document,
        permissions: &granted,
        now: now(),
    };
    let mut planned = 0;
    for request in &sound {
        planned += plan(&view, &json::read_value(request).unwrap()).len();
    }
    assert!(planned > 0, "what is sound is planned");
    fuzz::try_many(name, &mutation::documents(sound), |request| {
        let Ok(request) = json::read::<R>(request.to_string().as_bytes()) else {
            return Ok(());
        };
        plan(&view, &request)
            .iter()
            .try_for_each(|sql| is_scoped(sql))
    });
}

#[test]
fn fuzz_query_request() {
    let sound = vec![
        json!({"filters": filters()}),
        json!({"widgets": ["w0", "w1"], "filters": {
            "dateRanges": {"timestamp": {"from": "2026-03-01T00:00:00Z", "to": "2026-03-08T00:00:00Z"}}}}),
    ];
    try_requests("query request", sound, |view, request| {
        let planned = view.widgets(request).unwrap_or_default().into_iter();
        planned
            .filter_map(|p| p.plan.ok())
            .map(|p| p.to_string())
            .collect()
    });
}

#[test]
fn fuzz_rows_request() {
    let sound = vec![
        json!({"widget": "w0", "filters": filters()}),
        json!({"widget": "w2", "point": {"group": ["m-1"]}, "limit": 10}),
        json!({"widget": "w1", "point": {"time": "2026-03-09T00:00:00Z", "group": ["x"]}}),
    ];
    try_requests("rows request", sound, |view, request| {
        view.rows(request)
            .map(|plan| plan.to_string())
            .into_iter()
            .collect()
    });
}

#[test]
fn fuzz_values_request() {
    let sound =
        vec![json!({"dimension": "model", "search": "m", "filters": filters(), "limit": 5})];
    try_requests("values request", sound, |view, request| {
        view.values(request)
            .map(|plan| plan.to_string())
            .into_iter()
            .collect()
    });
}
