//! What a session may ask, and the word with which anything else is refused.

use emban_contract::dashboard::DashboardDocument;
use emban_contract::embed::{RowsRequest, ValuesRequest};
use emban_contract::{ProblemCode, UnixMillis};
use emban_warehouse::{PlanError, View};
use serde_json::{Value, json};

use crate::{NOW, document, now, permissions, sql, widget};

fn usual() -> DashboardDocument {
    document(json!([widget(
        "breakdown",
        "list",
        json!({"event_name": "e", "group_by": "endpoint"})
    )]))
}

fn code(granted: Value, filters: Value) -> Option<ProblemCode> {
    sql(&usual(), granted, filters)
        .err()
        .map(|error| error.code())
}

#[test]
fn a_viewer_filters_by_what_is_offered_and_allowed() {
    let by = |prop: &str| json!({"dimensions": {prop: "x"}});
    assert_eq!(code(json!({}), by("model")), None);
    // A click on the widget names its grouping.
    assert_eq!(code(json!({}), by("endpoint")), None);
    assert_eq!(
        code(json!({"allow_drill_down": false}), by("endpoint")),
        Some(ProblemCode::Invalid)
    );
    assert_eq!(code(json!({"allow_drill_down": false}), by("model")), None);
    assert_eq!(code(json!({}), by("tenant_id")), Some(ProblemCode::Invalid));
    assert_eq!(code(json!({}), by("user_id")), Some(ProblemCode::Invalid));
    assert_eq!(
        code(json!({"allowed_dimensions": ["plan"]}), by("model")),
        Some(ProblemCode::NotPermitted)
    );
    assert_eq!(
        code(json!({"allowed_dimensions": []}), by("model")),
        Some(ProblemCode::NotPermitted)
    );
    assert_eq!(
        code(json!({"locked_filters": {"plan": "pro"}}), by("plan")),
        Some(ProblemCode::NotPermitted)
    );
    assert_eq!(
        code(json!({"locked_filters": {"plan": "pro"}}), by("model")),
        None
    );
    assert_eq!(
        code(json!({}), json!({"dimensions": {"plan": ["a", "b"]}})),
        Some(ProblemCode::Invalid)
    );
    assert_eq!(
        code(json!({}), json!({"dimensions": {"model": vec!["x"; 201]}})),
        Some(ProblemCode::Invalid)
    );
}

#[test]
fn a_viewer_bounds_the_numbers_that_are_offered() {
    let range = |prop: &str, range: Value| json!({"numericRanges": {prop: range}});
    assert_eq!(code(json!({}), range("tokens", json!({"min": 1}))), None);
    assert_eq!(
        code(json!({}), range("cost", json!({"min": 1}))),
        Some(ProblemCode::Invalid)
    );
    assert_eq!(
        code(json!({}), range("tokens", json!({"min": 2, "max": 1}))),
        Some(ProblemCode::Invalid)
    );
    assert_eq!(
        code(
            json!({"locked_filters": {"tokens": "1"}}),
            range("tokens", json!({"min": 1}))
        ),
        Some(ProblemCode::NotPermitted)
    );
}

#[test]
fn a_viewer_sees_no_more_time_than_allowed() {
    let dates =
        |from: &str, to: &str| json!({"dateRanges": {"timestamp": {"from": from, "to": to}}});
    let week = json!({"max_date_range_days": 7, "allowed_periods": ["7d", "90d"]});
    assert_eq!(code(week.clone(), json!({"period": "7d"})), None);
    assert_eq!(
        code(week.clone(), json!({"period": "24h"})),
        Some(ProblemCode::NotPermitted)
    );
    assert_eq!(
        code(week.clone(), json!({"period": "90d"})),
        Some(ProblemCode::NotPermitted)
    );
    // Without a choice the period is one that is allowed, not the usual thirty days.
    assert_eq!(code(week.clone(), json!({})), None);
    assert_eq!(
        code(
            week.clone(),
            dates("2026-03-01T00:00:00Z", "2026-03-08T00:00:00Z")
        ),
        None
    );
    assert_eq!(
        code(
            week,
            dates("2026-03-01T00:00:00Z", "2026-03-08T00:00:00.001Z")
        ),
        Some(ProblemCode::NotPermitted)
    );
    assert_eq!(
        code(
            json!({}),
            dates("2026-03-08T00:00:00Z", "2026-03-08T00:00:00Z")
        ),
        Some(ProblemCode::Invalid)
    );
    let other = json!({"dateRanges": {"created": {"from": "2026-03-01T00:00:00Z", "to": "2026-03-08T00:00:00Z"}}});
    assert_eq!(code(json!({}), other), Some(ProblemCode::Invalid));
    assert_eq!(
        code(json!({"timezone": "Mars/Olympus"}), json!({})),
        Some(ProblemCode::Invalid)
    );
    let mut closed = usual();
    closed.filters.date_range = false;
    let refused = sql(
        &closed,
        json!({}),
        dates("2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z"),
    )
    .unwrap_err();
    assert_eq!(refused.code(), ProblemCode::Invalid);
}

