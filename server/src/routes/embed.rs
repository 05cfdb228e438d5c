//! `/v1/embed/*`: what a session can reach.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use emban_contract::embed::{
    QueryAnswer, QueryRequest, RowsAnswer, RowsRequest, Surface, ValuesAnswer, ValuesRequest,
    WidgetResult,
};
use emban_contract::{ProblemCode, limits};
use emban_session::{CacheKey, CacheRoute, Edition, RequestDigest, freshness, question};
use emban_warehouse::{PlanError, Planned, QueryError, TenantScope, View};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::answers::{Answered, Asked};
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

/// One answer a widget, in one round trip; from memory while it is fresh, unless the viewer asks for fresh data.
pub(crate) async fn query(
    State(app): State<App>,
    embed: Embed,
    headers: HeaderMap,
    Body(request): Body<QueryRequest>,
) -> Result<Response, Problem> {
    let now = app.now();
    let canonical = question::canonical(request.clone()).map_err(Problem::internal)?;
    let digest = RequestDigest::of(&canonical);
    let edition = Edition {
        version: embed.version,
        since: app
            .revocations
            .tenant_cutoff(embed.session.environment(), embed.session.tenant()),
    };
    let key = CacheKey::new(&embed.session, edition, CacheRoute::Query, &digest);
    let kept = match asks_for_fresh(&headers) {
        true => None,
        false => app.answers.fresh(&embed.session, &key, now),
    };
    let answered = match kept {
        Some(answered) => answered,
        None => ask(&app, &embed, &key, &request).await?,
    };
    let fresh = answered.fresh_seconds_left(now);
    let json = [(CONTENT_TYPE, HeaderValue::from_static("application/json"))];
    Ok((json, scope_headers(&embed, fresh)?, answered.body).into_response())
}

/// Asks the warehouse for all widgets of a request. A request that cannot be planned is refused before.
async fn ask(
    app: &App,
    embed: &Embed,
    key: &CacheKey,
    request: &QueryRequest,
) -> Result<Answered, Problem> {
    let now = app.now();
    let planned = view(app, embed).widgets(request).map_err(refusal)?;
    let question = || async {
        let answer = figures(app, embed, &planned).await;
        let mut results = answer.results.values();
        let whole = results.all(|result| matches!(result, WidgetResult::Ok { .. }));
        let body = serde_json::to_vec(&answer)?;
        let answered = Answered::new(body.into(), now, fresh_seconds(embed, &answer));
        Ok(match whole {
            true => Asked::Whole(answered),
            false => Asked::Partial(answered),
        })
    };
    app.answers
        .ask(&embed.session, key, now, question)
        .await
        .map_err(|error: serde_json::Error| Problem::internal(error))
}

/// Whether a request asks for fresh data (RFC 9111 section 5.2.1.4).
fn asks_for_fresh(headers: &HeaderMap) -> bool {
    headers
        .get_all(CACHE_CONTROL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(freshness::asks_for_fresh)
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
        .scoped(TenantScope::from(embed.session.as_ref()))
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
        .scoped(TenantScope::from(embed.session.as_ref()))
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
    Ok(figures(app, embed, &planned).await)
}

async fn figures(app: &App, embed: &Embed, planned: &[Planned]) -> QueryAnswer {
    let warehouse = app
        .warehouse
        .scoped(TenantScope::from(embed.session.as_ref()));
    QueryAnswer {
        version: embed.version,
        results: warehouse.answer(planned, app.now()).await,
    }
}

pub(crate) fn view<'a>(app: &App, embed: &'a Embed) -> View<'a> {
    View {
        document: &embed.document,
        permissions: embed.session.permissions(),
        now: app.now(),
    }
}

fn scoped<T>(embed: &Embed, body: T) -> Result<Scoped<T>, Problem> {
    Ok((scope_headers(embed, usual_seconds(embed))?, Json(body)))
}

/// Seconds for which an answer of this dashboard is fresh.
pub(crate) fn usual_seconds(embed: &Embed) -> u32 {
    embed.document.refresh.unwrap_or(limits::REFRESH_SECONDS)
}

/// Seconds for which figures are fresh: none when the warehouse was not there for all of them, so that an edge keeps
/// what it had before, and asks again.
pub(crate) fn fresh_seconds(embed: &Embed, answer: &QueryAnswer) -> u32 {
    let lacks = |result: &WidgetResult| matches!(result, WidgetResult::Error { code, .. } if *code == ProblemCode::WarehouseUnavailable);
    if answer.results.values().any(lacks) {
        0
    } else {
        usual_seconds(embed)
    }
}

/// What the edge needs to know to keep an answer for `fresh` seconds.
pub(crate) fn scope_headers(
    embed: &Embed,
    fresh: u32,
) -> Result<[(HeaderName, HeaderValue); 3], Problem> {
    let scope =
        HeaderValue::from_str(embed.session.scope_digest().as_str()).map_err(Problem::internal)?;
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
