//! How far the log is flushed and what the flusher is about to send, in two slots that are overwritten in turn.
//!
//! The slots have their full size from the start, so that a full disk does not keep the flusher from making room.
//! A slot torn by a crash fails its checksum, and the other one, older by one step, holds.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::backlog::Cursor;
use crate::segment::sync_dir;

/// Bytes of a slot: two bits for each position of the widest batch ([`crate::reader::MAX_SPAN`]) and the rest of a plan fit.
const SLOT_BYTES: usize = 64 * 1024;

/// Bytes before the body: magic with version, generation, body bytes, crc32c.
const HEADER_BYTES: usize = 24;

const MAGIC: [u8; 8] = *b"EMBFLS\0\x01";

/// A run of a batch's events, by their offset from the batch's first position.
///
/// Offsets, not indices: they name the same events even if a frame of the batch has become unreadable since.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Part {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

/// A batch that has been decided on: the same events go out under the same token however often it is tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Plan {
    /// Position of the batch's first event.
    pub(crate) start: u64,
    /// Where the batch ends; it begins at the state's cursor.
    pub(crate) end: Cursor,
    /// Duplicates, which are not sent.
    pub(crate) dropped: Marks,
    /// Events that the sink refused by themselves; they lie in quarantine.
    pub(crate) refused: Marks,
    /// What is still to be sent, in order.
    pub(crate) parts: Vec<Part>,
}

/// A set of offsets, one bit each.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Marks(Vec<u8>);

impl Marks {
    /// Whether an offset is in the set.
    pub(crate) fn has(&self, offset: u32) -> bool {
        self.0
            .get(offset as usize / 8)
            .is_some_and(|byte| byte & (1 << (offset % 8)) != 0)
    }

    /// Adds an offset.
    pub(crate) fn set(&mut self, offset: u32) {
        let at = offset as usize / 8;
        if self.0.len() <= at {
            self.0.resize(at + 1, 0);
        }
        if let Some(byte) = self.0.get_mut(at) {
            *byte |= 1 << (offset % 8);
        }
    }
}

/// What survives a restart.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct FlushState {
    /// Random, made once: tokens of two spools never meet.
    pub(crate) spool_id: u64,
    /// Everything before it is flushed.
    pub(crate) cursor: Cursor,
    /// The batch that was begun, if any.
    pub(crate) plan: Option<Plan>,
}

/// The two slots, open.
#[derive(Debug)]
pub(crate) struct Checkpoint {
    slots: [File; 2],
    generation: u64,
    state: FlushState,
}

/// Why a checkpoint cannot be used.
#[derive(Debug)]
pub(crate) enum LoadError {
    Io(PathBuf, io::Error),
    /// Both slots hold something, and neither is sound.
    Damaged(PathBuf),
}

impl Checkpoint {
    /// Opens the slots in `dir`, creating them on first use.
    pub(crate) fn open(dir: &Path) -> Result<Self, LoadError> {
        let paths = [dir.join("flush.a"), dir.join("flush.b")];
        let mut best: Option<(u64, FlushState)> = None;
        let (mut files, mut blanks) = (Vec::with_capacity(2), Vec::with_capacity(2));
        for path in &paths {
            let (file, bytes) =
                open_slot(path).map_err(|error| LoadError::Io(path.clone(), error))?;
            files.push(file);
            blanks.push(bytes.iter().all(|byte| *byte == 0));
            if let Some(found) = read_slot(&bytes)
                && best
                    .as_ref()
                    .is_none_or(|(generation, _)| found.0 > *generation)
            {
                best = Some(found);
            }
        }
        let [a, b] = paths;
        let slots: [File; 2] = files
            .try_into()
            .map_err(|_| LoadError::Damaged(a.clone()))?;
        sync_dir(dir).map_err(|error| LoadError::Io(dir.to_owned(), error))?;
        match best {
            Some((generation, state)) => Ok(Self {
                slots,
                generation,
                state,
            }),
            // Slot a is written second: while it is blank nothing can have been sent, even if b was torn.
            None if blanks.first() == Some(&true) => {
                let spool_id = getrandom::u64()
                    .map_err(|error| LoadError::Io(b.clone(), io::Error::other(error)))?;
                let mut checkpoint = Self {
                    slots,
                    generation: 0,
                    state: FlushState::default(),
                };
                checkpoint
                    .store(FlushState {
                        spool_id,
                        ..FlushState::default()
                    })
                    .map_err(|error| LoadError::Io(b, error))?;
                Ok(checkpoint)
            }
            None => Err(LoadError::Damaged(a)),
        }
    }

