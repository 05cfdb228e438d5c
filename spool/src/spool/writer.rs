//! The one thread that writes: it takes all appends that wait, writes them, calls fsync once, and answers all.

use std::io;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use tokio::sync::mpsc;

use super::{AppendError, Appended, Queued, SyncFile, Task};
use crate::backlog::Backlog;
use crate::frame::{self, Header};
use crate::segment::ActiveSegment;

/// Bytes of one write: enough to make an fsync worth it, small enough that the first waits little for the last.
const GROUP_BYTES: usize = 8 * 1024 * 1024;

/// The writer's buffer is kept up to this size between groups.
const KEPT_BUFFER_BYTES: usize = 1024 * 1024;

pub(super) struct Writer {
    backlog: Arc<Backlog>,
    sync: SyncFile,
    segment_bytes: u64,
    active: Option<ActiveSegment>,
    /// Position of the next event. Advances on failure too: what a failed write left behind keeps its positions.
    next: u64,
    /// Every event that is on disk has a lower position, every one that comes has this or a higher one, after a restart too.
    durable: u64,
    group: Group,
}

/// Frames that go into one write.
#[derive(Default)]
struct Group {
    bytes: Vec<u8>,
    first: u64,
    events: u64,
    members: Vec<(Queued, Appended)>,
}

impl Writer {
    pub(super) fn new(
        backlog: Arc<Backlog>,
        sync: SyncFile,
        segment_bytes: u64,
        next: u64,
    ) -> Self {
        Self {
            backlog,
            sync,
            segment_bytes,
            active: None,
            next,
            durable: next,
            group: Group::default(),
        }
    }

    /// Writes until the queue is closed and empty.
    pub(super) fn run(mut self, mut queue: mpsc::Receiver<Task>) {
        while let Some(first) = queue.blocking_recv() {
            let arrived_ms = now_ms();
            self.take(first, arrived_ms);
            while self.group.bytes.len() < GROUP_BYTES
                && let Ok(task) = queue.try_recv()
            {
                self.take(task, arrived_ms);
            }
            self.commit(arrived_ms);
        }
    }

    fn take(&mut self, task: Task, arrived_ms: i64) {
        match task {
            Task::Append(queued) => self.add(queued, arrived_ms),
            Task::Seal(answer) => {
                self.commit(arrived_ms);
                self.active = None;
                self.backlog.seal(self.durable);
                if let Err(position) = answer.send(self.durable) {
                    // Who asked went away.
                    self.backlog.release_hold(position);
                }
            }
        }
    }

    fn add(&mut self, queued: Queued, arrived_ms: i64) {
        if self.segment_is_full(queued.frame_bytes()) {
            self.commit(arrived_ms);
            self.active = None;
            self.backlog.close_segment();
        }
        let active = match self.segment() {
            Ok(active) => active.id,
            Err(error) => return self.refuse([queued], Arc::new(error)),
        };
        let header = Header {
            events: queued.events,
            first: self.next,
            arrived_ms,
        };
        if self.group.members.is_empty() {
            self.group.first = self.next;
        }
        frame::encode(active.salt, header, &queued.payload, &mut self.group.bytes);
        self.group.events += u64::from(queued.events);
        self.next = header.end();
        let place = Appended {
            first_position: header.first,
            last_position: header.end().saturating_sub(1),
        };
        self.group.members.push((queued, place));
    }

    fn segment_is_full(&self, more: u64) -> bool {
        let len =
            self.active.as_ref().map_or(0, |active| active.len) + self.group.bytes.len() as u64;
        len > 0 && len + more > self.segment_bytes
    }

    fn segment(&mut self) -> io::Result<&ActiveSegment> {
        match &mut self.active {
            Some(active) => Ok(active),
            slot @ None => {
                let active = ActiveSegment::create(&self.backlog.log_dir, self.next)?;
                self.backlog.open_segment(active.id);
                Ok(slot.insert(active))
            }
        }
    }

    fn commit(&mut self, arrived_ms: i64) {
        let Some(active) = &mut self.active else {
            return;
        };
        if self.group.members.is_empty() {
            return;
        }
        let mut group = std::mem::take(&mut self.group);
        match active.append(&group.bytes, &*self.sync) {
            Ok(()) => {
                self.durable = self.next;
                self.backlog.publish(
                    group.bytes.len() as u64,
                    group.first,
                    group.events,
                    arrived_ms,
                );
                for (queued, place) in group.members.drain(..) {
                    // An error means that the caller went away; the events stay.
                    drop(queued.answer.send(Ok(place)));
                }
            }
            Err(failure) => {
                if !failure.usable {
                    self.active = None;
                    self.backlog.close_segment();
                }
                tracing::error!(error = %failure.source, appends = group.members.len(), "events could not be written");
                self.refuse(
                    group.members.drain(..).map(|(queued, _)| queued),
                    Arc::new(failure.source),
                );
            }
        }
        group.bytes.clear();
        group.bytes.shrink_to(KEPT_BUFFER_BYTES);
        self.group = Group {
            bytes: group.bytes,
            members: group.members,
            ..Group::default()
        };
    }

    fn refuse(&self, members: impl IntoIterator<Item = Queued>, error: Arc<io::Error>) {
        for queued in members {
            self.backlog.release(queued.frame_bytes(), &error);
            drop(queued.answer.send(Err(AppendError::Disk(error.clone()))));
        }
    }
}

/// The system's time, Unix milliseconds. It decides only how long deduplication keys are kept and what age is shown.
fn now_ms() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| {
            i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
        })
}
