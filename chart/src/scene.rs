//! What a chart looks like: marks with coordinates, and the places a pointer can hit.

mod path;

pub use path::{Path, Segment};
pub(crate) use path::{RoundEnd, on_circle};

use crate::text::text_width;

/// A length and a width in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Size {
    /// Width in CSS pixels.
    pub width: f64,
    /// Height in CSS pixels.
    pub height: f64,
}

impl Size {
    /// Takes any numbers; widths below 16 or above 4096 and heights below 8 or above 4096 are clamped.
    pub fn new(width: f64, height: f64) -> Self {
        let clamp = |value: f64, least: f64| {
            if value.is_nan() {
                least
            } else {
                value.clamp(least, 4096.0)
            }
        };
        Self {
            width: clamp(width, 16.0),
            height: clamp(height, 8.0),
        }
    }
}

/// A position in CSS pixels from the scene's top left corner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// To the right.
    pub x: f64,
    /// Downwards.
    pub y: f64,
}

impl Point {
    /// A position.
    pub const fn new(x: f64, y: f64) -> Self {
        Self { x, y }
    }
}

/// An upright rectangle in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rect {
    /// Left edge.
    pub left: f64,
    /// Top edge.
    pub top: f64,
    /// Right edge, not left of `left`.
    pub right: f64,
    /// Bottom edge, not above `top`.
    pub bottom: f64,
}

impl Rect {
    /// A rectangle from its edges; crossed edges collapse onto the first.
    pub fn new(left: f64, top: f64, right: f64, bottom: f64) -> Self {
        Self {
            left,
            top,
            right: right.max(left),
            bottom: bottom.max(top),
        }
    }

    /// Width in pixels.
    pub fn width(&self) -> f64 {
        self.right - self.left
    }

    /// Height in pixels.
    pub fn height(&self) -> f64 {
        self.bottom - self.top
    }

    /// The point in the middle.
    pub fn center(&self) -> Point {
        Point::new(
            (self.left + self.right) / 2.0,
            (self.top + self.bottom) / 2.0,
        )
    }

    /// The rectangle without a border of this width.
    pub fn inset(&self, by: f64) -> Self {
        Self::new(
            self.left + by,
            self.top + by,
            self.right - by,
            self.bottom - by,
        )
    }
}

/// Which colour of the theme a mark takes; the stylesheet holds the values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Slot {
    /// The colour of the n-th series; from the ninth on, a neutral one.
    Series(u8),
    /// A period that the data is compared with.
    Comparison,
    /// Everything that was not listed by itself.
    Other,
    /// A rise.
    Positive,
    /// A fall.
    Negative,
    /// A step of the heatmap's ramp, 0 (nothing) to 6 (most).
    Level(u8),
    /// The mark's own colour, such as a grid line's.
    Plain,
}

impl Slot {
    /// The colour of the series or slice at a position.
    pub fn series(index: usize) -> Self {
        if index < 8 {
            Self::Series(index as u8)
        } else {
            Self::Other
        }
    }

    /// CSS class that sets the colour; empty for [`Slot::Plain`].
    pub fn class(self) -> &'static str {
        const SERIES: [&str; 8] = [
            "eb-s0", "eb-s1", "eb-s2", "eb-s3", "eb-s4", "eb-s5", "eb-s6", "eb-s7",
        ];
        const LEVELS: [&str; 7] = [
            "eb-h0", "eb-h1", "eb-h2", "eb-h3", "eb-h4", "eb-h5", "eb-h6",
        ];
        match self {
            Self::Series(index) => SERIES.get(usize::from(index)).copied().unwrap_or("eb-oth"),
            Self::Level(level) => LEVELS.get(usize::from(level)).copied().unwrap_or("eb-h6"),
            Self::Comparison => "eb-cmp",
            Self::Other => "eb-oth",
            Self::Positive => "eb-pos",
            Self::Negative => "eb-neg",
            Self::Plain => "",
        }
    }
}

/// How a shape is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shape {
    /// Thin horizontal line behind the data.
    Grid,
    /// The line values start from.
    Baseline,
    /// A series as a line.
    Line,
    /// A line into a bucket that is still running.
    LinePartial,
    /// A wider line in the card's colour, below a line that crosses bars.
    Halo,
    /// The soft fill under a line.
    Area,
    /// A filled bar, slice or tile.
    Bar,
    /// A bar of a bucket that is still running.
    BarPartial,
    /// Hatching over a bar that is still running.
    Hatch,
    /// A single value, or the end of a trend.
    Dot,
    /// A point of a scatter plot.
    Bubble,
    /// The empty part of a progress bar, gauge or row.
    Track,
    /// A short line that marks a target or a compared value.
    Marker,
    /// A thin line that joins bars of a waterfall, or a radar's web.
    Link,
    /// A cell of a heatmap.
    Cell,
    /// A soft tile that carries text.
    Tile,
}

impl Shape {
    /// CSS class of the shape.
    pub fn class(self) -> &'static str {
        match self {
            Self::Grid => "eb-grid",
            Self::Baseline => "eb-base",
            Self::Line => "eb-line",
            Self::LinePartial => "eb-line eb-part",
            Self::Halo => "eb-halo",
            Self::Area => "eb-area",
            Self::Bar => "eb-bar",
            Self::BarPartial => "eb-bar eb-part",
            Self::Hatch => "eb-hatch",
            Self::Dot => "eb-dot",
            Self::Bubble => "eb-bubble",
            Self::Track => "eb-track",
            Self::Marker => "eb-mark",
            Self::Link => "eb-link",
            Self::Cell => "eb-cell",
            Self::Tile => "eb-tile",
        }
    }
}

