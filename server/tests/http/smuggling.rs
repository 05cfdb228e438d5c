//! Texts that mean something to SQL, to URLs or to JSON: they stay texts, wherever they are sent.

use emban_attacks::{CONTROL_TEXTS, TEXTS};
use reqwest::Method;
use serde_json::{Value, json};

use crate::origin::{Answer, Origin, answer, call, calls_dashboard};

/// The one number that must never be seen by another tenant.
const SECRET: u32 = 987_654;

async fn sees_its_own(text: &str, origin: &Origin, dashboard: &str) {
    let own = call(text, "own", text, 7);
    origin.ingest(json!([own])).await.expect(200);
    let token = origin.token(text, dashboard, json!({})).await;
    origin.await_value(&token, "tokens", 7.0).await;
    let chosen = json!({ "dimensions": { "model": [text] } });
    let answers = [
        origin.await_filtered(&token, chosen, "tokens", 7.0).await,
        origin
            .embed("/v1/embed/rows", &token, json!({ "widget": "calls" }))
            .await,
        origin
            .embed(
                "/v1/embed/values",
                &token,
                json!({ "dimension": "model", "search": text }),
            )
            .await,
    ];
    for answer in &answers {
        answer.expect(200);
        assert!(!shows_secret(answer), "{text:?} reads {}", answer.text);
    }
    let [query, rows, values] = &answers;
    assert_eq!(query.body["results"]["tokens"]["data"]["value"], json!(7.0));
    assert_eq!(rows.body["rows"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        values.body["values"],
        json!([{ "value": text, "count": 1 }]),
        "{text:?}"
    );
}

fn shows_secret(answer: &Answer) -> bool {
    answer.text.contains(&SECRET.to_string()) || answer.text.contains("model-of-the-victim")
}

/// An origin on which one tenant has a secret.
async fn with_victim() -> (Origin, String, String) {
    let origin = Origin::start();
    let secret = call("victim", "own", "model-of-the-victim", SECRET);
    origin.ingest(json!([secret])).await.expect(200);
    let dashboard = origin.publish(calls_dashboard()).await;
    let rightful = origin.token("victim", &dashboard, json!({})).await;
    origin
        .await_value(&rightful, "tokens", f64::from(SECRET))
        .await;
    (origin, dashboard, rightful)
}

#[tokio::test]
async fn hostile_tenants_and_values_are_texts_and_see_their_own() {
    let (origin, dashboard, rightful) = with_victim().await;
    for text in TEXTS {
        sees_its_own(text, &origin, &dashboard).await;
    }
    // Nothing that was sent has changed what the rightful tenant sees.
    origin
        .await_value(&rightful, "tokens", f64::from(SECRET))
        .await;
    origin.await_value(&rightful, "calls", 1.0).await;
}

#[tokio::test]
async fn a_session_names_no_tenant_and_no_sql_in_any_place() {
    let (origin, dashboard, rightful) = with_victim().await;
    let own = call("other", "own", "model-of-the-other", 7);
    origin.ingest(json!([own])).await.expect(200);
    let token = origin.token("other", &dashboard, json!({})).await;
    origin.await_value(&token, "tokens", 7.0).await;
    let (unknown, bodies, urls) = (unknown_members(), bodies(), urls());
    let tried = unknown.len() + bodies.len() + urls.len();
    for (path, body) in unknown {
        let asked = origin.embed(path, &token, body).await;
        asked.refused(422, "invalid");
        assert!(!shows_secret(&asked), "{path} reads {}", asked.text);
    }
    for (path, body) in bodies {
        let asked = origin.embed(path, &token, body.clone()).await;
        assert!(
            matches!(asked.status, 200 | 400 | 403 | 404 | 422),
            "{path} {body} answers {} {}",
            asked.status,
            asked.text
        );
        assert!(!shows_secret(&asked), "{path} {body} reads {}", asked.text);
    }
    for (path, parameters) in urls {
        let request = origin.request(Method::GET, path, &token);
        let asked = answer(request.query(&parameters)).await;
        assert!(
            matches!(asked.status, 200 | 400 | 403 | 404 | 422),
            "{path} {parameters:?} answers {} {}",
            asked.status,
            asked.text
        );
        assert!(
            !shows_secret(&asked),
            "{path} {parameters:?} reads {}",
            asked.text
        );
    }
    for (name, value) in [
        ("x-tenant-id", "victim"),
        ("x-emban-tenant", "victim"),
        ("x-forwarded-user", "victim"),
        ("cookie", "tenant=victim"),
    ] {
        let request = origin.request(Method::POST, "/v1/embed/query?tenant_id=victim", &token);
        let asked = answer(request.header(name, value).json(&json!({}))).await;
        assert_eq!(
            asked.expect(200)["results"]["tokens"]["data"]["value"],
            json!(7.0)
        );
    }
    let seen = origin.embed("/v1/embed/query", &rightful, json!({})).await;
    assert!(shows_secret(&seen), "{}", seen.text);
    println!("{tried} bodies and URLs tried, 0 leaks");
}

/// Parameters of the routes that are asked by URL.
fn urls() -> Vec<(&'static str, Vec<(&'static str, String)>)> {
    let mut urls = vec![
        (
            "/v1/embed/export",
            vec![
                ("widget", "models".to_owned()),
                ("tenant_id", "victim".to_owned()),
            ],
        ),
        (
            "/v1/embed/surface",
            vec![("tenant_id", "victim".to_owned())],
        ),
    ];
    for text in TEXTS.iter().chain(CONTROL_TEXTS) {
        let chosen = json!({ "dimensions": { "model": text } }).to_string();
        let named = json!({ "dimensions": { *text: "x" } }).to_string();
        let widget = |id: &str| ("widget", id.to_owned());
        urls.extend([
            ("/v1/embed/export", vec![widget(text)]),
            (
                "/v1/embed/export",
                vec![widget("models"), ("format", (*text).to_owned())],
            ),
            (
                "/v1/embed/export",
                vec![widget("models"), ("filters", (*text).to_owned())],
            ),
            (
                "/v1/embed/export",
                vec![widget("models"), ("filters", chosen)],
            ),
            (
                "/v1/embed/export",
                vec![widget("models"), ("filters", named)],
            ),
        ]);
    }
    urls
}

