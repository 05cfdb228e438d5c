//! Bars over time.

use super::frame::{Frame, FrameInput, Layout};
use super::{BAR_RADIUS, no_data, summary};
use crate::aligned::{Aligned, AlignedSeries};
use crate::data::{Canvas, Role, TimeSeries};
use crate::scale::Grain;
use crate::scene::{Path, Rect, RoundEnd, Scene, Shape, Slot};
use crate::strings::ChartName;

/// Widest bar, CSS pixels.
const WIDEST_PX: f64 = 48.0;

/// Draws a bar for each bucket; several primary series stand side by side.
///
/// A compared period is drawn as a short line across each bucket.
pub fn bar(data: &TimeSeries, canvas: &Canvas<'_>) -> Scene {
    let aligned = Aligned::new(data).thinned((canvas.size.width / 2.0) as usize);
    let Some((low, high)) = aligned.extent(&[Role::Primary, Role::Comparison]) else {
        return no_data(canvas);
    };
    let mut frame = Frame::new(
        bars_input(data, &aligned, (low.min(0.0), high.max(0.0))),
        canvas,
    );
    let mut scene = canvas.scene();
    frame.draw_grid(&mut scene);
    draw_groups(&mut scene, &frame, &aligned);
    frame.draw_labels(&mut scene);
    scene.hits = frame.hits(&aligned, &|position, bucket| {
        aligned
            .series
            .get(position)
            .and_then(|series| series.value(bucket))
            .map(|value| frame.y.at(value))
    });
    scene.legend = aligned.legend();
    scene.summary = summary::of_series(ChartName::Bar, data, &aligned, canvas);
    scene
}

/// What the frame of a chart of bars is made from.
pub(super) fn bars_input<'a>(
    data: &'a TimeSeries,
    aligned: &'a Aligned<'_>,
    range: (f64, f64),
) -> FrameInput<'a> {
    let grain = if aligned.all_whole(Role::Primary) {
        Grain::Whole
    } else {
        Grain::Fine
    };
    FrameInput {
        times: &aligned.times,
        step: data.step,
        zone: &data.zone,
        layout: Layout::Bands,
        range,
        grain,
        head: 0.0,
    }
}

/// Width of a bar in a band: a fixed share, but never clumsy.
pub(super) fn bar_width(band: f64) -> f64 {
    // Bars of a few pixels need every one of them.
    let share = if band < 6.0 { 0.84 } else { 0.68 };
    (band * share).clamp(0.5, WIDEST_PX)
}

/// Draws the primary series side by side and marks the compared ones.
pub(super) fn draw_groups(scene: &mut Scene, frame: &Frame<'_>, aligned: &Aligned<'_>) {
    let members: Vec<&AlignedSeries<'_>> = aligned.of_role(Role::Primary).collect();
    let group =
        bar_width(frame.x.band()).max(frame.x.band().min(WIDEST_PX * members.len() as f64) * 0.68);
    let each = group / members.len().max(1) as f64;
    let gap = if members.len() > 1 && each > 5.0 {
        1.0
    } else {
        0.0
    };
    for (position, series) in members.iter().enumerate() {
        let offset = position as f64 * each - group / 2.0;
        draw_bars(scene, frame, aligned, series, &|bucket| {
            let left = frame.x.x(bucket) + offset;
            (left + gap / 2.0, left + each - gap / 2.0)
        });
    }
    for series in aligned.of_role(Role::Comparison) {
        let mut marks = Path::default();
        for (bucket, value) in series.values.iter().enumerate() {
            if let Some(value) = value {
                let (x, y) = (frame.x.x(bucket), frame.y.at(*value));
                let half = (group / 2.0 + 2.0).min(frame.x.band() / 2.0);
                marks.stroke(x - half, y, x + half, y);
            }
        }
        scene.path(Shape::Marker, Slot::Comparison, marks);
    }
}

fn draw_bars(
    scene: &mut Scene,
    frame: &Frame<'_>,
    aligned: &Aligned<'_>,
    series: &AlignedSeries<'_>,
    edges: &dyn Fn(usize) -> (f64, f64),
) {
    let zero = frame.zero();
    let mut complete = Path::default();
    let mut partial = Path::default();
    let mut hatch = Path::default();
    for (bucket, value) in series.values.iter().enumerate() {
        let Some(value) = value.filter(|value| *value != 0.0) else {
            continue;
        };
        let (left, right) = edges(bucket);
        let (rect, round) = upright(left, right, zero, frame.y.at(value));
        if aligned.complete.contains(&bucket) {
            complete.bar(rect, round, BAR_RADIUS);
        } else {
            partial.bar(rect, round, BAR_RADIUS);
            hatch_into(&mut hatch, &rect);
        }
    }
    scene.path(Shape::Bar, series.slot, complete);
    scene.path(Shape::BarPartial, series.slot, partial);
    scene.path(Shape::Hatch, series.slot, hatch);
}

/// The rectangle from zero to a value, with the end that is round. A value that is not zero is always visible.
pub(super) fn upright(left: f64, right: f64, zero: f64, end: f64) -> (Rect, RoundEnd) {
    if end <= zero {
        (
            Rect::new(left, end.min(zero - 1.0), right, zero),
            RoundEnd::Top,
        )
    } else {
        (
            Rect::new(left, zero, right, end.max(zero + 1.0)),
            RoundEnd::Bottom,
        )
    }
}

/// Appends diagonal lines inside a rectangle, five pixels apart.
fn hatch_into(path: &mut Path, rect: &Rect) {
    let r = rect.inset(1.0);
    if r.width() < 2.0 || r.height() < 2.0 {
        return;
    }
    // Lines x + y = sum, clipped to the rectangle; the last few would cross the round corners.
    let mut sum = r.left + r.top + 4.0;
    while sum < r.right + r.bottom {
        let x0 = (sum - r.bottom).max(r.left);
        let x1 = (sum - r.top).min(r.right);
        if x1 - x0 > 0.5 {
            path.stroke(x0, sum - x0, x1, sum - x1);
        }
        sum += 5.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hatching_stays_inside_its_bar() {
        let rect = Rect::new(10.0, 20.0, 30.0, 90.0);
        let mut path = Path::default();
        hatch_into(&mut path, &rect);
        let bounds = path.bounds();
        assert!(path.segments().len() > 20);
        assert!(
            bounds.left >= 10.0
                && bounds.right <= 30.0
                && bounds.top >= 20.0
                && bounds.bottom <= 90.0
        );
    }

    #[test]
    fn small_values_are_visible_on_their_side_of_zero() {
        assert_eq!(upright(0.0, 5.0, 100.0, 99.99).0.top, 99.0);
        let (rect, round) = upright(0.0, 5.0, 100.0, 120.0);
        assert_eq!(
            (rect.top, rect.bottom, round),
            (100.0, 120.0, RoundEnd::Bottom)
        );
    }
}
