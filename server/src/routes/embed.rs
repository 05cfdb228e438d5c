//! `/v1/embed/*`: what a session can reach.

use axum::Json;
use axum::extract::State;
use emban_contract::embed::{
    QueryAnswer, QueryRequest, RowsAnswer, RowsRequest, Surface, ValuesAnswer, ValuesRequest,
};
use emban_contract::limits;
use emban_warehouse::{PlanError, QueryError, TenantScope, View};
use http::{HeaderName, HeaderValue};

use crate::app::App;
use crate::extract::embed::Embed;
use crate::extract::json::Body;
use crate::problem::Problem;
use crate::surface;

/// Tells the edge under which scope an answer may be kept; the edge refuses an answer of another scope.
pub(crate) const SCOPE_HEADER: HeaderName = HeaderName::from_static("x-emban-scope");
/// Tells the edge for how many seconds an answer is fresh.
pub(crate) const FRESH_HEADER: HeaderName = HeaderName::from_static("x-emban-fresh");
/// Tells the edge which version was asked.
pub(crate) const VERSION_HEADER: HeaderName = HeaderName::from_static("x-emban-version");

type Scoped<T> = ([(HeaderName, HeaderValue); 3], Json<T>);

/// The published version as this session may see it.
pub(crate) async fn read_surface(
    State(app): State<App>,
    embed: Embed,
) -> Result<Scoped<Surface>, Problem> {
    let surface = surface::surface(&embed.document, embed.version, &embed.session, app.now());
    scoped(&embed, surface)
}

/// One answer a widget, in one round trip.
pub(crate) async fn query(
    State(app): State<App>,
    embed: Embed,
    Body(request): Body<QueryRequest>,
) -> Result<Scoped<QueryAnswer>, Problem> {
    let answer = answer(&app, &embed, &request).await?;
    scoped(&embed, answer)
}

/// The events behind a number.
pub(crate) async fn rows(
    State(app): State<App>,
    embed: Embed,
    Body(request): Body<RowsRequest>,
) -> Result<Scoped<RowsAnswer>, Problem> {
    let plan = view(&app, &embed).rows(&request).map_err(refusal)?;
    let rows = app
        .warehouse
        .scoped(TenantScope::from(&embed.session))
        .rows(&plan)
        .await
        .map_err(failure)?;
    scoped(&embed, rows)
}

/// The values of a dimension.
pub(crate) async fn values(
    State(app): State<App>,
    embed: Embed,
    Body(request): Body<ValuesRequest>,
) -> Result<Scoped<ValuesAnswer>, Problem> {
    let plan = view(&app, &embed).values(&request).map_err(refusal)?;
    let values = app
        .warehouse
        .scoped(TenantScope::from(&embed.session))
        .values(&plan)
        .await
        .map_err(failure)?;
    scoped(&embed, values)
}

/// Plans and runs the widgets of a request.
pub(crate) async fn answer(
    app: &App,
    embed: &Embed,
    request: &QueryRequest,
) -> Result<QueryAnswer, Problem> {
    let planned = view(app, embed).widgets(request).map_err(refusal)?;
    let results = app
        .warehouse
        .scoped(TenantScope::from(&embed.session))
        .answer(&planned, app.now())
        .await;
    Ok(QueryAnswer {
        version: embed.version,
        results,
    })
}

pub(crate) fn view<'a>(app: &App, embed: &'a Embed) -> View<'a> {
    View {
        document: &embed.document,
        permissions: embed.session.permissions(),
        now: app.now(),
    }
}

fn scoped<T>(embed: &Embed, body: T) -> Result<Scoped<T>, Problem> {
    Ok((scope_headers(embed)?, Json(body)))
}

/// What the edge needs to know to keep an answer.
pub(crate) fn scope_headers(embed: &Embed) -> Result<[(HeaderName, HeaderValue); 3], Problem> {
    let scope =
        HeaderValue::from_str(embed.session.scope_digest().as_str()).map_err(Problem::internal)?;
    let fresh = embed.document.refresh.unwrap_or(limits::REFRESH_SECONDS);
    Ok([
        (SCOPE_HEADER, scope),
        (FRESH_HEADER, HeaderValue::from(fresh)),
        (VERSION_HEADER, HeaderValue::from(embed.version)),
    ])
}

pub(crate) fn refusal(error: PlanError) -> Problem {
    let (code, message, details) = (error.code(), error.to_string(), error.details().to_vec());
    match details.is_empty() {
        true => Problem::new(code, message),
        false => Problem::invalid(message, details),
    }
}

pub(crate) fn failure(error: QueryError) -> Problem {
    let (code, message) = (error.code(), error.to_string());
    Problem::hidden(code, message, error).retry_after(5)
}
