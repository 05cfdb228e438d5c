//! Two tenants with the same events but for their markers: no route shows the one anything of the other.
//!
//! Each route of the OpenAPI document, which holds all that the router serves, has its case here. A route without one
//! fails the suite; there is no list of exceptions.

mod cases;

use std::collections::BTreeSet;

use emban_server::router::{Caller, routes};
use reqwest::Method;
use serde_json::{Value, json};

use crate::origin::{ADMIN_KEY, Answer, EDGE_SECRET, Origin, answer};
use cases::{Ask, CASES, Case, Shows};

/// What only one tenant's events hold.
#[derive(Clone, Copy)]
pub(super) struct Marks {
    tenant: &'static str,
    model: &'static str,
    user: &'static str,
    number: u32,
}

const ACME: Marks = Marks {
    tenant: "tenant-acme",
    model: "model-of-acme",
    user: "user-of-acme",
    number: 41_414_141,
};
const GLOBEX: Marks = Marks {
    tenant: "tenant-globex",
    model: "model-of-globex",
    user: "user-of-globex",
    number: 52_525_252,
};

impl Marks {
    /// Whether a text holds anything of this tenant's events.
    fn are_in(&self, text: &str) -> bool {
        [self.model, self.user, &self.number.to_string()]
            .iter()
            .any(|mark| text.contains(mark))
    }
}

/// A dashboard with every kind of widget.
pub(crate) fn dashboard_of_every_kind() -> Value {
    cases::dashboard()
}

/// One operation of the OpenAPI document.
#[derive(Debug)]
struct Described {
    method: String,
    path: String,
    caller: Caller,
}

/// The routes as the document describes them: a route that the router serves and the document leaves out is not hidden
/// by that, because the two are compared.
fn described() -> Vec<Described> {
    let document = emban_server::openapi::document(&routes());
    let mut found = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            found.push(Described {
                method: method.to_ascii_uppercase(),
                path: path.clone(),
                caller: caller(&operation["security"]),
            });
        }
    }
    found
}

fn caller(security: &Value) -> Caller {
    let Some(way) = security[0].as_object() else {
        return Caller::Anyone;
    };
    let (scheme, roles) = way.iter().next().unwrap();
    match (scheme.as_str(), roles[0].as_str()) {
        ("key", Some("admin")) => Caller::AdminKey,
        ("key", Some("read")) => Caller::ReadKey,
        ("key", Some("ingest")) => Caller::IngestKey,
        ("session", None) => Caller::Session,
        ("edge", None) => Caller::EdgeSecret,
        other => panic!("{other:?} is no caller that the suite knows"),
    }
}

/// A tenant that asks, and what it knows.
pub(super) struct Asker {
    own: Marks,
    other: Marks,
    dashboard: String,
    token: String,
    /// Where the other tenant's second page begins.
    others_cursor: String,
}

async fn with_two_tenants() -> (Origin, String) {
    let origin = Origin::start();
    let timestamp = emban_server::app::now().to_string();
    let event = |marks: &Marks, id: usize| {
        json!({ "tenant_id": marks.tenant, "event_name": "call", "event_id": id.to_string(), "timestamp": timestamp,
                "user_id": marks.user, "string_props": { "model": marks.model, "same": "x" },
                "numeric_props": { "tokens": marks.number } })
    };
    let events: Vec<Value> = [ACME, GLOBEX]
        .iter()
        .flat_map(|marks| (0..3).map(move |id| event(marks, id)))
        .collect();
    origin.ingest(json!(events)).await.expect(200);
    let dashboard = origin.publish(cases::dashboard()).await;
    (origin, dashboard)
}

