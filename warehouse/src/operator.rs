//! Questions of the company that runs Emban, across its tenants. Never for a session.

use std::collections::BTreeMap;

use emban_contract::EnvironmentName;

use crate::connection::Warehouse;
use crate::error::QueryError;

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
