//! One case a route: how a tenant turns it against the wall, what it must show, and how its rightful caller asks.

use std::future::Future;
use std::pin::Pin;

use reqwest::Method;
use serde_json::{Value, json};

use super::Asker;
use crate::origin::Origin;

/// One request; method and credential are the route's and the caller's.
pub(super) struct Ask {
    pub(super) path: String,
    pub(super) body: Option<Value>,
    /// The credential stands in the URL.
    pub(super) in_url: bool,
}

/// What a tenant must see of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shows {
    /// Its markers, in one of the answers at least.
    Own,
    /// Its dashboard; a surface holds no figures.
    OwnSurface,
    /// Nothing of any tenant.
    Nothing,
    /// That a session's token is no credential there.
    Refusal,
}

type Asks = fn(&Asker) -> Vec<Ask>;
type Rightful = for<'a> fn(&'a Asker, &'a Origin) -> Pin<Box<dyn Future<Output = Ask> + 'a>>;

pub(super) struct Case {
    /// Method and path as the router has them.
    pub(super) route: (&'static str, &'static str),
    pub(super) shows: Shows,
    /// As a tenant, with its token.
    pub(super) asks: Asks,
    /// As the route's own caller.
    pub(super) rightful: Rightful,
}

/// A case whose rightful caller asks as the tenant does first.
macro_rules! case {
    ($method:literal, $path:literal, $shows:ident, $asks:expr) => {
        case!($method, $path, $shows, $asks, |asker, _| {
            let asks: Asks = $asks;
            let first = asks(asker).into_iter().next();
            Box::pin(async move { first.expect("a case asks at least once") })
        })
    };
    ($method:literal, $path:literal, $shows:ident, $asks:expr, $rightful:expr) => {
        Case {
            route: ($method, $path),
            shows: Shows::$shows,
            asks: $asks,
            rightful: $rightful,
        }
    };
}

