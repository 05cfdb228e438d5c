//! What a chart looks like: marks with coordinates, and the places a pointer can hit.

mod hits;
mod path;
mod style;

pub use hits::{HitArc, HitBox, HitColumn, HitPoint, Hits};
pub(crate) use path::RoundEnd;
pub use path::{Path, Segment, on_circle, turn_at};
pub use style::{Anchor, Shape, Slot, TextStyle};

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
                value.min(4096.0).max(least)
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

    /// A square around a point that reaches so far to each side.
    pub(crate) fn around(center: Point, reach: f64) -> Self {
        Self::new(
            center.x - reach,
            center.y - reach,
            center.x + reach,
            center.y + reach,
        )
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

    /// The rectangle seen in a mirror; `ends` is the sum of the mirrored room's left and right edge.
    pub(crate) fn mirrored(&self, ends: f64) -> Self {
        Self {
            left: ends - self.right,
            right: ends - self.left,
            ..*self
        }
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
    /// Turns the mark over, left for right; `ends` is the sum of the mirrored room's left and right edge.
    pub(crate) fn mirror(&mut self, ends: f64) {
        match self {
            Self::Path { path, .. } => path.mirror(ends),
            Self::Circle { center, .. } => center.x = ends - center.x,
            Self::Text { anchor, at, .. } => {
                at.x = ends - at.x;
                *anchor = match anchor {
                    Anchor::Start => Anchor::End,
                    Anchor::Middle => Anchor::Middle,
                    Anchor::End => Anchor::Start,
                };
            }
        }
    }

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
    /// Turns all of it over, left for right.
    pub(crate) fn mirror(&mut self) {
        let width = self.size.width;
        for mark in &mut self.marks {
            mark.mirror(width);
        }
        self.plot = self.plot.mirrored(width);
        if let Hits::Boxes(boxes) = &mut self.hits {
            for item in boxes {
                item.bounds = item.bounds.mirrored(width);
            }
        }
    }

    /// Gives series and slices other colours of the theme: each position the colour that stands there in `colors`.
    pub fn recolor(&mut self, colors: &[usize]) {
        let recolor = |slot: &mut Slot| {
            if let Slot::Series(position) = *slot
                && let Some(color) = colors.get(usize::from(position))
            {
                *slot = Slot::series(*color);
            }
        };
        for mark in &mut self.marks {
            if let Mark::Path { slot, .. } | Mark::Circle { slot, .. } = mark {
                recolor(slot);
            }
        }
        self.legend
            .iter_mut()
            .for_each(|entry| recolor(&mut entry.slot));
        if let Hits::Boxes(boxes) = &mut self.hits {
            boxes.iter_mut().for_each(|item| recolor(&mut item.slot));
        }
    }

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
