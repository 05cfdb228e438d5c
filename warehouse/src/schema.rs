//! The database of an environment, and how it comes to be.

use std::collections::BTreeSet;

use clickhouse::Client;

use crate::error::QueryError;

/// Migrations in order. One that was shipped is never edited; each statement may run again without harm, since two origins
/// may start at once.
const MIGRATIONS: &[(u32, &[&str])] = &[
    (1, &[include_str!("schema/0001_events.sql")]),
    (
        2,
        &[
            include_str!("schema/0002_rollups.sql"),
            include_str!("schema/0002_rollup_catalog.sql"),
        ],
    ),
    (3, &[include_str!("schema/0003_user_hashes.sql")]),
];

/// The tables that hold rows of tenants for as long as the rows are kept, each with a column `tenant_id`. Every wall
/// names all of them.
pub(crate) const TENANT_TABLES: [&str; 2] = ["events", "rollups"];

/// Begins the name of a table that holds rows of tenants only while rollups are filled.
pub(crate) const BACKFILL_PREFIX: &str = "rollup_backfill_";

const CREATE_DATABASE: &str = "CREATE DATABASE IF NOT EXISTS {database:Identifier}";

const CREATE_MIGRATIONS: &str = "
CREATE TABLE IF NOT EXISTS schema_migrations (version UInt32, applied_at DateTime64(3, 'UTC'))
ENGINE = MergeTree ORDER BY version";

/// Why a database could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// A statement failed; those before it hold, and a later attempt goes on from there.
    #[error("migration {version} of database {database} failed")]
    Failed {
        /// Which migration; 0 is the creation of the database.
        version: u32,
        /// Of which database.
        database: String,
        /// What the warehouse said.
        #[source]
        source: QueryError,
    },
    /// The database was written by a later release; this one must not guess what changed.
    #[error("database {database} is at version {found}, this release knows {known}")]
    TooNew {
        /// Which database.
        database: String,
        /// Its version.
        found: u32,
        /// The latest that this release knows.
        known: u32,
    },
}

/// Asks for nothing but an answer.
pub(crate) async fn ping(client: &Client) -> Result<(), QueryError> {
    execute(client, "SELECT 1").await
}

/// Every table that holds rows of tenants at this moment: where an erasure has to look.
pub(crate) async fn tenant_tables(client: &Client) -> Result<Vec<String>, QueryError> {
    #[expect(
        clippy::disallowed_methods,
        reason = "reads names of tables, not events"
    )]
    let query = client
        .query_raw(
            "SELECT name FROM system.tables WHERE database = currentDatabase() \
             AND (name IN {kept:Array(String)} OR startsWith(name, {passing:String})) ORDER BY name",
        )
        .param("kept", TENANT_TABLES.as_slice())
        .param("passing", BACKFILL_PREFIX);
    Ok(query.fetch_all::<String>().await?)
}

/// Creates a database if it is not there, and runs the migrations that it lacks.
pub(crate) async fn migrate(client: &Client, database: &str) -> Result<(), MigrateError> {
    let failed = |version| {
        move |source| MigrateError::Failed {
            version,
            database: database.to_owned(),
            source,
        }
    };
    #[expect(
        clippy::disallowed_methods,
        reason = "creates the database; reads no events"
    )]
    let create = client
        .query_raw(CREATE_DATABASE)
        .param("database", database);
    create
        .execute()
        .await
        .map_err(QueryError::from)
        .map_err(failed(0))?;
    let client = client.clone().with_database(database);
    execute(&client, CREATE_MIGRATIONS)
        .await
        .map_err(failed(0))?;
    let applied = applied(&client).await.map_err(failed(0))?;
    let known = MIGRATIONS.last().map_or(0, |(version, _)| *version);
    if let Some(found) = applied.last().copied().filter(|found| *found > known) {
        return Err(MigrateError::TooNew {
            database: database.to_owned(),
            found,
            known,
        });
    }
    for (version, statements) in MIGRATIONS
        .iter()
        .filter(|(version, _)| !applied.contains(version))
    {
        for statement in *statements {
            execute(&client, statement)
                .await
                .map_err(failed(*version))?;
        }
        record(&client, *version).await.map_err(failed(*version))?;
    }
    Ok(())
}

async fn execute(client: &Client, statement: &'static str) -> Result<(), QueryError> {
    #[expect(
        clippy::disallowed_methods,
        reason = "runs the statements of this module; reads no events"
    )]
    let query = client.query_raw(statement);
    Ok(query.execute().await?)
}

async fn applied(client: &Client) -> Result<BTreeSet<u32>, QueryError> {
    #[expect(
        clippy::disallowed_methods,
        reason = "reads the list of migrations, not events"
    )]
    let query = client.query_raw("SELECT version FROM schema_migrations");
    Ok(query.fetch_all::<u32>().await?.into_iter().collect())
}

async fn record(client: &Client, version: u32) -> Result<(), QueryError> {
    #[expect(
        clippy::disallowed_methods,
        reason = "writes the list of migrations, not events"
    )]
    let query = client
        .query_raw("INSERT INTO schema_migrations SELECT {version:UInt32}, now64(3)")
        .param("version", version);
    Ok(query.execute().await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrations_are_numbered_from_one_without_gaps() {
        let versions: Vec<u32> = MIGRATIONS.iter().map(|(version, _)| *version).collect();
        let expect: Vec<u32> = (1..).take(versions.len()).collect();
        assert_eq!(versions, expect);
    }
}
