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
use crate::openapi::operations as describe;
use crate::problem::Problem;
use crate::routes::{
    assets, audit as audit_log, dashboards, discover, docs, document, embed, embed_sessions,
    events, export, feed, health, keys, plan, preview, query, tenant_data,
};
use crate::{audit, concurrency, cors, metrics, problem, traces};

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
        .layer(axum::middleware::from_fn_with_state(
            app.room.clone(),
            concurrency::layer,
        ))
        .layer(axum::middleware::map_response(security_headers))
        .layer(axum::middleware::from_fn_with_state(
            app.traces.clone(),
            traces::layer,
        ))
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
    use describe::{dashboards as d, events as e, keys as k, sessions as s};
    let events = events::create_events.layer(DefaultBodyLimit::max(limits::EVENTS_BODY_BYTES));
    let one = "/v1/dashboards/{id}";
    let sessions = "/v1/tenants/{tenant_id}/embed-sessions";
    Table::of(Caller::IngestKey)
        .post("/v1/events", events, e::create_events)
        .and(Caller::ReadKey)
        .get("/v1/discover", discover::read_discovery, e::read_discovery)
        .get("/v1/query", query::read_query, e::read_query)
        .get("/v1/audit", audit_log::list_audit, k::list_audit)
        .get("/v1/keys", keys::list_keys, k::list_keys)
        .get("/v1/dashboards", dashboards::list_dashboards, d::list)
        .get(one, dashboards::read_dashboard, d::read)
        .get("/v1/dashboards/{id}/plan", plan::read_plan, d::read_plan)
        .get(
            "/v1/dashboards/{id}/versions",
            dashboards::list_versions,
            d::list_versions,
        )
        .get("/v1/embed-sessions", embed_sessions::list_sessions, s::list)
        .get(
            "/v1/tenants/{tenant_id}/data",
            tenant_data::read_tenant_data_erasure,
            e::read_erasure,
        )
        .and(Caller::AdminKey)
        .post(
            "/v1/discover/auto-create",
            discover::create_from_discovery,
            e::create_from_discovery,
        )
        .post("/v1/keys", keys::create_key, k::create_key)
        .delete("/v1/keys/{id}", keys::delete_key, k::delete_key)
        .post("/v1/keys/{id}/rotate", keys::rotate_key, k::rotate_key)
        .post("/v1/dashboards", dashboards::create_dashboard, d::create)
        .post(
            "/v1/dashboards/validate",
            preview::validate_dashboard,
            d::validate,
        )
        .post(
            "/v1/dashboards/{id}/preview",
            preview::preview_dashboard,
            d::preview,
        )
        .put(one, dashboards::replace_dashboard, d::replace)
        .delete(one, dashboards::delete_dashboard, d::delete)
        .post(
            "/v1/dashboards/{id}/publish",
            dashboards::publish_dashboard,
            d::publish,
        )
        .post(
            "/v1/dashboards/{id}/unpublish",
            dashboards::unpublish_dashboard,
            d::unpublish,
        )
        .post(
            "/v1/dashboards/{id}/versions/{version}/publish",
            dashboards::publish_version,
            d::publish_version,
        )
        .post(
            "/v1/dashboards/{id}/versions/{version}/restore",
            dashboards::restore_version,
            d::restore_version,
        )
        .post(
            "/v1/embed-sessions",
            embed_sessions::create_session,
            s::create,
        )
        .delete(
            "/v1/embed-sessions/{id}",
            embed_sessions::delete_session,
            s::delete,
        )
        .delete(
            sessions,
            embed_sessions::delete_tenant_sessions,
            s::delete_of_tenant,
        )
        .delete(
            "/v1/tenants/{tenant_id}/data",
            tenant_data::delete_tenant_data,
            e::delete_tenant_data,
        )
}

/// For the embed, by session.
fn embed_api() -> Table {
    use describe::embed as e;
    Table::of(Caller::Session)
        .get("/v1/embed/surface", embed::read_surface, e::read_surface)
        .post("/v1/embed/query", embed::query, e::query)
        .post("/v1/embed/rows", embed::rows, e::rows)
        .post("/v1/embed/values", embed::values, e::values)
        .get("/v1/embed/export", export::export, e::export)
}

/// For browsers, edges, supervisors, and whoever writes against the API.
fn public() -> Table {
    use describe::{embed as e, public as p};
    Table::of(Caller::Session)
        .get(
            "/embed/{dashboard_id}",
            document::read_document,
            e::read_document,
        )
        .and(Caller::EdgeSecret)
        .get(
            emban_contract::feed::FEED_PATH,
            feed::read_feed,
            p::read_feed,
        )
        .and(Caller::Anyone)
        .get("/embed.js", assets::read_loader, p::read_loader)
        .get("/assets/{name}", assets::read_asset, p::read_asset)
        .get("/.well-known/jwks.json", feed::read_jwks, p::read_jwks)
        .get("/openapi.json", docs::read_openapi, p::read_openapi)
        .get("/docs", docs::read_page, p::read_page)
        .get(
            "/v1/schemas/dashboard.json",
            docs::read_dashboard_schema,
            p::read_dashboard_schema,
        )
        .get("/healthz", health::healthz, p::healthz)
        .get("/readyz", health::readyz, p::readyz)
        .get("/metrics", health::metrics, p::metrics)
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
