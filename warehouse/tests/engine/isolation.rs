//! No session sees a row of another tenant, whatever its tenant is called.

use emban_contract::event::Event;
use serde_json::{Value, json};

use crate::bench::{Bench, as_json, at, dashboard, event};

const NOW: &str = "2026-03-15T12:00:00Z";

/// Tenants that are text and nothing else, however much they look like syntax.
const TENANTS: &[&str] = &[
    "acme",
    "globex",
    "Acme",
    "acme ",
    " acme",
    "' OR 1=1 --",
    "\\",
    "\\'",
    "'",
    "\"",
    "`",
    "{scope_tenant:String}",
    "%",
    "_",
    "a'||'b",
    "')}', 'x': '1",
    "acme\\0",
    "株式会社",
    "é",
    "e\u{301}",
    "\u{feff}acme",
    "a;DROP TABLE events",
    "?",
    "??",
    "$1",
    "%27",
    "\\N",
    "null",
    "[]",
    "{}",
    "a\u{2028}b",
];

fn marker(index: usize) -> String {
    format!("marker-{index}-only")
}

/// The same ids and times for every tenant; only the marker differs.
fn events() -> Vec<Event> {
    let of_tenant = |(index, tenant): (usize, &&str)| {
        let mark = marker(index);
        let number = (index + 1) as f64;
        ["a", "b"].map(|id| {
            let mut one = event(
                tenant,
                id,
                at("2026-03-14T10:00:00Z"),
                &[("mark", &mark), ("same", "x")],
                &[("n", number)],
            );
            one.user_id = format!("user-{index}-only");
            one
        })
    };
    TENANTS.iter().enumerate().flat_map(of_tenant).collect()
}

fn widgets() -> Vec<(&'static str, &'static str, Value)> {
    vec![
        (
            "kpi",
            "stat",
            json!({"event_name": "e", "metric": "sum", "numeric_prop": "n", "compare": "previous_period"}),
        ),
        (
            "kpi",
            "stat",
            json!({"event_name": "e", "metric": "conversion", "steps": [{"event_name": "e"}, {"event_name": "e"}]}),
        ),
        (
            "timeseries",
            "line",
            json!({"event_name": "e", "metric": "max", "numeric_prop": "n", "compare": "previous_year"}),
        ),
        (
            "timeseries",
            "stacked_bar",
            json!({"event_name": "e", "group_by": "mark"}),
        ),
        (
            "breakdown",
            "list",
            json!({"event_name": "e", "group_by": "mark", "compare": "previous_period"}),
        ),
        (
            "breakdown",
            "list",
            json!({"event_name": "e", "group_by": "user_id", "limit": 1}),
        ),
        (
            "breakdown",
            "funnel",
            json!({"event_name": "", "steps": [{"event_name": "e"}, {"event_name": "e"}]}),
        ),
        (
            "table",
            "table",
            json!({"event_name": "e", "group_by": ["mark", "same", "user_id"]}),
        ),
        (
            "table",
            "pivot",
            json!({"event_name": "e", "group_by": ["mark", "user_id"]}),
        ),
        (
            "heatmap",
            "heatmap",
            json!({"event_name": "e", "metric": "sum", "numeric_prop": "n"}),
        ),
    ]
}

fn offered() -> Value {
    json!({"dimensions": [{"prop": "mark", "multi": true}, {"prop": "same", "multi": true}, {"prop": "user_id", "multi": true}]})
}

#[tokio::test]
async fn every_answer_is_made_of_the_sessions_own_tenant() {
    let bench = Bench::new("isolation", NOW).await;
    bench.insert(&events()).await;
    for (index, tenant) in TENANTS.iter().enumerate() {
        let session = bench.session(tenant, json!({}));
        let mut answers = Vec::new();
        for (kind, chart, query) in widgets() {
            let document = dashboard(kind, chart, query, offered());
            // Filters that are true for every tenant's rows must not widen what is seen.
            let filters =
                json!({"period": "7d", "dimensions": {"same": ["x", "' OR 1=1 --", "\\"]}});
            answers.push(as_json(bench.ask(&session, &document, filters).await).to_string());
        }
        let document = dashboard(
            "breakdown",
            "list",
            json!({"event_name": "e", "group_by": "mark"}),
            offered(),
        );
        answers.push(
            as_json(
                bench
                    .rows(&session, &document, json!({"widget": "w"}))
                    .await,
            )
            .to_string(),
        );
        answers.push(
            as_json(
                bench
                    .values(&session, &document, json!({"dimension": "mark"}))
                    .await,
            )
            .to_string(),
        );
        answers.push(
            as_json(
                bench
                    .values(
                        &session,
                        &document,
                        json!({"dimension": "user_id", "search": "USER"}),
                    )
                    .await,
            )
            .to_string(),
        );

        assert!(
            answers.iter().any(|answer| answer.contains(&marker(index))),
            "{tenant:?} does not see itself"
        );
        for other in (0..TENANTS.len()).filter(|other| *other != index) {
            let (mark, user) = (marker(other), format!("user-{other}-only"));
            for answer in &answers {
                assert!(
                    !answer.contains(&mark) && !answer.contains(&user),
                    "{tenant:?} sees {:?}: {answer}",
                    TENANTS[other]
                );
            }
        }
        let kpi: Value = serde_json::from_str(&answers[0]).unwrap();
        assert_eq!(kpi["value"], json!(2.0 * (index + 1) as f64), "{tenant:?}");
    }
}

