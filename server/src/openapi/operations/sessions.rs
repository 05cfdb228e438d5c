//! Embed sessions.

use emban_contract::embed::{CreateSession, SessionCreated};
use emban_contract::{ProblemCode, SessionId, TenantId};
use serde_json::json;

use super::{DASHBOARD, idempotency};
use crate::openapi::operation::{Operation, Parameter, Tag};
use crate::openapi::schemas::of;
use crate::routes::embed_sessions::Sessions;

fn operation(id: &'static str, summary: &'static str) -> Operation {
    Operation::new(id, Tag::Sessions, summary)
}

pub(crate) fn create() -> Operation {
    operation("createSession", "Mints a session: this tenant, this dashboard, these permissions")
        .note("404 or 409 when the dashboard does not exist or is not published. Permissions narrow; the tenant isolates.")
        .parameter(idempotency())
        .takes::<CreateSession>(json!({
            "tenant_id": "acme", "dashboard_id": DASHBOARD, "expires_in": 3600,
            "permissions": {
                "allow_drill_down": true, "locked_filters": { "endpoint": "/chat" },
                "allowed_periods": ["24h", "7d"], "max_date_range_days": 30,
            },
        }))
        .answers::<SessionCreated>(201, "The session.")
        .refuses(&[ProblemCode::NotFound, ProblemCode::NotPublished])
}

pub(crate) fn list() -> Operation {
    let tenant = Parameter::query("tenant_id", of::<TenantId>(), "Whose sessions.");
    operation(
        "listSessions",
        "Sessions of a tenant that have not ended by themselves",
    )
    .parameter(tenant.required().example(json!("acme")))
    .answers::<Sessions>(200, "The sessions, without their tokens.")
}

pub(crate) fn delete() -> Operation {
    operation(
        "deleteSession",
        "Revokes one session; it stops working at every tier within 10 seconds",
    )
    .path("id", of::<SessionId>(), json!("es_0123456789abcdef"))
    .answers_nothing(204, "It is revoked.")
}

pub(crate) fn delete_of_tenant() -> Operation {
    operation(
        "deleteTenantSessions",
        "Revokes every session of a tenant that was minted so far",
    )
    .path("tenant_id", of::<TenantId>(), json!("acme"))
    .answers_nothing(204, "They are revoked.")
    .refuses(&[ProblemCode::Invalid])
}
