//! The only place where SQL on events is run for a session.

mod export;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use clickhouse::Client;
use clickhouse::query::Query;
use emban_contract::embed::{RowsAnswer, ValuesAnswer, WidgetData, WidgetResult};
use emban_contract::{TenantId, UnixMillis, WidgetId, limits};
use futures_util::StreamExt as _;
use serde::Deserialize;
use serde_json::Value;

use crate::decode;
use crate::error::QueryError;
use crate::plan::{Plan, Planned, Question, RowsPlan, ValuesPlan};
use crate::policy::TENANT_SETTING;
use crate::rollup::{Catalog, route};
use crate::scan::{Scan, scans};
use crate::schema::TENANT_TABLES;
use crate::scope::TenantScope;
use crate::sql::{self, Sql};

pub use export::Export;

/// Queries of one request that run at the same time. The engine itself spreads a query over cores.
const CONCURRENT_QUERIES: usize = 4;

/// Memory of one query, in bytes: 1 GiB holds the exact distinct users of some ten million events.
const MEMORY_BYTES: u64 = 1 << 30;

/// Rows of one answer: the largest legal one is 13 series of 3000 points, 39,000 rows.
const RESULT_ROWS: u64 = 100_000;

/// Bytes of one answer, 64 MiB: a page of drill-down with long texts; more than a browser should get.
const RESULT_BYTES: u64 = 64 << 20;

/// How much longer than the engine this side waits, so that the engine's own answer about the limit can arrive.
const GRACE: Duration = Duration::from_secs(2);

/// Reads the rows of one tenant. The only type that can run SQL on events.
#[derive(Clone)]
pub struct ScopedWarehouse {
    client: Client,
    scope: TenantScope,
    /// The client's user stands under a row policy, which has to be told the tenant.
    under_policy: bool,
    rollups: Arc<Catalog>,
    rows_read: Arc<AtomicU64>,
}

/// The part of the format `JSONCompact` that is read.
#[derive(Deserialize)]
struct Answer {
    data: Vec<Vec<Value>>,
}

impl ScopedWarehouse {
    pub(crate) fn new(client: Client, scope: TenantScope, rollups: Arc<Catalog>) -> Self {
        Self {
            client,
            scope,
            under_policy: false,
            rollups,
            rows_read: Arc::default(),
        }
    }

    /// With the client of a user whose row policy goes by the tenant that is named with each read.
    pub(crate) fn under_policy(client: Client, scope: TenantScope, rollups: Arc<Catalog>) -> Self {
        Self {
            under_policy: true,
            ..Self::new(client, scope, rollups)
        }
    }

    /// Answers the widgets of a request, some at a time; one that fails does not concern the others.
    ///
    /// Each is answered from a rollup where one holds what it asks; those that read the same rows share a query. `now` is
    /// the freshness that the answers carry. What failed in the warehouse is logged here: the browser's part names no
    /// cause. Dropping the future ends the queries.
    pub async fn answer(
        &self,
        widgets: &[Planned],
        now: UnixMillis,
    ) -> BTreeMap<WidgetId, WidgetResult> {
        let mut results = BTreeMap::new();
        let mut plans = Vec::new();
        for (index, widget) in widgets.iter().enumerate() {
            match &widget.plan {
                Ok(plan) => plans.push((index, self.routed(plan))),
                Err(error) => {
                    let (code, error) = (error.code(), error.to_string());
                    results.insert(widget.id.clone(), WidgetResult::Error { code, error });
                }
            }
        }
        let scans = scans(plans);
        // Futures first: a closure over `self` that lends to its future is not general enough for `Send`.
        let asked: Vec<_> = scans.iter().map(|scan| self.answer_scan(scan)).collect();
        let mut answers = futures_util::stream::iter(asked).buffer_unordered(CONCURRENT_QUERIES);
        while let Some(answered) = answers.next().await {
            for (index, figures) in answered {
                if let Some(widget) = widgets.get(index) {
                    results.insert(widget.id.clone(), result(&widget.id, figures, now));
                }
            }
        }
        results
    }

    fn routed(&self, plan: &Plan) -> Plan {
        route(plan, &self.rollups).unwrap_or_else(|_| plan.clone())
    }

