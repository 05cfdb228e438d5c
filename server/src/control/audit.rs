//! The audit log: which key changed what.

use emban_contract::audit::AuditEntry;
use emban_contract::{EnvironmentName, UnixMillis};
use sqlx::Row as _;
use sqlx::any::AnyRow;

use super::{Control, ControlError};

/// Where a page of the log ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditCursor {
    /// Time of the last entry.
    pub at: UnixMillis,
    /// Its id: entries may share a time.
    pub id: String,
}

impl Control {
    /// Adds an entry.
    pub async fn append_audit(
        &self,
        environment: &EnvironmentName,
        entry: &AuditEntry,
    ) -> Result<(), ControlError> {
        sqlx::query(
            "INSERT INTO audit (id, environment, at, key_id, action, path, status, request_id, details)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(&entry.id)
        .bind(environment.as_str())
        .bind(entry.at.0)
        .bind(&entry.key_id)
        .bind(&entry.action)
        .bind(&entry.path)
        .bind(i64::from(entry.status))
        .bind(&entry.request_id)
        .bind(entry.details.as_ref().map(ToString::to_string))
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Entries of an environment, the newest first, from where the last page ended.
    pub async fn list_audit(
        &self,
        environment: &EnvironmentName,
        before: Option<&AuditCursor>,
        limit: u32,
    ) -> Result<Vec<AuditEntry>, ControlError> {
        let (at, id) = before.map_or((i64::MAX, ""), |cursor| (cursor.at.0, cursor.id.as_str()));
        let rows = sqlx::query(
            "SELECT id, at, key_id, action, path, status, request_id, details FROM audit
             WHERE environment = $1 AND (at < $2 OR (at = $2 AND id < $3)) ORDER BY at DESC, id DESC LIMIT $4",
        )
        .bind(environment.as_str())
        .bind(at)
        .bind(id)
        .bind(i64::from(limit))
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(read_entry).collect()
    }
}

fn read_entry(row: &AnyRow) -> Result<AuditEntry, ControlError> {
    let (status, details): (i64, Option<String>) =
        (row.try_get("status")?, row.try_get("details")?);
    let details = details.map(|text| serde_json::from_str(&text)).transpose();
    Ok(AuditEntry {
        id: row.try_get("id")?,
        at: UnixMillis(row.try_get("at")?),
        key_id: row.try_get("key_id")?,
        action: row.try_get("action")?,
        path: row.try_get("path")?,
        status: u16::try_from(status).map_err(|e| ControlError::unreadable("status", e))?,
        request_id: row.try_get("request_id")?,
        details: details.map_err(|e| ControlError::unreadable("audit details", e))?,
    })
}
