//! Erasing a tenant: every table that holds rows of tenants, and nobody else's rows.

use clickhouse::Client;
use emban_contract::{EnvironmentName, TenantId};

use crate::connection::Warehouse;
use crate::error::QueryError;
use crate::rollup::RollupsPause;
use crate::schema;
use crate::sql::{Param, Sql};

/// What is left to be done of the erasures of an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasureProgress {
    /// Pieces of tables that are still to be written anew.
    pub remaining_parts: u64,
    /// Why the last piece could not be, if one could not.
    pub failure: Option<String>,
}

impl Warehouse {
    /// Ends the making of rollups until the pause is dropped. Returns when none is being made.
    ///
    /// A rollup is filled from a copy of the events; one that began before an erasure would bring back what it deletes.
    pub async fn pause_rollups(&self, environment: &EnvironmentName) -> RollupsPause {
        self.keeper(environment).pause().await
    }

    /// Deletes all rows of a tenant that are there now, in events, rollups and copies. Rows that come later stay.
    ///
    /// Returns when the warehouse has taken the order, which it then carries out by itself, over restarts too:
    /// [`Self::erasure_progress`] tells how far it is. To be called while no insert is on its way and rollups are paused.
    /// Errors: some tables may have the order already; giving it again is fine.
    pub async fn erase(
        &self,
        environment: &EnvironmentName,
        tenant: &TenantId,
    ) -> Result<(), QueryError> {
        let client = self.database(environment);
        for table in schema::tenant_tables(&client).await? {
            let mut statement = Sql::default();
            statement
                .push("ALTER TABLE ")
                .param(Param::Table(table))
                .push(" DELETE WHERE tenant_id = ")
                .param(Param::Text(tenant.as_str().to_owned()))
                .push(" SETTINGS mutations_sync = 0");
            run(&client, &statement).await?;
        }
        Ok(())
    }

    /// How far the erasures of an environment are, whosever they are.
    pub async fn erasure_progress(
        &self,
        environment: &EnvironmentName,
    ) -> Result<ErasureProgress, QueryError> {
        #[expect(
            clippy::disallowed_methods,
            reason = "reads the list of mutations, not events"
        )]
        let query = self.database(environment).query_raw(
            "SELECT toUInt64(count()), toUInt64(sum(parts_to_do)), max(latest_fail_reason) FROM system.mutations \
             WHERE database = currentDatabase() AND NOT is_done AND position(command, 'DELETE WHERE tenant_id') > 0",
        );
        let (orders, parts, failure) = query.fetch_one::<(u64, u64, String)>().await?;
        Ok(ErasureProgress {
            // An order that has not been looked at yet names no part.
            remaining_parts: parts.max(orders),
            failure: Some(failure).filter(|failure| !failure.is_empty()),
        })
    }
}

async fn run(client: &Client, statement: &Sql) -> Result<(), QueryError> {
    #[expect(
        clippy::disallowed_methods,
        reason = "deletes what the company has ordered to be deleted; reads nothing"
    )]
    let query = client.query_raw(statement.text());
    Ok(statement.bind(query).execute().await?)
}
