//! The flusher: each event once, whatever the sink does and wherever the flusher is interrupted.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use emban_contract::TenantId;
use emban_spool::{Dedup, DedupConfig, Flusher, FlusherConfig, Spool, SpoolConfig, SpoolError};

use crate::sinks::Warehouse;
use crate::{Running, drained, event, open, quick, until};

fn numbers(range: impl Iterator<Item = usize>) -> Vec<String> {
    range.map(|n| n.to_string()).collect()
}

fn refused_ids(dir: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(dir.join("quarantine")).unwrap();
    entries
        .map(|entry| {
            let kept: serde_json::Value =
                serde_json::from_slice(&fs::read(entry.unwrap().path()).unwrap()).unwrap();
            let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
            (text(&kept["event"]["event_id"]), text(&kept["reason"]))
        })
        .collect()
}

/// Opens a spool whose last user has been aborted: its blocking work may hold the lock for a moment longer.
async fn reopen(dir: &Path) -> (Spool, Dedup) {
    let mut spool = None;
    until(|| {
        spool = Spool::open(dir, SpoolConfig::default()).ok();
        spool.is_some()
    })
    .await;
    let mut dedup = None;
    until(|| {
        dedup = Dedup::open(dir.join("dedup"), DedupConfig::default()).ok();
        dedup.is_some()
    })
    .await;
    (spool.unwrap(), dedup.unwrap())
}

#[tokio::test]
async fn duplicates_within_a_batch_across_batches_and_across_restarts_count_once() {
    let dir = tempfile::tempdir().unwrap();
    let warehouse = Arc::new(Warehouse::default());
    for round in 0..3 {
        let (spool, dedup) = reopen(dir.path()).await;
        let running = Running::start_with(&spool, dedup, warehouse.clone(), quick());
        spool
            .append(vec![event("same"), event(round), event("same")])
            .await
            .unwrap();
        drained(&spool).await;
        let last = spool
            .append(vec![event("same"), event(round)])
            .await
            .unwrap();
        spool.flushed_past(last.last_position).await;
        assert_eq!(spool.status().duplicates, if round == 0 { 3 } else { 4 });
        until(|| warehouse.settled.lock().unwrap().len() == warehouse.tokens().len()).await;
        running.stop().await;
    }
    assert_eq!(warehouse.ids(), ["0", "1", "2", "same"]);
}

#[tokio::test]
async fn a_crash_between_insert_and_checkpoint_sends_the_same_batch_under_the_same_token() {
    let dir = tempfile::tempdir().unwrap();
    let warehouse = Arc::new(Warehouse {
        answers: Some(0),
        ..Warehouse::default()
    });
    let (spool, dedup) = reopen(dir.path()).await;
    spool
        .append((0..50).map(event).chain((0..10).map(event)).collect())
        .await
        .unwrap();
    let running = Running::start_with(&spool, dedup, warehouse.clone(), quick());
    until(|| warehouse.hangs.load(Ordering::Relaxed)).await;
    // Later events must not slip into the batch that was begun.
    spool.append((40..60).map(event).collect()).await.unwrap();
    running.crash().await;
    drop(spool);
    let restarted = Arc::new(warehouse.restarted());
    let (spool, dedup) = reopen(dir.path()).await;
    let running = Running::start_with(&spool, dedup, restarted.clone(), quick());
    drained(&spool).await;
    running.stop().await;
    assert_eq!(restarted.tries.lock().unwrap()[0], warehouse.tokens()[0]);
    assert_eq!(restarted.ids(), numbers(0..60));
}

#[tokio::test]
async fn refused_events_go_to_quarantine_and_all_others_to_the_sink() {
    let dir = tempfile::tempdir().unwrap();
    let warehouse = Arc::new(Warehouse::refusing([0, 41, 42, 99]));
    let (spool, dedup) = reopen(dir.path()).await;
    spool.append((0..100).map(event).collect()).await.unwrap();
    let running = Running::start_with(&spool, dedup, warehouse.clone(), quick());
    drained(&spool).await;
    let good = numbers((1..41).chain(43..99));
    assert_eq!(warehouse.ids(), good);
    let refused = refused_ids(dir.path());
    assert_eq!(refused.keys().collect::<Vec<_>>(), ["0", "41", "42", "99"]);
    assert_eq!(refused["41"], "no column for 41");
    assert_eq!(spool.status().quarantined_events, 4);
    // Once the sink takes it, a refused event can be sent anew: it is no duplicate.
    warehouse.heal();
    let again = spool.append(vec![event(41), event(1)]).await.unwrap();
    spool.flushed_past(again.last_position).await;
    running.stop().await;
    assert_eq!(warehouse.ids(), numbers((1..42).chain(43..99)));
}

#[tokio::test]
async fn a_crash_at_any_insert_of_a_bisection_loses_nothing_and_doubles_nothing() {
    let mut hung = 0;
    for answers in 0.. {
        let dir = tempfile::tempdir().unwrap();
        let warehouse = Arc::new(Warehouse {
            answers: Some(answers),
            ..Warehouse::refusing([2, 7])
        });
        let (spool, dedup) = reopen(dir.path()).await;
        spool.append((0..8).map(event).collect()).await.unwrap();
        let running = Running::start_with(&spool, dedup, warehouse.clone(), quick());
        until(|| warehouse.hangs.load(Ordering::Relaxed) || spool.status().bytes == 0).await;
        let finished = spool.status().bytes == 0;
        running.crash().await;
        drop(spool);
        let restarted = Arc::new(warehouse.restarted());
        let (spool, dedup) = reopen(dir.path()).await;
        let running = Running::start_with(&spool, dedup, restarted.clone(), quick());
        drained(&spool).await;
        assert_eq!(
            restarted.ids(),
            ["0", "1", "3", "4", "5", "6"],
            "after {answers} answers"
        );
        assert_eq!(
            refused_ids(dir.path()).into_keys().collect::<Vec<_>>(),
            ["2", "7"]
        );
        restarted.heal();
        let again = spool
            .append(vec![event(2), event(3), event(7)])
            .await
            .unwrap();
        spool.flushed_past(again.last_position).await;
        running.stop().await;
        assert_eq!(restarted.ids(), numbers(0..8), "after {answers} answers");
        if finished {
            break;
        }
        hung += 1;
    }
    assert!(hung >= 8, "only {hung} inserts were interrupted");
}

