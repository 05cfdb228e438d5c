//! `GET /embed/{dashboard_id}`: the document for an iframe.

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use emban_contract::embed::QueryRequest;
use emban_contract::{ProblemCode, refusal_page};
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use serde::Deserialize;

use super::embed::{answer, fresh_seconds, scope_headers};
use crate::app::App;
use crate::document::{content_security_policy, document};
use crate::extract::{bearer, embed};
use crate::problem::Problem;
use crate::{ids, surface};

/// Parameters of the document. Others are ignored: hosts add their own to a URL.
#[derive(Deserialize)]
pub(crate) struct DocumentQuery {
    token: Option<String>,
}

/// The page with its first answers; a refusal is a page, too, for a frame that shows it.
pub(crate) async fn read_document(
    State(app): State<App>,
    Path(dashboard): Path<String>,
    Query(query): Query<DocumentQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let accept = headers.get(ACCEPT).and_then(|value| value.to_str().ok());
    let wants_page = refusal_page::wants_page(accept);
    match open_document(app, dashboard, query, &headers).await {
        Err(problem) if wants_page => Ok(problem.into_page()),
        opened => opened,
    }
}

async fn open_document(
    app: App,
    dashboard: String,
    query: DocumentQuery,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let token = bearer(headers).map(str::to_owned).or(query.token);
    let token = token.ok_or_else(|| {
        Problem::new(
            ProblemCode::Unauthorized,
            "a valid embed session is required",
        )
    })?;
    let embed = embed::open(&app, &token).await?;
    if embed.session.dashboard().as_str() != dashboard {
        return Err(Problem::not_found("dashboard"));
    }
    let permissions = embed.session.permissions();
    if permissions.single_use
        && !app
            .control
            .open_once(embed.session.session_id(), app.now())
            .await?
    {
        tracing::info!(session = %embed.session.session_id(), "single-use session opened again");
        return Err(Problem::new(
            ProblemCode::SessionRevoked,
            "the session was used already",
        ));
    }
    let surface = surface::surface(&embed.document, embed.version, &embed.session, app.now());
    let answer = answer(&app, &embed, &QueryRequest::default()).await?;
    let nonce = ids::random_text(24)?;
    let policy = content_security_policy(&nonce, permissions.allowed_origins.as_deref());
    let html =
        document(&surface, &answer, &app.assets, &nonce, app.now()).map_err(Problem::internal)?;
    let headers = [
        (
            CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        ),
        (CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
        (
            CONTENT_SECURITY_POLICY,
            HeaderValue::from_str(&policy).map_err(Problem::internal)?,
        ),
    ];
    let scope = scope_headers(&embed, fresh_seconds(&embed, &answer))?;
    Ok((headers, scope, html).into_response())
}
