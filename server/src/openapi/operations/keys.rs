//! Keys and the audit log.

use emban_contract::audit::AuditPage;
use emban_contract::keys::{CreateKey, KeyCreated, KeyRotated, RotateKey};
use schemars::json_schema;
use serde_json::json;

use super::text;
use crate::openapi::operation::{Operation, Parameter, Tag};
use crate::routes::keys::Keys;

fn operation(id: &'static str, summary: &'static str) -> Operation {
    Operation::new(id, Tag::Keys, summary)
}

pub(crate) fn list_keys() -> Operation {
    operation("listKeys", "The keys of the caller's environment")
        .answers::<Keys>(200, "The keys, never the raw ones.")
}

pub(crate) fn create_key() -> Operation {
    operation("createKey", "Makes a key")
        .note("The raw key is in this answer and nowhere else.")
        .takes::<CreateKey>(json!({ "name": "ci", "scope": "read" }))
        .answers::<KeyCreated>(201, "The key.")
}

pub(crate) fn delete_key() -> Operation {
    operation("deleteKey", "Ends a key at once")
        .path("id", text, json!("key_0123456789abcdef"))
        .answers_nothing(204, "It is revoked.")
}

pub(crate) fn rotate_key() -> Operation {
    operation(
        "rotateKey",
        "Makes a successor; the former key goes on for the overlap",
    )
    .path("id", text, json!("key_0123456789abcdef"))
    .takes::<RotateKey>(json!({ "overlap_seconds": 3600 }))
    .answers::<KeyRotated>(201, "The successor.")
}

pub(crate) fn list_audit() -> Operation {
    let limit = |_: &mut _| json_schema!({ "type": "integer", "minimum": 1, "maximum": 500, "default": 100 });
    operation(
        "listAudit",
        "Every call by key that changes something, the newest first",
    )
    .parameter(Parameter::query("limit", limit, "Entries of the page.").example(json!(50)))
    .parameter(Parameter::query(
        "cursor",
        text,
        "The `next_cursor` of the page before.",
    ))
    .answers::<AuditPage>(200, "One page.")
}
