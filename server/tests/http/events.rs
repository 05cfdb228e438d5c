//! `POST /v1/events`.

use std::io::Write as _;

use reqwest::Method;
use serde_json::json;

use crate::origin::{ADMIN_KEY, Origin, answer, call, calls_dashboard};

#[tokio::test]
async fn an_event_counts_once_however_often_it_is_sent() {
    let origin = Origin::start();
    let first = origin
        .ingest(json!([
            call("acme", "1", "a", 5),
            call("acme", "1", "a", 5)
        ]))
        .await;
    assert_eq!(*first.expect(200), json!({ "accepted": 2, "status": "ok" }));
    origin
        .ingest(json!([
            call("acme", "1", "a", 5),
            call("acme", "2", "b", 7)
        ]))
        .await
        .expect(200);
    // The same id of another tenant is another event.
    origin
        .ingest(json!([call("globex", "1", "a", 100)]))
        .await
        .expect(200);
    let dashboard = origin.publish(calls_dashboard()).await;
    let token = origin.token("acme", &dashboard, json!({})).await;
    origin.await_value(&token, "calls", 2.0).await;
    origin.await_value(&token, "tokens", 12.0).await;
    let token = origin.token("globex", &dashboard, json!({})).await;
    origin.await_value(&token, "tokens", 100.0).await;
}

#[tokio::test]
async fn lines_and_compressed_bodies_are_events_too() {
    let origin = Origin::start();
    let lines = format!(
        "{}\n{}\n",
        call("acme", "1", "a", 1),
        call("acme", "2", "a", 2)
    );
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(lines.as_bytes()).unwrap();
    let zstd = zstd::encode_all(lines.as_bytes(), 3).unwrap();
    for (encoding, body) in [("gzip", gzip.finish().unwrap()), ("zstd", zstd)] {
        let sent = answer(
            origin
                .request(Method::POST, "/v1/events", ADMIN_KEY)
                .header("content-type", "application/x-ndjson")
                .header("content-encoding", encoding)
                .body(body),
        );
        assert_eq!(sent.await.expect(200)["accepted"], 2);
    }
    let lone = origin
        .admin(Method::POST, "/v1/events", call("acme", "3", "a", 4))
        .await;
    assert_eq!(lone.expect(200)["accepted"], 1);
    let dashboard = origin.publish(calls_dashboard()).await;
    let token = origin.token("acme", &dashboard, json!({})).await;
    origin.await_value(&token, "tokens", 7.0).await;
}

#[tokio::test]
async fn one_bad_event_stores_nothing_unless_the_good_ones_are_asked_for() {
    let origin = Origin::start();
    let events = json!([
        call("acme", "1", "a", 1),
        { "tenant_id": "", "event_name": "call" },
        { "tenant_id": "acme", "event_name": "call", "timestamp": "yesterday" },
        { "tenant_id": "acme" },
    ]);
    let refused = origin.ingest(events.clone()).await;
    refused.refused(422, "invalid");
    let places = refused.places();
    assert!(places.contains(&"/events/1/tenant_id"), "{places:?}");
    assert!(
        places.iter().any(|p| p.starts_with("/events/2")),
        "{places:?}"
    );
    assert!(
        places.iter().any(|p| p.starts_with("/events/3")),
        "{places:?}"
    );
    let partial = origin
        .admin(
            Method::POST,
            "/v1/events?partial=true",
            json!({ "events": events }),
        )
        .await;
    let body = partial.expect(200);
    assert_eq!(body["accepted"], 1);
    let rejected: Vec<_> = body["rejected"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["index"].as_u64())
        .collect();
    assert_eq!(rejected, [Some(1), Some(2), Some(3)]);
    for (query, place) in [("partial=yes", "partial"), ("partail=true", "partail")] {
        let path = format!("/v1/events?{query}");
        let refused = origin
            .admin(Method::POST, &path, json!({ "events": [] }))
            .await;
        refused.refused(422, "invalid");
        assert_eq!(refused.places(), [place]);
    }
    let dashboard = origin.publish(calls_dashboard()).await;
    let token = origin.token("acme", &dashboard, json!({})).await;
    // Two, had the refused request left anything behind.
    origin
        .ingest(json!([call("acme", "9", "a", 1)]))
        .await
        .expect(200);
    origin.await_value(&token, "calls", 2.0).await;
}

#[tokio::test]
async fn a_key_may_do_what_its_scope_says() {
    let origin = Origin::start();
    let body = json!({ "name": "tests", "scope": "ingest" });
    let made = origin.admin(Method::POST, "/v1/keys", body).await;
    let key = made.expect(201)["key"].as_str().unwrap().to_owned();
    assert!(key.starts_with("eb_ing_"));
    let send = |key: String| {
        answer(
            origin
                .request(Method::POST, "/v1/events", &key)
                .json(&call("acme", "1", "a", 1)),
        )
    };
    send(key.clone()).await.expect(200);
    origin
        .get("/v1/dashboards", &key)
        .await
        .refused(403, "wrong_scope");
    send("eb_ing_unknown".to_owned())
        .await
        .refused(401, "unauthorized");
    answer(origin.client.post(format!("{}/v1/events", origin.url)))
        .await
        .refused(401, "unauthorized");
    let listed = origin.get("/v1/keys", ADMIN_KEY).await;
    assert!(!listed.text.contains(&key), "a raw key is shown once");
    let id = made.body["id"].as_str().unwrap();
    origin
        .admin(Method::DELETE, &format!("/v1/keys/{id}"), json!({}))
        .await
        .expect(204);
    send(key).await.refused(401, "unauthorized");
}