#[test]
fn dates_reach_no_further_than_the_longest_allowed_period() {
    let dates = |granted: Value, from: &str| {
        let range = json!({"timestamp": {"from": from, "to": "2026-03-15T00:00:00Z"}});
        code(granted, json!({ "dateRanges": range }))
    };
    let refused = Some(ProblemCode::NotPermitted);
    let week = json!({"allowed_periods": ["24h", "7d"]});
    assert_eq!(dates(week.clone(), "2026-03-08T00:00:00Z"), None);
    assert_eq!(dates(week.clone(), "2026-03-07T23:59:59Z"), refused);
    assert_eq!(dates(week, "2001-01-01T00:00:00Z"), refused);
    // No period may be chosen: then no dates either.
    let none = json!({"allowed_periods": []});
    assert_eq!(dates(none, "2026-03-14T23:00:00Z"), refused);
    // A bound that is given holds, be it wider or narrower.
    let wider = json!({"allowed_periods": ["7d"], "max_date_range_days": 30});
    assert_eq!(dates(wider.clone(), "2026-02-13T00:00:00Z"), None);
    assert_eq!(dates(wider, "2026-02-12T00:00:00Z"), refused);
    let narrower = json!({"allowed_periods": ["7d"], "max_date_range_days": 2});
    assert_eq!(dates(narrower, "2026-03-12T00:00:00Z"), refused);
    assert_eq!(dates(json!({}), "2001-01-01T00:00:00Z"), None);
}

#[test]
fn the_default_period_is_one_that_the_session_may_choose() {
    let default = |granted: Value| {
        let permissions = permissions(granted);
        View {
            document: &usual(),
            permissions: &permissions,
            now: now(),
        }
        .default_period()
        .to_string()
    };
    assert_eq!(default(json!({})), "30d");
    assert_eq!(default(json!({"allowed_periods": ["7d", "24h"]})), "24h");
    assert_eq!(default(json!({"allowed_periods": ["3d", "2d"]})), "3d");
    assert_eq!(default(json!({"max_date_range_days": 5})), "24h");
    assert_eq!(
        default(json!({"allowed_periods": [], "max_date_range_days": 5})),
        "5d"
    );
    // Who may choose nothing sees what the designer chose, not all there is.
    assert_eq!(default(json!({"allowed_periods": []})), "30d");
    assert_eq!(
        default(json!({"allowed_periods": [], "max_date_range_days": 365})),
        "30d"
    );
}

#[test]
fn a_viewer_chooses_among_the_periods_that_are_offered() {
    let mut listed = usual();
    listed.filters.periods = vec!["24h".to_owned().try_into().unwrap()];
    let asked = |document: &DashboardDocument, period: &str| {
        let answer = sql(document, json!({}), json!({ "period": period }));
        answer.err().map(|error| error.code())
    };
    assert_eq!(asked(&listed, "365d"), None, "it takes any dates");
    listed.filters.date_range = false;
    assert_eq!(asked(&listed, "24h"), None);
    assert_eq!(asked(&listed, "365d"), Some(ProblemCode::Invalid));
    listed.filters.periods.clear();
    assert_eq!(asked(&listed, "365d"), None, "it lists none");
}