/// How a text is set. Font sizes are fixed here, because the layout depends on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TextStyle {
    /// Axis label, 11 px, muted.
    Tick,
    /// Second row of a time axis: the date of an hour, the year of a month; 11 px.
    Context,
    /// Name of a category, 12 px.
    Label,
    /// Number next to a category, 12 px, with equally wide digits.
    Value,
    /// Number in the middle of a donut or gauge, 22 px.
    Hero,
    /// Message in place of a chart, 13 px.
    Empty,
}

impl TextStyle {
    /// Font size in CSS pixels.
    pub fn font_px(self) -> f64 {
        match self {
            Self::Tick | Self::Context => 11.0,
            Self::Label | Self::Value => 12.0,
            Self::Hero => 22.0,
            Self::Empty => 13.0,
        }
    }

    /// CSS class of the text.
    pub fn class(self) -> &'static str {
        match self {
            Self::Tick => "eb-tick",
            Self::Context => "eb-ctx",
            Self::Label => "eb-label",
            Self::Value => "eb-value",
            Self::Hero => "eb-hero",
            Self::Empty => "eb-empty",
        }
    }

    /// Estimated width of a text in this style, CSS pixels.
    pub fn width(self, text: &str) -> f64 {
        text_width(text, self.font_px())
    }
}

/// Which end of a text its position names; always left to right, whatever the page's direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Anchor {
    /// The left end.
    Start,
    /// The middle.
    Middle,
    /// The right end.
    End,
}

/// One thing to draw.
#[derive(Debug, Clone, PartialEq)]
pub enum Mark {
    /// A shape with any outline.
    Path {
        /// How it is drawn.
        shape: Shape,
        /// Its colour.
        slot: Slot,
        /// Its outline; may hold many parts, such as all bars of a series.
        path: Path,
    },
    /// A circle.
    Circle {
        /// How it is drawn.
        shape: Shape,
        /// Its colour.
        slot: Slot,
        /// Middle.
        center: Point,
        /// Radius in CSS pixels.
        radius: f64,
    },
    /// A text on one line.
    Text {
        /// How it is set.
        style: TextStyle,
        /// Which end `at` names.
        anchor: Anchor,
        /// Position of the anchor on the base line.
        at: Point,
        /// The text, not escaped.
        text: String,
    },
}

impl Mark {
    /// The room the mark takes, by its outline or by the estimated width of its text.
    pub fn bounds(&self) -> Rect {
        match self {
            Self::Path { path, .. } => path.bounds(),
            Self::Circle { center, radius, .. } => Rect::new(
                center.x - radius,
                center.y - radius,
                center.x + radius,
                center.y + radius,
            ),
            Self::Text {
                style,
                anchor,
                at,
                text,
            } => {
                let width = style.width(text);
                let left = match anchor {
                    Anchor::Start => at.x,
                    Anchor::Middle => at.x - width / 2.0,
                    Anchor::End => at.x - width,
                };
                Rect::new(
                    left,
                    at.y - style.font_px() * 0.78,
                    left + width,
                    at.y + style.font_px() * 0.22,
                )
            }
        }
    }
}

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

/// A line of the legend, to be drawn by the page next to the chart.
#[derive(Debug, Clone, PartialEq)]
pub struct LegendEntry {
    /// Position of the series in the input.
    pub series: usize,
    /// Its name.
    pub name: String,
    /// Its colour.
    pub slot: Slot,
}

/// A chart, laid out for one size.
#[derive(Debug, Clone, PartialEq)]
pub struct Scene {
    /// The size it was laid out for.
    pub size: Size,
    /// The widget's title; not drawn, but read out.
    pub title: String,
    /// One or two sentences that say what the chart shows, for those who cannot see it.
    pub summary: String,
    /// True if there was nothing to draw.
    pub empty: bool,
    /// Where the data is drawn, without the axes.
    pub plot: Rect,
    /// What to draw, from back to front.
    pub marks: Vec<Mark>,
    /// Where a pointer can go.
    pub hits: Hits,
    /// Legend; empty if there is nothing to tell apart.
    pub legend: Vec<LegendEntry>,
}

impl Scene {
    /// Adds a shape, unless it is empty.
    pub(crate) fn path(&mut self, shape: Shape, slot: Slot, path: Path) {
        if !path.is_empty() {
            self.marks.push(Mark::Path { shape, slot, path });
        }
    }

    /// Adds a circle.
    pub(crate) fn circle(&mut self, shape: Shape, slot: Slot, center: Point, radius: f64) {
        self.marks.push(Mark::Circle {
            shape,
            slot,
            center,
            radius,
        });
    }

    /// Adds a text, unless it is empty.
    pub(crate) fn text(&mut self, style: TextStyle, anchor: Anchor, at: Point, text: String) {
        if !text.is_empty() {
            self.marks.push(Mark::Text {
                style,
                anchor,
                at,
                text,
            });
        }
    }

    /// All texts with the room they take.
    pub fn texts(&self) -> impl Iterator<Item = (&str, Rect)> {
        self.marks.iter().filter_map(|mark| match mark {
            Mark::Text { text, .. } => Some((text.as_str(), mark.bounds())),
            Mark::Path { .. } | Mark::Circle { .. } => None,
        })
    }
}
