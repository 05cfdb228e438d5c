//! The live version of a dashboard, parsed once a version.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use emban_contract::dashboard::DashboardDocument;
use emban_contract::{DashboardId, EnvironmentName};

use crate::control::{Control, ControlError};

type Parsed = HashMap<(DashboardId, u32), Arc<DashboardDocument>>;

/// Parsed documents kept at most; versions are immutable, so an entry is never wrong, only unused.
const KEPT: usize = 1000;

/// Finds live versions. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Published {
    control: Control,
    parsed: Arc<Mutex<Parsed>>,
}

impl Published {
    pub(crate) fn new(control: Control) -> Self {
        Self {
            control,
            parsed: Arc::default(),
        }
    }

    /// The live version's number and document; none when the dashboard is offline or unknown.
    pub(crate) async fn live(
        &self,
        environment: &EnvironmentName,
        dashboard: &DashboardId,
    ) -> Result<Option<(u32, Arc<DashboardDocument>)>, ControlError> {
        let Some(live) = self.control.live_version(environment, dashboard).await? else {
            return Ok(None);
        };
        let key = (dashboard.clone(), live.version);
        if let Some(document) = self
            .parsed
            .lock()
            .ok()
            .and_then(|parsed| parsed.get(&key).cloned())
        {
            return Ok(Some((live.version, document)));
        }
        let document: DashboardDocument =
            serde_json::from_value(live.document).map_err(|error| ControlError::Unreadable {
                what: "published document",
                reason: error.to_string(),
            })?;
        let document = Arc::new(document);
        if let Ok(mut parsed) = self.parsed.lock() {
            if parsed.len() >= KEPT {
                parsed.clear();
            }
            parsed.insert(key, document.clone());
        }
        Ok(Some((live.version, document)))
    }
}
