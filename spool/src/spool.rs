//! The spool itself: opened once a directory, appended to by many.

mod hold;
mod recover;
mod writer;

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use emban_contract::event::Event;
use tokio::sync::{Semaphore, mpsc, oneshot, watch};

use crate::backlog::Backlog;
use crate::checkpoint::Checkpoint;
use crate::codec;
use crate::frame::{HEADER_BYTES, MAX_FRAME_EVENTS, MAX_PAYLOAD_BYTES};
use crate::quarantine::{Damage, Quarantine};
use crate::status::SpoolStatus;

pub use hold::Hold;

/// Appends that may wait for the writer; further ones wait for their turn before they take memory in the queue.
const QUEUE_APPENDS: usize = 4096;

/// Memory of the appends that wait for the writer, in KiB: 32 MiB.
const QUEUE_KIB: usize = 32 * 1024;

/// How large a spool may become, and in which steps.
#[derive(Debug, Clone)]
pub struct SpoolConfig {
    /// Bytes of all segments together; appends beyond are refused. Default 4 GiB, at least 1 MiB.
    /// Keep it below what the disk has free: the bound answers in order, a full disk answers late.
    pub max_bytes: u64,
    /// Bytes after which a new segment is begun. Room is freed by whole segments. Default 32 MiB, at most a quarter of the bound.
    pub segment_bytes: u64,
    /// What a refused caller is told to wait. Default 5 s.
    pub retry_after: Duration,
}

impl Default for SpoolConfig {
    fn default() -> Self {
        Self {
            max_bytes: 4 << 30,
            segment_bytes: 32 << 20,
            retry_after: Duration::from_secs(5),
        }
    }
}

/// Why a spool cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// Another process, or another `Spool` of this one, uses the directory.
    #[error("spool {dir} is in use by another process", dir = .dir.display())]
    Locked {
        /// The spool's directory.
        dir: PathBuf,
    },
    /// A file cannot be used.
    #[error("spool file {path} cannot be used", path = .path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The checkpoint is unreadable; without it events would be lost or count twice.
    #[error("checkpoint {path} is damaged, and so is its twin", path = .path.display())]
    Damaged {
        /// The first of the two slots.
        path: PathBuf,
    },
    /// A segment was written by a program with another layout.
    #[error("log {path} was written by another version", path = .path.display())]
    Version {
        /// The segment file.
        path: PathBuf,
    },
    /// A setting does not make sense.
    #[error("{0}")]
    Config(&'static str),
    /// The spool has a flusher already.
    #[error("the spool has a flusher already")]
    FlusherTaken,
}

/// Why an append was not acknowledged.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AppendError {
    /// The bound is reached; nothing was stored.
    #[error("spool is full")]
    Full {
        /// When to try again.
        retry_after: Duration,
    },
    /// The events can never fit; nothing was stored.
    #[error("append of {bytes} bytes is larger than {limit}")]
    TooLarge {
        /// Bytes of the events as they would be stored.
        bytes: u64,
        /// The most that fits.
        limit: u64,
    },
    /// The disk failed or is full. The events are most likely not stored, but may be: send them again with the same ids.
    #[error("events could not be made durable")]
    Disk(#[source] Arc<io::Error>),
    /// The writer has ended.
    #[error("spool is closed")]
    Closed,
}

/// Where acknowledged events lie in the log's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    /// Position of the first event. Positions count events, are never used twice, and may have gaps between appends.
    pub first_position: u64,
    /// Position of the last event.
    pub last_position: u64,
}

/// What was found when the log was opened. The caller logs it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recovery {
    /// Unflushed events found.
    pub events: u64,
    /// Bytes cut from the end of the last segment: a write that a crash interrupted, never acknowledged.
    pub torn_bytes: u64,
    /// Stretches that were moved to `quarantine/`; what lies around them is kept.
    pub damage: Vec<Damage>,
}

/// Makes a file's content durable; tests put failures here.
type SyncFile = Arc<dyn Fn(&File) -> io::Result<()> + Send + Sync>;

/// A durable log of events. Clones share it; with the last clone the writer ends and the directory is free.
#[derive(Clone)]
pub struct Spool {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) backlog: Arc<Backlog>,
    pub(crate) checkpoint: Mutex<Checkpoint>,
    pub(crate) flusher_taken: AtomicBool,
    queue: Option<mpsc::Sender<Task>>,
    room: Arc<Semaphore>,
    writer: Option<JoinHandle<()>>,
    recovery: Recovery,
    retry_after: Duration,
    largest_frame: u64,
    /// Held for as long as the directory is used; the system lets go of it when the process ends, however it ends.
    _lock: File,
}

/// What the writer is asked to do, in order.
pub(crate) enum Task {
    Append(Queued),
    /// End the segment, hold the flusher there, and say at which position.
    Seal(oneshot::Sender<u64>),
}

/// An append on its way to the writer.
pub(crate) struct Queued {
    payload: Vec<u8>,
    events: u32,
    answer: oneshot::Sender<Result<Appended, AppendError>>,
    _room: tokio::sync::OwnedSemaphorePermit,
}

impl Queued {
    fn frame_bytes(&self) -> u64 {
        (HEADER_BYTES + self.payload.len()) as u64
    }
}

