//! `/healthz`: the process lives. `/readyz`: it can do its work.

use axum::Json;
use axum::extract::State;
use emban_contract::ProblemCode;
use serde::Serialize;

use crate::app::App;
use crate::problem::Problem;

/// Answer of `/readyz`.
#[derive(Serialize)]
pub(crate) struct Readiness {
    status: &'static str,
    /// Events that were taken and are not in the warehouse yet.
    waiting_events: u64,
}

/// Answer of `/healthz`.
#[derive(Serialize)]
pub(crate) struct Health {
    status: &'static str,
}

/// The process answers.
pub(crate) async fn healthz() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// Database and warehouse answer.
pub(crate) async fn readyz(State(app): State<App>) -> Result<Json<Readiness>, Problem> {
    app.control.ping().await?;
    app.warehouse.ping().await.map_err(|error| {
        Problem::hidden(
            ProblemCode::WarehouseUnavailable,
            "the warehouse does not answer",
            error,
        )
        .retry_after(5)
    })?;
    let waiting_events = app
        .environments
        .values()
        .map(|e| e.spool.status().events)
        .sum();
    Ok(Json(Readiness {
        status: "ready",
        waiting_events,
    }))
}