#[tokio::test]
async fn a_body_that_is_too_much_or_no_json_is_refused() {
    let origin = Origin::start();
    let many: Vec<_> = (0..1001)
        .map(|n| call("acme", &n.to_string(), "a", 1))
        .collect();
    origin.ingest(json!(many)).await.refused(422, "invalid");
    let send = |body: &'static str, kind: &'static str| {
        let request = origin.request(Method::POST, "/v1/events", ADMIN_KEY);
        answer(request.header("content-type", kind).body(body))
    };
    send("{", "application/json")
        .await
        .refused(400, "malformed");
    send("a=b", "application/x-www-form-urlencoded")
        .await
        .refused(415, "unsupported_media_type");
    let large = "x".repeat(10 * 1024 * 1024 + 1);
    let request = origin.request(Method::POST, "/v1/events", ADMIN_KEY);
    answer(
        request
            .header("content-type", "application/json")
            .body(large),
    )
    .await
    .refused(413, "too_large");
}

/// A call without an id, so that nothing but the request's key tells a retry from more events.
/// It has every property that the dashboard names: publishing refuses those that no event has.
fn call_without_id(tokens: u32) -> serde_json::Value {
    json!({ "tenant_id": "acme", "event_name": "call",
            "string_props": { "model": "a" }, "numeric_props": { "tokens": tokens } })
}

#[tokio::test]
async fn a_retry_under_an_idempotency_key_changes_nothing_and_hears_the_first_answer() {
    let origin = Origin::start();
    let send = async |origin: &Origin, key: &str, events: serde_json::Value| {
        let request = origin
            .request(Method::POST, "/v1/events?partial=true", ADMIN_KEY)
            .header("idempotency-key", key)
            .json(&json!({ "events": events }));
        answer(request).await
    };
    let batch = json!([call_without_id(3), call_without_id(3), { "tenant_id": "acme" }]);
    let first = send(&origin, "job 1", batch.clone()).await;
    assert_eq!(first.expect(200)["accepted"], 2);
    let retry = send(&origin, "job 1", batch.clone()).await;
    assert_eq!(retry.expect(200), &first.body);
    let other = send(&origin, "job 1", json!([call_without_id(4)])).await;
    other.refused(409, "conflict");
    send(&origin, &"x".repeat(256), batch.clone())
        .await
        .refused(422, "invalid");
    let origin = origin.killed_and_restarted();
    let retry = send(&origin, "job 1", batch.clone()).await;
    assert_eq!(retry.expect(200), &first.body);
    send(&origin, "job 1", json!([call_without_id(4)]))
        .await
        .refused(409, "conflict");
    send(&origin, "job 2", json!([call_without_id(10)]))
        .await
        .expect(200);
    let dashboard = origin.publish(calls_dashboard()).await;
    let token = origin.token("acme", &dashboard, json!({})).await;
    origin.await_value(&token, "calls", 3.0).await;
    origin.await_value(&token, "tokens", 16.0).await;
}

#[tokio::test]
async fn a_key_that_is_forgotten_may_carry_other_events() {
    let send = async |origin: &Origin, events: serde_json::Value| {
        let request = origin
            .request(Method::POST, "/v1/events", ADMIN_KEY)
            .header("idempotency-key", "nightly")
            .json(&json!({ "events": events }));
        answer(request).await
    };
    let origin = Origin::start();
    send(&origin, json!([call_without_id(1), call_without_id(2)]))
        .await
        .expect(200);
    // As a day later: the key is forgotten, the events' ids are not.
    let origin = origin.restarted_without("spool/production/requests");
    send(&origin, json!([call_without_id(1), call_without_id(2)]))
        .await
        .expect(200);
    let origin = origin.restarted_without("spool/production/requests");
    let other = send(
        &origin,
        json!([
            call_without_id(10),
            call_without_id(20),
            call_without_id(30)
        ]),
    )
    .await;
    assert_eq!(other.expect(200)["accepted"], 3);
    let dashboard = origin.publish(calls_dashboard()).await;
    let token = origin.token("acme", &dashboard, json!({})).await;
    // The retry counts once, and what was answered with 200 is there.
    origin.await_value(&token, "calls", 5.0).await;
    origin.await_value(&token, "tokens", 63.0).await;
}

#[tokio::test]
async fn every_bad_place_of_every_event_is_named_at_once() {
    let origin = Origin::start();
    let refused = origin
        .ingest(json!([
            call("acme", "1", "a", 1),
            { "tenant_id": 7, "event_name": "e", "timestamp": "1999-12-31T23:59:59Z", "color": "red" },
            { "tenant_id": "acme", "event_name": "e", "string_props": { "a/b": 1 }, "numeric_props": { "n": "1" } },
            "no event",
            ["acme", "members in their order"],
        ]))
        .await;
    refused.refused(422, "invalid");
    // In the order of the body, whose members `json!` sorts.
    assert_eq!(
        refused.places(),
        [
            "/events/1/color",
            "/events/1/tenant_id",
            "/events/1/timestamp",
            "/events/2/numeric_props/n",
            "/events/2/string_props/a~1b",
            "/events/3",
            "/events/4",
        ]
    );
}
