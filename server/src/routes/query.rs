//! `GET /v1/query`: a tenant's figures for the company's own backend.

use axum::Json;
use axum::extract::State;
use emban_contract::UnixMillis;
use emban_contract::dashboard::{Chart, WidgetKind};
use emban_contract::embed::{WidgetData, WidgetResult};
use emban_warehouse::{TenantScope, View};
use schemars::JsonSchema;
use serde::Serialize;

use super::embed::refusal;
use crate::app::App;
use crate::company_query::CompanyQuery;
use crate::extract::key::Reader;
use crate::extract::params::Params;
use crate::problem::Problem;

/// Answer: the figures, in the shape of their kind.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "CompanyAnswer")]
pub(crate) struct QueryBody {
    /// Shape of the figures.
    kind: WidgetKind,
    /// How they would be drawn.
    chart: Chart,
    /// The figures.
    data: WidgetData,
    /// When they were read from the warehouse.
    freshness: UnixMillis,
}

/// Answers one query for the tenant that it names, in the environment of the key.
pub(crate) async fn read_query(
    reader: Reader,
    State(app): State<App>,
    params: Params,
) -> Result<Json<QueryBody>, Problem> {
    let asked = CompanyQuery::read(params)?;
    let view = View {
        document: &asked.document,
        permissions: &asked.permissions,
        now: app.now(),
    };
    let planned = view.widgets(&asked.request).map_err(refusal)?;
    let widget = asked
        .widget()
        .ok_or_else(|| Problem::internal("a query without a widget"))?;
    let (kind, chart) = (widget.kind, widget.chart);
    let scope = TenantScope::named_by(&reader.key, asked.tenant.clone());
    let mut results = app
        .warehouse
        .scoped(scope)
        .answer(&planned, app.now())
        .await;
    match results.pop_first() {
        Some((_, WidgetResult::Ok { data, freshness })) => Ok(Json(QueryBody {
            kind,
            chart,
            data,
            freshness,
        })),
        Some((_, WidgetResult::Error { code, error })) => Err(Problem::of_widget(code, error)),
        None => Err(Problem::internal("a query without an answer")),
    }
}
