use emban_chart::{Canvas, Size};
use serde_json::{Value, json};

use super::*;
use crate::figure_input::{format, scene};
use crate::words::ENGLISH;

/// A widget that may be drilled, with more members or others.
fn widget(more: Value) -> SurfaceWidget {
    let mut widget = json!({ "id": "w", "title": "Calls", "layout": { "x": 0, "y": 0, "w": 6, "h": 4 }, "drillable": true });
    let more = more.as_object().unwrap().clone();
    widget.as_object_mut().unwrap().extend(more);
    serde_json::from_value(widget).unwrap()
}

fn data(json: Value) -> WidgetData {
    serde_json::from_value(json).unwrap()
}

/// What a click on the n-th place of a chart does.
fn on_chart(widget: &SurfaceWidget, data: &WidgetData, place: usize, tag: &str) -> Option<Action> {
    let (format, language) = (format(widget), Language::from_tag(tag));
    let canvas = Canvas {
        size: Size::new(600.0, 300.0),
        title: "",
        format: &format,
        locale: language.locale,
        strings: ENGLISH.chart,
    };
    let scene = scene(widget, data, &[], &canvas, &ENGLISH).unwrap();
    action(&scene, place, widget, data, language)
}

/// What a click on a cell does: `=prop value` or the group behind it, and nothing.
fn on_cell(widget: &SurfaceWidget, data: &WidgetData, row: usize, column: usize) -> String {
    said(cell_action(widget, data, (row, column), &ENGLISH))
}

fn said(action: Option<Action>) -> String {
    match action {
        Some(Action::Filter { prop, value }) => format!("={prop} {value}"),
        Some(Action::Drill { point, title }) => {
            format!("{} {title}", serde_json::to_string(&point.group).unwrap())
        }
        None => String::new(),
    }
}

fn week() -> WidgetData {
    let rows: Vec<String> = (1..=7).map(|day: u32| day.to_string()).collect();
    let columns: Vec<String> = (0..24).map(|hour: u32| hour.to_string()).collect();
    data(json!({ "rows": rows, "columns": columns, "cells": vec![vec![1.0; 24]; 7] }))
}

