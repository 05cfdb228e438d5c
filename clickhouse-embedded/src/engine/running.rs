//! Ending a query that nobody waits for any more.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::Engine;

/// How long after a KILL the query is looked at again: it may not have been in the engine's list yet.
const KILL_INTERVAL: Duration = Duration::from_millis(50);
/// A query that does not end after so many is left alone; `max_execution_time` remains.
const KILL_ATTEMPTS: u32 = 100;

/// How far a statement has come.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
enum Stage {
    /// It is not known yet whether it reads or writes.
    #[default]
    Starting,
    /// It reads, in the session of this tag.
    Reading(String),
    /// It writes: ClickHouse lets it finish when its client goes away.
    Writing,
    Finished,
}

/// What the request's task and the thread that runs its statement know of each other.
#[derive(Debug, Default)]
pub(super) struct Running {
    stage: Mutex<Stage>,
    abandoned: AtomicBool,
}

impl Running {
    fn set(&self, stage: Stage) {
        *self.stage.lock().unwrap_or_else(PoisonError::into_inner) = stage;
    }

    fn stage(&self) -> Stage {
        self.stage
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// A statement that reads is about to run. False if its client has gone: then it must not.
    pub(super) fn begin_reading(&self, tag: &str) -> bool {
        self.set(Stage::Reading(tag.to_owned()));
        !self.abandoned.load(Ordering::SeqCst)
    }

    /// A statement that writes is about to run. False if its client has gone: then it must not.
    pub(super) fn begin_writing(&self) -> bool {
        self.set(Stage::Writing);
        !self.abandoned.load(Ordering::SeqCst)
    }

    pub(super) fn finish(&self) {
        self.set(Stage::Finished);
    }
}

/// Lives as long as the request's future: hyper drops that when the client closes its connection.
pub(super) struct KillOnDrop {
    engine: Arc<Engine>,
    running: Arc<Running>,
}

impl KillOnDrop {
    pub(super) fn new(engine: Arc<Engine>, running: Arc<Running>) -> Self {
        Self { engine, running }
    }
}

impl Drop for KillOnDrop {
    fn drop(&mut self) {
        if self.running.stage() == Stage::Finished {
            return;
        }
        self.running.abandoned.store(true, Ordering::SeqCst);
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let (engine, running) = (Arc::clone(&self.engine), Arc::clone(&self.running));
            runtime.spawn(kill_until_finished(engine, running));
        }
    }
}

async fn kill_until_finished(engine: Arc<Engine>, running: Arc<Running>) {
    for _ in 0..KILL_ATTEMPTS {
        match running.stage() {
            Stage::Finished | Stage::Writing => return,
            Stage::Starting => {}
            Stage::Reading(tag) => {
                let engine = Arc::clone(&engine);
                let killed = tokio::task::spawn_blocking(move || engine.kill(&tag)).await;
                if !matches!(killed, Ok(Ok(()))) {
                    tracing::warn!("a query whose client went away could not be killed");
                    return;
                }
            }
        }
        tokio::time::sleep(KILL_INTERVAL).await;
    }
    tracing::warn!("a query whose client went away did not end");
}
