//! What charts are drawn from.

use crate::calendar::{Step, Zone};
use crate::format::Format;
use crate::locale::Locale;
use crate::scene::{Hits, Rect, Scene, Size};
use crate::strings::{ChartName, Strings};

/// What a series is to the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Role {
    /// The data itself.
    #[default]
    Primary,
    /// An earlier period, already moved onto the times of the primary series.
    Comparison,
    /// A second measure with an axis of its own; only `dual_axis` draws it.
    Secondary,
}

/// One measured series.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Series {
    /// Name for legend and tooltip.
    pub name: String,
    /// What it is to the others.
    pub role: Role,
    /// Begin of each bucket in Unix milliseconds UTC, and its value; no value, NaN or an infinity is a gap.
    pub points: Vec<(i64, Option<f64>)>,
}

/// Series over time that share their buckets.
#[derive(Debug, Clone, PartialEq)]
pub struct TimeSeries {
    /// The series; a bucket that one of them lacks is a gap in it.
    pub series: Vec<Series>,
    /// Length of a bucket.
    pub step: Step,
    /// Begin of the first bucket that is still running, or cut short; it is drawn dashed or hatched.
    pub partial_from: Option<i64>,
    /// End of the buckets whose begin is cut off; they are drawn in the same way.
    pub partial_until: Option<i64>,
    /// The session's time zone.
    pub zone: Zone,
}

/// One item of a breakdown.
#[derive(Debug, Clone, PartialEq)]
pub struct Category {
    /// Its label, any text.
    pub label: String,
    /// Its value; NaN and infinities count as 0.
    pub value: f64,
    /// Its value in the period it is compared with.
    pub previous: Option<f64>,
}

/// A breakdown, in the order in which it is drawn.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Categories {
    /// The items.
    pub items: Vec<Category>,
    /// The sum of what is not among the items.
    pub other: Option<f64>,
    /// What the items are to each other.
    pub parts: Parts,
}

/// What the items of a breakdown are to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Parts {
    /// Parts of a whole, as counts and sums are.
    #[default]
    OfWhole,
    /// Values that do not add up, as averages, extremes and numbers of users.
    Apart,
}

/// A table of values for a heatmap.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Grid {
    /// Row labels from top to bottom.
    pub rows: Vec<String>,
    /// Column labels from left to right.
    pub columns: Vec<String>,
    /// Values row by row; missing ones are drawn as empty cells.
    pub values: Vec<Option<f64>>,
}

/// One item of a scatter plot.
#[derive(Debug, Clone, PartialEq)]
pub struct ScatterPoint {
    /// Its label, any text.
    pub label: String,
    /// The first measure, to the right.
    pub x: f64,
    /// The second measure, upwards.
    pub y: f64,
}

/// A value on its way to a target.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Target {
    /// The value reached.
    pub value: f64,
    /// The value that fills the bar.
    pub target: f64,
}

/// What all charts need besides their data.
#[derive(Debug, Clone, Copy)]
pub struct Canvas<'a> {
    /// The room there is.
    pub size: Size,
    /// The widget's title, read out before the summary.
    pub title: &'a str,
    /// How values are written.
    pub format: &'a Format,
    /// The viewer's language.
    pub locale: &'a Locale,
    /// The words of summaries.
    pub strings: &'a Strings,
}

impl Canvas<'_> {
    /// A scene with nothing on it.
    pub(crate) fn scene(&self) -> Scene {
        Scene {
            size: self.size,
            title: self.title.to_owned(),
            summary: String::new(),
            empty: false,
            plot: self.bounds(),
            marks: Vec::new(),
            hits: Hits::None,
            legend: Vec::new(),
        }
    }

    /// The whole room as a rectangle.
    pub(crate) fn bounds(&self) -> Rect {
        Rect::new(0.0, 0.0, self.size.width, self.size.height)
    }

    /// A chart's name in the viewer's language.
    pub(crate) fn chart(&self, name: ChartName) -> &'static str {
        self.strings.chart(name)
    }

    /// A label to be shown: never empty.
    pub(crate) fn named<'l>(&self, label: &'l str) -> &'l str {
        if label.trim().is_empty() {
            self.strings.unnamed
        } else {
            label
        }
    }
}

/// A value fit for geometry: nothing that is not a number, and no sum or difference can overflow.
pub(crate) fn drawable(value: f64) -> Option<f64> {
    value.is_finite().then(|| {
        if value.abs() < 1e-300 {
            0.0
        } else {
            value.clamp(-1e300, 1e300)
        }
    })
}
