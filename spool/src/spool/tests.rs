//! What needs a disk that fails or waits on command; everything else is tested from outside.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Condvar, PoisonError};
use std::time::Instant;

use emban_contract::{Props, TenantId, UnixMillis};

use super::*;

fn event(id: usize) -> Event {
    Event {
        tenant_id: TenantId::new("acme").unwrap(),
        event_name: "e".to_owned(),
        timestamp: UnixMillis(0),
        event_id: id.to_string(),
        user_id: String::new(),
        string_props: Props::default(),
        numeric_props: Props::default(),
    }
}

/// A door that an fsync waits at.
#[derive(Default)]
struct Gate {
    open: Mutex<bool>,
    opened: Condvar,
    arrived: AtomicU32,
}

impl Gate {
    fn pass(&self) {
        self.arrived.fetch_add(1, Ordering::Relaxed);
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        drop(
            self.opened
                .wait_while(open, |open| !*open)
                .unwrap_or_else(PoisonError::into_inner),
        );
    }

    fn open(&self) {
        *self.open.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.opened.notify_all();
    }
}

async fn until(mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(Instant::now() < deadline);
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn appends_that_wait_together_share_one_fsync() {
    let dir = tempfile::tempdir().unwrap();
    let gate = Arc::new(Gate::default());
    let door = gate.clone();
    let sync: SyncFile = Arc::new(move |file| {
        door.pass();
        file.sync_data()
    });
    let spool = Spool::open_with(dir.path(), SpoolConfig::default(), sync).unwrap();
    let append = |id| {
        let spool = spool.clone();
        tokio::spawn(async move { spool.append(vec![event(id)]).await })
    };
    let queue = spool.inner.queue.clone().unwrap();
    let first = append(0);
    until(|| gate.arrived.load(Ordering::Relaxed) == 1).await;
    let others: Vec<_> = (1..100).map(append).collect();
    until(|| queue.capacity() == QUEUE_APPENDS - 99).await;
    assert!(!first.is_finished());
    gate.open();
    first.await.unwrap().unwrap();
    let mut positions = Vec::new();
    for other in others {
        positions.push(other.await.unwrap().unwrap().first_position);
    }
    positions.sort_unstable();
    assert_eq!(positions, (1..100).collect::<Vec<u64>>());
    let status = spool.status();
    assert_eq!((status.appended, status.syncs), (100, 2));
}

#[tokio::test]
async fn after_a_failed_fsync_the_append_fails_and_a_new_segment_is_begun() {
    let dir = tempfile::tempdir().unwrap();
    let calls = Arc::new(AtomicU32::new(0));
    let counted = calls.clone();
    let sync: SyncFile = Arc::new(move |file| match counted.fetch_add(1, Ordering::Relaxed) {
        1 => Err(io::Error::other("lost power")),
        _ => file.sync_data(),
    });
    let spool = Spool::open_with(dir.path(), SpoolConfig::default(), sync).unwrap();
    let before = spool.append(vec![event(1)]).await.unwrap();
    assert!(matches!(
        spool.append(vec![event(2)]).await,
        Err(AppendError::Disk(_))
    ));
    assert!(
        spool
            .status()
            .last_error
            .is_some_and(|error| error.contains("lost power"))
    );
    let after = spool.append(vec![event(3)]).await.unwrap();
    // The position of the failed event is not used again: its bytes may still be on the disk.
    assert_eq!((before.first_position, after.first_position), (0, 2));
    assert_eq!(
        std::fs::read_dir(dir.path().join("log")).unwrap().count(),
        2
    );
    let status = spool.status();
    assert_eq!((status.events, status.last_error), (2, None));
    assert_eq!(spool.inner.backlog.queued(), 0);
    drop(spool);
    let spool = Spool::open(dir.path(), SpoolConfig::default()).unwrap();
    assert_eq!(
        spool.recovery(),
        &Recovery {
            events: 2,
            ..Recovery::default()
        }
    );
    assert_eq!(
        spool.append(vec![event(4)]).await.unwrap().first_position,
        3
    );
}

#[tokio::test]
async fn what_comes_after_a_hold_lies_behind_it_also_when_a_write_failed_before_and_a_restart_came()
{
    let dir = tempfile::tempdir().unwrap();
    let calls = Arc::new(AtomicU32::new(0));
    let sync: SyncFile = Arc::new(move |file| match calls.fetch_add(1, Ordering::Relaxed) {
        0 => file.sync_data(),
        _ => Err(io::Error::other("lost power")),
    });
    let spool = Spool::open_with(dir.path(), SpoolConfig::default(), sync).unwrap();
    let before = spool.append(vec![event(1)]).await.unwrap();
    assert!(spool.append(vec![event(2), event(3)]).await.is_err());
    let position = spool.seal().await.unwrap().position();
    drop(spool);
    let spool = Spool::open(dir.path(), SpoolConfig::default()).unwrap();
    let after = spool.append(vec![event(4)]).await.unwrap();
    assert!(before.last_position < position && position <= after.first_position);
}