pub(super) const CASES: &[Case] = &[
    case!("POST", "/v1/events", Refusal, |asker| vec![body(
        "/v1/events",
        json!({ "tenant_id": asker.own.tenant, "event_name": "call" })
    )]),
    case!("GET", "/v1/query", Refusal, |asker| vec![
        plain(&of_tenant(asker.own.tenant)),
        plain(&of_tenant(asker.other.tenant)),
    ]),
    case!("GET", "/v1/discover", Refusal, |_| vec![plain(
        "/v1/discover"
    )]),
    case!("POST", "/v1/discover/auto-create", Refusal, |_| vec![body(
        "/v1/discover/auto-create",
        json!({})
    )]),
    case!("GET", "/v1/keys", Refusal, |_| vec![plain("/v1/keys")]),
    case!("POST", "/v1/keys", Refusal, |_| vec![body(
        "/v1/keys",
        json!({ "name": "mine", "scope": "admin" })
    )]),
    case!(
        "DELETE",
        "/v1/keys/{id}",
        Refusal,
        |_| vec![plain("/v1/keys/key_0")],
        |_, origin| Box::pin(async move {
            let asked = json!({ "name": "to end", "scope": "ingest" });
            let made = origin.admin(Method::POST, "/v1/keys", asked).await;
            let id = made.expect(201)["id"].as_str().unwrap();
            plain(&format!("/v1/keys/{id}"))
        })
    ),
    case!(
        "POST",
        "/v1/keys/{id}/rotate",
        Refusal,
        |_| vec![body("/v1/keys/key_0/rotate", json!({}))],
        |_, origin| Box::pin(async move {
            let asked = json!({ "name": "to rotate", "scope": "ingest" });
            let made = origin.admin(Method::POST, "/v1/keys", asked).await;
            let id = made.expect(201)["id"].as_str().unwrap();
            body(&format!("/v1/keys/{id}/rotate"), json!({}))
        })
    ),
    case!("GET", "/v1/audit", Refusal, |_| vec![plain("/v1/audit")]),
    case!("GET", "/v1/dashboards", Refusal, |_| vec![plain(
        "/v1/dashboards"
    )]),
    case!("POST", "/v1/dashboards", Refusal, |_| vec![body(
        "/v1/dashboards",
        dashboard()
    )]),
    case!("GET", "/v1/dashboards/{id}", Refusal, |asker| vec![plain(
        &of_dashboard(asker, "")
    )]),
    case!("POST", "/v1/dashboards/validate", Refusal, |_| vec![body(
        "/v1/dashboards/validate",
        dashboard()
    )]),
    case!("POST", "/v1/dashboards/{id}/preview", Refusal, |asker| {
        let of = |tenant: &str| {
            body(
                &of_dashboard(asker, "/preview"),
                json!({ "tenant_id": tenant }),
            )
        };
        vec![of(asker.own.tenant), of(asker.other.tenant)]
    }),
    case!("PUT", "/v1/dashboards/{id}", Refusal, |asker| vec![body(
        &of_dashboard(asker, ""),
        dashboard()
    )]),
    case!("DELETE", "/v1/dashboards/{id}", Refusal, |asker| vec![
        plain(&of_dashboard(asker, ""))
    ]),
    case!("POST", "/v1/dashboards/{id}/publish", Refusal, |asker| {
        vec![plain(&of_dashboard(asker, "/publish"))]
    }),
    case!("POST", "/v1/dashboards/{id}/unpublish", Refusal, |asker| {
        vec![plain(&of_dashboard(asker, "/unpublish"))]
    }),
    case!("GET", "/v1/dashboards/{id}/plan", Refusal, |asker| {
        vec![plain(&of_dashboard(asker, "/plan"))]
    }),
    case!("GET", "/v1/dashboards/{id}/versions", Refusal, |asker| {
        vec![plain(&of_dashboard(asker, "/versions"))]
    }),
    case!(
        "POST",
        "/v1/dashboards/{id}/versions/{version}/publish",
        Refusal,
        |asker| vec![plain(&of_dashboard(asker, "/versions/1/publish"))]
    ),
    case!(
        "POST",
        "/v1/dashboards/{id}/versions/{version}/restore",
        Refusal,
        |asker| vec![plain(&of_dashboard(asker, "/versions/1/restore"))]
    ),
    case!("GET", "/v1/embed-sessions", Refusal, |asker| vec![plain(
        &format!("/v1/embed-sessions?tenant_id={}", asker.own.tenant)
    )]),
    case!("POST", "/v1/embed-sessions", Refusal, |asker| vec![body(
        "/v1/embed-sessions",
        json!({ "tenant_id": asker.own.tenant, "dashboard_id": asker.dashboard })
    )]),
    case!(
        "DELETE",
        "/v1/embed-sessions/{id}",
        Refusal,
        |_| vec![plain("/v1/embed-sessions/es_0")],
        |asker, origin| Box::pin(async move {
            let asked = json!({ "tenant_id": "somebody", "dashboard_id": asker.dashboard });
            let made = origin
                .admin(Method::POST, "/v1/embed-sessions", asked)
                .await;
            let id = made.expect(201)["session_id"].as_str().unwrap();
            plain(&format!("/v1/embed-sessions/{id}"))
        })
    ),
    case!(
        "DELETE",
        "/v1/tenants/{tenant_id}/embed-sessions",
        Refusal,
        |asker| vec![plain(&format!(
            "/v1/tenants/{}/embed-sessions",
            asker.own.tenant
        ))],
        |_, _| Box::pin(async { plain("/v1/tenants/somebody/embed-sessions") })
    ),
    case!(
        "DELETE",
        "/v1/tenants/{tenant_id}/data",
        Refusal,
        |asker| [asker.own.tenant, asker.other.tenant].map(data_of).into(),
        |_, _| Box::pin(async { data_of("somebody") })
    ),
    case!(
        "GET",
        "/v1/tenants/{tenant_id}/data",
        Refusal,
        |asker| [asker.own.tenant, asker.other.tenant].map(data_of).into(),
        |_, origin| Box::pin(async move {
            let path = "/v1/tenants/somebody/data";
            let ordered = origin.admin(Method::DELETE, path, json!({})).await;
            ordered.expect(202);
            data_of("somebody")
        })
    ),
    case!("GET", "/v1/embed/surface", OwnSurface, |_| vec![
        plain("/v1/embed/surface"),
        plain("/v1/embed/surface?tenant_id=tenant-globex"),
    ]),
    case!("POST", "/v1/embed/query", Own, |asker| questions(asker)
        .into_iter()
        .map(|question| body("/v1/embed/query", question))
        .collect()),
    case!("POST", "/v1/embed/rows", Own, |asker| pages(asker)
        .into_iter()
        .map(|page| body("/v1/embed/rows", page))
        .collect()),
    case!("POST", "/v1/embed/values", Own, |asker| lists(asker)
        .into_iter()
        .map(|list| body("/v1/embed/values", list))
        .collect()),
    case!("GET", "/v1/embed/export", Own, |asker| files(asker)
        .iter()
        .map(|file| plain(&format!("/v1/embed/export?{file}")))
        .collect()),
    case!("GET", "/embed/{dashboard_id}", Own, |asker| {
        let path = format!("/embed/{}", asker.dashboard);
        let in_url = Ask {
            in_url: true,
            ..plain(&format!("{path}?token={}", asker.token))
        };
        vec![plain(&path), in_url]
    }),
    case!("GET", "/internal/feed", Refusal, |_| vec![plain(
        "/internal/feed?after=0"
    )]),
    case!("GET", "/embed.js", Nothing, |_| vec![plain("/embed.js")]),
    case!("GET", "/assets/{name}", Nothing, |_| vec![plain(
        "/assets/runtime.js"
    )]),
    case!("GET", "/.well-known/jwks.json", Nothing, |_| vec![plain(
        "/.well-known/jwks.json"
    )]),
    case!("GET", "/openapi.json", Nothing, |_| vec![plain(
        "/openapi.json"
    )]),
    case!("GET", "/docs", Nothing, |_| vec![plain("/docs")]),
    case!("GET", "/v1/schemas/dashboard.json", Nothing, |_| vec![
        plain("/v1/schemas/dashboard.json")
    ]),
    case!("GET", "/healthz", Nothing, |_| vec![plain("/healthz")]),
    case!("GET", "/readyz", Nothing, |_| vec![plain("/readyz")]),
    case!("GET", "/metrics", Nothing, |_| vec![plain("/metrics")]),
];

