//! Dashboards: a draft, immutable numbered versions, and at most one live version.

use emban_contract::feed::FeedEvent;
use emban_contract::{DashboardId, EnvironmentName, UnixMillis};
use serde_json::Value;
use sqlx::Row as _;
use sqlx::any::AnyRow;

use super::idempotency::{self, Answered};
use super::{Control, ControlError, optional_time};

/// A dashboard with its draft.
#[derive(Debug, Clone)]
pub struct Dashboard {
    /// Which.
    pub id: DashboardId,
    /// The draft, as it was sent.
    pub draft: Value,
    /// Grows with each replacement of the draft; the ETag.
    pub revision: i64,
    /// When it was made.
    pub created_at: UnixMillis,
    /// When the draft was last replaced.
    pub updated_at: UnixMillis,
    /// The live version.
    pub published_version: Option<u32>,
}

impl Dashboard {
    /// A draft that nobody has seen yet.
    pub fn new(id: DashboardId, draft: Value, now: UnixMillis) -> Self {
        Self {
            id,
            draft,
            revision: 1,
            created_at: now,
            updated_at: now,
            published_version: None,
        }
    }
}

/// A version as it was frozen.
#[derive(Debug, Clone)]
pub struct PublishedVersion {
    /// Its number, from 1.
    pub version: u32,
    /// The document.
    pub document: Value,
}

/// A version in a list.
#[derive(Debug, Clone, Copy)]
pub struct VersionSummary {
    /// Its number, from 1.
    pub version: u32,
    /// When it was frozen.
    pub created_at: UnixMillis,
}

/// What became of a replacement.
#[derive(Debug)]
pub enum Replaced {
    /// It is the draft now.
    Done(Dashboard),
    /// Someone else was faster.
    Stale,
    /// There is no such dashboard.
    Missing,
}

/// What became of a publish or an unpublish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PublishOutcome {
    /// This version is live now; none for an unpublish.
    Live(Option<u32>),
    /// There is no such dashboard or version.
    Missing,
}

const COLUMNS: &str = "SELECT id, draft, revision, created_at, updated_at, published_version FROM dashboards WHERE environment = $1";

