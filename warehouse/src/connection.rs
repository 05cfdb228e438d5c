//! The connection to ClickHouse. It runs no query by itself.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use clickhouse::Client;
use emban_contract::dashboard::DashboardDocument;
use emban_contract::{EnvironmentName, UnixMillis};
use secrecy::{ExposeSecret as _, SecretString};

use crate::error::QueryError;
use crate::policy::Login;
use crate::rollup::{Keeper, RollupError};
use crate::schema::{self, MigrateError};
use crate::scope::TenantScope;
use crate::scoped::ScopedWarehouse;
use crate::writer::Writer;

/// Where ClickHouse is.
#[derive(Debug, Clone)]
pub struct WarehouseConfig {
    /// Of its HTTP interface, such as `http://127.0.0.1:8123`.
    pub url: String,
    /// The server's default user when not given.
    pub user: Option<String>,
    /// Its password.
    pub password: Option<SecretString>,
    /// A user that only reads, under a row policy that names the tenant; reads of sessions use it when it is given.
    pub reader: Option<Login>,
}

/// Connection pool. Has no query method, no `Deref` and no getter for the client.
///
/// One serves all environments: which database is read follows from the session, which one is written from the key.
#[derive(Clone)]
pub struct Warehouse {
    client: Client,
    /// Of the reading user.
    reader: Option<Client>,
    keepers: Arc<Mutex<HashMap<EnvironmentName, Arc<Keeper>>>>,
}

impl Warehouse {
    /// Prepares connections; connects with the first request.
    pub fn new(config: &WarehouseConfig) -> Self {
        // Row types are checked by the tests of this crate: validation would ask for the table's columns before inserts,
        // and it does not know the binary form of JSON.
        let anyone = Client::default()
            .with_url(&config.url)
            .with_validation(false);
        let reader = config.reader.as_ref().map(|login| {
            let client = anyone.clone().with_user(login.user.as_str());
            client.with_password(login.password.expose_secret())
        });
        let mut client = anyone;
        if let Some(user) = &config.user {
            client = client.with_user(user);
        }
        if let Some(password) = &config.password {
            client = client.with_password(password.expose_secret());
        }
        Self {
            client,
            reader,
            keepers: Arc::default(),
        }
    }

    /// Asks for nothing but an answer.
    pub async fn ping(&self) -> Result<(), QueryError> {
        schema::ping(&self.client).await
    }

    /// Creates or updates an environment's database. May be called any number of times, also by several origins at once.
    pub async fn migrate(&self, environment: &EnvironmentName) -> Result<(), MigrateError> {
        schema::migrate(&self.client, &database_name(environment)).await
    }

    /// Writes events of one environment.
    pub fn writer(&self, environment: &EnvironmentName) -> Writer {
        Writer::new(self.database(environment), self.keeper(environment))
    }

    /// Reads the rows of one tenant: the only way to run SQL on events for a session.
    pub fn scoped(&self, scope: TenantScope) -> ScopedWarehouse {
        let rollups = self.keeper(scope.environment()).catalog();
        match self.reader(scope.environment()) {
            Some(reader) => ScopedWarehouse::under_policy(reader, scope, rollups),
            None => ScopedWarehouse::new(self.database(scope.environment()), scope, rollups),
        }
    }

    /// Makes the rollups that the live dashboards of an environment want, and retires those that none wants.
    ///
    /// Returns when they are filled, which may take minutes; events are written meanwhile. It begins between two batches,
    /// and after a start only when [`Writer::settle`] was said.
    /// Errors leave what was done: calling again goes on from there.
    pub async fn follow_dashboards(
        &self,
        environment: &EnvironmentName,
        live: &[Arc<DashboardDocument>],
        now: UnixMillis,
    ) -> Result<(), RollupError> {
        let client = self.database(environment);
        self.keeper(environment).follow(&client, live, now).await
    }

    /// Reads anew which rollups there are: another origin may have made some. A list older than a minute is not used.
    pub async fn refresh_rollups(&self, environment: &EnvironmentName) -> Result<(), QueryError> {
        let client = self.database(environment);
        self.keeper(environment).refresh(&client).await
    }

    /// Every table of an environment that holds rows of tenants now, in a column `tenant_id` beside others.
    pub async fn tenant_tables(
        &self,
        environment: &EnvironmentName,
    ) -> Result<Vec<String>, QueryError> {
        schema::tenant_tables(&self.database(environment)).await
    }

    pub(crate) fn keeper(&self, environment: &EnvironmentName) -> Arc<Keeper> {
        let mut keepers = self.keepers.lock().unwrap_or_else(PoisonError::into_inner);
        keepers.entry(environment.clone()).or_default().clone()
    }

    pub(crate) fn server(&self) -> &Client {
        &self.client
    }

    pub(crate) fn reader(&self, environment: &EnvironmentName) -> Option<Client> {
        let database = database_name(environment);
        Some(self.reader.clone()?.with_database(database))
    }

    /// The same server with another user's eyes.
    pub(crate) fn as_user(&self, login: &Login, environment: &EnvironmentName) -> Client {
        let client = self.database(environment).with_user(login.user.as_str());
        client.with_password(login.password.expose_secret())
    }

    pub(crate) fn database(&self, environment: &EnvironmentName) -> Client {
        self.client
            .clone()
            .with_database(database_name(environment))
    }
}

/// The database of an environment: `emban_` and its name, with `_` written `__` and `-` written `_m`.
///
/// ClickHouse reads `-` only in quotes; the doubling keeps `a-b`, `a_b` and `a_mb` three databases.
pub(crate) fn database_name(environment: &EnvironmentName) -> String {
    let escaped = environment.as_str().replace('_', "__").replace('-', "_m");
    ["emban_", &escaped].concat()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn two_environments_never_share_a_database() {
        let names = [
            "production",
            "a-b",
            "a_b",
            "a_mb",
            "a__b",
            "a_-b",
            "a-_b",
            "a--b",
        ];
        let databases: BTreeSet<String> = names
            .iter()
            .map(|name| database_name(&EnvironmentName::new(*name).unwrap()))
            .collect();
        assert_eq!(databases.len(), names.len());
        assert!(databases.contains("emban_production"));
        assert!(
            databases
                .iter()
                .all(|name| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
        );
    }
}
