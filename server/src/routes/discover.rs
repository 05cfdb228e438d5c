//! `/v1/discover`: what was sent so far, and a dashboard made of it.

use axum::extract::State;
use axum::{Extension, Json};
use emban_contract::discover::{AutoCreate, AutoCreated, Discovery};
use emban_contract::{ProblemCode, UnixMillis, limits};
use emban_warehouse::operator::discovery::{Range, discover};
use http::StatusCode;
use serde_json::json;

use super::embed::failure;
use crate::app::App;
use crate::audit::AuditDetails;
use crate::control::Dashboard;
use crate::design::design;
use crate::environment::Environment;
use crate::extract::json::Body;
use crate::extract::key::{Admin, Reader};
use crate::extract::params::Params;
use crate::ids;
use crate::problem::Problem;

/// Days that are looked at when the caller does not say.
const USUAL_DAYS: u32 = 90;
/// Days that can be looked at.
const MOST_DAYS: u32 = 3660;

/// Event names seen, with their properties.
pub(crate) async fn read_discovery(
    reader: Reader,
    State(app): State<App>,
    mut params: Params,
) -> Result<Json<Discovery>, Problem> {
    let days = params.number("days", [1, MOST_DAYS]).unwrap_or(USUAL_DAYS);
    params.finish()?;
    Ok(Json(seen(&app, &reader.environment, days).await?))
}

/// Makes a draft dashboard from what was seen.
pub(crate) async fn create_from_discovery(
    Admin(environment): Admin,
    State(app): State<App>,
    Body(asked): Body<AutoCreate>,
) -> Result<(StatusCode, Extension<AuditDetails>, Json<AutoCreated>), Problem> {
    if let Some(name) = &asked.name
        && (name.trim().is_empty() || name.len() > limits::NAME_BYTES)
    {
        return Err(Problem::invalid_at("/name", "must have 1 to 1024 bytes"));
    }
    let seen = seen(&app, &environment, USUAL_DAYS).await?;
    let draft =
        design(&seen, asked.name.as_deref(), asked.event_names.as_deref()).ok_or_else(|| {
            Problem::new(
                ProblemCode::Conflict,
                "no such event was seen in the last 90 days; send some first",
            )
        })?;
    let id = ids::dashboard_id()?;
    let value = serde_json::to_value(&draft).map_err(Problem::internal)?;
    let dashboard = Dashboard::new(id, value, app.now());
    app.control
        .create_dashboard(&environment.name, &dashboard, None)
        .await?;
    let made = AuditDetails(json!({ "dashboard_id": dashboard.id }));
    let created = AutoCreated {
        dashboard_id: dashboard.id,
        status: "draft".to_owned(),
        draft,
    };
    Ok((StatusCode::CREATED, Extension(made), Json(created)))
}

async fn seen(app: &App, environment: &Environment, days: u32) -> Result<Discovery, Problem> {
    // Events may lie a day ahead of the server's clock.
    let to = UnixMillis(app.now().0 + limits::EVENT_AHEAD_MS);
    let from = app.now().plus_seconds(-86_400 * i64::from(days));
    discover(&app.warehouse, &environment.name, Range { from, to })
        .await
        .map_err(failure)
}
