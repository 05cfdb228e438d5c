//! A chart with its legend, and the tip beside the place that is pointed at.

use emban_chart::{
    Canvas, LegendEntry, Scene, Size, Slot, fill_template, push_fluid_svg, push_svg,
};
use emban_contract::dashboard::Chart;
use emban_contract::embed::{SurfaceWidget, WidgetData};

use crate::figure_input::{format, scene};
use crate::html::{Css, Html, Styles};
use crate::tooltip::{Tip, count};
use crate::{Language, Screen};

/// Lays a widget's figures out. Missing: `None` where the chart and the shape of the data do not go together.
pub(crate) fn lay_out(
    widget: &SurfaceWidget,
    data: &WidgetData,
    hidden: &[usize],
    language: Language,
    (width, height): (f64, f64),
) -> Option<Scene> {
    let format = format(widget);
    let canvas = Canvas {
        size: Size::new(width, height),
        title: &widget.title,
        format: &format,
        locale: language.locale,
        strings: language.words.chart,
    };
    scene(widget, data, hidden, &canvas, language.words)
}

/// Writes the chart, its legend and what takes the pointer and the arrow keys. Without a size only the room is kept.
pub(crate) fn figure(
    html: &mut Html,
    screen: &Screen<'_>,
    widget: &SurfaceWidget,
    (scene, legend): (Option<&Scene>, &[LegendEntry]),
    hidden: &[usize],
) {
    html.raw("<div class=\"em-figure\">");
    let lines = matches!(widget.chart, Chart::Line | Chart::Area);
    keys(html, screen, legend, hidden, |entry| {
        // As the line that it names.
        if lines && entry.slot == Slot::Comparison {
            "em-dash "
        } else {
            ""
        }
    });
    html.raw("<div class=\"em-plot\"><div class=\"em-svg\">");
    if let Some(scene) = scene {
        (screen.svg)(html.end(), scene, widget.chart);
    }
    let words = screen.language.words;
    let label = fill_template(words.arrow_keys, &[("title", &widget.title)]);
    html.raw("</div><div role=\"group\" class=\"em-hits\"")
        .raw(if scene.is_some_and(|scene| count(scene) > 0) {
            " tabindex=\"0\""
        } else {
            ""
        })
        .attr("aria-label", &label)
        .raw("></div></div></div>");
}

/// A chart of the size that it was laid out for.
pub fn fixed(out: &mut String, scene: &Scene, _: Chart) {
    push_svg(out, scene);
}

/// A chart for a room that nobody has measured yet. What has no angles to keep takes all of it, as it will when it is drawn
/// for it; a ring or a web fits into it, and so do tiles and steps, which cut their texts to their size.
pub fn fluid(out: &mut String, scene: &Scene, chart: Chart) {
    match chart {
        Chart::Donut | Chart::Gauge | Chart::Radar | Chart::Treemap | Chart::Funnel => {
            push_svg(out, scene);
        }
        _ => push_fluid_svg(out, scene),
    }
}

fn keys(
    html: &mut Html,
    screen: &Screen<'_>,
    legend: &[LegendEntry],
    hidden: &[usize],
    shape: impl Fn(&LegendEntry) -> &'static str,
) {
    if legend.is_empty() {
        return;
    }
    html.raw("<div class=\"em-legend\" role=\"group\"")
        .attr("aria-label", screen.language.words.series)
        .raw(">");
    for entry in legend {
        let off = hidden.contains(&entry.series);
        html.raw("<button type=\"button\" class=\"em-key")
            .raw(if off {
                " em-off\" aria-pressed=\"false\""
            } else {
                "\" aria-pressed=\"true\""
            })
            .raw(" data-a=\"key\"")
            .count("data-v", entry.series)
            .raw("><span class=\"em-swatch ")
            .raw(shape(entry))
            .raw(entry.slot.class())
            .raw("\"></span><span>")
            .text(&entry.name)
            .raw("</span></button>");
    }
    html.raw("</div>");
}

/// The tip, its cross-hair and its dots, for the layer over the chart. `width` is the chart's, in CSS pixels.
pub fn tip_markup(tip: &Tip, width: f64) -> String {
    let mut html = Html::new(Styles::Script);
    if let Some((x, top, bottom)) = tip.crosshair {
        html.raw("<div class=\"em-cross\"")
            .style(&[
                ("left", Css::Px(x)),
                ("top", Css::Px(top)),
                ("height", Css::Px(bottom - top)),
            ])
            .raw("></div>");
    }
    for (x, y, class) in &tip.dots {
        html.raw("<div class=\"em-dot ")
            .raw(class)
            .raw("\"")
            .style(&[("left", Css::Px(*x)), ("top", Css::Px(*y))])
            .raw("></div>");
    }
    html.raw("<div class=\"em-tip")
        .raw(if tip.acts { " em-tip-acts" } else { "" })
        // Past the middle the tip stands on the other side, so that it never leaves the card.
        .raw(if tip.at.0 > width / 2.0 {
            " em-tip-left\""
        } else {
            "\""
        })
        .style(&[
            ("left", Css::Px(tip.at.0.min(width).max(0.0))),
            ("top", Css::Px(tip.at.1.max(0.0))),
        ])
        .raw("><div class=\"em-tip-title\">")
        .text(&tip.title)
        .raw("</div>");
    for line in &tip.lines {
        html.raw("<div class=\"em-tip-line\">");
        if let Some(class) = line.class {
            html.raw("<span class=\"em-swatch ")
                .raw(class)
                .raw("\"></span>");
        }
        if !line.name.is_empty() {
            html.raw("<span class=\"em-tip-name\">")
                .text(&line.name)
                .raw("</span>");
        }
        html.raw("<span class=\"em-tip-value\">")
            .text(&line.value)
            .raw("</span></div>");
    }
    html.raw("</div>");
    html.finish()
}
