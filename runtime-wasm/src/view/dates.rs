//! Dates of the viewer's own.

use emban_contract::UnixMillis;
use emban_contract::time::{DAY_MS, civil_from_days};
use emban_paint::choice::date_range;
use leptos::prelude::*;

use super::offset_at;
use crate::rim::dom::{self, PanelPlace};
use crate::state::Dashboard;

/// `YYYY-MM-DD` of an instant in the session's zone, as date fields want it.
fn field_value(d: Dashboard, at: UnixMillis) -> String {
    let date = civil_from_days((at.0 + i64::from(offset_at(d, at)) * 1000).div_euclid(DAY_MS));
    let two = |number: u32| [if number < 10 { "0" } else { "" }, &number.to_string()].concat();
    [
        date.year.to_string(),
        two(date.month.into()),
        two(date.day.into()),
    ]
    .join("-")
}

/// Two date fields.
pub(super) fn panel(d: Dashboard, place: PanelPlace, max_days: u32) -> AnyView {
    let chosen = d.choice.with_untracked(|choice| choice.dates);
    let first = RwSignal::new(
        chosen
            .map(|range| field_value(d, range.from))
            .unwrap_or_default(),
    );
    let last = RwSignal::new(
        chosen
            .map(|range| field_value(d, UnixMillis(range.to.0 - 1)))
            .unwrap_or_default(),
    );
    let error = RwSignal::new(None);
    let apply = move || {
        let range = date_range(
            &first.get_untracked(),
            &last.get_untracked(),
            max_days,
            |at| offset_at(d, at),
        );
        match range {
            Ok(range) => d.choose_dates(range),
            Err(why) => error.set(Some(d.language.get_untracked().dates_error(why))),
        }
    };
    let words = d.language.get_untracked().words;
    let (panel, field) = (dom::kept_inside(), dom::focused());
    view! {
        <div class="em-pop em-pop-wide" node_ref=panel role="dialog" aria-label=words.choose_dates style=("--em-top", place.top) style=("--em-left", place.left)>
            <form class="em-form" on:submit=move |event| {
                event.prevent_default();
                apply();
            }>
                <div class="em-fields">
                    <label>{words.from} <input type="date" class="em-input" node_ref=field prop:value=move || first.get() on:input=move |e| first.set(event_target_value(&e))/></label>
                    <label>{words.to} <input type="date" class="em-input" prop:value=move || last.get() on:input=move |e| last.set(event_target_value(&e))/></label>
                </div>
                {move || error.get().map(|text| view! { <p class="em-error" role="alert">{text}</p> })}
                <button type="submit" class="em-btn em-btn-main">{words.apply}</button>
            </form>
        </div>
    }
    .into_any()
}
