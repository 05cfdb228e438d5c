//! Proves on the connected server that its row policies hold, with the events that are there. Writes none.

use clickhouse::Client;
use emban_contract::EnvironmentName;

use crate::connection::Warehouse;
use crate::error::QueryError;
use crate::policy::{self, Login, TENANT_SETTING};

/// What was found out about one promise, as a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// It was tried and holds.
    Holds(String),
    /// It was tried and does not hold.
    Broken(String),
    /// It could not be tried.
    Unproven(String),
}

/// Tries the row policies of an environment: the reading user sees the tenant that it names and nothing else, nothing when
/// it names none, and may not write; a user whom no policy names (`stranger`, made for this and dropped) sees nothing.
///
/// Errors: the server does not answer to the writing user at all.
pub async fn prove_policies(
    warehouse: &Warehouse,
    environment: &EnvironmentName,
    stranger: &Login,
) -> Result<Vec<Finding>, QueryError> {
    let Some(reader) = warehouse.reader(environment) else {
        let text = "no user that only reads is configured: sessions are read as the writing user";
        return Ok(vec![Finding::Unproven(text.to_owned())]);
    };
    let writer = warehouse.database(environment);
    let tenants = tenants(
        &writer,
        "SELECT DISTINCT tenant_id::String FROM events LIMIT 2",
    )
    .await?;
    let Some(tenant) = tenants.first() else {
        let text = "there are no events yet: nothing can be read, whatever the policies say";
        return Ok(vec![Finding::Unproven(text.to_owned())]);
    };
    Ok(vec![
        names_nobody(&reader).await,
        names_a_tenant(&reader, tenant).await,
        cannot_write(&reader).await,
        reads_as_a_stranger(warehouse, environment, stranger).await,
    ])
}

const EVERY_TENANT: &str = "SELECT DISTINCT tenant_id::String FROM events";

async fn names_nobody(reader: &Client) -> Finding {
    match tenants(reader, EVERY_TENANT).await {
        Ok(seen) if !seen.is_empty() => Finding::Broken(format!(
            "the reading user sees {} tenants when it names none",
            seen.len()
        )),
        // A server that refuses shows nothing either.
        Ok(_) | Err(_) => {
            Finding::Holds("the reading user sees nothing when it names no tenant".to_owned())
        }
    }
}

async fn names_a_tenant(reader: &Client, tenant: &str) -> Finding {
    let reader = reader.clone().with_setting(TENANT_SETTING, tenant);
    match tenants(&reader, EVERY_TENANT).await {
        Ok(seen) if seen == [tenant] => {
            Finding::Holds("the reading user sees exactly the tenant that it names".to_owned())
        }
        Ok(seen) => Finding::Broken(format!(
            "the reading user names one tenant and sees {}",
            seen.len()
        )),
        Err(error) => Finding::Broken(format!(
            "the reading user cannot read the tenant that it names: {}",
            cause(&error)
        )),
    }
}

async fn cannot_write(reader: &Client) -> Finding {
    // Writes nothing even where it is allowed.
    match execute(reader, "INSERT INTO events SELECT * FROM events WHERE 0").await {
        Ok(()) => Finding::Broken("the reading user may write".to_owned()),
        Err(_) => Finding::Holds("the reading user may not write".to_owned()),
    }
}

async fn reads_as_a_stranger(
    warehouse: &Warehouse,
    environment: &EnvironmentName,
    login: &Login,
) -> Finding {
    let (make, end) = policy::stranger(environment, login);
    for statement in &make {
        if let Err(error) = execute(warehouse.server(), statement).await {
            // Ends what the first statement may have made; when that was refused, there is nothing to end.
            execute(warehouse.server(), &end).await.ok();
            return Finding::Unproven(format!(
                "no user could be made to try what users without a policy see: {}",
                cause(&error)
            ));
        }
    }
    let seen = tenants(&warehouse.as_user(login, environment), EVERY_TENANT).await;
    if let Err(error) = execute(warehouse.server(), &end).await {
        return Finding::Broken(format!(
            "the user {} was made for this proof and could not be dropped: {}",
            login.user,
            cause(&error)
        ));
    }
    match seen {
        Ok(seen) if seen.is_empty() => {
            Finding::Holds("a user without a policy of its own reads zero rows".to_owned())
        }
        Ok(seen) => Finding::Broken(format!(
            "a user without a policy of its own sees {} tenants",
            seen.len()
        )),
        Err(error) => Finding::Unproven(format!(
            "the user that was made for this proof cannot read: {}",
            cause(&error)
        )),
    }
}

async fn tenants(client: &Client, statement: &str) -> Result<Vec<String>, QueryError> {
    #[expect(
        clippy::disallowed_methods,
        reason = "counts tenants for the company itself, on no session's behalf"
    )]
    let query = client.query_raw(statement).with_setting("readonly", "1");
    Ok(query.fetch_all::<String>().await?)
}

pub(super) async fn execute(client: &Client, statement: &str) -> Result<(), QueryError> {
    #[expect(
        clippy::disallowed_methods,
        reason = "manages users and policies; reads no events"
    )]
    let query = client.query_raw(statement);
    Ok(query.execute().await?)
}

/// What the server said, for the operator.
fn cause(error: &QueryError) -> String {
    let source = std::error::Error::source(error);
    source.map_or_else(|| error.to_string(), ToString::to_string)
}
