//! `/v1/keys`.

use axum::extract::{Path, State};
use axum::{Extension, Json};
use emban_contract::keys::{CreateKey, KeyCreated, KeyRotated, KeySummary, RotateKey, is_label};
use emban_contract::{Detail, limits};
use http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use crate::app::App;
use crate::audit::AuditDetails;
use crate::extract::json::Body;
use crate::extract::key::{Admin, Reader};
use crate::ids;
use crate::problem::Problem;

/// Something new, with what the audit log says of it.
type Made<T> = (StatusCode, Extension<AuditDetails>, Json<T>);

/// A list of keys.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "KeyList")]
pub(crate) struct Keys {
    /// Those that were not revoked.
    keys: Vec<KeySummary>,
}

/// Makes a key; the raw key is in this answer and nowhere else.
pub(crate) async fn create_key(
    Admin(environment): Admin,
    State(app): State<App>,
    Body(asked): Body<CreateKey>,
) -> Result<Made<KeyCreated>, Problem> {
    let now = app.now();
    let mut details = Vec::new();
    if !is_label(&asked.name) {
        details.push(Detail::new(
            "/name",
            "must have 1 to 200 characters, none of them a control character",
        ));
    }
    if asked.expires_at.is_some_and(|at| at <= now) {
        details.push(Detail::new("/expires_at", "lies in the past"));
    }
    if !details.is_empty() {
        return Err(Problem::invalid("the key is not valid", details));
    }
    let key = ids::api_key(asked.scope)?;
    let summary = app
        .control
        .create_key(
            &key,
            &asked.name,
            asked.scope,
            &environment.name,
            asked.expires_at,
            now,
        )
        .await?;
    let made = json!({ "key_id": summary.id, "scope": summary.scope, "name": summary.name });
    let made = Extension(AuditDetails(made));
    Ok((StatusCode::CREATED, made, Json(KeyCreated { key, summary })))
}

/// The keys of the caller's environment.
pub(crate) async fn list_keys(
    Reader { environment, .. }: Reader,
    State(app): State<App>,
) -> Result<Json<Keys>, Problem> {
    Ok(Json(Keys {
        keys: app.control.list_keys(&environment.name).await?,
    }))
}

/// Makes a successor; the former key goes on for the overlap.
pub(crate) async fn rotate_key(
    Admin(environment): Admin,
    State(app): State<App>,
    Path(id): Path<String>,
    Body(asked): Body<RotateKey>,
) -> Result<Made<KeyRotated>, Problem> {
    let overlap = asked.overlap_seconds.unwrap_or(limits::KEY_OVERLAP_SECONDS);
    if overlap > limits::KEY_OVERLAP_MAX_SECONDS {
        let message = "must be 0 to 2592000 seconds";
        return Err(Problem::invalid_at("/overlap_seconds", message));
    }
    let rotated = app
        .control
        .rotate_key(&environment.name, &id, ids::api_key, overlap, app.now())
        .await?;
    let (key, rotation) = rotated.ok_or_else(|| Problem::not_found("key"))?;
    app.keys.forget();
    let made = json!({ "key_id": rotation.summary.id, "replaces": id });
    let rotated = KeyRotated {
        key,
        summary: rotation.summary,
        replaces: id,
        former_expires_at: rotation.former_expires_at,
    };
    Ok((
        StatusCode::CREATED,
        Extension(AuditDetails(made)),
        Json(rotated),
    ))
}

/// Ends a key.
pub(crate) async fn delete_key(
    Admin(environment): Admin,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    if !app
        .control
        .revoke_key(&environment.name, &id, app.now())
        .await?
    {
        return Err(Problem::not_found("key"));
    }
    app.keys.forget();
    Ok(StatusCode::NO_CONTENT)
}
