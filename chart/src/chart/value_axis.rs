//! The axis of values: round ticks, their labels and the grid.

use crate::data::Canvas;
use crate::format::{AxisFormat, Format, Unit, duration_divisor};
use crate::scale::{Grain, Linear, Ticks, nice_ticks, nice_ticks_in};
use crate::scene::{Anchor, Path, Point, Rect, Scene, Shape, Slot, TextStyle};
use crate::text::fit_text;

/// Least distance of grid lines, CSS pixels.
const TICK_PX: f64 = 34.0;

/// A labelled value axis before it has found its place.
#[derive(Debug)]
pub(super) struct ValueAxis {
    pub(super) ticks: Ticks,
    texts: Vec<String>,
    /// Width of the widest label with the gap to the plot; 0 without labels.
    gutter: f64,
}

impl ValueAxis {
    /// Round ticks around a range, as many as fit into a height.
    pub(super) fn new(
        range: (f64, f64),
        grain: Grain,
        height: f64,
        format: &Format,
        canvas: &Canvas<'_>,
    ) -> Self {
        let most = ((height / TICK_PX) as usize).clamp(1, 5);
        let mut ticks = ticks_for(range, most, grain, format);
        for intervals in (1..most).rev() {
            if ticks.values.len() - 1 <= most {
                break;
            }
            ticks = ticks_for(range, intervals, grain, format);
        }
        let mut axis = Self::labelled(ticks, format, canvas);
        if height < 28.0 {
            (axis.texts, axis.gutter) = (Vec::new(), 0.0);
        }
        axis
    }

    /// Writes the labels, unless they would take too much of the width.
    fn labelled(ticks: Ticks, format: &Format, canvas: &Canvas<'_>) -> Self {
        let axis = AxisFormat::new(ticks.step, ticks.max_abs(), format, canvas.locale);
        let texts: Vec<String> = ticks.values.iter().map(|value| axis.tick(*value)).collect();
        let widest = texts
            .iter()
            .map(|text| TextStyle::Tick.width(text))
            .fold(0.0, f64::max);
        let room = canvas.size.width * 0.3;
        let fits = widest + 10.0 <= room;
        Self {
            ticks,
            texts: if fits { texts } else { Vec::new() },
            gutter: if fits { widest + 10.0 } else { 0.0 },
        }
    }

    /// The same axis with as many steps above zero as another, so that both share their grid lines.
    ///
    /// Left as it is if either axis goes below zero.
    pub(super) fn with_intervals_of(
        self,
        other: &Self,
        format: &Format,
        canvas: &Canvas<'_>,
    ) -> Self {
        let intervals = other.ticks.values.len() - 1;
        if self.ticks.low() != 0.0 || other.ticks.low() != 0.0 || self.texts.is_empty() {
            return self;
        }
        // The next round step that covers the data in this many intervals.
        let step = nice_ticks(
            0.0,
            self.ticks.high() / intervals.max(1) as f64,
            1,
            Grain::Fine,
        )
        .high();
        let values = (0..=intervals).map(|index| index as f64 * step).collect();
        Self::labelled(Ticks { values, step }, format, canvas)
    }

    /// Width of the labels with the gap to the plot, CSS pixels; 0 without labels.
    pub(super) fn gutter(&self) -> f64 {
        self.gutter
    }

    /// Draws a line at each tick, and the base line at `zero`.
    pub(super) fn draw_grid(&self, scene: &mut Scene, plot: &Rect, zero: f64) {
        let scale = self.scale(plot);
        let mut grid = Path::default();
        for value in &self.ticks.values {
            let y = scale.at(*value);
            if (y - zero).abs() > 0.5 {
                grid.stroke(plot.left, y, plot.right, y);
            }
        }
        scene.path(Shape::Grid, Slot::Plain, grid);
        let mut base = Path::default();
        base.stroke(plot.left, zero, plot.right, zero);
        scene.path(Shape::Baseline, Slot::Plain, base);
    }

    pub(super) fn scale(&self, plot: &Rect) -> Linear {
        Linear {
            from: (self.ticks.low(), self.ticks.high()),
            to: (plot.bottom, plot.top),
        }
    }

    /// Writes the labels; at the right edge of the plot if it is a second axis.
    pub(super) fn label(&self, scene: &mut Scene, plot: &Rect, side: Side) {
        let scale = self.scale(plot);
        let spacing = plot.height() / (self.ticks.values.len().max(2) - 1) as f64;
        for (index, (value, text)) in self.ticks.values.iter().zip(&self.texts).enumerate() {
            // In a very low chart only the ends are labelled.
            let end = index == 0 || index + 1 == self.ticks.values.len();
            if spacing < 14.0 && !end {
                continue;
            }
            let y = scale.at(*value) + 4.0;
            match side {
                Side::Left => scene.text(
                    TextStyle::Tick,
                    Anchor::End,
                    Point::new(plot.left - 10.0, y),
                    text.clone(),
                ),
                Side::Right => {
                    scene.text(
                        TextStyle::Tick,
                        Anchor::Start,
                        Point::new(plot.right + 10.0, y),
                        text.clone(),
                    );
                }
            }
        }
    }
}

/// Height of the line with the names of axes, CSS pixels.
const NAMES_PX: f64 = 18.0;
/// Below this height axes have no names, CSS pixels.
const NAMED_PX: f64 = 140.0;

/// Room for the names of axes, CSS pixels; none in a low chart, and none without names.
pub(super) fn room_for_names(names: [&str; 2], canvas: &Canvas<'_>) -> f64 {
    let named = names.iter().any(|name| !name.is_empty());
    if named && canvas.size.height >= NAMED_PX {
        NAMES_PX
    } else {
        0.0
    }
}

/// Writes the name of an axis above it, cut to a width.
pub(super) fn name_above(scene: &mut Scene, name: &str, side: Side, width: f64) {
    let (anchor, x) = match side {
        Side::Left => (Anchor::Start, 0.0),
        Side::Right => (Anchor::End, scene.size.width),
    };
    let text = fit_text(name, width, TextStyle::Tick.font_px());
    scene.text(TextStyle::Tick, anchor, Point::new(x, 11.0), text);
}

/// Where an axis stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Left,
    Right,
}

fn ticks_for((min, max): (f64, f64), intervals: usize, grain: Grain, format: &Format) -> Ticks {
    match format.unit {
        Unit::Duration(unit) => nice_ticks_in(
            duration_divisor(min.abs().max(max.abs()), unit),
            min,
            max,
            intervals,
        ),
        Unit::Percent => nice_ticks(min, max, intervals, Grain::Fine),
        _ => nice_ticks(min, max, intervals, grain),
    }
}
