//! Items by two measures.

use super::value_axis::{Side, ValueAxis, name_above, room_for_names};
use super::{no_data, summary};
use crate::aligned::extent;
use crate::data::{Canvas, ScatterPoint, drawable};
use crate::format::{AxisFormat, Format};
use crate::scale::{Grain, Linear, Ticks, nice_ticks};
use crate::scene::{Anchor, HitBox, Hits, Path, Point, Rect, Scene, Shape, Slot, TextStyle};
use crate::strings::{ChartName, fill};
use crate::text::fit_text;

/// Radius of a point and of the place that a pointer can hit, CSS pixels.
const POINT_PX: (f64, f64) = (4.0, 8.0);

/// Draws a point for each item; `x_format` writes the axis below, the canvas' format the one on the left. `names` are what
/// both axes measure, in this order; an empty one is not written.
///
/// Missing: items without two numbers are left out.
pub fn scatter(
    data: &[ScatterPoint],
    names: [&str; 2],
    x_format: &Format,
    canvas: &Canvas<'_>,
) -> Scene {
    let points: Vec<Drawable<'_>> = data
        .iter()
        .enumerate()
        .filter_map(|(index, point)| Some((index, point, drawable(point.x)?, drawable(point.y)?)))
        .collect();
    let ranges =
        extent(points.iter().map(|point| point.2)).zip(extent(points.iter().map(|point| point.3)));
    let Some((x_range, y_range)) = ranges else {
        return no_data(canvas);
    };
    let labelled = canvas.size.height >= 72.0;
    let room = room_for_names(names, canvas);
    let bottom = canvas.size.height - room - if labelled { 24.0 } else { 7.0 };
    let axis = ValueAxis::new(
        near_zero(y_range),
        Grain::Fine,
        (bottom - 8.0 - room).max(8.0),
        canvas.format,
        canvas,
    );
    let plot = Rect::new(
        axis.gutter().max(5.0),
        (8.0 + room).min(bottom),
        canvas.size.width - 6.0,
        bottom,
    );
    let mut scene = canvas.scene();
    axis.draw_grid(&mut scene, &plot, plot.bottom);
    let ticks = nice_ticks(
        near_zero(x_range).0,
        near_zero(x_range).1,
        ((plot.width() / 90.0) as usize).clamp(1, 8),
        Grain::Fine,
    );
    let x = Linear {
        from: (ticks.low(), ticks.high()),
        to: (plot.left, plot.right),
    };
    let y = axis.scale(&plot);
    let boxes = draw_points(&mut scene, &points, &x, &y, canvas);
    axis.label(&mut scene, &plot, Side::Left);
    if labelled {
        label_below(&mut scene, &ticks, &x, x_format, canvas, plot.bottom + 17.0);
    }
    if room > 0.0 {
        name_axes(&mut scene, names, &plot);
    }
    scene.plot = plot;
    let n = summary::count(boxes.len());
    scene.summary = fill(
        canvas.strings.scatter_summary,
        &[("chart", canvas.chart(ChartName::Scatter)), ("n", &n)],
    );
    scene.hits = Hits::Boxes(boxes);
    scene
}

fn name_axes(scene: &mut Scene, [below, left]: [&str; 2], plot: &Rect) {
    let width = scene.size.width;
    name_above(scene, left, Side::Left, width);
    let text = fit_text(below, plot.width(), TextStyle::Tick.font_px());
    let at = Point::new((plot.left + plot.right) / 2.0, scene.size.height - 5.0);
    scene.text(TextStyle::Tick, Anchor::Middle, at, text);
}

/// A point with its position in the input and its two numbers, fit for drawing.
type Drawable<'a> = (usize, &'a ScatterPoint, f64, f64);

fn draw_points(
    scene: &mut Scene,
    points: &[Drawable<'_>],
    x: &Linear,
    y: &Linear,
    canvas: &Canvas<'_>,
) -> Vec<HitBox> {
    let mut boxes = Vec::with_capacity(points.len());
    for (index, point, along, up) in points {
        let center = Point::new(x.at(*along), y.at(*up));
        scene.circle(Shape::Bubble, Slot::Series(0), center, POINT_PX.0);
        boxes.push(HitBox {
            index: Some(*index),
            label: canvas.named(&point.label).to_owned(),
            value: Some(point.y),
            previous: Some(point.x),
            bounds: Rect::around(center, POINT_PX.1),
            arc: None,
            slot: Slot::Series(0),
        });
    }
    boxes
}

/// Widens a range to zero if zero is near.
fn near_zero((low, high): (f64, f64)) -> (f64, f64) {
    if low > 0.0 && low < high * 0.5 {
        (0.0, high)
    } else if high < 0.0 && high > low * 0.5 {
        (low, 0.0)
    } else {
        (low, high)
    }
}

fn label_below(
    scene: &mut Scene,
    ticks: &Ticks,
    x: &Linear,
    format: &Format,
    canvas: &Canvas<'_>,
    base: f64,
) {
    let axis = AxisFormat::new(ticks.step, ticks.max_abs(), format, canvas.locale);
    let mut taken = f64::NEG_INFINITY;
    for value in &ticks.values {
        let text = axis.tick(*value);
        let half = TextStyle::Tick.width(&text) / 2.0;
        let middle = x.at(*value).min(canvas.size.width - half).max(half);
        if middle - half >= taken && middle + half <= canvas.size.width {
            scene.text(
                TextStyle::Tick,
                Anchor::Middle,
                Point::new(middle, base),
                text,
            );
            taken = middle + half + 10.0;
        }
    }
    let mut ends = Path::default();
    ends.stroke(x.to.0, base - 17.0, x.to.1, base - 17.0);
    scene.path(Shape::Baseline, Slot::Plain, ends);
}