#[test]
fn an_hour_of_a_heatmap_opens_its_rows_however_the_week_begins() {
    let heat = widget(json!({ "kind": "heatmap", "chart": "heatmap" }));
    for (tag, place, expect) in [
        ("de", 0, r#"["1","0"] Calls · Mo 00:00"#),
        ("de", 6 * 24 + 23, r#"["7","23"] Calls · So 23:00"#),
        ("en-US", 14, r#"["7","14"] Calls · Sun 2 PM"#),
        ("en-US", 24, r#"["1","0"] Calls · Mon 12 AM"#),
    ] {
        let found = said(on_chart(&heat, &week(), place, tag));
        assert_eq!(found.replace(['\u{a0}', '\u{202f}'], " "), expect, "{tag}");
    }
    let closed = widget(json!({ "kind": "heatmap", "chart": "heatmap", "drillable": false }));
    assert_eq!(on_chart(&closed, &week(), 0, "de"), None);
}

#[test]
fn a_step_of_a_funnel_opens_its_rows_by_number() {
    let steps = data(
        json!({ "columns": [{ "key": "step", "type": "string" }, { "key": "value", "type": "number" }],
        "rows": [["view", 30.0], ["view", 10.0]] }),
    );
    let funnel = widget(json!({ "kind": "breakdown", "chart": "funnel" }));
    assert_eq!(
        said(on_chart(&funnel, &steps, 1, "en")),
        r#"["2"] Calls · view"#
    );
    assert_eq!(on_cell(&funnel, &steps, 0, 0), r#"["1"] Calls · view"#);
    assert_eq!(on_cell(&funnel, &steps, 0, 1), "");
}

#[test]
fn a_cell_of_a_pivot_opens_the_rows_of_both_its_values() {
    let grid = data(
        json!({ "rows": ["eu", null, "other"], "columns": ["pro", "other"],
        "cells": [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], "other_row": true, "other_column": true }),
    );
    let pivot = |region: Value, plan: Value| {
        widget(json!({ "kind": "table", "chart": "pivot", "groups": [region, plan] }))
    };
    let filters = pivot(
        json!({ "prop": "region", "click": "filter" }),
        json!({ "prop": "plan", "click": "rows" }),
    );
    assert_eq!(on_cell(&filters, &grid, 0, 0), "=region eu");
    assert_eq!(
        on_cell(&filters, &grid, 0, 1),
        r#"["eu","pro"] Calls · eu · pro"#
    );
    assert_eq!(
        on_cell(&filters, &grid, 1, 1),
        r#"[null,"pro"] Calls · (none) · pro"#
    );
    for (row, column) in [(2, 0), (2, 1), (0, 2), (0, 3), (7, 0)] {
        assert_eq!(on_cell(&filters, &grid, row, column), "", "{row} {column}");
    }
    let rows = pivot(
        json!({ "prop": "region", "click": "rows" }),
        json!({ "prop": "plan" }),
    );
    assert_eq!(on_cell(&rows, &grid, 0, 0), r#"["eu"] Calls · eu"#);
    assert_eq!(
        on_cell(&rows, &grid, 0, 1),
        "",
        "the session may not use the plan"
    );
}

#[test]
fn each_group_of_a_table_does_what_its_property_can() {
    let routes = data(
        json!({ "columns": [{ "key": "origin", "type": "string" }, { "key": "dest", "type": "string" }, { "key": "value", "type": "number" }],
        "rows": [["JFK", "BZN", 3.0]] }),
    );
    let table = widget(json!({ "kind": "table", "chart": "table",
        "groups": [{ "prop": "origin", "click": "filter" }, { "prop": "dest", "click": "rows" }] }));
    assert_eq!(on_cell(&table, &routes, 0, 0), "=origin JFK");
    assert_eq!(
        on_cell(&table, &routes, 0, 1),
        r#"["JFK","BZN"] Calls · JFK · BZN"#
    );
    assert_eq!(on_cell(&table, &routes, 0, 2), "");
}

#[test]
fn a_bar_whose_property_is_no_filter_opens_its_rows() {
    let bars = data(
        json!({ "columns": [{ "key": "dest", "type": "string" }, { "key": "value", "type": "number" }],
        "rows": [["BZN", 3.0]], "other": [null, 7.0] }),
    );
    let of = |click: Value| {
        widget(
            json!({ "kind": "breakdown", "chart": "horizontal_bar", "groups": [{ "prop": "dest", "click": click }] }),
        )
    };
    let on = |click: &str, place| said(on_chart(&of(json!(click)), &bars, place, "en"));
    assert_eq!(on("filter", 0), "=dest BZN");
    assert_eq!(on("rows", 0), r#"["BZN"] Calls · BZN"#);
    assert_eq!(on("rows", 1), "", "what was not listed by itself");
    let silent = widget(
        json!({ "kind": "breakdown", "chart": "horizontal_bar", "groups": [{ "prop": "dest" }] }),
    );
    assert_eq!(on_chart(&silent, &bars, 0, "en"), None);
}

/// A widget of one measure.
fn measuring(metric: &str, more: Value) -> SurfaceWidget {
    let metric = Metric::named(metric).unwrap();
    let measures = vec![emban_contract::embed::Measured { metric, prop: None }];
    SurfaceWidget {
        measures,
        ..widget(more)
    }
}

#[test]
fn where_nothing_was_counted_there_is_nothing_to_open() {
    let grid = data(
        json!({ "rows": ["eu"], "columns": ["free", "pro", "team"], "cells": [[0.0, 2.0, null]] }),
    );
    let mut hours = week();
    if let WidgetData::Grid(hours) = &mut hours {
        hours.cells[0][0] = Some(0.0);
        hours.cells[0][1] = None;
    }
    let at = |day: u32, value: Value| json!([format!("2026-03-0{day}T00:00:00Z"), value]);
    let days = data(
        json!({ "granularity": "day", "from": "2026-03-01T00:00:00Z", "to": "2026-03-05T00:00:00Z", "offsets": [],
        "series": [{ "name": "m-1", "points": [at(1, json!(0.0)), at(2, json!(3.0)), at(3, json!(0.0)), at(4, json!(null))] },
            { "name": "m-2", "points": [at(1, json!(0.0)), at(2, json!(0.0)), at(3, json!(4.0)), at(4, json!(null))] },
            { "name": "count", "role": "comparison", "points": [at(1, json!(9.0)), at(2, json!(9.0)), at(3, json!(9.0)), at(4, json!(9.0))] }] }),
    );
    let plan =
        || json!([{ "prop": "region", "click": "rows" }, { "prop": "plan", "click": "rows" }]);
    for (metric, zero) in [("count", false), ("sum", true), ("ratio", true)] {
        let heat = measuring(metric, json!({ "kind": "heatmap", "chart": "heatmap" }));
        let opens = [0, 1, 2].map(|place| on_chart(&heat, &hours, place, "de").is_some());
        assert_eq!(opens, [zero, false, true], "{metric}");
        let pivot = measuring(
            metric,
            json!({ "kind": "table", "chart": "pivot", "groups": plan() }),
        );
        let opens = [1, 2, 3].map(|column| !on_cell(&pivot, &grid, 0, column).is_empty());
        assert_eq!(opens, [zero, true, false], "{metric}");
        for chart in ["line", "bar", "stacked_bar"] {
            let days_of = measuring(metric, json!({ "kind": "timeseries", "chart": chart }));
            let opens = [0, 1, 2, 3].map(|place| on_chart(&days_of, &days, place, "en").is_some());
            assert_eq!(opens, [zero, true, true, false], "{metric} {chart}");
        }
    }
}

#[test]
fn what_opens_is_called_by_its_widget_if_that_has_a_name() {
    let heat = widget(json!({ "kind": "heatmap", "chart": "heatmap", "title": "" }));
    assert_eq!(
        said(on_chart(&heat, &week(), 0, "de")),
        r#"["1","0"] Mo 00:00"#
    );
}
