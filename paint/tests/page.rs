//! A whole dashboard as text: what stands in it, and that nothing of a tenant's becomes markup.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot read its own fixture has failed"
)]

use std::collections::BTreeMap;

use emban_contract::UnixMillis;
use emban_contract::embed::{Cell, Column, DimensionValue, Surface, SurfaceWidget, WidgetData};
use emban_paint::{
    CardState, Choice, Fetch, Figures, Language, Offer, OpenPanel, Page, Panel, Rows, Screen,
    Shown, Sort, Styles, Trouble, banner, card, chips, head, page, panel, sheet, shell, whole,
};
use proptest::prelude::*;
use serde_json::{Value, json};

/// 2 March 2026, 20:00 UTC.
const NOW: UnixMillis = UnixMillis(1_772_481_600_000);

/// A dashboard that holds every kind of card, in which `{}` stands for any text of a company's or a tenant's.
fn fixture(text: &str) -> (Surface, BTreeMap<String, WidgetData>) {
    let at = |y: u32| json!({ "x": 0, "y": y, "w": 6, "h": 4 });
    let widget = |id: &str, kind: &str, chart: &str, y: u32| {
        json!({ "id": id, "kind": kind, "chart": chart, "title": text, "layout": at(y), "period": "7d", "drillable": true,
                "groups": [{ "prop": "model", "click": "filter" }, { "prop": text, "click": "rows" }], "options": { "label": text, "second_label": text, "unit": text,
                "markdown": format!("# {text}\n\n- {text} **{text}** `{text}`\n\n[{text}](https://x.example/{text})"),
                "value_labels": { "labelled": text } } })
    };
    let kinds = [
        ("stat", "kpi", "stat"),
        ("line", "timeseries", "line"),
        ("stacked", "timeseries", "stacked_bar"),
        ("list", "breakdown", "list"),
        ("bars", "breakdown", "horizontal_bar"),
        ("table", "table", "table"),
        ("pivot", "table", "pivot"),
        ("heat", "heatmap", "heatmap"),
        ("text", "text", "text"),
    ];
    let widgets: Vec<Value> = (0..)
        .zip(kinds)
        .map(|(at, (id, kind, chart))| widget(id, kind, chart, at * 4))
        .collect();
    let surface = json!({
        "dashboard_id": "dash_a", "version": 1, "name": text, "description": text,
        "filters": { "periods": ["24h", "7d"], "default_period": "7d", "dimensions": [{ "prop": "model", "label": text, "multi": true }],
                     "numeric_ranges": [{ "prop": text }], "date_range": true, "max_date_range_days": 0 },
        "widgets": widgets, "allow_drill_down": true, "allow_export": true, "timezone": "UTC", "refresh": 15, "expires_in": 60
    });
    let series = json!({ "series": [{ "name": text, "points": [["2026-03-01T00:00:00Z", 12.0], ["2026-03-02T00:00:00Z", 3.5]] },
        { "name": text, "role": "comparison", "points": [["2026-03-01T00:00:00Z", 1.0], ["2026-03-02T00:00:00Z", 2.0]] }],
        "granularity": "day", "from": "2026-03-01T00:00:00Z", "to": "2026-03-03T00:00:00Z", "offsets": [["2026-03-01T00:00:00Z", 0]] });
    let table = json!({ "columns": [{ "key": "model", "type": "string" }, { "key": "value", "type": "number" }, { "key": "delta_pct", "type": "number" }],
        "rows": [[text, 30.0, 4.0], ["labelled", 10.0, -4.0], [null, 1.0, null]], "other": [null, 7.0, null] });
    let grid = json!({ "rows": [text, null], "columns": [text, "labelled"], "cells": [[1.0, 2.0], [null, 3.0]] });
    let heat =
        json!({ "rows": ["1", "7"], "columns": ["0", "13"], "cells": [[1.0, null], [2.0, 3.0]] });
    let kpi = json!({ "value": 12.5, "previous_value": 10.0, "delta_pct": 25.0 });
    let data = [
        ("stat", kpi),
        ("line", series.clone()),
        ("stacked", series),
        ("list", table.clone()),
        ("bars", table.clone()),
        ("table", table),
        ("pivot", grid),
        ("heat", heat),
    ];
    let data = data
        .into_iter()
        .map(|(id, data)| (id.to_owned(), serde_json::from_value(data).unwrap()));
    (serde_json::from_value(surface).unwrap(), data.collect())
}

