//! A profile over several properties.

use super::rows::hit;
use super::{no_data, summary};
use crate::breakdown::{Item, items, largest};
use crate::data::{Canvas, Categories};
use crate::scene::{Anchor, Hits, Path, Point, Rect, Scene, Shape, Slot, TextStyle, on_circle};
use crate::strings::ChartName;
use crate::text::fit_text;

/// Spokes beyond these are left out.
const MOST_SPOKES: usize = 12;

/// Draws three to twelve items around a centre; negative values count as zero.
///
/// With compared values, their outline lies below. Fewer than three items give an empty scene.
pub fn radar(data: &Categories, canvas: &Canvas<'_>) -> Scene {
    let mut spokes = items(
        &Categories {
            items: data.items.clone(),
            other: None,
            parts: data.parts,
        },
        canvas,
    );
    spokes.truncate(MOST_SPOKES);
    let values = spokes
        .iter()
        .flat_map(|item| [item.value, item.previous.unwrap_or(0.0)]);
    let most = values.fold(0.0, f64::max);
    if spokes.len() < 3 || most <= 0.0 {
        return no_data(canvas);
    }
    let mut scene = canvas.scene();
    let (width, height) = (canvas.size.width, canvas.size.height);
    let label_px = (width * 0.24).min(110.0);
    let labelled = label_px >= 48.0 && height >= 120.0;
    let radius = if labelled {
        (width / 2.0 - label_px - 10.0).min(height / 2.0 - 20.0)
    } else {
        width.min(height) / 2.0 - 4.0
    };
    let web = Web {
        center: canvas.bounds().center(),
        radius: radius.max(2.0),
        spokes: spokes.len(),
        most,
    };
    scene.path(Shape::Link, Slot::Plain, web.lines());
    if spokes.iter().any(|item| item.previous.is_some()) {
        let before = spokes.iter().map(|item| item.previous.unwrap_or(0.0));
        scene.path(Shape::Line, Slot::Comparison, web.outline(before));
    }
    let outline = web.outline(spokes.iter().map(|item| item.value));
    scene.path(Shape::Area, Slot::Series(0), outline.clone());
    scene.path(Shape::Line, Slot::Series(0), outline);
    let mut boxes = Vec::with_capacity(spokes.len());
    for (position, item) in spokes.iter().enumerate() {
        let point = web.at(position, item.value);
        scene.circle(Shape::Dot, Slot::Series(0), point, 2.5);
        boxes.push(hit(item, Rect::around(point, 12.0_f64.min(web.radius))));
    }
    if labelled {
        label_spokes(&mut scene, &spokes, web.center, web.radius, label_px);
    }
    scene.plot = Rect::around(web.center, web.radius);
    scene.hits = Hits::Boxes(boxes);
    scene.summary =
        summary::of_categories(ChartName::Radar, spokes.len(), largest(&spokes), canvas);
    scene
}

/// The web on which the outline lies.
struct Web {
    center: Point,
    radius: f64,
    spokes: usize,
    /// The value at the web's edge.
    most: f64,
}

impl Web {
    fn at(&self, position: usize, value: f64) -> Point {
        let share = (value / self.most).max(0.0);
        on_circle(
            self.center,
            self.radius * share,
            position as f64 / self.spokes as f64,
        )
    }

    fn outline(&self, values: impl Iterator<Item = f64>) -> Path {
        let mut path = Path::default();
        closed(
            &mut path,
            values
                .enumerate()
                .map(|(position, value)| self.at(position, value)),
        );
        path
    }

    fn lines(&self) -> Path {
        let mut path = Path::default();
        for ring in 1..=4 {
            let value = self.most * f64::from(ring) / 4.0;
            closed(
                &mut path,
                (0..self.spokes).map(|position| self.at(position, value)),
            );
        }
        for position in 0..self.spokes {
            let end = self.at(position, self.most);
            path.stroke(self.center.x, self.center.y, end.x, end.y);
        }
        path
    }
}

fn closed(path: &mut Path, points: impl Iterator<Item = Point>) {
    for (index, point) in points.enumerate() {
        if index == 0 {
            path.move_to(point.x, point.y);
        } else {
            path.line_to(point.x, point.y);
        }
    }
    path.close();
}

fn label_spokes(scene: &mut Scene, spokes: &[Item], center: Point, radius: f64, label_px: f64) {
    let mut taken: Vec<Rect> = Vec::new();
    for (position, item) in spokes.iter().enumerate() {
        let at = on_circle(center, radius + 9.0, position as f64 / spokes.len() as f64);
        let side = at.x - center.x;
        let anchor = if side.abs() < 2.0 {
            Anchor::Middle
        } else if side > 0.0 {
            Anchor::Start
        } else {
            Anchor::End
        };
        let text = fit_text(&item.label, label_px, TextStyle::Tick.font_px());
        let at = Point::new(at.x, at.y + 4.0 + (at.y - center.y) / (radius + 9.0) * 4.0);
        let mark = crate::scene::Mark::Text {
            style: TextStyle::Tick,
            anchor,
            at,
            text: text.clone(),
        };
        let bounds = mark.bounds();
        let free = taken.iter().all(|other| {
            bounds.left > other.right
                || bounds.right < other.left
                || bounds.top > other.bottom
                || bounds.bottom < other.top
        });
        if free {
            taken.push(bounds);
            scene.text(TextStyle::Tick, anchor, at, text);
        }
    }
}
