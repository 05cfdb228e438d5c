//! Charts of a language that is read from right to left.
#![expect(
    clippy::unwrap_used,
    reason = "a chart without the text that is looked for has failed"
)]

use emban_chart::{
    AR, ARABIC, Canvas, Categories, Category, EN, Format, Hits, Rect, Scene, Size, Target,
    category_bar, donut, funnel, horizontal_bar, progress, treemap,
};

fn items() -> Categories {
    let items = [("m-1", 30.0), ("m-2", 20.0), ("m-3", 5.0)];
    let item = |(label, value): (&str, f64)| Category {
        label: label.to_owned(),
        value,
        previous: Some(value / 2.0),
    };
    Categories {
        items: items.map(item).to_vec(),
        ..Categories::default()
    }
}

/// The same chart in both directions, with the same digits.
fn both(draw: impl Fn(&Canvas<'_>) -> Scene) -> [Scene; 2] {
    let turned = emban_chart::Locale {
        right_to_left: true,
        ..EN
    };
    [&EN, &turned].map(|locale| {
        draw(&Canvas {
            size: Size::new(400.0, 240.0),
            title: "Requests",
            format: &Format::plain(),
            locale,
            strings: &ARABIC,
        })
    })
}

fn room(scene: &Scene, text: &str) -> Rect {
    scene.texts().find(|(found, _)| *found == text).unwrap().1
}

fn boxes(scene: &Scene) -> Vec<Rect> {
    match &scene.hits {
        Hits::Boxes(boxes) => boxes.iter().map(|item| item.bounds).collect(),
        Hits::None | Hits::Columns(_) => Vec::new(),
    }
}

#[test]
fn charts_of_items_are_turned_with_the_places_that_are_pointed_at() {
    type Draw = fn(&Categories, &Canvas<'_>) -> Scene;
    let charts: [(&str, Draw); 4] = [
        ("bars", horizontal_bar),
        ("columns", category_bar),
        ("funnel", funnel),
        ("tiles", treemap),
    ];
    for (name, draw) in charts {
        let [plain, turned] = both(|canvas| draw(&items(), canvas));
        let (here, there) = (room(&plain, "m-1"), room(&turned, "m-1"));
        let close = |a: f64, b: f64| (a - b).abs() < 0.01;
        assert!(
            close(here.left, 400.0 - there.right),
            "{name}: {here:?} {there:?}"
        );
        for (here, there) in boxes(&plain).iter().zip(boxes(&turned)) {
            assert!(
                close(here.left, 400.0 - there.right),
                "{name}: {here:?} {there:?}"
            );
            assert!(
                close(here.width(), there.width()) && here.top == there.top,
                "{name}"
            );
        }
        assert_eq!(plain.summary, turned.summary, "{name}");
    }
}

#[test]
fn progress_begins_where_reading_begins() {
    let half = Target {
        value: 5.0,
        target: 10.0,
    };
    let [plain, turned] = both(|canvas| progress(half, canvas));
    let bars = |scene: &Scene| scene.marks[1].bounds();
    assert_eq!((bars(&plain).left, bars(&turned).right), (0.0, 400.0));
}

#[test]
fn a_ring_changes_sides_with_its_key_and_is_read_clockwise() {
    let [plain, turned] = both(|canvas| donut(&items(), canvas));
    assert!(plain.plot.right < room(&plain, "m-1").left);
    assert!(turned.plot.left > room(&turned, "m-1").right);
    let share = |scene: &Scene| room(scene, "55%");
    assert!(
        share(&plain).left > room(&plain, "m-1").right,
        "behind the name"
    );
    assert!(
        share(&turned).right < room(&turned, "m-1").left,
        "behind the name"
    );
    let turns = |scene: &Scene| match &scene.hits {
        Hits::Boxes(boxes) => boxes.iter().map(|b| b.arc.map(|arc| arc.turns)).collect(),
        Hits::None | Hits::Columns(_) => Vec::new(),
    };
    assert_eq!(turns(&plain), turns(&turned));
    assert!(AR.right_to_left);
}
