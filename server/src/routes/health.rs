//! `/healthz`: the process lives. `/readyz`: it can do its work.

use axum::Json;
use axum::extract::State;
use emban_contract::ProblemCode;
use serde::Serialize;

use crate::app::App;
use crate::problem::Problem;

/// Answer of both.
#[derive(Serialize)]
pub(crate) struct Health {
    status: &'static str,
}

/// The process answers.
pub(crate) async fn healthz() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// Database and warehouse answer.
pub(crate) async fn readyz(State(app): State<App>) -> Result<Json<Health>, Problem> {
    app.control.ping().await?;
    app.warehouse.ping().await.map_err(|error| {
        Problem::hidden(
            ProblemCode::WarehouseUnavailable,
            "the warehouse does not answer",
            error,
        )
        .retry_after(5)
    })?;
    Ok(Json(Health { status: "ready" }))
}
