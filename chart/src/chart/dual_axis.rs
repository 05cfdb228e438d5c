//! Two measures over time, each with its axis.

use super::frame::{Frame, FrameInput};
use super::line::{draw_runs, polyline, runs};
use super::time_bars::{bars_input, draw_groups};
use super::value_axis::{Side, ValueAxis, name_above, room_for_names};
use super::{no_data, summary};
use crate::aligned::Aligned;
use crate::data::{Canvas, Role, TimeSeries};
use crate::format::Format;
use crate::scale::{Grain, Linear};
use crate::scene::{Path, Point, Scene, Shape, Slot};
use crate::strings::ChartName;

/// Draws the primary series as bars on the left axis and the secondary ones as lines on the right axis.
///
/// Both axes begin at zero, and their round ticks share the grid lines where the data allows. Each is named by the first of
/// its series.
pub fn dual_axis(data: &TimeSeries, second_format: &Format, canvas: &Canvas<'_>) -> Scene {
    let aligned = Aligned::new(data).thinned((canvas.size.width / 2.0) as usize);
    if aligned.is_empty() {
        return no_data(canvas);
    }
    let with_zero = |roles: &[Role]| {
        aligned
            .extent(roles)
            .map_or((0.0, 1.0), |(low, high)| (low.min(0.0), high.max(0.0)))
    };
    let first = with_zero(&[Role::Primary, Role::Comparison]);
    let second = with_zero(&[Role::Secondary]);
    let names = [Role::Primary, Role::Secondary].map(|role| name_of(data, role));
    let head = room_for_names(names, canvas);
    let height = (canvas.size.height - 30.0 - head).max(8.0);
    let input = FrameInput {
        head,
        ..bars_input(data, &aligned, first)
    };
    let left = ValueAxis::new(first, input.grain, height, canvas.format, canvas);
    let grain = if aligned.all_whole(Role::Secondary) {
        Grain::Whole
    } else {
        Grain::Fine
    };
    let right = ValueAxis::new(second, grain, height, second_format, canvas).with_intervals_of(
        &left,
        second_format,
        canvas,
    );
    let right_ticks = (right.ticks.low(), right.ticks.high());
    let mut frame = Frame::with_axes(input, canvas, left, Some(right));
    let y = Linear {
        from: right_ticks,
        to: (frame.plot.bottom, frame.plot.top),
    };
    let mut scene = canvas.scene();
    frame.draw_grid(&mut scene);
    draw_groups(&mut scene, &frame, &aligned);
    for series in aligned.of_role(Role::Secondary) {
        let at = |t_ms: i64, value: f64| {
            let bucket = aligned.times.partition_point(|&begin| begin < t_ms);
            Point::new(frame.x.x(bucket), y.at(value))
        };
        let runs = runs(&aligned, series, frame.plot.width(), &at);
        let mut halo = Path::default();
        for run in &runs.solid {
            polyline(&mut halo, run);
        }
        scene.path(Shape::Halo, Slot::Plain, halo);
        draw_runs(&mut scene, &runs, series);
    }
    frame.draw_labels(&mut scene);
    if head > 0.0 {
        for (name, side) in names.into_iter().zip([Side::Left, Side::Right]) {
            name_above(&mut scene, name, side, canvas.size.width / 2.0 - 8.0);
        }
    }
    scene.hits = frame.hits(&aligned, &|position, bucket| {
        let series = aligned.series.get(position)?;
        let scale = if series.role == Role::Secondary {
            &y
        } else {
            &frame.y
        };
        series.value(bucket).map(|value| scale.at(value))
    });
    scene.legend = aligned.legend();
    scene.summary = summary::of_series(ChartName::DualAxis, data, &aligned, canvas);
    scene
}

fn name_of(data: &TimeSeries, role: Role) -> &str {
    let first = data.series.iter().find(|series| series.role == role);
    first.map_or("", |series| &series.name)
}
