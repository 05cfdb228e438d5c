//! `/v1/dashboards/{id}/plan`, and the rollups that it tells of.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use crate::origin::{ADMIN_KEY, Origin, call, calls_dashboard};

const DEADLINE: Duration = Duration::from_secs(60);

fn dashboard() -> Value {
    let mut document = calls_dashboard();
    let slowest = json!({ "id": "slowest", "kind": "kpi", "chart": "stat",
        "query": { "event_name": "call", "metric": "p95", "numeric_prop": "tokens" },
        "layout": { "x": 6, "y": 0, "w": 3, "h": 2 } });
    document["widgets"].as_array_mut().unwrap().push(slowest);
    document
}

/// Asks for the plan until its first widget is answered from a rollup.
async fn plan_with_rollups(origin: &Origin, id: &str) -> Value {
    let started = Instant::now();
    loop {
        let answer = origin
            .get(&format!("/v1/dashboards/{id}/plan"), ADMIN_KEY)
            .await;
        let plan = answer.expect(200).clone();
        if plan["widgets"][0]["source"] == "rollup" {
            return plan;
        }
        assert!(started.elapsed() < DEADLINE, "{plan}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_publish_makes_rollups_and_the_plan_tells_of_them() {
    let origin = Origin::start();
    let created = origin
        .admin(Method::POST, "/v1/dashboards", dashboard())
        .await;
    let id = created.expect(201)["id"].as_str().unwrap().to_owned();
    let draft = origin
        .get(&format!("/v1/dashboards/{id}/plan"), ADMIN_KEY)
        .await;
    let draft = draft.expect(200);
    assert_eq!(draft["version"], json!(null));
    assert_eq!(draft["widgets"][0]["source"], "events");
    assert!(
        draft["widgets"][0]["why"]
            .as_str()
            .unwrap()
            .contains("no rollup")
    );

    origin
        .ingest(json!([call("acme", "1", "m-1", 5)]))
        .await
        .expect(200);
    let path = format!("/v1/dashboards/{id}/publish");
    origin
        .admin(Method::POST, &path, json!({}))
        .await
        .expect(204);
    let plan = plan_with_rollups(&origin, &id).await;
    assert_eq!(plan["version"], 1);
    assert_eq!(plan["widgets"][0]["dimensions"], json!([]));
    assert_eq!(plan["widgets"][2]["dimensions"], json!(["model"]));
    assert_eq!(plan["widgets"][3]["source"], "events");
    assert!(
        plan["widgets"][3]["why"]
            .as_str()
            .unwrap()
            .contains("percentile")
    );

    let token = origin.token("acme", &id, json!({})).await;
    let stranger = origin.token("globex", &id, json!({})).await;
    origin
        .ingest(json!([
            call("acme", "2", "m-2", 7),
            call("globex", "1", "m-1", 90)
        ]))
        .await
        .expect(200);
    origin.await_value(&token, "tokens", 12.0).await;
    origin.await_value(&stranger, "tokens", 90.0).await;

    // Whatever is killed, the events of before and after count once.
    let origin = origin.killed_and_restarted();
    plan_with_rollups(&origin, &id).await;
    origin
        .ingest(json!([
            call("acme", "2", "m-2", 7),
            call("acme", "3", "m-2", 1)
        ]))
        .await
        .expect(200);
    origin.await_value(&token, "tokens", 13.0).await;
    origin.await_value(&stranger, "tokens", 90.0).await;
}

#[tokio::test]
async fn a_plan_is_told_to_whoever_may_read_the_dashboard() {
    let origin = Origin::start();
    let unknown = origin
        .get("/v1/dashboards/dash_unknown/plan", ADMIN_KEY)
        .await;
    unknown.refused(404, "not_found");
    let unfinished = json!({ "name": "Unfinished" });
    let created = origin
        .admin(Method::POST, "/v1/dashboards", unfinished)
        .await;
    let id = created.expect(201)["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/dashboards/{id}/plan");
    assert_eq!(origin.get(&path, ADMIN_KEY).await.status, 422);
    let id = origin.publish(calls_dashboard()).await;
    let token = origin.token("acme", &id, json!({})).await;
    let path = format!("/v1/dashboards/{id}/plan");
    assert_eq!(origin.get(&path, &token).await.status, 401);
}
