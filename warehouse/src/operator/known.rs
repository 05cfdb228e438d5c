//! Whether what a document names was ever sent, by any tenant. Names only, never a value.

use emban_contract::{EnvironmentName, limits};
use serde_json::Value;

use crate::connection::Warehouse;
use crate::error::QueryError;
use crate::property::PropertyPath;
use crate::scoped::read;
use crate::sql::{Param, Sql};

/// Questions of one statement; more are asked in further ones.
const AT_ONCE: usize = 50;

/// Something that a document counts on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Named {
    /// Events of a name.
    Event(String),
    /// A text of events of a name, or of any event.
    Text(Option<String>, String),
    /// A number of events of a name, or of any event.
    Number(Option<String>, String),
}

/// For each thing that is named, whether it was ever sent.
///
/// Cost: one column a property, up to the first event that has it; a property that no event has takes no reading, since
/// it is in no part.
pub async fn known(
    warehouse: &Warehouse,
    environment: &EnvironmentName,
    named: &[Named],
) -> Result<Vec<bool>, QueryError> {
    let client = warehouse.database(environment);
    let mut known = Vec::with_capacity(named.len());
    for some in named.chunks(AT_ONCE) {
        let sql = question(some);
        #[expect(
            clippy::disallowed_methods,
            reason = "asks for the company itself whether a name was ever sent"
        )]
        let query = sql
            .bind(client.query_raw(sql.text()))
            .with_setting("readonly", "1")
            .with_setting("max_execution_time", limits::QUERY_SECONDS.to_string());
        let (rows, _) = read(query).await?;
        let row = rows
            .into_iter()
            .next()
            .ok_or(QueryError::Unreadable(None))?;
        if row.len() != some.len() {
            return Err(QueryError::Unreadable(None));
        }
        known.extend(
            row.iter()
                .map(|cell| cell.as_u64() != Some(0) && *cell != Value::Null),
        );
    }
    Ok(known)
}

fn question(named: &[Named]) -> Sql {
    let mut sql = Sql::default();
    sql.push("SELECT ").list(named, ", ", |sql, named| {
        sql.push("exists(SELECT 1 FROM events WHERE ");
        let event = match named {
            Named::Event(event) => Some(event),
            Named::Text(event, prop) => {
                sql.push("isNotNull(string_props.")
                    .param(Param::Path(PropertyPath::of(prop)))
                    .push(".:String)");
                event.as_ref()
            }
            Named::Number(event, prop) => {
                sql.push("isNotNull(number_props.")
                    .param(Param::Path(PropertyPath::of(prop)))
                    .push(".:Float64)");
                event.as_ref()
            }
        };
        if let Some(event) = event {
            if !matches!(named, Named::Event(_)) {
                sql.push(" AND ");
            }
            sql.push("event_name = ").param(Param::Text(event.clone()));
        }
        sql.push(" LIMIT 1)");
    });
    sql
}