    async fn answer_scan(&self, scan: &Scan) -> Vec<(usize, Result<WidgetData, QueryError>)> {
        let mut answers = Vec::with_capacity(scan.members.len());
        match self.run(&statement(&scan.plan)).await {
            Ok(rows) => {
                for member in &scan.members {
                    let own = scan.rows_of(member, &rows);
                    let data = own.and_then(|rows| decode::widget(&member.plan, &rows));
                    answers.push((member.index, data.ok_or(QueryError::Unreadable(None))));
                }
            }
            // Too much for all together may be enough for each.
            Err(error) if scan.members.len() > 1 && error.is_of_the_query() => {
                for member in &scan.members {
                    answers.push((member.index, self.figures(&member.plan).await));
                }
            }
            Err(error) => {
                let shared = error.code();
                let mut first = Some(error);
                for member in &scan.members {
                    let error = first.take().unwrap_or(QueryError::Shared(shared));
                    answers.push((member.index, Err(error)));
                }
            }
        }
        answers
    }

    async fn figures(&self, plan: &Plan) -> Result<WidgetData, QueryError> {
        let rows = self.run(&statement(plan)).await?;
        decode::widget(plan, &rows).ok_or(QueryError::Unreadable(None))
    }

    /// Rows that the engine has read for this value and its clones.
    pub fn rows_read(&self) -> u64 {
        self.rows_read.load(Ordering::Relaxed)
    }

    /// Reads a page of the events behind a number.
    pub async fn rows(&self, plan: &RowsPlan) -> Result<RowsAnswer, QueryError> {
        let rows = self.run(&sql::rows(plan)).await?;
        decode::rows(plan, &rows).ok_or(QueryError::Unreadable(None))
    }

    /// Reads the values of a dimension.
    pub async fn values(&self, plan: &ValuesPlan) -> Result<ValuesAnswer, QueryError> {
        let rows = self.run(&sql::values(plan)).await?;
        decode::values(&rows).ok_or(QueryError::Unreadable(None))
    }

    async fn run(&self, sql: &Sql) -> Result<Vec<Vec<Value>>, QueryError> {
        let (rows, read) = read(self.confined(self.query(sql))).await?;
        self.rows_read.fetch_add(read, Ordering::Relaxed);
        Ok(rows)
    }

    /// The statement with its parameters, the tenant among them: wall 3.
    fn query(&self, sql: &Sql) -> Query {
        #[expect(
            clippy::disallowed_methods,
            reason = "the one place that reads events, under the tenant's scope"
        )]
        let query = self
            .client
            .query_raw(sql.text())
            .param("scope_tenant", self.scope.tenant().as_str());
        sql.bind(query)
    }

    /// The engine's own bounds, whatever the SQL says: wall 4.
    fn confined(&self, query: Query) -> Query {
        let settings = [
            ("readonly", "1".to_owned()),
            (
                "additional_table_filters",
                table_filters(self.scope.tenant()),
            ),
            (
                "cancel_http_readonly_queries_on_client_close",
                "1".to_owned(),
            ),
            ("max_execution_time", limits::QUERY_SECONDS.to_string()),
            ("timeout_overflow_mode", "throw".to_owned()),
            ("max_memory_usage", MEMORY_BYTES.to_string()),
            ("max_result_rows", RESULT_ROWS.to_string()),
            ("max_result_bytes", RESULT_BYTES.to_string()),
            ("result_overflow_mode", "throw".to_owned()),
        ];
        let named = self
            .under_policy
            .then(|| (TENANT_SETTING, self.scope.tenant().as_str().to_owned()));
        settings
            .into_iter()
            .chain(named)
            .fold(query, |query, (name, value)| {
                query.with_setting(name, value)
            })
    }
}

/// What a widget's figures are on the wire.
fn result(
    widget: &WidgetId,
    figures: Result<WidgetData, QueryError>,
    now: UnixMillis,
) -> WidgetResult {
    match figures {
        Ok(data) => WidgetResult::Ok {
            data,
            freshness: now,
        },
        Err(error) => {
            let (code, text) = (error.code(), error.to_string());
            let error: &(dyn std::error::Error + 'static) = &error;
            tracing::error!(widget = widget.as_str(), error, "a widget's query failed");
            WidgetResult::Error { code, error: text }
        }
    }
}

/// Runs a query and reads all of its answer; returns how many rows the engine has read, too.
pub(crate) async fn read(query: Query) -> Result<(Vec<Vec<Value>>, u64), QueryError> {
    let mut cursor = query
        .with_setting("output_format_json_quote_64bit_integers", "0")
        // NaN and infinities as text: as null they would look like nothing measured, which a sum writes as 0.
        .with_setting("output_format_json_quote_denormals", "1")
        // Whole answers only: an error after the first row gets a status of its own.
        .with_setting("wait_end_of_query", "1")
        .fetch_bytes("JSONCompact")?;
    let deadline = Duration::from_secs(limits::QUERY_SECONDS.into()) + GRACE;
    let bytes = tokio::time::timeout(deadline, cursor.collect())
        .await
        .map_err(|_| QueryError::Timeout(None))??;
    let answer: Answer =
        serde_json::from_slice(&bytes).map_err(|error| QueryError::Unreadable(Some(error)))?;
    let read = cursor.summary().and_then(|summary| summary.read_rows());
    Ok((answer.data, read.unwrap_or_default()))
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        statement(self).fmt(f)
    }
}

