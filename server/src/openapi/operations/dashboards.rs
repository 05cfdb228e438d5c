//! Dashboards.

use emban_contract::ProblemCode;
use emban_contract::dashboard::DashboardDocument;
use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::json;

use super::{example_dashboard, idempotency, text};
use crate::openapi::operation::{Operation, Parameter, Tag};
use crate::openapi::schemas::of;
use crate::routes::dashboards::{DashboardBody, Dashboards, Draft, Versions};
use crate::routes::plan::DashboardPlan;
use crate::routes::preview::{Preview, PreviewRequest, Validity};

const ETAG: (&str, &str) = ("ETag", "Names this state of the draft, for `If-Match`.");

fn operation(id: &'static str, summary: &'static str) -> Operation {
    Operation::new(id, Tag::Dashboards, summary)
}

fn of_version(id: &'static str, summary: &'static str) -> Operation {
    operation(id, summary)
        .of_dashboard()
        .path("version", of::<u32>(), json!(1))
}

/// What is to be checked may be anything; what passes is a document.
fn anything(generator: &mut SchemaGenerator) -> Schema {
    let document = generator.subschema_for::<DashboardDocument>();
    json_schema!({ "anyOf": [document, true] })
}

pub(crate) fn list() -> Operation {
    operation("listDashboards", "All drafts").answers::<Dashboards>(200, "The dashboards.")
}

pub(crate) fn create() -> Operation {
    operation("createDashboard", "Keeps a new draft")
        .note("A draft may be unfinished; publishing checks it whole.")
        .parameter(idempotency())
        .takes::<Draft>(example_dashboard())
        .answers::<DashboardBody>(201, "The dashboard.")
        .with_header(ETAG.0, ETAG.1)
        .refuses(&[ProblemCode::Conflict])
}

pub(crate) fn validate() -> Operation {
    operation("validateDashboard", "Checks a document without keeping it")
        .takes_as("application/json", anything, example_dashboard())
        .answers::<Validity>(200, "Every problem at once.")
}

pub(crate) fn read() -> Operation {
    operation("readDashboard", "One draft")
        .of_dashboard()
        .answers::<DashboardBody>(200, "The dashboard.")
        .with_header(ETAG.0, ETAG.1)
}

pub(crate) fn replace() -> Operation {
    let note = "Only when the draft is still the one of this `ETag`; else 412.";
    operation("replaceDashboard", "Replaces the draft")
        .of_dashboard()
        .parameter(Parameter::header("If-Match", text, note))
        .takes::<Draft>(example_dashboard())
        .answers::<DashboardBody>(200, "The dashboard.")
        .with_header(ETAG.0, ETAG.1)
        .refuses(&[ProblemCode::PreconditionFailed])
}

pub(crate) fn delete() -> Operation {
    operation(
        "deleteDashboard",
        "Removes a dashboard; its sessions end at once",
    )
    .of_dashboard()
    .answers_nothing(204, "It is gone.")
}

pub(crate) fn publish() -> Operation {
    operation(
        "publishDashboard",
        "Makes the draft live as the next version",
    )
    .note(
        "Checks the whole document; 422 names every problem, among them properties that no event has although such \
         events were sent. Versions are immutable.",
    )
    .of_dashboard()
    .parameter(Parameter::query(
        "allow_unknown",
        of::<bool>(),
        "Whether it may name properties that no event has yet.",
    ))
    .answers_nothing(204, "It is live.")
    .refuses(&[ProblemCode::Invalid])
}

pub(crate) fn unpublish() -> Operation {
    operation("unpublishDashboard", "Takes the embed offline")
        .of_dashboard()
        .answers_nothing(204, "It is offline.")
}

pub(crate) fn preview() -> Operation {
    operation("previewDashboard", "The draft as a session of a tenant would see it")
        .note("No session is made.")
        .of_dashboard()
        .takes::<PreviewRequest>(json!({
            "tenant_id": "acme", "permissions": { "hidden_widgets": ["models"] }, "filters": { "period": "7d" },
        }))
        .answers::<Preview>(200, "What that session would see.")
}

pub(crate) fn read_plan() -> Operation {
    operation("readDashboardPlan", "What each widget reads")
        .note("Of the live version, else of the draft.")
        .of_dashboard()
        .answers::<DashboardPlan>(200, "The plan.")
        .refuses(&[ProblemCode::Invalid])
}

pub(crate) fn list_versions() -> Operation {
    operation("listDashboardVersions", "What was published")
        .of_dashboard()
        .answers::<Versions>(200, "The versions.")
}

pub(crate) fn publish_version() -> Operation {
    of_version(
        "publishDashboardVersion",
        "Makes an older version live again",
    )
    .answers_nothing(204, "It is live.")
}

pub(crate) fn restore_version() -> Operation {
    of_version(
        "restoreDashboardVersion",
        "Copies an older version into the draft",
    )
    .answers::<DashboardBody>(200, "The dashboard.")
    .with_header(ETAG.0, ETAG.1)
}
