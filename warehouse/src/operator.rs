//! Questions of the company that runs Emban, across its tenants. Never for a session.

pub mod discovery;
mod known;
mod proof;

use std::collections::BTreeMap;

use emban_contract::{EnvironmentName, UnixMillis};

use crate::connection::Warehouse;
use crate::error::QueryError;

pub use known::{Named, known};
pub use proof::{Finding, prove_policies};

/// The server's version and its clock.
pub async fn identify(warehouse: &Warehouse) -> Result<(String, UnixMillis), QueryError> {
    #[expect(
        clippy::disallowed_methods,
        reason = "asks the server about itself; reads no events"
    )]
    let query = warehouse
        .server()
        .query_raw("SELECT version(), toUnixTimestamp64Milli(now64(3))");
    let (version, now) = query.fetch_one::<(String, i64)>().await?;
    Ok((version, UnixMillis(now)))
}

/// Runs the statements of [`crate::policy::statements`], as a user that may manage users.
///
/// Errors: the statement that the server refused, with its answer.
pub async fn apply_policies(
    warehouse: &Warehouse,
    statements: &[String],
) -> Result<(), (String, QueryError)> {
    for statement in statements {
        proof::execute(warehouse.server(), statement)
            .await
            .map_err(|error| (statement.clone(), error))?;
    }
    Ok(())
}

/// Counts the events of each tenant of an environment.
pub async fn count_by_tenant(
    warehouse: &Warehouse,
    environment: &EnvironmentName,
) -> Result<BTreeMap<String, u64>, QueryError> {
    let client = warehouse.database(environment);
    #[expect(
        clippy::disallowed_methods,
        reason = "counts for the company itself, on no session's behalf"
    )]
    let query = client
        .query_raw("SELECT tenant_id::String, count() FROM events GROUP BY tenant_id")
        .with_setting("readonly", "1");
    Ok(query
        .fetch_all::<(String, u64)>()
        .await?
        .into_iter()
        .collect())
}
