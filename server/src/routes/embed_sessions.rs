//! `/v1/embed-sessions`.

use axum::extract::{Path, State};
use axum::{Extension, Json};
use emban_contract::embed::{CreateSession, SessionCreated};
use emban_contract::{DashboardId, ProblemCode, SessionId, TenantId, UnixMillis};
use emban_session::{Claims, MintError};
use http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use crate::app::App;
use crate::audit::AuditDetails;
use crate::control::{Answered, Once};
use crate::environment::Environment;
use crate::extract::idempotency::{self, IdempotencyKey};
use crate::extract::json::Body;
use crate::extract::key::{Admin, Reader};
use crate::extract::params::Params;
use crate::minting::{self, Mint};
use crate::problem::Problem;

/// Method and path of the route that takes an `Idempotency-Key`.
const CREATE: &str = "POST /v1/embed-sessions";

/// A session in a list; never its token.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Session")]
pub(crate) struct SessionBody {
    /// Names the session.
    session_id: SessionId,
    /// Whose data it shows.
    tenant_id: TenantId,
    /// Which dashboard.
    dashboard_id: DashboardId,
    /// When it was minted.
    issued_at: UnixMillis,
    /// When it ends by itself.
    expires_at: UnixMillis,
    /// When it was ended.
    revoked_at: Option<UnixMillis>,
}

/// A list of sessions.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SessionList")]
pub(crate) struct Sessions {
    /// Those that have not ended by themselves.
    sessions: Vec<SessionBody>,
}

/// Mints a session: this tenant, this dashboard, these permissions.
pub(crate) async fn create_session(
    Admin(environment): Admin,
    State(app): State<App>,
    key: IdempotencyKey,
    Body(asked): Body<CreateSession>,
) -> Result<(StatusCode, Extension<AuditDetails>, Json<SessionCreated>), Problem> {
    let details = minting::problems(&asked);
    if !details.is_empty() {
        return Err(Problem::invalid("the session is not valid", details));
    }
    check_dashboard(&app, &environment, &asked.dashboard_id).await?;
    let once = key.once(CREATE, &asked)?;
    let minter = app
        .signing
        .minter(&environment.name)
        .ok_or_else(|| Problem::internal("an environment has no signing key"))?;
    let mint = Mint {
        organisation: &app.organisation,
        environment: &environment.name,
        minter: &minter,
        cutoff: app
            .revocations
            .tenant_cutoff(&environment.name, &asked.tenant_id),
        now: app.now(),
    };
    let claims = mint.claims(asked)?;
    // Minted first: permissions that do not fit a token must leave no session behind.
    minter.mint(&claims).map_err(refusal)?;
    let claims = keep_once(&app, &environment, claims, once).await?;
    let mut created = mint.created(&app.public_url, &claims).map_err(refusal)?;
    let live = app
        .published
        .live(&environment.name, &claims.dash, app.now())
        .await?;
    if let Some((_, document)) = live {
        created.warnings = minting::warnings(&claims.perm, &document);
    }
    let made = json!({
        "session_id": claims.sub, "tenant_id": claims.tenant, "dashboard_id": claims.dash, "user_id": claims.perm.user_id,
    });
    Ok((
        StatusCode::CREATED,
        Extension(AuditDetails(made)),
        Json(created),
    ))
}

/// Keeps a session. Returns its claims, or those that the same request was answered with: signing is deterministic, so
/// the token of a repetition is the same, and no token is ever kept.
async fn keep_once(
    app: &App,
    environment: &Environment,
    claims: Claims,
    once: Option<Once>,
) -> Result<Claims, Problem> {
    let record = minting::record(&claims);
    let answer = serde_json::to_value(&claims).map_err(Problem::internal)?;
    let answered = once.map(|once| Answered { once, answer });
    // Twice at most: who loses the race for a key finds the winner's answer.
    for _ in 0..2 {
        let once = answered.as_ref().map(|answered| &answered.once);
        if let Some(earlier) = idempotency::earlier(app, environment, once).await? {
            return serde_json::from_value(earlier).map_err(Problem::internal);
        }
        let control = &app.control;
        if control
            .create_session(&environment.name, &record, answered.as_ref())
            .await?
        {
            return Ok(claims);
        }
    }
    Err(Problem::internal(
        "an idempotency key is neither free nor taken",
    ))
}

/// The sessions of a tenant that have not ended by themselves.
pub(crate) async fn list_sessions(
    Reader { environment, .. }: Reader,
    State(app): State<App>,
    mut params: Params,
) -> Result<Json<Sessions>, Problem> {
    let tenant: Option<TenantId> = params.required("tenant_id");
    params.finish()?;
    let tenant =
        tenant.ok_or_else(|| Problem::internal("a problem of a parameter was not told"))?;
    let records = app
        .control
        .list_sessions(&environment.name, &tenant, app.now())
        .await?;
    let sessions = records
        .into_iter()
        .map(|r| SessionBody {
            session_id: r.id,
            tenant_id: r.tenant,
            dashboard_id: r.dashboard,
            issued_at: r.issued_at,
            expires_at: r.expires_at,
            revoked_at: r.revoked_at,
        })
        .collect();
    Ok(Json(Sessions { sessions }))
}

/// Revokes one session; revoking it again is fine.
pub(crate) async fn delete_session(
    Admin(environment): Admin,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let missing = || Problem::not_found("session");
    let (id, now) = (SessionId::new(id).map_err(|_| missing())?, app.now());
    if !app
        .control
        .revoke_session(&environment.name, &id, now)
        .await?
    {
        return Err(missing());
    }
    app.revocations.refresh(now).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Revokes every session of a tenant that was minted so far.
pub(crate) async fn delete_tenant_sessions(
    Admin(environment): Admin,
    State(app): State<App>,
    Path(tenant): Path<String>,
) -> Result<StatusCode, Problem> {
    let tenant = TenantId::new(tenant)
        .map_err(|error| Problem::invalid_at("tenant_id", error.to_string()))?;
    let now = app.now();
    app.control
        .revoke_tenant(&environment.name, &tenant, now)
        .await?;
    app.revocations.refresh(now).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn check_dashboard(
    app: &App,
    environment: &Environment,
    id: &DashboardId,
) -> Result<(), Problem> {
    let dashboard = app.control.read_dashboard(&environment.name, id).await?;
    match dashboard.map(|d| d.published_version) {
        None => Err(Problem::not_found("dashboard")),
        Some(None) => Err(Problem::new(
            ProblemCode::NotPublished,
            "the dashboard is not published",
        )),
        Some(Some(_)) => Ok(()),
    }
}

fn refusal(error: MintError) -> Problem {
    match error {
        MintError::TooLong { .. } => Problem::invalid_at("/permissions", error.to_string()),
        MintError::ForeignClaims | MintError::Signing(_) => Problem::internal(error),
    }
}
