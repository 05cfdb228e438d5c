//! The moment between two batches, at which a rollup can begin without missing or doubling an event.
//!
//! A materialized view sees the inserts that begin after it was made. A batch that was sent before and is sent again
//! after, because nobody knows whether it was written or because nobody wrote down that it was, would be counted by the
//! backfill and once more by the view. So nothing is begun while a batch may come again.

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{Notify, RwLock, RwLockReadGuard};

/// Batches of one environment on their way. One origin's: other origins have gates of their own.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    /// Held for reading by inserts, for writing between them.
    inserts: RwLock<()>,
    /// No batch that was sent will be sent again. False at a start: an earlier process may have left one behind.
    settled: AtomicBool,
    changed: Notify,
}

impl Gate {
    /// An insert begins; it is over when the guard is dropped.
    pub(crate) async fn enter(&self) -> RwLockReadGuard<'_, ()> {
        let guard = self.inserts.read().await;
        self.settled.store(false, Ordering::Release);
        guard
    }

    /// No batch that was sent will be sent again.
    pub(crate) fn settle(&self) {
        self.settled.store(true, Ordering::Release);
        self.changed.notify_waiters();
    }

    /// Runs `work` while no batch is on its way and none may come again. Inserts wait for it, so it must be short.
    pub(crate) async fn between<T>(&self, work: impl Future<Output = T>) -> T {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            let guard = self.inserts.write().await;
            if self.settled.load(Ordering::Acquire) {
                let done = work.await;
                drop(guard);
                return done;
            }
            drop(guard);
            changed.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[tokio::test]
    async fn nothing_begins_while_a_batch_may_come_again() {
        let gate = Arc::new(Gate::default());
        gate.settle();
        drop(gate.enter().await);
        let waiting = tokio::spawn({
            let gate = gate.clone();
            async move { gate.between(async { "begun" }).await }
        });
        tokio::task::yield_now().await;
        // The batch is sent again while somebody waits for the moment: it was confirmed, but nobody wrote that down.
        drop(gate.enter().await);
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        gate.settle();
        assert_eq!(waiting.await.unwrap(), "begun");
    }

    #[tokio::test]
    async fn a_start_is_in_doubt_until_something_is_known() {
        let gate = Arc::new(Gate::default());
        let waiting = tokio::spawn({
            let gate = gate.clone();
            async move { gate.between(async {}).await }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        gate.settle();
        waiting.await.unwrap();
    }
}
