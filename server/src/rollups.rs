//! Keeps the rollups of an environment in line with its live dashboards, whoever publishes them.

use std::sync::Arc;
use std::time::Duration;

use emban_contract::dashboard::DashboardDocument;
use emban_contract::{DashboardId, EnvironmentName};
use emban_warehouse::{RollupError, Warehouse};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::app::{Published, now};
use crate::control::{Control, ControlError};

/// How often the live versions are looked at: a rollup is begun this long after a publish, or a little later.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// How often the rollups are gone through though nothing was published: those that were retired end then.
const FOLLOW_EVERY: Duration = Duration::from_secs(600);

/// How long to wait after a failure.
const AFTER_FAILURE: Duration = Duration::from_secs(30);

/// How often the list of rollups is read anew. A list older than a minute is not used.
const REFRESH_EVERY: Duration = Duration::from_secs(15);

/// Follows the live dashboards of one environment.
pub(crate) struct Follower {
    pub(crate) control: Control,
    pub(crate) published: Published,
    pub(crate) warehouse: Warehouse,
    pub(crate) environment: EnvironmentName,
}

type Live = Vec<(DashboardId, u32)>;

impl Follower {
    /// Makes and retires rollups until `stopped` changes. What was begun then is left as it is, and made anew later.
    pub(crate) async fn follow(self, mut stopped: watch::Receiver<bool>) {
        tokio::select! {
            () = self.keep_following() => {}
            () = self.keep_refreshing() => {}
            _ = stopped.changed() => {}
        }
    }

    async fn keep_following(&self) {
        let (mut followed, mut due): (Option<Live>, Instant) = (None, Instant::now());
        loop {
            match self.follow_once(followed.as_ref(), due).await {
                Ok(None) => tokio::time::sleep(LOOK_EVERY).await,
                Ok(Some(live)) => (followed, due) = (Some(live), Instant::now() + FOLLOW_EVERY),
                Err(error) if is_paused(&error) => tokio::time::sleep(LOOK_EVERY).await,
                Err(error) => {
                    tracing::warn!(%error, environment = %self.environment, "the rollups do not follow the dashboards");
                    tokio::time::sleep(AFTER_FAILURE).await;
                }
            }
        }
    }

    /// Returns what was followed; none when nothing has changed and nothing is due.
    async fn follow_once(
        &self,
        followed: Option<&Live>,
        due: Instant,
    ) -> anyhow::Result<Option<Live>> {
        let live = self.control.list_live(&self.environment).await?;
        if followed == Some(&live) && Instant::now() < due {
            return Ok(None);
        }
        let documents = self.documents(&live).await?;
        self.warehouse
            .follow_dashboards(&self.environment, &documents, now())
            .await?;
        Ok(Some(live))
    }

    async fn documents(&self, live: &Live) -> Result<Vec<Arc<DashboardDocument>>, ControlError> {
        let mut documents = Vec::with_capacity(live.len());
        for (id, _) in live {
            let found = self.published.read(&self.environment, id, now()).await?;
            documents.extend(found.map(|(_, document)| document));
        }
        Ok(documents)
    }

    async fn keep_refreshing(&self) {
        loop {
            if let Err(error) = self.warehouse.refresh_rollups(&self.environment).await {
                tracing::warn!(%error, environment = %self.environment, "the list of rollups could not be read");
            }
            tokio::time::sleep(REFRESH_EVERY).await;
        }
    }
}

/// Whether nothing failed: a tenant is being erased, and rollups are made afterwards.
fn is_paused(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(RollupError::Paused))
}
