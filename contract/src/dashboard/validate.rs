//! Checks of a whole document: every problem at once, each with its place.

use std::collections::BTreeSet;

use super::{Chart, Condition, DashboardDocument, Layout, Metric, Widget, WidgetKind, WidgetQuery};
use crate::limits;
use crate::problem::Detail;

/// Columns of the grid.
const GRID_COLUMNS: u32 = 12;
/// Rows of the grid at most; keeps a layout from growing without bound.
const GRID_ROWS: u32 = 500;

/// Every problem of a document that its types cannot express, in document order; empty when it may be published.
pub fn validate(document: &DashboardDocument) -> Vec<Detail> {
    let mut problems = Problems::default();
    if document.name.trim().is_empty() {
        problems.add("/name", "must not be empty");
    }
    if document.name.len() > limits::NAME_BYTES {
        problems.add("/name", "is longer than 1024 bytes");
    }
    if document.widgets.is_empty() {
        problems.add("/widgets", "must hold at least one widget");
    }
    if document.widgets.len() > limits::WIDGETS_PER_DASHBOARD {
        problems.add("/widgets", "holds more than 60 widgets");
    }
    check_filters(document, &mut problems);
    let mut ids = BTreeSet::new();
    for (index, widget) in document.widgets.iter().enumerate() {
        let at = format!("/widgets/{index}");
        if !ids.insert(&widget.id) {
            problems.add(format!("{at}/id"), format!("`{}` is used twice", widget.id));
        }
        check_widget(&at, widget, &mut problems);
        for (other_index, other) in document.widgets.iter().enumerate().take(index) {
            if overlap(widget.layout, other.layout) {
                problems.add(
                    format!("{at}/layout"),
                    format!("overlaps with /widgets/{other_index}"),
                );
            }
        }
    }
    problems.0
}

#[derive(Default)]
struct Problems(Vec<Detail>);

impl Problems {
    fn add(&mut self, path: impl Into<String>, message: impl Into<String>) {
        self.0.push(Detail::new(path, message));
    }
}

fn check_filters(document: &DashboardDocument, problems: &mut Problems) {
    let filters = &document.filters;
    if let Some(default) = filters.default_period
        && !filters.periods.is_empty()
        && !filters.periods.contains(&default)
    {
        problems.add("/filters/default_period", "must be one of /filters/periods");
    }
    let mut seen = BTreeSet::new();
    for (index, dimension) in filters.dimensions.iter().enumerate() {
        check_prop(
            &format!("/filters/dimensions/{index}/prop"),
            &dimension.prop,
            problems,
        );
        if !seen.insert(&dimension.prop) {
            problems.add(
                format!("/filters/dimensions/{index}/prop"),
                "is listed twice",
            );
        }
    }
    for (index, range) in filters.numeric_ranges.iter().enumerate() {
        check_prop(
            &format!("/filters/numeric_ranges/{index}/prop"),
            &range.prop,
            problems,
        );
    }
}

fn check_prop(path: &str, prop: &str, problems: &mut Problems) {
    if prop.is_empty() || prop.len() > limits::NAME_BYTES {
        problems.add(path, "must be a property name of 1 to 1024 bytes");
    }
}

fn check_widget(at: &str, widget: &Widget, problems: &mut Problems) {
    if !widget.kind.charts().contains(&widget.chart) {
        problems.add(format!("{at}/chart"), "cannot draw this kind of widget");
    }
    let layout = widget.layout;
    if layout.w == 0 || layout.h == 0 || layout.x.saturating_add(layout.w) > GRID_COLUMNS {
        problems.add(
            format!("{at}/layout"),
            "must lie within the 12 columns and be at least 1 by 1",
        );
    }
    if layout.y.saturating_add(layout.h) > GRID_ROWS {
        problems.add(format!("{at}/layout"), "lies below row 500");
    }
    match (&widget.query, widget.kind) {
        (Some(_), WidgetKind::Text) => {
            problems.add(format!("{at}/query"), "a text widget asks nothing")
        }
        (None, WidgetKind::Text) => {}
        (None, _) => problems.add(format!("{at}/query"), "is required"),
        (Some(query), _) => check_query(&format!("{at}/query"), widget, query, problems),
    }
    if let Some(decimals) = widget.options.as_ref().and_then(|o| o.decimals)
        && decimals > 6
    {
        problems.add(format!("{at}/options/decimals"), "must be 0 to 6");
    }
}

