//! What a spool tells about itself, for metrics and readiness.

use emban_contract::UnixMillis;

/// A snapshot. Counts named "since start" begin at 0 when the spool is opened.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SpoolStatus {
    /// Acknowledged events that are not yet flushed.
    pub events: u64,
    /// Bytes of the log that are not yet flushed.
    pub bytes: u64,
    /// Bytes of all segment files; this is what the bound holds.
    pub disk_bytes: u64,
    /// The bound.
    pub max_bytes: u64,
    /// When the oldest unflushed event arrived, to within one second; `None` when all is flushed.
    pub oldest: Option<UnixMillis>,
    /// Events acknowledged since start.
    pub appended: u64,
    /// Fsyncs that acknowledged something, since start: far fewer than appends under load.
    pub syncs: u64,
    /// Events taken out of the log since start: written, recognised as duplicates, or quarantined.
    pub flushed: u64,
    /// Of these, duplicates.
    pub duplicates: u64,
    /// Batches completed since start.
    pub batches: u64,
    /// Refused events that lie in `quarantine/`.
    pub quarantined_events: u64,
    /// Unreadable stretches of the log that lie in `quarantine/`.
    pub quarantined_ranges: u64,
    /// Why the last try of the flusher or the log failed; `None` once a batch went well.
    pub last_error: Option<String>,
}
