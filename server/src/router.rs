//! The table of routes, and the limits that hold for all of them.

use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{delete, get, post};
use emban_contract::{ProblemCode, limits};
use http::{HeaderName, HeaderValue, StatusCode};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;

use crate::app::App;
use crate::extract::request_id;
use crate::problem::Problem;
use crate::routes::{
    assets, dashboards, document, embed, embed_sessions, events, feed, health, keys,
};
use crate::{cors, problem};

/// How long any request may take: the longest query, and time to say so.
const REQUEST_TIME: Duration = Duration::from_secs(limits::QUERY_SECONDS as u64 + 20);

/// Every route of the origin.
pub fn router(app: App) -> Router {
    Router::new()
        .merge(company())
        .merge(embed_api().layer(axum::middleware::from_fn(cors::layer)))
        .merge(public())
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(DefaultBodyLimit::max(limits::BODY_BYTES))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            REQUEST_TIME,
        ))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(axum::middleware::map_response(security_headers))
        .layer(axum::middleware::from_fn(request_id::layer))
        .with_state(app)
}

/// For the company's backend, by key.
fn company() -> Router<App> {
    Router::new()
        .route(
            "/v1/events",
            post(events::create_events).layer(DefaultBodyLimit::max(limits::EVENTS_BODY_BYTES)),
        )
        .route("/v1/keys", get(keys::list_keys).post(keys::create_key))
        .route("/v1/keys/{id}", delete(keys::delete_key))
        .route(
            "/v1/dashboards",
            get(dashboards::list_dashboards).post(dashboards::create_dashboard),
        )
        .route(
            "/v1/dashboards/{id}",
            get(dashboards::read_dashboard)
                .put(dashboards::replace_dashboard)
                .delete(dashboards::delete_dashboard),
        )
        .route(
            "/v1/dashboards/{id}/publish",
            post(dashboards::publish_dashboard),
        )
        .route(
            "/v1/dashboards/{id}/unpublish",
            post(dashboards::unpublish_dashboard),
        )
        .route(
            "/v1/dashboards/{id}/versions",
            get(dashboards::list_versions),
        )
        .route(
            "/v1/dashboards/{id}/versions/{version}/publish",
            post(dashboards::publish_version),
        )
        .route(
            "/v1/dashboards/{id}/versions/{version}/restore",
            post(dashboards::restore_version),
        )
        .route(
            "/v1/embed-sessions",
            get(embed_sessions::list_sessions).post(embed_sessions::create_session),
        )
        .route(
            "/v1/embed-sessions/{id}",
            delete(embed_sessions::delete_session),
        )
        .route(
            "/v1/tenants/{tenant_id}/embed-sessions",
            delete(embed_sessions::delete_tenant_sessions),
        )
}

/// For the embed, by session.
fn embed_api() -> Router<App> {
    Router::new()
        .route("/v1/embed/surface", get(embed::read_surface))
        .route("/v1/embed/query", post(embed::query))
        .route("/v1/embed/rows", post(embed::rows))
        .route("/v1/embed/values", post(embed::values))
}

/// For browsers, edges and supervisors.
fn public() -> Router<App> {
    Router::new()
        .route("/embed/{dashboard_id}", get(document::read_document))
        .route("/embed.js", get(assets::read_loader))
        .route("/assets/{name}", get(assets::read_asset))
        .route("/.well-known/jwks.json", get(feed::read_jwks))
        .route(emban_contract::feed::FEED_PATH, get(feed::read_feed))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
}

async fn not_found() -> Problem {
    Problem::not_found("route")
}

async fn method_not_allowed() -> Problem {
    Problem::new(
        ProblemCode::MethodNotAllowed,
        "this route does not take this method",
    )
}

fn panicked(_reason: Box<dyn std::any::Any + Send>) -> Response {
    Problem::internal("a handler panicked").into_response()
}

/// Also turns the bare answers of the layers above (a timeout, an unreadable path) into the one error document.
async fn security_headers(response: Response) -> Response {
    let mut response = problem::documented(response);
    let headers = response.headers_mut();
    headers.insert(
        HeaderName::from_static("x-content-type-options"),
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(
        HeaderName::from_static("referrer-policy"),
        HeaderValue::from_static("no-referrer"),
    );
    headers
        .entry(http::header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}
