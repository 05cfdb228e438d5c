//! `GET /v1/embed/export`: a widget's figures as a file.

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use emban_contract::embed::{QueryRequest, WidgetResult};
use emban_contract::filters::ViewerFilters;
use emban_contract::{ProblemCode, WidgetId, json};
use emban_warehouse::{Export, Plan, QueryError, TenantScope};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use http::HeaderValue;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};

use super::embed::{answer, failure, refusal, scope_headers, usual_seconds, view};
use crate::app::App;
use crate::extract::embed::Embed;
use crate::extract::params::Params;
use crate::problem::Problem;
use crate::{csv, picture, surface};

/// Bytes of CSV that are sent at once: a line by itself would be mostly framing.
const CHUNK_LINES: usize = 500;

/// Sends the figures of one widget: all of its groups, line by line, or its chart.
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
    match asked.format {
        Format::Csv => csv_file(&app, &embed, &asked).await,
        Format::Svg => svg_file(&app, &embed, &asked).await,
    }
}

async fn csv_file(app: &App, embed: &Embed, asked: &Asked) -> Result<Response, Problem> {
    let plan = plan(app, embed, asked)?;
    let scope = TenantScope::from(embed.session.as_ref());
    let export = app
        .warehouse
        .scoped(scope)
        .export(&plan)
        .await
        .map_err(failure)?;
    let surface = surface::surface(&embed.document, embed.version, &embed.session, app.now());
    let widget = surface.widgets.iter().find(|w| w.id == asked.widget);
    let names = csv::Names {
        surface: &surface,
        widget: widget.ok_or_else(|| Problem::not_found("widget"))?,
        words: picture::language(&surface).words,
    };
    let body = match export {
        Export::Whole(data) => Body::from(csv::figures(&data, names)),
        Export::Rows { columns, rows } => {
            let first = stream::once(std::future::ready(Ok(csv::header(&columns, names))));
            let lines = rows.map_ok(|cells| csv::row(&cells));
            let chunks = first.chain(lines).try_ready_chunks(CHUNK_LINES);
            let text = chunks
                .map_ok(|lines| lines.concat())
                .map_err(|error| broken_off(error.1));
            Body::from_stream(text)
        }
    };
    file(embed, asked, body)
}

/// The chart as the dashboard shows it, limits and all: what is drawn is what is seen.
async fn svg_file(app: &App, embed: &Embed, asked: &Asked) -> Result<Response, Problem> {
    let missing = || Problem::not_found("widget");
    let mut answer = answer(app, embed, &asked.request()).await?;
    let data = match answer.results.remove(&asked.widget).ok_or_else(missing)? {
        WidgetResult::Ok { data, .. } => data,
        WidgetResult::Error { code, error } => return Err(Problem::of_widget(code, error)),
    };
    let surface = surface::surface(&embed.document, embed.version, &embed.session, app.now());
    let widget = surface.widgets.iter().find(|w| w.id == asked.widget);
    let svg = picture::picture(&surface, widget.ok_or_else(missing)?, &data);
    let svg =
        svg.ok_or_else(|| Problem::invalid_at("format", "this widget is no chart: ask for csv"))?;
    file(embed, asked, svg.into())
}

/// Of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    /// All groups.
    Csv,
    /// The chart.
    Svg,
}

/// What is exported.
struct Asked {
    widget: WidgetId,
    format: Format,
    filters: ViewerFilters,
}

impl Asked {
    fn request(&self) -> QueryRequest {
        QueryRequest {
            widgets: Some(vec![self.widget.clone()]),
            filters: self.filters.clone(),
        }
    }

    fn read(mut params: Params) -> Result<Self, Problem> {
        let format = match params.text("format").as_deref() {
            None | Some("csv") => Format::Csv,
            Some("svg") => Format::Svg,
            Some(other) => {
                let reason = match other {
                    "png" => "is not drawn by the origin: ask for svg",
                    _ => "must be csv or svg",
                };
                params.refuse("format", reason);
                Format::Csv
            }
        };
        let widget: Option<WidgetId> = params.required("widget");
        let filters = params.text("filters").unwrap_or_else(|| "{}".to_owned());
        let filters = match json::read::<ViewerFilters>(filters.as_bytes()) {
            Ok(filters) => Some(filters),
            Err(json::JsonError::Invalid(details)) => {
                for detail in details {
                    params.refuse(&format!("filters{}", detail.path), &detail.message);
                }
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
            .map(|(widget, filters)| Self {
                widget,
                format,
                filters,
            })
            .ok_or_else(|| Problem::internal("a problem of a parameter was not told"))
    }
}

fn plan(app: &App, embed: &Embed, asked: &Asked) -> Result<Plan, Problem> {
    let request = asked.request();
    let planned = view(app, embed).widgets(&request).map_err(refusal)?;
    let planned = planned.into_iter().next();
    let planned = planned.ok_or_else(|| Problem::not_found("widget"))?;
    planned.plan.map_err(refusal)
}

fn file(embed: &Embed, asked: &Asked, body: Body) -> Result<Response, Problem> {
    let (content_type, end) = match asked.format {
        Format::Csv => ("text/csv; charset=utf-8", "csv"),
        Format::Svg => (picture::CONTENT_TYPE, "svg"),
    };
    // The id is of letters, digits, `_` and `-`: nothing in it needs quoting.
    let name = format!("attachment; filename=\"{}.{end}\"", asked.widget);
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(content_type)),
        (
            CONTENT_DISPOSITION,
            HeaderValue::from_str(&name).map_err(Problem::internal)?,
        ),
    ];
    let scope = scope_headers(embed, usual_seconds(embed))?;
    Ok((scope, headers, body).into_response())
}

/// The status is sent by now: the connection ends without the last chunk, which every client takes for a failure.
fn broken_off(error: QueryError) -> QueryError {
    tracing::error!(%error, "an export broke off");
    error
}
