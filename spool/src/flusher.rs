//! Empties the log into a sink, batch by batch, in order, each event once.
//!
//! Before a batch is tried for the first time, its bounds and what it leaves out are made durable. A restart
//! therefore sends the same events under the same token, and a sink that drops a known token stores them once.

mod batch;
mod deliver;
mod pace;

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use emban_contract::event::Event;
use tokio::sync::watch;

use crate::dedup::Dedup;
use crate::reader::Bounds;
use crate::spool::{Spool, SpoolError};
use batch::Core;
use pace::{Backoff, Stop};

/// Why a sink did not take a batch.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SinkError {
    /// It cannot be reached or has trouble of its own; the same batch is tried again until it is taken.
    #[error("sink is unavailable: {0}")]
    Unavailable(String),
    /// It does not take these events, however often they are tried. They are halved until the culprit is found.
    #[error("sink refused the events: {0}")]
    Refused(String),
}

/// Where events go.
pub trait Sink: Send + Sync + 'static {
    /// Stores events, all or none. Nothing happens if a batch with the same token is stored already.
    fn insert(
        &self,
        events: &[Event],
        token: &str,
    ) -> impl Future<Output = Result<(), SinkError>> + Send;

    /// Nothing that was inserted will be inserted again: which batches are done has been made durable.
    /// Said before each new batch.
    fn settle(&self) {}
}

impl<S: Sink> Sink for Arc<S> {
    fn insert(
        &self,
        events: &[Event],
        token: &str,
    ) -> impl Future<Output = Result<(), SinkError>> + Send {
        S::insert(self, events, token)
    }

    fn settle(&self) {
        S::settle(self);
    }
}

/// How events are gathered and how failures are paced.
#[derive(Debug, Clone)]
pub struct FlusherConfig {
    /// Events of a batch at most; a larger append is a batch of its own. Default 25,000: an event takes about 1.2 KiB of memory.
    pub batch_events: usize,
    /// Bytes of a batch in the log at most; in memory it takes about four times as much. Default 4 MiB.
    pub batch_bytes: u64,
    /// How long an event waits for others to share its batch. Default 200 ms.
    pub linger: Duration,
    /// Wait after a first failure; it doubles with each further one. Default 100 ms.
    pub backoff_min: Duration,
    /// Longest wait between two tries. Default 10 s.
    pub backoff_max: Duration,
}

impl Default for FlusherConfig {
    fn default() -> Self {
        Self {
            batch_events: 25_000,
            batch_bytes: 4 << 20,
            linger: Duration::from_millis(200),
            backoff_min: Duration::from_millis(100),
            backoff_max: Duration::from_secs(10),
        }
    }
}

/// The one reader of a spool.
pub struct Flusher<S> {
    core: Arc<Core>,
    sink: S,
    config: FlusherConfig,
}

/// Whether to go on.
enum Step {
    Flushed,
    Stopped,
}

impl<S: Sink> Flusher<S> {
    /// Takes the spool's reading end.
    ///
    /// Errors: [`SpoolError::FlusherTaken`] while another flusher of the same spool lives.
    pub fn new(
        spool: &Spool,
        dedup: Dedup,
        sink: S,
        config: FlusherConfig,
    ) -> Result<Self, SpoolError> {
        if spool.inner.flusher_taken.swap(true, Ordering::AcqRel) {
            return Err(SpoolError::FlusherTaken);
        }
        let bounds = Bounds::Upto {
            events: config.batch_events,
            bytes: config.batch_bytes,
        };
        let core = Core {
            spool: spool.clone(),
            dedup,
            bounds,
        };
        Ok(Self {
            core: Arc::new(core),
            sink,
            config,
        })
    }

    /// Flushes until `shutdown` holds true or its sender is gone.
    ///
    /// A batch that was begun is finished first, unless the sink is unavailable; the rest stays in the log
    /// for the next start. Failures are logged, shown in the spool's status, and tried again for ever.
    pub async fn run(self, shutdown: watch::Receiver<bool>) {
        let mut stop = Stop::new(shutdown);
        let mut backoff = Backoff::new(self.config.backoff_min, self.config.backoff_max);
        while !stop.requested() {
            match self.step(&mut stop).await {
                Ok(Step::Flushed) => backoff.reset(),
                Ok(Step::Stopped) => break,
                Err(error) => {
                    tracing::error!(%error, "flusher cannot use its disk; trying again");
                    self.core.backlog().report(error);
                    if stop.sleep(backoff.next()).await {
                        break;
                    }
                }
            }
        }
    }

    /// Flushes one batch: the one that a crash left behind, or the next.
    async fn step(&self, stop: &mut Stop) -> Result<Step, String> {
        let prepared = match self.work(Core::resume).await? {
            Some(prepared) => prepared,
            None => {
                self.sink.settle();
                if !self.gather(stop).await {
                    return Ok(Step::Stopped);
                }
                match self.work(Core::begin).await? {
                    Some(prepared) => prepared,
                    None => return Ok(Step::Flushed),
                }
            }
        };
        let prepared = Arc::new(prepared);
        let keys = prepared.clone();
        let (recorded, delivered) = tokio::join!(
            self.work(move |core| core.record_keys(&keys)),
            self.deliver(&prepared, stop)
        );
        recorded?;
        if let Step::Stopped = delivered? {
            return Ok(Step::Stopped);
        }
        self.work(move |core| core.finish(&prepared)).await?;
        Ok(Step::Flushed)
    }

    /// Waits for events that are not held back, and a little longer for more of them. Returns whether there are some.
    async fn gather(&self, stop: &mut Stop) -> bool {
        let mut waiting = self.core.backlog().subscribe_waiting();
        let mut holds = self.core.backlog().subscribe_holds();
        loop {
            holds.mark_unchanged();
            let parked = self.core.park();
            let goes_on = async {
                tokio::select! {
                    _ = holds.changed() => false,
                    _ = waiting.wait_for(|bytes| *bytes > 0), if !parked => true,
                }
            };
            match stop.or(goes_on).await {
                None => return false,
                Some(false) => {}
                Some(true) => break,
            }
        }
        let full = waiting.wait_for(|bytes| *bytes >= self.config.batch_bytes);
        // Whether the time or the bytes ran out makes no difference.
        stop.or(tokio::time::timeout(self.config.linger, full))
            .await
            .is_some()
    }

    /// Runs blocking work off the async threads.
    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Core) -> Result<T, String> + Send + 'static,
    ) -> Result<T, String> {
        let core = self.core.clone();
        tokio::task::spawn_blocking(move || work(&core))
            .await
            .map_err(|error| format!("flusher: {error}"))?
    }
}
