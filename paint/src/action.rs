//! What a click on a figure does.

use emban_chart::{HitBox, Hits, Scene};
use emban_contract::UnixMillis;
use emban_contract::dashboard::{Chart, Metric};
use emban_contract::embed::{
    GridData, GroupClick, Point, SeriesRole, SurfaceWidget, TableData, TimeseriesData, WidgetData,
};

use crate::figure_input::text_of;
use crate::tooltip::instant;
use crate::wording::value_label;
use crate::words::{Language, Words};

/// Hours of a day, as a heatmap's columns.
const HOURS: usize = 24;

/// What a click does.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Choose a value of a dimension, or take the choice back.
    Filter {
        /// The dimension.
        prop: String,
        /// The value; empty for events that lack the property.
        value: String,
    },
    /// Show the rows behind the point.
    Drill {
        /// The point.
        point: Point,
        /// What it is called, after its widget.
        title: String,
    },
}

/// What a click on a place of a chart does, if anything.
pub fn action(
    scene: &Scene,
    index: usize,
    widget: &SurfaceWidget,
    data: &WidgetData,
    language: Language,
) -> Option<Action> {
    match (&scene.hits, data) {
        (Hits::Columns(columns), WidgetData::Timeseries(series)) if widget.drillable => {
            let at = UnixMillis(columns.get(index)?.t_ms);
            has_events(widget, series, at).then(|| {
                let point = Point {
                    time: Some(at),
                    group: None,
                };
                drill(widget, point, instant(series, at.0, language.locale))
            })
        }
        (Hits::Boxes(boxes), WidgetData::Grid(_)) => {
            let first_day = language.locale.first_weekday as usize;
            on_hour(widget, boxes.get(index)?, first_day)
        }
        (Hits::Boxes(boxes), _) => {
            cell_action(widget, data, (boxes.get(index)?.index?, 0), language.words)
        }
        (Hits::None | Hits::Columns(_), _) => None,
    }
}

/// Whether a figure may have events behind it: something was measured, and a count is not zero. Of other measures zero is
/// a value like any other.
fn is_something(widget: &SurfaceWidget, value: Option<f64>) -> bool {
    let counts = widget.measures.first().map(|measured| measured.metric) == Some(Metric::Count);
    value.is_some_and(|value| value != 0.0 || !counts)
}

/// Whether a step of time may have events behind it, those of series that the viewer has switched off among them.
fn has_events(widget: &SurfaceWidget, data: &TimeseriesData, at: UnixMillis) -> bool {
    let own = data
        .series
        .iter()
        .filter(|series| series.role != SeriesRole::Comparison);
    own.flat_map(|series| &series.points)
        .any(|(time, value)| *time == at && is_something(widget, *value))
}

/// What a click on a cell of a table does, if anything: its row in the server's order, and its column.
pub fn cell_action(
    widget: &SurfaceWidget,
    data: &WidgetData,
    cell: (usize, usize),
    words: &Words,
) -> Option<Action> {
    match data {
        WidgetData::Table(table) => row_action(widget, table, cell, words),
        WidgetData::Grid(grid) if widget.chart == Chart::Pivot => {
            pivot_action(widget, grid, cell, words)
        }
        WidgetData::Grid(_) | WidgetData::Timeseries(_) | WidgetData::Kpi(_) => None,
    }
}

/// As [`cell_action`], for a table.
pub(crate) fn row_action(
    widget: &SurfaceWidget,
    table: &TableData,
    (row, column): (usize, usize),
    words: &Words,
) -> Option<Action> {
    let cells = table.rows.get(row)?.get(..=column)?;
    let values: Vec<Option<String>> = cells.iter().map(text_of).collect();
    if widget.chart == Chart::Funnel {
        // A step is named by its number: two may have the same label.
        let number = Some((row + 1).to_string());
        let can = widget.drillable && column == 0;
        return can.then(|| drill_group(widget, vec![number], titled(widget, &values, words)));
    }
    on_group(widget, values, words)
}

/// The head of a row is a value of the outer property; a cell is one of both.
fn pivot_action(
    widget: &SurfaceWidget,
    grid: &GridData,
    (row, column): (usize, usize),
    words: &Words,
) -> Option<Action> {
    let last = |at: usize, all: &[Option<String>]| at + 1 == all.len();
    let outer = grid.rows.get(row)?.clone();
    if grid.other_row && last(row, &grid.rows) {
        return None;
    }
    let Some(column) = column.checked_sub(1) else {
        return on_group(widget, vec![outer], words);
    };
    let values = vec![outer, grid.columns.get(column)?.clone()];
    let is_rest = grid.other_column && last(column, &grid.columns);
    let figure = *grid.cells.get(row)?.get(column)?;
    (!is_rest && is_something(widget, figure) && may_drill(widget, values.len()))
        .then(|| drill_group(widget, values.clone(), titled(widget, &values, words)))
}

/// What a click on a value of the grouping does; `values` leads from the outermost group to it.
fn on_group(widget: &SurfaceWidget, values: Vec<Option<String>>, words: &Words) -> Option<Action> {
    let grouped = widget.groups.get(values.len().checked_sub(1)?)?;
    match grouped.click? {
        GroupClick::Filter => Some(Action::Filter {
            prop: grouped.prop.clone(),
            value: values.into_iter().next_back().flatten().unwrap_or_default(),
        }),
        GroupClick::Rows => may_drill(widget, values.len())
            .then(|| drill_group(widget, values.clone(), titled(widget, &values, words))),
    }
}

/// Whether the session may ask for the rows behind values of the first so many groups.
fn may_drill(widget: &SurfaceWidget, depth: usize) -> bool {
    let groups = widget.groups.get(..depth);
    widget.drillable && groups.is_some_and(|groups| groups.iter().all(|g| g.click.is_some()))
}

/// The rows of an hour of a day of the week. Days stand in the order of the locale's week, whose first is `first_day` after
/// Monday.
fn on_hour(widget: &SurfaceWidget, hour: &HitBox, first_day: usize) -> Option<Action> {
    let position = hour
        .index
        .filter(|_| widget.drillable && is_something(widget, hour.value))?;
    let day = (position / HOURS + first_day) % 7 + 1;
    let group = [day, position % HOURS].map(|label| Some(label.to_string()));
    Some(drill_group(widget, group.into(), hour.label.clone()))
}

fn drill_group(widget: &SurfaceWidget, group: Vec<Option<String>>, called: String) -> Action {
    let point = Point {
        time: None,
        group: Some(group),
    };
    drill(widget, point, called)
}

/// The rows behind a point of a widget, named by both.
fn drill(widget: &SurfaceWidget, point: Point, called: String) -> Action {
    let title = if widget.title.is_empty() {
        called
    } else {
        [&widget.title, " · ", &called].concat()
    };
    Action::Drill { point, title }
}

fn titled(widget: &SurfaceWidget, values: &[Option<String>], words: &Words) -> String {
    let options = widget.options.as_ref();
    let mut title = String::new();
    for value in values {
        if !title.is_empty() {
            title.push_str(" · ");
        }
        title.push_str(&value_label(value.as_deref(), options, words));
    }
    title
}

#[cfg(test)]
mod tests;
