//! One widget in its frame.

use emban_chart::{LegendEntry, Scene};
use emban_contract::dashboard::{Chart, WidgetKind};
use emban_contract::embed::{SurfaceWidget, WidgetData};

use crate::figure::{figure, lay_out};
use crate::figure_input::is_empty;
use crate::grid_layout::Place;
use crate::html::{Css, Html};
use crate::icon::{CHART, ROWS, SAVE, TABLE};
use crate::list::list;
use crate::markdown::markdown;
use crate::stat::stat;
use crate::table::table;
use crate::table_model::Sort;
use crate::{Figures, Screen, notice};

/// What stands in a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Shown {
    /// The chart.
    #[default]
    Chart,
    /// Its figures as a table.
    Table,
}

/// What a viewer has done with a card.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CardState {
    /// Chart or table.
    pub shown: Shown,
    /// Order of the table.
    pub sort: Option<Sort>,
    /// Series that are switched off, by position.
    pub hidden: Vec<usize>,
    /// Colours of the groups, by position; a group beyond the end has that of its position. See [`crate::Groups`].
    pub colors: Vec<usize>,
    /// Width and height of the chart in CSS pixels, once they are known.
    pub size: Option<(f64, f64)>,
}

impl CardState {
    /// Switches a series off or on again. The last one cannot be switched off: an empty chart says nothing.
    pub fn toggle_series(&mut self, series: usize, all: usize) {
        match self.hidden.iter().position(|hidden| *hidden == series) {
            Some(at) => {
                self.hidden.remove(at);
            }
            None if self.hidden.len() + 1 < all => self.hidden.push(series),
            None => self.hidden.clear(),
        }
    }
}

/// A card's markup, and the chart in it.
#[derive(Debug, Clone, Default)]
pub struct Drawn {
    /// The `section` element.
    pub markup: String,
    /// The chart, for the pointer.
    pub scene: Option<Scene>,
    /// How many series its legend names.
    pub series: usize,
}

/// Draws a widget in its frame.
pub fn card(
    screen: &Screen<'_>,
    widget: &SurfaceWidget,
    place: Place,
    figures: Figures<'_>,
    state: &CardState,
) -> Drawn {
    let mut html = screen.html();
    let chart = push_card(&mut html, screen, widget, place, figures, state);
    let (scene, series) = chart.unwrap_or_default();
    Drawn {
        markup: html.finish(),
        scene,
        series,
    }
}

/// The chart, if its size is known, and how many series its legend names.
type Charted = (Option<Scene>, usize);

pub(crate) fn push_card(
    html: &mut Html,
    screen: &Screen<'_>,
    widget: &SurfaceWidget,
    place: Place,
    figures: Figures<'_>,
    state: &CardState,
) -> Option<Charted> {
    open(html, screen, widget, place, state.shown);
    let mut chart = None;
    if widget.kind == WidgetKind::Text {
        let text = widget.options.as_ref().and_then(|o| o.markdown.as_deref());
        markdown(html, text.unwrap_or_default());
    } else {
        match figures {
            Figures::Loading => skeleton(html, screen, widget.kind),
            Figures::Failed(code) => notice::failed(html, screen.language, code, "retry"),
            Figures::Ready(data) => chart = ready(html, screen, widget, data, state),
        }
    }
    html.raw("</div></section>");
    chart
}

fn open(html: &mut Html, screen: &Screen<'_>, widget: &SurfaceWidget, place: Place, shown: Shown) {
    let heading = ["em-t-", widget.id.as_str()].concat();
    let titled = !widget.title.is_empty();
    html.raw("<section class=\"em-card em-k-")
        .raw(kind_class(widget.kind))
        .raw(if place.of_two == 2 {
            " em-of-2"
        } else {
            " em-of-1"
        })
        .raw(if place.height == 1 { " em-low\"" } else { "\"" })
        .attr("data-w", widget.id.as_str());
    if titled {
        html.attr("aria-labelledby", &heading);
    }
    html.style(&[
        ("--em-x", Css::Count(place.column)),
        ("--em-w", Css::Count(place.width)),
        ("--em-y", Css::Count(place.row)),
        ("--em-h", Css::Count(place.height)),
    ])
    .raw(">");
    if titled {
        html.raw("<header class=\"em-card-head\"><h3 class=\"em-card-title\"")
            .attr("id", &heading)
            .attr("title", &widget.title)
            .raw(">")
            .text(&widget.title)
            .raw("</h3>");
        if let Some(period) = widget.period {
            html.raw("<span class=\"em-own-period\">")
                .text(&screen.language.period(period))
                .raw("</span>");
        }
        tools(html, screen, widget, shown);
        html.raw("</header>");
    }
    html.raw("<div class=\"em-card-body\">");
}

