//! How many are left after each step.

use super::columns::BandLabels;
use super::rows::{Background, draw_rows, hit};
use super::{BAR_RADIUS, no_data, summary};
use crate::breakdown::{Item, items};
use crate::data::{Canvas, Categories};
use crate::format::{Format, format_compact, format_number};
use crate::scale::Linear;
use crate::scene::{Anchor, Hits, Path, Point, Rect, RoundEnd, Scene, Shape, Slot, TextStyle};
use crate::strings::ChartName;

/// Below this width of a step the steps are rows, CSS pixels.
const STEP_PX: f64 = 84.0;

/// Draws a bar for each step, with its share of the first; what is lost is shown between the bars.
pub fn funnel(data: &Categories, canvas: &Canvas<'_>) -> Scene {
    let mut steps = items(
        &Categories {
            items: data.items.clone(),
            other: None,
        },
        canvas,
    );
    for step in &mut steps {
        step.value = step.value.max(0.0);
        step.previous = None;
    }
    let first = steps.first().map_or(0.0, |step| step.value);
    if first <= 0.0 {
        return no_data(canvas);
    }
    let share = |step: &Item| {
        let digits = if step.value / first < 0.1 { 1 } else { 0 };
        format_number(
            step.value / first,
            &Format {
                decimals: Some(digits),
                ..Format::percent()
            },
            canvas.locale,
        )
    };
    let values: Vec<String> = steps
        .iter()
        .map(|s| format_compact(s.value, canvas.format, canvas.locale))
        .collect();
    let shares: Vec<String> = steps.iter().map(share).collect();
    let wide = canvas.size.width / steps.len() as f64 >= STEP_PX && canvas.size.height >= 120.0;
    let mut scene = if wide {
        draw_columns(&steps, &values, &shares, canvas)
    } else {
        let both: Vec<String> = values
            .iter()
            .zip(&shares)
            .map(|(value, share)| [value, " · ", share].concat())
            .collect();
        let widest = both
            .iter()
            .map(|text| TextStyle::Value.width(text))
            .fold(0.0, f64::max);
        let texts = if widest > canvas.size.width * 0.4 {
            shares
        } else {
            both
        };
        draw_rows(&steps, texts, Background::Track, canvas)
    };
    let last = steps.last().map(|step| (step.label.as_str(), step.value));
    scene.summary = summary::of_categories(
        ChartName::Funnel,
        steps.len(),
        steps.first().map(|s| (s.label.as_str(), s.value)),
        canvas,
    );
    if let Some((label, value)) = last.filter(|_| steps.len() > 1) {
        let told = [
            " ",
            label,
            ": ",
            &format_number(value, canvas.format, canvas.locale),
            ".",
        ]
        .concat();
        scene.summary.push_str(&told);
    }
    scene
}

fn draw_columns(
    steps: &[Item],
    values: &[String],
    shares: &[String],
    canvas: &Canvas<'_>,
) -> Scene {
    let mut scene = canvas.scene();
    let plot = Rect::new(0.0, 40.0, canvas.size.width, canvas.size.height - 22.0);
    let most = steps.iter().map(|step| step.value).fold(0.0, f64::max);
    let y = Linear {
        from: (0.0, most),
        to: (plot.bottom, plot.top),
    };
    let band = plot.width() / steps.len() as f64;
    let half = (band * 0.3).min(60.0);
    let middle = |position: usize| (position as f64 + 0.5) * band;
    let mut bars = Path::default();
    let mut losses = Path::default();
    let mut boxes = Vec::with_capacity(steps.len());
    for (position, step) in steps.iter().enumerate() {
        let (x, top) = (middle(position), y.at(step.value).min(plot.bottom - 1.0));
        bars.bar(
            Rect::new(x - half, top, x + half, plot.bottom),
            RoundEnd::Top,
            BAR_RADIUS,
        );
        if let Some(next) = steps.get(position + 1) {
            losses.move_to(x + half, top + BAR_RADIUS);
            losses.line_to(
                middle(position + 1) - half,
                y.at(next.value).min(plot.bottom - 1.0) + BAR_RADIUS.min(1.0),
            );
            losses.line_to(middle(position + 1) - half, plot.bottom);
            losses.line_to(x + half, plot.bottom);
            losses.close();
        }
        boxes.push(hit(
            step,
            Rect::new(x - band / 2.0, 0.0, x + band / 2.0, plot.bottom),
        ));
    }
    scene.path(Shape::Area, Slot::Series(0), losses);
    scene.path(Shape::Bar, Slot::Series(0), bars);
    for (style, texts, lift) in [
        (TextStyle::Value, values, 22.0),
        (TextStyle::Tick, shares, 8.0),
    ] {
        for (position, (step, text)) in steps.iter().zip(texts).enumerate() {
            let at = Point::new(
                middle(position),
                y.at(step.value).min(plot.bottom - 1.0) - lift,
            );
            scene.text(
                style,
                Anchor::Middle,
                at,
                crate::text::fit_text(text, band - 8.0, style.font_px()),
            );
        }
    }
    BandLabels::OneRow.draw(&mut scene, steps, &plot);
    scene.plot = plot;
    scene.hits = Hits::Boxes(boxes);
    scene
}
