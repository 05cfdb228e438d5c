//! Horizontal bars, one row for each item.

use super::{BAR_RADIUS, as_read, no_data, summary};
use crate::breakdown::{Item, items, largest};
use crate::data::{Canvas, Categories};
use crate::format::format_brief;
use crate::scale::Linear;
use crate::scene::{
    Anchor, HitBox, Hits, Path, Point, Rect, RoundEnd, Scene, Shape, Slot, TextStyle,
};
use crate::strings::{ChartName, fill};
use crate::text::fit_text;

/// Below this width the label stands above its bar, CSS pixels.
const SIDE_BY_SIDE_PX: f64 = 300.0;
/// Least height of a row with the label beside or above the bar, CSS pixels.
const ROW_PX: (f64, f64) = (22.0, 34.0);
/// Largest height of a row, CSS pixels.
const TALLEST_PX: f64 = 40.0;

/// Draws a bar for each item with its label and its value; the value of the compared period is a short line.
///
/// Items that do not fit are counted in a last line, not squeezed.
pub fn horizontal_bar(data: &Categories, canvas: &Canvas<'_>) -> Scene {
    let items = items(data, canvas);
    if items.is_empty() {
        return no_data(canvas);
    }
    let texts = items
        .iter()
        .map(|item| format_brief(item.value, canvas.format, canvas.locale))
        .collect();
    let mut scene = draw_rows(&items, texts, Background::None, canvas);
    scene.summary = summary::of_categories(
        ChartName::HorizontalBar,
        items.len(),
        largest(&items),
        canvas,
    );
    as_read(scene, canvas)
}

/// What lies behind a bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Background {
    None,
    /// The length of the largest value.
    Track,
}

/// Where the parts of a row lie.
struct Columns {
    row: f64,
    side_by_side: bool,
    /// Left end and right end of the longest bar.
    bars: (f64, f64),
    label_px: f64,
}

impl Columns {
    fn new(items: &[Item], texts: &[String], canvas: &Canvas<'_>) -> Self {
        let width = canvas.size.width;
        let side_by_side = width >= SIDE_BY_SIDE_PX;
        let least = if side_by_side { ROW_PX.0 } else { ROW_PX.1 };
        let row = (canvas.size.height / items.len() as f64)
            .min(TALLEST_PX)
            .max(least);
        let widest = |texts: &mut dyn Iterator<Item = f64>| texts.fold(0.0, f64::max);
        let value_px =
            widest(&mut texts.iter().map(|text| TextStyle::Value.width(text))).min(width * 0.4);
        if !side_by_side {
            return Self {
                row,
                side_by_side,
                bars: (0.0, width),
                label_px: (width - value_px - 10.0).max(0.0),
            };
        }
        let labels = widest(&mut items.iter().map(|item| TextStyle::Label.width(&item.label)));
        let label_px = labels.min(width * 0.36).min(260.0);
        Self {
            row,
            side_by_side,
            bars: (label_px + 12.0, width - value_px - 12.0),
            label_px,
        }
    }
}

/// Draws rows from the top, with `texts` as their values.
pub(super) fn draw_rows(
    items: &[Item],
    texts: Vec<String>,
    background: Background,
    canvas: &Canvas<'_>,
) -> Scene {
    let mut scene = canvas.scene();
    let columns = Columns::new(items, &texts, canvas);
    let room = (canvas.size.height / columns.row + 1e-6).floor() as usize;
    let shown = if room >= items.len() {
        items.len()
    } else {
        room.saturating_sub(1).max(1)
    };
    let x = Linear {
        from: range(items),
        to: columns.bars,
    };
    let mut boxes = Vec::with_capacity(shown);
    let mut labels = Labels::default();
    let mut bars = Bars::default();
    for (position, (item, text)) in items.iter().zip(texts).enumerate().take(shown) {
        let top = position as f64 * columns.row;
        let row = Rect::new(
            0.0,
            top,
            canvas.size.width,
            (top + columns.row).min(canvas.size.height),
        );
        let bar = bar_of(&row, &columns);
        if background == Background::Track {
            let track = Rect::new(columns.bars.0, bar.top, columns.bars.1, bar.bottom);
            bars.tracks.bar(track, RoundEnd::All, BAR_RADIUS);
        }
        bars.add(item, &x, &bar);
        labels.add(item, &text, &row, &columns);
        boxes.push(hit(item, row));
    }
    let bottom = (shown as f64 * columns.row).min(canvas.size.height);
    bars.draw(&mut scene, &x, bottom);
    labels.draw(&mut scene);
    let hidden = items.len() - shown;
    let line = (shown as f64 + 0.5) * columns.row + 4.0;
    if hidden > 0 && line + 3.0 <= canvas.size.height {
        let more = fill(canvas.strings.more, &[("n", &summary::count(hidden))]);
        scene.text(
            TextStyle::Tick,
            Anchor::Start,
            Point::new(0.0, line),
            fit_text(&more, canvas.size.width, 11.0),
        );
    }
    scene.plot = Rect::new(columns.bars.0, 0.0, columns.bars.1, canvas.size.height);
    scene.hits = Hits::Boxes(boxes);
    scene
}

