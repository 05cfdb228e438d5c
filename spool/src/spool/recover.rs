//! Opening a log that may have been left in any state: cut what was torn, set aside what is damaged, count the rest.

use std::fs::OpenOptions;
use std::io;
use std::path::PathBuf;

use super::{Recovery, SpoolError};
use crate::backlog::{Backlog, Cursor};
use crate::checkpoint::LoadError;
use crate::frame::{self, HEADER_BYTES, Piece};
use crate::segment::{self, SegmentId};

impl From<LoadError> for SpoolError {
    fn from(error: LoadError) -> Self {
        match error {
            LoadError::Io(path, source) => Self::Io { path, source },
            LoadError::Damaged(path) => Self::Damaged { path },
        }
    }
}

/// Fills the backlog with what lies behind `cursor`. Returns what was found and the position of the next event.
pub(super) fn recover(backlog: &Backlog, cursor: Cursor) -> Result<(Recovery, u64), SpoolError> {
    let listing = segment::list(&backlog.log_dir).map_err(|source| SpoolError::Io {
        path: backlog.log_dir.clone(),
        source,
    })?;
    if let Some(path) = listing.unknown.into_iter().next() {
        return Err(SpoolError::Version { path });
    }
    let mut recovery = Recovery::default();
    let mut next = cursor.position;
    let last = listing.segments.last().copied();
    for id in listing.segments {
        let path = backlog.log_dir.join(id.file_name());
        let found = if id.first < cursor.segment {
            // A crash came between the checkpoint and the deletion.
            std::fs::remove_file(&path).map(|()| id.first)
        } else {
            let from = if id.first == cursor.segment {
                cursor.offset
            } else {
                0
            };
            recover_segment(backlog, &path, id, from, last == Some(id), &mut recovery)
        };
        next = next.max(found.map_err(|source| SpoolError::Io { path, source })?);
    }
    Ok((recovery, next))
}

/// Reads one segment. Returns the position after its last event.
fn recover_segment(
    backlog: &Backlog,
    path: &PathBuf,
    id: SegmentId,
    from: u64,
    last: bool,
    recovery: &mut Recovery,
) -> io::Result<u64> {
    // Whole: a segment is tens of megabytes, and this is before anything is served.
    let bytes = std::fs::read(path)?;
    let from = usize::try_from(from).unwrap_or(usize::MAX);
    let (mut at, mut next, mut len) = (0, id.first, bytes.len());
    loop {
        match frame::piece_at(id.salt, &bytes, at) {
            Piece::End => break,
            Piece::Frame(header, payload) => {
                if at >= from {
                    let size = (HEADER_BYTES + payload.len()) as u64;
                    backlog.add_found_frame(
                        header.first,
                        u64::from(header.events),
                        size,
                        header.arrived_ms,
                    );
                    recovery.events += u64::from(header.events);
                }
                next = next.max(header.end());
                at = payload.end;
            }
            // Nothing good follows in the segment that was written last: a torn write. A frame that is complete
            // but wrong may have been good once, so it is kept as well; what is shorter than a header never was.
            Piece::Rest(range) if last => {
                let torn = bytes.get(range.clone()).unwrap_or_default();
                let complete = frame::announced_bytes(id.salt, torn, 0)
                    .is_none_or(|announced| announced <= torn.len());
                if complete && torn.len() >= HEADER_BYTES {
                    recovery.damage.push(backlog.quarantine.keep_range(
                        id,
                        range.start as u64,
                        torn,
                    )?);
                }
                recovery.torn_bytes += torn.len() as u64;
                len = range.start;
                let file = OpenOptions::new().write(true).open(path)?;
                file.set_len(len as u64)?;
                file.sync_all()?;
                break;
            }
            Piece::Rest(range) | Piece::Damage(range) => {
                if range.start >= from {
                    let damaged = bytes.get(range.clone()).unwrap_or_default();
                    recovery.damage.push(backlog.quarantine.keep_range(
                        id,
                        range.start as u64,
                        damaged,
                    )?);
                    backlog.add_found_damage(range.len() as u64);
                }
                at = range.end;
            }
        }
    }
    if len == 0 {
        std::fs::remove_file(path)?;
    } else {
        backlog.add_found(id, len as u64);
    }
    Ok(next)
}
