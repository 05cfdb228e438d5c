//! How long events are kept: a TTL on every table that holds rows of tenants for good.

use std::num::NonZeroU32;
use std::time::Duration;

use clickhouse::Client;
use emban_contract::EnvironmentName;

use crate::connection::Warehouse;
use crate::error::QueryError;
use crate::rollup::RollupsPause;
use crate::schema::TENANT_TABLES;
use crate::sql::{Param, Sql};

/// How often the warehouse is asked whether it has gone through all that is there.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// The warehouse on its way through what was there before a change. No rollup is made meanwhile: its copy of the events
/// would bring back what is too old.
pub struct Retaining {
    client: Client,
    _no_rollups: RollupsPause,
}

impl Warehouse {
    /// Keeps the events of an environment, and their rollups, for so many days after their own time; for ever when `None`.
    ///
    /// The warehouse drops what is older by itself, within hours; after a change it goes through all that is there, and the
    /// answer is what to wait for. Nothing is done when it is so already. Call [`Self::migrate`] before.
    pub async fn retain(
        &self,
        environment: &EnvironmentName,
        days: Option<NonZeroU32>,
    ) -> Result<Option<Retaining>, QueryError> {
        let client = self.database(environment);
        let wanted = days.map_or(0, NonZeroU32::get);
        let mut tables = retained(&client).await?;
        tables.retain(|(_, now)| *now != wanted);
        if tables.is_empty() {
            return Ok(None);
        }
        let no_rollups = self.pause_rollups(environment).await;
        for (table, _) in tables {
            // The time of a rollup's row is the beginning of its bucket, which may be a day.
            let hours = if table == "events" { 0 } else { 24 };
            let mut statement = Sql::default();
            statement.push("ALTER TABLE ").param(Param::Table(table));
            match days {
                Some(days) => statement
                    .push(" MODIFY TTL toDateTime(timestamp) + toIntervalHour(")
                    .param(Param::UInt(hours))
                    .push(") + toIntervalDay(")
                    .param(Param::UInt(days.get().into()))
                    .push(")"),
                None => statement.push(" REMOVE TTL"),
            };
            order(&client, &statement).await?;
        }
        Ok(Some(Retaining {
            client,
            _no_rollups: no_rollups,
        }))
    }
}

impl Retaining {
    /// Waits until the warehouse has gone through all that was there, however long it takes.
    pub async fn finished(self) {
        loop {
            match left(&self.client).await {
                Ok(0) => return,
                Ok(_) => {}
                Err(error) => {
                    tracing::debug!(%error, "whether old events are gone cannot be seen now")
                }
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

/// The days for which each table keeps its rows; 0 is for ever.
async fn retained(client: &Client) -> Result<Vec<(String, u32)>, QueryError> {
    #[expect(
        clippy::disallowed_methods,
        reason = "reads how tables are made, not events"
    )]
    let query = client
        .query_raw(
            "SELECT name, toUInt32OrZero(extract(engine_full, 'toIntervalDay[^0-9]*([0-9]+)')) FROM system.tables \
             WHERE database = currentDatabase() AND name IN {tables:Array(String)} ORDER BY name",
        )
        .param("tables", TENANT_TABLES.as_slice());
    Ok(query.fetch_all::<(String, u32)>().await?)
}

/// Tables that are still to be gone through.
async fn left(client: &Client) -> Result<u64, QueryError> {
    #[expect(
        clippy::disallowed_methods,
        reason = "reads the list of mutations, not events"
    )]
    let query = client.query_raw(
        "SELECT toUInt64(count()) FROM system.mutations \
         WHERE database = currentDatabase() AND NOT is_done AND position(command, 'MATERIALIZE TTL') > 0",
    );
    Ok(query.fetch_one::<u64>().await?)
}

async fn order(client: &Client, statement: &Sql) -> Result<(), QueryError> {
    #[expect(
        clippy::disallowed_methods,
        reason = "changes how long rows are kept; reads nothing"
    )]
    let query = client.query_raw(statement.text());
    Ok(statement.bind(query).execute().await?)
}
