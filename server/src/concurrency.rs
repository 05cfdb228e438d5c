//! How many requests are worked on at once: beyond it a caller is told to come back, before memory or time runs out.

use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use emban_contract::ProblemCode;
use tokio::sync::Semaphore;

use crate::problem::Problem;

/// When there is no room a second is enough for most requests to end.
const COME_BACK_SECONDS: u32 = 1;

/// Routes of supervisors, which must learn of an origin that is full.
const EXEMPT: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// Room for requests. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Room(Arc<Semaphore>);

impl Room {
    pub(crate) fn new(requests: usize) -> Self {
        Self(Arc::new(Semaphore::new(
            requests.min(Semaphore::MAX_PERMITS),
        )))
    }
}

/// Works on a request when there is room for it, else answers 503 with `Retry-After`.
pub(crate) async fn layer(State(room): State<Room>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>();
    if route.is_some_and(|route| EXEMPT.contains(&route.as_str())) {
        return next.run(request).await;
    }
    match room.0.try_acquire() {
        Ok(_place) => next.run(request).await,
        Err(_full) => Problem::new(
            ProblemCode::Unavailable,
            "too many requests are being answered",
        )
        .retry_after(COME_BACK_SECONDS)
        .into_response(),
    }
}
