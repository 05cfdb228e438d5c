//! The blocking half of the flusher: read a batch, decide what it leaves out, and take note when it is done.

use std::sync::atomic::Ordering;
use std::sync::{MutexGuard, PoisonError};

use emban_contract::UnixMillis;
use emban_contract::event::Event;

use crate::backlog::{Backlog, Done};
use crate::checkpoint::{Checkpoint, FlushState, Marks, Part, Plan};
use crate::dedup::{Dedup, Key, keys_of};
use crate::reader::{self, Batch, Bounds};
use crate::spool::Spool;

/// What the flusher works with.
pub(super) struct Core {
    pub(super) spool: Spool,
    pub(super) dedup: Dedup,
    pub(super) bounds: Bounds,
}

/// A batch whose plan is durable.
pub(super) struct Prepared {
    /// Position of the batch's first event, duplicates included.
    pub(super) start: u64,
    /// Events to send, in order, without duplicates.
    pub(super) events: Vec<Event>,
    /// Each event's position, less `start`.
    pub(super) offsets: Vec<u32>,
    keys: Vec<Key>,
    done: Done,
    arrived: UnixMillis,
}

impl Drop for Core {
    fn drop(&mut self) {
        self.spool
            .inner
            .flusher_taken
            .store(false, Ordering::Release);
    }
}

impl Core {
    pub(super) fn backlog(&self) -> &Backlog {
        &self.spool.inner.backlog
    }

    // The checkpoint changes only after its bytes are on disk, so a panic elsewhere leaves it true.
    fn checkpoint(&self) -> MutexGuard<'_, Checkpoint> {
        self.spool
            .inner
            .checkpoint
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether all that is not held back is flushed, and something is.
    pub(super) fn park(&self) -> bool {
        let cursor = self.checkpoint().state().cursor;
        self.backlog().park(cursor)
    }

    /// Reads the batch again that was planned before a crash or a failure.
    pub(super) fn resume(&self) -> Result<Option<Prepared>, String> {
        let state = self.checkpoint().state().clone();
        let Some(plan) = state.plan else {
            return Ok(None);
        };
        let batch = reader::read(self.backlog(), state.cursor, Bounds::Until(plan.end))
            .map_err(|e| format!("log: {e}"))?;
        let mut batch = batch.unwrap_or_default();
        rebase(&mut batch, plan.start);
        Ok(Some(prepare(batch, &plan, None)))
    }

    /// Reads the next batch and makes its plan durable. `None` when nothing is there.
    pub(super) fn begin(&self) -> Result<Option<Prepared>, String> {
        let state = self.checkpoint().state().clone();
        let Some(batch) = reader::read(self.backlog(), state.cursor, self.bounds)
            .map_err(|e| format!("log: {e}"))?
        else {
            return Ok(None);
        };
        let sifted = self.dedup.sift(&batch.events).map_err(|e| describe(&e))?;
        let whole = Part {
            start: 0,
            end: batch
                .offsets
                .last()
                .map_or(0, |last| last.saturating_add(1)),
        };
        let mut plan = Plan {
            start: batch.start,
            end: batch.end,
            dropped: Marks::default(),
            refused: Marks::default(),
            parts: vec![whole],
        };
        for (offset, _) in batch
            .offsets
            .iter()
            .zip(&sifted.duplicate)
            .filter(|(_, duplicate)| **duplicate)
        {
            plan.dropped.set(*offset);
        }
        self.checkpoint()
            .store(FlushState {
                plan: Some(plan.clone()),
                ..state
            })
            .map_err(|e| format!("checkpoint: {e}"))?;
        let kept = sifted
            .keys
            .into_iter()
            .zip(sifted.duplicate)
            .filter(|(_, duplicate)| !duplicate)
            .map(|(key, _)| key);
        Ok(Some(prepare(batch, &plan, Some(kept.collect()))))
    }

    /// The parts of the current plan that are still to be sent.
    pub(super) fn parts(&self) -> Vec<Part> {
        self.checkpoint()
            .state()
            .plan
            .as_ref()
            .map(|plan| plan.parts.clone())
            .unwrap_or_default()
    }

    /// Name of a part for the sink: never the same for two sets of events, always the same for one.
    pub(super) fn token(&self, start: u64, part: Part) -> String {
        let spool_id = self.checkpoint().state().spool_id;
        format!("{spool_id:016x}-{start}-{}-{}", part.start, part.end)
    }