fn check_query(at: &str, widget: &Widget, query: &WidgetQuery, problems: &mut Problems) {
    let funnel = widget.chart == Chart::Funnel;
    let stepped = funnel || query.metric == Metric::Conversion;
    if stepped {
        if query.steps.len() < 2 || query.steps.len() > 12 {
            problems.add(format!("{at}/steps"), "must hold 2 to 12 steps");
        }
    } else {
        if query.event_name.is_empty() || query.event_name.len() > limits::NAME_BYTES {
            problems.add(
                format!("{at}/event_name"),
                "must be an event name of 1 to 1024 bytes",
            );
        }
        if !query.steps.is_empty() {
            problems.add(
                format!("{at}/steps"),
                "only a funnel and the metric conversion take steps",
            );
        }
    }
    if query.metric == Metric::Conversion && widget.kind != WidgetKind::Kpi {
        problems.add(
            format!("{at}/metric"),
            "conversion is one number: only a kpi shows it",
        );
    }
    if (query.metric == Metric::Ratio) == query.numerator.is_empty() {
        problems.add(
            format!("{at}/numerator"),
            "belongs to the metric ratio, and to it only",
        );
    }
    if query.metric.needs_numeric_prop() && query.numeric_prop.is_none() {
        problems.add(format!("{at}/numeric_prop"), "is required by this metric");
    }
    check_second(at, widget, query, problems);
    check_grouping(at, widget, query, problems);
    if let Some(limit) = query.limit
        && (limit == 0 || limit > limits::MAX_ROWS)
    {
        problems.add(format!("{at}/limit"), "must be 1 to 1000");
    }
    for prop in [&query.numeric_prop, &query.second_numeric_prop]
        .into_iter()
        .flatten()
    {
        check_prop(&format!("{at}/numeric_prop"), prop, problems);
    }
    check_conditions(&format!("{at}/where"), &query.where_, problems);
    check_conditions(&format!("{at}/numerator"), &query.numerator, problems);
    for (index, step) in query.steps.iter().enumerate() {
        if step.event_name.is_empty() {
            problems.add(
                format!("{at}/steps/{index}/event_name"),
                "must not be empty",
            );
        }
        check_conditions(&format!("{at}/steps/{index}/where"), &step.where_, problems);
    }
}

fn check_second(at: &str, widget: &Widget, query: &WidgetQuery, problems: &mut Problems) {
    let takes_second = matches!(widget.chart, Chart::DualAxis | Chart::Scatter);
    match query.second_metric {
        None if takes_second => {
            problems.add(format!("{at}/second_metric"), "is required by this chart")
        }
        Some(_) if !takes_second && widget.kind != WidgetKind::Table => {
            problems.add(
                format!("{at}/second_metric"),
                "only dual_axis, scatter and table show a second measure",
            );
        }
        Some(Metric::Conversion | Metric::Ratio) => {
            problems.add(
                format!("{at}/second_metric"),
                "cannot be ratio or conversion",
            );
        }
        Some(metric) if metric.needs_numeric_prop() && query.second_numeric_prop.is_none() => {
            problems.add(
                format!("{at}/second_numeric_prop"),
                "is required by this metric",
            );
        }
        None | Some(_) => {}
    }
}

