//! What was answered with 200 is there, whatever is killed.

use std::process::Command;

use serde_json::{Value, json};

use crate::origin::{Origin, call, calls_dashboard};

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