async fn askers(origin: &Origin, dashboard: &str) -> [Asker; 2] {
    let mut tokens = Vec::new();
    let mut cursors = Vec::new();
    for marks in [ACME, GLOBEX] {
        let token = origin.token(marks.tenant, dashboard, json!({})).await;
        origin.await_value(&token, "calls", 3.0).await;
        let first = json!({ "widget": "calls", "limit": 1 });
        let page = origin.embed("/v1/embed/rows", &token, first).await;
        let cursor = page.expect(200)["next_cursor"].as_str();
        cursors.push(cursor.expect("a second page").to_owned());
        tokens.push(token);
    }
    let asker = |own: Marks, other: Marks, index: usize| Asker {
        own,
        other,
        dashboard: dashboard.to_owned(),
        token: tokens[index].clone(),
        others_cursor: cursors[1 - index].clone(),
    };
    [asker(ACME, GLOBEX, 0), asker(GLOBEX, ACME, 1)]
}

async fn send(origin: &Origin, route: &Described, ask: &Ask, credential: &str) -> Answer {
    let method: Method = route.method.parse().unwrap();
    let mut request = origin
        .client
        .request(method, format!("{}{}", origin.url, ask.path));
    if !ask.in_url {
        request = request.bearer_auth(credential);
    }
    answer(match &ask.body {
        Some(body) => request.json(body),
        None => request,
    })
    .await
}

/// All that came back, as one text.
fn whole(answer: &Answer) -> String {
    let headers = answer.headers.iter();
    let lines = headers.map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes());
        format!("{name}: {value}\n")
    });
    lines.collect::<String>() + &answer.text
}

async fn try_case(origin: &Origin, route: &Described, case: &Case, asker: &Asker) -> usize {
    let asks = (case.asks)(asker);
    let mut shown = 0;
    for ask in &asks {
        let answer = send(origin, route, ask, &asker.token).await;
        let text = whole(&answer);
        let label = format!("{} {} {:?}", route.method, ask.path, ask.body);
        assert!(!asker.other.are_in(&text), "{label} leaks: {text}");
        assert!(
            !text.contains(asker.other.tenant),
            "{label} names another tenant: {text}"
        );
        assert!(answer.status < 500, "{label}: {text}");
        match case.shows {
            Shows::Own => shown += usize::from(asker.own.are_in(&text)),
            Shows::OwnSurface => shown += usize::from(answer.text.contains("\"calls\"")),
            Shows::Nothing => assert!(!asker.own.are_in(&text), "{label} shows a tenant: {text}"),
            Shows::Refusal => {
                answer.refused(401, "unauthorized");
            }
        }
    }
    if matches!(case.shows, Shows::Own | Shows::OwnSurface) {
        assert!(
            shown > 0,
            "{} {}: its own data is not there",
            route.method,
            route.path
        );
    }
    asks.len()
}

fn find(route: &Described) -> &'static Case {
    CASES
        .iter()
        .find(|case| case.route == (route.method.as_str(), route.path.as_str()))
        .unwrap_or_else(|| {
            panic!(
                "{} {}: add a case to isolation/cases.rs",
                route.method, route.path
            )
        })
}

#[tokio::test]
async fn no_route_shows_a_tenant_anything_of_another() {
    let (origin, dashboard) = with_two_tenants().await;
    let (mut asked, routes) = (0, described());
    for asker in askers(&origin, &dashboard).await {
        for route in &routes {
            asked += try_case(&origin, route, find(route), &asker).await;
        }
    }
    let log = origin.log();
    assert!(
        log.contains("answered"),
        "the log is read at the level that says most"
    );
    for marks in [ACME, GLOBEX] {
        assert!(!marks.are_in(&log), "the log holds {}", marks.model);
        assert!(
            !log.contains(marks.tenant),
            "the log names {}",
            marks.tenant
        );
    }
    println!(
        "{} of {} routes covered, {asked} answers looked at, 0 leaks",
        CASES.len(),
        routes.len()
    );
}

#[test]
fn every_case_is_of_a_route_and_the_tenant_sees_itself_where_it_should() {
    let served: BTreeSet<_> = routes().iter().map(|r| (r.method, r.path)).collect();
    let described = described();
    let in_document = described
        .iter()
        .map(|r| (r.method.as_str(), r.path.as_str()));
    assert_eq!(served, in_document.collect::<BTreeSet<_>>());
    for case in CASES {
        assert!(
            served.contains(&case.route),
            "{:?} is not served",
            case.route
        );
    }
    for route in described {
        let shows = find(&route).shows;
        match route.caller {
            Caller::AdminKey | Caller::ReadKey | Caller::IngestKey | Caller::EdgeSecret => {
                assert_eq!(shows, Shows::Refusal, "{route:?}");
            }
            Caller::Session => {
                assert!(matches!(shows, Shows::Own | Shows::OwnSurface), "{route:?}")
            }
            Caller::Anyone => assert_eq!(shows, Shows::Nothing, "{route:?}"),
        }
    }
}

