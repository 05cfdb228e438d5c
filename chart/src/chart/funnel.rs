//! How many are left after each step.

use super::columns::BandLabels;
use super::line::surface;
use super::rows::{Background, draw_rows, hit};
use super::{BAR_RADIUS, as_read, no_data, summary};
use crate::breakdown::{Item, items};
use crate::data::{Canvas, Categories};
use crate::format::{Format, format_compact, format_number};
use crate::scale::Linear;
use crate::scene::{Anchor, Hits, Path, Point, Rect, RoundEnd, Scene, Shape, Slot, TextStyle};
use crate::strings::ChartName;
use crate::text::fit_text;

/// Below this width of a step the steps are rows, CSS pixels.
const STEP_PX: f64 = 84.0;

/// Draws a bar for each step, with its share of the first; what is lost is shown between the bars.
pub fn funnel(data: &Categories, canvas: &Canvas<'_>) -> Scene {
    let mut steps = items(
        &Categories {
            items: data.items.clone(),
            other: None,
            parts: data.parts,
        },
        canvas,
    );
    for step in &mut steps {
        step.value = step.value.max(0.0);
        step.previous = None;
    }
    let (Some(first), Some(last)) = (steps.first(), steps.last()) else {
        return no_data(canvas);
    };
    if first.value <= 0.0 {
        return no_data(canvas);
    }
    let values: Vec<String> = steps
        .iter()
        .map(|step| format_compact(step.value, canvas.format, canvas.locale))
        .collect();
    let shares: Vec<String> = steps
        .iter()
        .map(|step| share_text(step.value / first.value, canvas))
        .collect();
    let wide = canvas.size.width / steps.len() as f64 >= STEP_PX && canvas.size.height >= 120.0;
    let mut scene = if wide {
        draw_columns(&steps, &values, &shares, canvas)
    } else {
        draw_rows(
            &steps,
            row_texts(&values, shares, canvas),
            Background::Track,
            canvas,
        )
    };
    let told = Some((first.label.as_str(), first.value));
    scene.summary = summary::of_categories(ChartName::Funnel, steps.len(), told, canvas);
    if steps.len() > 1 {
        let value = format_number(last.value, canvas.format, canvas.locale);
        scene
            .summary
            .push_str(&[" ", &last.label, ": ", &value, "."].concat());
    }
    as_read(scene, canvas)
}

/// A share in per cent, with a digit more where it is small.
fn share_text(share: f64, canvas: &Canvas<'_>) -> String {
    let format = Format {
        decimals: Some(u8::from(share < 0.1)),
        ..Format::percent()
    };
    format_number(share, &format, canvas.locale)
}

/// Value and share, or the share alone where both would take too much of the row.
fn row_texts(values: &[String], shares: Vec<String>, canvas: &Canvas<'_>) -> Vec<String> {
    let both: Vec<String> = values
        .iter()
        .zip(&shares)
        .map(|(value, share)| [value, " · ", share].concat())
        .collect();
    let widest = both
        .iter()
        .map(|text| TextStyle::Value.width(text))
        .fold(0.0, f64::max);
    if widest > canvas.size.width * 0.4 {
        shares
    } else {
        both
    }
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
    let top = |step: &Item| y.at(step.value).min(plot.bottom - 1.0);
    let (mut bars, mut losses) = (Path::default(), Path::default());
    let mut boxes = Vec::with_capacity(steps.len());
    for (position, step) in steps.iter().enumerate() {
        let x = middle(position);
        bars.bar(
            Rect::new(x - half, top(step), x + half, plot.bottom),
            RoundEnd::Top,
            BAR_RADIUS,
        );
        if let Some(next) = steps.get(position + 1) {
            let begin = Point::new(x + half, (top(step) + BAR_RADIUS).min(plot.bottom));
            let end = Point::new(
                middle(position + 1) - half,
                (top(next) + 1.0).min(plot.bottom),
            );
            surface(&mut losses, &[begin, end], plot.bottom);
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
            let text = fit_text(text, band - 8.0, style.font_px());
            scene.text(
                style,
                Anchor::Middle,
                Point::new(middle(position), top(step) - lift),
                text,
            );
        }
    }
    BandLabels::OneRow.draw(&mut scene, steps, &plot);
    scene.plot = plot;
    scene.hits = Hits::Boxes(boxes);
    scene
}
