//! OpenTelemetry: what a collector gets.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::origin::{ADMIN_KEY, Origin, calls_dashboard};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

/// Takes one request and answers as a collector does. Returns its head and its body.
async fn take(listener: &TcpListener) -> (String, Value) {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut bytes = Vec::new();
    loop {
        let mut part = [0; 4096];
        let count = stream.read(&mut part).await.unwrap();
        assert_ne!(count, 0, "the request breaks off");
        bytes.extend_from_slice(&part[..count]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        if let Ok(body) = serde_json::from_str(body) {
            let answer = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
            stream.write_all(answer.as_bytes()).await.unwrap();
            return (head.to_owned(), body);
        }
    }
}

#[tokio::test]
async fn a_request_is_a_span_of_its_callers_trace_and_names_no_tenant() {
    let collector = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", collector.local_addr().unwrap());
    let origin = Origin::start_with(&[("EMBAN_OTLP_URL", &url)]);
    let dashboard = origin.publish(calls_dashboard()).await;
    let token = origin
        .token("tenant-of-the-trace", &dashboard, json!({}))
        .await;
    let path = "/v1/embed-sessions?tenant_id=tenant-of-the-trace";
    let request = origin
        .request(reqwest::Method::GET, path, ADMIN_KEY)
        .header("traceparent", format!("00-{TRACE}-b7ad6b7169203331-01"));
    assert_eq!(request.send().await.unwrap().status(), 200);
    let within = Duration::from_secs(30);
    let mut seen = String::new();
    let span = loop {
        let taken = tokio::time::timeout(within, take(&collector)).await;
        let (head, body) = taken.expect("spans are sent");
        assert!(head.starts_with("POST /v1/traces HTTP/1.1"), "{head}");
        seen += &format!("{head}{body}");
        let spans = body["resourceSpans"][0]["scopeSpans"][0]["spans"]
            .as_array()
            .cloned();
        let ours = spans
            .unwrap_or_default()
            .into_iter()
            .find(|span| span["traceId"] == TRACE);
        if let Some(span) = ours {
            break span;
        }
    };
    assert_eq!(span["name"], "GET /v1/embed-sessions");
    assert_eq!(span["parentSpanId"], "b7ad6b7169203331");
    let attributes = span["attributes"].to_string();
    for expect in [
        "http.route",
        "http.response.status_code",
        "emban.request_id",
    ] {
        assert!(attributes.contains(expect), "{attributes}");
    }
    for secret in ["tenant-of-the-trace", ADMIN_KEY, &token, "tenant_id="] {
        assert!(!seen.contains(secret), "{secret} is in {seen}");
    }
}
