//! Frames: how the events of one append lie in a segment, and how they are found again among damage.
//!
//! ```text
//! marker 4 │ payload bytes 4 │ crc32c 4 │ events 4 │ first position 8 │ arrived ms 8 │ payload
//! ```
//! All little-endian. The checksum covers the other header fields, the payload and the segment's salt.
//! The salt is random and never leaves the disk, so a property value cannot hold a text that would be taken
//! for a frame when a reader looks for the next good one behind damage.

use std::ops::Range;

/// Bytes before a payload.
pub(crate) const HEADER_BYTES: usize = 32;

/// Largest payload that a header may announce: far above any request, so that a damaged length is seen early.
pub(crate) const MAX_PAYLOAD_BYTES: usize = 64 * 1024 * 1024;

/// Most events of one frame, so that a batch's plan fits its slot on disk.
pub(crate) const MAX_FRAME_EVENTS: usize = 100_000;

/// What a frame says about its payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    /// Events in the payload.
    pub(crate) events: u32,
    /// Position of the first event; the others follow without gaps.
    pub(crate) first: u64,
    /// When the frame was written, Unix milliseconds.
    pub(crate) arrived_ms: i64,
}

impl Header {
    /// Position after the last event.
    pub(crate) fn end(&self) -> u64 {
        self.first.saturating_add(u64::from(self.events))
    }
}

/// What lies at some place of a segment.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// A whole frame; the payload's place in the bytes given.
    Frame(Header, Range<usize>),
    /// Bytes that are no frame, with a good frame behind them.
    Damage(Range<usize>),
    /// Bytes that are no whole frame, up to the end: a torn write, damage, or more to be read.
    Rest(Range<usize>),
    /// Nothing left.
    End,
}

/// Appends a frame to `out`. The caller has checked the payload against [`MAX_PAYLOAD_BYTES`].
pub(crate) fn encode(salt: u64, header: Header, payload: &[u8], out: &mut Vec<u8>) {
    let length = u32::try_from(payload.len()).unwrap_or(u32::MAX);
    out.extend_from_slice(&marker(salt));
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&checksum(salt, header, payload).to_le_bytes());
    out.extend_from_slice(&header.events.to_le_bytes());
    out.extend_from_slice(&header.first.to_le_bytes());
    out.extend_from_slice(&header.arrived_ms.to_le_bytes());
    out.extend_from_slice(payload);
}

/// The piece that begins at `from`.
pub(crate) fn piece_at(salt: u64, bytes: &[u8], from: usize) -> Piece {
    if from >= bytes.len() {
        return Piece::End;
    }
    if let Some((header, payload)) = frame_at(salt, bytes, from) {
        return Piece::Frame(header, payload);
    }
    let first_byte = marker(salt)[0];
    let mut at = from + 1;
    while let Some(step) = bytes
        .get(at..)
        .and_then(|rest| rest.iter().position(|b| *b == first_byte))
    {
        at += step;
        if frame_at(salt, bytes, at).is_some() {
            return Piece::Damage(from..at);
        }
        at += 1;
    }
    Piece::Rest(from..bytes.len())
}

/// Bytes of the whole frame at `from` by its header alone; `None` when no header is there.
pub(crate) fn announced_bytes(salt: u64, bytes: &[u8], from: usize) -> Option<usize> {
    let header = bytes.get(from..)?.first_chunk::<HEADER_BYTES>()?;
    let length = u32_at(header, 4) as usize;
    (header.starts_with(&marker(salt)) && length <= MAX_PAYLOAD_BYTES)
        .then_some(HEADER_BYTES + length)
}