#[test]
fn nothing_before_the_first_readable_instant_is_asked_for() {
    let compared = document(json!([widget(
        "kpi",
        "stat",
        json!({"event_name": "e", "compare": "previous_period"})
    )]));
    let first = UnixMillis::parse("2026-03-10T00:00:00Z")
        .unwrap()
        .0
        .to_string();
    let plan = sql(
        &compared,
        json!({"not_before": "2026-03-10T00:00:00Z"}),
        json!({"period": "30d"}),
    )
    .unwrap();
    assert!(plan.contains(&format!("-- p1 = {first}")), "{plan}");
    // The earlier period is not readable: there is no comparison rather than a wrong one.
    assert!(!plan.contains("SELECT 0 AS era"), "{plan}");
    let plan = sql(
        &compared,
        json!({"not_before": "2026-03-01T00:00:00Z"}),
        json!({"period": "7d"}),
    )
    .unwrap();
    assert!(plan.contains("SELECT 0 AS era"), "{plan}");
    // Rows and values begin there as well.
    let permissions = permissions(json!({"not_before": "2026-03-10T00:00:00Z"}));
    let document = usual();
    let view = View {
        document: &document,
        permissions: &permissions,
        now: now(),
    };
    let filters = json!({"period": "30d"});
    let rows = json!({"widget": "w", "filters": filters});
    let rows: RowsRequest = serde_json::from_value(rows).unwrap();
    let values = json!({"dimension": "model", "filters": filters});
    let values: ValuesRequest = serde_json::from_value(values).unwrap();
    for plan in [
        view.rows(&rows).unwrap().to_string(),
        view.values(&values).unwrap().to_string(),
    ] {
        assert!(plan.contains(&format!(" = {first}\n")), "{plan}");
    }
}

#[test]
fn only_a_step_of_a_funnel_has_rows_and_only_those_of_its_own_event() {
    let steps = json!([{"event_name": "view"}, {"event_name": "pay", "where": [{"op": "in", "prop": "plan", "values": ["gold"]}]}]);
    let document = document(json!([widget(
        "breakdown",
        "funnel",
        json!({"steps": steps})
    )]));
    let rows = |granted: Value, point: Value| {
        let permissions = permissions(granted);
        let view = View {
            document: &document,
            permissions: &permissions,
            now: now(),
        };
        let request = serde_json::from_value(json!({"widget": "w", "point": point})).unwrap();
        let plan = view.rows(&request);
        plan.map(|plan| plan.to_string())
            .map_err(|error| error.code())
    };
    let granted = json!({"locked_filters": {"region": "eu-only"}});
    let pay = rows(granted, json!({"group": ["2"]})).unwrap();
    for held in ["scope_tenant", "pay", "gold", "eu-only"] {
        assert!(pay.contains(held), "{held}: {pay}");
    }
    assert!(!pay.contains("view"), "{pay}");
    for point in [
        json!(null),
        json!({}),
        json!({"group": []}),
        json!({"group": [null]}),
        json!({"group": ["0"]}),
        json!({"group": ["3"]}),
        json!({"group": ["pay"]}),
        json!({"group": ["1", "2"]}),
        json!({"group": ["1"], "time": "2026-03-15T00:00:00Z"}),
    ] {
        let refused = rows(json!({}), point.clone());
        assert_eq!(refused, Err(ProblemCode::Invalid), "{point}");
    }
    let refused = rows(json!({"allow_drill_down": false}), json!({"group": ["1"]}));
    assert_eq!(refused, Err(ProblemCode::NotPermitted));
}

