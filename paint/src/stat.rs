//! One number: alone, or compared.

use emban_chart::{fill_template, format_number};
use emban_contract::embed::{KpiData, SurfaceWidget};

use crate::Screen;
use crate::change::{Change, Tone, change_of};
use crate::figure_input::format;
use crate::html::Html;
use crate::icon::{DOWN, UP};
use crate::wording::headline;
use crate::words::Words;

/// The headline number with its change.
pub(crate) fn stat(html: &mut Html, screen: &Screen<'_>, widget: &SurfaceWidget, data: &KpiData) {
    let (format, locale) = (format(widget), screen.language.locale);
    let text = headline(data.value, &format, locale);
    html.raw("<div class=\"em-stat\"><div class=\"em-stat-value")
        .raw(size(text.chars().count()))
        .raw("\"");
    if let Some(value) = data.value {
        html.attr("title", &format_number(value, &format, locale));
    }
    html.raw(">")
        .text(&text)
        .raw("</div><div class=\"em-stat-foot\">");
    if let Some(change) = change_of(widget, data.into(), screen.language) {
        pill(html, &change, screen.language.words);
    }
    if let Some(previous) = data.previous_value {
        let previous = headline(Some(previous), &format, locale);
        html.raw("<span class=\"em-stat-previous\">")
            .text(&fill_template(
                screen.language.words.versus,
                &[("value", &previous)],
            ))
            .raw("</span>");
    } else if data.value.is_none() {
        html.raw("<span class=\"em-stat-previous\">")
            .text(screen.language.words.no_data)
            .raw("</span>");
    }
    html.raw("</div></div>");
}

/// Smaller letters for longer numbers: a figure that is cut off is a wrong one.
fn size(letters: usize) -> &'static str {
    match letters {
        0..=8 => "",
        9..=12 => " em-long",
        13..=17 => " em-longer",
        _ => " em-longest",
    }
}

/// A change, with an arrow so that colour is not all that tells it.
pub(crate) fn pill(html: &mut Html, change: &Change, words: &Words) {
    html.raw(match change.tone {
        Tone::Good => "<span class=\"em-pill em-good\">",
        Tone::Bad => "<span class=\"em-pill em-bad\">",
        Tone::Neutral => "<span class=\"em-pill\">",
    });
    if change.tone != Tone::Neutral {
        html.icon(if change.amount > 0.0 { UP } else { DOWN });
    }
    html.raw("<span>").text(&change.text).raw("</span>");
    change.tone.push_spoken(html, words);
    html.raw("</span>");
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn longer_numbers_have_smaller_letters() {
        let sizes: Vec<&str> = [8, 9, 12, 13, 17, 18].map(size).into();
        let expect = [
            "",
            " em-long",
            " em-long",
            " em-longer",
            " em-longer",
            " em-longest",
        ];
        assert_eq!(sizes, expect);
    }
}
