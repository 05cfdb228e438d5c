//! `/healthz`: the process lives. `/readyz`: it can do its work. `/metrics`: how much it does.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use emban_contract::{ProblemCode, UnixMillis};
use emban_spool::SpoolStatus;
use http::header::CONTENT_TYPE;
use schemars::JsonSchema;
use serde::Serialize;

use crate::app::App;
use crate::environment::Environment;
use crate::metrics::{Gauge, resident_bytes};
use crate::problem::Problem;

/// The text format of Prometheus.
const PROMETHEUS: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Answer of `/readyz`.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Readiness {
    /// Always `ready`.
    status: &'static str,
    /// Events that were taken and are not in the warehouse yet.
    waiting_events: u64,
}

/// Answer of `/healthz`.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Health {
    /// Always `ok`.
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

/// Counts for Prometheus. Bounded: routes and environments, never a tenant.
pub(crate) async fn metrics(
    State(app): State<App>,
) -> ([(http::HeaderName, &'static str); 1], String) {
    let now = app.now();
    let spools = |read: fn(&SpoolStatus, UnixMillis) -> u64| {
        let environments = app.environments.values();
        let value = |e: &Arc<Environment>| read(&e.spool.status(), now);
        environments
            .map(|e| (Some(e.name.as_str().to_owned()), value(e)))
            .collect()
    };
    let mut gauges = vec![
        Gauge {
            name: "emban_spool_events",
            help: "Events taken and not yet in the warehouse.",
            values: spools(|status, _| status.events),
        },
        Gauge {
            name: "emban_spool_oldest_event_milliseconds",
            help: "Since the oldest event that is not in the warehouse yet was taken; to within a second.",
            values: spools(|status, now| {
                let age = status.oldest.map(|oldest| now.0.saturating_sub(oldest.0));
                age.unwrap_or(0).max(0).unsigned_abs()
            }),
        },
        Gauge {
            name: "emban_spool_disk_bytes",
            help: "Bytes of the log of events.",
            values: spools(|status, _| status.disk_bytes),
        },
        Gauge {
            name: "emban_spool_max_bytes",
            help: "Bytes of the log beyond which events are refused.",
            values: spools(|status, _| status.max_bytes),
        },
        Gauge {
            name: "emban_spool_quarantined_ranges",
            help: "Stretches of the log that could not be read, kept aside.",
            values: spools(|status, _| status.quarantined_ranges),
        },
        Gauge {
            name: "emban_spool_quarantined_events",
            help: "Events that the warehouse refused, kept aside.",
            values: spools(|status, _| status.quarantined_events),
        },
    ];
    gauges.extend(resident_bytes().map(|bytes| Gauge {
        name: "process_resident_memory_bytes",
        help: "Memory of this process, without the embedded engine's.",
        values: vec![(None, bytes)],
    }));
    ([(CONTENT_TYPE, PROMETHEUS)], app.metrics.render(&gauges))
}
