//! Lines and areas over time.

use super::frame::{Frame, FrameInput, Layout};
use super::{no_data, summary};
use crate::aligned::{Aligned, AlignedSeries};
use crate::data::{Canvas, Role, TimeSeries};
use crate::decimate::decimate;
use crate::scale::Grain;
use crate::scene::{Path, Point, Scene, Shape};
use crate::strings::ChartName;

/// Radius of a value without neighbours, CSS pixels.
const DOT_PX: f64 = 2.5;

/// Draws one line for each series.
///
/// The axis begins at zero unless all values lie in the upper part of the range from zero.
pub fn line(data: &TimeSeries, canvas: &Canvas<'_>) -> Scene {
    draw(data, canvas, Fill::None)
}

/// Draws lines with a soft fill down to zero.
pub fn area(data: &TimeSeries, canvas: &Canvas<'_>) -> Scene {
    draw(data, canvas, Fill::ToZero)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fill {
    None,
    ToZero,
}

fn draw(data: &TimeSeries, canvas: &Canvas<'_>, fill: Fill) -> Scene {
    let aligned = Aligned::new(data);
    let Some((low, high)) = aligned.extent(&[Role::Primary, Role::Comparison]) else {
        return no_data(canvas);
    };
    let (low, high) = if fill == Fill::ToZero || shows_zero(low, high) {
        (low.min(0.0), high.max(0.0))
    } else {
        (low, high)
    };
    let grain = if aligned.all_whole(Role::Primary) {
        Grain::Whole
    } else {
        Grain::Fine
    };
    let input = FrameInput {
        times: &aligned.times,
        step: data.step,
        zone: &data.zone,
        layout: Layout::Points,
        range: (low, high),
        grain,
    };
    let mut frame = Frame::new(input, canvas);
    let mut scene = canvas.scene();
    frame.draw_grid(&mut scene);
    // The first series lies on top, the compared period below all.
    let drawn = aligned.of_role(Role::Comparison).chain(
        aligned
            .of_role(Role::Primary)
            .collect::<Vec<_>>()
            .into_iter()
            .rev(),
    );
    for series in drawn {
        if fill == Fill::ToZero && series.role == Role::Primary {
            draw_area(&mut scene, &frame, &aligned, series);
        }
        draw_line(&mut scene, &frame, &aligned, series);
    }
    frame.draw_labels(&mut scene);
    scene.hits = frame.hits(&aligned, &|position, bucket| {
        aligned
            .series
            .get(position)
            .and_then(|series| series.value(bucket))
            .map(|value| frame.y.at(value))
    });
    scene.legend = aligned.legend();
    let name = if fill == Fill::None {
        ChartName::Line
    } else {
        ChartName::Area
    };
    scene.summary = summary::of_series(name, data, &aligned, canvas);
    scene
}

/// Zero belongs to the picture unless the data would shrink to less than a third of it. A single height has nothing
/// else to be seen against.
fn shows_zero(low: f64, high: f64) -> bool {
    if low >= 0.0 {
        low <= high * 0.67 || low == high
    } else {
        high > 0.0 || high >= low * 0.67 || low == high
    }
}

/// A line in runs: what lies between gaps, in pixels.
#[derive(Debug, Default)]
pub(super) struct Runs {
    pub(super) solid: Vec<Vec<Point>>,
    /// From the last complete bucket into those that are still running.
    pub(super) dashed: Vec<Point>,
}

/// Thins a series out to the pixels there are and splits it at its gaps.
pub(super) fn runs(
    aligned: &Aligned<'_>,
    series: &AlignedSeries<'_>,
    width: f64,
    at: &dyn Fn(i64, f64) -> Point,
) -> Runs {
    let points: Vec<(i64, Option<f64>)> = aligned
        .times
        .iter()
        .copied()
        .zip(series.values.iter().copied())
        .collect();
    let most = ((width * 1.5) as usize).max(8);
    let points = decimate(&points, most).unwrap_or(points);
    // The period compared with is over; only the running one has an end that will still change.
    let running = series.role != Role::Comparison;
    let partial_from = aligned
        .times
        .get(aligned.complete)
        .copied()
        .filter(|_| running)
        .unwrap_or(i64::MAX);
    let mut runs = Runs::default();
    let mut run: Vec<Point> = Vec::new();
    let mut joined = false;
    for (t_ms, value) in points {
        let point = value.map(|value| at(t_ms, value));
        if t_ms >= partial_from {
            if runs.dashed.is_empty() && !joined {
                runs.dashed.extend(run.last());
            }
            joined = true;
            runs.dashed.extend(point);
        } else if let Some(point) = point {
            run.push(point);
        } else if !run.is_empty() {
            runs.solid.push(core::mem::take(&mut run));
        }
    }
    if !run.is_empty() {
        runs.solid.push(run);
    }
    runs
}

fn runs_of(frame: &Frame<'_>, aligned: &Aligned<'_>, series: &AlignedSeries<'_>) -> Runs {
    runs(aligned, series, frame.plot.width(), &|t_ms, value| {
        Point::new(frame.x.at(t_ms), frame.y.at(value))
    })
}

fn draw_line(
    scene: &mut Scene,
    frame: &Frame<'_>,
    aligned: &Aligned<'_>,
    series: &AlignedSeries<'_>,
) {
    draw_runs(scene, &runs_of(frame, aligned, series), series);
}

/// Draws runs as lines, and as dots where a value stands alone.
pub(super) fn draw_runs(scene: &mut Scene, runs: &Runs, series: &AlignedSeries<'_>) {
    let mut solid = Path::default();
    for run in &runs.solid {
        match run.as_slice() {
            // A value that the dashed part starts from is no lonely one.
            [only] if runs.dashed.len() < 2 || runs.dashed.first() != Some(only) => {
                scene.circle(Shape::Dot, series.slot, *only, DOT_PX);
            }
            _ => polyline(&mut solid, run),
        }
    }
    scene.path(Shape::Line, series.slot, solid);
    match runs.dashed.as_slice() {
        [only] if runs.solid.last().and_then(|run| run.last()) != Some(only) => {
            scene.circle(Shape::Dot, series.slot, *only, DOT_PX);
        }
        points => {
            let mut dashed = Path::default();
            polyline(&mut dashed, points);
            scene.path(Shape::LinePartial, series.slot, dashed);
        }
    }
}

/// Appends a line through points, if there are two.
pub(super) fn polyline(path: &mut Path, points: &[Point]) {
    if points.len() < 2 {
        return;
    }
    for (index, point) in points.iter().enumerate() {
        if index == 0 {
            path.move_to(point.x, point.y);
        } else {
            path.line_to(point.x, point.y);
        }
    }
}

/// Appends the surface between points and a level, if there are two.
pub(super) fn surface(path: &mut Path, points: &[Point], level: f64) {
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        return;
    };
    if points.len() < 2 {
        return;
    }
    path.move_to(first.x, level);
    for point in points {
        path.line_to(point.x, point.y);
    }
    path.line_to(last.x, level);
    path.close();
}

fn draw_area(
    scene: &mut Scene,
    frame: &Frame<'_>,
    aligned: &Aligned<'_>,
    series: &AlignedSeries<'_>,
) {
    let runs = runs_of(frame, aligned, series);
    let mut area = Path::default();
    for run in runs.solid.iter().chain(core::iter::once(&runs.dashed)) {
        surface(&mut area, run, frame.zero());
    }
    scene.path(Shape::Area, series.slot, area);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_is_shown_unless_it_would_flatten_the_data() {
        assert!(shows_zero(10.0, 100.0));
        assert!(!shows_zero(90.0, 100.0));
        assert!(shows_zero(-5.0, 5.0));
        assert!(!shows_zero(-100.0, -90.0));
        assert!(shows_zero(0.0, 0.0));
    }
}
