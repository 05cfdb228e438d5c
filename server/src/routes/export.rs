//! `GET /v1/embed/export`: a widget's figures as a file.

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use emban_contract::dashboard::Widget;
use emban_contract::embed::QueryRequest;
use emban_contract::filters::ViewerFilters;
use emban_contract::{ProblemCode, WidgetId, json};
use emban_warehouse::{Export, Plan, QueryError, TenantScope};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use http::{HeaderName, HeaderValue};

use super::embed::{failure, refusal, scope_headers, usual_seconds, view};
use crate::app::App;
use crate::csv;
use crate::extract::embed::Embed;
use crate::extract::params::Params;
use crate::problem::Problem;

/// Bytes of CSV that are sent at once: a line by itself would be mostly framing.
const CHUNK_LINES: usize = 500;

/// Sends the figures of one widget, all of its groups, line by line.
pub(crate) async fn export(
    State(app): State<App>,
    embed: Embed,
    params: Params,
) -> Result<Response, Problem> {
    if !embed.session.permissions().allow_export {
        return Err(Problem::new(
            ProblemCode::NotPermitted,
            "the session does not allow downloads",
        ));
    }
    let asked = Asked::read(params)?;
    let (plan, widget) = plan(&app, &embed, &asked)?;
    let scope = TenantScope::from(&embed.session);
    let export = app
        .warehouse
        .scoped(scope)
        .export(&plan)
        .await
        .map_err(failure)?;
    let body = match export {
        Export::Whole(data) => Body::from(csv::figures(&data)),
        Export::Rows { columns, rows } => {
            let first = stream::once(std::future::ready(Ok(csv::header(&columns))));
            let lines = rows.map_ok(|cells| csv::row(&cells));
            let chunks = first.chain(lines).try_ready_chunks(CHUNK_LINES);
            let text = chunks
                .map_ok(|lines| lines.concat())
                .map_err(|error| broken_off(error.1));
            Body::from_stream(text)
        }
    };
    let scope = scope_headers(&embed, usual_seconds(&embed))?;
    Ok((scope, file_headers(widget)?, body).into_response())
}

/// What is exported.
struct Asked {
    widget: WidgetId,
    filters: ViewerFilters,
}

impl Asked {
    fn read(mut params: Params) -> Result<Self, Problem> {
        match params.text("format").as_deref() {
            None | Some("csv") => {}
            Some("svg" | "png") => {
                params.refuse("format", "is drawn by the browser only: ask for csv")
            }
            Some(_) => params.refuse("format", "must be csv"),
        }
        let widget: Option<WidgetId> = params.required("widget");
        let filters = params.text("filters").unwrap_or_else(|| "{}".to_owned());
        let filters = match json::read::<ViewerFilters>(filters.as_bytes()) {
            Ok(filters) => Some(filters),
            Err(json::JsonError::Invalid(detail)) => {
                params.refuse(&format!("filters{}", detail.path), &detail.message);
                None
            }
            Err(json::JsonError::Malformed(_)) => {
                params.refuse("filters", "must be a JSON object");
                None
            }
        };
        params.finish()?;
        widget
            .zip(filters)
            .map(|(widget, filters)| Self { widget, filters })
            .ok_or_else(|| Problem::internal("a problem of a parameter was not told"))
    }
}

fn plan<'e>(app: &App, embed: &'e Embed, asked: &Asked) -> Result<(Plan, &'e Widget), Problem> {
    let request = QueryRequest {
        widgets: Some(vec![asked.widget.clone()]),
        filters: asked.filters.clone(),
    };
    let planned = view(app, embed).widgets(&request).map_err(refusal)?;
    let missing = || Problem::not_found("widget");
    let planned = planned.into_iter().next().ok_or_else(missing)?;
    let plan = planned.plan.map_err(refusal)?;
    let widget = embed.document.widgets.iter().find(|w| w.id == asked.widget);
    Ok((plan, widget.ok_or_else(missing)?))
}

fn file_headers(widget: &Widget) -> Result<[(HeaderName, HeaderValue); 2], Problem> {
    // The id is of letters, digits, `_` and `-`: nothing in it needs quoting.
    let name = format!("attachment; filename=\"{}.csv\"", widget.id);
    Ok([
        (
            CONTENT_TYPE,
            HeaderValue::from_static("text/csv; charset=utf-8"),
        ),
        (
            CONTENT_DISPOSITION,
            HeaderValue::from_str(&name).map_err(Problem::internal)?,
        ),
    ])
}

/// The status is sent by now: the connection ends without the last chunk, which every client takes for a failure.
fn broken_off(error: QueryError) -> QueryError {
    tracing::error!(%error, "an export broke off");
    error
}
