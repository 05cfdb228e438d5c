//! Shares of a whole as tiles.

use super::rows::hit;
use super::{as_read, no_data, summary};
use crate::breakdown::{Item, largest, shares};
use crate::data::{Canvas, Categories};
use crate::format::format_compact;
use crate::order::order;
use crate::scene::{Anchor, Hits, Path, Point, Rect, RoundEnd, Scene, Shape, TextStyle};
use crate::strings::ChartName;
use crate::text::fit_text;

/// More tiles than this are specks; the rest becomes one.
const MOST_TILES: usize = 24;

/// Draws the positive items as tiles whose surface is their share.
///
/// Source: Bruls, Huizing and van Wijk, "Squarified Treemaps" (2000).
pub fn treemap(data: &Categories, canvas: &Canvas<'_>) -> Scene {
    let items = shares(data, MOST_TILES, canvas);
    let total: f64 = items.iter().map(|item| item.value).sum();
    if items.is_empty() || total <= 0.0 {
        return no_data(canvas);
    }
    let value = |at: usize| items.get(at).map_or(0.0, |item| item.value);
    let items: Vec<Item> = order(items.len(), &|a, b| value(b).total_cmp(&value(a)))
        .into_iter()
        .filter_map(|at| items.get(at).cloned())
        .collect();
    let mut scene = canvas.scene();
    let tiles = squarify(&items, canvas.bounds());
    let mut boxes = Vec::with_capacity(items.len());
    for (item, tile) in items.iter().zip(&tiles) {
        let mut path = Path::default();
        path.bar(tile.inset(1.5), RoundEnd::All, 4.0);
        scene.path(Shape::Tile, item.slot, path);
        boxes.push(hit(item, *tile));
    }
    for (style, line) in [(TextStyle::Label, 18.0), (TextStyle::Value, 34.0)] {
        for (item, tile) in items.iter().zip(&tiles) {
            let text = if style == TextStyle::Label {
                item.label.clone()
            } else {
                format_compact(item.value, canvas.format, canvas.locale)
            };
            let room = tile.width() - 18.0;
            // A name may be cut; a number that is cut is another number.
            let whole = style == TextStyle::Label || style.width(&text) <= room;
            if whole && tile.height() >= line + 8.0 {
                let text = fit_text(&text, room, style.font_px());
                scene.text(
                    style,
                    Anchor::Start,
                    Point::new(tile.left + 10.0, tile.top + line + 2.0),
                    text,
                );
            }
        }
    }
    scene.hits = Hits::Boxes(boxes);
    scene.summary =
        summary::of_categories(ChartName::Treemap, items.len(), largest(&items), canvas);
    as_read(scene, canvas)
}

/// Rectangles with the items' shares of `room`, in the items' order, as square as possible.
fn squarify(items: &[Item], room: Rect) -> Vec<Rect> {
    let mut tiles = Vec::with_capacity(items.len());
    let mut free = room;
    let mut rest = items;
    while !rest.is_empty() {
        let total: f64 = rest.iter().map(|item| item.value).sum();
        let area = free.width() * free.height();
        let sizes: Vec<f64> = rest.iter().map(|item| item.value / total * area).collect();
        let short = free.width().min(free.height()).max(1e-9);
        let mut count = 1;
        while count < sizes.len() && worst(&sizes, count + 1, short) <= worst(&sizes, count, short)
        {
            count += 1;
        }
        free = lay_row(
            &mut tiles,
            sizes.get(..count).unwrap_or_default(),
            free,
            short,
        );
        rest = rest.get(count..).unwrap_or_default();
    }
    tiles
}

/// The worst ratio of sides if the first `count` sizes share a row along a side of this length.
fn worst(sizes: &[f64], count: usize, side: f64) -> f64 {
    let row = sizes.get(..count).unwrap_or_default();
    let sum: f64 = row.iter().sum();
    let depth = sum / side;
    row.iter()
        .map(|size| (size / depth / depth).max(depth * depth / size))
        .fold(0.0, f64::max)
}

/// Places a row along the shorter side and returns what is free beside it.
fn lay_row(tiles: &mut Vec<Rect>, row: &[f64], free: Rect, side: f64) -> Rect {
    let depth = row.iter().sum::<f64>() / side;
    let upright = free.width() >= free.height();
    let mut at = 0.0;
    for size in row {
        let length = if depth > 0.0 { size / depth } else { 0.0 };
        let tile = if upright {
            Rect::new(
                free.left,
                free.top + at,
                free.left + depth,
                free.top + at + length,
            )
        } else {
            Rect::new(
                free.left + at,
                free.top,
                free.left + at + length,
                free.top + depth,
            )
        };
        tiles.push(Rect::new(
            tile.left,
            tile.top,
            tile.right.min(free.right),
            tile.bottom.min(free.bottom),
        ));
        at += length;
    }
    if upright {
        Rect::new(
            (free.left + depth).min(free.right),
            free.top,
            free.right,
            free.bottom,
        )
    } else {
        Rect::new(
            free.left,
            (free.top + depth).min(free.bottom),
            free.right,
            free.bottom,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::Slot;

    #[test]
    fn tiles_fill_the_room_in_proportion() {
        let item = |value| Item {
            index: Some(0),
            label: String::new(),
            value,
            previous: None,
            slot: Slot::Plain,
        };
        let items = [6.0, 6.0, 4.0, 3.0, 2.0, 2.0, 1.0].map(item);
        let tiles = squarify(&items, Rect::new(0.0, 0.0, 600.0, 400.0));
        let area = |tile: &Rect| tile.width() * tile.height();
        assert!((tiles.iter().map(area).sum::<f64>() - 240_000.0).abs() < 1e-6);
        assert!((area(&tiles[0]) - 60_000.0).abs() < 1e-6);
        // The example of the paper: no tile is worse than 3 to 1.
        let ratio = |tile: &Rect| (tile.width() / tile.height()).max(tile.height() / tile.width());
        assert!(tiles.iter().all(|tile| ratio(tile) < 3.0));
    }
}
