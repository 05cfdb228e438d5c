//! A database of its own, real sessions, and questions in the public vocabulary.

use std::collections::BTreeMap;
use std::sync::Arc;

use emban_contract::dashboard::DashboardDocument;
use emban_contract::embed::{
    QueryRequest, RowsAnswer, RowsRequest, ValuesAnswer, ValuesRequest, WidgetData, WidgetResult,
};
use emban_contract::event::Event;
use emban_contract::permissions::Permissions;
use emban_contract::{
    DashboardId, EnvironmentName, OrganisationId, SessionId, TenantId, UnixMillis, WidgetId,
};
use emban_session::{AUDIENCE, Claims, Jwks, Minter, VerifiedSession, Verifier, issuer};
use emban_warehouse::{Feeding, TenantScope, View, Warehouse, WarehouseConfig};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::process::{ENGINE, SECRET};

pub(crate) struct Bench {
    pub(crate) warehouse: Warehouse,
    pub(crate) environment: EnvironmentName,
    pub(crate) now: UnixMillis,
}

pub(crate) fn at(text: &str) -> UnixMillis {
    UnixMillis::parse(text).unwrap_or_else(|| panic!("{text} is no date-time"))
}

pub(crate) fn connect() -> Warehouse {
    Warehouse::new(&WarehouseConfig {
        url: ENGINE.url.clone(),
        user: Some("default".to_owned()),
        password: Some(SecretString::from(SECRET)),
        reader: None,
    })
}

impl Bench {
    /// A fresh database; `name` is used by one test only.
    pub(crate) async fn new(name: &str, now: &str) -> Self {
        let bench = Self {
            warehouse: connect(),
            environment: EnvironmentName::new(name).unwrap(),
            now: at(now),
        };
        bench.warehouse.migrate(&bench.environment).await.unwrap();
        bench
    }

    /// Makes the rollups that documents want.
    pub(crate) async fn follow(&self, live: &[Arc<DashboardDocument>]) {
        self.warehouse.writer(&self.environment).settle();
        let following = self
            .warehouse
            .follow_dashboards(&self.environment, live, self.now);
        following.await.unwrap();
    }

    /// The same database, by way of an origin that knows of no rollup.
    pub(crate) fn without_rollups(&self) -> Self {
        Self {
            warehouse: connect(),
            environment: self.environment.clone(),
            now: self.now,
        }
    }

    /// Where the figures of a dashboard's only widget come from.
    pub(crate) fn feeding(
        &self,
        session: &VerifiedSession,
        document: &DashboardDocument,
        filters: Value,
    ) -> Feeding {
        let request: QueryRequest = serde_json::from_value(json!({ "filters": filters })).unwrap();
        let planned = self.view(session, document).widgets(&request).unwrap();
        let plan = planned[0].plan.as_ref().unwrap();
        self.warehouse.feeding(&self.environment, plan)
    }

    pub(crate) async fn insert(&self, events: &[Event]) {
        for (index, batch) in events.chunks(50_000).enumerate() {
            let first = batch.first().map_or("", |event| event.event_id.as_str());
            let token = format!("{}-{first}-{}-{index}", self.environment, events.len());
            self.warehouse
                .writer(&self.environment)
                .insert(batch, &token)
                .await
                .unwrap();
        }
    }

    /// A session, signed and verified as in production.
    pub(crate) fn session(&self, tenant: &str, permissions: Value) -> VerifiedSession {
        let organisation = OrganisationId::new("acme").unwrap();
        let minter = Minter::new(organisation.clone(), self.environment.clone(), &[7; 32]);
        let permissions: Permissions = serde_json::from_value(permissions).unwrap();
        let claims = Claims {
            iss: issuer(&organisation),
            aud: AUDIENCE.to_owned(),
            sub: SessionId::new("es_test").unwrap(),
            iat: self.now.seconds(),
            nbf: self.now.seconds(),
            exp: self.now.seconds() + 3600,
            org: organisation.clone(),
            env: self.environment.clone(),
            tenant: TenantId::new(tenant).unwrap(),
            dash: DashboardId::new("dash_test").unwrap(),
            perm: permissions,
        };
        let jwks = Jwks {
            keys: vec![minter.public_key().clone()],
        };
        let token = minter.mint(&claims).unwrap();
        Verifier::new(organisation, &jwks)
            .unwrap()
            .verify(&token, self.now)
            .unwrap()
    }

    pub(crate) async fn results(
        &self,
        session: &VerifiedSession,
        document: &DashboardDocument,
        filters: Value,
    ) -> BTreeMap<WidgetId, WidgetResult> {
        let request: QueryRequest = serde_json::from_value(json!({ "filters": filters })).unwrap();
        let planned = self.view(session, document).widgets(&request).unwrap();
        self.warehouse
            .scoped(TenantScope::from(session))
            .answer(&planned, self.now)
            .await
    }

    /// The data of a dashboard's only widget.
    pub(crate) async fn ask(
        &self,
        session: &VerifiedSession,
        document: &DashboardDocument,
        filters: Value,
    ) -> WidgetData {
        match self
            .results(session, document, filters)
            .await
            .into_values()
            .next()
        {
            Some(WidgetResult::Ok { data, .. }) => data,
            other => panic!("{document:?} was answered {other:?}"),
        }
    }

    pub(crate) async fn rows(
        &self,
        session: &VerifiedSession,
        document: &DashboardDocument,
        request: Value,
    ) -> RowsAnswer {
        let request: RowsRequest = serde_json::from_value(request).unwrap();
        let plan = self.view(session, document).rows(&request).unwrap();
        self.warehouse
            .scoped(TenantScope::from(session))
            .rows(&plan)
            .await
            .unwrap()
    }

    pub(crate) async fn values(
        &self,
        session: &VerifiedSession,
        document: &DashboardDocument,
        request: Value,
    ) -> ValuesAnswer {
        let request: ValuesRequest = serde_json::from_value(request).unwrap();
        let plan = self.view(session, document).values(&request).unwrap();
        self.warehouse
            .scoped(TenantScope::from(session))
            .values(&plan)
            .await
            .unwrap()
    }

    pub(crate) fn view<'a>(
        &self,
        session: &'a VerifiedSession,
        document: &'a DashboardDocument,
    ) -> View<'a> {
        View {
            document,
            permissions: session.permissions(),
            now: self.now,
        }
    }
}

/// A dashboard of one widget, `w`, with all filters of `filters`.
pub(crate) fn dashboard(
    kind: &str,
    chart: &str,
    query: Value,
    filters: Value,
) -> DashboardDocument {
    serde_json::from_value(json!({
        "name": "test",
        "filters": filters,
        "widgets": [{"id": "w", "kind": kind, "chart": chart, "query": query, "layout": {"x": 0, "y": 0, "w": 12, "h": 4}}],
    }))
    .unwrap()
}

/// An event with properties; `id` is unique within its tenant.
pub(crate) fn event(
    tenant: &str,
    id: &str,
    time: UnixMillis,
    texts: &[(&str, &str)],
    numbers: &[(&str, f64)],
) -> Event {
    Event {
        tenant_id: TenantId::new(tenant).unwrap(),
        event_name: "e".to_owned(),
        timestamp: time,
        event_id: id.to_owned(),
        user_id: String::new(),
        string_props: texts
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        numeric_props: numbers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), *value))
            .collect(),
    }
}

pub(crate) fn as_json(value: impl serde::Serialize) -> Value {
    serde_json::to_value(value).unwrap()
}
