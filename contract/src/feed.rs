//! What the origin tells the edge: revocations, publishes, unpublishes, in order.

use serde::{Deserialize, Serialize};

use crate::{DashboardId, EnvironmentName, SessionId, TenantId, UnixMillis};

/// Path of the feed on the origin. Guarded by the secret that the origin and its edges share.
pub const FEED_PATH: &str = "/internal/feed";

/// Answer of `GET /internal/feed?after=N`: the entries after sequence number N, oldest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Feed {
    /// The newest sequence number that this answer covers; ask with it next time.
    pub sequence: u64,
    /// Whether more entries are waiting: ask again at once.
    #[serde(default)]
    pub more: bool,
    /// What happened.
    pub entries: Vec<FeedEntry>,
}

/// One thing that happened at the origin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FeedEntry {
    /// Its place in the order.
    pub sequence: u64,
    /// The environment it concerns.
    pub environment: EnvironmentName,
    /// What happened.
    #[serde(flatten)]
    pub event: FeedEvent,
}

/// What an edge must know of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FeedEvent {
    /// One session no longer holds.
    SessionRevoked {
        /// Which.
        session: SessionId,
        /// When its token ends anyway; the edge may forget the entry then.
        expires_at: UnixMillis,
    },
    /// Every session of a tenant that was minted up to an instant no longer holds.
    TenantRevoked {
        /// Which tenant.
        tenant: TenantId,
        /// Sessions issued at or before this instant are void.
        issued_until: UnixMillis,
    },
    /// A version went live.
    Published {
        /// Which dashboard.
        dashboard: DashboardId,
        /// Its version.
        version: u32,
    },
    /// A dashboard went offline.
    Unpublished {
        /// Which dashboard.
        dashboard: DashboardId,
    },
}
