//! Reads the log in order, in batches, passing over damage.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use emban_contract::event::Event;

use crate::backlog::{Backlog, Cursor, Done, Extent};
use crate::codec;
use crate::frame::{self, HEADER_BYTES, Header, MAX_FRAME_EVENTS, Piece};

/// Bytes read at once; a longer frame is read again whole.
const CHUNK_BYTES: u64 = 4 * 1024 * 1024;

/// Most positions, gaps included, that a batch spans: two bits each must fit into a checkpoint slot.
pub(crate) const MAX_SPAN: u64 = 200_000;

const _: () = assert!(MAX_FRAME_EVENTS as u64 <= MAX_SPAN);

/// How much a batch may hold. A first frame larger than that is a batch by itself.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Bounds {
    /// At most so many events and bytes.
    Upto { events: usize, bytes: u64 },
    /// Exactly up to a place.
    Until(Cursor),
}

/// Events read, with what they are and where the reading ended.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    /// Position of the first event.
    pub(crate) start: u64,
    pub(crate) events: Vec<Event>,
    /// Each event's position, less `start`.
    pub(crate) offsets: Vec<u32>,
    pub(crate) end: Cursor,
    pub(crate) done: Done,
    /// Arrival of the last frame, Unix milliseconds.
    pub(crate) arrived_ms: i64,
}

impl Batch {
    fn has_room(&self, bounds: Bounds, header: &Header, frame_bytes: u64) -> bool {
        if self.done.events == 0 {
            return true;
        }
        match bounds {
            Bounds::Upto { events, bytes } => {
                self.events.len() + header.events as usize <= events
                    && self.done.bytes + frame_bytes <= bytes
                    && header.end().saturating_sub(self.start) <= MAX_SPAN
            }
            Bounds::Until(_) => true,
        }
    }

    fn take(&mut self, header: &Header, payload: &[u8]) -> Result<(), postcard::Error> {
        if self.done.events == 0 {
            self.start = header.first;
        }
        codec::decode(header.events, payload, &mut self.events)?;
        let from = u32::try_from(header.first.saturating_sub(self.start)).unwrap_or(u32::MAX);
        self.offsets
            .extend((0..header.events).map(|step| from.saturating_add(step)));
        self.arrived_ms = header.arrived_ms;
        Ok(())
    }
}

/// Reads from `from` on. `None` when nothing is there.
///
/// Errors: a segment cannot be read, or damage cannot be brought to the quarantine; nothing is passed over then.
pub(crate) fn read(backlog: &Backlog, from: Cursor, bounds: Bounds) -> io::Result<Option<Batch>> {
    let mut batch = Batch {
        end: from,
        start: from.position,
        ..Batch::default()
    };
    for extent in backlog.extents_from(from) {
        if extent.id.first > batch.end.segment {
            batch.end = Cursor {
                segment: extent.id.first,
                offset: 0,
                position: batch.end.position.max(extent.id.first),
            };
        }
        let limit = match bounds {
            Bounds::Until(end) if end.segment < extent.id.first => break,
            Bounds::Until(end) if end.segment == extent.id.first => end.offset.min(extent.len),
            Bounds::Until(_) | Bounds::Upto { .. } => extent.len,
        };
        if !read_segment(backlog, extent, limit, bounds, &mut batch)? {
            break;
        }
    }
    if let Bounds::Until(end) = bounds {
        batch.end = end;
    }
    Ok((batch.done.bytes > 0 || batch.end != from).then_some(batch))
}

/// Reads one segment from the batch's end on. Returns whether the batch may go on in the next one.
fn read_segment(
    backlog: &Backlog,
    extent: Extent,
    limit: u64,
    bounds: Bounds,
    batch: &mut Batch,
) -> io::Result<bool> {
    if batch.end.offset >= limit {
        return Ok(true);
    }
    let file = File::open(backlog.log_dir.join(extent.id.file_name()))?;
    let salt = extent.id.salt;
    let mut want = CHUNK_BYTES;
    let mut chunk = Vec::new();
    while batch.end.offset < limit {
        let base = batch.end.offset;
        let size = want.min(limit - base);
        chunk.resize(size as usize, 0);
        file.read_exact_at(&mut chunk, base)?;
        let last = base + size == limit;
        want = CHUNK_BYTES;
        loop {
            let at = (batch.end.offset - base) as usize;
            match frame::piece_at(salt, &chunk, at) {
                Piece::End => break,
                Piece::Frame(header, payload) => {
                    let bytes = (HEADER_BYTES + payload.len()) as u64;
                    if !batch.has_room(bounds, &header, bytes) {
                        return Ok(false);
                    }
                    let body = chunk.get(payload.clone()).unwrap_or_default();
                    if batch.take(&header, body).is_err() {
                        // The checksum holds but the content does not: kept for a human, as other damage is.
                        let whole = chunk.get(at..payload.end).unwrap_or_default();
                        backlog
                            .quarantine
                            .keep_range(extent.id, batch.end.offset, whole)?;
                    }
                    batch.done.events += u64::from(header.events);
                    batch.done.bytes += bytes;
                    batch.end.offset += bytes;
                    batch.end.position = header.end();
                }
                // More of the segment may complete the frame.
                Piece::Rest(range) if !last => {
                    if range.start == 0 {
                        let announced = frame::announced_bytes(salt, &chunk, 0).unwrap_or(0) as u64;
                        want = announced.max(size.saturating_mul(2));
                    }
                    break;
                }
                Piece::Rest(range) | Piece::Damage(range) => {
                    let bytes = chunk.get(range.clone()).unwrap_or_default();
                    backlog
                        .quarantine
                        .keep_range(extent.id, batch.end.offset, bytes)?;
                    batch.done.bytes += range.len() as u64;
                    batch.end.offset += range.len() as u64;
                }
            }
        }
    }
    Ok(true)
}