#[tokio::test]
async fn a_tenant_without_events_sees_nothing_rather_than_everything() {
    let bench = Bench::new("isolation-empty", NOW).await;
    bench.insert(&events()).await;
    let session = bench.session("nobody", json!({}));
    let document = dashboard("kpi", "stat", json!({"event_name": "e"}), json!({}));
    assert_eq!(
        as_json(bench.ask(&session, &document, json!({})).await),
        json!({"value": 0.0})
    );
    let document = dashboard(
        "breakdown",
        "list",
        json!({"event_name": "e", "group_by": "mark"}),
        json!({}),
    );
    assert_eq!(
        as_json(bench.ask(&session, &document, json!({})).await)["rows"],
        json!([])
    );
}

#[tokio::test]
async fn an_environment_is_a_wall_of_its_own() {
    let production = Bench::new("wall-a", NOW).await;
    let development = Bench::new("wall_a", NOW).await;
    production
        .insert(&[event("acme", "1", at("2026-03-14T10:00:00Z"), &[], &[])])
        .await;
    let document = dashboard("kpi", "stat", json!({"event_name": "e"}), json!({}));
    for (bench, expect) in [(&production, 1.0), (&development, 0.0)] {
        let session = bench.session("acme", json!({}));
        // Through the same connection: the database follows from the session.
        assert_eq!(
            as_json(production.ask(&session, &document, json!({})).await),
            json!({"value": expect})
        );
    }
}

#[tokio::test]
async fn locked_filters_narrow_every_answer() {
    let bench = Bench::new("isolation-locked", NOW).await;
    let time = at("2026-03-14T10:00:00Z");
    bench
        .insert(&[
            event(
                "acme",
                "1",
                time,
                &[("plan", "pro"), ("model", "m1")],
                &[("n", 1.0)],
            ),
            event(
                "acme",
                "2",
                time,
                &[("plan", "free"), ("model", "m2")],
                &[("n", 2.0)],
            ),
            event("acme", "3", time, &[("model", "m3")], &[("n", 4.0)]),
        ])
        .await;
    let sum = dashboard(
        "kpi",
        "stat",
        json!({"event_name": "e", "metric": "sum", "numeric_prop": "n"}),
        json!({}),
    );
    for (locked, expect) in [
        (json!({"plan": "pro"}), 1.0),
        (json!({"plan": ["pro", "free"]}), 3.0),
        (json!({"plan": ""}), 4.0),
        (json!({"plan": []}), 0.0),
        (json!({"plan": "pro", "model": "m2"}), 0.0),
        (json!({"plan": "' OR 1=1 --"}), 0.0),
    ] {
        let session = bench.session("acme", json!({"locked_filters": locked}));
        assert_eq!(
            as_json(bench.ask(&session, &sum, json!({})).await),
            json!({"value": expect}),
            "{locked}"
        );
    }
    let session = bench.session("acme", json!({"locked_filters": {"plan": "pro"}}));
    let models = dashboard(
        "breakdown",
        "list",
        json!({"event_name": "e", "group_by": "model"}),
        json!({}),
    );
    let values = as_json(
        bench
            .values(&session, &models, json!({"dimension": "model"}))
            .await,
    );
    assert_eq!(values, json!({"values": [{"value": "m1", "count": 1}]}));
    let plans = dashboard(
        "breakdown",
        "list",
        json!({"event_name": "e", "group_by": "plan"}),
        json!({}),
    );
    let groups = as_json(bench.ask(&session, &plans, json!({})).await);
    assert_eq!(groups["rows"], json!([["pro", 1.0]]), "{groups}");
    let rows = as_json(bench.rows(&session, &models, json!({"widget": "w"})).await);
    assert!(
        rows.to_string().contains("m1")
            && !rows.to_string().contains("pro")
            && !rows.to_string().contains("m2"),
        "{rows}"
    );
}
