//! What the feed says, kept in memory, so that no request needs the database to know whether its session holds.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, RwLock};
use std::time::Duration;

use emban_contract::{EnvironmentName, TenantId, UnixMillis};
use emban_session::{FeedState, Next, VerifiedSession};

use crate::control::{Control, ControlError};

/// How often the feed is read for what other origins have done. Revocation has to hold within 10 s.
pub const READ_EVERY: Duration = Duration::from_secs(2);

/// How long after a reading of the feed other things may rest on it: three readings, in milliseconds.
const TRUSTED_MS: i64 = 3 * READ_EVERY.as_millis() as i64;

/// The feed as far as this origin has read it. Cheap to clone.
#[derive(Clone)]
pub struct Revocations {
    control: Control,
    state: Arc<RwLock<FeedState>>,
    read_at_ms: Arc<AtomicI64>,
}

impl Revocations {
    /// Knows nothing until [`Self::refresh`] was called once.
    pub fn new(control: Control) -> Self {
        Self {
            control,
            state: Arc::default(),
            read_at_ms: Arc::new(AtomicI64::new(i64::MIN)),
        }
    }

    /// Reads what was added to the feed. Called on a timer, and after every change that this origin makes itself.
    pub async fn refresh(&self, now: UnixMillis) -> Result<(), ControlError> {
        loop {
            let after = self.state.read().map_or(0, |state| state.after());
            let feed = self.control.read_feed(after, now).await?;
            let next = match self.state.write() {
                Ok(mut state) => state.apply(feed, now),
                Err(poisoned) => poisoned.into_inner().apply(feed, now),
            };
            if next == Next::Done {
                self.read_at_ms.store(now.0, Ordering::Release);
                return Ok(());
            }
        }
    }

    /// The feed's sequence number as far as it was read, unless the last reading is too long ago to build on.
    ///
    /// While the number stays the same, nothing was published, unpublished or revoked.
    pub(crate) fn sequence(&self, now: UnixMillis) -> Option<u64> {
        let age = now
            .0
            .saturating_sub(self.read_at_ms.load(Ordering::Acquire));
        if age > TRUSTED_MS {
            return None;
        }
        Some(self.state.read().ok()?.after())
    }

    /// Sessions of a tenant issued at or before this instant are void.
    pub fn tenant_cutoff(
        &self,
        environment: &EnvironmentName,
        tenant: &TenantId,
    ) -> Option<UnixMillis> {
        self.state.read().ok()?.tenant_cutoff(environment, tenant)
    }

    /// Whether a session no longer holds. When the state cannot be read the answer is yes: it fails closed.
    pub fn is_revoked(&self, session: &VerifiedSession) -> bool {
        self.state
            .read()
            .map_or(true, |state| state.is_revoked(session))
    }
}
