//! What a page relies on besides the picture: hits, words, legend, and a stylesheet that knows every class.

use emban_chart::{
    Canvas, Categories, Category, EN, ENGLISH, Format, Grid, Hits, Mark, Role, STYLESHEET,
    ScatterPoint, Scene, Series, Shape, Size, Slot, Step, Strings, Target, TimeSeries, Zone,
    dual_axis, horizontal_bar, line, render_svg,
};

use crate::every::{BREAKDOWNS, OVER_TIME, other_charts};

const DAY_MS: i64 = 86_400_000;
/// 2025-03-01 00:00 UTC.
const BEGIN: i64 = 1_740_787_200_000;

fn canvas<'a>(format: &'a Format, title: &'a str) -> Canvas<'a> {
    Canvas {
        size: Size::new(480.0, 220.0),
        title,
        format,
        locale: &EN,
        strings: &ENGLISH,
    }
}

fn march() -> TimeSeries {
    let values = |factor: f64| {
        (0..30)
            .map(|day| (BEGIN + day * DAY_MS, Some((day as f64 - 4.0) * factor)))
            .collect()
    };
    let series = |name: &str, role, factor| Series {
        name: name.to_owned(),
        role,
        points: values(factor),
    };
    TimeSeries {
        series: vec![
            series("calls", Role::Primary, 10.0),
            series("cost", Role::Secondary, 1.5),
            series("before", Role::Comparison, 8.0),
        ],
        step: Step::Day,
        partial_from: Some(BEGIN + 29 * DAY_MS),
        partial_until: None,
        zone: Zone::utc(),
    }
}

fn items() -> Categories {
    let item = |n: u32| Category {
        label: format!("item {n}"),
        value: f64::from(n * n),
        previous: Some(f64::from(n)),
    };
    Categories {
        items: (1..6).rev().map(item).collect(),
        other: Some(3.0),
        ..Categories::default()
    }
}

/// Every chart once, with data that makes it use all it has.
fn every_scene() -> Vec<(&'static str, Scene)> {
    let format = Format::plain();
    let canvas = canvas(&format, "T");
    let grid = Grid {
        rows: vec!["Mon".to_owned()],
        columns: (0..7).map(|n| n.to_string()).collect(),
        values: (0..7).map(|n| Some(f64::from(n))).collect(),
    };
    let cloud = [ScatterPoint {
        label: "a".to_owned(),
        x: 1.0,
        y: 2.0,
    }];
    let mut scenes: Vec<_> = OVER_TIME
        .iter()
        .map(|(name, draw)| (*name, draw(&march(), &canvas)))
        .collect();
    scenes.extend(
        BREAKDOWNS
            .iter()
            .map(|(name, draw)| (*name, draw(&items(), &canvas))),
    );
    scenes.extend(other_charts(
        &grid,
        &cloud,
        Target {
            value: 3.0,
            target: 4.0,
        },
        &canvas,
    ));
    scenes.push((
        "dual_axis",
        dual_axis(&march(), &Format::currency("USD"), &canvas),
    ));
    scenes
}

#[test]
fn every_chart_draws_and_says_something() {
    for (name, scene) in every_scene() {
        assert!(!scene.empty, "{name}");
        assert!(
            scene
                .marks
                .iter()
                .any(|mark| !matches!(mark, Mark::Text { .. })),
            "{name} draws nothing"
        );
        assert!(
            scene.summary.len() > 12 && !scene.summary.contains('{'),
            "{name}: {}",
            scene.summary
        );
    }
}

#[test]
fn every_class_that_is_drawn_has_a_rule_and_every_font_size_is_the_layouts() {
    for (name, scene) in every_scene() {
        for mark in &scene.marks {
            let (class, slot) = match mark {
                Mark::Path { shape, slot, .. } | Mark::Circle { shape, slot, .. } => {
                    (shape.class(), *slot)
                }
                Mark::Text { style, .. } => {
                    let rule = STYLESHEET
                        .lines()
                        .find(|line| line.starts_with(&format!(".{} {{", style.class())));
                    let size = format!("font-size: {}px", style.font_px());
                    assert!(
                        rule.is_some_and(|rule| rule.contains(&size)),
                        "{name}: {}",
                        style.class()
                    );
                    continue;
                }
            };
            let classes = class
                .split(' ')
                .chain(Some(slot.class()).filter(|_| slot != Slot::Plain));
            for class in classes {
                assert!(
                    STYLESHEET.contains(&format!(".{class} ")),
                    "{name}: no rule for {class}"
                );
            }
        }
    }
}

