//! The trend in a card.

use super::line::{draw_runs, runs, surface};
use super::summary;
use crate::aligned::Aligned;
use crate::data::{Canvas, Role, TimeSeries};
use crate::scale::Linear;
use crate::scene::{HitColumn, HitPoint, Hits, Path, Point, Scene, Shape};
use crate::strings::ChartName;

/// Room around the line for its width and the dot at its end, CSS pixels.
const MARGIN_PX: f64 = 4.0;

/// Draws the first primary series without axes, with a dot at its last value.
///
/// Without data the scene is empty and says so only in its summary: a card has its own words.
pub fn sparkline(data: &TimeSeries, canvas: &Canvas<'_>) -> Scene {
    let mut scene = canvas.scene();
    let aligned = Aligned::new(data);
    let extent = aligned.extent(&[Role::Primary]);
    let (Some((low, high)), Some(series)) = (extent, aligned.of_role(Role::Primary).next()) else {
        scene.empty = true;
        scene.summary = canvas.strings.no_data.to_owned();
        return scene;
    };
    let plot = canvas
        .bounds()
        .inset(MARGIN_PX.min(canvas.size.height / 4.0));
    let (first, last) = (
        aligned.times.first().copied().unwrap_or(0),
        aligned.times.last().copied().unwrap_or(0),
    );
    let x = Linear {
        from: (first as f64, last as f64),
        to: (plot.left, plot.right),
    };
    // All zero lies at the bottom, other flat data in the middle.
    let y = Linear {
        from: (low, if high == 0.0 && low == 0.0 { 1.0 } else { high }),
        to: (plot.bottom, plot.top),
    };
    let at = |t_ms: i64, value: f64| Point::new(x.at(t_ms as f64), y.at(value));
    let runs = runs(&aligned, series, plot.width(), &at);
    let mut area = Path::default();
    for run in runs.all() {
        surface(&mut area, run, canvas.size.height);
    }
    scene.plot = plot;
    scene.path(Shape::Area, series.slot, area);
    draw_runs(&mut scene, &runs, series);
    if let Some(end) = runs.end() {
        scene.circle(Shape::Dot, series.slot, end, 2.5);
    }
    scene.summary = summary::of_series(ChartName::Sparkline, data, &aligned, canvas);
    scene.hits = hits(&aligned, &x, &y);
    scene
}

fn hits(aligned: &Aligned<'_>, x: &Linear, y: &Linear) -> Hits {
    let mut columns: Vec<HitColumn> = Vec::with_capacity(aligned.times.len());
    let every = aligned
        .times
        .len()
        .div_ceil((x.to.1 - x.to.0).max(1.0) as usize)
        .max(1);
    for (bucket, &t_ms) in aligned.times.iter().enumerate().step_by(every) {
        let middle = x.at(t_ms as f64);
        let x0 = columns
            .last()
            .map_or(x.to.0, |before| (before.x + middle) / 2.0);
        if let Some(before) = columns.last_mut() {
            before.x1 = x0;
        }
        let points = aligned.series.iter().map(|series| HitPoint {
            series: series.index,
            value: series.value(bucket),
            y: series
                .value(bucket)
                .filter(|_| series.role == Role::Primary)
                .map(|value| y.at(value)),
        });
        let points = points.collect();
        columns.push(HitColumn {
            x0,
            x1: x.to.1,
            x: middle,
            t_ms,
            partial: !aligned.complete.contains(&bucket),
            points,
        });
    }
    Hits::Columns(columns)
}
