//! Erasing a tenant's data: out of the spool, the deduplication store, quarantine, the warehouse and every cache.
//!
//! ```text
//! order ─► sessions end ─► log sealed, flusher held there ─► record on disk ─► 202
//!            flusher has passed all before ─► keys and quarantine forgotten ─► warehouse ordered ─► record ─► flusher goes on
//!                                               warehouse has finished ─► sessions and caches end again ─► record
//! ```
//! Nothing that came after the order reaches the warehouse before the warehouse has the order, so that it is neither
//! deleted nor mixed up with what is. After a kill each step is done again; none does harm twice.

mod records;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use emban_contract::{EnvironmentName, TenantId, UnixMillis};
use emban_spool::{Dedup, Hold, Spool};
use emban_warehouse::{ErasureProgress, Warehouse};
use tokio::sync::{Mutex, watch};
use tokio::task::JoinSet;

use crate::app::now;
use crate::control::Control;
use crate::problem::Source;
use crate::revocation::Revocations;

use records::Records;
pub(crate) use records::{Record, Stage};

/// How often the warehouse is asked how far it is.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How long to wait after a failure.
const AFTER_FAILURE: Duration = Duration::from_secs(2);

/// The erasures of one environment. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Erasures(Arc<Inner>);

struct Inner {
    environment: EnvironmentName,
    records: Records,
    spool: Spool,
    dedup: Dedup,
    warehouse: Warehouse,
    control: Control,
    revocations: Revocations,
    stopped: watch::Receiver<bool>,
    /// One order at a time; those at work.
    running: Mutex<JoinSet<()>>,
}

/// What erasures work on.
pub(crate) struct Parts {
    pub(crate) environment: EnvironmentName,
    pub(crate) spool: Spool,
    pub(crate) dedup: Dedup,
    pub(crate) warehouse: Warehouse,
    pub(crate) control: Control,
    pub(crate) revocations: Revocations,
    pub(crate) stopped: watch::Receiver<bool>,
}

/// Erasures that an earlier process left behind, with the flusher held where they need it.
pub(crate) struct Unfinished(Vec<(Record, Option<Hold>)>);

impl Erasures {
    /// Opens the records in a directory. To be called before the spool has a flusher.
    pub(crate) fn open(dir: PathBuf, parts: Parts) -> io::Result<(Self, Unfinished)> {
        let records = Records::open(dir)?;
        let mut unfinished = Vec::new();
        for record in records.all()? {
            match record.stage {
                Stage::Pending => {
                    let hold = parts.spool.hold_again(record.position);
                    unfinished.push((record, Some(hold)));
                }
                Stage::Deleting => unfinished.push((record, None)),
                Stage::Done => {}
            }
        }
        let inner = Inner {
            environment: parts.environment,
            records,
            spool: parts.spool,
            dedup: parts.dedup,
            warehouse: parts.warehouse,
            control: parts.control,
            revocations: parts.revocations,
            stopped: parts.stopped,
            running: Mutex::default(),
        };
        Ok((Self(Arc::new(inner)), Unfinished(unfinished)))
    }

    /// Goes on with what an earlier process left behind.
    pub(crate) async fn resume(&self, unfinished: Unfinished) {
        let mut running = self.0.running.lock().await;
        for (record, hold) in unfinished.0 {
            running.spawn(self.0.clone().run(record, hold));
        }
    }

    /// Orders the erasure of all that was accepted of a tenant so far. Returns when the order cannot get lost any more.
    ///
    /// While one of the same tenant is under way that one is returned, and nothing is ordered.
    pub(crate) async fn order(&self, tenant: TenantId) -> Result<Record, Source> {
        let inner = &self.0;
        let mut running = inner.running.lock().await;
        while running.try_join_next().is_some() {}
        let known = inner.records.find(&tenant)?;
        if let Some(under_way) = known.filter(|record| record.stage != Stage::Done) {
            return Ok(under_way);
        }
        inner.end_sessions(&tenant).await?;
        let hold = inner.spool.seal().await?;
        let record = Record {
            tenant_id: tenant,
            stage: Stage::Pending,
            requested_at: now(),
            finished_at: None,
            position: hold.position(),
        };
        inner.records.keep(&record)?;
        running.spawn(inner.clone().run(record.clone(), Some(hold)));
        Ok(record)
    }

