//! One widget in its frame.

use std::sync::Arc;

use emban_contract::dashboard::{Chart, WidgetKind};
use emban_contract::embed::{Surface, SurfaceWidget, WidgetData};
use leptos::prelude::*;

use super::icon::{CHART, ROWS, TABLE, icon};
use super::{figure, list, markdown, notice, stat, table};
use crate::figure_input::is_empty;
use crate::grid_layout::Place;
use crate::state::{Dashboard, Tile};
use crate::table_model::Sort;
use crate::texts;

/// A card and what its viewer has done with it; lives as long as the layout does.
#[derive(Clone)]
pub(super) struct Card {
    pub(super) d: Dashboard,
    surface: Arc<Surface>,
    at: usize,
    /// Whether a table stands in place of the chart.
    as_table: RwSignal<bool>,
    /// Order of the table.
    pub(super) sort: RwSignal<Option<Sort>>,
    /// Series that are switched off, by position.
    pub(super) hidden: RwSignal<Vec<usize>>,
    /// Width and height of the chart in CSS pixels.
    pub(super) size: RwSignal<Option<(f64, f64)>>,
}

impl Card {
    /// The widget; it was there when the card was made.
    pub(super) fn widget(&self) -> Option<&SurfaceWidget> {
        self.surface.widgets.get(self.at)
    }

    pub(super) fn surface(&self) -> &Surface {
        &self.surface
    }
}

/// Puts a widget in its frame.
pub(super) fn card(d: Dashboard, surface: Arc<Surface>, at: usize, place: Place) -> AnyView {
    let card = Card {
        d,
        surface,
        at,
        as_table: RwSignal::new(false),
        sort: RwSignal::new(None),
        hidden: RwSignal::new(Vec::new()),
        size: RwSignal::new(None),
    };
    let Some(widget) = card.widget().cloned() else {
        return ().into_any();
    };
    let heading = format!("em-t-{}", widget.id);
    let class = format!(
        "em-card em-k-{} em-of-{}{}",
        kind_class(widget.kind),
        place.of_two,
        if place.height == 1 { " em-low" } else { "" }
    );
    let title = (!widget.title.is_empty()).then(|| {
        let own = widget.period.map(|period| view! { <span class="em-own-period">{texts::period(period)}</span> });
        view! { <h3 class="em-card-title" id=heading.clone() title=widget.title.clone()>{widget.title.clone()}</h3>{own} }
    });
    let has_head = title.is_some();
    view! {
        <section class=class aria-labelledby=has_head.then_some(heading)
            style=("--em-x", place.column.to_string()) style=("--em-w", place.width.to_string())
            style=("--em-y", place.row.to_string()) style=("--em-h", place.height.to_string())>
            {has_head.then(|| view! { <header class="em-card-head">{title}{tools(&card)}</header> })}
            <div class="em-card-body">{body(card)}</div>
        </section>
    }
    .into_any()
}

fn kind_class(kind: WidgetKind) -> &'static str {
    match kind {
        WidgetKind::Kpi => "kpi",
        WidgetKind::Timeseries => "series",
        WidgetKind::Breakdown => "breakdown",
        WidgetKind::Table => "table",
        WidgetKind::Heatmap => "heatmap",
        WidgetKind::Text => "text",
    }
}

fn tools(card: &Card) -> AnyView {
    let Some(widget) = card.widget().cloned() else {
        return ().into_any();
    };
    let (d, as_table) = (card.d, card.as_table);
    let has_chart = !matches!(
        widget.kind,
        WidgetKind::Kpi | WidgetKind::Table | WidgetKind::Text
    );
    let toggle = has_chart.then(|| {
        let label = move || if as_table.get() { "View as chart" } else { "View as table" };
        view! {
            <button type="button" class="em-tool" aria-pressed=move || as_table.get().to_string() aria-label=label title=label
                on:click=move |_| as_table.update(|on| *on = !*on)>
                {move || icon(if as_table.get() { CHART } else { TABLE })}
            </button>
        }
    });
    let rows = widget.drillable.then(|| {
        let (id, title) = (widget.id.clone(), widget.title.clone());
        view! {
            <button type="button" class="em-tool" aria-label="View rows" title="View rows"
                on:click=move |_| d.drill(id.clone(), None, title.clone())>{icon(ROWS)}</button>
        }
    });
    view! { <div class="em-tools">{rows}{toggle}</div> }.into_any()
}

fn body(card: Card) -> AnyView {
    let Some(widget) = card.widget().cloned() else {
        return ().into_any();
    };
    if widget.kind == WidgetKind::Text {
        let text = widget
            .options
            .as_ref()
            .and_then(|o| o.markdown.clone())
            .unwrap_or_default();
        return markdown::markdown(&text);
    }
    let d = card.d;
    let id = widget.id.clone();
    let tile = Memo::new(move |_| {
        d.tiles
            .with(|tiles| tiles.get(&id).cloned().unwrap_or(Tile::Loading))
    });
    let shown = move || match tile.get() {
        Tile::Loading => skeleton(widget.kind),
        Tile::Failed(code) => {
            let id = widget.id.clone();
            notice::failed(code, move || d.retry(id.clone()))
        }
        Tile::Ready(data) => ready(&card, &widget, data),
    };
    shown.into_any()
}

fn ready(card: &Card, widget: &SurfaceWidget, data: Arc<WidgetData>) -> AnyView {
    if is_empty(&data) && widget.kind != WidgetKind::Kpi {
        return notice::empty(card.d);
    }
    if card.as_table.get() {
        return table::table(card, data);
    }
    match (&*data, widget.chart) {
        (WidgetData::Kpi(kpi), Chart::Progress | Chart::Gauge)
            if kpi.value.is_some() && has_target(widget) =>
        {
            figure::figure(card, data)
        }
        (WidgetData::Kpi(kpi), _) => stat::stat(card.d, widget, kpi),
        (WidgetData::Table(rows), Chart::List) => list::list(card, rows),
        (_, Chart::Table | Chart::Pivot) => table::table(card, data),
        (WidgetData::Timeseries(_) | WidgetData::Table(_) | WidgetData::Grid(_), _) => {
            figure::figure(card, data)
        }
    }
}

fn has_target(widget: &SurfaceWidget) -> bool {
    widget.options.as_ref().is_some_and(|o| o.target.is_some())
}

/// Stands while figures are on their way, in about their shape.
fn skeleton(kind: WidgetKind) -> AnyView {
    let inner = match kind {
        WidgetKind::Kpi => view! { <div class="em-skel em-skel-value"></div><div class="em-skel em-skel-short"></div> }.into_any(),
        WidgetKind::Table | WidgetKind::Breakdown => (0..5).map(|_| view! { <div class="em-skel em-skel-line"></div> }).collect_view().into_any(),
        WidgetKind::Timeseries | WidgetKind::Heatmap | WidgetKind::Text => view! { <div class="em-skel em-skel-fill"></div> }.into_any(),
    };
    view! { <div class="em-skeleton" role="status" aria-label="Loading">{inner}</div> }.into_any()
}