fn screen<'a>(surface: &'a Surface, choice: &'a Choice) -> Screen<'a> {
    Screen {
        surface,
        choice,
        language: Language::from_tag("en"),
        offset_at: |_, _| 0,
        styles: Styles::Attribute,
        svg: emban_paint::fluid,
    }
}

fn figures<'a>(data: &'a BTreeMap<String, WidgetData>) -> impl Fn(&SurfaceWidget) -> Figures<'a> {
    |widget| {
        data.get(widget.id.as_str())
            .map_or(Figures::Loading, Figures::Ready)
    }
}

/// Everything that is drawn from a text, in every state of a card.
fn everything(text: &str) -> String {
    let (surface, data) = fixture(text);
    let choice = Choice::initial(&surface)
        .with_values("model", vec![text.to_owned()])
        .with_range(
            text,
            emban_contract::filters::NumericRange {
                min: Some(1.0),
                max: None,
            },
        );
    let screen = screen(&surface, &choice);
    let mut all = page(
        &Page {
            screen,
            age_seconds: Some(7),
        },
        figures(&data),
    );
    for (widget, place) in screen.placed() {
        for figures in [
            Figures::Loading,
            Figures::Failed(None),
            figures(&data)(widget),
        ] {
            let state = CardState {
                shown: Shown::Table,
                size: Some((300.0, 200.0)),
                ..CardState::default()
            };
            all.push_str(&card(&screen, widget, place, figures, &state).markup);
        }
    }
    let open = Panel::Dimension("model".to_owned());
    all.push_str(&head(&screen, Some(&open)));
    all.push_str(&chips(&screen, None));
    all.push_str(&opened(&screen, text));
    all
}

/// Everything that opens over a dashboard.
fn opened(screen: &Screen<'_>, text: &str) -> String {
    let value = |value: Option<&str>| {
        serde_json::from_value(json!({ "value": value, "count": 7 })).unwrap()
    };
    let values: Vec<DimensionValue> = vec![value(Some("other")), value(None)];
    let (columns, rows): (Vec<Column>, Vec<Vec<Cell>>) = (
        serde_json::from_value(
            json!([{ "key": text, "type": "string" }, { "key": "n", "type": "number" }]),
        )
        .unwrap(),
        vec![vec![Cell::Text(text.to_owned()), Cell::Number(7.0)]],
    );
    let mut all = String::new();
    for opened in [
        Panel::Dates,
        Panel::Dimension("model".to_owned()),
        Panel::Range(text.to_owned()),
        Panel::Save(text.to_owned()),
    ] {
        for fetch in [Fetch::Loading, Fetch::Ready, Fetch::Failed(None)] {
            let offer = Offer {
                search: "",
                values: &values,
                fetch,
            };
            let open = OpenPanel {
                panel: &opened,
                place: (12.0, 34.0),
                offer,
                refused: Some(emban_paint::choice::DatesError::TooLong(31)),
                now: NOW,
                file: fetch,
                has_picture: true,
            };
            all.push_str(&panel(screen, &open));
            let rows = Rows {
                title: text,
                columns: &columns,
                rows: &rows,
                fetch,
                more: true,
                depth: Some(400.0),
            };
            all.push_str(&sheet(screen, &rows));
        }
    }
    all
}

/// The tags of a markup in their order, without their attributes; panics where they do not match.
fn tags(markup: &str) -> Vec<String> {
    let (mut tags, mut open) = (Vec::new(), Vec::new());
    let mut rest = markup;
    while let Some(at) = rest.find('<') {
        let (tag, tail) = rest[at + 1..].split_once('>').unwrap();
        let name = tag
            .split([' ', '/'])
            .find(|part| !part.is_empty())
            .unwrap()
            .to_owned();
        match (tag.starts_with('/'), tag.ends_with('/')) {
            (true, _) => assert_eq!(
                open.pop().as_ref(),
                Some(&name),
                "{tag} ends another element"
            ),
            (false, false) => open.push(name.clone()),
            (false, true) => {}
        }
        let end = if tag.starts_with('/') { "/" } else { "" };
        tags.push(format!("{end}{name}"));
        rest = tail;
    }
    assert!(open.is_empty(), "{open:?} are not ended");
    tags
}

