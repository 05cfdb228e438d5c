//! What is written is there once, whole, and whoever is down says so.

use emban_contract::UnixMillis;
use emban_contract::event::Event;
use emban_warehouse::{Warehouse, WarehouseConfig, operator};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use secrecy::SecretString;

use crate::bench::{Bench, at, connect, event};
use crate::process::ENGINE;

const NOW: &str = "2026-03-15T12:00:00Z";

async fn count(bench: &Bench) -> u64 {
    operator::count_by_tenant(&bench.warehouse, &bench.environment)
        .await
        .unwrap()
        .values()
        .sum()
}

#[tokio::test]
async fn a_batch_sent_again_counts_once() {
    let bench = Bench::new("write-again", NOW).await;
    let writer = bench.warehouse.writer(&bench.environment);
    let events: Vec<Event> = (0..1000)
        .map(|n| {
            event(
                "acme",
                &n.to_string(),
                UnixMillis(at("2026-03-14T00:00:00Z").0 + n),
                &[("p", "v")],
                &[("n", 1.0)],
            )
        })
        .collect();
    for _ in 0..3 {
        writer.insert(&events, "batch-1").await.unwrap();
    }
    assert_eq!(count(&bench).await, 1000);
    // The same events under another token are another batch.
    writer.insert(&events, "batch-2").await.unwrap();
    assert_eq!(count(&bench).await, 2000);
    writer.insert(&[], "batch-3").await.unwrap();
    assert_eq!(count(&bench).await, 2000);
}

#[tokio::test]
async fn a_batch_of_three_hundred_months_is_written_once() {
    let bench = Bench::new("write-months", NOW).await;
    let writer = bench.warehouse.writer(&bench.environment);
    let month = 31 * 86_400_000;
    let events: Vec<Event> = (0..300)
        .map(|n| {
            event(
                "acme",
                &n.to_string(),
                UnixMillis(at("2000-01-01T00:00:00Z").0 + n * month),
                &[],
                &[],
            )
        })
        .collect();
    for _ in 0..2 {
        writer.insert(&events, "months").await.unwrap();
    }
    assert_eq!(count(&bench).await, 300);
}

#[tokio::test]
async fn a_large_random_batch_arrives_whole() {
    let bench = Bench::new("write-random", NOW).await;
    let mut rng = StdRng::seed_from_u64(11);
    let mut random_text = |max: usize| {
        (0..rng.random_range(0..max))
            .map(|_| rng.random::<char>())
            .collect::<String>()
    };
    let events: Vec<Event> = (0..20_000)
        .map(|n: i64| {
            let texts = [random_text(6), random_text(40)];
            let tenant = format!("t{}", n % 7);
            event(
                &tenant,
                &n.to_string(),
                UnixMillis(at("2026-01-01T00:00:00Z").0 + n * 1000),
                &[(&format!("p{}", texts[0]), &texts[1])],
                &[("n", 1.0)],
            )
        })
        .collect();
    bench.insert(&events).await;
    let counts = operator::count_by_tenant(&bench.warehouse, &bench.environment)
        .await
        .unwrap();
    assert_eq!(counts.len(), 7);
    assert_eq!(counts.values().sum::<u64>(), 20_000);
    let session = bench.session("t3", serde_json::json!({}));
    let query = serde_json::json!({"event_name": "e", "metric": "sum", "numeric_prop": "n"});
    let sum = bench
        .ask(
            &session,
            &crate::bench::dashboard("kpi", "stat", query, serde_json::json!({})),
            serde_json::json!({"period": "1y"}),
        )
        .await;
    assert_eq!(
        crate::bench::as_json(sum)["value"].as_f64(),
        counts.get("t3").map(|count| *count as f64)
    );
}

#[tokio::test]
async fn migrating_again_and_at_once_changes_nothing() {
    let bench = Bench::new("write-migrate", NOW).await;
    bench
        .insert(&[event("acme", "1", at("2026-03-14T00:00:00Z"), &[], &[])])
        .await;
    let again = connect();
    let (a, b) = tokio::join!(
        bench.warehouse.migrate(&bench.environment),
        again.migrate(&bench.environment)
    );
    a.unwrap();
    b.unwrap();
    assert_eq!(count(&bench).await, 1);
}

#[tokio::test]
async fn an_absent_warehouse_is_worth_another_try() {
    let nowhere = Warehouse::new(&WarehouseConfig {
        url: "http://127.0.0.1:1".to_owned(),
        user: None,
        password: None,
        reader: None,
    });
    let wrong_password = Warehouse::new(&WarehouseConfig {
        url: ENGINE.url.clone(),
        user: Some("default".to_owned()),
        password: Some(SecretString::from("not the secret of the tests")),
        reader: None,
    });
    let environment = emban_contract::EnvironmentName::new("nowhere").unwrap();
    let one = [event("acme", "1", at("2026-03-14T00:00:00Z"), &[], &[])];
    // The third has a server but no table yet.
    for warehouse in [nowhere, wrong_password, connect()] {
        assert!(
            warehouse
                .writer(&environment)
                .insert(&one, "t")
                .await
                .unwrap_err()
                .is_retryable()
        );
    }
    connect().ping().await.unwrap();
}
