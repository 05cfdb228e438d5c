//! Icons within views; the paths are those of the rest of the dashboard.

use leptos::prelude::*;

pub(super) use emban_paint::icon::{CLOSE, SEARCH};

/// Draws an icon in the colour of the text around it.
pub(super) fn icon(path: &'static str) -> impl IntoView {
    view! {
        <svg class="em-icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
            <path d=path></path>
        </svg>
    }
}
