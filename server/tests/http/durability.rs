//! What was answered with 200 is there, whatever is killed.

use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use crate::origin::{Answer, Origin, call, calls_dashboard};

fn batch(from: u32) -> Value {
    (from..from + 500)
        .map(|n| call("acme", &n.to_string(), "a", 1))
        .collect()
}

#[tokio::test]
async fn a_killed_origin_loses_nothing_and_counts_nothing_twice() {
    let origin = Origin::start();
    let dashboard = origin.publish(calls_dashboard()).await;
    for n in 0..4 {
        origin.ingest(batch(n * 500)).await.expect(200);
    }
    let origin = origin.killed_and_restarted();
    // A client that did not hear the answer sends again.
    origin.ingest(batch(1500)).await.expect(200);
    let token = origin.token("acme", &dashboard, json!({})).await;
    origin.await_value(&token, "calls", 2000.0).await;
}

#[tokio::test]
async fn a_killed_engine_comes_back_and_events_are_taken_meanwhile() {
    let origin = Origin::start();
    let dashboard = origin.publish(calls_dashboard()).await;
    origin.ingest(batch(0)).await.expect(200);
    let token = origin.token("acme", &dashboard, json!({})).await;
    origin.await_value(&token, "calls", 500.0).await;
    let children = origin.children();
    let [engine] = children.as_slice() else {
        panic!("the origin has one child, the engine: {children:?}")
    };
    assert!(
        Command::new("kill")
            .args(["-9", engine])
            .status()
            .unwrap()
            .success()
    );
    origin.ingest(batch(500)).await.expect(200);
    origin.await_value(&token, "calls", 1000.0).await;
    assert_ne!(origin.children(), children);
}

#[tokio::test]
async fn an_answer_that_lacks_figures_is_not_for_the_edge_to_keep() {
    let origin = Origin::start();
    let dashboard = origin.publish(calls_dashboard()).await;
    origin.ingest(batch(0)).await.expect(200);
    let token = origin.token("acme", &dashboard, json!({})).await;
    origin.await_value(&token, "calls", 500.0).await;
    let document = format!("/embed/{dashboard}");
    let fresh = |answer: &Answer| {
        let seconds = answer.headers["x-emban-fresh"].to_str();
        seconds.unwrap().to_owned()
    };
    let whole = origin.embed("/v1/embed/query", &token, json!({})).await;
    assert_eq!(fresh(&whole), "15", "{}", whole.text);
    assert_eq!(fresh(&origin.get(&document, &token).await), "15");
    // A widget that is not there is not there for as long as the version lives.
    let asked = json!({ "widgets": ["calls", "nothing-of-that-name"] });
    let partly = origin.embed("/v1/embed/query", &token, asked).await;
    assert_eq!(fresh(&partly), "15", "{}", partly.text);

    let children = origin.children();
    let [engine] = children.as_slice() else {
        panic!("the origin has one child, the engine: {children:?}")
    };
    // Stopped first, so that the questions are under way when the engine dies.
    signal("-STOP", engine);
    let dying = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        signal("-KILL", engine);
    };
    let never_asked = json!({ "filters": { "dimensions": { "model": "large" } } });
    let (query, page, ()) = tokio::join!(
        origin.embed("/v1/embed/query", &token, never_asked),
        origin.get(&document, &token),
        dying
    );
    for answer in [query, page] {
        assert!(
            answer.text.contains("warehouse_unavailable"),
            "{}",
            answer.text
        );
        assert_eq!((answer.status, fresh(&answer)), (200, "0".to_owned()));
    }
    // What was answered before is still known.
    let kept = origin.embed("/v1/embed/query", &token, json!({})).await;
    assert_eq!(kept.expect(200)["results"], whole.body["results"]);
    origin.await_value(&token, "calls", 500.0).await;
}

fn signal(name: &str, process: &str) {
    let sent = Command::new("kill").args([name, process]).status();
    assert!(sent.unwrap().success());
}
