//! Panels that narrow by values of a dimension or by bounds of a number.

use emban_chart::{Format, format_number};
use emban_contract::dashboard::DimensionFilter;
use emban_contract::embed::DimensionValue;
use emban_contract::filters::NumericRange;
use emban_paint::dimension_value_label;
use leptos::prelude::*;

use super::icon::{SEARCH, icon};
use crate::json::Json;
use crate::rim::dom::{self, PanelPlace};
use crate::state::{Dashboard, Fetch};

/// Values with a search field.
pub(super) fn panel(d: Dashboard, place: PanelPlace, dimension: &DimensionFilter) -> AnyView {
    let prop = dimension.prop.clone();
    let multi = dimension.multi;
    let cleared = prop.clone();
    let counted = prop.clone();
    let chosen = move || d.choice.with(|choice| !choice.chosen(&counted).is_empty());
    let words = d.language.get_untracked().words;
    let (panel, field) = (dom::kept_inside(), dom::focused());
    view! {
        <div class="em-pop" node_ref=panel role="dialog" aria-label=words.choose_values style=("--em-top", place.top) style=("--em-left", place.left)>
            <label class="em-search">
                {icon(SEARCH)}
                <input type="search" class="em-input" placeholder=words.search aria-label=words.search_values node_ref=field
                    prop:value=move || d.values.with(|list| list.search.clone())
                    on:input=move |event| d.search_values(event_target_value(&event))/>
            </label>
            <div class="em-options">{move || options(d, &prop, multi)}</div>
            {move || chosen().then(|| {
                let prop = cleared.clone();
                view! { <div class="em-pop-foot"><button type="button" class="em-link" on:click=move |_| d.clear_dimension(&prop)>{words.clear}</button></div> }
            })}
        </div>
    }
    .into_any()
}

fn options(d: Dashboard, prop: &str, multi: bool) -> AnyView {
    let list = d.values.get();
    match list.fetch {
        Fetch::Loading if list.values.is_empty() => {
            view! { <div class="em-skel em-skel-line"></div><div class="em-skel em-skel-line"></div><div class="em-skel em-skel-line"></div> }.into_any()
        }
        Fetch::Failed(code) => view! { <p class="em-pop-note">{d.language.get().problem(code).title}</p> }.into_any(),
        Fetch::Loading | Fetch::Ready => {
            // A choice must stay reachable when the search no longer finds it.
            let missing = d.choice.with(|choice| {
                let unknown = |v: &&String| list.search.is_empty() && !list.values.iter().any(|found| found.value.as_deref().unwrap_or_default() == **v);
                choice.chosen(prop).iter().filter(unknown).cloned().collect::<Vec<_>>()
            });
            let missing = missing.into_iter().map(|value| DimensionValue { value: Some(value), count: 0 });
            let all: Vec<DimensionValue> = missing.chain(list.values).collect();
            if all.is_empty() {
                return view! { <p class="em-pop-note">{d.language.get_untracked().words.nothing_found}</p> }.into_any();
            }
            all.into_iter().map(|value| option(d, prop.to_owned(), value, multi)).collect_view().into_any()
        }
    }
}

fn option(d: Dashboard, prop: String, value: DimensionValue, multi: bool) -> AnyView {
    let raw = value.value.clone().unwrap_or_default();
    let (checked_prop, checked_raw) = (prop.clone(), raw.clone());
    let checked = move || {
        d.choice
            .with(|choice| choice.chosen(&checked_prop).contains(&checked_raw))
    };
    let label = d.surface.with_untracked(|surface| {
        surface.as_ref().map(|surface| {
            let words = d.language.get_untracked().words;
            dimension_value_label(&prop, value.value.as_deref(), surface, words)
        })
    });
    let count = (value.count > 0).then(|| {
        format_number(
            value.count as f64,
            &Format::compact(),
            d.language.get_untracked().locale,
        )
    });
    view! {
        <label class="em-option">
            <input type="checkbox" class="em-check" class:em-check-one=!multi prop:checked=checked on:change=move |_| d.toggle_value(&prop, &raw)/>
            <span class="em-option-text">{label}</span>
            <span class="em-option-count">{count}</span>
        </label>
    }
    .into_any()
}

/// Two number fields.
pub(super) fn range_panel(d: Dashboard, place: PanelPlace, prop: &str) -> AnyView {
    let chosen = d.choice.with_untracked(|choice| choice.range(prop));
    let text = |value: Option<f64>| value.map(|v| Json::Number(v).to_text()).unwrap_or_default();
    let min = RwSignal::new(text(chosen.and_then(|c| c.min)));
    let max = RwSignal::new(text(chosen.and_then(|c| c.max)));
    let prop = prop.to_owned();
    let number = |text: String| Json::parse(&text).as_ref().and_then(Json::number);
    let words = d.language.get_untracked().words;
    let (panel, field) = (dom::kept_inside(), dom::focused());
    view! {
        <div class="em-pop" node_ref=panel role="dialog" aria-label=words.choose_bounds style=("--em-top", place.top) style=("--em-left", place.left)>
            <form class="em-form" on:submit=move |event| {
                event.prevent_default();
                d.choose_range(&prop, NumericRange { min: number(min.get_untracked()), max: number(max.get_untracked()) });
            }>
                <div class="em-fields">
                    <label>{words.at_least} <input type="number" step="any" class="em-input" node_ref=field prop:value=move || min.get() on:input=move |e| min.set(event_target_value(&e))/></label>
                    <label>{words.at_most} <input type="number" step="any" class="em-input" prop:value=move || max.get() on:input=move |e| max.set(event_target_value(&e))/></label>
                </div>
                <button type="submit" class="em-btn em-btn-main">{words.apply}</button>
            </form>
        </div>
    }
    .into_any()
}
