//! The schema, step by step. A step that was released is never changed; what follows is a new step.

use std::time::Duration;

use sqlx::{AnyPool, Row as _};

use super::ControlError;

/// Each step is a list of statements that both SQLite and PostgreSQL understand.
const STEPS: &[&[&str]] = &[
    &[
        "CREATE TABLE api_keys (
        id TEXT PRIMARY KEY,
        environment TEXT NOT NULL,
        name TEXT NOT NULL,
        scope TEXT NOT NULL,
        hash TEXT NOT NULL UNIQUE,
        prefix TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        expires_at BIGINT,
        last_used_at BIGINT,
        revoked_at BIGINT
    )",
        "CREATE TABLE dashboards (
        id TEXT PRIMARY KEY,
        environment TEXT NOT NULL,
        draft TEXT NOT NULL,
        revision BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        published_version BIGINT
    )",
        "CREATE INDEX dashboards_by_environment ON dashboards (environment, created_at)",
        "CREATE TABLE dashboard_versions (
        dashboard_id TEXT NOT NULL,
        version BIGINT NOT NULL,
        document TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        PRIMARY KEY (dashboard_id, version)
    )",
        "CREATE TABLE embed_sessions (
        id TEXT PRIMARY KEY,
        environment TEXT NOT NULL,
        tenant_id TEXT NOT NULL,
        dashboard_id TEXT NOT NULL,
        issued_at BIGINT NOT NULL,
        expires_at BIGINT NOT NULL,
        revoked_at BIGINT,
        opened_at BIGINT
    )",
        "CREATE INDEX embed_sessions_by_tenant ON embed_sessions (environment, tenant_id, issued_at)",
        "CREATE TABLE feed (
        sequence BIGINT PRIMARY KEY,
        environment TEXT NOT NULL,
        at BIGINT NOT NULL,
        event TEXT NOT NULL
    )",
    ],
    &[
        "CREATE TABLE audit (
        id TEXT PRIMARY KEY,
        environment TEXT NOT NULL,
        at BIGINT NOT NULL,
        key_id TEXT NOT NULL,
        action TEXT NOT NULL,
        path TEXT NOT NULL,
        status BIGINT NOT NULL,
        request_id TEXT NOT NULL,
        details TEXT
    )",
        "CREATE INDEX audit_by_time ON audit (environment, at, id)",
        "CREATE TABLE idempotency (
        environment TEXT NOT NULL,
        route TEXT NOT NULL,
        idempotency_key TEXT NOT NULL,
        request_hash TEXT NOT NULL,
        answer TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        PRIMARY KEY (environment, route, idempotency_key)
    )",
        "CREATE INDEX idempotency_by_time ON idempotency (created_at)",
    ],
];

/// How often a preparation is tried: another origin that starts at the same moment may be at the same step.
const ATTEMPTS: u32 = 20;
/// Between two attempts.
const PAUSE: Duration = Duration::from_millis(100);

/// Runs the statements with which a database is opened, and then the steps that it has not seen, each in a transaction of
/// its own.
///
/// Neither database makes a table "if it is not there" safely under two at once: who loses the race fails whole, and
/// finds the step done when it looks again.
pub(super) async fn run(pool: &AnyPool, opening: &[&'static str]) -> Result<(), ControlError> {
    let mut attempt = 1;
    loop {
        match attempt_run(pool, opening).await {
            Err(error) if attempt < ATTEMPTS => {
                tracing::debug!(%error, attempt, "the database could not be prepared; trying again");
                attempt += 1;
                tokio::time::sleep(PAUSE).await;
            }
            result => return result,
        }
    }
}

async fn attempt_run(pool: &AnyPool, opening: &[&'static str]) -> Result<(), ControlError> {
    for statement in opening {
        sqlx::query(*statement).execute(pool).await?;
    }
    sqlx::query("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)")
        .execute(pool)
        .await?;
    let row = sqlx::query("SELECT COALESCE(MAX(version), 0) AS version FROM schema_version")
        .fetch_one(pool)
        .await?;
    let current: i64 = row.try_get("version")?;
    for (version, statements) in (1_i64..).zip(STEPS) {
        if version <= current {
            continue;
        }
        let mut transaction = pool.begin().await?;
        for statement in *statements {
            sqlx::query(*statement).execute(&mut *transaction).await?;
        }
        sqlx::query("INSERT INTO schema_version (version) VALUES ($1)")
            .bind(version)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
    }
    Ok(())
}
