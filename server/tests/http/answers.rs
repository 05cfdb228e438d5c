//! Answers kept in memory: whose they are, and when they end.

use reqwest::Method;
use serde_json::{Value, json};

use crate::origin::{Answer, Origin, call, calls_dashboard};

/// Two tenants with the same events but for their tokens: 1 and 2 of acme, 8 of globex.
async fn with_two_tenants() -> (Origin, String) {
    let origin = Origin::start();
    let events = json!([
        call("acme", "1", "small", 1),
        call("acme", "2", "large", 2),
        call("globex", "1", "small", 8),
    ]);
    origin.ingest(events).await.expect(200);
    let dashboard = origin.publish(calls_dashboard()).await;
    for (tenant, tokens) in [("acme", 3.0), ("globex", 8.0)] {
        let token = origin.token(tenant, &dashboard, json!({})).await;
        origin.await_value(&token, "tokens", tokens).await;
    }
    (origin, dashboard)
}

async fn ask(origin: &Origin, token: &str) -> Answer {
    let asked = json!({ "widgets": ["tokens"] });
    origin.embed("/v1/embed/query", token, asked).await
}

fn tokens(answer: &Answer) -> &Value {
    &answer.expect(200)["results"]["tokens"]["data"]["value"]
}

#[tokio::test]
async fn an_answer_is_kept_for_its_scope_and_for_no_other() {
    let (origin, dashboard) = with_two_tenants().await;
    let plain = json!({});
    let locked = json!({ "locked_filters": { "model": "large" } });
    let since = json!({ "not_before": "2100-01-01T00:00:00Z" });
    let scopes = [
        ("acme", &plain, json!(3.0)),
        ("globex", &plain, json!(8.0)),
        ("acme", &locked, json!(2.0)),
        ("globex", &locked, json!(0.0)),
        ("acme", &since, json!(0.0)),
    ];
    let mut first = Vec::new();
    for (tenant, permissions, expect) in &scopes {
        let token = origin
            .token(tenant, &dashboard, (*permissions).clone())
            .await;
        let answer = ask(&origin, &token).await;
        assert_eq!(
            tokens(&answer).as_f64(),
            expect.as_f64(),
            "{tenant} {permissions}"
        );
        first.push(answer);
    }
    for ((tenant, permissions, _), first) in scopes.iter().zip(first) {
        // Another session of the same scope, the question spelt in another way.
        let token = origin
            .token(tenant, &dashboard, (*permissions).clone())
            .await;
        let asked = json!({ "filters": { "dimensions": {} }, "widgets": ["tokens", "tokens"] });
        let again = origin.embed("/v1/embed/query", &token, asked).await;
        assert_eq!(
            again.text, first.text,
            "the same bytes, time of reading and all"
        );
        assert_eq!(
            again.headers["x-emban-scope"], first.headers["x-emban-scope"],
            "{tenant} {permissions}"
        );
    }
}

#[tokio::test]
async fn fresh_data_is_had_by_asking_for_it() {
    let (origin, dashboard) = with_two_tenants().await;
    let token = origin.token("acme", &dashboard, json!({})).await;
    // The question that is asked for fresh data below, spelt in another way.
    let ask = async || origin.embed("/v1/embed/query", &token, json!({})).await;
    assert_eq!(tokens(&ask().await).as_f64(), Some(3.0));
    let more = json!([call("acme", "3", "small", 4)]);
    origin.ingest(more).await.expect(200);
    // Asks with `cache-control: no-cache`; what it gets replaces what was kept.
    origin.await_value(&token, "tokens", 7.0).await;
    assert_eq!(tokens(&ask().await).as_f64(), Some(7.0));
}

#[tokio::test]
async fn what_is_kept_outlives_neither_session_nor_version() {
    let (origin, dashboard) = with_two_tenants().await;
    let (one, two) = (
        origin.token("acme", &dashboard, json!({})).await,
        origin.token("globex", &dashboard, json!({})).await,
    );
    for token in [&one, &two] {
        assert_eq!(ask(&origin, token).await.expect(200)["version"], 1);
    }
    origin
        .admin(Method::DELETE, "/v1/tenants/acme/embed-sessions", json!({}))
        .await;
    ask(&origin, &one).await.refused(401, "session_revoked");
    ask(&origin, &two).await.expect(200);
    let path = format!("/v1/dashboards/{dashboard}");
    let publish = format!("{path}/publish");
    origin
        .admin(Method::POST, &publish, json!({}))
        .await
        .expect(204);
    assert_eq!(ask(&origin, &two).await.expect(200)["version"], 2);
    let unpublish = format!("{path}/unpublish");
    origin
        .admin(Method::POST, &unpublish, json!({}))
        .await
        .expect(204);
    ask(&origin, &two).await.refused(409, "not_published");
}
