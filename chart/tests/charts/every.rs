//! All charts by name, so that what is checked of one is checked of all.

use emban_chart::{
    Canvas, Categories, Format, Grid, ScatterPoint, Scene, Target, TimeSeries, area, bar,
    category_bar, donut, funnel, gauge, heatmap, horizontal_bar, line, progress, radar, scatter,
    sparkline, stacked_bar, treemap, waterfall,
};

pub(crate) type DrawTime = fn(&TimeSeries, &Canvas<'_>) -> Scene;
pub(crate) type DrawCategories = fn(&Categories, &Canvas<'_>) -> Scene;

/// Charts over time that need nothing but the data.
pub(crate) const OVER_TIME: [(&str, DrawTime); 6] = [
    ("line", line),
    ("area", area),
    ("bar", bar),
    ("stacked_bar", stacked_bar),
    ("waterfall", waterfall),
    ("sparkline", sparkline),
];

/// Charts of a breakdown.
pub(crate) const BREAKDOWNS: [(&str, DrawCategories); 6] = [
    ("horizontal_bar", horizontal_bar),
    ("category_bar", category_bar),
    ("donut", donut),
    ("funnel", funnel),
    ("treemap", treemap),
    ("radar", radar),
];

/// Charts with data of their own.
pub(crate) fn other_charts(
    grid: &Grid,
    cloud: &[ScatterPoint],
    target: Target,
    canvas: &Canvas<'_>,
) -> [(&'static str, Scene); 4] {
    [
        ("heatmap", heatmap(grid, canvas)),
        (
            "scatter",
            scatter(cloud, ["Calls", "Milliseconds"], &Format::compact(), canvas),
        ),
        ("progress", progress(target, canvas)),
        ("gauge", gauge(target, canvas)),
    ]
}
