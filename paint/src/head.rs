//! Title, filters, period, age of the figures, and the chips of what is chosen.

use emban_chart::{Format, Step, fill_template, format_number, format_time};
use emban_contract::UnixMillis;
use emban_contract::dashboard::Period;
use emban_contract::filters::{DateRange, NumericRange};
use emban_contract::time::DAY_MS;

use crate::Screen;
use crate::html::Html;
use crate::icon::{CALENDAR, CHEVRON, CLOSE, REFRESH};
use crate::wording::{dimension_label, dimension_value_label};

/// What is open over the dashboard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Panel {
    /// Dates of the viewer's own.
    Dates,
    /// Values of a dimension.
    Dimension(String),
    /// Bounds of a numeric property.
    Range(String),
    /// What can be saved of a widget.
    Save(String),
}

/// The head of the dashboard, without its element; `open` is the panel that is open.
pub fn head(screen: &Screen<'_>, open: Option<&Panel>) -> String {
    let mut html = screen.html();
    push_head(&mut html, screen, open);
    html.finish()
}

pub(crate) fn push_head(html: &mut Html, screen: &Screen<'_>, open: Option<&Panel>) {
    let surface = screen.surface;
    html.raw("<div class=\"em-titles\"><h2 class=\"em-title\">")
        .text(&surface.name)
        .raw("</h2>");
    if let Some(description) = &surface.description {
        html.raw("<p class=\"em-description\">")
            .text(description)
            .raw("</p>");
    }
    html.raw("</div><div class=\"em-controls\"><div class=\"em-filters\">");
    for dimension in &surface.filters.dimensions {
        let chosen = screen.choice.chosen(&dimension.prop).len();
        let open = Open(open == Some(&Panel::Dimension(dimension.prop.clone())));
        filter(html, screen, ("filter", &dimension.prop), chosen, open);
    }
    for range in &surface.filters.numeric_ranges {
        let chosen = usize::from(screen.choice.range(&range.prop).is_some());
        let open = open == Some(&Panel::Range(range.prop.clone()));
        filter(html, screen, ("range", &range.prop), chosen, Open(open));
    }
    html.raw("</div>");
    periods(html, screen, Open(open == Some(&Panel::Dates)));
    html.raw("</div>");
}

/// Whether the panel of a button is open.
#[derive(Clone, Copy)]
struct Open(bool);

impl Open {
    fn word(self) -> &'static str {
        if self.0 { "true" } else { "false" }
    }
}

