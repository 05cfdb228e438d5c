//! What is said when something is missing, and what to do about it.

use emban_contract::ProblemCode;
use leptos::prelude::*;

use super::icon::{ALERT, icon};
use crate::selection;
use crate::state::{Dashboard, Status};
use crate::texts;

/// In place of the whole dashboard.
pub(super) fn whole(d: Dashboard, code: Option<ProblemCode>) -> AnyView {
    let notice = texts::problem(code);
    let over = matches!(
        code,
        Some(ProblemCode::Unauthorized | ProblemCode::SessionExpired | ProblemCode::SessionRevoked)
    );
    view! {
        <div class="em-whole" role="alert">
            <span class="em-whole-icon">{icon(ALERT)}</span>
            <p class="em-notice-title">{notice.title}</p>
            <p class="em-notice-text">{notice.advice}</p>
            {(!over).then(|| view! { <button type="button" class="em-btn" on:click=move |_| d.restart()>"Try again"</button> })}
        </div>
    }
    .into_any()
}

/// Above the cards, while what they show still holds.
pub(super) fn banner(d: Dashboard) -> AnyView {
    if d.status.get() == Status::Expired {
        return view! {
            <div class="em-banner" role="status">
                {icon(ALERT)}
                <span><strong>"Session ended. "</strong>"These figures are no longer updated. Reload the page to continue."</span>
            </div>
        }
        .into_any();
    }
    d.trouble
        .get()
        .map(|code| {
            let notice = texts::problem(code);
            view! {
                <div class="em-banner" role="status">
                    {icon(ALERT)}
                    <span><strong>{notice.title} ". "</strong>"You see the last figures that arrived."</span>
                    <button type="button" class="em-btn em-btn-small" on:click=move |_| d.reload()>"Try again"</button>
                </div>
            }
        })
        .into_any()
}

/// In place of one widget's figures.
pub(super) fn failed(code: Option<ProblemCode>, retry: impl Fn() + 'static) -> AnyView {
    let notice = texts::problem(code);
    view! {
        <div class="em-notice" role="status">
            <p class="em-notice-title">{notice.title}</p>
            <p class="em-notice-text">{notice.advice}</p>
            <button type="button" class="em-btn em-btn-small" on:click=move |_| retry()>"Try again"</button>
        </div>
    }
    .into_any()
}

/// In place of a widget that has nothing to show.
pub(super) fn empty(d: Dashboard) -> AnyView {
    let narrowed = d.filters.with_untracked(selection::narrows);
    let advice = if narrowed {
        "Nothing matches these filters."
    } else {
        "Figures appear here with the first events. Try a longer period."
    };
    view! {
        <div class="em-notice">
            <p class="em-notice-title">"No data in this period"</p>
            <p class="em-notice-text">{advice}</p>
            {narrowed.then(|| view! { <button type="button" class="em-btn em-btn-small" on:click=move |_| d.reset()>"Reset filters"</button> })}
        </div>
    }
    .into_any()
}
