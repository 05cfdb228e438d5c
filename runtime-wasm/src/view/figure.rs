//! A chart that can be pointed at.

use std::sync::Arc;

use emban_chart::{Canvas, LegendEntry, Scene, Size, render_svg};
use emban_contract::embed::{SurfaceWidget, WidgetData};
use leptos::prelude::*;

use super::card::Card;
use super::table;
use crate::figure_input::{STRINGS, format, scene};
use crate::rim::dom;
use crate::state::Dashboard;
use crate::tooltip::{Action, Tip, action, count, hit_at, tip};

/// What all parts of one figure share.
#[derive(Clone)]
struct Figure {
    card: Card,
    widget: Arc<SurfaceWidget>,
    data: Arc<WidgetData>,
    scene: Memo<Option<Arc<Scene>>>,
    /// The place under the pointer or chosen by the arrow keys.
    cursor: RwSignal<Option<usize>>,
}

/// Draws a widget's figures at the size of its card.
pub(super) fn figure(card: &Card, data: Arc<WidgetData>) -> AnyView {
    let Some(widget) = card.widget().cloned().map(Arc::new) else {
        return ().into_any();
    };
    let (drawn_widget, drawn_data, drawn_card) =
        (Arc::clone(&widget), Arc::clone(&data), card.clone());
    let scene = Memo::new(move |_| {
        let size = drawn_card.size.get()?;
        draw(
            drawn_card.d,
            &drawn_widget,
            &drawn_data,
            &drawn_card.hidden.get(),
            size,
        )
        .map(Arc::new)
    });
    let probe = draw(
        card.d,
        &widget,
        &data,
        &[],
        card.size.get_untracked().unwrap_or((400.0, 240.0)),
    );
    let Some(probe) = probe else {
        return table::table(card, data);
    };
    let figure = Figure {
        card: card.clone(),
        widget,
        data,
        scene,
        cursor: RwSignal::new(None),
    };
    let size = card.size;
    let plot = dom::observed(move |width, height| {
        // A card that is not displayed has no size; the chart waits for one.
        if width > 0.0 && height > 0.0 && size.with_untracked(|old| *old != Some((width, height))) {
            size.set(Some((width, height)));
        }
    });
    let svg = move || {
        scene
            .get()
            .map(|scene| render_svg(&scene))
            .unwrap_or_default()
    };
    view! {
        <div class="em-figure">
            {legend(&figure, probe.legend)}
            <div class="em-plot" node_ref=plot>
                <div class="em-svg" inner_html=svg></div>
                {pointer_layer(figure)}
            </div>
        </div>
    }
    .into_any()
}

fn draw(
    d: Dashboard,
    widget: &SurfaceWidget,
    data: &WidgetData,
    hidden: &[usize],
    size: (f64, f64),
) -> Option<Scene> {
    let format = format(widget);
    let canvas = Canvas {
        size: Size::new(size.0, size.1),
        title: &widget.title,
        format: &format,
        locale: d.locale.get(),
        strings: STRINGS,
    };
    scene(widget, data, hidden, &canvas)
}

fn legend(figure: &Figure, entries: Vec<LegendEntry>) -> AnyView {
    if entries.is_empty() {
        return ().into_any();
    }
    let hidden = figure.card.hidden;
    let all = entries.len();
    let items = entries
        .into_iter()
        .map(|entry| {
            let at = entry.series;
            let off = move || hidden.with(|hidden| hidden.contains(&at));
            let toggle = move || {
                hidden.update(|hidden| match hidden.iter().position(|h| *h == at) {
                    Some(found) => {
                        hidden.remove(found);
                    }
                    // The last one that is on cannot be switched off: an empty chart says nothing.
                    None if hidden.len() + 1 < all => hidden.push(at),
                    None => hidden.clear(),
                });
            };
            view! {
                <button type="button" class="em-key" class:em-off=off aria-pressed=move || (!off()).to_string() on:click=move |_| toggle()>
                    <span class=format!("em-swatch {}", entry.slot.class())></span>
                    <span>{entry.name}</span>
                </button>
            }
        })
        .collect_view();
    view! { <div class="em-legend" role="group" aria-label="Series">{items}</div> }.into_any()
}

