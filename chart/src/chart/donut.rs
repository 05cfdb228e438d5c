//! Shares of a whole as slices of a ring.

use super::{no_data, summary};
use crate::breakdown::{Item, largest, shares};
use crate::data::{Canvas, Categories, Parts};
use crate::format::{Format, format_compact, format_number};
use crate::scene::{Anchor, HitArc, HitBox, Hits, Path, Point, Rect, Scene, Shape, TextStyle};
use crate::strings::{ChartName, fill};
use crate::text::fit_text;

/// More slices than this cannot be told apart; the rest becomes one.
const MOST_SLICES: usize = 7;
/// Height of a line of the key, CSS pixels.
const KEY_ROW_PX: f64 = 24.0;
/// Least width of a key with names, CSS pixels.
const KEY_PX: f64 = 100.0;

/// Draws the positive items as a ring with their sum in the middle and a key beside or below it.
///
/// Items that do not add up have neither sum nor shares.
pub fn donut(data: &Categories, canvas: &Canvas<'_>) -> Scene {
    let items = shares(data, MOST_SLICES, canvas);
    let total: f64 = items.iter().map(|item| item.value).sum();
    if items.is_empty() || total <= 0.0 {
        return no_data(canvas);
    }
    let mut scene = canvas.scene();
    let (mut ring, mut key) = layout(items.len(), canvas);
    if canvas.locale.right_to_left {
        // They change sides, but a ring is read clockwise everywhere.
        let width = canvas.size.width;
        (ring, key) = (ring.mirrored(width), key.map(|key| key.mirrored(width)));
    }
    let outer = ring.width() / 2.0;
    let radii = (outer * 0.7, outer);
    scene.plot = ring;
    let mut boxes = Vec::with_capacity(items.len());
    let mut from = 0.0;
    for item in &items {
        let to = from + item.value / total;
        boxes.push(slice(&mut scene, item, ring.center(), radii, (from, to)));
        from = to;
    }
    let whole = (data.parts == Parts::OfWhole).then_some(total);
    if let Some(total) = whole {
        middle(&mut scene, total, ring.center(), radii.0, canvas);
    }
    if let Some(key) = key {
        let arcs = boxes.iter_mut().filter_map(|slice| slice.arc.as_mut());
        for (row, arc) in arcs.take(listed(&key, items.len())).enumerate() {
            let top = key.top + row as f64 * KEY_ROW_PX;
            arc.key = Some(Rect::new(key.left, top, key.right, top + KEY_ROW_PX));
        }
        let before = scene.marks.len();
        draw_key(&mut scene, &items, whole, &key, canvas);
        let drawn = scene.marks.iter_mut().skip(before);
        drawn
            .filter(|_| canvas.locale.right_to_left)
            .for_each(|mark| mark.mirror(key.left + key.right));
    }
    scene.hits = Hits::Boxes(boxes);
    scene.summary = summary::of_categories(ChartName::Donut, items.len(), largest(&items), canvas);
    scene
}

/// The square of the ring and the room for the key, if there is any.
fn layout(rows: usize, canvas: &Canvas<'_>) -> (Rect, Option<Rect>) {
    let (width, height) = (canvas.size.width, canvas.size.height);
    let square = |left: f64, top: f64, side: f64| Rect::new(left, top, left + side, top + side);
    let side = (height - 4.0)
        .min(220.0)
        .min(width * 0.46)
        .min(width - 28.0 - KEY_PX);
    let key_height = rows as f64 * KEY_ROW_PX;
    if side >= 72.0 {
        // On a wide card ring and key stay together in the middle.
        let key_px = (width - side - 28.0).min(300.0);
        let left = ((width - side - 28.0 - key_px) / 2.0).max(2.0);
        let top = ((height - key_height) / 2.0).max(0.0);
        let key = Rect::new(
            left + side + 26.0,
            top,
            left + side + 26.0 + key_px,
            (top + key_height).min(height),
        );
        return (
            square(left, (height - side) / 2.0, side),
            Some(Rect::new(
                key.left,
                key.top,
                key.right.min(width),
                key.bottom,
            )),
        );
    }
    let side = (width - 4.0)
        .min(height - KEY_ROW_PX * 2.0 - 12.0)
        .min(220.0);
    if side >= 84.0 && width >= KEY_PX {
        let side = side.min((height - key_height - 12.0).max(84.0));
        let top = side + 14.0;
        return (
            square((width - side) / 2.0, 2.0, side),
            Some(Rect::new(0.0, top, width, height)),
        );
    }
    let side = (width - 4.0).min(height - 4.0).max(4.0);
    (
        square((width - side) / 2.0, (height - side) / 2.0, side),
        None,
    )
}

