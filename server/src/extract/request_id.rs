//! One id a request: taken from the edge when it is sound, made here otherwise; in every log line and error.

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderName, HeaderValue};
use tracing::Instrument as _;

static HEADER: HeaderName = HeaderName::from_static("x-request-id");

tokio::task_local! {
    static CURRENT: String;
}

/// The id of the request at hand.
pub(crate) fn current() -> Option<String> {
    CURRENT.try_with(Clone::clone).ok()
}

/// Gives the request its id, logs it with its route (never a path, which can name a tenant), and sends the id back.
pub(crate) async fn layer(request: Request, next: Next) -> Response {
    let given = request
        .headers()
        .get(&HEADER)
        .and_then(|value| value.to_str().ok())
        .filter(|id| is_sound(id));
    let id = given.map_or_else(
        || crate::ids::random_text(16).unwrap_or_default(),
        str::to_owned,
    );
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("unknown", MatchedPath::as_str);
    let span = tracing::info_span!("request", id = %id, method = %request.method(), route);
    let started = std::time::Instant::now();
    let header = HeaderValue::from_str(&id);
    let work = async move {
        let mut response = next.run(request).await;
        let duration_ms = started.elapsed().as_secs_f64() * 1000.0;
        tracing::debug!(status = response.status().as_u16(), duration_ms, "answered");
        if let Ok(value) = header {
            response.headers_mut().insert(HEADER.clone(), value);
        }
        response
    };
    CURRENT.scope(id, work.instrument(span)).await
}

fn is_sound(id: &str) -> bool {
    (8..=64).contains(&id.len())
        && id
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}
