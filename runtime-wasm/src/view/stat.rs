//! One number: alone, compared, or on its way to a target.

use emban_chart::format_number;
use emban_contract::embed::{KpiData, SurfaceWidget};
use leptos::prelude::*;

use super::icon::{DOWN, UP, icon};
use crate::figure_input::format;
use crate::state::Dashboard;
use crate::wording::{Tone, change, headline, tone};

/// The headline number with its change.
pub(super) fn stat(d: Dashboard, widget: &SurfaceWidget, data: &KpiData) -> AnyView {
    let (format, locale) = (format(widget), d.locale.get());
    let full = data
        .value
        .map(|value| format_number(value, &format, locale));
    view! {
        <div class="em-stat">
            <div class="em-stat-value" title=full>{headline(data.value, &format, locale)}</div>
            <div class="em-stat-foot">
                {data.delta_pct.map(|percent| pill(percent, tone(percent, widget.options.as_ref()), &change(percent, locale)))}
                {data.previous_value.map(|previous| view! {
                    <span class="em-stat-previous">"vs " {headline(Some(previous), &format, locale)}</span>
                })}
            </div>
        </div>
    }
    .into_any()
}

/// A change, with an arrow so that colour is not all that tells it.
pub(super) fn pill(percent: f64, tone: Tone, text: &str) -> AnyView {
    let class = match tone {
        Tone::Good => "em-pill em-good",
        Tone::Bad => "em-pill em-bad",
        Tone::Neutral => "em-pill",
    };
    let arrow = (tone != Tone::Neutral).then(|| icon(if percent > 0.0 { UP } else { DOWN }));
    view! { <span class=class>{arrow}<span>{text.to_owned()}</span></span> }.into_any()
}
