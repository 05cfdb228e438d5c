//! Title, period, filters, chips and the refresh button.

use std::sync::Arc;

use emban_contract::dashboard::Period;
use emban_contract::embed::Surface;
use leptos::prelude::*;

use super::icon::{CALENDAR, CHEVRON, CLOSE, REFRESH, icon};
use super::{dates, values};
use crate::state::{Dashboard, Panel};
use crate::wording::{dimension_label, dimension_value_label};
use crate::{selection, texts};

/// The head of the dashboard.
pub(super) fn head(d: Dashboard, surface: Arc<Surface>) -> AnyView {
    let description = surface
        .description
        .clone()
        .map(|text| view! { <p class="em-description">{text}</p> });
    let dimensions = surface.filters.dimensions.iter().map(|dimension| {
        let prop = dimension.prop.clone();
        let count = move || d.filters.with(|f| selection::chosen(f, &prop).len());
        let label = dimension_label(&dimension.prop, &surface);
        let dimension = dimension.clone();
        anchored(
            d,
            Panel::Dimension(dimension.prop.clone()),
            label,
            count,
            move || values::panel(d, &dimension),
        )
    });
    let ranges = surface.filters.numeric_ranges.iter().map(|range| {
        let prop = range.prop.clone();
        let count = move || {
            d.filters
                .with(|f| usize::from(f.numeric_ranges.contains_key(&prop)))
        };
        let label = dimension_label(&range.prop, &surface);
        let range = range.clone();
        anchored(
            d,
            Panel::Range(range.prop.clone()),
            label,
            count,
            move || values::range_panel(d, &range.prop),
        )
    });
    let filters = dimensions.chain(ranges).collect_view();
    view! {
        <header class="em-head">
            <div class="em-titles">
                <h2 class="em-title">{surface.name.clone()}</h2>
                {description}
            </div>
            <div class="em-controls">
                <div class="em-filters">{filters}</div>
                {periods(d, &surface)}
                {refresh(d)}
            </div>
            {move || d.panel.with(Option::is_some).then(|| view! {
                <div class="em-backdrop" aria-hidden="true" on:click=move |_| d.panel.set(None)></div>
            })}
        </header>
        {chips(d, surface)}
    }
    .into_any()
}

/// A button with a panel under it.
fn anchored(
    d: Dashboard,
    panel: Panel,
    label: String,
    count: impl Fn() -> usize + Send + Sync + 'static,
    content: impl Fn() -> AnyView + Send + 'static,
) -> AnyView {
    let (mine, toggled) = (panel.clone(), panel);
    let open = Memo::new(move |_| d.panel.with(|open| open.as_ref() == Some(&mine)));
    let count = Memo::new(move |_| count());
    view! {
        <div class="em-anchor">
            <button type="button" class="em-btn" class:em-on=move || { count.get() > 0 } aria-haspopup="dialog"
                aria-expanded=move || open.get().to_string() on:click=move |_| d.toggle_panel(toggled.clone())>
                <span>{label}</span>
                {move || (count.get() > 0).then(|| view! { <span class="em-count">{count.get()}</span> })}
                {icon(CHEVRON)}
            </button>
            {move || open.get().then(&content)}
        </div>
    }
    .into_any()
}

fn periods(d: Dashboard, surface: &Surface) -> AnyView {
    let offer = &surface.filters;
    if offer.periods.is_empty() && !offer.date_range {
        return ().into_any();
    }
    let items = offer
        .periods
        .iter()
        .map(|period| period_item(d, *period))
        .collect_view();
    let (max_days, date_range) = (offer.max_date_range_days, offer.date_range);
    let custom = date_range.then(|| {
        let open = Memo::new(move |_| d.panel.with(|open| *open == Some(Panel::Dates)));
        let chosen = Memo::new(move |_| d.filters.with(selection::dates));
        view! {
            <div class="em-anchor">
                <button type="button" class="em-seg-item em-seg-button" class:em-on=move || chosen.get().is_some() aria-haspopup="dialog"
                    aria-expanded=move || open.get().to_string() on:click=move |_| d.toggle_panel(Panel::Dates)>
                    {icon(CALENDAR)}
                    <span>{move || chosen.get().map_or_else(|| "Custom".to_owned(), |range| dates::range_label(d, range))}</span>
                </button>
                {move || open.get().then(|| dates::panel(d, max_days))}
            </div>
        }
    });
    view! { <div class="em-seg" role="radiogroup" aria-label="Period">{items}{custom}</div> }
        .into_any()
}

fn period_item(d: Dashboard, period: Period) -> AnyView {
    let chosen = move || d.filters.with(|f| f.period == Some(period));
    view! {
        <label class="em-seg-item" class:em-on=chosen title=texts::period(period)>
            <input type="radio" name="em-period" class="em-sr" prop:checked=chosen on:change=move |_| d.choose_period(period)
                aria-label=texts::period(period)/>
            <span aria-hidden="true">{period.to_string()}</span>
        </label>
    }
    .into_any()
}

fn refresh(d: Dashboard) -> AnyView {
    let age = move || {
        d.freshness
            .get()
            .map(|f| texts::age(f.age_seconds(d.now.get())))
    };
    view! {
        <div class="em-refresh">
            <span class="em-age">{move || age().map(|age| format!("Updated {age}"))}</span>
            <button type="button" class="em-btn em-btn-icon" aria-label="Refresh" title="Refresh" on:click=move |_| d.reload()>
                {icon(REFRESH)}
            </button>
        </div>
    }
    .into_any()
}

/// One chip for each choice, each of which can be taken back.
fn chips(d: Dashboard, surface: Arc<Surface>) -> AnyView {
    let chips = move || {
        let filters = d.filters.get();
        if !selection::narrows(&filters) {
            return ().into_any();
        }
        let of_values = filters.dimensions.iter().flat_map(|(prop, values)| {
            let label = dimension_label(prop, &surface);
            let surface = Arc::clone(&surface);
            values
                .values()
                .iter()
                .map(move |value| {
                    let (prop, value) = (prop.clone(), value.clone());
                    let name = dimension_value_label(&prop, Some(&value), &surface);
                    let text = format!("{label}: {name}");
                    chip(text, move || d.toggle_value(&prop, &value))
                })
                .collect::<Vec<_>>()
        });
        let of_ranges = filters.numeric_ranges.iter().map(|(prop, range)| {
            let text = format!(
                "{}: {}",
                dimension_label(prop, &surface),
                values::range_label(d, *range)
            );
            let prop = prop.clone();
            chip(text, move || {
                d.choose_range(
                    &prop,
                    emban_contract::filters::NumericRange {
                        min: None,
                        max: None,
                    },
                )
            })
        });
        let chips = of_values.chain(of_ranges).collect_view();
        view! {
            <div class="em-chips" role="group" aria-label="Active filters">
                {chips}
                <button type="button" class="em-link" on:click=move |_| d.reset()>"Reset"</button>
            </div>
        }
        .into_any()
    };
    chips.into_any()
}

fn chip(text: String, remove: impl Fn() + 'static) -> AnyView {
    let label = format!("Remove filter {text}");
    view! {
        <span class="em-chip">
            <span class="em-chip-text">{text}</span>
            <button type="button" class="em-chip-x" aria-label=label on:click=move |_| remove()>{icon(CLOSE)}</button>
        </span>
    }
    .into_any()
}