#[tokio::test]
async fn an_unavailable_sink_is_tried_again_with_the_same_batch_and_shown_in_the_status() {
    let dir = tempfile::tempdir().unwrap();
    let warehouse = Arc::new(Warehouse::default());
    warehouse.down.store(true, Ordering::Relaxed);
    let spool = open(dir.path());
    let running = Running::start(&spool, dir.path(), warehouse.clone(), quick());
    let appended = spool.append(vec![event(1)]).await.unwrap();
    until(|| warehouse.tries.lock().unwrap().len() >= 3).await;
    spool.append(vec![event(2)]).await.unwrap();
    let status = spool.status();
    assert!(
        status
            .last_error
            .is_some_and(|error| error.contains("down for the test"))
    );
    assert_eq!(status.events, 2);
    warehouse.down.store(false, Ordering::Relaxed);
    spool.flushed_past(appended.last_position + 1).await;
    assert_eq!(spool.status().last_error, None);
    running.stop().await;
    let tries = warehouse.tries.lock().unwrap();
    assert!(tries[..3].iter().all(|token| *token == tries[0]));
    assert_eq!(warehouse.ids(), ["1", "2"]);
}

#[tokio::test]
async fn a_stop_does_not_wait_for_a_sink_that_is_down_and_the_next_start_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let warehouse = Arc::new(Warehouse::default());
    warehouse.down.store(true, Ordering::Relaxed);
    let (spool, dedup) = reopen(dir.path()).await;
    spool.append(vec![event(1)]).await.unwrap();
    let patient = FlusherConfig {
        backoff_min: crate::DEADLINE * 2,
        backoff_max: crate::DEADLINE * 2,
        ..quick()
    };
    let running = Running::start_with(&spool, dedup.clone(), warehouse.clone(), patient);
    until(|| !warehouse.tries.lock().unwrap().is_empty()).await;
    running.stop().await;
    warehouse.down.store(false, Ordering::Relaxed);
    until(|| Flusher::new(&spool, dedup.clone(), warehouse.clone(), quick()).is_ok()).await;
    let running = Running::start_with(&spool, dedup, warehouse.clone(), quick());
    drained(&spool).await;
    running.stop().await;
    assert_eq!(warehouse.ids(), ["1"]);
}

#[tokio::test]
async fn a_backlog_of_many_segments_is_flushed_in_full_batches_and_deleted() {
    let dir = tempfile::tempdir().unwrap();
    let config = SpoolConfig {
        segment_bytes: 20_000,
        ..SpoolConfig::default()
    };
    let spool = Spool::open(dir.path(), config).unwrap();
    for frame in 0..100 {
        spool
            .append((frame * 50..frame * 50 + 50).map(event).collect())
            .await
            .unwrap();
    }
    assert!(fs::read_dir(dir.path().join("log")).unwrap().count() > 5);
    let warehouse = Arc::new(Warehouse::default());
    let running = Running::start(
        &spool,
        dir.path(),
        warehouse.clone(),
        FlusherConfig {
            batch_events: 1000,
            ..quick()
        },
    );
    drained(&spool).await;
    running.stop().await;
    assert_eq!(warehouse.ids(), numbers(0..5000));
    assert_eq!((warehouse.tokens().len(), spool.status().batches), (5, 5));
    assert_eq!(fs::read_dir(dir.path().join("log")).unwrap().count(), 1);
}

#[tokio::test]
async fn a_spool_has_one_flusher_at_a_time() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, dedup) = reopen(dir.path()).await;
    let warehouse = Arc::new(Warehouse::default());
    let first = Flusher::new(&spool, dedup.clone(), warehouse.clone(), quick()).unwrap();
    let second = Flusher::new(&spool, dedup.clone(), warehouse.clone(), quick());
    assert!(matches!(second, Err(SpoolError::FlusherTaken)));
    drop(first);
    assert!(Flusher::new(&spool, dedup, warehouse, quick()).is_ok());
}

#[tokio::test]
async fn an_erased_tenants_events_can_be_sent_anew() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, dedup) = reopen(dir.path()).await;
    let warehouse = Arc::new(Warehouse::default());
    let running = Running::start_with(&spool, dedup.clone(), warehouse.clone(), quick());
    let append = spool.append(vec![event(1), event(2)]).await.unwrap();
    spool.flushed_past(append.last_position).await;
    until(|| spool.status().batches == 1).await;
    assert_eq!(
        dedup
            .forget_tenant(&TenantId::new("acme").unwrap())
            .unwrap(),
        2
    );
    let append = spool.append(vec![event(1)]).await.unwrap();
    spool.flushed_past(append.last_position).await;
    running.stop().await;
    assert_eq!(warehouse.ids(), ["1", "1", "2"]);
}