#[test]
fn a_first_paint_holds_figures_charts_and_controls() {
    let (surface, data) = fixture("Calls");
    let choice = Choice::initial(&surface);
    let page = page(
        &Page {
            screen: screen(&surface, &choice),
            age_seconds: Some(7),
        },
        figures(&data),
    );
    for part in [
        "<h2 class=\"em-title\">Calls</h2>",
        "Updated just now",
        "data-a=\"period\" data-v=\"7d\" aria-pressed=\"true\"",
        "<div class=\"em-stat-value em-long\" title=\"12.5\u{a0}Calls\">12.5\u{a0}Calls</div>",
        "<svg class=\"eb-chart eb-fluid\" role=\"img\"",
        "<section class=\"em-card em-k-series em-of-1\" data-w=\"line\"",
        "style=\"--em-x: 1; --em-w: 6; --em-y: 5; --em-h: 4;\"",
    ] {
        assert!(page.contains(part), "{part} is not there");
    }
    assert_eq!(page.matches("<svg class=\"eb-chart eb-fluid\"").count(), 4);
    assert!(!page.contains("em-skel"));
    tags(&page);
}

#[test]
fn dates_end_today_where_the_session_lives_and_do_not_pass_each_other() {
    let (surface, _) = fixture("Calls");
    let initial = Choice::initial(&surface);
    let drawn = |choice: &Choice, offset_at: fn(&str, UnixMillis) -> i32| {
        let screen = Screen {
            offset_at,
            ..screen(&surface, choice)
        };
        let open = OpenPanel {
            panel: &Panel::Dates,
            place: (0.0, 0.0),
            offer: Offer {
                search: "",
                values: &[],
                fetch: Fetch::Ready,
            },
            refused: None,
            now: NOW,
            file: Fetch::Ready,
            has_picture: false,
        };
        panel(&screen, &open)
    };
    let kolkata = drawn(&initial, |_, _| 19_800);
    assert_eq!(
        kolkata.matches("max=\"2026-03-03\"").count(),
        2,
        "{kolkata}"
    );
    let from = UnixMillis(NOW.0 - 5 * 86_400_000);
    let to = UnixMillis(NOW.0 - 86_400_000);
    let dated = initial.with_dates(emban_contract::filters::DateRange { from, to });
    let chosen = drawn(&dated, |_, _| 0);
    for part in [
        "value=\"2026-02-25\" max=\"2026-03-01\"",
        "value=\"2026-03-01\" min=\"2026-02-25\" max=\"2026-03-02\"",
    ] {
        assert!(chosen.contains(part), "{part} is not in {chosen}");
    }
}

#[test]
fn a_panel_keeps_what_is_chosen_and_takes_the_focus_once() {
    let (surface, _) = fixture("Calls");
    let choice = Choice::initial(&surface).with_values("model", vec!["rare".to_owned()]);
    let screen = screen(&surface, &choice);
    let values: Vec<DimensionValue> =
        serde_json::from_value(json!([{ "value": "usual", "count": 1200 }])).unwrap();
    let panel_of = |search: &str, opened: &Panel| {
        panel(
            &screen,
            &OpenPanel {
                panel: opened,
                place: (0.0, 0.0),
                offer: Offer {
                    search,
                    values: &values,
                    fetch: Fetch::Ready,
                },
                refused: None,
                now: NOW,
                file: Fetch::Ready,
                has_picture: false,
            },
        )
    };
    let dimension = Panel::Dimension("model".to_owned());
    let drawn = panel_of("", &dimension);
    assert!(drawn.contains("data-v=\"rare\" checked/>"), "{drawn}");
    assert!(drawn.contains("data-v=\"usual\"/>"), "{drawn}");
    assert!(drawn.contains("1.2K"));
    assert!(
        !panel_of("us", &dimension).contains("rare\" checked"),
        "a search shows what it found"
    );
    let files = panel_of("", &Panel::Save("w1".to_owned()));
    assert!(
        files.contains("data-a=\"csv\" data-v=\"w1\"") && !files.contains("png"),
        "{files}"
    );
    for opened in [
        Panel::Dates,
        dimension,
        Panel::Range("n".to_owned()),
        Panel::Save("w1".to_owned()),
    ] {
        assert_eq!(
            panel_of("", &opened).matches(" data-f").count(),
            1,
            "{opened:?}"
        );
    }
}

