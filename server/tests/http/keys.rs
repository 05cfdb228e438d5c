//! `/v1/keys`, `/v1/audit` and `Idempotency-Key`.

use reqwest::Method;
use serde_json::{Value, json};

use crate::origin::{ADMIN_KEY, Answer, Origin, answer, calls_dashboard};

async fn make(origin: &Origin, scope: &str) -> (String, String) {
    let asked = json!({ "name": "ci", "scope": scope });
    let made = origin.admin(Method::POST, "/v1/keys", asked).await;
    let text = |name: &str| made.expect(201)[name].as_str().unwrap().to_owned();
    (text("id"), text("key"))
}

async fn rotate(origin: &Origin, id: &str, overlap: u32) -> Answer {
    let path = format!("/v1/keys/{id}/rotate");
    let asked = json!({ "overlap_seconds": overlap });
    origin.admin(Method::POST, &path, asked).await
}

#[tokio::test]
async fn a_rotated_key_and_its_successor_overlap() {
    let origin = Origin::start();
    let (id, former) = make(&origin, "read").await;
    origin.get("/v1/dashboards", &former).await.expect(200);
    let rotated = rotate(&origin, &id, 3600).await;
    let successor = rotated.expect(201)["key"].as_str().unwrap().to_owned();
    assert_eq!(
        (&rotated.body["scope"], &rotated.body["replaces"]),
        (&json!("read"), &json!(id))
    );
    for key in [&former, &successor] {
        origin.get("/v1/dashboards", key).await.expect(200);
    }
    // Without an overlap the former one ends with the call.
    let id = rotated.body["id"].as_str().unwrap().to_owned();
    let last = rotate(&origin, &id, 0).await;
    let last = last.expect(201)["key"].as_str().unwrap().to_owned();
    origin
        .get("/v1/dashboards", &successor)
        .await
        .refused(401, "unauthorized");
    origin.get("/v1/dashboards", &last).await.expect(200);
    rotate(&origin, &id, 0).await.refused(404, "not_found");
    rotate(&origin, "key_unknown", 0)
        .await
        .refused(404, "not_found");
    rotate(&origin, &id, 2_592_001)
        .await
        .refused(422, "invalid");
}

#[tokio::test]
async fn a_key_has_a_name_that_every_database_and_terminal_takes() {
    let origin = Origin::start();
    for name in ["", "  ", "a\0b", "a\nb", "\u{1b}[2J", &"x".repeat(201)] {
        let asked = json!({ "name": name, "scope": "read" });
        let refused = origin.admin(Method::POST, "/v1/keys", asked).await;
        refused.refused(422, "invalid");
        assert_eq!(refused.places(), ["/name"], "{name:?}");
    }
    let asked = json!({ "name": "Übergabe 🔑", "scope": "read" });
    let made = origin.admin(Method::POST, "/v1/keys", asked).await;
    assert_eq!(made.expect(201)["name"], "Übergabe 🔑");
}

