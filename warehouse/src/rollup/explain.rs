//! What a plan reads, for the company's own people.

use emban_contract::EnvironmentName;

use super::{WhyEvents, route};
use crate::connection::Warehouse;
use crate::error::QueryError;
use crate::plan::{Feed, Plan, Source};
use crate::sql::{Sql, rollup as sql};

/// What a plan reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// Where from.
    pub feeding: Feeding,
    /// Rows, for the tenant that has most of them.
    pub rows: u64,
}

/// Where a plan's figures come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Feeding {
    /// The events themselves.
    Events {
        /// Why no rollup answers it.
        why: WhyEvents,
    },
    /// Figures of quarters of an hour, hours or days.
    Rollup {
        /// The properties that the rollup's rows are told apart by.
        dimensions: Vec<String>,
        /// Minutes that a row stands for.
        minutes: u32,
    },
}

impl Warehouse {
    /// Says where a plan's figures come from at this moment.
    pub fn feeding(&self, environment: &EnvironmentName, plan: &Plan) -> Feeding {
        match route(plan, &self.keeper(environment).catalog()) {
            Ok(routed) => feeding(&routed.source),
            Err(why) => Feeding::Events { why },
        }
    }

    /// Says what a plan reads, and of the tenant with most rows how many. Reads counts of all tenants: for admins only.
    pub async fn explain(
        &self,
        environment: &EnvironmentName,
        plan: &Plan,
    ) -> Result<Explained, QueryError> {
        let routed = route(plan, &self.keeper(environment).catalog());
        let source = &routed.as_ref().unwrap_or(plan).source;
        let rows = most_rows(&self.database(environment), &sql::most_rows(source)).await?;
        let feeding = match routed {
            Ok(routed) => feeding(&routed.source),
            Err(why) => Feeding::Events { why },
        };
        Ok(Explained { feeding, rows })
    }
}

fn feeding(source: &Source) -> Feeding {
    let shape = match &source.feed {
        Feed::Rollup(ready) => Some(&ready.shape),
        Feed::Events => None,
    };
    Feeding::Rollup {
        dimensions: shape
            .map(|shape| shape.dimensions.clone())
            .unwrap_or_default(),
        minutes: shape
            .map(|shape| shape.bucket.minutes())
            .unwrap_or_default(),
    }
}

async fn most_rows(client: &clickhouse::Client, statement: &Sql) -> Result<u64, QueryError> {
    #[expect(
        clippy::disallowed_methods,
        reason = "counts for the company itself, on no session's behalf"
    )]
    let query = client
        .query_raw(statement.text())
        .with_setting("readonly", "1");
    Ok(statement.bind(query).fetch_one::<u64>().await?)
}
