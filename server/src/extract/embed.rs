//! Embed sessions as arguments of handlers.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use emban_contract::ProblemCode;
use emban_contract::dashboard::DashboardDocument;
use emban_session::{VerifiedSession, VerifyError};
use http::HeaderMap;
use http::header::{HOST, ORIGIN};
use http::request::Parts;

use super::bearer;
use crate::app::App;
use crate::problem::Problem;

/// A session that holds, with the live version of its dashboard.
pub(crate) struct Embed {
    /// Who looks at what.
    pub(crate) session: Arc<VerifiedSession>,
    /// The live version.
    pub(crate) version: u32,
    /// Its document.
    pub(crate) document: Arc<DashboardDocument>,
}

impl FromRequestParts<App> for Embed {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let token = bearer(&parts.headers).ok_or_else(unauthorised)?;
        let embed = open(app, token).await?;
        check_origin(app, &parts.headers, &embed.session)?;
        Ok(embed)
    }
}

fn unauthorised() -> Problem {
    Problem::new(
        ProblemCode::Unauthorized,
        "a valid embed session is required",
    )
}

/// Verifies a token, counts the request to its session and finds what it shows. The reason of a refusal is logged, once, and not told.
pub(crate) async fn open(app: &App, token: &str) -> Result<Embed, Problem> {
    let session = app.signing.verify(token, app.now()).map_err(|error| {
        tracing::info!(reason = %error, "session token refused");
        match error {
            VerifyError::Expired => {
                Problem::new(ProblemCode::SessionExpired, "the session has ended")
            }
            _ => unauthorised(),
        }
    })?;
    if app.revocations.is_revoked(&session) {
        tracing::info!(session = %session.session_id(), "session is revoked");
        return Err(Problem::new(
            ProblemCode::SessionRevoked,
            "the session was revoked",
        ));
    }
    app.session_rates
        .take(session.session_id().as_str())
        .map_err(Problem::too_often)?;
    let live = app
        .published
        .live(session.environment(), session.dashboard(), app.now())
        .await?;
    let (version, document) = live
        .ok_or_else(|| Problem::new(ProblemCode::NotPublished, "the dashboard is not published"))?;
    Ok(Embed {
        session,
        version,
        document,
    })
}

/// A page of another origin than those that the session allows may not read its answers.
///
/// Requests without an `Origin` header come from a server, not from another page. The document in an iframe asks from
/// our own origin, whoever frames it; who may frame it is for `frame-ancestors` to say.
fn check_origin(app: &App, headers: &HeaderMap, session: &VerifiedSession) -> Result<(), Problem> {
    let (Some(origin), Some(allowed)) =
        (headers.get(ORIGIN), &session.permissions().allowed_origins)
    else {
        return Ok(());
    };
    let listed = allowed.iter().any(|a| a.as_bytes() == origin.as_bytes());
    if listed || is_own(&app.public_url, headers, origin.as_bytes()) {
        return Ok(());
    }
    Err(Problem::refused_origin())
}

/// Whether a page's origin is where this document came from: the public URL, or the host that the request names.
fn is_own(public_url: &str, headers: &HeaderMap, origin: &[u8]) -> bool {
    let host = origin
        .strip_prefix(b"https://")
        .or_else(|| origin.strip_prefix(b"http://"));
    origin == public_url.as_bytes()
        || host.is_some_and(|host| headers.get(HOST).is_some_and(|own| own.as_bytes() == host))
}
