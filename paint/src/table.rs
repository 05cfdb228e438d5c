//! Figures as a table whose columns sort.

use emban_contract::embed::{SurfaceWidget, WidgetData};

use crate::Screen;
use crate::action::cell_action;
use crate::change::Tone;
use crate::html::Html;
use crate::icon::{DOWN, UP};
use crate::table_model::{Reading, Sort, TableCell, TableModel, order, table as model};
use crate::words::Words;

/// More rows than this are not put on the screen: nobody reads them there, and the page would stall.
const MOST_ROWS: usize = 500;
/// Marks the head of a column of numbers, whose order begins with the largest.
pub const NUMBERS: &str = "n";

/// The table of a widget.
pub(crate) fn table(
    html: &mut Html,
    screen: &Screen<'_>,
    widget: &SurfaceWidget,
    data: &WidgetData,
    sort: Option<Sort>,
) {
    let words = screen.language.words;
    let model = model(data, screen.reading(Some(widget)));
    // Of the groups that are not loaded one may be the largest of all.
    let in_part = sort.is_some() && model.foot.is_some();
    let acts =
        |row: usize, column: usize| cell_action(widget, data, (row, column), words).is_some();
    html.raw("<div class=\"em-scroll\" tabindex=\"0\" role=\"group\"")
        .attr("aria-label", named(widget, words))
        .raw("><table class=\"em-table\"><thead><tr>");
    for (at, column) in model.columns.iter().enumerate() {
        let mine = sort.filter(|sort| sort.column == at);
        html.raw("<th scope=\"col\"")
            .raw(if column.numeric {
                " class=\"em-num\""
            } else {
                ""
            })
            .attr(
                "aria-sort",
                match mine {
                    None => "none",
                    Some(sort) if sort.descending => "descending",
                    Some(_) => "ascending",
                },
            )
            .raw("><button type=\"button\" class=\"em-sort\" data-a=\"sort\"")
            .count("data-v", at)
            .attr("data-p", if column.numeric { NUMBERS } else { "" });
        if in_part && mine.is_some() {
            html.attr("title", words.sorts_shown);
        }
        html.raw("><span>").text(&column.label).raw("</span>");
        if let Some(sort) = mine {
            html.icon(if sort.descending { DOWN } else { UP });
        }
        html.raw("</button></th>");
    }
    html.raw("</tr></thead><tbody>");
    let lines = Lines {
        model: &model,
        words,
        acts: &acts,
    };
    for at in order(&model.rows, sort).into_iter().take(MOST_ROWS) {
        lines.push(html, at);
    }
    let cut = model.rows.len().saturating_sub(MOST_ROWS);
    if cut > 0 {
        html.raw("<tr><td class=\"em-cut\"")
            .count("colspan", model.columns.len())
            .raw(">")
            .text(&screen.language.rows_not_shown(cut))
            .raw("</td></tr>");
    }
    html.raw("</tbody>");
    foot(html, &model);
    html.raw("</table></div>");
    if in_part {
        html.raw("<p class=\"em-part\" role=\"status\">")
            .text(words.sorts_shown)
            .raw("</p>");
    }
}

/// What a region that scrolls is called.
fn named<'a>(widget: &'a SurfaceWidget, words: &'a Words) -> &'a str {
    if widget.title.is_empty() {
        words.table
    } else {
        &widget.title
    }
}

fn foot(html: &mut Html, model: &TableModel) {
    let Some(cells) = &model.foot else { return };
    html.raw("<tfoot><tr>");
    for (text, column) in cells.iter().zip(&model.columns) {
        html.raw(if column.numeric {
            "<td class=\"em-num\">"
        } else {
            "<td>"
        })
        .text(text)
        .raw("</td>");
    }
    html.raw("</tr></tfoot>");
}

/// The rows of a table.
struct Lines<'a> {
    model: &'a TableModel,
    words: &'a Words,
    /// Whether a click on a cell does something, by the row's position in the data and the column.
    acts: &'a dyn Fn(usize, usize) -> bool,
}

impl Lines<'_> {
    fn push(&self, html: &mut Html, at: usize) {
        let Some(row) = self.model.rows.get(at) else {
            return;
        };
        html.raw("<tr>");
        for (column_at, (cell, column)) in row.cells.iter().zip(&self.model.columns).enumerate() {
            if !(self.acts)(at, column_at) {
                self.plain(html, cell, column.numeric);
                continue;
            }
            html.raw(if column.numeric {
                "<td class=\"em-num em-acts\">"
            } else {
                "<td class=\"em-acts\">"
            })
            .raw("<button type=\"button\" class=\"em-cell\" data-a=\"row\"")
            .count("data-v", at)
            .count("data-p", column_at)
            .raw(">")
            .text(&cell.text)
            .raw("</button></td>");
        }
        html.raw("</tr>");
    }

    fn plain(&self, html: &mut Html, cell: &TableCell, numeric: bool) {
        html.raw(match (numeric, cell.tone) {
            (false, _) => "<td>",
            (true, Tone::Neutral) => "<td class=\"em-num\">",
            (true, Tone::Good) => "<td class=\"em-num em-good\">",
            (true, Tone::Bad) => "<td class=\"em-num em-bad\">",
        })
        .text(&cell.text);
        cell.tone.push_spoken(html, self.words);
        html.raw("</td>");
    }
}

/// A table that cannot be sorted, for pages of rows.
pub(crate) fn still(html: &mut Html, model: &TableModel, words: &Words) {
    html.raw("<table class=\"em-table\"><thead><tr>");
    for column in &model.columns {
        html.raw(if column.numeric {
            "<th scope=\"col\" class=\"em-num\">"
        } else {
            "<th scope=\"col\">"
        })
        .text(&column.label)
        .raw("</th>");
    }
    html.raw("</tr></thead><tbody>");
    let lines = Lines {
        model,
        words,
        acts: &|_, _| false,
    };
    for at in 0..model.rows.len() {
        lines.push(html, at);
    }
    html.raw("</tbody></table>");
}

impl<'a> Screen<'a> {
    /// What turns figures into text.
    pub(crate) fn reading(&self, widget: Option<&'a SurfaceWidget>) -> Reading<'a> {
        Reading {
            surface: self.surface,
            widget,
            language: self.language,
            offset_at: self.offset_at,
        }
    }
}
