//! What stands between an accepted event and the warehouse: a durable log, exact deduplication, and the flusher.
//!
//! ```text
//! append ─► [frame] ─► writer thread: one write, one fsync for all that wait ─► answers
//!                                │ log/ (segments)
//!                                ▼
//! flusher: read in order ─► deduplicate ─► plan made durable ─► sink ─► checkpoint ─► segments deleted
//! ```
//! An acknowledged event is on disk; an event leaves the disk only after the sink has confirmed it.
//! Whatever process is killed at whatever moment, nothing acknowledged is lost and nothing counts twice,
//! as long as the sink drops a second batch that carries the token of an earlier one.
//!
//! Everything lives under one directory: `log/` segments, `flush.a` and `flush.b` the checkpoint in two slots,
//! `quarantine/` what could not be read or was refused, `lock` held by the process that uses it.
//! The deduplication store has its own directory, by custom `dedup/` beside them, and so have idempotency keys, `requests/`.

mod backlog;
mod checkpoint;
mod codec;
mod dedup;
mod flusher;
mod frame;
mod generations;
mod quarantine;
mod reader;
mod requests;
mod segment;
mod spool;
mod status;

pub use dedup::{Dedup, DedupConfig, DedupError};
pub use flusher::{Flusher, FlusherConfig, Sink, SinkError};
pub use quarantine::Damage;
pub use requests::{FirstRequest, RequestDigest, RequestLog};
pub use spool::{AppendError, Appended, Hold, Recovery, Spool, SpoolConfig, SpoolError};
pub use status::SpoolStatus;
