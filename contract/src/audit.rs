//! The audit log: every call by key that changes something, the refused ones too.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::UnixMillis;

/// One call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuditEntry {
    /// Names the entry: `aud_…`.
    pub id: String,
    /// When it was answered.
    pub at: UnixMillis,
    /// The key that called: `key_…`, or `operator` for the command line.
    pub key_id: String,
    /// Method and route, such as `POST /v1/dashboards/{id}/publish`.
    pub action: String,
    /// The path that was called.
    pub path: String,
    /// How it was answered.
    pub status: u16,
    /// Names the request in the logs.
    pub request_id: String,
    /// What was made, where the path does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<Value>,
}

/// Answer of `GET /v1/audit`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuditPage {
    /// The newest first.
    pub entries: Vec<AuditEntry>,
    /// Asks for the next page; null on the last.
    pub next_cursor: Option<String>,
}
