//! From a document and a question to the plans of its widgets.

use emban_contract::dashboard::DashboardDocument;
use emban_warehouse::{PlanError, Planned, View};
use serde_json::{Value, json};

use crate::Subject;
use crate::sessions::{NOW, session};

const WIDGETS: usize = 13;

pub(crate) fn document() -> DashboardDocument {
    let of = |metric: &str, prop: &str| json!({ "metric": metric, "numeric_prop": prop });
    let shapes = [
        ("kpi", "stat", json!({ "compare": "previous_period" })),
        ("kpi", "stat", of("sum", "tokens")),
        ("kpi", "stat", json!({ "metric": "count_unique" })),
        ("kpi", "stat", of("avg", "latency_ms")),
        ("kpi", "stat", of("p95", "latency_ms")),
        ("timeseries", "line", json!({ "granularity": "day" })),
        (
            "timeseries",
            "area",
            json!({ "granularity": "day", "metric": "count_unique" }),
        ),
        (
            "timeseries",
            "stacked_bar",
            json!({ "group_by": "model", "granularity": "day" }),
        ),
        ("breakdown", "list", json!({ "group_by": "endpoint" })),
        (
            "breakdown",
            "donut",
            json!({ "group_by": "model", "metric": "sum", "numeric_prop": "cost" }),
        ),
        ("breakdown", "bar", json!({ "group_by": "region" })),
        (
            "table",
            "table",
            json!({ "group_by": ["endpoint", "model"] }),
        ),
        ("heatmap", "heatmap", json!({})),
    ];
    let widget = |(place, (kind, chart, mut query)): (usize, (&str, &str, Value))| {
        query["event_name"] = json!("api.call");
        json!({ "id": format!("w{place}"), "kind": kind, "chart": chart, "query": query,
                "layout": { "x": 0, "y": place, "w": 12, "h": 1 } })
    };
    let widgets: Vec<Value> = shapes.into_iter().enumerate().map(widget).collect();
    let filters = json!({ "dimensions": [{ "prop": "region" }] });
    serde_json::from_value(json!({ "name": "micro", "filters": filters, "widgets": widgets }))
        .unwrap()
}

pub(crate) fn subject() -> Subject {
    let (document, session) = (document(), session(json!({ "timezone": "Europe/Berlin" })));
    let request = json!({ "filters": { "period": "30d", "dimensions": { "region": ["eu-1"] } } });
    let request = serde_json::from_value(request).unwrap();
    let plan = move || {
        let view = View {
            document: &document,
            permissions: session.permissions(),
            now: NOW,
        };
        view.widgets(&request)
    };
    let all_planned = |planned: &Result<Vec<Planned>, PlanError>| {
        planned
            .as_ref()
            .is_ok_and(|all| all.len() == WIDGETS && all.iter().all(|one| one.plan.is_ok()))
    };
    Subject::new("warehouse: plan 13 widgets", plan, all_planned)
}