impl fmt::Display for RowsPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        sql::rows(self).fmt(f)
    }
}

impl fmt::Display for ValuesPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        sql::values(self).fmt(f)
    }
}

/// The statement that a plan asks.
pub(crate) fn statement(plan: &Plan) -> Sql {
    match &plan.question {
        Question::Scalar { measures } => sql::scalar(&plan.source, measures),
        Question::Conversion(funnel) | Question::Funnel(funnel) => {
            sql::funnel(&plan.source, funnel)
        }
        Question::Series(series) => sql::series(&plan.source, series),
        Question::Table(table) => sql::table(&plan.source, table),
        Question::Heatmap { measure, offsets } => sql::heatmap(&plan.source, measure, offsets),
        Question::Pivot {
            groups,
            measure,
            limits,
        } => sql::pivot(&plan.source, groups, measure, *limits),
    }
}

/// The engine's own filter on every table of events.
///
/// The tenant is written in hexadecimal, so that there is nothing to escape in the condition, nor in the map around it.
fn table_filters(tenant: &TenantId) -> String {
    let mut hex = String::with_capacity(tenant.as_str().len() * 2);
    for byte in tenant.as_str().bytes() {
        for nibble in [byte >> 4, byte & 0xF] {
            hex.extend(char::from_digit(u32::from(nibble), 16));
        }
    }
    let filter = ["': 'tenant_id = unhex(\\'", &hex, "\\')'"].concat();
    let tables = TENANT_TABLES.map(|table| ["'", table, &filter].concat());
    ["{", &tables.join(", "), "}"].concat()
}

#[cfg(test)]
#[path = "../tests/engine/process.rs"]
mod process;

#[cfg(test)]
mod tests {
    use emban_contract::event::Event;
    use emban_contract::permissions::Permissions;
    use emban_contract::{DashboardId, EnvironmentName, OrganisationId, Props, SessionId};
    use emban_session::{AUDIENCE, Claims, Jwks, Minter, Verifier, issuer};
    use secrecy::SecretString;

    use super::process::{ENGINE, SECRET};
    use super::*;
    use crate::{Warehouse, WarehouseConfig};

    const TENANTS: &[&str] = &[
        "acme",
        "globex",
        "'",
        "\\",
        "\\'",
        "') OR 1=1 --",
        "{scope_tenant:String}",
        "\\')'}",
        "株式会社",
        "%27",
        "a\"b",
    ];

    fn scope(environment: &EnvironmentName, tenant: &str) -> TenantScope {
        let organisation = OrganisationId::new("acme").unwrap();
        let minter = Minter::new(organisation.clone(), environment.clone(), &[7; 32]);
        let claims = Claims {
            iss: issuer(&organisation),
            aud: AUDIENCE.to_owned(),
            sub: SessionId::new("es_test").unwrap(),
            iat: 1000,
            nbf: 1000,
            exp: 2000,
            org: organisation.clone(),
            env: environment.clone(),
            tenant: TenantId::new(tenant).unwrap(),
            dash: DashboardId::new("dash_test").unwrap(),
            perm: Permissions::default(),
        };
        let verifier = Verifier::new(
            organisation,
            &Jwks {
                keys: vec![minter.public_key().clone()],
            },
        )
        .unwrap();
        TenantScope::from(
            &verifier
                .verify(&minter.mint(&claims).unwrap(), UnixMillis(1_500_000))
                .unwrap(),
        )
    }

