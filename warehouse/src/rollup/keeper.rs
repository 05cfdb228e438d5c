//! What one origin knows and does about the rollups of one environment.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use clickhouse::Client;
use emban_contract::UnixMillis;
use emban_contract::dashboard::DashboardDocument;
use tokio::sync::Mutex;

use super::{Catalog, Gate, RollupError, build, wanted};
use crate::error::QueryError;

/// How long a list of rollups is trusted. Far below the time for which one that nobody wants is kept fed.
const TRUSTED: Duration = Duration::from_secs(60);

/// The rollups of one environment, as one origin knows them.
#[derive(Default)]
pub(crate) struct Keeper {
    pub(crate) gate: Gate,
    known: RwLock<Option<(Instant, Arc<Catalog>)>>,
    /// One change at a time.
    work: Mutex<()>,
    /// Who wants no rollup to be made now.
    pauses: AtomicUsize,
}

/// While it lives no rollup is made. See [`crate::Warehouse::pause_rollups`].
pub struct RollupsPause(Arc<Keeper>);

impl Drop for RollupsPause {
    fn drop(&mut self) {
        self.0.pauses.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Keeper {
    /// The rollups that may be read now; none when the list has not been read for a while.
    pub(crate) fn catalog(&self) -> Arc<Catalog> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        match &*known {
            Some((since, catalog)) if since.elapsed() < TRUSTED => catalog.clone(),
            Some(_) | None => Arc::default(),
        }
    }

    /// Reads the list anew.
    pub(crate) async fn refresh(&self, client: &Client) -> Result<(), QueryError> {
        let since = Instant::now();
        let mut catalog = build::read(client).await?;
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, before)) = &*known {
            catalog.declined.clone_from(&before.declined);
        }
        *known = Some((since, Arc::new(catalog)));
        Ok(())
    }

    /// Keeps rollups from being made; returns when none is.
    pub(crate) async fn pause(self: Arc<Self>) -> RollupsPause {
        self.pauses.fetch_add(1, Ordering::AcqRel);
        let pause = RollupsPause(self);
        // Whoever is at work sees the pause and stops; whoever begins afterwards sees it too.
        drop(pause.0.work.lock().await);
        pause
    }

    /// To be asked before every step of making one. Errors: somebody wants none to be made now.
    pub(super) fn check_pause(&self) -> Result<(), RollupError> {
        if self.pauses.load(Ordering::Acquire) > 0 {
            Err(RollupError::Paused)
        } else {
            Ok(())
        }
    }

    /// Brings the rollups in line with the documents that are live.
    pub(crate) async fn follow(
        &self,
        client: &Client,
        documents: &[Arc<DashboardDocument>],
        now: UnixMillis,
    ) -> Result<(), RollupError> {
        let _one_at_a_time = self.work.lock().await;
        let wanted = wanted(documents.iter().map(Arc::as_ref));
        let done = build::rebuild(client, self, &wanted, now).await;
        self.refresh(client).await?;
        let declined = done?;
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, catalog)) = &mut *known {
            Arc::make_mut(catalog).declined = declined;
        }
        Ok(())
    }
}
