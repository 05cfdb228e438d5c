//! Figures and sizes that an ordinary dashboard seldom has.

use emban_chart::{
    AR, Canvas, Categories, Category, DE, EN, ENGLISH, Format, Locale, Mark, Parts, Role,
    ScatterPoint, Scene, Series, Size, Slot, Step, Target, TextStyle, TimeSeries, Zone, donut,
    dual_axis, line, progress, scatter, treemap,
};

fn canvas<'a>(format: &'a Format, locale: &'a Locale, width: f64, height: f64) -> Canvas<'a> {
    Canvas {
        size: Size::new(width, height),
        title: "T",
        format,
        locale,
        strings: &ENGLISH,
    }
}

fn shares(values: &[f64]) -> Categories {
    let items = values.iter().map(|value| Category {
        label: "a model with a long name".to_owned(),
        value: *value,
        previous: None,
    });
    Categories {
        items: items.collect(),
        other: None,
        ..Categories::default()
    }
}

fn texts(scene: &Scene, style: TextStyle) -> Vec<&str> {
    let of_style = |mark| match mark {
        &Mark::Text {
            style: found,
            ref text,
            ..
        } if found == style => Some(text.as_str()),
        Mark::Text { .. } | Mark::Path { .. } | Mark::Circle { .. } => None,
    };
    scene.marks.iter().filter_map(of_style).collect()
}

#[test]
fn a_single_height_is_seen_against_zero() {
    let format = Format::plain();
    for (value, expect) in [(848.0, "0"), (-848.0, "−1K")] {
        let data = TimeSeries {
            series: vec![Series {
                points: vec![(1_740_787_200_000, Some(value))],
                ..Series::default()
            }],
            step: Step::Day,
            partial_from: None,
            partial_until: None,
            zone: Zone::utc(),
        };
        let scene = line(&data, &canvas(&format, &EN, 400.0, 240.0));
        let ticks = texts(&scene, TextStyle::Tick);
        assert!(ticks.contains(&"0"), "{value}: {ticks:?}");
        assert_eq!(ticks.first(), Some(&expect), "{value}");
    }
}

#[test]
fn a_number_is_never_cut_in_a_tile() {
    let format = Format::plain();
    for width in (120..600).step_by(20) {
        let data = shares(&[48_200.0, 31_900.0, 22_050.0, 9400.0, 4180.0, 990.0]);
        let scene = treemap(&data, &canvas(&format, &DE, f64::from(width), 200.0));
        for number in texts(&scene, TextStyle::Value) {
            assert!(!number.contains('…'), "{width}: {number}");
        }
    }
}

#[test]
fn progress_shows_value_target_and_share_where_there_is_room() {
    let format = Format::plain();
    let data = Target {
        value: 174.0,
        target: 200.0,
    };
    let wide = progress(data, &canvas(&format, &EN, 300.0, 90.0));
    assert_eq!(texts(&wide, TextStyle::Hero), ["174"]);
    assert_eq!(texts(&wide, TextStyle::Tick), ["/ 200"]);
    assert_eq!(texts(&wide, TextStyle::Value), ["87%"]);
    let low = progress(data, &canvas(&format, &EN, 300.0, 40.0));
    assert_eq!(texts(&low, TextStyle::Hero), [""; 0]);
    assert_eq!(texts(&low, TextStyle::Value), ["87%"]);
}

#[test]
fn the_sum_of_a_narrow_ring_keeps_its_caption() {
    let format = Format::plain();
    let scene = donut(
        &shares(&[70_000.0, 47_000.0]),
        &canvas(&format, &DE, 250.0, 240.0),
    );
    assert!(texts(&scene, TextStyle::Tick).contains(&ENGLISH.total));
    assert!(texts(&scene, TextStyle::Value).contains(&"117\u{a0}Tsd."));
}

#[test]
fn as_many_series_as_a_widget_has_are_told_apart() {
    let mut slots: Vec<Slot> = (0..12).map(Slot::series).collect();
    slots.dedup_by_key(|slot| slot.class());
    assert_eq!(slots.len(), 12);
    assert_eq!(Slot::series(12), Slot::Other);
}

#[test]
fn the_mark_of_a_share_stays_left_of_its_arabic_digits() {
    // U+061C: without it the mark takes the direction of what stands beside it (CLDR, ar).
    let text = emban_chart::format_number(0.05, &Format::percent(), &AR);
    assert_eq!(text, "٥٪\u{61c}");
}

#[test]
fn a_ring_of_values_that_do_not_add_up_has_no_sum_and_no_shares() {
    let averages = Categories {
        parts: Parts::Apart,
        ..shares(&[9.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0])
    };
    let texts = |data: &Categories| -> Vec<String> {
        let format = Format::plain();
        let scene = donut(data, &canvas(&format, &EN, 500.0, 260.0));
        scene.texts().map(|(text, _)| text.to_owned()).collect()
    };
    let said = texts(&averages);
    let is_share = |text: &String| text.ends_with('%');
    assert!(!said.iter().any(is_share), "{said:?}");
    assert!(!said.contains(&"45".to_owned()) && !said.contains(&"Total".to_owned()));
    assert!(
        !said.contains(&"Other".to_owned()),
        "nothing is summed: {said:?}"
    );
    let counts = Categories {
        parts: Parts::OfWhole,
        ..averages
    };
    let said = texts(&counts);
    assert!(said.iter().any(is_share) && said.contains(&"45".to_owned()));
}

#[test]
fn two_axes_of_values_are_named_where_there_is_room() {
    let format = Format::plain();
    let series = |name: &str, role| Series {
        name: name.to_owned(),
        role,
        points: vec![
            (1_740_787_200_000, Some(3.0)),
            (1_740_873_600_000, Some(5.0)),
        ],
    };
    let both = TimeSeries {
        series: vec![
            series("Calls", Role::Primary),
            series("Wait, ms", Role::Secondary),
        ],
        step: Step::Day,
        partial_from: None,
        partial_until: None,
        zone: Zone::utc(),
    };
    let points = [(1.0, 9.0), (4.0, 2.0)].map(|(x, y)| ScatterPoint {
        label: "a".to_owned(),
        x,
        y,
    });
    let drawn = |height: f64| {
        let canvas = canvas(&format, &EN, 400.0, height);
        let cloud = scatter(&points, ["Calls", "Wait, ms"], &format, &canvas);
        [dual_axis(&both, &format, &canvas), cloud]
    };
    for scene in drawn(240.0) {
        let ticks = texts(&scene, TextStyle::Tick);
        for name in ["Calls", "Wait, ms"] {
            assert_eq!(
                ticks.iter().filter(|text| **text == name).count(),
                1,
                "{ticks:?}"
            );
        }
    }
    for scene in drawn(100.0) {
        assert!(!texts(&scene, TextStyle::Tick).contains(&"Calls"));
    }
}
