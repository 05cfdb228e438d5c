//! Where a pointer or the arrow keys can go, and what is there.

use super::{Point, Rect, Slot};

/// The value of one series in a column.
#[derive(Debug, Clone, PartialEq)]
pub struct HitPoint {
    /// Position of the series in the input.
    pub series: usize,
    /// The value; none where the series has a gap.
    pub value: Option<f64>,
    /// Where the value is drawn, CSS pixels from the top.
    pub y: Option<f64>,
}

/// The vertical strip of a time chart that belongs to one bucket.
#[derive(Debug, Clone, PartialEq)]
pub struct HitColumn {
    /// Left edge in CSS pixels.
    pub x0: f64,
    /// Right edge in CSS pixels.
    pub x1: f64,
    /// Where the cross-hair stands.
    pub x: f64,
    /// Begin of the bucket, Unix milliseconds UTC.
    pub t_ms: i64,
    /// True if the bucket is still running.
    pub partial: bool,
    /// One entry for each series, in the order of the input.
    pub points: Vec<HitPoint>,
}

/// The box of a category, cell or slice.
#[derive(Debug, Clone, PartialEq)]
pub struct HitBox {
    /// Position of the item in the input; none for the sum of what is not listed.
    pub index: Option<usize>,
    /// Full label, not shortened.
    pub label: String,
    /// The value; none for an empty cell.
    pub value: Option<f64>,
    /// The value it is compared with.
    pub previous: Option<f64>,
    /// The box in CSS pixels. Slices of a donut have the box around them, and `arc` says more.
    pub bounds: Rect,
    /// For slices: where they lie in the ring.
    pub arc: Option<HitArc>,
    /// Colour of the item.
    pub slot: Slot,
}

/// A slice of a ring.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HitArc {
    /// Middle of the ring.
    pub center: Point,
    /// Inner and outer radius in CSS pixels.
    pub radii: (f64, f64),
    /// Begin and end as fractions of a turn, clockwise from the top.
    pub turns: (f64, f64),
    /// Its line in the key, which is as good a place to point at.
    pub key: Option<Rect>,
}

/// Where a pointer or the arrow keys can go.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Hits {
    /// Nowhere.
    #[default]
    None,
    /// Buckets from left to right, without gaps or overlaps.
    Columns(Vec<HitColumn>),
    /// Items in reading order.
    Boxes(Vec<HitBox>),
}