fn check_grouping(at: &str, widget: &Widget, query: &WidgetQuery, problems: &mut Problems) {
    let given = query.group_by.as_ref().map_or(0, |g| g.props().len());
    let wanted = match (widget.kind, widget.chart) {
        (_, Chart::Pivot) => 2..=2,
        (_, Chart::StackedBar) => 1..=1,
        (WidgetKind::Timeseries, _) => 0..=1,
        (_, Chart::Funnel) | (WidgetKind::Kpi | WidgetKind::Heatmap | WidgetKind::Text, _) => 0..=0,
        (WidgetKind::Breakdown, _) => 1..=1,
        (WidgetKind::Table, _) => 1..=4,
    };
    if !wanted.contains(&given) {
        let message = match (*wanted.start(), *wanted.end()) {
            (0, 0) => "is not used by this widget".to_owned(),
            (a, b) if a == b => format!(
                "must name {a} {}",
                if a == 1 { "property" } else { "properties" }
            ),
            (a, b) => format!("must name {a} to {b} properties"),
        };
        problems.add(format!("{at}/group_by"), message);
    }
    for prop in query.group_by.iter().flat_map(|g| g.props()) {
        check_prop(&format!("{at}/group_by"), prop, problems);
    }
}

fn check_conditions(at: &str, conditions: &[Condition], problems: &mut Problems) {
    for (index, condition) in conditions.iter().enumerate() {
        let (prop, fits) = match condition {
            Condition::In { prop, values } | Condition::NotIn { prop, values } => (
                prop,
                !values.is_empty() && values.len() <= limits::FILTER_VALUES,
            ),
            Condition::Between { prop, min, max } => {
                let ordered = match (min, max) {
                    (Some(min), Some(max)) => min <= max,
                    (None, None) => false,
                    (Some(_), None) | (None, Some(_)) => true,
                };
                (prop, ordered)
            }
        };
        check_prop(&format!("{at}/{index}/prop"), prop, problems);
        if !fits {
            problems.add(
                format!("{at}/{index}"),
                "must hold 1 to 200 values, or bounds in order",
            );
        }
    }
}

fn overlap(a: Layout, b: Layout) -> bool {
    let apart = |start_a: u32, len_a: u32, start_b: u32, len_b: u32| {
        start_a.saturating_add(len_a) <= start_b || start_b.saturating_add(len_b) <= start_a
    };
    !apart(a.x, a.w, b.x, b.w) && !apart(a.y, a.h, b.y, b.h)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(widgets: serde_json::Value) -> Vec<(String, String)> {
        let document: DashboardDocument =
            serde_json::from_value(serde_json::json!({"name": "d", "widgets": widgets})).unwrap();
        validate(&document)
            .into_iter()
            .map(|d| (d.path, d.message))
            .collect()
    }

    #[test]
    fn a_sound_document_has_no_problems() {
        let found = problems(serde_json::json!([
            {"id": "a", "kind": "kpi", "chart": "stat", "title": "A", "query": {"event_name": "e", "compare": "previous_period"},
             "layout": {"x": 0, "y": 0, "w": 3, "h": 2}},
            {"id": "b", "kind": "breakdown", "chart": "donut", "query": {"event_name": "e", "metric": "sum", "numeric_prop": "n", "group_by": "p"},
             "layout": {"x": 3, "y": 0, "w": 9, "h": 2}},
        ]));
        assert_eq!(found, []);
    }

    #[test]
    fn every_problem_is_named_at_once() {
        let found = problems(serde_json::json!([
            {"id": "a", "kind": "kpi", "chart": "donut", "query": {"event_name": "", "metric": "sum"}, "layout": {"x": 8, "y": 0, "w": 5, "h": 2}},
            {"id": "a", "kind": "breakdown", "chart": "bar", "query": {"event_name": "e", "limit": 0, "where": [{"op": "between", "prop": "x", "min": 2, "max": 1}]},
             "layout": {"x": 9, "y": 1, "w": 1, "h": 1}},
        ]));
        let paths: Vec<&str> = found.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(
            paths,
            [
                "/widgets/0/chart",
                "/widgets/0/layout",
                "/widgets/0/query/event_name",
                "/widgets/0/query/numeric_prop",
                "/widgets/1/id",
                "/widgets/1/query/group_by",
                "/widgets/1/query/limit",
                "/widgets/1/query/where/0",
                "/widgets/1/layout",
            ]
        );
    }
}
