use super::*;

fn surface() -> Surface {
    serde_json::from_value(serde_json::json!({
        "dashboard_id": "dash_a", "version": 1, "name": "Usage",
        "filters": { "periods": [], "default_period": "7d", "dimensions": [{ "prop": "model", "label": "AI model", "multi": true }],
                     "numeric_ranges": [], "date_range": false, "max_date_range_days": 0 },
        "widgets": [
            { "id": "t", "kind": "table", "chart": "table", "title": "Calls", "layout": { "x": 0, "y": 0, "w": 6, "h": 4 } },
            { "id": "h", "kind": "heatmap", "chart": "heatmap", "title": "Hours", "layout": { "x": 0, "y": 0, "w": 6, "h": 4 } },
            { "id": "l", "kind": "timeseries", "chart": "line", "title": "Trend", "layout": { "x": 0, "y": 0, "w": 6, "h": 4 } }
        ],
        "allow_drill_down": true, "allow_export": true, "timezone": "Europe/Berlin", "refresh": 15, "expires_in": 60
    }))
    .unwrap()
}

#[test]
fn numbers_of_events_keep_their_decimals() {
    for (value, expect) in [
        (306.81, 2),
        (-0.125, 3),
        (7.0, 0),
        (0.000_05, 5),
        (1_111_573.42, 2),
        (1.0 / 3.0, 6),
        (4e15, 0),
    ] {
        assert_eq!(decimals(value), expect, "{value}");
    }
}

fn texts(model: &TableModel) -> Vec<Vec<String>> {
    model
        .rows
        .iter()
        .map(|row| {
            row.cells
                .iter()
                .map(|c| c.text.replace('\u{a0}', " "))
                .collect()
        })
        .collect()
}

fn read(widget: usize, json: &str) -> TableModel {
    let surface = surface();
    let reading = Reading {
        surface: &surface,
        widget: Some(&surface.widgets[widget]),
        language: Language::from_tag("en-US"),
        offset_at: |_, _| 3600,
    };
    table(&serde_json::from_str(json).unwrap(), reading)
}

#[test]
fn the_unit_is_the_first_measures() {
    let mut surface = surface();
    let options = serde_json::json!({ "unit": "ms", "decimals": 1 });
    for widget in &mut surface.widgets {
        widget.options = Some(serde_json::from_value(options.clone()).unwrap());
    }
    let both = |widget: usize, json: &str| {
        let reading = Reading {
            surface: &surface,
            widget: Some(&surface.widgets[widget]),
            language: Language::from_tag("en-US"),
            offset_at: |_, _| 3600,
        };
        texts(&table(&serde_json::from_str(json).unwrap(), reading))[0][1..].to_vec()
    };
    let columns = r#"{"columns":[{"key":"model","type":"string"},{"key":"value","type":"number"},{"key":"second_value","type":"number"}],
        "rows":[["m-1",230.5,4.5]]}"#;
    assert_eq!(both(0, columns), ["230.5 ms", "4.5"]);
    let lines = r#"{"granularity":"day","from":"2026-03-01T00:00:00Z","to":"2026-03-02T00:00:00Z","offsets":[],"series":[
        {"name":"avg","role":"primary","points":[["2026-03-01T00:00:00Z",230.5]]},
        {"name":"max","role":"secondary","points":[["2026-03-01T00:00:00Z",4.5]]}]}"#;
    assert_eq!(both(2, lines), ["230.5 ms", "4.5"]);
}

const TABLE: &str = r#"{"columns":[{"key":"model","type":"string"},{"key":"value","type":"number"},{"key":"delta_pct","type":"number"}],
    "rows":[["m-1",1200.0,-4.0],[null,3.0,null],["M-0",40.0,2.5]],"other":[null,7.0,null]}"#;

#[test]
fn a_breakdown_reads_with_labels_and_a_foot() {
    let model = read(0, TABLE);
    assert_eq!(
        model
            .columns
            .iter()
            .map(|c| c.label.as_str())
            .collect::<Vec<_>>(),
        ["AI model", "Calls", "Change"]
    );
    assert_eq!(
        texts(&model)[..2],
        [["m-1", "1,200", "−4.0%"], ["(none)", "3", "–"]]
    );
    assert_eq!(model.rows[0].cells[2].tone, Tone::Bad);
    assert_eq!(
        model.foot.as_deref().map(|f| f.join("|")).as_deref(),
        Some("Other|7|–")
    );
}

#[test]
fn a_column_sorts_both_ways_with_missing_values_last() {
    let model = read(0, TABLE);
    let firsts = |sort| {
        order(&model.rows, Some(sort))
            .into_iter()
            .map(|at| model.rows[at].cells[0].text.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        firsts(Sort {
            column: 1,
            descending: true
        }),
        ["m-1", "M-0", "(none)"]
    );
    assert_eq!(
        firsts(Sort {
            column: 2,
            descending: false
        }),
        ["m-1", "M-0", "(none)"]
    );
    assert_eq!(
        firsts(Sort {
            column: 0,
            descending: false
        }),
        ["M-0", "m-1", "(none)"]
    );
}

#[test]
fn series_stand_side_by_side_in_the_sessions_zone() {
    let model = read(
        2,
        r#"{"series":[{"name":"count","points":[["2026-03-01T23:00:00Z",12],["2026-03-02T23:00:00Z",null]]},
            {"name":"count","role":"comparison","points":[["2026-03-02T23:00:00Z",5]]}],
            "granularity":"day","from":"2026-03-01T23:00:00Z","to":"2026-03-03T23:00:00Z","offsets":[["2026-03-01T00:00:00Z",3600]]}"#,
    );
    assert_eq!(model.columns[1].label, "Trend");
    assert_eq!(
        texts(&model),
        [["Mar 2, 2026", "12", "–"], ["Mar 3, 2026", "–", "5"]]
    );
}

