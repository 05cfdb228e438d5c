//! `GET /internal/feed` and the public keys: what the edges read.

use axum::Json;
use axum::extract::{Query, State};
use emban_contract::ProblemCode;
use emban_contract::feed::Feed;
use emban_session::Jwks;
use http::HeaderMap;
use http::header::CACHE_CONTROL;
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use subtle::ConstantTimeEq as _;

use crate::app::App;
use crate::extract::bearer;
use crate::problem::Problem;

/// Parameters of the feed.
#[derive(Deserialize)]
pub(crate) struct FeedQuery {
    #[serde(default)]
    after: u64,
}

/// What happened after a sequence number; only for holders of the edge secret.
pub(crate) async fn read_feed(
    State(app): State<App>,
    headers: HeaderMap,
    Query(query): Query<FeedQuery>,
) -> Result<Json<Feed>, Problem> {
    let refused = || Problem::new(ProblemCode::Unauthorized, "the edge secret is required");
    let secret = app.edge_secret.as_ref().ok_or_else(refused)?;
    let given = bearer(&headers).ok_or_else(refused)?;
    if !bool::from(secret.expose_secret().as_bytes().ct_eq(given.as_bytes())) {
        return Err(refused());
    }
    Ok(Json(app.control.read_feed(query.after, app.now()).await?))
}

/// The public keys that sessions may be signed with.
pub(crate) async fn read_jwks(
    State(app): State<App>,
) -> ([(http::HeaderName, &'static str); 1], Json<Jwks>) {
    (
        [(CACHE_CONTROL, "public, max-age=60")],
        Json(app.signing.jwks().as_ref().clone()),
    )
}
