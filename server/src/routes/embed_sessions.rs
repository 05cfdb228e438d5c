//! `/v1/embed-sessions`.

use axum::extract::{Path, Query, State};
use axum::{Extension, Json};
use emban_contract::embed::{CreateSession, SessionCreated};
use emban_contract::permissions::Permissions;
use emban_contract::{DashboardId, Detail, ProblemCode, SessionId, TenantId, UnixMillis, limits};
use emban_session::{Claims, MintError, Minter};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::app::App;
use crate::audit::AuditDetails;
use crate::control::{Answered, Once, SessionRecord};
use crate::environment::Environment;
use crate::extract::idempotency::{self, IdempotencyKey};
use crate::extract::json::Body;
use crate::extract::key::{Admin, Reader};
use crate::ids;
use crate::problem::Problem;

/// Method and path of the route that takes an `Idempotency-Key`.
const CREATE: &str = "POST /v1/embed-sessions";

/// Parameters of the list.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SessionsQuery {
    tenant_id: TenantId,
}

/// A session in a list; never its token.
#[derive(Serialize)]
pub(crate) struct SessionBody {
    session_id: SessionId,
    tenant_id: TenantId,
    dashboard_id: DashboardId,
    issued_at: UnixMillis,
    expires_at: UnixMillis,
    revoked_at: Option<UnixMillis>,
}

/// A list of sessions.
#[derive(Serialize)]
pub(crate) struct Sessions {
    sessions: Vec<SessionBody>,
}

/// Mints a session: this tenant, this dashboard, these permissions.
pub(crate) async fn create_session(
    Admin(environment): Admin,
    State(app): State<App>,
    key: IdempotencyKey,
    Body(asked): Body<CreateSession>,
) -> Result<(StatusCode, Extension<AuditDetails>, Json<SessionCreated>), Problem> {
    let expires_in = asked.expires_in.unwrap_or(limits::SESSION_DEFAULT_SECONDS);
    let details = problems(&asked.permissions, expires_in);
    if !details.is_empty() {
        return Err(Problem::invalid("the session is not valid", details));
    }
    check_dashboard(&app, &environment, &asked.dashboard_id).await?;
    let once = key.once(CREATE, &asked)?;
    let minter = app
        .signing
        .minter(&environment.name)
        .ok_or_else(|| Problem::internal("an environment has no signing key"))?;
    let claims = claims(&app, &environment, &minter, asked, expires_in)?;
    // Minted first: permissions that do not fit a token must leave no session behind.
    minter.mint(&claims).map_err(refusal)?;
    let claims = keep_once(&app, &environment, claims, once).await?;
    let created = created(&app, &minter, &claims)?;
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
    let record = SessionRecord {
        id: claims.sub.clone(),
        tenant: claims.tenant.clone(),
        dashboard: claims.dash.clone(),
        issued_at: UnixMillis(claims.iat.saturating_mul(1000)),
        expires_at: UnixMillis(claims.exp.saturating_mul(1000)),
        revoked_at: None,
    };
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

fn created(app: &App, minter: &Minter, claims: &Claims) -> Result<SessionCreated, Problem> {
    let token = minter.mint(claims).map_err(refusal)?;
    let remaining = claims.exp.saturating_sub(app.now().seconds());
    let whole = claims.exp.saturating_sub(claims.iat);
    Ok(SessionCreated {
        embed_url: format!("{}/embed/{}?token={token}", app.public_url, claims.dash),
        token,
        expires_at: UnixMillis(claims.exp.saturating_mul(1000)),
        // A session may be dated a second ahead; a repetition has less left than was asked for.
        expires_in: u32::try_from(remaining.clamp(0, whole.max(0))).unwrap_or(0),
        session_id: claims.sub.clone(),
    })
}

/// The sessions of a tenant that have not ended by themselves.
pub(crate) async fn list_sessions(
    Reader { environment, .. }: Reader,
    State(app): State<App>,
    Query(query): Query<SessionsQuery>,
) -> Result<Json<Sessions>, Problem> {
    let records = app
        .control
        .list_sessions(&environment.name, &query.tenant_id, app.now())
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

fn claims(
    app: &App,
    environment: &Environment,
    minter: &Minter,
    asked: CreateSession,
    expires_in: u32,
) -> Result<Claims, Problem> {
    let (iss, aud) = minter.issuer_and_audience();
    // A session minted in the second of a revocation must not fall under it.
    let cutoff = app
        .revocations
        .tenant_cutoff(&environment.name, &asked.tenant_id);
    let iat = app
        .now()
        .seconds()
        .max(cutoff.map_or(0, |cutoff| cutoff.seconds() + 1));
    Ok(Claims {
        iss,
        aud,
        sub: ids::session_id()?,
        iat,
        nbf: iat,
        exp: iat + i64::from(expires_in),
        org: app.organisation.clone(),
        env: environment.name.clone(),
        tenant: asked.tenant_id,
        dash: asked.dashboard_id,
        perm: asked.permissions,
    })
}

fn problems(permissions: &Permissions, expires_in: u32) -> Vec<Detail> {
    let mut details = Vec::new();
    if !(limits::SESSION_MIN_SECONDS..=limits::SESSION_MAX_SECONDS).contains(&expires_in) {
        details.push(Detail::new("/expires_in", "must be 60 to 86400 seconds"));
    }
    if let Some(zone) = &permissions.timezone
        && !emban_warehouse::is_time_zone(zone)
    {
        details.push(Detail::new(
            "/permissions/timezone",
            "must be an IANA time zone such as Europe/Berlin",
        ));
    }
    for (index, origin) in permissions.allowed_origins.iter().flatten().enumerate() {
        if !is_origin(origin) {
            let path = format!("/permissions/allowed_origins/{index}");
            details.push(Detail::new(
                path,
                "must be an origin such as https://app.example.com",
            ));
        }
    }
    details
}

/// `scheme://host[:port]` in the spelling that browsers send; it becomes a part of a header.
fn is_origin(text: &str) -> bool {
    let host = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    host.is_some_and(|host| {
        !host.is_empty()
            && host.len() <= 255
            && host.bytes().all(|b| {
                b.is_ascii_lowercase()
                    || b.is_ascii_digit()
                    || matches!(b, b'.' | b'-' | b':' | b'[' | b']')
            })
    })
}

fn refusal(error: MintError) -> Problem {
    match error {
        MintError::TooLong { .. } => Problem::invalid_at("/permissions", error.to_string()),
        MintError::ForeignClaims | MintError::Signing(_) => Problem::internal(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_origin_is_an_origin() {
        for good in [
            "https://app.example.com",
            "http://localhost:3000",
            "http://[::1]:80",
            "https://127.0.0.1",
        ] {
            assert!(is_origin(good), "{good}");
        }
        for bad in [
            "",
            "*",
            "https://",
            "https://a.com/",
            "https://a.com/x",
            "https://*.a.com",
            "https://a;b",
            "https://A.com",
            "ftp://a",
            "null",
            "https://a b",
            "https://a\r\nx",
        ] {
            assert!(!is_origin(bad), "{bad}");
        }
    }
}
