//! Properties of every statement.

use emban_warehouse::View;
use serde_json::json;

use crate::{document, now, permissions, sql, widget};

/// Every shape of statement, with every kind of filter.
fn every_statement() -> Vec<String> {
    let conditions = json!([{"op": "in", "prop": "a", "values": ["x"]}, {"op": "between", "prop": "n", "min": 1.5}]);
    let steps = json!([{"event_name": "e", "where": conditions}, {"event_name": "f"}]);
    let shapes = [
        (
            "kpi",
            "stat",
            json!({"metric": "ratio", "numerator": conditions}),
        ),
        (
            "kpi",
            "stat",
            json!({"metric": "conversion", "steps": steps}),
        ),
        (
            "timeseries",
            "line",
            json!({"metric": "p95", "numeric_prop": "n"}),
        ),
        (
            "timeseries",
            "dual_axis",
            json!({"second_metric": "avg", "second_numeric_prop": "n"}),
        ),
        ("timeseries", "stacked_bar", json!({"group_by": "a"})),
        (
            "breakdown",
            "list",
            json!({"group_by": "a", "metric": "count_unique"}),
        ),
        ("breakdown", "funnel", json!({"steps": steps})),
        (
            "table",
            "table",
            json!({"group_by": ["a", "b", "user_id"], "second_metric": "count"}),
        ),
        ("table", "pivot", json!({"group_by": ["a", "b"]})),
        (
            "heatmap",
            "heatmap",
            json!({"metric": "sum", "numeric_prop": "n"}),
        ),
    ];
    let granted = permissions(json!({"locked_filters": {"plan": "pro"}, "max_drill_rows": 9}));
    let filters = json!({"dimensions": {"model": "x"}, "numericRanges": {"tokens": {"min": 1}}});
    let mut found = Vec::new();
    for (kind, chart, mut query) in shapes {
        for compare in [None, Some("previous_period"), Some("previous_year")] {
            query["event_name"] = json!("e");
            query["where"] = conditions.clone();
            query["compare"] = json!(compare);
            let document = document(json!([widget(kind, chart, query.clone())]));
            let view = View {
                document: &document,
                permissions: &granted,
                now: now(),
            };
            let request = serde_json::from_value(json!({ "filters": filters })).unwrap();
            let plans = view.widgets(&request).unwrap();
            found.extend(
                plans
                    .into_iter()
                    .map(|planned| planned.plan.unwrap().to_string()),
            );
            let rows = view
                .rows(&serde_json::from_value(json!({"widget": "w", "filters": filters})).unwrap());
            found.extend(rows.ok().map(|plan| plan.to_string()));
            let values = view.values(
                &serde_json::from_value(
                    json!({"dimension": "model", "filters": filters, "search": "s"}),
                )
                .unwrap(),
            );
            found.push(values.unwrap().to_string());
        }
    }
    found
}

#[test]
fn every_read_of_events_begins_with_the_tenant() {
    let statements = every_statement();
    assert!(statements.len() > 60, "{}", statements.len());
    for statement in statements {
        let reads = statement.matches("FROM events").count();
        let scoped = statement
            .matches("\nFROM events\nWHERE tenant_id = {scope_tenant:String} AND event_name ")
            .count();
        assert!(scoped > 0 && reads == scoped, "{statement}");
        // The locked filter is in each of them, too.
        let plan = statement
            .lines()
            .find_map(|line| line.strip_prefix("-- ")?.strip_suffix(" = plan"))
            .unwrap();
        assert_eq!(
            statement
                .matches(&format!(
                    "ifNull(string_props.{{{plan}:Identifier}}.:String, '') IN "
                ))
                .count(),
            scoped,
            "{statement}"
        );
    }
}

#[test]
fn no_value_of_a_request_is_in_the_text() {
    let hostile = "'; DROP TABLE events; --";
    let document = document(json!([widget(
        "breakdown",
        "list",
        json!({
            "event_name": hostile, "metric": "sum", "numeric_prop": hostile, "group_by": hostile,
            "where": [{"op": "in", "prop": hostile, "values": [hostile]}],
        })
    )]));
    let plan = sql(
        &document,
        json!({"locked_filters": {"x": hostile}}),
        json!({"dimensions": {"model": hostile}}),
    )
    .unwrap();
    let text: String = plan
        .lines()
        .filter(|line| !line.starts_with("-- p"))
        .collect();
    assert!(!text.contains("DROP"), "{text}");
}
