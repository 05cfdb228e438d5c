//! The control plane's database: keys, dashboards, versions, sessions, and the feed for the edges.
//!
//! SQLite in the data directory by default, PostgreSQL by URL; one set of queries for both, so only what both
//! speak: numbered parameters, `BIGINT` and `TEXT`. Times are Unix milliseconds.

mod audit;
mod dashboards;
mod feed;
mod idempotency;
mod keys;
mod migrations;
mod sessions;

use std::path::Path;
use std::time::Duration;

use emban_contract::UnixMillis;
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{AnyPool, ConnectOptions as _};

pub use audit::AuditCursor;
pub use dashboards::{Dashboard, PublishOutcome, PublishedVersion, Replaced, VersionSummary};
pub use idempotency::{Answered, Known, Once};
pub use keys::{FoundKey, Rotation};
pub use sessions::SessionRecord;

/// A handle on the database. Cheap to clone.
#[derive(Clone)]
pub struct Control {
    pool: AnyPool,
}

/// Why the database did not answer.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// The database itself.
    #[error("control database: {0}")]
    Database(#[from] sqlx::Error),
    /// A row holds what this version cannot read.
    #[error("control database holds an unreadable {what}: {reason}")]
    Unreadable {
        /// Which value.
        what: &'static str,
        /// Why.
        reason: String,
    },
}

/// How long a connection may take to be had. A database that is down is said to be down, not waited for.
const ACQUIRE_TIME: Duration = Duration::from_secs(5);

impl ControlError {
    fn unreadable(what: &'static str, reason: impl std::fmt::Display) -> Self {
        Self::Unreadable {
            what,
            reason: reason.to_string(),
        }
    }
}

/// Connections to a PostgreSQL server.
const POSTGRES_CONNECTIONS: u32 = 16;

/// With what a SQLite file is opened. Its first change to a write-ahead log does not wait for another process that opens it.
const SQLITE_OPENING: [&str; 4] = [
    "PRAGMA busy_timeout = 5000",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
];

impl Control {
    /// Opens the SQLite file of a data directory, making it when it is missing, and brings it up to date.
    pub async fn open_sqlite(file: &Path) -> Result<Self, ControlError> {
        let url = format!("sqlite://{}?mode=rwc", file.display());
        // One connection: SQLite has one writer anyway, and each call is well under a millisecond.
        let control = Self::connect(&url, 1).await?;
        migrations::run(&control.pool, &SQLITE_OPENING).await?;
        Ok(control)
    }

    /// Connects to a database by URL (`postgres://…`) and brings it up to date.
    pub async fn open_url(url: &str) -> Result<Self, ControlError> {
        let control = Self::connect(url, POSTGRES_CONNECTIONS).await?;
        migrations::run(&control.pool, &[]).await?;
        Ok(control)
    }

    async fn connect(url: &str, connections: u32) -> Result<Self, ControlError> {
        sqlx::any::install_default_drivers();
        let options: AnyConnectOptions = url.parse()?;
        let options = options.disable_statement_logging();
        let pool = AnyPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(ACQUIRE_TIME)
            .connect_with(options)
            .await?;
        Ok(Self { pool })
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), ControlError> {
        sqlx::query("SELECT 1").execute(&self.pool).await?;
        Ok(())
    }
}

fn optional_time(ms: Option<i64>) -> Option<UnixMillis> {
    ms.map(UnixMillis)
}
