//! How often may be asked, and what is counted.

use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

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
    let document = format!("/embed/{dashboard}");
    let opening = origin.token("acme", &dashboard, json!({})).await;
    for (path, credential) in [
        ("/v1/embed/surface", token.as_str()),
        (document.as_str(), opening.as_str()),
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
async fn a_full_origin_says_when_to_come_back_and_is_still_seen_by_its_supervisor() {
    let origin = Origin::start_with(&[("EMBAN_REQUESTS_AT_ONCE", "1")]);
    let address = origin.url.strip_prefix("http://").unwrap();
    let mut slow = TcpStream::connect(address).await.unwrap();
    let body = json!({ "name": "slow", "scope": "read" }).to_string();
    let head = format!(
        "POST /v1/keys HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {ADMIN_KEY}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\nexpect: 100-continue\r\nconnection: close\r\n\r\n",
        body.len()
    );
    slow.write_all(head.as_bytes()).await.unwrap();
    // The one place is taken once its body is asked for.
    let mut go_on = [0; 25];
    slow.read_exact(&mut go_on).await.unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    let full = origin.get("/v1/dashboards", ADMIN_KEY).await;
    full.refused(503, "unavailable");
    assert_eq!(full.headers["retry-after"], "1");
    for path in ["/healthz", "/readyz", "/metrics"] {
        origin.get(path, "").await.expect(200);
    }
    slow.write_all(body.as_bytes()).await.unwrap();
    let mut answered = String::new();
    slow.read_to_string(&mut answered).await.unwrap();
    assert!(answered.starts_with("HTTP/1.1 201 "), "{answered}");
    origin.get("/v1/dashboards", ADMIN_KEY).await.expect(200);
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