fn kind_class(kind: WidgetKind) -> &'static str {
    match kind {
        WidgetKind::Kpi => "kpi",
        WidgetKind::Timeseries => "series",
        WidgetKind::Breakdown => "breakdown",
        WidgetKind::Table => "table",
        WidgetKind::Heatmap => "heatmap",
        WidgetKind::Text => "text",
    }
}

fn tools(html: &mut Html, screen: &Screen<'_>, widget: &SurfaceWidget, shown: Shown) {
    let words = screen.language.words;
    let has_chart = !matches!(
        widget.kind,
        WidgetKind::Kpi | WidgetKind::Table | WidgetKind::Text
    );
    html.raw("<div class=\"em-tools\">");
    // The users that a funnel counts are in no rows; the events of its steps are.
    if widget.drillable && widget.chart != Chart::Funnel {
        tool(html, "rows", words.view_rows, ROWS);
    }
    if has_chart {
        match shown {
            Shown::Chart => tool(html, "table", words.as_table, TABLE),
            Shown::Table => tool(html, "table", words.as_chart, CHART),
        }
    }
    if screen.surface.allow_export {
        tool(html, "save", words.download, SAVE);
    }
    html.raw("</div>");
}

fn tool(html: &mut Html, verb: &'static str, label: &str, icon: &'static str) {
    html.raw("<button type=\"button\" class=\"em-tool\"")
        .attr("data-a", verb)
        .attr("aria-label", label)
        .attr("title", label)
        .raw(">")
        .icon(icon)
        .raw("</button>");
}

fn ready(
    html: &mut Html,
    screen: &Screen<'_>,
    widget: &SurfaceWidget,
    data: &WidgetData,
    state: &CardState,
) -> Option<Charted> {
    match (data, widget.chart) {
        (WidgetData::Kpi(kpi), Chart::Progress | Chart::Gauge)
            if kpi.value.is_some()
                && widget.options.as_ref().is_some_and(|o| o.target.is_some()) => {}
        (WidgetData::Kpi(kpi), _) => {
            stat(html, screen, widget, kpi);
            return None;
        }
        _ if is_empty(data) => {
            notice::empty(html, screen);
            return None;
        }
        (WidgetData::Table(rows), Chart::List) if state.shown == Shown::Chart => {
            list(html, screen, widget, rows);
            return None;
        }
        _ => {}
    }
    let as_chart = !matches!(widget.chart, Chart::Table | Chart::Pivot | Chart::List)
        && state.shown == Shown::Chart;
    if as_chart {
        // The legend names what is hidden as well, so it is that of all series.
        let drawn = |hidden: &[usize], size| {
            let mut scene = lay_out(widget, data, hidden, screen.language, size)?;
            scene.recolor(&state.colors);
            Some(scene)
        };
        if let Some(all) = drawn(&[], state.size.unwrap_or((400.0, 240.0))) {
            return Some(charted(html, screen, widget, state, all, drawn));
        }
    }
    table(html, screen, widget, data, state.sort);
    None
}

fn charted(
    html: &mut Html,
    screen: &Screen<'_>,
    widget: &SurfaceWidget,
    state: &CardState,
    mut all: Scene,
    drawn: impl Fn(&[usize], (f64, f64)) -> Option<Scene>,
) -> Charted {
    let legend: Vec<LegendEntry> = std::mem::take(&mut all.legend);
    let scene = state.size.and_then(|size| {
        if state.hidden.is_empty() {
            Some(all)
        } else {
            drawn(&state.hidden, size)
        }
    });
    figure(
        html,
        screen,
        widget,
        (scene.as_ref(), &legend),
        &state.hidden,
    );
    let series = legend.len();
    // The tip reads the colours of series from the legend.
    let scene = scene.map(|scene| Scene { legend, ..scene });
    (scene, series)
}

/// Stands while figures are on their way, in about their shape.
fn skeleton(html: &mut Html, screen: &Screen<'_>, kind: WidgetKind) {
    html.raw("<div class=\"em-skeleton\" role=\"status\"")
        .attr("aria-label", screen.language.words.loading)
        .raw(">");
    match kind {
        WidgetKind::Kpi => {
            html.raw("<div class=\"em-skel em-skel-value\"></div><div class=\"em-skel em-skel-short\"></div>");
        }
        WidgetKind::Table | WidgetKind::Breakdown => {
            for _ in 0..5 {
                html.raw("<div class=\"em-skel em-skel-line\"></div>");
            }
        }
        WidgetKind::Timeseries | WidgetKind::Heatmap | WidgetKind::Text => {
            html.raw("<div class=\"em-skel em-skel-fill\"></div>");
        }
    }
    html.raw("</div>");
}
