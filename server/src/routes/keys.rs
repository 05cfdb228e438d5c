//! `/v1/keys`.

use axum::Json;
use axum::extract::{Path, State};
use emban_contract::Detail;
use emban_contract::keys::{CreateKey, KeyCreated, KeySummary};
use http::StatusCode;
use serde::Serialize;

use crate::app::App;
use crate::extract::json::Body;
use crate::extract::key::{Admin, Reader};
use crate::ids;
use crate::problem::Problem;

/// Characters of a key's name at most.
const NAME_CHARS: usize = 200;

/// A list of keys.
#[derive(Serialize)]
pub(crate) struct Keys {
    keys: Vec<KeySummary>,
}

/// Makes a key; the raw key is in this answer and nowhere else.
pub(crate) async fn create_key(
    Admin(environment): Admin,
    State(app): State<App>,
    Body(asked): Body<CreateKey>,
) -> Result<(StatusCode, Json<KeyCreated>), Problem> {
    let now = app.now();
    let mut details = Vec::new();
    if asked.name.trim().is_empty() || asked.name.chars().count() > NAME_CHARS {
        details.push(Detail::new("/name", "must have 1 to 200 characters"));
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
    Ok((StatusCode::CREATED, Json(KeyCreated { key, summary })))
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
