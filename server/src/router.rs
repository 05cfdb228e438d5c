//! The table of routes, and the limits that hold for all of them.

mod table;

use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler as _;
use axum::response::{IntoResponse as _, Response};
use emban_contract::{ProblemCode, limits};
use http::{HeaderName, HeaderValue, StatusCode};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;

use crate::app::App;
use crate::extract::request_id;
use crate::problem::Problem;
use crate::routes::{
    assets, audit as audit_log, dashboards, discover, document, embed, embed_sessions, events,
    export, feed, health, keys, plan, preview, query, tenant_data,
};
use crate::{audit, cors, metrics, problem};

use table::Table;
pub use table::{Caller, Route};

/// How long any request may take: the longest query, and time to say so.
const REQUEST_TIME: Duration = Duration::from_secs(limits::QUERY_SECONDS as u64 + 20);

/// Every route of the origin.
pub fn router(app: App) -> Router {
    Router::new()
        .merge(
            company()
                .into_router()
                .layer(axum::middleware::from_fn_with_state(
                    app.clone(),
                    audit::layer,
                )),
        )
        .merge(
            embed_api()
                .into_router()
                // Within the layer: a preflight's method is none that a route takes, and its answer is the layer's.
                .method_not_allowed_fallback(method_not_allowed)
                .layer(axum::middleware::from_fn(cors::layer)),
        )
        .merge(public().into_router())
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
        .layer(axum::middleware::from_fn_with_state(
            app.metrics.clone(),
            metrics::layer,
        ))
        .with_state(app)
}

/// Every route with who may call it, as the router serves them: what tests and documentation go by.
pub fn routes() -> Vec<Route> {
    [company(), embed_api(), public()]
        .into_iter()
        .flat_map(Table::into_routes)
        .collect()
}

/// For the company's backend, by key.
fn company() -> Table {
    let events = events::create_events.layer(DefaultBodyLimit::max(limits::EVENTS_BODY_BYTES));
    Table::of(Caller::IngestKey)
        .post("/v1/events", events)
        .and(Caller::ReadKey)
        .get("/v1/discover", discover::read_discovery)
        .get("/v1/query", query::read_query)
        .get("/v1/audit", audit_log::list_audit)
        .get("/v1/keys", keys::list_keys)
        .get("/v1/dashboards", dashboards::list_dashboards)
        .get("/v1/dashboards/{id}", dashboards::read_dashboard)
        .get("/v1/dashboards/{id}/plan", plan::read_plan)
        .get("/v1/dashboards/{id}/versions", dashboards::list_versions)
        .get("/v1/embed-sessions", embed_sessions::list_sessions)
        .get(
            "/v1/tenants/{tenant_id}/data",
            tenant_data::read_tenant_data_erasure,
        )
        .and(Caller::AdminKey)
        .post("/v1/discover/auto-create", discover::create_from_discovery)
        .post("/v1/keys", keys::create_key)
        .delete("/v1/keys/{id}", keys::delete_key)
        .post("/v1/keys/{id}/rotate", keys::rotate_key)
        .post("/v1/dashboards", dashboards::create_dashboard)
        .post("/v1/dashboards/validate", preview::validate_dashboard)
        .post("/v1/dashboards/{id}/preview", preview::preview_dashboard)
        .put("/v1/dashboards/{id}", dashboards::replace_dashboard)
        .delete("/v1/dashboards/{id}", dashboards::delete_dashboard)
        .post("/v1/dashboards/{id}/publish", dashboards::publish_dashboard)
        .post(
            "/v1/dashboards/{id}/unpublish",
            dashboards::unpublish_dashboard,
        )
        .post(
            "/v1/dashboards/{id}/versions/{version}/publish",
            dashboards::publish_version,
        )
        .post(
            "/v1/dashboards/{id}/versions/{version}/restore",
            dashboards::restore_version,
        )
        .post("/v1/embed-sessions", embed_sessions::create_session)
        .delete("/v1/embed-sessions/{id}", embed_sessions::delete_session)
        .delete(
            "/v1/tenants/{tenant_id}/embed-sessions",
            embed_sessions::delete_tenant_sessions,
        )
        .delete(
            "/v1/tenants/{tenant_id}/data",
            tenant_data::delete_tenant_data,
        )
}

/// For the embed, by session.
fn embed_api() -> Table {
    Table::of(Caller::Session)
        .get("/v1/embed/surface", embed::read_surface)
        .post("/v1/embed/query", embed::query)
        .post("/v1/embed/rows", embed::rows)
        .post("/v1/embed/values", embed::values)
        .get("/v1/embed/export", export::export)
}

/// For browsers, edges and supervisors.
fn public() -> Table {
    Table::of(Caller::Session)
        .get("/embed/{dashboard_id}", document::read_document)
        .and(Caller::EdgeSecret)
        .get(emban_contract::feed::FEED_PATH, feed::read_feed)
        .and(Caller::Anyone)
        .get("/embed.js", assets::read_loader)
        .get("/assets/{name}", assets::read_asset)
        .get("/.well-known/jwks.json", feed::read_jwks)
        .get("/healthz", health::healthz)
        .get("/readyz", health::readyz)
        .get("/metrics", health::metrics)
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
