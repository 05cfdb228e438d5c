//! Where the sources of other crates lay when they were compiled.
//!
//! Every place that can panic holds such a path: bytes, and names of folders of the machine that built the module. Our own
//! paths begin in the workspace and stay: they say where to look.

use std::ops::Range;

use walrus::ir::Value;
use walrus::{ConstExpr, DataId, DataKind, Module};

/// Writes zeros over absolute paths of sources.
pub(super) fn blank(wasm: &mut Module) {
    let segments: Vec<_> = wasm
        .data
        .iter()
        .filter_map(|data| Some((data.id(), begin(&data.kind)?, data.value.clone())))
        .collect();
    let found: Vec<_> = segments
        .iter()
        .flat_map(|(_, begin, bytes)| texts(*begin, bytes))
        .filter_map(|(at, length)| path(&segments, at, length))
        .collect();
    for (segment, place) in found {
        if let Some(text) = wasm.data.get_mut(segment).value.get_mut(place) {
            text.fill(0);
        }
    }
}

/// Where a segment lies in memory.
fn begin(kind: &DataKind) -> Option<usize> {
    match kind {
        DataKind::Active {
            offset: ConstExpr::Value(Value::I32(offset)),
            ..
        } => usize::try_from(*offset).ok(),
        DataKind::Active { .. } | DataKind::Passive => None,
    }
}

/// What a segment may hold of texts elsewhere: address and length, two words in a row.
fn texts(begin: usize, bytes: &[u8]) -> impl Iterator<Item = (usize, usize)> {
    let aligned = bytes.get(begin.wrapping_neg() % 4..).unwrap_or_default();
    let words: Vec<usize> = aligned
        .chunks_exact(4)
        .filter_map(|word| Some(u32::from_le_bytes(word.try_into().ok()?) as usize))
        .collect();
    let next = words.clone().into_iter().skip(1);
    words.into_iter().zip(next)
}

/// The place of a text in its segment, if it is an absolute path of a source.
fn path(
    segments: &[(DataId, usize, Vec<u8>)],
    at: usize,
    length: usize,
) -> Option<(DataId, Range<usize>)> {
    segments.iter().find_map(|(id, begin, bytes)| {
        let start = at.checked_sub(*begin)?;
        let place = start..start.checked_add(length)?;
        let text = bytes.get(place.clone())?;
        (text.starts_with(b"/") && text.ends_with(b".rs")).then_some((*id, place))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absolute_paths_of_sources_go_and_all_else_stays() {
        let mut module = Module::default();
        let memory = module.memories.add_local(false, false, 1, None, None);
        let mut bytes = b"/a/b.rsc/d.rs/etc".to_vec();
        bytes.resize(20, 7);
        for (at, length) in [(100_u32, 7_u32), (107, 6), (113, 4)] {
            bytes.extend(at.to_le_bytes());
            bytes.extend(length.to_le_bytes());
        }
        let offset = ConstExpr::Value(Value::I32(100));
        let id = module
            .data
            .add(DataKind::Active { memory, offset }, bytes.clone());
        blank(&mut module);
        bytes[..7].fill(0);
        assert_eq!(module.data.get(id).value, bytes);
    }
}