    /// One event of each tenant, and the scopes of all.
    async fn scoped_to_each(environment: &str) -> Vec<(&'static str, ScopedWarehouse)> {
        let environment = EnvironmentName::new(environment).unwrap();
        let warehouse = Warehouse::new(&WarehouseConfig {
            url: ENGINE.url.clone(),
            user: Some("default".to_owned()),
            password: Some(SecretString::from(SECRET)),
            reader: None,
        });
        warehouse.migrate(&environment).await.unwrap();
        let event = |tenant: &&str| Event {
            tenant_id: TenantId::new(*tenant).unwrap(),
            event_name: "e".to_owned(),
            timestamp: UnixMillis(1_774_000_000_000),
            event_id: "1".to_owned(),
            user_id: (*tenant).to_owned(),
            string_props: Props::default(),
            numeric_props: Props::default(),
        };
        let events: Vec<Event> = TENANTS.iter().map(event).collect();
        warehouse
            .writer(&environment)
            .insert(&events, "batch")
            .await
            .unwrap();
        TENANTS
            .iter()
            .map(|tenant| (*tenant, warehouse.scoped(scope(&environment, tenant))))
            .collect()
    }

    #[tokio::test]
    async fn the_engines_filter_stands_without_the_predicate() {
        // Statements that forget the tenant, as no plan does.
        for forgetful in [
            "SELECT user_id FROM events",
            "SELECT user_id FROM (SELECT * FROM events AS e) UNION ALL SELECT user_id FROM events WHERE 0",
        ] {
            for (tenant, scoped) in scoped_to_each("wall-4").await {
                let mut sql = Sql::default();
                sql.push(forgetful);
                assert_eq!(
                    scoped.run(&sql).await.unwrap(),
                    [[Value::from(tenant)]],
                    "{forgetful}"
                );
                // The other way to the engine, that of files.
                let mut lines = scoped.lines(&sql).await.unwrap();
                let first = lines.next().await.unwrap();
                assert_eq!(first, Some(vec![Value::from(tenant)]), "{forgetful}");
                assert_eq!(lines.next().await.unwrap(), None, "{forgetful}");
            }
        }
    }

    #[tokio::test]
    async fn the_predicate_stands_without_the_engines_filter() {
        let mut sql = Sql::default();
        sql.push("SELECT user_id FROM events WHERE tenant_id = {scope_tenant:String}");
        for (tenant, scoped) in scoped_to_each("wall-3").await {
            assert_eq!(
                read(scoped.query(&sql)).await.unwrap().0,
                [[Value::from(tenant)]]
            );
        }
    }

    #[tokio::test]
    #[expect(
        clippy::disallowed_methods,
        reason = "puts rows where a view would, to see whose are read"
    )]
    async fn the_engines_filter_stands_on_rollups_too() {
        let environment = EnvironmentName::new("wall-4-rollups").unwrap();
        let scopes = scoped_to_each(environment.as_str()).await;
        for (tenant, scoped) in scopes {
            let mut insert = Sql::default();
            insert
                .push("INSERT INTO rollups (tenant_id, rollup_id, timestamp) SELECT ")
                .param(sql::Param::Text(tenant.to_owned()))
                .push(", 1, now64(3)");
            insert
                .bind(scoped.client.query_raw(insert.text()))
                .execute()
                .await
                .unwrap();
            let mut forgetful = Sql::default();
            forgetful.push("SELECT tenant_id FROM rollups");
            assert_eq!(
                scoped.run(&forgetful).await.unwrap(),
                [[Value::from(tenant)]]
            );
        }
    }

    #[tokio::test]
    async fn a_read_cannot_write() {
        for (_, scoped) in scoped_to_each("wall-readonly").await {
            let mut sql = Sql::default();
            sql.push("INSERT INTO events SELECT * FROM events");
            assert!(matches!(
                scoped.run(&sql).await,
                Err(QueryError::Refused(_))
            ));
        }
    }

    #[test]
    fn no_tenant_can_end_the_text_of_its_filter() {
        for tenant in ["acme", "'", "\\", "')} --", "{x:String}", "株式会社"] {
            let filter = table_filters(&TenantId::new(tenant).unwrap());
            let parts: Vec<&str> = filter
                .strip_prefix(r"{'events': 'tenant_id = unhex(\'")
                .and_then(|rest| rest.strip_suffix(r"\')'}"))
                .unwrap()
                .split(r"\')', 'rollups': 'tenant_id = unhex(\'")
                .collect();
            assert_eq!(parts.len(), 2, "{filter}");
            assert!(
                parts.concat().bytes().all(|b| b.is_ascii_hexdigit()),
                "{filter}"
            );
        }
    }
}