/// What a session is refused its rightful caller gets: the refusals above mean something.
#[tokio::test]
async fn every_route_answers_its_rightful_caller() {
    let (origin, dashboard) = with_two_tenants().await;
    let [asker, _] = askers(&origin, &dashboard).await;
    for route in described() {
        let credential = match route.caller {
            Caller::AdminKey | Caller::ReadKey | Caller::IngestKey => ADMIN_KEY,
            Caller::EdgeSecret => EDGE_SECRET,
            Caller::Session | Caller::Anyone => &asker.token,
        };
        // Some of them end what they name.
        let sacrifice = origin.publish(cases::dashboard()).await;
        let named = Asker {
            dashboard: match route.caller {
                Caller::AdminKey => sacrifice,
                _ => dashboard.clone(),
            },
            token: asker.token.clone(),
            others_cursor: String::new(),
            ..asker
        };
        let ask = (find(&route).rightful)(&named, &origin).await;
        let answer = send(&origin, &route, &ask, credential).await;
        assert!(
            (200..300).contains(&answer.status),
            "{} {}: {} {}",
            route.method,
            ask.path,
            answer.status,
            answer.text
        );
    }
}

#[tokio::test]
async fn what_another_environment_keeps_is_as_unknown_as_what_was_never_there() {
    let environments = [("EMBAN_ENVIRONMENTS", "production,development")];
    let origin = Origin::start_with(&environments);
    let dashboard = origin.publish(cases::dashboard()).await;
    let session = json!({ "tenant_id": "acme", "dashboard_id": dashboard });
    let session = origin
        .admin(Method::POST, "/v1/embed-sessions", session)
        .await;
    let session = session.expect(201)["session_id"].as_str().unwrap();
    let stranger = origin.restarted_with_key_of("development,production");
    for (method, path, unknown) in [
        (
            Method::GET,
            format!("/v1/dashboards/{dashboard}"),
            "/v1/dashboards/dash_unknown",
        ),
        (
            Method::DELETE,
            format!("/v1/dashboards/{dashboard}"),
            "/v1/dashboards/dash_unknown",
        ),
        (
            Method::POST,
            format!("/v1/dashboards/{dashboard}/publish"),
            "/v1/dashboards/dash_unknown/publish",
        ),
        (
            Method::GET,
            format!("/v1/dashboards/{dashboard}/versions"),
            "/v1/dashboards/dash_unknown/versions",
        ),
        (
            Method::DELETE,
            format!("/v1/embed-sessions/{session}"),
            "/v1/embed-sessions/es_unknown",
        ),
    ] {
        let forbidden = stranger.foreign(method.clone(), &path).await;
        let unknown = stranger.foreign(method.clone(), unknown).await;
        forbidden.refused(404, "not_found");
        assert_eq!(
            (forbidden.status, &forbidden.body["error"]),
            (unknown.status, &unknown.body["error"]),
            "{method} {path}"
        );
    }
    let listed = stranger.foreign(Method::GET, "/v1/dashboards").await;
    assert_eq!(listed.expect(200)["dashboards"], json!([]));
    let sessions = "/v1/embed-sessions?tenant_id=acme";
    let listed = stranger.foreign(Method::GET, sessions).await;
    assert_eq!(listed.expect(200)["sessions"], json!([]));
    // All of it is still there for its own environment.
    let path = format!("/v1/dashboards/{dashboard}");
    let own = stranger.get(&path, ADMIN_KEY).await;
    assert_eq!(own.expect(200)["published_version"], 1);
    let own = stranger.get(sessions, ADMIN_KEY).await;
    assert_eq!(own.expect(200)["sessions"][0]["session_id"], session);
}
