use emban_chart::{Canvas, Size};

use super::*;
use crate::action::Action;
use crate::figure_input::scene;
use crate::words::ENGLISH;

fn widget(extra: serde_json::Value) -> SurfaceWidget {
    let mut widget = serde_json::json!({ "id": "w", "title": "Calls", "layout": { "x": 0, "y": 0, "w": 6, "h": 4 } });
    widget
        .as_object_mut()
        .unwrap()
        .extend(extra.as_object().unwrap().clone());
    serde_json::from_value(widget).unwrap()
}

fn drawn(widget: &SurfaceWidget, data: &WidgetData) -> Scene {
    let format = format(widget);
    let locale = Locale::from_tag("en");
    scene(
        widget,
        data,
        &[],
        &Canvas {
            size: Size::new(400.0, 200.0),
            title: "",
            format: &format,
            locale,
            strings: ENGLISH.chart,
        },
        &ENGLISH,
    )
    .unwrap()
}

fn series() -> WidgetData {
    serde_json::from_str(
        r#"{"series":[{"name":"count","points":[["2026-03-01T00:00:00Z",1200],["2026-03-02T00:00:00Z",3]]}],"granularity":"day",
        "from":"2026-03-01T00:00:00Z","to":"2026-03-03T00:00:00Z","partial_from":"2026-03-02T00:00:00Z","offsets":[["2026-03-01T00:00:00Z",0]]}"#,
    )
    .unwrap()
}

fn table() -> WidgetData {
    serde_json::from_str(
        r#"{"columns":[{"key":"model","type":"string"},{"key":"value","type":"number"},{"key":"previous_value","type":"number"}],
        "rows":[["m-1",30,20],[null,10,10]]}"#,
    )
    .unwrap()
}

#[test]
fn a_bucket_is_named_with_its_values() {
    let widget =
        widget(serde_json::json!({ "kind": "timeseries", "chart": "line", "drillable": true }));
    let (data, language) = (series(), Language::from_tag("en"));
    let scene = drawn(&widget, &data);
    let first = hit_at(&scene, scene.plot.left + 2.0, 50.0).unwrap();
    let tip = tip(&scene, first, &widget, &data, Language::from_tag("en")).unwrap();
    assert_eq!(
        (tip.title.as_str(), tip.lines[0].value.as_str()),
        ("Mar 1, 2026", "1,200")
    );
    assert_eq!(tip.dots.len(), 1);
    assert!(
        super::tip(&scene, 1, &widget, &data, Language::from_tag("en"))
            .unwrap()
            .title
            .ends_with("so far")
    );
    let Some(Action::Drill { point, .. }) = action(&scene, 1, &widget, &data, language) else {
        panic!("no drill")
    };
    assert_eq!(
        point.time.map(|t| t.to_string()).as_deref(),
        Some("2026-03-02T00:00:00Z")
    );
}

#[test]
fn a_slice_is_hit_inside_its_ring_and_in_its_line_of_the_key() {
    let widget = widget(
        serde_json::json!({ "kind": "breakdown", "chart": "donut", "groups": [{ "prop": "model", "click": "filter" }] }),
    );
    let data = table();
    let scene = drawn(&widget, &data);
    let Hits::Boxes(boxes) = &scene.hits else {
        panic!("no boxes")
    };
    let arc = boxes.iter().find_map(|b| b.arc).unwrap();
    assert!(
        hit_at(&scene, arc.center.x, arc.center.y).is_none(),
        "the hole"
    );
    let middle = (arc.radii.0 + arc.radii.1) / 2.0;
    assert_eq!(hit_at(&scene, arc.center.x + middle, arc.center.y), Some(0));
    for (position, slice) in boxes.iter().enumerate() {
        let key = slice.arc.and_then(|arc| arc.key).unwrap().center();
        assert_eq!(hit_at(&scene, key.x, key.y), Some(position));
    }
}

#[test]
fn a_slice_has_its_colour_in_its_tip_and_a_step_of_a_ramp_has_none() {
    let class = |chart: serde_json::Value, data: &WidgetData| {
        let widget = widget(chart);
        let shown = tip(
            &drawn(&widget, data),
            0,
            &widget,
            data,
            Language::from_tag("en"),
        );
        shown.unwrap().lines[0].class
    };
    let donut = serde_json::json!({ "kind": "breakdown", "chart": "donut" });
    assert_eq!(class(donut, &table()), Some("eb-s0"));
    let week = serde_json::json!({ "rows": ["1"], "columns": ["0", "1"], "cells": [[1.0, 2.0]] });
    let heat = serde_json::json!({ "kind": "heatmap", "chart": "heatmap" });
    assert_eq!(class(heat, &serde_json::from_value(week).unwrap()), None);
}

#[test]
fn a_click_filters_by_the_raw_value() {
    let widget = widget(
        serde_json::json!({ "kind": "breakdown", "chart": "horizontal_bar", "groups": [{ "prop": "model", "click": "filter" }] }),
    );
    let (data, language) = (table(), Language::from_tag("en"));
    let scene = drawn(&widget, &data);
    let filter = |value: &str| {
        Some(Action::Filter {
            prop: "model".into(),
            value: value.into(),
        })
    };
    assert_eq!(action(&scene, 0, &widget, &data, language), filter("m-1"));
    assert_eq!(action(&scene, 1, &widget, &data, language), filter(""));
    let tip = tip(&scene, 0, &widget, &data, Language::from_tag("en")).unwrap();
    assert_eq!(tip.spoken(), "m-1: 30, Previous 20, Change +50.0%");
}

#[test]
fn arrow_keys_stop_at_the_ends() {
    assert_eq!(KeyStep::Next.from(None, 3), Some(0));
    assert_eq!(KeyStep::Next.from(Some(2), 3), Some(2));
    assert_eq!(KeyStep::Previous.from(None, 3), Some(2));
    assert_eq!(KeyStep::Previous.from(Some(0), 3), Some(0));
    assert_eq!(KeyStep::Last.from(Some(0), 0), None);
}

#[test]
fn two_measures_are_told_apart() {
    let measures = serde_json::json!([{ "metric": "sum", "prop": "spend" }, { "metric": "avg", "prop": "ms" }]);
    let spend = serde_json::json!({ "format": "currency", "currency": "EUR" });
    let widget = |kind: &str, chart: &str| {
        widget(
            serde_json::json!({ "kind": kind, "chart": chart, "measures": measures, "options": spend }),
        )
    };
    let said = |widget: &SurfaceWidget, json: &str| {
        let data = serde_json::from_str(json).unwrap();
        let tip = tip(
            &drawn(widget, &data),
            0,
            widget,
            &data,
            Language::from_tag("en"),
        )
        .unwrap();
        tip.spoken()
    };
    let points = r#"{"columns":[{"key":"model","type":"string"},{"key":"value","type":"number"},{"key":"second_value","type":"number"}],
        "rows":[["m-1",30,20]]}"#;
    assert_eq!(
        said(&widget("breakdown", "scatter"), points),
        "m-1, Total spend €30.00, Average ms 20"
    );
    let lines = r#"{"series":[{"name":"sum","points":[["2026-03-01T00:00:00Z",30]]},{"name":"avg","role":"secondary","points":[["2026-03-01T00:00:00Z",20]]}],
        "granularity":"day","from":"2026-03-01T00:00:00Z","to":"2026-03-02T00:00:00Z","offsets":[["2026-03-01T00:00:00Z",0]]}"#;
    assert_eq!(
        said(&widget("timeseries", "dual_axis"), lines),
        "Mar 1, 2026, Total spend €30.00, Average ms 20"
    );
}
