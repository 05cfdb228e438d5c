//! The rollups that an environment has, as one origin knows them.

use std::cmp::Reverse;
use std::sync::Arc;

use super::Shape;

/// A rollup that holds all events there are, and every one that comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ready {
    /// Its rows in the table of rollups.
    pub(crate) id: u64,
    /// What it holds.
    pub(crate) shape: Shape,
    /// Rows that it had when it was looked at last.
    pub(crate) rows: u64,
}

/// The rollups that an environment has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Catalog {
    /// Those that may be read, the smallest first.
    pub(crate) ready: Vec<Arc<Ready>>,
    /// Those that are on their way.
    pub(crate) building: Vec<Shape>,
    /// Those that would be nearly as large as the events.
    pub(crate) declined: Vec<Shape>,
}

impl Catalog {
    pub(crate) fn new(mut ready: Vec<Ready>, building: Vec<Shape>) -> Self {
        // Of two that are as large now, the longer buckets grow less.
        ready.sort_by_key(|one| {
            let shape = &one.shape;
            (
                one.rows,
                Reverse(shape.bucket),
                shape.dimensions.len(),
                one.id,
            )
        });
        Self {
            ready: ready.into_iter().map(Arc::new).collect(),
            building,
            declined: Vec::new(),
        }
    }
}
