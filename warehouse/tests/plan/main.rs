//! Plans without a warehouse: what is refused, what is asked, and that no read of events forgets the tenant.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests stop at the first surprise"
)]

mod fuzz;
mod permissions;
mod snapshots;
mod statements;

use emban_contract::UnixMillis;
use emban_contract::dashboard::DashboardDocument;
use emban_contract::permissions::Permissions;
use emban_warehouse::{PlanError, View};
use serde_json::{Value, json};

const NOW: &str = "2026-03-15T12:34:56Z";

fn now() -> UnixMillis {
    UnixMillis::parse(NOW).unwrap()
}

fn document(widgets: Value) -> DashboardDocument {
    serde_json::from_value(json!({
        "name": "d",
        "filters": {
            "dimensions": [{"prop": "model", "multi": true}, {"prop": "plan"}],
            "numeric_ranges": [{"prop": "tokens"}],
            "date_range": true,
        },
        "widgets": widgets,
    }))
    .unwrap()
}

fn widget(kind: &str, chart: &str, query: Value) -> Value {
    json!({"id": "w", "kind": kind, "chart": chart, "query": query, "layout": {"x": 0, "y": 0, "w": 1, "h": 1}})
}

fn permissions(value: Value) -> Permissions {
    serde_json::from_value(value).unwrap()
}

/// The plan of the dashboard's only widget, as SQL and parameters.
fn sql(document: &DashboardDocument, granted: Value, filters: Value) -> Result<String, PlanError> {
    let permissions = permissions(granted);
    let view = View {
        document,
        permissions: &permissions,
        now: now(),
    };
    let request = serde_json::from_value(json!({ "filters": filters })).unwrap();
    let planned = view.widgets(&request)?.remove(0);
    Ok(planned.plan?.to_string())
}
