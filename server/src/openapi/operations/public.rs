//! For browsers, edges, supervisors, and whoever writes against the API.

use emban_contract::feed::Feed;
use emban_session::Jwks;
use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::json;

use super::text;
use crate::openapi::operation::{Operation, Parameter, Tag};
use crate::openapi::schemas::of;
use crate::routes::health::{Health, Readiness};

fn operation(id: &'static str, summary: &'static str) -> Operation {
    Operation::new(id, Tag::Operation, summary)
}

fn object(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "object" })
}

pub(crate) fn read_feed() -> Operation {
    let after = Parameter::query(
        "after",
        of::<u64>(),
        "The last sequence number that is known.",
    );
    operation("readFeed", "Revocations and publications, for edges")
        .parameter(after.example(json!(0)))
        .answers::<Feed>(200, "What happened since.")
}

pub(crate) fn read_loader() -> Operation {
    operation("readLoader", "The script tag")
        .answers_as(200, "The loader.", Some(("text/javascript", text)))
        .answers_nothing(304, "It is the one that is known.")
}

pub(crate) fn read_asset() -> Operation {
    operation("readAsset", "A file of the runtime")
        .path("name", text, json!("runtime.js"))
        .answers_as(200, "The file.", Some(("*/*", text)))
        .answers_nothing(304, "It is the one that is known.")
}

pub(crate) fn read_jwks() -> Operation {
    operation("readJwks", "The public keys that sessions are signed with")
        .answers::<Jwks>(200, "The keys.")
}

pub(crate) fn read_openapi() -> Operation {
    operation("readOpenapi", "This description, for programs").answers_as(
        200,
        "OpenAPI 3.1.",
        Some(("application/json", object)),
    )
}

pub(crate) fn read_page() -> Operation {
    operation("readDocs", "This description, for people").answers_as(
        200,
        "A page.",
        Some(("text/html", text)),
    )
}

pub(crate) fn read_dashboard_schema() -> Operation {
    operation(
        "readDashboardSchema",
        "The JSON Schema of a dashboard document",
    )
    .answers_as(
        200,
        "JSON Schema 2020-12.",
        Some(("application/schema+json", object)),
    )
}

pub(crate) fn healthz() -> Operation {
    operation("healthz", "The process answers").answers::<Health>(200, "It does.")
}

pub(crate) fn readyz() -> Operation {
    operation("readyz", "Database and warehouse answer").answers::<Readiness>(200, "They do.")
}

pub(crate) fn metrics() -> Operation {
    operation("metrics", "Counts for Prometheus").answers_as(
        200,
        "The text format of Prometheus.",
        Some(("text/plain", text)),
    )
}