#[tokio::test]
async fn the_audit_log_names_every_call_that_changes_something() {
    let origin = Origin::start();
    let (id, read) = make(&origin, "read").await;
    let refused = origin
        .request(Method::POST, "/v1/dashboards", &read)
        .json(&json!({}));
    answer(refused).await.refused(403, "wrong_scope");
    let dashboard = origin.publish(calls_dashboard()).await;
    origin
        .token("acme", &dashboard, json!({ "user_id": "u1" }))
        .await;
    origin.get("/v1/dashboards", ADMIN_KEY).await.expect(200);
    let page = origin.get("/v1/audit", ADMIN_KEY).await;
    let entries = page.expect(200)["entries"].as_array().unwrap().clone();
    let calls: Vec<(&str, u64)> = entries
        .iter()
        .map(|entry| {
            (
                entry["action"].as_str().unwrap(),
                entry["status"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        calls,
        [
            ("POST /v1/embed-sessions", 201),
            ("POST /v1/dashboards/{id}/publish", 204),
            ("POST /v1/dashboards", 201),
            ("POST /v1/dashboards", 403),
            ("POST /v1/keys", 201),
        ]
    );
    assert_eq!(entries[0]["details"]["user_id"], "u1");
    assert_eq!(entries[0]["details"]["tenant_id"], "acme");
    assert_eq!(entries[2]["details"]["dashboard_id"], json!(dashboard));
    assert_eq!(
        (&entries[3]["key_id"], &entries[4]["details"]["key_id"]),
        (&json!(id), &json!(id))
    );
    assert!(
        !page.text.contains(&read) && !page.text.contains("eyJ"),
        "{}",
        page.text
    );
}

#[tokio::test]
async fn pages_of_the_audit_log_hold_every_entry_once() {
    let origin = Origin::start();
    for _ in 0..5 {
        make(&origin, "ingest").await;
    }
    let (mut ids, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/v1/audit?limit=2{cursor}");
        let page = origin.get(&path, ADMIN_KEY).await;
        let entries = page.expect(200)["entries"].as_array().unwrap();
        ids.extend(entries.iter().map(|e| e["id"].as_str().unwrap().to_owned()));
        match page.body["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(ids.len(), 5);
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 5);
    origin
        .get("/v1/audit?cursor=x", ADMIN_KEY)
        .await
        .refused(422, "invalid");
}

async fn send(origin: &Origin, path: &str, key: &str, body: &Value) -> Answer {
    let request = origin.request(Method::POST, path, ADMIN_KEY);
    answer(request.header("idempotency-key", key).json(body)).await
}

#[tokio::test]
async fn a_request_sent_again_makes_nothing_twice() {
    let origin = Origin::start();
    let document = calls_dashboard();
    let path = "/v1/dashboards";
    let (first, again) = (
        send(&origin, path, "a", &document).await,
        send(&origin, path, "a", &document).await,
    );
    assert_eq!(first.expect(201)["id"], again.expect(201)["id"]);
    let other = send(&origin, path, "b", &document).await;
    assert_ne!(first.body["id"], other.expect(201)["id"]);
    let mut changed = document.clone();
    changed["name"] = json!("Changed");
    send(&origin, path, "a", &changed)
        .await
        .refused(409, "conflict");
    send(&origin, path, " ", &document)
        .await
        .refused(422, "invalid");
    let listed = origin.get(path, ADMIN_KEY).await;
    assert_eq!(
        listed.expect(200)["dashboards"].as_array().unwrap().len(),
        2
    );

    let dashboard = origin.publish(document).await;
    let asked = json!({ "tenant_id": "acme", "dashboard_id": dashboard });
    let path = "/v1/embed-sessions";
    let (first, again) = tokio::join!(
        send(&origin, path, "a", &asked),
        send(&origin, path, "a", &asked)
    );
    assert_eq!(first.expect(201)["token"], again.expect(201)["token"]);
    let fresh = send(&origin, path, "c", &asked).await;
    assert_ne!(first.body["session_id"], fresh.expect(201)["session_id"]);
    let listed = origin
        .get("/v1/embed-sessions?tenant_id=acme", ADMIN_KEY)
        .await;
    assert_eq!(listed.expect(200)["sessions"].as_array().unwrap().len(), 2);
    // The token is nowhere in what is kept.
    let token = first.body["token"].as_str().unwrap();
    assert!(!origin.control_database_holds(token.rsplit('.').next().unwrap()));
}

#[tokio::test]
async fn an_operator_makes_rotates_and_ends_keys_beside_the_running_origin() {
    let origin = Origin::start();
    let run = |arguments: &[&str]| {
        let output = origin.run(arguments);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{arguments:?}: {text}");
        text
    };
    let made = run(&["keys", "create", "ci", "--scope", "read"]);
    let lines: Vec<&str> = made.lines().collect();
    let (key, id) = (lines[0], lines[1].split(' ').next().unwrap());
    origin.get("/v1/dashboards", key).await.expect(200);
    let rotated = run(&["keys", "rotate", id, "--overlap-seconds", "0"]);
    let mut lines = rotated.lines();
    let successor = lines.next().unwrap();
    let successor_id = lines.next().unwrap().split(' ').next().unwrap();
    origin.get("/v1/dashboards", successor).await.expect(200);
    // The origin remembers a key for some seconds.
    let ended = |found: &Answer| found.status == 401;
    origin.await_answer("/v1/dashboards", key, ended).await;
    run(&["keys", "revoke", successor_id]);
    origin
        .await_answer("/v1/dashboards", successor, ended)
        .await;
    let listed = run(&["keys", "list"]);
    assert!(
        listed.contains("bootstrap") && !listed.contains(successor_id) && !listed.contains(key),
        "{listed}"
    );
    let page = origin.get("/v1/audit", ADMIN_KEY).await;
    assert_eq!(
        page.expect(200)["entries"][0]["action"],
        "emban keys revoke"
    );
    let unknown = origin.run(&["keys", "revoke", "key_unknown"]);
    assert!(!unknown.status.success());
}
