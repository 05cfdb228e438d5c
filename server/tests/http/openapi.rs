//! The OpenAPI document holds: its examples succeed, and answers are what it says.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use emban_server::router::routes;
use jsonschema::Validator;
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::origin::{ADMIN_KEY, Answer, EDGE_SECRET, Origin, answer, calls_dashboard};

/// The dashboard that the examples name.
const DASHBOARD: &str = "dash_0123456789abcdef";

/// One operation of the document.
struct Operation<'d> {
    document: &'d Value,
    method: Method,
    path: &'d str,
    members: &'d Value,
}

fn operations(document: &Value) -> Vec<Operation<'_>> {
    let mut found = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, members) in methods.as_object().unwrap() {
            let method = method.to_ascii_uppercase().parse().unwrap();
            found.push(Operation {
                document,
                method,
                path,
                members,
            });
        }
    }
    found
}

impl Operation<'_> {
    fn label(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// A schema of the document as one that stands by itself.
    fn validator(&self, schema: &Value) -> Validator {
        let whole = json!({ "allOf": [schema], "components": self.document["components"] });
        jsonschema::options()
            .should_validate_formats(true)
            .build(&whole)
            .unwrap_or_else(|error| panic!("{}: {error}", self.label()))
    }

    fn check(&self, schema: &Value, value: &Value) {
        let problems: Vec<String> = self
            .validator(schema)
            .iter_errors(value)
            .map(|error| format!("{} at {}", error, error.instance_path()))
            .collect();
        assert!(
            problems.is_empty(),
            "{}: {problems:?} in {value}",
            self.label()
        );
    }

    /// Fails when an answer is not one of those described.
    fn check_answer(&self, answer: &Answer) {
        let status = answer.status.to_string();
        let mut described = &self.members["responses"][&status];
        if let Some(reference) = described["$ref"].as_str() {
            described = self.document.pointer(&reference[1..]).unwrap();
        }
        assert!(
            described.is_object(),
            "{}: {status} is not described: {}",
            self.label(),
            answer.text
        );
        for name in described["headers"].as_object().into_iter().flatten() {
            assert!(answer.headers.contains_key(name.0), "{}", self.label());
        }
        let Some(content) = described["content"].as_object() else {
            return assert_eq!(answer.text, "", "{}", self.label());
        };
        let kind = answer.headers["content-type"].to_str().unwrap();
        let kind = kind.split(';').next().unwrap();
        let schema = content.get(kind).or_else(|| content.get("*/*"));
        let schema = schema.unwrap_or_else(|| panic!("{}: {kind} is not described", self.label()));
        if kind.ends_with("json") {
            self.check(&schema["schema"], &answer.body);
        }
    }

    /// Its path with the parameters of the example.
    fn url(&self, ids: &Ids) -> String {
        let mut path = self.path.to_owned();
        let mut query = Vec::new();
        for parameter in self.members["parameters"].as_array().into_iter().flatten() {
            let json = &parameter["content"]["application/json"];
            let (example, name) = match json {
                Value::Object(json) => (json.get("example"), &parameter["name"]),
                _ => (parameter.get("example"), &parameter["name"]),
            };
            let (Some(example), Some(name)) = (example, name.as_str()) else {
                continue;
            };
            let text = match example {
                Value::String(text) => text.clone(),
                Value::Array(_) if !json.is_object() => example[0].as_str().unwrap().to_owned(),
                other => other.to_string(),
            };
            match parameter["in"].as_str().unwrap() {
                "path" => {
                    let text = ids.instead_of(&text);
                    path = path.replace(&format!("{{{name}}}"), text);
                }
                "query" => query.push((name, text)),
                _ => {}
            }
        }
        if query.is_empty() {
            return path;
        }
        let base = reqwest::Url::parse("http://origin").unwrap();
        let url = reqwest::Url::parse_with_params(base.join(&path).unwrap().as_str(), query);
        url.unwrap().as_str().replace("http://origin", "")
    }

    fn credential(&self, ids: &Ids) -> String {
        match self.scheme() {
            Some(("key", _)) => ADMIN_KEY.to_owned(),
            Some(("edge", _)) => EDGE_SECRET.to_owned(),
            _ => ids.token.clone(),
        }
    }

    fn scheme(&self) -> Option<(&str, Option<&str>)> {
        let way = self.members["security"][0].as_object()?;
        let (name, roles) = way.iter().next()?;
        Some((name, roles[0].as_str()))
    }
}