fn plain(path: &str) -> Ask {
    Ask {
        path: path.to_owned(),
        body: None,
        in_url: false,
    }
}

fn body(path: &str, body: Value) -> Ask {
    Ask {
        body: Some(body),
        ..plain(path)
    }
}

fn of_tenant(tenant: &str) -> String {
    format!("/v1/query?tenant_id={tenant}&event_name=call&group_by=model")
}

fn of_dashboard(asker: &Asker, rest: &str) -> String {
    format!("/v1/dashboards/{}{rest}", asker.dashboard)
}

fn questions(asker: &Asker) -> Vec<Value> {
    let chosen = |value: Value| json!({ "filters": { "dimensions": { "model": value } } });
    vec![
        json!({}),
        json!({ "filters": { "period": "90d" } }),
        chosen(json!([asker.other.model])),
        chosen(json!([asker.own.model, asker.other.model])),
        chosen(json!("' OR 1=1 --")),
        json!({ "filters": { "numericRanges": { "tokens": { "min": 0 } } } }),
        json!({ "filters": { "dimensions": { "tenant_id": asker.other.tenant } } }),
        json!({ "widgets": ["calls", "nothing-of-that-name"] }),
        json!({ "tenant_id": asker.own.tenant }),
    ]
}

fn pages(asker: &Asker) -> Vec<Value> {
    vec![
        json!({ "widget": "calls" }),
        json!({ "widget": "calls", "limit": 500 }),
        json!({ "widget": "calls", "cursor": asker.others_cursor }),
        json!({ "widget": "models", "point": { "group": [asker.other.model] } }),
        json!({ "widget": "models", "point": { "group": [asker.own.model] } }),
        json!({ "widget": "models", "point": { "group": [null] } }),
    ]
}

fn data_of(tenant: &str) -> Ask {
    plain(&format!("/v1/tenants/{tenant}/data"))
}

fn files(asker: &Asker) -> Vec<String> {
    let chosen = json!({ "dimensions": { "model": [asker.other.model] } });
    vec![
        "format=csv&widget=models".to_owned(),
        "widget=days".to_owned(),
        "format=svg&widget=days".to_owned(),
        "widget=pivot".to_owned(),
        "widget=users".to_owned(),
        format!("widget=users&filters={chosen}"),
        format!("widget=users&tenant_id={}", asker.own.tenant),
        "widget=nothing-of-that-name".to_owned(),
    ]
}

fn lists(asker: &Asker) -> Vec<Value> {
    vec![
        json!({ "dimension": "model" }),
        json!({ "dimension": "model", "search": "model" }),
        json!({ "dimension": "model", "search": asker.other.model }),
        json!({ "dimension": "model", "search": "%" }),
        json!({ "dimension": "user_id" }),
        json!({ "dimension": "tenant_id" }),
    ]
}

/// Every kind of widget, over figures that tell the tenants apart.
pub(super) fn dashboard() -> Value {
    let widgets = [
        (
            "calls",
            "kpi",
            "stat",
            json!({ "event_name": "call", "compare": "previous_period" }),
        ),
        (
            "tokens",
            "kpi",
            "stat",
            json!({ "event_name": "call", "metric": "max", "numeric_prop": "tokens" }),
        ),
        (
            "days",
            "timeseries",
            "stacked_bar",
            json!({ "event_name": "call", "group_by": "model" }),
        ),
        (
            "models",
            "breakdown",
            "list",
            json!({ "event_name": "call", "group_by": "model" }),
        ),
        (
            "rest",
            "breakdown",
            "list",
            json!({ "event_name": "call", "group_by": "same", "limit": 1, "metric": "max", "numeric_prop": "tokens" }),
        ),
        (
            "users",
            "table",
            "table",
            json!({ "event_name": "call", "group_by": ["user_id", "model"] }),
        ),
        (
            "pivot",
            "table",
            "pivot",
            json!({ "event_name": "call", "group_by": ["model", "user_id"] }),
        ),
        (
            "steps",
            "breakdown",
            "funnel",
            json!({ "event_name": "", "steps": [{ "event_name": "call" }, { "event_name": "call" }] }),
        ),
        (
            "hours",
            "heatmap",
            "heatmap",
            json!({ "event_name": "call", "metric": "max", "numeric_prop": "tokens" }),
        ),
    ];
    let place = |(index, (id, kind, chart, query)): (usize, (&str, &str, &str, Value))| {
        json!({ "id": id, "kind": kind, "chart": chart, "title": id, "query": query,
                "layout": { "x": 0, "y": index * 2, "w": 12, "h": 2 } })
    };
    let widgets: Vec<Value> = widgets.into_iter().enumerate().map(place).collect();
    json!({
        "name": "Calls",
        "filters": {
            "dimensions": [{ "prop": "model", "multi": true }, { "prop": "user_id", "multi": true }],
            "numeric_ranges": [{ "prop": "tokens" }]
        },
        "widgets": widgets,
    })
}
