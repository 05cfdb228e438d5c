//! API keys as arguments of handlers.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use emban_contract::ProblemCode;
use emban_contract::keys::KeyScope;
use emban_session::ReadKey;
use http::request::Parts;

use super::bearer;
use crate::app::App;
use crate::audit::CallerSlot;
use crate::control::FoundKey;
use crate::environment::Environment;
use crate::problem::Problem;

/// A caller with an admin key, and the environment that the key belongs to.
pub(crate) struct Admin(pub(crate) Arc<Environment>);

/// A caller that may read for whichever tenant it names, with an admin or read key.
pub(crate) struct Reader {
    /// The environment that the key belongs to.
    pub(crate) environment: Arc<Environment>,
    /// What a [`emban_warehouse::TenantScope`] is made from.
    pub(crate) key: ReadKey,
}

/// A caller that looks at drafts for whichever tenant it names, with an admin key.
pub(crate) struct Editor {
    /// The environment that the key belongs to.
    pub(crate) environment: Arc<Environment>,
    /// What a [`emban_warehouse::TenantScope`] is made from.
    pub(crate) key: ReadKey,
}

/// A caller that may send events.
pub(crate) struct Ingest(pub(crate) Arc<Environment>);

impl FromRequestParts<App> for Admin {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let (environment, _) = authorise(parts, app, &[KeyScope::Admin]).await?;
        Ok(Self(environment))
    }
}

impl FromRequestParts<App> for Ingest {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let (environment, _) = authorise(parts, app, &[KeyScope::Ingest, KeyScope::Admin]).await?;
        Ok(Self(environment))
    }
}

impl FromRequestParts<App> for Reader {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let scopes = [KeyScope::Read, KeyScope::Admin];
        let (environment, found) = authorise(parts, app, &scopes).await?;
        let key = found.proof.reading().ok_or_else(|| wrong_scope(&found))?;
        Ok(Self { environment, key })
    }
}

impl FromRequestParts<App> for Editor {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let (environment, found) = authorise(parts, app, &[KeyScope::Admin]).await?;
        let key = found.proof.reading().ok_or_else(|| wrong_scope(&found))?;
        Ok(Self { environment, key })
    }
}

async fn authorise(
    parts: &Parts,
    app: &App,
    scopes: &[KeyScope],
) -> Result<(Arc<Environment>, FoundKey), Problem> {
    let refused = || Problem::new(ProblemCode::Unauthorized, "a valid API key is required");
    let raw = bearer(&parts.headers).ok_or_else(refused)?;
    let key = app.keys.find(raw).await?.ok_or_else(refused)?;
    if let Some(caller) = parts.extensions.get::<CallerSlot>() {
        caller.fill(key.proof.environment(), &key.summary.id);
    }
    app.key_rates
        .take(&key.summary.id)
        .map_err(Problem::too_often)?;
    if !scopes.contains(&key.proof.scope()) {
        return Err(wrong_scope(&key));
    }
    let environment = app.environments.get(key.proof.environment());
    let environment = environment.cloned().ok_or_else(refused)?;
    Ok((environment, key))
}

fn wrong_scope(key: &FoundKey) -> Problem {
    let scope = key.proof.scope().as_str();
    Problem::new(
        ProblemCode::WrongScope,
        format!("a key of scope {scope} may not do this"),
    )
}
