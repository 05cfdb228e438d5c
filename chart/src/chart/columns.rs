//! Upright bars, one for each item of a breakdown.

use super::rows::hit;
use super::time_bars::{bar_width, upright};
use super::value_axis::{Side, ValueAxis};
use super::{BAR_RADIUS, as_read, no_data, summary};
use crate::breakdown::{Item, items, largest};
use crate::data::{Canvas, Categories};
use crate::scale::{Grain, Linear};
use crate::scene::{Anchor, Hits, Path, Point, Rect, Scene, Shape, Slot, TextStyle};
use crate::strings::ChartName;
use crate::text::fit_text;

/// A label that would be cut to less than this says too little, CSS pixels.
const SHORTEST_LABEL_PX: f64 = 36.0;
/// Least room between two labels, CSS pixels.
const LABEL_GAP_PX: f64 = 8.0;

/// Draws a bar for each item over its label; the value of the compared period is a short line.
pub fn category_bar(data: &Categories, canvas: &Canvas<'_>) -> Scene {
    let items = items(data, canvas);
    if items.is_empty() {
        return no_data(canvas);
    }
    let previous = items.iter().filter_map(|item| item.previous);
    let (low, high) = items
        .iter()
        .map(|item| item.value)
        .chain(previous)
        .fold((0.0, 0.0), |(low, high): (f64, f64), value| {
            (low.min(value), high.max(value))
        });
    let whole = items.iter().all(|item| item.value.fract() == 0.0);
    let grain = if whole { Grain::Whole } else { Grain::Fine };
    // The axis needs the height, the labels' rows the width beside the axis: the axis is laid out for one row.
    let height = (canvas.size.height - 30.0).max(8.0);
    let axis = ValueAxis::new((low, high), grain, height, canvas.format, canvas);
    let band = (canvas.size.width - axis.gutter()) / items.len() as f64;
    let labels = BandLabels::new(&items, band, canvas.size.height);
    let labelled = canvas.size.height >= 72.0;
    let bottom = canvas.size.height - if labelled { labels.height() } else { 7.0 };
    let plot = Rect::new(
        axis.gutter(),
        8.0_f64.min(bottom),
        canvas.size.width,
        bottom,
    );
    let mut scene = canvas.scene();
    let scale = axis.scale(&plot);
    let zero = scale.at(0.0);
    axis.draw_grid(&mut scene, &plot, zero);
    let boxes = draw_bars(&mut scene, &items, &plot, &scale);
    axis.label(&mut scene, &plot, Side::Left);
    if labelled {
        labels.draw(&mut scene, &items, &plot);
    }
    scene.plot = plot;
    scene.hits = Hits::Boxes(boxes);
    scene.summary = summary::of_categories(ChartName::Bar, items.len(), largest(&items), canvas);
    as_read(scene, canvas)
}

fn draw_bars(
    scene: &mut Scene,
    items: &[Item],
    plot: &Rect,
    scale: &Linear,
) -> Vec<crate::scene::HitBox> {
    let band = plot.width() / items.len() as f64;
    let half = bar_width(band) / 2.0;
    let zero = scale.at(0.0);
    let mut listed = Path::default();
    let mut rest = Path::default();
    let mut marks = Path::default();
    let mut boxes = Vec::with_capacity(items.len());
    for (position, item) in items.iter().enumerate() {
        let left = plot.left + position as f64 * band;
        let x = left + band / 2.0;
        if item.value != 0.0 {
            let (rect, round) = upright(x - half, x + half, zero, scale.at(item.value));
            let path = if item.index.is_some() {
                &mut listed
            } else {
                &mut rest
            };
            path.bar(rect, round, BAR_RADIUS);
        }
        if let Some(previous) = item.previous {
            let reach = (half + 3.0).min(band / 2.0);
            marks.stroke(x - reach, scale.at(previous), x + reach, scale.at(previous));
        }
        boxes.push(hit(
            item,
            Rect::new(left, plot.top, left + band, plot.bottom),
        ));
    }
    scene.path(Shape::Bar, Slot::Series(0), listed);
    scene.path(Shape::Bar, Slot::Other, rest);
    scene.path(Shape::Marker, Slot::Comparison, marks);
    boxes
}

/// How the labels under bands are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BandLabels {
    /// All in one row.
    OneRow,
    /// In turn in two rows, so that each has the width of two bands.
    TwoRows,
    /// In one row under every n-th band.
    Every(usize),
}

impl BandLabels {
    /// Chooses by the widest label: whole labels first, then shortened ones, then fewer.
    pub(super) fn new(items: &[Item], band: f64, height: f64) -> Self {
        let widest = items
            .iter()
            .map(|item| TextStyle::Tick.width(&item.label))
            .fold(0.0, f64::max);
        if widest <= band - LABEL_GAP_PX {
            Self::OneRow
        } else if band * 2.0 - LABEL_GAP_PX >= widest.min(SHORTEST_LABEL_PX) && height >= 120.0 {
            Self::TwoRows
        } else if band - LABEL_GAP_PX >= widest.min(SHORTEST_LABEL_PX) {
            Self::OneRow
        } else {
            Self::Every(
                ((widest.min(SHORTEST_LABEL_PX * 2.0) + LABEL_GAP_PX) / band)
                    .ceil()
                    .max(1.0) as usize,
            )
        }
    }

    /// Room below the plot, CSS pixels.
    pub(super) fn height(self) -> f64 {
        if self == Self::TwoRows { 36.0 } else { 22.0 }
    }

    /// Writes the labels below a plot whose bands have the items' order.
    pub(super) fn draw(self, scene: &mut Scene, items: &[Item], plot: &Rect) {
        let band = plot.width() / items.len().max(1) as f64;
        let (rows, every) = match self {
            Self::OneRow => (1, 1),
            Self::TwoRows => (2, 1),
            Self::Every(every) => (1, every),
        };
        let room = band * (rows * every) as f64 - LABEL_GAP_PX;
        for row in 0..rows {
            let base = plot.bottom + 17.0 + row as f64 * 14.0;
            let mut taken = f64::NEG_INFINITY;
            for (position, item) in items.iter().enumerate().skip(row).step_by(rows * every) {
                let middle = plot.left + (position as f64 + 0.5) * band;
                let inside = |text: &str| {
                    let half = TextStyle::Tick.width(text) / 2.0;
                    (middle.min(scene.size.width - half).max(half), half)
                };
                let mut text = fit_text(&item.label, room, TextStyle::Tick.font_px());
                let (mut x, mut half) = inside(&text);
                if x - half < taken || x + half > scene.size.width {
                    // Moved inwards it would touch its neighbour: shortened it can stay where it belongs.
                    let reach = (middle - taken).min(scene.size.width - middle).max(0.0) * 2.0;
                    text = fit_text(&item.label, reach.min(room), TextStyle::Tick.font_px());
                    (x, half) = inside(&text);
                }
                taken = x + half + LABEL_GAP_PX - 2.0;
                scene.text(TextStyle::Tick, Anchor::Middle, Point::new(x, base), text);
            }
        }
    }
}
