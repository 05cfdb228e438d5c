//! `EMBAN_RETENTION_DAYS`: what is older goes, out of events and rollups; what is younger stays.

use serde_json::{Value, json};

use crate::origin::{ADMIN_KEY, Origin, call, calls_dashboard};

fn old(id: &str) -> Value {
    let at = emban_server::app::now().plus_seconds(-100 * 86_400);
    let mut event = call("acme", id, "a", 1);
    event["timestamp"] = json!(at.to_string());
    event
}

async fn await_calls(origin: &Origin, expect: f64) {
    let path = "/v1/query?tenant_id=acme&event_name=call&metric=count&period=1y";
    let is_awaited = |answer: &crate::origin::Answer| answer.body["data"]["value"] == expect;
    origin.await_answer(path, ADMIN_KEY, is_awaited).await;
}

#[tokio::test]
async fn events_go_when_they_are_older_than_they_are_kept() {
    let origin = Origin::start();
    origin.publish(calls_dashboard()).await;
    let events = json!([old("1"), call("acme", "2", "a", 1)]);
    origin.ingest(events).await.expect(200);
    await_calls(&origin, 2.0).await;
    let origin = origin.killed_and_restarted_with(&[("EMBAN_RETENTION_DAYS", "production=30")]);
    await_calls(&origin, 1.0).await;
    // Without it everything is kept again.
    let origin = origin.killed_and_restarted();
    origin.ingest(json!([old("3")])).await.expect(200);
    await_calls(&origin, 2.0).await;
    let engine = origin.into_engine();
    let sql = "SELECT arraySort(groupArray(event_id)) FROM events";
    let ids = engine.ask(&reqwest::Client::new(), sql).await;
    assert_eq!(ids.trim(), "['2','3']");
}
