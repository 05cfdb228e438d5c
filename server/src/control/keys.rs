//! API keys. The raw key is never kept: only its SHA-256 and a prefix for people.

use emban_contract::keys::{KeyScope, KeySummary};
use emban_contract::{EnvironmentName, UnixMillis};
use emban_session::{KeptKey, VerifiedKey, hash_key};
use sqlx::Row as _;
use sqlx::any::AnyRow;

use super::{Control, ControlError, optional_time};
use crate::ids::RandomError;

/// A key that was shown, and holds.
#[derive(Debug, Clone)]
pub struct FoundKey {
    /// What may be shown.
    pub summary: KeySummary,
    /// That it was shown.
    pub proof: VerifiedKey,
}

/// A key that was replaced by another one.
#[derive(Debug, Clone)]
pub struct Rotation {
    /// The new one.
    pub summary: KeySummary,
    /// When the former one stops working.
    pub former_expires_at: UnixMillis,
}

/// Characters of a raw key, after the scope's prefix, that stay readable.
const PREFIX_CHARS: usize = 8;

impl Control {
    /// Keeps a new key. Does nothing when the same raw key is known already.
    pub async fn create_key(
        &self,
        raw: &str,
        name: &str,
        scope: KeyScope,
        environment: &EnvironmentName,
        expires_at: Option<UnixMillis>,
        now: UnixMillis,
    ) -> Result<KeySummary, ControlError> {
        let hash = hash_key(raw);
        let id: String = format!("key_{}", hash.chars().take(16).collect::<String>());
        let prefix: String = raw
            .strip_prefix(scope.prefix())
            .unwrap_or(raw)
            .chars()
            .take(PREFIX_CHARS)
            .collect();
        sqlx::query(
            "INSERT INTO api_keys (id, environment, name, scope, hash, prefix, created_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
        )
        .bind(&id)
        .bind(environment.as_str())
        .bind(name)
        .bind(scope.as_str())
        .bind(&hash)
        .bind(&prefix)
        .bind(now.0)
        .bind(expires_at.map(|at| at.0))
        .execute(&self.pool)
        .await?;
        Ok(KeySummary {
            id,
            name: name.to_owned(),
            scope,
            environment: environment.clone(),
            prefix,
            created_at: now,
            expires_at,
            last_used_at: None,
        })
    }

    /// The key that a raw text is, when it is one that still holds.
    pub async fn find_key(
        &self,
        raw: &str,
        now: UnixMillis,
    ) -> Result<Option<FoundKey>, ControlError> {
        let hash = hash_key(raw);
        let row = sqlx::query(
            "SELECT id, environment, name, scope, hash, prefix, created_at, expires_at, last_used_at
             FROM api_keys WHERE hash = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)",
        )
        .bind(&hash)
        .bind(now.0)
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let summary = read_key(&row)?;
        // The index found it by its hash, which says nothing about the key; the proof compares in constant time all the same.
        let kept = KeptKey {
            hash: row.try_get("hash")?,
            scope: summary.scope,
            environment: summary.environment.clone(),
            expires_at: summary.expires_at,
        };
        let proof = kept.verify(raw, now);
        Ok(proof.map(|proof| FoundKey { summary, proof }))
    }

    /// The keys of an environment that still hold, newest first.
    pub async fn list_keys(
        &self,
        environment: &EnvironmentName,
    ) -> Result<Vec<KeySummary>, ControlError> {
        let rows = sqlx::query(
            "SELECT id, environment, name, scope, hash, prefix, created_at, expires_at, last_used_at
             FROM api_keys WHERE environment = $1 AND revoked_at IS NULL ORDER BY created_at DESC, id",
        )
        .bind(environment.as_str())
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(read_key).collect()
    }

    /// Makes a key that may do what another may, and lets that other one end. `None` when there is no such key that holds.
    pub async fn rotate_key(
        &self,
        environment: &EnvironmentName,
        id: &str,
        raw_of: impl FnOnce(KeyScope) -> Result<String, RandomError>,
        overlap_seconds: u32,
        now: UnixMillis,
    ) -> Result<Option<(String, Rotation)>, ControlError> {
        let keys = self.list_keys(environment).await?;
        let former = keys
            .into_iter()
            .find(|key| key.id == id && key.expires_at.is_none_or(|end| end > now));
        let Some(former) = former else {
            return Ok(None);
        };
        let raw = raw_of(former.scope).map_err(|e| ControlError::unreadable("random bytes", e))?;
        let overlap = now.plus_seconds(i64::from(overlap_seconds));
        let end = former.expires_at.map_or(overlap, |end| end.min(overlap));
        // The new key first: killed in between, both hold, and the call can be made again.
        let summary = self
            .create_key(
                &raw,
                &former.name,
                former.scope,
                environment,
                former.expires_at,
                now,
            )
            .await?;
        sqlx::query("UPDATE api_keys SET expires_at = $1 WHERE id = $2 AND environment = $3")
            .bind(end.0)
            .bind(id)
            .bind(environment.as_str())
            .execute(&self.pool)
            .await?;
        let rotation = Rotation {
            summary,
            former_expires_at: end,
        };
        Ok(Some((raw, rotation)))
    }

    /// Ends a key. False when there is no such key in the environment.
    pub async fn revoke_key(
        &self,
        environment: &EnvironmentName,
        id: &str,
        now: UnixMillis,
    ) -> Result<bool, ControlError> {
        let done = sqlx::query(
            "UPDATE api_keys SET revoked_at = $1 WHERE id = $2 AND environment = $3 AND revoked_at IS NULL",
        )
        .bind(now.0)
        .bind(id)
        .bind(environment.as_str())
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Notes that a key was used, once a minute at most.
    pub async fn touch_key(&self, id: &str, now: UnixMillis) -> Result<(), ControlError> {
        sqlx::query("UPDATE api_keys SET last_used_at = $1 WHERE id = $2")
            .bind(now.0)
            .bind(id)
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}

fn read_key(row: &AnyRow) -> Result<KeySummary, ControlError> {
    let scope: String = row.try_get("scope")?;
    let scope = match scope.as_str() {
        "admin" => KeyScope::Admin,
        "ingest" => KeyScope::Ingest,
        "read" => KeyScope::Read,
        other => return Err(ControlError::unreadable("key scope", other)),
    };
    let environment: String = row.try_get("environment")?;
    Ok(KeySummary {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        scope,
        environment: EnvironmentName::new(environment)
            .map_err(|e| ControlError::unreadable("environment", e))?,
        prefix: row.try_get("prefix")?,
        created_at: UnixMillis(row.try_get("created_at")?),
        expires_at: optional_time(row.try_get("expires_at")?),
        last_used_at: optional_time(row.try_get("last_used_at")?),
    })
}
