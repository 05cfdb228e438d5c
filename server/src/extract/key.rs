//! API keys as arguments of handlers.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use emban_contract::ProblemCode;
use emban_contract::keys::KeyScope;
use http::request::Parts;

use super::bearer;
use crate::app::App;
use crate::environment::Environment;
use crate::problem::Problem;

/// A caller with an admin key, and the environment that the key belongs to.
pub(crate) struct Admin(pub(crate) Arc<Environment>);

/// A caller that may send events.
pub(crate) struct Ingest(pub(crate) Arc<Environment>);

impl FromRequestParts<App> for Admin {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        authorise(parts, app, &[KeyScope::Admin]).await.map(Self)
    }
}

impl FromRequestParts<App> for Ingest {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        authorise(parts, app, &[KeyScope::Ingest, KeyScope::Admin])
            .await
            .map(Self)
    }
}

async fn authorise(
    parts: &Parts,
    app: &App,
    scopes: &[KeyScope],
) -> Result<Arc<Environment>, Problem> {
    let refused = || Problem::new(ProblemCode::Unauthorized, "a valid API key is required");
    let raw = bearer(&parts.headers).ok_or_else(refused)?;
    let key = app.keys.find(raw).await?.ok_or_else(refused)?;
    if !scopes.contains(&key.scope) {
        return Err(Problem::new(
            ProblemCode::WrongScope,
            format!("a key of scope {} may not do this", key.scope.as_str()),
        ));
    }
    app.environments
        .get(&key.environment)
        .cloned()
        .ok_or_else(refused)
}
