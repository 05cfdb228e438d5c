//! Dates of the viewer's own.

use emban_chart::{Step, format_time};
use emban_contract::UnixMillis;
use emban_contract::filters::DateRange;
use emban_contract::time::{DAY_MS, civil_from_days};
use leptos::prelude::*;

use crate::rim::dom;
use crate::state::Dashboard;
use crate::{selection, texts};

/// `Mar 1 – Mar 7, 2026`, in the session's zone.
pub(super) fn range_label(d: Dashboard, range: DateRange) -> String {
    let (first, last) = (range.from, UnixMillis(range.to.0 - 1));
    let day =
        |at: UnixMillis| format_time(at.0, Step::Day, d.offset_at(at), d.locale.get_untracked());
    if day(first) == day(last) {
        day(first)
    } else {
        format!("{} – {}", day(first), day(last))
    }
}

/// `YYYY-MM-DD` of an instant in the session's zone, as date fields want it.
fn field_value(d: Dashboard, at: UnixMillis) -> String {
    let date = civil_from_days((at.0 + i64::from(d.offset_at(at)) * 1000).div_euclid(DAY_MS));
    format!("{:04}-{:02}-{:02}", date.year, date.month, date.day)
}

/// Two date fields.
pub(super) fn panel(d: Dashboard, max_days: u32) -> AnyView {
    let chosen = d.filters.with_untracked(selection::dates);
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
        let range = selection::date_range(
            &first.get_untracked(),
            &last.get_untracked(),
            max_days,
            |at| d.offset_at(at),
        );
        match range {
            Ok(range) => d.choose_dates(range),
            Err(why) => error.set(Some(texts::dates_error(why))),
        }
    };
    let (panel, field) = (dom::kept_inside(), dom::focused());
    view! {
        <div class="em-pop em-pop-end" node_ref=panel role="dialog" aria-label="Choose dates">
            <form class="em-form" on:submit=move |event| {
                event.prevent_default();
                apply();
            }>
                <div class="em-fields">
                    <label>"From" <input type="date" class="em-input" node_ref=field prop:value=move || first.get() on:input=move |e| first.set(event_target_value(&e))/></label>
                    <label>"To" <input type="date" class="em-input" prop:value=move || last.get() on:input=move |e| last.set(event_target_value(&e))/></label>
                </div>
                {move || error.get().map(|text| view! { <p class="em-error" role="alert">{text}</p> })}
                <button type="submit" class="em-btn em-btn-main">"Apply"</button>
            </form>
        </div>
    }
    .into_any()
}