impl Control {
    /// Keeps a new draft. False, and nothing kept, when its `Idempotency-Key` was taken in the meantime.
    pub async fn create_dashboard(
        &self,
        environment: &EnvironmentName,
        dashboard: &Dashboard,
        once: Option<&Answered>,
    ) -> Result<bool, ControlError> {
        let mut transaction = self.pool.begin().await?;
        if let Some(once) = once
            && !idempotency::claim(&mut transaction, environment, once, dashboard.created_at)
                .await?
        {
            return Ok(false);
        }
        sqlx::query(
            "INSERT INTO dashboards (id, environment, draft, revision, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(dashboard.id.as_str())
        .bind(environment.as_str())
        .bind(dashboard.draft.to_string())
        .bind(dashboard.revision)
        .bind(dashboard.created_at.0)
        .bind(dashboard.updated_at.0)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// The dashboards of an environment, oldest first.
    pub async fn list_dashboards(
        &self,
        environment: &EnvironmentName,
    ) -> Result<Vec<Dashboard>, ControlError> {
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
            "{COLUMNS} ORDER BY created_at, id"
        )))
        .bind(environment.as_str())
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(read_dashboard).collect()
    }

    /// One dashboard.
    pub async fn read_dashboard(
        &self,
        environment: &EnvironmentName,
        id: &DashboardId,
    ) -> Result<Option<Dashboard>, ControlError> {
        let row = sqlx::query(sqlx::AssertSqlSafe(format!("{COLUMNS} AND id = $2")))
            .bind(environment.as_str())
            .bind(id.as_str())
            .fetch_optional(&self.pool)
            .await?;
        row.map(|row| read_dashboard(&row)).transpose()
    }

    /// Replaces a draft; only when its revision is still `expected`, if one is given.
    pub async fn replace_draft(
        &self,
        environment: &EnvironmentName,
        id: &DashboardId,
        draft: &Value,
        expected: Option<i64>,
        now: UnixMillis,
    ) -> Result<Replaced, ControlError> {
        let done = sqlx::query(
            "UPDATE dashboards SET draft = $1, revision = revision + 1, updated_at = $2
             WHERE environment = $3 AND id = $4 AND ($5 = 0 OR revision = $5)",
        )
        .bind(draft.to_string())
        .bind(now.0)
        .bind(environment.as_str())
        .bind(id.as_str())
        .bind(expected.unwrap_or(0))
        .execute(&self.pool)
        .await?;
        let current = self.read_dashboard(environment, id).await?;
        Ok(match (done.rows_affected(), current) {
            (_, None) => Replaced::Missing,
            (0, Some(_)) => Replaced::Stale,
            (_, Some(dashboard)) => Replaced::Done(dashboard),
        })
    }

    /// Removes a dashboard with its versions; its sessions end at once. False when there is none.
    pub async fn delete_dashboard(
        &self,
        environment: &EnvironmentName,
        id: &DashboardId,
        now: UnixMillis,
    ) -> Result<bool, ControlError> {
        let mut transaction = self.pool.begin().await?;
        let done = sqlx::query("DELETE FROM dashboards WHERE environment = $1 AND id = $2")
            .bind(environment.as_str())
            .bind(id.as_str())
            .execute(&mut *transaction)
            .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        sqlx::query("DELETE FROM dashboard_versions WHERE dashboard_id = $1")
            .bind(id.as_str())
            .execute(&mut *transaction)
            .await?;
        let event = FeedEvent::Unpublished {
            dashboard: id.clone(),
        };
        super::feed::append(&mut transaction, environment, &event, now).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Freezes a document as the next version and makes it live.
    pub async fn publish(
        &self,
        environment: &EnvironmentName,
        id: &DashboardId,
        document: &Value,
        now: UnixMillis,
    ) -> Result<PublishOutcome, ControlError> {
        let mut transaction = self.pool.begin().await?;
        let row = sqlx::query(
            "SELECT COALESCE(MAX(version), 0) + 1 AS next FROM dashboard_versions WHERE dashboard_id = $1",
        )
        .bind(id.as_str())
        .fetch_one(&mut *transaction)
        .await?;
        let version: i64 = row.try_get("next")?;
        sqlx::query("INSERT INTO dashboard_versions (dashboard_id, version, document, created_at) VALUES ($1, $2, $3, $4)")
            .bind(id.as_str())
            .bind(version)
            .bind(document.to_string())
            .bind(now.0)
            .execute(&mut *transaction)
            .await?;
        let version = narrow(version)?;
        let outcome = set_live(&mut transaction, environment, id, Some(version), now).await?;
        if outcome != PublishOutcome::Missing {
            transaction.commit().await?;
        }
        Ok(outcome)
    }

    /// Makes an older version live again (`Some`), or none (`None`).
    pub async fn set_published(
        &self,
        environment: &EnvironmentName,
        id: &DashboardId,
        version: Option<u32>,
        now: UnixMillis,
    ) -> Result<PublishOutcome, ControlError> {
        if let Some(version) = version
            && self.read_version(environment, id, version).await?.is_none()
        {
            return Ok(PublishOutcome::Missing);
        }
        let mut transaction = self.pool.begin().await?;
        let outcome = set_live(&mut transaction, environment, id, version, now).await?;
        if outcome != PublishOutcome::Missing {
            transaction.commit().await?;
        }
        Ok(outcome)
    }

    /// Which dashboards of an environment are live, and at which version, by id.
    pub async fn list_live(
        &self,
        environment: &EnvironmentName,
    ) -> Result<Vec<(DashboardId, u32)>, ControlError> {
        let rows = sqlx::query(
            "SELECT id, published_version FROM dashboards
             WHERE environment = $1 AND published_version IS NOT NULL ORDER BY id",
        )
        .bind(environment.as_str())
        .fetch_all(&self.pool)
        .await?;
        let live = |row: &AnyRow| {
            let id: String = row.try_get("id")?;
            let id =
                DashboardId::new(id).map_err(|e| ControlError::unreadable("dashboard id", e))?;
            Ok((id, narrow(row.try_get("published_version")?)?))
        };
        rows.iter().map(live).collect()
    }

    /// The live version of a dashboard.
    pub async fn live_version(
        &self,
        environment: &EnvironmentName,
        id: &DashboardId,
    ) -> Result<Option<PublishedVersion>, ControlError> {
        let row = sqlx::query(
            "SELECT v.version AS version, v.document AS document FROM dashboards d
             JOIN dashboard_versions v ON v.dashboard_id = d.id AND v.version = d.published_version
             WHERE d.environment = $1 AND d.id = $2",
        )
        .bind(environment.as_str())
        .bind(id.as_str())
        .fetch_optional(&self.pool)
        .await?;
        row.map(|row| read_version(&row)).transpose()
    }

    /// One version of a dashboard.
    pub async fn read_version(
        &self,
        environment: &EnvironmentName,
        id: &DashboardId,
        version: u32,
    ) -> Result<Option<PublishedVersion>, ControlError> {
        let row = sqlx::query(
            "SELECT v.version AS version, v.document AS document FROM dashboards d
             JOIN dashboard_versions v ON v.dashboard_id = d.id
             WHERE d.environment = $1 AND d.id = $2 AND v.version = $3",
        )
        .bind(environment.as_str())
        .bind(id.as_str())
        .bind(i64::from(version))
        .fetch_optional(&self.pool)
        .await?;
        row.map(|row| read_version(&row)).transpose()
    }

    /// The versions of a dashboard, newest first.
    pub async fn list_versions(
        &self,
        environment: &EnvironmentName,
        id: &DashboardId,
    ) -> Result<Vec<VersionSummary>, ControlError> {
        let rows = sqlx::query(
            "SELECT v.version AS version, v.created_at AS created_at FROM dashboards d
             JOIN dashboard_versions v ON v.dashboard_id = d.id
             WHERE d.environment = $1 AND d.id = $2 ORDER BY v.version DESC",
        )
        .bind(environment.as_str())
        .bind(id.as_str())
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(VersionSummary {
                    version: narrow(row.try_get("version")?)?,
                    created_at: UnixMillis(row.try_get("created_at")?),
                })
            })
            .collect()
    }
}