/// The lowest and highest value with zero between them, compared values included.
fn range(items: &[Item]) -> (f64, f64) {
    let values = items
        .iter()
        .flat_map(|item| [item.value, item.previous.unwrap_or(0.0)]);
    match values.fold((0.0, 0.0), |(low, high): (f64, f64), value| {
        (low.min(value), high.max(value))
    }) {
        (0.0, 0.0) => (0.0, 1.0),
        range => range,
    }
}

/// All bars of a chart, gathered by their look.
#[derive(Default)]
struct Bars {
    tracks: Path,
    listed: Path,
    rest: Path,
    marks: Path,
}

impl Bars {
    /// Adds a bar from zero to its value, and a line at the compared value; what is not zero is always visible.
    fn add(&mut self, item: &Item, x: &Linear, row: &Rect) {
        let path = if item.index.is_some() {
            &mut self.listed
        } else {
            &mut self.rest
        };
        let (zero, end) = (x.at(0.0), x.at(item.value));
        if item.value > 0.0 {
            path.bar(
                Rect::new(zero, row.top, end.max(zero + 2.0), row.bottom),
                RoundEnd::Right,
                BAR_RADIUS,
            );
        } else if item.value < 0.0 {
            path.bar(
                Rect::new(end.min(zero - 2.0), row.top, zero, row.bottom),
                RoundEnd::Left,
                BAR_RADIUS,
            );
        }
        if let Some(previous) = item.previous {
            let at = x.at(previous);
            self.marks.stroke(at, row.top - 2.0, at, row.bottom + 2.0);
        }
    }

    fn draw(self, scene: &mut Scene, x: &Linear, bottom: f64) {
        scene.path(Shape::Track, Slot::Plain, self.tracks);
        scene.path(Shape::Bar, Slot::Series(0), self.listed);
        scene.path(Shape::Bar, Slot::Other, self.rest);
        scene.path(Shape::Marker, Slot::Comparison, self.marks);
        if x.from.0 < 0.0 {
            let mut base = Path::default();
            base.stroke(x.at(0.0), 0.0, x.at(0.0), bottom);
            scene.path(Shape::Baseline, Slot::Plain, base);
        }
    }
}

/// The box of an item.
pub(super) fn hit(item: &Item, bounds: Rect) -> HitBox {
    HitBox {
        index: item.index,
        label: item.label.clone(),
        value: Some(item.value),
        previous: item.previous,
        bounds,
        arc: None,
        slot: item.slot,
    }
}

fn bar_of(row: &Rect, columns: &Columns) -> Rect {
    if columns.side_by_side {
        let half = (columns.row * 0.3).min(9.0);
        Rect::new(
            row.left,
            row.center().y - half,
            row.right,
            row.center().y + half,
        )
    } else {
        let bottom = row.bottom - (columns.row - 26.0) / 2.0;
        Rect::new(row.left, bottom - 7.0, row.right, bottom)
    }
}

/// The texts of all rows; values after names, so that texts of one style share a group.
#[derive(Default)]
struct Labels {
    names: Vec<(Point, String)>,
    values: Vec<(Point, String)>,
}

impl Labels {
    fn add(&mut self, item: &Item, value: &str, row: &Rect, columns: &Columns) {
        let base = if columns.side_by_side {
            row.center().y + 4.2
        } else {
            row.bottom - (columns.row - 26.0) / 2.0 - 13.0
        };
        let name = fit_text(&item.label, columns.label_px, TextStyle::Label.font_px());
        self.names.push((Point::new(0.0, base), name));
        let value = fit_text(value, row.width() * 0.4, TextStyle::Value.font_px());
        self.values.push((Point::new(row.right, base), value));
    }

    fn draw(self, scene: &mut Scene) {
        for (at, name) in self.names {
            scene.text(TextStyle::Label, Anchor::Start, at, name);
        }
        for (at, value) in self.values {
            scene.text(TextStyle::Value, Anchor::End, at, value);
        }
    }
}
