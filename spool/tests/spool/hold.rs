//! Holding the flusher: what lies before leaves the disk, what lies behind waits, over a restart too.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use emban_contract::TenantId;
use emban_contract::event::Event;

use crate::sinks::Warehouse;
use crate::{Running, drained, event, open, quick, until};

fn of(tenant: &str, id: &str) -> Event {
    Event {
        tenant_id: TenantId::new(tenant).unwrap(),
        ..event(id)
    }
}

/// Whether a text stands in any file of the log.
fn log_holds(dir: &Path, text: &str) -> bool {
    let files = fs::read_dir(dir.join("log")).unwrap();
    let mut files = files.map(|file| fs::read(file.unwrap().path()).unwrap());
    files.any(|bytes| String::from_utf8_lossy(&bytes).contains(text))
}

#[tokio::test]
async fn what_lies_behind_a_hold_waits_and_what_lies_before_leaves_the_disk() {
    let dir = tempfile::tempdir().unwrap();
    let spool = open(dir.path());
    let warehouse = Arc::new(Warehouse::default());
    spool.append(vec![event("before")]).await.unwrap();
    let hold = spool.seal().await.unwrap();
    spool.append(vec![event("behind")]).await.unwrap();
    let running = Running::start(&spool, dir.path(), warehouse.clone(), quick());
    hold.reached().await;
    assert_eq!(warehouse.ids(), ["before"]);
    assert!(!log_holds(dir.path(), "before") && log_holds(dir.path(), "behind"));
    // A second one at a later place, while the flusher stands at the first.
    let second = spool.seal().await.unwrap();
    spool.append(vec![event("last")]).await.unwrap();
    assert!(second.position() > hold.position());
    drop(hold);
    second.reached().await;
    assert_eq!(warehouse.ids(), ["before", "behind"]);
    drop(second);
    drained(&spool).await;
    // An idle flusher can be held as well.
    let idle = spool.seal().await.unwrap();
    idle.reached().await;
    assert!(!log_holds(dir.path(), "last"));
    running.stop().await;
    assert_eq!(warehouse.ids(), ["before", "behind", "last"]);
}

#[tokio::test]
async fn a_hold_is_taken_up_again_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let warehouse = Arc::new(Warehouse::default());
    warehouse.down.store(true, Ordering::Relaxed);
    let spool = open(dir.path());
    spool.append(vec![event("before")]).await.unwrap();
    let running = Running::start(&spool, dir.path(), warehouse.clone(), quick());
    until(|| !warehouse.tries.lock().unwrap().is_empty()).await;
    let hold = spool.seal().await.unwrap();
    let position = hold.position();
    spool.append(vec![event("behind")]).await.unwrap();
    running.stop().await;
    drop((hold, spool));
    warehouse.down.store(false, Ordering::Relaxed);
    let mut opened = None;
    until(|| {
        opened = emban_spool::Spool::open(dir.path(), Default::default()).ok();
        opened.is_some()
    })
    .await;
    let spool = opened.unwrap();
    let hold = spool.hold_again(position);
    let running = Running::start(&spool, dir.path(), warehouse.clone(), quick());
    hold.reached().await;
    assert_eq!(warehouse.ids(), ["before"]);
    assert!(!log_holds(dir.path(), "before"));
    drop(hold);
    drained(&spool).await;
    running.stop().await;
    assert_eq!(warehouse.ids(), ["before", "behind"]);
}

#[tokio::test]
async fn quarantine_forgets_one_tenant() {
    let dir = tempfile::tempdir().unwrap();
    let spool = open(dir.path());
    let warehouse = Arc::new(Warehouse::refusing(["1", "2"]));
    let running = Running::start(&spool, dir.path(), warehouse, quick());
    let events = vec![of("acme", "1"), of("globex", "1"), of("acme", "2")];
    spool.append(events).await.unwrap();
    drained(&spool).await;
    assert_eq!(spool.status().quarantined_events, 3);
    // Bytes of a damaged segment, which cannot be taken apart.
    let quarantine = dir.path().join("quarantine");
    for (name, content) in [
        ("damaged-a.bin", "..acme.."),
        ("damaged-b.bin", "..globex.."),
    ] {
        fs::write(quarantine.join(name), content).unwrap();
    }
    let acme = TenantId::new("acme").unwrap();
    assert_eq!(spool.forget_quarantined(&acme).unwrap(), 3);
    let left = fs::read_dir(&quarantine).unwrap();
    let left: BTreeSet<String> = left
        .map(|file| fs::read_to_string(file.unwrap().path()).unwrap())
        .collect();
    assert!(left.len() == 2 && left.iter().all(|text| text.contains("globex")));
    assert_eq!(spool.status().quarantined_events, 1);
    running.stop().await;
}
