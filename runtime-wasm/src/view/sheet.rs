//! The events behind a number, in a sheet at the side.

use leptos::prelude::*;

use super::icon::{CLOSE, icon};
use super::on_screen;
use crate::rim::dom::{self, Opener};
use crate::state::{Dashboard, Fetch, Sheet};

/// The sheet over the dashboard.
pub(super) fn sheet(d: Dashboard, opener: Opener) -> AnyView {
    let depth = opener.depth();
    on_cleanup(move || opener.focus());
    let words = d.language.get_untracked().words;
    let close = dom::focused_button();
    let title = move || {
        d.sheet
            .with(|sheet| sheet.as_ref().map(|s| s.title.clone()).unwrap_or_default())
    };
    view! {
        <div class="em-shade" aria-hidden="true" on:click=move |_| d.sheet.set(None)></div>
        <aside class="em-sheet" class:em-sheet-at=depth.is_some() style=("--em-at", dom::px(depth.unwrap_or_default())) role="dialog" aria-modal="true" aria-label=words.rows>
            <div class="em-sheet-inner">
                <header class="em-sheet-head">
                    <div><p class="em-sheet-kind">{words.rows}</p><h3 class="em-sheet-title">{title}</h3></div>
                    <button type="button" class="em-tool" aria-label=words.close node_ref=close on:click=move |_| d.sheet.set(None)>{icon(CLOSE)}</button>
                </header>
                <div class="em-sheet-body" tabindex="0">{move || d.sheet.get().map(|sheet| content(d, sheet))}</div>
            </div>
        </aside>
    }
    .into_any()
}

fn content(d: Dashboard, sheet: Sheet) -> AnyView {
    let Some(surface) = d.surface.get_untracked() else {
        return ().into_any();
    };
    let (fetch, more, none) = (
        sheet.fetch,
        sheet.next_cursor.is_some(),
        sheet.rows.is_empty(),
    );
    let language = d.language.get_untracked();
    let words = language.words;
    let rows = (!none).then(|| {
        let table = d.choice.with_untracked(|choice| {
            on_screen(d, &surface, choice, language, |screen| {
                screen.rows(&sheet.columns, &sheet.rows)
            })
        });
        view! { <div inner_html=table></div> }
    });
    let foot = match fetch {
        Fetch::Loading => (0..8).map(|_| view! { <div class="em-skel em-skel-line"></div> }).collect_view().into_any(),
        Fetch::Failed(code) => {
            let notice = language.problem(code);
            view! {
                <div class="em-notice" role="status">
                    <p class="em-notice-title">{notice.title}</p>
                    <p class="em-notice-text">{notice.advice}</p>
                    <button type="button" class="em-btn em-btn-small" on:click=move |_| d.more_rows()>{words.try_again}</button>
                </div>
            }
            .into_any()
        }
        Fetch::Ready if more => view! { <button type="button" class="em-btn em-more" on:click=move |_| d.more_rows()>{words.load_more}</button> }.into_any(),
        Fetch::Ready if none => view! { <p class="em-pop-note">{words.no_rows}</p> }.into_any(),
        Fetch::Ready => ().into_any(),
    };
    view! { {rows}{foot} }.into_any()
}