/// What the examples name and every origin names otherwise.
struct Ids {
    key: String,
    session: String,
    token: String,
}

impl Ids {
    /// Fresh ones: some operations end what they name.
    async fn make(origin: &Origin) -> Self {
        let key = json!({ "name": "of the examples", "scope": "read" });
        let key = origin.admin(Method::POST, "/v1/keys", key).await;
        let session = json!({ "tenant_id": "acme", "dashboard_id": DASHBOARD });
        let session = origin
            .admin(Method::POST, "/v1/embed-sessions", session)
            .await;
        let text =
            |answer: &Answer, name: &str| answer.expect(201)[name].as_str().unwrap().to_owned();
        Self {
            key: text(&key, "id"),
            session: text(&session, "session_id"),
            token: text(&session, "token"),
        }
    }

    fn instead_of<'t>(&'t self, example: &'t str) -> &'t str {
        match example {
            "key_0123456789abcdef" => &self.key,
            "es_0123456789abcdef" => &self.session,
            other => other,
        }
    }
}

/// Makes the dashboard of the examples, whatever became of it, and publishes it.
async fn publish_example(origin: &Origin, document: &Value) {
    let path = format!("/v1/dashboards/{DASHBOARD}");
    let draft = &document["paths"]["/v1/dashboards"]["post"]["requestBody"]["content"]["application/json"]
        ["example"];
    if origin.get(&path, ADMIN_KEY).await.status == 404 {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), draft.to_string()).unwrap();
        let file = file.path().to_str().unwrap();
        let pushed = origin.run(&["dashboards", "push", file, "--id", DASHBOARD]);
        assert!(pushed.status.success(), "{pushed:?}");
    }
    origin
        .admin(Method::PUT, &path, draft.clone())
        .await
        .expect(200);
    let publish = format!("{path}/publish");
    origin
        .admin(Method::POST, &publish, json!({}))
        .await
        .expect(204);
}

async fn document(origin: &Origin) -> Value {
    let served = origin.get("/openapi.json", "").await;
    served.expect(200).clone()
}

#[tokio::test]
async fn every_example_succeeds_and_is_answered_as_described() {
    let origin = Origin::start();
    let document = document(&origin).await;
    let mut operations = operations(&document);
    // Events first, so that there is something to discover; the end of a dashboard last.
    operations.sort_by_key(|operation| match operation.label().as_str() {
        "POST /v1/events" => 0,
        "DELETE /v1/dashboards/{id}" => 2,
        _ => 1,
    });
    let mut sent = 0;
    for operation in &operations {
        publish_example(&origin, &document).await;
        let ids = Ids::make(&origin).await;
        let (url, credential) = (operation.url(&ids), operation.credential(&ids));
        let content = &operation.members["requestBody"]["content"];
        let forms: Vec<_> = content.as_object().into_iter().flatten().collect();
        let request = || origin.request(operation.method.clone(), &url, &credential);
        if forms.is_empty() {
            let answer = answer(request()).await;
            assert!(answer.status < 300, "{url}: {}", answer.text);
            operation.check_answer(&answer);
            sent += 1;
        }
        for (kind, form) in forms {
            operation.check(&form["schema"], &form["example"]);
            let body = match &form["example"] {
                Value::String(text) => text.clone(),
                example => example.to_string(),
            };
            let answer = answer(request().header("content-type", kind).body(body)).await;
            assert!(answer.status < 300, "{url}: {}", answer.text);
            operation.check_answer(&answer);
            sent += 1;
        }
        if operation.path == "/v1/events" {
            let waits = |answer: &Answer| answer.body["events"][0]["count"] == 4;
            origin
                .await_answer("/v1/discover?days=3660", ADMIN_KEY, waits)
                .await;
        }
    }
    println!("{sent} examples of {} operations", operations.len());
    assert!(sent > operations.len());
}