#[test]
fn dark_by_system_and_dark_by_attribute_are_the_same() {
    let block = |start: &str| {
        let after = STYLESHEET.split(start).nth(1).unwrap();
        let body = after.split('{').nth(1).unwrap().split('}').next().unwrap();
        body.split_whitespace().collect::<String>()
    };
    let by_system = block(":host(:not([data-eb-theme=\"light\"]))");
    assert!(by_system.contains("--eb-c7:"));
    assert_eq!(by_system, block(":host([data-eb-theme=\"dark\"])"));
}

#[test]
fn a_time_chart_has_a_strip_for_each_bucket_with_all_values() {
    let format = Format::plain();
    let scene = line(&march(), &canvas(&format, "Calls"));
    let Hits::Columns(columns) = &scene.hits else {
        panic!("no strips")
    };
    assert_eq!(columns.len(), 30);
    assert_eq!(
        (columns[0].x0, columns[29].x1),
        (scene.plot.left, scene.plot.right)
    );
    assert_eq!(
        (columns[3].t_ms, columns[3].partial, columns[29].partial),
        (BEGIN + 3 * DAY_MS, false, true)
    );
    assert_eq!(columns[29].points[0].value, Some(250.0));
    assert!(columns[29].points[0].y < columns[0].points[0].y);
}

#[test]
fn a_breakdown_has_a_box_for_each_row_that_leads_back_to_the_input() {
    let format = Format::plain();
    let scene = horizontal_bar(&items(), &canvas(&format, "Items"));
    let Hits::Boxes(boxes) = &scene.hits else {
        panic!("no boxes")
    };
    assert_eq!(boxes.len(), 6);
    assert_eq!(
        (boxes[1].index, boxes[1].label.as_str(), boxes[1].value),
        (Some(1), "item 4", Some(16.0))
    );
    assert_eq!((boxes[5].index, boxes[5].label.as_str()), (None, "Other"));
}

#[test]
fn the_summary_tells_range_and_peak_and_can_be_translated() {
    let format = Format::plain();
    let scene = line(&march(), &canvas(&format, "Calls"));
    let expect = "Line chart, 30 points, from −40 to 250, highest on Mar 30, 2025.";
    assert_eq!(scene.summary, expect);
    let strings = Strings {
        series_summary: "{n} Punkte bis {max}",
        ..ENGLISH.clone()
    };
    let canvas = Canvas {
        strings: &strings,
        ..canvas(&format, "Calls")
    };
    assert_eq!(line(&march(), &canvas).summary, "30 Punkte bis 250");
}

#[test]
fn a_title_is_escaped_where_it_is_read_out() {
    let format = Format::plain();
    let svg = render_svg(&line(
        &march(),
        &canvas(&format, "\"><script>alert('1')</script>&"),
    ));
    assert!(svg.contains(
        "aria-label=\"&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;: Line chart"
    ));
    assert!(!svg.contains("<script"));
}

#[test]
fn a_legend_names_series_only_where_there_are_several() {
    let format = Format::plain();
    let scene = line(&march(), &canvas(&format, ""));
    let slots: Vec<Slot> = scene.legend.iter().map(|entry| entry.slot).collect();
    assert_eq!(slots, [Slot::Series(0), Slot::Series(1), Slot::Comparison]);
    let mut single = march();
    single.series.truncate(1);
    assert!(line(&single, &canvas(&format, "")).legend.is_empty());
}

#[test]
fn thousands_of_points_are_drawn_with_no_more_than_the_width_needs() {
    let format = Format::plain();
    let points = (0..50_000)
        .map(|n| (BEGIN + n * 60_000, Some((n % 997) as f64)))
        .collect();
    let series = vec![Series {
        points,
        ..Series::default()
    }];
    let data = TimeSeries {
        series,
        step: Step::Minute,
        partial_from: None,
        partial_until: None,
        zone: Zone::utc(),
    };
    let scene = line(&data, &canvas(&format, ""));
    let drawn = scene.marks.iter().find_map(|mark| match mark {
        Mark::Path {
            shape: Shape::Line,
            path,
            ..
        } => Some(path.segments().len()),
        Mark::Path { .. } | Mark::Circle { .. } | Mark::Text { .. } => None,
    });
    assert!(
        drawn.is_some_and(|drawn| (200..=720).contains(&drawn)),
        "{drawn:?}"
    );
    assert!(render_svg(&scene).len() < 12_000);
}
