//! Figures as a table whose columns sort.

use std::sync::Arc;

use emban_contract::embed::WidgetData;
use leptos::prelude::*;

use super::card::Card;
use super::icon::{DOWN, UP, icon};
use crate::figure_input::group;
use crate::state::Dashboard;
use crate::table_model::{
    Sort, TableCell, TableColumn, TableModel, TableRow, sorted, table as model,
};
use crate::tooltip::{Action, row_action};
use crate::wording::Tone;

/// More rows than this are not put on the screen: nobody reads them there, and the page would stall.
const MOST_ROWS: usize = 500;

/// The table of a widget.
pub(super) fn table(card: &Card, data: Arc<WidgetData>) -> AnyView {
    let model = model(&data, card.d.reading(card.surface(), card.widget()));
    let card = card.clone();
    let sort = card.sort;
    let is_breakdown = matches!(&*data, WidgetData::Table(_));
    let TableModel {
        columns,
        rows,
        foot,
    } = model;
    let heads = columns.clone();
    let body = move || {
        let rows = sorted(&rows, sort.get());
        let cut = rows.len().saturating_sub(MOST_ROWS);
        let lines = rows
            .into_iter()
            .take(MOST_ROWS)
            .map(|row| line(&card, row, &columns, is_breakdown))
            .collect_view();
        let note = (cut > 0).then(|| view! { <tr><td class="em-cut" colspan=columns.len().to_string()>{format!("{cut} more rows are not shown")}</td></tr> });
        view! { {lines}{note} }
    };
    let foot = foot.map(|cells| {
        let numeric: Vec<bool> = heads.iter().map(|c| c.numeric).collect();
        let cells = cells
            .into_iter()
            .zip(numeric)
            .map(|(text, numeric)| view! { <td class:em-num=numeric>{text}</td> })
            .collect_view();
        view! { <tfoot><tr>{cells}</tr></tfoot> }
    });
    view! {
        <div class="em-scroll" tabindex="0" role="region" aria-label="Table">
            <table class="em-table">
                <thead><tr>{heads.into_iter().enumerate().map(|(at, column)| head(at, column, sort)).collect_view()}</tr></thead>
                <tbody>{body}</tbody>
                {foot}
            </table>
        </div>
    }
    .into_any()
}

fn head(at: usize, column: TableColumn, sort: RwSignal<Option<Sort>>) -> AnyView {
    let mine = move || sort.get().filter(|sort| sort.column == at);
    let order = move || match mine() {
        None => "none",
        Some(sort) if sort.descending => "descending",
        Some(_) => "ascending",
    };
    // Numbers are looked at from the largest, names from A.
    let (numeric, first) = (column.numeric, column.numeric);
    let next = move || match mine() {
        None => Some(Sort {
            column: at,
            descending: first,
        }),
        Some(sort) if sort.descending == first => Some(Sort {
            column: at,
            descending: !first,
        }),
        Some(_) => None,
    };
    view! {
        <th scope="col" class:em-num=numeric aria-sort=order>
            <button type="button" class="em-sort" on:click=move |_| sort.set(next())>
                <span>{column.label}</span>
                {move || mine().map(|sort| icon(if sort.descending { DOWN } else { UP }))}
            </button>
        </th>
    }
    .into_any()
}

fn line(card: &Card, row: TableRow, columns: &[TableColumn], is_breakdown: bool) -> AnyView {
    let raw = row.cells.first().map(|cell| cell.value.clone());
    let cells = row
        .cells
        .into_iter()
        .enumerate()
        .map(|(at, cell)| {
            let act = card
                .widget()
                .filter(|_| at == 0 && is_breakdown)
                .and_then(|widget| Some((widget.id.clone(), row_action(widget, group(&[raw.clone()?]), &cell.text)?)));
            let numeric = columns.get(at).is_some_and(|column| column.numeric);
            match act {
                Some((id, act)) => {
                    let d = card.d;
                    view! { <td><button type="button" class="em-link em-cell" on:click=move |_| run(d, &id, act.clone())>{cell.text}</button></td> }.into_any()
                }
                None => plain(cell, numeric),
            }
        })
        .collect_view();
    view! { <tr>{cells}</tr> }.into_any()
}

fn run(d: Dashboard, id: &emban_contract::WidgetId, act: Action) {
    match act {
        Action::Filter { prop, value } => d.toggle_value(&prop, &value),
        Action::Drill { point, title } => d.drill(id.clone(), Some(point), title),
    }
}

fn plain(cell: TableCell, numeric: bool) -> AnyView {
    view! { <td class:em-num=numeric class:em-good=cell.tone == Tone::Good class:em-bad=cell.tone == Tone::Bad>{cell.text}</td> }.into_any()
}

/// A table that cannot be sorted, for pages of rows.
pub(super) fn still(model: TableModel) -> AnyView {
    let numeric: Vec<bool> = model.columns.iter().map(|column| column.numeric).collect();
    let heads = model
        .columns
        .into_iter()
        .map(|c| view! { <th scope="col" class:em-num=c.numeric>{c.label}</th> })
        .collect_view();
    let lines = model
        .rows
        .into_iter()
        .map(|row| view! { <tr>{row.cells.into_iter().zip(&numeric).map(|(cell, numeric)| plain(cell, *numeric)).collect_view()}</tr> })
        .collect_view();
    view! { <table class="em-table"><thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table> }
        .into_any()
}