#[tokio::test]
async fn every_refusal_is_answered_as_described() {
    let origin = Origin::start();
    let document = document(&origin).await;
    publish_example(&origin, &document).await;
    let ids = Ids::make(&origin).await;
    for operation in operations(&document) {
        let url = operation.url(&ids);
        let of_nobody = origin.request(operation.method.clone(), &url, "nobody");
        let refused = answer(of_nobody).await;
        operation.check_answer(&refused);
        assert_eq!(refused.status == 401, operation.scheme().is_some(), "{url}");
        if operation.members["requestBody"].is_object() {
            for (body, kind) in [
                ("{", "application/json"),
                ("{\"surprise\":1}", "application/json"),
                ("{}", "text/plain"),
            ] {
                let credential = operation.credential(&ids);
                let request = origin.request(operation.method.clone(), &url, &credential);
                let refused = answer(request.header("content-type", kind).body(body)).await;
                operation.check_answer(&refused);
            }
        }
    }
}

#[tokio::test]
async fn the_schema_of_dashboards_agrees_with_their_validation() {
    let origin = Origin::start();
    let served = origin.get("/v1/schemas/dashboard.json", "").await;
    assert_eq!(served.headers["content-type"], "application/schema+json");
    let schema = jsonschema::validator_for(served.expect(200)).unwrap();
    let good = [
        calls_dashboard(),
        crate::isolation::dashboard_of_every_kind(),
        json!({ "name": "n", "widgets": [
            { "id": "t", "kind": "text", "chart": "text", "options": { "markdown": "hello" },
              "layout": { "x": 0, "y": 0, "w": 12, "h": 1 } }] }),
    ];
    for document in &good {
        let checked = origin
            .admin(Method::POST, "/v1/dashboards/validate", document.clone())
            .await;
        assert_eq!(checked.expect(200)["valid"], true, "{document}");
        assert!(schema.is_valid(document), "{document}");
    }
    let changes: [(&str, Value); 10] = [
        ("/name", json!("")),
        ("/name", json!(1)),
        ("/widgets", json!([])),
        ("/widgets/0/kind", json!("pie")),
        ("/widgets/0/chart", json!("donut")),
        ("/widgets/0/layout/w", json!(0)),
        ("/widgets/0/layout/x", json!(12)),
        ("/widgets/0/id", json!("a/b")),
        ("/widgets/0/query", Value::Null),
        ("/widgets/0/query/metric", json!("most")),
    ];
    for (place, bad) in changes {
        let mut document = calls_dashboard();
        match document.pointer_mut(place) {
            Some(member) => *member = bad,
            None => document["widgets"][0]["query"]["metric"] = bad,
        }
        let checked = origin
            .admin(Method::POST, "/v1/dashboards/validate", document.clone())
            .await;
        assert_eq!(checked.expect(200)["valid"], false, "{place}");
        assert!(!schema.is_valid(&document), "{place}");
    }
    let document = self::document(&origin).await;
    let named = &document["components"]["schemas"]["DashboardDocumentInput"];
    assert_eq!(
        named["properties"]["name"],
        served.body["properties"]["name"]
    );
    assert_eq!(named["required"], served.body["required"]);
}

#[tokio::test]
async fn the_page_allows_nothing_but_its_own_style() {
    let origin = Origin::start();
    let page = origin.get("/docs", "").await;
    page.expect(200);
    assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
    let style = page.text.split("<style>").nth(1).unwrap();
    let style = style.split("</style>").next().unwrap();
    let digest = STANDARD.encode(Sha256::digest(style.as_bytes()));
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(
        policy.starts_with(&format!("default-src 'none'; style-src 'sha256-{digest}';")),
        "{policy}"
    );
    for route in routes() {
        assert!(page.text.contains(route.path), "{}", route.path);
    }
}
