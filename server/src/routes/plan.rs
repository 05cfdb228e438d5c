//! `GET /v1/dashboards/{id}/plan`: what each widget reads.

use axum::Json;
use axum::extract::{Path, State};
use emban_contract::dashboard::{DashboardDocument, read_document};
use emban_contract::embed::QueryRequest;
use emban_contract::permissions::Permissions;
use emban_contract::{EnvironmentName, WidgetId};
use emban_warehouse::{Explained, Feeding, Plan, Planned, View};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::dashboards::{missing, parse_id};
use crate::app::App;
use crate::extract::key::Reader;
use crate::problem::Problem;

/// What the widgets of a dashboard read.
#[derive(Serialize, JsonSchema)]
pub(crate) struct DashboardPlan {
    /// The live version; null for a draft that was never published.
    version: Option<u32>,
    /// One a widget that asks something.
    widgets: Vec<WidgetPlan>,
}

/// What one widget reads.
#[derive(Serialize, JsonSchema)]
struct WidgetPlan {
    /// Which widget.
    widget: WidgetId,
    /// `rollup` or `events`; null when the widget has no plan.
    source: Option<&'static str>,
    /// What the rows of the rollup are told apart by.
    #[serde(skip_serializing_if = "Option::is_none")]
    dimensions: Option<Vec<String>>,
    /// Minutes that a row of the rollup stands for.
    #[serde(skip_serializing_if = "Option::is_none")]
    bucket_minutes: Option<u32>,
    /// Rows of the tenant that has most of them, before filters, in the dashboard's own period.
    estimated_rows: Option<u64>,
    /// Why it reads events, or why it has no plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

/// The plan of the live version, or of the draft when nothing is live, as a session without any permission sees it.
pub(crate) async fn read_plan(
    Reader { environment, .. }: Reader,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Json<DashboardPlan>, Problem> {
    let (environment, id) = (&environment.name, parse_id(&id)?);
    let (version, document) = match app.published.live(environment, &id, app.now()).await? {
        Some((version, document)) => (Some(version), document),
        None => {
            let dashboard = app.control.read_dashboard(environment, &id).await?;
            let draft = dashboard.ok_or_else(missing)?.draft;
            (None, readable(&draft)?.into())
        }
    };
    let widgets = explain(&app, environment, &document).await?;
    Ok(Json(DashboardPlan { version, widgets }))
}

/// A widget that cannot be answered is told among the others; only what is no document has no plan.
fn readable(draft: &Value) -> Result<DashboardDocument, Problem> {
    read_document(draft)
        .map_err(|problems| Problem::invalid("the draft is no sound document", problems))
}

async fn explain(
    app: &App,
    environment: &EnvironmentName,
    document: &DashboardDocument,
) -> Result<Vec<WidgetPlan>, Problem> {
    let view = View {
        document,
        permissions: &Permissions::default(),
        now: app.now(),
    };
    let mut widgets = Vec::new();
    for planned in view
        .widgets(&QueryRequest::default())
        .map_err(super::embed::refusal)?
    {
        widgets.push(explain_widget(app, environment, planned).await?);
    }
    Ok(widgets)
}

async fn explain_widget(
    app: &App,
    environment: &EnvironmentName,
    planned: Planned,
) -> Result<WidgetPlan, Problem> {
    let plan: Plan = match planned.plan {
        Ok(plan) => plan,
        Err(error) => {
            return Ok(WidgetPlan {
                widget: planned.id,
                source: None,
                dimensions: None,
                bucket_minutes: None,
                estimated_rows: None,
                why: Some(error.to_string()),
            });
        }
    };
    let explained = app.warehouse.explain(environment, &plan).await;
    let Explained { feeding, rows } = explained.map_err(super::embed::failure)?;
    let (source, rollup, why) = match feeding {
        Feeding::Rollup {
            dimensions,
            minutes,
        } => ("rollup", Some((dimensions, minutes)), None),
        Feeding::Events { why } => ("events", None, Some(why.to_string())),
    };
    let (dimensions, bucket_minutes) = rollup.unzip();
    Ok(WidgetPlan {
        widget: planned.id,
        source: Some(source),
        dimensions,
        bucket_minutes,
        estimated_rows: Some(rows),
        why,
    })
}