impl Spool {
    /// Opens the spool in a directory, creating it if needed, and checks every segment. Blocks.
    ///
    /// Errors: see [`SpoolError`]. Cost: reads the whole unflushed log once.
    pub fn open(dir: impl AsRef<Path>, config: SpoolConfig) -> Result<Self, SpoolError> {
        Self::open_with(dir.as_ref(), config, Arc::new(File::sync_data))
    }

    fn open_with(dir: &Path, config: SpoolConfig, sync: SyncFile) -> Result<Self, SpoolError> {
        if config.max_bytes < 1 << 20 || config.segment_bytes == 0 {
            return Err(SpoolError::Config(
                "a spool needs a bound of at least 1 MiB and segments of at least one byte",
            ));
        }
        let log_dir = dir.join("log");
        std::fs::create_dir_all(&log_dir).map_err(|source| SpoolError::Io {
            path: log_dir.clone(),
            source,
        })?;
        let lock = lock(dir)?;
        let quarantine_dir = dir.join("quarantine");
        let quarantine =
            Quarantine::open(quarantine_dir.clone()).map_err(|source| SpoolError::Io {
                path: quarantine_dir,
                source,
            })?;
        let checkpoint = Checkpoint::open(dir).map_err(SpoolError::from)?;
        let cursor = checkpoint.state().cursor;
        let backlog = Backlog::new(&log_dir, quarantine, config.max_bytes, cursor.position);
        let (recovery, next) = recover::recover(&backlog, cursor)?;
        let backlog = Arc::new(backlog);
        let (queue, waiting) = mpsc::channel(QUEUE_APPENDS);
        let segment_bytes = config.segment_bytes.min(config.max_bytes / 4);
        let writer = writer::Writer::new(backlog.clone(), sync, segment_bytes, next);
        let writer = std::thread::Builder::new()
            .name("spool-writer".to_owned())
            .spawn(move || writer.run(waiting))
            .map_err(|source| SpoolError::Io {
                path: log_dir,
                source,
            })?;
        let inner = Inner {
            backlog,
            checkpoint: Mutex::new(checkpoint),
            flusher_taken: AtomicBool::new(false),
            queue: Some(queue),
            room: Arc::new(Semaphore::new(QUEUE_KIB)),
            writer: Some(writer),
            recovery,
            retry_after: config.retry_after,
            largest_frame: (config.max_bytes / 4).min(MAX_PAYLOAD_BYTES as u64),
            _lock: lock,
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// Stores events, all or none, and returns when they are on disk.
    ///
    /// Appends that wait at the same time share one write and one fsync. No events: returns at once.
    /// Dropping the future does not take the events back. Errors: see [`AppendError`].
    pub async fn append(&self, records: Vec<Event>) -> Result<Appended, AppendError> {
        let inner = &*self.inner;
        let Some(queue) = &inner.queue else {
            return Err(AppendError::Closed);
        };
        if records.is_empty() {
            let at = *inner.backlog.subscribe_flushed().borrow();
            return Ok(Appended {
                first_position: at,
                last_position: at,
            });
        }
        let payload = codec::encode(&records)
            .map_err(|error| AppendError::Disk(Arc::new(io::Error::other(error))))?;
        let bytes = (HEADER_BYTES + payload.len()) as u64;
        if records.len() > MAX_FRAME_EVENTS || bytes > inner.largest_frame {
            return Err(AppendError::TooLarge {
                bytes,
                limit: inner.largest_frame,
            });
        }
        let events = records.len() as u32;
        drop(records);
        let permits = (bytes / 1024 + 1).min(QUEUE_KIB as u64) as u32;
        let room = inner
            .room
            .clone()
            .acquire_many_owned(permits)
            .await
            .map_err(|_| AppendError::Closed)?;
        let slot = queue.reserve().await.map_err(|_| AppendError::Closed)?;
        // From here on nothing waits before the writer has the frame, so a dropped future cannot keep the room.
        if !inner.backlog.reserve(bytes) {
            return Err(AppendError::Full {
                retry_after: inner.retry_after,
            });
        }
        let (answer, answered) = oneshot::channel();
        slot.send(Task::Append(Queued {
            payload,
            events,
            answer,
            _room: room,
        }));
        answered.await.map_err(|_| AppendError::Closed)?
    }

    /// How full the spool is and how the flusher fares. Cheap.
    pub fn status(&self) -> SpoolStatus {
        self.inner.backlog.status()
    }

    /// Follows the position before which everything has left the log.
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.inner.backlog.subscribe_flushed()
    }

    /// Waits until the event at `position` is in the warehouse, was recognised as a duplicate, or is in quarantine.
    pub async fn flushed_past(&self, position: u64) {
        // The sender lives in `self`, so the wait cannot end for want of it.
        drop(self.watch().wait_for(|flushed| *flushed > position).await);
    }

    /// What opening the log found.
    pub fn recovery(&self) -> &Recovery {
        &self.inner.recovery
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        // The writer ends when the queue closes; it must be gone before the lock is.
        self.queue = None;
        if let Some(writer) = self.writer.take()
            && writer.join().is_err()
        {
            tracing::error!("the spool's writer has panicked");
        }
    }
}

fn lock(dir: &Path) -> Result<File, SpoolError> {
    let path = dir.join("lock");
    let file = File::create(&path).map_err(|source| SpoolError::Io {
        path: path.clone(),
        source,
    })?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(SpoolError::Locked {
            dir: dir.to_owned(),
        }),
        Err(TryLockError::Error(source)) => Err(SpoolError::Io { path, source }),
    }
}

#[cfg(test)]
mod tests;
