//! Axes and grid of charts over time.

use super::value_axis::{Side, ValueAxis};
use crate::aligned::Aligned;
use crate::calendar::{Step, Zone};
use crate::data::Canvas;
use crate::scale::{Grain, Linear};
use crate::scene::{Anchor, HitColumn, HitPoint, Hits, Point, Rect, Scene, TextStyle};
use crate::time_axis::{TimeLabels, TimeSpan, time_labels};

/// Room above the plot for half a label and the line's width, CSS pixels.
const TOP_PX: f64 = 8.0;
/// Height of the first row of time labels, CSS pixels.
const ROW_PX: f64 = 22.0;
/// Height of the second row, CSS pixels.
const SECOND_ROW_PX: f64 = 14.0;
/// Below this height a chart has no time labels, CSS pixels.
const LABELLED_PX: f64 = 72.0;

/// How buckets lie along the time axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// As points at their instant.
    Points,
    /// As bands of equal width.
    Bands,
}

/// The buckets of a chart in pixels.
#[derive(Debug, Clone)]
pub(super) struct Timeline<'a> {
    times: &'a [i64],
    layout: Layout,
    left: f64,
    right: f64,
    step: Step,
}

impl Timeline<'_> {
    /// Width of a band, or the mean distance of points.
    pub(super) fn band(&self) -> f64 {
        (self.right - self.left) / self.times.len().max(1) as f64
    }

    /// The pixel of a bucket: its instant's, or its band's middle.
    pub(super) fn x(&self, bucket: usize) -> f64 {
        match self.layout {
            Layout::Points => self
                .times
                .get(bucket)
                .map_or(self.left, |&t_ms| self.at(t_ms)),
            Layout::Bands => self.left + (bucket as f64 + 0.5) * self.band(),
        }
    }

    /// The pixel of an instant between the first and the last bucket.
    pub(super) fn at(&self, t_ms: i64) -> f64 {
        let (first, last) = (
            self.times.first().copied().unwrap_or(0),
            self.times.last().copied().unwrap_or(0),
        );
        Linear {
            from: (first as f64, last as f64),
            to: (self.left, self.right),
        }
        .at(t_ms as f64)
    }

    /// The pixel of a round time; none if no bucket begins within a step after it.
    fn tick(&self, t_ms: i64) -> Option<f64> {
        if self.layout == Layout::Points {
            return Some(self.at(t_ms));
        }
        let bucket = self.times.partition_point(|&begin| begin < t_ms);
        let begin = *self.times.get(bucket)?;
        // Where buckets were thinned out, they lie further apart than a step.
        let (first, last) = (self.times.first().copied()?, self.times.last().copied()?);
        let apart = last.saturating_sub(first) / (self.times.len() as i64 - 1).max(1);
        (begin.saturating_sub(t_ms) < self.step.about_ms().max(apart * 2)).then(|| self.x(bucket))
    }
}

/// What a chart over time is drawn on.
#[derive(Debug)]
pub(super) struct Frame<'a> {
    pub(super) plot: Rect,
    pub(super) y: Linear,
    pub(super) x: Timeline<'a>,
    labels: TimeLabels,
    axis: ValueAxis,
    second: Option<ValueAxis>,
}

/// What a frame is made from.
#[derive(Debug, Clone, Copy)]
pub(super) struct FrameInput<'a> {
    pub(super) times: &'a [i64],
    pub(super) step: Step,
    pub(super) zone: &'a Zone,
    pub(super) layout: Layout,
    /// Lowest and highest value to show.
    pub(super) range: (f64, f64),
    pub(super) grain: Grain,
    /// Room above the plot for names of axes, CSS pixels.
    pub(super) head: f64,
}

impl<'a> Frame<'a> {
    /// Lays out axes and plot.
    pub(super) fn new(input: FrameInput<'a>, canvas: &Canvas<'_>) -> Self {
        let height = (canvas.size.height - TOP_PX - ROW_PX).max(8.0);
        let axis = ValueAxis::new(input.range, input.grain, height, canvas.format, canvas);
        Self::with_axes(input, canvas, axis, None)
    }