fn slice(
    scene: &mut Scene,
    item: &Item,
    center: Point,
    radii: (f64, f64),
    turns: (f64, f64),
) -> HitBox {
    let mut path = Path::default();
    // A gap of two pixels, unless the slice is hardly wider or has the ring for itself.
    let gap = 1.0 / (core::f64::consts::TAU * radii.1);
    let span = turns.1 - turns.0;
    let gap = if span > 0.999 || span < gap * 6.0 {
        0.0
    } else {
        gap
    };
    path.ring(center, radii, (turns.0 + gap, turns.1 - gap));
    let bounds = path.bounds();
    scene.path(Shape::Bar, item.slot, path);
    HitBox {
        index: item.index,
        label: item.label.clone(),
        value: Some(item.value),
        previous: item.previous,
        bounds,
        arc: Some(HitArc {
            center,
            radii,
            turns,
            key: None,
        }),
        slot: item.slot,
    }
}

/// The sum, as large as it fits, with its caption if there is room for both.
fn middle(scene: &mut Scene, total: f64, center: Point, inner: f64, canvas: &Canvas<'_>) {
    let text = format_compact(total, canvas.format, canvas.locale);
    let fits = |style: &TextStyle| style.width(&text) <= inner * 1.7;
    let Some(style) = [TextStyle::Hero, TextStyle::Value].into_iter().find(fits) else {
        return;
    };
    let caption = canvas.strings.total;
    let captioned = inner >= 34.0 && TextStyle::Tick.width(caption) <= inner * 1.4;
    // Digits are about 0.7 of the font's size high; both lines stand around the middle.
    let (base, below) = match (captioned, style == TextStyle::Hero) {
        (true, true) => (3.0, 20.0),
        (true, false) => (-1.0, 14.0),
        (false, _) => (style.font_px() * 0.35, 0.0),
    };
    let at = |y: f64| Point::new(center.x, center.y + y);
    scene.text(style, Anchor::Middle, at(base), text);
    if captioned {
        let caption = caption.to_owned();
        scene.text(TextStyle::Tick, Anchor::Middle, at(below), caption);
    }
}

/// How many lines of a key have room.
fn room_in(key: &Rect) -> usize {
    (key.height() / KEY_ROW_PX + 1e-6).floor() as usize
}

/// How many of so many items stand in a key; the last line tells how many do not.
fn listed(key: &Rect, items: usize) -> usize {
    let room = room_in(key);
    if room >= items {
        items
    } else {
        room.saturating_sub(1)
    }
}

/// Writes swatch, name, value and share of the whole of each item; the value only where the name keeps room enough.
fn draw_key(
    scene: &mut Scene,
    items: &[Item],
    whole: Option<f64>,
    key: &Rect,
    canvas: &Canvas<'_>,
) {
    let shown = listed(key, items.len());
    let listed = || items.iter().take(shown);
    let at = |x: f64, row: usize| Point::new(x, key.top + (row as f64 + 0.5) * KEY_ROW_PX + 4.2);
    let shares: Vec<String> = listed()
        .filter_map(|item| Some(share_text(item.value / whole?, canvas)))
        .collect();
    let values: Vec<String> = listed()
        .map(|item| format_compact(item.value, canvas.format, canvas.locale))
        .collect();
    let share_px = widest(TextStyle::Tick, &shares);
    let value_px = widest(TextStyle::Value, &values);
    let taken = whole.map_or(0.0, |_| share_px + 12.0);
    let (left, right) = (key.left + 16.0, key.right - taken);
    let with_values = key.width() - taken - value_px - 28.0 >= 64.0;
    let name_px = right - left - if with_values { value_px + 10.0 } else { 0.0 };
    for (row, item) in listed().enumerate() {
        let base = at(key.left + 4.0, row);
        scene.circle(Shape::Bar, item.slot, Point::new(base.x, base.y - 4.2), 4.0);
    }
    for (row, item) in listed().enumerate() {
        let name = fit_text(&item.label, name_px, TextStyle::Label.font_px());
        scene.text(TextStyle::Label, Anchor::Start, at(left, row), name);
    }
    for (row, value) in values.into_iter().enumerate().filter(|_| with_values) {
        scene.text(TextStyle::Value, Anchor::End, at(right, row), value);
    }
    for (row, share) in shares.into_iter().enumerate() {
        scene.text(TextStyle::Tick, Anchor::End, at(key.right, row), share);
    }
    if shown < items.len() && room_in(key) > 0 {
        let more = fill(
            canvas.strings.more,
            &[("n", &summary::count(items.len() - shown))],
        );
        scene.text(
            TextStyle::Tick,
            Anchor::Start,
            at(left, shown),
            fit_text(&more, key.right - left, 11.0),
        );
    }
}

/// A share in whole per cent; what is less than one says so.
fn share_text(share: f64, canvas: &Canvas<'_>) -> String {
    let percent = Format {
        decimals: Some(0),
        ..Format::percent()
    };
    if share < 0.01 {
        ["<", &format_number(0.01, &percent, canvas.locale)].concat()
    } else {
        format_number(share, &percent, canvas.locale)
    }
}

fn widest(style: TextStyle, texts: &[String]) -> f64 {
    texts
        .iter()
        .map(|text| style.width(text))
        .fold(0.0, f64::max)
}