#[test]
fn what_a_session_does_not_see_does_not_exist() {
    let document = document(json!([
        {"id": "hidden", "kind": "kpi", "chart": "stat", "query": {"event_name": "e"}, "layout": {"x": 0, "y": 0, "w": 1, "h": 1}},
        {"id": "narrowed", "kind": "breakdown", "chart": "list", "query": {"event_name": "e", "group_by": "plan"}, "layout": {"x": 1, "y": 0, "w": 1, "h": 1}},
        {"id": "text", "kind": "text", "chart": "text", "layout": {"x": 2, "y": 0, "w": 1, "h": 1}},
        {"id": "seen", "kind": "kpi", "chart": "stat", "query": {"event_name": "e"}, "layout": {"x": 3, "y": 0, "w": 1, "h": 1}},
    ]));
    let permissions =
        permissions(json!({"hidden_widgets": ["hidden"], "locked_filters": {"plan": "pro"}}));
    let view = View {
        document: &document,
        permissions: &permissions,
        now: now(),
    };
    let all = view
        .widgets(&serde_json::from_value(json!({})).unwrap())
        .unwrap();
    assert_eq!(
        all.iter()
            .map(|planned| planned.id.as_str())
            .collect::<Vec<_>>(),
        ["narrowed", "seen"]
    );
    let named = view
        .widgets(&serde_json::from_value(json!({"widgets": ["hidden", "never", "text"]})).unwrap())
        .unwrap();
    let codes: Vec<ProblemCode> = named
        .iter()
        .map(|planned| planned.plan.as_ref().unwrap_err().code())
        .collect();
    assert_eq!(
        codes,
        [
            ProblemCode::NotFound,
            ProblemCode::NotFound,
            ProblemCode::Invalid
        ]
    );
    let rows: RowsRequest = serde_json::from_value(json!({"widget": "hidden"})).unwrap();
    assert_eq!(view.rows(&rows).unwrap_err(), PlanError::NotFound);
}

#[test]
fn rows_and_values_are_held_to_the_same_permissions() {
    let document = usual();
    let rows = |granted: Value, request: Value| {
        let permissions = permissions(granted);
        let request: RowsRequest = serde_json::from_value(request).unwrap();
        View {
            document: &document,
            permissions: &permissions,
            now: now(),
        }
        .rows(&request)
        .err()
        .map(|error| error.code())
    };
    assert_eq!(
        rows(json!({}), json!({"widget": "w", "point": {"group": ["x"]}})),
        None
    );
    assert_eq!(
        rows(json!({"allow_drill_down": false}), json!({"widget": "w"})),
        Some(ProblemCode::NotPermitted)
    );
    let narrow = json!({"allowed_dimensions": ["model"]});
    assert_eq!(
        rows(narrow, json!({"widget": "w", "point": {"group": ["x"]}})),
        Some(ProblemCode::NotPermitted)
    );
    assert_eq!(
        rows(
            json!({}),
            json!({"widget": "w", "point": {"group": ["x", "y"]}})
        ),
        Some(ProblemCode::Invalid)
    );
    assert_eq!(
        rows(json!({}), json!({"widget": "w", "point": {"time": NOW}})),
        Some(ProblemCode::Invalid)
    );
    assert_eq!(
        rows(json!({}), json!({"widget": "w", "limit": 501})),
        Some(ProblemCode::Invalid)
    );
    assert_eq!(
        rows(json!({}), json!({"widget": "w", "cursor": "!"})),
        Some(ProblemCode::Invalid)
    );
    let values = |granted: Value, request: Value| {
        let permissions = permissions(granted);
        let request: ValuesRequest = serde_json::from_value(request).unwrap();
        View {
            document: &document,
            permissions: &permissions,
            now: now(),
        }
        .values(&request)
        .err()
        .map(|error| error.code())
    };
    assert_eq!(values(json!({}), json!({"dimension": "model"})), None);
    assert_eq!(
        values(json!({}), json!({"dimension": "tenant_id"})),
        Some(ProblemCode::Invalid)
    );
    assert_eq!(
        values(
            json!({"locked_filters": {"plan": "pro"}}),
            json!({"dimension": "plan"})
        ),
        Some(ProblemCode::NotPermitted)
    );
    assert_eq!(
        values(
            json!({"allowed_dimensions": ["plan"]}),
            json!({"dimension": "model"})
        ),
        Some(ProblemCode::NotPermitted)
    );
    assert_eq!(
        values(json!({}), json!({"dimension": "model", "limit": 201})),
        Some(ProblemCode::Invalid)
    );
}
