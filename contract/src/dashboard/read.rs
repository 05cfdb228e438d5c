//! Reads a document so that every problem is found at once, not only the first.

use serde_json::Value;

use super::{DashboardDocument, validate};
use crate::json::{findings, is_within};
use crate::problem::Detail;

/// Reads a document and checks it whole.
///
/// Errors: every problem, each with its JSON pointer into `draft`. What only follows from a part that does not fit is not
/// told.
pub fn read_document(draft: &Value) -> Result<DashboardDocument, Vec<Detail>> {
    let found = findings::<DashboardDocument>(draft);
    let mut problems = found.problems;
    let unfit: Vec<String> = problems.iter().map(|detail| detail.path.clone()).collect();
    let checked = found.value.as_ref().map(validate).unwrap_or_default();
    problems.extend(
        checked
            .into_iter()
            .filter(|detail| !unfit.iter().any(|unfit| follows(&detail.path, unfit))),
    );
    match found.value {
        Some(document) if problems.is_empty() => Ok(document),
        Some(_) | None => {
            problems.sort_by_key(|detail| order(&detail.path));
            Err(problems)
        }
    }
}

/// Whether a problem at one place may be there only because of what stands in for another place.
fn follows(path: &str, unfit: &str) -> bool {
    // What a widget asks and how it is drawn is judged by its kind and its chart.
    let judged = unfit
        .strip_suffix("/kind")
        .or_else(|| unfit.strip_suffix("/chart"));
    is_within(path, unfit)
        || is_within(unfit, path)
        || judged.is_some_and(|widget| {
            ["chart", "query"]
                .iter()
                .any(|part| is_within(path, &format!("{widget}/{part}")))
        })
}

/// The index of the widget that a pointer leads into.
fn widget_of(at: &str) -> Option<usize> {
    let rest = at.strip_prefix("/widgets/")?;
    rest.split('/').next()?.parse().ok()
}

/// The order of a document: what concerns it whole, then its widgets, one after the other.
fn order(path: &str) -> (usize, String) {
    (
        widget_of(path).map_or(0, |index| index + 1),
        path.to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn layout(y: u32) -> Value {
        json!({ "x": 0, "y": y, "w": 3, "h": 2 })
    }

    fn paths(draft: &Value) -> Vec<String> {
        let problems = read_document(draft).err().unwrap_or_default();
        problems.into_iter().map(|detail| detail.path).collect()
    }

    #[test]
    fn every_problem_is_told_at_once_whatever_its_kind() {
        let draft = json!({
            "name": "d",
            "tenant_id": "acme",
            "filters": { "periods": ["7d", "soon"], "sql": 1 },
            "widgets": [
                { "id": "a", "kind": "kpi", "chart": "stat", "layout": layout(0), "query": { "event_name": "e", "metric": "most" } },
                { "id": "b", "chart": "stat", "layout": layout(2), "query": { "event_name": "e" } },
                { "id": "c", "kind": "kpi", "chart": "donut", "layout": layout(4), "query": { "event_name": "", "limit": "x" }, "sql": "SELECT 1" },
                { "id": "c", "kind": "kpi", "chart": "stat", "layout": layout(6), "query": { "event_name": "e", "metric": "sum" } },
            ],
        });
        let expect = [
            "/filters/periods/1",
            "/filters/sql",
            "/tenant_id",
            "/widgets/0/query/metric",
            "/widgets/1/kind",
            "/widgets/2/chart",
            "/widgets/2/query/event_name",
            "/widgets/2/query/limit",
            "/widgets/2/sql",
            "/widgets/3/id",
            "/widgets/3/query/numeric_prop",
        ];
        assert_eq!(paths(&draft), expect);
    }

    #[test]
    fn what_is_sound_is_read_and_what_is_no_document_is_said_to_be_none() {
        let widget = json!({ "id": "a", "kind": "kpi", "chart": "stat", "layout": layout(0), "query": { "event_name": "e" } });
        let sound = json!({ "name": "d", "widgets": [widget] });
        assert!(read_document(&sound).is_ok());
        for (draft, expect) in [
            (json!([]), ""),
            (json!(null), ""),
            (json!({ "name": 1, "widgets": [widget] }), "/name"),
            (json!({ "name": "d", "widgets": {} }), "/widgets"),
            (json!({ "name": "d", "widgets": [] }), "/widgets"),
            (json!({ "name": "d", "widgets": [3] }), "/widgets/0"),
            (json!({}), "/name"),
            (json!({}), "/widgets"),
            (
                json!({ "widgets": [widget, { "id": "b" }], "x": 1 }),
                "/widgets/1/layout",
            ),
        ] {
            assert!(
                paths(&draft).contains(&expect.to_owned()),
                "{draft}: {:?}",
                paths(&draft)
            );
        }
    }
}
