//! Two tenants with the same events but for one marker: every route of a session shows the own one and never the other.

use reqwest::Method;
use serde_json::{Value, json};

use crate::origin::{Answer, Origin, answer, call, calls_dashboard};

const ACME_MARKER: &str = "marker-of-acme";
const GLOBEX_MARKER: &str = "marker-of-globex";

/// Everything that a session can ask, once with each filter that could be turned against the wall.
async fn everything(
    origin: &Origin,
    dashboard: &str,
    token: &str,
    other: &str,
) -> Vec<(String, Answer)> {
    let other_model = json!({ "dimensions": { "model": [other] } });
    let asked: Vec<(&str, Value)> = vec![
        ("/v1/embed/query", json!({})),
        ("/v1/embed/query", json!({ "filters": other_model })),
        (
            "/v1/embed/query",
            json!({ "filters": { "dimensions": { "model": ["' OR 1=1 --"] } } }),
        ),
        ("/v1/embed/rows", json!({ "widget": "calls" })),
        (
            "/v1/embed/rows",
            json!({ "widget": "models", "point": { "group": [other] } }),
        ),
        ("/v1/embed/values", json!({ "dimension": "model" })),
        (
            "/v1/embed/values",
            json!({ "dimension": "model", "search": "marker" }),
        ),
        ("/v1/embed/query", json!({ "tenant_id": "globex" })),
    ];
    let mut answers = Vec::new();
    for (path, body) in asked {
        let label = format!("{path} {body}");
        answers.push((label, origin.embed(path, token, body).await));
    }
    answers.push((
        "surface".to_owned(),
        origin.get("/v1/embed/surface", token).await,
    ));
    let url = format!("{}/embed/{dashboard}?token={token}", origin.url);
    answers.push(("document".to_owned(), answer(origin.client.get(url)).await));
    answers
}

#[tokio::test]
async fn no_route_shows_rows_of_another_tenant() {
    let origin = Origin::start();
    let mut events = Vec::new();
    for (tenant, marker) in [("acme", ACME_MARKER), ("globex", GLOBEX_MARKER)] {
        events.extend((0..5).map(|n| call(tenant, &n.to_string(), marker, 10)));
    }
    origin.ingest(json!(events)).await.expect(200);
    let dashboard = origin.publish(calls_dashboard()).await;
    for (tenant, own, other) in [
        ("acme", ACME_MARKER, GLOBEX_MARKER),
        ("globex", GLOBEX_MARKER, ACME_MARKER),
    ] {
        let token = origin.token(tenant, &dashboard, json!({})).await;
        origin.await_value(&token, "calls", 5.0).await;
        let answers = everything(&origin, &dashboard, &token, other).await;
        for (label, answer) in &answers {
            assert!(
                !answer.text.contains(other),
                "{label} leaked: {}",
                answer.text
            );
        }
        let seen: Vec<&str> = answers
            .iter()
            .filter(|(_, answer)| answer.text.contains(own))
            .map(|(label, _)| label.split(' ').next().unwrap())
            .collect();
        for route in [
            "/v1/embed/query",
            "/v1/embed/rows",
            "/v1/embed/values",
            "document",
        ] {
            assert!(
                seen.contains(&route),
                "{tenant} does not see its own data at {route}: {seen:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_token_opens_its_own_dashboard_only() {
    let origin = Origin::start();
    let one = origin.publish(calls_dashboard()).await;
    let two = origin.publish(calls_dashboard()).await;
    let token = origin.token("acme", &one, json!({})).await;
    let open = |dashboard: &str| {
        answer(
            origin
                .client
                .get(format!("{}/embed/{dashboard}?token={token}", origin.url)),
        )
    };
    open(&one).await.expect(200);
    open(&two).await.refused(404, "not_found");
    let cut = &token[..token.len() - 4];
    for forged in [cut, "", "a.b.c"] {
        origin
            .get("/v1/embed/surface", forged)
            .await
            .refused(401, "unauthorized");
    }
    // The token counts in the query string of a document, nowhere else.
    let query = format!("{}/v1/embed/surface?token={token}", origin.url);
    answer(origin.client.get(query))
        .await
        .refused(401, "unauthorized");
    let admin = origin.request(Method::GET, "/v1/dashboards", &token);
    answer(admin).await.refused(401, "unauthorized");
    origin.get("/v1/embed/surface", &token).await.expect(200);
}
