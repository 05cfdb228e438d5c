//! A place in the log at which the flusher stands still, so that something can be done between all that came before
//! and all that comes after.

use std::io;

use emban_contract::TenantId;
use tokio::sync::oneshot;

use super::{AppendError, Spool, Task};

/// Holds the flusher at a position for as long as it lives.
pub struct Hold {
    spool: Spool,
    position: u64,
}

impl Spool {
    /// Ends the segment that is written to and holds the flusher there: what was acknowledged before this call lies
    /// before the hold, what is appended after it returned lies behind.
    ///
    /// Errors: [`AppendError::Closed`].
    pub async fn seal(&self) -> Result<Hold, AppendError> {
        let queue = self.inner.queue.as_ref().ok_or(AppendError::Closed)?;
        let (answer, sealed) = oneshot::channel();
        let sent = queue.send(Task::Seal(answer)).await;
        sent.map_err(|_| AppendError::Closed)?;
        let position = sealed.await.map_err(|_| AppendError::Closed)?;
        let spool = self.clone();
        Ok(Hold { spool, position })
    }

    /// Holds the flusher at the position of a hold of an earlier process. To be called before there is a flusher.
    pub fn hold_again(&self, position: u64) -> Hold {
        self.inner.backlog.hold(position);
        let spool = self.clone();
        Hold { spool, position }
    }

    /// Removes what quarantine holds of a tenant: refused events, and damaged stretches in which its id can be read.
    /// Returns how many files there were. Blocks.
    pub fn forget_quarantined(&self, tenant: &TenantId) -> io::Result<u64> {
        self.inner.backlog.quarantine.forget(tenant)
    }
}

impl Hold {
    /// Where it is: every event before has a lower position.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Waits until all that lies before it has left the log, and the log's files with it.
    ///
    /// Nothing that lies behind has been sent then, nor will be while the hold lives.
    pub async fn reached(&self) {
        let mut parked = self.spool.inner.backlog.subscribe_parked();
        let here = parked.wait_for(|at| at.is_some_and(|at| at >= self.position));
        // The sender lives in the spool, so the wait cannot end for want of it.
        drop(here.await);
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.spool.inner.backlog.release_hold(self.position);
    }
}
