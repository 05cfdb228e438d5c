//! What holds for every chart, whatever the data and the size.

use emban_chart::{
    Canvas, Categories, Category, ENGLISH, Format, Grid, Hits, Locale, Mark, OffsetChange, Rect,
    Role, ScatterPoint, Scene, Segment, Series, Size, Step, Target, TimeSeries, Zone, render_svg,
};
use proptest::prelude::*;

use crate::every::{BREAKDOWNS, OVER_TIME, other_charts};

/// Half a line's width, the radius of a dot, or a rounding error, CSS pixels.
const MARGIN_PX: f64 = 4.5;

fn value() -> impl Strategy<Value = f64> {
    prop_oneof![
        8 => -1e3..1e6_f64,
        2 => (0_u32..20).prop_map(f64::from),
        1 => prop_oneof![
            Just(0.0), Just(f64::NAN), Just(f64::INFINITY), Just(f64::NEG_INFINITY), Just(1e308), Just(-1e308),
            Just(5e-324), Just(1e-12), Just(3.7e19), Just(-0.0),
        ],
    ]
}

fn label() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-zA-Z0-9 /_.-]{0,40}",
        1 => "\\PC{0,20}",
        1 => Just("<script>alert(\"1\")</script>&'".to_owned()),
        1 => Just("東京都千代田区の顧客の名前".to_owned()),
    ]
}

fn step() -> impl Strategy<Value = (Step, i64)> {
    prop_oneof![
        Just((Step::Minute, 60_000)),
        Just((Step::Hour, 3_600_000)),
        Just((Step::Day, 86_400_000)),
        Just((Step::Week, 604_800_000)),
        Just((Step::Month, 2_635_200_000)),
        Just((Step::Quarter, 7_884_000_000)),
        Just((Step::Year, 31_557_600_000)),
    ]
}

prop_compose! {
    fn time_series()(
        (step, step_ms) in step(),
        begin in prop_oneof![5 => 0_i64..4_000_000_000_000, 1 => any::<i64>()],
        offset in -50_400_i32..50_400,
        partial in any::<bool>(),
        cut in any::<bool>(),
        series in prop::collection::vec(prop::collection::vec(prop::option::weighted(0.9, value()), 0..120), 0..10),
        roles in prop::collection::vec(0_u8..6, 10),
    ) -> TimeSeries {
        let at = |index: usize| begin.saturating_add(index as i64 * step_ms);
        let most = series.iter().map(Vec::len).max().unwrap_or(0);
        let series = series.into_iter().zip(roles).map(|(values, role)| Series {
            name: "series & co".to_owned(),
            role: match role { 0 => Role::Comparison, 1 => Role::Secondary, _ => Role::Primary },
            points: values.into_iter().enumerate().map(|(index, value)| (at(index), value)).collect(),
        }).collect();
        let change = OffsetChange { from_ms: at(most / 2), offset_seconds: offset + 3600 };
        let first = OffsetChange { from_ms: i64::MIN, offset_seconds: offset };
        let partial_from = partial.then(|| at(most.saturating_sub(1)));
        let partial_until = cut.then(|| at(1));
        TimeSeries { series, step, partial_from, partial_until, zone: Zone::new(vec![first, change]) }
    }
}

prop_compose! {
    fn categories()(
        items in prop::collection::vec((label(), value(), prop::option::of(value())), 0..30),
        other in prop::option::of(value()),
    ) -> Categories {
        let items = items.into_iter().map(|(label, value, previous)| Category { label, value, previous }).collect();
        Categories {
            items,
            other,
            ..Categories::default()
        }
    }
}

fn format() -> impl Strategy<Value = Format> {
    prop_oneof![
        Just(Format::plain()),
        Just(Format::percent()),
        Just(Format::currency("EUR")),
        Just(Format::duration(emban_chart::DurationUnit::Milliseconds)),
    ]
}

fn tag() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "en", "en-GB", "de", "fr", "es", "pt", "ja", "zh", "ar", "ar-MA",
    ])
}

fn size() -> impl Strategy<Value = Size> {
    (160.0..2400.0_f64, 24.0..600.0_f64).prop_map(|(width, height)| Size::new(width, height))
}

