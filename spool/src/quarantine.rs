//! Where bytes go that could not be read, and events that the sink refused: kept, counted, never in the way.
//!
//! Names follow from the place in the log, so doing it again after a crash changes nothing.

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use emban_contract::TenantId;
use emban_contract::event::Event;
use serde::{Deserialize, Serialize};

use crate::segment::{SegmentId, sync_dir};

const EVENT_PREFIX: &str = "refused-";
const RANGE_PREFIX: &str = "damaged-";

/// A stretch of the log that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// Name of the segment file.
    pub segment: String,
    /// Bytes from the segment's start.
    pub offset: u64,
    /// Bytes of the stretch, all kept in `quarantine/`.
    pub bytes: u64,
}

/// A refused event as it is kept, one JSON document a file.
#[derive(Serialize)]
struct Refused<'a> {
    position: u64,
    reason: &'a str,
    event: &'a Event,
}

/// The directory and what lies in it.
#[derive(Debug)]
pub(crate) struct Quarantine {
    dir: PathBuf,
    events: AtomicU64,
    ranges: AtomicU64,
}

impl Quarantine {
    /// Creates the directory if needed and counts what lies there.
    pub(crate) fn open(dir: PathBuf) -> io::Result<Self> {
        std::fs::create_dir_all(&dir)?;
        let (mut events, mut ranges) = (0, 0);
        for entry in std::fs::read_dir(&dir)? {
            let name = entry?.file_name();
            let name = name.to_string_lossy();
            events += u64::from(name.starts_with(EVENT_PREFIX));
            ranges += u64::from(name.starts_with(RANGE_PREFIX));
        }
        Ok(Self {
            dir,
            events: AtomicU64::new(events),
            ranges: AtomicU64::new(ranges),
        })
    }

    /// Refused events and damaged stretches that lie there.
    pub(crate) fn counts(&self) -> (u64, u64) {
        (
            self.events.load(Ordering::Relaxed),
            self.ranges.load(Ordering::Relaxed),
        )
    }

    /// Keeps a refused event. Returns when it is on disk.
    pub(crate) fn keep_event(&self, position: u64, event: &Event, reason: &str) -> io::Result<()> {
        let body = serde_json::to_vec_pretty(&Refused {
            position,
            reason,
            event,
        })
        .map_err(io::Error::other)?;
        if self.keep(&format!("{EVENT_PREFIX}{position:020}.json"), &body)? {
            self.events.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Keeps a stretch of a segment that could not be read. Returns when it is on disk.
    pub(crate) fn keep_range(
        &self,
        segment: SegmentId,
        offset: u64,
        bytes: &[u8],
    ) -> io::Result<Damage> {
        let stem = segment.file_name();
        if self.keep(&format!("{RANGE_PREFIX}{stem}-{offset:012}.bin"), bytes)? {
            self.ranges.fetch_add(1, Ordering::Relaxed);
        }
        Ok(Damage {
            segment: stem,
            offset,
            bytes: bytes.len() as u64,
        })
    }

    /// Removes every file that holds anything of a tenant. Returns how many there were.
    ///
    /// A damaged stretch cannot be taken apart by tenant: it goes when the tenant's id stands in it.
    pub(crate) fn forget(&self, tenant: &TenantId) -> io::Result<u64> {
        let mut removed = 0;
        for entry in std::fs::read_dir(&self.dir)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if !holds(&name, &std::fs::read(&path)?, tenant) {
                continue;
            }
            std::fs::remove_file(&path)?;
            let counter = if name.starts_with(EVENT_PREFIX) {
                Some(&self.events)
            } else if name.starts_with(RANGE_PREFIX) {
                Some(&self.ranges)
            } else {
                None
            };
            if let Some(counter) = counter {
                counter.fetch_sub(1, Ordering::Relaxed);
            }
            removed += 1;
        }
        sync_dir(&self.dir)?;
        Ok(removed)
    }

    /// Writes a file whole or not at all. Returns whether it was not there before.
    fn keep(&self, name: &str, body: &[u8]) -> io::Result<bool> {
        let path = self.dir.join(name);
        if path.try_exists()? {
            return Ok(false);
        }
        // The prefix keeps a draft left by a crash from being counted.
        let draft = self.dir.join(format!("draft-{name}"));
        let mut file = File::create(&draft)?;
        file.write_all(body)?;
        file.sync_all()?;
        std::fs::rename(&draft, &path)?;
        sync_dir(&self.dir)?;
        Ok(true)
    }
}

/// Whether a file of the quarantine holds anything of a tenant.
fn holds(name: &str, body: &[u8], tenant: &TenantId) -> bool {
    #[derive(Deserialize)]
    struct Kept {
        event: Named,
    }
    #[derive(Deserialize)]
    struct Named {
        tenant_id: String,
    }
    let id = tenant.as_str();
    match serde_json::from_slice::<Kept>(body) {
        Ok(kept) if name.ends_with(".json") => kept.event.tenant_id == id,
        // Bytes of the log, or a draft that a crash cut short.
        _ => body.windows(id.len()).any(|part| part == id.as_bytes()),
    }
}