#[test]
fn the_rest_of_a_pivot_is_said_in_the_viewers_language() {
    let mut surface = surface();
    surface.widgets[0].chart = emban_contract::dashboard::Chart::Pivot;
    surface.widgets[0].groups =
        serde_json::from_str(r#"[{"prop":"model"},{"prop":"plan"}]"#).unwrap();
    let said = |json: &str| {
        let reading = Reading {
            surface: &surface,
            widget: Some(&surface.widgets[0]),
            language: Language::from_tag("de"),
            offset_at: |_, _| 0,
        };
        let model = table(&serde_json::from_str(json).unwrap(), reading);
        let heads: Vec<_> = model.columns.iter().map(|c| c.label.clone()).collect();
        (heads, texts(&model), model.foot)
    };
    let cells = r#""rows":["eu","other"],"columns":["free","other"],"cells":[[1,2],[3,4]]"#;
    let (heads, rows, foot) = said(&format!(
        r#"{{{cells},"other_row":true,"other_column":true}}"#
    ));
    assert_eq!(heads, ["AI model", "free", "Sonstige"]);
    assert_eq!(rows, [["eu", "1", "2"]]);
    assert_eq!(
        foot.map(|foot| foot.join("|")).as_deref(),
        Some("Sonstige|3|4")
    );
    let (heads, rows, foot) = said(&format!("{{{cells}}}"));
    assert_eq!(
        heads,
        ["AI model", "free", "other"],
        "a value that is called so"
    );
    assert_eq!((rows.len(), foot), (2, None));
}

#[test]
fn a_heatmap_reads_in_the_order_and_names_of_its_chart() {
    let model = read(
        1,
        r#"{"rows":["1","7"],"columns":["0","13"],"cells":[[1,null],[2,3]]}"#,
    );
    let heads: Vec<_> = model
        .columns
        .iter()
        .map(|c| c.label.replace('\u{a0}', " "))
        .collect();
    assert_eq!(
        (heads[0].as_str(), heads[1].as_str(), heads[14].as_str()),
        ("Day", "12 AM", "1 PM")
    );
    let rows = texts(&model);
    assert_eq!([&rows[0][0], &rows[0][1], &rows[0][14]], ["Sun", "2", "3"]);
    assert_eq!([&rows[1][0], &rows[1][1], &rows[1][14]], ["Mon", "1", "–"]);
}

#[test]
fn events_read_with_the_labels_of_the_widgets_that_group_by_their_properties() {
    let mut surface = surface();
    surface.widgets[0].groups = serde_json::from_str(r#"[{"prop":"model"}]"#).unwrap();
    surface.widgets[0].options =
        serde_json::from_str(r#"{"value_labels":{"m-1":"Small"}}"#).unwrap();
    let reading = Reading {
        surface: &surface,
        widget: None,
        language: Language::from_tag("en-US"),
        offset_at: |_, _| 3600,
    };
    let columns: Vec<Column> = serde_json::from_str(
        r#"[{"key":"timestamp","type":"time"},{"key":"model","type":"string"},{"key":"plan","type":"string"}]"#,
    )
    .unwrap();
    let text = |text: &str| Cell::Text(text.to_owned());
    let rows = [vec![text("2026-03-01T13:00:00Z"), text("m-1"), text("m-1")]];
    assert_eq!(
        texts(&of_rows(&columns, &rows, reading)),
        [["Mar 1, 2:00 PM", "Small", "m-1"]]
    );
}

#[test]
fn counts_stay_whole_beside_averages_with_decimals() {
    let mut surface = surface();
    surface.widgets[0].options = serde_json::from_str(r#"{"decimals":1}"#).unwrap();
    let reading = Reading {
        surface: &surface,
        widget: Some(&surface.widgets[0]),
        language: Language::from_tag("en-US"),
        offset_at: |_, _| 3600,
    };
    let data = r#"{"columns":[{"key":"model","type":"string"},{"key":"value","type":"number"},{"key":"second_value","type":"number"}],
        "rows":[["a",1348,2],["b",7,2.25]]}"#;
    let model = table(&serde_json::from_str(data).unwrap(), reading);
    assert_eq!(texts(&model), [["a", "1,348", "2.0"], ["b", "7", "2.3"]]);
}

#[test]
fn a_column_is_sorted_one_way_then_the_other_then_not_at_all() {
    let first = next_sort(None, 2, First::Largest);
    assert!(first.is_some_and(|sort| sort.descending && sort.column == 2));
    let second = next_sort(first, 2, First::Largest);
    assert!(second.is_some_and(|sort| !sort.descending));
    assert_eq!(next_sort(second, 2, First::Largest), None);
    assert!(
        next_sort(second, 0, First::Smallest)
            .is_some_and(|sort| !sort.descending && sort.column == 0)
    );
}
