//! The live version of a dashboard, read once between two entries of the feed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use emban_contract::dashboard::DashboardDocument;
use emban_contract::{DashboardId, EnvironmentName, UnixMillis};

use crate::control::{Control, ControlError};
use crate::revocation::Revocations;

/// Dashboards kept at most; any of them can be read again.
const KEPT: usize = 1000;

/// Milliseconds after which the database is asked again though the feed is silent: what was changed behind the feed's
/// back, such as by a restored backup, holds within the 10 s that a revocation may take.
const LOOK_AGAIN_MS: i64 = 10_000;

/// A version that was live.
#[derive(Clone)]
struct Seen {
    version: u32,
    document: Arc<DashboardDocument>,
    /// The feed's sequence number before the database was asked.
    sequence: u64,
    asked_at: UnixMillis,
}

type Kept = HashMap<EnvironmentName, HashMap<DashboardId, Seen>>;

/// Finds live versions. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Published {
    control: Control,
    revocations: Revocations,
    kept: Arc<Mutex<Kept>>,
}

impl Published {
    pub(crate) fn new(control: Control, revocations: Revocations) -> Self {
        Self {
            control,
            revocations,
            kept: Arc::default(),
        }
    }

    /// The live version's number and document, in force as the feed is; none when the dashboard is offline or unknown.
    pub(crate) async fn live(
        &self,
        environment: &EnvironmentName,
        dashboard: &DashboardId,
        now: UnixMillis,
    ) -> Result<Option<(u32, Arc<DashboardDocument>)>, ControlError> {
        if let Some(seen) = self.seen(environment, dashboard)
            && self.revocations.sequence(now) == Some(seen.sequence)
            && (0..LOOK_AGAIN_MS).contains(&now.0.saturating_sub(seen.asked_at.0))
        {
            return Ok(Some((seen.version, seen.document)));
        }
        self.read(environment, dashboard, now).await
    }

    /// The same, asked of the database whatever was seen before.
    pub(crate) async fn read(
        &self,
        environment: &EnvironmentName,
        dashboard: &DashboardId,
        now: UnixMillis,
    ) -> Result<Option<(u32, Arc<DashboardDocument>)>, ControlError> {
        // Before the database: a publication in between makes the entry one to be asked again.
        let sequence = self.revocations.sequence(now);
        let Some(live) = self.control.live_version(environment, dashboard).await? else {
            return Ok(None);
        };
        let seen = self.seen(environment, dashboard);
        let document = match seen.filter(|seen| seen.version == live.version) {
            Some(seen) => seen.document,
            None => Arc::new(serde_json::from_value(live.document).map_err(|error| {
                ControlError::Unreadable {
                    what: "published document",
                    reason: error.to_string(),
                }
            })?),
        };
        if let Some(sequence) = sequence {
            let seen = Seen {
                version: live.version,
                document: Arc::clone(&document),
                sequence,
                asked_at: now,
            };
            self.keep(environment, dashboard, seen);
        }
        Ok(Some((live.version, document)))
    }

    fn seen(&self, environment: &EnvironmentName, dashboard: &DashboardId) -> Option<Seen> {
        self.kept
            .lock()
            .ok()?
            .get(environment)?
            .get(dashboard)
            .cloned()
    }

    fn keep(&self, environment: &EnvironmentName, dashboard: &DashboardId, seen: Seen) {
        let Ok(mut kept) = self.kept.lock() else {
            return;
        };
        let kept = kept.entry(environment.clone()).or_default();
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(dashboard.clone(), seen);
    }
}
