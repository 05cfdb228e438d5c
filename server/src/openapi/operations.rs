//! What each route takes and answers. One file a group of routes; the example of each request is one that succeeds.

pub(crate) mod dashboards;
pub(crate) mod embed;
pub(crate) mod events;
pub(crate) mod keys;
pub(crate) mod public;
pub(crate) mod sessions;

use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use super::operation::{Operation, Parameter};

/// A dashboard of the examples.
const DASHBOARD: &str = "dash_0123456789abcdef";

fn text(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string" })
}

/// `Idempotency-Key`.
fn idempotency() -> Parameter {
    let schema = |_: &mut SchemaGenerator| json_schema!({ "type": "string", "pattern": "^[!-~]([ -~]{0,253}[!-~])?$" });
    let note = "The same request under the same key has its effect once, for a day.";
    Parameter::header("Idempotency-Key", schema, note).example(json!("order-4711"))
}

fn example_dashboard() -> Value {
    json!({
        "name": "Usage",
        "filters": {
            "periods": ["24h", "7d", "30d"], "default_period": "7d",
            "dimensions": [{ "prop": "model", "label": "Model", "multi": true }],
        },
        "widgets": [
            {
                "id": "calls", "kind": "kpi", "chart": "stat", "title": "Calls",
                "query": { "event_name": "api.call", "compare": "previous_period" },
                "layout": { "x": 0, "y": 0, "w": 3, "h": 2 },
            },
            {
                "id": "models", "kind": "breakdown", "chart": "horizontal_bar", "title": "Models",
                "query": { "event_name": "api.call", "group_by": "model" },
                "layout": { "x": 3, "y": 0, "w": 9, "h": 4 },
            },
        ],
    })
}

impl Operation {
    /// The dashboard that the path names.
    fn of_dashboard(self) -> Self {
        use emban_contract::DashboardId;
        self.path("id", super::schemas::of::<DashboardId>(), json!(DASHBOARD))
    }
}
