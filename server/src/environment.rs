//! What belongs to one environment of the organisation: its spool and its writer.

use std::collections::HashMap;
use std::sync::Arc;

use emban_contract::EnvironmentName;
use emban_spool::{RequestLog, Sink, SinkError, Spool};
use emban_warehouse::{WriteError, Writer};

use crate::erasure::Erasures;

/// One environment at work.
pub struct Environment {
    /// Its name.
    pub name: EnvironmentName,
    /// Takes events and keeps them until the warehouse has them.
    pub spool: Spool,
    /// Requests that named themselves.
    pub requests: RequestLog,
    /// Tenants whose data is to be gone.
    pub(crate) erasures: Erasures,
}

/// The environments by name.
pub type Environments = HashMap<EnvironmentName, Arc<Environment>>;

/// The flusher's way into the warehouse.
pub struct WarehouseSink(pub Writer);

impl Sink for WarehouseSink {
    async fn insert(
        &self,
        events: &[emban_contract::event::Event],
        token: &str,
    ) -> Result<(), SinkError> {
        self.0
            .insert(events, token)
            .await
            .map_err(|error| match error {
                WriteError::Unavailable(source) => SinkError::Unavailable(source.to_string()),
                WriteError::Refused(source) => SinkError::Refused(source.to_string()),
            })
    }

    fn settle(&self) {
        self.0.settle();
    }
}
