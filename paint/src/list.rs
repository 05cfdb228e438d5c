//! A breakdown as a list with bars.

use emban_chart::format_number;
use emban_contract::embed::{SurfaceWidget, TableData};

use crate::Screen;
use crate::action::{Action, row_action};
use crate::change::{Compared, change_of};
use crate::figure_input::{categories, format, number};
use crate::html::{Css, Html};
use crate::stat::pill;

/// One line an item: label, bar, value and change.
pub(crate) fn list(html: &mut Html, screen: &Screen<'_>, widget: &SurfaceWidget, data: &TableData) {
    let (words, locale, format) = (
        screen.language.words,
        screen.language.locale,
        format(widget),
    );
    let items = categories(data, widget, words);
    let values = items.items.iter().map(|item| item.value).chain(items.other);
    let largest = values.fold(0.0, f64::max);
    let share = |value: f64| {
        if largest > 0.0 {
            (value / largest * 100.0).clamp(0.0, 100.0)
        } else {
            0.0
        }
    };
    html.raw("<ol class=\"em-list\" tabindex=\"0\"")
        .attr("aria-label", &widget.title)
        .raw(">");
    for (at, (item, row)) in items.items.iter().zip(&data.rows).enumerate() {
        let compared = Compared {
            value: Some(item.value),
            previous: item.previous,
            percent: number(data, row, "delta_pct"),
        };
        let action = row_action(widget, data, (at, 0), words);
        html.raw("<li class=\"em-item\">");
        if action.is_some() {
            html.raw("<button type=\"button\" class=\"em-item-button\" data-a=\"row\"")
                .count("data-v", at);
        }
        if let Some(Action::Filter { prop, value }) = &action {
            let chosen = screen.choice.chosen(prop).contains(value);
            html.attr("aria-pressed", if chosen { "true" } else { "false" });
        }
        html.raw(if action.is_some() { ">" } else { "" });
        label(html, &item.label);
        if let Some(change) = change_of(widget, compared, screen.language) {
            pill(html, &change, words);
        }
        bar(
            html,
            &format_number(item.value, &format, locale),
            share(item.value),
        );
        html.raw(if action.is_some() {
            "</button></li>"
        } else {
            "</li>"
        });
    }
    if let Some(rest) = items.other {
        html.raw("<li class=\"em-item em-item-rest\">");
        label(html, words.other);
        bar(html, &format_number(rest, &format, locale), share(rest));
        html.raw("</li>");
    }
    html.raw("</ol>");
}

fn label(html: &mut Html, label: &str) {
    html.raw("<span class=\"em-item-label\"")
        .attr("title", label)
        .raw(">")
        .text(label)
        .raw("</span><span class=\"em-item-delta\">");
}

fn bar(html: &mut Html, value: &str, percent: f64) {
    html.raw("</span><span class=\"em-item-value\">")
        .text(value)
        .raw("</span><span class=\"em-item-track\"><span class=\"em-item-bar\"")
        .style(&[("inline-size", Css::Percent(percent))])
        .raw("></span></span>");
}
