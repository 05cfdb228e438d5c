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
        head: 0.0,
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
    /// Buckets that are not complete, each run joined to the complete one beside it.
    pub(super) dashed: Vec<Vec<Point>>,
}

impl Runs {
    fn push(&mut self, run: Vec<Point>, is_partial: bool) {
        let runs = if is_partial {
            &mut self.dashed
        } else {
            &mut self.solid
        };
        if !run.is_empty() {
            runs.push(run);
        }
    }

    /// All of them, to be filled alike.
    pub(super) fn all(&self) -> impl Iterator<Item = &Vec<Point>> {
        self.solid.iter().chain(&self.dashed)
    }

    /// The rightmost point.
    pub(super) fn end(&self) -> Option<Point> {
        self.all()
            .filter_map(|run| run.last())
            .copied()
            .max_by(|a, b| a.x.total_cmp(&b.x))
    }
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
    let instant = |bucket: usize| aligned.times.get(bucket).copied().unwrap_or(i64::MAX);
    let whole = instant(aligned.complete.start)..instant(aligned.complete.end);
    // Of the period compared with as much is shown as of the one that runs: nothing of it will change.
    let is_partial = |t_ms: i64| series.role != Role::Comparison && !whole.contains(&t_ms);
    let mut runs = Runs::default();
    let mut run: Vec<Point> = Vec::new();
    let mut partial = false;
    for (t_ms, value) in points {
        let Some(point) = value.map(|value| at(t_ms, value)) else {
            runs.push(core::mem::take(&mut run), partial);
            continue;
        };
        if !run.is_empty() && is_partial(t_ms) != partial {
            // The partial one of the two runs reaches to the other.
            let last = run.last().copied().filter(|_| !partial);
            if partial {
                run.push(point);
            }
            runs.push(core::mem::take(&mut run), partial);
            run.extend(last);
        }
        partial = is_partial(t_ms);
        run.push(point);
    }
    runs.push(run, partial);
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
            // A value that a dashed part begins or ends with is no lonely one.
            [only] if !runs.dashed.iter().any(|dashed| dashed.contains(only)) => {
                scene.circle(Shape::Dot, series.slot, *only, DOT_PX);
            }
            _ => polyline(&mut solid, run),
        }
    }
    scene.path(Shape::Line, series.slot, solid);
    let mut dashed = Path::default();
    for run in &runs.dashed {
        match run.as_slice() {
            [only] => scene.circle(Shape::Dot, series.slot, *only, DOT_PX),
            points => polyline(&mut dashed, points),
        }
    }
    scene.path(Shape::LinePartial, series.slot, dashed);
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
    for run in runs.all() {
        surface(&mut area, run, frame.zero());
    }
    scene.path(Shape::Area, series.slot, area);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::{Step, Zone};
    use crate::data::{Series, TimeSeries};

    #[test]
    fn a_line_is_dashed_where_it_is_cut_and_where_it_runs_and_joined_to_what_is_whole() {
        let points = [1.0, 2.0, 3.0, 4.0, 5.0].map(Some);
        let runs_of = |points: &[Option<f64>], until, from| {
            let data = TimeSeries {
                series: vec![Series {
                    points: (0..).zip(points.iter().copied()).collect(),
                    ..Series::default()
                }],
                step: Step::Week,
                partial_from: from,
                partial_until: until,
                zone: Zone::utc(),
            };
            let aligned = Aligned::new(&data);
            let at = |t_ms: i64, value| Point::new(t_ms as f64, value);
            let Runs { solid, dashed } = runs(&aligned, &aligned.series[0], 100.0, &at);
            [solid, dashed].map(|runs| {
                let values = |run: &Vec<Point>| run.iter().map(|point| point.y).collect();
                runs.iter().map(values).collect::<Vec<Vec<f64>>>()
            })
        };
        let [solid, dashed] = runs_of(&points, Some(1), Some(4));
        assert_eq!(solid, [vec![2.0, 3.0, 4.0]]);
        assert_eq!(dashed, [vec![1.0, 2.0], vec![4.0, 5.0]]);
        let [solid, dashed] = runs_of(&points[..2], Some(1), Some(1));
        assert_eq!((solid, dashed), (vec![], vec![vec![1.0, 2.0]]));
        let gap = [Some(1.0), None, Some(3.0), None, Some(5.0)];
        let [solid, dashed] = runs_of(&gap, Some(1), Some(4));
        assert_eq!(
            (solid, dashed),
            (vec![vec![3.0]], vec![vec![1.0], vec![5.0]])
        );
    }

    #[test]
    fn zero_is_shown_unless_it_would_flatten_the_data() {
        assert!(shows_zero(10.0, 100.0));
        assert!(!shows_zero(90.0, 100.0));
        assert!(shows_zero(-5.0, 5.0));
        assert!(!shows_zero(-100.0, -90.0));
        assert!(shows_zero(0.0, 0.0));
    }
}
