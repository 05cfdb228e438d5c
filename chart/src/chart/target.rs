//! A value on its way to a target.

use super::{as_read, no_data};
use crate::data::{Canvas, Target, drawable};
use crate::format::{Format, format_compact, format_number};
use crate::scene::{Anchor, Path, Point, Rect, RoundEnd, Scene, Shape, Slot, TextStyle};
use crate::strings::{ChartName, fill};
use crate::text::fit_text;

/// Room that a large number needs above the bar, CSS pixels.
const HERO_PX: f64 = 22.0;

/// Draws a bar that is full when the target is reached, with both numbers above it if there is room.
pub fn progress(data: Target, canvas: &Canvas<'_>) -> Scene {
    let Some(share) = share(data) else {
        return no_data(canvas);
    };
    let mut scene = canvas.scene();
    let (width, height) = (canvas.size.width, canvas.size.height);
    let thick = (height * 0.25).clamp(4.0, 8.0);
    let labelled = height >= 32.0;
    let middle = if labelled {
        (height + 18.0) / 2.0
    } else {
        height / 2.0
    };
    let bar = Rect::new(0.0, middle - thick / 2.0, width, middle + thick / 2.0);
    let mut track = Path::default();
    track.bar(bar, RoundEnd::All, thick / 2.0);
    scene.path(Shape::Track, Slot::Plain, track);
    if share > 0.0 {
        let mut path = Path::default();
        path.bar(
            Rect::new(0.0, bar.top, (width * share).max(thick), bar.bottom),
            RoundEnd::All,
            thick / 2.0,
        );
        scene.path(Shape::Bar, Slot::Series(0), path);
    }
    if labelled {
        progress_labels(&mut scene, data, bar.top - 9.0, canvas);
    }
    scene.plot = bar;
    scene.summary = tell(ChartName::Progress, data, canvas);
    as_read(scene, canvas)
}

/// Value, target and share above the bar; where there is little room, share and target.
fn progress_labels(scene: &mut Scene, data: Target, base: f64, canvas: &Canvas<'_>) {
    let (width, percent) = (
        canvas.size.width,
        Format {
            decimals: Some(0),
            ..Format::percent()
        },
    );
    let share = format_number(data.value / data.target, &percent, canvas.locale);
    let target = format_compact(data.target, canvas.format, canvas.locale);
    let value = format_compact(data.value, canvas.format, canvas.locale);
    let of = ["/ ", &target].concat();
    let (hero, rest) = (TextStyle::Hero.width(&value), TextStyle::Label.width(&of));
    if base >= HERO_PX && hero + rest + TextStyle::Value.width(&share) + 20.0 <= width {
        let at = |x: f64| Point::new(x, base - 2.0);
        scene.text(TextStyle::Hero, Anchor::Start, at(0.0), value);
        scene.text(TextStyle::Tick, Anchor::Start, at(hero + 8.0), of);
        scene.text(TextStyle::Value, Anchor::End, at(width), share);
        return;
    }
    let room = width / 2.0 - 6.0;
    let (left, right) = (fit_text(&share, room, 12.0), fit_text(&target, room, 11.0));
    scene.text(TextStyle::Value, Anchor::Start, Point::new(0.0, base), left);
    scene.text(TextStyle::Tick, Anchor::End, Point::new(width, base), right);
}

/// Draws half a ring that is full when the target is reached, with the value in the middle.
pub fn gauge(data: Target, canvas: &Canvas<'_>) -> Scene {
    let Some(share) = share(data) else {
        return no_data(canvas);
    };
    let mut scene = canvas.scene();
    let (width, height) = (canvas.size.width, canvas.size.height);
    let labelled = height >= 90.0 && width >= 140.0;
    let below = if labelled { 20.0 } else { 4.0 };
    let outer = (width / 2.0 - 2.0)
        .min(height - below - 2.0)
        .clamp(4.0, 130.0);
    let inner = outer * 0.8;
    let center = Point::new(width / 2.0, (height - below + outer) / 2.0);
    let mut track = Path::default();
    track.ring(center, (inner, outer), (-0.25, 0.25));
    scene.path(Shape::Track, Slot::Plain, track);
    if share > 0.0 {
        let mut path = Path::default();
        path.ring(
            center,
            (inner, outer),
            (-0.25, -0.25 + share.max(0.004) / 2.0),
        );
        scene.path(Shape::Bar, Slot::Series(0), path);
    }
    let value = format_compact(data.value, canvas.format, canvas.locale);
    let style = if TextStyle::Hero.width(&value) <= inner * 1.6 && inner > 30.0 {
        TextStyle::Hero
    } else {
        TextStyle::Value
    };
    if style.width(&value) <= inner * 1.9 && inner > 14.0 {
        scene.text(
            style,
            Anchor::Middle,
            Point::new(center.x, center.y - 4.0),
            value,
        );
    }
    if labelled {
        let target = format_compact(data.target, canvas.format, canvas.locale);
        let zero = format_compact(0.0, canvas.format, canvas.locale);
        let (at, room) = ((inner + outer) / 2.0, outer - inner + 24.0);
        for (x, text) in [(center.x - at, zero), (center.x + at, target)] {
            let text = fit_text(&text, room.min(2.0 * x.min(width - x)), 11.0);
            scene.text(
                TextStyle::Tick,
                Anchor::Middle,
                Point::new(x, center.y + 15.0),
                text,
            );
        }
    }
    scene.plot = Rect::new(
        center.x - outer,
        center.y - outer,
        center.x + outer,
        center.y,
    );
    scene.summary = tell(ChartName::Gauge, data, canvas);
    scene
}

/// How much of the target is reached, 0 to 1; none without a positive target.
fn share(data: Target) -> Option<f64> {
    let target = drawable(data.target).filter(|target| *target > 0.0)?;
    Some((drawable(data.value)? / target).clamp(0.0, 1.0))
}

fn tell(name: ChartName, data: Target, canvas: &Canvas<'_>) -> String {
    fill(
        canvas.strings.target_summary,
        &[
            ("chart", canvas.chart(name)),
            (
                "value",
                &format_number(data.value, canvas.format, canvas.locale),
            ),
            (
                "target",
                &format_number(data.target, canvas.format, canvas.locale),
            ),
        ],
    )
}