/// Members that no question of a session has.
fn unknown_members() -> Vec<(&'static str, Value)> {
    vec![
        ("/v1/embed/query", json!({ "tenant": "victim" })),
        ("/v1/embed/query", json!({ "tenant_id": "victim" })),
        ("/v1/embed/query", json!({ "sql": "SELECT * FROM events" })),
        (
            "/v1/embed/query",
            json!({ "filters": { "tenant_id": "victim" } }),
        ),
        (
            "/v1/embed/rows",
            json!({ "widget": "calls", "tenant_id": "victim" }),
        ),
        (
            "/v1/embed/values",
            json!({ "dimension": "model", "tenant_id": "victim" }),
        ),
    ]
}

/// Bodies that reach for other properties, for SQL, or for a fault.
fn bodies() -> Vec<(&'static str, Value)> {
    let mut bodies = vec![
        (
            "/v1/embed/query",
            json!({ "filters": { "dimensions": { "tenant_id": ["victim"] } } }),
        ),
        (
            "/v1/embed/query",
            json!({ "filters": { "dimensions": { "__proto__": ["x"] } } }),
        ),
        (
            "/v1/embed/query",
            json!({ "filters": { "numericRanges": { "tokens": { "min": "0" } } } }),
        ),
        (
            "/v1/embed/query",
            json!({ "filters": { "numericRanges": { "1=1": { "min": 0 } } } }),
        ),
        ("/v1/embed/query", json!({ "widgets": "calls" })),
        ("/v1/embed/query", json!([])),
        ("/v1/embed/query", json!(null)),
        (
            "/v1/embed/rows",
            json!({ "widget": "calls", "limit": "10; SELECT 1" }),
        ),
        ("/v1/embed/rows", json!({ "widget": "calls", "limit": -1 })),
        ("/v1/embed/values", json!({ "dimension": "tenant_id" })),
    ];
    for text in TEXTS.iter().chain(CONTROL_TEXTS) {
        bodies.extend([
            ("/v1/embed/query", json!({ "widgets": [text] })),
            ("/v1/embed/query", json!({ "filters": { "period": text } })),
            ("/v1/embed/query", json!({ "filters": { "dimensions": { *text: ["x"] } } })),
            ("/v1/embed/query", json!({ "filters": { "dimensions": { "model": text } } })),
            ("/v1/embed/query", json!({ "filters": { "dateRanges": { "timestamp": { "from": text, "to": text } } } })),
            ("/v1/embed/rows", json!({ "widget": text })),
            ("/v1/embed/rows", json!({ "widget": "calls", "cursor": text })),
            ("/v1/embed/rows", json!({ "widget": "models", "point": { "group": [text] } })),
            ("/v1/embed/values", json!({ "dimension": text })),
            ("/v1/embed/values", json!({ "dimension": "model", "search": text })),
        ]);
    }
    bodies
}

#[tokio::test]
async fn bytes_that_are_not_a_question_are_refused_by_name() {
    let (origin, dashboard, _) = with_victim().await;
    let token = origin.token("other", &dashboard, json!({})).await;
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let deep_filters = format!(
        "{{\"filters\":{}1{}}}",
        "{\"a\":".repeat(5_000),
        "}".repeat(5_000)
    );
    for body in [
        "",
        "{",
        "\u{0}",
        "{\"widgets\":[\"calls\"],\"widgets\":[\"tokens\"]}",
        "{}{}",
        "NaN",
        "{\"filters\":{\"numericRanges\":{\"tokens\":{\"min\":1e999}}}}",
        &deep,
        &deep_filters,
    ] {
        let request = origin
            .request(Method::POST, "/v1/embed/query", &token)
            .header("content-type", "application/json");
        let asked = answer(request.body(body.to_owned())).await;
        let start: String = body.chars().take(40).collect();
        assert!(
            matches!(asked.status, 400 | 422),
            "{start:?} answers {} {}",
            asked.status,
            asked.text
        );
        assert!(asked.body["code"].is_string(), "{start:?}: {}", asked.text);
    }
    let sound = origin.embed("/v1/embed/query", &token, json!({})).await;
    sound.expect(200);
}
