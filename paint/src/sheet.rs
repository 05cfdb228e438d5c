//! The events behind a number, in a sheet at the side.

use emban_contract::embed::{Cell, Column};

use crate::html::Css;
use crate::icon::CLOSE;
use crate::panel::{Fetch, lines, note};
use crate::table::still;
use crate::table_model::of_rows;
use crate::{Screen, notice};

/// What the sheet shows.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    /// What the viewer looks behind.
    pub title: &'a str,
    /// The columns.
    pub columns: &'a [Column],
    /// The rows so far.
    pub rows: &'a [Vec<Cell>],
    /// Whether the page asked for is here.
    pub fetch: Fetch,
    /// Whether there is another page.
    pub more: bool,
    /// How far below the top of the dashboard the viewer looks, in CSS pixels, where the window does not tell.
    pub depth: Option<f64>,
}

/// The sheet with what dims the dashboard under it. The element that takes the focus carries `data-f`.
pub fn sheet(screen: &Screen<'_>, shown: &Rows<'_>) -> String {
    let words = screen.language.words;
    let mut html = screen.html();
    html.raw("<div class=\"em-shade\" aria-hidden=\"true\" data-a=\"close\"></div><div class=\"em-sheet")
        .raw(if shown.depth.is_some() { " em-sheet-at\"" } else { "\"" })
        .raw(" role=\"dialog\" aria-modal=\"true\" tabindex=\"-1\"")
        .attr("aria-label", &[words.rows, ": ", shown.title].concat())
        .style(&[("--em-at", Css::Px(shown.depth.unwrap_or_default()))])
        .raw("><div class=\"em-sheet-inner\"><header class=\"em-sheet-head\"><div><p class=\"em-sheet-kind\">")
        .text(words.rows)
        .raw("</p><h3 class=\"em-sheet-title\">")
        .text(shown.title)
        .raw("</h3></div><button type=\"button\" class=\"em-tool\" data-a=\"close\" data-f")
        .attr("aria-label", words.close)
        .raw(">")
        .icon(CLOSE)
        .raw("</button></header><div class=\"em-sheet-body\" tabindex=\"0\" role=\"group\"")
        .attr("aria-label", words.table)
        .raw(">");
    if !shown.rows.is_empty() {
        still(
            &mut html,
            &of_rows(shown.columns, shown.rows, screen.reading(None)),
            words,
        );
    }
    match shown.fetch {
        Fetch::Loading => lines(&mut html, 8),
        Fetch::Failed(code) => notice::failed(&mut html, screen.language, code, "more"),
        Fetch::Ready if shown.more => {
            html.button("em-btn em-more", "more", words.load_more);
        }
        Fetch::Ready if shown.rows.is_empty() => note(&mut html, words.no_rows),
        Fetch::Ready => {}
    }
    html.raw("</div></div></div>");
    html.finish()
}
