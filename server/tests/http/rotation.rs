//! Signing keys are rotated under a running origin.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::origin::{Origin, calls_dashboard};

async fn kids(origin: &Origin) -> Vec<String> {
    let jwks = origin.get("/.well-known/jwks.json", "").await;
    let keys = jwks.expect(200)["keys"].as_array().unwrap().clone();
    let kid = |key: &serde_json::Value| key["kid"].as_str().unwrap().to_owned();
    keys.iter().map(kid).collect()
}

async fn kids_when(origin: &Origin, so: impl Fn(&[String]) -> bool) -> Vec<String> {
    let started = Instant::now();
    loop {
        let kids = kids(origin).await;
        if so(&kids) {
            return kids;
        }
        assert!(started.elapsed() < Duration::from_secs(30), "{kids:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_rotation_breaks_no_session_and_a_replacement_breaks_all() {
    let origin = Origin::start();
    let dashboard = origin.publish(calls_dashboard()).await;
    let before = kids(&origin).await;
    let session = origin.token("acme", &dashboard, json!({})).await;

    let rotated = origin.run(&["keys", "rotate-signing"]);
    assert!(rotated.status.success(), "{rotated:?}");
    let overlap = kids_when(&origin, |kids| kids.len() == 2).await;
    assert_eq!(overlap[1], before[0], "the newest is first");
    origin.get("/v1/embed/surface", &session).await.expect(200);
    let during = origin.token("acme", &dashboard, json!({})).await;
    origin.get("/v1/embed/surface", &during).await.expect(200);

    let replaced = origin.run(&["keys", "rotate-signing", "--at-once"]);
    assert!(replaced.status.success(), "{replaced:?}");
    let after = kids_when(&origin, |kids| kids.len() == 1).await;
    assert!(!overlap.contains(&after[0]));
    for ended in [&session, &during] {
        let refused = origin.get("/v1/embed/surface", ended).await;
        refused.refused(401, "unauthorized");
    }
    let fresh = origin.token("acme", &dashboard, json!({})).await;
    origin.get("/v1/embed/surface", &fresh).await.expect(200);

    let unknown = origin.run(&["keys", "rotate-signing", "--environment", "nowhere"]);
    assert!(!unknown.status.success());
    let said = String::from_utf8_lossy(&unknown.stderr);
    assert!(
        said.contains("nowhere is not one of EMBAN_ENVIRONMENTS"),
        "{said}"
    );
}