async fn set_live(
    transaction: &mut sqlx::Transaction<'_, sqlx::Any>,
    environment: &EnvironmentName,
    id: &DashboardId,
    version: Option<u32>,
    now: UnixMillis,
) -> Result<PublishOutcome, ControlError> {
    let done = sqlx::query(
        "UPDATE dashboards SET published_version = $1 WHERE environment = $2 AND id = $3",
    )
    .bind(version.map(i64::from))
    .bind(environment.as_str())
    .bind(id.as_str())
    .execute(&mut **transaction)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(PublishOutcome::Missing);
    }
    let event = match version {
        Some(version) => FeedEvent::Published {
            dashboard: id.clone(),
            version,
        },
        None => FeedEvent::Unpublished {
            dashboard: id.clone(),
        },
    };
    super::feed::append(transaction, environment, &event, now).await?;
    Ok(PublishOutcome::Live(version))
}

fn narrow(version: i64) -> Result<u32, ControlError> {
    u32::try_from(version).map_err(|e| ControlError::unreadable("version", e))
}

fn read_json(row: &AnyRow, column: &'static str) -> Result<Value, ControlError> {
    let text: String = row.try_get(column)?;
    serde_json::from_str(&text).map_err(|e| ControlError::unreadable(column, e))
}

fn read_version(row: &AnyRow) -> Result<PublishedVersion, ControlError> {
    Ok(PublishedVersion {
        version: narrow(row.try_get("version")?)?,
        document: read_json(row, "document")?,
    })
}

fn read_dashboard(row: &AnyRow) -> Result<Dashboard, ControlError> {
    let id: String = row.try_get("id")?;
    let published: Option<i64> = row.try_get("published_version")?;
    Ok(Dashboard {
        id: DashboardId::new(id).map_err(|e| ControlError::unreadable("dashboard id", e))?,
        draft: read_json(row, "draft")?,
        revision: row.try_get("revision")?,
        created_at: UnixMillis(row.try_get("created_at")?),
        updated_at: optional_time(row.try_get("updated_at")?).unwrap_or(UnixMillis(0)),
        published_version: published.map(narrow).transpose()?,
    })
}
