//! A session opens what it names, and nothing else.

use reqwest::Method;
use serde_json::json;

use crate::origin::{Origin, answer, calls_dashboard};

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
    // Two credentials are none, even where each by itself is good.
    let both = origin.request(Method::GET, "/v1/embed/surface", &token);
    answer(both.bearer_auth(&token))
        .await
        .refused(401, "unauthorized");
    let admin = origin.request(Method::GET, "/v1/dashboards", &token);
    answer(admin).await.refused(401, "unauthorized");
    origin.get("/v1/embed/surface", &token).await.expect(200);
}
