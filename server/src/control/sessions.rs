//! Embed sessions: what was minted, what was revoked, what was opened.

use emban_contract::feed::FeedEvent;
use emban_contract::{DashboardId, EnvironmentName, SessionId, TenantId, UnixMillis};
use sqlx::Row as _;

use super::idempotency::{self, Answered};
use super::{Control, ControlError, optional_time};

/// A session as the database knows it. The token itself is not kept.
#[derive(Debug, Clone)]
pub struct SessionRecord {
    /// Which.
    pub id: SessionId,
    /// Whose data it shows.
    pub tenant: TenantId,
    /// Which dashboard.
    pub dashboard: DashboardId,
    /// When it was minted.
    pub issued_at: UnixMillis,
    /// When it ends.
    pub expires_at: UnixMillis,
    /// When it was revoked.
    pub revoked_at: Option<UnixMillis>,
}

/// Sessions of one answer at most.
const LIST_LIMIT: i64 = 500;

impl Control {
    /// Keeps a minted session. False, and nothing kept, when its `Idempotency-Key` was taken in the meantime.
    pub async fn create_session(
        &self,
        environment: &EnvironmentName,
        session: &SessionRecord,
        once: Option<&Answered>,
    ) -> Result<bool, ControlError> {
        let mut transaction = self.pool.begin().await?;
        if let Some(once) = once
            && !idempotency::claim(&mut transaction, environment, once, session.issued_at).await?
        {
            return Ok(false);
        }
        sqlx::query(
            "INSERT INTO embed_sessions (id, environment, tenant_id, dashboard_id, issued_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(session.id.as_str())
        .bind(environment.as_str())
        .bind(session.tenant.as_str())
        .bind(session.dashboard.as_str())
        .bind(session.issued_at.0)
        .bind(session.expires_at.0)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// The sessions of a tenant that have not ended by themselves, newest first; at most 500.
    pub async fn list_sessions(
        &self,
        environment: &EnvironmentName,
        tenant: &TenantId,
        now: UnixMillis,
    ) -> Result<Vec<SessionRecord>, ControlError> {
        let rows = sqlx::query(
            "SELECT id, dashboard_id, issued_at, expires_at, revoked_at FROM embed_sessions
             WHERE environment = $1 AND tenant_id = $2 AND expires_at > $3 ORDER BY issued_at DESC, id LIMIT $4",
        )
        .bind(environment.as_str())
        .bind(tenant.as_str())
        .bind(now.0)
        .bind(LIST_LIMIT)
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                let (id, dashboard): (String, String) =
                    (row.try_get("id")?, row.try_get("dashboard_id")?);
                Ok(SessionRecord {
                    id: SessionId::new(id)
                        .map_err(|e| ControlError::unreadable("session id", e))?,
                    tenant: tenant.clone(),
                    dashboard: DashboardId::new(dashboard)
                        .map_err(|e| ControlError::unreadable("dashboard id", e))?,
                    issued_at: UnixMillis(row.try_get("issued_at")?),
                    expires_at: UnixMillis(row.try_get("expires_at")?),
                    revoked_at: optional_time(row.try_get("revoked_at")?),
                })
            })
            .collect()
    }

    /// Revokes one session and tells the feed. False when there is no such session; revoking twice is fine.
    pub async fn revoke_session(
        &self,
        environment: &EnvironmentName,
        id: &SessionId,
        now: UnixMillis,
    ) -> Result<bool, ControlError> {
        let mut transaction = self.pool.begin().await?;
        let row =
            sqlx::query("SELECT expires_at FROM embed_sessions WHERE environment = $1 AND id = $2")
                .bind(environment.as_str())
                .bind(id.as_str())
                .fetch_optional(&mut *transaction)
                .await?;
        let Some(row) = row else { return Ok(false) };
        let expires_at = UnixMillis(row.try_get("expires_at")?);
        let done = sqlx::query(
            "UPDATE embed_sessions SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL",
        )
        .bind(now.0)
        .bind(id.as_str())
        .execute(&mut *transaction)
        .await?;
        if done.rows_affected() > 0 {
            let event = FeedEvent::SessionRevoked {
                session: id.clone(),
                expires_at,
            };
            super::feed::append(&mut transaction, environment, &event, now).await?;
        }
        transaction.commit().await?;
        Ok(true)
    }

    /// Revokes every session of a tenant minted so far, and tells the feed. Returns how many were still held.
    pub async fn revoke_tenant(
        &self,
        environment: &EnvironmentName,
        tenant: &TenantId,
        now: UnixMillis,
    ) -> Result<u64, ControlError> {
        let mut transaction = self.pool.begin().await?;
        let done = sqlx::query(
            "UPDATE embed_sessions SET revoked_at = $1
             WHERE environment = $2 AND tenant_id = $3 AND revoked_at IS NULL AND expires_at > $1",
        )
        .bind(now.0)
        .bind(environment.as_str())
        .bind(tenant.as_str())
        .execute(&mut *transaction)
        .await?;
        let event = FeedEvent::TenantRevoked {
            tenant: tenant.clone(),
            issued_until: now,
        };
        super::feed::append(&mut transaction, environment, &event, now).await?;
        transaction.commit().await?;
        Ok(done.rows_affected())
    }

    /// Notes the first opening of a single-use session. False when it was opened before, or is not known.
    pub async fn open_once(&self, id: &SessionId, now: UnixMillis) -> Result<bool, ControlError> {
        let done = sqlx::query(
            "UPDATE embed_sessions SET opened_at = $1 WHERE id = $2 AND opened_at IS NULL",
        )
        .bind(now.0)
        .bind(id.as_str())
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() > 0)
    }
}