    /// What was stored last.
    pub(crate) fn state(&self) -> &FlushState {
        &self.state
    }

    /// Stores a state. Returns when it is on disk; on an error the state before still holds.
    pub(crate) fn store(&mut self, state: FlushState) -> io::Result<()> {
        let body = postcard::to_stdvec(&state).map_err(io::Error::other)?;
        if body.len() > SLOT_BYTES - HEADER_BYTES {
            return Err(io::Error::other("plan of a batch does not fit its slot"));
        }
        let generation = self.generation + 1;
        let mut bytes = Vec::with_capacity(HEADER_BYTES + body.len());
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&generation.to_le_bytes());
        bytes.extend_from_slice(&(body.len() as u32).to_le_bytes());
        bytes.extend_from_slice(&checksum(generation, &body).to_le_bytes());
        bytes.extend_from_slice(&body);
        let [even, odd] = &self.slots;
        let slot = if generation.is_multiple_of(2) {
            even
        } else {
            odd
        };
        slot.write_all_at(&bytes, 0)?;
        slot.sync_data()?;
        self.generation = generation;
        self.state = state;
        Ok(())
    }
}

fn open_slot(path: &Path) -> io::Result<(File, Vec<u8>)> {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)?;
    let len = file.metadata()?.len() as usize;
    if len < SLOT_BYTES {
        file.write_all_at(&vec![0; SLOT_BYTES - len], len as u64)?;
        file.sync_all()?;
    }
    let mut bytes = vec![0; SLOT_BYTES];
    file.read_exact_at(&mut bytes, 0)?;
    Ok((file, bytes))
}

fn read_slot(bytes: &[u8]) -> Option<(u64, FlushState)> {
    let rest = bytes.strip_prefix(&MAGIC)?;
    let (generation, rest) = rest.split_first_chunk()?;
    let (len, rest) = rest.split_first_chunk()?;
    let (sum, rest) = rest.split_first_chunk()?;
    let generation = u64::from_le_bytes(*generation);
    let body = rest.get(..u32::from_le_bytes(*len) as usize)?;
    if checksum(generation, body) != u32::from_le_bytes(*sum) {
        return None;
    }
    Some((generation, postcard::from_bytes(body).ok()?))
}

fn checksum(generation: u64, body: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(&generation.to_le_bytes()), body)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(dir: &Path, position: u64) -> FlushState {
        let mut checkpoint = Checkpoint::open(dir).unwrap();
        let state = FlushState {
            cursor: Cursor {
                position,
                ..Cursor::default()
            },
            ..checkpoint.state().clone()
        };
        checkpoint.store(state.clone()).unwrap();
        state
    }

    #[test]
    fn the_last_state_comes_back_and_the_id_stays() {
        let dir = tempfile::tempdir().unwrap();
        let first = stored(dir.path(), 1);
        let last = stored(dir.path(), 2);
        assert_eq!(Checkpoint::open(dir.path()).unwrap().state(), &last);
        assert_eq!(first.spool_id, last.spool_id);
        assert_ne!(last.spool_id, 0);
    }

    #[test]
    fn a_torn_slot_falls_back_to_the_other_and_two_torn_slots_are_an_error() {
        let dir = tempfile::tempdir().unwrap();
        // Creation is generation 1; these are 2 (slot a) and 3 (slot b).
        let older = stored(dir.path(), 1);
        stored(dir.path(), 2);
        let tear = |name: &str| {
            let path = dir.path().join(name);
            let mut bytes = std::fs::read(&path).unwrap();
            bytes[HEADER_BYTES + 1] ^= 1;
            std::fs::write(path, bytes).unwrap();
        };
        tear("flush.b");
        assert_eq!(Checkpoint::open(dir.path()).unwrap().state(), &older);
        tear("flush.a");
        assert!(matches!(
            Checkpoint::open(dir.path()),
            Err(LoadError::Damaged(_))
        ));
    }
}
