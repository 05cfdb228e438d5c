//! The grid of cards.

use std::sync::Arc;

use emban_contract::embed::Surface;
use leptos::prelude::*;

use super::card;
use crate::grid_layout::places;
use crate::state::Dashboard;

/// All cards, in reading order.
pub(super) fn grid(d: Dashboard, surface: Arc<Surface>) -> AnyView {
    let layouts: Vec<_> = surface.widgets.iter().map(|widget| widget.layout).collect();
    let cards = places(&layouts)
        .into_iter()
        .enumerate()
        .take(surface.widgets.len())
        .map(|(at, place)| card::card(d, Arc::clone(&surface), at, place))
        .collect_view();
    view! { <div class="em-grid" aria-busy=move || d.busy.get().to_string()>{cards}</div> }
        .into_any()
}