fn frame_at(salt: u64, bytes: &[u8], from: usize) -> Option<(Header, Range<usize>)> {
    let whole = announced_bytes(salt, bytes, from)?;
    let head = bytes.get(from..)?.first_chunk::<HEADER_BYTES>()?;
    let range = from + HEADER_BYTES..from.checked_add(whole)?;
    let payload = bytes.get(range.clone())?;
    let header = Header {
        events: u32_at(head, 12),
        first: u64_at(head, 16),
        arrived_ms: u64_at(head, 24).cast_signed(),
    };
    (u32_at(head, 8) == checksum(salt, header, payload)).then_some((header, range))
}

fn marker(salt: u64) -> [u8; 4] {
    let [a, b, c, d, ..] = salt.to_le_bytes();
    [a, b, c, d]
}

fn checksum(salt: u64, header: Header, payload: &[u8]) -> u32 {
    let mut sum = crc32c::crc32c(&salt.to_le_bytes());
    sum = crc32c::crc32c_append(sum, &(payload.len() as u64).to_le_bytes());
    sum = crc32c::crc32c_append(sum, &header.events.to_le_bytes());
    sum = crc32c::crc32c_append(sum, &header.first.to_le_bytes());
    sum = crc32c::crc32c_append(sum, &header.arrived_ms.to_le_bytes());
    crc32c::crc32c_append(sum, payload)
}

fn u32_at(header: &[u8; HEADER_BYTES], at: usize) -> u32 {
    header
        .get(at..)
        .and_then(|rest| rest.first_chunk())
        .map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

fn u64_at(header: &[u8; HEADER_BYTES], at: usize) -> u64 {
    header
        .get(at..)
        .and_then(|rest| rest.first_chunk())
        .map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SALT: u64 = 0x1122_3344_5566_7788;

    fn three_frames() -> (Vec<u8>, Vec<usize>) {
        let mut bytes = Vec::new();
        let mut starts = Vec::new();
        for (index, payload) in [&b"one"[..], b"two is longer", b"three"]
            .into_iter()
            .enumerate()
        {
            starts.push(bytes.len());
            encode(
                SALT,
                Header {
                    events: 1,
                    first: index as u64,
                    arrived_ms: -5,
                },
                payload,
                &mut bytes,
            );
        }
        (bytes, starts)
    }

    #[test]
    fn frames_come_back_as_written() {
        let (bytes, starts) = three_frames();
        let Piece::Frame(header, payload) = piece_at(SALT, &bytes, starts[1]) else {
            panic!("no frame")
        };
        assert_eq!(
            (header.first, header.arrived_ms, &bytes[payload.clone()]),
            (1, -5, &b"two is longer"[..])
        );
        assert_eq!(payload.end, starts[2]);
        assert_eq!(piece_at(SALT, &bytes, bytes.len()), Piece::End);
    }

    #[test]
    fn any_flipped_bit_of_a_frame_is_seen_and_the_next_frame_is_found() {
        let (good, starts) = three_frames();
        for bit in starts[1] * 8..starts[2] * 8 {
            let mut bytes = good.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(
                piece_at(SALT, &bytes, starts[1]),
                Piece::Damage(starts[1]..starts[2]),
                "bit {bit}"
            );
        }
    }

    #[test]
    fn a_frame_cut_anywhere_is_a_rest() {
        let (bytes, starts) = three_frames();
        for end in starts[2] + 1..bytes.len() {
            assert_eq!(
                piece_at(SALT, &bytes[..end], starts[2]),
                Piece::Rest(starts[2]..end)
            );
        }
    }

    #[test]
    fn a_frame_of_another_segment_inside_a_payload_is_not_taken_for_one() {
        let mut forged = Vec::new();
        encode(
            SALT + 1,
            Header {
                events: 1,
                first: 7,
                arrived_ms: 0,
            },
            b"forged",
            &mut forged,
        );
        let mut bytes = Vec::new();
        encode(
            SALT,
            Header {
                events: 1,
                first: 0,
                arrived_ms: 0,
            },
            &forged,
            &mut bytes,
        );
        bytes[20] ^= 1;
        assert_eq!(piece_at(SALT, &bytes, 0), Piece::Rest(0..bytes.len()));
    }
}
