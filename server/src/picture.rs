//! A widget's chart as a picture by itself: the scene that the dashboard shows, with its title, its legend and its
//! colours inside.

use emban_chart::{LegendEntry, Mark, Scene, Shape, Slot, fit_text, push_escaped, push_svg};
use emban_contract::embed::{Surface, SurfaceWidget, WidgetData};
use emban_paint::{CardState, Choice, Figures, Language, Place, Screen, Styles, card};

use crate::document::offset_at;

/// `Content-Type` of the picture.
pub(crate) const CONTENT_TYPE: &str = "image/svg+xml";

const PALETTE: &str = include_str!("../../chart/palette.css");

/// The chart in CSS pixels: fits a slide and a column of a report.
const SIZE: (f64, f64) = (800.0, 400.0);
const MARGIN: f64 = 24.0;
const TITLE_HEIGHT: f64 = 32.0;
const LINE_HEIGHT: f64 = 22.0;
/// Names beside each other in the legend.
const LEGEND_COLUMNS: usize = 4;
/// Of a name, in CSS pixels; the class `eb-label` writes it in 12.
const NAME_WIDTH: f64 = 170.0;

/// Draws a widget's figures. Missing: `None` for a widget that is no chart, such as a number, a list or a table.
pub(crate) fn picture(
    surface: &Surface,
    widget: &SurfaceWidget,
    data: &WidgetData,
) -> Option<String> {
    let choice = Choice::initial(surface);
    let screen = Screen {
        surface,
        choice: &choice,
        language: language(surface),
        offset_at,
        styles: Styles::Attribute,
        svg: emban_paint::fixed,
    };
    let state = CardState {
        size: Some(SIZE),
        ..CardState::default()
    };
    let place = Place {
        column: 1,
        width: 12,
        row: 1,
        height: 6,
        of_two: 2,
    };
    let scene = card(&screen, widget, place, Figures::Ready(data), &state).scene?;
    Some(framed(&widget.title, &scene))
}

/// What a file of a session speaks: English where the session names no locale, since there is no viewer to ask.
pub(crate) fn language(surface: &Surface) -> Language {
    Language::from_tag(surface.locale.as_deref().unwrap_or("en"))
}

/// Puts title, chart and legend under each other.
fn framed(title: &str, scene: &Scene) -> String {
    let lines = scene.legend.len().div_ceil(LEGEND_COLUMNS);
    let chart_top = MARGIN + if title.is_empty() { 0.0 } else { TITLE_HEIGHT };
    let legend_top = chart_top + scene.size.height + LINE_HEIGHT;
    #[expect(
        clippy::cast_precision_loss,
        reason = "a legend has a dozen lines at most"
    )]
    let height = legend_top + LINE_HEIGHT * lines as f64 + MARGIN / 2.0;
    let width = scene.size.width + 2.0 * MARGIN;
    // Light whatever the reader's system prefers: a picture is put on paper and slides.
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" data-eb-theme=\"light\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\"><style>{PALETTE}</style>\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\
         <g class=\"eb-chart\" font-family=\"system-ui, sans-serif\">"
    );
    if !title.is_empty() {
        let y = MARGIN + TITLE_HEIGHT / 2.0;
        svg += &format!(
            "<text x=\"{MARGIN}\" y=\"{y}\" font-size=\"18\" font-weight=\"600\" fill=\"#1a1d24\">"
        );
        push_escaped(&mut svg, title);
        svg += "</text>";
    }
    svg += &format!("<g transform=\"translate({MARGIN} {chart_top})\">");
    push_svg(&mut svg, scene);
    svg += "</g>";
    let is_line = |mark: &Mark| {
        matches!(
            mark,
            Mark::Path {
                shape: Shape::Line,
                slot: Slot::Comparison,
                ..
            }
        )
    };
    let shape = if scene.marks.iter().any(is_line) {
        Shape::Line
    } else {
        Shape::Marker
    };
    let compared = shape.class();
    for (index, entry) in scene.legend.iter().enumerate() {
        push_key(&mut svg, index, entry, legend_top, compared);
    }
    svg + "</g></svg>\n"
}

/// `compared` is the class of what shows an earlier period in the chart.
fn push_key(svg: &mut String, index: usize, entry: &LegendEntry, top: f64, compared: &str) {
    #[expect(clippy::cast_precision_loss, reason = "a legend has a dozen entries")]
    let (column, line) = (
        (index % LEGEND_COLUMNS) as f64,
        (index / LEGEND_COLUMNS) as f64,
    );
    #[expect(clippy::cast_precision_loss, reason = "there are four columns")]
    let x = MARGIN + column * (SIZE.0 / LEGEND_COLUMNS as f64);
    let y = top + line * LINE_HEIGHT;
    let slot = entry.slot.class();
    *svg += &match entry.slot {
        Slot::Comparison => format!(
            "<path class=\"{compared} {slot}\" d=\"M{x} {}h12\"/>",
            y - 4.0
        ),
        _ => format!(
            "<rect class=\"eb-bar {slot}\" x=\"{x}\" y=\"{}\" width=\"10\" height=\"10\" rx=\"2\"/>",
            y - 9.0
        ),
    };
    *svg += &format!("<text class=\"eb-label\" x=\"{}\" y=\"{y}\">", x + 16.0);
    push_escaped(svg, &fit_text(&entry.name, NAME_WIDTH, 12.0));
    *svg += "</text>";
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_key_of_an_earlier_period_is_drawn_as_its_line() {
        let drawn = |chart: &str| {
            let surface: Surface = serde_json::from_value(json!({
                "dashboard_id": "dash_a", "version": 1, "name": "Usage",
                "filters": { "periods": [], "default_period": "7d", "dimensions": [], "numeric_ranges": [], "date_range": false, "max_date_range_days": 0 },
                "widgets": [{ "id": "w", "kind": "timeseries", "chart": chart, "title": "Calls", "layout": { "x": 0, "y": 0, "w": 6, "h": 4 } }],
                "allow_drill_down": true, "allow_export": true, "timezone": "UTC", "refresh": 15, "expires_in": 60
            }))
            .unwrap();
            let points = json!([["2026-03-01T00:00:00Z", 5], ["2026-03-02T00:00:00Z", 6]]);
            let data = json!({ "series": [{ "name": "count", "points": points }, { "name": "count", "role": "comparison", "points": points }],
                "granularity": "day", "from": "2026-03-01T00:00:00Z", "to": "2026-03-03T00:00:00Z", "offsets": [] });
            let data = serde_json::from_value(data).unwrap();
            picture(&surface, &surface.widgets[0], &data).unwrap()
        };
        let key = |shape: &str| format!("<path class=\"{shape} eb-cmp\" d=\"M224 ");
        let line = drawn("line");
        assert!(line.contains(&key("eb-line")), "{line}");
        assert_eq!(line.matches("<rect class=\"eb-bar").count(), 1, "{line}");
        let bars = drawn("bar");
        assert!(bars.contains(&key("eb-mark")), "{bars}");
    }
}
