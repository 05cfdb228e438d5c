//! How often may be asked, and what is counted.

use reqwest::Method;
use serde_json::{Value, json};

use crate::origin::{ADMIN_KEY, Origin, calls_dashboard};

#[tokio::test]
async fn a_key_and_a_session_that_ask_too_often_are_told_when_to_come_back() {
    let origin = Origin::start_with(&[
        ("EMBAN_RATE_PER_KEY", "20"),
        ("EMBAN_RATE_PER_SESSION", "5"),
    ]);
    let dashboard = origin.publish(calls_dashboard()).await;
    let token = origin.token("acme", &dashboard, json!({})).await;
    let other = origin.token("acme", &dashboard, json!({})).await;
    for (path, credential) in [
        ("/v1/embed/surface", token.as_str()),
        ("/v1/dashboards", ADMIN_KEY),
    ] {
        let mut answers = Vec::new();
        for _ in 0..60 {
            answers.push(origin.get(path, credential).await);
        }
        assert!(answers.iter().any(|answer| answer.status == 200), "{path}");
        let refused = answers.iter().find(|answer| answer.status == 429);
        let refused = refused.expect("some of so many are refused");
        refused.refused(429, "rate_limited");
        let seconds: u32 = refused.headers["retry-after"]
            .to_str()
            .unwrap()
            .parse()
            .unwrap();
        assert!((1..=2).contains(&seconds), "{seconds}");
    }
    // Another session has its own.
    origin.get("/v1/embed/surface", &other).await.expect(200);
}

#[tokio::test]
async fn requests_are_counted_by_route_and_never_by_tenant() {
    let origin = Origin::start();
    let dashboard = origin.publish(calls_dashboard()).await;
    let token = origin
        .token("tenant-of-the-metrics", &dashboard, json!({}))
        .await;
    origin.get("/v1/embed/surface", &token).await.expect(200);
    let path = "/v1/tenants/tenant-of-the-metrics/embed-sessions";
    origin
        .admin(Method::DELETE, path, json!({}))
        .await
        .expect(204);
    origin
        .get("/v1/no/such/tenant-of-the-metrics", ADMIN_KEY)
        .await
        .refused(404, "not_found");
    let found = origin.get("/metrics", "").await;
    found.expect(200);
    for line in [
        "emban_http_requests_total{method=\"GET\",route=\"/v1/embed/surface\",status=\"2xx\"} 1",
        "emban_http_requests_total{method=\"DELETE\",route=\"/v1/tenants/{tenant_id}/embed-sessions\",status=\"2xx\"} 1",
        "emban_http_requests_total{method=\"other\",route=\"unknown\",status=\"4xx\"} 1",
        "emban_spool_events{environment=\"production\"} 0",
    ] {
        assert!(
            found.text.lines().any(|l| l == line),
            "{line} is not in {}",
            found.text
        );
    }
    assert!(!found.text.contains("tenant-of-the-metrics"));
}

#[tokio::test]
async fn a_log_in_json_is_json_and_names_the_request() {
    let origin = Origin::start_with(&[("EMBAN_LOG_FORMAT", "json")]);
    let refused = origin
        .get("/v1/dashboards", "eb_adm_secret-of-the-log-0123456789")
        .await;
    let id = refused.refused(401, "unauthorized")["request_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let log = origin.log();
    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(
        lines.iter().any(|line| line["span"]["id"] == json!(id)),
        "{log}"
    );
    assert!(!log.contains("secret-of-the-log"));
}
