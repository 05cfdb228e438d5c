//! What opens over a dashboard: panels of values, bounds and dates, drawn under their buttons.

use emban_chart::{Format, format_number, push_number};
use emban_contract::ProblemCode;
use emban_contract::UnixMillis;
use emban_contract::dashboard::{DimensionFilter, Period};
use emban_contract::embed::DimensionValue;
use emban_contract::time::DAY_MS;

use crate::Screen;
use crate::choice::{DatesError, day_at};
use crate::head::Panel;
use crate::html::{Css, Html};
use crate::icon::SEARCH;
use crate::wording::{dimension_label, dimension_value_label};

/// Something that is fetched while the viewer looks on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fetch {
    /// On its way.
    #[default]
    Loading,
    /// Here.
    Ready,
    /// It did not come; without a code there was no connection.
    Failed(Option<ProblemCode>),
}

/// The values offered for a dimension.
#[derive(Debug, Clone, Copy)]
pub struct Offer<'a> {
    /// What the viewer typed.
    pub search: &'a str,
    /// The values, the most frequent first.
    pub values: &'a [DimensionValue],
    /// Whether they are here.
    pub fetch: Fetch,
}

/// What the open panel shows beside the screen.
#[derive(Debug, Clone, Copy)]
pub struct OpenPanel<'a> {
    /// Which panel.
    pub panel: &'a Panel,
    /// Distance from the top and the left of the dashboard, in CSS pixels.
    pub place: (f64, f64),
    /// The values of its dimension.
    pub offer: Offer<'a>,
    /// Why its dates were not taken.
    pub refused: Option<DatesError>,
    /// The clock: no figure is of a later day.
    pub now: UnixMillis,
    /// Whether the file that was asked for is here.
    pub file: Fetch,
    /// Whether its widget is drawn as a chart.
    pub has_picture: bool,
}

impl Panel {
    /// Its width in CSS pixels, where the dashboard is wide enough.
    pub fn width(&self) -> f64 {
        match self {
            Self::Dates => 312.0,
            Self::Dimension(_) | Self::Range(_) => 272.0,
            Self::Save(_) => 200.0,
        }
    }
}

/// The open panel with what catches clicks beside it. The element that takes the focus carries `data-f`.
pub fn panel(screen: &Screen<'_>, open: &OpenPanel<'_>) -> String {
    let words = screen.language.words;
    let mut html = screen.html();
    html.raw("<div class=\"em-backdrop\" aria-hidden=\"true\" data-a=\"close\"></div><div class=\"em-pop\" role=\"dialog\" tabindex=\"-1\"")
        .attr(
            "aria-label",
            match open.panel {
                Panel::Dates => words.choose_dates,
                Panel::Dimension(_) => words.choose_values,
                Panel::Range(_) => words.choose_bounds,
                Panel::Save(_) => words.download,
            },
        )
        .style(&[
            ("--em-top", Css::Px(open.place.0)),
            ("--em-left", Css::Px(open.place.1)),
            ("--em-pop", Css::Px(open.panel.width())),
        ])
        .raw(">");
    match open.panel {
        Panel::Dates => dates(&mut html, screen, open),
        Panel::Range(prop) => range(&mut html, screen, prop),
        Panel::Save(widget) => files(&mut html, screen, widget, open),
        Panel::Dimension(prop) => {
            let offered = &screen.surface.filters.dimensions;
            if let Some(dimension) = offered.iter().find(|dimension| dimension.prop == *prop) {
                values(&mut html, screen, dimension, &open.offer);
            }
        }
    }
    html.raw("</div>");
    html.finish()
}