#[track_caller]
fn check(name: &str, scene: &Scene) {
    let Size { width, height } = scene.size;
    for mark in &scene.marks {
        let bounds = mark.bounds();
        let edges = [bounds.left, bounds.top, bounds.right, bounds.bottom];
        assert!(
            edges.iter().all(|edge| edge.is_finite()),
            "{name}: {mark:?}"
        );
        let inside = bounds.left >= -MARGIN_PX
            && bounds.top >= -MARGIN_PX
            && bounds.right <= width + MARGIN_PX
            && bounds.bottom <= height + MARGIN_PX;
        assert!(inside, "{name} {width}x{height}: {bounds:?} {mark:?}");
        if let Mark::Path { path, .. } = mark {
            let arcs = path.segments().iter().filter_map(|segment| match segment {
                Segment::Arc { radius, .. } => Some(*radius),
                Segment::Move(_) | Segment::Line(_) | Segment::Close => None,
            });
            assert!(
                arcs.into_iter()
                    .all(|radius| radius.is_finite() && radius >= 0.0),
                "{name}"
            );
        }
    }
    let texts: Vec<(&str, Rect)> = scene.texts().collect();
    for (index, (text, a)) in texts.iter().enumerate() {
        assert!(
            a.left >= -0.1 && a.right <= width + 0.1,
            "{name} {width}x{height}: clipped {text:?} {a:?}"
        );
        for (other, b) in texts.iter().skip(index + 1) {
            let apart = a.right <= b.left + 0.1
                || b.right <= a.left + 0.1
                || a.bottom <= b.top + 0.1
                || b.bottom <= a.top + 0.1;
            assert!(
                apart,
                "{name} {width}x{height}: {text:?} {a:?} over {other:?} {b:?}"
            );
        }
    }
    check_hits(name, scene);
    let svg = render_svg(scene);
    // Only tags are looked at: a label may well say "NaN".
    let tags = svg
        .split('<')
        .filter_map(|part| part.split('>').next())
        .filter(|tag| !tag.starts_with("svg"));
    assert!(
        tags.into_iter()
            .all(|tag| !tag.contains("NaN") && !tag.contains("inf")),
        "{name}"
    );
    assert!(!svg.contains("<script"), "{name}");
    assert_eq!(scene.empty, scene.summary == ENGLISH.no_data, "{name}");
}

#[track_caller]
fn check_hits(name: &str, scene: &Scene) {
    match &scene.hits {
        Hits::None => {}
        Hits::Columns(columns) => {
            assert!(
                columns
                    .iter()
                    .zip(columns.iter().skip(1))
                    .all(|(a, b)| a.x1 == b.x0),
                "{name}: strips have gaps"
            );
            assert!(
                columns
                    .iter()
                    .all(|column| column.x0 <= column.x && column.x <= column.x1 + 1e-9),
                "{name}: {columns:?}"
            );
            let heights = columns
                .iter()
                .flat_map(|column| &column.points)
                .filter_map(|point| point.y);
            assert!(heights.into_iter().all(f64::is_finite), "{name}");
        }
        Hits::Boxes(boxes) => {
            let edges = boxes.iter().flat_map(|hit| {
                [
                    hit.bounds.left,
                    hit.bounds.top,
                    hit.bounds.right,
                    hit.bounds.bottom,
                ]
            });
            assert!(edges.into_iter().all(f64::is_finite), "{name}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn charts_over_time_are_finite_inside_and_without_overlaps(
        data in time_series(), size in size(), format in format(), tag in tag(),
    ) {
        let canvas = Canvas { size, title: "T", format: &format, locale: Locale::from_tag(tag), strings: &ENGLISH };
        for (name, draw) in OVER_TIME {
            check(name, &draw(&data, &canvas));
        }
        check("dual_axis", &emban_chart::dual_axis(&data, &Format::currency("USD"), &canvas));
    }

    #[test]
    fn breakdowns_are_finite_inside_and_without_overlaps(
        data in categories(), size in size(), format in format(), tag in tag(),
    ) {
        let canvas = Canvas { size, title: "T", format: &format, locale: Locale::from_tag(tag), strings: &ENGLISH };
        for (name, draw) in BREAKDOWNS {
            check(name, &draw(&data, &canvas));
        }
    }

    #[test]
    fn other_charts_are_finite_inside_and_without_overlaps(
        rows in prop::collection::vec(label(), 0..10),
        columns in prop::collection::vec(label(), 0..30),
        values in prop::collection::vec(prop::option::weighted(0.9, value()), 300),
        cloud in prop::collection::vec((label(), value(), value()), 0..40),
        target in (value(), value()),
        size in size(), format in format(), tag in tag(),
    ) {
        let canvas = Canvas { size, title: "T", format: &format, locale: Locale::from_tag(tag), strings: &ENGLISH };
        let grid = Grid { rows, columns, values };
        let cloud: Vec<ScatterPoint> = cloud.into_iter().map(|(label, x, y)| ScatterPoint { label, x, y }).collect();
        for (name, scene) in other_charts(&grid, &cloud, Target { value: target.0, target: target.1 }, &canvas) {
            check(name, &scene);
        }
    }
}
