//! The spool from outside: real files, real processes, and a sink that stands in for the warehouse where it must fail
//! on command.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "clippy's exception for tests does not reach the functions that tests share"
)]

mod disk_full;
mod flush;
mod hold;
mod kill;
mod log;
mod sinks;

use std::path::Path;
use std::time::Duration;

use emban_contract::{Props, TenantId, UnixMillis, event::Event};
use emban_spool::{Dedup, DedupConfig, Flusher, FlusherConfig, Sink, Spool, SpoolConfig};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Longest that anything here may take before it counts as hanging.
const DEADLINE: Duration = Duration::from_secs(60);

fn event(id: impl ToString) -> Event {
    Event {
        tenant_id: TenantId::new("acme").unwrap(),
        event_name: "api.call".to_owned(),
        timestamp: UnixMillis(1_774_000_000_000),
        event_id: id.to_string(),
        user_id: "u".to_owned(),
        string_props: Props::from_iter([("model".to_owned(), "m-1".to_owned())]),
        numeric_props: Props::from_iter([("tokens".to_owned(), 1.5)]),
    }
}

fn open(dir: &Path) -> Spool {
    Spool::open(dir, SpoolConfig::default()).unwrap()
}

fn quick() -> FlusherConfig {
    let short = Duration::from_millis(2);
    FlusherConfig {
        linger: short,
        backoff_min: short,
        backoff_max: short,
        ..FlusherConfig::default()
    }
}

/// A flusher at work.
struct Running {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Running {
    fn start(spool: &Spool, dir: &Path, sink: impl Sink, config: FlusherConfig) -> Self {
        let dedup = Dedup::open(dir.join("dedup"), DedupConfig::default()).unwrap();
        Self::start_with(spool, dedup, sink, config)
    }

    fn start_with(spool: &Spool, dedup: Dedup, sink: impl Sink, config: FlusherConfig) -> Self {
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(
            Flusher::new(spool, dedup, sink, config)
                .unwrap()
                .run(stopped),
        );
        Self { stop, task }
    }

    async fn stop(self) {
        self.stop.send_replace(true);
        tokio::time::timeout(DEADLINE, self.task)
            .await
            .unwrap()
            .unwrap();
    }

    /// Ends the flusher wherever it is, as a crash would.
    async fn crash(self) {
        self.task.abort();
        assert!(self.task.await.unwrap_err().is_cancelled());
    }
}

/// Polls until something holds.
async fn until(mut holds: impl FnMut() -> bool) {
    let poll = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(DEADLINE, poll)
        .await
        .expect("it never came to hold");
}

/// Waits until nothing is left in the log.
async fn drained(spool: &Spool) {
    until(|| spool.status().bytes == 0).await;
}
