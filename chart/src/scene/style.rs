//! Colours, shapes and letters, as the classes that the stylesheet knows.

use crate::text::text_width;

/// Which colour of the theme a mark takes; the stylesheet holds the values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Slot {
    /// The colour of the n-th series; from the thirteenth on, a neutral one.
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
        if index < 12 {
            Self::Series(index as u8)
        } else {
            Self::Other
        }
    }

    /// CSS class that sets the colour; empty for [`Slot::Plain`].
    pub fn class(self) -> &'static str {
        const SERIES: [&str; 12] = [
            "eb-s0", "eb-s1", "eb-s2", "eb-s3", "eb-s4", "eb-s5", "eb-s6", "eb-s7", "eb-s8",
            "eb-s9", "eb-s10", "eb-s11",
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
