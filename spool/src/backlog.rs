//! What the writer and the flusher share: which segments exist, how far each is durable, how far all is flushed.

use std::collections::VecDeque;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use emban_contract::UnixMillis;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::quarantine::Quarantine;
use crate::segment::SegmentId;
use crate::status::SpoolStatus;

/// Coarseness of the record that tells how old the oldest unflushed event is.
const AGE_STEP_MS: i64 = 1000;

/// A place in the log, between two frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Cursor {
    /// First position of the segment.
    pub(crate) segment: u64,
    /// Bytes into the segment.
    pub(crate) offset: u64,
    /// Every event before this position lies before the place.
    pub(crate) position: u64,
}

/// One segment as readers may see it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Extent {
    pub(crate) id: SegmentId,
    /// Durable bytes; nothing behind them is read.
    pub(crate) len: u64,
    /// Whether it may still grow.
    pub(crate) active: bool,
}

#[derive(Debug, Default)]
struct State {
    segments: VecDeque<Extent>,
    /// Bytes of appends that wait for the writer; they count against the bound.
    queued: u64,
    disk_bytes: u64,
    /// (first position, arrival) at most once a second, oldest first.
    ages: VecDeque<(u64, i64)>,
    flushed_to: u64,
    status: SpoolStatus,
    /// Positions at which the flusher is held, one a [`crate::Hold`].
    holds: Vec<u64>,
    /// Why the last write failed, until one goes well.
    write_error: Option<String>,
    /// Why the last try of the flusher failed, until a batch went well.
    flush_error: Option<String>,
}

/// The shared state with its notifications.
#[derive(Debug)]
pub(crate) struct Backlog {
    pub(crate) log_dir: PathBuf,
    pub(crate) quarantine: Quarantine,
    max_bytes: u64,
    state: Mutex<State>,
    /// Unflushed bytes; the flusher waits on it. Bytes, since damage has bytes but no count of events.
    waiting: watch::Sender<u64>,
    /// Position up to which all is flushed.
    flushed: watch::Sender<u64>,
    /// The hold at which the flusher stands, if it does.
    parked: watch::Sender<Option<u64>>,
    /// Says that a hold came or went.
    holds_changed: watch::Sender<()>,
}

impl Backlog {
    pub(crate) fn new(
        log_dir: &Path,
        quarantine: Quarantine,
        max_bytes: u64,
        flushed_to: u64,
    ) -> Self {
        Self {
            log_dir: log_dir.to_owned(),
            quarantine,
            max_bytes,
            state: Mutex::new(State {
                flushed_to,
                ..State::default()
            }),
            waiting: watch::Sender::new(0),
            flushed: watch::Sender::new(flushed_to),
            parked: watch::Sender::new(None),
            holds_changed: watch::Sender::new(()),
        }
    }

    // A thread that panicked while holding the lock cannot have left the counts half-changed in a way that loses events.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes room for an append, or says that there is none.
    pub(crate) fn reserve(&self, bytes: u64) -> bool {
        let mut state = self.lock();
        let fits = state
            .disk_bytes
            .saturating_add(state.queued)
            .saturating_add(bytes)
            <= self.max_bytes;
        if fits {
            state.queued += bytes;
        }
        fits
    }

    /// Gives back the room of an append that failed.
    pub(crate) fn release(&self, bytes: u64, failure: &io::Error) {
        let mut state = self.lock();
        state.queued = state.queued.saturating_sub(bytes);
        state.write_error = Some(format!("log: {failure}"));
    }

    /// Adds a segment that frames go to from now on; the one before is closed.
    pub(crate) fn open_segment(&self, id: SegmentId) {
        let mut state = self.lock();
        close_active(&mut state);
        state.segments.push_back(Extent {
            id,
            len: 0,
            active: true,
        });
    }

    /// Closes the segment that is written to.
    pub(crate) fn close_segment(&self) {
        close_active(&mut self.lock());
    }

    /// Adds a segment found at start.
    pub(crate) fn add_found(&self, id: SegmentId, len: u64) {
        let mut state = self.lock();
        state.disk_bytes += len;
        state.segments.push_back(Extent {
            id,
            len,
            active: false,
        });
    }

    /// Counts an unflushed stretch found at start that the flusher will pass over.
    pub(crate) fn add_found_damage(&self, bytes: u64) {
        let mut state = self.lock();
        state.status.bytes += bytes;
        self.waiting.send_replace(state.status.bytes);
    }

    /// Counts an unflushed frame found at start.
    pub(crate) fn add_found_frame(&self, first: u64, events: u64, bytes: u64, arrived_ms: i64) {
        let mut state = self.lock();
        state.status.bytes += bytes;
        self.count_events(&mut state, first, events, arrived_ms);
    }

    /// Makes frames visible that are on disk now.
    pub(crate) fn publish(&self, bytes: u64, first: u64, events: u64, arrived_ms: i64) {
        let mut state = self.lock();
        if let Some(active) = state.segments.back_mut() {
            active.len += bytes;
        }
        state.queued = state.queued.saturating_sub(bytes);
        state.disk_bytes += bytes;
        state.status.bytes += bytes;
        state.status.appended += events;
        state.status.syncs += 1;
        state.write_error = None;
        self.count_events(&mut state, first, events, arrived_ms);
    }

    fn count_events(&self, state: &mut State, first: u64, events: u64, arrived_ms: i64) {
        state.status.events += events;
        if state.ages.back().is_none_or(|(_, last)| {
            arrived_ms.saturating_sub(*last).unsigned_abs() >= AGE_STEP_MS as u64
        }) {
            state.ages.push_back((first, arrived_ms));
        }
        self.waiting.send_replace(state.status.bytes);
    }

