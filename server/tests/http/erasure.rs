//! `/v1/tenants/{tenant_id}/data`: an erased tenant is nowhere any more, and everybody else is whole.

use std::path::Path;
use std::time::Duration;

use reqwest::{Client, Method};
use serde_json::{Value, json};

use crate::origin::{ADMIN_KEY, Answer, Origin, call, calls_dashboard};

const DATA: &str = "/v1/tenants/acme/data";
/// Stands in every event of the tenant that is erased.
const MARK: &str = "model-of-the-erased";

fn events(tenant: &str, model: &str, ids: std::ops::Range<u32>) -> Value {
    ids.map(|id| call(tenant, &id.to_string(), model, 1))
        .collect()
}

async fn with_two_tenants() -> (Origin, String) {
    let origin = Origin::start();
    let dashboard = origin.publish(calls_dashboard()).await;
    origin.ingest(events("acme", MARK, 0..30)).await.expect(200);
    origin
        .ingest(events("globex", "m", 0..20))
        .await
        .expect(200);
    (origin, dashboard)
}

async fn erase(origin: &Origin) {
    order(origin).await;
    await_done(origin).await;
}

async fn order(origin: &Origin) {
    let ordered = origin.admin(Method::DELETE, DATA, json!({})).await;
    assert_eq!(ordered.expect(202)["tenant_id"], "acme");
}

async fn await_done(origin: &Origin) {
    let is_done = |answer: &Answer| answer.body["status"] == "done";
    let done = origin.await_answer(DATA, ADMIN_KEY, is_done).await;
    assert!(done.body["finished_at"].is_string(), "{}", done.text);
}

/// A number that may come from an answer that was kept.
async fn kept_calls(origin: &Origin, token: &str) -> f64 {
    let asked = json!({ "widgets": ["calls"] });
    let answer = origin.embed("/v1/embed/query", token, asked).await;
    let value = &answer.expect(200)["results"]["calls"]["data"]["value"];
    value.as_f64().unwrap()
}

/// Files under a folder that hold a text.
fn files_with(folder: &Path, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_with(&path, text));
        } else if std::fs::read(&path).is_ok_and(|bytes| {
            bytes
                .windows(text.len())
                .any(|part| part == text.as_bytes())
        }) {
            found.push(path.display().to_string());
        }
    }
    found
}

#[tokio::test]
async fn an_erased_tenant_is_nowhere_and_the_other_is_whole() {
    let (origin, dashboard) = with_two_tenants().await;
    let acme = origin.token("acme", &dashboard, json!({})).await;
    let globex = origin.token("globex", &dashboard, json!({})).await;
    let plan = format!("/v1/dashboards/{dashboard}/plan");
    let from_rollups = |answer: &Answer| answer.body["widgets"][0]["source"] == "rollup";
    origin.await_answer(&plan, ADMIN_KEY, from_rollups).await;
    origin.await_value(&acme, "calls", 30.0).await;
    origin.await_value(&globex, "calls", 20.0).await;
    origin.get(DATA, ADMIN_KEY).await.refused(404, "not_found");
    assert_eq!(kept_calls(&origin, &acme).await, 30.0);
    assert_eq!(kept_calls(&origin, &globex).await, 20.0);

    erase(&origin).await;
    let ended = origin.embed("/v1/embed/query", &acme, json!({})).await;
    ended.refused(401, "session_revoked");
    let acme = origin.token("acme", &dashboard, json!({})).await;
    // The very same question, well within the time for which answers are kept.
    assert_eq!(kept_calls(&origin, &acme).await, 0.0);
    origin.await_value(&acme, "calls", 0.0).await;
    let values = json!({ "dimension": "model" });
    let values = origin.embed("/v1/embed/values", &acme, values).await;
    assert_eq!(values.expect(200)["values"], json!([]));
    origin.await_value(&globex, "calls", 20.0).await;
    assert_eq!(files_with(&origin.data().join("spool"), MARK), [""; 0]);
    let audit = origin.get("/v1/audit", ADMIN_KEY).await;
    let entries = audit.expect(200)["entries"].as_array().unwrap().clone();
    assert!(
        entries.iter().any(|entry| entry["path"] == DATA),
        "{entries:?}"
    );

    // Its ids are forgotten too: what is sent anew counts anew.
    origin.ingest(events("acme", "m", 0..7)).await.expect(200);
    origin.await_value(&acme, "calls", 7.0).await;
    let (client, engine) = (Client::new(), origin.into_engine());
    for (table, count) in [("events", "count()"), ("rollups", "uniq(tenant_id)")] {
        let sql = format!("SELECT {count} FROM {table} WHERE tenant_id = 'acme'");
        let expect = if table == "events" { "7" } else { "1" };
        assert_eq!(engine.ask(&client, &sql).await.trim(), expect, "{table}");
    }
    let marked =
        format!("SELECT count() FROM rollups WHERE has([d0, d1, d2, d3, d4, d5], '{MARK}')");
    assert_eq!(engine.ask(&client, &marked).await.trim(), "0");
    let others = "SELECT count(), uniq(event_id) FROM events WHERE tenant_id = 'globex'";
    assert_eq!(engine.ask(&client, others).await.trim(), "20\t20");
}

#[tokio::test]
async fn what_comes_after_the_order_lives_even_while_the_warehouse_stands_still() {
    let (origin, dashboard) = with_two_tenants().await;
    let globex = origin.token("globex", &dashboard, json!({})).await;
    origin.await_value(&globex, "calls", 20.0).await;
    origin.signal_engine("-STOP");
    origin
        .ingest(events("acme", MARK, 30..40))
        .await
        .expect(200);
    order(&origin).await;
    let again = origin.admin(Method::DELETE, DATA, json!({})).await;
    assert_eq!(again.expect(202)["status"], "pending");
    origin.ingest(events("acme", "m", 40..45)).await.expect(200);
    origin
        .ingest(events("globex", "m", 20..25))
        .await
        .expect(200);
    origin.signal_engine("-CONT");
    await_done(&origin).await;
    let acme = origin.token("acme", &dashboard, json!({})).await;
    origin.await_value(&acme, "calls", 5.0).await;
    origin.await_value(&globex, "calls", 25.0).await;
    assert_eq!(files_with(&origin.data().join("spool"), MARK), [""; 0]);
}

#[tokio::test]
async fn an_erasure_goes_on_after_a_kill_at_any_step() {
    let (mut origin, dashboard) = with_two_tenants().await;
    for (round, after_ms) in [0, 5, 20, 60, 150, 400].into_iter().enumerate() {
        let round = u32::try_from(round).unwrap();
        let ids = 1000 * round..1000 * round + 40;
        origin.ingest(events("acme", MARK, ids)).await.expect(200);
        order(&origin).await;
        // Known before the kill, so it must be known after it.
        let late = 1000 * round + 500..1000 * round + 503;
        origin.ingest(events("acme", "m", late)).await.expect(200);
        tokio::time::sleep(Duration::from_millis(after_ms)).await;
        if round % 2 == 1 {
            origin.signal_engine("-KILL");
        }
        origin = origin.killed_and_restarted();
        await_done(&origin).await;
        let acme = origin.token("acme", &dashboard, json!({})).await;
        origin.await_value(&acme, "calls", 3.0).await;
    }
    let globex = origin.token("globex", &dashboard, json!({})).await;
    origin.await_value(&globex, "calls", 20.0).await;
}
