//! The dashboard as people see it. Nothing here touches the browser but through [`crate::rim`].

mod card;
mod dates;
mod figure;
mod grid;
mod head;
mod icon;
mod list;
mod markdown;
mod notice;
mod sheet;
mod stat;
mod table;
mod values;

use leptos::prelude::*;

use crate::rim::dom::{self, Opener};
use crate::state::{Dashboard, Status};

/// The whole dashboard.
pub(crate) fn dashboard(d: Dashboard) -> AnyView {
    let opener = Opener::new();
    let is_open =
        move || d.panel.with_untracked(Option::is_some) || d.sheet.with_untracked(Option::is_some);
    view! {
        <div class="em-root" class:em-busy=move || d.busy.get() class:em-expired=move || d.status.get() == Status::Expired
            dir=move || if d.locale.get().right_to_left { "rtl" } else { "ltr" }
            on:pointerdown=move |event| if !is_open() { opener.set(&event) }
            on:focusin=move |event| if !is_open() { opener.set(&event) }
            on:keydown=move |event| {
                if dom::is_key(&event, "Escape") {
                    let back = is_open();
                    d.panel.set(None);
                    d.sheet.set(None);
                    if back {
                        opener.focus();
                    }
                }
            }
        >
            {move || match d.status.get() {
                Status::Loading => loading(),
                Status::Failed(code) => notice::whole(d, code),
                Status::Ready | Status::Expired => ready(d, opener),
            }}
            <div class="em-sr" aria-live="polite">{move || d.spoken.get()}</div>
        </div>
    }
    .into_any()
}

fn ready(d: Dashboard, opener: Opener) -> AnyView {
    view! {
        {move || d.surface.get().map(|surface| head::head(d, surface))}
        {move || notice::banner(d)}
        {move || d.surface.get().map(|surface| grid::grid(d, surface))}
        {move || d.sheet.with(Option::is_some).then(|| sheet::sheet(d, opener))}
    }
    .into_any()
}

/// What stands until the layout is known.
fn loading() -> AnyView {
    let card = |class: &'static str| view! { <div class=class><div class="em-skel em-skel-fill"></div></div> };
    view! {
        <div class="em-head" aria-hidden="true"><div class="em-skel em-skel-title"></div></div>
        <div class="em-grid" role="status" aria-label="Loading">
            {card("em-card em-wait-3")} {card("em-card em-wait-3")} {card("em-card em-wait-3")} {card("em-card em-wait-3")}
            {card("em-card em-wait-8")} {card("em-card em-wait-4")}
        </div>
    }
    .into_any()
}