    /// Segments from the cursor's on, up to the first at which the flusher is held.
    pub(crate) fn extents_from(&self, cursor: Cursor) -> Vec<Extent> {
        let state = self.lock();
        let held_at = state.holds.iter().min().copied().unwrap_or(u64::MAX);
        state
            .segments
            .iter()
            .filter(|extent| extent.id.first >= cursor.segment && extent.id.first < held_at)
            .copied()
            .collect()
    }

    /// Closes the segment that is written to and holds the flusher before every segment that begins at `position` or later.
    ///
    /// One step: a reader that does not see the hold does not see a later segment either.
    pub(crate) fn seal(&self, position: u64) {
        let mut state = self.lock();
        close_active(&mut state);
        state.holds.push(position);
        drop(state);
        self.holds_changed.send_replace(());
    }

    /// Holds the flusher at a position that was sealed by an earlier process.
    pub(crate) fn hold(&self, position: u64) {
        self.lock().holds.push(position);
        self.holds_changed.send_replace(());
    }

    /// Takes a hold back.
    pub(crate) fn release_hold(&self, position: u64) {
        let mut state = self.lock();
        if let Some(at) = state.holds.iter().position(|held| *held == position) {
            state.holds.swap_remove(at);
        }
        drop(state);
        self.holds_changed.send_replace(());
    }

    /// Whether everything before the first hold is flushed and the flusher has to stand there. What lies before it on
    /// disk is deleted then.
    pub(crate) fn park(&self, cursor: Cursor) -> bool {
        let state = self.lock();
        let unread = |extent: &Extent| {
            extent.id.first > cursor.segment
                || (extent.id.first == cursor.segment && cursor.offset < extent.len)
        };
        let parked = state.holds.iter().min().copied().filter(|held_at| {
            let mut before = state.segments.iter();
            !before.any(|extent| extent.id.first < *held_at && unread(extent))
        });
        drop(state);
        if parked.is_some() {
            self.delete_before(cursor);
        }
        self.parked.send_replace(parked);
        parked.is_some()
    }

    pub(crate) fn subscribe_parked(&self) -> watch::Receiver<Option<u64>> {
        self.parked.subscribe()
    }

    pub(crate) fn subscribe_holds(&self) -> watch::Receiver<()> {
        self.holds_changed.subscribe()
    }

    /// Takes note that everything before `cursor` is flushed, and deletes the segments that hold nothing else.
    ///
    /// `done` counts the events of the batch, `bytes` its part of the log, damage included.
    pub(crate) fn advance(&self, cursor: Cursor, done: Done) {
        let mut state = self.lock();
        state.flushed_to = cursor.position;
        while state
            .ages
            .get(1)
            .is_some_and(|(first, _)| *first <= cursor.position)
        {
            state.ages.pop_front();
        }
        let status = &mut state.status;
        status.events = status.events.saturating_sub(done.events);
        status.bytes = status.bytes.saturating_sub(done.bytes);
        status.flushed += done.events;
        status.duplicates += done.duplicates;
        status.batches += 1;
        if status.bytes == 0 {
            // Events that became unreadable after they were counted have left with their bytes.
            status.events = 0;
            state.ages.clear();
        }
        self.waiting.send_replace(state.status.bytes);
        state.flush_error = None;
        drop(state);
        self.flushed.send_replace(cursor.position);
        self.delete_before(cursor);
    }

    /// Deletes closed segments that lie before `cursor`; appends are not held up meanwhile.
    fn delete_before(&self, cursor: Cursor) {
        let passed = |extent: &Extent| {
            let id = extent.id.first;
            !extent.active
                && (id < cursor.segment || (id == cursor.segment && cursor.offset >= extent.len))
        };
        loop {
            let front = self.lock().segments.front().copied().filter(passed);
            let Some(front) = front else { return };
            let deleted = std::fs::remove_file(self.log_dir.join(front.id.file_name()));
            let mut state = self.lock();
            if let Err(error) = deleted
                && error.kind() != io::ErrorKind::NotFound
            {
                // It is tried again with the next batch; until then it counts against the bound.
                state.flush_error = Some(format!("flushed segment cannot be deleted: {error}"));
                return;
            }
            state.segments.pop_front();
            state.disk_bytes = state.disk_bytes.saturating_sub(front.len);
        }
    }

    /// Shows an error of the flusher in the status until the next batch went well.
    pub(crate) fn report(&self, error: String) {
        self.lock().flush_error = Some(error);
    }

    /// Bytes of appends that wait for the writer.
    #[cfg(test)]
    pub(crate) fn queued(&self) -> u64 {
        self.lock().queued
    }

    pub(crate) fn subscribe_waiting(&self) -> watch::Receiver<u64> {
        self.waiting.subscribe()
    }

    pub(crate) fn subscribe_flushed(&self) -> watch::Receiver<u64> {
        self.flushed.subscribe()
    }

    pub(crate) fn status(&self) -> SpoolStatus {
        let state = self.lock();
        let (events, ranges) = self.quarantine.counts();
        SpoolStatus {
            last_error: state
                .flush_error
                .clone()
                .or_else(|| state.write_error.clone()),
            disk_bytes: state.disk_bytes,
            max_bytes: self.max_bytes,
            oldest: state
                .ages
                .front()
                .filter(|_| state.status.events > 0)
                .map(|(_, arrived)| UnixMillis(*arrived)),
            quarantined_events: events,
            quarantined_ranges: ranges,
            ..state.status.clone()
        }
    }
}

/// What one batch of the flusher took out of the log.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Done {
    pub(crate) events: u64,
    pub(crate) bytes: u64,
    pub(crate) duplicates: u64,
}

fn close_active(state: &mut State) {
    if let Some(active) = state.segments.back_mut() {
        active.active = false;
    }
}
