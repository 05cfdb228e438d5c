//! A whole dashboard: the element that holds it, the grid of its cards, and the first paint.

use emban_contract::embed::SurfaceWidget;

use crate::card::{CardState, push_card};
use crate::figure::lay_out;
use crate::grid_layout::{Place, places};
use crate::head::{push_chips, push_head};
use crate::html::{Html, Styles};
use crate::{Figures, Language, Screen};

/// The container that a first paint is drawn for, in CSS pixels. Another one scales the charts until a script has
/// measured them; nothing moves then, since the room of a chart does not depend on what is drawn in it.
const FIRST_WIDTH: f64 = 1280.0;

/// The empty element of a dashboard. Its parts are found by `data-r`.
pub fn shell(language: Language) -> String {
    let mut html = Html::new(Styles::Script);
    begin(&mut html, language);
    html.raw("<header class=\"em-head\" data-r=\"head\"></header>")
        .raw(OVER)
        .raw("<div class=\"em-chips\" data-r=\"chips\"></div>")
        .raw(BANNER)
        .raw("<div class=\"em-grid\" data-r=\"grid\"></div>")
        .raw(END);
    html.finish()
}

const OVER: &str = "<div data-r=\"over\"></div>";
const BANNER: &str = "<div class=\"em-banner\" role=\"status\" data-r=\"banner\"></div>";
const END: &str = "<div data-r=\"sheet\"></div><div class=\"em-sr\" aria-live=\"polite\" data-r=\"spoken\"></div></div>";

fn begin(html: &mut Html, language: Language) {
    html.raw("<div class=\"em-root\" dir=")
        .raw(if language.locale.right_to_left {
            "\"rtl\""
        } else {
            "\"ltr\""
        })
        .raw(">");
}

/// A dashboard at its first paint.
pub struct Page<'a> {
    /// What it is drawn from.
    pub screen: Screen<'a>,
    /// Age of the oldest figure, in seconds.
    pub age_seconds: Option<i64>,
}

/// The whole dashboard, drawn for a container of usual width.
pub fn page<'a>(page: &Page<'a>, figures: impl Fn(&SurfaceWidget) -> Figures<'a>) -> String {
    let screen = &page.screen;
    let mut html = screen.html();
    begin(&mut html, screen.language);
    html.raw("<header class=\"em-head\" data-r=\"head\">");
    push_head(&mut html, screen, None);
    html.raw("</header>")
        .raw(OVER)
        .raw("<div class=\"em-chips\" data-r=\"chips\">");
    push_chips(&mut html, screen, page.age_seconds);
    html.raw("</div>")
        .raw(BANNER)
        .raw("<div class=\"em-grid\" data-r=\"grid\">");
    for (widget, place) in screen.placed() {
        let figures = figures(widget);
        let state = CardState {
            size: first_size(screen.language, widget, figures, place),
            ..CardState::default()
        };
        push_card(&mut html, screen, widget, place, figures, &state);
    }
    html.raw("</div>").raw(END);
    html.finish()
}

/// What stands in the grid until the layout is known.
pub fn skeletons(language: Language) -> String {
    let mut html = Html::new(Styles::Script);
    for (at, class) in [
        "em-wait-3",
        "em-wait-3",
        "em-wait-3",
        "em-wait-3",
        "em-wait-8",
        "em-wait-4",
    ]
    .into_iter()
    .enumerate()
    {
        html.raw("<div class=\"em-card ").raw(class).raw("\"");
        if at == 0 {
            html.raw(" role=\"status\"")
                .attr("aria-label", language.words.loading);
        }
        html.raw("><div class=\"em-skel em-skel-fill\"></div></div>");
    }
    html.finish()
}

impl<'a> Screen<'a> {
    /// The widgets with their places, in reading order.
    pub fn placed(&self) -> impl Iterator<Item = (&'a SurfaceWidget, Place)> + use<'a> {
        let widgets = &self.surface.widgets;
        let layouts: Vec<_> = widgets.iter().map(|widget| widget.layout).collect();
        widgets.iter().zip(places(&layouts))
    }
}

/// The room of a chart on the grid of twelve columns, as the style sheet makes it.
fn first_size(
    language: Language,
    widget: &SurfaceWidget,
    figures: Figures<'_>,
    place: Place,
) -> Option<(f64, f64)> {
    const PADDING: f64 = 20.0;
    const GAP: f64 = 16.0;
    const ROW: f64 = 72.0;
    const CARD_INLINE: f64 = 2.0 * (18.0 + 1.0);
    const CARD_BLOCK: f64 = 2.0 * (16.0 + 1.0);
    const HEAD: f64 = 32.0;
    const LEGEND: f64 = 22.0 + 10.0;
    let Figures::Ready(data) = figures else {
        return None;
    };
    let column = (FIRST_WIDTH - 2.0 * PADDING - 11.0 * GAP) / 12.0;
    let (columns, rows) = (f64::from(place.width), f64::from(place.height));
    let width = columns * column + (columns - 1.0) * GAP - CARD_INLINE;
    let height = rows * ROW + (rows - 1.0) * GAP - CARD_BLOCK;
    let head = if widget.title.is_empty() { 0.0 } else { HEAD };
    let has_legend = lay_out(widget, data, &[], language, (width, height))
        .is_some_and(|scene| !scene.legend.is_empty());
    let legend = if has_legend { LEGEND } else { 0.0 };
    Some((width, (height - head - legend).max(40.0)))
}
