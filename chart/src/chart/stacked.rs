//! Bars over time, one series upon the other.

use super::frame::Frame;
use super::time_bars::{bar_width, bars_input, upright};
use super::{BAR_RADIUS, no_data, summary};
use crate::aligned::Aligned;
use crate::data::{Canvas, Role, TimeSeries};
use crate::scene::{Path, RoundEnd, Scene, Shape};
use crate::strings::ChartName;

/// Least height of a segment that can spare a pixel to be told from the next, CSS pixels.
const SEPARATED_PX: f64 = 3.0;

/// Draws the primary series of each bucket upon one another; negative values hang below zero.
pub fn stacked_bar(data: &TimeSeries, canvas: &Canvas<'_>) -> Scene {
    let aligned = Aligned::new(data).thinned((canvas.size.width / 2.0) as usize);
    if aligned.extent(&[Role::Primary]).is_none() {
        return no_data(canvas);
    }
    let stack = Stack::new(&aligned);
    let mut frame = Frame::new(bars_input(data, &aligned, stack.range), canvas);
    let mut scene = canvas.scene();
    frame.draw_grid(&mut scene);
    draw_segments(&mut scene, &frame, &aligned, &stack);
    frame.draw_labels(&mut scene);
    scene.hits = frame.hits(&aligned, &|position, bucket| {
        stack
            .ends
            .get(position)
            .and_then(|ends| ends.get(bucket))
            .map(|(_, end)| frame.y.at(*end))
    });
    scene.legend = aligned.legend();
    scene.summary = summary::of_series(ChartName::StackedBar, data, &aligned, canvas);
    scene
}

/// Where each value begins and ends, by series and bucket.
struct Stack {
    ends: Vec<Vec<(f64, f64)>>,
    range: (f64, f64),
}

impl Stack {
    fn new(aligned: &Aligned<'_>) -> Self {
        let mut tops = vec![(0.0_f64, 0.0_f64); aligned.times.len()];
        let mut range = (0.0_f64, 0.0_f64);
        let mut ends = Vec::with_capacity(aligned.series.len());
        for series in &aligned.series {
            let stacked = series
                .values
                .iter()
                .zip(tops.iter_mut())
                .map(|(value, (down, up))| {
                    let value = if series.role == Role::Primary {
                        value.unwrap_or(0.0)
                    } else {
                        0.0
                    };
                    let edge = if value < 0.0 { down } else { up };
                    let begin = *edge;
                    *edge += value;
                    range = (range.0.min(*edge), range.1.max(*edge));
                    (begin, *edge)
                });
            ends.push(stacked.collect());
        }
        Self { ends, range }
    }
}

fn draw_segments(scene: &mut Scene, frame: &Frame<'_>, aligned: &Aligned<'_>, stack: &Stack) {
    let half = bar_width(frame.x.band()) / 2.0;
    // The ends of each bucket's stack, which alone are round.
    let outer: Vec<(f64, f64)> = (0..aligned.times.len())
        .map(|bucket| {
            stack
                .ends
                .iter()
                .filter_map(|ends| ends.get(bucket))
                .fold((0.0, 0.0), |(low, high): (f64, f64), (_, end)| {
                    (low.min(*end), high.max(*end))
                })
        })
        .collect();
    for (series, ends) in aligned.series.iter().zip(&stack.ends) {
        let mut complete = Path::default();
        let mut partial = Path::default();
        for (bucket, ((begin, end), (low, high))) in ends.iter().zip(&outer).enumerate() {
            if begin == end {
                continue;
            }
            let x = frame.x.x(bucket);
            let (mut rect, mut round) =
                upright(x - half, x + half, frame.y.at(*begin), frame.y.at(*end));
            if end != low && end != high {
                round = RoundEnd::None;
            }
            if *begin != 0.0 && rect.height() > SEPARATED_PX {
                // The gap is taken from the end nearer to zero.
                if end > begin {
                    rect.bottom -= 1.0
                } else {
                    rect.top += 1.0
                }
            }
            let path = if aligned.complete.contains(&bucket) {
                &mut complete
            } else {
                &mut partial
            };
            path.bar(rect, round, BAR_RADIUS);
        }
        scene.path(Shape::Bar, series.slot, complete);
        scene.path(Shape::BarPartial, series.slot, partial);
    }
}
