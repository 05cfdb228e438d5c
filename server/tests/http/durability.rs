//! What was answered with 200 is there, whatever is killed.

use std::time::Duration;

use serde_json::{Value, json};

use crate::origin::{ADMIN_KEY, Answer, Origin, call, calls_dashboard};

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
    assert_eq!(children.len(), 1, "the origin has one child, the engine");
    origin.signal_engine("-KILL");
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
    let first_asked = json!({ "filters": { "dimensions": { "model": "small" } } });
    let whole = origin
        .embed("/v1/embed/query", &token, first_asked.clone())
        .await;
    assert_eq!(fresh(&whole), "15", "{}", whole.text);
    assert_eq!(fresh(&origin.get(&document, &token).await), "15");
    // A widget that is not there is not there for as long as the version lives.
    let asked = json!({ "widgets": ["calls", "nothing-of-that-name"] });
    let partly = origin.embed("/v1/embed/query", &token, asked).await;
    assert_eq!(fresh(&partly), "15", "{}", partly.text);

    // Stopped first, so that the questions are under way when the engine dies.
    origin.signal_engine("-STOP");
    let dying = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        origin.signal_engine("-KILL");
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
    let kept = origin.embed("/v1/embed/query", &token, first_asked).await;
    assert_eq!(kept.expect(200)["results"], whole.body["results"]);
    origin.await_value(&token, "calls", 500.0).await;
}

fn gauge(metrics: &str, name: &str) -> u64 {
    let line = format!("{name}{{environment=\"production\"}} ");
    let value = metrics.lines().find_map(|l| l.strip_prefix(&line));
    value
        .unwrap_or_else(|| panic!("{metrics}"))
        .parse()
        .unwrap()
}

#[tokio::test]
async fn a_full_spool_refuses_with_a_time_to_come_back_and_loses_nothing() {
    let origin = Origin::start_with(&[("EMBAN_SPOOL_MIB", "1")]);
    let dashboard = origin.publish(calls_dashboard()).await;
    origin.signal_engine("-STOP");
    let mut taken = 0;
    let refused = loop {
        let answer = origin.ingest(batch(taken)).await;
        if answer.status != 200 {
            break answer;
        }
        taken += 500;
    };
    refused.refused(503, "spool_full");
    let seconds = refused.headers["retry-after"].to_str().unwrap();
    assert!(seconds.parse::<u32>().unwrap() > 0);
    assert!(taken > 2000, "{taken}");
    let metrics = origin.get("/metrics", ADMIN_KEY).await.text;
    assert_eq!(gauge(&metrics, "emban_spool_events"), u64::from(taken));
    assert_eq!(gauge(&metrics, "emban_spool_max_bytes"), 1 << 20);
    assert!(gauge(&metrics, "emban_spool_disk_bytes") > 900_000);
    assert!(gauge(&metrics, "emban_spool_oldest_event_milliseconds") < 60_000);
    origin.signal_engine("-CONT");
    let token = origin.token("acme", &dashboard, json!({})).await;
    origin.await_value(&token, "calls", f64::from(taken)).await;
    // Its room is free once it is written down that they are done, a moment after they are seen.
    origin
        .await_answer("/metrics", ADMIN_KEY, |metrics| {
            gauge(&metrics.text, "emban_spool_events") == 0
        })
        .await;
    // What was refused is taken now.
    origin.ingest(batch(taken)).await.expect(200);
    origin
        .await_value(&token, "calls", f64::from(taken + 500))
        .await;
}

#[tokio::test]
async fn an_event_that_the_warehouse_refuses_is_kept_aside_and_all_others_go_on() {
    let client = reqwest::Client::new();
    let engine = Origin::start().into_engine();
    // The engine fails with the code of unreadable data, for this event only.
    let check = "ALTER TABLE events ADD CONSTRAINT sound CHECK base64Decode(if(event_id = 'poison', '!', 'eA==')) != ''";
    engine.ask(&client, check).await;
    let origin = engine.into_origin();
    let name = |n: usize| match n {
        17 => "poison".to_owned(),
        n => n.to_string(),
    };
    let events: Vec<Value> = (0..40)
        .map(|n| call("acme", &name(n), "small", 1))
        .collect();
    origin.ingest(json!(events)).await.expect(200);
    origin
        .ingest(json!([call("acme", "later", "small", 1)]))
        .await
        .expect(200);
    let query = "/v1/query?tenant_id=acme&event_name=call";
    origin
        .await_answer(query, ADMIN_KEY, |found| {
            found.body["data"]["value"] == 40.0
        })
        .await;
    let metrics = origin.get("/metrics", "").await;
    let line = "emban_spool_quarantined_events{environment=\"production\"} 1";
    assert!(metrics.text.lines().any(|l| l == line), "{}", metrics.text);
    let engine = origin.into_engine();
    let ids = "SELECT count(), countIf(event_id = 'poison'), uniqExact(event_id) FROM events";
    assert_eq!(engine.ask(&client, ids).await.trim(), "40\t0\t40");
    let kept = engine.data().join("spool/production/quarantine");
    let holds = |file: std::fs::DirEntry| {
        std::fs::read(file.path()).is_ok_and(|bytes| {
            let text = String::from_utf8_lossy(&bytes);
            text.contains("poison") && text.contains("base64Decode")
        })
    };
    let files = std::fs::read_dir(&kept).unwrap();
    assert!(files.flatten().any(holds), "{}", kept.display());
}