    /// Lays out a plot between one or two axes that exist already.
    pub(super) fn with_axes(
        input: FrameInput<'a>,
        canvas: &Canvas<'_>,
        axis: ValueAxis,
        second: Option<ValueAxis>,
    ) -> Self {
        let width = canvas.size.width;
        let margin = if input.layout == Layout::Points {
            4.0
        } else {
            0.0
        };
        let right = width
            - second
                .as_ref()
                .map_or(margin, |second| second.gutter().max(margin));
        let left = axis.gutter().max(margin).min(right);
        let x = Timeline {
            times: input.times,
            layout: input.layout,
            left,
            right,
            step: input.step,
        };
        let mut labels = TimeLabels::default();
        if canvas.size.height >= LABELLED_PX {
            let span = TimeSpan {
                times: input.times,
                step: input.step,
                zone: input.zone,
                locale: canvas.locale,
                width,
            };
            labels = time_labels(&span, &|t_ms| x.tick(t_ms));
            if canvas.size.height < LABELLED_PX + 40.0 {
                labels.contexts.clear();
            }
        }
        let rows = match (labels.ticks.is_empty(), labels.contexts.is_empty()) {
            (true, _) if axis.gutter() > 0.0 => 7.0,
            (true, _) => 2.0,
            (false, true) => ROW_PX,
            (false, false) => ROW_PX + SECOND_ROW_PX,
        };
        let top = input.head + if axis.gutter() > 0.0 { TOP_PX } else { 3.0 };
        let plot = Rect::new(left, top, right, canvas.size.height - rows);
        Self {
            plot,
            y: axis.scale(&plot),
            x,
            labels,
            axis,
            second,
        }
    }

    /// Where bars begin: at zero, or at the edge nearest to it.
    pub(super) fn zero(&self) -> f64 {
        self.y.at(0.0_f64
            .min(self.axis.ticks.high())
            .max(self.axis.ticks.low()))
    }

    /// Draws the grid and the base line.
    pub(super) fn draw_grid(&self, scene: &mut Scene) {
        scene.plot = self.plot;
        self.axis.draw_grid(scene, &self.plot, self.zero());
    }

    /// Writes the labels of all axes.
    pub(super) fn draw_labels(&mut self, scene: &mut Scene) {
        self.axis.label(scene, &self.plot, Side::Left);
        if let Some(second) = &self.second {
            second.label(scene, &self.plot, Side::Right);
        }
        let labels = core::mem::take(&mut self.labels);
        for tick in labels.ticks {
            let at = Point::new(tick.x, self.plot.bottom + 17.0);
            scene.text(TextStyle::Tick, Anchor::Middle, at, tick.text);
        }
        for context in labels.contexts {
            let at = Point::new(context.x, self.plot.bottom + 31.0);
            scene.text(TextStyle::Context, Anchor::Middle, at, context.text);
        }
    }

    /// The strips for pointer and keyboard; `y` gives the height of a series in a bucket.
    pub(super) fn hits(
        &self,
        aligned: &Aligned<'_>,
        y: &dyn Fn(usize, usize) -> Option<f64>,
    ) -> Hits {
        // More strips than pixels cannot be told apart.
        let every = aligned
            .times
            .len()
            .div_ceil(self.plot.width().max(1.0) as usize)
            .max(1);
        let picked: Vec<(usize, i64)> = aligned
            .times
            .iter()
            .copied()
            .enumerate()
            .step_by(every)
            .collect();
        let mut columns = Vec::with_capacity(picked.len());
        let mut x0 = self.plot.left;
        for (position, &(bucket, t_ms)) in picked.iter().enumerate() {
            let x = self.x.x(bucket);
            let x1 = picked
                .get(position + 1)
                .map_or(self.plot.right, |(next, _)| (x + self.x.x(*next)) / 2.0);
            let points = aligned
                .series
                .iter()
                .enumerate()
                .map(|(position, series)| HitPoint {
                    series: series.index,
                    value: series.value(bucket),
                    y: series.value(bucket).and_then(|_| y(position, bucket)),
                });
            let points = points.collect();
            columns.push(HitColumn {
                x0,
                x1,
                x,
                t_ms,
                partial: !aligned.complete.contains(&bucket),
                points,
            });
            x0 = x1;
        }
        Hits::Columns(columns)
    }
}