/// Values with a search field.
fn values(html: &mut Html, screen: &Screen<'_>, dimension: &DimensionFilter, offer: &Offer<'_>) {
    let words = screen.language.words;
    html.raw("<label class=\"em-search\">")
        .icon(SEARCH)
        .raw("<input type=\"search\" class=\"em-input\" data-i=\"search\" data-f")
        .attr("placeholder", words.search)
        .attr("aria-label", words.search_values)
        .raw("/></label><div class=\"em-options\" role=")
        .raw(if dimension.multi {
            "\"group\""
        } else {
            "\"radiogroup\""
        })
        .attr(
            "aria-label",
            &dimension_label(&dimension.prop, screen.surface),
        )
        .raw(">");
    options(html, screen, dimension, offer);
    html.raw("</div>");
    if !screen.choice.chosen(&dimension.prop).is_empty() {
        html.raw(
            "<div class=\"em-pop-foot\"><button type=\"button\" class=\"em-link\" data-a=\"clear\"",
        )
        .attr("data-v", &dimension.prop)
        .raw(">")
        .text(words.clear)
        .raw("</button></div>");
    }
}

fn options(html: &mut Html, screen: &Screen<'_>, dimension: &DimensionFilter, offer: &Offer<'_>) {
    match offer.fetch {
        Fetch::Loading if offer.values.is_empty() => lines(html, 3),
        Fetch::Failed(code) => note(html, screen.language.problem(code).title),
        Fetch::Loading | Fetch::Ready => {
            // A choice must stay reachable when the first page of values does not hold it.
            let missing = screen
                .choice
                .chosen(&dimension.prop)
                .iter()
                .filter(|chosen| {
                    let is_it = |found: &DimensionValue| {
                        found.value.as_deref().unwrap_or_default() == **chosen
                    };
                    offer.search.is_empty() && !offer.values.iter().any(is_it)
                });
            let mut none = true;
            for value in missing {
                option(html, screen, dimension, (Some(value), 0));
                none = false;
            }
            for found in offer.values {
                option(
                    html,
                    screen,
                    dimension,
                    (found.value.as_deref(), found.count),
                );
                none = false;
            }
            if none {
                note(html, screen.language.words.nothing_found);
            }
        }
    }
}

fn option(
    html: &mut Html,
    screen: &Screen<'_>,
    dimension: &DimensionFilter,
    (value, count): (Option<&str>, u64),
) {
    let prop = &dimension.prop;
    let raw = value.unwrap_or_default();
    let chosen = screen
        .choice
        .chosen(prop)
        .iter()
        .any(|chosen| chosen == raw);
    html.raw("<label class=\"em-option\"><input class=\"em-check\" type=")
        .raw(if dimension.multi {
            "\"checkbox\" data-a=\"unfilter\""
        } else {
            "\"radio\" name=\"em-one\" data-a=\"choose\""
        })
        .attr("data-p", prop)
        .attr("data-v", raw)
        .raw(if chosen { " checked" } else { "" })
        .raw("/><span class=\"em-option-text\">")
        .text(&dimension_value_label(
            prop,
            value,
            screen.surface,
            screen.language.words,
        ))
        .raw("</span><span class=\"em-option-count\">");
    if count > 0 {
        html.text(&format_number(
            count as f64,
            &Format::compact(),
            screen.language.locale,
        ));
    }
    html.raw("</span></label>");
}

/// Two number fields.
fn range(html: &mut Html, screen: &Screen<'_>, prop: &str) {
    let words = screen.language.words;
    let chosen = screen.choice.range(prop);
    let bound = |bound: Option<f64>| {
        bound.map_or_else(String::new, |bound| {
            let mut text = String::new();
            push_number(&mut text, bound);
            text
        })
    };
    let kind = "number\" step=\"any";
    html.raw("<div class=\"em-form\"><div class=\"em-fields\">");
    field(
        html,
        (kind, words.at_least),
        &bound(chosen.and_then(|c| c.min)),
        &[],
        Focus::Takes,
    );
    field(
        html,
        (kind, words.at_most),
        &bound(chosen.and_then(|c| c.max)),
        &[],
        Focus::Leaves,
    );
    html.raw("</div>");
    apply(html, screen, "bound", prop);
}