    /// Makes the parts that are left durable, before any of them is tried.
    pub(super) fn store_parts(&self, parts: Vec<Part>) -> Result<(), String> {
        self.change_plan(|plan| plan.parts = parts)
    }

    fn change_plan(&self, change: impl FnOnce(&mut Plan)) -> Result<(), String> {
        let mut checkpoint = self.checkpoint();
        let mut state = checkpoint.state().clone();
        state.plan.as_mut().map(change);
        checkpoint
            .store(state)
            .map_err(|e| format!("checkpoint: {e}"))
    }

    /// Keeps a refused event aside, and then takes it out of what is left to send.
    pub(super) fn keep_refused(
        &self,
        prepared: &Prepared,
        index: usize,
        why: &str,
        left: Vec<Part>,
    ) -> Result<(), String> {
        let (Some(event), Some(offset)) = (prepared.events.get(index), prepared.offsets.get(index))
        else {
            return self.store_parts(left);
        };
        let position = prepared.start.saturating_add(u64::from(*offset));
        self.backlog()
            .quarantine
            .keep_event(position, event, why)
            .map_err(|e| format!("quarantine: {e}"))?;
        self.change_plan(|plan| {
            plan.parts = left;
            plan.refused.set(*offset);
        })
    }

    /// Makes the batch's keys durable. It may run beside the sending: the plan already says what is a duplicate.
    pub(super) fn record_keys(&self, prepared: &Prepared) -> Result<(), String> {
        if prepared.keys.is_empty() {
            return Ok(());
        }
        self.dedup
            .record(&prepared.keys, prepared.arrived)
            .map_err(|e| describe(&e))
    }

    /// Takes note that a batch is done: the checkpoint first, then the room it took.
    ///
    /// Keys of refused events are given back, so that they can be sent anew once they have been mended.
    pub(super) fn finish(&self, prepared: &Prepared) -> Result<(), String> {
        let state = self.checkpoint().state().clone();
        let Some(plan) = state.plan else {
            return Ok(());
        };
        let refused = prepared
            .offsets
            .iter()
            .zip(&prepared.keys)
            .filter(|(offset, _)| plan.refused.has(**offset));
        let refused: Vec<Key> = refused.map(|(_, key)| *key).collect();
        if !refused.is_empty() {
            self.dedup.take_back(&refused).map_err(|e| describe(&e))?;
        }
        self.checkpoint()
            .store(FlushState {
                cursor: plan.end,
                plan: None,
                ..state
            })
            .map_err(|e| format!("checkpoint: {e}"))?;
        self.backlog().advance(plan.end, prepared.done);
        if prepared.done.events > 0
            && let Err(error) = self.dedup.expire(prepared.arrived)
        {
            // Keys that are too old cost space and nothing else; the next batch tries again.
            tracing::warn!(error = %describe(&error), "old deduplication keys could not be dropped");
        }
        Ok(())
    }
}

/// Counts offsets from the plan's start, should the first frame have become unreadable since.
fn rebase(batch: &mut Batch, start: u64) {
    let shift = u32::try_from(batch.start.saturating_sub(start)).unwrap_or(u32::MAX);
    for offset in &mut batch.offsets {
        *offset = offset.saturating_add(shift);
    }
    batch.start = start;
}

/// Leaves out the duplicates. `keys` belong to the events that are kept; they are computed when not given.
fn prepare(batch: Batch, plan: &Plan, keys: Option<Vec<Key>>) -> Prepared {
    let mut done = batch.done;
    let (offsets, events): (Vec<u32>, Vec<Event>) = batch
        .offsets
        .into_iter()
        .zip(batch.events)
        .filter(|(offset, _)| !plan.dropped.has(*offset))
        .unzip();
    done.duplicates = done.events.saturating_sub(events.len() as u64);
    let keys = keys.unwrap_or_else(|| keys_of(&events));
    Prepared {
        start: plan.start,
        events,
        offsets,
        keys,
        done,
        arrived: UnixMillis(batch.arrived_ms),
    }
}

fn describe(error: &crate::dedup::DedupError) -> String {
    let source = std::error::Error::source(error)
        .map(|source| format!(": {source}"))
        .unwrap_or_default();
    format!("{error}{source}")
}