/// A button with a panel.
fn filter(
    html: &mut Html,
    screen: &Screen<'_>,
    (verb, prop): (&'static str, &str),
    chosen: usize,
    open: Open,
) {
    html.raw("<button type=\"button\" class=\"em-btn")
        .raw(if chosen > 0 { " em-on" } else { "" })
        .raw("\" aria-haspopup=\"dialog\"")
        .attr("aria-expanded", open.word())
        .attr("data-a", verb)
        .attr("data-v", prop)
        .raw("><span>")
        .text(&dimension_label(prop, screen.surface))
        .raw("</span>");
    // One in the place of the other, so that a choice moves nothing.
    if chosen > 0 {
        html.raw("<span class=\"em-count\">")
            .text(&screen.language.count(chosen as i64))
            .raw("</span>");
    } else {
        html.icon(CHEVRON);
    }
    html.raw("</button>");
}

fn periods(html: &mut Html, screen: &Screen<'_>, open: Open) {
    let offer = &screen.surface.filters;
    if offer.periods.is_empty() && !offer.date_range {
        return;
    }
    html.raw("<div class=\"em-seg\" role=\"group\"")
        .attr("aria-label", screen.language.words.period)
        .raw(">");
    for period in &offer.periods {
        item(html, screen, *period);
    }
    if offer.date_range {
        let chosen = screen.choice.dates;
        html.raw("<button type=\"button\" class=\"em-seg-item")
            .raw(if chosen.is_some() { " em-on" } else { "" })
            .raw("\" data-a=\"dates\" aria-haspopup=\"dialog\"")
            .attr("aria-expanded", open.word())
            .raw(">")
            .icon(CALENDAR)
            .raw("<span>");
        match chosen {
            Some(range) => html.text(&dates(screen, range)),
            None => html.text(screen.language.words.custom),
        };
        html.raw("</span></button>");
    }
    html.raw("</div>");
}

fn item(html: &mut Html, screen: &Screen<'_>, period: Period) {
    let chosen = screen.choice.period == Some(period);
    let language = screen.language;
    let (short, name) = (language.short_period(period), language.period(period));
    html.raw("<button type=\"button\" class=\"em-seg-item")
        .raw(if chosen { " em-on" } else { "" })
        .raw("\" data-a=\"period\"")
        .attr("data-v", &period.to_string())
        .attr("aria-pressed", Open(chosen).word())
        // Whoever speaks to the page says what is to be seen, so the name begins with it (WCAG 2.5.3).
        .attr("aria-label", &[&short, ", ", &name].concat())
        .attr("title", &name)
        .raw(">")
        .text(&short)
        .raw("</button>");
}

fn refresh(html: &mut Html, screen: &Screen<'_>, age_seconds: Option<i64>) {
    let words = screen.language.words;
    html.raw("<div class=\"em-refresh\"><span class=\"em-age\">");
    if let Some(seconds) = age_seconds {
        let age = screen.language.age(seconds);
        html.text(&fill_template(words.updated, &[("age", &age)]));
    }
    html.raw("</span><button type=\"button\" class=\"em-tool\" data-a=\"refresh\"")
        .attr("aria-label", words.refresh)
        .attr("title", words.refresh)
        .raw(">")
        .icon(REFRESH)
        .raw("</button></div>");
}

/// The line under the head: one chip for each choice, each of which can be taken back, and how old the figures are. It is
/// always there and never higher, so that a choice moves nothing. `age_seconds` is the age of the oldest figure, if there is
/// one.
pub fn chips(screen: &Screen<'_>, age_seconds: Option<i64>) -> String {
    let mut html = screen.html();
    push_chips(&mut html, screen, age_seconds);
    html.finish()
}

pub(crate) fn push_chips(html: &mut Html, screen: &Screen<'_>, age_seconds: Option<i64>) {
    let (choice, words) = (screen.choice, screen.language.words);
    html.raw("<div class=\"em-chosen\">");
    for (prop, values) in &choice.dimensions {
        for value in values {
            let name = dimension_value_label(prop, Some(value), screen.surface, words);
            chip(html, screen, prop, &name, Some(value));
        }
    }
    for (prop, range) in &choice.ranges {
        chip(html, screen, prop, &bounds(screen, *range), None);
    }
    html.raw("</div>");
    if choice.narrows() {
        html.raw("<button type=\"button\" class=\"em-link\" data-a=\"reset\">")
            .text(words.reset)
            .raw("</button>");
    }
    refresh(html, screen, age_seconds);
}

fn chip(html: &mut Html, screen: &Screen<'_>, prop: &str, name: &str, value: Option<&str>) {
    let text = [&dimension_label(prop, screen.surface), ": ", name].concat();
    let label = fill_template(screen.language.words.remove_filter, &[("name", &text)]);
    html.raw("<span class=\"em-chip\"><span class=\"em-chip-text\">")
        .text(&text)
        .raw("</span><button type=\"button\" class=\"em-chip-x\"")
        .attr(
            "data-a",
            if value.is_some() {
                "unfilter"
            } else {
                "unrange"
            },
        )
        .attr("data-p", prop)
        .attr("data-v", value.unwrap_or_default())
        .attr("aria-label", &label)
        .raw(">")
        .icon(CLOSE)
        .raw("</button></span>");
}

/// `Mar 1 – Mar 7, 2026`, in the session's zone; with the times where they are not the ends of days.
fn dates(screen: &Screen<'_>, range: DateRange) -> String {
    let is_midnight = |at: UnixMillis| {
        let local = at.plus_seconds(screen.offset_at(at).into());
        local.0.rem_euclid(DAY_MS) == 0
    };
    let (step, last) = if is_midnight(range.from) && is_midnight(range.to) {
        (Step::Day, range.to.0 - 1)
    } else {
        (Step::Minute, range.to.0)
    };
    let text = |at: i64| {
        let offset = screen.offset_at(UnixMillis(at));
        format_time(at, step, offset, screen.language.locale)
    };
    between(text(range.from.0), &text(last))
}

fn between(first: String, last: &str) -> String {
    if first == last {
        first
    } else {
        [&first, " – ", last].concat()
    }
}

/// `≥ 10`, `≤ 500` or `10 – 500`
fn bounds(screen: &Screen<'_>, range: NumericRange) -> String {
    let text = |value: f64| format_number(value, &Format::plain(), screen.language.locale);
    match (range.min, range.max) {
        (Some(min), Some(max)) => between(text(min), &text(max)),
        (Some(min), None) => ["≥ ", &text(min)].concat(),
        (None, Some(max)) => ["≤ ", &text(max)].concat(),
        (None, None) => String::new(),
    }
}