#[test]
fn one_choice_has_radios_and_more_have_boxes() {
    let (mut surface, _) = fixture("Calls");
    for (multi, role, kind) in [(true, "group", "checkbox"), (false, "radiogroup", "radio")] {
        surface.filters.dimensions[0].multi = multi;
        let choice = Choice::initial(&surface);
        let drawn = opened(&screen(&surface, &choice), "x");
        assert!(
            drawn.contains(&format!("class=\"em-options\" role=\"{role}\"")),
            "{drawn}"
        );
        assert!(drawn.contains(&format!("type=\"{kind}\"")), "{drawn}");
        assert_eq!(drawn.contains("type=\"checkbox\""), multi);
    }
}

#[test]
fn a_sorted_table_says_that_it_holds_a_part_of_the_groups() {
    const SAID: &str = "Only these rows are sorted";
    let (surface, mut data) = fixture("Calls");
    let choice = Choice::initial(&surface);
    let screen = screen(&surface, &choice);
    let said = |data: &BTreeMap<String, WidgetData>, sort: Option<Sort>| {
        let (widget, place) = screen
            .placed()
            .find(|(w, _)| w.id.as_str() == "table")
            .unwrap();
        let state = CardState {
            sort,
            ..CardState::default()
        };
        let drawn = card(&screen, widget, place, figures(data)(widget), &state).markup;
        drawn.matches(SAID).count()
    };
    let by_value = Some(Sort {
        column: 1,
        descending: true,
    });
    assert_eq!(said(&data, None), 0, "the server's order is that of all");
    assert_eq!(said(&data, by_value), 2, "at the column's head and below");
    if let Some(WidgetData::Table(table)) = data.get_mut("table") {
        table.other = None;
    }
    assert_eq!(said(&data, by_value), 0, "all are here");
}

#[test]
fn a_script_gets_no_style_attributes() {
    let (surface, data) = fixture("Calls");
    let choice = Choice::initial(&surface);
    let screen = Screen {
        styles: Styles::Script,
        svg: emban_paint::fluid,
        ..screen(&surface, &choice)
    };
    for (widget, place) in screen.placed() {
        let drawn = card(
            &screen,
            widget,
            place,
            figures(&data)(widget),
            &CardState::default(),
        );
        assert!(!drawn.markup.contains(" style="), "{}", drawn.markup);
    }
    assert!(!shell(screen.language).contains(" style="));
}

#[test]
fn a_failure_says_what_to_do_and_an_end_offers_no_second_try() {
    use emban_contract::ProblemCode;
    let language = Language::from_tag("en");
    assert!(whole(language, None).contains("data-a=\"restart\""));
    for over in [
        ProblemCode::SessionExpired,
        ProblemCode::SessionRevoked,
        ProblemCode::Unauthorized,
    ] {
        assert!(!whole(language, Some(over)).contains("data-a"), "{over:?}");
    }
    assert!(banner(language, Some(Trouble::Reload(None))).contains("data-a=\"refresh\""));
    assert!(!banner(language, Some(Trouble::Ended)).contains("data-a"));
    assert_eq!(banner(language, None), "");
}

#[test]
fn no_text_of_a_tenant_becomes_markup() {
    let plain = tags(&everything("x"));
    for hostile in [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "' onmouseover='alert(1)",
        "</style></svg></script><b>",
        "]]><!--",
        "&lt;b&gt;<b>",
        "{title}{age}{n}<i>",
    ] {
        let drawn = everything(hostile);
        assert_eq!(
            tags(&drawn)
                .iter()
                .filter(|tag| tag.as_str() == "b" || tag.as_str() == "script")
                .count(),
            0
        );
        // Links appear and vanish with what counts as an address; nothing else may.
        let without_links = |tags: &[String]| {
            tags.iter()
                .filter(|tag| !tag.ends_with('a'))
                .cloned()
                .collect::<Vec<_>>()
        };
        let known: std::collections::BTreeSet<_> = plain.iter().collect();
        for tag in without_links(&tags(&drawn)) {
            assert!(known.contains(&tag), "{hostile} made {tag}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_leaves_the_markup_whole(text in "[ -~\u{0}\u{7}\u{e9}\u{202e}\u{1f600}]{1,24}") {
        tags(&everything(&text));
    }
}
