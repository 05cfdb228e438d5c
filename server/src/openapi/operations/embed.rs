//! What a session can reach.

use emban_contract::embed::{
    QueryAnswer, QueryRequest, RowsAnswer, RowsRequest, Surface, ValuesAnswer, ValuesRequest,
};
use emban_contract::filters::ViewerFilters;
use emban_contract::{DashboardId, ProblemCode, WidgetId};
use schemars::json_schema;
use serde_json::json;

use super::{DASHBOARD, text};
use crate::openapi::operation::{Operation, Parameter, Tag};
use crate::openapi::schemas::of;

fn operation(id: &'static str, summary: &'static str) -> Operation {
    Operation::new(id, Tag::Embed, summary)
}

pub(crate) fn read_document() -> Operation {
    operation("readEmbedDocument", "The document for an iframe")
        .note("Drawn before any script has run. A frame whose session does not hold is answered with a page that says so.")
        .path("dashboard_id", of::<DashboardId>(), json!(DASHBOARD))
        .answers_as(200, "The dashboard.", Some(("text/html", text)))
        .opened_by_a_frame()
}

pub(crate) fn read_surface() -> Operation {
    operation(
        "readSurface",
        "The published version as this session may see it",
    )
    .answers::<Surface>(200, "The surface.")
}

pub(crate) fn query() -> Operation {
    operation("queryWidgets", "One answer a widget, in one round trip")
        .note("A widget that fails does not fail the others.")
        .takes::<QueryRequest>(json!({
            "widgets": ["calls", "models"],
            "filters": { "period": "7d", "dimensions": { "model": ["m-1"] } },
        }))
        .answers::<QueryAnswer>(200, "The figures.")
}

pub(crate) fn rows() -> Operation {
    operation("readRows", "The events behind a number, paged")
        .takes::<RowsRequest>(json!({
            "widget": "models", "point": { "group": ["m-1"] }, "filters": { "period": "7d" }, "limit": 50,
        }))
        .answers::<RowsAnswer>(200, "One page.")
        .refuses(&[ProblemCode::NotFound])
}

pub(crate) fn values() -> Operation {
    operation("readValues", "The values of a dimension, with counts")
        .takes::<ValuesRequest>(
            json!({ "dimension": "model", "search": "m-", "filters": { "period": "7d" } }),
        )
        .answers::<ValuesAnswer>(200, "The most frequent first.")
}

pub(crate) fn export() -> Operation {
    let widget = Parameter::query("widget", of::<WidgetId>(), "Which widget.");
    let filters = Parameter::query(
        "filters",
        of::<ViewerFilters>(),
        "What the viewer has chosen.",
    );
    let format =
        |_: &mut _| json_schema!({ "type": "string", "enum": ["csv", "svg"], "default": "csv" });
    operation("exportWidget", "The figures of one widget as a file")
        .note(
            "`csv` has all groups, not only those shown; a text that a spreadsheet would run as a formula gets an \
             apostrophe. `svg` is the chart as it is shown; 422 for a widget that is none.",
        )
        .parameter(widget.required().example(json!("models")))
        .parameter(Parameter::query("format", format, "Of the file."))
        .parameter(filters.in_json().example(json!({ "period": "7d" })))
        .answers_as(200, "The file.", Some(("text/csv", text)))
        .or_as("image/svg+xml", text)
        .refuses(&[ProblemCode::NotFound])
}