/// Two date fields, neither beyond today or the other. While the viewer types, the page keeps the second bound.
fn dates(html: &mut Html, screen: &Screen<'_>, open: &OpenPanel<'_>) {
    let words = screen.language.words;
    let day = |at: UnixMillis| day_at(at, screen.offset_at(at));
    let today = day(open.now);
    let (first, last) = match (screen.choice.dates, screen.choice.period) {
        (Some(dates), _) => (day(dates.from), day(UnixMillis(dates.to.0 - 1))),
        // About what is on the screen, to begin with.
        (None, period) => {
            let days = period.map_or(1, Period::max_days);
            let first = UnixMillis(open.now.0 - (i64::from(days) - 1) * DAY_MS);
            (day(first), today.clone())
        }
    };
    html.raw("<div class=\"em-form\"><div class=\"em-fields\">");
    let bounds = [("max", last.as_str())];
    field(html, ("date", words.from), &first, &bounds, Focus::Takes);
    let bounds = [("min", first.as_str()), ("max", &today)];
    field(html, ("date", words.to), &last, &bounds, Focus::Leaves);
    html.raw("</div>");
    // There from the begin: what comes between would take the button, and the focus with it, off the page.
    html.raw("<p class=\"em-error\" role=\"alert\">");
    if let Some(why) = open.refused {
        html.text(&screen.language.dates_error(why));
    }
    html.raw("</p>");
    apply(html, screen, "between", "");
}

/// Whether a field takes the focus when its panel opens.
#[derive(Clone, Copy, PartialEq)]
enum Focus {
    Takes,
    Leaves,
}

/// A field whose text the page keeps from here on: what is drawn later does not touch what was typed.
fn field(
    html: &mut Html,
    (kind, label): (&'static str, &'static str),
    value: &str,
    bounds: &[(&'static str, &str)],
    focus: Focus,
) {
    html.raw("<label>")
        .text(label)
        .raw(" <input class=\"em-input\" type=\"")
        .raw(kind)
        .raw("\"")
        .attr("value", value);
    for (name, bound) in bounds {
        html.attr(name, bound);
    }
    html.raw(if focus == Focus::Takes { " data-f" } else { "" })
        .raw("/></label>");
}

/// A button, and no form: a frame in a sandbox without `allow-forms` sends none.
fn apply(html: &mut Html, screen: &Screen<'_>, verb: &'static str, prop: &str) {
    html.raw("<button type=\"button\" class=\"em-btn em-btn-main\"")
        .attr("data-a", verb)
        .attr("data-v", prop)
        .raw(">")
        .text(screen.language.words.apply)
        .raw("</button></div>");
}

/// The files that a widget can be saved as.
fn files(html: &mut Html, screen: &Screen<'_>, widget: &str, open: &OpenPanel<'_>) {
    let words = screen.language.words;
    let figures = ("csv", words.as_csv);
    let pictures = [("png", words.as_png), ("svg", words.as_svg)];
    let offered = pictures.iter().filter(|_| open.has_picture);
    for (at, (verb, text)) in std::iter::once(&figures).chain(offered).enumerate() {
        html.raw("<button type=\"button\" class=\"em-file\"")
            .attr("data-a", verb)
            .attr("data-v", widget)
            .raw(if at == 0 { " data-f" } else { "" })
            .raw(">")
            .text(text)
            .raw("</button>");
    }
    match open.file {
        Fetch::Loading => lines(html, 1),
        Fetch::Failed(code) => {
            html.raw("<p class=\"em-error\" role=\"alert\">")
                .text(screen.language.problem(code).title)
                .raw("</p>");
        }
        Fetch::Ready => {}
    }
}

/// Lines that stand for what is on its way.
pub(crate) fn lines(html: &mut Html, count: usize) {
    for _ in 0..count {
        html.raw("<div class=\"em-skel em-skel-line\"></div>");
    }
}

pub(crate) fn note(html: &mut Html, text: &str) {
    html.raw("<p class=\"em-pop-note\">").text(text).raw("</p>");
}
