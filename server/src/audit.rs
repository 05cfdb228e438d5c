//! Writes the audit log: one place for all routes, so that none can be forgotten.

use std::sync::{Arc, OnceLock};

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use emban_contract::EnvironmentName;
use emban_contract::audit::AuditEntry;
use serde_json::Value;

use crate::app::App;
use crate::{extract, ids};

/// Whose key a request carries; filled by the extractor that recognises it.
#[derive(Clone, Default)]
pub(crate) struct CallerSlot(Arc<OnceLock<(EnvironmentName, String)>>);

impl CallerSlot {
    pub(crate) fn fill(&self, environment: &EnvironmentName, key_id: &str) {
        self.0
            .get_or_init(|| (environment.clone(), key_id.to_owned()));
    }
}

/// What a handler adds to the entry of its call.
#[derive(Clone)]
pub(crate) struct AuditDetails(pub(crate) Value);

/// Notes every call by a known key that is not a mere reading. Events are not calls of this kind: they are data.
pub(crate) async fn layer(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("", MatchedPath::as_str);
    if request.method().is_safe() || route == "/v1/events" {
        return next.run(request).await;
    }
    let action = format!("{} {route}", request.method());
    let path = request.uri().path().to_owned();
    let caller = CallerSlot::default();
    request.extensions_mut().insert(caller.clone());
    let response = next.run(request).await;
    let Some((environment, key_id)) = caller.0.get() else {
        return response;
    };
    let entry = AuditEntry {
        id: format!("aud_{}", ids::random_text(16).unwrap_or_default()),
        at: app.now(),
        key_id: key_id.clone(),
        action,
        path,
        status: response.status().as_u16(),
        request_id: extract::request_id::current().unwrap_or_default(),
        details: response
            .extensions()
            .get::<AuditDetails>()
            .map(|d| d.0.clone()),
    };
    if let Err(error) = app.control.append_audit(environment, &entry).await {
        tracing::error!(%error, action = entry.action, "a call is missing in the audit log");
    }
    response
}
