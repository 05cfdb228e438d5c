//! Changes over time, each beginning where the one before ended.

use core::ops::Range;

use super::frame::Frame;
use super::time_bars::{bar_width, bars_input, upright};
use super::{no_data, summary};
use crate::aligned::{Aligned, extent};
use crate::data::{Canvas, Role, TimeSeries};
use crate::scene::{Path, RoundEnd, Scene, Shape, Slot};
use crate::strings::ChartName;

/// Draws the first primary series as changes that add up: rises and falls in their own colours.
///
/// A gap counts as no change.
pub fn waterfall(data: &TimeSeries, canvas: &Canvas<'_>) -> Scene {
    let aligned = Aligned::new(data);
    let Some(series) = aligned
        .of_role(Role::Primary)
        .find(|series| series.values.iter().any(Option::is_some))
    else {
        return no_data(canvas);
    };
    let mut sum = 0.0;
    let levels: Vec<(f64, f64)> = series
        .values
        .iter()
        .map(|change| {
            let begin = sum;
            sum += change.unwrap_or(0.0);
            (begin, sum)
        })
        .collect();
    let (low, high) = extent(levels.iter().map(|(_, end)| *end)).unwrap_or((0.0, 0.0));
    let mut frame = Frame::new(
        bars_input(data, &aligned, (low.min(0.0), high.max(0.0))),
        canvas,
    );
    let mut scene = canvas.scene();
    frame.draw_grid(&mut scene);
    draw_changes(&mut scene, &frame, &levels, &aligned.complete);
    frame.draw_labels(&mut scene);
    scene.hits = frame.hits(&aligned, &|position, bucket| {
        let shown = aligned
            .series
            .get(position)
            .is_some_and(|other| other.index == series.index);
        levels
            .get(bucket)
            .filter(|_| shown)
            .map(|(_, end)| frame.y.at(*end))
    });
    scene.summary = summary::of_series(ChartName::Waterfall, data, &aligned, canvas);
    scene
}

fn draw_changes(
    scene: &mut Scene,
    frame: &Frame<'_>,
    levels: &[(f64, f64)],
    complete: &Range<usize>,
) {
    let half = bar_width(frame.x.band()) / 2.0;
    let mut links = Path::default();
    // Rises and falls, each complete and in part.
    let mut paths = [(); 4].map(|()| Path::default());
    let [rises, falls, partial_rises, partial_falls] = &mut paths;
    for (bucket, (begin, end)) in levels.iter().enumerate() {
        let x = frame.x.x(bucket);
        if bucket + 1 < levels.len() {
            links.stroke(
                x + half,
                frame.y.at(*end),
                frame.x.x(bucket + 1) - half,
                frame.y.at(*end),
            );
        }
        if begin == end {
            continue;
        }
        let (rect, _) = upright(x - half, x + half, frame.y.at(*begin), frame.y.at(*end));
        let path = match (end > begin, complete.contains(&bucket)) {
            (true, true) => &mut *rises,
            (false, true) => &mut *falls,
            (true, false) => &mut *partial_rises,
            (false, false) => &mut *partial_falls,
        };
        path.bar(rect, RoundEnd::All, 2.0);
    }
    scene.path(Shape::Link, Slot::Plain, links);
    let looks = [
        (Shape::Bar, Slot::Positive),
        (Shape::Bar, Slot::Negative),
        (Shape::BarPartial, Slot::Positive),
        (Shape::BarPartial, Slot::Negative),
    ];
    for ((shape, slot), path) in looks.into_iter().zip(paths) {
        scene.path(shape, slot, path);
    }
}