    /// The last erasure of a tenant, and what the warehouse has still to do while it is at it.
    pub(crate) async fn read(
        &self,
        tenant: &TenantId,
    ) -> Result<Option<(Record, Option<ErasureProgress>)>, Source> {
        let Some(record) = self.0.records.find(tenant)? else {
            return Ok(None);
        };
        let progress = match record.stage {
            Stage::Deleting => {
                let warehouse = &self.0.warehouse;
                Some(warehouse.erasure_progress(&self.0.environment).await?)
            }
            Stage::Pending | Stage::Done => None,
        };
        Ok(Some((record, progress)))
    }
}

impl Inner {
    /// Carries out an erasure until it is done or the origin stops.
    async fn run(self: Arc<Self>, mut record: Record, mut hold: Option<Hold>) {
        let mut stopped = self.stopped.clone();
        let at_work = async {
            let _no_rollups = self.warehouse.pause_rollups(&self.environment).await;
            while let Err(error) = self.advance(&mut record, &mut hold).await {
                tracing::warn!(%error, environment = %self.environment, stage = ?record.stage, "an erasure goes on later");
                tokio::time::sleep(AFTER_FAILURE).await;
            }
        };
        tokio::select! {
            () = at_work => tracing::info!(environment = %self.environment, "an erasure is done"),
            // An error means that the sender is gone, which is a stop as well.
            _ = stopped.wait_for(|stop| *stop) => {}
        }
    }

    async fn advance(&self, record: &mut Record, hold: &mut Option<Hold>) -> Result<(), Source> {
        if record.stage == Stage::Pending {
            if let Some(hold) = hold {
                hold.reached().await;
            }
            self.forget(&record.tenant_id).await?;
            let tenant = &record.tenant_id;
            self.warehouse.erase(&self.environment, tenant).await?;
            self.enter(record, Stage::Deleting)?;
        }
        *hold = None;
        if record.stage == Stage::Deleting {
            while self.left().await? > 0 {
                tokio::time::sleep(LOOK_EVERY).await;
            }
            // Answers that were given meanwhile are cached under sessions that were minted meanwhile.
            self.end_sessions(&record.tenant_id).await?;
            record.finished_at = Some(now());
            self.enter(record, Stage::Done)?;
        }
        Ok(())
    }

    fn enter(&self, record: &mut Record, stage: Stage) -> io::Result<()> {
        let next = Record {
            stage,
            ..record.clone()
        };
        self.records.keep(&next)?;
        *record = next;
        Ok(())
    }

    async fn left(&self) -> Result<u64, Source> {
        let progress = self.warehouse.erasure_progress(&self.environment).await?;
        Ok(progress.remaining_parts)
    }

    /// What this origin remembers of the tenant's events.
    async fn forget(&self, tenant: &TenantId) -> Result<(), Source> {
        let (dedup, spool, tenant) = (self.dedup.clone(), self.spool.clone(), tenant.clone());
        let work = move || -> Result<(), Source> {
            dedup.forget_tenant(&tenant)?;
            spool.forget_quarantined(&tenant)?;
            Ok(())
        };
        tokio::task::spawn_blocking(work).await?
    }

    /// Ends the tenant's sessions, and with them what caches keep of it.
    async fn end_sessions(&self, tenant: &TenantId) -> Result<(), Source> {
        let at: UnixMillis = now();
        self.control
            .revoke_tenant(&self.environment, tenant, at)
            .await?;
        self.revocations.refresh(at).await?;
        Ok(())
    }
}