/// Takes the pointer and the arrow keys, and shows what is found.
fn pointer_layer(figure: Figure) -> AnyView {
    let Figure {
        card,
        widget,
        data,
        scene,
        cursor,
    } = figure;
    let d = card.d;
    let (tip_widget, tip_data) = (Arc::clone(&widget), Arc::clone(&data));
    let shown = Memo::new(move |_| {
        let scene = scene.get()?;
        tip(
            &scene,
            cursor.get()?,
            &tip_widget,
            &tip_data,
            d.locale.get(),
        )
    });
    let point = move |(x, y): (f64, f64)| {
        let found = scene.with(|scene| scene.as_ref().and_then(|scene| hit_at(scene, x, y)));
        if cursor.get_untracked() != found {
            cursor.set(found);
        }
    };
    let reachable = move || {
        if scene.with(|scene| scene.as_deref().map_or(0, count)) == 0 {
            "-1"
        } else {
            "0"
        }
    };
    let places = move || scene.with(|scene| scene.as_deref().map_or(0, count));
    let act = Arc::new(move || {
        let Some((scene, at)) = scene.get_untracked().zip(cursor.get_untracked()) else {
            return;
        };
        match action(&scene, at, &widget, &data, d.locale.get_untracked()) {
            Some(Action::Filter { prop, value }) => d.toggle_value(&prop, &value),
            Some(Action::Drill { point, title }) => d.drill(widget.id.clone(), Some(point), title),
            None => {}
        }
    });
    let (clicked, entered) = (Arc::clone(&act), act);
    let acts = card
        .widget()
        .is_some_and(|w| w.click_dimension.is_some() || w.drillable);
    let title = card.widget().map(|w| w.title.clone()).unwrap_or_default();
    view! {
        <div class="em-hits" class:em-acts=acts tabindex=reachable role="group"
            aria-label=format!("{title}: arrow keys read the values")
            on:pointermove=move |event| point(dom::position(&event))
            on:pointerdown=move |event| point(dom::position(&event))
            on:pointerleave=move |_| cursor.set(None)
            on:blur=move |_| cursor.set(None)
            on:click=move |_| clicked()
            on:keydown=move |event| {
                let Some(step) = dom::step_of(&event) else {
                    if dom::is_key(&event, "Enter") {
                        entered();
                    }
                    return;
                };
                event.prevent_default();
                cursor.set(step.from(cursor.get_untracked(), places()));
                d.spoken.set(shown.get_untracked().map(|tip| tip.spoken()).unwrap_or_default());
            }
        >
            {move || shown.get().map(|tip| tip_view(tip, scene.get_untracked().map_or(0.0, |scene| scene.size.width)))}
        </div>
    }
    .into_any()
}

fn tip_view(tip: Tip, width: f64) -> AnyView {
    let px = |value: f64| format!("{value:.1}px");
    let crosshair = tip.crosshair.map(|(x, top, bottom)| {
        view! { <div class="em-cross" style=("left", px(x)) style=("top", px(top)) style=("height", px(bottom - top))></div> }
    });
    let dots = tip
        .dots
        .iter()
        .map(|(x, y, class)| view! { <div class=format!("em-dot {class}") style=("left", px(*x)) style=("top", px(*y))></div> })
        .collect_view();
    let lines = tip
        .lines
        .into_iter()
        .map(|line| {
            let swatch = line.class.map(|class| view! { <span class=format!("em-swatch {class}")></span> });
            let name = (!line.name.is_empty()).then(|| view! { <span class="em-tip-name">{line.name}</span> });
            view! { <div class="em-tip-line">{swatch}{name}<span class="em-tip-value">{line.value}</span></div> }
        })
        .collect_view();
    // Past the middle the tip stands on the other side, so that it never leaves the card.
    let side = if tip.at.0 > width / 2.0 {
        "em-tip em-tip-left"
    } else {
        "em-tip"
    };
    view! {
        {crosshair}
        {dots}
        <div class=side style=("left", px(tip.at.0.clamp(0.0, width))) style=("top", px(tip.at.1.max(0.0)))>
            <div class="em-tip-title">{tip.title}</div>
            {lines}
        </div>
    }
    .into_any()
}
