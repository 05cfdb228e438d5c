//! The moment between two batches, at which a rollup can begin without missing or doubling an event.
//!
//! A materialized view sees the inserts that begin after it was made. A batch that was sent before and is sent again
//! after, because nobody knows whether it was written, would be counted by the backfill and once more by the view. So
//! nothing is begun while a batch is in doubt.

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use tokio::sync::{Notify, RwLock, RwLockReadGuard};

/// Batches of one environment on their way. One origin's: other origins have gates of their own.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    /// Held for reading by inserts, for writing between them.
    inserts: RwLock<()>,
    in_doubt: Mutex<BTreeSet<String>>,
    /// A batch that an earlier process left in doubt is the first to be sent again.
    known: AtomicBool,
    changed: Notify,
}

impl Gate {
    /// An insert begins; it is over when the guard is dropped.
    pub(crate) async fn enter(&self, token: &str) -> RwLockReadGuard<'_, ()> {
        let guard = self.inserts.read().await;
        self.tokens(|tokens| tokens.insert(token.to_owned()));
        guard
    }

    /// A batch is confirmed, or refused for good.
    pub(crate) fn settle(&self, token: &str) {
        self.tokens(|tokens| tokens.remove(token));
        self.settled();
    }

    /// No earlier process has left a batch in doubt.
    pub(crate) fn settled(&self) {
        self.known.store(true, Ordering::Release);
        self.changed.notify_waiters();
    }

    /// Runs `work` while no batch is on its way and none is in doubt. Inserts wait for it, so it must be short.
    pub(crate) async fn between<T>(&self, work: impl Future<Output = T>) -> T {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            let guard = self.inserts.write().await;
            if self.known.load(Ordering::Acquire) && self.tokens(|tokens| tokens.is_empty()) {
                let done = work.await;
                drop(guard);
                return done;
            }
            drop(guard);
            changed.await;
        }
    }

    fn tokens<T>(&self, with: impl FnOnce(&mut BTreeSet<String>) -> T) -> T {
        // A panic while the lock was held cannot have left the set half changed.
        with(&mut self.in_doubt.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[tokio::test]
    async fn nothing_begins_while_a_batch_is_in_doubt() {
        let gate = Arc::new(Gate::default());
        gate.settled();
        drop(gate.enter("a").await);
        let waiting = tokio::spawn({
            let gate = gate.clone();
            async move {
                gate.between(async { gate.tokens(|tokens| tokens.len()) })
                    .await
            }
        });
        tokio::task::yield_now().await;
        // The batch is tried again while somebody waits for the moment, and fails again.
        drop(gate.enter("a").await);
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        let again = gate.enter("a").await;
        gate.settle("a");
        drop(again);
        assert_eq!(waiting.await.unwrap(), 0);
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
        gate.settled();
        waiting.await.unwrap();
    }
}
