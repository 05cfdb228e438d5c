//! A breakdown as a list with bars.

use emban_chart::format_number;
use emban_contract::embed::{Cell, TableData};
use leptos::prelude::*;

use super::card::Card;
use super::stat::pill;
use crate::figure_input::{categories, format, group};
use crate::selection;
use crate::tooltip::{Action, row_action};
use crate::wording::{OTHER, change, tone};

/// One line an item: label, bar, value and change.
pub(super) fn list(card: &Card, data: &TableData) -> AnyView {
    let Some(widget) = card.widget() else {
        return ().into_any();
    };
    let (d, locale, format) = (card.d, card.d.locale.get(), format(widget));
    let items = categories(data, widget.options.as_ref());
    let largest = items
        .items
        .iter()
        .map(|item| item.value)
        .chain(items.other)
        .fold(0.0, f64::max);
    let delta_at = data
        .columns
        .iter()
        .position(|column| column.key == "delta_pct");
    let share = move |value: f64| {
        format!(
            "{:.1}%",
            if largest > 0.0 {
                (value / largest * 100.0).clamp(0.0, 100.0)
            } else {
                0.0
            }
        )
    };
    let rows = items.items.into_iter().zip(&data.rows).map(|(item, row)| {
        let delta = delta_at
            .and_then(|at| row.get(at))
            .and_then(|cell| match cell {
                Cell::Number(percent) => Some(pill(
                    *percent,
                    tone(*percent, widget.options.as_ref()),
                    &change(*percent, locale),
                )),
                Cell::Text(_) | Cell::Null => None,
            });
        let value = format_number(item.value, &format, locale);
        line(
            card,
            group(row),
            item.label,
            Some(share(item.value)),
            value,
            delta,
        )
    });
    let rest = items.other.map(|value| {
        view! { <li class="em-item em-item-rest">{inner(OTHER.to_owned(), Some(share(value)), format_number(value, &format, d.locale.get()), None)}</li> }
    });
    view! { <ol class="em-list" tabindex="0">{rows.collect_view()}{rest}</ol> }.into_any()
}

fn line(
    card: &Card,
    value: Option<String>,
    label: String,
    share: Option<String>,
    text: String,
    delta: Option<AnyView>,
) -> AnyView {
    let Some(widget) = card.widget() else {
        return ().into_any();
    };
    let (d, id) = (card.d, widget.id.clone());
    let Some(act) = row_action(widget, value.clone(), &label) else {
        return view! { <li class="em-item">{inner(label, share, text, delta)}</li> }.into_any();
    };
    let prop = widget.click_dimension.clone().unwrap_or_default();
    let raw = value.unwrap_or_default();
    let chosen = move || {
        d.filters
            .with(|f| selection::chosen(f, &prop).contains(&raw))
    };
    view! {
        <li class="em-item">
            <button type="button" class="em-item-button" aria-pressed=move || chosen().to_string() on:click=move |_| match act.clone() {
                Action::Filter { prop, value } => d.toggle_value(&prop, &value),
                Action::Drill { point, title } => d.drill(id.clone(), Some(point), title),
            }>{inner(label, share, text, delta)}</button>
        </li>
    }
    .into_any()
}

fn inner(label: String, share: Option<String>, text: String, delta: Option<AnyView>) -> AnyView {
    view! {
        <span class="em-item-label" title=label.clone()>{label.clone()}</span>
        <span class="em-item-delta">{delta}</span>
        <span class="em-item-value">{text}</span>
        {share.map(|share| view! { <span class="em-item-track"><span class="em-item-bar" style=("inline-size", share)></span></span> })}
    }
    .into_any()
}
