//! `/v1/tenants/{tenant_id}/data`.

use axum::Json;
use axum::extract::Path;
use emban_contract::{ProblemCode, TenantId, UnixMillis};
use emban_warehouse::ErasureProgress;
use http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;

use crate::erasure::{Record, Stage};
use crate::extract::key::{Admin, Reader};
use crate::problem::{Problem, Source};

/// How far the erasure of a tenant's data is.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Erasure")]
pub(crate) struct ErasureBody {
    /// Whose data.
    tenant_id: TenantId,
    /// How far it is.
    status: Stage,
    /// When it was asked for.
    requested_at: UnixMillis,
    /// When it was done; null until then.
    finished_at: Option<UnixMillis>,
    /// Pieces of tables that the warehouse has still to write anew; only while it is at it.
    #[serde(skip_serializing_if = "Option::is_none")]
    remaining_parts: Option<u64>,
    /// What keeps the warehouse from it, if anything does. It goes on trying.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<&'static str>,
}

/// Erases everything that was accepted of a tenant so far. Events that come later live.
pub(crate) async fn delete_tenant_data(
    Admin(environment): Admin,
    Path(tenant): Path<String>,
) -> Result<(StatusCode, Json<ErasureBody>), Problem> {
    let order = environment.erasures.order(parse(tenant)?).await;
    let record = order.map_err(unavailable)?;
    Ok((StatusCode::ACCEPTED, Json(body(record, None))))
}

/// How far the last erasure of a tenant is.
pub(crate) async fn read_tenant_data_erasure(
    Reader { environment, .. }: Reader,
    Path(tenant): Path<String>,
) -> Result<Json<ErasureBody>, Problem> {
    let read = environment.erasures.read(&parse(tenant)?).await;
    let (record, progress) = read
        .map_err(unavailable)?
        .ok_or_else(|| Problem::not_found("erasure"))?;
    Ok(Json(body(record, progress)))
}

fn body(record: Record, progress: Option<ErasureProgress>) -> ErasureBody {
    let failure = progress
        .as_ref()
        .and_then(|progress| progress.failure.as_ref());
    ErasureBody {
        tenant_id: record.tenant_id,
        status: record.stage,
        requested_at: record.requested_at,
        finished_at: record.finished_at,
        // Its own words may name what the caller has no business with.
        failure: failure.map(|_| "the warehouse could not rewrite a part; its log says why"),
        remaining_parts: progress.map(|progress| progress.remaining_parts),
    }
}

fn parse(tenant: String) -> Result<TenantId, Problem> {
    TenantId::new(tenant).map_err(|error| Problem::invalid_at("tenant_id", error.to_string()))
}

fn unavailable(error: Source) -> Problem {
    let message = "the erasure cannot be ordered or looked up now";
    Problem::hidden(ProblemCode::Unavailable, message, error).retry_after(5)
}
